package asl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/recolabs/gnata"
)

// jsonataExpr is a compiled expression of the JSONata query language, version 2.0.6 as the service runs it.
// Source: AWS Step Functions Developer Guide, "Transforming data with JSONata", read 2026-11.
type jsonataExpr struct {
	source   string
	expr     *gnata.Expression
	names    []string // the variables that it may read, without $states
	states   statesPart
	path     []string // of an expression that is only $name.a.b
	variable string
	deep     bool // deeper than the service evaluates
}

// IsJSONata reports whether text is an expression: "{% ... %}".
func IsJSONata(text string) bool {
	return len(text) >= 4 && strings.HasPrefix(text, "{%") && strings.HasSuffix(text, "%}")
}

// compileJSONata parses what stands between {% and %}.
func compileJSONata(text string) (j *jsonataExpr, err error) {
	source := strings.TrimSpace(text[2 : len(text)-2])
	defer func() {
		if r := recover(); r != nil {
			j, err = nil, fmt.Errorf("the JSONata expression %q: %v", source, r)
		}
	}()
	if len(source) > maxPathLength*10 {
		return nil, fmt.Errorf("the JSONata expression has %d bytes, at most %d are read", len(source), maxPathLength*10)
	}
	j = &jsonataExpr{source: source}
	if err = j.scan(); err != nil {
		return nil, err
	}
	expr, err := gnata.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("the JSONata expression %q: %w", source, err)
	}
	j.expr = expr
	j.deep = len(source) > maxJSONataDepth && tooDeep(expr)
	return j, nil
}

// jsonataFailure is why an evaluation has no value: field is where the expression stands, as in Output/result.
func (j *jsonataExpr) failure(field, problem string) *Error {
	return &Error{
		Name: ErrorQueryEvaluation, Location: field,
		Cause: fmt.Sprintf("The JSONata expression '%s' specified for the field '%s' %s", j.source, field, problem),
	}
}

// eval is the expression's value in a scope.
func (j *jsonataExpr) eval(s *Scope, field string) (any, *Error) {
	if value, known := j.plainPath(s); known {
		if value == (absent{}) {
			return nil, j.failure(field, "returned nothing (undefined).")
		}
		return value, nil
	}
	if j.deep {
		return nil, j.failure(field, evaluationError(errDepth))
	}
	native, err := j.run(s)
	switch {
	case err != nil:
		return nil, j.failure(field, evaluationError(err))
	case native == nil:
		return nil, j.failure(field, "returned nothing (undefined).")
	}
	if m := (memory{maxJSONataBytes}); !m.addAll(native) {
		return nil, j.failure(field, evaluationError(errMemory))
	}
	value, ok := fromNative(native)
	if !ok {
		return nil, j.failure(field, "returned an unsupported result type.")
	}
	return value, nil
}

var jsonataCode = regexp.MustCompile(`^[A-Z]\d{4}: `)

// evaluationError ends the sentence about a failed evaluation: an error of JSONata has a code and is a sentence of its
// own, another follows a colon.
func evaluationError(err error) string {
	for _, bound := range []error{errSteps, errMemory} {
		if errors.Is(err, bound) {
			err = bound
		}
	}
	if strings.HasPrefix(err.Error(), "U1001: ") {
		err = errDepth
	}
	if jsonataCode.MatchString(err.Error()) {
		var call callError
		errors.As(err, &call)
		return "threw an error during evaluation. " + jsonataSentence(err.Error(), call.args)
	}
	return "threw an error during evaluation: " + err.Error()
}

// plainPath evaluates $name.a.b without the engine, when there are only objects on the way.
func (j *jsonataExpr) plainPath(s *Scope) (value any, known bool) {
	if j.variable == "" {
		return nil, false
	}
	path := j.path
	if j.variable == "states" {
		if len(path) == 0 {
			return nil, false
		}
		value, known = s.statesField(path[0])
		if !known {
			return absent{}, true
		}
		path = path[1:]
	} else if value, known = s.variable(j.variable); !known {
		return nil, false // it may name a function
	}
	for _, name := range path {
		switch container := value.(type) {
		case *Object:
			field, ok := container.Get(name)
			if !ok {
				return absent{}, true
			}
			value = field
		case []any:
			return nil, false // JSONata maps the rest of the path over the items
		default:
			return absent{}, true
		}
	}
	return value, true
}

