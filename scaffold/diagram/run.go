package diagram

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Start and End are the IDs of the ends of a state machine's picture.
const (
	Start = startOf
	End   = endOf
)

// Tally counts how it went with the nodes of a graph, over one run or several.
type Tally struct {
	nodes map[string]*nodeTally
	taken map[[2]string]bool
}

type nodeTally struct {
	count map[State]int
	took  time.Duration // in all
}

// Add counts that it went so with a node, once, and how long that took.
func (t *Tally) Add(node string, state State, took time.Duration) {
	if t.nodes == nil {
		t.nodes = map[string]*nodeTally{}
	}
	n := t.nodes[node]
	if n == nil {
		n = &nodeTally{count: map[State]int{}}
		t.nodes[node] = n
	}
	n.count[state]++
	n.took += took
}

// Take notes that a run went from one node to another.
func (t *Tally) Take(from, to string) {
	if t.taken == nil {
		t.taken = map[[2]string]bool{}
	}
	t.taken[[2]string{from, to}] = true
}

// severity orders states: of several runs, a node shows the gravest that happened in any of them.
var severity = []State{Failed, TimedOut, CaughtError, Stopped, InProgress, Succeeded}

// mark says in words how it went with a node.
func (n *nodeTally) mark() Mark {
	total := 0
	for _, count := range n.count {
		total += count
	}
	shown := severity[slices.IndexFunc(severity, func(state State) bool { return n.count[state] > 0 })]
	text := ""
	switch {
	case n.count[shown] < total:
		text = fmt.Sprintf("%d of %d", n.count[shown], total)
	case total > 1:
		text = fmt.Sprintf("%d times", total)
	}
	if n.took > 0 {
		if text != "" {
			text += ", "
		}
		text += seconds(n.took)
		if total > 1 {
			text += " in all"
		}
	}
	return Mark{State: shown, Text: text}
}

// seconds is a duration as people read it.
func seconds(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// Color marks each node and box of the graph with how it went; what has no count was not reached. It refuses a count of a node that the
// graph does not have: the run would be one of something else.
func (t *Tally) Color(g *Graph) error {
	for _, id := range slices.Sorted(maps.Keys(t.nodes)) {
		if g.node(id) == nil && g.group(id) == nil {
			return fmt.Errorf("the run met %q, which is not in %s\n  hint: it is a run of another version", id, g.Title)
		}
	}
	mark := func(id string) Mark {
		if n := t.nodes[id]; n != nil {
			return n.mark()
		}
		return Mark{State: NotReached}
	}
	for i := range g.Nodes {
		g.Nodes[i].Mark = mark(g.Nodes[i].ID)
	}
	for i := range g.Groups {
		g.Groups[i].Mark = mark(g.Groups[i].ID)
	}
	for i, e := range g.Edges {
		g.Edges[i].Taken = t.taken[[2]string{e.From, e.To}]
	}
	t.children(g)
	return nil
}

// Only is the tally of the nodes that the graph has.
func (t *Tally) Only(g *Graph) *Tally {
	some := &Tally{nodes: maps.Clone(t.nodes), taken: t.taken}
	maps.DeleteFunc(some.nodes, func(id string, _ *nodeTally) bool { return g.node(id) == nil && g.group(id) == nil })
	return some
}

// children leaves open how it went inside a distributed Map that was entered: its items run in executions of their own, of which the
// history of this one has no events.
func (t *Tally) children(g *Graph) {
	for _, group := range g.Groups {
		if group.Kind != distributedMap || group.Mark.State == NotReached {
			continue
		}
		for i, n := range g.Nodes {
			if g.within(n.Group, group.ID) {
				g.Nodes[i].Mark = Mark{}
			}
		}
		for i, inner := range g.Groups {
			if g.within(inner.Within, group.ID) {
				g.Groups[i].Mark = Mark{}
			}
		}
		g.Notes = append(g.Notes, fmt.Sprintf("The items of %s ran in executions of their own; its box says how they ended.", group.Label))
	}
}

// within says whether a group is the other one, or stands in it.
func (g *Graph) within(group, of string) bool {
	for group != "" {
		if group == of {
			return true
		}
		group = g.group(group).Within
	}
	return false
}
