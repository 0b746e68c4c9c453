package diagram

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Text draws the graph for a terminal: each node in a line, in the order in which a run meets them, with the ways that do not lead to
// the line below. Signs and words say how it went; color, where the terminal has it, says it once more.
func Text(g *Graph, color bool) (string, error) {
	if err := g.check(); err != nil {
		return "", err
	}
	d := textDrawing{graph: g, order: met(g), color: color}
	d.out.WriteString(g.Title + "\n\n")
	d.level("", "  ")
	for _, note := range g.Notes {
		d.out.WriteString("\n" + note)
	}
	if g.Notes != nil {
		d.out.WriteString("\n")
	}
	return d.out.String(), nil
}

type textDrawing struct {
	graph *Graph
	order []Node
	color bool
	out   strings.Builder
}

// met lists the nodes as runs meet them: what nothing leads to first, one way to its end before the next, and errors at last.
func met(g *Graph) []Node {
	m := meeting{graph: g, seen: map[string]bool{}}
	entered := map[string]bool{}
	for _, e := range g.Edges {
		entered[e.To] = true
	}
	for _, n := range g.Nodes {
		if !entered[n.ID] && (n.Group == "" || !entered[n.Group]) {
			m.visit(n.ID)
		}
	}
	for _, e := range g.Edges {
		if e.Dashed && m.seen[e.From] {
			m.visit(e.To)
		}
	}
	for _, n := range g.Nodes {
		m.visit(n.ID)
	}
	return m.order
}

type meeting struct {
	graph *Graph
	seen  map[string]bool
	order []Node
}

func (m *meeting) visit(id string) {
	if m.seen[id] {
		return
	}
	m.seen[id] = true
	if n := m.graph.node(id); n != nil {
		m.order = append(m.order, *n)
	} else { // a box: what is in it comes before what follows it
		for _, inner := range m.graph.Nodes {
			if m.graph.within(inner.Group, id) {
				m.visit(inner.ID)
			}
		}
	}
	for _, e := range m.graph.Edges {
		if e.From == id && !e.Dashed {
			m.visit(e.To)
		}
	}
}

// column is where the words begin that say how it went; a longer name pushes them.
const column = 44

// signs stand before the words, for whoever sees no colors.
var signs = map[State]string{
	Succeeded: "✓", Failed: "✗", CaughtError: "!", TimedOut: "✗", InProgress: "…", Stopped: "■", NotReached: "·",
}

// ansi are the colors of a terminal. Source: ECMA-48, SGR.
var ansi = map[State]string{Succeeded: "32", Failed: "31", CaughtError: "33", TimedOut: "31", InProgress: "34", Stopped: "35", NotReached: "90"}

// step is a node or a box, as a line.
type step struct {
	id, name string
	mark     Mark
	box      bool
}

// level writes what stands in a group, and below each box what is in it.
func (d *textDrawing) level(group, indent string) {
	steps := d.steps(group)
	for i, s := range steps {
		next := ""
		if i+1 < len(steps) {
			next = steps[i+1].id
		}
		d.line(indent, s)
		if s.box {
			d.level(s.id, indent+"│    ")
		}
		d.ways(indent, s.id, next)
	}
}

// steps lists what stands in a group: nodes and boxes, in the order in which runs meet them, a box where its first node stands.
func (d *textDrawing) steps(group string) []step {
	var all []step
	seen := map[string]bool{}
	for _, n := range d.order {
		if n.Group == group {
			all = append(all, step{id: n.ID, name: bracket(n), mark: n.Mark})
			continue
		}
		for inner := n.Group; inner != ""; inner = d.graph.group(inner).Within {
			if box := d.graph.group(inner); box.Within == group && !seen[inner] {
				seen[inner] = true
				name := box.Label
				if box.Kind != "" {
					name = box.Kind + ": " + name
				}
				all = append(all, step{id: inner, name: "┌ " + name, mark: box.Mark, box: true})
			}
		}
	}
	return all
}

// bracket shows the shape of a node.
func bracket(n Node) string {
	name := oneLine(n.Label)
	if n.Kind != "" && n.Kind != "Pass" {
		name = n.Kind + ": " + name
	}
	switch n.Shape {
	case Terminal:
		return "( " + oneLine(n.Label) + " )"
	case Decision:
		return "< " + name + " >"
	case Store:
		return "{ " + name + " }"
	}
	return "[ " + name + " ]"
}

func (d *textDrawing) line(indent string, s step) {
	d.out.WriteString(indent + s.name)
	if s.mark.State != NoRun {
		room := column - utf8.RuneCountInString(indent+s.name)
		words := signs[s.mark.State] + " " + s.mark.String()
		if d.color {
			words = "\x1b[" + ansi[s.mark.State] + "m" + words + "\x1b[0m"
		}
		d.out.WriteString(strings.Repeat(" ", max(room, 2)) + words)
	}
	d.out.WriteString("\n")
}

// ways writes where a node leads, if that is not the line below alone.
func (d *textDrawing) ways(indent, id, next string) {
	below := false
	for _, e := range d.graph.Edges {
		if e.From != id {
			continue
		}
		if e.To == next && e.Label == "" && !e.Dashed {
			below = true
			continue
		}
		line, label := "├─", e.Label
		if e.Dashed {
			line = "├╌"
			if label == "" {
				label = anyError
			}
		}
		if label != "" {
			label = " " + oneLine(label)
		}
		taken := ""
		if e.Taken {
			taken = "  (taken)"
		}
		fmt.Fprintf(&d.out, "%s%s%s → %s%s\n", indent, line, label, d.graph.name(e.To), taken)
	}
	switch {
	case below:
		d.out.WriteString(indent + "↓\n")
	case next != "":
		d.out.WriteString(strings.TrimRight(indent, " ") + "\n")
	}
}
