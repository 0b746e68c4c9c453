package cost

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// A chart is one panel for each question, in the width of a README. Both axes are logarithmic: bills and sizes span decades.
const (
	chartWidth  = 1000
	panelHeight = 380
	plotLeft    = 90
	plotRight   = 940
	plotTop     = 96
	plotBottom  = 312
)

// style colors the chart for a light and a dark page. Lines differ by their dashes, too: color is never the only signal.
const style = `
  :root { --page: #fcfcfb; --ink: #0b0b0b; --soft: #52514e; --grid: #e1e0d9; --axis: #898781; --a: #2a78d6; --b: #c2470f; --c: #12805a }
  @media (prefers-color-scheme: dark) {
    :root { --page: #1a1a19; --ink: #ffffff; --soft: #c3c2b7; --grid: #33332f; --axis: #898781; --a: #5a9cec; --b: #f0814f; --c: #3fc191 }
  }
  text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--soft) }
  .page { fill: var(--page) } .title { font-size: 19px; font-weight: 600; fill: var(--ink) } .answer { font-size: 15px; fill: var(--ink) }
  .grid { stroke: var(--grid); stroke-width: 1 } .axis { stroke: var(--axis); stroke-width: 1 }
  .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round } .at { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 4 }
  .point { fill: var(--page); stroke: var(--ink); stroke-width: 2 } .mark { fill: var(--ink); font-weight: 600; stroke: var(--page); stroke-width: 5; stroke-linejoin: round; paint-order: stroke }
`

var strokes = []struct{ color, dash string }{{"--a", ""}, {"--b", "9 5"}, {"--c", "2 5"}}

// SVG draws the questions that have an answer.
func SVG(questions []Question) []byte {
	var panels []Question
	for _, q := range questions {
		if len(q.Choices) > 0 {
			panels = append(panels, q)
		}
	}
	height := max(len(panels), 1) * panelHeight
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="Where the bills cross">`,
		chartWidth, height, chartWidth, height)
	fmt.Fprintf(&out, "\n<style>%s</style>\n<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n", style, chartWidth, height)
	for i, q := range panels {
		fmt.Fprintf(&out, "<g transform=\"translate(0 %d)\">\n", i*panelHeight)
		newPlot(q).draw(&out)
		out.WriteString("</g>\n")
	}
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// plot is a question in the units of its panel.
type plot struct {
	q                      Question
	left, right, low, high float64 // decades
}

func newPlot(q Question) *plot {
	p := &plot{q: q, left: math.Round(math.Log10(q.from.Float64())), right: math.Round(math.Log10(q.to.Float64()))}
	for _, b := range q.Breaks { // each must be seen
		p.left = math.Min(p.left, math.Floor(math.Log10(b.At.Float64())))
		p.right = math.Max(p.right, math.Ceil(math.Log10(b.At.Float64())))
	}
	p.low, p.high = math.Inf(1), math.Inf(-1)
	for _, choice := range q.Choices {
		for _, x := range p.samples(choice.Curve) {
			if y := choice.Curve.at(x).Float64(); y > 0 {
				p.low, p.high = math.Min(p.low, math.Log10(y)), math.Max(p.high, math.Log10(y))
			}
		}
	}
	if math.IsInf(p.low, 0) {
		p.low, p.high = 0, 1 // all is free
	}
	p.low, p.high = math.Floor(p.low), math.Ceil(p.high)
	if p.low == p.high {
		p.high++
	}
	return p
}

// samples are the quantities at which a curve is drawn: evenly on the axis, and at each of its corners.
func (p *plot) samples(c Curve) []Decimal {
	const count = 120
	var all []Decimal
	for i := range count + 1 {
		all = append(all, Float(math.Pow(10, p.left+(p.right-p.left)*float64(i)/count)))
	}
	for _, corner := range corners(c) {
		if corner.Cmp(all[0]) > 0 && corner.Cmp(all[count]) < 0 {
			all = append(all, corner)
		}
	}
	slices.SortFunc(all, Decimal.Cmp)
	return all
}

func (p *plot) x(decade float64) float64 {
	return plotLeft + (decade-p.left)/(p.right-p.left)*(plotRight-plotLeft)
}

func (p *plot) y(decade float64) float64 {
	return plotBottom - (decade-p.low)/(p.high-p.low)*(plotBottom-plotTop)
}

func (p *plot) draw(out *bytes.Buffer) {
	say := func(class string, x, y float64, anchor, text string) {
		fmt.Fprintf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", class, x, y, anchor, html.EscapeString(text))
	}
	say("title", plotLeft, 34, "start", p.q.Title)
	say("answer", plotLeft, 58, "start", p.q.Answer)
	p.axes(out, say)
	x := float64(plotLeft + 40)
	for i, choice := range p.q.Choices {
		stroke := strokes[i%len(strokes)]
		var points []string
		for _, at := range p.samples(choice.Curve) {
			if y := choice.Curve.at(at).Float64(); y > 0 {
				points = append(points, fmt.Sprintf("%.1f,%.1f", p.x(math.Log10(at.Float64())), p.y(math.Log10(y))))
			}
		}
		line := fmt.Sprintf(`style="stroke: var(%s)" stroke-dasharray="%s"`, stroke.color, stroke.dash)
		fmt.Fprintf(out, "<polyline class=\"curve\" %s points=\"%s\"/>\n", line, strings.Join(points, " "))
		fmt.Fprintf(out, "<line class=\"curve\" %s x1=\"%.0f\" x2=\"%.0f\" y1=\"78\" y2=\"78\"/>\n", line, x, x+34)
		say("name", x+42, 83, "start", choice.Name)
		x += 80 + 8*float64(len(choice.Name))
	}
	for i, b := range p.q.Breaks {
		x, y := p.x(math.Log10(b.At.Float64())), p.y(math.Log10(b.Amount.Float64()))
		fmt.Fprintf(out, "<line class=\"at\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%d\"/>\n<circle class=\"point\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n", x, x, y, plotBottom, x, y)
		anchor, aside := "end", x-10
		if x < plotLeft+200 || i > 0 {
			anchor, aside = "start", x+10
		}
		if x > plotRight-150 {
			anchor, aside = "end", x-10
		}
		say("mark", aside, math.Min(y+20, plotBottom-8), anchor, p.q.said(b.At))
	}
}

func (p *plot) axes(out *bytes.Buffer, say func(class string, x, y float64, anchor, text string)) {
	for decade := p.left; decade <= p.right; decade++ {
		x := p.x(decade)
		fmt.Fprintf(out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n", x, x, plotTop, plotBottom)
		say("tick", x, plotBottom+20, "middle", decadeText(decade))
	}
	step := math.Max(1, math.Ceil((p.high-p.low)/6))
	for decade := p.low; decade <= p.high; decade += step {
		y := p.y(decade)
		fmt.Fprintf(out, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", plotLeft, plotRight, y, y)
		say("tick", plotLeft-10, y+5, "end", decadeText(decade))
	}
	fmt.Fprintf(out, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", plotLeft, plotRight, plotBottom, plotBottom)
	say("tick", (plotLeft+plotRight)/2, plotBottom+42, "middle", p.q.Axis)
	say("tick", 18, plotTop-12, "start", "USD a "+p.q.Of)
}

// decadeText is a power of ten.
func decadeText(decade float64) string { return Float(math.Pow(10, math.Round(decade))).Plain() }
