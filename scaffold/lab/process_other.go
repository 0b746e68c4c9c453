//go:build !unix

package lab

import (
	"errors"
	"os"
	"os/exec"
)

type starter struct{}

func (*starter) start(*exec.Cmd) error { return supported() }

func (*starter) kill(int) {}

func (*starter) watch(int) {}

func (*starter) close() {}

func socketPair() (ours, theirs *os.File, err error) { return nil, nil, supported() }

func rights(...*os.File) []byte { return nil }

// supported says that the programs of a pipeline, which AWS runs on Linux, need process groups that this system has not.
func supported() error {
	return errors.New("the lab runs programs on Linux and macOS alone\n  hint: on Windows run it in the Windows Subsystem for Linux")
}
