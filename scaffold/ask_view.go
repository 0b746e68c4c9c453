package main

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// Rules of the screen. The question stands on the left and what the answers lead to on the right; where that is too narrow,
// below. The keys that do something stand on the last line. What does not fit is left out of the outlook, whole paragraphs from
// its end, never of the question: that scrolls. A mark says what a color says: > is on, ! is wrong. The sixteen colors are the
// terminal's own, for dark and light; what has to be read has the terminal's own foreground.

const (
	sideBySide = 76 // columns from which the outlook stands beside the question
	margin     = 1
)

var (
	plainStyle   = lipgloss.NewStyle()
	titleStyle   = lipgloss.NewStyle().Bold(true)
	faintStyle   = lipgloss.NewStyle().Faint(true)
	pickedStyle  = lipgloss.NewStyle().Foreground(lipgloss.Cyan).Bold(true)
	problemStyle = lipgloss.NewStyle().Foreground(lipgloss.Red)
	serviceStyle = lipgloss.NewStyle().Foreground(lipgloss.Green).Bold(true)
)

// View implements tea.Model.
func (s *screen) View() tea.View {
	view := tea.NewView("")
	view.AltScreen = true
	if s.end != unfinished || s.width == 0 {
		return view
	}
	look, err := s.about().outlook()
	if err != nil {
		s.broken = err
		return view
	}
	room := max(20, s.width-2*margin)
	keys := &column{width: room}
	keys.addKeys(s.keys(look))
	keys.lines = keys.lines[:min(len(keys.lines), max(1, s.height/5))]
	height := max(1, s.height-len(keys.lines)-1)
	var page *column
	if s.width >= sideBySide {
		page = s.ask(room*11/20, height, look)
		page.fit(height)
		page.beside(s.forecast(room-page.width-lipgloss.Width(border), height, look), height)
	} else {
		page = s.ask(room, height, look)
		page.fit(height)
		page.above(s.forecast(room, height-len(page.lines)-ruled, look), height)
	}
	lines := append(page.lines, "")
	lines = append(lines, keys.lines...)
	for i, line := range lines {
		lines[i] = strings.Repeat(" ", margin) + line
	}
	view.SetContent(strings.Join(lines, "\n"))
	if page.typed {
		view.Cursor = s.input.Cursor()
		view.Cursor.X += margin
		view.Cursor.Y = page.focus
	}
	return view
}

// about is the answers that the outlook is about: the kept ones while they are offered.
func (s *screen) about() *interview {
	if s.page != offerPage || s.picked != goOn {
		return s.talk
	}
	kept := *s.talk
	kept.replies, kept.met = slices.Clone(kept.replies), slices.Clone(kept.met)
	kept.takeUp()
	return &kept
}

// ask is the page without the outlook.
func (s *screen) ask(width, height int, look *outlook) *column {
	c := &column{width: width}
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
	c.add(plainStyle, "", s.talk.resume.offer())
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
	c.add(plainStyle, "", question.why)
	c.blank()
	for line, option := range question.choices() {
		c.addItem(line == s.picked, option.label)
	}
	if question.kind == open {
		s.input.SetWidth(c.width - lipgloss.Width(s.input.Prompt) - 1)
		c.focus, c.last, c.typed = len(c.lines), len(c.lines), true
		c.lines = append(c.lines, s.input.View())
	}
	if s.problem != nil {
		c.blank()
		c.add(problemStyle, "! ", s.problem.Error())
	}
	if question.kind == open && len(question.options) > 0 {
		c.blank()
		for _, row := range table(question.options) {
			c.add(plainStyle, "  "+row.value, row.label)
		}
	}
}

