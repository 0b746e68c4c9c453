package pattern_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/pattern"
)

// ruleCase is a pattern, written as JSON or as text where the text matters, with an event and whether they match, or the error.
type ruleCase struct {
	Pattern     json.RawMessage `json:"pattern"`
	PatternText *string         `json:"pattern_text"`
	Event       json.RawMessage `json:"event"`
	EventText   string          `json:"event_text"`
	Match       bool            `json:"match"`
	Error       string          `json:"error"`
}

func (c *ruleCase) texts() (source, event []byte) {
	source, event = c.Pattern, c.Event
	if c.PatternText != nil {
		source = []byte(*c.PatternText)
	}
	if c.EventText != "" {
		event = []byte(c.EventText)
	}
	return source, event
}

func TestRules(t *testing.T) {
	files, err := filepath.Glob("testdata/rules/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var rule struct {
				Rule, Source string
				Cases        []ruleCase
			}
			if err := json.Unmarshal(data, &rule); err != nil {
				t.Fatal(err)
			}
			if rule.Rule == "" || rule.Source == "" || len(rule.Cases) < 2 {
				t.Error("a fixture says the rule and its source, and has cases on both sides of it")
			}
			for i := range rule.Cases {
				rule.Cases[i].check(t)
			}
		})
	}
}

func (c *ruleCase) check(t *testing.T) {
	t.Helper()
	source, event := c.texts()
	p, err := pattern.Compile(source)
	var refused *pattern.Error
	if errors.As(err, &refused) || c.Error != "" {
		if refused == nil || refused.Reason != c.Error {
			t.Errorf("%s: got %v, want the error %q", source, err, c.Error)
		}
		return
	}
	matches, err := p.Match(event)
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	decoded, err := pattern.Decode(event)
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	if matches != c.Match || p.MatchEvent(decoded) != c.Match || p.Explain(decoded).Match != c.Match {
		t.Errorf("%s with %s: Match %t, MatchEvent %t, Explain %t, want %t", source, event, matches, p.MatchEvent(decoded), p.Explain(decoded).Match, c.Match)
	}
	if p.String() != string(source) {
		t.Errorf("String is %q, want %q", p.String(), source)
	}
}
