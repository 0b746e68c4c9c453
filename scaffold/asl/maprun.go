package asl

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// tolerance is how many items of a distributed Map may fail.
// Source: Step Functions Developer Guide, "Setting failure thresholds for Distributed Map states", read 2026-11.
type tolerance struct {
	count, percentage bound

	maxCount, maxPercentage float64
}

// evaluate checks both thresholds. An inline Map has no use for them, but a wrong value fails it all the same.
func (o *tolerance) evaluate(s *Scope) *Error {
	_, err := o.resolve(s)
	return err
}

func (o *tolerance) resolve(s *Scope) (tolerance, *Error) {
	resolved := *o
	var err *Error
	if resolved.maxCount, err = o.count.integer(s); err != nil {
		return resolved, err
	}
	if resolved.maxCount < 0 {
		return resolved, o.count.outOfRange("ToleratedFailureCount cannot be negative.")
	}
	if resolved.maxPercentage, err = o.percentage.float(s); err != nil {
		return resolved, err
	}
	if resolved.maxPercentage < 0 || resolved.maxPercentage > 100 {
		return resolved, o.percentage.outOfRange("ToleratedFailurePercentage must be between 0 and 100.")
	}
	return resolved, nil
}

// exceeded reports whether too many items failed. Each threshold that is given counts; without any, none may fail.
func (o *tolerance) exceeded(failed, total int) bool {
	switch {
	case failed == 0:
		return false
	case !o.count.given && !o.percentage.given:
		return true
	}
	return o.count.given && float64(failed) > o.maxCount ||
		o.percentage.given && float64(failed)*100 > o.maxPercentage*float64(total)
}

// mapRun is a distributed Map that runs: its items are the inputs of child executions.
type mapRun struct {
	it        *iteration
	arn       string
	label     string
	tolerated tolerance
	inputs    []any
	sizes     []int // items in each input
	children  []*child
	pending   int
	failed    int
	over      bool
	started   int64 // event
	io        *request
}

// child is one child execution and what it came to.
type child struct {
	x      *execution
	input  any
	result *Result
}

// startRun begins a distributed Map: the items are read, then processed, then the results are written.
func (it *iteration) startRun() {
	t := it.t
	tolerated, err := it.m.tolerated.resolve(&t.scope)
	if err != nil {
		t.evaluationFailed(err)
		return
	}
	run := &mapRun{it: it, tolerated: tolerated, label: it.m.label}
	if run.label == "" {
		run.label = t.x.run.uuid()
	}
	id := &t.x.id
	run.arn = fmt.Sprintf("arn:%s:states:%s:%s:mapRun:%s/%s:%s", id.Partition, id.Region, id.Account, id.MachineName, run.label, t.x.run.uuid())
	it.run = run
	run.started = t.emit("MapRunStarted", ObjectOf("mapRunArn", run.arn))
	if it.m.reader == nil {
		run.process()
		return
	}
	it.m.reader.read(run, func(items []mapItem, failed *Error) {
		if failed != nil {
			run.fail(failed)
			return
		}
		it.items = items
		run.process()
	})
}

// process makes the inputs of the child executions and starts the first of them.
func (r *mapRun) process() {
	it := r.it
	inputs := make([]any, len(it.items))
	for i := range it.items {
		input, err := it.input(&it.items[i])
		if err != nil {
			r.over = true
			it.t.resume(func() { it.t.evaluationFailed(err) })
			return
		}
		inputs[i] = input
	}
	var err *Error
	if r.inputs, r.sizes, err = it.m.batcher.batches(inputs, &it.t.scope); err != nil {
		r.over = true
		it.t.resume(func() { it.t.evaluationFailed(err) })
		return
	}
	r.more()
}

func (r *mapRun) more() {
	for r.pending < r.it.limit && len(r.children) < len(r.inputs) && !r.over && !r.it.t.stopped() {
		r.start(len(r.children))
	}
	if r.pending == 0 && !r.over && len(r.children) == len(r.inputs) {
		r.over = true
		r.write()
	}
}

func (r *mapRun) start(i int) {
	parent := r.it.t.x
	c := &child{input: r.inputs[i]}
	x := &execution{run: parent.run, machine: parent.machine, kind: r.it.m.childKind, started: parent.run.now}
	x.done = func(result *Result) { r.finished(c, r.sizes[i], result) }
	id := parent.id
	id.Name = parent.run.uuid()
	id.MachineName = parent.id.MachineName + "/" + r.label
	id.MachineArn = parent.id.MachineArn + "/" + r.label
	id.Arn = ""
	x.id = x.identity(id)
	var item *mapItem
	if r.it.m.batcher == nil {
		item = &r.it.items[i]
	}
	c.x = x
	r.children = append(r.children, c)
	r.pending++
	x.begin(r.it.m.program, c.input, "", item, 0)
}

func (r *mapRun) finished(c *child, size int, result *Result) {
	if r.over {
		return
	}
	c.result = result
	r.pending--
	if result.Status != Succeeded {
		r.failed += size
		if r.tolerated.exceeded(r.failed, len(r.it.items)) {
			r.abort()
			r.fail(&Error{Name: ErrorToleratedThreshold, Cause: "The specified tolerated failure threshold was exceeded"})
			return
		}
	}
	r.more()
}

// abort stops the child executions that run.
func (r *mapRun) abort() {
	r.over = true
	r.io.cancel()
	for _, c := range r.children {
		if !c.x.ended {
			c.x.ended = true
			c.x.deadline.stop()
			c.x.top.kill()
		}
	}
}

