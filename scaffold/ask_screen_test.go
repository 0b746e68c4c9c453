package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
)

// shows compares the whole screen with a picture of it in testdata/screens, as soon as it stands still.
func (s *dialog) shows(name string) {
	s.t.Helper()
	file := filepath.Join(s.source, "testdata", "screens", name+".txt")
	picture := func() string {
		lines := strings.Split(s.shown(), "\n")
		for i, line := range lines {
			lines[i] = strings.TrimRight(line, " ")
		}
		return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
	}
	want, err := os.ReadFile(file)
	if err != nil && !*update {
		s.t.Fatal(err)
	}
	got := picture()
	for deadline := time.Now().Add(20 * time.Second); got != string(want) && time.Now().Before(deadline); got = picture() {
		if *update {
			deadline = deadline.Add(-19900 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		s.t.Errorf("the screen differs from %s, -want +got:\n%s", file, diff)
	}
}

// TestTheScreen looks at whole screens: what stands where, and that nothing is cut that one needs.
func TestTheScreen(t *testing.T) {
	wide, standard := &pty.Winsize{Cols: 120, Rows: 40}, &pty.Winsize{Cols: 80, Rows: 24}
	narrow, small := &pty.Winsize{Cols: 40, Rows: 30}, &pty.Winsize{Cols: 60, Rows: 15}
	short := func(way []step) []step { return way[: len(way)-1 : len(way)-1] } // as far as the summary
	until := func(way []step, title string) []step {
		return way[:slices.IndexFunc(way, func(step step) bool { return step.title == title })]
	}
	const classes = "How large is the Airflow environment?"
	for _, test := range []struct {
		name  string
		sizes []*pty.Winsize
		steps []step
		seen  string
	}{
		{"name", []*pty.Winsize{standard, narrow}, nil, "What is the pipeline called?"},
		{"choice", []*pty.Winsize{standard, wide, narrow, small}, []step{{"called?", enter}}, "What starts a run?"},
		{"problem", []*pty.Winsize{standard, wide, narrow}, []step{{"called?", clear + "My_Orders" + enter}}, "did you mean my-orders?"},
		{"steps", []*pty.Winsize{standard, narrow}, aFileThatLands[:4], "What does a run do?"},
		{"decision", []*pty.Winsize{standard}, aFileThatLands[:5], "Does what comes next depend on a result?"},
		{"classes", []*pty.Winsize{standard, narrow}, until(aClockAndANetwork, classes), classes},
		{"summary", []*pty.Winsize{standard, wide, narrow}, short(aFileThatLands), "Write the project?"},
		{"last", []*pty.Winsize{small}, append(short(aFileThatLands), step{"Write the project?", strings.Repeat(down, 15)}), "> lab"},
		{"hurdle", []*pty.Winsize{standard, narrow}, short(aTunnelAndAContainer), "Write the project?"},
	} {
		for _, size := range test.sizes {
			name := fmt.Sprintf("%s_%dx%d", test.name, size.Cols, size.Rows)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := openWindow(t, size, t.TempDir(), nil, "new", "orders")
				s.answers(test.steps)
				s.sees(test.seen)
				s.shows(name)
			})
		}
	}
}

func TestTheOutlookFollowsTheLineThatIsOn(t *testing.T) {
	s := openDialog(t, nil, "new", "orders")
	s.answers(aFileThatLands[:5])
	s.sees("Does what comes next depend on a result?", "AWS Glue workflow")
	s.types("y")
	s.sees("> yes", "│ AWS Step Functions", "- control.branches: false -> AWS Glue")
	s.types("n")
	s.sees("> no", "│ AWS Glue workflow", "All work is Glue jobs and crawlers")
}

func TestOneMayGoBackAndForth(t *testing.T) {
	const left, shiftTab = "\x1b[D", "\x1b[Z"
	s := openDialog(t, nil, "new", "orders")
	s.answers(aFileThatLands[:3])
	s.sees("How do their keys end?")
	s.types(".csv" + esc)
	s.sees("Under which key prefix do objects land?")
	s.types(shiftTab)
	s.sees("What starts a run?")
	s.types(left)
	s.sees("What is the pipeline called?")
	s.types(left) // within the text
	s.types("X" + enter)
	s.sees(`"orderXs": got the character 'X'`)
	s.types(clear + "sales" + enter)
	s.sees("What starts a run?", "> an object that lands in S3")
	s.types(enter)
	s.sees("Under which key prefix")
	s.types(enter)
	s.sees("How do their keys end?", "> .csv")
}

