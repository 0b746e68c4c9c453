package generate

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// appName is the skeleton's file that lists the stacks.
const appName = "cdk.go"

// collector gathers the files of one project.
type collector struct {
	src     Source
	project Project
	files   map[string][]byte
	queue   []string // packages still to be copied, as slash paths below the module: constructs/alerts
	copied  []string // folders that are in files with everything below them
}

// copyBase comes first: the app's imports are what everything else follows from.
func (c *collector) copyBase() error {
	err := walk(c.src.Base, ".", func(name string, data []byte) error {
		var err error
		switch {
		case name == appName:
			if data, err = c.filterApp(data); err != nil {
				return fmt.Errorf("scaffold/base/%s: %w", appName, err)
			}
		case strings.HasSuffix(name, ".go") && !ignoredByGo(name):
			if err = c.refuseOthers(name, data); err != nil {
				return err
			}
		}
		switch path.Base(name) {
		case "go.mod.txt", "go.sum.txt":
			name = strings.TrimSuffix(name, ".txt")
		}
		return c.add(name, "scaffold/base/"+name, data)
	})
	if _, ok := c.files[appName]; err == nil && !ok {
		return fmt.Errorf("scaffold/base/%s: there is none, expected the app with one line per stack", appName)
	}
	return err
}

// copyPackages copies the example, then what it imports, then what that imports.
func (c *collector) copyPackages() error {
	c.queue = append(c.queue, "stacks/"+c.project.Example)
	for len(c.queue) > 0 {
		folder := c.queue[0]
		c.queue = c.queue[1:]
		if slices.ContainsFunc(c.copied, func(done string) bool { return folder == done || strings.HasPrefix(folder, done+"/") }) {
			continue
		}
		if err := c.copyFolder(folder); err != nil {
			return err
		}
		c.copied = append(c.copied, folder)
	}
	return nil
}

// copyFolder copies a package with its subfolders: the scripts, data and programs that it deploys lie there.
func (c *collector) copyFolder(folder string) error {
	top, inside, _ := strings.Cut(folder, "/")
	fsys := c.src.Constructs
	if top == "stacks" {
		fsys = c.src.Stacks
	}
	return walk(fsys, inside, func(name string, data []byte) error {
		if top == "stacks" && isModuleFile(name) {
			return nil
		}
		full := top + "/" + name
		return c.add(full, full, data)
	})
}

// isModuleFile reports whether the file, below stacks/, is an example's go.mod or go.sum: those go to the project's root.
func isModuleFile(name string) bool {
	base := path.Base(name)
	return strings.Count(name, "/") == 1 && (base == "go.mod.txt" || base == "go.sum.txt")
}

// add puts one file into the project. Go files are moved to the user's module, and what they import is queued.
func (c *collector) add(name, origin string, data []byte) error {
	if name == ManifestName {
		return fmt.Errorf("%s: the generator writes this file itself, remove it from the source", origin)
	}
	if strings.HasSuffix(name, ".go") && !ignoredByGo(name) {
		if err := c.follow(origin, data); err != nil {
			return err
		}
		moved, err := reroot(origin, data, c.src.Module, c.project.Module)
		if err != nil {
			return err
		}
		data = moved
	}
	c.files[name] = data
	return nil
}

// follow queues the packages that a Go file imports from the source's own module.
func (c *collector) follow(origin string, data []byte) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, origin, data, parser.ImportsOnly)
	if err != nil {
		return fmt.Errorf("parse imports: %w", err)
	}
	for _, spec := range file.Imports {
		imported := importPath(spec)
		rest, ours := below(imported, c.src.Module)
		if !ours {
			continue
		}
		folder := strings.TrimPrefix(rest, "/")
		if err := c.checkPackage(folder); err != nil {
			return fmt.Errorf("%s: import %q: %w", fset.Position(spec.Pos()), imported, err)
		}
		c.queue = append(c.queue, folder)
	}
	return nil
}