// statesPart are the fields of $states that an expression reads.
type statesPart uint8

const (
	statesInput statesPart = 1 << iota
	statesResult
	statesError
	statesContext
	statesAll = statesInput | statesResult | statesError | statesContext
)

var statesParts = map[string]statesPart{
	"input": statesInput, "result": statesResult, "errorOutput": statesError, "context": statesContext,
}

// statesField is a field of the reserved variable $states.
func (s *Scope) statesField(name string) (any, bool) {
	switch name {
	case "input":
		return s.Input, true
	case "result":
		return s.Result, s.HasResult
	case "errorOutput":
		return s.ErrorOutput, s.HasErrorOutput
	case "context":
		if s.Ctx != nil {
			return s.Ctx(), true
		}
	}
	return nil, false
}

// run evaluates the expression with the engine; nil is JSONata's undefined.
func (j *jsonataExpr) run(s *Scope) (any, error) {
	env, _ := engines.Get().(*engine)
	defer engines.Put(env)
	env.scope = s
	defer func() { env.scope = nil }()
	restore, err := env.bind(s, j)
	defer restore()
	if err != nil {
		return nil, err
	}
	return env.run(&budget{Context: context.Background(), left: maxJSONataSteps}, j.expr)
}

// native is a value as the engine wants it. Values are immutable, so that a large one is converted once for the
// expressions of a state.
func (s *Scope) native(v any) (any, error) {
	object, isObject := v.(*Object)
	if isObject {
		for i := range s.natives {
			if s.natives[i].from == object && object != nil {
				return s.natives[i].to, nil
			}
		}
	}
	converted, err := gnata.DecodeJSON(Encode(v))
	if err != nil {
		return nil, fmt.Errorf("convert a value for JSONata: %w", err)
	}
	if isObject {
		s.natives[s.nextNative%len(s.natives)] = nativeValue{object, converted}
		s.nextNative++
	}
	return converted, nil
}

type nativeValue struct {
	from *Object
	to   any
}

// orderedMap is what the engine's own type of objects can do.
type orderedMap interface {
	Len() int
	Range(f func(key string, value any) bool)
}

// fromNative is the engine's result as a value. A function is none.
func fromNative(v any) (any, bool) {
	switch x := v.(type) {
	case bool, string, int64:
		return x, true
	case int:
		return int64(x), true
	case float64:
		return fromFloat(x), true
	case json.Number:
		d := decoder{text: []byte(x)}
		n, err := d.number()
		return n, err == nil
	case []any:
		items := make([]any, len(x))
		for i := range x {
			item, ok := fromNative(x[i])
			if !ok {
				return nil, false
			}
			items[i] = item
		}
		return items, true
	case orderedMap:
		return fromPairs(x.Len(), x.Range)
	case map[string]any:
		return fromPairs(len(x), func(f func(string, any) bool) {
			for _, key := range slices.Sorted(maps.Keys(x)) {
				if !f(key, x[key]) {
					return
				}
			}
		})
	}
	return nil, v == nil || gnata.IsNull(v)
}

func fromPairs(n int, each func(func(string, any) bool)) (any, bool) {
	object, ok := newObjectSize(n), true
	each(func(key string, v any) bool {
		var value any
		value, ok = fromNative(v)
		object.Set(key, value)
		return ok
	})
	return object, ok
}

// fromFloat prints whole results of arithmetic without a point, as JSONata does, and those that are no number as text.
// Source: measured, https://github.com/floci-io/floci/issues/2737.
func fromFloat(f float64) any {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return int64(f)
	}
	return f
}
