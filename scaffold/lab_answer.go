package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"example.com/pipewright/scaffold/lab"
)

var labAnswerCommand = command{
	name: "lab answer",
	args: "[NUMBER] approve|reject[: WHY]|nothing | --success JSON | --failure ERROR [--cause TEXT] [--state STATE] [--token TOKEN]",
	summary: "Answers a task of a run that waits for a person, from another terminal: the run was started with --wait, or on a terminal.\n" +
		"NUMBER is that of the run, the last one by default. An answer that comes early waits until the run asks for it.",
	example: "scaffold lab answer 3 reject: too few rows",
	run:     runLabAnswer,
}

// longestAnswer is how many words an answer may have.
const longestAnswer = 10_000

// answerFlags are those of lab answer.
type answerFlags struct{ success, failure, cause, state, token string }

func runLabAnswer(s *shell, flags *flag.FlagSet, args []string) error {
	var o answerFlags
	flags.StringVar(&o.success, "success", "", "let the task succeed with this `JSON`, as SendTaskSuccess does")
	flags.StringVar(&o.failure, "failure", "", "let the task fail with this `ERROR`, as SendTaskFailure does")
	flags.StringVar(&o.cause, "cause", "", "the `TEXT` that explains --failure")
	flags.StringVar(&o.state, "state", "", "answer only if the run asks for this `STATE`")
	flags.StringVar(&o.token, "token", "", "answer only the task with this `TOKEN`, which is in the message")
	words, err := parse(flags, args, longestAnswer)
	if err != nil {
		return err
	}
	var run []string
	if len(words) > 0 {
		if _, err := strconv.Atoi(words[0]); err == nil {
			run, words = words[:1], words[1:]
		}
	}
	reply, err := o.reply(strings.Join(words, " "))
	if err != nil {
		return usage(flags.Name(), "%v", err)
	}
	folder, err := keptRun(run)
	if err != nil {
		return &inputError{err}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	result, err := sendAnswer(ctx, folder, answerRequest{State: o.state, Token: o.token, Reply: reply})
	if err != nil {
		if errors.Is(err, errCanceled) {
			return err
		}
		return fmt.Errorf("run %s %w", runNumber(folder), err)
	}
	fmt.Fprintf(s.stdout, "%s of the execution %s got the answer %s\n", result.State, result.Execution, reply)
	return nil
}

// reply is the one answer that flags and words give.
func (o *answerFlags) reply(words string) (lab.Reply, error) {
	var given []string
	for _, one := range []string{words, prefixed("success:", o.success), prefixed("failure:", o.failure)} {
		if one != "" {
			given = append(given, one)
		}
	}
	switch {
	case len(given) != 1:
		return lab.Reply{}, fmt.Errorf("got %d answers, expected one of approve, reject: WHY, nothing, --success JSON, --failure ERROR", len(given))
	case o.cause != "" && o.failure == "":
		return lab.Reply{}, errors.New("--cause goes with --failure ERROR")
	case o.failure != "":
		return lab.Reply{Failed: true, Error: o.failure, Cause: o.cause}, nil
	}
	return lab.ParseReply(given[0])
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// runNumber is the number of the run in a folder, as a person gives it.
func runNumber(folder string) string {
	return strings.TrimLeft(filepath.Base(folder), "0")
}
