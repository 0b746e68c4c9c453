package asl

import (
	"strings"
	"testing"
)

const store = `{"store":{"book":[
 {"category":"reference","author":"Rees","title":"Sayings","price":8.95,"tags":["old","short"]},
 {"category":"fiction","author":"Waugh","title":"Sword","price":12.99,"tags":[]},
 {"category":"fiction","author":"Melville","title":"Moby Dick","isbn":"0-553","price":8.99,"tags":["old"]},
 {"category":"fiction","author":"Tolkien","title":"The Lord","isbn":"0-395","price":22.99,"tags":["long","old"]}],
 "bicycle":{"color":"red","price":19.95}},"limit":10,"names":["Rees","Waugh"],"a-b":1,"it's":2,"nul":null,"n":3,"@type":"t","s":"text"}`

func readPath(t *testing.T, document, path string) (string, error) {
	t.Helper()
	p, err := CompilePath(path)
	if err != nil {
		t.Fatalf("compile %s: %v", path, err)
	}
	v, err := p.Read(&Scope{Input: mustDecode(t, document)})
	return EncodeString(v), err
}

// TestPath protects what a path selects, rule by rule of Jayway's JsonPath.
func TestPath(t *testing.T) {
	for _, test := range []struct{ rule, path, want string }{
		{"the root", `$.store.bicycle`, `{"color":"red","price":19.95}`},
		{"a name in brackets", `$['store']["bicycle"]['color']`, `"red"`},
		{"a dot before brackets", `$.store.['bicycle'].color`, `"red"`},
		{"a name with a hyphen", `$.a-b`, `1`},
		{"a name with a sign", `$.@type`, `"t"`},
		{"an escaped quote", `$['it\'s']`, `2`},
		{"null", `$.nul`, `null`},
		{"an index", `$.names[1]`, `"Waugh"`},
		{"an index from the end", `$.names[-1]`, `"Waugh"`},
		{"an index out of bounds is null", `$.names[5]`, `null`},
		{"an index before the start is null", `$.names[-5]`, `null`},
		{"some indexes", `$.names[1,0]`, `["Waugh","Rees"]`},
		{"some indexes, one out of bounds", `$.names[0,7]`, `["Rees",null]`},
		{"a slice", `$.store.book[1:3].author`, `["Waugh","Melville"]`},
		{"a slice to the end", `$.store.book[2:].author`, `["Melville","Tolkien"]`},
		{"a slice from the end", `$.store.book[-1:].author`, `["Tolkien"]`},
		{"a slice from before the start", `$.names[-9:]`, `["Rees","Waugh"]`},
		{"a slice up to", `$.store.book[:2].author`, `["Rees","Waugh"]`},
		{"a slice up to one from the end", `$.store.book[:-3].author`, `["Rees"]`},
		{"a slice between two from the end", `$.store.book[-3:-1].author`, `["Waugh","Melville"]`},
		{"an empty slice", `$.names[5:9]`, `[]`},
		{"all items", `$.names[*]`, `["Rees","Waugh"]`},
		{"all values of an object", `$.store.bicycle.*`, `["red",19.95]`},
		{"all of something else", `$.n.*`, `[]`},
		{"several names make one object", `$.store.bicycle['color','price','no']`, `{"color":"red","price":19.95}`},
		{"several names on the way", `$.store['book','bicycle'].color`, `["red"]`},
		{"a deep scan", `$..author`, `["Rees","Waugh","Melville","Tolkien"]`},
		{"a deep scan for several", `$.store..['color','price']`, `[{"color":"red","price":19.95}]`},
		{"a deep scan for an index", `$..book[0].title`, `["Sayings"]`},
		{"a deep scan of all arrays", `$.store..tags[0]`, `["old",null,"old","long"]`},
		{"a deep scan without a match", `$..nobody`, `[]`},
		{"a deep scan of everything", `$.store.bicycle..*`, `["red",19.95]`},
		{"an indefinite path skips what is missing", `$.store.book[*].isbn`, `["0-553","0-395"]`},
		{"an indefinite path skips what is no object", `$.store[*].color`, `["red"]`},
		{"an indefinite path skips what is no array", `$.store[*][0].author`, `["Rees"]`},
		{"less", `$.store.book[?(@.price < 10)].author`, `["Rees","Melville"]`},
		{"less or equal", `$.store.book[?(@.price <= 8.95)].author`, `["Rees"]`},
		{"greater", `$.store.book[?(@.price>12.99)].author`, `["Tolkien"]`},
		{"greater or equal", `$.store.book[?(@.price >= 12.99)].author`, `["Waugh","Tolkien"]`},
		{"a limit from the root", `$.store.book[?(@.price < $.limit)].author`, `["Rees","Melville"]`},
		{"texts are ordered", `$.store.book[?(@.author > 'S')].author`, `["Waugh","Tolkien"]`},
		{"different types have no order", `$.store.book[?(@.author > 1)].author`, `[]`},
		{"equal", `$.store.book[?(@.category == "reference")].author`, `["Rees"]`},
		{"a number equals its text", `$.store.book[?(@.price == '8.95')].author`, `["Rees"]`},
		{"a text equals its number", `$[?(@.n == 3)].n`, `[3]`},
		{"strictly equal", `$.store.book[?(@.price === '8.95')].author`, `[]`},
		{"not equal holds for what is missing", `$.store.book[?(@.isbn != '0-553')].author`, `["Rees","Waugh","Tolkien"]`},
		{"strictly not equal", `$.store.book[?(@.price !== 8.95)].author`, `["Waugh","Melville","Tolkien"]`},
		{"exists", `$.store.book[?(@.isbn)].author`, `["Melville","Tolkien"]`},
		{"does not exist", `$.store.book[?(!@.isbn)].author`, `["Rees","Waugh"]`},
		{"and", `$.store.book[?(@.isbn && @.price < 10)].author`, `["Melville"]`},
		{"or", `$.store.book[?(@.price < 8.96 || @.price > 20)].author`, `["Rees","Tolkien"]`},
		{"and binds tighter than or", `$.store.book[?(@.price < 8.96 || @.isbn && @.price > 20)].author`, `["Rees","Tolkien"]`},
		{"parentheses", `$.store.book[?((@.price < 8.96 || @.isbn) && @.price < 10)].author`, `["Rees","Melville"]`},
		{"not in front of parentheses", `$.store.book[?(!(@.price < 10))].author`, `["Waugh","Tolkien"]`},
		{"a regular expression", `$.store.book[?(@.author =~ /t.*/i)].author`, `["Tolkien"]`},
		{"a regular expression takes the whole text", `$.store.book[?(@.author =~ /olk/)].author`, `[]`},
		{"a regular expression with a slash", `$.names[?(@ =~ /R\/?ees/)]`, `["Rees"]`},
		{"in", `$.store.book[?(@.author in ['Rees', "Tolkien"])].price`, `[8.95,22.99]`},
		{"in a list from the root", `$.store.book[?(@.author IN $.names)].price`, `[8.95,12.99]`},
		{"nin", `$.store.book[?(@.author nin ['Rees'])].price`, `[12.99,8.99,22.99]`},
		{"contains", `$.store.book[?(@.tags contains 'long')].author`, `["Tolkien"]`},
		{"a text contains", `$.store.book[?(@.title contains 'Dick')].author`, `["Melville"]`},
		{"all", `$.store.book[?(@.tags all ['old','long'])].author`, `["Tolkien"]`},
		{"subsetof", `$.store.book[?(@.tags subsetof ['old','short','x'])].author`, `["Rees","Waugh","Melville"]`},
		{"anyof", `$.store.book[?(@.tags anyof ['long','short'])].author`, `["Rees","Tolkien"]`},
		{"noneof", `$.store.book[?(@.tags noneof ['long','short'])].author`, `["Waugh","Melville"]`},
		{"size", `$.store.book[?(@.tags size 2)].author`, `["Rees","Tolkien"]`},
		{"empty", `$.store.book[?(@.tags empty true)].author`, `["Waugh"]`},
		{"not empty", `$.store.book[?(@.tags empty false)].author`, `["Rees","Melville","Tolkien"]`},
		{"the item itself", `$.names[?(@ == 'Rees')]`, `["Rees"]`},
		{"a literal of each kind", `$.names[?(true == true && null == null && [1,[2]] == [1,[2]] && {"a":1} == {"a":1})]`, `["Rees","Waugh"]`},
		{"a path from the root exists", `$.names[?($.nobody)]`, `[]`},
		{"a filter of an object looks at the object", `$.store.bicycle[?(@.price > 10)].color`, `["red"]`},
		{"a filter below a scan", `$..book[?(@.isbn)].author`, `["Melville","Tolkien"]`},
		{"a filter of what is no container", `$.store.bicycle.*[?(@.a)]`, `[]`},
		{"a filter in a filter", `$.store.book[?(@.tags[?(@ == 'long')])].author`, `["Rees","Waugh","Melville","Tolkien"]`},
		{"an indefinite path never fails: a missing property", `$.nobody.items[:1].x`, `[]`},
		{"an indefinite path never fails: no object", `$.n.items[*]`, `[]`},
		{"an indefinite path never fails: no array", `$.n[0,1]`, `[]`},
		{"an indefinite path never fails: no container", `$.s[?(@.a)]`, `[]`},
		{"an indefinite path never fails: a scan of nothing", `$.nobody..x`, `[]`},
		{"length", `$.names.length()`, `2`},
		{"length of an object", `$.store.bicycle.length()`, `2`},
		{"length of an argument", `$.n.length($.names)`, `2`},
		{"length of a number", `$.n.length()`, `null`},
		{"length in a filter", `$.store.book[?(@.tags.length() > 1)].author`, `["Rees","Tolkien"]`},
		{"sum", `$..price.sum()`, `73.87`},
		{"min", `$.store.book[*].price.min()`, `8.95`},
		{"max", `$.store.book[*].price.max()`, `22.99`},
		{"avg", `$.store.book[0,2].price.avg()`, `8.969999999999999`},
		{"stddev", `$.store.book[0,0].price.stddev()`, `0.0`},
		{"sum with arguments", `$.n.sum(1, 2.5, $.store.book[0].price)`, `12.45`},
		{"keys", `$.store.bicycle.keys()`, `["color","price"]`},
		{"keys of an array", `$.names.keys()`, `null`},
		{"first", `$.names.first()`, `"Rees"`},
		{"last", `$.names.last()`, `"Waugh"`},
		{"index", `$.names.index(-1)`, `"Waugh"`},
		{"concat", `$.names.concat('-', $.n)`, `"ReesWaugh-3"`},
		{"append", `$.names.append('x')`, `["Rees","Waugh","x"]`},
		{"append to no array", `$.n.append(1)`, `3`},
		{"a step after a function", `$.store.book.last().author`, `"Tolkien"`},
		{"a function after a function", `$.names.append('x').length()`, `3`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got, err := readPath(t, store, test.path)
			if err != nil || got != test.want {
				t.Errorf("%s: got %s, %v, want %s", test.path, got, err, test.want)
			}
		})
	}
}

