package asl

import (
	"context"
	"time"
)

// Services does the work of Task states. The interpreter knows no service: it hands each task over as a Call.
//
// Call.Succeed, Fail, Submit, Start, Refuse and Beat may be used before Call returns, or later from a function given to
// Clock.After: everything happens on one goroutine and on the virtual clock. A Go error means that the lab is broken and
// ends the run; a failing task is Call.Fail.
type Services interface {
	Call(ctx context.Context, call *Call) error
}

// ServicesFunc is a function as Services.
type ServicesFunc func(ctx context.Context, call *Call) error

// Call calls the function.
func (f ServicesFunc) Call(ctx context.Context, call *Call) error { return f(ctx, call) }

// Pattern is how a Task state waits for its service.
// Source: Step Functions Developer Guide, "Discover service integration patterns", read 2026-11.
type Pattern string

// The service integration patterns. A Lambda function named by its ARN answers at once, an activity needs a worker.
const (
	RequestResponse  Pattern = ""
	RunJob           Pattern = ".sync"
	RunJob2          Pattern = ".sync:2"
	WaitForTaskToken Pattern = ".waitForTaskToken"
	FunctionTask     Pattern = "function"
	ActivityTask     Pattern = "activity"
)

// Call is one attempt of a Task state, or the reading or writing of a distributed Map.
type Call struct {
	Resource    string // as the definition says: arn:aws:states:::sqs:sendMessage.waitForTaskToken
	Service     string // sqs, aws-sdk:dynamodb, lambda, activity
	Action      string // sendMessage, without the pattern's suffix
	Pattern     Pattern
	Input       any    // Parameters or Arguments
	Token       string // of the task: $$.Task.Token
	Credentials any    // {"RoleArn": ...}, or nil
	State       string // name of the state
	Retry       int    // 0 in the first attempt
	Execution   Identity

	Timeout, Heartbeat time.Duration // 0 when the state has none

	Clock *Clock

	task answers
}

// answers takes what a service says to a call.
type answers interface {
	schedule()
	start(worker string)
	submit(output any)
	succeed(output any)
	fail(err *Error)
	refuse(cause string)
	beatAgain()
	done() bool
}

// Identity names an execution.
type Identity struct {
	Arn, Name, RoleArn         string
	MachineArn, MachineName    string
	Region, Account, Partition string
}

// Schedule records that the service took the call, before it has more to say. Every other answer does so too.
func (c *Call) Schedule() { c.task.schedule() }

// Start records that a worker took the task. Needed for an activity only, where it gives the worker's name.
func (c *Call) Start(worker string) { c.task.start(worker) }

// Submit is the service's answer to a call that waits for a job or a token; Succeed or Fail follow.
func (c *Call) Submit(output any) { c.task.submit(output) }

// Succeed ends the task with its result.
func (c *Call) Succeed(output any) { c.task.succeed(output) }

// Fail ends the task with an error.
func (c *Call) Fail(name, cause string) { c.task.fail(&Error{Name: name, Cause: cause}) }

// Refuse fails the state with States.Runtime, before anything is scheduled: the resource does not exist.
func (c *Call) Refuse(cause string) { c.task.refuse(cause) }

// Beat is a heartbeat: it restarts the clock of HeartbeatSeconds.
func (c *Call) Beat() { c.task.beatAgain() }

// Done reports whether nobody waits for the task any more: it ended, timed out, or its execution did.
func (c *Call) Done() bool { return c.task.done() }

// Clock is the virtual clock of a run. Its functions are called in the order of their times, and of their
// registration when the times are equal.
type Clock struct{ run *run }

// NewClock is a clock by itself, on which executions run beside each other and beside whatever else After is given.
// Of the options it takes Services, Start, Seed and MaxSteps.
func NewClock(ctx context.Context, options Options) *Clock { return newRun(ctx, &options).clock }

// Advance lets everything happen that is due until then, and moves the clock there. The error says why it stopped before.
func (c *Clock) Advance(until time.Time) error {
	r := c.run
	for r.broken == nil {
		if next, ok := c.Next(); !ok || next.After(until) {
			break
		}
		if err := r.ctx.Err(); err != nil {
			return err
		}
		r.step()
	}
	if r.broken == nil && until.After(r.now) {
		r.now = until
	}
	return r.broken
}

// Next is when something happens next, now included; false when nothing ever will.
func (c *Clock) Next() (time.Time, bool) {
	r := c.run
	if !r.ready.empty() {
		return r.now, true
	}
	for len(r.timers) > 0 && r.timers[0].f == nil {
		r.timers.pop()
	}
	if len(r.timers) == 0 {
		return time.Time{}, false
	}
	return r.timers[0].at, true
}

// Now is the virtual time.
func (c *Clock) Now() time.Time { return c.run.now }

// After calls f when d has passed on the virtual clock.
func (c *Clock) After(d time.Duration, f func()) { c.run.after(d, f) }

// UUID is a new UUID, from the seed of the run.
func (c *Clock) UUID() string { return c.run.uuid() }

// Task is the pending task with this token, or nil.
func (c *Clock) Task(token string) *Call { return c.run.tokens[token] }

// Execute starts another execution on the same clock; done is called with its result.
// Services, Start and Seed of the options count for nothing: a run has one of each.
func (c *Clock) Execute(machine *StateMachine, options Options, done func(*Result)) {
	c.run.budget -= nestedCost
	c.run.execute(machine, options, done)
}
