package diagram

import (
	"context"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// fonts exist, or have a twin of the same widths, on every system; textWidth counts with a wider one.
const fonts = "Helvetica,Arial,'Liberation Sans','Noto Sans','DejaVu Sans',sans-serif"

// margin is around the picture, in pixels.
const margin = 20.0

// SVG draws the graph. The picture follows the page's color scheme, tells its title and what it shows to a screen reader, and needs
// nothing from elsewhere. Source: "Scalable Vector Graphics (SVG) 2"; "Media Queries Level 5", prefers-color-scheme; WAI-ARIA Graphics, read 2026-11.
func SVG(ctx context.Context, g *Graph) ([]byte, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	placed, err := place(ctx, g)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.Title, err)
	}
	s := svg{graph: g, layout: placed}
	s.draw()
	return []byte(s.out.String()), nil
}

type svg struct {
	graph  *Graph
	layout *layout
	out    strings.Builder
}

func (s *svg) printf(format string, arguments ...any) { fmt.Fprintf(&s.out, format, arguments...) }

func (s *svg) draw() {
	title, heading := extent(s.graph.Title, labelSize+2)
	heading += 14
	below := s.below()
	width := math.Ceil(max(s.layout.width, title, s.widest(below)) + 2*margin)
	top := margin + heading
	height := math.Ceil(top + s.layout.height + margin + float64(len(below))*kindSize*1.5)
	s.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="title desc" font-family="%s" font-size="%.0f" text-anchor="middle">`+"\n",
		width, height, width, height, fonts, labelSize)
	s.printf("<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n", escape(s.graph.Title), escape(s.graph.Description()))
	s.style()
	s.printf(`<rect class="page" x="0.5" y="0.5" width="%.0f" height="%.0f" rx="8"/>`+"\n", width-1, height-1)
	s.printf(`<text class="title" x="%.0f" y="%.1f" text-anchor="start">%s</text>`+"\n", margin, margin+labelSize, escape(s.graph.Title))
	s.printf(`<g transform="translate(%.1f %.1f)">`+"\n", (width-s.layout.width)/2, top)
	for _, group := range s.graph.Groups {
		s.group(group)
	}
	for i, e := range s.graph.Edges {
		s.edge(e, s.layout.edges[i])
	}
	for _, n := range s.graph.Nodes {
		s.node(n)
	}
	for i, e := range s.graph.Edges {
		s.edgeLabel(e, s.layout.edges[i])
	}
	s.printf("</g>\n")
	for i, line := range below {
		s.printf(`<text class="note" x="%.0f" y="%.1f" text-anchor="start">%s</text>`+"\n", margin, top+s.layout.height+margin+float64(i)*kindSize*1.5, escape(line))
	}
	s.printf("</svg>\n")
}

// below is what stands under the picture, in lines that fit.
func (s *svg) below() []string {
	var all []string
	most := max(s.layout.width, 480)
	for _, note := range s.graph.Notes {
		line := ""
		for word := range strings.FieldsSeq(note) {
			if longer := strings.TrimPrefix(line+" "+word, " "); textWidth(longer, kindSize) <= most || line == "" {
				line = longer
			} else {
				all, line = append(all, line), word
			}
		}
		all = append(all, line)
	}
	return all
}

func (s *svg) widest(lines []string) float64 {
	widest := 0.0
	for _, line := range lines {
		widest = max(widest, textWidth(line, kindSize))
	}
	return widest
}

// style writes the colors of the classes that are used, for a light page and for a dark one.
func (s *svg) style() {
	used := map[string]bool{"box": len(s.graph.Groups) > 0}
	for _, n := range s.graph.Nodes {
		used[class(n)] = true
	}
	for _, group := range s.graph.Groups {
		used[markClass(group.Mark)] = true
	}
	s.printf("<style>\n")
	s.printf("path,rect,ellipse,polygon{stroke-width:1.5}.edge,.sign{fill:none}.sign{stroke-width:2}.dash{stroke-dasharray:5 4}.taken{stroke-width:3}.kind,.note,.mark{font-size:%.0fpx}.mark{font-weight:bold}.title{font-size:%.0fpx;font-weight:bold}.label{font-size:%.0fpx;paint-order:stroke;stroke-width:4;stroke-linejoin:round}\n",
		kindSize, labelSize+2, labelSize-1)
	s.colors(used, false)
	s.printf("@media (prefers-color-scheme:dark){\n")
	s.colors(used, true)
	s.printf("}\n</style>\n")
}

func (s *svg) colors(used map[string]bool, dark bool) {
	paper := page.light
	if dark {
		paper = page.dark
	}
	s.printf(".page{fill:%s;stroke:%s;stroke-opacity:.35}.edge{stroke:%s}.tip{fill:%s;stroke:%s}.title,.note{fill:%s}.label{fill:%s;stroke:%s}\n",
		paper.fill, paper.line, paper.line, paper.line, paper.line, paper.text, paper.text, paper.fill)
	for _, p := range palette {
		if used[p.class] {
			look, dash := p.light, ""
			if dark {
				look = p.dark
			}
			if p.dashed && !dark {
				dash = ";stroke-dasharray:5 4"
			}
			s.printf(".%s .shape{fill:%s;stroke:%s%s}.%s text{fill:%s}.%s .sign{stroke:%s}\n",
				p.class, look.fill, look.line, dash, p.class, look.text, p.class, look.text)
		}
	}
}

func (s *svg) group(group Group) {
	at, ok := s.layout.groups[group.ID]
	if !ok {
		return // an empty group has no place
	}
	look := "box"
	if group.Mark.State != NoRun {
		look = markClass(group.Mark)
	}
	s.printf(`<g class="%s"><rect class="shape" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="10"/>`, look, at.x-at.width/2, at.y-at.height/2, at.width, at.height)
	s.printf(`<text x="%.1f" y="%.1f" text-anchor="start">%s</text></g>`+"\n", at.x-at.width/2+12, at.y-at.height/2+labelSize+6, escape(groupText(group)))
}

func (s *svg) edge(e Edge, way route) {
	look := "edge"
	if e.Dashed {
		look += " dash"
	}
	if e.Taken {
		look += " taken"
	}
	s.printf(`<path class="%s" d="M%.1f %.1f`, look, way.curve[0].x, way.curve[0].y)
	for i, p := range way.curve[1:] {
		letter := ' '
		if i%3 == 0 {
			letter = 'C'
		}
		s.printf("%c%.1f %.1f", letter, p.x, p.y)
	}
	last := way.curve[len(way.curve)-1]
	angle := math.Atan2(way.tip.y-last.y, way.tip.x-last.x)
	const half = 4.0
	side := point{-math.Sin(angle) * half, math.Cos(angle) * half}
	s.printf(`"/><polygon class="tip" points="%.1f,%.1f %.1f,%.1f %.1f,%.1f"/>`+"\n", way.tip.x, way.tip.y, last.x+side.x, last.y+side.y, last.x-side.x, last.y-side.y)
}

