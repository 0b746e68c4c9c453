package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
)

const esc = "\x1b"

// standardWindow is what a terminal opens with.
var standardWindow = &pty.Winsize{Cols: 80, Rows: 24}

// TestThePathFromTheFirstQuestionToTheProject goes the whole way of a person who thinks twice: back, stopped, resumed, changed in
// the summary, left as it was there, and written.
func TestThePathFromTheFirstQuestionToTheProject(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := openWindow(t, standardWindow, folder, nil, "new", "orders")
	s.answers(aFileThatLands[:5])
	s.sees("Does what comes next depend on a result?", "│ AWS Glue workflow", "7.54  USD a month", "4.90  USD of it while idle")
	s.types(esc)
	s.sees("What does a run do?", "> crawler, glue-job")
	s.types(clear + "lambda, glue-job" + enter)
	s.sees("Does what comes next depend on a result?", "│ AWS Step Functions")
	s.types("y")
	s.sees("> yes")
	s.types(enter)
	s.sees("Must a failed run go on from the step that failed?")
	s.types(ctrlC)
	s.exits(130)
	s.sees("only your answers so far are kept, in .orders.answers.draft.yaml", "hint: scaffold new orders goes on from there")
	s.wrote(draftOf("orders"))

	s = openWindow(t, standardWindow, folder, nil, "new", "orders")
	s.sees("6 answers of ", "> go on with these answers", "│ AWS Step Functions")
	s.types(enter)
	s.answers(aFileThatLands[6 : len(aFileThatLands)-1])
	s.sees("Write the project?", "> write it into orders", "Your answers lead to", "volume.gb_per_run")
	s.types(strings.Repeat(down, 11))
	s.sees("> volume.gb_per_run        1")
	s.types(enter)
	s.sees("How many GB does a run read?", "esc leave as it was")
	s.types(clear + "500")
	s.sees("> 500", "30 runs of 500 GB")
	s.types(esc)
	s.sees("Write the project?", "> volume.gb_per_run        1", "30 runs of 1 GB")
	s.types(enter)
	s.sees("How many GB does a run read?", "> 1")
	s.types(clear + "20" + enter)
	s.sees("Write the project?", "> write it into orders", "30 runs of 20 GB")
	s.types(enter)
	s.exits(0)
	s.sees("AWS Step Functions (example statemachine)", "orders: a project with the statemachine example", "next: cd orders && make test synth")
	s.wrote("orders")

	given, err := answers.Parse("answers.yaml", []byte(s.reads("orders/answers.yaml")), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	want := answers.Default()
	want.Name, want.Start.Suffix, want.Notify = "orders", ".csv", "team@example.com"
	want.Work, want.Control.Branches, want.Volume.GBPerRun = []string{answers.Lambda, answers.GlueJob}, true, 20
	if diff := cmp.Diff(&want, given); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if chosen := advisor.Choose(given); !strings.Contains(s.reads("orders/cdk.go"), `"orders/stacks/`+chosen+`"`) {
		t.Errorf("the project is not of the example %s:\n%s", chosen, s.reads("orders/cdk.go"))
	}
}

// TestThePathInPlainLines is the same for a screen reader: it is told of the service and its bill whenever they change, and of nothing
// twice.
func TestThePathInPlainLines(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := openWindow(t, standardWindow, folder, nil, "new", "orders", "--accessible")
	s.answers(inLines(aFileThatLands)[:5])
	s.sees("control.branches (yes or no) [no]: ")
	s.types(back + enter)
	s.sees("work [crawler, glue-job]: ")
	s.types("lambda, glue-job" + enter)
	s.sees("So far this leads to AWS Step Functions, ", " of it while idle.")
	s.types(yes + enter)
	s.sees("control.resume (yes or no) [no]: ")
	s.types(ctrlC)
	s.exits(130)
	s.wrote(draftOf("orders"))
	if told := strings.Count(s.raw.String(), "So far this leads to AWS Glue workflow, 7.54 USD a month, 4.90 of it while idle."); told != 1 {
		t.Errorf("was told of the Glue workflow %d times, want once:\n%s", told, s.raw.String())
	}

	s = openWindow(t, &pty.Winsize{Cols: 120, Rows: 60}, folder, nil, "new", "orders", "--accessible")
	s.sees("6 answers of ", "Go on from there? (yes or no) [yes]: ")
	s.types(enter)
	s.answers(inLines(aFileThatLands)[6 : len(aFileThatLands)-1])
	s.sees("Your answers", "This leads to AWS Step Functions. ", "USD of it while idle", "30 runs of 1 GB, in us-east-1, before the free tier",
		"Instead: Amazon MWAA, ", "Write the project? (yes, no or the number of an answer to change) [yes]: ")
	s.types("11" + enter)
	s.sees("volume.gb_per_run [1]: ")
	s.types("20" + enter)
	s.sees("11  volume.gb_per_run        20", "30 runs of 20 GB")
	s.types(enter)
	s.exits(0)
	s.wrote("orders")
	if text := s.reads("orders/answers.yaml"); !strings.Contains(text, "gb_per_run: 20") || !strings.Contains(text, "branches: true") {
		t.Errorf("got the answers\n%s", text)
	}
	if text := s.raw.String(); strings.ContainsAny(text, "\x1b│─·") {
		t.Errorf("got an escape sequence or a line of a box in %q", text)
	}
}

func TestCtrlCAtTheOfferLeavesWhatWasKept(t *testing.T) {
	const kept = "replies: {start.on: schedule}\n"
	for _, mode := range []struct{ name, flag, offer string }{
		{"boxes", "--accessible=false", "> go on with these answers"}, {"lines", "--accessible", "Go on from there?"},
	} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, string(draftOf("orders"))), []byte(kept), 0o600); err != nil {
				t.Fatal(err)
			}
			s := openWindow(t, standardWindow, folder, nil, "new", "orders", mode.flag)
			s.sees("1 answer of ", mode.offer)
			s.types(ctrlC)
			s.exits(130)
			s.sees("canceled: nothing was written")
			s.wrote(draftOf("orders"))
			if got := s.reads(string(draftOf("orders"))); got != kept {
				t.Errorf("got the draft %q, want %q", got, kept)
			}
		})
	}
}

// A pipe that stays open without a line in it is the way of a build server: whoever reads from it waits for ever.
func TestWithoutATerminalNobodyWaits(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "scaffold")
	if err = os.Symlink(program, link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	for _, args := range [][]string{{"new", "orders"}, {"new", "orders", "--accessible"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			in, open, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _, _ = in.Close(), open.Close() }()
			command := exec.CommandContext(t.Context(), link, args...)
			command.Stdin, command.Dir = in, t.TempDir()
			var said strings.Builder
			command.Stderr = &said
			_ = command.Run() // the exit code says it
			if got := command.ProcessState.ExitCode(); got != exitUsage {
				t.Errorf("got exit code %d, want %d", got, exitUsage)
			}
			want := "scaffold new: there is no terminal to ask on, expected --answers FILE, --example NAME or --yes\n  hint: scaffold new --help\n"
			if said.String() != want {
				t.Errorf("got %q, want %q", said.String(), want)
			}
			if entries, err := os.ReadDir(command.Dir); err != nil || len(entries) > 0 {
				t.Errorf("got %v, %v in the folder, want nothing", entries, err)
			}
		})
	}
}
