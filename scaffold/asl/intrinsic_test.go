package asl

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
)

func scopeOf(t testing.TB, input string) *Scope {
	t.Helper()
	return &Scope{
		Input:  mustDecode(t, input),
		Ctx:    func() *Object { return ObjectOf("Execution", ObjectOf("Input", ObjectOf("list", "a,b"))) },
		Vars:   variables{"v": int64(4), "o": mustDecode(t, `{"b":1,"a":[1,2]}`), "items": mustDecode(t, `[1,2,3]`)},
		Now:    func() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) },
		Random: rand.New(rand.NewPCG(1, 2)),
	}
}

// TestIntrinsic protects the results of the intrinsic functions, rule by rule.
func TestIntrinsic(t *testing.T) {
	for _, test := range []struct{ rule, call, input, want string }{
		{"Array takes any values", `States.Array('a', 1, 1.5, true, null, $.x, States.Array())`, `{"x":{}}`, `["a",1,1.5,true,null,{},[]]`},
		{"Array of nothing", `States.Array( )`, `{}`, `[]`},
		{"ArrayPartition", `States.ArrayPartition($, 2)`, `[1,2,3]`, `[[1,2],[3]]`},
		{"ArrayPartition rounds the size", `States.ArrayPartition($, 1.5)`, `[1,2,3]`, `[[1,2],[3]]`},
		{"ArrayPartition of nothing", `States.ArrayPartition($, 2)`, `[]`, `[]`},
		{"ArrayContains", `States.ArrayContains($, 2)`, `[1,2]`, `true`},
		{"ArrayContains compares types", `States.ArrayContains($, 2)`, `[2.0,"2"]`, `false`},
		{"ArrayContains of an object", `States.ArrayContains($.a, $.b)`, `{"a":[{"x":1,"y":[2]}],"b":{"y":[2],"x":1}}`, `true`},
		{"ArrayContains of another object", `States.ArrayContains($.a, $.b)`, `{"a":[{"x":1},{"x":1,"y":2},[1]],"b":{"x":1.0}}`, `false`},
		{"ArrayRange", `States.ArrayRange(1, 9, 2)`, `{}`, `[1,3,5,7,9]`},
		{"ArrayRange downwards", `States.ArrayRange(3, 0, -2)`, `{}`, `[3,1]`},
		{"ArrayRange that is empty", `States.ArrayRange(3, 0, 1)`, `{}`, `[]`},
		{"ArrayGetItem", `States.ArrayGetItem($, 1)`, `["a","b"]`, `"b"`},
		{"ArrayLength", `States.ArrayLength($)`, `["a","b"]`, `2`},
		{"ArrayUnique keeps the first", `States.ArrayUnique($)`, `[3,1,3,1.0,"1",{"a":1,"b":2},{"b":2,"a":1},[1],[1]]`, `[3,1,1.0,"1",{"a":1,"b":2},[1]]`},
		{"Base64Encode", `States.Base64Encode('Data to encode')`, `{}`, `"RGF0YSB0byBlbmNvZGU="`},
		{"Base64Decode", `States.Base64Decode('RGF0YSB0byBlbmNvZGU=')`, `{}`, `"Data to encode"`},
		{"Hash MD5", `States.Hash('abc', 'MD5')`, `{}`, `"900150983cd24fb0d6963f7d28e17f72"`},
		{"Hash SHA-1", `States.Hash('abc', 'SHA-1')`, `{}`, `"a9993e364706816aba3e25717850c26c9cd0d89d"`},
		{"Hash SHA-256", `States.Hash('abc', 'SHA-256')`, `{}`, `"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`},
		{"Hash of an object", `States.Hash($, 'MD5')`, `{"a":1}`, `"bb6cb5c68df4652941caf652a366f2d8"`},
		{
			"JsonMerge is shallow and orders as a Java HashMap", `States.JsonMerge($.a, $.b, false)`,
			`{"a":{"constant_in_literal":1,"x":{"p":1}},"b":{"constant_input_field":2,"x":{"q":2}}}`, `{"constant_input_field":2,"x":{"q":2},"constant_in_literal":1}`,
		},
		{"StringToJson", `States.StringToJson('{"a": [1, 2.0]}')`, `{}`, `{"a":[1,2.0]}`},
		{"JsonToString", `States.JsonToString($)`, `{"a": [1, "x"]}`, `"{\"a\":[1,\"x\"]}"`},
		{"MathAdd", `States.MathAdd($.a, -1)`, `{"a":111}`, `110`},
		{"MathAdd rounds halves upwards", `States.MathAdd(-0.5, 0.5)`, `{}`, `1`},
		{"MathRandom with a seed is that of Java", `States.Array(States.MathRandom(0, 100, 42), States.MathRandom(0, 10, 42), States.MathRandom(0, 64, 42))`, `{}`, `[30,0,46]`},
		{"MathRandom with a seed repeats", `States.MathAdd(States.MathRandom(1, 1000, 7), 0)`, `{}`, ``},
		{"StringSplit at each character", `States.StringSplit('This.is+a,test=string', '.+,=')`, `{}`, `["This","is","a","test","string"]`},
		{"StringSplit gives nothing for nothing", `States.StringSplit(',,a,,', ',')`, `{}`, `["a"]`},
		{"StringSplit without splitters", `States.StringSplit('a,b', '')`, `{}`, `["a,b"]`},
		{"Format", `States.Format('{} and {}', 'a', 1.0)`, `{}`, `"a and 1.0"`},
		{"Format shows objects as Java does", `States.Format('{}', $)`, `{"a":[1,"x",null],"b":{"c":true}}`, `"{a=[1, x, null], b={c=true}}"`},
		{"Format with escapes", `States.Format('\{{}\} \' \\', 1)`, `{}`, `"{1} ' \\"`},
		{"Format with a template from the input", `States.Format($.t, 1)`, `{"t":"<{}>"}`, `"<1>"`},
		{"Format with a call", `States.Format('{}', States.Format('a{}', 'b'))`, `{}`, `"ab"`},
		{"Format with a nested template", `States.Format(States.Format('a'))`, `{}`, `"a"`},
		{"escapes in strings", `States.Array('\'\{\}\\')`, `{}`, `["'{}\\"]`},
		{"a path with brackets and commas", `States.Array($['a,b'], $.c[?(@.d == ')')].d)`, `{"a,b":1,"c":[{"d":")"}]}`, `[1,[")"]]`},
		{"the Context object", `States.StringSplit($$.Execution.Input.list, ',')`, `{}`, `["a","b"]`},
		{"a variable", `States.MathAdd($v, $v)`, `{}`, `8`},
		{"null is an argument", `States.Format('{}', $.x)`, `{"x":null}`, `"null"`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			e, err := CompileExpr(test.call, "x.$")
			if err != nil {
				t.Fatal(err)
			}
			got, failure := e.Eval(scopeOf(t, test.input))
			if failure != nil {
				t.Fatal(failure)
			}
			want := test.want
			if want == "" { // only that it repeats
				again, _ := e.Eval(&Scope{})
				want = EncodeString(again)
			}
			if EncodeString(got) != want {
				t.Errorf("got %s, want %s", EncodeString(got), want)
			}
		})
	}
}

