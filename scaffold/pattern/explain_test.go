package pattern_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/pattern"
)

func explain(t *testing.T, source, event string) *pattern.Explanation {
	t.Helper()
	decoded, err := pattern.Decode([]byte(event))
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	return compile(t, source).Explain(decoded)
}

// Each alternative that fails says why, in terms of the value that comes nearest.
func TestReasonsNameWhatTheEventHas(t *testing.T) {
	for _, c := range []struct{ alternative, value, want string }{
		{`"orders"`, `"Orders"`, `"Orders" differs only in upper and lower case; {"equals-ignore-case": "orders"} would match`},
		{`"orders"`, `" orders"`, `" orders" differs only in spaces at its ends`},
		{`"orders"`, `"order"`, `"order" is spelled nearly the same`},
		{`"Object Created"`, `"ObjectCreated"`, `"ObjectCreated" is spelled nearly the same`},
		{`"raw"`, `"raw/a.csv"`, `"raw/a.csv" goes on behind it; {"prefix": "raw"} would match`},
		{`"a.csv"`, `"raw/a.csv"`, `"raw/a.csv" has something before it; {"suffix": "a.csv"} would match`},
		{`"raw/*"`, `"raw/a.csv"`, `* is a character like any other in an exact value; {"wildcard": "raw/*"} would match`},
		{`"orders"`, `"weather"`, `"weather" is another string`},
		{`"1"`, `1`, `the event has 1, not a string: write it without quotes`},
		{`"x"`, `true`, `the event has true, which is no string`},
		{`1`, `"1"`, `the event has the string "1", not 1: write it with quotes`},
		{`1`, `2`, `the event has 2`},
		{`123456789012345678901`, `1.23456789012345678901e20`, `1.23456789012345678901e20 is written differently, and numbers that a double cannot hold exactly are compared as text`},
		{`null`, `"null"`, `the event has the string "null", not null: write it with quotes`},
		{`true`, `false`, `the event has false`},
		{`"10.0.0.1"`, `"10.0.0.2"`, `10.0.0.2 is another address`},
		{`"10.0.0.1"`, `"x"`, `"x" is not an IP address`},
		{`{"cidr":"10.0.0.0/24"}`, `"10.0.1.0"`, `10.0.1.0 is not in the range from 10.0.0.0 to 10.0.0.255`},
		{`{"cidr":"10.0.0.0/24"}`, `"::1"`, `::1 is an IPv6 address, the range is IPv4`},
		{`{"cidr":"2001:db8::/32"}`, `"10.0.0.1"`, `10.0.0.1 is an IPv4 address, the range is IPv6`},
		{`{"prefix":"raw/"}`, `"RAW/x"`, `"RAW/x" begins with "RAW/", in another case; {"prefix": {"equals-ignore-case": "raw/"}} would match`},
		{`{"prefix":"/raw/"}`, `"raw/x"`, `"raw/x" begins with "raw/", without the slash; S3 keys have none`},
		{`{"prefix":"raw/2026/"}`, `"raw/2025/x"`, `"raw/2025/x" begins with "raw/2026/" only as far as "raw/202"`},
		{`{"prefix":"é"}`, `"è"`, `"è" does not begin with "é"`},
		{`{"prefix":{"equals-ignore-case":"raw"}}`, `"x"`, `"x" does not begin with "raw"`},
		{`{"suffix":".csv"}`, `"a.CSV"`, `"a.CSV" ends with ".CSV", in another case; {"suffix": {"equals-ignore-case": ".csv"}} would match`},
		{`{"suffix":".csv"}`, `"a.json"`, `"a.json" ends with ".json"`},
		{`{"suffix":{"equals-ignore-case":".csv"}}`, `"a"`, `"a" does not end with ".csv"`},
		{`{"equals-ignore-case":"abc"}`, `"xyz"`, `"xyz" is another string`},
		{`{"wildcard":"raw/*/in/*.csv"}`, `"tmp/x"`, `"tmp/x" does not begin with "raw/"`},
		{`{"wildcard":"raw/*/in/*.csv"}`, `"raw/2026/out/a.csv"`, `"raw/2026/out/a.csv" has no "/in/" after the part that matches`},
		{`{"wildcard":"raw/*/in/*.csv"}`, `"raw/2026/in/a.CSV"`, `"raw/2026/in/a.CSV" differs only in upper and lower case`},
		{`{"wildcard":"raw/*/in/*.csv"}`, `"raw/2026/in/a.json"`, `"raw/2026/in/a.json" does not end with ".csv" after the part that matches`},
		{`{"wildcard":"abc"}`, `"abd"`, `"abd" is spelled nearly the same`},
		{`{"anything-but":"x"}`, `"x"`, `"x" is one of the values that are left out`},
		{`{"anything-but":[1,2]}`, `2`, `2 is one of the values that are left out`},
		{`{"anything-but":{"prefix":"tmp/"}}`, `"tmp/x"`, `"tmp/x" is one of the strings that are left out`},
		{`{"numeric":[">",0,"<",5]}`, `0`, `0 is the lower bound, which > leaves out`},
		{`{"numeric":[">",0,"<",5]}`, `5`, `5 is the upper bound, which < leaves out`},
		{`{"numeric":[">",0,"<",5]}`, `-1`, `-1 is less than 0`},
		{`{"numeric":[">",0,"<",5]}`, `7.5`, `7.5 is more than 5`},
		{`{"numeric":["=",5]}`, `6`, `6 is not 5`},
		{`{"numeric":[">",0]}`, `"5"`, `the event has the string "5"; numeric compares numbers only, and never looks into strings`},
		{`{"numeric":[">",0]}`, `"x"`, `the event has "x", which is no number`},
		{`{"numeric":[">",0]}`, `1e400`, `1e400 cannot be compared: a double does not hold it as it is written`},
		{`{"exists":false}`, `1`, `the event has the field`},
		{`"orders"`, `["weather","Orders"]`, `"Orders" differs only in upper and lower case; {"equals-ignore-case": "orders"} would match`},
		{`"x"`, `"` + strings.Repeat("é", 100) + `"`, `"` + strings.Repeat("é", 80) + `..." is another string`},
	} {
		e := explain(t, `{"a":[`+c.alternative+`]}`, `{"a":`+c.value+`}`)
		if got := e.Ways[0].Fields[0].Wanted[0]; e.Match || got.Match || got.Reason != c.want {
			t.Errorf("%s with %s:\ngot  %s\nwant %s", c.alternative, c.value, got.Reason, c.want)
		}
	}
}

