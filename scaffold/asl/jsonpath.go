package asl

import (
	"fmt"
	"strings"
)

// pathRoot is the document that a path reads.
type pathRoot uint8

const (
	rootInput    pathRoot = iota // $
	rootContext                  // $$
	rootVariable                 // $name
)

// Path is a compiled JSONPath: of the input ($.a), of the Context object ($$.a) or of a variable ($name.a).
//
// It follows the rules of Jayway's JsonPath with Jackson's tree model, which is what the service runs: an array index
// that is out of bounds is null and not a failure, a missing property is a failure only on a definite path, and an
// indefinite path gives an array.
type Path struct {
	text     string
	root     pathRoot
	variable string
	names    []string // the properties of a path that has only those; nil otherwise
	steps    []step   // of any other path
	definite bool
	function bool // the path calls a function
}

// PathError says, in Jayway's words, why a path has no value ("No results for path: $['x']").
type PathError struct {
	path    *Path
	at      int    // the step that failed, -1: the root
	found   any    // what the step was applied to
	reason  reason // why
	problem string // the text of reasonText
}

type reason uint8

const (
	reasonText      reason = iota
	reasonNoResult         // the last property is missing
	reasonMissing          // a property on the way is missing
	reasonNotObject        // a property of something that is not an object
	reasonNotArray         // an index of something that is not an array
)

// absent is what Jackson's tree gives for an array index that is out of bounds: Java's null, unlike JSON's null.
type absent struct{}

const jaywayProvider = "com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider"

// Error is Jayway's text.
func (e *PathError) Error() string {
	switch e.reason {
	case reasonNoResult:
		return "No results for path: " + e.path.upTo(e.at)
	case reasonMissing:
		return "Missing property in path " + e.path.upTo(e.at)
	case reasonNotObject:
		return fmt.Sprintf("Expected to find an object with property %s in path %s but found '%s'. "+
			"This is not a json object according to the JsonProvider: '%s'.",
			e.path.fragment(e.at), e.path.upTo(e.at-1), jacksonClass(e.found), jaywayProvider)
	case reasonNotArray:
		if e.found == (absent{}) {
			return fmt.Sprintf("The path %s is null", e.path.upTo(e.at-1))
		}
		return fmt.Sprintf("Filter: %s can only be applied to arrays. Current context is: %s",
			e.path.fragment(e.at), EncodeString(e.found))
	}
	return e.problem
}

// upTo is the path in Jayway's canonical form, up to and with a step.
func (p *Path) upTo(step int) string {
	var b strings.Builder
	b.WriteByte('$')
	for i := range step + 1 {
		b.WriteString(p.fragment(i))
	}
	return b.String()
}

func (p *Path) fragment(i int) string {
	if p.names != nil {
		return "['" + p.names[i] + "']"
	}
	return p.steps[i].fragment()
}

func jacksonClass(v any) string {
	const prefix = "com.fasterxml.jackson.databind.node."
	switch n := v.(type) {
	case nil:
		return prefix + "NullNode"
	case bool:
		return prefix + "BooleanNode"
	case string:
		return prefix + "TextNode"
	case int64:
		if n == int64(int32(n)) {
			return prefix + "IntNode"
		}
		return prefix + "LongNode"
	case float64:
		return prefix + "DoubleNode"
	case []any:
		return prefix + "ArrayNode"
	case *Object:
		return prefix + "ObjectNode"
	}
	return "null"
}

// String is the path as it was written.
func (p *Path) String() string { return p.text }

// Definite reports whether the path can only point at one node.
func (p *Path) Definite() bool { return p.definite }

// Variable is the name of the variable that the path reads, or "".
func (p *Path) Variable() string { return p.variable }

// ReadsContext reports whether the path reads the Context object.
func (p *Path) ReadsContext() bool { return p.root == rootContext }

// IsReference reports whether the path is a reference path: properties and single indexes only.
// Source: Amazon States Language specification, "Reference Paths".
func (p *Path) IsReference() bool {
	for i := range p.steps {
		s := &p.steps[i]
		if s.kind != stepName && (s.kind != stepIndex || s.indexes[0] < 0) {
			return false
		}
	}
	return true
}

// Read is the value at the path. The error is a *PathError.
func (p *Path) Read(s *Scope) (any, error) {
	value, err := p.lookup(s)
	if err != nil {
		return nil, err
	}
	if value == (absent{}) {
		return nil, nil
	}
	return value, nil
}

// Present reports whether the path has a value, as IsPresent asks. An index that is out of bounds has none.
func (p *Path) Present(s *Scope) bool {
	value, err := p.lookup(s)
	return err == nil && value != (absent{})
}

// lookup is Read that tells an index out of bounds (absent) from null.
func (p *Path) lookup(s *Scope) (any, *PathError) {
	document, ok := p.document(s)
	if !ok {
		return nil, &PathError{path: p, reason: reasonNoResult, at: -1}
	}
	return p.of(document)
}

func (p *Path) document(s *Scope) (any, bool) {
	switch p.root {
	case rootContext:
		if s.Ctx == nil {
			return nil, false
		}
		return s.Ctx(), true
	case rootVariable:
		return s.variable(p.variable)
	default:
		return s.Input, true
	}
}

// of reads the path in a document.
func (p *Path) of(document any) (any, *PathError) {
	if p.names == nil {
		visits := maxPathVisits
		return p.walk(document, &visits)
	}
	return p.follow(document)
}

func (p *Path) read(document any, visits *int) (any, *PathError) {
	if p.names == nil {
		return p.walk(document, visits)
	}
	return p.follow(document)
}

// follow reads a path that has only properties.
func (p *Path) follow(document any) (any, *PathError) {
	value := document
	for i, name := range p.names {
		object, ok := value.(*Object)
		if !ok {
			return nil, &PathError{path: p, at: i, found: value, reason: reasonNotObject}
		}
		value, ok = object.Get(name)
		if !ok {
			if i == len(p.names)-1 {
				return nil, &PathError{path: p, at: i, reason: reasonNoResult}
			}
			return nil, &PathError{path: p, at: i, reason: reasonMissing}
		}
	}
	return value, nil
}

// ReadPath compiles a path and reads it in a document, for callers that use a path once.
func ReadPath(document any, path string) (any, error) {
	p, err := CompilePath(path)
	if err != nil {
		return nil, err
	}
	return p.Read(&Scope{Input: document})
}
