package lab

import "syscall"

// group starts a program in a process group of its own, so that what it starts is ended with it. The kernel ends it when the thread
// that started it does, which is when the lab is killed.
func group() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
