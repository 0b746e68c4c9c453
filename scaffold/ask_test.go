package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/answers"
)

// step is one question as it is seen, and what is typed at it.
type step struct{ title, types string }

// Ways through the questionnaire, by what is typed at each question. Together they meet every question.
var (
	aFileThatLands = []step{
		{"What is the pipeline called?", enter},
		{"What starts a run?", enter},
		{"Under which key prefix do objects land?", enter},
		{"How do their keys end?", ".csv" + enter},
		{"What does a run do?", enter},
		{"Does what comes next depend on a result?", enter},
		{"Must a failed run go on from the step that failed?", enter},
		{"Must a person approve before it goes on?", enter},
		{"Does your team prefer open source and Python DAGs?", enter},
		{"About how many runs are there in a month?", enter},
		{"How many GB does a run read?", enter},
		{"How does a run reach a network on your premises?", enter},
		{"How many minutes may a step take?", enter},
		{"Which e-mail address hears of failures?", "team@example.com" + enter},
		{"Is this a lab?", enter},
		{"Write the project?", enter},
	}
	aClockAndANetwork = []step{
		{"What is the pipeline called?", enter},
		{"What starts a run?", down + enter},
		{"In which time zone does the schedule run?", clear + "Europe/Berlin" + enter},
		{"When? cron(), rate() or at()", enter},
		{"What does a run do?", clear + "http-api, sql-server" + enter},
		{"Does what comes next depend on a result?", enter},
		{"Must a failed run go on from the step that failed?", enter},
		{"Must a person approve before it goes on?", enter},
		{"Will past days be run again (backfill)?", enter},
		{"Does your team prefer open source and Python DAGs?", enter},
		{"How many GB does a run read?", enter},
		{"How does a run reach a network on your premises?", down + enter},
		{"Which addresses does the VPC take?", enter},
		{"Which addresses are on your premises?", enter},
		{"What is the id of the other VPC?", "vpc-0123456789abcdef0" + enter},
		{"In which account is it?", enter},
		{"In which Region is it?", enter},
		{"Which of its route tables get the way back?", "rtb-0123456789abcdef0, rtb-89abcdef" + enter},
		{"How many minutes may a step take?", enter},
		{"How large is the Airflow environment?", down + enter},
		{"Which e-mail address hears of failures?", enter},
		{"Is this a lab?", enter},
		{"Write the project?", enter},
	}
	aTunnelAndAContainer = []step{
		{"What is the pipeline called?", enter},
		{"What starts a run?", down + down + down + enter},
		{"What does a run do?", clear + "batch-job, redshift-sql" + enter},
		{"Does what comes next depend on a result?", enter},
		{"Must a failed run go on from the step that failed?", up + enter},
		{"Must a person approve before it goes on?", up + enter},
		{"Does your team prefer open source and Python DAGs?", enter},
		{"About how many runs are there in a month?", enter},
		{"How many GB does a run read?", enter},
		{"How does a run reach a network on your premises?", down + down + enter},
		{"Which addresses does the VPC take?", enter},
		{"Which addresses are on your premises?", enter},
		{"What is the public address of your device?", "203.0.113.10" + enter},
		{"What is its autonomous system number (BGP)?", "65010" + enter},
		{"How many vCPUs does the container job have?", clear + "2" + enter},
		{"And how much memory, in MiB?", clear + "4096" + enter},
		{"Which workgroup of Redshift Serverless runs the SQL?", "analytics" + enter},
		{"And which of its databases?", enter},
		{"How many minutes may a step take?", enter},
		{"Which e-mail address hears of failures?", "data-team@example.com" + enter},
		{"Is this a lab?", enter},
		{"Write the project?", ctrlC},
	}
	aPeerElsewhere = []step{
		{"What is the pipeline called?", enter},
		{"What starts a run?", down + down + down + enter},
		{"What does a run do?", clear + "sql-server" + enter},
		{"Must a person approve before it goes on?", enter},
		{"Does your team prefer open source and Python DAGs?", enter},
		{"About how many runs are there in a month?", enter},
		{"How many GB does a run read?", enter},
		{"How does a run reach a network on your premises?", down + enter},
		{"Which addresses does the VPC take?", enter},
		{"Which addresses are on your premises?", enter},
		{"What is the id of the other VPC?", "vpc-01234567" + enter},
		{"In which account is it?", "012345678901" + enter},
		{"In which Region is it?", "eu-west-1" + enter},
		{"How many minutes may a step take?", enter},
		{"How large is the Airflow environment?", enter},
		{"Which e-mail address hears of failures?", enter},
		{"Is this a lab?", enter},
		{"Write the project?", enter},
	}
	anEventForAirflow = []step{
		{"What is the pipeline called?", enter},
		{"What starts a run?", down + down + enter},
		{"Which events? An event pattern, as JSON", enter},
		{"What does a run do?", clear + "lambda" + enter},
		{"Must a person approve before it goes on?", enter},
		{"Does your team prefer open source and Python DAGs?", up + enter},
		{"About how many runs are there in a month?", clear + "100" + enter},
		{"How many GB does a run read?", clear + "0.5" + enter},
		{"How does a run reach a network on your premises?", enter},
		{"How many minutes may a step take?", clear + "5" + enter},
		{"Which e-mail address hears of failures?", enter},
		{"Is this a lab?", down + enter},
		{"Write the project?", enter},
	}
	aQueryByHand = []step{
		{"What is the pipeline called?", enter},
		{"What starts a run?", down + down + down + enter},
		{"What does a run do?", clear + "redshift-sql" + enter},
		{"Must a person approve before it goes on?", enter},
		{"Does your team prefer open source and Python DAGs?", enter},
		{"About how many runs are there in a month?", enter},
		{"How many GB does a run read?", enter},
		{"How does a run reach a network on your premises?", enter},
		{"Which workgroup of Redshift Serverless runs the SQL?", enter},
		{"How many minutes may a step take?", enter},
		{"Which e-mail address hears of failures?", enter},
		{"Is this a lab?", enter},
		{"Write the project?", enter},
	}
	ways = [][]step{aFileThatLands, aClockAndANetwork, aTunnelAndAContainer, aPeerElsewhere, anEventForAirflow, aQueryByHand}
)

