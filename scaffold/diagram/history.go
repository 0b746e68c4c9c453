package diagram

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Execution is an execution of a state machine with its history, as GetExecutionHistory returns it.
// Source: AWS Step Functions API Reference, GetExecutionHistory and HistoryEvent, read 2026-11.
type Execution struct {
	Status string         `json:"status"`
	Events []HistoryEvent `json:"events"`
}

// HistoryEvent is what a picture needs of an event.
type HistoryEvent struct {
	Time     time.Time             `json:"timestamp"`
	Type     string                `json:"type"`
	ID       int64                 `json:"id"`
	Previous int64                 `json:"previousEventId"`
	Entered  struct{ Name string } `json:"stateEnteredEventDetails"`
	Exited   struct{ Name string } `json:"stateExitedEventDetails"`

	Evaluation struct{ State string } `json:"evaluationFailedEventDetails"`
}

// ParseExecution reads an execution from JSON.
func ParseExecution(text []byte) (*Execution, error) {
	var x Execution
	if err := json.Unmarshal(text, &x); err != nil {
		return nil, fmt.Errorf("read an execution: %w", err)
	}
	if len(x.Events) == 0 {
		return nil, errors.New("got an execution without events, expected its history")
	}
	return &x, nil
}

// AddExecution counts how it went with the states of an execution. A state that was left after an error has caught it; one that was never
// left has failed, when the execution failed by it, or was stopped with it.
func (t *Tally) AddExecution(x *Execution) {
	h := history{tally: t, execution: x, byID: map[int64]*HistoryEvent{}, left: map[int64]bool{}, failed: map[int64]bool{}}
	for i := range x.Events {
		h.byID[x.Events[i].ID] = &x.Events[i]
	}
	last := x.Events[len(x.Events)-1]
	for _, e := range x.Events {
		switch {
		case strings.HasSuffix(e.Type, "StateEntered"):
			h.entered(&e)
		case strings.HasSuffix(e.Type, "StateExited"):
			h.exited(&e)
		case failing(e.Type):
			if entry := h.entry(&e); entry != nil {
				h.failed[entry.ID] = true
			}
		}
	}
	t.Add(Start, Succeeded, 0)
	for _, e := range x.Events {
		if strings.HasSuffix(e.Type, "StateEntered") && !h.left[e.ID] {
			t.Add(e.Entered.Name, h.unfinished(&e), last.Time.Sub(e.Time))
		}
	}
	if exit := h.before(&last); x.Status == "SUCCEEDED" && exit != nil && exit.Type != "SucceedStateExited" {
		t.Add(End, Succeeded, 0)
		t.Take(exit.Exited.Name, End)
	}
}

type history struct {
	tally        *Tally
	execution    *Execution
	byID         map[int64]*HistoryEvent
	left, failed map[int64]bool // entries
}

// before is the event that another one names as its previous one; nil at the beginning. A file may name any: only an earlier one counts.
func (h *history) before(e *HistoryEvent) *HistoryEvent {
	if e.Previous >= e.ID {
		return nil
	}
	return h.byID[e.Previous]
}

// failing says whether an event tells that something failed in a state.
func failing(kind string) bool {
	return strings.HasSuffix(kind, "Failed") || strings.HasSuffix(kind, "TimedOut") || strings.HasSuffix(kind, "StartFailed")
}

// entry is the event by which the state was entered that an event tells of: one of its own thread, whose type fits. nil before the first.
func (h *history) entry(e *HistoryEvent) *HistoryEvent {
	suffix := "StateEntered"
	for _, nested := range []string{"Map", "Parallel"} {
		if strings.HasPrefix(e.Type, nested) {
			suffix = nested + "StateEntered"
		}
	}
	if e.Evaluation.State != "" { // its previous event may be the one before the state was entered
		return h.latest(e)
	}
	for e != nil && (!strings.HasSuffix(e.Type, suffix) || h.left[e.ID]) {
		e = h.before(e)
	}
	return e
}

// latest is the last entry before an event of the state that could not be evaluated.
func (h *history) latest(of *HistoryEvent) *HistoryEvent {
	for id := of.ID - 1; id > 0; id-- {
		if e := h.byID[id]; e != nil && e.Entered.Name == of.Evaluation.State && !h.left[id] {
			return e
		}
	}
	return nil
}

// entryOf is the entry that belongs to an exit: the nearest one before it with its name. What a Map or a Parallel state runs lies between.
func (h *history) entryOf(exit *HistoryEvent) *HistoryEvent {
	for e := h.before(exit); e != nil; e = h.before(e) {
		if e.Entered.Name == exit.Exited.Name && !h.left[e.ID] {
			return e
		}
	}
	return nil
}

func (h *history) entered(e *HistoryEvent) {
	switch before := h.before(e); {
	case before == nil || before.Type == "ExecutionStarted":
		h.tally.Take(Start, e.Entered.Name)
	case before.Exited.Name != "":
		h.tally.Take(before.Exited.Name, e.Entered.Name)
	}
}

func (h *history) exited(e *HistoryEvent) {
	entry := h.entryOf(e)
	if entry == nil {
		return
	}
	h.left[entry.ID] = true
	state := Succeeded
	if before := h.before(e); before != nil && failing(before.Type) {
		state = CaughtError
	}
	h.tally.Add(e.Exited.Name, state, e.Time.Sub(entry.Time))
}

// unfinished is the state of a state that was entered and never left.
func (h *history) unfinished(entry *HistoryEvent) State {
	switch {
	case h.execution.Status == "RUNNING" || h.execution.Status == "":
		return InProgress
	case h.failed[entry.ID] || entry.Type == "FailStateEntered":
		return Failed
	case h.execution.Status == "TIMED_OUT":
		return TimedOut
	case h.endedBy(entry):
		return Failed
	}
	return Stopped
}

// endedBy says whether the execution failed in the state without an event of the state's own, as when its input has no such path.
func (h *history) endedBy(entry *HistoryEvent) bool {
	last := h.execution.Events[len(h.execution.Events)-1]
	before := h.before(&last)
	return h.execution.Status == "FAILED" && before != nil && before.ID == entry.ID
}
