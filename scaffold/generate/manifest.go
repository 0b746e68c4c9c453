package generate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ManifestName is the file at a project's root that says what was generated: `sha256sum -c .pipewright.sum` shows what has
// been edited since. It does not list itself.
const ManifestName = ".pipewright.sum"

// journalName is the manifest of a replacement under way. When a run was killed it tells generated files from edited ones.
const journalName = ".pipewright.sum.next"

// maxManifest bounds what is read back, in bytes: some 100,000 files.
const maxManifest = 10 << 20

// sums are the contents, as hexadecimal SHA-256, that the generator has given to each path.
type sums map[string][]string

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// manifestOf lists the files, which are sorted by path, as sha256sum does.
func manifestOf(files []File) []byte {
	var out bytes.Buffer
	for _, file := range files {
		fmt.Fprintf(&out, "%s  %s\n", sumOf(file.Data), file.Path)
	}
	return out.Bytes()
}

// read adds the lines of a manifest. Its paths are checked like every other input, since anybody may have edited it.
func (s sums) read(name string, data []byte) error {
	const hint = "restore the file from version control, or generate into a new folder and copy what you need"
	if len(data) > maxManifest {
		return refuse(hint, "%s: got more than %d bytes, expected a list of the generated files", name, maxManifest)
	}
	line := 0
	for text := range strings.Lines(string(data)) {
		line++
		text = strings.TrimRight(text, "\r\n")
		sum, file, ok := strings.Cut(text, "  ")
		if raw, err := hex.DecodeString(sum); !ok || err != nil || len(raw) != sha256.Size {
			return refuse(hint, "%s:%d: got %.80q, expected a SHA-256 in hexadecimal, two spaces and a path", name, line, text)
		}
		if err := checkFilePath(file); err != nil {
			return refuse(hint, "%s:%d: %v", name, line, err)
		}
		s.add(file, strings.ToLower(sum))
	}
	return nil
}

func (s sums) add(file, sum string) {
	if !slices.Contains(s[file], sum) {
		s[file] = append(s[file], sum)
	}
}

// has reports whether the content is one that the generator gave to the path: nobody has edited it.
func (s sums) has(file string, data []byte) bool {
	return len(s[file]) > 0 && slices.Contains(s[file], sumOf(data))
}

// lines are the sums in the form of a manifest, with every content that a path may have.
func (s sums) lines() []byte {
	var out bytes.Buffer
	for _, file := range slices.Sorted(maps.Keys(s)) {
		for _, sum := range s[file] {
			fmt.Fprintf(&out, "%s  %s\n", sum, file)
		}
	}
	return out.Bytes()
}
