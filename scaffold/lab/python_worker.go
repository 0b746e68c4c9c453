package lab

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// worker is the Python process that runs scripts, each in a child of its own. See worker/worker.py for what they say to each other.
type worker struct {
	starter *starter
	command *exec.Cmd
	socket  *net.UnixConn
	log     *boundedLog
	exited  chan struct{}

	mutex    sync.Mutex
	number   int
	children map[int]*child
}

// child is a script or a server that the worker has started.
type child struct {
	worker *worker
	said   chan report
	drop   sync.Once
	drawn  chan struct{} // closed when nobody prints to its log any more
	log    *boundedLog
	pid    int
}

// report is what the worker says of a child.
type report struct {
	ID      int    `json:"id"`
	PID     int    `json:"pid"`
	Port    int    `json:"port"`
	Ended   bool   `json:"ended"`
	Exit    int    `json:"exit"`
	Signal  int    `json:"signal"`
	Failure string `json:"failure"`
}

// request is what a child is to do.
type request struct {
	ID     int               `json:"id"`
	Do     string            `json:"do"`
	Env    map[string]string `json:"env"`
	Folder string            `json:"folder"` // to work in
	Script string            `json:"script,omitempty"`
	Argv   []string          `json:"argv"`
	Shim   string            `json:"shim,omitempty"`  // folder that has awsglue
	Stage  string            `json:"stage,omitempty"` // folder for local copies of S3
}

// startWorker starts the process; what it is to preload depends on the engine.
func (p *Programs) startWorker(python string) (*worker, error) {
	files, err := p.files()
	if err != nil {
		return nil, err
	}
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = ours.Close(), theirs.Close() }() // both have been duplicated
	connection, err := net.FileConn(ours)
	if err != nil {
		return nil, fmt.Errorf("connect to a worker: %w", err)
	}
	socket, ok := connection.(*net.UnixConn)
	if !ok {
		return nil, errors.New("connect to a worker: the connection is none of Unix")
	}
	w := &worker{starter: &p.starter, socket: socket, exited: make(chan struct{}), children: map[int]*child{}}
	if w.log, err = newLog(p.options.Logs, "worker.log"); err != nil {
		return nil, err
	}
	w.command = exec.CommandContext(p.ctx, python, filepath.Join(files, "worker.py"), p.options.Engine) //nolint:gosec // our own
	w.command.Dir, w.command.ExtraFiles = files, []*os.File{theirs}
	w.command.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "OPENBLAS_NUM_THREADS=1", "PYTHONDONTWRITEBYTECODE=1", "AWS_EC2_METADATA_DISABLED=true"}
	w.command.Stdout, w.command.Stderr, w.command.WaitDelay = w.log, w.log, time.Second
	w.command.Cancel = w.socket.CloseWrite // it ends its children, and then itself
	if err := p.starter.start(w.command); err != nil {
		return nil, fmt.Errorf("start Python: %w", err)
	}
	go w.listen()
	go func() {
		_ = w.command.Wait() // ProcessState tells
		close(w.exited)
	}()
	return w, nil
}

// listen hands what the worker says to whom it concerns. When the worker is gone its children are ended too.
func (w *worker) listen() {
	lines := json.NewDecoder(bufio.NewReader(w.socket))
	for {
		var said report
		err := lines.Decode(&said)
		w.mutex.Lock()
		if err != nil {
			for _, c := range w.children {
				w.starter.kill(c.pid)
				c.said <- report{Ended: true, Failure: "the Python worker ended: " + w.log.last()}
			}
			w.children = nil
			w.mutex.Unlock()
			return
		}
		c := w.children[said.ID]
		if c != nil && said.PID != 0 {
			c.pid = said.PID
			w.starter.watch(c.pid)
		}
		if said.Ended {
			delete(w.children, said.ID)
		}
		w.mutex.Unlock()
		if c != nil {
			c.said <- said
		}
	}
}

// start has the worker start a child that prints to a log.
func (w *worker) start(what request, log *boundedLog) (*child, error) {
	reading, writing, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start a script: %w", err)
	}
	defer func() { _ = writing.Close() }() // the child has its own
	c := &child{worker: w, said: make(chan report, 8), drawn: make(chan struct{}), log: log}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.children == nil {
		_ = reading.Close()
		return nil, errors.New("the Python worker ended: " + w.log.last())
	}
	w.number++
	what.ID = w.number
	message, err := json.Marshal(what)
	if err == nil {
		_, _, err = w.socket.WriteMsgUnix(append(message, '\n'), rights(writing), nil)
	}
	if err != nil {
		_ = reading.Close()
		return nil, fmt.Errorf("start a script: %w", err)
	}
	w.children[what.ID] = c
	go func() {
		_, _ = io.Copy(log, reading) // it ends when the last that prints does
		_ = reading.Close()
		close(c.drawn)
	}()
	return c, nil
}

// end ends a child with all that it started, and its log.
func (c *child) end() {
	c.drop.Do(func() {
		c.worker.mutex.Lock()
		pid := c.pid
		c.worker.mutex.Unlock()
		c.worker.starter.kill(pid)
		select {
		case <-c.drawn:
		case <-realLimit(2 * time.Second).C: // something that left the process group still prints
		}
		_ = c.log.close() // the run goes on without the end of a log
	})
}

// close ends the worker and its children.
func (w *worker) close() {
	w.mutex.Lock()
	for _, c := range w.children {
		w.starter.kill(c.pid)
	}
	w.mutex.Unlock()
	_ = w.socket.Close() // upon which it ends
	select {
	case <-w.exited:
	case <-realLimit(2 * time.Second).C:
	}
	w.starter.kill(w.command.Process.Pid)
	<-w.exited
	_ = w.log.close() // likewise
}
