package generate

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// without copies a file system, leaving out one file.
func without(t testing.TB, fsys fs.FS, name string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := walk(fsys, ".", func(path string, data []byte) error {
		if path != name {
			out[path] = &fstest.MapFile{Data: data}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// treeOf makes a tree with a manifest from content by path.
func treeOf(content map[string]string) *Tree {
	files := map[string][]byte{}
	for name, data := range content {
		files[name] = []byte(data)
	}
	return newTree(files)
}

// onDisk reads everything below a folder: content by path, a folder as "folder", a link as "-> target".
func onDisk(t testing.TB, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case entry.IsDir():
			found[name] = "folder"
		case entry.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			found[name] = "-> " + to
			return err
		default:
			data, err := os.ReadFile(path)
			found[name] = string(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// put writes files below the working folder, making folders as needed.
func put(t testing.TB, content map[string]string) {
	t.Helper()
	for name, data := range content {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
