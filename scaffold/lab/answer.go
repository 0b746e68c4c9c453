package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
)

// WaitingTask is a task that waits until somebody answers with its token.
type WaitingTask struct {
	Execution string        `json:"execution"` // its name
	Machine   string        `json:"machine"`   // logical id
	State     string        `json:"state"`
	Token     string        `json:"token"`
	To        string        `json:"to"` // who was told, and by what
	Subject   string        `json:"subject,omitempty"`
	Message   string        `json:"message"`
	Input     any           `json:"input"`
	Timeout   time.Duration `json:"timeout,omitempty"` // of its state; 0: none
	Heartbeat time.Duration `json:"heartbeat,omitempty"`
	Waited    time.Duration `json:"waited,omitempty"` // until it is asked for the answer
	began     time.Time
	call      *asl.Call
}

// wait remembers a task with a token, and asks for the answer once whoever may give it was told.
func (l *Lab) wait(call *asl.Call) {
	w := &WaitingTask{Execution: call.Execution.Name, State: call.State, Token: call.Token, Timeout: call.Timeout, Heartbeat: call.Heartbeat, began: l.clock.Now(), call: call}
	if m := l.machines[call.Execution.MachineArn]; m != nil {
		w.Machine = m.id
	}
	if input, err := plain(call.Input); err == nil {
		w.Input = input
		w.To, w.Subject, w.Message = l.notice(call, input)
	}
	l.waiting = append(l.waiting, w)
	call.OnCancel(func() {
		l.tell("states", "TaskNotAnswered", w.Machine, w.detail())
		l.unanswered = append(l.unanswered, *w)
	})
	l.later(0, func() {
		if call.Done() {
			return
		}
		l.tell("states", "TaskWaiting", w.Machine, w.detail())
		l.ask(w)
	})
}

// detail is what each event of the task says.
func (w *WaitingTask) detail() map[string]any {
	return map[string]any{"execution": w.Execution, "state": w.State, "token": w.Token}
}

// notice is what tells somebody of the task: whom, and what they see.
func (l *Lab) notice(call *asl.Call, input map[string]any) (to, subject, message string) {
	switch actionService(call.Service) + ":" + strings.ToLower(call.Action) {
	case "sns:publish":
		t := l.topics[text(input, "TopicArn")]
		if t == nil {
			break
		}
		var addresses []string
		for _, s := range t.subscriptions {
			addresses = append(addresses, s.endpoint)
		}
		if addresses == nil {
			return "nobody: topic " + t.id + " has no subscriber", text(input, "Subject"), body(input["Message"])
		}
		return strings.Join(addresses, ", "), text(input, "Subject"), body(input["Message"])
	case "sqs:sendmessage":
		return "queue " + last(text(input, "QueueUrl"), "/"), "", body(input["MessageBody"])
	case "lambda:invoke":
		return "function " + last(text(input, "FunctionName"), ":"), "", cfn.Text(input["Payload"])
	}
	return call.Service + ":" + call.Action, "", cfn.Text(input)
}

// ask gives a task the answer that was prepared for it, else it asks the person. Without either the clock goes on, and the task may
// time out.
func (l *Lab) ask(w *WaitingTask) {
	reply, ok := l.answers.take(w.State)
	if !ok {
		if l.options.Waiting != nil {
			w.Waited = l.clock.Now().Sub(w.began)
			l.options.Waiting(l, *w)
		}
		return
	}
	if err := l.Answer(w.Token, reply); err != nil {
		l.broken(fmt.Errorf("answer %s: %w", w.State, err)) // it was checked when it was read
	}
}

// Waiting lists the tasks that wait for an answer.
func (l *Lab) Waiting() []WaitingTask {
	var all []WaitingTask
	for _, w := range l.waiting {
		if !w.call.Done() {
			all = append(all, *w)
		}
	}
	return all
}

// Answer gives a task the answer of a person. Who is the task's token, or the name of its execution when only one task of it waits.
func (l *Lab) Answer(who string, reply Reply) error {
	var found []*WaitingTask
	var names []string
	for _, w := range l.waiting {
		if w.Token == who {
			return l.answer(w, reply)
		}
		if w.call.Done() {
			continue
		}
		if w.Execution == who {
			found = append(found, w)
		}
		names = append(names, w.Execution)
	}
	if len(found) != 1 {
		return fmt.Errorf("%d tasks wait for an answer as %q, expected one; there wait tasks of the executions [%s]", len(found), who, strings.Join(names, ", "))
	}
	return l.answer(found[0], reply)
}

