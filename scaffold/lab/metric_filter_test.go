package lab

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

func TestAPatternMatchesLinesOfJSON(t *testing.T) {
	const line = `{"outcome": "refused", "bad": 3, "ok": false, "gone": null, "who": {"name": "a b"}, "time": "12"}`
	for pattern, want := range map[string]bool{
		``: true, `{ $.outcome = "refused" }`: true, `{ $.outcome = refused }`: true, `{$.outcome="ref*"}`: true, `{ $.outcome = "converted" }`: false,
		`{ $.outcome != "converted" }`: true, `{ $.outcome != "refused" }`: false, `{ $.none != "refused" }`: false,
		`{ $.bad > 0 }`: true, `{ $.bad > 3 }`: false, `{ $.bad >= 3 }`: true, `{ $.bad < 3 }`: false, `{ $.bad <= 3 }`: true, `{ $.bad = 3 }`: true, `{ $.bad != 3 }`: false,
		`{ $.none > 0 }`: false, `{ $.time > 0 }`: false, `{ $.who.name = "a b" }`: true, `{ $.who.name.first = "a" }`: false,
		`{ $.ok IS FALSE }`: true, `{ $.ok IS TRUE }`: false, `{ $.gone IS NULL }`: true, `{ $.none IS NULL }`: false, `{ $.none NOT EXISTS }`: true, `{ $.gone NOT EXISTS }`: false,
		`{ $.bad > 5 || $.ok IS FALSE }`: true, `{ $.bad > 5 && $.ok IS FALSE }`: false,
		`{ $.bad > 0 || $.bad > 5 && $.ok IS TRUE }`: true, `{ ($.bad > 0 || $.bad > 5) && $.ok IS TRUE }`: false,
	} {
		parsed, err := parseLogPattern(pattern)
		if err != nil {
			t.Error(err)
			continue
		}
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatal(err)
		}
		if got := parsed.matches(object); got != want {
			t.Errorf("%s: got %t", pattern, got)
		}
	}
	for _, pattern := range []string{
		`ERROR`, `[a, b]`, `{ $.a`, `{ $.a }`, `{ a = 1 }`, `{ $.a[0] = 1 }`, `{ $.a = %x% }`, `{ $.a < b }`, `{ $.a = }`, `{ ($.a = 1 }`, `{ $.a = 1 } x }`, `{ $.a IS GOOD }`, `{ $.a = 1 & $.b = 1 }`,
	} {
		if got, err := parseLogPattern(pattern); err == nil || !strings.Contains(err.Error(), "pattern") {
			t.Errorf("%s: got %v, %v, expected an error", pattern, got, err)
		}
	}
}

func TestAFilterThatTheLabCannotPlayIsToldOf(t *testing.T) {
	for want, properties := range map[string]string{
		"expected one for JSON":         `"LogGroupName": "/aws/lambda/f", "FilterPattern": "Task timed out", "MetricTransformations": [{"MetricName": "M", "MetricNamespace": "N", "MetricValue": "1"}]`,
		"it has Dimensions":             `"LogGroupName": "/aws/lambda/f", "FilterPattern": "", "MetricTransformations": [{"MetricName": "M", "MetricNamespace": "N", "MetricValue": "1", "Dimensions": [{"Key": "k", "Value": "$.k"}]}]`,
		"got the DefaultValue 1":        `"LogGroupName": "/aws/lambda/f", "FilterPattern": "", "MetricTransformations": [{"MetricName": "M", "MetricNamespace": "N", "MetricValue": "1", "DefaultValue": 1}]`,
		`got the MetricValue "a"`:       `"LogGroupName": "/aws/lambda/f", "FilterPattern": "", "MetricTransformations": [{"MetricName": "M", "MetricNamespace": "N", "MetricValue": "a"}]`,
		"the logs of functions alone, ": `"LogGroupName": "/aws-glue/jobs", "FilterPattern": "", "MetricTransformations": [{"MetricName": "M", "MetricNamespace": "N", "MetricValue": "1"}]`,
	} {
		r := build(t, parts{
			"FunctionRole": role("lambda.amazonaws.com", "logs:*"), "Function": functionWith(`, "FunctionName": "f"`),
			"Filter": `{"Type": "AWS::Logs::MetricFilter", "Properties": {` + properties + `}}`,
		}, Options{})
		if got := strings.Join(r.Ignored(), "\n"); !strings.HasPrefix(got, "Filter: ") || !strings.Contains(got, want) || !strings.Contains(got, "alarms on") {
			t.Errorf("got %q, expected %q", got, want)
		}
	}
}

