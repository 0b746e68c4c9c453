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
	t.x.record("ParallelStateSucceeded", t.prev, nil)
	t.resume(func() { t.complete(p.results) })
}

func (p *parallel) childFailed(child *thread, err *Error) {
	t := p.t
	for _, other := range p.branches {
		if other != child {
			other.abort()
		}
	}
	t.prev = child.prev
	t.resume(func() { t.raise(err, "ParallelStateFailed") })
}

func (p *parallel) abort() {
	for _, child := range p.branches {
		child.abort()
	}
}

// abort stops a thread because another one failed, and records what it was doing.
func (t *thread) abort() {
	if t.dead || t.state == nil {
		return
	}
	t.kill()
	switch t.state.kind {
	case kindTask, kindWait, kindParallel, kindMap:
		t.emit(t.state.kind.String()+"StateAborted", nil)
	}
}
