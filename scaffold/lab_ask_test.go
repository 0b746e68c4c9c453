package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"example.com/pipewright/scaffold/lab"
)

// openApproval runs the template of the script lab_answer.txtar, in which a state waits for a person, on a pseudo-terminal.
func openApproval(t *testing.T, flags ...string) *dialog {
	t.Helper()
	script, err := txtar.ParseFile("testdata/script/lab_answer.txtar")
	if err != nil {
		t.Fatal(err)
	}
	template := filepath.Join(t.TempDir(), "orders.template.json")
	for _, file := range script.Files {
		if file.Name == filepath.Base(template) {
			if err := os.WriteFile(template, file.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return openDialog(t, nil, append([]string{"lab", "run", template, "--start"}, flags...)...)
}

// asked is what stands on the screen when the person may type.
var asked = []string{
	"== Wait for approval waits for an answer, and the clock stands still", "to: data-team@example.com", "subject: Approval needed", "times out after: 168h0m0s",
	"| Approve run ", "from another terminal: scaffold lab answer 1 approve", "approve, reject: WHY, later:8h, nothing, or ? > ",
}

// TestThePersonAtTheTerminalAnswers types as a person would: what is no answer is explained, and the state goes on waiting.
func TestThePersonAtTheTerminalAnswers(t *testing.T) {
	for _, test := range []struct {
		name  string
		flags []string
		steps []step // what is seen, and what is typed then
		exit  int
		want  string
	}{
		{"approves, after a mistake and a look at the help", nil, []step{
			{"or ? > ", "maybe" + enter},
			{`answer "maybe": expected approve, reject: WHY`, "?" + enter},
			{"let the clock go on, until the state times out", "approve" + enter},
		}, exitDone, "execution of Machine SUCCEEDED, after 0 s"},
		{"rejects, and says why", nil, []step{{"or ? > ", "reject: too few rows" + enter}}, exitFailed, "execution of Machine FAILED: Rejected: too few rows"},
		{"asks to be asked again", nil, []step{{"or ? > ", "later:48h" + enter}, {"== Wait for approval has waited for an answer for 48h0m0s", "approve" + enter}}, exitDone, "execution of Machine SUCCEEDED, after 172800 s"},
		{"lets it time out", nil, []step{{"or ? > ", "nothing" + enter}}, exitFailed, "execution of Machine FAILED: States.Timeout"},
		{"goes away", nil, []step{{"or ? > ", ctrlD}, {"no answer: the clock goes on", ""}}, exitFailed, "execution of Machine FAILED: States.Timeout"},
		{"has answered in advance", []string{"--answer", "approve"}, nil, exitDone, "execution of Machine SUCCEEDED, after 0 s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := openApproval(t, test.flags...)
			if test.steps != nil {
				s.sees(asked...)
			}
			s.answers(test.steps)
			s.exits(test.exit)
			s.printed(test.want)
		})
	}
}

// TestAnAnswerFromAnotherTerminalEndsThePrompt answers where the run does not read.
func TestAnAnswerFromAnotherTerminalEndsThePrompt(t *testing.T) {
	t.Parallel()
	s := openApproval(t)
	s.sees(asked...)
	other := exec.CommandContext(t.Context(), s.command.Path, "lab", "answer", "reject:", "too", "few", "rows")
	other.Dir, other.Env = s.command.Dir, s.command.Env
	if out, err := other.CombinedOutput(); err != nil || !strings.Contains(string(out), "got the answer reject: too few rows") {
		t.Errorf("got %v: %s, want the answer taken", err, out)
	}
	s.exits(exitFailed)
	s.printed("answered from another terminal: reject: too few rows", "execution of Machine FAILED: Rejected: too few rows")
}

// TestCtrlCWhileATaskWaits stops the run, which stays readable, and leaves no socket that looks as if somebody were asked.
func TestCtrlCWhileATaskWaits(t *testing.T) {
	t.Parallel()
	s := openApproval(t)
	s.sees(asked...)
	s.types(ctrlC)
	s.exits(exitCanceled)
	run := filepath.Join(s.folder, runsFolder, "0001")
	if _, err := os.Stat(filepath.Join(run, socketFile)); !os.IsNotExist(err) {
		t.Errorf("got %v, want no socket any more", err)
	}
	last := ""
	if err := readEvents(filepath.Join(run, eventsFile), func(e *lab.Event, _ string) { last = e.Type }); err != nil || last != "TaskWaiting" {
		t.Errorf("got the last event %q (%v), want TaskWaiting", last, err)
	}
}

// printed checks what a command that has ended printed, also what has left the screen since.
func (s *dialog) printed(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.raw.String(), text) {
			s.t.Errorf("never printed %q, but:\n%s", text, s.raw.String())
		}
	}
}