// TestPathError protects Jayway's words, which the cause of a failed execution quotes.
func TestPathError(t *testing.T) {
	const noMap = "This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'."
	for _, test := range []struct{ path, want string }{
		{`$.x`, "No results for path: $['x']"},
		{`$.store.x`, "No results for path: $['store']['x']"},
		{`$.x.y`, "Missing property in path $['x']"},
		{`$.names[0].x[1]`, "Expected to find an object with property ['x'] in path $['names'][0] but found 'com.fasterxml.jackson.databind.node.TextNode'. " + noMap},
		{`$.n.y`, "Expected to find an object with property ['y'] in path $['n'] but found 'com.fasterxml.jackson.databind.node.IntNode'. " + noMap},
		{`$.nul.y`, "Expected to find an object with property ['y'] in path $['nul'] but found 'com.fasterxml.jackson.databind.node.NullNode'. " + noMap},
		{`$.limit.y.z`, "Expected to find an object with property ['y'] in path $['limit'] but found 'com.fasterxml.jackson.databind.node.IntNode'. " + noMap},
		{`$.names.y`, "Expected to find an object with property ['y'] in path $['names'] but found 'com.fasterxml.jackson.databind.node.ArrayNode'. " + noMap},
		{`$.names[7].y`, "Expected to find an object with property ['y'] in path $['names'][7] but found 'null'. " + noMap},
		{`$.names[7][0]`, "The path $['names'][7] is null"},
		{`$.n[0]`, "Filter: [0] can only be applied to arrays. Current context is: 3"},
		{`$.names['a','b']`, "Expected to find an object with property ['a','b'] in path $['names'] but found 'com.fasterxml.jackson.databind.node.ArrayNode'. " + noMap},
		{`$.s.sum()`, "Aggregation function attempted to calculate value using empty array"},
		{`$.s.first()`, "Aggregation function attempted to calculate value using empty array"},
		{`$.names.index(9)`, "Target index:9 larger than object count:2"},
		{`$.names.index('a')`, "index() needs a whole number"},
		{`$.x.length()`, "No results for path: $['x']"},
	} {
		if got, err := readPath(t, store, test.path); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %s, %v, want %s", test.path, got, err, test.want)
		}
	}
	for value, want := range map[string]string{`true`: "BooleanNode", `5000000000`: "LongNode", `1.5`: "DoubleNode"} {
		if _, err := readPath(t, value, `$.a`); !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", value, err, want)
		}
	}
	if got := jacksonClass(NewObject()); !strings.HasSuffix(got, "ObjectNode") {
		t.Errorf("an object is %s", got)
	}
}