// TestIntrinsicFailure protects the name and the words of a failing call.
func TestIntrinsicFailure(t *testing.T) {
	long := strings.Repeat("a", 10_001)
	for _, test := range []struct{ call, input, name, cause string }{
		{
			`States.Format('{}', States.Array($.nope))`, `{"other":1}`, "States.Runtime",
			`The function 'States.Format('{}', States.Array($.nope))' had the following error: The JsonPath argument for the field '$.nope' could not be found in the input '{"other":1}'`,
		},
		{`States.Array($.items[5])`, `{"items":[1,2]}`, "States.Runtime", `'$.items[5]' could not be found in the input '{"items":[1,2]}'`},
		{`States.MathAdd($.nope, 1)`, `{}`, "States.Runtime", `'$.nope'`},
		{`States.MathAdd(1, $.nope)`, `{}`, "States.Runtime", `'$.nope'`},
		{`$.nope`, `{"a":1}`, "States.Runtime", `The JSONPath '$.nope' specified for the field 'x.$' could not be found in the input '{"a":1}'`},
		{`States.ArrayGetItem($, 2)`, `[1,2]`, "States.IntrinsicFailure", "index 2 is out of bounds for an array of length 2"},
		{`States.ArrayGetItem($, -1)`, `[1,2]`, "States.IntrinsicFailure", "out of bounds"},
		{`States.ArrayGetItem($, 'a')`, `[1,2]`, "States.IntrinsicFailure", `expected an index, got "a"`},
		{`States.ArrayGetItem($, 0)`, `{}`, "States.IntrinsicFailure", "expected an array, got {}"},
		{`States.ArrayPartition($, 0)`, `[1]`, "States.IntrinsicFailure", "chunk size"},
		{`States.ArrayPartition(1, 0)`, `[1]`, "States.IntrinsicFailure", "expected an array"},
		{`States.ArrayContains(1, 0)`, `[1]`, "States.IntrinsicFailure", "expected an array"},
		{`States.ArrayLength('a')`, `[1]`, "States.IntrinsicFailure", "expected an array"},
		{`States.ArrayUnique('a')`, `[1]`, "States.IntrinsicFailure", "expected an array"},
		{`States.ArrayRange(1, 2000, 1)`, `{}`, "States.IntrinsicFailure", "more than 1000 items"},
		{`States.ArrayRange(1, 2, 0)`, `{}`, "States.IntrinsicFailure", "step must not be 0"},
		{`States.ArrayRange(1, 2, 'a')`, `{}`, "States.IntrinsicFailure", "expected a number"},
		{`States.Base64Encode($)`, `"` + long + `"`, "States.IntrinsicFailure", "longer than 10000"},
		{`States.Base64Decode($)`, `"` + long + `"`, "States.IntrinsicFailure", "longer than 10000"},
		{`States.Base64Decode('!')`, `{}`, "States.IntrinsicFailure", "not Base64"},
		{`States.Base64Encode(1)`, `{}`, "States.IntrinsicFailure", "expected a string"},
		{`States.Hash($, 'MD5')`, `"` + long + `"`, "States.IntrinsicFailure", "longer than 10000"},
		{`States.Hash('a', 'MD4')`, `{}`, "States.IntrinsicFailure", "SHA-512"},
		{`States.Hash('a', 1)`, `{}`, "States.IntrinsicFailure", "expected a string"},
		{`States.JsonMerge($, $, true)`, `{}`, "States.IntrinsicFailure", "Deep merging is not supported"},
		{`States.JsonMerge($, $, 'no')`, `{}`, "States.IntrinsicFailure", "expected false"},
		{`States.JsonMerge($, 1, false)`, `{}`, "States.IntrinsicFailure", "expected an object, got 1"},
		{`States.JsonMerge(1, $, false)`, `{}`, "States.IntrinsicFailure", "expected an object, got 1"},
		{`States.StringToJson('{')`, `{}`, "States.IntrinsicFailure", "invalid JSON"},
		{`States.StringToJson(1)`, `{}`, "States.IntrinsicFailure", "expected a string"},
		{`States.MathAdd(2147483647, 1)`, `{}`, "States.IntrinsicFailure", "2147483648"},
		{`States.MathAdd(2147483648, 1)`, `{}`, "States.IntrinsicFailure", "expected a number from"},
		{`States.MathAdd(1, 'a')`, `{}`, "States.IntrinsicFailure", "expected a number"},
		{`States.MathAdd(1, 1e300)`, `{}`, "States.IntrinsicFailure", "expected a number"},
		{`States.MathRandom(5, 5)`, `{}`, "States.IntrinsicFailure", "not greater than the start"},
		{`States.MathRandom('a', 5)`, `{}`, "States.IntrinsicFailure", "expected a number"},
		{`States.MathRandom(1, 'a')`, `{}`, "States.IntrinsicFailure", "expected a number"},
		{`States.MathRandom(1, 5, 'a')`, `{}`, "States.IntrinsicFailure", "expected a number"},
		{`States.StringSplit(1, ',')`, `{}`, "States.IntrinsicFailure", "expected a string"},
		{`States.StringSplit('a', 1)`, `{}`, "States.IntrinsicFailure", "expected a string"},
		{`States.Format('{}')`, `{}`, "States.IntrinsicFailure", "more places {} than the 0 arguments"},
		{`States.Format('a', 1)`, `{}`, "States.IntrinsicFailure", "got 1 arguments for 0 places"},
		{`States.Format(1)`, `{}`, "States.IntrinsicFailure", "expected a string"},
		{`States.ArrayLength(States.Format('a'))`, `{}`, "States.IntrinsicFailure", `got "a"`},
	} {
		e, err := CompileExpr(test.call, "x.$")
		if err != nil {
			t.Errorf("%s: %v", test.call, err)
			continue
		}
		got, failure := e.Eval(scopeOf(t, test.input))
		if failure == nil || failure.Name != test.name || !strings.Contains(failure.Cause, test.cause) {
			t.Errorf("%.60s: got %s, %v, want %s: %s", test.call, EncodeString(got), failure, test.name, test.cause)
		}
	}
}

