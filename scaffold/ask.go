package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"syscall"

	"example.com/pipewright/scaffold/answers"
)

// Rules of the questionnaire. Only questions that matter for the answers so far are asked, each with a default and its
// reason. A reply is checked at once, by the rules of answers.yaml, and asked for again with what is wrong with it; when an
// earlier answer changes, the later ones are checked again. What the answers lead to stands beside each question. Nothing is
// written before the summary is agreed to, except the draft: Ctrl-C, the end of the input and a signal end the questions
// anywhere, and what was answered by then is kept for the next start.

// asker shows an interview to a person and returns when it is complete.
type asker func(ctx context.Context, talk *interview, in *os.File, out io.Writer) error

// ask asks on the terminal.
func (s *shell) ask(options *newOptions) (*answers.Answers, error) {
	talk := newInterview(options.dir, path.Base(filepath.ToSlash(options.dir)), s.now())
	draft := draftOf(options.dir)
	var err error
	if talk.resume, err = draft.read(); err != nil {
		return nil, err
	}
	var show asker = screenAsker
	if options.accessible || plainTerminal() {
		show = linesAsker
	}
	// A terminal that closes hangs up: what was answered is kept then too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err = show(ctx, talk, s.stdin, s.stderr)
	kept, draftErr := draft.keep(talk)
	if err == nil {
		err = draftErr // the project is still to be written, and may fail
	} else if draftErr != nil {
		err = errors.Join(err, draftErr)
	} else if kept {
		err = fmt.Errorf("%w\n  only your answers so far are kept, in %s\n  hint: scaffold new %s goes on from there", err, draft, options.dir)
	}
	if err != nil {
		return nil, err
	}
	// Once more as a whole, as a file would be.
	return answers.Parse("your answers", talk.given().YAML(), s.now())
}

// plainTerminal says that plain lines are wanted, as by a screen reader, or that the terminal can do no more: terminfo's dumb.
// NO_COLOR wishes for no colors, not for less of a screen: https://no-color.org.
func plainTerminal() bool { return os.Getenv("TERM") == "dumb" || os.Getenv("ACCESSIBLE") != "" }