// A field that is missing may be somewhere else, or spelled in another way.
func TestHintsFindWhatTheEventHasInstead(t *testing.T) {
	for _, c := range []struct{ pattern, event, want string }{
		{`{"detail":{"reason":["x"]}}`, `{"detail":{"reson":"x"}}`, "the event has detail.reson (spelled differently)"},
		{`{"detail":{"bucketName":["x"]}}`, `{"detail":{"bucket-name":"x"}}`, "the event has detail.bucket-name (spelled differently)"},
		{`{"detail":{"Object":{"key":["x"]}}}`, `{"detail":{"object":{"key":"x"}}}`, "the event has detail.object.key (spelled differently)"},
		{`{"detail":{"objekt":{"key":["x"]}}}`, `{"detail":{"object":{"key":"x"}}}`, "the event has detail.object.key (spelled differently)"},
		{`{"bucket":{"name":["x"]}}`, `{"detail":{"bucket":{"name":"x"}}}`, "the event has detail.bucket.name (in another place)"},
		{`{"detail":{"source":["x"]}}`, `{"source":"x","detail":{}}`, "the event has source (in another place)"},
		{`{"detail":{"a":["x"]}}`, `{"detail":{"b":{"a":"x"},"c":[{"a":"y"},{"a":"z"}]}}`, "the event has detail.b.a (in another place), detail.c.a (in another place)"},
		{`{"detail":{"a":["x"]}}`, `{"detail":{"a":{"b":1,"c":{"d":2,"e":3}}}}`, "the event has an object there, with b, c; a pattern for a field looks at values, so name the fields within it"},
		{`{"detail":{"a":["x"]}}`, `{"detail":{"a":[]}}`, "the event has [] there, which has no value; patterns look at values only"},
		{`{"detail":{"a":["x"]}}`, `{"detail":{"a":{}}}`, "the event has {} there, which has no value; patterns look at values only"},
		{`{"detail":{"a":{"b":["x"]}}}`, `{"detail":"{\"a\":{\"b\":\"x\"}}"}`, "detail is a string that contains JSON; EventBridge does not look into strings"},
		{`{"detail":{"a":{"b":["x"]}}}`, `{"detail":{"a":5}}`, "detail.a is no object, it is 5"},
		{`{"detail":{"x":["y"]}}`, `{"detail":{"other":1}}`, ""},
	} {
		e := explain(t, c.pattern, c.event)
		if got := strings.Join(e.Ways[0].Fields[0].Hints, "\n"); e.Match || got != c.want {
			t.Errorf("%s with %s:\ngot  %s\nwant %s", c.pattern, c.event, got, c.want)
		}
	}
}

