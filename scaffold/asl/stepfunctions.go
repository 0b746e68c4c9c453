package asl

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// StepFunctions serves the tasks that call Step Functions itself: nested executions, task tokens and activities. Other
// calls go to Next. It remembers the activities' tasks and workers, so each run needs its own.
type StepFunctions struct {
	// Machine finds a state machine by its ARN.
	Machine func(arn string) (machine *StateMachine, kind Kind, ok bool)
	// Activity reports whether an activity exists. Without the function, each does.
	Activity func(arn string) bool
	Next     Services

	waiting map[string][]*Call // tasks of an activity that no worker has taken
	workers map[string][]*poll // workers that wait for a task
}

// poll is a worker that waits in GetActivityTask.
type poll struct {
	call *Call
	name string
	over bool
}

// pollTime is how long GetActivityTask holds the line. Source: API Reference, GetActivityTask, read 2026-11.
const pollTime = 60 * time.Second

// Call answers a call of Step Functions, or passes it on.
func (f *StepFunctions) Call(ctx context.Context, call *Call) error {
	input, _ := call.Input.(*Object)
	switch {
	case call.Pattern == ActivityTask:
		f.schedule(call)
		return nil
	case call.Service == "states" && call.Action == "startExecution",
		call.Service == "aws-sdk:sfn" && call.Action == "startExecution":
		return f.start(call, input)
	case call.Service == "aws-sdk:sfn" && call.Action == "getActivityTask":
		f.poll(call, input)
		return nil
	case call.Service == "aws-sdk:sfn":
		if handler := tokenActions[call.Action]; handler != nil {
			f.answerToken(call, input, handler)
			return nil
		}
	}
	if f.Next == nil {
		return fmt.Errorf("there is no service for %s", call.Resource)
	}
	return f.Next.Call(ctx, call)
}

func textOf(o *Object, key string) string {
	v, _ := o.Get(key)
	text, _ := v.(string)
	return text
}

// tokenActions are what a holder of a task token may say.
var tokenActions = map[string]func(clock *Clock, token string, input *Object) *Error{
	"sendTaskSuccess": func(clock *Clock, token string, input *Object) *Error {
		output, _ := input.Get("Output")
		text, ok := output.(string)
		if !ok {
			text = EncodeString(output)
		}
		return clock.SendTaskSuccess(token, text)
	},
	"sendTaskFailure": func(clock *Clock, token string, input *Object) *Error {
		return clock.SendTaskFailure(token, textOf(input, "Error"), textOf(input, "Cause"))
	},
	"sendTaskHeartbeat": func(clock *Clock, token string, _ *Object) *Error {
		return clock.SendTaskHeartbeat(token)
	},
}

func (f *StepFunctions) answerToken(call *Call, input *Object, send func(*Clock, string, *Object) *Error) {
	if err := send(call.Clock, textOf(input, "TaskToken"), input); err != nil {
		name := err.Name
		if !strings.HasSuffix(name, "Exception") {
			name += "Exception"
		}
		call.Fail(sdkError(call, name, err.Cause))
		return
	}
	call.Succeed(NewObject())
}

// sdkError is a failure as the SDK integrations word it.
func sdkError(call *Call, name, message string) (string, string) {
	return "Sfn." + name, fmt.Sprintf("%s (Service: Sfn, Status Code: 400, Request ID: %s) (SDK Attempt Count: 1)", message, call.Clock.UUID())
}

// start runs another state machine.
func (f *StepFunctions) start(call *Call, input *Object) error {
	arn := textOf(input, "StateMachineArn")
	var machine *StateMachine
	var kind Kind
	found := false
	if f.Machine != nil {
		machine, kind, found = f.Machine(arn)
	}
	if !found {
		message := fmt.Sprintf("State Machine Does Not Exist: '%s'", arn)
		if call.Service == "states" {
			call.Fail("StepFunctions.StateMachineDoesNotExistException", fmt.Sprintf(
				"%s (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: %s; Proxy: null)", message, call.Clock.UUID()))
			return nil
		}
		call.Fail(sdkError(call, "StateMachineDoesNotExistException", message))
		return nil
	}
	n := &nested{call: call, started: call.Clock.Now()}
	var err error
	if n.input, err = nestedInput(input); err != nil {
		call.Fail(sdkError(call, "InvalidExecutionInputException", "Invalid State Machine Execution Input: '"+err.Error()+"'"))
		return nil
	}
	id := Identity{MachineArn: arn, Name: textOf(input, "Name")}
	if id.Name == "" {
		id.Name = call.Clock.UUID()
	}
	n.id = (&execution{run: call.Clock.run, kind: kind}).identity(id)
	n.answer()
	call.Clock.Execute(machine, Options{Kind: kind, Input: n.input, Identity: n.id}, n.done)
	return nil
}

