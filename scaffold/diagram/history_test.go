package diagram_test

import (
	"strings"
	"testing"

	"example.com/pipewright/scaffold/diagram"
)

const caughtMachine = `{"StartAt": "Try", "States": {
  "Try": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Good", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Mend"}]},
  "Good": {"Type": "Pass", "End": true},
  "Mend": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "Left", "States": {"Left": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true}}},
    {"StartAt": "Right", "States": {"Right": {"Type": "Wait", "Seconds": 30, "End": true}}}]}}}`

const caughtHistory = `{"status": "FAILED", "events": [
  {"timestamp": "2026-01-01T00:00:00Z", "type": "ExecutionStarted", "id": 1, "previousEventId": 0},
  {"timestamp": "2026-01-01T00:00:00Z", "type": "TaskStateEntered", "id": 2, "previousEventId": 0, "stateEnteredEventDetails": {"name": "Try"}},
  {"timestamp": "2026-01-01T00:00:02Z", "type": "TaskFailed", "id": 3, "previousEventId": 2},
  {"timestamp": "2026-01-01T00:00:02Z", "type": "TaskStateExited", "id": 4, "previousEventId": 3, "stateExitedEventDetails": {"name": "Try"}},
  {"timestamp": "2026-01-01T00:00:02Z", "type": "ParallelStateEntered", "id": 5, "previousEventId": 4, "stateEnteredEventDetails": {"name": "Mend"}},
  {"timestamp": "2026-01-01T00:00:02Z", "type": "ParallelStateStarted", "id": 6, "previousEventId": 5},
  {"timestamp": "2026-01-01T00:00:02Z", "type": "TaskStateEntered", "id": 7, "previousEventId": 6, "stateEnteredEventDetails": {"name": "Left"}},
  {"timestamp": "2026-01-01T00:00:02Z", "type": "WaitStateEntered", "id": 8, "previousEventId": 6, "stateEnteredEventDetails": {"name": "Right"}},
  {"timestamp": "2026-01-01T00:00:05Z", "type": "TaskFailed", "id": 9, "previousEventId": 7},
  {"timestamp": "2026-01-01T00:00:05Z", "type": "ParallelStateFailed", "id": 10, "previousEventId": 9},
  {"timestamp": "2026-01-01T00:00:05Z", "type": "ExecutionFailed", "id": 11, "previousEventId": 10}]}`