func TestConflictNamesTheElements(t *testing.T) {
	for _, c := range []struct{ pattern, event, want string }{
		{
			`{"d":{"a":[1],"b":[2]}}`, `{"d":[{"a":1,"b":1},{"a":2,"b":2}]}`,
			"each field matches, but never all in the same element of an array: d.a matches at d[0].a; d.b matches at d[1].b",
		},
		{
			`{"d":{"a":[1],"b":[{"exists":false}]}}`, `{"d":[{"a":1,"b":1},{"c":2}]}`,
			"each field matches, but never all in the same element of an array: d.a matches at d[0].a; d.b must be absent there",
		},
		{
			`{"d":{"a":[1],"b":[2]}}`, `{"d":[` + strings.Repeat(`{"a":1},`, 9) + `{"b":2}]}`,
			"each field matches, but never all in the same element of an array: d.a matches at d[0].a, d[1].a, d[2].a, d[3].a, d[4].a, ...; d.b matches at d[9].b",
		},
	} {
		e := explain(t, c.pattern, c.event)
		if e.Match || e.Ways[0].Conflict != c.want {
			t.Errorf("%s with %s:\ngot  %s\nwant %s", c.pattern, c.event, e.Ways[0].Conflict, c.want)
		}
		if text := e.String(); !strings.Contains(text, "  ok    d.a: d[0].a = 1 matches 1\n") || !strings.Contains(text, "  "+c.want+"\n") {
			t.Errorf("the text does not have the conflict:\n%s", text)
		}
	}
}

// With $or the way that fails least comes first, and the text does not drown it.
func TestNearestWayComesFirst(t *testing.T) {
	e := explain(t, `{"s":[1],"$or":[{"a":[1],"b":[1]},{"a":[2],"b":[1]},{"c":[1],"d":[1],"e":[1]},{"f":[1],"g":[1]},{"h":[1],"i":[1]}]}`, `{"s":1,"a":2,"b":2}`)
	first := e.Ways[0]
	if e.Match || first.Match || len(e.Ways) != 5 || first.Fields[0].Path != "a" || !first.Fields[0].Match || first.Fields[1].Match {
		t.Errorf("got %+v first of %d ways", first, len(e.Ways))
	}
	text := e.String()
	for _, want := range []string{"way 1 of 5 through $or:\n  ok    a: 2 matches 2\n  FAIL  b\n        event:    2\n        pattern:  1 (the event has 2)\n", "\n2 more ways through $or come less near.\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
	if e := explain(t, `{"$or":[{"a":[1]},{"b":[1]}]}`, `{"b":1}`); !e.Match || !e.Ways[0].Match || e.Ways[0].Fields[0].Path != "b" {
		t.Errorf("the way that matches must come first, got %+v", e.Ways)
	}
}

func TestTextShortensLongListsAndValues(t *testing.T) {
	text := explain(t, `{"a":["b1","c2","d3","e4","f5","g6","h7"]}`, `{"a":["`+strings.Repeat("x", 200)+`",1,2,3,4,5,6]}`).String()
	for _, want := range []string{"... and 2 more, none of which matches", strings.Repeat("x", 79) + "..., a[1] = 1, a[2] = 2, a[3] = 3, a[4] = 4, ...\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}

func TestExplanationForMachinesHasAll(t *testing.T) {
	data, err := json.Marshal(explain(t, `{"a":[{"exists":false}],"b":["x"]}`, `{"b":"y"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"match":false,"ways":[{"match":false,"fields":[` +
		`{"field":"a","match":true,"event":[],"pattern":[{"pattern":"{\"exists\":false}","match":true}]},` +
		`{"field":"b","match":false,"event":[{"at":"b","value":"\"y\""}],"pattern":[{"pattern":"\"x\"","match":false,"reason":"\"y\" is another string"}]}]}]}`
	if string(data) != want {
		t.Errorf("got\n%s\nwant\n%s", data, want)
	}
}

func ExamplePattern_Explain() {
	p, err := pattern.Compile([]byte(`{"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "raw/"}]}}}`))
	if err != nil {
		panic(err)
	}
	event, err := pattern.Decode([]byte(`{"source": "aws.s3", "detail": {"object": {"key": "curated/orders.csv"}}}`))
	if err != nil {
		panic(err)
	}
	fmt.Print(p.Explain(event))
	// Output:
	// no match
	//   FAIL  detail.object.key
	//         event:    "curated/orders.csv"
	//         pattern:  {"prefix":"raw/"} ("curated/orders.csv" does not begin with "raw/")
	//   ok    source: "aws.s3" matches "aws.s3"
}

func ExamplePattern_Match() {
	p, err := pattern.Compile([]byte(`{"detail": {"size": [{"numeric": [">", 0]}]}}`))
	if err != nil {
		panic(err)
	}
	matches, err := p.Match([]byte(`{"source": "aws.s3", "detail": {"size": 12}}`))
	fmt.Println(matches, err)
	// Output: true <nil>
}

func ExampleTransformer_Apply() {
	t, err := pattern.NewTransformer(
		map[string]string{"bucket": "$.detail.bucket.name", "object": "$.detail.object"},
		`{"from": "s3://<bucket>", "object": <object>, "rule": <aws.events.rule-name>}`)
	if err != nil {
		panic(err)
	}
	body, err := t.Apply([]byte(`{"detail": {"bucket": {"name": "orders"}, "object": {"key": "a.csv"}}}`), pattern.Context{RuleName: "landed"})
	fmt.Println(string(body), err)
	// Output: {"from": "s3://orders", "object": {"key":"a.csv"}, "rule": "landed"} <nil>
}
