package asl

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/recolabs/gnata"
)

// engine is the standard library of JSONata with the service's functions, and the scope that these work in. To make one
// takes far longer than to bind variables, so that engines are kept.
type engine struct {
	env   environment
	scope *Scope
	run   func(ctx context.Context, expr *gnata.Expression) (any, error)
}

// environment is the engine's table of names, whose type is internal to gnata.
type environment interface {
	Bind(name string, value any)
	Lookup(name string) (any, bool)
	LookupDirect(name string) (any, bool)
}

var engines = sync.Pool{New: func() any { return newEngine() }}

// newEngine makes the functions that Step Functions adds to JSONata, and those that would read the wall clock or an
// unseeded source.
// Source: AWS Step Functions Developer Guide, "JSONata functions provided by Step Functions", read 2026-11.
func newEngine() *engine {
	e := &engine{}
	env := gnata.NewCustomEnv(map[string]gnata.CustomFunc{
		"uuid":   func([]any, any) (any, error) { return e.scope.uuid(), nil },
		"hash":   jsonataHash,
		"parse":  jsonataParse,
		"random": e.random,
		"range":  jsonataRange,
		"now":    e.now,
		"millis": func([]any, any) (any, error) { return float64(e.time().UnixMilli()), nil },
	})
	e.env = env
	e.run = func(ctx context.Context, expr *gnata.Expression) (any, error) {
		return expr.EvalWithCustomFuncs(ctx, nil, env)
	}
	// gnata gives objects to a CustomFunc as maps, which have lost the order of their keys. A function that hands its
	// arguments on takes the type of the built-in ones.
	builtin, _ := e.env.Lookup("sum")
	kind := reflect.TypeOf(builtin)
	for name, f := range map[string]func([]any, any) (any, error){"partition": jsonataPartition, "shuffle": e.shuffle} {
		e.env.Bind(name, reflect.ValueOf(f).Convert(kind).Interface())
	}
	e.boundFunctions()
	e.env.Bind("eval", nil) // the service has no $eval
	return e
}

// bind gives the expression its variables, and returns what takes them away again.
func (e *engine) bind(s *Scope, j *jsonataExpr) (func(), error) {
	type binding struct {
		name  string
		value any
	}
	var old []binding
	restore := func() {
		for _, b := range old {
			e.env.Bind(b.name, b.value)
		}
	}
	for _, name := range j.names {
		value, ok := s.variable(name)
		if !ok {
			continue
		}
		native, err := s.native(value)
		if err != nil {
			return restore, err
		}
		before, _ := e.env.LookupDirect(name)
		old = append(old, binding{name, before})
		e.env.Bind(name, native)
	}
	if j.states == 0 {
		return restore, nil
	}
	states, err := gnata.DecodeJSON([]byte("{}"))
	if err != nil {
		return restore, err
	}
	for _, name := range []string{"input", "result", "errorOutput", "context"} {
		value, ok := s.statesField(name)
		if !ok || j.states&statesParts[name] == 0 {
			continue
		}
		var native any
		if native, err = s.native(value); err != nil {
			return restore, err
		}
		if object, ok := states.(interface{ Set(name string, value any) }); ok {
			object.Set(name, native)
		}
	}
	old = append(old, binding{"states", nil})
	e.env.Bind("states", states)
	return restore, nil
}

// time is the virtual clock.
func (e *engine) time() time.Time {
	if e.scope.Now == nil {
		return time.Unix(0, 0).UTC()
	}
	return e.scope.Now()
}

var formatMillis = sync.OnceValues(func() (*gnata.Expression, error) { return gnata.Compile("$fromMillis($m, $p, $z)") })

// now is $now(picture, timezone).
func (e *engine) now(args []any, _ any) (any, error) {
	format, err := formatMillis()
	if err != nil {
		return nil, err
	}
	vars := map[string]any{"m": float64(e.time().UnixMilli())}
	for i, name := range []string{"p", "z"} {
		if i < len(args) {
			vars[name] = args[i]
		}
	}
	return format.EvalWithVars(context.Background(), nil, vars)
}

// random is $random(), or $random(seed) with the number that java.util.Random has for the seed.
func (e *engine) random(args []any, _ any) (any, error) {
	if len(args) == 0 || args[0] == nil {
		return e.scope.random().Float64(), nil
	}
	seed, ok := nativeInt(args[0])
	if !ok {
		return nil, signatureError("random", 1)
	}
	return newJavaRandom(seed).double(), nil
}

func (e *engine) shuffle(args []any, _ any) (any, error) {
	if len(args) == 0 || args[0] == nil {
		return nil, nil
	}
	items, ok := args[0].([]any)
	if !ok {
		return args[0], nil
	}
	items = slices.Clone(items)
	e.scope.random().Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return items, nil
}

// signatureError is the failure of a call whose argument has the wrong type, is missing, or is one too many.
func signatureError(function string, index int) error {
	return fmt.Errorf("T0410: $%s: argument %d", function, index)
}

func nativeInt(v any) (int64, bool) {
	value, ok := fromNative(v)
	if !ok {
		return 0, false
	}
	return integer(value)
}

// jsonataPartition is $partition(array, size).
func jsonataPartition(args []any, _ any) (any, error) {
	if len(args) != 2 {
		return nil, signatureError("partition", min(len(args), 2)+1)
	}
	if args[0] == nil {
		return nil, nil
	}
	items, ok := args[0].([]any)
	if !ok {
		items = []any{args[0]}
	}
	size, ok := nativeInt(args[1])
	if !ok || size < 1 {
		return nil, signatureError("partition", 2)
	}
	return partition(items, int(min(size, int64(len(items)+1)))), nil
}

// jsonataRange is $range(first, last, step).
func jsonataRange(args []any, _ any) (any, error) {
	if len(args) != 3 {
		return nil, signatureError("range", min(len(args), 3)+1)
	}
	var n [3]float64
	for i, arg := range args {
		value, _ := fromNative(arg)
		f, ok := toFloat(value)
		if !ok {
			return nil, signatureError("range", i+1)
		}
		n[i] = f
	}
	if n[2] == 0 {
		return nil, signatureError("range", 3)
	}
	items := []any{}
	for i := 0.0; ; i++ {
		value := n[0] + i*n[2]
		if n[2] > 0 && value > n[1] || n[2] < 0 && value < n[1] {
			return items, nil
		}
		if len(items) == maxRange {
			return nil, fmt.Errorf("D2014: $range gives more than %d items", maxRange)
		}
		items = append(items, value)
	}
}

// jsonataHash is $hash(text, algorithm).
func jsonataHash(args []any, _ any) (any, error) {
	if len(args) != 2 {
		return nil, signatureError("hash", min(len(args), 2)+1)
	}
	data, ok := args[0].(string)
	if !ok {
		return nil, signatureError("hash", 1)
	}
	algorithm, ok := args[1].(string)
	if !ok {
		return nil, signatureError("hash", 2)
	}
	sum, ok := digest(algorithm, data)
	if !ok {
		return nil, fmt.Errorf("T0410: $hash got the algorithm %q, expected MD5, SHA-1, SHA-256, SHA-384 or SHA-512", algorithm)
	}
	return sum, nil
}

// jsonataParse is $parse(json).
func jsonataParse(args []any, _ any) (any, error) {
	if len(args) != 1 {
		return nil, signatureError("parse", len(args)+1)
	}
	if args[0] == nil {
		return nil, nil
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, signatureError("parse", 1)
	}
	value, err := DecodeString(text)
	if err != nil {
		return nil, err
	}
	return gnata.DecodeJSON(Encode(value))
}