// TestPathRefused protects the parser: each is refused by AWS's validation too.
func TestPathRefused(t *testing.T) {
	for _, path := range []string{
		``, `a`, `$.`, `$..`, `$...a`, `$a b`, `$.a b`, `$[`, `$[]`, `$['a'`, `$['a]`, `$[a]`, `$['a',]`, `$[1,]`, `$[:]`, `$[1:2:3]`, `$[99999999999]`,
		`$[0,99999999999]`, `$[1:99999999999]`,
		`$.a.foo()`, `$.a.length(`, `$.a.length(1 2)`, `$.a.length(x)`, `$.a.index()`, `$[?]`, `$[?()]`, `$[?(@.a]`, `$[?(@.a ==)]`, `$[?(1)]`,
		`$[?(@.a =~ x)]`, `$[?(@.a =~ /x)]`, `$[?(@.a =~ /x/q)]`, `$[?(@.a =~ /(/)]`, `$[?(@.a == [1)]`, `$[?(@.a == [1 2])]`, `$[?(@.a == {x})]`, `$[?(@.a in [x])]`,
		`$[?(@.a && )]`, `$[?(@.a || )]`, `$[?((@.a)]`, `$$$`, `$[1 2]`, `$[-]`, `$[?(@. == 1)]`,
		`$[?(` + strings.Repeat("(", 200) + `@.a`, `$[?(@.a == ` + strings.Repeat("[", 200), "$." + strings.Repeat("a", maxPathLength),
		`$` + strings.Repeat(".length($", 200),
	} {
		if p, err := CompilePath(path); err == nil {
			t.Errorf("%.60q: got %+v, want an error", path, p)
		}
	}
}

