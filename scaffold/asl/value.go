package asl

import (
	"iter"
	"slices"
)

// A JSON value is an any that holds nil, bool, string, int64, float64, []any or *Object.
//
// Values are immutable once they are shared: a change is made on a Clone. An integer in the JSON text that fits is an
// int64, every other number a float64, so that 1 and 1.0 keep their spelling as they do on AWS, whose engine is Java's
// Jackson.

// Object is a JSON object that keeps its keys in the order in which they were set, as the service prints them.
type Object struct {
	fields []field
	index  map[string]int // of large objects only: a scan is faster for few keys
}

type field struct {
	key   string
	value any
}

// indexAt is the number of keys from which a map finds a key faster than a scan.
const indexAt = 12

// NewObject returns an empty object.
func NewObject() *Object { return &Object{} }

// ObjectOf returns an object of alternating keys and values.
func ObjectOf(pairs ...any) *Object {
	o := &Object{fields: make([]field, 0, len(pairs)/2)}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		o.Set(key, pairs[i+1])
	}
	return o
}

func newObjectSize(n int) *Object { return &Object{fields: make([]field, 0, n)} }

func (o *Object) find(key string) int {
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range o.fields {
		if o.fields[i].key == key {
			return i
		}
	}
	return -1
}

// Get returns the value of a key, and whether the object has it.
func (o *Object) Get(key string) (any, bool) {
	if o == nil {
		return nil, false
	}
	if i := o.find(key); i >= 0 {
		return o.fields[i].value, true
	}
	return nil, false
}

// Set gives a key its value. A new key goes to the end; a known one keeps its place.
func (o *Object) Set(key string, value any) {
	if i := o.find(key); i >= 0 {
		o.fields[i].value = value
		return
	}
	o.fields = append(o.fields, field{key, value})
	switch {
	case o.index != nil:
		o.index[key] = len(o.fields) - 1
	case len(o.fields) >= indexAt:
		o.reindex()
	}
}

func (o *Object) reindex() {
	o.index = nil
	if len(o.fields) < indexAt {
		return
	}
	o.index = make(map[string]int, 2*len(o.fields))
	for i := range o.fields {
		o.index[o.fields[i].key] = i
	}
}

// Delete removes a key.
func (o *Object) Delete(key string) {
	if i := o.find(key); i >= 0 {
		o.fields = slices.Delete(o.fields, i, i+1)
		o.reindex()
	}
}

// Len is the number of keys.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.fields)
}

// Keys are the keys in their order.
func (o *Object) Keys() []string {
	keys := make([]string, o.Len())
	for i := range keys {
		keys[i] = o.fields[i].key
	}
	return keys
}

// All iterates over the keys and values in their order.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if o == nil {
			return
		}
		for i := range o.fields {
			if !yield(o.fields[i].key, o.fields[i].value) {
				return
			}
		}
	}
}

// Clone is a copy whose keys can be changed; the values are shared.
func (o *Object) Clone() *Object {
	if o == nil {
		return NewObject()
	}
	clone := &Object{fields: make([]field, len(o.fields), len(o.fields)+1)}
	copy(clone.fields, o.fields)
	clone.reindex()
	return clone
}

// Equal reports whether two values are the same JSON value. Numbers are compared by value (1 equals 1.0) and objects
// without regard to the order of their keys.
func Equal(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case bool:
		y, ok := b.(bool)
		return ok && x == y
	case string:
		y, ok := b.(string)
		return ok && x == y
	case int64, float64:
		return equalNumbers(a, b)
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, Equal)
	case *Object:
		y, ok := b.(*Object)
		return ok && equalObjects(x, y)
	}
	return false
}

func equalNumbers(a, b any) bool {
	x, xInt := a.(int64)
	y, yInt := b.(int64)
	if xInt && yInt {
		return x == y
	}
	v, ok := toFloat(a)
	w, both := toFloat(b)
	return ok && both && v == w
}

func equalObjects(x, y *Object) bool {
	if x.Len() != y.Len() {
		return false
	}
	for key, value := range x.All() {
		if other, ok := y.Get(key); !ok || !Equal(value, other) {
			return false
		}
	}
	return true
}

func toFloat(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
