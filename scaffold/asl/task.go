package asl

import (
	"encoding/base64"
	"fmt"
	"time"
)

// task is one attempt of a Task state, on its way from Scheduled to Succeeded, Failed or TimedOut.
type task struct {
	call               *Call
	t                  *thread
	names              *taskEvents
	timeout, heartbeat *timer

	said      []func() // by the service, and not yet recorded
	ticking   bool     // what was said is recorded one by one, each at a tick of the clock
	answered  bool     // Succeed or Fail was said
	settled   bool     // likewise, or refused: there is nothing to cancel, also while that is recorded
	scheduled bool
	started   bool
	submitted bool
	ended     bool
}

// taskEvents are the types of the events of a kind of task.
type taskEvents struct {
	scheduled, started, succeeded, failed, timedOut string
}

var (
	functionEvents = taskEvents{"LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded", "LambdaFunctionFailed", "LambdaFunctionTimedOut"}
	activityEvents = taskEvents{"ActivityScheduled", "ActivityStarted", "ActivitySucceeded", "ActivityFailed", "ActivityTimedOut"}
	serviceEvents  = taskEvents{"TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskFailed", "TaskTimedOut"}
)

func (t *thread) startTask() {
	st := t.state.task
	t.task = &task{t: t, names: &serviceEvents}
	switch st.resource.pattern {
	case FunctionTask:
		t.task.names = &functionEvents
	case ActivityTask:
		t.task.names = &activityEvents
	}
	call, err := t.newCall(t.task)
	if err != nil {
		t.evaluationFailed(err) // raise abandons the task
		return
	}
	if t.x.run.services == nil {
		t.x.run.fail(fmt.Errorf("state %q calls %s, but the run has no services: give Options.Services", t.state.name, call.Resource))
		return
	}
	k := t.task
	t.waits = true
	if err := t.x.run.services.Call(t.x.run.ctx, call); err != nil {
		t.x.run.fail(fmt.Errorf("state %q, calling %s: %w", t.state.name, call.Resource, err))
		return
	}
	k.schedule()
}

// newCall evaluates the fields of the state.
func (t *thread) newCall(k *task) (*Call, *Error) {
	st, s := t.state.task, &t.scope
	c := &Call{
		Resource: st.resource.arn, Service: st.resource.service, Action: st.resource.action, Pattern: st.resource.pattern,
		State: t.state.name, Retry: int(t.retries), Execution: t.x.id, Clock: t.x.run.clock, task: k,
	}
	k.call = c
	if st.resource.needsToken() {
		c.Token = t.x.run.token()
		t.x.run.tokens[c.Token] = c
	}
	var err *Error
	if c.Input, err = t.arguments(); err != nil {
		return nil, err
	}
	if c.Timeout, err = st.timeout.value(s); err != nil {
		return nil, err
	}
	if c.Heartbeat, err = st.heartbeat.value(s); err != nil {
		return nil, err
	}
	if st.credentials != nil {
		if c.Credentials, err = st.credentials.Eval(s); err != nil {
			return nil, err
		}
	}
	if tooLong(c.Input) {
		return nil, dataLimit(t.state.name)
	}
	return c, nil
}

// token is a new task token. Its form is opaque to users.
func (r *run) token() string {
	b := make([]byte, 0, 48)
	for range 6 {
		n := r.random.Uint64()
		for i := range 8 {
			b = append(b, byte(n>>(8*i)))
		}
	}
	return base64.StdEncoding.EncodeToString(b)
}

// schedule records that the task was handed over, and starts its clocks. It happens on the service's first answer, so
// that a call that is refused leaves no trace, as on AWS.
func (k *task) schedule() {
	if k.scheduled || k.over() {
		return
	}
	k.scheduled = true
	k.t.emit(k.names.scheduled, k.scheduledDetails())
	if k.call.Timeout > 0 {
		k.timeout = k.t.x.run.after(k.call.Timeout, func() { k.timeOut(false) })
	}
	if k.call.Pattern != ActivityTask {
		k.later(func() { k.recordStarted("") })
	}
}

// say records what the service said, after what it said before. Tasks of other branches that are scheduled at the same
// time are scheduled before the first of them starts, and all start before the first ends.
func (k *task) say(record func()) {
	k.schedule()
	switch {
	case k.over() || k.answered:
	case k.ticking:
		k.said = append(k.said, record)
	default:
		record()
	}
}

func (k *task) later(record func()) {
	k.said = append(k.said, record)
	if !k.ticking {
		k.ticking = true
		k.t.x.run.after(0, k.tick)
	}
}

func (k *task) tick() {
	if k.over() {
		return
	}
	record := k.said[0]
	k.said = k.said[1:]
	record()
	if k.ticking = len(k.said) > 0; k.ticking {
		k.t.x.run.after(0, k.tick)
	}
}