type variables map[string]any

func (v variables) Variable(name string) (any, bool) { value, ok := v[name]; return value, ok }

// TestPathRoots protects where a path reads: the input, the Context object, a variable.
func TestPathRoots(t *testing.T) {
	s := &Scope{
		Input: mustDecode(t, `{"a":1}`),
		Ctx:   func() *Object { return ObjectOf("State", ObjectOf("Name", "S")) },
		Vars:  variables{"v": mustDecode(t, `[10,20]`)},
	}
	for path, want := range map[string]string{`$`: `{"a":1}`, `$.a`: `1`, `$$.State.Name`: `"S"`, `$v`: `[10,20]`, `$v[1]`: `20`, ` $.a `: `1`} {
		p, err := CompilePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := p.Read(s); err != nil || EncodeString(v) != want || !p.Present(s) || p.String() != path {
			t.Errorf("%s: got %v, %v, want %s", path, v, err, want)
		}
	}
	for _, path := range []string{`$nobody`, `$nobody.a`, `$$.Task`} {
		p, _ := CompilePath(path)
		if v, err := p.Read(s); err == nil || p.Present(s) {
			t.Errorf("%s: got %v, want an error", path, v)
		}
		if v, err := p.Read(&Scope{}); err == nil {
			t.Errorf("%s without variables and context: got %v", path, v)
		}
	}
	p, _ := CompilePath(`$v[7]`)
	if v, err := p.Read(s); v != nil || err != nil || p.Present(s) || p.Variable() != "v" || p.ReadsContext() {
		t.Errorf("an index out of bounds: got %v, %v", v, err)
	}
	if v, err := ReadPath(s.Input, "$.a"); v != int64(1) || err != nil {
		t.Errorf("ReadPath: got %v, %v", v, err)
	}
	if _, err := ReadPath(s.Input, "a"); err == nil {
		t.Error("ReadPath of a wrong path: no error")
	}
}

