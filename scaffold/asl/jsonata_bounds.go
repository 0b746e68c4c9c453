package asl

import (
	"context"
	"reflect"
	"runtime"
	"runtime/metrics"
	"strings"

	"github.com/recolabs/gnata"
)

// The service bounds an evaluation by time, by memory and by depth. Time is counted in steps here, so that a run is
// repeatable. The memory is what the sequence [1..873782], the longest that the service takes, needs with 8 bytes for
// each item; a string of 1<<22 characters is taken and one of 1<<23 is not, which agrees.
// Source: measured, https://github.com/floci-io/floci/issues/2737. The sentences are those of jsonata-java's Timebox, but
// for the one about memory, which is the service's.
const (
	maxJSONataSteps = 2_000_000 // nodes that one evaluation visits
	maxJSONataBytes = 873_782 * jsonataItem
	jsonataItem     = 8
)

var (
	errSteps  error = sentence("Expression evaluation timeout: Check for infinite loop")
	errMemory error = sentence("Expression evaluation memory limit exceeded: Check for excessive memory usage")
	errDepth  error = sentence("Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive. Depth=101 max=100")
)

// memory is maxJSONataBytes that a value has not used up.
type memory struct{ left int }

// add counts a value, without the values in it.
func (m *memory) add(v any) bool {
	switch x := v.(type) {
	case string:
		m.left -= jsonataItem + len(x)
	case []any:
		m.left -= jsonataItem * len(x)
	default:
		m.left -= jsonataItem
	}
	return m.left >= 0
}

// addAll counts a value with the values in it. An object may stand in another twice, so that a small one can have a text
// without end.
func (m *memory) addAll(v any) bool {
	items, isArray := v.([]any)
	if !isArray {
		m.add(v)
	} else if len(items) == 0 {
		m.left -= jsonataItem
	}
	for i := 0; i < len(items) && m.left >= 0; i++ {
		m.addAll(items[i])
	}
	if object, ok := v.(orderedMap); ok {
		object.Range(func(key string, item any) bool { return m.add(key) && m.addAll(item) })
	}
	return m.left >= 0
}

// budget is a context that ends when an evaluation leaves its bounds: the engine asks Err at each node. A value within
// an evaluation is out of its sight, so that it looks at the heap, against an expression that would exhaust it.
type budget struct {
	context.Context
	left int
	heap uint64 // at the first look
}

const (
	lookEvery  = 16 // nodes, within which a text can grow to 16 times its size
	heapGrowth = 128 << 20
)

func (b *budget) Err() error {
	if b.left--; b.left < 0 {
		return errSteps
	}
	if b.left%lookEvery == 0 {
		return b.look()
	}
	return nil
}

func (b *budget) look() error {
	heap := heapBytes()
	if b.heap == 0 {
		b.heap = heap
	}
	if heap > b.heap+heapGrowth {
		runtime.GC()
		if heap = heapBytes(); heap > b.heap+heapGrowth {
			return errMemory
		}
	}
	return nil
}

func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// boundedFunctions are those of JSONata's functions that read a whole value or can make a large one of
// small ones, and those whose errors tell their arguments.
var boundedFunctions = []string{
	"string", "length", "substring", "substringBefore", "substringAfter", "trim", "pad", "contains", "split", "join",
	"base64encode", "base64decode", "encodeUrl", "encodeUrlComponent", "decodeUrl", "decodeUrlComponent",
	"sum", "max", "min", "average", "count", "append", "reverse", "distinct", "zip", "merge",
	"sqrt", "power", "formatBase",
}

// boundFunctions makes the functions refuse what is over the memory bound.
func (e *engine) boundFunctions() {
	for _, name := range boundedFunctions {
		builtin, _ := e.env.Lookup(name)
		f := reflect.ValueOf(builtin)
		call, _ := reflect.TypeAssert[func([]any, any) (any, error)](f.Convert(reflect.TypeFor[func([]any, any) (any, error)]()))
		bounded := func(args []any, focus any) (any, error) {
			if !withinBounds(name, args) {
				return nil, errMemory
			}
			result, err := call(args, focus)
			if err != nil {
				err = callError{err, args}
			}
			return result, err
		}
		e.env.Bind(name, reflect.ValueOf(bounded).Convert(f.Type()).Interface())
	}
	// $replace also takes the environment, whose type is internal to gnata.
	builtin, _ := e.env.Lookup("replace")
	f := reflect.ValueOf(builtin)
	e.env.Bind("replace", reflect.MakeFunc(f.Type(), func(in []reflect.Value) []reflect.Value {
		if args, _ := reflect.TypeAssert[[]any](in[0]); !replaceWithinBounds(args) {
			return []reflect.Value{reflect.Zero(f.Type().Out(0)), reflect.ValueOf(&errMemory).Elem()}
		}
		return f.Call(in)
	}).Interface())
}

func withinBounds(name string, args []any) bool {
	m := memory{maxJSONataBytes}
	for _, arg := range args {
		if name == "string" && !m.addAll(arg) || !m.add(arg) {
			return false
		}
	}
	switch name {
	case "pad":
		if len(args) > 1 {
			value, _ := fromNative(args[1])
			width, _ := toFloat(value)
			return width <= maxJSONataBytes && -width <= maxJSONataBytes
		}
	case "join":
		if len(args) > 1 {
			items, _ := args[0].([]any)
			separator, _ := args[1].(string)
			return m.addAll(items) && len(items)*len(separator) <= m.left
		}
	}
	return true
}

func replaceWithinBounds(args []any) bool {
	if len(args) < 3 {
		return true
	}
	text, _ := args[0].(string)
	replacement, _ := args[2].(string)
	if len(text) > maxJSONataBytes || len(replacement) > maxJSONataBytes {
		return false
	}
	if pattern, ok := args[1].(string); ok {
		return pattern == "" || strings.Count(text, pattern)*len(replacement) <= maxJSONataBytes
	}
	return (len(text)+1)*len(replacement) <= 1<<29 // at most: how often an expression matches is not known
}

// maxJSONataDepth bounds the nodes of an expression within each other. The engine counts calls only, and a chain of
// operators is as deep as it is long.
const maxJSONataDepth = 100

// tooDeep reports whether an expression, or a function in it, is deeper than the service evaluates.
func tooDeep(expr *gnata.Expression) bool {
	deepest := 0
	var height func(v reflect.Value) int
	height = func(v reflect.Value) int {
		within := 0
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				within = height(v.Elem())
			}
			return within
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				within = max(within, height(v.Index(i)))
			}
			return within
		case reflect.Struct:
		default:
			return 0
		}
		isNode := v.Type() == nodeType
		for i := range v.NumField() {
			switch name := v.Type().Field(i).Name; {
			case isNode && (name == "Slot" || name == "SeekingParent" || name == "Signature"):
			case isNode && name == "Body": // is evaluated on a call
				height(v.Field(i))
			default:
				within = max(within, height(v.Field(i)))
			}
		}
		if isNode {
			within++
		}
		deepest = max(deepest, within)
		return within
	}
	height(reflect.ValueOf(expr).Elem().FieldByName("ast"))
	return deepest > maxJSONataDepth
}

// nodeType is the engine's type of nodes, which is internal to gnata.
var nodeType = func() reflect.Type {
	field, _ := reflect.TypeFor[gnata.Expression]().FieldByName("ast")
	return field.Type.Elem()
}()
