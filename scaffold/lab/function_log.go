package lab

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// mark is what the lab itself writes into a function's output, after an answer: when it comes out again, everything that was printed
// before the answer has come too.
const mark = "\x00answered\x00"

// linePipe takes what a function prints to its log, and gives the lines of each call.
type linePipe struct {
	in, out *os.File
	marks   chan []byte // what was printed before each mark
}

// newLinePipe hands on to the log, which keeps what it keeps.
func newLinePipe(log io.Writer) (*linePipe, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open the log of a function: %w", err)
	}
	p := &linePipe{in: in, out: out, marks: make(chan []byte)}
	go p.copy(log)
	return p, nil
}

// longestLines is how much of what a call prints is looked at. CloudWatch takes an event of 1 MB at most.
// Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs quotas", read 2026-11.
const longestLines = 1 << 20

func (p *linePipe) copy(log io.Writer) {
	defer close(p.marks)
	var held []byte // of this call
	buffer := make([]byte, 64<<10)
	for {
		n, err := p.out.Read(buffer)
		held = append(held, buffer[:n]...)
		for {
			at := bytes.Index(held, []byte(mark))
			if at < 0 {
				break
			}
			_, _ = log.Write(held[:at]) // the run goes on without the end of a log
			p.marks <- bytes.Clone(held[:at])
			held = held[at+len(mark):]
		}
		if err != nil {
			_, _ = log.Write(held) // likewise
			return
		}
		if len(held) > longestLines {
			_, _ = log.Write(held[:len(held)-len(mark)]) // likewise
			held = append(held[:0], held[len(held)-len(mark):]...)
		}
	}
}

// lines are those that were printed since the last time.
func (p *linePipe) lines() []string {
	if _, err := p.in.WriteString(mark); err != nil {
		return nil // it is closed: the process has ended
	}
	var all []string
	for line := range bytes.Lines(<-p.marks) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			all = append(all, string(line))
		}
	}
	return all
}

func (p *linePipe) close() {
	_ = p.in.Close()
	_ = p.out.Close()
}