func (s *screen) askSummary(c *column, height int, look *outlook) {
	c.add(faintStyle, "", "scaffold new "+s.talk.dir+": the summary")
	c.blank()
	c.add(titleStyle, "", "Write the project?")
	c.add(plainStyle, "", "Nothing has been written yet. Each answer can still be changed.")
	c.blank()
	write := "write it into " + s.talk.dir
	if look.hurdle != nil {
		write = "not with these answers: change one"
	}
	c.addItem(s.picked == 0, write)
	c.blank()
	if look.hurdle != nil {
		c.add(problemStyle, "! ", look.hurdle.Error())
		c.blank()
	}
	list := &column{width: c.width}
	for i, answer := range s.talk.summary() {
		list.addAnswer(i+1 == s.picked, answer)
	}
	// The list scrolls, and leaves the lines of the outlook that say the most.
	const bill = ruled + 7
	room := height - len(c.lines)
	if s.width < sideBySide && room > 2*bill {
		room -= bill
	}
	if room < len(list.lines) {
		list.fit(max(3, room-1))
		list.add(faintStyle, "  ", "(more: up and down)")
	}
	if s.picked > 0 {
		c.focus, c.last = len(c.lines)+list.focus, len(c.lines)+list.last
	}
	c.lines = append(c.lines, list.lines...)
}

// forecast is what the answers so far lead to, as far as there is room for it: the service, its bill and its reason, then the
// others with theirs, what would change the choice, and what spoke against the others.
func (s *screen) forecast(width, height int, look *outlook) *column {
	c := &column{width: width}
	lead := "So far, defaults for the rest"
	if s.about().open() == len(questions) {
		lead = "Your answers lead to"
	}
	service := func(c *column) {
		c.add(serviceStyle, "", look.service)
		for _, line := range look.costs() {
			c.add(plainStyle, line.usd+" ", line.what)
		}
	}
	fits := c.addWhole(height, func(c *column) {
		c.add(faintStyle, "", lead)
		service(c)
		for _, line := range look.basis() {
			c.add(faintStyle, "", line)
		}
	})
	if !fits {
		if !c.addWhole(height, service) {
			c.addWhole(height, func(c *column) { c.add(serviceStyle, "", ellipsis(look.line(), width)) })
		}
		return c
	}
	var against []string
	for _, other := range look.others {
		if other.bill != nil && other.against != "" {
			against = append(against, other.service+": "+other.against)
		}
	}
	reason := func(c *column) {
		c.blank()
		c.add(plainStyle, "", look.reason)
	}
	// As far as there is room: what comes after something that has none is left out too.
	if c.addWhole(height, reason) && c.addOthers(height, look.others) &&
		c.addList(height, 1, "Another answer, another service", bullets(look.changes), look.changes) {
		c.addList(height, 1, "What speaks against them", bullets(against), against)
	}
	return c
}

// addOthers lists what was not chosen: with its bill, so that it can be compared, or as what cannot do the work.
func (c *column) addOthers(height int, others []other) bool {
	const cannot = "cannot"
	var amounts []string
	for _, other := range others {
		if other.bill != nil {
			amounts = append(amounts, other.bill.PerMonth.Short())
		}
	}
	able := len(amounts) // they stand first
	amounts = aligned(amounts...)
	width := len(cannot)
	if able > 0 {
		width = max(width, len(amounts[0]))
	}
	var marks, services []string
	for i, other := range others {
		mark := cannot
		if i < able {
			mark = amounts[i]
		}
		marks, services = append(marks, fmt.Sprintf("%*s  ", width, mark)), append(services, other.service)
	}
	return c.addList(height, able, "Instead, USD a month", marks, services)
}

// keys says what can be pressed here.
func (s *screen) keys(look *outlook) []string {
	const move, stop = "up/down choose", "ctrl+c stop for now"
	var keys []string
	switch {
	case s.page == offerPage:
		return []string{move, "enter take it", stop}
	case s.page == summaryPage && s.picked == 0 && look.hurdle != nil:
		return []string{move, "esc back", stop}
	case s.page == summaryPage && s.picked == 0:
		return []string{move, "enter write", "esc back", stop}
	case s.page == summaryPage:
		return []string{move, "enter change it", "esc back", stop}
	case questions[s.at].kind == decision:
		keys = []string{"up/down or y/n choose"}
	case questions[s.at].kind == choice:
		keys = []string{move}
	default:
		keys = []string{"type the answer", "ctrl+u clear"}
	}
	if s.review {
		return append(keys, "enter take it", "esc leave as it was", stop)
	}
	keys = append(keys, "enter next")
	if _, found := s.talk.before(s.at); found {
		keys = append(keys, "esc back")
	}
	return append(keys, stop)
}
