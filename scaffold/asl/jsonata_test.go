package asl

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func evalJSONata(t testing.TB, s *Scope, source string) (any, *Error) {
	t.Helper()
	template, err := CompileTemplate("{% "+source+" %}", JSONata, "Output")
	if err != nil {
		t.Fatalf("compile %s: %v", source, err)
	}
	return template.Eval(s)
}

// TestJSONata protects what Step Functions adds to JSONata and how results become values.
func TestJSONata(t *testing.T) {
	for _, test := range []struct{ rule, source, want string }{
		{"the input", `$states.input`, `{"b":2,"a":[{"x":1.0},{"x":2}],"s":"t","n":null,"one":[5]}`},
		{"objects keep the order of their keys", `$merge([$states.input, {"z":1}])`, `{"b":2,"a":[{"x":1.0},{"x":2}],"s":"t","n":null,"one":[5],"z":1}`},
		{"the result", `$states.result.r`, `"R"`},
		{"the result, computed", `$states.result.r & "!"`, `"R!"`},
		{"the error output", `$states.errorOutput.Error`, `"E"`},
		{"the Context object", `$states.context.Execution.Input.list`, `"a,b"`},
		{"the Context object, computed", `$split($states.context.Execution.Input.list, ",")`, `["a","b"]`},
		{"all of $states", `$keys($states)`, `["input","result","errorOutput","context"]`},
		{"a variable", `$v`, `4`},
		{"a variable, computed", `$v * 2.5`, `10`},
		{"a variable that holds an array", `$items[1]`, `2`},
		{"a path through an array", `$states.input.a.x`, `[1.0,2]`},
		{"an array of one item stays one", `$states.input.one`, `[5]`},
		{"null", `$states.input.n`, `null`},
		{"a literal null", `null`, `null`},
		{"whole results have no point", `[6/2, 0.1+0.2, 1e3, -0, 1/4]`, `[3,0.30000000000000004,1000,0,0.25]`},
		{"results that are no number are text", `[1/0, -1/0, 0/0]`, `["Infinity","-Infinity","NaN"]`},
		{"the longest chain", "1" + strings.Repeat("+1", 99), "100"},
		{"a long list", "$count([1" + strings.Repeat(",1", 999) + "])", "1000"},
		{"the longest sequence", `$count([1..873782])`, `873782`},
		{"the longest string by doubling", `$length(($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $p("x", 22)))`, `4194304`},
		{"$replace", `$replace("a-b-c", "-", "+") & $replace("abc", /b/, function($m) { $uppercase($m.match) })`, `"a+b+caBc"`},
		{"$pad and $join", `$pad("a", -3, "#") & $join(["x", "y"], ",") & $join(["x", "y"])`, `"##ax,yxy"`},
		{"an object", `{"b": 1, "a": [true, null]}`, `{"b":1,"a":[true,null]}`},
		{"$partition", `$partition($states.input.a, 1)`, `[[{"x":1.0}],[{"x":2}]]`},
		{"$partition of one value", `$partition(7, 2)`, `[[7]]`},
		{"$partition of nothing", `$exists($partition($nobody, 2))`, `false`},
		{"$range", `$range(0, 10, 5)`, `[0,5,10]`},
		{"$range downwards", `$range(1, 0, -0.5)`, `[1,0.5,0]`},
		{"$hash", `$hash("abc", "SHA-1")`, `"a9993e364706816aba3e25717850c26c9cd0d89d"`},
		{"$parse", `$parse('{"b":1,"a":[1.5]}')`, `{"b":1,"a":[1.5]}`},
		{"$parse of nothing", `$exists($parse($nobody))`, `false`},
		{"$uuid", `$length($uuid())`, `36`},
		{"$random with a seed repeats", `$random(5) = $random(5) and $random(5) < 1`, `true`},
		{"$random with a seed is that of Java", `$random(42)`, `0.7275636800328681`},
		{"$random without a seed", `$random() != $random()`, `true`},
		{"$now is the virtual clock", `$now()`, `"2026-11-24T08:00:00.000Z"`},
		{"$now with a picture", `$now("[Y]/[M]/[D]")`, `"2026/11/24"`},
		{"$millis is the virtual clock", `$millis()`, `1795507200000`},
		{"$shuffle keeps the items", `$sort($shuffle([3,1,2]))`, `[1,2,3]`},
		{"$shuffle of one value", `$shuffle(1)`, `1`},
		{"$shuffle of nothing", `$exists($shuffle($nobody))`, `false`},
		{"a string with the signs of an operator", `"a ?? b ?: c"`, `"a ?? b ?: c"`},
		{"a regular expression with the signs", `$contains("a?b", /a\??:?b/)`, `true`},
		{"a comment", `/* ?? */ 1`, `1`},
		{"a quoted name", "{\"a b\": 1}.`a b`", `1`},
		{"a division is no regular expression", `($v) / 2 / 1`, `2`},
		{"a conditional", `$v > 3 ? "big" : "small"`, `"big"`},
		{"an inner variable hides an outer one", `($v := 1; $v)`, `1`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			s := scopeOf(t, `{"b":2,"a":[{"x":1.0},{"x":2}],"s":"t","n":null,"one":[5]}`)
			s.Result, s.HasResult = ObjectOf("r", "R"), true
			s.ErrorOutput, s.HasErrorOutput = ObjectOf("Error", "E"), true
			got, failure := evalJSONata(t, s, test.source)
			if failure != nil || EncodeString(got) != test.want {
				t.Errorf("%s: got %s, %v, want %s", test.source, EncodeString(got), failure, test.want)
			}
		})
	}
}

