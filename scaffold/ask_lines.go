package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// What is typed in place of an answer.
const (
	back    = "<" // returns to the question before
	leftOut = "-" // empties the answer, because an empty line takes what is there
)

// lines asks line by line, for a screen reader or a terminal without colors.
type lines struct {
	talk *interview
	in   *bufio.Reader
	out  io.Writer
	said string // the outlook as it was last printed
	why  string // and its reason
}

func linesAsker(ctx context.Context, talk *interview, in *os.File, out io.Writer) error {
	l := &lines{talk: talk, in: bufio.NewReader(in), out: out}
	at, err := l.begin(ctx)
	for err == nil {
		if at == len(questions) {
			var done bool
			if at, done, err = l.agree(ctx); done {
				return nil
			}
			continue
		}
		at, err = l.question(ctx, at)
	}
	return err
}

// begin offers to go on from a draft.
func (l *lines) begin(ctx context.Context) (int, error) {
	fmt.Fprintf(l.out, "An empty line takes what stands in brackets, %s leaves the answer empty, %s returns to the question before.\nCtrl-C stops and keeps the answers.\n", leftOut, back)
	for len(l.talk.resume.Replies) > 0 {
		fmt.Fprintf(l.out, "\n%s\n", l.talk.resume.offer())
		text, err := l.prompt(ctx, "Go on from there? (yes or no) [yes]: ", "begin")
		if err != nil {
			return 0, err
		}
		on, err := yesOrNo("go on", cmp.Or(text, yes))
		if err != nil {
			fmt.Fprintln(l.out, err)
			continue
		}
		if !on {
			break
		}
		l.talk.takeUp()
		return l.talk.open(), nil
	}
	return 0, nil
}

// question asks until the reply is sound, and returns the number of the question to ask then.
func (l *lines) question(ctx context.Context, i int) (int, error) {
	l.introduce(i)
	for {
		text, err := l.prompt(ctx, l.ask(i), questions[i].path)
		if err != nil {
			return i, err
		}
		if text == back {
			if before, found := l.talk.before(i); found {
				return before, nil
			}
			fmt.Fprintln(l.out, "this is the first question")
			continue
		}
		if err = l.talk.accept(i, text); err != nil {
			fmt.Fprintln(l.out, err)
			continue
		}
		if err = l.tell(); err != nil {
			return i, err
		}
		return l.after(i), nil
	}
}

// after asks in order; whoever returned from further on is led over what has been answered, to what is open.
func (l *lines) after(i int) int {
	next := l.talk.after(i)
	if next < len(questions) && !l.talk.met[next] {
		return next
	}
	return l.talk.open()
}

func (l *lines) introduce(i int) {
	fmt.Fprintf(l.out, "\n%s\n  %s\n", questions[i].title, questions[i].why)
	for _, row := range table(questions[i].options) {
		fmt.Fprintf(l.out, "  %s%s\n", row.value, row.label)
	}
	if l.talk.met[i] {
		if err := l.talk.check(i); err != nil {
			fmt.Fprintf(l.out, "your reply no longer fits: %v\n", err)
		}
	}
}

func (l *lines) ask(i int) string {
	form := ""
	if questions[i].kind == decision {
		form = " (yes or no)"
	}
	if l.talk.replies[i] != "" {
		form += " [" + l.talk.replies[i] + "]"
	}
	return questions[i].path + form + ": "
}

// tell says where the answers lead, whenever that changes.
func (l *lines) tell() error {
	look, err := l.talk.outlook()
	if err != nil {
		return err
	}
	if line := look.line(); line != l.said {
		fmt.Fprintf(l.out, "So far this leads to %s.\n", line)
		l.said = line
	}
	if look.reason != l.why {
		fmt.Fprintf(l.out, "  %s\n", look.reason)
		l.why = look.reason
	}
	return nil
}

// sum shows the summary.
func (l *lines) sum(look *outlook) {
	fmt.Fprintln(l.out, "\nYour answers")
	for n, row := range l.talk.summary() {
		fmt.Fprintf(l.out, "  %2d  %s%s\n", n+1, row.value, row.label)
	}
	fmt.Fprintf(l.out, "This leads to %s. %s\n", look.service, look.reason)
	for _, line := range look.costs() {
		fmt.Fprintf(l.out, "  %s %s\n", line.usd, line.what)
	}
	for _, line := range look.basis() {
		fmt.Fprintf(l.out, "  %s\n", line)
	}
	for _, other := range look.others {
		if other.bill != nil {
			fmt.Fprintf(l.out, "Instead: %s, %s\n", other.service, monthly(other.bill))
		}
	}
	if look.hurdle != nil {
		fmt.Fprintln(l.out, look.hurdle)
	}
}

// agree shows the summary. It returns the number of a question to change, or that the project may be written.
func (l *lines) agree(ctx context.Context) (int, bool, error) {
	look, err := l.talk.outlook()
	if err != nil {
		return 0, false, err
	}
	l.sum(look)
	asked := l.talk.asked()
	form := "Write the project? (yes, no or the number of an answer to change) [yes]: "
	if look.hurdle != nil {
		form = "Which answer shall change? (its number, or no to stop): "
	}
	for {
		text, err := l.prompt(ctx, form, "summary")
		if err != nil {
			return 0, false, err
		}
		switch text {
		case back:
			text = strconv.Itoa(len(asked))
		case "":
			text = yes
		}
		if n, failed := strconv.Atoi(text); failed == nil && n >= 1 && n <= len(asked) {
			return asked[n-1], false, nil
		}
		write, err := yesOrNo("write", text)
		switch {
		case err != nil:
			fmt.Fprintf(l.out, "got %q, expected yes, no or a number from 1 to %d\n", text, len(asked))
		case !write:
			return 0, false, errCanceled
		case look.hurdle == nil:
			return 0, true, nil
		default:
			fmt.Fprintln(l.out, look.hurdle)
		}
	}
}

// prompt reads one line. Waiting for it ends with the context: a read from a terminal cannot be interrupted otherwise.
func (l *lines) prompt(ctx context.Context, form, at string) (string, error) {
	fmt.Fprint(l.out, form)
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := l.in.ReadString('\n')
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(l.out)
		return "", errCanceled
	case got := <-read:
		if got.err != nil {
			fmt.Fprintln(l.out)
			return "", usage("new", "the input ended at the question %s; nothing was written", at)
		}
		return strings.TrimSpace(got.text), nil
	}
}

// accept keeps a line as the reply, if it is sound. An empty line takes the default, or what was replied before.
func (t *interview) accept(i int, text string) error {
	if text = cmp.Or(text, t.replies[i]); text == leftOut {
		text = ""
	}
	if questions[i].kind == decision {
		on, err := yesOrNo(questions[i].path, text)
		if err != nil {
			return err
		}
		text = no
		if on {
			text = yes
		}
	}
	before := t.replies[i]
	t.replies[i] = text
	if err := t.check(i); err != nil {
		t.replies[i] = before
		return err
	}
	t.met[i] = true
	return nil
}

func yesOrNo(what, text string) (bool, error) {
	text = strings.ToLower(text)
	on := slices.Contains([]string{"y", yes, "true"}, text)
	if !on && !slices.Contains([]string{"n", no, "false"}, text) {
		return false, fmt.Errorf("%s: got %q, expected yes or no", what, text)
	}
	return on, nil
}
