package asl

import "fmt"

// evaluationFailed is for a field whose evaluation failed.
func (t *thread) evaluationFailed(err *Error) {
	failed := t.located(err)
	event := ""
	if failed.Name != ErrorRuntime && (t.state.kind == kindMap || t.state.kind == kindParallel) {
		event = t.state.kind.String() + "StateFailed"
	}
	t.raise(failed, event)
}

// located adds to the cause where the evaluation failed, as the service does, and records the failure of JSONata.
func (t *thread) located(err *Error) *Error {
	failed := &Error{Name: err.Name, Location: err.Location}
	failed.Cause = fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s",
		t.state.name, t.entered, err.Cause)
	if failed.Name == ErrorQueryEvaluation {
		t.emitEvaluationFailed(failed)
	}
	return failed
}

// raise is a failure of the state: it is retried, caught, or ends the thread. The event is recorded when the state
// is not retried.
func (t *thread) raise(err *Error, event string) {
	if t.stopped() {
		return
	}
	t.task.abandon()
	t.task = nil
	if t.retry(err) {
		return
	}
	if event != "" {
		t.emit(event, nil)
	}
	for i := range t.state.catch {
		if matches(t.state.catch[i].errors, err) {
			t.recover(&t.state.catch[i], err)
			return
		}
	}
	t.die(err)
}

// retry plans another attempt when a retrier matches and has one left. Only the first that matches counts.
func (t *thread) retry(err *Error) bool {
	for i := range t.state.retry {
		r := &t.state.retry[i]
		if !matches(r.errors, err) {
			continue
		}
		if t.failures == nil {
			t.failures = make([]int64, len(t.state.retry))
		}
		if t.failures[i] >= r.maxAttempts {
			return false
		}
		t.failures[i]++
		t.retries++
		t.x.run.spend()
		delay := r.delay(t.failures[i], t.x.run.random.Float64)
		t.sleep(t.x.run.now.Add(delay), t.attempt)
		return true
	}
	return false
}

// recover goes where a catcher leads.
func (t *thread) recover(k *catcher, err *Error) {
	caught := err.output()
	s := &t.scope
	s.Result, s.HasResult = nil, false
	var output any
	var assigned *Object
	var failed *Error
	if t.state.lang == JSONata {
		s.Input, s.ErrorOutput, s.HasErrorOutput = t.input, caught, true
		output, assigned, failed = t.assignAndOutput(k.assign, k.output, caught)
	} else {
		s.Input = caught
		if assigned, failed = evalObject(k.assign, s); failed == nil {
			output, failed = t.place(&k.resultPath, caught)
		}
	}
	switch {
	case failed != nil:
		t.die(t.located(failed))
	case !t.leave(output, assigned, k.next):
		t.die(dataLimit(t.state.name))
	}
}
