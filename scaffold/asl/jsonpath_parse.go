package asl

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

type stepKind uint8

const (
	stepName   stepKind = iota // .name, ['name']
	stepNames                  // ['a','b']
	stepIndex                  // [0]
	stepUnion                  // [0,2]
	stepSlice                  // [1:3]
	stepAll                    // .*, [*]
	stepScan                   // ..
	stepFilter                 // [?(...)]
	stepCall                   // .length()
)

type step struct {
	kind     stepKind
	names    []string
	indexes  []int
	from, to *int
	filter   filter
	text     string // the name of a function
	args     []operand
}

// fragment is the step in Jayway's canonical form. Only the steps of a definite path are in an error.
func (s *step) fragment() string {
	if s.kind == stepIndex {
		return "[" + strconv.Itoa(s.indexes[0]) + "]"
	}
	return "['" + strings.Join(s.names, "','") + "']"
}

// maxPathLength and maxFilterDepth keep a hostile path from exhausting the stack.
const (
	maxPathLength  = 10_000
	maxFilterDepth = 100
)

// CompilePath parses a JSONPath of the input, the Context object or a variable.
func CompilePath(text string) (*Path, error) {
	trimmed := strings.TrimSpace(text)
	if !strings.HasPrefix(trimmed, "$") {
		return nil, fmt.Errorf("the path %q does not start with '$'", text)
	}
	if len(trimmed) > maxPathLength {
		return nil, fmt.Errorf("the path has %d bytes, at most %d are read", len(trimmed), maxPathLength)
	}
	p := &Path{text: text}
	parser := pathParser{text: trimmed, at: 1}
	switch {
	case parser.peek() == '$':
		parser.at++
		p.root = rootContext
	case isNameStart(trimmed[1:]):
		p.root = rootVariable
		p.variable = parser.variable()
	}
	if p.names = plainNames(trimmed[parser.at:]); p.names != nil {
		p.definite = true
		return p, nil
	}
	steps, err := parser.steps()
	if err != nil {
		return nil, fmt.Errorf("the path %q: %w", text, err)
	}
	if parser.at < len(parser.text) {
		return nil, fmt.Errorf("the path %q: got %q at byte %d, expected '.' or '['", text, parser.text[parser.at], parser.at)
	}
	p.setSteps(steps)
	return p, nil
}

// plainNames are the properties of a path like .a.b, the most common by far; nil when it is anything else.
func plainNames(rest string) []string {
	for i := range len(rest) {
		if c := rest[i]; !isNamePart(c) && c != '-' && (c != '.' || i+1 == len(rest) || rest[i+1] == '.') {
			return nil
		}
	}
	if rest == "" {
		return []string{}
	}
	if rest[0] != '.' {
		return nil
	}
	return strings.Split(rest[1:], ".")
}

func (p *Path) setSteps(steps []step) {
	p.steps, p.definite = steps, true
	onlyNames := true
	for i := range steps {
		s := &steps[i]
		switch s.kind {
		case stepName:
			continue
		case stepNames:
			// Only the last step can merge several properties into one object; before that each is followed.
			p.definite = p.definite && i == len(steps)-1
		case stepIndex:
		case stepCall:
			p.function = true
		default:
			p.definite = false
		}
		onlyNames = false
	}
	if onlyNames {
		p.names, p.steps = make([]string, len(steps)), nil
		for i := range steps {
			p.names[i] = steps[i].names[0]
		}
	}
}

type pathParser struct {
	text  string
	at    int
	depth int // of filters in filters
}

func (p *pathParser) fail(format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", p.at, fmt.Sprintf(format, args...))
}

func (p *pathParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *pathParser) space() {
	for p.peek() == ' ' || p.peek() == '\t' || p.peek() == '\n' || p.peek() == '\r' {
		p.at++
	}
}

func (p *pathParser) accept(c byte) bool {
	if p.peek() == c {
		p.at++
		return true
	}
	return false
}

func isNameStart(s string) bool {
	return s != "" && (s[0] == '_' || s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z' || s[0] >= utf8.RuneSelf)
}

func isNamePart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= utf8.RuneSelf
}

