package pattern

import (
	"cmp"
	"maps"
	"slices"
)

// MaxComplexity is how many states of a field's wildcards one value may be in at a time.
//
// AWS publishes the measure, event-ruler's MachineComplexityEvaluator, but not the number at which EventBridge says "Rule is too
// complex". It is narrowed down by what is known to be accepted, a complexity of 9 (three times *:stack/NAME/*), and to be
// refused, 11 (*:*:*:*:*:event-bus/*) and 12 (four times *:stack/NAME/*). A wildcard that several ways through $or have counts once
// here; the engine may count it more often, because it does not share all states.
const MaxComplexity = 10

// stateBudget bounds the sets of states that are looked at; a pattern that needs more is not refused for it.
const stateBudget = 20000

// state is a step of the wildcards of one field, which share the steps that they begin with.
type state struct {
	number  int
	star    bool // any text may pass here
	letters map[byte]*state
	next    *state // the star behind this step
	sources []int  // the alternatives that pass here; an anything-but list counts as one
}

// checkComplexity refuses wildcards that AWS finds too complex. The error names no place, as AWS's.
func (c *compiler) checkComplexity() *Error {
	for _, conditions := range c.pattern.byPath {
		if c.pattern.complexity(conditions) > MaxComplexity {
			return c.failNowhere("Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character")
		}
	}
	return nil
}

// complexity is the largest number of states that a value can be in at once, cut just above MaxComplexity.
func (p *Pattern) complexity(conditions []int) int {
	root, states := &state{}, 0
	sources := map[string]int{} // the same alternative twice counts once
	for _, number := range conditions {
		for i := range p.conditions[number].alternatives {
			a := &p.conditions[number].alternatives[i]
			source, ok := sources[a.source]
			if !ok {
				source = len(sources)
				sources[a.source] = source
			}
			for _, w := range a.wilds {
				root.enter(w, source, &states)
			}
		}
	}
	return explore(root)
}

// enter adds a wildcard to the steps. The engine compares strings with their quotes, and so counts them.
func (s *state) enter(w wildcard, source int, states *int) {
	visit := func(next *state) *state {
		if next.number == 0 {
			*states++
			next.number = *states
		}
		if !slices.Contains(next.sources, source) {
			next.sources = append(next.sources, source)
		}
		return next
	}
	literal := func(text ...byte) {
		for _, c := range text {
			if s.letters[c] == nil {
				if s.letters == nil {
					s.letters = map[byte]*state{}
				}
				s.letters[c] = &state{}
			}
			s = visit(s.letters[c])
		}
	}
	literal('"')
	for i, piece := range w {
		if i > 0 {
			if s.next == nil {
				s.next = &state{star: true}
			}
			s = visit(s.next)
		}
		literal(piece...)
	}
	literal('"')
}

// explore goes through all sets of states that some value can reach.
func explore(root *state) int {
	most := 0
	seen := map[string]bool{}
	queue := [][]*state{{root}}
	for len(queue) > 0 && len(seen) < stateBudget {
		set := queue[0]
		queue = queue[1:]
		for _, c := range leads(set) {
			after := move(set, c)
			id := identity(after)
			if len(after) == 0 || seen[id] {
				continue
			}
			seen[id] = true
			if most = max(most, weight(after)); most > MaxComplexity {
				return most
			}
			queue = append(queue, after)
		}
	}
	return most
}

// leads are the bytes that make a difference in a set of states, and one that stands for all others.
func leads(set []*state) []byte {
	bytes := []byte{0}
	for _, s := range set {
		bytes = slices.AppendSeq(bytes, maps.Keys(s.letters))
		if s.next != nil {
			bytes = slices.AppendSeq(bytes, maps.Keys(s.next.letters))
		}
	}
	slices.Sort(bytes)
	return slices.Compact(bytes)
}

// move is the set of states after one more byte.
func move(set []*state, c byte) []*state {
	var after []*state
	add := func(s *state) {
		if s != nil && !slices.Contains(after, s) {
			after = append(after, s)
		}
	}
	for _, s := range set {
		add(s.letters[c])
		if s.star {
			add(s)
		}
		if s.next != nil {
			add(s.next)
			add(s.next.letters[c])
		}
	}
	slices.SortFunc(after, func(a, b *state) int { return cmp.Compare(a.number, b.number) })
	return after
}

func identity(set []*state) string {
	id := make([]byte, 0, 2*len(set))
	for _, s := range set {
		id = append(id, byte(s.number), byte(s.number>>8))
	}
	return string(id)
}

// weight counts the states, and the stars that come next, once for each alternative that passes there.
func weight(set []*state) int {
	sum := 0
	for _, s := range set {
		sum += len(s.sources)
		if s.next != nil && !slices.Contains(set, s.next) {
			sum += len(s.next.sources)
		}
	}
	return sum
}
