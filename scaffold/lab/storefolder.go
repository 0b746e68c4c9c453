package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

// mirror writes the object's present content to the folder, or removes it there.
func (s *store) mirror(c change) error {
	if s.folder == "" {
		return nil
	}
	where := c.bucket + "/" + c.key
	data, err := s.read(c.bucket, c.key)
	if gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchKey) {
		if file := s.files[where]; file != "" {
			delete(s.files, where)
			if err = os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("remove %s from the run's folder: %w", c.key, err)
			}
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("write %s to the run's folder: %w", c.key, err)
	}
	file := s.files[where]
	if file == "" {
		file = filepath.Join(s.folder, c.bucket, fileName(c.key))
	}
	if err = writeTo(file, data); err != nil {
		// There are the keys a and a/b, or the path is too long: a name for the whole key.
		file = filepath.Join(s.folder, c.bucket, "%2F"+partName(strings.ReplaceAll(c.key, "/", "%2F")))
		err = writeTo(file, data)
	}
	if err != nil {
		return fmt.Errorf("write %s to the run's folder: %w", c.key, err)
	}
	s.files[where] = file
	return nil
}

func writeTo(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // the user looks into it
		return err
	}
	return os.WriteFile(file, data, 0o644) //nolint:gosec // likewise
}

// fileName is a key as a path below a folder, another for each key.
func fileName(key string) string {
	parts := strings.Split(key, "/")
	for i, part := range parts {
		parts[i] = partName(part)
	}
	return filepath.Join(parts...)
}

// longestPart leaves room for what is added below; file systems take 255 bytes.
const longestPart = 200

var partEscapes = strings.NewReplacer("%", "%25", "\x00", "%00", "\\", "%5C", ":", "%3A", "\n", "%0A", "\r", "%0D")

// partName is a part of a key as the name of a file: what cannot be one, or leads elsewhere, is escaped.
func partName(part string) string {
	escaped := partEscapes.Replace(part)
	switch {
	case escaped == "":
		return "%" // of a key with // or a / at its end
	case strings.Trim(escaped, ".") == "":
		return strings.ReplaceAll(escaped, ".", "%2E")
	case len(escaped) > longestPart:
		sum := sha256.Sum256([]byte(part))
		return strings.ToValidUTF8(escaped[:longestPart], "") + "%" + hex.EncodeToString(sum[:8])
	}
	return escaped
}
