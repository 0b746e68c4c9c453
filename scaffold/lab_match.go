package main

import (
	"errors"
	"flag"
	"fmt"

	"example.com/pipewright/scaffold/pattern"
)

var labMatchCommand = command{
	name: "lab match",
	args: "PATTERN EVENT [--json]",
	summary: "Says whether an EventBridge pattern matches an event, and why not. Files, or - for standard input.\n" +
		"Exit 0 match, 1 no match, 2 faulty input.",
	example: "scaffold lab match pattern.json event.json",
	run:     runLabMatch,
}

func runLabMatch(s *shell, flags *flag.FlagSet, args []string) error {
	asJSON := flags.Bool("json", false, "print the explanation as JSON")
	rest, err := parse(flags, args, 2)
	if err != nil {
		return err
	}
	if len(rest) != 2 {
		return usage(flags.Name(), "got %d arguments, expected a file with the pattern and one with the event", len(rest))
	}
	if rest[0] == "-" && rest[1] == "-" {
		return usage(flags.Name(), "only one of the pattern and the event can come from standard input")
	}
	explanation, err := s.explainMatch(rest[0], rest[1])
	if err != nil {
		return &inputError{err}
	}
	if *asJSON {
		err = writeJSON(s.stdout, explanation)
	} else {
		err = explanation.WriteText(s.stdout)
	}
	if err == nil && !explanation.Match {
		return errNegative
	}
	return err
}

func (s *shell) explainMatch(patternFile, eventFile string) (*pattern.Explanation, error) {
	source, err := s.readFor("EventBridge", patternFile)
	if err != nil {
		return nil, err
	}
	compiled, err := pattern.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inputName(patternFile), err)
	}
	data, err := s.readFor("EventBridge", eventFile)
	if err != nil {
		return nil, err
	}
	event, err := pattern.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inputName(eventFile), err)
	}
	return compiled.Explain(event), nil
}

// errNegative is a command whose answer, already printed, is no.
var errNegative = errors.New("no")

// inputError is input that a command cannot use. It has the exit code of wrong usage, because exit code 1 is an answer.
type inputError struct{ error }

func (e *inputError) Is(target error) bool { return target == errUsage }

func (e *inputError) Unwrap() error { return e.error }
