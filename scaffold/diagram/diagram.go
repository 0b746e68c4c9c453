// Package diagram draws graphs: of a template, a state machine, a Glue workflow, a decision tree, and of how a run of them went.
//
// A Graph says what there is and how it is connected. Mermaid and Text write it as it stands; SVG lets Graphviz find the places and then
// draws by itself, in colors for light and for dark pages. Equal graphs give equal bytes. The package reads templates and definitions, not
// files or accounts, and it judges nothing: what it cannot draw it refuses by name.
package diagram

import (
	"fmt"
	"strings"
)

// Graph is what a picture shows.
type Graph struct {
	Title   string
	Summary string   // what is to be seen, in a sentence
	Notes   []string // what is not to be seen, such as resources that were folded away
	Across  bool     // from left to right instead of from top to bottom, where the width allows it
	Nodes   []Node
	Edges   []Edge
	Groups  []Group
}

// Node is one thing in a picture.
type Node struct {
	ID    string
	Label string // lines are separated by \n
	Kind  string // what it is, in small letters above the label; may be empty
	Shape Shape
	Tone  Tone
	Group string // ID of the group that it stands in; empty: none
	Mark  Mark   // how it went, in a picture of a run
}

// Edge leads from one node to another.
type Edge struct {
	From, To string // IDs of nodes; an end that is a group's ID touches the border of its box
	Label    string
	Dashed   bool // what happens only when something fails
	Taken    bool // in a picture of a run
}

// Group is a box around nodes.
type Group struct {
	ID, Label string
	Kind      string
	Within    string // ID of the group that it stands in; empty: none
	Mark      Mark
}

// Shape is the outline of a node.
type Shape int

// The shapes.
const (
	Box      Shape = iota
	Terminal       // where something starts or ends: round ends
	Decision       // a diamond
	Store          // a cylinder: what keeps data
)

// Tone is what a node stands for; a picture has a color for each.
type Tone string

// The tones. Colors follow the usual drawing of a state machine: blue ends, green work, a yellow choice, a red failure.
const (
	Plain    Tone = "plain"
	Ends     Tone = "ends"
	Work     Tone = "work"
	Choice   Tone = "choice"
	Failure  Tone = "failure"
	Trigger  Tone = "trigger"
	Data     Tone = "data"
	Question      = Choice
)

// State is how it went with a node of a run.
type State string

// The states of nodes, named as the console of Step Functions names them, and for what Glue alone has as Glue does.
// Source: AWS Step Functions Developer Guide, "Viewing execution details in the Step Functions console", read 2026-11.
const (
	NoRun       State = "" // the picture shows no run
	Succeeded   State = "Succeeded"
	Failed      State = "Failed"
	CaughtError State = "Caught error"
	InProgress  State = "In progress"
	Stopped     State = "Aborted"
	TimedOut    State = "Timed out"
	NotReached  State = "Not started"
)

// Mark is how it went, in words.
type Mark struct {
	State State
	Text  string // how often, how long; may be empty
}

// String is the mark in one line.
func (m Mark) String() string {
	if m.Text == "" {
		return string(m.State)
	}
	return string(m.State) + ", " + m.Text
}

// node finds a node; nil where there is none.
func (g *Graph) node(id string) *Node {
	for i := range g.Nodes {
		if g.Nodes[i].ID == id {
			return &g.Nodes[i]
		}
	}
	return nil
}

func (g *Graph) group(id string) *Group {
	for i := range g.Groups {
		if g.Groups[i].ID == id {
			return &g.Groups[i]
		}
	}
	return nil
}

// name is what people call a node or a group.
func (g *Graph) name(id string) string {
	if n := g.node(id); n != nil {
		return oneLine(n.Label)
	}
	if group := g.group(id); group != nil {
		return group.Label
	}
	return id
}

func oneLine(label string) string { return strings.ReplaceAll(label, "\n", " ") }

// Description says in words what the picture shows, for whoever does not see it.
func (g *Graph) Description() string {
	var b strings.Builder
	b.WriteString(g.Summary)
	for _, n := range g.Nodes {
		if n.Mark.State != NoRun {
			fmt.Fprintf(&b, " %s: %s.", oneLine(n.Label), n.Mark)
		}
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, " %s leads to %s", g.name(e.From), g.name(e.To))
		if e.Label != "" {
			fmt.Fprintf(&b, " (%s)", oneLine(e.Label))
		}
		b.WriteString(".")
	}
	for _, note := range g.Notes {
		b.WriteString(" " + strings.TrimSuffix(note, ".") + ".")
	}
	return strings.TrimSpace(b.String())
}

// check refuses a graph with an end that leads nowhere, which would be a fault of whoever made it.
func (g *Graph) check() error {
	known := map[string]bool{}
	for _, n := range g.Nodes {
		if known[n.ID] {
			return fmt.Errorf("the graph has two nodes %q", n.ID)
		}
		known[n.ID] = true
	}
	for _, group := range g.Groups {
		if known[group.ID] {
			return fmt.Errorf("the graph has a group %q beside something else of that name", group.ID)
		}
		known[group.ID] = true
	}
	for _, e := range g.Edges {
		for _, end := range []string{e.From, e.To} {
			if !known[end] {
				return fmt.Errorf("the graph has an edge from %q to %q, but no %q", e.From, e.To, end)
			}
		}
	}
	if len(g.Nodes) == 0 {
		return fmt.Errorf("%s: there is nothing to draw", g.Title)
	}
	return nil
}

// Wrap breaks a text into lines of at most so many letters, where it has spaces; a longer word stays whole.
func Wrap(text string, most int) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= most:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return strings.Join(append(lines, line), "\n")
}

// shorten cuts a text that is longer than so many letters.
func shorten(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return strings.TrimRight(string(letters[:most-1]), " ") + "…"
}
