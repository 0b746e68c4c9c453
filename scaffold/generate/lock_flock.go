//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package generate

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock if nobody holds it. The kernel lets go of it when the process dies, however it dies.
func tryLock(file *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, os.NewSyscallError("flock", err)
		}
	}
}
