package pattern_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"example.com/pipewright/scaffold/pattern"
)

// seeds are patterns of all kinds, whole and broken.
func seeds() []string {
	list := []string{
		``, `{`, `{"a"`, `{"a":[1e`, `{"a":["\u12`, `[]`, `{"":{"":[""]}}`, `{"a":[{"wildcard":"*a*b\\*"}]}`,
		`{"$or":[{"a":[1]},{"$or":[{"b":[{"exists":false}]},{"c":{"d":["x"]}}]}]}`, `{"a":[{"anything-but":{"suffix":[".x"]}},{"cidr":"::/0"}]}`,
		`{"a":{"b":[{"equals-ignore-case":"ß"},{"prefix":{"equals-ignore-case":"İ"}}]}}`,
	}
	for _, c := range patterns {
		list = append(list, c.pattern)
	}
	return list
}

func FuzzCompile(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		p, err := pattern.Compile(source)
		var refused *pattern.Error
		if err != nil {
			if !errors.As(err, &refused) || refused.Reason == "" || refused.AWSMessage() == "" {
				t.Fatalf("%q: got the error %#v, want a *pattern.Error with a reason", source, err)
			}
			return
		}
		if p.String() != string(source) {
			t.Errorf("String is %q, want %q", p.String(), source)
		}
		if _, err := p.Match([]byte(objectCreated)); err != nil {
			t.Errorf("%q: %v", source, err)
		}
	})
}

// FuzzMatch shows that the three ways to judge an event agree, and that what is no JSON is refused.
func FuzzMatch(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed), []byte(objectCreated))
	}
	f.Add([]byte(`{"d":{"a":[1],"b":[2,{"exists":false}],"c":{"e":[3]}}}`), []byte(`{"d":[{"a":1,"b":1},{"a":1,"c":[{"e":2},{"e":3}]}],"d.a":2}`))
	f.Add([]byte(`{"a":[1]}`), []byte(`{"a":[[[1,{"a":2}],"\ud83d\ude00"]],"b":{"c":tru}}`))
	f.Fuzz(func(t *testing.T, source, event []byte) {
		p, err := pattern.Compile(source)
		if err != nil {
			return
		}
		matches, err := p.Match(event)
		decoded, decodeErr := pattern.Decode(event)
		if (err == nil) != (decodeErr == nil) {
			t.Fatalf("Match: %v, Decode: %v", err, decodeErr)
		}
		if isObject := json.Valid(event) && bytes.HasPrefix(bytes.TrimLeft(event, " \t\r\n"), []byte("{")); err == nil && !isObject {
			t.Fatalf("%q is taken for a JSON object", event)
		} else if err != nil && isObject && len(event) < pattern.MaxDepth {
			t.Fatalf("%q: %v", event, err)
		}
		if err != nil {
			return
		}
		explanation := p.Explain(decoded)
		if p.MatchEvent(decoded) != matches || explanation.Match != matches {
			t.Errorf("%s with %s: Match %t, MatchEvent %t, Explain %t", source, event, matches, p.MatchEvent(decoded), explanation.Match)
		}
		if explanation.String() == "" {
			t.Error("the explanation has no text")
		}
	})
}

// FuzzTransform shows that what is delivered for a template of data is JSON.
func FuzzTransform(f *testing.F) {
	f.Add(`{"a": <v>, "b": "x<v>"}`, "$.detail.object", []byte(objectCreated))
	f.Add(`"text <v> <aws.events.event.json>"`, "$.resources[0]", []byte(objectCreated))
	f.Add(`<v>`, "$.detail.*", []byte(`{"detail":{"a":[1,"x\"y"],"b":{}}}`))
	f.Add(`{"<v>": 1}`, "$", []byte(`{}`))
	f.Fuzz(func(t *testing.T, template, path string, event []byte) {
		transformer, err := pattern.NewTransformer(map[string]string{"v": path}, template)
		if err != nil {
			return
		}
		body, err := transformer.Apply(event, pattern.Context{RuleName: "r", RuleARN: "a", IngestionTime: "t"})
		if err != nil {
			return
		}
		if !bytes.HasPrefix(bytes.TrimSpace([]byte(template)), []byte(`"`)) && !json.Valid(body) {
			t.Errorf("%s with %s delivers %s, which is not JSON", template, event, body)
		}
	})
}
