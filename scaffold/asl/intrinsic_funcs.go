package asl

import (
	"fmt"
	"math"
)

// intrinsic is a function with the number of its arguments (max -1: any).
type intrinsic struct {
	name     string
	min, max int
	apply    func(s *Scope, args []any) (any, error)
	pair     func(a, b any) (any, error) // instead of apply, without a slice
}

func (f *intrinsic) arity() string {
	switch {
	case f.max < 0:
		return fmt.Sprintf("%d or more", f.min)
	case f.min == f.max:
		return fmt.Sprint(f.min)
	}
	return fmt.Sprintf("%d to %d", f.min, f.max)
}

// Limits of the intrinsic functions.
// Source: AWS Step Functions Developer Guide, "Intrinsic functions for JSONPath states", read 2026-11.
const (
	maxEncoded = 10_000 // characters that Base64Encode, Base64Decode and Hash accept
	maxRange   = 1_000  // items that ArrayRange gives
)

var intrinsics = intrinsicTable(
	intrinsic{name: "States.Array", max: -1, apply: func(_ *Scope, args []any) (any, error) { return args, nil }},
	intrinsic{name: "States.ArrayPartition", min: 2, max: 2, pair: arrayPartition},
	intrinsic{name: "States.ArrayContains", min: 2, max: 2, pair: arrayContains},
	intrinsic{name: "States.ArrayRange", min: 3, max: 3, apply: arrayRange},
	intrinsic{name: "States.ArrayGetItem", min: 2, max: 2, pair: arrayGetItem},
	intrinsic{name: "States.ArrayLength", min: 1, max: 1, apply: arrayLength},
	intrinsic{name: "States.ArrayUnique", min: 1, max: 1, apply: arrayUnique},
	intrinsic{name: "States.Base64Encode", min: 1, max: 1, apply: base64Encode},
	intrinsic{name: "States.Base64Decode", min: 1, max: 1, apply: base64Decode},
	intrinsic{name: "States.Hash", min: 2, max: 2, pair: hashOf},
	intrinsic{name: "States.JsonMerge", min: 3, max: 3, apply: jsonMerge},
	intrinsic{name: "States.StringToJson", min: 1, max: 1, apply: stringToJSON},
	intrinsic{name: "States.JsonToString", min: 1, max: 1, apply: jsonToString},
	intrinsic{name: "States.MathRandom", min: 2, max: 3, apply: mathRandom},
	intrinsic{name: "States.MathAdd", min: 2, max: 2, pair: mathAdd},
	intrinsic{name: "States.StringSplit", min: 2, max: 2, pair: stringSplit},
	intrinsic{name: "States.UUID", apply: func(s *Scope, _ []any) (any, error) { return s.uuid(), nil }},
	intrinsic{name: "States.Format", min: 1, max: -1, apply: format},
)

func intrinsicTable(functions ...intrinsic) map[string]*intrinsic {
	table := make(map[string]*intrinsic, len(functions))
	for i := range functions {
		table[functions[i].name] = &functions[i]
	}
	return table
}

// sentence is an error whose text the service prints as it stands.
type sentence string

func (s sentence) Error() string { return string(s) }

func refuse(format string, args ...any) error { return sentence(fmt.Sprintf(format, args...)) }

func wrongType(function, want string, got any) error {
	return refuse("Invalid arguments in %s: expected %s, got %s", function, want, EncodeString(plain(got)))
}

// plain is a literal template as the string that it is for a message.
func plain(v any) any {
	if t, ok := v.(template); ok {
		return string(t)
	}
	return v
}

// integer is a number rounded to the nearest whole one, halves upwards as Java's Math.round does.
func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case float64:
		if math.Abs(n) < 1<<62 {
			return int64(math.Floor(n + 0.5)), true
		}
	}
	return 0, false
}

func int32Of(function string, v any) (int64, error) {
	n, ok := integer(v)
	if !ok {
		return 0, wrongType(function, "a number", v)
	}
	if n != int64(int32(n)) {
		return 0, wrongType(function, "a number from -2147483648 to 2147483647", v)
	}
	return n, nil
}

func mathAdd(a, b any) (any, error) {
	x, err := int32Of("States.MathAdd", a)
	if err != nil {
		return nil, err
	}
	y, err := int32Of("States.MathAdd", b)
	if err != nil {
		return nil, err
	}
	sum := x + y
	if sum != int64(int32(sum)) {
		return nil, refuse("The result of States.MathAdd, %d, is not from -2147483648 to 2147483647", sum)
	}
	return sum, nil
}

// mathRandom is a whole number from the first to before the second. A third number seeds its own source.
func mathRandom(s *Scope, args []any) (any, error) {
	const name = "States.MathRandom"
	low, err := int32Of(name, args[0])
	if err != nil {
		return nil, err
	}
	high, err := int32Of(name, args[1])
	if err != nil {
		return nil, err
	}
	if low >= high {
		return nil, refuse("Invalid arguments in %s: the end %d is not greater than the start %d", name, high, low)
	}
	if len(args) == 3 {
		seed, err := int32Of(name, args[2])
		if err != nil {
			return nil, err
		}
		return low + newJavaRandom(seed).number(high-low), nil
	}
	return low + s.random().Int64N(high-low), nil
}
