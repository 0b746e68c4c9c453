package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Match says whether the pattern matches a JSON event. It reads the bytes in one pass, keeps nothing of them and allocates
// nothing for events of a usual size. The error says where the event is not valid JSON.
func (p *Pattern) Match(event []byte) (bool, error) {
	s := p.search()
	defer p.release(s)
	if err := s.read(event); err != nil {
		return false, err
	}
	return s.matches(), nil
}

// read takes in all leaves of the event that the pattern names.
func (s *search) read(event []byte) error {
	i := skipSpace(event, 0)
	if i >= len(event) || event[i] != '{' {
		return notAnObject(event)
	}
	if i = s.object(event, i, s.p.root, none, 0); i == bad {
		return syntaxError(event)
	}
	if skipSpace(event, i) != len(event) {
		return syntaxError(event)
	}
	return nil
}

// object reads the members of the object at i and returns the position behind it.
func (s *search) object(d []byte, i int, n *node, scope int32, depth int) int {
	if depth >= MaxDepth {
		return bad
	}
	if i = skipSpace(d, i+1); i < len(d) && d[i] == '}' {
		return i + 1
	}
	for {
		name, escaped, start := key(d, i)
		if start == bad {
			return bad
		}
		if escaped {
			s.text = unescape(s.text[:0], name)
			name = s.text
		}
		if i = s.value(d, start, n.child(name), scope, depth+1); i == bad {
			return bad
		}
		var more bool
		if i, more = next(d, i, '}'); !more {
			return i
		}
	}
}

// array reads the elements of the array at i. Each element that is an object or array opens a scope.
func (s *search) array(d []byte, i int, n *node, parent int32, depth int) int {
	if depth >= MaxDepth {
		return bad
	}
	if i = skipSpace(d, i+1); i < len(d) && d[i] == ']' {
		return i + 1
	}
	array := int32(len(s.arrays))
	s.arrays = append(s.arrays, span{first: s.leaves})
	for element := int32(0); ; element++ {
		inner := parent
		if i < len(d) && (d[i] == '{' || d[i] == '[') {
			inner = int32(len(s.scopes))
			s.scopes = append(s.scopes, scope{array: array, element: element, parent: parent, span: span{first: s.leaves}})
		}
		if i = s.value(d, i, n, inner, depth+1); i == bad {
			return bad
		}
		if inner != parent {
			s.scopes[inner].span.last = s.leaves
		}
		var more bool
		if i, more = next(d, i, ']'); !more {
			s.arrays[array].last = s.leaves
			return i
		}
	}
}

// value reads the value at i, which stands where n is in the tree of paths; nil if the pattern names nothing there.
func (s *search) value(d []byte, i int, n *node, scope int32, depth int) int {
	if n == nil || i >= len(d) {
		return skipValue(d, i, depth)
	}
	switch d[i] {
	case '{':
		if len(n.children) == 0 {
			return skipContainer(d, i, depth)
		}
		return s.object(d, i, n, scope, depth)
	case '[':
		return s.array(d, i, n, scope, depth)
	}
	if n.path < 0 {
		return skipValue(d, i, depth)
	}
	if d[i] == '"' {
		end, escaped := stringEnd(d, i)
		if end == bad {
			return bad
		}
		text := d[i+1 : end]
		if escaped {
			s.text = unescape(s.text[:0], text)
			text = s.text
		}
		s.leaf(n.path, &value{kind: stringKind, text: text}, scope)
		return end + 1
	}
	kind, end := literalKind, literalEnd(d, i)
	if end == bad {
		kind, end = numberKind, numberEnd(d, i)
	}
	if end != bad {
		s.leaf(n.path, &value{kind: kind, text: d[i:end]}, scope)
	}
	return end
}

// EventError is an event that is not a JSON object.
type EventError struct {
	Problem      string
	Line, Column int // counted from 1; 0 if there is no one place
}

// Error says what is wrong, and where.
func (e *EventError) Error() string {
	if e.Line == 0 {
		return "the event is not valid: " + e.Problem
	}
	return fmt.Sprintf("the event is not valid: line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

func notAnObject(event []byte) error {
	if len(bytes.TrimSpace(event)) == 0 {
		return &EventError{Problem: "it is empty, expected a JSON object"}
	}
	if !json.Valid(event) {
		return syntaxError(event)
	}
	return &EventError{Problem: "expected a JSON object, such as {\"source\": \"aws.s3\", \"detail\": {}}"}
}

// syntaxError finds out why the event is not JSON.
func syntaxError(event []byte) error {
	var any json.RawMessage
	err := json.Unmarshal(event, &any)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return &EventError{Problem: fmt.Sprintf("it is nested deeper than %d levels", MaxDepth)}
	}
	before := event[:min(max(int(syntax.Offset)-1, 0), len(event))]
	line := bytes.Count(before, []byte("\n")) + 1
	return &EventError{Problem: syntax.Error(), Line: line, Column: len(before) - bytes.LastIndexByte(before, '\n')}
}
