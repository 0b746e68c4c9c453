package lab

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/asl"
)

// WaitingTask is a task that waits until somebody answers with its token.
type WaitingTask struct {
	Execution string `json:"execution"` // its name
	Machine   string `json:"machine"`   // logical id
	State     string `json:"state"`
	Token     string `json:"token"`
	Input     any    `json:"input"`
	call      *asl.Call
}

// wait remembers a task with a token, and tells who may answer.
func (l *Lab) wait(call *asl.Call) {
	w := &WaitingTask{Execution: call.Execution.Name, State: call.State, Token: call.Token, call: call}
	if m := l.machines[call.Execution.MachineArn]; m != nil {
		w.Machine = m.id
	}
	if input, err := plain(call.Input); err == nil {
		w.Input = input
	}
	l.waiting = append(l.waiting, w)
	l.later(0, func() {
		if call.Done() {
			return
		}
		l.tell("states", "TaskWaiting", w.Machine, map[string]any{"execution": w.Execution, "state": w.State, "token": w.Token})
		if l.options.Waiting != nil {
			l.options.Waiting(l, *w)
		}
	})
}

// Waiting lists the tasks that wait for an answer.
func (l *Lab) Waiting() []WaitingTask {
	l.waiting = slices.DeleteFunc(l.waiting, func(w *WaitingTask) bool { return w.call.Done() })
	var all []WaitingTask
	for _, w := range l.waiting {
		all = append(all, *w)
	}
	return all
}

// Answer is what a person says to a task that waits: its output in JSON, or, with the name of an error, its failure. Who is the task's
// token, or the name of its execution when only one task of it waits.
func (l *Lab) Answer(who, output, failure, cause string) error {
	var found []WaitingTask
	var names []string
	for _, w := range l.Waiting() {
		if w.Token == who || w.Execution == who {
			found = append(found, w)
		}
		names = append(names, w.Execution)
	}
	if len(found) != 1 {
		return fmt.Errorf("%d tasks wait for an answer as %q, expected one; there wait tasks of the executions [%s]", len(found), who, strings.Join(names, ", "))
	}
	task := found[0]
	if failure != "" {
		l.tell("states", "TaskAnswered", task.Machine, map[string]any{"execution": task.Execution, "state": task.State, "error": failure})
		task.call.Fail(failure, cause)
		return nil
	}
	value, err := asl.DecodeString(output)
	if err != nil {
		return fmt.Errorf("the answer is no JSON: %w", err)
	}
	l.tell("states", "TaskAnswered", task.Machine, map[string]any{"execution": task.Execution, "state": task.State, "output": json.RawMessage(output)})
	task.call.Succeed(value)
	return nil
}
