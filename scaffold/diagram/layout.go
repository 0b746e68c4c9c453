package diagram

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// readable is how wide a picture may be before its letters get too small on a page that is 1,000 pixels wide.
const readable = 1000

// Distances, in pixels, which are Graphviz's points here.
const (
	padX, padY = 16.0, 10.0 // between a text and its outline
	labelWrap  = 30         // letters in a line of an edge's label
)

// point is a place; y grows downwards.
type point struct{ x, y float64 }

// box is a place with a size around its middle.
type box struct{ x, y, width, height float64 }

// layout is where everything stands.
type layout struct {
	width, height float64
	nodes         map[string]box
	groups        map[string]box
	edges         []route // in the order of the graph's
}

// route is the way of an edge: a Bézier curve, the tip of its arrow, and the middle of its label.
type route struct {
	curve []point
	tip   point
	label point
}

// place lays the graph out in the direction that it asks for, or in the other one where that keeps it readable.
func place(ctx context.Context, g *Graph) (*layout, error) {
	first, err := placeIn(ctx, g, g.Across)
	if err != nil || first.width <= readable {
		return first, err
	}
	second, err := placeIn(ctx, g, !g.Across)
	if err != nil || second.width >= first.width {
		return first, err
	}
	return second, nil
}

func placeIn(ctx context.Context, g *Graph, across bool) (*layout, error) {
	text, err := layoutJSON(ctx, dot(g, across))
	if err != nil {
		return nil, err
	}
	return readLayout(g, text)
}

// dot is the graph in Graphviz's language: nodes have their sizes already, and names that need no care.
func dot(g *Graph, across bool) string {
	d := dotWriter{graph: g, names: map[string]string{}}
	direction := "TB"
	if across {
		direction = "LR"
	}
	fmt.Fprintf(&d.out, "digraph {\n graph [rankdir=%s compound=true nodesep=0.35 ranksep=0.5 fontname=Helvetica fontsize=12 remincross=true]\n", direction)
	d.out.WriteString(" node [shape=box fixedsize=true label=\"\"]\n edge [fontname=Helvetica fontsize=13 arrowsize=0.8]\n")
	for i, n := range g.Nodes {
		d.names[n.ID] = "n" + strconv.Itoa(i)
	}
	for i, group := range g.Groups {
		d.names[group.ID] = "cluster_" + strconv.Itoa(i)
	}
	d.level("")
	d.out.WriteString("}\n")
	return d.out.String()
}

type dotWriter struct {
	graph *Graph
	names map[string]string
	out   strings.Builder
}

func (d *dotWriter) level(group string) {
	const inch = 72
	for _, n := range d.graph.Nodes {
		if n.Group == group {
			width, height := nodeSize(n)
			shape := "box"
			if n.Shape == Decision {
				shape = "diamond"
			}
			fmt.Fprintf(&d.out, " %s [shape=%s width=%.3f height=%.3f]\n", d.names[n.ID], shape, width/inch, height/inch)
		}
	}
	for _, inner := range d.graph.Groups {
		if inner.Within == group {
			fmt.Fprintf(&d.out, " subgraph %s { margin=16 labeljust=l label=%s\n", d.names[inner.ID], spacer(groupText(inner), labelSize))
			d.level(inner.ID)
			d.out.WriteString(" }\n")
		}
	}
	for i, e := range d.graph.Edges {
		if d.home(e) == group {
			d.edge(i, e)
		}
	}
}

// home is the innermost group that an edge stays in: there it is written, so that the box has room for its label.
func (d *dotWriter) home(e Edge) string {
	from, to := d.around(e.From), d.around(e.To)
	for _, group := range from {
		if slices.Contains(to, group) {
			return group
		}
	}
	return ""
}

// around lists the groups that a node or a group stands in, the innermost first.
func (d *dotWriter) around(id string) []string {
	var all []string
	inner := ""
	if n := d.graph.node(id); n != nil {
		inner = n.Group
	} else if group := d.graph.group(id); group != nil {
		inner = group.Within
	}
	for inner != "" {
		all = append(all, inner)
		inner = d.graph.group(inner).Within
	}
	return all
}

func (d *dotWriter) edge(number int, e Edge) {
	from, to, ends := e.From, e.To, ""
	if d.graph.group(from) != nil {
		ends += " ltail=" + d.names[from]
		from = d.member(from, true)
	}
	if d.graph.group(to) != nil {
		ends += " lhead=" + d.names[to]
		to = d.member(to, false)
	}
	label := "weight=4"
	if e.Dashed {
		label = "weight=1"
	}
	if e.Label != "" {
		label += " label=" + spacer(edgeText(e), labelSize-1)
	}
	fmt.Fprintf(&d.out, " %s -> %s [number=%d %s%s]\n", d.names[from], d.names[to], number, label, ends)
}

// member is the node of a group that an edge of the group is drawn from, the last one, or to, the first one.
func (d *dotWriter) member(group string, last bool) string {
	found := ""
	for _, n := range d.graph.Nodes {
		if d.graph.within(n.Group, group) && (found == "" || last) {
			found = n.ID
		}
	}
	return found
}

