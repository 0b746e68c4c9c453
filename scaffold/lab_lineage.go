package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"example.com/pipewright/scaffold/lineage"
)

// showLineage draws the lineage of a run, or prints its events. A last line that was cut off when the run was killed is left out.
func (s *shell) showLineage(file string, asJSON, mermaid bool) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the run was kept without lineage\n  hint: scaffold lab run makes one with it", file)
	}
	if err != nil {
		return err
	}
	var events []*lineage.Event
	for line := range bytes.Lines(text) {
		e := &lineage.Event{}
		if json.Unmarshal(line, e) != nil {
			break
		}
		events = append(events, e)
		if asJSON {
			if _, err := s.stdout.Write(line); err != nil {
				return err
			}
		}
	}
	switch graph := lineage.NewGraph(events); {
	case asJSON:
		return nil
	case mermaid:
		return graph.Mermaid(s.stdout)
	default:
		return graph.Text(s.stdout)
	}
}
