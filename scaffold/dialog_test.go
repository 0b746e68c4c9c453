package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// dialog is a real pseudo-terminal, the command on it, and what a person sees of it.
type dialog struct {
	t        *testing.T
	command  *exec.Cmd
	terminal *os.File
	folder   string
	source   string // this package's folder
	mutex    sync.Mutex
	screen   vt10x.Terminal
	raw      bytes.Buffer
	ended    chan struct{} // closed when nothing more is printed
}

const (
	enter = "\r"
	up    = "\x1b[A"
	down  = "\x1b[B"
	ctrlC = "\x03"
	ctrlD = "\x04"
	clear = "\x15" // ctrl-U: removes what stands in the line
)

var size = &pty.Winsize{Cols: 120, Rows: 40}

func newDialog(t *testing.T, size *pty.Winsize) *dialog {
	return &dialog{t: t, screen: vt10x.New(vt10x.WithSize(int(size.Cols), int(size.Rows))), ended: make(chan struct{})}
}

// openTerminal is a dialog without a command: what is called in this process reads and writes the file.
func openTerminal(t *testing.T) (*dialog, *os.File) {
	t.Helper()
	s := newDialog(t, size)
	terminal, inner, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	if err := pty.Setsize(terminal, size); err != nil {
		t.Fatal(err)
	}
	s.terminal = terminal
	t.Cleanup(func() {
		_ = inner.Close()
		_ = terminal.Close()
	})
	go s.watch()
	return s, inner
}

// openDialog starts scaffold with the arguments in an empty folder. Without TERM in env, its terminal is one with boxes.
func openDialog(t *testing.T, env []string, args ...string) *dialog {
	t.Helper()
	return openWindow(t, size, t.TempDir(), env, args...)
}

// openWindow is openDialog in a window of that size and a folder that is there.
func openWindow(t *testing.T, size *pty.Winsize, folder string, env []string, args ...string) *dialog {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := t.TempDir() + "/scaffold" // testscript's program runs the command that it is called by
	if err = os.Symlink(program, link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	s := newDialog(t, size)
	s.folder = folder
	if s.source, err = os.Getwd(); err != nil {
		t.Fatal(err)
	}
	s.command = exec.CommandContext(t.Context(), link, args...)
	s.command.Dir = folder
	// As most terminals call themselves.
	s.command.Env = append([]string{"TERM=xterm-256color", "HOME=" + folder, "XDG_CACHE_HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}, env...)
	if s.terminal, err = pty.StartWithSize(s.command, size); err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	t.Cleanup(func() { _ = s.terminal.Close() })
	go s.watch()
	return s
}

func (s *dialog) watch() {
	defer close(s.ended)
	buffer, drawn := make([]byte, 4096), 0
	for {
		n, err := s.terminal.Read(buffer)
		s.mutex.Lock()
		s.raw.Write(buffer[:n])
		// The emulator takes half a character for a whole one.
		whole := s.raw.Len()
		for back := 1; back < utf8.UTFMax && back <= whole-drawn; back++ {
			if tail := s.raw.Bytes()[whole-back:]; utf8.RuneStart(tail[0]) && !utf8.FullRune(tail) {
				whole -= back
				break
			}
		}
		_, _ = s.screen.Write(s.raw.Bytes()[drawn:whole])
		drawn = whole
		s.mutex.Unlock()
		if err != nil {
			return // the program has ended: Linux reports that as an input/output error
		}
	}
}

// shown is what stands on the screen.
func (s *dialog) shown() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.screen.String()
}

// seen says whether a text stands on the screen: as it is, or wrapped on the left of what stands beside it.
func seen(screen, text string) bool {
	if strings.Contains(screen, text) {
		return true
	}
	var left strings.Builder
	for line := range strings.SplitSeq(screen, "\n") {
		line, _, _ = strings.Cut(line, "│")
		left.WriteString(line)
	}
	solid := func(text string) string { return strings.Join(strings.Fields(text), "") }
	return strings.Contains(solid(left.String()), solid(text))
}

// sees waits until all texts stand on the screen at once.
func (s *dialog) sees(texts ...string) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		screen, missing := s.shown(), ""
		for _, text := range texts {
			if !seen(screen, text) {
				missing = text
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("never saw %q, but:\n%s", missing, strings.TrimRight(screen, " \n"))
		}
	}
}

func (s *dialog) types(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.terminal, text); err != nil {
		s.t.Fatal(err)
	}
}

// exits waits for the end of the command, and checks how it ended.
func (s *dialog) exits(want int) {
	s.t.Helper()
	_ = s.command.Wait() // the exit code says it
	<-s.ended
	if got := s.command.ProcessState.ExitCode(); got != want {
		s.t.Errorf("got exit code %d, want %d:\n%s", got, want, strings.TrimRight(s.shown(), " \n"))
	}
}

// wrote checks that the folder holds these, drafts or a project, and nothing else.
func (s *dialog) wrote(names ...draft) {
	s.t.Helper()
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		s.t.Fatal(err)
	}
	var got, want []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	for _, one := range names {
		want = append(want, string(one))
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("got %v in the folder, want %v", got, want)
	}
}

func (s *dialog) reads(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.folder, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// resizes changes the size of the window, which the command hears of.
func (s *dialog) resizes(columns, rows int) {
	s.t.Helper()
	s.mutex.Lock()
	s.screen.Resize(columns, rows)
	s.mutex.Unlock()
	if err := pty.Setsize(s.terminal, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil { //nolint:gosec // small numbers of this test
		s.t.Fatal(err)
	}
}
