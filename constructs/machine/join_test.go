package machine

import (
	"encoding/json"
	"strings"
	"testing"
)

// step is a step with one task, whose names begin with its own.
func step(name string, minutes int) Step {
	return Step{Minutes: minutes, Definition: []byte(`{"QueryLanguage": "JSONata", "StartAt": "` + name + `", "States": {
		"` + name + `": {"Type": "Task", "Resource": "arn:${Partition}:states:::lambda:invoke", "Arguments": {"MaxItems": 12345678901234567890},
			"Catch": [{"ErrorEquals": ["` + name + `.Known"], "Next": "Done"}, {"ErrorEquals": ["States.ALL"], "Next": "Report failure"}], "Next": "` + name + `?"},
		"` + name + `?": {"Type": "Choice", "Choices": [{"Condition": "{% 1 < 2 and 'a' & 'b' = 'ab' %}", "Next": "Done"}], "Default": "Done"},
		"Done": {"Type": "Succeed"}, "Report failure": {"Type": "Fail"}}}`)}
}

func TestEachStepEndsInTheNextOneAndFailsInTheReport(t *testing.T) {
	first := step("A", 5)
	first.Timeouts = map[string]int{"A": 240}
	whole, err := join("Runs A, then B.", []Step{first, step("B", 7)})
	if err != nil {
		t.Fatal(err)
	}
	text, err := whole.text()
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Comment, QueryLanguage, StartAt string
		TimeoutSeconds                  int
		States                          map[string]struct {
			Type, Next, Default string
			TimeoutSeconds      int
			Choices, Catch      []struct{ Next string }
		}
	}
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	if parsed.Comment != "Runs A, then B." || parsed.QueryLanguage != "JSONata" || parsed.StartAt != "A" {
		t.Errorf("got %+v, want the comment, JSONata, and A first", parsed)
	}
	if want := (5 + 7 + reportMinutes) * 60; parsed.TimeoutSeconds != want {
		t.Errorf("got a timeout of %d s, want %d: both steps and the report", parsed.TimeoutSeconds, want)
	}
	for _, ends := range []struct{ state, next string }{{"A", "B"}, {"B", "Done"}} {
		task, choice := parsed.States[ends.state], parsed.States[ends.state+"?"]
		for _, got := range []string{task.Catch[0].Next, choice.Choices[0].Next, choice.Default} {
			if got != ends.next {
				t.Errorf("step %s goes on to %q, want %q", ends.state, got, ends.next)
			}
		}
		if task.Catch[1].Next != ReportFailure {
			t.Errorf("step %s fails in %q, want the report", ends.state, task.Catch[1].Next)
		}
	}
	if parsed.States["A"].TimeoutSeconds != 240 {
		t.Errorf("got a timeout of %d s for A, want the step's own 240", parsed.States["A"].TimeoutSeconds)
	}
	if report := parsed.States[ReportFailure]; report.Type != "Task" {
		t.Errorf("the report is a %s, want the machine's own task instead of the steps' Fail", report.Type)
	}
	for _, kept := range []string{"1 < 2 and 'a' & 'b'", "12345678901234567890"} {
		if !strings.Contains(text, kept) {
			t.Errorf("the definition has no %s any more", kept)
		}
	}
}

func TestStepsThatDoNotFitTogetherAreRefused(t *testing.T) {
	timed := step("A", 1)
	timed.Timeouts = map[string]int{"B": 1}
	jsonpath := step("A", 1)
	jsonpath.Definition = []byte(strings.Replace(string(jsonpath.Definition), "JSONata", "JSONPath", 1))
	for name, test := range map[string]struct {
		steps []Step
		want  string
	}{
		"two states of one name":         {[]Step{step("A", 1), step("A", 1)}, `two steps have a state "A`},
		"a timeout of no state":          {[]Step{timed}, `got a timeout for the state "B", expected one of`},
		"another query language":         {[]Step{jsonpath}, `got the query language "JSONPath"`},
		"a definition that is not JSON":  {[]Step{{Definition: []byte("{")}}, "read the definition of a step"},
		"a name that the report has too": {[]Step{step("Run failed", 1)}, `two steps have a state "Run failed"`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := join("", test.steps); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want %q", err, test.want)
			}
		})
	}
}

func TestANameHasOneValueWhoeverGivesIt(t *testing.T) {
	text := func(s string) *string { return &s }
	with := func(value any) Step { return Step{Substitutions: map[string]any{"Name": value}} }
	common := map[string]any{"Partition": text("aws")}
	values, err := substitutions([]Step{with(text("x")), with(text("x")), {Substitutions: map[string]any{"Partition": text("aws")}}}, common)
	if err != nil || len(*values) != 2 || len(common) != 1 {
		t.Errorf("got %v and error %v, want Partition and Name", values, err)
	}
	if _, err := substitutions([]Step{with(text("x")), with(text("y"))}, map[string]any{}); err == nil || !strings.Contains(err.Error(), "${Name}") {
		t.Errorf("got the error %v, want one that names ${Name}", err)
	}
}

func TestATextWithAQuotationMarkStaysOneText(t *testing.T) {
	for _, text := range []string{`raw/`, `in/"x"/`, "in/\\<&>\t日本/", `"`} {
		var got string
		if err := json.Unmarshal([]byte(`"`+Literal(text)+`"`), &got); err != nil || got != text {
			t.Errorf("got %q (%v), want %q", got, err, text)
		}
	}
	if got := Literal("<&>"); got != "<&>" {
		t.Errorf("got %s, want a text that needs no escape unchanged", got)
	}
}

func TestOnlyADistributedMapNeedsToStartTheMachine(t *testing.T) {
	for mode, want := range map[string]bool{"DISTRIBUTED": true, "INLINE": false} {
		machine := &definition{States: map[string]map[string]any{
			"M": {"Type": "Map", "ItemProcessor": map[string]any{"ProcessorConfig": map[string]any{"Mode": mode}}},
		}}
		if got := machine.distributed(); got != want {
			t.Errorf("%s: got %t, want %t", mode, got, want)
		}
	}
}
