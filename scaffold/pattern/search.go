package pattern

import "slices"

// search is the work of matching one event: what was found in it, and the elements of arrays that a match is bound to.
// Searches are used again and again, so that matching allocates nothing.
type search struct {
	p       *Pattern
	present [][]place // for each path, its leaves
	matched [][]place // for each condition, the leaves that match
	scopes  []scope
	arrays  []span // for each array, the numbers of the leaves in it
	leaves  int32  // how many there were so far
	text    []byte // for strings and keys with escapes

	stack  []int32   // the elements that are bound, for each field on the way
	failed [][]int32 // for each field of a way, the elements bound behind it that last led nowhere
}

// place is a leaf: its number in the order of the event, and the element of an array that it is in.
type place struct{ leaf, scope int32 }

// none is the scope of a leaf that is in no element of an array. An element that is a leaf itself is none either: AWS's engine
// lets two fields match in different leaves of one array.
const none = -1

// scope is an element, an object or array, of an array.
type scope struct {
	array, element int32
	parent         int32
	span           span
}

// span are the numbers of the leaves from first up to, without, last.
type span struct{ first, last int32 }

func newSearch(p *Pattern) *search {
	return &search{
		p:       p,
		present: make([][]place, len(p.paths)),
		matched: make([][]place, len(p.conditions)),
		failed:  make([][]int32, len(p.paths)),
	}
}

// search returns one that is free; release gives it back.
func (p *Pattern) search() *search {
	s, ok := p.pool.Get().(*search)
	if !ok {
		return newSearch(p)
	}
	s.reset()
	return s
}

func (p *Pattern) release(s *search) { p.pool.Put(s) }

func (s *search) reset() {
	for i := range s.present {
		s.present[i] = s.present[i][:0]
	}
	for i := range s.matched {
		s.matched[i] = s.matched[i][:0]
	}
	s.scopes, s.arrays, s.leaves = s.scopes[:0], s.arrays[:0], 0
}

// leaf takes in a value of the event.
func (s *search) leaf(path int, v *value, scope int32) {
	at := place{s.leaves, scope}
	s.leaves++
	s.present[path] = append(s.present[path], at)
	for _, number := range s.p.byPath[path] {
		if s.p.conditions[number].matches(v) {
			s.matched[number] = append(s.matched[number], at)
		}
	}
}

// matches says whether the pattern matches what was taken in.
func (s *search) matches() bool {
	for i := range s.p.ways {
		if s.try(&s.p.ways[i]) {
			return true
		}
	}
	return false
}

// try says whether one way through $or matches.
func (s *search) try(w *way) bool {
	for _, number := range w.fields {
		c := s.p.conditions[number]
		if len(s.matched[number]) == 0 && (!c.absent || len(s.scopes) == 0 && len(s.present[c.path]) > 0) {
			return false
		}
	}
	if len(s.scopes) == 0 { // no arrays of objects: the fields cannot disagree
		return true
	}
	for i := range w.fields {
		s.failed[i] = append(s.failed[i][:0], none)
	}
	s.stack = s.stack[:0]
	return s.walk(w.fields, 0, nil)
}

// walk goes through the fields in their order and looks for a leaf for each that agrees with those found before: two leaves
// agree unless they are in different elements of one array. bound are the elements that the leaves found so far are in, as far as
// they matter from here on. Source: event-ruler 2.1, StructuredFinder.
func (s *search) walk(fields []int, i int, bound []int32) bool {
	if i == len(fields) {
		return true
	}
	c := s.p.conditions[fields[i]]
	if c.absent && s.isAbsent(c.path, bound) && s.walk(fields, i+1, bound) {
		return true
	}
	last := int32(none - 1)
	for _, at := range s.candidates(c.path, s.matched[fields[i]], bound) {
		if at.scope == last || !s.agrees(at.scope, bound) { // another leaf of the same element leads to the same
			continue
		}
		last = at.scope
		height := len(s.stack)
		after := s.bind(bound, at.scope, fields[i+1:])
		if !slices.Equal(s.failed[i], after) && s.walk(fields, i+1, after) {
			return true
		}
		s.failed[i] = append(s.failed[i][:0], after...) // from here on, these elements lead nowhere
		s.stack = s.stack[:height]
	}
	return false
}

// candidates are those of the leaves that are in the innermost bound element of an array that the path has leaves in: the others
// are in other elements. Leaves are in the order of the event, so those of an element stand together.
func (s *search) candidates(path int, leaves []place, bound []int32) []place {
	inner := span{-1, -1}
	for _, element := range bound {
		sc := &s.scopes[element]
		if (inner.first < 0 || sc.span.first >= inner.first && sc.span.last <= inner.last) && s.reaches(sc.array, path) {
			inner = sc.span
		}
	}
	if inner.first < 0 {
		return leaves
	}
	return within(leaves, inner)
}

// within cuts leaves to a span.
func within(leaves []place, span span) []place {
	byLeaf := func(p place, leaf int32) int { return int(p.leaf) - int(leaf) }
	first, _ := slices.BinarySearchFunc(leaves, span.first, byLeaf)
	size, _ := slices.BinarySearchFunc(leaves[first:], span.last, byLeaf)
	return leaves[first : first+size]
}

// reaches says whether the path has leaves in the array.
func (s *search) reaches(array int32, path int) bool {
	return len(within(s.present[path], s.arrays[array])) > 0
}

// agrees says whether a leaf in this scope is in no other element of an array than those bound.
func (s *search) agrees(scope int32, bound []int32) bool {
	for ; scope != none; scope = s.scopes[scope].parent {
		for _, element := range bound {
			if a, b := &s.scopes[element], &s.scopes[scope]; a.array == b.array && a.element != b.element {
				return false
			}
		}
	}
	return true
}

// bind puts on the stack the elements that are bound when a leaf in this scope is chosen, without those that cannot matter for the
// fields still to come: what they exclude is the same whichever they are.
func (s *search) bind(bound []int32, scope int32, rest []int) []int32 {
	height := len(s.stack)
	for _, element := range bound {
		if s.matters(element, rest) {
			s.stack = append(s.stack, element)
		}
	}
	for ; scope != none; scope = s.scopes[scope].parent {
		if !slices.Contains(s.stack[height:], scope) && s.matters(scope, rest) {
			s.stack = append(s.stack, scope)
		}
	}
	return s.stack[height:]
}

// matters says whether one of the fields has leaves in the array of the element.
func (s *search) matters(element int32, fields []int) bool {
	for _, number := range fields {
		if s.reaches(s.scopes[element].array, s.p.conditions[number].path) {
			return true
		}
	}
	return false
}

// isAbsent says whether the field has no leaf that agrees with what is bound.
func (s *search) isAbsent(path int, bound []int32) bool {
	for _, at := range s.candidates(path, s.present[path], bound) {
		if s.agrees(at.scope, bound) {
			return false
		}
	}
	return true
}
