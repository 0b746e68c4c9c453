package diagram_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/diagram"
)

// recording is a case recorded from AWS: a definition, and how its execution went.
type recording struct {
	Name       string          `json:"name"`
	Definition json.RawMessage `json:"definition"`
	Expected   struct {
		Status string `json:"status"`
		Events []struct {
			Type       string          `json:"type"`
			ID         int64           `json:"id"`
			Previous   int64           `json:"previousEventId"`
			Details    json.RawMessage `json:"details"`
			DetailsKey string          `json:"detailsKey"`
		} `json:"events"`
	} `json:"expected"`
}

// recordings reads the cases from PIPEWRIGHT_CONFORMANCE, or from shared/conformance beside the module.
func recordings(t *testing.T) []recording {
	t.Helper()
	folder := os.Getenv("PIPEWRIGHT_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "conformance")
	}
	files, err := filepath.Glob(filepath.Join(folder, "asl", "executions", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no recordings in %s: set PIPEWRIGHT_CONFORMANCE to the folder that holds asl/executions", folder)
	}
	all := make([]recording, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &all[i])
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return all
}

// execution is the recorded execution as GetExecutionHistory would return it; its times have been masked.
func (r *recording) execution(t *testing.T) *diagram.Execution {
	t.Helper()
	events := []map[string]any{}
	for _, e := range r.Expected.Events {
		event := map[string]any{"type": e.Type, "id": e.ID, "previousEventId": e.Previous}
		if e.DetailsKey != "" {
			event[e.DetailsKey] = e.Details
		}
		events = append(events, event)
	}
	text, err := json.Marshal(map[string]any{"status": r.Expected.Status, "events": events})
	if err != nil {
		t.Fatal(err)
	}
	execution, err := diagram.ParseExecution(text)
	if err != nil {
		t.Fatal(err)
	}
	return execution
}

// Whatever AWS has accepted is drawn, with each of its states once.
func TestConformanceEveryDefinitionIsDrawn(t *testing.T) {
	for _, r := range recordings(t) {
		graph, err := diagram.Machine(r.Name, r.Definition)
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		if _, err := diagram.Mermaid(graph); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
		if _, err := diagram.SVG(t.Context(), graph); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
		if _, err := diagram.Text(graph, false); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

// How it went follows from the history alone: each state that was entered has a mark; an execution that succeeded has no failed state
// outside what was caught, one that failed has a failed one.
func TestConformanceEveryExecutionIsColored(t *testing.T) {
	drawn := 0
	for _, r := range recordings(t) {
		if len(r.Expected.Events) == 0 {
			continue
		}
		graph, err := diagram.Machine(r.Name, r.Definition)
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		var tally diagram.Tally
		tally.AddExecution(r.execution(t))
		if err := tally.Color(graph); err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		drawn++
		marks := map[diagram.State][]string{}
		for _, n := range graph.Nodes {
			marks[n.Mark.State] = append(marks[n.Mark.State], n.Label)
		}
		for _, group := range graph.Groups {
			marks[group.Mark.State] = append(marks[group.Mark.State], group.Label)
		}
		bad := slices.Concat(marks[diagram.Failed], marks[diagram.TimedOut])
		tolerated := strings.Contains(string(r.Definition), `"Catch"`) || strings.Contains(string(r.Definition), `"Tolerated`)
		switch {
		case r.Expected.Status == "SUCCEEDED" && len(bad) > 0 && !tolerated:
			t.Errorf("%s: it succeeded, and %v failed", r.Name, bad)
		case r.Expected.Status == "FAILED" && len(bad) == 0:
			t.Errorf("%s: it failed, and no state did: %v", r.Name, slices.Collect(maps.Values(marks)))
		case len(marks[diagram.InProgress]) > 0:
			t.Errorf("%s: it has ended, and %v are in progress", r.Name, marks[diagram.InProgress])
		}
	}
	t.Logf("%d executions", drawn)
}
