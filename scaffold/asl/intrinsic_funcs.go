package asl

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
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

func wrongType(function, want string, got any) error {
	return fmt.Errorf("Invalid arguments in %s: expected %s, got %s", function, want, EncodeString(plain(got)))
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
		return nil, fmt.Errorf("The result of States.MathAdd, %d, is not from -2147483648 to 2147483647", sum)
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
		return nil, fmt.Errorf("Invalid arguments in %s: the end %d is not greater than the start %d", name, high, low)
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
		return nil, fmt.Errorf("Invalid arguments in %s: the step must not be 0", function)
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
		return nil, fmt.Errorf("Invalid arguments in States.ArrayGetItem: the index %d is out of bounds for an array of length %d", i, len(items))
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

func text(function string, v any) (string, error) {
	s, ok := plain(v).(string)
	if !ok {
		return "", wrongType(function, "a string", v)
	}
	return s, nil
}

func shortText(function string, v any) (string, error) {
	s, err := text(function, v)
	if err == nil && utf8.RuneCountInString(s) > maxEncoded {
		err = fmt.Errorf("Invalid arguments in %s: the string is longer than %d characters", function, maxEncoded)
	}
	return s, err
}

func base64Encode(_ *Scope, args []any) (any, error) {
	s, err := shortText("States.Base64Encode", args[0])
	return base64.StdEncoding.EncodeToString([]byte(s)), err
}

func base64Decode(_ *Scope, args []any) (any, error) {
	s, err := shortText("States.Base64Decode", args[0])
	if err != nil {
		return nil, err
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil, errors.New("Invalid arguments in States.Base64Decode: the string is not Base64")
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD"), nil
}

// hashOf is the digest in hexadecimal. What is not a string is hashed as its JSON text.
func hashOf(a, b any) (any, error) {
	const name = "States.Hash"
	algorithm, err := text(name, b)
	if err != nil {
		return nil, err
	}
	data, isText := plain(a).(string)
	if !isText {
		data = EncodeString(a)
	}
	if utf8.RuneCountInString(data) > maxEncoded {
		return nil, fmt.Errorf("Invalid arguments in %s: the data is longer than %d characters", name, maxEncoded)
	}
	sum, ok := digest(algorithm, data)
	if !ok {
		return nil, wrongType(name, "the algorithm MD5, SHA-1, SHA-256, SHA-384 or SHA-512", b)
	}
	return sum, nil
}

func digest(algorithm, data string) (string, bool) {
	var sum []byte
	switch algorithm {
	case "MD5":
		s := md5.Sum([]byte(data))
		sum = s[:]
	case "SHA-1":
		s := sha1.Sum([]byte(data))
		sum = s[:]
	case "SHA-256":
		s := sha256.Sum256([]byte(data))
		sum = s[:]
	case "SHA-384":
		s := sha512.Sum384([]byte(data))
		sum = s[:]
	case "SHA-512":
		s := sha512.Sum512([]byte(data))
		sum = s[:]
	default:
		return "", false
	}
	return hex.EncodeToString(sum), true
}

// jsonMerge lets the second object's keys win. Only the shallow merge exists.
func jsonMerge(_ *Scope, args []any) (any, error) {
	const name = "States.JsonMerge"
	a, ok := args[0].(*Object)
	if !ok {
		return nil, wrongType(name, "an object", args[0])
	}
	b, ok := args[1].(*Object)
	if !ok {
		return nil, wrongType(name, "an object", args[1])
	}
	switch args[2] {
	case false:
	case true:
		return nil, errors.New("Deep merging is not supported: the third argument of States.JsonMerge must be false")
	default:
		return nil, wrongType(name, "false", args[2])
	}
	merged := a.Clone()
	for key, value := range b.All() {
		merged.Set(key, value)
	}
	return javaHashOrder(merged), nil
}

// javaHashOrder puts the keys in the order of Java's HashMap, in which the service's merge gives them.
func javaHashOrder(o *Object) *Object {
	size := uint32(16)
	for o.Len() > int(size)*3/4 {
		size *= 2
	}
	bucket := func(key string) uint32 {
		h := uint32(0)
		for _, r := range key {
			if r > 0xFFFF {
				r -= 0x10000
				h = 31*h + uint32(0xD800+r>>10)
				r = 0xDC00 + r&0x3FF
			}
			h = 31*h + uint32(r)
		}
		return (h ^ h>>16) & (size - 1)
	}
	slices.SortStableFunc(o.fields, func(a, b field) int { return int(bucket(a.key)) - int(bucket(b.key)) })
	o.reindex()
	return o
}

func stringToJSON(_ *Scope, args []any) (any, error) {
	s, err := text("States.StringToJson", args[0])
	if err != nil {
		return nil, err
	}
	value, err := DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("Invalid arguments in States.StringToJson: %w", err)
	}
	return value, nil
}

func jsonToString(_ *Scope, args []any) (any, error) { return EncodeString(plain(args[0])), nil }

// stringSplit splits at each of the characters of the second string; nothing between two of them gives no item.
func stringSplit(a, b any) (any, error) {
	s, err := text("States.StringSplit", a)
	if err != nil {
		return nil, err
	}
	splitters, err := text("States.StringSplit", b)
	if err != nil {
		return nil, err
	}
	parts := []any{}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(splitters, r) }) {
		parts = append(parts, part)
	}
	return parts, nil
}
