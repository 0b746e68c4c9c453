package asl

import (
	"fmt"
	"math"
	"slices"
)

func array(function string, v any) ([]any, error) {
	items, ok := v.([]any)
	if !ok {
		return nil, wrongType(function, "an array", v)
	}
	return items, nil
}

func arrayPartition(a, b any) (any, error) {
	items, err := array("States.ArrayPartition", a)
	if err != nil {
		return nil, err
	}
	size, ok := integer(b)
	if !ok || size < 1 {
		return nil, wrongType("States.ArrayPartition", "a chunk size of 1 or more", b)
	}
	return partition(items, int(min(size, int64(len(items)+1)))), nil
}

func partition(items []any, size int) []any {
	chunks := make([]any, 0, len(items)/size+1)
	for chunk := range slices.Chunk(items, size) {
		chunks = append(chunks, chunk)
	}
	return chunks
}

// identical is equality of Java objects: the integer 1 is not the double 1.0.
func identical(a, b any) bool {
	_, aInt := a.(int64)
	_, bInt := b.(int64)
	if aInt != bInt {
		return false
	}
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, identical)
	case *Object:
		y, ok := b.(*Object)
		if !ok || x.Len() != y.Len() {
			return false
		}
		for key, value := range x.All() {
			if other, ok := y.Get(key); !ok || !identical(value, other) {
				return false
			}
		}
		return true
	}
	return Equal(a, b)
}

func arrayContains(a, b any) (any, error) {
	items, err := array("States.ArrayContains", a)
	if err != nil {
		return nil, err
	}
	return slices.ContainsFunc(items, func(item any) bool { return identical(item, b) }), nil
}

// arrayRange goes from the first number to the second, that included, by the third.
func arrayRange(_ *Scope, args []any) (any, error) {
	var n [3]int64
	for i, arg := range args {
		v, ok := integer(arg)
		if !ok {
			return nil, wrongType("States.ArrayRange", "a number", arg)
		}
		n[i] = v
	}
	return rangeOf("States.ArrayRange", n[0], n[1], n[2])
}

func rangeOf(function string, first, last, by int64) ([]any, error) {
	if by == 0 {
		return nil, refuse("Invalid arguments in %s: the step must not be 0", function)
	}
	items := []any{}
	for n := first; by > 0 && n <= last || by < 0 && n >= last; n += by {
		if len(items) == maxRange {
			return nil, fmt.Errorf("%s gives more than %d items", function, maxRange)
		}
		items = append(items, n)
		if by > 0 && n > math.MaxInt64-by || by < 0 && n < math.MinInt64-by {
			break
		}
	}
	return items, nil
}

func arrayGetItem(a, b any) (any, error) {
	items, err := array("States.ArrayGetItem", a)
	if err != nil {
		return nil, err
	}
	i, ok := integer(b)
	if !ok {
		return nil, wrongType("States.ArrayGetItem", "an index", b)
	}
	if i < 0 || i >= int64(len(items)) {
		return nil, refuse("Invalid arguments in States.ArrayGetItem: the index %d is out of bounds for an array of length %d", i, len(items))
	}
	return items[i], nil
}

func arrayLength(_ *Scope, args []any) (any, error) {
	items, err := array("States.ArrayLength", args[0])
	return int64(len(items)), err
}

func arrayUnique(_ *Scope, args []any) (any, error) {
	items, err := array("States.ArrayUnique", args[0])
	if err != nil {
		return nil, err
	}
	unique := []any{}
	seen := map[string]bool{}
	for _, item := range items {
		key := canonicalKey(item)
		if !seen[key] {
			seen[key] = true
			unique = append(unique, item)
		}
	}
	return unique, nil
}

// canonicalKey is the same text for identical values.
func canonicalKey(v any) string { return EncodeString(sortedKeys(v)) }

func sortedKeys(v any) any {
	switch x := v.(type) {
	case []any:
		items := make([]any, len(x))
		for i := range x {
			items[i] = sortedKeys(x[i])
		}
		return items
	case *Object:
		keys := x.Keys()
		slices.Sort(keys)
		sorted := newObjectSize(len(keys))
		for _, key := range keys {
			value, _ := x.Get(key)
			sorted.Set(key, sortedKeys(value))
		}
		return sorted
	}
	return v
}
