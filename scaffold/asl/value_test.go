package asl

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

func mustDecode(t testing.TB, text string) any {
	t.Helper()
	v, err := DecodeString(text)
	if err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return v
}

// TestDecodeEncode protects the spelling of values: an execution's output is compared byte by byte.
func TestDecodeEncode(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"integers stay integers", `[0,-1,9223372036854775807]`, `[0,-1,9223372036854775807]`},
		{"a double keeps its point", `[1.0,1.5,-0.25]`, `[1.0,1.5,-0.25]`},
		{"doubles are spelled as Java does", `[1e2,1e7,12345678.5,0.001,0.0001,1.5e-300]`, `[100.0,1.0E7,1.23456785E7,0.001,1.0E-4,1.5E-300]`},
		{"an integer beyond 64 bits is a double", `100000000000000000000`, `1.0E20`},
		{"minus zero", `[-0,-0.0]`, `[0,-0.0]`},
		{"keys keep their order", `{"b":1,"a":2}`, `{"b":1,"a":2}`},
		{"the last of equal keys counts", `{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{"escapes", `"\u0041\n\"\\\/\b\f\r\t\u001f"`, `"A\n\"\\/\b\f\r\t\u001F"`},
		{"a surrogate pair", `"\uD83D\uDE00é"`, `"😀é"`},
		{"half a surrogate pair", `"\uD83Dx\uD83D\u0041"`, "\"\uFFFDx\uFFFDA\""},
		{"markup is not escaped", `"<a href='x'>&"`, `"<a href='x'>&"`},
		{"space between", " { \"a\" : [ 1 , true , null ] }\n", `{"a":[1,true,null]}`},
		{"empty", `[{},[],""]`, `[{},[],""]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := EncodeString(mustDecode(t, test.in)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	if got := EncodeString([]any{math.NaN(), math.Inf(1), "\xff", 'x'}); got != `[null,null,"`+"\uFFFD"+`",null]` {
		t.Errorf("values that JSON does not have: got %s", got)
	}
}

// TestDecodeRefuses protects the strictness of the parser.
func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{
		``, ` `, `{`, `[`, `[1`, `[1,]`, `[1 2]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{"a":1 "b":2}`, `{'a':1}`, `tru`, `nul`,
		`01`, `1.`, `.5`, `1e`, `+1`, `-`, `1e999`, `"a`, `"\x"`, `"\u12"`, `"\uZZZZ"`, `"` + "\n" + `"`, `"\n` + "\t" + `"`, `1 1`,
		`"\`, `"\uD800\uZZZZ"`, `NaN`, strings.Repeat("[", 1001) + strings.Repeat("]", 1001), strings.Repeat(`{"a":`, 1001), `{"a":"\`,
	} {
		v, err := DecodeString(text)
		if syntax := (*SyntaxError)(nil); !errors.As(err, &syntax) || syntax.Error() == "" {
			t.Errorf("%.40q: got %v, %v, want a syntax error", text, v, err)
		}
	}
	if _, err := DecodeString(strings.Repeat("[", 1000) + strings.Repeat("]", 1000)); err != nil {
		t.Errorf("1000 levels: %v", err)
	}
}

// TestObject protects the order of keys, small and large.
func TestObject(t *testing.T) {
	for _, size := range []int{3, 40} {
		o := NewObject()
		for i := range size {
			o.Set(strings.Repeat("k", i+1), int64(i))
		}
		o.Set("k", "first")
		clone := o.Clone()
		clone.Delete("kk")
		clone.Delete("nobody")
		clone.Set("kk", "last")
		if v, ok := o.Get("kk"); !ok || v != int64(1) {
			t.Errorf("size %d: the original changed: %v %v", size, v, ok)
		}
		keys := clone.Keys()
		if clone.Len() != size || keys[0] != "k" || keys[size-1] != "kk" {
			t.Errorf("size %d: got the keys %v", size, keys)
		}
		for i, key := range keys {
			if _, ok := clone.Get(key); !ok {
				t.Errorf("size %d: key %d is lost", size, i)
			}
		}
	}
	var none *Object
	if _, ok := none.Get("a"); ok || none.Len() != 0 || none.Clone().Len() != 0 {
		t.Error("a nil object is not empty")
	}
	for range none.All() {
		t.Error("a nil object has a key")
	}
	for key := range ObjectOf("a", nil, "b", nil).All() {
		if key == "b" {
			t.Error("the loop does not stop")
		}
		break
	}
}

func TestEqual(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`1`, `1.0`, true},
		{`1`, `2`, false},
		{`1`, `"1"`, false},
		{`null`, `null`, true},
		{`null`, `false`, false},
		{`true`, `true`, true},
		{`"a"`, `"a"`, true},
		{`[1,2]`, `[1,2]`, true},
		{`[1,2]`, `[2,1]`, false},
		{`[1]`, `{}`, false},
		{`{"a":1,"b":[2]}`, `{"b":[2],"a":1}`, true},
		{`{"a":1}`, `{"b":1}`, false},
		{`{"a":1}`, `{"a":1,"b":1}`, false},
		{`{"a":1}`, `[]`, false},
	} {
		if got := Equal(mustDecode(t, test.a), mustDecode(t, test.b)); got != test.want {
			t.Errorf("%s and %s: got %v", test.a, test.b, got)
		}
	}
	if Equal('x', 'x') {
		t.Error("a rune is not a JSON value")
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,null,true,"x\u0041"]}`, `[[[[]]]]`, `"\uD83D\uDE00"`, `-0.0e-10`, `{"a":1,"a":2}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := DecodeString(text)
		if err != nil {
			return
		}
		encoded := Encode(v)
		if !json.Valid(encoded) {
			t.Fatalf("%q became invalid JSON: %s", text, encoded)
		}
		again, err := Decode(encoded)
		if err != nil || EncodeString(again) != string(encoded) {
			t.Fatalf("%s is not stable: %v", encoded, err)
		}
	})
}
