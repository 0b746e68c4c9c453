package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
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
	was     string // the reply before the review
	end     ending // how it ended
	broken  error  // what is wrong with the program itself
	width   int    // 0 until the window has said it, which it does at once
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
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler()}
	if os.Getenv("NO_COLOR") != "" {
		// Whatever its value is, says https://no-color.org; the library takes only true.
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	program := tea.NewProgram(s, options...)
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
	s := &screen{talk: talk, input: textinput.New()}
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
		// A terminal that does not know its size says 0: it has that of the first ones.
		s.width, s.height = cmp.Or(msg.Width, 80), cmp.Or(msg.Height, 24)
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
		if s.list() > 0 {
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
		if open := s.talk.open(); s.review && open < len(questions) {
			s.open(open)
			return
		}
		s.show(s.talk.open())
	}
}

// settle ends the questions, or opens the answer that is on in the summary.
func (s *screen) settle() {
	if s.picked > 0 {
		s.open(s.talk.asked()[s.picked-1])
		return
	}
	if open := s.talk.open(); open < len(questions) {
		s.open(open)
		return
	}
	look, err := s.talk.outlook()
	if s.broken = err; err == nil && look.hurdle == nil {
		s.end = agreed
	}
}

// open shows the question of an answer that is to be changed, and then the summary again.
func (s *screen) open(i int) {
	s.show(i)
	s.review, s.was = true, s.talk.replies[i]
}

// back returns to the question before, where what was typed stays, or from an answer that was opened in the summary to it,
// where nothing has changed.
func (s *screen) back() {
	switch {
	case s.page == offerPage:
	case s.review:
		at := s.at
		s.talk.replies[at] = s.was
		s.show(len(questions))
		s.picked = s.line(at)
	default:
		if before, found := s.talk.before(s.at); found {
			s.show(before)
		}
	}
}

// line is the line of the summary that holds an answer, or the first one if it is not asked for.
func (s *screen) line(i int) int { return 1 + slices.Index(s.talk.asked(), i) }

// choices are the lines among which one is chosen, none where a text is typed.
func (q *question) choices() []option {
	switch q.kind {
	case choice:
		return q.options
	case decision:
		// Not two buttons, of which only the color says which one is on.
		return []option{{yes, yes}, {no, no}}
	}
	return nil
}
