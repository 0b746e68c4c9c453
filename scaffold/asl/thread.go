package asl

import "time"

// thread walks through the states of one program: of the machine, of a branch, or of one item of a Map. It waits by
// returning to the run, so thousands of them need no goroutines.
type thread struct {
	x     *execution
	state *state
	input any    // of the state
	text  string // of the input as JSON, when it is known
	vars  *frame
	item  *mapItem // of the innermost Map

	prev        int64 // the latest event
	entered     int64 // the event of entering the state
	beforeEntry int64

	scope     Scope
	effective any // the input after InputPath
	context   *Object
	enteredAt time.Time

	failures []int64 // of each retrier
	retries  int64   // of the state
	task     *task
	join     joiner
	timer    *timer

	parent  joiner
	index   int
	waits   bool   // for a timer, a task or threads
	pending func() // what to do first when it has its turn
	active  bool   // has its turn
	dead    bool
}

// joiner is a Parallel or Map state that waits for its threads.
type joiner interface {
	childDone(child *thread, output any)
	childFailed(child *thread, in *state, err *Error) // in is the state that failed
	abort()                                           // the state is stopped from outside
}

// frame is the variables of one thread, and those of the threads around it.
type frame struct {
	values *Object
	outer  *frame
}

// Variable finds a variable in this frame or an outer one.
func (f *frame) Variable(name string) (any, bool) {
	for ; f != nil; f = f.outer {
		if v, ok := f.values.Get(name); ok {
			return v, true
		}
	}
	return nil, false
}

// advance runs the thread until it waits, ends, or another thread has its turn.
func (t *thread) advance() {
	t.active = true
	if f := t.pending; f != nil && !t.stopped() {
		t.pending = nil
		f()
	}
	for !t.stopped() && !t.waits {
		t.enter()
		if t.stopped() {
			break
		}
		t.attempt()
		if !t.waits && !t.stopped() && !t.x.run.ready.empty() {
			t.x.run.ready.push(t)
			break
		}
	}
	t.active = false
}

// resume goes on with a thread that waited, when it has its turn.
func (t *thread) resume(f func()) {
	if t.stopped() {
		return
	}
	t.waits = false
	if t.active {
		f()
		return
	}
	t.pending = f
	t.x.run.ready.push(t)
}

func (t *thread) stopped() bool {
	return t.dead || t.x.ended || t.state == nil || t.x.run.broken != nil
}

func (t *thread) enter() {
	t.x.run.spend()
	t.retries, t.failures = 0, nil
	t.enteredAt = t.x.run.now
	t.emitEntered()
}

// attempt does the work of the state, once.
func (t *thread) attempt() {
	t.context = nil
	if err := t.readInput(); err != nil {
		t.evaluationFailed(err)
		return
	}
	switch t.state.kind {
	case kindPass:
		t.pass()
	case kindTask:
		t.startTask()
	case kindChoice:
		t.decide()
	case kindWait:
		t.wait()
	case kindSucceed:
		t.complete(t.effective)
	case kindFail:
		t.failState()
	case kindParallel:
		t.startParallel()
	case kindMap:
		t.startMap()
	}
}

func (t *thread) pass() {
	if t.state.lang == JSONata {
		t.complete(t.input)
		return
	}
	result, err := t.arguments()
	if err != nil {
		t.evaluationFailed(err)
		return
	}
	if t.state.hasResult {
		result = t.state.result
	}
	t.complete(result)
}

func (t *thread) failState() {
	f := t.state.fail
	err := &Error{Name: f.err, Cause: f.cause}
	for _, field := range []struct {
		expr evaluator
		to   *string
	}{{f.errExpr, &err.Name}, {f.causeExpr, &err.Cause}} {
		if field.expr == nil {
			continue
		}
		v, failed := field.expr.Eval(&t.scope)
		if failed != nil {
			t.evaluationFailed(failed)
			return
		}
		*field.to = plainText(v)
	}
	t.die(err)
}

func (t *thread) wait() {
	until, err := t.state.wait.until(&t.scope, t.x.run.now)
	if err != nil {
		t.evaluationFailed(err)
		return
	}
	if !until.After(t.x.run.now) {
		t.complete(t.effective)
		return
	}
	t.sleep(until, func() { t.complete(t.effective) })
}

// sleep lets the thread wait for a time, and then do something.
func (t *thread) sleep(until time.Time, f func()) {
	t.waits = true
	t.timer = t.x.run.at(until, func() { t.resume(f) })
}

// leave records the exit from the state and goes to the next one; without a next one, the thread is done. It reports
// false, and does nothing, when the output is too large.
func (t *thread) leave(output any, assigned *Object, next *state) bool {
	text, tooLarge := t.outputText(output)
	if tooLarge {
		return false
	}
	t.emitExited(text, assigned)
	t.assign(assigned)
	t.timer, t.task, t.join = nil, nil, nil
	if next == nil {
		t.done(output, text)
		return true
	}
	t.state, t.input, t.text = next, output, text
	return true
}

func (t *thread) assign(values *Object) {
	if values.Len() == 0 {
		return
	}
	if t.vars == nil || t.vars.values == nil {
		t.vars = &frame{values: NewObject(), outer: t.vars}
	}
	for name, value := range values.All() {
		t.vars.values.Set(name, value)
	}
}

func (t *thread) done(output any, text string) {
	t.state = nil
	if t.parent != nil {
		t.parent.childDone(t, output)
		return
	}
	if text == "" {
		text = EncodeString(output)
	}
	t.x.finish(t.prev, output, text, nil)
}

// die ends the thread with a failure that nothing caught.
func (t *thread) die(err *Error) {
	in := t.state
	t.state = nil
	if t.parent != nil {
		t.parent.childFailed(t, in, err)
		return
	}
	t.x.finish(t.prev, nil, "", err)
}

// kill stops a thread from outside, and what it waits for.
func (t *thread) kill() {
	t.dead = true
	t.timer.stop()
	t.task.abandon()
	if t.join != nil {
		t.join.abort()
	}
}
