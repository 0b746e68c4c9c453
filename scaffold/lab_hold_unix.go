//go:build unix

package main

import (
	"os"
	"syscall"
)

// hold keeps a lock on a file as long as this process lives, however it ends. Where the file system has no locks, the run is taken for
// one that has ended. Source: flock(2).
func hold(file *os.File) {
	_ = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // descriptors are small
}

// held says whether a process that lives holds the file.
func held(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()                                                          // only read
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == syscall.EWOULDBLOCK //nolint:gosec // descriptors are small
}
