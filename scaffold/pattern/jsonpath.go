package pattern

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// InputPath is the JSON path of a target's InputPath or of a variable of an input transformer.
type InputPath struct {
	source string
	steps  []step
	many   bool // there is a wildcard: the value is the array of all that match
}

// step goes from a value to one of its children, or to all of them.
type step struct {
	name  string
	index int // of an array's element; -1 for a name
	all   bool
}

// ParseInputPath reads the JSON paths that EventBridge knows: $, names after dots, [n], and * for all.
// Source: User Guide, "Input transformation"; API Reference, InputTransformer ("dot notation, not bracket notation").
func ParseInputPath(path string) (*InputPath, error) {
	refuse := func(problem string) (*InputPath, error) {
		return nil, fmt.Errorf("the JSON path %q: %s\n  hint: for example $.detail.bucket.name or $.resources[0]", path, problem)
	}
	if len(path) > MaxVariableSize {
		return refuse(fmt.Sprintf("it has %d characters, AWS accepts at most %d", len(path), MaxVariableSize))
	}
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return refuse("it must begin with $, which is the event")
	}
	p := &InputPath{source: path}
	for rest != "" {
		var s step
		var problem string
		if rest[0] == '[' {
			s, rest, problem = bracket(rest)
		} else {
			s, rest, problem = dotted(rest)
		}
		if problem != "" {
			return refuse(problem)
		}
		p.steps = append(p.steps, s)
		p.many = p.many || s.all
	}
	return p, nil
}

// dotted reads .name or .*
func dotted(text string) (s step, rest, problem string) {
	text, ok := strings.CutPrefix(text, ".")
	if !ok {
		return s, "", fmt.Sprintf("got %q, expected a dot and a name", text)
	}
	if rest, ok := strings.CutPrefix(text, "*"); ok {
		return step{all: true, index: -1}, rest, ""
	}
	end := strings.IndexAny(text, ".[")
	if end < 0 {
		end = len(text)
	}
	name := text[:end]
	if name == "" {
		return s, "", "there is no name after a dot; EventBridge does not know the .. of other JSON paths"
	}
	if i := strings.IndexAny(name, " *'\"()?@,]"); i >= 0 {
		return s, "", fmt.Sprintf("a name must not have %q; EventBridge knows names, array indexes and *, but no filters and functions", name[i])
	}
	return step{name: name, index: -1}, text[end:], ""
}

// bracket reads [n] or [*]
func bracket(text string) (s step, rest, problem string) {
	inner, rest, ok := strings.Cut(text[1:], "]")
	if !ok {
		return s, "", "a bracket is not closed"
	}
	if inner == "*" {
		return step{all: true, index: -1}, rest, ""
	}
	n, err := strconv.ParseUint(inner, 10, 31)
	if err != nil {
		return s, "", fmt.Sprintf("got [%s], expected an array index or *; names stand after dots, not in brackets", inner)
	}
	return step{index: int(n)}, rest, ""
}

// Apply returns the part of a JSON event that the path names, as compact JSON. If there is none the error is a *DeliveryError; what
// EventBridge does then is not documented, and we rather say so than pass something on.
func (p *InputPath) Apply(event []byte) ([]byte, error) {
	if err := checkEvent(event); err != nil {
		return nil, err
	}
	value, ok := p.find(event)
	if !ok {
		return nil, &DeliveryError{Problem: fmt.Sprintf("the event has nothing at the InputPath %s", p.source)}
	}
	return []byte(compact(value)), nil
}

// checkEvent refuses what is not a JSON object, so that the rest can rely on it.
func checkEvent(event []byte) error {
	if !bytes.HasPrefix(bytes.TrimLeft(event, " \t\r\n"), []byte("{")) {
		return notAnObject(event)
	}
	if !json.Valid(event) {
		return syntaxError(event)
	}
	return nil
}

// find returns the value at the path, as written in the event, which must be valid JSON.
func (p *InputPath) find(event []byte) ([]byte, bool) {
	values := [][]byte{bytes.TrimSpace(event)}
	for _, s := range p.steps {
		var next [][]byte
		for _, value := range values {
			next = append(next, s.from(value)...)
		}
		values = next
	}
	if p.many {
		return append(append([]byte{'['}, bytes.Join(values, []byte{','})...), ']'), true
	}
	if len(values) == 0 {
		return nil, false
	}
	return values[0], true
}

// from returns the children of a value that the step names. Of equal names the last one counts.
func (s step) from(d []byte) [][]byte {
	if d[0] != '{' && d[0] != '[' {
		return nil
	}
	closing := d[0] + 2
	i := skipSpace(d, 1)
	if d[i] == closing {
		return nil
	}
	var found [][]byte
	for element, more := 0, true; more; element++ {
		matches := s.all || s.index == element && d[0] == '['
		if d[0] == '{' {
			name, _, start := key(d, i)
			i = start
			matches = s.all || s.index < 0 && string(unescape(nil, name)) == s.name
		}
		end := skipValue(d, i, -1<<20) // json.Valid allows more depth than we do
		if matches && !s.all {
			found = found[:0]
		}
		if matches {
			found = append(found, d[i:end])
		}
		i, more = next(d, end, closing)
	}
	return found
}
