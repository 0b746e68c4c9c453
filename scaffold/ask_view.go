package main

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// Rules of the screen. The question stands on the left and what the answers lead to on the right; where that is too narrow,
// below. The keys that do something stand on the last line. What does not fit is cut from the outlook, never from the
// question. A mark says what a color says: > is on, ! is wrong. The sixteen colors are the terminal's own, for dark and light.

const (
	sideBySide = 96 // columns from which the outlook stands beside the question
	margin     = 1
)

var (
	titleStyle   = lipgloss.NewStyle().Bold(true)
	faintStyle   = lipgloss.NewStyle().Faint(true)
	pickedStyle  = lipgloss.NewStyle().Foreground(lipgloss.Cyan).Bold(true)
	problemStyle = lipgloss.NewStyle().Foreground(lipgloss.Red)
	serviceStyle = lipgloss.NewStyle().Foreground(lipgloss.Green).Bold(true)
)

// column is lines of a limited width.
type column struct {
	width int
	lines []string
	caret int // the line in which something is typed, -1 without one
}

func (c *column) blank() { c.lines = append(c.lines, "") }

// add wraps a text. Its further lines are indented as the first one is, and by what marks the first one.
func (c *column) add(style lipgloss.Style, mark, text string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		body := strings.TrimLeft(paragraph, " ")
		indent := strings.Repeat(" ", len(paragraph)-len(body))
		room := max(10, c.width-lipgloss.Width(mark)-len(indent))
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

// addItem is a line of a list, of which the one that is picked has a mark.
func (c *column) addItem(picked bool, text string) {
	if picked {
		c.add(pickedStyle, "> ", text)
		return
	}
	c.add(lipgloss.NewStyle(), "  ", text)
}

// View implements tea.Model.
func (s *screen) View() tea.View {
	view := tea.NewView("")
	view.AltScreen = true
	if s.end != unfinished {
		return view
	}
	look, err := s.talk.outlook()
	if err != nil {
		s.broken = err
		return view
	}
	room := max(20, s.width-2*margin)
	width := room
	if s.width >= sideBySide {
		width = room * 3 / 5
	}
	keys := &column{width: room}
	keys.add(faintStyle, "", s.keys())
	height := s.height - len(keys.lines) - 1
	question := s.ask(width, height, look)
	if s.width >= sideBySide {
		question.beside(s.forecast(room-width-3, look), height)
	} else {
		question.above(s.forecast(room, look), height)
	}
	lines := append(question.lines, "")
	lines = append(lines, keys.lines...)
	for i, line := range lines {
		lines[i] = strings.Repeat(" ", margin) + line
	}
	view.SetContent(strings.Join(lines, "\n"))
	if question.caret >= 0 {
		view.Cursor = s.input.Cursor()
		view.Cursor.Position.X += margin
		view.Cursor.Position.Y = question.caret
	}
	return view
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
		c.lines[i] = line + gap + faintStyle.Render(" │ ") + right
	}
}

// above puts as much of another column below as there is room for.
func (c *column) above(other *column, height int) {
	rule := faintStyle.Render(strings.Repeat("─", other.width))
	if free := height - len(c.lines) - 2; free > 0 {
		c.lines = append(c.lines, "", rule)
		c.lines = append(c.lines, other.lines[:min(free, len(other.lines))]...)
	}
	for len(c.lines) < height {
		c.blank()
	}
}

// ask is the page without the outlook.
func (s *screen) ask(width, height int, look *outlook) *column {
	c := &column{width: width, caret: -1}
	switch s.page {
	case offerPage:
		s.askOffer(c)
	case summaryPage:
		s.askSummary(c, height, look)
	default:
		s.askQuestion(c)
	}
	return c
}

func (s *screen) askOffer(c *column) {
	c.add(faintStyle, "", "scaffold new "+s.talk.dir)
	c.blank()
	c.add(titleStyle, "", "Go on from where you left?")
	c.add(faintStyle, "", s.talk.resume.offer())
	c.blank()
	c.addItem(s.picked == goOn, "go on with these answers")
	c.addItem(s.picked == beginAnew, "begin anew")
}

