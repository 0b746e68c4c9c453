package generate

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// reroot moves the import paths of a Go file from one module to another and formats it. Nothing but import specs changes:
// strings and comments that happen to hold the old path stay, since nobody but their author knows what they mean.
func reroot(name string, source []byte, from, to string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ImportsOnly)
	if err != nil {
		return nil, fmt.Errorf("parse imports: %w", err)
	}
	var out bytes.Buffer
	done := 0
	for _, spec := range file.Imports {
		rest, ours := below(importPath(spec), from)
		if !ours {
			continue
		}
		start, end := offsets(fset, spec.Path)
		out.Write(source[done:start])
		out.WriteString(strconv.Quote(to + rest))
		done = end
	}
	out.Write(source[done:])
	return formatted(name, out.Bytes())
}

// formatted is format.Source until nothing changes: odd comments take it two rounds, and users will run gofmt again.
func formatted(name string, source []byte) ([]byte, error) {
	const rounds = 5
	for range rounds {
		next, err := format.Source(source)
		if err != nil {
			return nil, fmt.Errorf("format %s: %w", name, err)
		}
		if bytes.Equal(next, source) {
			return next, nil
		}
		source = next
	}
	return nil, fmt.Errorf("format %s: gofmt still changes it after %d rounds, expected a file that gofmt leaves alone", name, rounds)
}

// importPath is the path that the spec imports, empty when it is no string literal.
func importPath(spec *ast.ImportSpec) string {
	unquoted, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return ""
	}
	return unquoted
}

// below returns what follows the module in the import path: "" or "/...".
func below(imported, modulePath string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(imported, modulePath)
	return rest, ok && (rest == "" || rest[0] == '/')
}

func offsets(fset *token.FileSet, node ast.Node) (start, end int) {
	file := fset.File(node.Pos())
	return file.Offset(node.Pos()), file.Offset(node.End())
}
