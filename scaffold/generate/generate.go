// Package generate turns one worked example into a project of the user's own: fs.FS in, project out.
//
// Render copies the stack of the example and every construct that it imports, moves their import paths to the user's
// module and adds the skeleton of scaffold/base. What is generated is therefore what is compiled and tested here; there
// are no text templates. Write puts the result on disk in one step, or replaces what the user has not edited.
//
// It deliberately asks nothing, reads no clock, no environment and no network, runs no command, and never puts an answer
// into Go source: answers travel in Project.Files (answers.yaml, and the context of cdk.json).
// It follows "The Go command: Import path syntax" and "Go Modules Reference: Module paths"; for the generated app,
// AWS CDK Developer Guide v2, "Working with the AWS CDK in Go".
package generate

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// Source is the embedded source of Pipewright itself.
type Source struct {
	Module     string // module path that the source imports itself by: example.com/pipewright
	Stacks     fs.FS  // content of stacks/: one folder per example
	Constructs fs.FS  // content of constructs/: one folder per construct
	Base       fs.FS  // content of scaffold/base/: the skeleton; embed it with all: so that dotfiles are there
}

// Project is what the user chose.
type Project struct {
	Example string            // folder under stacks/: glueworkflow
	Module  string            // the user's module path: orders, example.com/orders
	Files   map[string][]byte // further files by slash path, such as answers.yaml, README.md, cdk.json; they win over the skeleton's
}

// File is one file of a generated project.
type File struct {
	Path string      // slash-separated, below the project's root
	Mode fs.FileMode // 0755 when the content begins with #!, else 0644: an embed.FS knows no other sign of a script
	Data []byte
}

// Tree is a whole generated project, sorted by path. Its last step of rendering was the manifest, .pipewright.sum.
type Tree struct {
	Files []File
}

// Refusal is an input that was refused. Nothing has been changed on disk because of it, apart from what Result.Recovered lists.
type Refusal struct {
	Problem string // what was got, and what was expected
	Hint    string // how to mend it
}

// Error is the problem, and the hint on a line of its own.
func (r *Refusal) Error() string {
	if r.Hint == "" {
		return r.Problem
	}
	return r.Problem + "\n  hint: " + r.Hint
}

func refuse(hint, problem string, args ...any) error {
	return &Refusal{Problem: fmt.Sprintf(problem, args...), Hint: hint}
}

// Render makes the project in memory. It is pure: the same source and project give the same bytes on every machine.
// A wrong example, module path or extra file is a *Refusal; every other error is a fault of the source.
func Render(src Source, project Project) (*Tree, error) {
	if err := CheckModule(project.Module); err != nil {
		return nil, err
	}
	if err := checkExample(src.Stacks, project.Example); err != nil {
		return nil, err
	}
	c := &collector{src: src, project: project, files: map[string][]byte{}}
	steps := []func() error{c.copyBase, c.copyPackages, c.addModule, c.addExtra}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	tree := newTree(c.files)
	if err := tree.check(); err != nil {
		return nil, err
	}
	return tree, nil
}

func newTree(files map[string][]byte) *Tree {
	tree := &Tree{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		tree.Files = append(tree.Files, File{Path: name, Mode: modeOf(files[name]), Data: files[name]})
	}
	tree.Files = append(tree.Files, File{Path: ManifestName, Mode: 0o644, Data: manifestOf(tree.Files)})
	slices.SortFunc(tree.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return tree
}

func modeOf(data []byte) fs.FileMode {
	if bytes.HasPrefix(data, []byte("#!")) {
		return 0o755
	}
	return 0o644
}

// check refuses a tree that some file system could not hold as it is: the project is to be cloned on any machine.
func (t *Tree) check() error {
	folded := map[string]string{}
	for _, file := range t.Files {
		if err := checkFilePath(file.Path); err != nil {
			return err
		}
		fold := strings.ToLower(file.Path)
		if other, ok := folded[fold]; ok {
			return fmt.Errorf("files %s and %s: some file systems hold only one of them, rename one", other, file.Path)
		}
		folded[fold] = file.Path
	}
	for _, file := range t.Files {
		for folder := path.Dir(file.Path); folder != "."; folder = path.Dir(folder) {
			if other, ok := folded[strings.ToLower(folder)]; ok {
				return fmt.Errorf("file %s: %s is a file too, so it cannot be a folder", file.Path, other)
			}
		}
	}
	return nil
}

// checkFilePath takes the rules of files in a Go module: no .., no absolute path, no name that Windows reserves.
func checkFilePath(name string) error {
	if err := module.CheckFilePath(name); err != nil {
		return fmt.Errorf("%w; expected a path that every file system can hold", err)
	}
	for elem := range strings.SplitSeq(name, "/") {
		if strings.TrimSpace(elem) != elem {
			return fmt.Errorf("file %q: expected no space at the ends of %q", name, elem)
		}
	}
	return nil
}
