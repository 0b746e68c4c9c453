package asl

// parallel is a Parallel state whose branches run.
type parallel struct {
	t        *thread
	branches []*thread
	results  []any
	running  int
}

func (t *thread) startParallel() {
	input, err := t.arguments()
	if err != nil {
		t.evaluationFailed(err)
		return
	}
	t.emit("ParallelStateStarted", nil)
	text := ""
	if same(input, t.input) {
		text = t.text
	}
	p := &parallel{t: t, results: make([]any, len(t.state.branches)), running: len(t.state.branches)}
	t.join, t.waits = p, true
	for i, branch := range t.state.branches {
		child := &thread{
			x: t.x, state: branch.start, input: input, text: text, item: t.item,
			vars: &frame{outer: t.vars}, prev: t.prev, parent: p, index: i,
		}
		p.branches = append(p.branches, child)
		t.x.run.ready.push(child)
	}
}

func (p *parallel) childDone(child *thread, output any) {
	p.results[child.index] = output
	p.running--
	if p.running > 0 {
		return
	}
	t := p.t
	t.prev = child.prev
	t.resume(func() {
		t.x.record("ParallelStateSucceeded", t.prev, nil)
		t.complete(p.results)
	})
}

func (p *parallel) childFailed(child *thread, in *state, err *Error) {
	t := p.t
	child.recordAborted(in, child.prev)
	for _, other := range p.branches {
		if state := other.state; other != child && !other.dead && state != nil {
			other.kill()
			other.recordAborted(state, child.prev)
		}
	}
	t.prev = child.prev
	t.resume(func() { t.raise(err, "ParallelStateFailed") })
}

func (p *parallel) abort() {
	for _, child := range p.branches {
		child.kill()
	}
}

// recordAborted records a state that will never be left because a state around it failed. A Map or a Parallel state
// that failed itself has said so already; the events follow the one that made them fail, whatever their own branch did before.
func (t *thread) recordAborted(in *state, cause int64) {
	switch {
	case in.kind == kindTask, in.kind == kindWait, t.dead && (in.kind == kindParallel || in.kind == kindMap):
		t.x.record(in.kind.String()+"StateAborted", cause, nil)
	}
}
