package generate

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
)

// markerName is the file that tells a temporary folder of the generator from a folder of the user with a similar name.
const markerName = ".pipewright-temporary"

// place is a folder in which one generator at a time prepares files: the target's parent, or the project itself.
type place struct {
	root *os.Root
	lock string // name of the lock file
	temp string // what the names of temporary folders begin with
}

func besideTarget(parent *os.Root, name string) place {
	return place{root: parent, lock: "." + name + ".pipewright-lock", temp: "." + name + ".tmp-"}
}

func insideProject(project *os.Root) place {
	return place{root: project, lock: ".pipewright.lock", temp: ".pipewright.tmp-"}
}

// acquire takes the lock, or refuses when another generator has it. A lock file that a killed run left is no lock.
func (p place) acquire(dir string) (release func(), err error) {
	const tries = 10 // each lost to a generator that finished just then
	for range tries {
		file, err := p.root.OpenFile(p.lock, os.O_RDWR|os.O_CREATE, 0o644)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil, refuse("choose a folder of your own, or ask for the right to write there",
				"target %q: its folder cannot be written to: %v", dir, err)
		case err != nil:
			return nil, fmt.Errorf("make lock file %s: %w", p.lock, err)
		}
		locked, err := tryLock(file)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", p.lock, err), file.Close())
		}
		if locked && p.current(file) {
			return func() { p.release(file) }, nil
		}
		_ = file.Close() // nothing was written
		if !locked {
			break
		}
	}
	return nil, refuse("wait until it has finished, then look at what it made", "target %q: another generator is writing it", dir)
}

// current reports whether the locked file is still the one of that name, and not one that its owner has removed.
func (p place) current(file *os.File) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := p.root.Lstat(p.lock)
	return err == nil && os.SameFile(held, named)
}

// release removes the lock file while it is locked, so that nobody can lock it in between. Windows cannot remove an open file.
func (p place) release(file *os.File) {
	err := p.root.Remove(p.lock)
	_ = file.Close() // nothing was written
	if err != nil {
		_ = p.root.Remove(p.lock) // a lock file that stays is no lock
	}
}

// recoverStale removes the temporary folders that killed runs left, and names them. The lock must be held.
func (p place) recoverStale() ([]string, error) {
	entries, err := fs.ReadDir(p.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("look for leftovers: %w", err)
	}
	var recovered []string
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), p.temp) {
			continue
		}
		removed, err := p.removeStale(entry.Name())
		if err != nil {
			return recovered, fmt.Errorf("remove %s, which a killed run left: %w", entry.Name(), err)
		}
		if removed {
			recovered = append(recovered, entry.Name())
		}
	}
	return recovered, nil
}

// removeStale removes a folder that is the generator's: it has the marker, or it is empty because its maker was killed
// before the marker was there. Anything else belongs to the user.
func (p place) removeStale(name string) (bool, error) {
	if _, err := p.root.Lstat(name + "/" + markerName); err != nil {
		return p.root.Remove(name) == nil, nil
	}
	return true, p.discard(name)
}

// discard removes a temporary folder, the marker last: killed here, the next run still knows whose folder it is.
func (p place) discard(name string) error {
	entries, err := fs.ReadDir(p.root.FS(), name)
	if err != nil {
		return fmt.Errorf("remove temporary folder: %w", err)
	}
	for _, entry := range entries {
		if entry.Name() == markerName {
			continue
		}
		if err := p.root.RemoveAll(name + "/" + entry.Name()); err != nil {
			return fmt.Errorf("remove temporary folder: %w", err)
		}
	}
	return p.root.RemoveAll(name)
}

// stage makes a temporary folder. The caller removes it with everything in it.
func (p place) stage() (name string, err error) {
	const tries = 100
	for range tries {
		name = fmt.Sprintf("%s%08x", p.temp, rand.Uint32())
		if err = p.root.Mkdir(name, 0o755); !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	if err != nil {
		return "", fmt.Errorf("make temporary folder: %w", err)
	}
	if err := writeNew(p.root, name+"/"+markerName, nil, 0o644); err != nil {
		return "", errors.Join(err, p.discard(name))
	}
	return name, nil
}

// writeNew writes a file that must not exist yet, with all its bytes or an error.
func writeNew(root *os.Root, name string, data []byte, mode fs.FileMode) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