func (r *mapRun) fail(err *Error) {
	r.over = true
	t := r.it.t
	t.resume(func() {
		t.emit("MapRunFailed", failure(err))
		t.raise(err, "MapStateFailed")
	})
}

// write hands the results to the writer, or makes them the result of the state: the outputs of the children that
// succeeded, in the order of their items.
func (r *mapRun) write() {
	if w := r.it.m.writer; w != nil {
		w.write(r, r.succeed)
		return
	}
	outputs := make([]any, 0, len(r.children))
	for _, c := range r.children {
		if c.result.Status == Succeeded {
			outputs = append(outputs, c.result.Output)
		}
	}
	r.succeed(outputs, nil)
}

// succeed leaves the state. Recorded executions show two ids for the event before MapStateExited: MapRunSucceeded, and,
// for a state that is not the first and has an ItemReader or an ItemSelector, MapRunStarted.
func (r *mapRun) succeed(output any, err *Error) {
	if err != nil {
		r.fail(err)
		return
	}
	t := r.it.t
	t.emit("MapRunSucceeded", nil)
	t.x.record("MapStateSucceeded", t.prev, nil)
	if t.beforeEntry > 0 && (r.it.m.reader != nil || r.it.m.selector != nil) {
		t.prev = r.started
	}
	t.resume(func() { t.complete(output) })
}

// itemBatcher groups items into the inputs of child executions.
// Source: Step Functions Developer Guide, "ItemBatcher (Map)", read 2026-11.
type itemBatcher struct {
	maxItems, maxBytes bound
	input              *Template
}

func (c *compiler) batcher(s *state, o *Object, at string) *itemBatcher {
	body := c.object(o, at, "ItemBatcher")
	if body == nil {
		return nil
	}
	pointer := pointerTo(at, "ItemBatcher")
	return &itemBatcher{
		maxItems: c.bound(s, body, pointer, "MaxItemsPerBatch"),
		maxBytes: c.bound(s, body, pointer, "MaxInputBytesPerBatch"),
		input:    c.template(body, pointer, "BatchInput", s.lang),
	}
}

// batches are the inputs of the child executions, and how many items each of them holds.
func (b *itemBatcher) batches(items []any, s *Scope) (inputs []any, sizes []int, err *Error) {
	if b == nil {
		sizes = make([]int, len(items))
		for i := range sizes {
			sizes[i] = 1
		}
		return items, sizes, nil
	}
	most, err := b.limit(&b.maxItems, s, math.MaxInt32)
	if err != nil {
		return nil, nil, err
	}
	bytes, err := b.limit(&b.maxBytes, s, maxPayload)
	if err != nil {
		return nil, nil, err
	}
	head := NewObject()
	if b.input != nil {
		v, err := b.input.Eval(s)
		if err != nil {
			return nil, nil, err
		}
		head.Set("BatchInput", v)
	}
	frame := head.Clone()
	frame.Set("Items", []any{})
	room := bytes - len(Encode(frame))
	for len(items) > 0 {
		n, left := 0, room
		for n < len(items) && n < most {
			if left = measure(items[n], left-1); left < 0 && n > 0 {
				break
			}
			n++
		}
		input := head.Clone()
		input.Set("Items", items[:n:n])
		inputs, sizes, items = append(inputs, input), append(sizes, n), items[n:]
	}
	return inputs, sizes, nil
}

func (b *itemBatcher) limit(n *bound, s *Scope, absent int) (int, *Error) {
	if !n.given {
		return absent, nil
	}
	v, err := n.integer(s)
	if err == nil && v < 1 {
		err = n.outOfRange(n.field + " must be a positive integer but was: " + strconv.FormatFloat(v, 'f', -1, 64))
	}
	return int(min(v, float64(absent))), err
}

// request is a call of a service on behalf of a Map: to read items, or to write results. It leaves no events.
type request struct {
	t    *thread
	then func(output any, err *Error)
	over bool
}

// call asks a service, and goes on with its answer.
func (t *thread) call(resource resource, input any, then func(output any, err *Error)) *request {
	q := &request{t: t, then: then}
	if t.x.run.spend(); t.x.run.broken != nil { // a listing may never end
		return q
	}
	if t.x.run.services == nil {
		t.x.run.fail(fmt.Errorf("state %q calls %s, but the run has no services: give Options.Services", t.state.name, resource.arn))
		return q
	}
	err := t.x.run.services.Call(t.x.run.ctx, &Call{
		Resource: resource.arn, Service: resource.service, Action: resource.action, Pattern: resource.pattern,
		Input: input, State: t.state.name, Execution: t.x.id, Clock: t.x.run.clock, task: q,
	})
	if err != nil {
		t.x.run.fail(fmt.Errorf("state %q, calling %s: %w", t.state.name, resource.arn, err))
	}
	return q
}

func (q *request) schedule()    {}
func (q *request) start(string) {}
func (q *request) submit(any)   {}
func (q *request) beatAgain()   {}
func (q *request) done() bool   { return q.over || q.t.stopped() }

func (q *request) succeed(output any) { q.answer(output, nil) }
func (q *request) fail(err *Error)    { q.answer(nil, err) }

func (q *request) refuse(cause string) { q.answer(nil, runtimeError(cause)) }

func (q *request) answer(output any, err *Error) {
	if !q.done() {
		q.over = true
		q.then(output, err)
	}
}

func (q *request) cancel() {
	if q != nil {
		q.over = true
	}
}

// dates are the times of a child execution as the files of a ResultWriter show them.
func dates(r *Result) (start, stop string) {
	const layout = time.RFC3339Nano
	return r.Started.Format(layout), r.Stopped.Format(layout)
}
