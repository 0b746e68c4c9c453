package pattern_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"example.com/pipewright/scaffold/pattern"
)

// recorded reads a file of the conformance folder into cases.
func recorded(t *testing.T, name string, cases any) {
	t.Helper()
	folder := os.Getenv("PIPEWRIGHT_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "conformance")
	}
	data, err := os.ReadFile(filepath.Join(folder, name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%v: set PIPEWRIGHT_CONFORMANCE to the folder of recorded behavior", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, cases); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// patternCase is a pattern with an event and what AWS, or its engine, made of it.
type patternCase struct {
	Name        string
	Pattern     json.RawMessage
	PatternText string `json:"pattern_text"`
	Event       json.RawMessage
	EventText   string `json:"event_text"`
	Expect      string
	Error       struct {
		Code       string
		Message    string
		MessageRaw string `json:"message_raw"`
	}
}

func (c *patternCase) pattern() []byte {
	if c.PatternText != "" {
		return []byte(c.PatternText)
	}
	return c.Pattern
}

func (c *patternCase) event() []byte {
	if c.EventText != "" {
		return []byte(c.EventText)
	}
	return c.Event
}

// outcome is what this package makes of the case, and for errors the message of AWS without the place.
func (c *patternCase) outcome(t *testing.T) (outcome, message string) {
	t.Helper()
	p, err := pattern.Compile(c.pattern())
	var refused *pattern.Error
	switch {
	case errors.As(err, &refused):
		return "error", refused.Message()
	case err != nil:
		t.Fatalf("%s: Compile returned %T, expected *pattern.Error", c.Name, err)
	case len(c.event()) == 0:
		return "valid", ""
	}
	matches, err := p.Match(c.event())
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	decoded, err := pattern.Decode(c.event())
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	if p.MatchEvent(decoded) != matches {
		t.Errorf("%s: MatchEvent says %t, Match %t", c.Name, !matches, matches)
	}
	if e := p.Explain(decoded); e.Match != matches {
		t.Errorf("%s: Explain says %t, Match %t", c.Name, e.Match, matches)
	}
	return map[bool]string{true: "match", false: "no-match"}[matches], ""
}

func report(t *testing.T, name string, passed, total int) {
	t.Helper()
	fmt.Printf("%s: %d passed, %d total\n", name, passed, total)
	if passed != total {
		t.Errorf("%s: %d of %d cases fail", name, total-passed, total)
	}
}

func TestConformanceEventPatterns(t *testing.T) {
	var cases []patternCase
	recorded(t, "event_patterns.json", &cases)
	passed := 0
	for i := range cases {
		c := &cases[i]
		outcome, message := c.outcome(t)
		if outcome != c.Expect || message != c.Error.Message {
			t.Logf("%s: got %s %q, AWS %s %q", c.Name, outcome, message, c.Expect, c.Error.Message)
			continue
		}
		passed++
	}
	report(t, "event_patterns", passed, len(cases))
}

// older are the messages of cases that were recorded with event-ruler's RuleCompiler. EventBridge uses its successor,
// JsonRuleCompiler: it accepts what the older one refuses (anything-but with a list of prefixes, or with a wildcard), and its
// messages are those of event_patterns.json. The messages here are those of JsonRuleCompiler 2.1.
var older = map[string]string{
	`{"a": [ { "anything-but": { "prefix": "foo", "a":1 } } ] }`:          "Too many elements in numeric expression",
	`{"a": [ { "anything-but": { "suffix": "foo", "a":1 } } ] }`:          "Too many elements in numeric expression",
	`{"a": [ { "anything-but": { "suffix": "foo" }, "x": 1 } ] }`:         "Too many elements in numeric expression",
	`{"a": [ { "anything-but": { "wildcard": "foo" }, "x": 1 } ] }`:       "Too many elements in numeric expression",
	`{"a": [ { "anything-but": { "suffix": ["1", "2" } } ] }`:             `Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)"{"a": [ { "anything-but": { "suffix": ["1", "2" } } ] }"; line: 1, column: 39])`,
	`{"a": [ { "anything-but": { "suffix": ["1", "2" ] } ] }`:             `Unexpected close marker ']': expected '}' (for Object starting at [Source: (String)"{"a": [ { "anything-but": { "suffix": ["1", "2" ] } ] }"; line: 1, column: 9])`,
	`{"a": [ { "anything-but": { "equals-ignore-case": [1, 2, 3] } } ] }`: "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
	`{"a": [ { "anything-but": { "wildcard": "foo**bar" } } ] }`:          "Consecutive wildcard characters at pos 4",
	`{"a": [ { "anything-but": { "wildcard": ["1", "foo**bar"] } } ] }`:   "Consecutive wildcard characters at pos 4",
	`{"a": [ { "anything-but": { "wildcard": "foo*bar\" } } ] }`:          "Unexpected end-of-input: was expecting closing quote for a string value",
}

func TestConformanceRuler(t *testing.T) {
	var cases []patternCase
	recorded(t, "event_patterns_ruler.json", &cases)
	passed := 0
	for i := range cases {
		c := &cases[i]
		outcome, message := c.outcome(t)
		want := ""
		if c.Expect == "error" {
			want = "Event pattern is not valid. Reason: " + c.Error.Message
			if newer, ok := older[c.PatternText]; ok {
				want = "Event pattern is not valid. Reason: " + newer
			}
		}
		if outcome != c.Expect || message != want {
			t.Logf("%s: %s\n%s\ngot %s %q, the engine %s %q", c.Name, c.pattern(), c.event(), outcome, message, c.Expect, want)
			continue
		}
		passed++
	}
	report(t, "event_patterns_ruler", passed, len(cases))
}

// transformerCase is an event that was put on a bus, and what the rule's target got.
type transformerCase struct {
	Name             string
	Pattern          json.RawMessage
	Entries          []struct{ Source, DetailType, Detail string }
	InputPath        string `json:"input_path"`
	InputTransformer *struct {
		InputPathsMap map[string]string
		InputTemplate string
	} `json:"input_transformer"`
	Delivered      bool
	ExpectedBodies []json.RawMessage `json:"expected_bodies"`
}

// maskedTime is the event's time, as the recordings mask it.
const maskedTime = "date"

// events are the entries in the envelope that EventBridge gives them.
func (c *transformerCase) events() [][]byte {
	events := make([][]byte, 0, len(c.Entries))
	for _, entry := range c.Entries {
		event, err := json.Marshal(map[string]any{
			"version": "0", "id": "7bf73129-1428-4cd3-a780-95db273d1602", "source": entry.Source, "detail-type": entry.DetailType,
			"account": "123456789012", "time": maskedTime, "region": "us-east-1", "resources": []string{}, "detail": json.RawMessage(entry.Detail),
		})
		if err != nil {
			panic(err)
		}
		events = append(events, event)
	}
	return events
}

// bodies are what the target gets; the error is why it gets nothing.
func (c *transformerCase) bodies() ([][]byte, error) {
	p, err := pattern.Compile(c.Pattern)
	if err != nil {
		return nil, err
	}
	var bodies [][]byte
	for _, event := range c.events() {
		if matches, err := p.Match(event); err != nil || !matches {
			return nil, fmt.Errorf("matches: %t, %w", matches, err)
		}
		body, err := c.body(event)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	return bodies, nil
}

func (c *transformerCase) body(event []byte) ([]byte, error) {
	if c.InputTransformer == nil {
		path, err := pattern.ParseInputPath(c.InputPath)
		if err != nil {
			return nil, err
		}
		return path.Apply(event)
	}
	t, err := pattern.NewTransformer(c.InputTransformer.InputPathsMap, c.InputTransformer.InputTemplate)
	if err != nil {
		return nil, err
	}
	return t.Apply(event, pattern.Context{RuleName: "rule", RuleARN: "arn:aws:events:us-east-1:123456789012:rule/rule", IngestionTime: maskedTime})
}

// sameBody compares a body with a recorded one: text as it is, JSON by its value.
func sameBody(t *testing.T, body []byte, recorded json.RawMessage) bool {
	t.Helper()
	var text string
	if json.Unmarshal(recorded, &text) == nil {
		return string(body) == text
	}
	var got, want any
	if err := json.Unmarshal(recorded, &want); err != nil {
		t.Fatal(err)
	}
	return json.Unmarshal(body, &got) == nil && reflect.DeepEqual(got, want)
}

func TestConformanceInputTransformers(t *testing.T) {
	var cases []transformerCase
	recorded(t, "input_transformers.json", &cases)
	passed := 0
	for i := range cases {
		c := &cases[i]
		bodies, err := c.bodies()
		var undelivered *pattern.DeliveryError
		ok := err == nil && c.Delivered && len(bodies) == len(c.ExpectedBodies) || errors.As(err, &undelivered) && !c.Delivered
		for j := range bodies {
			ok = ok && sameBody(t, bodies[j], c.ExpectedBodies[j])
		}
		if !ok {
			t.Logf("%s: got %s, %v, AWS delivered %t %s", c.Name, bodies, err, c.Delivered, c.ExpectedBodies)
			continue
		}
		passed++
	}
	report(t, "input_transformers", passed, len(cases))
}
