package asl

import (
	"fmt"
	"time"
)

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

// readInput applies InputPath and prepares the scope in which the state's fields are evaluated.
func (t *thread) readInput() *Error {
	t.effective = t.input
	s := &t.scope
	if s.Ctx == nil {
		s.Ctx, s.Now, s.Random = t.contextObject, t.x.run.nowFunc, t.x.run.random
	}
	s.Input, s.Result, s.HasResult, s.ErrorOutput, s.HasErrorOutput = t.input, nil, false, nil, false
	s.Vars = nil
	if t.vars != nil {
		s.Vars = t.vars
	}
	switch field := &t.state.inputPath; {
	case field.null:
		t.effective = NewObject()
	case field.path != nil:
		v, err := field.path.Read(s)
		if err != nil {
			return pathFailure(field.path, err)
		}
		t.effective = v
	}
	s.Input = t.effective
	return nil
}

// arguments is the value of Parameters or Arguments, or the effective input when the state has none.
func (t *thread) arguments() (any, *Error) {
	if t.state.arguments == nil {
		return t.effective, nil
	}
	return t.state.arguments.Eval(&t.scope)
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

// complete shapes the result of the state into its output and leaves the state.
func (t *thread) complete(result any) {
	output, assigned, err := t.shape(result)
	if err != nil {
		t.evaluationFailed(err)
		return
	}
	if !t.leave(output, assigned, t.state.next) {
		t.raise(dataLimit(t.state.name), "")
	}
}

// shape applies ResultSelector, Assign, ResultPath and OutputPath, or Assign and Output.
func (t *thread) shape(result any) (output any, assigned *Object, err *Error) {
	st, s := t.state, &t.scope
	if st.lang == JSONata {
		if st.kind == kindTask || st.kind == kindParallel || st.kind == kindMap {
			s.Result, s.HasResult = result, true
		}
		return t.assignAndOutput(st.assign, st.output, result)
	}
	if st.resultSelector != nil {
		s.Input = result
		if result, err = st.resultSelector.Eval(s); err != nil {
			return nil, nil, err
		}
	}
	s.Input = result
	if assigned, err = evalObject(st.assign, s); err != nil {
		return nil, nil, err
	}
	if output, err = t.place(&st.resultPath, result); err != nil {
		return nil, nil, err
	}
	output, err = t.outputPath(output)
	return output, assigned, err
}

func (t *thread) outputPath(output any) (any, *Error) {
	switch field := &t.state.outputPath; {
	case field.null:
		return NewObject(), nil
	case field.path != nil:
		t.scope.Input = output
		v, err := field.path.Read(&t.scope)
		if err != nil {
			return nil, pathFailure(field.path, err)
		}
		return v, nil
	}
	return output, nil
}

// place puts a result into the state's input, as ResultPath says.
func (t *thread) place(at *pathField, result any) (any, *Error) {
	switch {
	case at.null:
		return t.input, nil
	case at.path != nil:
		return WriteAt(t.input, at.path, result)
	}
	return result, nil
}

// assignAndOutput evaluates both with the variables as they were before.
func (t *thread) assignAndOutput(assign, output *Template, absent any) (any, *Object, *Error) {
	assigned, err := evalObject(assign, &t.scope)
	if err != nil || output == nil {
		return absent, assigned, err
	}
	v, err := output.Eval(&t.scope)
	return v, assigned, err
}

func evalObject(t *Template, s *Scope) (*Object, *Error) {
	if t == nil {
		return nil, nil
	}
	v, err := t.Eval(s)
	if err != nil {
		return nil, err
	}
	o, _ := v.(*Object)
	return o, nil
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

// decide leaves a Choice state through the first rule that holds, or through Default.
func (t *thread) decide() {
	st, s := t.state, &t.scope
	rule, err := st.choice.choose(s)
	if err != nil {
		t.evaluationFailed(err)
		return
	}
	next, assign, output := st.choice.fallback, st.assign, st.output
	if rule != nil {
		next, assign, output = rule.next, rule.assign, rule.output
	}
	if next == nil {
		t.evaluationFailed(&Error{Name: ErrorNoChoiceMatched,
			Cause: "Failed to transition out of the state. The state does not point to a next state."})
		return
	}
	result, assigned, err := t.effective, (*Object)(nil), (*Error)(nil)
	if st.lang == JSONata {
		result, assigned, err = t.assignAndOutput(assign, output, t.input)
	} else if assigned, err = evalObject(assign, s); err == nil {
		result, err = t.outputPath(result)
	}
	switch {
	case err != nil:
		t.evaluationFailed(err)
	case !t.leave(result, assigned, next):
		t.raise(dataLimit(st.name), "")
	}
}
