package pattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/pattern"
)

const transformed = ` {"version": "0", "detail-type": "T\"1", "source": "s", "time": "2026-11-24T08:00:00Z", "resources": ["r0", "r1"],
	"detail": {"name": "orders", "quoted": "a\"b", "line": "a\nb", "n": 1.50, "yes": true, "none": null, "empty": "",
	"object": {"k": "v", "l": [1, 2]}, "list": ["A", "B"], "numbers": [1, 2], "items": [{"id": 1}, {"id": 2}, {"x": 3}], "a/b_c-d": "p", "dup": 1, "dup": 2}} `

var transformContext = pattern.Context{RuleARN: "arn:aws:events:us-east-1:1:rule/r", RuleName: "r", IngestionTime: "2026-11-24T08:00:01Z"}

// variables are the paths that the templates below use.
var variables = map[string]string{
	"name": "$.detail.name", "quoted": "$.detail.quoted", "line": "$.detail.line", "n": "$.detail.n", "yes": "$.detail.yes", "none": "$.detail.none",
	"empty": "$.detail.empty", "object": "$.detail.object", "list": "$.detail.list", "numbers": "$.detail.numbers", "missing": "$.detail.nothing",
	"detail-type": "$.detail-type", "all": "$.detail.items[*].id", "second": "$.resources[1]", "beyond": "$.resources[9]", "deep": "$.detail.object.l[1]",
	"under_score": "$.detail.a/b_c-d", "nowhere": "$.detail.name.x", "nolist": "$.detail.object[0]", "values": "$.detail.object.*", "nothing": "$.detail.none[*]", "dup": "$.detail.dup",
}

// Source: User Guide, "Input transformation" and its "Common issues"; API Reference, InputTransformer; the recorded cases.
func TestTemplatesAreFilledAsEventBridgeFillsThem(t *testing.T) {
	for _, c := range []struct{ rule, template, want string }{
		{"outside of quotes a string gets quotes and is escaped", `{"a": <name>, "b": <quoted>}`, `{"a": "orders", "b": "a\"b"}`},
		{"outside of quotes data stay data", `{"a": <n>, "b": <yes>, "c": <none>, "d": <object>, "e": [<list>, 1]}`, `{"a": 1.50, "b": true, "c": null, "d": {"k":"v","l":[1,2]}, "e": [["A","B"], 1]}`},
		{"within quotes a value is inserted as it is", `{"a": "<name>", "b": "x/<name>/<n>/<yes>/<none>"}`, `{"a": "orders", "b": "x/orders/1.50/true/null"}`},
		{"a list of numbers within quotes is no harm", `{"a": "<numbers>"}`, `{"a": "[1,2]"}`},
		{"a variable without value is an empty string", `{"a": <missing>, "b": "<missing>", "c": <beyond>, "d": <nowhere>, "e": <nolist>}`, `{"a": "", "b": "", "c": "", "d": "", "e": ""}`},
		{"an escaped quote does not end a string", `{"a": "say \"<name>\" twice", "b": <name>}`, `{"a": "say \"orders\" twice", "b": "orders"}`},
		{"text keeps its quotes", `"<name> has ended"`, `"orders has ended"`},
		{"text loses the quotes within data", `"<object> <list> <empty>."`, `"{k:v,l:[1,2]} [A,B] ."`},
		{"text does not escape", `"<quoted>"`, `"a"b"`},
		{"text may have several lines", "\"<name>\"\n\"<n>\"\n", "\"orders\"\n\"1.50\"\n"},
		{"text may have line breaks within quotes", "\"<name>\n<n>\"", "\"orders\n1.50\""},
		{"a variable alone is data", `<object>`, `{"k":"v","l":[1,2]}`},
		{"a string alone gets quotes", ` <name> `, ` "orders" `},
		{"< without a name is text", `{"a": "1 < 2 <> <b c> <", "b": <name>}`, `{"a": "1 < 2 <> <b c> <", "b": "orders"}`},
		{"indexes and wildcards", `[<second>, <deep>, <all>, <values>, <nothing>]`, `["r1", 2, [1,2], ["v",[1,2]], []]`},
		{"names with hyphens and underscores", `{"a": <detail-type>, "b": <under_score>}`, `{"a": "T\"1", "b": "p"}`},
		{"of equal keys the last one counts", `<dup>`, `2`},
		{"rule and time", `"<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>"`, `"r arn:aws:events:us-east-1:1:rule/r 2026-11-24T08:00:01Z"`},
		{"rule as data", `{"r": <aws.events.rule-name>}`, `{"r": "r"}`},
		{"the event without detail", `{"e": <aws.events.event>}`, `{"e": {"version":"0","detailType":"T\"1","source":"s","time":"2026-11-24T08:00:00Z","resources":["r0","r1"]}}`},
	} {
		transformer, err := pattern.NewTransformer(variables, c.template)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		body, err := transformer.Apply([]byte(transformed), transformContext)
		if err != nil || string(body) != c.want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", c.rule, body, err, c.want)
		}
	}
}

