package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test program stand in for the command, so that a script runs it as a user does, in a process of its own.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"scaffold": main}) }

// TestScripts runs the sessions in testdata/script: what is typed, what is printed, and how it ends.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
