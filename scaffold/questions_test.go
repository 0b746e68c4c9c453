package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
)

// pointless says that a question makes no sense for the answers, so that it is not asked although the answer would count.
func pointless(path string, given *answers.Answers) bool {
	section, _, _ := strings.Cut(path, ".")
	switch {
	case section == "start", path != "network.on_premises" && section == "network":
		return true // belongs to another start, or to a network that there is not
	case path == "control.branches", path == "control.resume":
		return len(given.Work) == 1 // nothing comes next, and the run begins where it failed
	case path == "control.backfill":
		return given.Start.On != answers.OnSchedule // there are no past intervals
	case path == "volume.runs_per_month":
		return given.Start.On == answers.OnSchedule // the schedule says it
	}
	return false
}

// TestAQuestionIsLeftOutOnlyIfItsAnswerWouldNotCount answers what is not asked in another way, and looks for another choice.
func TestAQuestionIsLeftOutOnlyIfItsAnswerWouldNotCount(t *testing.T) {
	t.Parallel()
	left := map[string]bool{}
	for _, typed := range replies() {
		talk := newInterview("orders", "orders", time.Now())
		for path, text := range typed {
			i := slices.IndexFunc(questions, func(q question) bool { return q.path == path })
			talk.replies[i] = text
		}
		given := talk.given()
		choice := advisor.Recommend(given).Example
		for _, question := range questions {
			if question.matters(given) || pointless(question.path, given) {
				continue
			}
			left[question.path] = true
			for _, other := range others(&question) {
				changed := *given
				if err := changed.Set(question.path, other, time.Now()); err != nil {
					t.Fatal(err)
				}
				if got := advisor.Recommend(&changed).Example; got != choice {
					t.Errorf("%v: %s is not asked, but %s leads from %s to %s", typed, question.path, other, choice, got)
				}
			}
		}
	}
	if !left["airflow.class"] {
		t.Error("airflow.class was never left out, so the test shows nothing about it")
	}
}

// others are answers to a question from one end of what it takes to the other.
func others(q *question) []string {
	var values []string
	switch q.kind {
	case decision:
		values = []string{"true", "false"}
	case choice:
		for _, option := range q.options {
			values = append(values, option.value)
		}
	default:
		values = map[string][]string{
			"volume.runs_per_month": {"0", "1000000"}, "volume.gb_per_run": {"0", "100"}, "control.longest_minutes": {"1", "10000"},
		}[q.path]
	}
	return values
}

// replies are ways to answer the questions that lead to a choice.
func replies() []map[string]string {
	var all []map[string]string
	for _, on := range answers.StartValues {
		for _, work := range []string{
			"crawler", "glue-job", "crawler, glue-job", "lambda", "http-api", "redshift-sql", "sql-server", "emr-job",
			"lambda, glue-job", "lambda, lambda", "http-api, http-api", "http-api, sql-server", "redshift-sql, redshift-sql", "batch-job, redshift-sql",
		} {
			for _, decided := range []string{"", "control.branches", "control.approval", "control.resume", "control.backfill", "team.airflow"} {
				for _, minutes := range []string{"5", "16", "1441"} {
					one := map[string]string{"start.on": on, "work": work, "control.longest_minutes": minutes}
					if decided != "" {
						one[decided] = yes
					}
					all = append(all, one)
				}
			}
		}
	}
	return all
}

func TestPlainLines(t *testing.T) {
	for _, test := range []struct {
		name, typed string
		want        []string // printed
		err         string
	}{
		{"an empty line takes the default", strings.Repeat("\n", 16), []string{"name [orders]: ", "start.on [object]: ", "lab (yes or no) [yes]: "}, ""},
		{"Windows line ends", strings.Repeat("\r\n", 16), nil, ""},
		{"a wrong choice", "\ns3\nobject\n" + strings.Repeat("\n", 14), []string{`start.on: got "s3", expected one of object, schedule, event, demand`}, ""},
		{"neither yes nor no", strings.Repeat("\n", 6) + "maybe\nYES\n" + strings.Repeat("\n", 9), []string{`control.resume: got "maybe", expected yes or no`}, ""},
		{"a long line", strings.Repeat("x", 100_000) + strings.Repeat("\n", 17), []string{"has 100000 characters, expected 3 to 30"}, ""},
		{"the end of the input", "\n\n", []string{"start.prefix [raw/]: "}, "scaffold new: the input ended at the question start.prefix; nothing was written\n  hint: scaffold new --help"},
		{"the end of the input in a line", "orders", nil, "scaffold new: the input ended at the question name; nothing was written\n  hint: scaffold new --help"},
		{"no input at all", "", nil, "scaffold new: the input ended at the question name; nothing was written\n  hint: scaffold new --help"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in, typing, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			go func() {
				_, _ = typing.WriteString(test.typed)
				_ = typing.Close()
			}()
			var out bytes.Buffer
			talk := newInterview("orders", "orders", time.Now())
			got := ""
			if err := linesAsker(t.Context(), talk, in, &out); err != nil {
				got = err.Error()
			}
			if got != test.err {
				t.Errorf("got error %q, want %q\n%s", got, test.err, out.String())
			}
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("got no %q in\n%s", want, out.String())
				}
			}
		})
	}
}

func TestAFolderThatIsNoNameIsNotOffered(t *testing.T) {
	for folder, want := range map[string]string{"orders": "orders", "My_Orders": "", "2026": "", "con": ""} {
		if got := newInterview(folder, folder, time.Now()).soFar(1).Name; got != want {
			t.Errorf("%s: got %q, want %q", folder, got, want)
		}
	}
}

func TestAScheduleTellsHowManyRunsThereAreInAMonth(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for expression, want := range map[string]float64{
		"cron(0 8 * * ? *)": 30, "cron(0 8 ? * MON *)": 4, "cron(0 8 1 * ? *)": 1, "cron(0 0 1 1 ? *)": 1, "cron(0 8,20 ? * MON-FRI *)": 43,
		"rate(1 hour)": 720, "rate(1 minute)": 43200, "rate(1 day)": 30, "at(2027-01-01T00:00:00)": 1,
	} {
		given := answers.Default()
		given.Start = answers.Start{On: answers.OnSchedule, Schedule: expression, Timezone: "Europe/Berlin"}
		if got, known := runsPerMonth(&given, now); !known || got != want {
			t.Errorf("%s: got %v runs, want %v", expression, got, want)
		}
	}
	given := answers.Default()
	if _, known := runsPerMonth(&given, now); known {
		t.Error("answers without a schedule told how often it runs")
	}
}

func BenchmarkOutlook(b *testing.B) {
	talk := newInterview("orders", "orders", time.Now())
	for b.Loop() {
		if _, err := talk.outlook(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestEachStepThatWorkMayListIsExplained(t *testing.T) {
	for _, question := range questions {
		if question.path != "work" {
			continue
		}
		var explained []string
		for _, option := range question.options {
			explained = append(explained, option.value)
		}
		if !slices.Equal(explained, answers.WorkValues) {
			t.Errorf("got %v, want %v", explained, answers.WorkValues)
		}
	}
}
