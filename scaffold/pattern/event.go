package pattern

import (
	"strconv"
	"strings"
)

// Event is a decoded event, for matching many patterns. It may be used by several goroutines at once.
type Event struct {
	leaves []leaf
	byPath map[string][]int32 // leaves, in the order of the event
	scopes []scope
	arrays []span
	empty  map[string]string // {} or [] where such a container stands in place of a leaf; only for explanations
}

// leaf is a string, number, true, false or null in an event.
type leaf struct {
	path  string // names joined by dots
	at    string // the same with the positions in arrays
	raw   string // as written
	value value
	scope int32
}

// Decode reads a JSON event. The error is an *EventError.
func Decode(event []byte) (*Event, error) {
	e := &Event{byPath: map[string][]int32{}, empty: map[string]string{}}
	i := skipSpace(event, 0)
	if i >= len(event) || event[i] != '{' {
		return nil, notAnObject(event)
	}
	if i = e.read(event, i, "", "", none, 0); i == bad || skipSpace(event, i) != len(event) {
		return nil, syntaxError(event)
	}
	return e, nil
}

// read takes in the value at i and returns the position behind it.
func (e *Event) read(d []byte, i int, path, at string, scope int32, depth int) int {
	if i >= len(d) || depth > MaxDepth {
		return bad
	}
	switch d[i] {
	case '{':
		return e.object(d, i, path, at, scope, depth)
	case '[':
		return e.array(d, i, path, at, scope, depth)
	}
	end := skipValue(d, i, depth)
	if end == bad {
		return bad
	}
	l := leaf{path: path, at: at, raw: string(d[i:end]), scope: scope}
	switch d[i] {
	case '"':
		l.value = value{kind: stringKind, text: unescape(nil, d[i+1:end-1])}
	case 't', 'f', 'n':
		l.value = value{kind: literalKind, text: []byte(l.raw)}
	default:
		l.value = value{kind: numberKind, text: []byte(l.raw)}
		l.value.double() // now, because later several goroutines may look at it
	}
	e.byPath[path] = append(e.byPath[path], int32(len(e.leaves)))
	e.leaves = append(e.leaves, l)
	return end
}

func (e *Event) object(d []byte, i int, path, at string, scope int32, depth int) int {
	if i = skipSpace(d, i+1); i < len(d) && d[i] == '}' {
		e.empty[path] = "{}"
		return i + 1
	}
	for {
		raw, _, start := key(d, i)
		if start == bad {
			return bad
		}
		name := string(unescape(nil, raw))
		inner, innerAt := name, name
		if depth > 0 {
			inner, innerAt = path+"."+name, at+"."+name
		}
		if i = e.read(d, start, inner, innerAt, scope, depth+1); i == bad {
			return bad
		}
		var more bool
		if i, more = next(d, i, '}'); !more {
			return i
		}
	}
}

func (e *Event) array(d []byte, i int, path, at string, parent int32, depth int) int {
	if i = skipSpace(d, i+1); i < len(d) && d[i] == ']' {
		e.empty[path] = "[]"
		return i + 1
	}
	array := int32(len(e.arrays))
	e.arrays = append(e.arrays, span{first: int32(len(e.leaves))})
	for element := int32(0); ; element++ {
		inner := parent
		if i < len(d) && (d[i] == '{' || d[i] == '[') {
			inner = int32(len(e.scopes))
			e.scopes = append(e.scopes, scope{array: array, element: element, parent: parent, span: span{first: int32(len(e.leaves))}})
		}
		if i = e.read(d, i, path, at+"["+strconv.Itoa(int(element))+"]", inner, depth+1); i == bad {
			return bad
		}
		if inner != parent {
			e.scopes[inner].span.last = int32(len(e.leaves))
		}
		var more bool
		if i, more = next(d, i, ']'); !more {
			e.arrays[array].last = int32(len(e.leaves))
			return i
		}
	}
}

// MatchEvent says whether the pattern matches a decoded event. It allocates nothing.
func (p *Pattern) MatchEvent(event *Event) bool {
	s := p.search()
	defer p.release(s)
	scopes, arrays := s.scopes, s.arrays
	s.scopes, s.arrays = event.scopes, event.arrays // only read from here on
	s.load(event)
	matches := s.matches()
	s.scopes, s.arrays = scopes, arrays
	return matches
}

// load takes in the leaves of a decoded event that the pattern names.
func (s *search) load(event *Event) {
	for path, name := range s.p.paths {
		for _, number := range event.byPath[name] {
			l := &event.leaves[number]
			s.leaves = number
			s.leaf(path, &l.value, l.scope)
		}
	}
}

// has says whether the event has a field, or an object with fields, at the path.
func (e *Event) has(path string) bool {
	for i := range e.leaves {
		if rest, ok := strings.CutPrefix(e.leaves[i].path, path); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}