// checkPackage says whether the folder, below the module, can go into a project.
func (c *collector) checkPackage(folder string) error {
	top, inside, nested := strings.Cut(folder, "/")
	if (top != "stacks" && top != "constructs") || !nested || !fs.ValidPath(inside) {
		return errors.New("a generated project holds only packages below stacks/ and constructs/; move what it needs there")
	}
	fsys := c.src.Constructs
	if top == "stacks" {
		fsys = c.src.Stacks
	}
	has, err := hasGo(fsys, inside)
	if err != nil || !has {
		return fmt.Errorf("there is no Go package in %s; expected an embedded folder with Go files", folder)
	}
	return nil
}

// refuseOthers keeps the other examples out of the skeleton: only cdk.go is cut to size, its other Go files are taken whole.
func (c *collector) refuseOthers(name string, data []byte) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "scaffold/base/"+name, data, parser.ImportsOnly)
	if err != nil {
		return fmt.Errorf("parse imports: %w", err)
	}
	for _, spec := range file.Imports {
		if example, ok := c.exampleOf(importPath(spec)); ok && example != c.project.Example {
			return fmt.Errorf("%s: import of example %s: only %s may name the examples", fset.Position(spec.Pos()), example, appName)
		}
	}
	return nil
}

// exampleOf returns the example that an import path lies in.
func (c *collector) exampleOf(imported string) (string, bool) {
	inside, ok := strings.CutPrefix(imported, c.src.Module+"/stacks/")
	example, _, _ := strings.Cut(inside, "/")
	return example, ok
}

// addExtra adds the caller's files. They may replace the skeleton's data, never Go source or what follows from it.
func (c *collector) addExtra() error {
	for _, name := range slices.Sorted(maps.Keys(c.project.Files)) {
		_, exists := c.files[name]
		top, _, nested := strings.Cut(name, "/")
		switch {
		case strings.HasSuffix(name, ".go"):
			return refuse("put the value into cdk.json as context", "extra file %s: answers never go into Go source", name)
		case name == "go.mod" || name == "go.sum" || name == ManifestName,
			exists && nested && (top == "stacks" || top == "constructs"):
			return refuse("choose another name", "extra file %s: the generator writes this file itself", name)
		}
		c.files[name] = c.project.Files[name]
	}
	return nil
}

// checkExample refuses a name that is no folder under stacks/, and lists those that are.
func checkExample(stacks fs.FS, name string) error {
	entries, err := fs.ReadDir(stacks, ".")
	if err != nil {
		return fmt.Errorf("read the embedded stacks: %w", err)
	}
	var known []string
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		has, err := hasGo(stacks, entry.Name())
		if err != nil {
			return fmt.Errorf("read the embedded stacks: %w", err)
		}
		if has {
			known = append(known, entry.Name())
		}
	}
	if slices.Contains(known, name) {
		return nil
	}
	return refuse("`scaffold recommend` says which one fits", "example: got %q, expected one of %s", name, strings.Join(known, ", "))
}

// hasGo reports whether the folder itself holds Go files.
func hasGo(fsys fs.FS, folder string) (bool, error) {
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(entries, func(entry fs.DirEntry) bool {
		return !entry.IsDir() && strings.HasSuffix(entry.Name(), ".go")
	}), nil
}

// ignoredByGo reports whether the Go command never builds the file, so that it is data even when it ends in .go.
// Source: `go help packages`, the last paragraph on directories, read 2026-11.
func ignoredByGo(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(elem string) bool {
		return elem == "testdata" || elem[0] == '_' || elem[0] == '.'
	})
}

// walk calls visit for each file below the folder, in lexical order, without what a test run leaves behind.
func walk(fsys fs.FS, folder string, visit func(name string, data []byte) error) error {
	return fs.WalkDir(fsys, folder, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("read the embedded source: %w", err)
		case entry.IsDir() && isCache(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) == ".pyc":
			return nil
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s: got a %v, expected a regular file: a project holds no links or devices", name, entry.Type())
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read the embedded source: %w", err)
		}
		return visit(name, data)
	})
}

func isCache(folder string) bool {
	return folder == "__pycache__" || folder == ".pytest_cache" || folder == ".ruff_cache"
}
