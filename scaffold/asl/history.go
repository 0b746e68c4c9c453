package asl

import (
	"slices"
	"strings"
	"time"
)

// Event is one event of an execution's history.
// Source: AWS Step Functions API Reference, HistoryEvent, read 2026-11.
type Event struct {
	ID         int64
	PreviousID int64
	Type       string
	Time       time.Time
	Details    *Object // what stands under DetailsKey; nil when the event has none
}

// DetailsKey is the name of the event's details, such as "stateEnteredEventDetails".
func (e *Event) DetailsKey() string {
	switch {
	case strings.HasSuffix(e.Type, "StateEntered"):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(e.Type, "StateExited"):
		return "stateExitedEventDetails"
	}
	return strings.ToLower(e.Type[:1]) + e.Type[1:] + "EventDetails"
}

// Object is the event as GetExecutionHistory returns it.
func (e *Event) Object() *Object {
	o := ObjectOf("timestamp", timeText(e.Time), "type", e.Type, "id", e.ID, "previousEventId", e.PreviousID)
	if e.Details != nil {
		o.Set(e.DetailsKey(), e.Details)
	}
	return o
}

// MarshalJSON writes the event as GetExecutionHistory returns it.
func (e Event) MarshalJSON() ([]byte, error) { return Encode(e.Object()), nil }

func timeText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// notTruncated is shared by all events: their texts are complete.
var notTruncated = ObjectOf("truncated", false)

// emit records an event and makes it the thread's latest, which the next event names as its previous one.
func (t *thread) emit(kind string, details *Object) int64 {
	id := t.x.record(kind, t.prev, details)
	if id > 0 {
		t.prev = id
	}
	return id
}

// record appends an event. An execution that ended, or that reached its last event, takes no more.
func (x *execution) record(kind string, previous int64, details *Object) int64 {
	if x.ended {
		return 0
	}
	if x.kind == Standard && x.events == maxEvents-1 && !strings.HasPrefix(kind, "Execution") {
		x.overflow(previous)
		return 0
	}
	x.events++
	if x.recording {
		x.history = append(x.history, Event{ID: x.events, PreviousID: previous, Type: kind, Time: x.run.now, Details: details})
	}
	return x.events
}

// overflow ends an execution whose event 25,000 is not its success.
// Source: Step Functions Developer Guide, "Avoid reaching the history quota", read 2026-11.
func (x *execution) overflow(previous int64) {
	x.finish(previous, nil, "", runtimeError("The execution reached the maximum number of history events (25000)."))
}

func (t *thread) emitEntered() {
	t.beforeEntry = t.prev
	if !t.x.recording {
		t.entered = t.emit(t.state.entered, nil)
		return
	}
	t.entered = t.emit(t.state.entered, &Object{fields: []field{
		{"input", t.inputText()}, {"inputDetails", notTruncated}, {"name", t.state.name},
	}})
}

func (t *thread) emitExited(text string, assigned *Object) {
	if !t.x.recording {
		t.emit(t.state.exited, nil)
		return
	}
	details := &Object{fields: make([]field, 0, 5)}
	details.fields = append(details.fields, field{"name", t.state.name}, field{"output", text}, field{"outputDetails", notTruncated})
	if assigned.Len() > 0 {
		names := assigned.Keys()
		slices.Sort(names)
		texts := NewObject()
		for _, name := range names {
			value, _ := assigned.Get(name)
			texts.Set(name, EncodeString(value))
		}
		details.fields = append(details.fields, field{"assignedVariables", texts}, field{"assignedVariablesDetails", notTruncated})
	}
	t.emit(t.state.exited, details)
}

// failure is the details of an event that failed: error and cause, as far as there are any.
func failure(err *Error, more ...any) *Object {
	details := NewObject()
	if err.Name != "" {
		details.Set("error", err.Name)
	}
	if err.Cause != "" {
		details.Set("cause", err.Cause)
	}
	for i := 0; i+1 < len(more); i += 2 {
		details.Set(more[i].(string), more[i+1])
	}
	return details
}

// emitEvaluationFailed records JSONata that failed. A state that is evaluated while it is entered names the event
// before its own entry as the previous one, as recorded executions show for Pass and Map.
func (t *thread) emitEvaluationFailed(err *Error) {
	if t.state.kind != kindWait && t.state.kind != kindTask && t.prev == t.entered {
		t.prev = t.beforeEntry
	}
	details := failure(err, "state", t.state.name)
	if err.Location != "" {
		details.Set("location", err.Location)
	}
	t.emit("EvaluationFailed", details)
}
