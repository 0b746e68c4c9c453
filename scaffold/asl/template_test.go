package asl

import (
	"strings"
	"testing"
)

// TestTemplate protects payload templates in both query languages.
func TestTemplate(t *testing.T) {
	for _, test := range []struct {
		rule     string
		lang     QueryLanguage
		template string
		want     string
	}{
		{"a path", JSONPath, `{"x.$":"$.a"}`, `{"x":1}`},
		{"constants come first, as the service puts them", JSONPath, `{"p.$":"$.a","q":"c","r.$":"$.b"}`, `{"q":"c","p":1,"r":[1,2]}`},
		{"nested, also in arrays", JSONPath, `{"o":{"x.$":"$.a"},"l":[{"x.$":"$.a"},2]}`, `{"o":{"x":1},"l":[{"x":1},2]}`},
		{"values that look like paths are text", JSONPath, `{"x":"$.a","y":["$.a","States.UUID()","{% 1 %}"]}`, `{"x":"$.a","y":["$.a","States.UUID()","{% 1 %}"]}`},
		{"an intrinsic function", JSONPath, `{"x.$":"States.MathAdd($.a, $v)"}`, `{"x":5}`},
		{"the Context object", JSONPath, `{"x.$":"$$.Execution.Input"}`, `{"x":{"list":"a,b"}}`},
		{"a path to an index out of bounds", JSONPath, `{"x.$":"$.b[9]"}`, `{"x":null}`},
		{
			"many keys", JSONPath, `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m.$":"$.a"}`,
			`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1}`,
		},
		{"no expression", JSONPath, `5`, `5`},
		{"an expression", JSONata, `"{% $states.input.a + 1 %}"`, `2`},
		{"expressions in a tree", JSONata, `{"x":"{% $states.input.a %}","l":[1,"{%$v%}"],"o":{"k":"{% 'a' %}"}}`, `{"x":1,"l":[1,4],"o":{"k":"a"}}`},
		{"a path has no meaning", JSONata, `{"x.$":"$.a"}`, `{"x.$":"$.a"}`},
		{"text around an expression", JSONata, `[" {% 1 %} ","{ % 1 %}"]`, `[" {% 1 %} ","{ % 1 %}"]`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			template, err := CompileTemplate(mustDecode(t, test.template), test.lang, "Output")
			if err != nil {
				t.Fatal(err)
			}
			got, failure := template.Eval(scopeOf(t, `{"a":1,"b":[1,2]}`))
			if failure != nil || EncodeString(got) != test.want {
				t.Errorf("got %s, %v, want %s", EncodeString(got), failure, test.want)
			}
			if constant, ok := template.Constant(); ok && EncodeString(constant) != test.want {
				t.Errorf("the constant is %s", EncodeString(constant))
			}
		})
	}
}

// TestTemplateFailure protects that a failure names the field.
func TestTemplateFailure(t *testing.T) {
	for _, test := range []struct {
		lang            QueryLanguage
		template        string
		cause, location string
	}{
		{JSONPath, `{"a":{"x.$":"$.no"}}`, `The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{"a":1}'`, ""},
		{JSONPath, `[{"x.$":"$.no"}]`, `The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{"a":1}'`, ""},
		{JSONata, `{"a":{"x":"{% $no %}"}}`, `The JSONata expression '$no' specified for the field 'Output/a/x' returned nothing (undefined).`, "Output/a/x"},
		{JSONata, `["{% $states.input.no %}"]`, `The JSONata expression '$states.input.no' specified for the field 'Output[0]' returned nothing (undefined).`, "Output[0]"},
	} {
		template, err := CompileTemplate(mustDecode(t, test.template), test.lang, "Output")
		if err != nil {
			t.Fatal(err)
		}
		got, failure := template.Eval(scopeOf(t, `{"a":1}`))
		if failure == nil || failure.Cause != test.cause || failure.Location != test.location {
			t.Errorf("%s: got %v, %+v, want %s", test.template, got, failure, test.cause)
		}
	}
}

func TestTemplateRefused(t *testing.T) {
	for template, want := range map[string]string{
		`{"x.$":"a"}`:               "neither a JSONPath nor a call",
		`{"x.$":1}`:                 "expected a JSONPath",
		`{"x.$":"$.a","x":1}`:       `both "x" and "x.$"`,
		`[{"a":{"x.$":"$."}}]`:      "property's name",
		`JSONata {"a":["{% ( %}"]}`: "JSONata",
		`JSONata "{% 1"`:            "does not end with",
	} {
		text, isJSONata := strings.CutPrefix(template, "JSONata ")
		lang := JSONPath
		if isJSONata {
			lang = JSONata
		}
		if _, err := CompileTemplate(mustDecode(t, text), lang, "Output"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", template, err, want)
		}
	}
}

func BenchmarkTemplate(b *testing.B) {
	for _, bench := range []struct {
		name, template string
		lang           QueryLanguage
	}{
		{"Path", `{"n.$":"$.n"}`, JSONPath},
		{"MathAdd", `{"n.$":"States.MathAdd($.n, 1)"}`, JSONPath},
		{"Format", `{"n.$":"States.Format('run-{}', $.n)"}`, JSONPath},
		{"JSONataPath", `{"n":"{% $states.input.n %}"}`, JSONata},
		{"JSONataSum", `{"n":"{% $states.input.n + 1 %}"}`, JSONata},
	} {
		b.Run(bench.name, func(b *testing.B) {
			template, err := CompileTemplate(mustDecode(b, bench.template), bench.lang, "Output")
			if err != nil {
				b.Fatal(err)
			}
			s := &Scope{Input: mustDecode(b, `{"n":1000,"other":"x"}`)}
			b.ReportAllocs()
			for b.Loop() {
				if _, failure := template.Eval(s); failure != nil {
					b.Fatal(failure)
				}
			}
		})
	}
}
