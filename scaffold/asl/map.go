package asl

import (
	"fmt"
	"math"
)

// mapState is a Map state, compiled.
type mapState struct {
	program     *program
	distributed bool
	childKind   Kind
	label       string

	itemsPath  *Path
	itemsQuery *queryField
	items      *Template
	selector   *Template

	concurrency bound
	tolerated   tolerance
	reader      *itemReader
	batcher     *itemBatcher
	writer      *resultWriter
}

// Source: Step Functions Developer Guide, "Map state in Inline mode" (40 iterations at a time) and "in Distributed
// mode" (10,000 child executions), read 2026-11.
const (
	inlineConcurrency      = 40
	distributedConcurrency = 10_000
)

func (c *compiler) mapper(s *state, o *Object, at string, inherited QueryLanguage) *mapState {
	m := &mapState{childKind: Standard}
	key := "ItemProcessor"
	if !has(o, key) && has(o, "Iterator") {
		key = "Iterator"
	}
	processor := c.object(o, at, key)
	if processor == nil {
		c.fault(pointerTo(at, "ItemProcessor"), "ItemProcessor is missing.")
		return m
	}
	pointer := pointerTo(at, key)
	m.program = c.program(processor, pointer, inherited)
	if config := c.object(processor, pointer, "ProcessorConfig"); config != nil {
		mode, _ := c.text(config, pointerTo(pointer, "ProcessorConfig"), "Mode")
		m.distributed = mode == "DISTRIBUTED"
		if kind, ok := c.text(config, pointerTo(pointer, "ProcessorConfig"), "ExecutionType"); ok {
			m.childKind = Kind(kind)
		}
	}
	m.label, _ = c.text(o, at, "Label")
	c.mapItems(m, s, o, at)
	m.concurrency = c.bound(s, o, at, "MaxConcurrency")
	m.tolerated.count = c.bound(s, o, at, "ToleratedFailureCount")
	m.tolerated.percentage = c.bound(s, o, at, "ToleratedFailurePercentage")
	m.reader = c.reader(s, o, at)
	m.batcher = c.batcher(s, o, at)
	m.writer = c.writer(s, o, at)
	return m
}

func (c *compiler) mapItems(m *mapState, s *state, o *Object, at string) {
	if s.lang == JSONata {
		if m.itemsQuery = c.queryField(s, o, at, "Items"); m.itemsQuery == nil {
			m.items = c.template(o, at, "Items", s.lang)
		}
		m.selector = c.template(o, at, "ItemSelector", s.lang)
		return
	}
	m.itemsPath = c.path(o, at, "ItemsPath")
	if m.selector = c.template(o, at, "ItemSelector", s.lang); m.selector == nil {
		m.selector = c.template(o, at, "Parameters", s.lang)
	}
}

// bound is a number that the definition gives, a path points at, or JSONata computes.
type bound struct {
	field string
	fixed float64
	given bool
	path  *Path
	query *queryField
}

func (c *compiler) bound(s *state, o *Object, at, key string) bound {
	b := bound{field: key, query: c.queryField(s, o, at, key)}
	if s.lang == JSONPath {
		b.path = c.path(o, at, key+"Path")
	}
	if b.query == nil && b.path == nil {
		b.fixed, b.given = c.number(o, at, key, 0), has(o, key)
	}
	b.given = b.given || b.query != nil || b.path != nil
	return b
}

func (b *bound) float(s *Scope) (float64, *Error) { return b.value(s, "float") }

func (b *bound) integer(s *Scope) (float64, *Error) {
	n, err := b.value(s, "integer")
	if err == nil && n != math.Trunc(n) {
		err = b.wrong(n, "integer")
	}
	return n, err
}

func (b *bound) value(s *Scope, kind string) (float64, *Error) {
	switch {
	case b.query != nil:
		return b.query.number(s)
	case b.path == nil:
		return b.fixed, nil
	}
	v, err := b.path.Read(s)
	if err != nil {
		return 0, pathFailure(b.path, err)
	}
	n, ok := toFloat(v)
	if !ok {
		return 0, b.wrong(v, kind)
	}
	return n, nil
}

func (b *bound) wrong(v any, kind string) *Error {
	if b.path == nil {
		return queryError(b.field, fmt.Sprintf("The %s field must be a valid %s but was: %s", b.field, kind, EncodeString(v)))
	}
	return runtimeError(fmt.Sprintf("The %sPath field refers to value \"%s\" which is not a valid %s: %s", b.field, plainText(v), kind, b.path))
}

// outOfRange is the failure of a number that is too small or too large.
func (b *bound) outOfRange(text string) *Error {
	if b.query != nil {
		return queryError(b.field, text)
	}
	return runtimeError(text)
}

// iteration is a Map state whose items are processed.
type iteration struct {
	t       *thread
	m       *mapState
	items   []mapItem
	limit   int
	next    int
	running int
	results []any
	live    map[int]*thread
	run     *mapRun // of a distributed Map
	over    bool
}

func (t *thread) startMap() {
	m := t.state.mapper
	it := &iteration{t: t, m: m, live: map[int]*thread{}}
	if err := it.prepare(); err != nil {
		t.evaluationFailed(err)
		return
	}
	var details *Object
	if t.x.recording {
		details = ObjectOf("length", int64(len(it.items)))
	}
	t.emit("MapStateStarted", details)
	t.join, t.waits = it, true
	if m.distributed {
		it.startRun()
		return
	}
	if err := m.tolerated.evaluate(&t.scope); err != nil {
		t.evaluationFailed(err)
		return
	}
	it.results = make([]any, len(it.items))
	it.more()
}