func nestedInput(input *Object) (any, error) {
	v, _ := input.Get("Input")
	switch x := v.(type) {
	case nil:
		return NewObject(), nil
	case string:
		return DecodeString(x) // its task's parameters fit, so it does
	}
	return v, nil
}

// nested is an execution that a task started.
type nested struct {
	call    *Call
	id      Identity
	input   any
	started time.Time
}

// answer is the answer of StartExecution.
func (n *nested) answer() {
	output := ObjectOf("ExecutionArn", n.id.Arn, "StartDate", n.date(n.started))
	if n.call.Pattern == RequestResponse {
		n.call.Succeed(output)
		return
	}
	n.call.Submit(output)
}

func (n *nested) date(t time.Time) any {
	if n.call.Service == "states" {
		return t.UnixMilli()
	}
	return timeText(t)
}

// done ends the task that waited for the execution. Only .sync:2 gives input and output as JSON.
// Source: Step Functions Developer Guide, "Start a new AWS Step Functions state machine from a running execution", read 2026-11.
func (n *nested) done(r *Result) {
	if n.call.Pattern != RunJob && n.call.Pattern != RunJob2 {
		return
	}
	value := func(v any) any {
		if n.call.Pattern == RunJob2 {
			return v
		}
		return EncodeString(v)
	}
	included := ObjectOf("Included", true)
	o := ObjectOf("ExecutionArn", n.id.Arn)
	if r.HasCause {
		o.Set("Cause", r.Cause)
	}
	if r.HasError {
		o.Set("Error", r.Error)
	}
	o.Set("Input", value(n.input))
	o.Set("InputDetails", included)
	o.Set("Name", n.id.Name)
	if r.Status == Succeeded {
		o.Set("Output", value(r.Output))
		o.Set("OutputDetails", included)
	}
	o.Set("RedriveCount", int64(0))
	redrive, reason := "REDRIVABLE", ""
	if r.Status == Succeeded {
		redrive, reason = "NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven"
	}
	o.Set("RedriveStatus", redrive)
	if reason != "" {
		o.Set("RedriveStatusReason", reason)
	}
	o.Set("StartDate", n.date(r.Started))
	o.Set("StateMachineArn", n.id.MachineArn)
	o.Set("Status", string(r.Status))
	o.Set("StopDate", n.date(r.Stopped))
	if r.Status == Succeeded {
		n.call.Succeed(o)
		return
	}
	n.call.Fail(ErrorTaskFailed, EncodeString(o))
}

// schedule puts a task where the workers of its activity find it.
func (f *StepFunctions) schedule(call *Call) {
	if f.Activity != nil && !f.Activity(call.Resource) {
		call.Refuse(fmt.Sprintf("The activity %s does not exist.", call.Resource))
		return
	}
	call.Schedule()
	for len(f.workers[call.Resource]) > 0 {
		worker := f.workers[call.Resource][0]
		f.workers[call.Resource] = f.workers[call.Resource][1:]
		if !worker.over && !worker.call.Done() {
			worker.take(call)
			return
		}
	}
	if f.waiting == nil {
		f.waiting = map[string][]*Call{}
	}
	f.waiting[call.Resource] = append(f.waiting[call.Resource], call)
}

// poll is GetActivityTask: the next task, or nothing after a minute.
func (f *StepFunctions) poll(call *Call, input *Object) {
	arn := textOf(input, "ActivityArn")
	worker := &poll{call: call, name: textOf(input, "WorkerName")}
	for len(f.waiting[arn]) > 0 {
		task := f.waiting[arn][0]
		f.waiting[arn] = f.waiting[arn][1:]
		if !task.Done() {
			worker.take(task)
			return
		}
	}
	if f.workers == nil {
		f.workers = map[string][]*poll{}
	}
	f.workers[arn] = append(f.workers[arn], worker)
	call.Clock.After(pollTime, func() {
		if !worker.over {
			worker.over = true
			call.Succeed(NewObject())
		}
	})
}

func (w *poll) take(task *Call) {
	w.over = true
	task.Start(w.name)
	w.call.Succeed(ObjectOf("Input", EncodeString(task.Input), "TaskToken", task.Token))
}
