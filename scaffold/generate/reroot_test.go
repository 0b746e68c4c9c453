package generate

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReroot(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{
			"an import of the module moves, whatever its quotes and its name",
			"package p\n\nimport a `example.com/pipewright/x`\nimport _ \"example.com/pipewright\"\n",
			"package p\n\nimport a \"orders/x\"\nimport _ \"orders\"\n",
		},
		{
			"a module that only begins alike stays",
			"package p\n\nimport _ \"example.com/pipewrights/x\"\n",
			"package p\n\nimport _ \"example.com/pipewrights/x\"\n",
		},
		{
			"imports are sorted again, since gofmt would",
			"package p\n\nimport (\n\t_ \"example.com/pipewright/x\"\n\t_ \"fmt\"\n)\n",
			"package p\n\nimport (\n\t_ \"fmt\"\n\t_ \"orders/x\"\n)\n",
		},
		{
			"strings, comments and directives stay",
			"//go:build linux\n\n// Package p is example.com/pipewright.\npackage p // example.com/pipewright\n\n//go:embed x\nvar s = \"example.com/pipewright\"\n",
			"//go:build linux\n\n// Package p is example.com/pipewright.\npackage p // example.com/pipewright\n\n//go:embed x\nvar s = \"example.com/pipewright\"\n",
		},
		{
			"Windows line ends become those of gofmt",
			"package p\r\n\r\nimport _ \"example.com/pipewright/x\"\r\n",
			"package p\n\nimport _ \"orders/x\"\n",
		},
		{
			"a line directive does not move the edit",
			"package p\n\n//line other.go:1000\nimport _ \"example.com/pipewright/x\"\n",
			"package p\n\n//line other.go:1000\nimport _ \"orders/x\"\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := reroot("p.go", []byte(test.source), home, "orders")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRerootNamesTheFileThatIsNoGo(t *testing.T) {
	for _, source := range []string{"", "hello", "package p\nimport x", "package p\nfunc {"} {
		_, err := reroot("stacks/a/a.go", []byte(source), home, "orders")
		if err == nil || !strings.Contains(err.Error(), "stacks/a/a.go") {
			t.Errorf("%q: got error %v, want one that names the file", source, err)
		}
	}
}

func FuzzReroot(f *testing.F) {
	f.Add([]byte("package p\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/pipewright/constructs/a\" // why\n)\n\nfunc F() { fmt.Println(a.B, \"example.com/pipewright\") }\n"))
	f.Add([]byte("// doc\npackage p\nimport `example.com/pipewright/x`; import . \"example.com/pipewright\"\n/* c */ var x = `example.com/pipewright/y`"))
	f.Add([]byte("package p\n//line a.go:1\nimport \"example.com/pipewright/\\u0061\"\nconst x = 0X1F"))
	f.Add([]byte("\xef\xbb\xbfpackage p\r\nimport (\r\n\"example.com/pipewright/b\"\r\n\"example.com/pipewright/b\"\r\n)\r\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		got, err := reroot("p.go", source, home, "orders")
		if err != nil {
			return // no Go file, or one that gofmt never leaves alone
		}
		formatted, err := format.Source(got)
		if err != nil {
			t.Fatalf("the output does not parse: %v\n%s", err, got)
		}
		if !bytes.Equal(formatted, got) {
			t.Errorf("gofmt changes the output:\n%s", cmp.Diff(string(got), string(formatted)))
		}
		before, err := format.Source(source)
		if err != nil {
			t.Fatalf("the input does not parse, but was accepted: %v", err)
		}
		wantImports, wantCode := dissect(t, before)
		gotImports, gotCode := dissect(t, got)
		for i, imported := range wantImports {
			if rest, ok := below(imported, home); ok {
				wantImports[i] = "orders" + rest
			}
		}
		// gofmt sorts imports and drops those that occur twice; the renaming changes which are equal or next to each other.
		if diff := cmp.Diff(distinct(wantImports), distinct(gotImports)); diff != "" {
			t.Errorf("imports (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(wantCode, gotCode); diff != "" {
			t.Errorf("more than imports changed (-want +got):\n%s", diff)
		}
	})
}

func distinct(paths []string) []string {
	slices.Sort(paths)
	return slices.Compact(paths)
}

// dissect returns the imported paths, and the tokens of everything but the import declarations and comments.
func dissect(t *testing.T, source []byte) (imports, code []string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	after := fset.File(file.Pos()).Offset(file.Name.End())
	for _, decl := range file.Decls {
		if declaration, ok := decl.(*ast.GenDecl); ok && declaration.Tok == token.IMPORT {
			_, after = offsets(fset, declaration)
		}
	}
	for _, spec := range file.Imports {
		imports = append(imports, importPath(spec))
	}
	var tokens scanner.Scanner
	rest := source[after:]
	tokens.Init(token.NewFileSet().AddFile("", -1, len(rest)), rest, func(token.Position, string) {}, 0)
	for {
		_, kind, literal := tokens.Scan()
		if kind == token.EOF {
			return imports, code
		}
		if kind != token.SEMICOLON || literal == ";" {
			code = append(code, kind.String()+" "+literal)
		}
	}
}
