package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/schedule"
)

// answersFile is where a project keeps what its user said.
const answersFile = "answers.yaml"

// maxAnswers is more than any answers file needs, in bytes; a larger file is not read at all.
const maxAnswers = 64 << 10

var recommendCommand = command{
	name:    "recommend",
	args:    "[FILE] [--json]",
	summary: "Says which service fits the answers in FILE (default answers.yaml), and why. FILE - is standard input; a project's folder will do too.",
	example: "scaffold recommend scaffold/examples/glueworkflow.yaml",
	run:     recommend,
}

func recommend(s *shell, flags *flag.FlagSet, args []string) error {
	asJSON := flags.Bool("json", false, "print the recommendation as JSON")
	given, err := s.parseAnswers(flags, args)
	if err != nil {
		return err
	}
	recommendation := advisor.Recommend(given)
	if *asJSON {
		return writeJSON(s.stdout, recommendation)
	}
	if err := recommendation.WriteText(s.stdout); err != nil {
		return err
	}
	writeNextRuns(s.stdout, given, s.now())
	return nil
}

// writeNextRuns shows when a schedule starts next, so that a wrong hour or zone is seen before it is deployed.
func writeNextRuns(out io.Writer, given *answers.Answers, now time.Time) {
	if given.Start.On != answers.OnSchedule {
		return
	}
	parsed, err := schedule.Parse(given.Start.Schedule)
	if err != nil {
		return // answers have been checked: only a schedule that was not asked for gets here
	}
	zone, err := schedule.LoadZone(given.Start.Timezone)
	if err != nil {
		return
	}
	const shown = 3
	var times []string
	for at, more := parsed.Next(now, zone); more && len(times) < shown; at, more = parsed.Next(at, zone) {
		times = append(times, at.Format("Mon 2006-01-02 15:04 MST"))
	}
	switch {
	case len(times) == 0:
		fmt.Fprintf(out, "\n%s in %s: never\n", given.Start.Schedule, zone)
	case parsed.Kind() == schedule.Rate:
		fmt.Fprintf(out, "\n%s, if it were deployed now: %s\n", given.Start.Schedule, strings.Join(times, ", "))
	default:
		fmt.Fprintf(out, "\n%s in %s, next: %s\n", given.Start.Schedule, zone, strings.Join(times, ", "))
	}
}

// parseAnswers reads the flags, and the answers of the file that may follow them.
func (s *shell) parseAnswers(flags *flag.FlagSet, args []string) (*answers.Answers, error) {
	rest, err := parse(flags, args, 1)
	if err != nil {
		return nil, err
	}
	file := answersFile
	if len(rest) == 1 {
		file = rest[0]
	}
	return s.readAnswers(file)
}

// readAnswers reads and checks an answers file, in a project's folder the one that it keeps. Every fault of the file is in
// the error, with its line.
func (s *shell) readAnswers(file string) (*answers.Answers, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = path.Join(file, answersFile)
	}
	data, err := s.read(file, maxAnswers)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file\n  hint: scaffold/examples/ has answers to start from; scaffold new DIR asks for them", file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the answers: %w", err)
	}
	return answers.Parse(inputName(file), data, s.now())
}

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