func (s *dialog) answers(steps []step) {
	s.t.Helper()
	for _, step := range steps {
		s.sees(step.title)
		s.types(step.types)
	}
}

// TestOnlyQuestionsThatMatterAreAsked follows each way to its end: a question too many would stop it.
func TestOnlyQuestionsThatMatterAreAsked(t *testing.T) {
	t.Run("a file that lands", func(t *testing.T) {
		t.Parallel()
		s := openDialog(t, nil, "new", "orders")
		s.answers(aFileThatLands)
		s.exits(0)
		s.sees("AWS Glue workflow (example glueworkflow)", "orders: a project with the glueworkflow example")
		written, err := os.ReadFile(filepath.Join(s.folder, "orders", "answers.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		given, err := answers.Parse("answers.yaml", written, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		want := answers.Default()
		want.Name, want.Start.Suffix, want.Notify = "orders", ".csv", "team@example.com"
		if diff := cmp.Diff(&want, given); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	t.Run("an event for Airflow", func(t *testing.T) {
		t.Parallel()
		s := openDialog(t, nil, "new", "orders")
		s.answers(anEventForAirflow)
		s.exits(0)
		s.sees("AWS Lambda (example eventfunction)", "orders: a project with the eventfunction example")
		written, err := os.ReadFile(filepath.Join(s.folder, "orders", "answers.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`pattern: {"source":["partner.orders"]}`, "airflow: true", "runs_per_month: 100", "gb_per_run: 0.5", "longest_minutes: 5", "lab: false",
		} {
			if !strings.Contains(string(written), want) {
				t.Errorf("got the answers %s, want %q among them", written, want)
			}
		}
	})
	for _, test := range []struct {
		name  string
		steps []step
		seen  string   // before the project is written
		want  []string // in its answers.yaml
	}{
		{"a clock and a network", aClockAndANetwork, "cron(0 8 * * ? *) in Europe/Berlin, next: ", []string{
			"timezone: Europe/Berlin", "work: [http-api, sql-server]", "on_premises: peering", `on_premises_cidr: "192.168.0.0/16"`,
			"peer_vpc: vpc-0123456789abcdef0", "peer_route_tables: [rtb-0123456789abcdef0, rtb-89abcdef]", "class: mw1.medium",
		}},
		{"a peer elsewhere", aPeerElsewhere, "Amazon MWAA (example airflow)", []string{
			"peer_vpc: vpc-01234567", `peer_account: "012345678901"`, "peer_region: eu-west-1", "class: mw1.small",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := openDialog(t, nil, "new", "orders")
			s.answers(test.steps)
			s.exits(0)
			s.sees(test.seen, "orders: a project with the airflow example")
			written, err := os.ReadFile(filepath.Join(s.folder, "orders", "answers.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(string(written), want) {
					t.Errorf("answers.yaml has no %s:\n%s", want, written)
				}
			}
		})
	}
	t.Run("a tunnel and a container, which this version cannot write", func(t *testing.T) {
		t.Parallel()
		s := openDialog(t, nil, "new", "orders")
		last := len(aTunnelAndAContainer) - 1
		s.answers(aTunnelAndAContainer[:last])
		s.sees("Write the project?", "network.on_premises: the example statemachine reaches no network on your premises", "hint: leave it out")
		s.types(enter)
		s.sees("> not with these answers: change one") // and stays there
		s.types(ctrlC)
		s.exits(130)
		s.wrote(draftOf("orders"))
		for _, want := range []string{
			"network.on_premises: vpn", "network.customer_gateway_ip: 203.0.113.10", `network.bgp_asn: "65010"`,
			`batch.vcpu: "2"`, `batch.memory_mib: "4096"`, "redshift.workgroup: analytics", "redshift.database: dev",
		} {
			if text := s.reads(string(draftOf("orders"))); !strings.Contains(text, want) {
				t.Errorf("the draft has no %s:\n%s", want, text)
			}
		}
	})
}

// TestEveryQuestionStandsInAWay keeps the ways complete when a question is added.
func TestEveryQuestionStandsInAWay(t *testing.T) {
	for _, question := range questions {
		met := false
		for _, way := range ways {
			met = met || slices.ContainsFunc(way, func(step step) bool { return strings.HasPrefix(question.title, step.title) })
		}
		if !met {
			t.Errorf("no way meets %s", question.path)
		}
		if question.why == "" {
			t.Errorf("%s has no reason", question.path)
		}
	}
}

func TestWrongAnswersAreAskedAgainWithOurMessage(t *testing.T) {
	for variable, value := range map[string]string{"TERM": "xterm-256color", "NO_COLOR": "", "ACCESSIBLE": ""} {
		t.Setenv(variable, value)
	}
	// At the question that begins so: what is typed, what is said, and what is typed then.
	type wrong struct{ title, types, message, then string }
	for name, test := range map[string]struct {
		way    []step
		wrongs []wrong
	}{
		"a file that lands": {aFileThatLands, []wrong{
			{"What is the pipeline", "", "name: is empty, expected the project's name", "orders"},
			{"Under which", "/raw/", `start.prefix: "/raw/": begins with a slash, keys in S3 do not`, "raw/"},
			{"What does a run do?", "crawler, glue_job", "did you mean glue-job?", "crawler, glue-job"},
			{"How many minutes", "0", "control.longest_minutes: got 0, expected a whole number from 1 to 10080", "15"},
			{"Which e-mail", "nobody", `notify: "nobody": has no @, expected an e-mail address`, ""},
		}},
		"a clock and a network": {aClockAndANetwork, []wrong{
			{"What is the pipeline", "con", `name: "con": is a device on Windows`, "orders"},
			{"In which time zone", "Europe/Berln", "did you mean Europe/Berlin?", ""},
			{"When?", "cron(0 25 * * ? *)", "the hour is 25, AWS accepts 0-23", "rate(1 day)"},
			{"Which addresses does", "10.0.0.0/30", "/30 holds 4 addresses, a VPC has 16 (/28) to 65536 (/16)", "10.20.0.0/16"},
			{"Which addresses are on", "10.20.128.0/17", "10.20.128.0-10.20.255.255 overlaps network.cidr", "192.168.0.0/16"},
			{"What is the id", "", "network.peer_vpc: is empty, expected the id of the other VPC", ""},
			{"In which account", "1234", "expected the 12 digits of an AWS account", ""},
			{"In which Region", "Frankfurt", "is no name of a Region", ""},
			{"Which of its route tables", "vpc-01234567", "does not begin with rtb-, expected the id of a route table", ""},
		}},
		"a tunnel and a container": {aTunnelAndAContainer, []wrong{
			{"What is the public address", "10.0.0.1", "is private (10.0.0.0/8), expected a public IPv4 address", ""},
			{"What is its autonomous", "7224", "which AWS keeps for itself in all Regions", ""},
			{"How many vCPUs", "3", "is no size of a container on Fargate", ""},
			{"And how much memory", "3072", "a container of 2 vCPU on Fargate takes 4096 to 16384 in steps of 1024", ""},
			{"Which workgroup", "Analytics", "has capitals, expected only a-z, 0-9 and hyphen", ""},
			{"And which of its databases", "a b", "is no name of a database", "dev"},
		}},
		"an event for Airflow": {anEventForAirflow, []wrong{
			{"Which events?", "partner", "expected an event pattern: keys down to lists of values", "{source: [a]}"},
			{"About how many", "many", `volume.runs_per_month: got the text "many", expected a number`, ""},
			{"How many GB", "-1", "volume.gb_per_run: got -1, expected a number from 0 to 1000000", ""},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			s, terminal := openTerminal(t)
			done := make(chan error, 1)
			go func() {
				_, err := (&shell{stdin: terminal, stderr: terminal, now: time.Now}).ask(&newOptions{dir: "orders"})
				done <- err
			}()
			met := 0
			for _, step := range test.way {
				s.sees(step.title)
				for _, wrong := range test.wrongs {
					if strings.HasPrefix(step.title, wrong.title) {
						s.types(clear + wrong.types + enter)
						s.sees(step.title, wrong.message)
						s.types(clear + wrong.then)
						met++
					}
				}
				s.types(step.types)
			}
			// The way that cannot be written ends with Ctrl-C in the summary.
			if err := <-done; err != nil && !errors.Is(err, errCanceled) {
				t.Errorf("right answers were refused in the end: %v", err)
			}
			if met != len(test.wrongs) {
				t.Errorf("met %d questions, want all %d", met, len(test.wrongs))
			}
		})
	}
}

func TestCtrlCAtEachQuestionWritesNothing(t *testing.T) {
	for _, mode := range []struct {
		name string
		env  []string
		way  func([]step) []step
	}{
		{"boxes", nil, func(way []step) []step { return way }},
		{"lines", []string{"ACCESSIBLE=1"}, inLines},
	} {
		met := map[string]bool{}
		for _, way := range ways {
			way = mode.way(way)
			for n, step := range way {
				if met[step.title] {
					continue
				}
				met[step.title] = true
				t.Run(mode.name+": "+step.title, func(t *testing.T) {
					t.Parallel()
					s := openDialog(t, mode.env, "new", "orders")
					s.answers(way[:n])
					s.sees(step.title)
					s.types(ctrlC)
					s.exits(130)
					s.sees("canceled: nothing was written")
					if n == 0 {
						s.wrote()
						return
					}
					s.sees("only your answers so far are kept, in .orders.answers.draft.yaml", "hint: scaffold new orders goes on from there")
					s.wrote(draftOf("orders"))
				})
			}
		}
	}
}

// Color is never the only signal: on a terminal without it one must see what is on.
func TestWhatIsChosenIsMarked(t *testing.T) {
	s := openDialog(t, nil, "new", "orders")
	s.answers(aFileThatLands[:1])
	s.sees("What starts a run?", "> an object that lands in S3")
	s.types(down)
	s.sees("> a schedule")
	s.types(up)
	s.answers(aFileThatLands[1:5])
	s.sees("Does what comes next depend on a result?", "> no")
	s.types(up)
	s.sees("> yes")
}

func TestATerminationSignalIsNoConsent(t *testing.T) {
	s := openDialog(t, nil, "new", "orders")
	s.sees("What is the pipeline called?")
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.exits(130)
	s.wrote()
}

// NO_COLOR takes the colors, and nothing else.
func TestWithoutColorTheScreenIsTheSame(t *testing.T) {
	color := regexp.MustCompile(`\x1b\[[0-9;]*\b(3[0-7]|4[0-7]|9[0-7]|10[0-7]|38;|48;)[0-9;]*m`)
	for _, test := range []struct {
		env     []string
		colored bool
	}{{nil, true}, {[]string{"NO_COLOR=1"}, false}, {[]string{"NO_COLOR=please"}, false}} {
		t.Run(strings.Join(test.env, ""), func(t *testing.T) {
			t.Parallel()
			s := openDialog(t, test.env, "new", "orders")
			s.sees("What is the pipeline called?")
			s.types(clear + "My_Orders" + enter)
			s.sees("! name:", "did you mean my-orders?", "│ AWS Glue workflow")
			s.types(clear + "orders" + enter)
			s.sees("> an object that lands in S3")
			s.types(ctrlC)
			s.exits(130)
			if got := color.Match(s.raw.Bytes()); got != test.colored {
				t.Errorf("got colors: %t, want %t, in %q", got, test.colored, s.raw.String())
			}
		})
	}
}

// inLines is the same way for someone who types words, because there are no lists to move in and nothing to clear.
func inLines(way []step) []step {
	var lines []step
	for _, step := range way {
		typed := strings.TrimSuffix(strings.TrimPrefix(step.types, clear), enter)
		if moves := strings.Count(typed, down); moves > 0 {
			typed = no // of yes and no
			for _, question := range questions {
				if question.kind == choice && strings.HasPrefix(question.title, step.title) {
					typed = question.options[moves].value
				}
			}
		} else if typed == up {
			typed = yes
		}
		step.types = typed + enter
		lines = append(lines, step)
	}
	return lines
}

func TestTheQuestionsArePlainLines(t *testing.T) {
	for _, env := range []string{"TERM=dumb", "ACCESSIBLE=1"} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			s := openDialog(t, []string{env}, "new", "orders")
			s.sees("What is the pipeline called?", "It names the project and its stack.", "name [orders]: ")
			s.types("My_Orders" + enter)
			s.sees("did you mean my-orders?")
			s.answers(inLines(aFileThatLands)[:2])
			s.sees("start.prefix [raw/]: ")
			s.answers(inLines(aFileThatLands)[2:5])
			s.sees("control.branches (yes or no) [no]: ")
			s.types("perhaps" + enter)
			s.sees(`control.branches: got "perhaps", expected yes or no`)
			s.answers(inLines(aFileThatLands)[5:])
			s.exits(0)
			if i := bytes.IndexByte(s.raw.Bytes(), 0x1b); i >= 0 {
				t.Errorf("got an escape sequence: %q", s.raw.Bytes()[i:min(i+20, s.raw.Len())])
			}
			if _, err := os.Stat(filepath.Join(s.folder, "orders", "cdk.json")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheEndOfTheInputIsNoConsent(t *testing.T) {
	s := openDialog(t, []string{"TERM=dumb"}, "new", "orders")
	s.answers(inLines(aFileThatLands)[:4])
	s.sees("What does a run do?")
	s.types(ctrlD)
	s.exits(2)
	s.sees("scaffold new: the input ended at the question work; nothing was written")
	s.wrote(draftOf("orders"))
}