func TestTheWholeEventIsAVariable(t *testing.T) {
	transformer, err := pattern.NewTransformer(nil, `{"e":<aws.events.event.json>}`)
	if err != nil {
		t.Fatal(err)
	}
	body, err := transformer.Apply([]byte(" {\"a\": [1],\n \"detail\": {}} "), pattern.Context{})
	if want := `{"e":{"a":[1],"detail":{}}}`; err != nil || string(body) != want {
		t.Errorf("got %s, %v, want %s", body, err, want)
	}
	if body, err = transformer.Apply([]byte("{ }"), pattern.Context{}); err != nil || string(body) != `{"e":{}}` {
		t.Errorf("got %s, %v", body, err)
	}
}

func TestEventsWhoseInputIsNotJSONAreNotDelivered(t *testing.T) {
	for _, c := range []struct{ template, hint string }{
		{`{"a": "<object>"}`, "<object> is an object or array: write it without quotes around it"},
		{`{"a": "<list>"}`, "<list> is an object or array: write it without quotes around it"},
		{`{"a": "<name> <aws.events.event.json>"}`, "<aws.events.event.json> is an object or array: write it without quotes around it"},
		{`{"a": "<missing><quoted>"}`, "<quoted> has quotes, backslashes or line breaks, which EventBridge does not escape within a string: write it without quotes around it"},
		{`{"a": "<line>"}`, "<line> has quotes, backslashes or line breaks, which EventBridge does not escape within a string: write it without quotes around it"},
	} {
		transformer, err := pattern.NewTransformer(variables, c.template)
		if err != nil {
			t.Fatal(err)
		}
		body, err := transformer.Apply([]byte(transformed), transformContext)
		var undelivered *pattern.DeliveryError
		if !errors.As(err, &undelivered) || undelivered.Hint != c.hint || !strings.Contains(err.Error(), "hint: "+c.hint) {
			t.Errorf("%s: got %s, %v, want the hint %s", c.template, body, err, c.hint)
		}
	}
}