// TestJSONataFailure protects the words of a failed evaluation.
func TestJSONataFailure(t *testing.T) {
	const outOfMemory = "threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage"
	const tooDeep = "threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive. Depth=101 max=100"
	doubling := func(function string, n int) string {
		return fmt.Sprintf(`%s(($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $p("x", %d)))`, function, n)
	}
	const nothing = "returned nothing (undefined)."
	for _, test := range []struct{ source, problem string }{
		{`$nobody`, nothing},
		{`$states.input.nobody`, nothing},
		{`$states.input.s.x`, nothing},
		{`$states.nobody`, nothing},
		{`$states.result`, nothing},
		{`$states.result + 1`, nothing},
		{`$states.errorOutput.Error`, nothing},
		{`$v.x`, nothing},
		{`$`, nothing},
		{`$states.input.s + 1`, "threw an error during evaluation. T2001: "},
		{`$sum`, "returned an unsupported result type."},
		{`[$sum]`, "returned an unsupported result type."},
		{`{"a": $sum}`, "returned an unsupported result type."},
		{`$eval("1")`, "threw an error during evaluation. T1006: "},
		{`$partition([1], 0)`, "threw an error during evaluation. T0410: "},
		{`$partition([1])`, "threw an error during evaluation. T0410: "},
		{`$range(1, 2)`, "threw an error during evaluation. T0410: "},
		{`$range(1, 2, 0)`, "threw an error during evaluation. T0410: "},
		{`$range(1, "a", 1)`, "threw an error during evaluation. T0410: "},
		{`$range(1, 5000, 1)`, "threw an error during evaluation. D2014: "},
		{`$hash("a")`, "threw an error during evaluation. T0410: "},
		{`$hash(1, "MD5")`, "threw an error during evaluation. T0410: "},
		{`$hash("a", "MD4")`, "threw an error during evaluation. T0410: "},
		{`$parse()`, "threw an error during evaluation. T0410: "},
		{`$parse(1)`, "threw an error during evaluation. T0410: "},
		{`$parse("{")`, "threw an error during evaluation: invalid JSON"},
		{`$random("a")`, "threw an error during evaluation. T0410: "},
		{`($f := function($n) { $f($n + 1) }; $f(1))`, "threw an error during evaluation: Expression evaluation timeout: Check for infinite loop"},
		{`($f := function($n) { 1 + $f($n + 1) }; $f(1))`, tooDeep},
		{"1" + strings.Repeat("+1", 100), tooDeep},
		{strings.Repeat("-", 100) + "$a", tooDeep},
		{"($f := function($x) { $x" + strings.Repeat(" & $x", 100) + ` }; $f("a"))`, tooDeep},
		{`[1..900000] ~> $count()`, outOfMemory},
		{`$sum([1..900000])`, outOfMemory},
		{`[1..873783] ~> $count()`, outOfMemory},
		{`$replace("a")`, "threw an error during evaluation. "},
		{doubling("$length", 23), outOfMemory},
		{doubling("", 23), outOfMemory},
		{doubling("$uppercase", 60), outOfMemory},
		{`($f := function($o, $n) { $n = 0 ? $o : $f({"a": $o, "b": $o}, $n - 1) }; $f({}, 60))`, outOfMemory},
		{`($f := function($o, $n) { $n = 0 ? $o : $f({"a": $o, "b": $o}, $n - 1) }; $string($f({}, 60)))`, outOfMemory},
		{`$pad("a", 10000000000)`, outOfMemory},
		{`$pad("a", -10000000000)`, outOfMemory},
		{`$join([1..100000].("x"), $pad("", 10000))`, outOfMemory},
		{`$replace($pad("", 10000), " ", $pad("", 10000))`, outOfMemory},
		{fmt.Sprintf(`$replace(%s, /x/, $pad("", 10000))`, doubling("", 17)), outOfMemory},
		{`$replace($s & "", "a", ` + doubling("", 23) + `)`, outOfMemory},
	} {
		got, failure := evalJSONata(t, scopeOf(t, `{"s":"t"}`), test.source)
		want := fmt.Sprintf("The JSONata expression '%s' specified for the field 'Output' %s", test.source, test.problem)
		if failure == nil || failure.Name != "States.QueryEvaluationError" || failure.Location != "Output" || !strings.HasPrefix(failure.Cause, want) {
			t.Errorf("%s: got %s, %v, want %s", test.source, EncodeString(got), failure, want)
		}
	}
}

