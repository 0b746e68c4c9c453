package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"example.com/pipewright/scaffold/lab"
)

var labShowCommand = command{
	name: "lab show",
	args: "[NUMBER] [--graph [--id ID] [-o FILE.svg|FILE.mmd|FILE.md]] [--lineage [--mermaid]] [--unused] [--ignored] [--json]",
	summary: "Shows a run of the lab again, the last one by default. Runs are kept below this folder, in " + runsFolder + ".\n" +
		"With --graph, shows how far its state machines and Glue workflows came.\n" +
		"With --lineage, shows which data it read and wrote: as a drawing, or with --json as OpenLineage events.",
	example: "scaffold lab show 3 --graph -o run.svg",
	run:     runLabShow,
}

func runLabShow(s *shell, flags *flag.FlagSet, args []string) error {
	var o runOptions
	o.lists(flags)
	var g runGraphOptions
	g.flags(flags)
	data := flags.Bool("lineage", false, "show which data was read and written, and by what")
	mermaid := flags.Bool("mermaid", false, "draw the --lineage as a Mermaid flowchart")
	rest, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	switch {
	case *mermaid && (!*data || o.asJSON):
		return usage(flags.Name(), "--mermaid draws --lineage, and not as --json")
	case g.graph && (*data || o.asJSON):
		return usage(flags.Name(), "--graph goes neither with --lineage nor with --json")
	}
	if err = g.check(flags.Name()); err != nil {
		return err
	}
	folder, err := keptRun(rest)
	if err != nil {
		return &inputError{err}
	}
	if *data {
		return s.showLineage(filepath.Join(folder, lineageFile), o.asJSON, *mermaid)
	}
	if g.graph {
		return s.showGraphs(folder, &g)
	}
	text, err := os.ReadFile(filepath.Join(folder, outcomeFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s.showUnfinished(folder, &o)
	}
	outcome := finished{Outcome: &lab.Outcome{}}
	if err == nil {
		err = json.Unmarshal(text, &outcome)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(folder, outcomeFile), err)
	}
	if _, err = s.showEvents(folder, &o); err != nil {
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

// showEvents prints the events of a run, and gives the time of the last.
func (s *shell) showEvents(folder string, o *runOptions) (last time.Time, err error) {
	line := timeline{out: s.stdout, names: keptNames(folder)}
	err = readEvents(filepath.Join(folder, eventsFile), func(e *lab.Event, text string) {
		last = e.Time
		if line.start.IsZero() {
			line.start = e.Time
		}
		if o.asJSON {
			fmt.Fprintln(s.stdout, text)
		} else {
			line.report(e)
		}
	})
	line.flush()
	return last, err
}

// readEvents reads the events of a file. A last line that was cut off when the run was killed is left out.
func readEvents(file string, each func(e *lab.Event, text string)) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for lines.Scan() {
		var e lab.Event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			break
		}
		each(&e, lines.Text())
	}
	return nil
}
