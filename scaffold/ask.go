package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"charm.land/huh/v2"

	"example.com/pipewright/scaffold/answers"
)

// Rules of the questionnaire. Only questions that matter for the answers so far are asked, each with a default and its
// reason. A reply is checked at once, by the rules of answers.yaml, and asked for again with what is wrong with it.
// Ctrl-C, the end of the input and a signal end it at any question, and nothing is written before the last answer.

// interview is the questions with the replies to them: what was typed or chosen, or yes or no.
type interview struct {
	now     time.Time
	replies []string
}

// ask asks on the terminal.
func (s *shell) ask(dir string) (*answers.Answers, error) {
	talk := newInterview(path.Base(filepath.ToSlash(dir)), s.now())
	run := talk.form
	if plainTerminal() {
		run = talk.lines
	}
	if err := run(s.stdin, s.stderr); err != nil {
		return nil, err
	}
	given := talk.soFar(len(questions))
	// Once more as a whole, as a file would be.
	return answers.Parse("your answers", given.YAML(), s.now())
}

// plainTerminal says that lines without boxes and color are wanted, as by a screen reader or a log.
// Source: https://no-color.org, and terminfo's dumb terminal.
func plainTerminal() bool {
	return os.Getenv("TERM") == "dumb" || os.Getenv("NO_COLOR") != "" || os.Getenv("ACCESSIBLE") != ""
}

func newInterview(name string, now time.Time) *interview {
	talk := &interview{now: now}
	for _, question := range questions {
		reply := question.start
		if question.path == "name" && answers.Check("name", name, now) == nil {
			reply = name
		}
		talk.replies = append(talk.replies, reply)
	}
	return talk
}

// soFar is the answers from the replies to the first n questions; a question that does not matter keeps its default.
func (t *interview) soFar(n int) *answers.Answers {
	given := answers.Default()
	given.Start = answers.Start{}
	for i := range n {
		if questions[i].matters(&given) {
			// A reply that is not sound yet is not an answer yet.
			_ = given.Set(questions[i].path, t.typed(i), t.now)
		}
	}
	return &given
}

func (q *question) matters(given *answers.Answers) bool { return q.when == nil || q.when(given) }

// asked says whether the question of that number matters.
func (t *interview) asked(i int) bool { return questions[i].matters(t.soFar(i)) }

// typed is the reply to the question of that number, as answers read it.
func (t *interview) typed(i int) string {
	if questions[i].kind == decision {
		return strconv.FormatBool(t.replies[i] == yes)
	}
	return t.replies[i]
}

// check says what is wrong with a reply, beside the replies before it.
func (t *interview) check(i int, text string) error {
	return t.soFar(i).Set(questions[i].path, text, t.now)
}

// form asks with one page for each question.
func (t *interview) form(in *os.File, out io.Writer) error {
	var pages []*huh.Group
	for i := range questions {
		pages = append(pages, huh.NewGroup(t.field(i)).WithHideFunc(func() bool { return !t.asked(i) }))
	}
	form := huh.NewForm(pages...).WithInput(in).WithOutput(out)
	err := form.Run()
	if errors.Is(err, huh.ErrUserAborted) || err == nil && form.State != huh.StateCompleted {
		return errCanceled // by Ctrl-C, or by a signal that ended the form without an error
	}
	return err
}

func (t *interview) field(i int) huh.Field {
	question, reply := &questions[i], &t.replies[i]
	switch question.kind {
	case choice:
		return choose(question, reply, question.options)
	case decision:
		// Not two buttons, of which only the color says which one is on.
		return choose(question, reply, []option{{yes, yes}, {no, no}})
	default:
		return huh.NewInput().Title(question.title).Description(question.why).Value(reply).
			Validate(func(text string) error { return t.check(i, text) })
	}
}

func choose(question *question, reply *string, among []option) huh.Field {
	var options []huh.Option[string]
	for _, option := range among {
		options = append(options, huh.NewOption(option.label, option.value))
	}
	return huh.NewSelect[string]().Title(question.title).Description(question.why).Options(options...).Value(reply)
}

// lines asks line by line. The library's own mode of this kind asks every question, gives no reason and no default, and
// takes the end of the input for consent.
func (t *interview) lines(in *os.File, out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	lines := bufio.NewReader(in)
	for i := range questions {
		if !t.asked(i) {
			continue
		}
		t.introduce(i, out)
		for {
			text, err := t.prompt(ctx, i, lines, out)
			if err != nil {
				return err
			}
			if err = t.accept(i, text); err == nil {
				break
			}
			fmt.Fprintln(out, err)
		}
	}
	return nil
}

func (t *interview) introduce(i int, out io.Writer) {
	fmt.Fprintf(out, "\n%s\n  %s\n", questions[i].title, questions[i].why)
	for _, option := range questions[i].options {
		fmt.Fprintf(out, "  %-11s %s\n", option.value, option.label)
	}
}

// prompt reads one line. Waiting for it ends with the context: a read from a terminal cannot be interrupted otherwise.
func (t *interview) prompt(ctx context.Context, i int, lines *bufio.Reader, out io.Writer) (string, error) {
	question := &questions[i]
	form := ""
	if question.kind == decision {
		form = " (yes or no)"
	}
	if t.replies[i] != "" {
		form += " [" + t.replies[i] + "]"
	}
	fmt.Fprintf(out, "%s%s: ", question.path, form)
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := lines.ReadString('\n')
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(out)
		return "", errCanceled
	case got := <-read:
		if got.err != nil {
			fmt.Fprintln(out)
			return "", usage("new", "the input ended at the question %s; nothing was written", question.path)
		}
		return strings.TrimSpace(got.text), nil
	}
}

// accept keeps a line as the reply, if it is sound. An empty line takes the default.
func (t *interview) accept(i int, text string) error {
	text = cmp.Or(text, t.replies[i])
	if questions[i].kind == decision {
		switch strings.ToLower(text) {
		case "y", yes, "true":
			t.replies[i] = yes
		case "n", no, "false":
			t.replies[i] = no
		default:
			return fmt.Errorf("%s: got %q, expected yes or no", questions[i].path, text)
		}
		return nil
	}
	if err := t.check(i, text); err != nil {
		return err
	}
	t.replies[i] = text
	return nil
}
