package main

import (
	"strconv"
	"time"

	"example.com/pipewright/scaffold/answers"
)

// interview is the questions with the replies to them. It knows no terminal: ask_screen.go and ask_lines.go show it.
type interview struct {
	now     time.Time
	dir     string   // where the project will be
	replies []string // to each question what was typed or chosen, or yes or no; sound or not, so that nothing typed is lost
	met     []bool   // the person has agreed to the reply, be it the default
	resume  resume   // replies of an earlier time that may be taken up
}

func newInterview(dir, name string, now time.Time) *interview {
	talk := &interview{now: now, dir: dir, met: make([]bool, len(questions))}
	for _, question := range questions {
		reply := question.start
		if question.path == "name" && answers.Check("name", name, now) == nil {
			reply = name
		}
		talk.replies = append(talk.replies, reply)
	}
	return talk
}

// walk goes through the first n questions. visit is told of each that matters, with the answers before it.
func (t *interview) walk(n int, visit func(i int, before *answers.Answers)) *answers.Answers {
	given := answers.Default()
	given.Start = answers.Start{}
	for i := range n {
		if !questions[i].matters(&given) {
			continue
		}
		if visit != nil {
			visit(i, &given)
		}
		// A reply that is not sound is not an answer yet.
		_ = given.Set(questions[i].path, t.typed(i), t.now)
	}
	if given.Start.On == answers.OnSchedule {
		// The schedule tells how often it runs, so nobody is asked.
		if runs, known := runsPerMonth(&given, t.now); known {
			given.Volume.RunsPerMonth = runs
		}
	}
	return &given
}

// soFar is the answers from the replies to the first n questions; a question that does not matter keeps its default.
func (t *interview) soFar(n int) *answers.Answers { return t.walk(n, nil) }

// given is the answers as they would be if all other replies stayed as they are.
func (t *interview) given() *answers.Answers { return t.soFar(len(questions)) }

func (q *question) matters(given *answers.Answers) bool { return q.when == nil || q.when(given) }

// asked are the numbers of the questions that matter for the replies.
func (t *interview) asked() []int {
	var numbers []int
	t.walk(len(questions), func(i int, _ *answers.Answers) { numbers = append(numbers, i) })
	return numbers
}

// typed is the reply to the question of that number, as answers read it.
func (t *interview) typed(i int) string {
	if questions[i].kind == decision {
		return strconv.FormatBool(t.replies[i] == yes)
	}
	return t.replies[i]
}

// check says what is wrong with the reply to the question of that number, beside the replies before it.
func (t *interview) check(i int) error {
	return t.soFar(i).Set(questions[i].path, t.typed(i), t.now)
}

// after is the next question that matters, or the end of the questions.
func (t *interview) after(i int) int {
	for _, number := range t.asked() {
		if number > i {
			return number
		}
	}
	return len(questions)
}

// before is the question that was asked before this one; there may be none.
func (t *interview) before(i int) (int, bool) {
	last, found := 0, false
	for _, number := range t.asked() {
		if number < i {
			last, found = number, true
		}
	}
	return last, found
}

// open is the first question without a sound reply that was agreed to: a new one, or one whose reply an earlier answer has
// made unfit since. Without one it is the end of the questions.
func (t *interview) open() int {
	for _, number := range t.asked() {
		if !t.met[number] || t.check(number) != nil {
			return number
		}
	}
	return len(questions)
}
