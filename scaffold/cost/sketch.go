package cost

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// A sketch is a chart in characters, for a terminal.
const (
	sketchWidth  = 64
	sketchHeight = 12
)

// letters mark the curves. Where two lie on one character, the cheaper one shows.
const letters = "ABC"

// Sketch draws a question in characters.
func (q Question) Sketch(out io.Writer) error {
	if len(q.Choices) == 0 {
		return nil
	}
	p := newPlot(q)
	grid := make([][]byte, sketchHeight)
	for row := range grid {
		grid[row] = []byte(strings.Repeat(" ", sketchWidth))
	}
	for column := range sketchWidth {
		at := Float(math.Pow(10, p.left+(p.right-p.left)*float64(column)/(sketchWidth-1)))
		cheapest := cheapestAt(q.Choices, at)
		for i, choice := range q.Choices {
			value := choice.Curve.at(at).Float64()
			if value <= 0 {
				continue
			}
			share := (math.Log10(value) - p.low) / (p.high - p.low)
			row := sketchHeight - 1 - int(math.Round(share*(sketchHeight-1)))
			if row >= 0 && row < sketchHeight && (grid[row][column] == ' ' || choice.Name == cheapest) {
				grid[row][column] = letters[i]
			}
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\n", q.Title, q.Answer)
	for i, choice := range q.Choices {
		fmt.Fprintf(&text, "  %c %s", letters[i], choice.Name)
	}
	fmt.Fprintf(&text, "   USD a %s\n", q.Of)
	for row, line := range grid {
		label := ""
		switch row {
		case 0:
			label = decadeText(p.high)
		case sketchHeight - 1:
			label = decadeText(p.low)
		}
		fmt.Fprintf(&text, "%12s |%s\n", label, strings.TrimRight(string(line), " "))
	}
	right := decadeText(p.right)
	fmt.Fprintf(&text, "%12s +%s\n%14s%-*s%s  %s\n", "", strings.Repeat("-", sketchWidth), "", sketchWidth-len(right), decadeText(p.left), right, q.Axis)
	_, err := io.WriteString(out, text.String())
	return err
}
