//go:build !linux

package generate

import "errors"

func limited(string, uint64) error {
	return errors.New("limits of a process are tested on Linux only")
}