// TestReferencePath protects which paths ResultPath accepts, and what it writes.
func TestReferencePath(t *testing.T) {
	for path, want := range map[string][2]bool{ // reference path, definite
		`$`: {true, true}, `$.a.b`: {true, true}, `$.a[0]`: {true, true}, `$.a[-1]`: {false, true}, `$.a[0,1]`: {false, false}, `$.a[*]`: {false, false},
		`$..a`: {false, false}, `$.a[0:1]`: {false, false}, `$['a','b']`: {false, true}, `$['a','b'].c`: {false, false}, `$.a[?(@.b)]`: {false, false}, `$.a.length()`: {false, true},
	} {
		p, err := CompilePath(path)
		if err != nil || p.IsReference() != want[0] || p.Definite() != want[1] {
			t.Errorf("%s: got reference %v, definite %v, want %v (%v)", path, p.IsReference(), p.Definite(), want, err)
		}
	}
	root := mustDecode(t, `{"a":{"b":[1,2]},"n":5}`)
	for _, test := range []struct{ path, want string }{
		{`$`, `"new"`},
		{`$.c`, `{"a":{"b":[1,2]},"n":5,"c":"new"}`},
		{`$.n`, `{"a":{"b":[1,2]},"n":"new"}`},
		{`$.x.y.z`, `{"a":{"b":[1,2]},"n":5,"x":{"y":{"z":"new"}}}`},
		{`$.a.b[1]`, `{"a":{"b":[1,"new"]},"n":5}`},
		{`$.a.b[2]`, ``},
		{`$.a.b.c`, ``},
		{`$.n.x`, ``},
		{`$.n[0]`, ``},
		{`$.a.b[0].c`, ``},
		{`$.x[0]`, ``},
		{`$.a[*]`, ``},
	} {
		p, _ := CompilePath(test.path)
		got, err := WriteAt(root, p, "new")
		switch {
		case test.want == "" && (err == nil || err.Name != "States.ResultPathMatchFailure"):
			t.Errorf("%s: got %s, want States.ResultPathMatchFailure", test.path, EncodeString(got))
		case test.want != "" && EncodeString(got) != test.want:
			t.Errorf("%s: got %s, %v, want %s", test.path, EncodeString(got), err, test.want)
		}
	}
	if EncodeString(root) != `{"a":{"b":[1,2]},"n":5}` {
		t.Errorf("the root changed: %s", EncodeString(root))
	}
}

// TestPathBudget protects against paths whose work multiplies.
func TestPathBudget(t *testing.T) {
	document := "[" + strings.Repeat("[1,2,3,4,5,6,7,8,9],", 400) + "1]"
	if _, err := readPath(t, document, `$`+strings.Repeat("[?($..*[?($..*)])]", 3)); err == nil {
		t.Log("finished within the budget")
	}
	if _, err := readPath(t, strings.Repeat("[", 400)+strings.Repeat("]", 400), `$..*..*..*..*`); err == nil || !strings.Contains(err.Error(), "too many nodes") {
		t.Errorf("got %v, want the end of the budget", err)
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{`$.a.b[0]`, `$..a[?(@.b == 1 && @.c =~ /x/i)]`, `$['a','b'][1:3]`, `$.a.sum($.b)`, `$v[-1]`, `$$.State`, `$[?(!(@.a in [1,'b']))]`} {
		f.Add(seed, `{"a":[{"b":1,"c":"x"}],"b":[1,2]}`)
	}
	f.Fuzz(func(t *testing.T, path, document string) {
		p, err := CompilePath(path)
		if err != nil {
			return
		}
		v, err := DecodeString(document)
		if err != nil {
			return
		}
		s := &Scope{Input: v, Ctx: NewObject, Vars: variables{"v": v}}
		if _, err := p.Read(s); err != nil && err.Error() == "" {
			t.Fatalf("%q: an error without a text", path)
		}
		p.Present(s)
		if p.IsReference() {
			WriteAt(v, p, "x")
		}
	})
}
