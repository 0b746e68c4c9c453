//go:build unix && !linux

package lab

import "syscall"

// group starts a program in a process group of its own, so that what it starts is ended with it.
func group() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