// prepare finds out how many iterations run at a time, and the items unless a reader brings them.
func (it *iteration) prepare() *Error {
	n, err := it.m.concurrency.integer(&it.t.scope)
	if err != nil {
		return err
	}
	if n < 0 {
		return it.m.concurrency.outOfRange(fmt.Sprintf("MaxConcurrency cannot be negative: %v.", n))
	}
	most := inlineConcurrency
	if it.m.distributed {
		most = distributedConcurrency
	}
	if it.limit = most; n > 0 {
		it.limit = min(most, int(min(n, distributedConcurrency)))
	}
	if it.m.reader != nil {
		return nil
	}
	v, err := it.itemsValue()
	if err != nil {
		return err
	}
	it.items = mapItems(v)
	return nil
}

// mapItems are the elements of an array, or the entries of an object.
func mapItems(v any) []mapItem {
	switch x := v.(type) {
	case []any:
		items := make([]mapItem, len(x))
		for i := range x {
			items[i] = mapItem{index: i, value: x[i]}
		}
		return items
	case *Object:
		items := make([]mapItem, 0, x.Len())
		for key, value := range x.All() {
			items = append(items, mapItem{index: len(items), value: value, key: key, isKey: true})
		}
		return items
	}
	return nil
}

func (it *iteration) itemsValue() (any, *Error) {
	t, m := it.t, it.m
	switch {
	case m.itemsQuery != nil && m.distributed:
		v, err := m.itemsQuery.template.Eval(&t.scope)
		if err == nil && !it.iterable(v) {
			err = m.itemsQuery.unexpected("array", v)
		}
		return v, err
	case m.itemsQuery != nil:
		return m.itemsQuery.array(&t.scope)
	case m.items != nil:
		return m.items.Eval(&t.scope)
	case t.state.lang == JSONata:
		if !it.iterable(t.input) {
			return nil, queryError("", "Map state input must be an array but was: "+EncodeString(t.input))
		}
		return t.input, nil
	}
	v, path := t.effective, "$"
	if m.itemsPath != nil {
		path = m.itemsPath.String()
		read, err := m.itemsPath.Read(&t.scope)
		if err != nil {
			return nil, pathFailure(m.itemsPath, err)
		}
		v = read
	}
	if !it.iterable(v) {
		return nil, runtimeError(fmt.Sprintf("Reference path \"%s\" must point to array.", path))
	}
	return v, nil
}

// iterable reports whether a Map can go through a value: a distributed one goes through the entries of an object too.
func (it *iteration) iterable(v any) bool {
	_, isArray := v.([]any)
	_, isObject := v.(*Object)
	return isArray || isObject && it.m.distributed
}

// input is what an iteration starts with: its item, or what ItemSelector makes of it.
func (it *iteration) input(item *mapItem) (any, *Error) {
	if it.m.selector != nil {
		t := it.t
		outer := t.item
		t.item, t.context = item, nil
		v, err := it.m.selector.Eval(&t.scope)
		t.item, t.context = outer, nil
		return v, err
	}
	if item.isKey {
		return ObjectOf("Key", item.key, "Value", item.value), nil
	}
	return item.value, nil
}

// more starts iterations until enough run.
func (it *iteration) more() {
	t := it.t
	for it.running < it.limit && it.next < len(it.items) && !it.over && !t.stopped() {
		item := &it.items[it.next]
		it.next++
		input, err := it.input(item)
		if err != nil {
			it.over = true
			it.abort()
			t.resume(func() { t.evaluationFailed(err) })
			return
		}
		child := &thread{
			x: t.x, state: it.m.program.start, input: input, item: item,
			vars: &frame{outer: t.vars}, prev: t.prev, parent: it, index: item.index,
		}
		child.emit("MapIterationStarted", it.nameAndIndex(item.index))
		it.live[item.index] = child
		it.running++
		t.x.run.ready.push(child)
	}
	if it.running == 0 && !it.over && it.next == len(it.items) {
		it.over = true
		t.resume(func() {
			t.x.record("MapStateSucceeded", t.prev, nil)
			t.complete(it.results)
		})
	}
}

func (it *iteration) nameAndIndex(index int) *Object {
	if !it.t.x.recording {
		return nil
	}
	return ObjectOf("name", it.t.state.name, "index", int64(index))
}

// childDone takes the output of an iteration. The next iteration names the last event within the finished one as its
// previous event; only the end of the state names MapIterationSucceeded.
func (it *iteration) childDone(child *thread, output any) {
	it.results[child.index] = output
	it.running--
	delete(it.live, child.index)
	done := it.t.x.record("MapIterationSucceeded", child.prev, it.nameAndIndex(child.index))
	it.t.prev = child.prev
	if it.running == 0 && it.next == len(it.items) {
		it.t.prev = done
	}
	it.more()
}

// childFailed ends the state with its first iteration that fails. Iterations that still run are aborted.
func (it *iteration) childFailed(child *thread, in *state, err *Error) {
	if it.over {
		return
	}
	delete(it.live, child.index)
	t := it.t
	t.x.record("MapIterationFailed", child.prev, it.nameAndIndex(child.index))
	child.recordAborted(in, child.prev)
	for i := range it.next {
		if other := it.live[i]; other != nil {
			state := other.state
			other.kill()
			t.x.record("MapIterationAborted", child.prev, it.nameAndIndex(i))
			other.recordAborted(state, child.prev)
		}
	}
	it.abort()
	t.prev = child.prev
	t.resume(func() { t.raise(err, "MapStateFailed") })
}

// abort stops the iterations that run.
func (it *iteration) abort() {
	it.over = true
	if it.run != nil {
		it.run.abort()
	}
	for _, child := range it.live {
		child.kill()
	}
	clear(it.live)
}
