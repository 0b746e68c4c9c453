package diagram

import (
	"fmt"
	"strings"
)

// Mermaid writes the graph as a Mermaid flowchart.
// Source: Mermaid documentation, "Flowcharts - Basic Syntax" and "Accessibility Options", read 2026-11.
func Mermaid(g *Graph) (string, error) {
	if err := g.check(); err != nil {
		return "", err
	}
	m := mermaid{graph: g, ids: map[string]string{}}
	direction := "TD"
	if g.Across {
		direction = "LR"
	}
	fmt.Fprintf(&m.out, "flowchart %s\n", direction)
	fmt.Fprintf(&m.out, "  accTitle: %s\n  accDescr: %s\n", accessible(g.Title), accessible(g.Description()))
	for i, n := range g.Nodes {
		m.ids[n.ID] = fmt.Sprintf("n%d", i+1)
	}
	for i, group := range g.Groups {
		m.ids[group.ID] = fmt.Sprintf("g%d", i+1)
	}
	m.level("", "  ")
	for _, e := range g.Edges {
		m.edge(e)
	}
	m.classes()
	return m.out.String(), nil
}

type mermaid struct {
	graph *Graph
	ids   map[string]string
	out   strings.Builder
}

// level writes the nodes of a group, then the groups in it.
func (m *mermaid) level(group, indent string) {
	for _, n := range m.graph.Nodes {
		if n.Group == group {
			fmt.Fprintf(&m.out, "%s%s%s\n", indent, m.ids[n.ID], m.shape(n))
		}
	}
	for _, inner := range m.graph.Groups {
		if inner.Within == group {
			fmt.Fprintf(&m.out, "%ssubgraph %s[%s]\n", indent, m.ids[inner.ID], quoted(lines(inner.Kind, inner.Label, inner.Mark)))
			m.level(inner.ID, indent+"  ")
			fmt.Fprintf(&m.out, "%send\n", indent)
		}
	}
}

func (m *mermaid) shape(n Node) string {
	text := quoted(lines(n.Kind, n.Label, n.Mark))
	switch n.Shape {
	case Terminal:
		return "([" + text + "])"
	case Decision:
		return "{" + text + "}"
	case Store:
		return "[(" + text + ")]"
	}
	return "[" + text + "]"
}

func lines(kind, label string, mark Mark) string {
	if mark.State != NoRun {
		label += "\n" + mark.String()
	}
	if kind != "" {
		return kind + "\n" + label
	}
	return label
}

func (m *mermaid) edge(e Edge) {
	arrow := "-->"
	switch {
	case e.Dashed:
		arrow = "-.->"
	case e.Taken:
		arrow = "==>"
	}
	if e.Label != "" {
		arrow += "|" + quoted(e.Label) + "|"
	}
	fmt.Fprintf(&m.out, "  %s %s %s\n", m.ids[e.From], arrow, m.ids[e.To])
}

// classes colors the nodes, each with a color of its text: it can be read on a light and on a dark page.
func (m *mermaid) classes() {
	members := map[string][]string{}
	for _, n := range m.graph.Nodes {
		members[class(n)] = append(members[class(n)], m.ids[n.ID])
	}
	for _, group := range m.graph.Groups {
		if group.Mark.State == NoRun {
			members["box"] = append(members["box"], m.ids[group.ID])
		} else {
			members[markClass(group.Mark)] = append(members[markClass(group.Mark)], m.ids[group.ID])
		}
	}
	for _, paint := range palette {
		if ids := members[paint.class]; ids != nil {
			dash := ""
			if paint.dashed {
				dash = ",stroke-dasharray:4 3"
			}
			fmt.Fprintf(&m.out, "  classDef %s fill:%s,stroke:%s,color:%s%s\n", paint.class, paint.light.fill, paint.light.line, paint.light.text, dash)
			fmt.Fprintf(&m.out, "  class %s %s\n", strings.Join(ids, ","), paint.class)
		}
	}
}

// quoted is a label in Mermaid. Within quotes, a hash begins a name of a letter, and tags are HTML.
func quoted(text string) string {
	return `"` + mermaidText.Replace(text) + `"`
}

var mermaidText = strings.NewReplacer(
	"#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "`", "#96;", "\\", "#92;", "\n", "<br/>", "\r", "", "\t", " ",
)

// accessible is a text that ends with its line, and in which nothing means anything to Mermaid.
func accessible(text string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "{", "(", "}", ")", ";", ",", "#", "", "%%", "%").Replace(text)
}