func TestTransformersThatAWSRefuses(t *testing.T) {
	many := map[string]string{}
	for i := range 101 {
		many[fmt.Sprintf("v%d", i)] = "$"
	}
	for _, c := range []struct {
		paths          map[string]string
		template, want string
	}{
		{nil, ``, "InputTemplate has 0 characters, AWS accepts 1 to 8192"},
		{nil, `"` + strings.Repeat("x", 8191) + `"`, "InputTemplate has 8193 characters, AWS accepts 1 to 8192"},
		{many, `"x"`, "InputPathsMap has 101 entries, AWS accepts at most 100"},
		{map[string]string{"a.b": "$"}, `"x"`, `InputPathsMap: the name "a.b": expected`},
		{map[string]string{"": "$"}, `"x"`, `InputPathsMap: the name "": expected`},
		{map[string]string{"aws.events.event": "$"}, `"x"`, `do not begin with "AWS."`},
		{map[string]string{strings.Repeat("x", 257): "$"}, `"x"`, "expected 1 to 256 letters"},
		{map[string]string{"a": "detail"}, `"x"`, `InputPathsMap: a: the JSON path "detail": it must begin with $`},
		{nil, `{"a": <b>}`, "InputTemplate contains invalid placeholder b"},
		{nil, `{"a": <aws.events.other>}`, "InputTemplate contains invalid placeholder aws.events.other"},
		{variables, `{"<name>": 1}`, "a variable cannot be the name of a member"},
		{variables, `{"x<name>" : 1}`, "a variable cannot be the name of a member"},
		{variables, `{<name>: 1}`, "InputTemplate is not valid JSON once its variables are filled"},
		{variables, `Job <name> ended`, "InputTemplate is not valid JSON once its variables are filled"},
		{variables, `{"a": <name>`, "InputTemplate is not valid JSON once its variables are filled: unexpected EOF"},
		{variables, `{"a": <name>} x`, "InputTemplate is not valid JSON once its variables are filled"},
		{variables, `{"a": 1} {"b": 2}`, "there is text behind the value"},
		{variables, `"a" 1`, "a template that begins with a quote has strings only"},
		{variables, `"a <name>`, "a string is not closed with a quote"},
		{variables, " ", "InputTemplate is not valid JSON once its variables are filled: EOF"},
	} {
		if _, err := pattern.NewTransformer(c.paths, c.template); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: got %v, want %s", c.template, err, c.want)
		}
	}
}

func TestInputPaths(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"$", `{"a":{"b":[1,{"c":"x"},{"c":2}],"d":{},"é":null}}`},
		{"$.a.b[0]", "1"},
		{"$.a.b[1].c", `"x"`},
		{"$.a.b[*].c", `["x",2]`},
		{"$.a.d", "{}"},
		{"$.a.é", "null"},
		{"$.a.b.*", `[1,{"c":"x"},{"c":2}]`},
		{"$.a.b[9].*", "[]"},
	} {
		path, err := pattern.ParseInputPath(c.path)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if got, err := path.Apply([]byte(`{"a": {"b": [1, {"c": "x"}, {"c": 2}], "d": { }, "é": null}}`)); err != nil || string(got) != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.path, got, err, c.want)
		}
	}
	for _, path := range []string{"$.x", "$.a.b[3]", "$.a.b.c", "$.a[0]"} {
		p, err := pattern.ParseInputPath(path)
		if err != nil {
			t.Fatal(err)
		}
		var undelivered *pattern.DeliveryError
		if got, err := p.Apply([]byte(`{"a":{"b":[1,2,3]}}`)); !errors.As(err, &undelivered) {
			t.Errorf("%s: got %s, %v, want a *pattern.DeliveryError", path, got, err)
		}
	}
	for path, want := range map[string]string{
		"": "it must begin with $", "a": "it must begin with $", "$a": "expected a dot and a name", "$.": "there is no name after a dot", "$..a": "there is no name after a dot",
		"$['a']": "names stand after dots, not in brackets", "$.a[-1]": "expected an array index or *", "$.a[0": "a bracket is not closed", "$.a[?(@.b)]": "expected an array index",
		"$.a b": "a name must not have ' '", "$.a()": "a name must not have '('", "$.*a": "expected a dot and a name", "$." + strings.Repeat("x", 255): "it has 257 characters",
	} {
		if _, err := pattern.ParseInputPath(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %v, want %s", path, err, want)
		}
	}
	for _, event := range []string{"", "[]", `{"a":`} {
		p, _ := pattern.ParseInputPath("$")
		var wrong *pattern.EventError
		if _, err := p.Apply([]byte(event)); !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, want a *pattern.EventError", event, err)
		}
		transformer, _ := pattern.NewTransformer(nil, `"x"`)
		if _, err := transformer.Apply([]byte(event), pattern.Context{}); !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, want a *pattern.EventError", event, err)
		}
	}
}
