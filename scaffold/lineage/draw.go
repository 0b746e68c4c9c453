package lineage

import (
	"fmt"
	"io"
	"strings"
)

// width is how much of a line the drawing takes.
const width = 100

// Text draws the graph for a terminal: first where the data went, then which run started which.
func (g *Graph) Text(out io.Writer) error {
	p := &printer{seen: map[*Node]bool{}}
	if sources := g.sources(); len(sources) > 0 {
		p.line("Where the data went")
		for _, n := range sources {
			p.line("")
			p.tree(n, "", "", func(n *Node) []*Node { return n.Next })
		}
		p.line("")
	}
	if len(g.Jobs) > 0 {
		p.line("What ran")
		p.line("")
		p.seen, p.causes = map[*Node]bool{}, true
		for _, n := range g.Jobs {
			p.tree(n, "", "", func(n *Node) []*Node { return n.Runs })
		}
	} else {
		p.line("nothing ran")
	}
	_, err := io.WriteString(out, p.text.String())
	return err
}

type printer struct {
	text   strings.Builder
	seen   map[*Node]bool
	causes bool // say why runs failed
}

func (p *printer) line(text string) {
	p.text.WriteString(strings.TrimRight(text, " ") + "\n")
}

// tree draws a node and what comes after it. What was drawn before is only named again.
func (p *printer) tree(n *Node, first, rest string, after func(*Node) []*Node) {
	next := after(n)
	note := n.note()
	if p.seen[n] && len(next) > 0 {
		next, note = nil, "(see above)"
	}
	p.seen[n] = true
	indent := rest + "   "
	if len(next) > 0 {
		indent = rest + "│  "
	}
	p.titled(first, indent, n.Title, note)
	if p.causes && n.failed != "" && note != "(see above)" {
		p.line(shorten(indent+firstLine(n.failed), width))
	}
	for i, child := range next {
		if i == len(next)-1 {
			p.tree(child, rest+"└─ ", rest+"   ", after)
		} else {
			p.tree(child, rest+"├─ ", rest+"│  ", after)
		}
	}
}

// titled writes a title and its note, on two lines when one is too short.
func (p *printer) titled(first, indent, title, note string) {
	if line := first + title + "  " + note; len([]rune(line)) <= width {
		p.line(line)
		return
	}
	p.line(first + middle(title, width-len([]rune(first))))
	if note != "" {
		p.line(shorten(indent+note, width))
	}
}

// middle leaves out the middle of what is too long: the bucket and the end of the key are what people look for.
func middle(text string, most int) string {
	runes := []rune(text)
	most = max(most, 20)
	if len(runes) <= most {
		return text
	}
	half := (most - 1) / 2
	return string(runes[:half]) + "…" + string(runes[len(runes)-(most-1-half):])
}

func shorten(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// Mermaid draws the graph as a flowchart: datasets are cylinders, jobs boxes, failed ones have a mark besides the word.
func (g *Graph) Mermaid(out io.Writer) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := map[*Node]string{}
	drawn := map[*Node]bool{}
	for _, n := range g.sources() {
		n.walk(drawn)
	}
	for _, n := range g.Nodes {
		if !drawn[n] {
			continue
		}
		ids[n] = fmt.Sprintf("n%d", len(ids)+1)
		label := quoted(n.Title)
		if note := n.note(); note != "" {
			label += "<br/>" + quoted(note)
		}
		shape := [2]string{`[("`, `")]`}
		if n.Job {
			shape = [2]string{`["`, `"]`}
		}
		fmt.Fprintf(&b, "    %s%s%s%s\n", ids[n], shape[0], label, shape[1])
	}
	for _, n := range g.Nodes {
		for _, next := range n.Next {
			fmt.Fprintf(&b, "    %s --> %s\n", ids[n], ids[next])
		}
	}
	var failed []string
	for _, n := range g.Nodes {
		if drawn[n] && n.states[Fail] > 0 {
			failed = append(failed, ids[n])
		}
	}
	if len(failed) > 0 {
		fmt.Fprintf(&b, "    classDef failed stroke:#b00020,stroke-width:3px\n    class %s failed\n", strings.Join(failed, ","))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// quoted is a text within a label: entities are Mermaid's way to write what would end it.
func quoted(text string) string {
	return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "`", "#96;", "\n", " ").Replace(text)
}