// loggingFunction answers, having logged the line.
func loggingFunction(line string) scripted {
	return scripted{function: func(f *function, _ json.RawMessage) (json.RawMessage, *functionError) {
		f.logged = []string{"no JSON", line}
		return json.RawMessage(`{}`), nil
	}}
}

func TestTheShippedFunctionsRefusedFileIsAnAlarmAndAnEmail(t *testing.T) {
	for line, want := range map[string]string{
		`{"outcome": "refused", "bad": 0}`:   "[5m0s AlarmChanged AlertsFilesRefusedAlarmB99C836C 5m0s EmailSent AlertsTopicCF7C81C9]",
		`{"outcome": "converted", "bad": 3}`: "[]",
	} {
		r := playShipped(t, shippedFunction, Options{Programs: loggingFunction(line)}).landed("raw/a.csv", "x").run()
		if got := fmt.Sprint(r.happened("AlarmChanged", "EmailSent")); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
		same(t, "ignored", strings.Contains(strings.Join(r.Ignored(), "\n"), "Logs"), false)
	}
}

func TestAFunctionThatMayNotLogHasNothingToMeasure(t *testing.T) {
	r := playShipped(t, shippedFunction, Options{Programs: loggingFunction(`{"outcome": "refused"}`)}, func(template *cfn.Template) {
		for id, resource := range template.Resources {
			if strings.HasPrefix(id, "ConvertRolePolicy") {
				document := resource.Properties["PolicyDocument"].(map[string]any)
				document["Statement"] = slices.DeleteFunc(cfn.List(document["Statement"]), func(statement any) bool {
					return strings.Contains(cfn.Text(cfn.Field(statement, "Action")), "logs:")
				})
			}
		}
	})
	r.landed("raw/a.csv", "x").run()
	same(t, "alarms", r.happened("AlarmChanged"), nil)
	if len(r.denials.all) != 1 || r.denials.all[0].Action != "logs:CreateLogStream" {
		t.Errorf("got the denials %v, want one of logs:CreateLogStream", r.denials.all)
	}
}

// An alarm on the rows that were set aside: the filter's value is the number in the line.
func TestAValueIsTakenFromTheLine(t *testing.T) {
	for bad, alarms := range map[int]int{9: 0, 10: 1} {
		r := playShipped(t, shippedFunction, Options{Programs: loggingFunction(fmt.Sprintf(`{"outcome": "converted", "bad": %d}`, bad))}, func(template *cfn.Template) {
			alarm := template.Resources["AlertsFilesRefusedAlarmB99C836C"]
			alarm.Properties["MetricName"], alarm.Properties["Threshold"] = "BadRows", 10.0
		})
		r.landed("raw/a.csv", "x").run()
		same(t, fmt.Sprint("alarms with bad rows ", bad), len(r.happened("AlarmChanged")), alarms)
	}
}

func TestALineThatDoesNotMatchIsTheDefaultValue(t *testing.T) {
	filter, err := newMetricFilter(`{ $.bad > 0 }`, map[string]any{"MetricName": "M", "MetricNamespace": "N", "MetricValue": "$.bad", "DefaultValue": 0.0})
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]float64{`{"bad": 4}`: 4, `{"bad": 0}`: 0, `{}`: 0} {
		var object map[string]any
		_ = json.Unmarshal([]byte(line), &object) // it is valid
		if got, ok := filter.of(object); got != want || !ok {
			t.Errorf("%s: got %v, %t, want %v", line, got, ok, want)
		}
	}
	filter.zero = false
	if _, ok := filter.of(map[string]any{"bad": 0.0}); ok {
		t.Error("without a default value, a line that does not match gave a value")
	}
}

// What is printed before an answer belongs to that call, however late it is read; and a program that prints without end fills nothing.
func TestTheLinesOfACallAreAllThatWasPrintedBeforeItsAnswer(t *testing.T) {
	p, err := newLinePipe(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	print := func(text string) {
		if _, err := p.in.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		print("{\"n\": 1}\n\nhalf")
		print(" a line\r\n")
		same(t, "lines", p.lines(), []string{`{"n": 1}`, "half a line"})
	}
	same(t, "nothing printed", p.lines(), nil)
	long := strings.Repeat("x", 1<<16) + "\n"
	for range 50 {
		print(long)
	}
	print("last\n")
	lines := p.lines()
	if got := len(strings.Join(lines, "")); lines[len(lines)-1] != "last" || got > longestLines+(64<<10) {
		t.Errorf("got %d bytes, with the end %.20q", got, lines[len(lines)-1])
	}
	p.close()
	same(t, "closed", p.lines(), nil)
	select {
	case <-p.marks:
	case <-time.After(time.Minute):
		t.Error("it did not end")
	}
}
