package main

import (
	"context"
	"errors"
	"io"
	"os"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// screen shows one question at a time, with what the answers lead to beside it. It is the model of a Bubble Tea program.
type screen struct {
	talk    *interview
	page    page
	at      int // the number of the question, on its page
	input   textinput.Model
	picked  int    // the line that is on, of a list
	problem error  // what is wrong with the reply, once it was refused
	review  bool   // the question was chosen in the summary, and leads back to it
	end     ending // how it ended
	broken  error  // what is wrong with the program itself
	width   int
	height  int
}

type page int

const (
	offerPage page = iota // whether to go on from a draft
	questionPage
	summaryPage
)

type ending int

const (
	unfinished ending = iota
	agreed
	stopped
)

// The lines of the offer.
const (
	goOn = iota
	beginAnew
)

func screenAsker(ctx context.Context, talk *interview, in *os.File, out io.Writer) error {
	s := newScreen(talk)
	program := tea.NewProgram(s, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())
	_, err := program.Run()
	switch {
	case s.broken != nil:
		return s.broken
	case s.end == agreed:
		return nil
	case s.end == stopped, ctx.Err() != nil, errors.Is(err, tea.ErrInterrupted), err == nil:
		return errCanceled
	default:
		return err
	}
}

func newScreen(talk *interview) *screen {
	s := &screen{talk: talk, input: textinput.New(), width: 80, height: 24}
	s.input.Prompt = "> "
	s.input.SetVirtualCursor(false) // the terminal's own can be found by a magnifier
	s.input.SetStyles(textinput.Styles{})
	s.input.Focus()
	if len(talk.resume.Replies) == 0 {
		s.show(0)
	}
	return s
}

// Init implements tea.Model.
func (s *screen) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		s.press(msg)
	default:
		s.edit(msg)
	}
	if s.end != unfinished || s.broken != nil {
		return s, tea.Quit
	}
	return s, nil
}

func (s *screen) press(key tea.KeyPressMsg) {
	switch name := key.String(); name {
	case "ctrl+c":
		s.end = stopped
	case "enter", "tab":
		s.confirm()
	case "esc", "shift+tab":
		s.back()
	case "left":
		if s.list() > 0 || s.input.Position() == 0 {
			s.back()
			return
		}
		s.edit(key)
	case "up", "down", "home", "end":
		if s.list() == 0 {
			s.edit(key)
			return
		}
		s.move(name)
	case "y", "n":
		if s.page == questionPage && questions[s.at].kind == decision {
			s.pick(map[string]int{"y": 0, "n": 1}[name])
			return
		}
		s.edit(key)
	default:
		s.edit(key)
	}
}

// list is the number of lines among which one is on, 0 where a text is typed.
func (s *screen) list() int {
	switch s.page {
	case offerPage:
		return beginAnew + 1
	case summaryPage:
		return 1 + len(s.talk.asked())
	default:
		return len(questions[s.at].choices())
	}
}

func (s *screen) move(key string) {
	last := s.list() - 1
	switch key {
	case "up":
		s.pick(max(0, s.picked-1))
	case "down":
		s.pick(min(last, s.picked+1))
	case "home":
		s.pick(0)
	case "end":
		s.pick(last)
	}
}

// pick puts a line of a list on. What the answers lead to follows at once.
func (s *screen) pick(line int) {
	s.picked = line
	if s.page == questionPage {
		s.talk.replies[s.at] = questions[s.at].choices()[line].value
	}
}

// edit hands on what a text field understands: keys and what was pasted.
func (s *screen) edit(msg tea.Msg) {
	if s.page != questionPage || s.list() > 0 {
		return
	}
	s.input, _ = s.input.Update(msg) // commands only make a cursor blink, which is the terminal's here
	s.talk.replies[s.at] = s.input.Value()
	if s.problem != nil {
		s.problem = s.talk.check(s.at) // it goes away as soon as it is mended
	}
}

// show opens the page of a question, or the summary after the last one.
func (s *screen) show(i int) {
	s.picked, s.problem, s.page = 0, nil, questionPage
	if s.at = i; i == len(questions) {
		s.page, s.review = summaryPage, false
		return
	}
	for line, option := range questions[i].choices() {
		if option.value == s.talk.replies[i] {
			s.picked = line
		}
	}
	s.input.SetValue(s.talk.replies[i])
	s.input.CursorEnd()
	if s.talk.met[i] {
		s.problem = s.talk.check(i) // an earlier answer may have made it unfit since
	}
}

func (s *screen) confirm() {
	switch s.page {
	case offerPage:
		if s.picked == goOn {
			s.talk.takeUp()
			s.show(s.talk.open())
			return
		}
		s.show(0)
	case summaryPage:
		s.settle()
	case questionPage:
		if s.problem = s.talk.check(s.at); s.problem != nil {
			return
		}
		s.talk.met[s.at] = true
		if next := s.talk.after(s.at); next < len(questions) && !s.review {
			s.show(next)
			return
		}
		review := s.review
		s.show(s.talk.open())
		s.review = review && s.page == questionPage
	}
}

// settle ends the questions, or opens the answer that is on in the summary.
func (s *screen) settle() {
	if s.picked > 0 {
		s.show(s.talk.asked()[s.picked-1])
		s.review = true
		return
	}
	if open := s.talk.open(); open < len(questions) {
		s.show(open)
		s.review = true
		return
	}
	look, err := s.talk.outlook()
	if s.broken = err; err == nil && look.hurdle == nil {
		s.end = agreed
	}
}

// back returns to the question before, or from an answer that was opened in the summary to it. What was typed stays.
func (s *screen) back() {
	switch {
	case s.page == offerPage:
	case s.review:
		s.show(len(questions))
	default:
		if before, found := s.talk.before(s.at); found {
			s.show(before)
		}
	}
}

// choices are the options of a question that is not answered with a text.
func (q *question) choices() []option {
	if q.kind == decision {
		// Not two buttons, of which only the color says which one is on.
		return []option{{yes, yes}, {no, no}}
	}
	return q.options
}