func TestNothingTypedIsLostByARefusalAndTheProblemGoesWhenItIsMended(t *testing.T) {
	s := openDialog(t, nil, "new", "orders")
	s.sees("What is the pipeline called?")
	s.types(clear + "my_orders" + enter)
	s.sees("> my_orders", "did you mean my-orders?", "! name:")
	s.types("\x01\x1b[C\x1b[C\x1b[3~-") // to the beginning, right twice, delete, type
	s.sees("> my-orders")
	for deadline := time.Now().Add(10 * time.Second); strings.Contains(s.shown(), "! "); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the problem stayed:\n%s", s.shown())
		}
	}
	s.types(enter)
	s.sees("What starts a run?")
}

func TestAnEarlierAnswerIsChangedInTheSummaryAndLaterOnesAreCheckedAgain(t *testing.T) {
	t.Parallel()
	s := openDialog(t, nil, "new", "orders")
	s.answers(aClockAndANetwork[:len(aClockAndANetwork)-1])
	s.sees("Write the project?")
	line := 0
	for _, picked := range strings.SplitAfter(s.shown()[strings.Index(s.shown(), "> write it"):], "\n") {
		if strings.Contains(picked, "network.cidr ") {
			break
		}
		if strings.Contains(picked, "  ") && strings.TrimSpace(strings.Split(picked, "│")[0]) != "" {
			line++
		}
	}
	s.types(strings.Repeat(down, line))
	s.sees("> network.cidr")
	s.types(enter)
	s.sees("Which addresses does the VPC take?")
	s.types(clear + "192.168.0.0/16" + enter)
	// The block on premises overlaps it now, which was sound before.
	s.sees("Which addresses are on your premises?", "> 192.168.0.0/16", "overlaps network.cidr")
	s.types(clear + "10.50.0.0/16" + enter)
	s.sees("Write the project?", "network.on_premises_cidr   10.50.0.0/16", "network.cidr               192.168.0.0/16")
	s.types(enter)
	s.exits(0)
	if text := s.reads("orders/answers.yaml"); !strings.Contains(text, `on_premises_cidr: "10.50.0.0/16"`) {
		t.Errorf("got the answers\n%s", text)
	}
}

func TestAnAnswerThatMakesOthersNeedlessTakesThemAwayAndBack(t *testing.T) {
	t.Parallel()
	s := openDialog(t, nil, "new", "orders")
	s.answers(aFileThatLands[:len(aFileThatLands)-1])
	s.sees("Write the project?", "start.suffix")
	s.types(down + down + enter)
	s.sees("What starts a run?")
	s.types(down + enter)
	// The schedule has not been asked for yet, and the prefix is no longer.
	s.sees("In which time zone does the schedule run?")
	s.types(enter)
	s.sees("When? cron(), rate() or at()")
	s.types(enter)
	s.sees("Will past days be run again (backfill)?")
	s.types(enter)
	s.sees("Write the project?", "start.schedule", "cron(0 8 * * ? *)")
	if strings.Contains(s.shown(), "start.suffix") {
		t.Errorf("the suffix has no use for a schedule:\n%s", s.shown())
	}
}

func TestTheWindowMayChangeItsSize(t *testing.T) {
	// A terminal that no tabs are used on: the emulator loses its tab stops when it is resized.
	s := openDialog(t, []string{"TERM=linux"}, "new", "orders")
	s.sees("What is the pipeline called?", "│")
	s.resizes(40, 30)
	s.sees("──────")
	s.answers(aFileThatLands[:1])
	s.sees("What starts a run?")
	s.shows("choice_40x30")
	s.resizes(120, 40)
	s.shows("choice_120x40")
	s.resizes(80, 24)
	s.shows("choice_80x24")
	s.resizes(20, 4) // too small to be of use, but no reason to fail
	s.sees("> an object that")
	s.resizes(120, 40)
	s.types(down)
	s.sees("> a schedule")
}