func (s *svg) edgeLabel(e Edge, way route) {
	if e.Label == "" {
		return
	}
	s.lines("label", edgeText(e), way.label, labelSize-1)
}

// lines writes a text around its middle.
func (s *svg) lines(class, text string, at point, size float64) {
	all := strings.Split(text, "\n")
	y := at.y - float64(len(all)-1)*size*lineRatio/2 + size*0.35
	for _, line := range all {
		s.printf(`<text class="%s" x="%.1f" y="%.1f">%s</text>`, class, at.x, y, escape(line))
		y += size * lineRatio
	}
	s.printf("\n")
}

func (s *svg) node(n Node) {
	at := s.layout.nodes[n.ID]
	s.printf(`<g class="%s">`, class(n))
	s.shape(n.Shape, at)
	_, height := extent(n.Label, labelSize)
	kind, mark := 0.0, 0.0
	if n.Kind != "" {
		kind = kindSize * lineRatio
	}
	if n.Mark.State != NoRun {
		mark = (kindSize+1)*lineRatio + 2
	}
	y := at.y - (kind+height+mark)/2
	if n.Shape == Store {
		y += 5
	}
	if n.Kind != "" {
		s.printf(`<text class="kind" x="%.1f" y="%.1f">%s</text>`, at.x, y+kindSize, escape(n.Kind))
	}
	s.lines("name", n.Label, point{at.x, y + kind + height/2}, labelSize)
	if n.Mark.State != NoRun {
		s.mark(n.Mark, point{at.x, y + kind + height + 2 + (kindSize+1)*0.95})
	}
	s.printf("</g>\n")
}

func (s *svg) shape(shape Shape, at box) {
	left, top := at.x-at.width/2, at.y-at.height/2
	switch shape {
	case Decision:
		s.printf(`<polygon class="shape" points="%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f"/>`,
			at.x, top, left+at.width, at.y, at.x, top+at.height, left, at.y)
	case Store:
		const lid = 7.0
		s.printf(`<path class="shape" d="M%.1f %.1fv%.1fa%.1f %.1f 0 0 0 %.1f 0v-%.1f"/><ellipse class="shape" cx="%.1f" cy="%.1f" rx="%.1f" ry="%.1f"/>`,
			left, top+lid, at.height-2*lid, at.width/2, lid, at.width, at.height-2*lid, at.x, top+lid, at.width/2, lid)
	default:
		round := 6.0
		if shape == Terminal {
			round = at.height / 2
		}
		s.printf(`<rect class="shape" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f"/>`, left, top, at.width, at.height, round)
	}
}

// mark writes how it went: a sign, the word, and how often or how long.
func (s *svg) mark(m Mark, at point) {
	text := m.String()
	x := at.x - textWidth(text, kindSize)/2/spare - 6
	s.sign(m.State, point{x, at.y - 4})
	s.printf(`<text class="mark" x="%.1f" y="%.1f">%s</text>`, at.x+7, at.y, escape(text))
}

// sign draws what the colors say, for whoever does not tell them apart: a tick, a cross, an exclamation mark, a clock, a bar.
func (s *svg) sign(state State, at point) {
	ways := map[State]string{
		Succeeded: "m-4 0l3 3.5l5.5 -7", Failed: "m-3.5 -3.5l7 7m0 -7l-7 7", CaughtError: "m0 -4.5v5.5m0 2.2v1.2", TimedOut: "m0 -4v4h3.5",
		InProgress: "m-4 0h1.5m1.8 0h1.5m1.8 0h1.5", Stopped: "m-3.5 0h7", NotReached: "m-2 0a2 2 0 1 0 4 0a2 2 0 1 0 -4 0",
	}
	s.printf(`<path class="sign" d="M%.1f %.1f%s"/>`, at.x, at.y, ways[state])
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}
