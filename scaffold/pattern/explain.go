package pattern

import (
	"cmp"
	"slices"
	"strings"
)

// Explanation says why a pattern matches an event or does not.
type Explanation struct {
	Match bool  `json:"match"`
	Ways  []Way `json:"ways"` // one for each way through $or, those that come nearest first; without $or there is one
}

// Way is one of the ways through $or: all of its fields must match.
type Way struct {
	Match    bool    `json:"match"`
	Fields   []Field `json:"fields"`
	Conflict string  `json:"conflict,omitempty"` // each field matches, but they do not match together
}

// Field is what became of one field of the pattern.
type Field struct {
	Path   string   `json:"field"` // names joined by dots
	Match  bool     `json:"match"`
	Event  []Found  `json:"event"`   // what the event has there; empty if the field is absent
	Wanted []Wanted `json:"pattern"` // what the pattern gives for it; one is enough
	Hints  []string `json:"hints,omitempty"`
}

// Found is a value of the event.
type Found struct {
	At    string `json:"at"`    // where, with the positions in arrays
	Value string `json:"value"` // as written in the event
}

// Wanted is one alternative of the pattern.
type Wanted struct {
	Pattern string `json:"pattern"` // as written in the pattern
	Match   bool   `json:"match"`
	At      string `json:"at,omitempty"`     // where the event has the value that matches
	Reason  string `json:"reason,omitempty"` // why it does not match
}

// failures counts the fields that do not match.
func (w *Way) failures() int {
	count := 0
	for i := range w.Fields {
		if !w.Fields[i].Match {
			count++
		}
	}
	return count
}

// Explain says field by field what the pattern wants, what the event has, and what comes close.
func (p *Pattern) Explain(event *Event) *Explanation {
	s := newSearch(p)
	s.scopes, s.arrays = event.scopes, event.arrays // only read
	s.load(event)
	fields := make([]Field, len(p.conditions))
	for i, c := range p.conditions {
		fields[i] = p.explain(c, event)
	}
	e := &Explanation{}
	for i := range p.ways {
		way := Way{Match: s.try(&p.ways[i])}
		for _, number := range p.ways[i].fields {
			way.Fields = append(way.Fields, fields[number])
		}
		if !way.Match && way.failures() == 0 {
			way.Conflict = p.conflict(&p.ways[i], event)
		}
		e.Match = e.Match || way.Match
		e.Ways = append(e.Ways, way)
	}
	slices.SortStableFunc(e.Ways, func(a, b Way) int {
		if a.Match != b.Match {
			return map[bool]int{true: -1, false: 1}[a.Match]
		}
		return cmp.Compare(a.failures(), b.failures())
	})
	return e
}

func (p *Pattern) explain(c *condition, event *Event) Field {
	path := p.paths[c.path]
	f := Field{Path: path, Event: []Found{}}
	leaves := make([]*leaf, 0, len(event.byPath[path]))
	for _, number := range event.byPath[path] {
		l := &event.leaves[number]
		leaves = append(leaves, l)
		f.Event = append(f.Event, Found{At: l.at, Value: l.raw})
	}
	for i := range c.alternatives {
		w := c.want(&c.alternatives[i], leaves)
		f.Match = f.Match || w.Match
		f.Wanted = append(f.Wanted, w)
	}
	if len(leaves) == 0 && !f.Match {
		f.Hints = event.hints(path)
	}
	// Absence can hold for one element of an array while another has the field, so the search may still find a match.
	if c.absent && !f.Match && slices.ContainsFunc(leaves, func(l *leaf) bool { return l.scope != none }) {
		f.Match = true
	}
	return f
}

// want compares one alternative with the leaves of its field.
func (c *condition) want(a *alternative, leaves []*leaf) Wanted {
	w := Wanted{Pattern: a.source}
	if a.operator == absent {
		if w.Match = len(leaves) == 0; !w.Match {
			w.Reason = "the event has the field"
		}
		return w
	}
	if len(leaves) == 0 {
		w.Reason = "the event has no such field"
		return w
	}
	best := reason{}
	for i, l := range leaves {
		if a.matches(&l.value, c.numeric) {
			return Wanted{Pattern: a.source, Match: true, At: l.at}
		}
		if r := a.reason(l); i == 0 || r.near && !best.near {
			best = r
		}
	}
	w.Reason = best.text
	return w
}

// conflict says in which elements of arrays the fields match that do not match together.
func (p *Pattern) conflict(w *way, event *Event) string {
	var parts []string
	for _, number := range w.fields {
		c := p.conditions[number]
		var at []string
		for _, number := range event.byPath[p.paths[c.path]] {
			l := &event.leaves[number]
			if l.scope != none && c.matches(&value{kind: l.value.kind, text: l.value.text}) {
				at = append(at, l.at)
			}
		}
		switch {
		case len(at) > 0:
			parts = append(parts, p.paths[c.path]+" matches at "+list(at))
		case c.absent && event.has(p.paths[c.path]):
			parts = append(parts, p.paths[c.path]+" must be absent there")
		}
	}
	return "each field matches, but never all in the same element of an array: " + strings.Join(parts, "; ")
}

// mostListed is how many things are named before the rest is only counted.
const mostListed = 5

func list(items []string) string {
	if len(items) > mostListed {
		items = append(slices.Clone(items[:mostListed]), "...")
	}
	return strings.Join(items, ", ")
}
