package generate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
)

// WriteOptions say how a project meets what is there already.
type WriteOptions struct {
	Force bool // update a generated project in place: replace what nobody has edited, keep everything else
}

// Result lists what happened to each file, by slash path below the project, each list sorted.
type Result struct {
	Written   []string // new
	Replaced  []string // were generated before and not edited since
	Kept      []string // differ from what would be generated, because the user edited or made them
	Removed   []string // were generated before, not edited since, and are no longer part
	Unchanged []string // had the new content already
	Recovered []string // leftovers of a killed run, now removed: names beside the target, or in the project
}

// Write puts the tree into dir, a path below the working folder.
//
// A new project appears in one step: it is written to a temporary folder beside dir and then renamed. With Force an
// existing project is updated file by file, each by a rename, and put back if one of them fails. A file that the user
// has deleted comes back; one that the user has edited, or made, is never touched. Nothing is written through symbolic
// links. Modes are those of the tree, less the umask.
//
// An error that is a *Refusal says what is wrong with dir; after any error the target is as it was. When the process is
// killed, so is a new project's target; an update may be half done, and the next one finishes it.
func (t *Tree) Write(dir string, options WriteOptions) (Result, error) {
	cwd, err := os.OpenRoot(".")
	if err != nil {
		return Result{}, fmt.Errorf("open the working folder: %w", err)
	}
	defer func() { _ = cwd.Close() }() // opened for reading names only
	w := &writer{tree: t, force: options.Force, step: func() {}}
	if err := w.write(cwd, dir); err != nil {
		return Result{Recovered: w.result.Recovered}, err
	}
	for _, list := range [][]string{w.result.Written, w.result.Replaced, w.result.Kept, w.result.Removed, w.result.Unchanged, w.result.Recovered} {
		slices.Sort(list)
	}
	return w.result, nil
}

// writer is one call of Write.
type writer struct {
	tree   *Tree
	force  bool
	step   func() // called before each change on disk; tests die here
	result Result
}

func (w *writer) write(cwd *os.Root, dir string) error {
	if err := CheckTarget(dir); err != nil {
		return err
	}
	if err := w.tree.check(); err != nil {
		return err
	}
	dir = path.Clean(dir)
	if dir == "." {
		if !w.force {
			return refuseWorkingFolder()
		}
		return w.update(cwd, dir)
	}
	parent, err := openParent(cwd, dir)
	if err != nil {
		return err
	}
	defer func() { _ = parent.Close() }() // opened for reading names only
	return w.writeBelow(parent, path.Base(dir), dir)
}

func (w *writer) writeBelow(parent *os.Root, name, dir string) error {
	if _, _, err := contents(parent, name, dir); err != nil {
		return err
	}
	beside := besideTarget(parent, name)
	release, lockErr := beside.acquire(dir)
	if lockErr == nil {
		defer release()
		var err error
		if w.result.Recovered, err = beside.recoverStale(); err != nil {
			return err
		}
	}
	exists, entries, err := contents(parent, name, dir) // again: another generator may have finished before the lock
	switch {
	case err != nil:
		return err
	case len(entries) > 0 && !w.force:
		return notEmpty(dir, entries)
	case len(entries) > 0:
		project, err := openFolder(parent, name, dir)
		if err != nil {
			return err
		}
		defer func() { _ = project.Close() }() // its files are closed one by one
		return w.update(project, dir)
	case lockErr != nil:
		return lockErr
	}
	return w.create(beside, name, exists)
}

// create writes the whole tree beside the target and renames it.
func (w *writer) create(beside place, name string, exists bool) (err error) {
	temp, err := beside.stage()
	if err != nil {
		return err
	}
	defer func() {
		if removeErr := beside.discard(temp); err != nil {
			err = errors.Join(err, removeErr)
		}
	}()
	whole := temp + "/tree"
	if err := w.writeTree(beside.root, whole); err != nil {
		return err
	}
	w.step()
	if err := renameFolder(beside.root, whole, name, exists); err != nil {
		return fmt.Errorf("move the project to %s: %w", name, err)
	}
	return nil
}

// writeTree makes the folder with all files of the tree in it. It opens the folder first: for each file, the system is
// asked for every folder on the way from the one that is open.
func (w *writer) writeTree(parent *os.Root, whole string) error {
	if err := parent.Mkdir(whole, 0o755); err != nil {
		return fmt.Errorf("make temporary folder: %w", err)
	}
	root, err := parent.OpenRoot(whole)
	if err != nil {
		return fmt.Errorf("open temporary folder: %w", err)
	}
	defer func() { _ = root.Close() }() // its files are closed one by one
	made := map[string]bool{".": true}
	for _, file := range w.tree.Files {
		w.step()
		if folder := path.Dir(file.Path); !made[folder] {
			if err := root.MkdirAll(folder, 0o755); err != nil {
				return fmt.Errorf("make folder %s: %w", folder, err)
			}
			made[folder] = true
		}
		if err := writeNew(root, file.Path, file.Data, file.Mode); err != nil {
			return err
		}
		w.result.Written = append(w.result.Written, file.Path)
	}
	return nil
}

// renameFolder moves a folder to where nothing is, or an empty folder, which not every system replaces in one step.
func renameFolder(root *os.Root, from, to string, exists bool) error {
	err := root.Rename(from, to)
	if err == nil || !exists {
		return err
	}
	if err := root.Remove(to); err != nil {
		return err
	}
	if err := root.Rename(from, to); err != nil {
		return errors.Join(err, root.Mkdir(to, 0o755))
	}
	return nil
}

// readRegular reads a file. A folder, a link or a device is errNotRegular.
func readRegular(root *os.Root, name string) (data []byte, mode fs.FileMode, err error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, info.Mode(), errNotRegular
	}
	data, err = root.ReadFile(name)
	return data, info.Mode().Perm(), err
}

var errNotRegular = errors.New("not a regular file")