func (k *task) scheduledDetails() *Object {
	if !k.t.x.recording {
		return nil
	}
	var details *Object
	if k.names == &serviceEvents {
		r := &k.t.state.task.resource
		details = ObjectOf("resourceType", r.service, "resource", r.label, "region", k.t.x.id.Region, "parameters", EncodeString(k.call.Input))
	} else {
		details = ObjectOf("resource", k.call.Resource, "input", k.inputText(), "inputDetails", notTruncated)
	}
	if k.call.Timeout > 0 {
		details.Set("timeoutInSeconds", int64(k.call.Timeout/time.Second))
	}
	if k.call.Heartbeat > 0 {
		details.Set("heartbeatInSeconds", int64(k.call.Heartbeat/time.Second))
	}
	if role, ok := k.call.Credentials.(*Object); ok {
		if arn, ok := role.Get("RoleArn"); ok {
			details.Set("taskCredentials", ObjectOf("roleArn", arn))
		}
	}
	return details
}

func (k *task) inputText() string {
	if same(k.call.Input, k.t.input) {
		return k.t.inputText()
	}
	return EncodeString(k.call.Input)
}

func (k *task) start(worker string) {
	k.say(func() { k.recordStarted(worker) })
}

func (k *task) recordStarted(worker string) {
	if k.started {
		return
	}
	k.started = true
	var details *Object
	switch {
	case k.names == &serviceEvents:
		details = k.resourceDetails()
	case k.names == &activityEvents:
		if details = NewObject(); worker != "" {
			details.Set("workerName", worker)
		}
	}
	k.t.emit(k.names.started, details)
	k.beat()
}

// resourceDetails is what the events of a service integration have in common.
func (k *task) resourceDetails() *Object {
	r := &k.t.state.task.resource
	return ObjectOf("resourceType", r.service, "resource", r.label)
}

// outputDetails is the details of an event with an output.
func (k *task) outputDetails(output any) *Object {
	if !k.t.x.recording {
		return nil
	}
	details := NewObject()
	if k.names == &serviceEvents {
		details = k.resourceDetails()
	}
	details.Set("output", EncodeString(output))
	details.Set("outputDetails", notTruncated)
	return details
}

func (k *task) submit(output any) {
	k.say(func() {
		if !k.submitted {
			k.submitted = true
			k.t.emit("TaskSubmitted", k.outputDetails(output))
		}
	})
}

func (k *task) succeed(output any) {
	if tooLong(output) {
		k.fail(dataLimit(k.limitName()))
		return
	}
	if k.t.state != nil && k.t.state.task.resource.waits() {
		k.submit(output) // a mock gives the result alone, but no job and no token ends without it
	}
	k.settled = true
	k.say(func() {
		k.recordStarted("")
		k.t.emit(k.names.succeeded, k.outputDetails(output))
		k.abandon()
		k.t.resume(func() { k.t.complete(output) })
	})
	k.answered = true
}

// limitName is what the service calls the task in States.DataLimitExceeded.
func (k *task) limitName() string {
	if k.names == &serviceEvents {
		return k.call.Service
	}
	return k.call.Resource
}

func (k *task) fail(err *Error) {
	k.settled = true
	k.say(func() { k.end(k.names.failed, err) })
	k.answered = true
}

func (k *task) timeOut(heartbeat bool) {
	if !k.over() {
		k.end(k.names.timedOut, &Error{Name: ErrorTimeout, heartbeat: heartbeat})
	}
}

func (k *task) end(event string, err *Error) {
	details := failure(err)
	if k.names == &serviceEvents {
		details.Set("resource", k.t.state.task.resource.label)
		details.Set("resourceType", k.call.Service)
	}
	k.t.emit(event, details)
	k.abandon()
	k.t.resume(func() { k.t.raise(err, "") })
}

// refuse fails the state because its resource does not exist: nothing is scheduled, and nothing catches it.
func (k *task) refuse(cause string) {
	if !k.scheduled && !k.over() {
		k.abandon()
		k.t.resume(func() { k.t.evaluationFailed(runtimeError(cause)) })
	}
}

func (k *task) beat() {
	k.heartbeat.stop()
	if k.call.Heartbeat > 0 {
		k.heartbeat = k.t.x.run.after(k.call.Heartbeat, func() { k.timeOut(true) })
	}
}

func (k *task) beatAgain() {
	if k.started && !k.over() {
		k.beat()
	}
}

// over reports whether the history has the end of the task, or nobody waits for it any more.
func (k *task) over() bool { return k.ended || k.t.task != k || k.t.stopped() }

// done is over for the service: it has given its answer.
func (k *task) done() bool { return k.answered || k.over() }

// abandon stops the clocks of a task that ended, or that nobody waits for any more.
func (k *task) abandon() {
	if k == nil || k.ended {
		return
	}
	k.ended = true
	k.timeout.stop()
	k.heartbeat.stop()
	if token := k.call.Token; token != "" {
		delete(k.t.x.run.tokens, token)
		k.t.x.run.closed[token] = true
	}
	if cancel := k.call.onCancel; cancel != nil && !k.settled {
		k.call.onCancel = nil
		k.t.x.run.after(0, cancel) // what it does may start or end executions
	}
}