// TestExprRefused protects what the validation of a definition refuses.
func TestExprRefused(t *testing.T) {
	for _, call := range []string{
		``, `a`, `'a'`, `States.Nope()`, `States.Array`, `States.Array(`, `States.Array('a'`, `States.Array('a) `, `States.Array('a',)`, `States.Array('a' 'b')`,
		`States.Array('\"')`, `States.Array('\n')`, `States.Array('\`, `States.Array(a)`, `States.Array() x`, `States.Array($.)`, `States.Array("a")`,
		`States.MathAdd(1)`, `States.MathAdd(1, 2, 3)`, `States.UUID(1)`, `States.MathRandom(1)`, `States.Array(-)`, `States.Format()`, `$.`,
		strings.Repeat("States.Array(", 11) + strings.Repeat(")", 11), `States.Array($['a`,
	} {
		if e, err := CompileExpr(call, "x.$"); err == nil {
			t.Errorf("%q: got %v, want an error", call, e)
		}
	}
	if _, err := CompileExpr(strings.Repeat("States.Array(", 10)+strings.Repeat(")", 10), "x.$"); err != nil {
		t.Errorf("10 calls in one another: %v", err)
	}
}

// TestUUID protects that randomness comes from the seed alone.
func TestUUID(t *testing.T) {
	e, _ := CompileExpr("States.UUID()", "x.$")
	a, _ := e.Eval(scopeOf(t, `{}`))
	b, _ := e.Eval(scopeOf(t, `{}`))
	s := scopeOf(t, `{}`)
	e.Eval(s)
	c, _ := e.Eval(s)
	if a != b || a == c {
		t.Errorf("got %v, %v and %v: equal seeds give equal UUIDs, a second call another", a, b, c)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(a.(string)) {
		t.Errorf("%s is no version 4 UUID", a)
	}
	random, _ := CompileExpr("States.MathRandom(1, 3)", "x.$")
	seen := map[any]bool{}
	for range 100 {
		n, err := random.Eval(s)
		if err != nil {
			t.Fatal(err)
		}
		seen[n] = true
	}
	if len(seen) != 2 || !seen[int64(1)] || !seen[int64(2)] {
		t.Errorf("MathRandom(1, 3) gave %v, want 1 and 2: the end is left out", seen)
	}
}

// TestExprPaths protects what the validation of variables relies on: every path is found, nested ones too.
func TestExprPaths(t *testing.T) {
	for call, want := range map[string]string{`$.a`: "$.a", `States.Array($a, States.Array($$.b, 1), 'x')`: "$a $$.b"} {
		e, err := CompileExpr(call, "x.$")
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		e.paths(func(p *Path) { paths = append(paths, p.String()) })
		if got := strings.Join(paths, " "); got != want || e.String() != call || (e.Path() == nil) == (call[0] == '$') {
			t.Errorf("%s: got %s, want %s", call, got, want)
		}
	}
}

func TestJavaHashOrder(t *testing.T) {
	o := NewObject()
	for _, key := range []string{"q", "a", "Q", "😀", "b", "r", "c", "d", "e", "f", "g", "h", "i", "j"} {
		o.Set(key, nil)
	}
	// 14 keys need 32 buckets: "Q" (81) is in bucket 17 as "q" (113), after it in the order of insertion.
	want := "a,b,c,d,e,f,g,h,i,j,q,Q,r"
	var keys []string
	for _, key := range javaHashOrder(o).Keys() {
		if key != "😀" {
			keys = append(keys, key)
		}
	}
	if got := strings.Join(keys, ","); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzIntrinsic(f *testing.F) {
	for _, seed := range []string{
		`States.Format('\{{}\}', $.a, States.MathAdd(1, 2.5))`, `States.ArrayRange(1, 9, 2)`, `States.StringToJson('[1]')`,
		`States.JsonMerge($, $, false)`, `States.Hash($.a, 'SHA-384')`, `States.ArrayPartition($.b, 2)`, `States.MathRandom(1, 5, 3)`, `$['a'][0]`,
	} {
		f.Add(seed, `{"a":"x","b":[1,2,3]}`)
	}
	f.Fuzz(func(t *testing.T, call, input string) {
		e, err := CompileExpr(call, "x.$")
		if err != nil {
			return
		}
		v, err := DecodeString(input)
		if err != nil {
			return
		}
		if _, failure := e.Eval(&Scope{Input: v}); failure != nil && (failure.Name == "" || failure.Cause == "") {
			t.Fatalf("%q: a failure without a name or a cause: %+v", call, failure)
		}
	})
}

// TestJavaRandom protects the bounds of seeded numbers, also where the span is no 32-bit number.
func TestJavaRandom(t *testing.T) {
	for seed := range int64(200) {
		for _, bound := range []int64{1, 2, 3, 1 << 30, 1<<31 - 1, 1<<30 + 1, 1 << 31, 1<<32 - 1} {
			if n := newJavaRandom(seed).number(bound); n < 0 || n >= bound {
				t.Fatalf("seed %d: %d is not from 0 to before %d", seed, n, bound)
			}
		}
	}
}
