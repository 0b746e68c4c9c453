package generate

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// span is a piece of a file, in bytes: [start, end).
type span struct{ start, end int }

// app is cdk.go while the other examples are cut out of it.
type app struct {
	source []byte
	fset   *token.FileSet
	file   *ast.File
	cuts   []span
}

// filterApp leaves in the app only the import and the line of the chosen example. A comment that touches a line, above
// it or behind it, goes with the line; one set apart by a blank line stays.
func (c *collector) filterApp(source []byte) ([]byte, error) {
	a, err := parseApp(source)
	if err != nil {
		return nil, err
	}
	before := a.qualifiers()
	own := false
	for _, spec := range a.file.Imports {
		example, ok := c.exampleOf(importPath(spec))
		switch {
		case !ok:
		case example == c.project.Example:
			own = own || before[c.qualifier(spec)]
		default:
			if err = a.cutExample(spec, c.qualifier(spec)); err != nil {
				return nil, err
			}
		}
	}
	if !own {
		return nil, fmt.Errorf("there is no line for example %s, expected its import and %s.New(app, ...)", c.project.Example, c.project.Example)
	}
	filtered, err := a.apply()
	if err != nil {
		return nil, err
	}
	return dropUnused(filtered, before)
}

func parseApp(source []byte) (*app, error) {
	source, err := format.Source(source)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, appName, source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	return &app{source: source, fset: fset, file: file}, nil
}

// qualifiers are the names before a dot: the imported packages in use, and some variables, which do no harm here.
func (a *app) qualifiers() map[string]bool {
	used := map[string]bool{}
	ast.Inspect(a.file, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if ident, ok := selector.X.(*ast.Ident); ok {
				used[ident.Name] = true
			}
		}
		return true
	})
	return used
}

// qualifier is the name that an example goes by in the app: that of its package clause, unless the import renames it.
func (c *collector) qualifier(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	folder := strings.TrimPrefix(importPath(spec), c.src.Module+"/stacks/")
	entries, err := fs.ReadDir(c.src.Stacks, folder)
	if err != nil {
		return path.Base(folder)
	}
	for _, entry := range entries {
		if path.Ext(entry.Name()) != ".go" || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		data, err := fs.ReadFile(c.src.Stacks, folder+"/"+entry.Name())
		if err != nil {
			continue
		}
		if file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), data, parser.PackageClauseOnly); err == nil {
			return file.Name.Name
		}
	}
	return path.Base(folder)
}

// cutExample marks the import of another example and each statement that uses it.
func (a *app) cutExample(spec *ast.ImportSpec, name string) error {
	if name == "." {
		return fmt.Errorf("%s: got a dot import of an example, expected a named one", a.fset.Position(spec.Pos()))
	}
	a.cutImport(spec)
	var stack []ast.Node
	var failed error
	ast.Inspect(a.file, func(node ast.Node) bool {
		if node == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, node)
		if ident, ok := node.(*ast.Ident); ok && ident.Name == name && qualifies(stack) {
			failed = errors.Join(failed, a.cutStatement(stack))
		}
		return true
	})
	return failed
}

// qualifies reports whether the innermost node stands before the dot of a selector.
func qualifies(stack []ast.Node) bool {
	if len(stack) < 2 {
		return false
	}
	selector, ok := stack[len(stack)-2].(*ast.SelectorExpr)
	return ok && selector.X == stack[len(stack)-1]
}

// cutStatement marks the statement around the innermost node. It must be a call alone on its line: the removal of
// anything else could leave an app that does not compile.
func (a *app) cutStatement(stack []ast.Node) error {
	for i := len(stack) - 1; i > 0; i-- {
		if statement, ok := stack[i].(ast.Stmt); ok {
			call, isCall := statement.(*ast.ExprStmt)
			if _, inBlock := stack[i-1].(*ast.BlockStmt); !isCall || !inBlock {
				break
			}
			a.cut(call, nil, nil)
			return nil
		}
	}
	return fmt.Errorf("%s: got an example used inside a larger statement, expected one call per line such as name.New(app, \"Name\", nil)",
		a.fset.Position(stack[len(stack)-1].Pos()))
}

// cutImport marks the spec, or the whole declaration when it holds no other.
func (a *app) cutImport(spec *ast.ImportSpec) {
	for _, decl := range a.file.Decls {
		imports, ok := decl.(*ast.GenDecl)
		if !ok || !slices.Contains(imports.Specs, ast.Spec(spec)) {
			continue
		}
		if len(imports.Specs) == 1 {
			a.cut(imports, imports.Doc, nil)
			return
		}
	}
	a.cut(spec, spec.Doc, spec.Comment)
}

// cut marks a node with the comments that touch it. Where the node has its lines for itself, they go whole.
func (a *app) cut(node ast.Node, doc, comment *ast.CommentGroup) {
	start, end := offsets(a.fset, node)
	for _, group := range a.file.Comments {
		first, last := offsets(a.fset, group)
		switch {
		case group == doc || a.touches(last, start) && a.lineStart(first) >= 0:
			start = min(start, first)
		case group == comment || first >= end && !bytes.ContainsAny(a.source[end:first], "\n};"):
			end = max(end, last)
		}
	}
	if line := a.lineStart(start); line >= 0 {
		start = line
		if newline := bytes.IndexByte(a.source[end:], '\n'); newline >= 0 && len(bytes.TrimSpace(a.source[end:end+newline])) == 0 {
			end += newline + 1
		}
	}
	a.cuts = append(a.cuts, span{start, end})
}

// touches reports whether only the end of one line lies between a comment and what follows it.
func (a *app) touches(commentEnd, start int) bool {
	if commentEnd > start {
		return false
	}
	between := a.source[commentEnd:start]
	return len(bytes.TrimSpace(between)) == 0 && bytes.Count(between, []byte("\n")) <= 1
}

// lineStart is where the line of the offset begins, or -1 when something else stands before the offset.
func (a *app) lineStart(offset int) int {
	line := bytes.LastIndexByte(a.source[:offset], '\n') + 1
	if len(bytes.TrimSpace(a.source[line:offset])) > 0 {
		return -1
	}
	return line
}

// apply removes what is marked and formats the rest.
func (a *app) apply() ([]byte, error) {
	slices.SortFunc(a.cuts, func(x, y span) int { return x.start - y.start })
	var out bytes.Buffer
	done := 0
	for _, cut := range a.cuts {
		if cut.end <= done {
			continue
		}
		out.Write(a.source[done:max(done, cut.start)])
		done = cut.end
	}
	out.Write(a.source[done:])
	return formatted(appName, out.Bytes())
}

// dropUnused removes the imports that only the removed lines used.
func dropUnused(source []byte, before map[string]bool) ([]byte, error) {
	a, err := parseApp(source)
	if err != nil {
		return nil, err
	}
	after := a.qualifiers()
	for _, spec := range a.file.Imports {
		name := guessName(spec)
		if before[name] && !after[name] {
			a.cutImport(spec)
		}
	}
	return a.apply()
}

// guessName is the name that an import most likely goes by: its last element without a major version and without the
// go- or -go that repositories add (jsii-runtime-go is package jsii).
func guessName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	imported := importPath(spec)
	name := path.Base(imported)
	if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
		name = path.Base(path.Dir(imported))
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "go-"), "-go")
	name, _, _ = strings.Cut(name, "-")
	return name
}
