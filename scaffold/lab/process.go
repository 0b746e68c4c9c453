//go:build unix

package lab

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// starter starts programs on one thread that lasts as long as the lab does: on Linux a program ends with the thread that started it.
// What such a program has started does not, and no program does elsewhere: for these there is a guard. Source: prctl(2), PR_SET_PDEATHSIG.
type starter struct {
	once  sync.Once
	work  chan func()
	guard guard
}

func (s *starter) start(command *exec.Cmd) error {
	s.once.Do(func() {
		s.work = make(chan func())
		go func() {
			runtime.LockOSThread()
			for do := range s.work {
				do()
			}
		}()
	})
	command.SysProcAttr = group()
	done := make(chan error)
	s.work <- func() { done <- command.Start() }
	if err := <-done; err != nil {
		return err
	}
	s.guard.watch(command.Process.Pid)
	return nil
}

// kill ends a process group at once. One that has ended already is fine.
func (s *starter) kill(pid int) {
	if pid > 1 {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // ESRCH: nobody is left
	}
	s.guard.forget(pid)
}

// watch has a process group ended with the lab that another program started.
func (s *starter) watch(pid int) { s.guard.watch(pid) }

// close lets the guard go, when all has ended.
func (s *starter) close() { s.guard.close() }

// socketPair is two ends of a connection: one for the lab, one to be inherited by a program.
func socketPair() (ours, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(ends[0])
		syscall.CloseOnExec(ends[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, fmt.Errorf("connect to a worker: %w", err)
	}
	return os.NewFile(uintptr(ends[0]), "worker"), os.NewFile(uintptr(ends[1]), "lab"), nil //nolint:gosec // descriptors are small
}

// rights is the message that hands open files to another process.
func rights(files ...*os.File) []byte {
	var descriptors []int
	for _, file := range files {
		descriptors = append(descriptors, int(file.Fd())) //nolint:gosec // descriptors are small
	}
	return syscall.UnixRights(descriptors...)
}

// supported says whether programs can be run on this system.
func supported() error { return nil }
