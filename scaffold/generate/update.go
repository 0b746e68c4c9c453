package generate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// change is what an update does to one file.
type change struct {
	path    string
	mode    fs.FileMode
	data    []byte // the new content
	remove  bool
	existed bool
	oldMode fs.FileMode
	old     []byte // what an undo puts back
}

// updater is an update of a project in place.
type updater struct {
	*writer
	root    *os.Root
	dir     string
	known   sums // what earlier runs generated, finished or killed
	pending bool // a killed run has left its journal
	changes []change
	made    []string // folders, outermost first
}

// update replaces what nobody has edited in an existing project.
func (w *writer) update(root *os.Root, dir string) error {
	u := &updater{writer: w, root: root, dir: dir}
	if err := u.readManifests(); err != nil {
		return err
	}
	inside := insideProject(root)
	release, err := inside.acquire(dir)
	if err != nil {
		return err
	}
	defer release()
	recovered, err := inside.recoverStale()
	u.result.Recovered = append(u.result.Recovered, recovered...)
	if err != nil {
		return err
	}
	if err := u.readManifests(); err != nil { // again: another generator may have finished before the lock
		return err
	}
	if err := u.plan(); err != nil {
		return err
	}
	return u.commit(inside)
}

// readManifests reads what earlier runs generated. Without a manifest nothing tells generated files from the user's.
func (u *updater) readManifests() error {
	u.known, u.pending = sums{}, false
	data, _, err := readRegular(u.root, ManifestName)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNotRegular):
		return refuse("generate into a new folder and copy what you need",
			"target %q: --force needs the project's %s to tell generated files from yours, and there is none", u.dir, ManifestName)
	case err != nil:
		return fmt.Errorf("read %s: %w", ManifestName, err)
	}
	if err = u.known.read(ManifestName, data); err != nil {
		return err
	}
	data, _, err = readRegular(u.root, journalName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", journalName, err)
	}
	u.pending = true
	return u.known.read(journalName, data)
}

// plan decides for each file, and changes nothing.
func (u *updater) plan() error {
	wanted := map[string]bool{}
	for _, file := range u.tree.Files {
		wanted[file.Path] = true
		if err := u.checkFolders(file.Path); err != nil {
			return err
		}
		if file.Path != ManifestName {
			if err := u.planFile(file); err != nil {
				return err
			}
		}
	}
	for name := range u.known {
		if !wanted[name] {
			if err := u.planRemoval(name); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(u.changes, func(a, b change) int { return strings.Compare(a.path, b.path) })
	return nil
}

// checkFolders refuses a file whose folder is a link or a file: it would be written somewhere else, or not at all.
func (u *updater) checkFolders(name string) error {
	for i, r := range name {
		if r != '/' {
			continue
		}
		folder := name[:i]
		info, err := u.root.Lstat(folder)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return fmt.Errorf("look at folder %s: %w", folder, err)
		case !info.IsDir():
			return refuse("put a folder there, or generate into a new folder",
				"target %q: %s is no folder, but %s belongs in it, and nothing is written through links", u.dir, folder, name)
		}
	}
	return nil
}

func (u *updater) planFile(file File) error {
	old, oldMode, err := readRegular(u.root, file.Path)
	next := change{path: file.Path, mode: file.Mode, data: file.Data}
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, errNotRegular):
		u.result.Kept = append(u.result.Kept, file.Path)
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", file.Path, err)
	case string(old) == string(file.Data):
		u.result.Unchanged = append(u.result.Unchanged, file.Path)
		return nil
	case !u.known.has(file.Path, old):
		u.result.Kept = append(u.result.Kept, file.Path)
		return nil
	default:
		next.existed, next.old, next.oldMode = true, old, oldMode
	}
	u.changes = append(u.changes, next)
	return nil
}

// planRemoval removes what an earlier run generated and this one does not, unless the user has made it their own.
func (u *updater) planRemoval(name string) error {
	if err := u.checkFolders(name); err != nil {
		if _, ok := errors.AsType[*Refusal](err); ok {
			return nil // the user has put something else in its place
		}
		return err
	}
	old, oldMode, err := readRegular(u.root, name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNotRegular):
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", name, err)
	case !u.known.has(name, old):
		u.result.Kept = append(u.result.Kept, name)
		return nil
	}
	u.changes = append(u.changes, change{path: name, remove: true, existed: true, old: old, oldMode: oldMode})
	return nil
}

// commit prepares every new file first, so that a full disk is met before anything changes, then renames them into place.
// The journal comes before the first rename and the manifest last: whenever a run is killed, the next knows what is generated.
func (u *updater) commit(inside place) (err error) {
	manifest := u.tree.manifest()
	current, _, err := readRegular(u.root, ManifestName)
	if err != nil {
		return fmt.Errorf("read %s: %w", ManifestName, err)
	}
	if len(u.changes) == 0 && string(current) == string(manifest) && !u.pending {
		u.result.Unchanged = append(u.result.Unchanged, ManifestName)
		return nil
	}
	// The manifest is a file like any other, except that it is the last to be replaced.
	u.changes = append(u.changes, change{path: ManifestName, mode: 0o644, data: manifest, existed: true, old: current, oldMode: 0o644})
	temp, err := inside.stage()
	if err != nil {
		return err
	}
	defer func() {
		if removeErr := inside.discard(temp); err != nil {
			err = errors.Join(err, removeErr)
		}
	}()
	if err = u.prepare(temp); err != nil {
		return err
	}
	release, err := u.reserve()
	if err != nil {
		return err
	}
	defer release()
	if err := u.root.Rename(temp+"/journal", journalName); err != nil {
		return fmt.Errorf("begin the update: %w", err)
	}
	if err := u.apply(temp, release); err != nil {
		return err
	}
	return u.finish()
}