func (l *Lab) answer(w *WaitingTask, reply Reply) error {
	detail := w.detail()
	detail["answer"] = reply.String()
	var refused *asl.Error
	switch {
	case w.call.Done():
		refused = l.clock.SendTaskHeartbeat(w.Token) // it says why no answer is taken
	case reply.Nothing:
		return nil
	case reply.Later > 0:
		l.later(reply.Later, func() {
			if w.call.Done() {
				return
			}
			if reply.Heartbeat {
				l.clock.SendTaskHeartbeat(w.Token)
				l.tell("states", "TaskHeartbeat", w.Machine, w.detail())
			}
			l.ask(w)
		})
		return nil
	case reply.Failed:
		detail["error"], detail["cause"] = reply.Error, reply.Cause
		refused = l.clock.SendTaskFailure(w.Token, reply.Error, reply.Cause)
	default:
		if refused = l.clock.SendTaskSuccess(w.Token, reply.Output); refused == nil {
			detail["output"] = json.RawMessage(reply.Output)
		}
	}
	if refused != nil {
		return errors.New(refused.Name + ": " + refused.Cause)
	}
	l.tell("states", "TaskAnswered", w.Machine, detail)
	return nil
}

// Prepared is an answer that is given in advance.
type Prepared struct {
	State string // whose tasks get it; empty: those of all states that have none of their own
	Reply Reply
}

// String is the answer as ParsePrepared reads it.
func (p Prepared) String() string {
	if p.State == "" {
		return p.Reply.String()
	}
	return p.State + "=" + p.Reply.String()
}

// prepared are the answers given in advance: those of a state are for its tasks in turn, and the last of them is for all further ones.
type prepared struct {
	given []Prepared
	used  []bool
	turn  map[string]int // how many a state has had; of "", how many the others had
}

func newPrepared(given []Prepared) *prepared {
	return &prepared{given: given, used: make([]bool, len(given)), turn: map[string]int{}}
}

func (p *prepared) take(state string) (Reply, bool) {
	if !slices.ContainsFunc(p.given, func(g Prepared) bool { return g.State == state }) {
		state = ""
	}
	turn, at := p.turn[state], -1
	for i, given := range p.given {
		if given.State != state {
			continue
		}
		at = i
		if turn == 0 {
			break
		}
		turn--
	}
	if at < 0 {
		return Reply{}, false
	}
	p.turn[state]++
	p.used[at] = true
	return p.given[at].Reply, true
}

// unused lists the answers that no task waited for, as they were written.
func (p *prepared) unused() []string {
	var all []string
	for i, given := range p.given {
		if !p.used[i] {
			all = append(all, given.String())
		}
	}
	return all
}

// asks checks that each answer is for a state that asks for one.
func (l *Lab) asks() error {
	for _, given := range l.options.Answers {
		switch {
		case len(l.callbacks) == 0:
			return fmt.Errorf("answer %q: no state of the template waits for an answer (.waitForTaskToken)", given)
		case given.State != "" && !slices.Contains(l.callbacks, given.State):
			return fmt.Errorf("answer %q: got the state %q, expected one that waits for an answer: %s", given, given.State, strings.Join(l.callbacks, ", "))
		}
	}
	return nil
}

// callbackStates are the states of a definition that wait for an answer.
func callbackStates(definition []byte) []string {
	var whole any
	if json.Unmarshal(definition, &whole) != nil {
		return nil // the parser says so
	}
	var names []string
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, element := range value {
				walk(element)
			}
		case map[string]any:
			states, _ := value["States"].(map[string]any)
			for name := range states {
				resource, _ := cfn.Field(states[name], "Resource").(string)
				if strings.HasSuffix(resource, string(asl.WaitForTaskToken)) {
					names = append(names, name)
				}
			}
			for _, element := range value {
				walk(element)
			}
		}
	}
	walk(whole)
	slices.Sort(names)
	return names
}
