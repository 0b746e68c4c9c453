package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
)

// answersFile is where a project keeps what its user said.
const answersFile = "answers.yaml"

// maxAnswers is more than any answers file needs, in bytes; a larger file is not read at all.
const maxAnswers = 64 << 10

var recommendCommand = command{
	name:    "recommend",
	args:    "[FILE] [--json]",
	summary: "Says which service fits the answers in FILE (default answers.yaml), and why. FILE - is standard input.",
	example: "scaffold recommend scaffold/examples/glueworkflow.yaml",
	run:     recommend,
}

func recommend(s *shell, flags *flag.FlagSet, args []string) error {
	asJSON := flags.Bool("json", false, "print the recommendation as JSON")
	rest, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	file := answersFile
	if len(rest) == 1 {
		file = rest[0]
	}
	given, err := s.readAnswers(file)
	if err != nil {
		return err
	}
	recommendation := advisor.Recommend(given)
	if *asJSON {
		return writeJSON(s.stdout, recommendation)
	}
	return recommendation.WriteText(s.stdout)
}

// readAnswers reads and checks an answers file. Every fault of the file is in the error, with its line.
func (s *shell) readAnswers(file string) (*answers.Answers, error) {
	data, err := s.readLimited(file)
	if err != nil {
		return nil, err
	}
	return answers.Parse(file, data, s.now())
}

func (s *shell) readLimited(file string) ([]byte, error) {
	in := s.stdin
	if file != "-" {
		opened, err := os.Open(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: there is no such file\n  hint: scaffold/examples/ has answers to start from; scaffold new DIR asks for them", file)
		}
		if err != nil {
			return nil, fmt.Errorf("read the answers: %w", err)
		}
		defer func() { _ = opened.Close() }() // only read
		in = opened
	}
	data, err := io.ReadAll(io.LimitReader(in, maxAnswers+1))
	if err != nil {
		return nil, fmt.Errorf("read the answers %s: %w", file, err)
	}
	return data, nil
}

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