func TestCtrlCKeepsTheAnswersAndTheNextStartGoesOn(t *testing.T) {
	for _, mode := range []struct {
		name  string
		env   []string
		way   func([]step) []step
		offer string
		begin string // is typed to begin anew
	}{
		{"boxes", nil, func(way []step) []step { return way }, "> go on with these answers", down + enter},
		{"lines", []string{"TERM=dumb"}, inLines, "Go on from there? (yes or no) [yes]:", no + enter},
	} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			way := mode.way(anEventForAirflow)
			s := openWindow(t, size, folder, mode.env, "new", "orders")
			s.answers(way[:5])
			s.sees(way[5].title)
			s.types(ctrlC)
			s.exits(130)
			s.wrote(draftOf("orders"))
			info, err := os.Stat(filepath.Join(folder, string(draftOf("orders"))))
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o600 {
				t.Errorf("got the mode %v, want a file for its owner alone", info.Mode())
			}

			s = openWindow(t, size, folder, mode.env, "new", "orders")
			s.sees("5 answers of ", mode.offer)
			s.types(enter)
			s.answers(way[5:])
			s.exits(0)
			if text := s.reads("orders/answers.yaml"); !strings.Contains(text, "work: [lambda]") || !strings.Contains(text, "airflow: true") {
				t.Errorf("got the answers\n%s", text)
			}
			if _, err := os.Stat(filepath.Join(folder, string(draftOf("orders")))); err == nil {
				t.Error("the draft is still there after the project was written")
			}
		})
		t.Run(mode.name+", begun anew", func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, string(draftOf("orders"))), []byte("replies: {start.on: schedule}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			s := openWindow(t, size, folder, mode.env, "new", "orders")
			s.sees("1 answer of ", mode.offer)
			s.types(mode.begin)
			s.answers(mode.way(aFileThatLands))
			s.exits(0)
		})
	}
}

func TestARefusedReplyIsNotKept(t *testing.T) {
	s := openDialog(t, nil, "new", "orders")
	s.answers(aFileThatLands[:2])
	s.sees("Under which key prefix")
	s.types(clear + "password=hunter2" + enter)
	s.sees("the value holds a password or a key (not shown)")
	s.types(ctrlC)
	s.exits(130)
	if text := s.reads(string(draftOf("orders"))); strings.Contains(text, "hunter2") || !strings.Contains(text, "start.on: object") {
		t.Errorf("got the draft\n%s", text)
	}
}

func TestADraftThatIsNoneIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"not YAML":            {"replies: [", "is no draft of answers"},
		"an unknown key":      {"reply: {}\n", "field reply not found"},
		"an unknown question": {"replies: {start.of: object}\n", `replies: got "start.of", which is no question`},
		"too large":           {"replies: {name: " + strings.Repeat("x", maxAnswers) + "}\n", "it has more than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile(string(draftOf("a/b")), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := draftOf("a/b").read()
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "hint: remove it to begin anew") {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestDraftsOfDifferentFoldersAreDifferentFiles(t *testing.T) {
	names := map[draft]string{}
	for _, dir := range []string{"orders", "a/orders", "b/orders", strings.Repeat("long/", 100) + "orders"} {
		name := draftOf(dir)
		if other, twice := names[name]; twice {
			t.Errorf("%s and %s have the same draft %s", dir, other, name)
		}
		names[name] = dir
		if len(name) > 255 || !regexp.MustCompile(`^\.[^/]+\.answers\.draft\.yaml$`).MatchString(string(name)) {
			t.Errorf("%s: got the draft %s", dir, name)
		}
	}
}

func TestAccessibleIsPlainLinesWithTheSameChoices(t *testing.T) {
	s := openDialog(t, nil, "new", "orders", "--accessible")
	s.answers(inLines(aFileThatLands)[:2])
	s.sees("start.prefix [raw/]: ")
	s.types("<" + enter)
	s.sees("start.on [object]: ", "What starts a run?")
	s.types("schedule" + enter)
	s.sees("start.timezone [UTC]: ")
	s.answers([]step{
		{"start.timezone [UTC]: ", enter},
		{"start.schedule [", enter},
		{"work [", "redshift-sql" + enter},
		{"Redshift scheduled query", ""},
		{"control.approval", enter},
		{"control.backfill", enter},
		{"team.airflow", enter},
		{"volume.gb_per_run", enter},
		{"network.on_premises", enter},
		{"redshift.workgroup:", enter},
		{"control.longest_minutes", enter},
		{"notify:", "team@example.com" + enter},
		{"lab (yes", enter},
		{"Which e-mail address", ""},
		{"Write the project? (yes, no or the number of an answer to change) [yes]: ", "13" + enter},
		{"notify [team@example.com]: ", "-" + enter},
		{"13  notify                   (none)", ""},
		{"Write the project?", "100" + enter},
		{`got "100", expected yes, no or a number from 1 to 14`, no + enter},
	})
	s.exits(130)
	s.wrote(draftOf("orders"))
	if text := s.raw.String(); strings.ContainsRune(text, 0x1b) {
		t.Errorf("got an escape sequence in %q", text)
	}
}

func TestAHangUpKeepsTheAnswers(t *testing.T) {
	s := openDialog(t, nil, "new", "orders")
	s.answers(aFileThatLands[:3])
	s.sees("How do their keys end?")
	if err := s.command.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.exits(130)
	if text := s.reads(string(draftOf("orders"))); !strings.Contains(text, "start.prefix: raw/") {
		t.Errorf("got the draft\n%s", text)
	}
}
