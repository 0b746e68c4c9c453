package asl

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Status is how an execution ended.
type Status string

// The statuses of an execution that ended.
const (
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
)

// Options are what one execution is started with. The zero value runs a Standard workflow with the input {}.
type Options struct {
	Kind      Kind
	Input     any    // decoded, as Decode gives it; nil with an empty InputText means {}
	InputText string // the input as it was sent: the history repeats its white space. Decoded when Input is nil
	Services  Services
	Start     time.Time // of the virtual clock; the default is 2026-01-01T00:00:00Z
	Seed      uint64    // of the randomness: jitter, UUIDs, tokens
	History   bool      // keep the events
	MaxSteps  int64     // states to enter before the run is given up; the default is DefaultMaxSteps
	Identity  Identity  // names for the Context object and the history; every field has a default
}

// Result is what an execution came to.
type Result struct {
	Status       Status
	Output       any
	OutputText   string
	Error, Cause string
	HasError     bool // the failure has an error name; a Fail state may have none
	HasCause     bool
	Identity     Identity
	Input        any
	InputText    string // as it was sent; may be empty
	Events       []Event
	EventCount   int64
	Started      time.Time
	Stopped      time.Time
	Steps        int64 // states entered, those of child executions included
}

// Object is the result for machines: status, output or error and cause, and the events when there are any.
func (r *Result) Object() *Object {
	o := ObjectOf("status", string(r.Status))
	if r.Status == Succeeded {
		o.Set("output", r.Output)
	}
	if r.HasError {
		o.Set("error", r.Error)
	}
	if r.HasCause {
		o.Set("cause", r.Cause)
	}
	if r.Events != nil {
		events := make([]any, len(r.Events))
		for i := range r.Events {
			events[i] = r.Events[i].Object()
		}
		o.Set("events", events)
	}
	return o
}

// MarshalJSON writes Object.
func (r *Result) MarshalJSON() ([]byte, error) { return Encode(r.Object()), nil }

// DefaultMaxSteps is the budget of a run: no definition, however wrong, runs for ever.
const DefaultMaxSteps = 10_000_000

// nestedCost is what an execution that another one starts takes out of the budget, in states: one that starts itself
// again and again must run out of budget before the machine runs out of memory.
const nestedCost = 100

// Limits of the service. Source: Step Functions Developer Guide, "Step Functions service quotas", read 2026-11.
const (
	maxEvents   = 25_000               // of a Standard execution
	maxPayload  = 256 * 1024           // bytes of UTF-8 of an input, an output or a result
	maxStandard = 365 * 24 * time.Hour // duration of a Standard execution
	maxExpress  = 5 * time.Minute
)

// BudgetError is a run that was given up because it entered too many states. It is an error of the lab, not of the execution.
type BudgetError struct{ Steps int64 }

func (e *BudgetError) Error() string {
	return fmt.Sprintf("the run entered %d states without an end: the definition probably loops (raise MaxSteps if it does not)", e.Steps)
}

// Run runs one execution to its end on a virtual clock: waiting takes no real time. A failing execution is a Result; a
// Go error means that the services broke, the context ended or the budget was spent.
func (m *StateMachine) Run(ctx context.Context, options Options) (*Result, error) {
	r := newRun(ctx, &options)
	var result *Result
	r.execute(m, options, func(done *Result) { result = done })
	for result == nil && r.broken == nil {
		if !r.step() {
			return nil, fmt.Errorf("the execution waits for something that will not happen")
		}
	}
	if r.broken != nil {
		return nil, r.broken
	}
	result.Steps = r.steps
	return result, nil
}

// run is one virtual clock with the executions on it. All of its threads take turns on one goroutine, in an order that
// depends on nothing but the definition, the input and the seed.
type run struct {
	ctx      context.Context
	now      time.Time
	clock    *Clock
	nowFunc  func() time.Time
	services Services
	random   *rand.Rand
	tokens   map[string]*Call
	closed   map[string]bool // tokens of tasks that ended

	ready  queue
	timers timers
	due    []*timer
	order  int64 // of timers with equal times

	steps, budget int64
	broken        error
}

func newRun(ctx context.Context, o *Options) *run {
	r := &run{
		ctx: ctx, now: o.Start, services: o.Services, budget: o.MaxSteps,
		random: rand.New(rand.NewPCG(o.Seed, 0x9E3779B97F4A7C15)), tokens: map[string]*Call{}, closed: map[string]bool{},
	}
	if r.now.IsZero() {
		r.now = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	r.now = r.now.UTC()
	if r.budget <= 0 {
		r.budget = DefaultMaxSteps
	}
	r.clock = &Clock{r}
	r.nowFunc = func() time.Time { return r.now }
	return r
}

// step lets one thread have its turn or, when all of them wait, moves the clock to the next timers. Timers that are due
// at once go off together, before any thread acts on one of them: so the history shows what arrives at the same time,
// answers of services say, before what the threads make of it, as AWS's does.
func (r *run) step() bool {
	if t := r.ready.pop(); t != nil {
		t.advance()
		return true
	}
	r.due = r.due[:0]
	for len(r.timers) > 0 {
		next := r.timers[0]
		switch {
		case next.f == nil:
		case len(r.due) == 0 && next.at.After(r.now):
			r.now = next.at
			fallthrough
		case !next.at.After(r.now):
			r.due = append(r.due, next)
		default:
			return r.ring()
		}
		r.timers.pop()
	}
	return r.ring()
}

// ring lets the timers that are due go off.
func (r *run) ring() bool {
	for i, t := range r.due {
		if t.f != nil && r.broken == nil {
			t.f()
		}
		r.due[i] = nil
	}
	return len(r.due) > 0
}

// spend counts a state that is entered.
func (r *run) spend() {
	r.steps++
	r.budget--
	if r.budget < 0 {
		r.fail(&BudgetError{r.steps - 1})
	}
	if r.steps&1023 == 0 {
		if err := r.ctx.Err(); err != nil {
			r.fail(err)
		}
	}
}

func (r *run) fail(err error) {
	if r.broken == nil {
		r.broken = err
	}
}

func (r *run) after(d time.Duration, f func()) *timer { return r.at(r.now.Add(max(d, 0)), f) }

func (r *run) at(when time.Time, f func()) *timer {
	r.order++
	t := &timer{at: when, order: r.order, f: f}
	r.timers.push(t)
	return t
}

// uuid is a random UUID of version 4, from the seed.
func (r *run) uuid() string {
	high, low := r.random.Uint64(), r.random.Uint64()
	high = high&^0xF000 | 0x4000
	low = low&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xFFFF, high&0xFFFF, low>>48, low&0xFFFFFFFFFFFF)
}

// queue is the threads that can go on, first come first served.
type queue struct {
	threads []*thread
	head    int
}

func (q *queue) push(t *thread) { q.threads = append(q.threads, t) }

func (q *queue) empty() bool { return q.head == len(q.threads) }

func (q *queue) pop() *thread {
	if q.empty() {
		q.threads, q.head = q.threads[:0], 0
		return nil
	}
	t := q.threads[q.head]
	q.threads[q.head] = nil
	q.head++
	if q.head > 64 && q.head*2 > len(q.threads) {
		n := copy(q.threads, q.threads[q.head:])
		clear(q.threads[n:])
		q.threads, q.head = q.threads[:n], 0
	}
	return t
}
