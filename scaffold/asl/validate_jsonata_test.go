package asl

import (
	"strings"
	"testing"
)

// TestContextReferences protects which names in an expression read the context item that Step Functions does not have.
func TestContextReferences(t *testing.T) {
	for source, want := range map[string]string{
		`phone`: "phone", `phone[0]`: "phone", `$states.input.phone`: "$states.input", `$x[price > 10]`: "", `$x.(price * 2)`: "", `$x.{"a": price}`: "",
		`$x{name: $sum(price)}`: "", `{"a": phone, "b": $x}`: "phone", `{aaa: 1}`: "aaa", `[a, b]`: "a b", `$f(a)`: "a", `$x^(>price)`: "",
		`true and null or false`: "", `$a in ["x"]`: "", `function($i) { $i.a }`: "", `$map($x, function($v) { $v.a })`: "",
		`$map($states . input.a, function($x){ b })`: "$states.input b", `function($x)<n:n>{ b }`: "b", `λ($x){ [c] }`: "c",
		`$$`: "$$", `$$.a`: "$$", `$`: "$", `$x.($)`: "", `$x.$`: "", `a.b.c`: "a", `$x ~> |a|{"b": c}|`: "", `$x := 1`: "", `"phone"`: "", `/* phone */ 1`: "",
		`(phone)`: "phone", `-phone`: "phone", `$x ? a : b`: "a b", `$x[0].a`: "", `)`: "", `$states`: "", `$states.errorOutput.Cause`: "$states.errorOutput",
	} {
		if got := strings.Join(contextReferences(source), " "); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}

// TestStatesFields protects where $states has a result and an error output.
func TestStatesFields(t *testing.T) {
	lambda := `"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,`
	for states, want := range map[string]string{
		`"A":{"Type":"Pass","Output":"{% $states.input.a & $states.context.b %}","End":true}`:                                                                                       "",
		`"A":{"Type":"Pass","Output":{"v":"{% $states.result %}"},"End":true}`:                                                                                                      "Field '$states.result' does not exist. @/States/A/Output/v",
		`"A":{"Type":"Pass","Output":"{% $states.errorOutput.Cause %}","End":true}`:                                                                                                 "Field '$states.errorOutput' does not exist. @/States/A/Output",
		`"A":{"Type":"Pass","Output":"{% $states.nobody %}","End":true}`:                                                                                                            "Field '$states.nobody' does not exist. @/States/A/Output",
		`"A":{"Type":"Pass","Output":"{% $$ %}","End":true}`:                                                                                                                        "Reference to '$$' is not supported. @/States/A/Output",
		`"A":{` + lambda + `"Output":"{% $states.result %}","Assign":{"x":"{% $states.result.a %}"}}`:                                                                               "",
		`"A":{` + lambda + `"Arguments":{"x":"{% $states.result %}"}}`:                                                                                                              "Field '$states.result' does not exist. @/States/A/Arguments/x",
		`"A":{` + lambda + `"Catch":[{"ErrorEquals":["E"],"Output":"{% $states.errorOutput %}","Next":"B"}]},"B":{"Type":"Succeed"}`:                                                "",
		`"A":{` + lambda + `"Catch":[{"ErrorEquals":["E"],"Output":"{% $states.result %}","Next":"B"}]},"B":{"Type":"Succeed"}`:                                                     "Field '$states.result' does not exist. @/States/A/Catch[0]/Output",
		`"A":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","Output":"{% $states.result %}","End":true}}}],"Output":"{% $states.result %}","End":true}`: "Field '$states.result' does not exist. @/States/A/Branches[0]/States/B/Output",
	} {
		got := ""
		for _, f := range Validate([]byte(jsonata(states)), "STANDARD") {
			got += f.Message + " @" + f.Location
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", states, got, want)
		}
	}
}

// TestJSONataProblem protects that the service shows JSONata's sentences without their codes.
func TestJSONataProblem(t *testing.T) {
	for source, want := range map[string]string{
		"1 +": "Unexpected end of expression", "$x :=": "Unexpected end of expression", "": "Unexpected end of expression", "(": "Unexpected end of expression",
		"a[1,2)": `Expected "]", got ","`, `"a`: "String literal must be terminated by a matching quote", `{"a":}`: `The symbol "}" cannot be used as a unary operator`,
		`$match("a", /abc`: "No terminating / in regular expression", "phone %.other": `The symbol "." cannot be used as a unary operator`,
		"[1": `Expected "]" before end of expression`, "1 2": `Syntax error: "2"`, "$x ?? 1": "The JSONata expression \"$x ?? 1\": the operator ?? is not in JSONata 2.0.6, which the service runs",
		"`a": "Quoted property name must be terminated with a backquote (`)", "1 := 2": "The left side of := must be a $variable name",
	} {
		faults := Validate([]byte(jsonata(`"A":{"Type":"Pass","Output":`+EncodeString("{%"+source+"%}")+`,"End":true}`)), "STANDARD")
		if len(faults) != 1 || faults[0].Code != codeJSONata || faults[0].Location != "/States/A/Output" || faults[0].Message != want {
			t.Errorf("%s: got %+v, want %s", source, faults, want)
		}
	}
}
