package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"example.com/pipewright/scaffold/lab"
)

var labShowCommand = command{
	name:    "lab show",
	args:    "[NUMBER] [--unused] [--ignored] [--json]",
	summary: "Shows a run of the lab again, the last one by default. Runs are kept below this folder, in " + runsFolder + ".",
	example: "scaffold lab show 3 --unused",
	run:     runLabShow,
}

func runLabShow(s *shell, flags *flag.FlagSet, args []string) error {
	var o runOptions
	o.lists(flags)
	rest, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	folder, err := keptRun(rest)
	if err != nil {
		return &inputError{err}
	}
	text, err := os.ReadFile(filepath.Join(folder, outcomeFile))
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(s.stderr, "%s: the run has not ended, or was stopped; what it did until then:\n", folder)
	} else if err != nil {
		return err
	}
	var outcome lab.Outcome
	if text != nil {
		if err := json.Unmarshal(text, &outcome); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(folder, outcomeFile), err)
		}
	}
	if err := s.showEvents(folder, &o); err != nil || text == nil {
		return err
	}
	return s.conclude(&outcome, folder, &o)
}

// keptRun is the folder of the run that the arguments name, or of the last one.
func keptRun(args []string) (string, error) {
	numbers, err := runNumbers(runsFolder)
	if err != nil {
		return "", err
	}
	if len(numbers) == 0 {
		return "", fmt.Errorf("there is no run in %s\n  hint: scaffold lab run makes one", runsFolder)
	}
	number := numbers[len(numbers)-1]
	if len(args) == 1 {
		if number, err = strconv.Atoi(args[0]); err != nil {
			return "", fmt.Errorf("got the run %q, expected a number from %d to %d", args[0], numbers[0], numbers[len(numbers)-1])
		}
	}
	folder := filepath.Join(runsFolder, fmt.Sprintf("%04d", number))
	if _, err := os.Stat(folder); err != nil {
		return "", fmt.Errorf("there is no run %d, expected a number from %d to %d", number, numbers[0], numbers[len(numbers)-1])
	}
	return folder, nil
}

// showEvents prints the events of a run.
func (s *shell) showEvents(folder string, o *runOptions) error {
	events, lines, err := readEvents(folder)
	if err != nil {
		return err
	}
	line := timeline{out: s.stdout}
	for i, e := range events {
		if i == 0 {
			line.start = e.Time
		}
		if o.asJSON {
			fmt.Fprint(s.stdout, lines[i])
		} else {
			line.report(&e)
		}
	}
	line.flush()
	return nil
}
