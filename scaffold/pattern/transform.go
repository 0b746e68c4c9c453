package pattern

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Limits of input transformers. Source: API Reference, InputTransformer, read 2026-11.
const (
	MaxVariables    = 100  // entries of InputPathsMap
	MaxVariableSize = 256  // characters of a name, and of a path
	MaxTemplateSize = 8192 // characters of InputTemplate
)

// The variables that need no entry in InputPathsMap. Source: User Guide, "Input transformation", predefined variables.
const (
	ruleARN       = "aws.events.rule-arn"
	ruleName      = "aws.events.rule-name"
	ingestionTime = "aws.events.event.ingestion-time"
	eventNoDetail = "aws.events.event"
	eventJSON     = "aws.events.event.json"
)

var predefined = []string{ruleARN, ruleName, ingestionTime, eventNoDetail, eventJSON}

// Context is what the predefined variables stand for, besides the event.
type Context struct {
	RuleARN       string
	RuleName      string
	IngestionTime string // when EventBridge received the event, ISO 8601, for example 2026-11-24T08:00:00Z
}

// Transformer is an input transformer of a target. It may be used by several goroutines at once.
type Transformer struct {
	paths    map[string]*InputPath
	segments []segment
	text     bool // the template is one or more quoted strings, not JSON data
}

// DeliveryError is an event that EventBridge does not deliver because of the target's input.
type DeliveryError struct {
	Problem string
	Hint    string
}

// Error says what is wrong, and how to mend it.
func (e *DeliveryError) Error() string {
	message := "the event is not delivered: " + e.Problem
	if e.Hint != "" {
		message += "\n  hint: " + e.Hint
	}
	return message
}

var variableName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// NewTransformer reads an InputPathsMap, which may be nil, and an InputTemplate. It refuses what AWS refuses when the
// target is made.
func NewTransformer(paths map[string]string, template string) (*Transformer, error) {
	if len(paths) > MaxVariables {
		return nil, fmt.Errorf("InputPathsMap has %d entries, AWS accepts at most %d", len(paths), MaxVariables)
	}
	t := &Transformer{paths: map[string]*InputPath{}}
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if !variableName.MatchString(name) || len(name) > MaxVariableSize || strings.HasPrefix(strings.ToUpper(name), "AWS.") {
			return nil, fmt.Errorf("InputPathsMap: the name %q: expected 1 to %d letters, digits, hyphens and underscores, which do not begin with \"AWS.\"", name, MaxVariableSize)
		}
		path, err := ParseInputPath(paths[name])
		if err != nil {
			return nil, fmt.Errorf("InputPathsMap: %s: %w", name, err)
		}
		t.paths[name] = path
	}
	if err := t.parse(template); err != nil {
		return nil, err
	}
	return t, nil
}

// Apply fills the template from a JSON event. A variable without value becomes an empty string. The error is a *DeliveryError if
// EventBridge would not deliver the result, because it is not JSON.
func (t *Transformer) Apply(event []byte, context Context) ([]byte, error) {
	if err := checkEvent(event); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, s := range t.segments {
		if s.variable == "" {
			b.WriteString(s.text)
			continue
		}
		value, ok := t.value(s.variable, event, context)
		b.WriteString(t.fill(value, ok, s.quoted))
	}
	if !t.text && !json.Valid(b.Bytes()) {
		return nil, t.undeliverable(event, context, b.Bytes())
	}
	return b.Bytes(), nil
}

// value is what a variable stands for, as JSON.
func (t *Transformer) value(name string, event []byte, context Context) ([]byte, bool) {
	switch name {
	case ruleARN:
		return quote(context.RuleARN), true
	case ruleName:
		return quote(context.RuleName), true
	case ingestionTime:
		return quote(context.IngestionTime), true
	case eventJSON:
		return bytes.TrimSpace(event), true
	case eventNoDetail:
		return withoutDetail(event), true
	}
	return t.paths[name].find(event)
}

func quote(text string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil { // a string can always be encoded
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

// withoutDetail is the event for <aws.events.event>: AWS leaves detail out and calls detail-type detailType.
// Source: the behavior that LocalStack recorded from AWS (test_input_transformer_predefined_variables).
func withoutDetail(event []byte) []byte {
	d := bytes.TrimSpace(event)
	result := []byte{'{'}
	i := skipSpace(d, 1)
	for more := d[i] != '}'; more; {
		name, _, start := key(d, i)
		end := skipValue(d, start, -1<<20)
		if string(name) != "detail" {
			if len(result) > 1 {
				result = append(result, ',')
			}
			if string(name) == "detail-type" {
				name = []byte("detailType")
			}
			result = append(append(append(result, '"'), name...), '"', ':')
			result = append(result, d[start:end]...)
		}
		i, more = next(d, end, '}')
	}
	return append(result, '}')
}

// fill writes a value into the template. Outside of quotes it stays JSON. Within quotes a string is inserted as it is, and is not
// escaped; anything else is inserted as JSON, of which a template of text loses the quotes.
// Source: User Guide, "Common issues with transforming input".
func (t *Transformer) fill(value []byte, ok, quoted bool) string {
	switch {
	case !ok && quoted:
		return ""
	case !ok:
		return `""`
	case !quoted:
		return compact(value)
	case value[0] == '"':
		return string(unescape(nil, value[1:len(value)-1]))
	case t.text:
		return strings.ReplaceAll(compact(value), `"`, "")
	}
	return compact(value)
}

// undeliverable finds the variable that spoils the JSON.
func (t *Transformer) undeliverable(event []byte, context Context, result []byte) error {
	e := &DeliveryError{Problem: fmt.Sprintf("the filled template is not valid JSON: %s", shorten(string(result)))}
	for _, s := range t.segments {
		if !s.quoted {
			continue
		}
		value, ok := t.value(s.variable, event, context)
		switch {
		case !ok:
		case value[0] == '{' || value[0] == '[':
			e.Hint = fmt.Sprintf("<%s> is an object or array: write it without quotes around it", s.variable)
			return e
		case value[0] == '"' && !json.Valid([]byte(`"`+t.fill(value, true, true)+`"`)):
			e.Hint = fmt.Sprintf("<%s> has quotes, backslashes or line breaks, which EventBridge does not escape within a string: write it without quotes around it", s.variable)
			return e
		}
	}
	return e
}
