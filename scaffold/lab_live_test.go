package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestLongWorkShowsProgress sees on a pseudo-terminal which program works, notes above it, and nothing of it afterwards.
func TestLongWorkShowsProgress(t *testing.T) {
	s, terminal := openTerminal(t)
	l := &live{out: terminal, terminal: true, every: time.Millisecond}
	done := l.working("EtlJob")
	s.sees("EtlJob works on this machine, 0 s")
	l.note("setting up Python")
	s.sees("setting up Python", "EtlJob works on this machine")
	done()
	fmt.Fprint(terminal, "the job SUCCEEDED\r\n")
	s.sees("the job SUCCEEDED")
	if shown := s.shown(); strings.Contains(shown, "works") {
		t.Errorf("the progress of work that has ended still stands there:\n%s", shown)
	}
}

// TestProgressStaysOutOfFiles: what is kept of a run is the same each time, however long its programs took.
func TestProgressStaysOutOfFiles(t *testing.T) {
	var out bytes.Buffer
	sh := &shell{stderr: &out}
	l := sh.live()
	l.every = time.Nanosecond
	done := l.working("EtlJob")
	l.note("setting up Python")
	done()
	if got := out.String(); got != "setting up Python\n" {
		t.Errorf("got %q, want the note alone", got)
	}
}