func color(t *testing.T, definition string, histories ...string) *diagram.Graph {
	t.Helper()
	graph, err := diagram.Machine("test", []byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	var tally diagram.Tally
	for _, history := range histories {
		execution, err := diagram.ParseExecution([]byte(history))
		if err != nil {
			t.Fatal(err)
		}
		tally.AddExecution(execution)
	}
	if err := tally.Color(graph); err != nil {
		t.Fatal(err)
	}
	return graph
}

func marks(graph *diagram.Graph) map[string]string {
	all := map[string]string{}
	for _, n := range graph.Nodes {
		all[n.Label] = n.Mark.String()
	}
	for _, group := range graph.Groups {
		all[group.Label] = group.Mark.String()
	}
	return all
}

func TestStatesAreColoredByWhatTheHistorySays(t *testing.T) {
	running := strings.Replace(caughtHistory, "FAILED", "RUNNING", 1)
	running = running[:strings.Index(running, `,
  {"timestamp": "2026-01-01T00:00:05Z", "type": "TaskFailed"`)] + "]}"
	for _, test := range []struct {
		name      string
		histories []string
		want      map[string]string
	}{
		{"caught, then failed beside a branch that was stopped", []string{caughtHistory}, map[string]string{
			"Try": "Caught error, 2.0 s", "Good": "Not started", "Mend": "Failed, 3.0 s", "Left": "Failed, 3.0 s", "Right": "Aborted, 3.0 s", "Start": "Succeeded", "End": "Not started",
		}},
		{"still running", []string{running}, map[string]string{"Try": "Caught error, 2.0 s", "Left": "In progress", "Mend": "In progress", "Good": "Not started"}},
		{"stopped by its timeout", []string{strings.Replace(running, "RUNNING", "TIMED_OUT", 1)}, map[string]string{"Left": "Timed out", "Mend": "Timed out"}},
		{"several executions show the gravest, and how many", []string{caughtHistory, running}, map[string]string{"Left": "Failed, 1 of 2, 3.0 s in all", "Try": "Caught error, 2 times, 4.0 s in all"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := marks(color(t, caughtMachine, test.histories...))
			for name, want := range test.want {
				if got[name] != want {
					t.Errorf("%s: got %q, want %q", name, got[name], want)
				}
			}
		})
	}
}

func TestWaysThatWereTakenAreMarked(t *testing.T) {
	taken := map[string]bool{}
	for _, e := range color(t, caughtMachine, caughtHistory).Edges {
		taken[strings.TrimSpace(e.From)+" to "+strings.TrimSpace(e.To)] = e.Taken
	}
	for way, want := range map[string]bool{"start to Try": true, "Try to Mend": true, "Try to Good": false} {
		if got, ok := taken[way]; !ok || got != want {
			t.Errorf("%s: got taken %t, there %t; want %t", way, got, ok, want)
		}
	}
}

func TestARunOfAnotherMachineIsRefused(t *testing.T) {
	graph, err := diagram.Machine("test", []byte(`{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	execution, err := diagram.ParseExecution([]byte(caughtHistory))
	if err != nil {
		t.Fatal(err)
	}
	var tally diagram.Tally
	tally.AddExecution(execution)
	if err := tally.Color(graph); err == nil || !strings.Contains(err.Error(), "a run of another version") {
		t.Errorf("got %v, expected that the run is one of another version", err)
	}
}

// The history of a distributed Map does not tell how it went inside; the picture must not claim that nothing ran.
func TestInsideADistributedMapNothingIsClaimed(t *testing.T) {
	graph := color(t, `{"StartAt": "All", "States": {"All": {"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
		"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}}}}`,
		`{"status": "SUCCEEDED", "events": [
		{"timestamp": "2026-01-01T00:00:00Z", "type": "ExecutionStarted", "id": 1, "previousEventId": 0},
		{"timestamp": "2026-01-01T00:00:00Z", "type": "MapStateEntered", "id": 2, "previousEventId": 0, "stateEnteredEventDetails": {"name": "All"}},
		{"timestamp": "2026-01-01T00:00:01Z", "type": "MapStateExited", "id": 3, "previousEventId": 2, "stateExitedEventDetails": {"name": "All"}},
		{"timestamp": "2026-01-01T00:00:01Z", "type": "ExecutionSucceeded", "id": 4, "previousEventId": 3}]}`)
	got := marks(graph)
	if got["All"] != "Succeeded, 1.0 s" || got["One"] != "" || got["End"] != "Succeeded" {
		t.Errorf("got %v, expected that the Map succeeded, and nothing about its items", got)
	}
	if len(graph.Notes) != 1 || !strings.Contains(graph.Notes[0], "executions of their own") {
		t.Errorf("got the notes %q, expected where the items ran", graph.Notes)
	}
}

func TestATerminalShowsStatesInWordsAndSigns(t *testing.T) {
	graph := color(t, caughtMachine, caughtHistory)
	plain, err := diagram.Text(graph, false)
	if err != nil {
		t.Fatal(err)
	}
	const want = `test

  ( Start )                                 ✓ Succeeded
  ↓
  [ Lambda invoke: Try ]                    ! Caught error, 2.0 s
  ├╌ any error → Mend  (taken)
  ↓
  [ Good ]                                  · Not started
  ↓
  ( End )                                   · Not started

  ┌ Parallel: Mend                          ✗ Failed, 3.0 s
  │    [ Lambda invoke: Left ]              ✗ Failed, 3.0 s
  │
  │    [ Wait 30 s: Right ]                 ■ Aborted, 3.0 s
  ├─ → End

Dashed arrows without a label are taken on any error.
`
	if plain != want {
		t.Errorf("got\n%s\nwant\n%s", plain, want)
	}
	colored, err := diagram.Text(graph, true)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(colored, "\x1b[31m✗ Failed, 3.0 s\x1b[0m") || strings.Contains(plain, "\x1b") {
		t.Errorf("expected colors where they are asked for, and only there; got\n%q", colored)
	}
}