// manifest is the manifest that was rendered into the tree.
func (t *Tree) manifest() []byte {
	for _, file := range t.Files {
		if file.Path == ManifestName {
			return file.Data
		}
	}
	return manifestOf(t.Files)
}

// prepare writes the new files, what an undo needs, and the journal to the temporary folder, under numbers.
func (u *updater) prepare(temp string) error {
	for i, next := range u.changes {
		u.step()
		if next.remove {
			continue
		}
		err := writeNew(u.root, newName(temp, i), next.data, next.mode)
		if err == nil && next.existed {
			err = writeNew(u.root, oldName(temp, i), next.old, next.oldMode)
		}
		if err != nil {
			return fmt.Errorf("prepare %s: %w", next.path, err)
		}
		if next.path != ManifestName {
			u.known.add(next.path, sumOf(next.data))
		}
	}
	if err := writeNew(u.root, temp+"/journal", u.known.lines(), 0o644); err != nil {
		return fmt.Errorf("prepare %s: %w", journalName, err)
	}
	return nil
}

func newName(temp string, number int) string { return temp + "/new" + strconv.Itoa(number) }

func oldName(temp string, number int) string { return temp + "/old" + strconv.Itoa(number) }

// apply makes the changes one by one. When one fails, it releases what is reserved and undoes those before it.
func (u *updater) apply(temp string, release func()) error {
	for i, next := range u.changes {
		u.step()
		err := u.one(temp, i, next)
		if err == nil {
			continue
		}
		release()
		for done := i - 1; done >= 0; done-- {
			err = errors.Join(err, u.undo(temp, done))
		}
		for _, folder := range slices.Backward(u.made) {
			err = errors.Join(err, u.root.Remove(folder))
		}
		if !u.pending {
			err = errors.Join(err, u.root.Remove(journalName))
		}
		return err
	}
	return nil
}

// reserve holds the descriptors that a rename may need, so that an undo has them when there are no others left.
func (u *updater) reserve() (release func(), err error) {
	const descriptors = 4 // os.Root.Rename holds a folder of each path and opens the next below one of them
	var held []*os.File
	release = func() {
		for _, file := range held {
			_ = file.Close() // opened to be closed
		}
		held = nil
	}
	for range descriptors {
		file, err := u.root.Open(".")
		if err != nil {
			release()
			return nil, fmt.Errorf("begin the update: %w", err)
		}
		held = append(held, file)
	}
	return release, nil
}

// one makes one change, a removal too, by a rename: both can be undone by another rename.
func (u *updater) one(temp string, number int, next change) error {
	if next.remove {
		if err := u.root.Rename(next.path, oldName(temp, number)); err != nil {
			return fmt.Errorf("remove %s: %w", next.path, err)
		}
		u.result.Removed = append(u.result.Removed, next.path)
		return nil
	}
	if err := u.makeFolders(path.Dir(next.path)); err != nil {
		return fmt.Errorf("make folder for %s: %w", next.path, err)
	}
	if err := u.root.Rename(newName(temp, number), next.path); err != nil {
		return fmt.Errorf("replace %s: %w", next.path, err)
	}
	if next.existed {
		u.result.Replaced = append(u.result.Replaced, next.path)
	} else {
		u.result.Written = append(u.result.Written, next.path)
	}
	return nil
}

// makeFolders makes a folder with those above it, and notes which of them are new.
func (u *updater) makeFolders(folder string) error {
	if folder == "." {
		return nil
	}
	if info, err := u.root.Lstat(folder); err == nil && info.IsDir() {
		return nil
	}
	if err := u.makeFolders(path.Dir(folder)); err != nil {
		return err
	}
	if err := u.root.Mkdir(folder, 0o755); err != nil {
		return err
	}
	u.made = append(u.made, folder)
	return nil
}

func (u *updater) undo(temp string, number int) error {
	last := u.changes[number]
	if !last.existed {
		return u.root.Remove(last.path)
	}
	return u.root.Rename(oldName(temp, number), last.path)
}

// finish removes what the update leaves over: the journal and the folders that became empty.
func (u *updater) finish() error {
	for _, name := range u.result.Removed {
		u.removeEmpty(name)
	}
	if err := u.root.Remove(journalName); err != nil {
		return fmt.Errorf("end the update: %w", err)
	}
	if u.pending {
		u.result.Recovered = append(u.result.Recovered, journalName)
	}
	return nil
}

// removeEmpty removes the folders above a removed file as long as nothing is left in them.
func (u *updater) removeEmpty(name string) {
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		if u.root.Remove(folder) != nil {
			return
		}
	}
}
