package asl

import (
	"fmt"
	"strings"
	"time"
)

// execution is one execution on a run: the one that was asked for, a nested one, or the child of a distributed Map.
type execution struct {
	run       *run
	machine   *StateMachine
	kind      Kind
	id        Identity
	input     any
	inputText string
	started   time.Time
	context   *Object // the Execution and StateMachine parts of the Context object
	machineID *Object
	recording bool
	history   []Event
	events    int64
	top       *thread
	deadline  *timer
	ended     bool
	done      func(*Result)
}

// execute starts an execution.
func (r *run) execute(m *StateMachine, o Options, done func(*Result)) {
	x := &execution{run: r, machine: m, kind: o.Kind, recording: o.History, started: r.now, done: done}
	if x.kind == "" {
		x.kind = Standard
	}
	input, text := o.Input, o.InputText
	switch {
	case input == nil && text == "":
		input = NewObject()
	case input == nil:
		var err error
		if input, err = DecodeString(text); err != nil {
			r.fail(fmt.Errorf("the input is no JSON: %w", err))
			return
		}
	}
	if tooLong(input) {
		r.fail(fmt.Errorf("the input is longer than %d bytes as JSON: Step Functions refuses it", maxPayload))
		return
	}
	x.id = x.identity(o.Identity)
	x.begin(m.program, input, text, nil, m.Timeout)
}

func (x *execution) begin(p *program, input any, text string, item *mapItem, timeout time.Duration) {
	x.input, x.inputText = input, text
	x.top = &thread{x: x, state: p.start, input: input, text: text, item: item}
	if x.recording && text == "" {
		text = x.top.inputText()
	}
	x.record("ExecutionStarted", 0, ObjectOf("input", text, "inputDetails", notTruncated, "roleArn", x.id.RoleArn))
	limit := maxStandard
	if x.kind == Express {
		limit = maxExpress
	}
	if timeout > 0 {
		limit = min(limit, timeout)
	}
	x.deadline = x.run.after(limit, x.timeOut)
	x.run.ready.push(x.top)
}

// identity completes the names of an execution.
func (x *execution) identity(id Identity) Identity {
	parts := strings.Split(id.MachineArn, ":")
	if len(parts) < 7 {
		parts = strings.Split(id.Arn, ":")
	}
	from := func(i int, absent string) string {
		if len(parts) > i && parts[i] != "" {
			return parts[i]
		}
		return absent
	}
	fill(&id.Partition, from(1, "aws"))
	fill(&id.Region, from(3, "us-east-1"))
	fill(&id.Account, from(4, "123456789012"))
	fill(&id.MachineName, from(6, "StateMachine"))
	prefix := fmt.Sprintf("arn:%s:states:%s:%s:", id.Partition, id.Region, id.Account)
	fill(&id.MachineArn, prefix+"stateMachine:"+id.MachineName)
	fill(&id.RoleArn, fmt.Sprintf("arn:%s:iam::%s:role/StateMachineRole", id.Partition, id.Account))
	if id.Name == "" {
		id.Name = x.run.uuid()
	}
	if id.Arn == "" {
		id.Arn = prefix + "execution:" + id.MachineName + ":" + id.Name
		if x.kind == Express {
			id.Arn = prefix + "express:" + id.MachineName + ":" + id.Name + ":" + x.run.uuid()
		}
	}
	return id
}

func fill(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// timeOut ends an execution that takes too long.
func (x *execution) timeOut() {
	if x.ended {
		return
	}
	x.record("ExecutionTimedOut", x.top.prev, NewObject())
	x.end(&Result{Status: TimedOut}) // without error and cause, as DescribeExecution shows it
}

// finish ends an execution with its output, or with an error.
func (x *execution) finish(previous int64, output any, text string, err *Error) {
	if x.ended {
		return
	}
	if err != nil {
		x.record("ExecutionFailed", previous, failure(err))
		x.end(&Result{Status: Failed, Error: err.Name, Cause: err.Cause, HasError: err.Name != "", HasCause: err.Cause != ""})
		return
	}
	x.record("ExecutionSucceeded", previous, ObjectOf("output", text, "outputDetails", notTruncated))
	x.end(&Result{Status: Succeeded, Output: output, OutputText: text})
}

func (x *execution) end(r *Result) {
	x.ended = true
	x.deadline.stop()
	x.top.kill()
	r.Identity, r.Input, r.InputText = x.id, x.input, x.inputText
	r.Events, r.EventCount, r.Started, r.Stopped = x.history, x.events, x.started, x.run.now
	x.done(r)
}

// contextParts are the parts of the Context object that stay the same through an execution.
// Source: Step Functions Developer Guide, "Accessing execution data from the Context object", read 2026-11; an Express
// execution has no RedriveCount.
func (x *execution) contextParts() (execution, machine *Object) {
	if x.context == nil {
		x.context = ObjectOf(
			"Id", x.id.Arn, "Input", x.input, "StartTime", timeText(x.started), "Name", x.id.Name, "RoleArn", x.id.RoleArn)
		if x.kind == Standard {
			x.context.Set("RedriveCount", int64(0))
		}
		x.machineID = ObjectOf("Id", x.id.MachineArn, "Name", x.id.MachineName)
	}
	return x.context, x.machineID
}

// SyncResponse is what StartSyncExecution answers. Without measurements, the smallest bill counts: 64 MB, and the
// duration in steps of 100 ms. Source: AWS Step Functions API Reference, StartSyncExecution, and the pricing page, read 2026-11.
func (r *Result) SyncResponse() *Object {
	const step = 100 * time.Millisecond
	steps := max(1, (r.Stopped.Sub(r.Started)+step-1)/step)
	included := ObjectOf("included", true)
	o := ObjectOf(
		"executionArn", r.Identity.Arn, "stateMachineArn", r.Identity.MachineArn, "name", r.Identity.Name,
		"startDate", timeText(r.Started), "stopDate", timeText(r.Stopped), "status", string(r.Status),
		"input", r.inputText(), "inputDetails", included)
	if r.Status == Succeeded {
		o.Set("output", r.OutputText)
	}
	o.Set("outputDetails", included)
	if r.HasError {
		o.Set("error", r.Error)
	}
	if r.HasCause {
		o.Set("cause", r.Cause)
	}
	o.Set("billingDetails", ObjectOf(
		"billedMemoryUsedInMB", int64(64), "billedDurationInMilliseconds", int64(steps*step/time.Millisecond)))
	return o
}

func (r *Result) inputText() string {
	if r.InputText == "" {
		return EncodeString(r.Input)
	}
	return r.InputText
}
