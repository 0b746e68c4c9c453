package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"example.com/pipewright/scaffold/lab"
)

// approver asks people for what a task waits for: on this terminal, and through the run's socket those who call scaffold lab answer. The
// virtual clock stands still meanwhile.
type approver struct {
	ctx    context.Context //nolint:containedctx // of the run: it ends the waiting too
	out    io.Writer
	before func()      // shows what has happened until now
	typed  chan string // lines from the terminal; nil without one
	others *answerServer
	in     *os.File
	run    string // number of the run, for the command that answers
	where  string // folder in which that command is to be given
}

// approver asks on the terminal if there is one, and lets others answer who were told the number of the run.
func (s *shell) approver(ctx context.Context, folder, home string, o *runOptions) (*approver, error) {
	a := &approver{ctx: ctx, out: s.stderr, run: runNumber(folder), where: home}
	if s.terminal() {
		a.in = s.stdin
	}
	if a.in == nil && !o.wait {
		return a, nil
	}
	var err error
	if a.others, err = listenForAnswers(ctx, folder); err != nil {
		if o.wait {
			return nil, err
		}
		a.others = nil // a terminal is enough
		return a, nil
	}
	a.others.asked = o.wait
	return a, nil
}

// ask waits until somebody has answered, or the run is stopped.
func (a *approver) ask(l *lab.Lab, task lab.WaitingTask) {
	a.before()
	a.show(&task)
	if a.in != nil && a.typed == nil {
		a.typed = make(chan string)
		go readLines(a.in, a.typed)
	}
	typed := a.typed
	for {
		if typed != nil {
			fmt.Fprint(a.out, "approve, reject: WHY, later:8h, nothing, or ? > ")
		}
		select {
		case <-a.ctx.Done():
			return
		case given := <-a.others.requests():
			err := given.fits(&task)
			if err == nil {
				err = l.Answer(task.Token, given.Reply)
			}
			given.done <- answerResult{State: task.State, Execution: task.Execution, Error: text(err)}
			if err == nil {
				fmt.Fprintf(a.out, "\nanswered from another terminal: %s\n", given.Reply)
				return
			}
		case line, ok := <-typed:
			if !ok {
				fmt.Fprintln(a.out)
				typed, a.in = nil, nil // Ctrl-D: nobody is there any more
				if a.others == nil || !a.others.asked {
					fmt.Fprintln(a.out, "no answer: the clock goes on")
					return
				}
				continue
			}
			if a.take(l, &task, line) {
				return
			}
		}
	}
}

// take gives what was typed to the task; false asks again.
func (a *approver) take(l *lab.Lab, task *lab.WaitingTask, line string) bool {
	line = strings.TrimSpace(line)
	if line == "" {
		return false
	}
	if line == "?" {
		fmt.Fprint(a.out, replyHelp)
		return false
	}
	reply, err := lab.ParseReply(line)
	if err == nil {
		err = l.Answer(task.Token, reply)
	}
	if err != nil {
		fmt.Fprintln(a.out, err)
	}
	return err == nil
}

const replyHelp = `  approve                 the task succeeds with the output {}
  reject: WHY             it fails with the error Rejected and the cause WHY
  success:JSON            it succeeds with this output
  failure:ERROR:CAUSE     it fails with this error
  later:8h                let 8 hours of virtual time pass, then ask again
  heartbeat:1m            the same, and send a heartbeat then
  nothing                 let the clock go on, until the state times out
`

// show prints what the person would see.
func (a *approver) show(task *lab.WaitingTask) {
	if task.Waited > 0 {
		fmt.Fprintf(a.out, "\n== %s has waited for an answer for %s, and the clock stands still\n", task.State, task.Waited)
	} else {
		fmt.Fprintf(a.out, "\n== %s waits for an answer, and the clock stands still\n", task.State)
	}
	fmt.Fprintf(a.out, "   to: %s\n", task.To)
	if task.Subject != "" {
		fmt.Fprintf(a.out, "   subject: %s\n", task.Subject)
	}
	for _, limit := range []struct {
		name string
		is   time.Duration
	}{{"times out after", task.Timeout}, {"needs a heartbeat within", task.Heartbeat}} {
		if limit.is > 0 {
			fmt.Fprintf(a.out, "   %s: %s\n", limit.name, limit.is)
		}
	}
	fmt.Fprintf(a.out, "   | %s\n\n", strings.ReplaceAll(strings.TrimRight(task.Message, "\n"), "\n", "\n   | "))
	if a.others != nil {
		where := ""
		if a.where != "." {
			where = "cd " + a.where + " && "
		}
		fmt.Fprintf(a.out, "from another terminal: %sscaffold lab answer %s approve\n", where, a.run)
	}
}