// TestJSONataSentences protects that errors have the words of jsonata-js, which the service prints.
func TestJSONataSentences(t *testing.T) {
	for source, want := range map[string]string{
		`$abs("a")`:                  `T0410: Argument 1 of function "abs" does not match function signature`,
		`$sum(["a"])`:                `T0412: Argument 1 of function "sum" must be an array of "numbers"`,
		`$join([1])`:                 `T0412: Argument 1 of function "join" must be an array of "strings"`,
		`$count(1, 2)`:               `T0410: Argument 2 of function "count" does not match function signature`,
		`$split("a", "b", "c")`:      `T0410: Argument 3 of function "split" does not match function signature`,
		`$split("a", 1)`:             `T0410: Argument 2 of function "split" does not match function signature`,
		`$pad("a")`:                  `T0410: Argument 2 of function "pad" does not match function signature`,
		`$random("a")`:               `T0410: Argument 1 of function "random" does not match function signature`,
		`$hash("a")`:                 `T0410: Argument 2 of function "hash" does not match function signature`,
		`$hash("a", "MD4")`:          `T0410: $hash got the algorithm "MD4", expected MD5, SHA-1, SHA-256, SHA-384 or SHA-512`,
		`1 + "a"`:                    `T2002: The right side of the "+" operator must evaluate to a number`,
		`null * 2`:                   `T2001: The left side of the "*" operator must evaluate to a number`,
		`true < 2`:                   `T2010: The expressions either side of operator "<" must evaluate to numeric or string values`,
		`["a".."b"]`:                 `T2003: The left side of the range operator (..) must evaluate to an integer`,
		`$eval("1")`:                 `T1006: Attempted to invoke a non-function`,
		`$sqrt(-2)`:                  `D3060: The sqrt function cannot be applied to a negative number: -2`,
		`$power(10, 400)`:            `D3061: The power function has resulted in a value that cannot be represented as a JSON number: base=10, exponent=400`,
		`$formatBase(1, 40)`:         `D3100: The radix of the formatBase function must be between 2 and 36.  It was given 40`,
		`$number("x\"y")`:            `D3030: Unable to cast value to a number: "x\"y"`,
		`{"a": 1, "a": 2}`:           `D1009: Multiple key definitions evaluate to same key: "a"`,
		`$formatNumber(1, "#0.0.0")`: `D3081: The sub-picture must not contain more than one instance of the 'decimal-separator' character`,
		`$encodeUrl("\uD800")`:       `D3140: Malformed URL passed to $encodeUrl(): "�"`,
		`$error("mine")`:             `D3137: mine`,
	} {
		_, failure := evalJSONata(t, scopeOf(t, "{}"), source)
		if failure == nil || !strings.HasSuffix(failure.Cause, " threw an error during evaluation. "+want) {
			t.Errorf("%s: %v, want %s", source, failure, want)
		}
	}
}

// TestJSONataRefused protects what a definition must not hold: version 2.0.6 has no ?? and no ?: operator.
func TestJSONataRefused(t *testing.T) {
	for _, source := range []string{`$a ?? 1`, `$a ?: 1`, `$a ??`, `(`, `1 +`, `"a`, strings.Repeat("(", 100_001)} {
		if _, err := compileJSONata("{%" + source + "%}"); err == nil {
			t.Errorf("%.40q: no error", source)
		}
	}
}

// TestJSONataBindings protects that one evaluation leaves nothing behind for another, also at the same time.
func TestJSONataBindings(t *testing.T) {
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 50 {
				s := &Scope{Input: int64(i), Vars: variables{"x": int64(i), "sum": int64(i)}}
				if got, failure := evalJSONata(t, s, `$x + $sum + $states.input`); failure != nil || got != int64(3*i) {
					t.Errorf("got %v, %v, want %d", got, failure, 3*i)
				}
				if got, failure := evalJSONata(t, &Scope{}, `$sum([1,2])`); failure != nil || got != int64(3) {
					t.Errorf("a variable hid the function: %v, %v", got, failure)
				}
				if got, failure := evalJSONata(t, &Scope{}, `$x + 1`); failure == nil {
					t.Errorf("a variable stayed bound: %v", got)
				}
			}
		})
	}
	wait.Wait()
	if got, failure := evalJSONata(t, &Scope{}, `$now()`); failure != nil || got != "1970-01-01T00:00:00.000Z" {
		t.Errorf("without a clock: %v, %v", got, failure)
	}
}