func (s *screen) askQuestion(c *column) {
	question, number, asked := &questions[s.at], 0, s.talk.asked()
	for n, i := range asked {
		if i == s.at {
			number = n + 1
		}
	}
	c.add(faintStyle, "", fmt.Sprintf("scaffold new %s: question %d of %d", s.talk.dir, number, len(asked)))
	c.blank()
	c.add(titleStyle, "", question.title)
	c.add(faintStyle, "", question.why)
	c.blank()
	for line, option := range question.choices() {
		c.addItem(line == s.picked, option.label)
	}
	if question.kind == open {
		s.input.SetWidth(c.width - lipgloss.Width(s.input.Prompt) - 1)
		c.caret = len(c.lines)
		c.lines = append(c.lines, s.input.View())
	}
	if s.problem != nil {
		c.blank()
		c.add(problemStyle, "! ", s.problem.Error())
	}
}

func (s *screen) askSummary(c *column, height int, look *outlook) {
	c.add(faintStyle, "", "scaffold new "+s.talk.dir+": the summary")
	c.blank()
	c.add(titleStyle, "", "Write the project?")
	c.add(faintStyle, "", "Nothing has been written yet. Each answer can still be changed.")
	c.blank()
	c.addItem(s.picked == 0, "write it into "+s.talk.dir)
	c.blank()
	if look.hurdle != nil {
		c.add(problemStyle, "! ", look.hurdle.Error())
		c.blank()
	}
	// The list scrolls: it keeps the picked line within what the window holds.
	answers := s.talk.summary()
	shown := len(answers)
	if room := height - len(c.lines); room < shown {
		shown = min(shown, max(3, room-1))
	}
	first := min(max(0, s.picked-shown), len(answers)-shown)
	for i, answer := range answers[first : first+shown] {
		c.addItem(first+i+1 == s.picked, ellipsis(answer, c.width-2))
	}
	if hidden := len(answers) - shown; hidden > 0 {
		c.add(faintStyle, "  ", fmt.Sprintf("(%d more, up and down show them)", hidden))
	}
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

// forecast is what the answers so far lead to.
func (s *screen) forecast(width int, look *outlook) *column {
	c := &column{width: width, caret: -1}
	lead := "So far, with the defaults for the rest, this leads to"
	if s.talk.open() == len(questions) {
		lead = "This leads to"
	}
	c.add(faintStyle, "", lead)
	c.add(serviceStyle, "", look.service)
	for _, line := range look.bill {
		c.add(lipgloss.NewStyle(), "", line)
	}
	c.add(lipgloss.NewStyle(), "", look.reason)
	if len(look.changes) > 0 {
		c.blank()
		c.add(faintStyle, "", "It would change with one of")
		for _, change := range look.changes[:min(3, len(look.changes))] {
			c.add(lipgloss.NewStyle(), "- ", change)
		}
	}
	c.blank()
	c.add(faintStyle, "", "Why not")
	for _, other := range look.against {
		c.add(lipgloss.NewStyle(), "- ", other)
	}
	return c
}

// keys says what can be pressed here.
func (s *screen) keys() string {
	switch {
	case s.page == offerPage:
		return "up/down choose · enter take it · ctrl+c stop"
	case s.page == summaryPage:
		return "up/down choose · enter write, or change the answer · esc back · ctrl+c stop and keep the answers"
	case questions[s.at].kind == decision:
		return "up/down or y/n choose · enter next · esc back · ctrl+c stop and keep the answers"
	case questions[s.at].kind == choice:
		return "up/down choose · enter next · esc back · ctrl+c stop and keep the answers"
	default:
		return "type the answer · ctrl+u empties it · enter next · esc back · ctrl+c stop and keep the answers"
	}
}
