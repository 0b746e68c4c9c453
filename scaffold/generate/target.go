package generate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxElement bounds one name of the target, in bytes, so that the temporary folder's longer name stays below the 255 of most file systems.
const maxElement = 200

// CheckTarget says whether the path may be written to at all, by its text alone: relative, below the working folder, and
// legal on Linux, macOS and Windows, for a project is cloned. Its error is a *Refusal.
func CheckTarget(dir string) error {
	const plain = "use letters, digits, hyphens and dots, for example orders"
	switch {
	case dir == "":
		return refuse(plain, "target: got an empty path, expected a folder's name")
	case !utf8.ValidString(dir) || strings.ContainsFunc(dir, unprintable):
		return refuse(plain, "target %+q: got characters that cannot be printed, expected a folder's name", dir)
	case len(dir) > 1 && dir[1] == ':':
		return refuse("cd to that drive and folder first, then give the new folder's name",
			"target %q: got a drive letter, expected a path below the working folder", dir)
	case strings.Contains(dir, `\`):
		return refuse("write / between folders, on Windows too", "target %q: got a backslash, expected a path with slashes", dir)
	case dir[0] == '/':
		return refuse("cd to its parent first, then give the new folder's name",
			"target %q: got an absolute path, expected one below the working folder", dir)
	case strings.ContainsAny(dir, `<>:"|?*`):
		return refuse(plain, "target %q: got one of <>:\"|?*, expected a name that every file system can hold", dir)
	}
	for elem := range strings.SplitSeq(dir, "/") {
		if err := checkElement(dir, elem); err != nil {
			return err
		}
	}
	return nil
}

func unprintable(r rune) bool {
	return r != ' ' && !unicode.IsPrint(r)
}

// checkElement checks one name of the target. Names that Windows keeps for devices count with any extension.
// Source: Microsoft, "Naming Files, Paths, and Namespaces", read 2026-11.
func checkElement(dir, elem string) error {
	device, _, _ := strings.Cut(strings.ToLower(elem), ".")
	switch {
	case elem == "" || elem == ".":
		return nil
	case elem == "..":
		return refuse("cd to the parent first", "target %q: got .., expected a path below the working folder", dir)
	case elem[0] == '~':
		return refuse("a shell expands ~ only unquoted; cd there first",
			"target %q: got ~, expected a path below the working folder", dir)
	case elem[0] == '-':
		return refuse("begin with a letter or a digit", "target %q: got a name that begins with a hyphen, which commands take for a flag", dir)
	case strings.HasSuffix(elem, ".") || strings.TrimSpace(elem) != elem:
		return refuse("remove it", "target %q: got a dot or a space at the end of %q, which Windows drops", dir, elem)
	case len(elem) > maxElement:
		return refuse("choose a shorter name", "target: got a name of %d bytes, expected at most %d", len(elem), maxElement)
	case slices.Contains(devices, strings.TrimSpace(device)):
		return refuse("choose another name", "target %q: Windows keeps the name %q for a device", dir, elem)
	}
	return nil
}

var devices = strings.Fields(`con prn aux nul conin$ conout$ com0 com1 com2 com3 com4 com5 com6 com7 com8 com9 com¹ com² com³
	lpt0 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 lpt¹ lpt² lpt³`)

// CheckFree says whether a new project could be written to dir as things are now, so that nobody is asked in vain. Write
// looks again. An error that is a *Refusal says what is wrong with dir.
func CheckFree(dir string) error {
	if err := CheckTarget(dir); err != nil {
		return err
	}
	if dir = path.Clean(dir); dir == "." {
		return refuseWorkingFolder()
	}
	cwd, err := os.OpenRoot(".")
	if err != nil {
		return fmt.Errorf("open the working folder: %w", err)
	}
	defer func() { _ = cwd.Close() }() // opened for reading names only
	parent, err := openParent(cwd, dir)
	if err != nil {
		return err
	}
	defer func() { _ = parent.Close() }() // opened for reading names only
	_, entries, err := contents(parent, path.Base(dir), dir)
	if err == nil && len(entries) > 0 {
		err = notEmpty(dir, entries)
	}
	return err
}

func refuseWorkingFolder() error {
	return refuse("cd to the parent and give the folder's name", "target .: got the working folder, expected the name of a new one")
}

// openParent opens the folder that the target lies in, one name at a time. The caller closes it.
func openParent(cwd *os.Root, dir string) (*os.Root, error) {
	parent, err := cwd.OpenRoot(".")
	if err != nil {
		return nil, fmt.Errorf("open the working folder: %w", err)
	}
	if folder := path.Dir(dir); folder != "." {
		for elem := range strings.SplitSeq(folder, "/") {
			child, err := openFolder(parent, elem, dir)
			_ = parent.Close() // opened for reading names only
			if err != nil {
				return nil, err
			}
			parent = child
		}
	}
	return parent, nil
}

// openFolder opens a folder that is no symbolic link, and that has not become one between the look and the opening.
func openFolder(parent *os.Root, name, dir string) (*os.Root, error) {
	before, err := parent.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, refuse("make it first: mkdir -p "+path.Dir(dir), "target %q: there is no folder %s to put it in", dir, name)
	case err != nil:
		return nil, fmt.Errorf("look at %s: %w", name, err)
	}
	if err = checkFolder(before, name, dir); err != nil {
		return nil, err
	}
	child, err := parent.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("open folder %s: %w", name, err)
	}
	after, err := child.Stat(".")
	if err != nil || !os.SameFile(before, after) {
		_ = child.Close() // the error below says more
		return nil, refuse("try again when nothing else changes it", "target %q: %s was replaced while it was opened", dir, name)
	}
	return child, nil
}

func checkFolder(info fs.FileInfo, name, dir string) error {
	switch {
	case info.Mode().Type()&fs.ModeSymlink != 0:
		return refuse("cd to where it leads first, then give the new folder's name",
			"target %q: %s is a symbolic link, expected a folder: nothing is written through links", dir, name)
	case !info.IsDir():
		return refuse("choose another name", "target %q: %s is a file, expected a folder or nothing", dir, name)
	}
	return nil
}

// contents says whether the target exists and lists what is in it, sorted.
func contents(parent *os.Root, name, dir string) (exists bool, entries []string, err error) {
	info, err := parent.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil, nil
	case err != nil:
		return false, nil, fmt.Errorf("look at target %s: %w", dir, err)
	}
	if err = checkFolder(info, name, dir); err != nil {
		return true, nil, err
	}
	folder, err := parent.Open(name)
	if err != nil {
		return true, nil, fmt.Errorf("open target %s: %w", dir, err)
	}
	defer func() { _ = folder.Close() }() // opened for reading only
	entries, err = folder.Readdirnames(-1)
	if err != nil {
		return true, nil, fmt.Errorf("list target %s: %w", dir, err)
	}
	slices.Sort(entries)
	return true, entries, nil
}

// notEmpty is the refusal of a target that holds something.
func notEmpty(dir string, entries []string) error {
	const shown = 5
	list := strings.Join(entries[:min(shown, len(entries))], ", ")
	if more := len(entries) - shown; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return refuse("choose another folder, or --force to update a generated project; it keeps the files that you edited",
		"target %q: the folder is not empty (%s), expected a new or an empty one", dir, list)
}