// spacer keeps room for a text of which Graphviz knows only the size.
func spacer(text string, size float64) string {
	width, height := extent(text, size)
	return fmt.Sprintf(`<<table border="0" cellborder="0" cellpadding="0" cellspacing="0"><tr><td fixedsize="true" width="%.0f" height="%.0f"></td></tr></table>>`,
		math.Ceil(width+16), math.Ceil(height+4))
}

// edgeText is a label in lines: its own ones, or of a length that fits.
func edgeText(e Edge) string {
	if strings.Contains(e.Label, "\n") {
		return e.Label
	}
	return Wrap(e.Label, labelWrap)
}

func groupText(group Group) string {
	text := group.Label
	if group.Kind != "" {
		text = group.Kind + ": " + text
	}
	if group.Mark.State != NoRun {
		text += ": " + group.Mark.String()
	}
	return text
}

// nodeSize is how large a node must be for its texts.
func nodeSize(n Node) (width, height float64) {
	width, height = extent(n.Label, labelSize)
	if n.Kind != "" {
		kind, line := extent(n.Kind, kindSize)
		width, height = max(width, kind), height+line
	}
	if n.Mark.State != NoRun {
		mark, line := extent(n.Mark.String(), kindSize+1)
		const badge = 18
		width, height = max(width, mark+badge), height+line+2
	}
	width, height = width+2*padX, height+2*padY
	switch n.Shape {
	case Decision: // the text stands in the middle of the diamond, where it is widest
		return max(width*1.35, 120), max(height*1.55, 64)
	case Store:
		return max(width, 96), height + 14
	}
	return max(width, 84), height
}

// placedGraph is what Graphviz says of the places. Source: Graphviz documentation, "Output formats: json0", read 2026-11.
type placedGraph struct {
	BB      string
	Objects []placedObject
	Edges   []struct{ Pos, LP, Number string }
}

// placedObject is a node, with its middle, or a cluster, with its corners.
type placedObject struct{ Name, Pos, BB string }

// readLayout reads what Graphviz says of the places. Its y grows upwards.
func readLayout(g *Graph, text []byte) (*layout, error) {
	var read placedGraph
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	bounds, err := numbers(read.BB, 4)
	if err != nil {
		return nil, err
	}
	l := &layout{width: bounds[2], height: bounds[3], nodes: map[string]box{}, groups: map[string]box{}, edges: make([]route, len(g.Edges))}
	for _, object := range read.Objects {
		if err = l.readObject(g, object); err != nil {
			return nil, err
		}
	}
	if len(read.Edges) != len(g.Edges) {
		return nil, fmt.Errorf("read the layout: got %d edges, expected %d", len(read.Edges), len(g.Edges))
	}
	for _, edge := range read.Edges {
		index, err := strconv.Atoi(edge.Number)
		if err != nil || index < 0 || index >= len(g.Edges) {
			return nil, fmt.Errorf("read the layout: got the edge %q", edge.Number)
		}
		if l.edges[index], err = l.route(edge.Pos, edge.LP); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *layout) readObject(g *Graph, object placedObject) error {
	number, isGroup := strings.CutPrefix(object.Name, "cluster_")
	index, err := strconv.Atoi(strings.TrimPrefix(number, "n"))
	switch {
	case err != nil || index < 0 || isGroup && index >= len(g.Groups) || !isGroup && index >= len(g.Nodes):
		return fmt.Errorf("read the layout: got an object %q", object.Name)
	case isGroup:
		corners, faulty := numbers(object.BB, 4)
		if faulty != nil {
			return faulty
		}
		l.groups[g.Groups[index].ID] = box{
			(corners[0] + corners[2]) / 2, l.height - (corners[1]+corners[3])/2, corners[2] - corners[0], corners[3] - corners[1],
		}
		return nil
	}
	at, err := numbers(object.Pos, 2)
	if err != nil {
		return err
	}
	width, height := nodeSize(g.Nodes[index])
	l.nodes[g.Nodes[index].ID] = box{at[0], l.height - at[1], width, height}
	return nil
}

// route reads "e,x,y x,y x,y ...": the tip of the arrow, then the points of the curve.
// Source: Graphviz documentation, "splineType", read 2026-11.
func (l *layout) route(pos, label string) (route, error) {
	var way route
	for word := range strings.FieldsSeq(pos) {
		tip, isTip := strings.CutPrefix(word, "e,")
		at, err := numbers(tip, 2)
		if err != nil {
			return way, err
		}
		here := point{at[0], l.height - at[1]}
		if isTip {
			way.tip = here
		} else {
			way.curve = append(way.curve, here)
		}
	}
	if len(way.curve) < 4 {
		return way, fmt.Errorf("read the layout: got the way %q", pos)
	}
	if label == "" {
		return way, nil
	}
	at, err := numbers(label, 2)
	if err != nil {
		return way, err
	}
	way.label = point{at[0], l.height - at[1]}
	return way, nil
}

// numbers reads so many of them, with commas between.
func numbers(text string, count int) ([]float64, error) {
	var all []float64
	for part := range strings.SplitSeq(text, ",") {
		number, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return nil, fmt.Errorf("read the layout: got the place %q", text)
		}
		all = append(all, number)
	}
	if len(all) != count {
		return nil, fmt.Errorf("read the layout: got %d numbers in %q, expected %d", len(all), text, count)
	}
	return all, nil
}
