package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// live shows on a terminal which program works at the moment, and since when: no virtual time passes meanwhile, and so the timeline says
// nothing. Elsewhere it shows nothing, so that a kept output is the same each time.
type live struct {
	out      io.Writer
	terminal bool
	every    time.Duration // between two looks at the clock
	mutex    sync.Mutex
	shown    bool // a line that is to be removed
}

// live is on the terminal where standard error goes, if it can go back to the beginning of a line.
func (s *shell) live() *live {
	out, ok := s.stderr.(*os.File)
	return &live{out: s.stderr, terminal: ok && !plainTerminal() && term.IsTerminal(int(out.Fd())), every: time.Second}
}

// clearLine goes to the beginning of the line, and removes what stands there. Source: ECMA-48, CR and EL.
const clearLine = "\r\x1b[K"

// working shows that the program of a resource works, until the function that it returns is called.
func (l *live) working(id string) (done func()) {
	if !l.terminal {
		return func() {}
	}
	began, stop := time.Now(), make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		ticks := time.NewTicker(l.every)
		defer ticks.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticks.C:
				l.mutex.Lock()
				fmt.Fprintf(l.out, "%s%10s  %s works on this machine, %d s", clearLine, "...", id, int(time.Since(began).Seconds()))
				l.shown = true
				l.mutex.Unlock()
			}
		}
	})
	return func() {
		close(stop)
		ended.Wait()
		l.mutex.Lock()
		defer l.mutex.Unlock()
		l.clear()
	}
}

// note writes a line above it.
func (l *live) note(text string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.clear()
	fmt.Fprintln(l.out, text)
}

func (l *live) clear() {
	if l.shown {
		fmt.Fprint(l.out, clearLine)
	}
	l.shown = false
}
