package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/pipewright/scaffold/lab"
)

// interruptedError is a run of the lab that ended by Ctrl-C, or because it was asked to end.
type interruptedError struct{ folder string }

func (e *interruptedError) Error() string {
	return fmt.Sprintf("interrupted: the programs of the run were ended; what it did until then is in %s\n  hint: scaffold lab show prints it again", shorten(e.folder))
}

func (e *interruptedError) Is(target error) bool { return target == errCanceled }

// broken is why the lab could not go on.
type broken struct{ Error string }

// showUnfinished prints what a run did that has no outcome: it goes on, the lab could not go on with it, or it was stopped or killed.
func (s *shell) showUnfinished(folder string, o *runOptions) error {
	const statusInterrupted, statusBroken = "INTERRUPTED", "BROKEN"
	goesOn := held(filepath.Join(folder, eventsFile))
	status, what := statusInterrupted, "the run was interrupted; what it did until then:"
	text, err := os.ReadFile(filepath.Join(folder, brokenFile))
	switch {
	case goesOn:
		what = "the run goes on; what it has done so far:"
	case err == nil:
		var why broken
		if err = json.Unmarshal(text, &why); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(folder, brokenFile), err)
		}
		status, what = statusBroken, "the lab could not go on with the run: "+strings.TrimSpace(why.Error)+"\n  what it did until then:"
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	fmt.Fprintf(s.stderr, "%s: %s\n", folder, what)
	last, err := s.showEvents(folder, o)
	if err != nil || goesOn || !o.asJSON {
		return err
	}
	end := lab.Event{Time: last, Service: "lab", Type: "LabFinished", Detail: map[string]any{"status": status}}
	return json.NewEncoder(s.stdout).Encode(&end)
}