func (p *pathParser) variable() string {
	start := p.at
	for p.at < len(p.text) && isNamePart(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

// steps reads what follows the root, up to a character that no step starts with.
func (p *pathParser) steps() ([]step, error) {
	var steps []step
	for {
		switch p.peek() {
		case '.':
			var err error
			if steps, err = p.afterDot(steps); err != nil {
				return nil, err
			}
		case '[':
			s, err := p.bracketed()
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
		default:
			if n := len(steps); n > 0 && steps[n-1].kind == stepScan {
				return nil, p.fail("a path must not end with '..'")
			}
			return steps, nil
		}
	}
}

// afterDot reads a property in dot notation, and a scan before it. A bracket may stand in its place.
func (p *pathParser) afterDot(steps []step) ([]step, error) {
	p.at++
	if p.accept('.') {
		steps = append(steps, step{kind: stepScan})
		if p.peek() == '.' {
			return nil, p.fail("got a third '.'")
		}
	}
	if p.peek() == '[' {
		return steps, nil
	}
	s, err := p.dotted()
	return append(steps, s), err
}

// The characters that end a property in dot notation, and those that do so in a filter or an argument.
const (
	dottedEnd       = ".[( \t\n\r"
	dottedEndFilter = dottedEnd + ")]=<>!&|~,'\"?*@$"
)

func (p *pathParser) dotted() (step, error) {
	if p.accept('*') {
		return step{kind: stepAll}, nil
	}
	start, end := p.at, dottedEnd
	if p.depth > 0 {
		end = dottedEndFilter
	}
	for p.at < len(p.text) && strings.IndexByte(end, p.text[p.at]) < 0 {
		p.at++
	}
	name := p.text[start:p.at]
	if name == "" {
		return step{}, p.fail("expected a property's name after '.'")
	}
	if p.peek() == '(' {
		return p.call(name)
	}
	return step{kind: stepName, names: []string{name}}, nil
}

func (p *pathParser) bracketed() (step, error) {
	p.at++
	p.space()
	var s step
	var err error
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		s, err = p.quotedNames()
	case c == '*':
		p.at++
		s = step{kind: stepAll}
	case c == '?':
		p.at++
		s, err = p.filterStep()
	case c == '-' || c == ':' || c >= '0' && c <= '9':
		s, err = p.indexes()
	default:
		err = p.fail("expected a quoted name, an index, '*' or '?(' after '['")
	}
	if err != nil {
		return step{}, err
	}
	p.space()
	if !p.accept(']') {
		return step{}, p.fail("expected ']'")
	}
	return s, nil
}

func (p *pathParser) quotedNames() (step, error) {
	s := step{kind: stepName}
	for {
		p.space()
		name, err := p.quoted()
		if err != nil {
			return s, err
		}
		s.names = append(s.names, name)
		p.space()
		if !p.accept(',') {
			break
		}
		s.kind = stepNames
	}
	return s, nil
}

// quoted reads a string in single or double quotes; a backslash takes the next character as it is.
func (p *pathParser) quoted() (string, error) {
	quote := p.peek()
	if quote != '\'' && quote != '"' {
		return "", p.fail("expected a quoted name")
	}
	p.at++
	var b strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch {
		case c == quote:
			return b.String(), nil
		case c == '\\' && p.at < len(p.text):
			next := p.text[p.at]
			p.at++
			if plain, ok := unescape(next); ok && next != '"' && next != '\\' {
				next = plain
			}
			b.WriteByte(next)
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fail("the quoted name is not closed")
}

func (p *pathParser) integer() (*int, error) {
	start := p.at
	p.accept('-')
	for p.peek() >= '0' && p.peek() <= '9' {
		p.at++
	}
	if start == p.at {
		return nil, nil
	}
	n, err := strconv.ParseInt(p.text[start:p.at], 10, 32)
	if err != nil {
		return nil, p.fail("%q is not an index", p.text[start:p.at])
	}
	i := int(n)
	return &i, nil
}

func (p *pathParser) indexes() (step, error) {
	first, err := p.integer()
	if err != nil {
		return step{}, err
	}
	p.space()
	if p.accept(':') {
		p.space()
		last, err := p.integer()
		if err == nil && first == nil && last == nil {
			err = p.fail("a slice needs a start or an end")
		}
		return step{kind: stepSlice, from: first, to: last}, err
	}
	s := step{kind: stepIndex, indexes: []int{*first}}
	for p.space(); p.accept(','); p.space() {
		p.space()
		next, err := p.integer()
		if err == nil && next == nil {
			err = p.fail("expected an index after ','")
		}
		if err != nil {
			return s, err
		}
		s.kind = stepUnion
		s.indexes = append(s.indexes, *next)
	}
	return s, nil
}
