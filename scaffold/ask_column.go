package main

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
)

// column is lines of a limited width.
type column struct {
	width int
	lines []string
	focus int  // the first line of what is on, or the line in which something is typed
	last  int  // the last line of what is on
	typed bool // something is typed there
}

func (c *column) blank() { c.lines = append(c.lines, "") }

// add wraps a text. Its further lines are indented as the first one is, and by what marks the first one.
func (c *column) add(style lipgloss.Style, mark, text string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		body := strings.TrimLeft(paragraph, " ")
		indent := strings.Repeat(" ", len(paragraph)-len(body))
		room := max(1, c.width-lipgloss.Width(mark)-len(indent))
		for _, line := range wrap(body, room) {
			c.lines = append(c.lines, style.Render(mark+indent+line))
			mark = strings.Repeat(" ", lipgloss.Width(mark))
		}
	}
}

// wrap breaks a text at its spaces, and only a word that is too long for a line elsewhere: a schedule or a name stays whole.
func wrap(text string, width int) []string {
	if lipgloss.Width(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && lipgloss.Width(line+" "+word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for lipgloss.Width(word) > width {
			runes := []rune(word)
			n := len(runes)
			for n > 1 && lipgloss.Width(string(runes[:n])) > width {
				n--
			}
			lines, word = append(lines, string(runes[:n])), string(runes[n:])
		}
		line = word
	}
	return append(lines, line)
}

// addAnswer is a line of the summary. A long reply is wrapped beside its key, or below where that is too narrow.
func (c *column) addAnswer(picked bool, answer option) {
	const least = 16 // columns for a reply
	key, reply := answer.value, answer.label
	if c.width-lipgloss.Width("> "+key) < min(least, lipgloss.Width(reply)) {
		c.addItem(picked, strings.TrimRight(key, " ")+"\n    "+reply)
		return
	}
	c.addMarked(picked, key, reply)
}

// addKeys wraps what can be pressed, each key with what it does.
func (c *column) addKeys(keys []string) {
	const between = " · "
	line := keys[0]
	for _, key := range keys[1:] {
		if lipgloss.Width(line+between+key) > c.width {
			c.lines = append(c.lines, faintStyle.Render(line))
			line = key
			continue
		}
		line += between + key
	}
	c.lines = append(c.lines, faintStyle.Render(line))
}

// addItem is a line of a list, of which the one that is picked has a mark.
func (c *column) addItem(picked bool, text string) { c.addMarked(picked, "", text) }

func (c *column) addMarked(picked bool, key, text string) {
	if !picked {
		c.add(plainStyle, "  "+key, text)
		return
	}
	c.focus = len(c.lines)
	c.add(pickedStyle, "> "+key, text)
	c.last = len(c.lines) - 1
}

// border stands between two columns.
const border = " │ "

// fit scrolls to what is on. What is lost stands above it, or below.
func (c *column) fit(height int) {
	if len(c.lines) <= height {
		return
	}
	from := min(max(0, c.last+1-height), c.focus, len(c.lines)-height)
	c.lines, c.focus, c.last = c.lines[from:from+height], c.focus-from, c.last-from
}

// beside puts another column on the right.
func (c *column) beside(other *column, height int) {
	for len(c.lines) < height {
		c.blank()
	}
	for i, line := range c.lines {
		gap := strings.Repeat(" ", max(0, c.width-lipgloss.Width(line)))
		right := ""
		if i < len(other.lines) {
			right = other.lines[i]
		}
		c.lines[i] = line + gap + faintStyle.Render(border) + right
	}
}

// ruled is how many lines stand between two columns of which one is above the other.
const ruled = 2

// above puts another column below, if there is something in it.
func (c *column) above(other *column, height int) {
	if len(other.lines) > 0 {
		c.lines = append(c.lines, "", faintStyle.Render(strings.Repeat("─", other.width)))
		c.lines = append(c.lines, other.lines...)
	}
	for len(c.lines) < height {
		c.blank()
	}
}

// addWhole adds what is drawn if all of it fits, and says so.
func (c *column) addWhole(height int, draw func(*column)) bool {
	part := &column{width: c.width}
	draw(part)
	fits := len(c.lines)+len(part.lines) <= height
	if fits {
		c.lines = append(c.lines, part.lines...)
	}
	return fits
}

// ellipsis keeps a text on one line.
func ellipsis(text string, width int) string {
	if lipgloss.Width(text) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && lipgloss.Width(string(runes)) > width-3 {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "..."
}

func bullets(items []string) []string { return slices.Repeat([]string{"- "}, len(items)) }

// addList is a heading and as many items, each with its mark, as there is room for; the first ones stand together or not at all.
// It says whether all are there.
func (c *column) addList(height, together int, heading string, marks, items []string) bool {
	for next := 0; next < len(items); {
		end := max(next+1, together)
		fits := c.addWhole(height, func(c *column) {
			if next == 0 {
				c.blank()
				c.add(faintStyle, "", heading)
			}
			for i := next; i < end; i++ {
				c.add(plainStyle, marks[i], items[i])
			}
		})
		if !fits {
			return false
		}
		next = end
	}
	return true
}
