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

	details  *Object // of all events but those of entering and leaving a state, which are most of them
	state    string
	text     string // input or output
	assigned *Object
}

// Details is what stands under DetailsKey; nil when the event has none.
func (e *Event) Details() *Object {
	switch {
	case e.state == "":
		return e.details
	case strings.HasSuffix(e.Type, "StateEntered"):
		return ObjectOf("name", e.state, "input", e.text, "inputDetails", notTruncated)
	}
	o := ObjectOf("name", e.state, "output", e.text, "outputDetails", notTruncated)
	if e.assigned.Len() > 0 {
		names := e.assigned.Keys()
		slices.Sort(names)
		texts := NewObject()
		for _, name := range names {
			value, _ := e.assigned.Get(name)
			texts.Set(name, EncodeString(value))
		}
		o.Set("assignedVariables", texts)
		o.Set("assignedVariablesDetails", notTruncated)
	}
	return o
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
	if details := e.Details(); details != nil {
		o.Set(e.DetailsKey(), details)
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
	return t.emitEvent(Event{Type: kind, details: details})
}

func (t *thread) emitEvent(e Event) int64 {
	e.PreviousID = t.prev
	id := t.x.append(&e)
	if id > 0 {
		t.prev = id
	}
	return id
}

func (x *execution) record(kind string, previous int64, details *Object) int64 {
	return x.append(&Event{Type: kind, PreviousID: previous, details: details})
}

// append records an event. An execution that ended, or that reached its last event, takes no more.
func (x *execution) append(e *Event) int64 {
	if x.ended {
		return 0
	}
	if x.kind == Standard && x.events == maxEvents-1 && !strings.HasPrefix(e.Type, "Execution") {
		x.overflow(e.PreviousID)
		return 0
	}
	x.events++
	if x.recording {
		e.ID, e.Time = x.events, x.run.now
		x.history = append(x.history, *e)
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
	e := Event{Type: t.state.entered, state: t.state.name}
	if t.x.recording {
		e.text = t.inputText()
	}
	t.entered = t.emitEvent(e)
}

func (t *thread) emitExited(text string, assigned *Object) {
	t.emitEvent(Event{Type: t.state.exited, state: t.state.name, text: text, assigned: assigned})
}

// failure is the details of an event that failed: error and cause, as far as there are any.
func failure(err *Error) *Object {
	details := NewObject()
	if err.Name != "" {
		details.Set("error", err.Name)
	}
	if err.Cause != "" {
		details.Set("cause", err.Cause)
	}
	return details
}

// emitEvaluationFailed records JSONata that failed. A state that is evaluated while it is entered names the event
// before its own entry as the previous one, as recorded executions show for Pass and Map.
func (t *thread) emitEvaluationFailed(err *Error) {
	if t.state.kind != kindWait && t.state.kind != kindTask && t.prev == t.entered {
		t.prev = t.beforeEntry
	}
	details := failure(err)
	details.Set("state", t.state.name)
	if err.Location != "" {
		details.Set("location", err.Location)
	}
	t.emit("EvaluationFailed", details)
}
