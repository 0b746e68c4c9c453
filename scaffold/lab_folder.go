package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"example.com/pipewright/scaffold/lab"
	"example.com/pipewright/scaffold/lineage"
)

// runsFolder is where runs are kept, below the project or the folder in which the command was given.
const runsFolder = ".pipewright/runs"

// Files of a run, besides s3/BUCKET/KEY, executions/ and logs/.
const (
	eventsFile  = "events.jsonl"
	outcomeFile = "outcome.json"
	lineageFile = "lineage.jsonl"
	// brokenFile says why the lab could not go on with a run; one that was interrupted has neither it nor an outcome.
	brokenFile = "broken.json"
	// templateFile is what ran, for pictures of the run: the project may have changed since.
	templateFile = "template.json"
)

// runFolder is where one run is kept. What is in it can be read at any time, also while the run goes on or after it was killed.
type runFolder struct {
	path    string
	events  *os.File
	lineage *os.File
	err     error // the first that happened while keeping
}

// newRunFolder makes a folder with the next number. Two runs at once get two of them.
func newRunFolder(below string) (*runFolder, error) {
	all := filepath.Join(below, runsFolder)
	if err := os.MkdirAll(all, 0o755); err != nil {
		return nil, fmt.Errorf("keep the run: %w", err)
	}
	numbers, err := runNumbers(all)
	if err != nil {
		return nil, err
	}
	next := 1
	if len(numbers) > 0 {
		next = numbers[len(numbers)-1] + 1
	}
	for ; ; next++ {
		path := filepath.Join(all, fmt.Sprintf("%04d", next))
		err := os.Mkdir(path, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("keep the run: %w", err)
		}
		r := &runFolder{path: path}
		if r.events, err = os.Create(filepath.Join(path, eventsFile)); err == nil {
			r.lineage, err = os.Create(filepath.Join(path, lineageFile))
		}
		if err != nil {
			return nil, fmt.Errorf("keep the run: %w", err)
		}
		hold(r.events)
		return r, nil
	}
}

// runNumbers are the numbers of the runs in a folder, sorted.
func runNumbers(folder string) ([]int, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	var numbers []int
	for _, entry := range entries {
		if number, err := strconv.Atoi(entry.Name()); err == nil && entry.IsDir() {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// report keeps an event, one a line.
func (r *runFolder) report(e *lab.Event) {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = r.events.Write(append(line, '\n'))
	}
	r.failed(err)
}

// reportLineage keeps an event of OpenLineage, one a line.
func (r *runFolder) reportLineage(e *lineage.Event) {
	line, err := lineage.Encode(e)
	if err == nil {
		_, err = r.lineage.Write(append(line, '\n'))
	}
	r.failed(err)
}

// keep writes a file of the run. It is there whole or not at all, whenever the run is killed.
func (r *runFolder) keep(name string, content any) {
	text, err := json.MarshalIndent(content, "", "  ")
	file := filepath.Join(r.path, filepath.FromSlash(name))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file+".part", append(text, '\n'), 0o644)
	}
	if err == nil {
		err = os.Rename(file+".part", file)
	}
	r.failed(err)
}

func (r *runFolder) failed(err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("keep the run in %s: %w", r.path, err)
	}
}

func (r *runFolder) close() error {
	r.failed(r.events.Close())
	r.failed(r.lineage.Close())
	return r.err
}