// readLines sends each line, until the terminal ends.
func readLines(in io.Reader, lines chan<- string) {
	scanner := bufio.NewScanner(in)
	for scanner.Scan() {
		lines <- scanner.Text()
	}
	close(lines)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// socketFile is where a run that waits listens for answers from another terminal. When it is there and nobody listens, the run was
// killed.
const socketFile = "answer.sock"

// longestSocket is what the address of a socket may have: 108 bytes on Linux, 104 on macOS, with one for the end.
// Source: unix(7) of Linux and unix(4) of macOS, read 2026-11.
const longestSocket = 103

// answerServer takes answers from another terminal. A nil one takes none.
type answerServer struct {
	listener net.Listener
	incoming chan answerRequest
	ctx      context.Context //nolint:containedctx // ends with the server
	cancel   context.CancelFunc
	asked    bool // for by --wait: the end of the terminal's input does not end the waiting
	group    sync.WaitGroup
}

// answerRequest is an answer on its way.
type answerRequest struct {
	State string    `json:"state,omitempty"`
	Token string    `json:"token,omitempty"`
	Reply lab.Reply `json:"reply"`
	done  chan answerResult
}

// answerResult is what came of it.
type answerResult struct {
	State     string `json:"state"`
	Execution string `json:"execution"`
	Error     string `json:"error,omitempty"`
}

// fits says whether the answer is for the task.
func (r *answerRequest) fits(task *lab.WaitingTask) error {
	switch {
	case r.Token != "" && r.Token != task.Token:
		return fmt.Errorf("InvalidToken: Invalid Token: 'Invalid token'\n  hint: the run asks for %q of the execution %s now, with another token", task.State, task.Execution)
	case r.State != "" && r.State != task.State:
		return fmt.Errorf("got an answer for %q, and the run asks for %q now", r.State, task.State)
	}
	return nil
}

// listenForAnswers opens the socket in the folder of a run.
func listenForAnswers(ctx context.Context, folder string) (*answerServer, error) {
	path := filepath.Join(folder, socketFile)
	if len(path) > longestSocket {
		return nil, fmt.Errorf("wait for answers: the path %s is too long for a socket, expected at most %d bytes\n  hint: run it in the project's folder", path, longestSocket)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("wait for answers: %w", err)
	}
	s := &answerServer{listener: listener, incoming: make(chan answerRequest)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.group.Go(s.accept)
	return s, nil
}

func (s *answerServer) requests() <-chan answerRequest {
	if s == nil {
		return nil
	}
	return s.incoming
}

func (s *answerServer) accept() {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		s.group.Go(func() { s.serve(connection) })
	}
}

// serve passes one answer on. It waits until the run asks, so that the answer may come first.
func (s *answerServer) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }() // the other side may be gone
	stop := context.AfterFunc(s.ctx, func() { _ = connection.Close() })
	defer stop()
	request := answerRequest{done: make(chan answerResult, 1)}
	if json.NewDecoder(io.LimitReader(connection, 1<<20)).Decode(&request) != nil {
		return
	}
	select {
	case s.incoming <- request:
		_ = json.NewEncoder(connection).Encode(<-request.done) // likewise
	case <-s.ctx.Done():
	}
}

func (s *answerServer) close() {
	if s == nil {
		return
	}
	s.cancel()
	_ = s.listener.Close() // which removes the socket
	s.group.Wait()
}

// sendAnswer gives an answer to the run in the folder.
func sendAnswer(ctx context.Context, folder string, request answerRequest) (*answerResult, error) {
	path := filepath.Join(folder, socketFile)
	if _, err := os.Stat(filepath.Join(folder, outcomeFile)); err == nil {
		return nil, errors.New("is over: nothing waits for an answer any more\n  hint: scaffold lab run --answer gives it in advance")
	}
	if _, err := os.Stat(path); err != nil {
		return nil, errors.New("does not wait for answers from another terminal\n  hint: scaffold lab run --wait does")
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("was killed: nobody waits for the answer (%w)\n  hint: run it again with scaffold lab run --wait", err)
	}
	defer func() { _ = connection.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	var result answerResult
	err = json.NewEncoder(connection).Encode(&request)
	if err == nil {
		err = json.NewDecoder(connection).Decode(&result)
	}
	switch {
	case ctx.Err() != nil:
		return nil, errCanceled
	case err != nil:
		return nil, errors.New("ended before it asked for this answer")
	case result.Error != "":
		return nil, fmt.Errorf("did not take the answer: %s", result.Error)
	}
	return &result, nil
}
