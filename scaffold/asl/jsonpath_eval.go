package asl

// maxPathVisits bounds the nodes that one evaluation visits: several deep scans in a row multiply.
const maxPathVisits = 2_000_000

const tooManyNodes = "the path visits too many nodes"

// walker evaluates a path that has more than properties.
type walker struct {
	path    *Path
	root    any
	results []any
	visits  *int // left for the path and the paths in its filters
}

// walk evaluates the steps and gives the node of a definite path, or all nodes of another.
func (p *Path) walk(document any, visits *int) (any, *PathError) {
	steps := p.steps
	call := len(steps)
	for i := range steps {
		if steps[i].kind == stepCall {
			call = i
			break
		}
	}
	value, err := p.nodes(document, call, visits)
	for ; err == nil && call < len(steps); call++ {
		if steps[call].kind != stepCall {
			rest := &Path{text: p.text}
			rest.setSteps(steps[call:])
			return rest.read(value, visits)
		}
		value, err = p.call(document, value, call, visits)
	}
	return value, err
}

// nodes evaluates the steps before a function, or all of them.
func (p *Path) nodes(document any, end int, visits *int) (any, *PathError) {
	if end == 0 {
		return document, nil
	}
	w := walker{path: p, root: document, visits: visits}
	if end < len(p.steps) {
		part := &Path{text: p.text}
		part.setSteps(p.steps[:end])
		if part.names != nil {
			return part.follow(document)
		}
		w.path = part
	}
	err := w.step(document, 0, true)
	if err != nil && (w.path.definite || err.problem == tooManyNodes) {
		err.path = p
		return nil, err
	}
	if !w.path.definite { // the service gives an empty array where Jayway would say what is missing
		if w.results == nil {
			w.results = []any{}
		}
		return w.results, nil
	}
	if len(w.results) == 0 {
		return nil, &PathError{path: p, at: end - 1, reason: reasonNoResult}
	}
	return w.results[0], nil
}

// step applies the steps from i on to a node. definite: no step before i could give several nodes.
func (w *walker) step(node any, i int, definite bool) *PathError {
	if *w.visits--; *w.visits < 0 {
		return &PathError{path: w.path, problem: tooManyNodes}
	}
	if i == len(w.path.steps) {
		if node == (absent{}) && !w.path.definite {
			node = nil
		}
		w.results = append(w.results, node)
		return nil
	}
	s := &w.path.steps[i]
	switch s.kind {
	case stepName, stepNames:
		return w.properties(node, i, definite)
	case stepAll:
		return w.each(node, func(child any) *PathError { return w.step(child, i+1, false) })
	case stepScan:
		return w.scan(node, i+1)
	}
	items, ok := node.([]any)
	if s.kind == stepFilter {
		return w.filtered(node, items, ok, i)
	}
	if !ok {
		if definite {
			return &PathError{path: w.path, at: i, found: node, reason: reasonNotArray}
		}
		return nil
	}
	return w.indexed(items, i, definite)
}

func (w *walker) each(node any, visit func(any) *PathError) *PathError {
	switch n := node.(type) {
	case []any:
		for _, item := range n {
			if err := visit(item); err != nil {
				return err
			}
		}
	case *Object:
		for _, item := range n.All() {
			if err := visit(item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) properties(node any, i int, definite bool) *PathError {
	s := &w.path.steps[i]
	object, ok := node.(*Object)
	if !ok {
		if definite {
			return &PathError{path: w.path, at: i, found: node, reason: reasonNotObject}
		}
		return nil
	}
	last := i == len(w.path.steps)-1
	if s.kind == stepNames && last {
		merged := NewObject()
		for _, name := range s.names {
			if value, ok := object.Get(name); ok {
				merged.Set(name, value)
			}
		}
		return w.step(merged, i+1, definite)
	}
	definite = definite && s.kind == stepName
	for _, name := range s.names {
		value, ok := object.Get(name)
		switch {
		case ok:
			if err := w.step(value, i+1, definite); err != nil {
				return err
			}
		case !last && definite:
			return &PathError{path: w.path, at: i, reason: reasonMissing}
		}
	}
	return nil
}

func (w *walker) indexed(items []any, i int, definite bool) *PathError {
	s := &w.path.steps[i]
	if s.kind == stepSlice {
		from, to := s.bounds(len(items))
		for n := from; n < to; n++ {
			if err := w.at(items, n, i, false); err != nil {
				return err
			}
		}
		return nil
	}
	for _, n := range s.indexes {
		if err := w.at(items, n, i, definite && s.kind == stepIndex); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) at(items []any, n, i int, definite bool) *PathError {
	if n < 0 {
		n += len(items)
	}
	if n < 0 || n >= len(items) {
		return w.step(absent{}, i+1, definite)
	}
	return w.step(items[n], i+1, definite)
}

// bounds are the first index of a slice and the one after its last. Jayway counts a negative start from the end only
// when the slice has no end; with both, the indexes between them are read one by one.
func (s *step) bounds(length int) (from, to int) {
	to = length
	switch {
	case s.to == nil:
		from = *s.from
		if from < 0 {
			from = max(0, length+from)
		}
	case s.from == nil:
		to = *s.to
		if to < 0 {
			to += length
		}
		to = min(to, length)
	default:
		from, to = *s.from, min(*s.to, length)
		from = max(from, -length)
	}
	return from, to
}

// scan applies the step at i to the node and to all that is below it.
func (w *walker) scan(node any, i int) *PathError {
	s := &w.path.steps[i]
	if s.applies(node) {
		if err := w.step(node, i, false); err != nil {
			return err
		}
	}
	return w.each(node, func(child any) *PathError { return w.scan(child, i) })
}

// applies tells whether a deep scan tries the step on a node.
func (s *step) applies(node any) bool {
	switch s.kind {
	case stepName, stepNames:
		object, ok := node.(*Object)
		if !ok {
			return false
		}
		for _, name := range s.names {
			if _, ok := object.Get(name); !ok {
				return false
			}
		}
		return true
	case stepIndex, stepUnion, stepSlice, stepFilter:
		_, ok := node.([]any)
		return ok
	}
	return true
}

// filtered applies a filter: to the items of an array, or to the object itself. Anything else has no match.
func (w *walker) filtered(node any, items []any, isArray bool, i int) *PathError {
	if _, ok := node.(*Object); ok && !isArray {
		items = []any{node}
	}
	for _, item := range items {
		if w.path.steps[i].filter.matches(w, item) {
			if err := w.step(item, i+1, false); err != nil {
				return err
			}
		}
	}
	return nil
}
