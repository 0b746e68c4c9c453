package advisor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"example.com/pipewright/scaffold/answers"
)

var now = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func parsed(t *testing.T, text string) *answers.Answers {
	t.Helper()
	given, err := answers.Parse("answers.yaml", []byte(text), now)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return given
}

// What starts the pipelines below.
const (
	object = "start: {on: object, prefix: raw/}\n"
	daily  = "start: {on: schedule, schedule: rate(1 day)}\n"
	event  = "start: {on: event, pattern: {source: [partner.orders]}}\n"
	demand = "start: {on: demand}\n"
)

func TestTheServiceThatASeniorEngineerWouldPick(t *testing.T) {
	for _, test := range []struct{ name, answers, want string }{
		// only Glue components
		{"a crawler and a job per partition", object + "work: [crawler, glue-job]", GlueWorkflow},
		{"one nightly Glue job", daily + "work: [glue-job]", GlueWorkflow},
		{"a crawler alone", daily + "work: [crawler]", GlueWorkflow},
		{"Glue jobs in a row after an event", event + "work: [glue-job, glue-job, crawler]", GlueWorkflow},
		{"a Glue job by hand that takes ten hours", demand + "work: [glue-job]\ncontrol: {longest_minutes: 600}", GlueWorkflow},
		{"Glue on terabytes", daily + "work: [crawler, glue-job]\nvolume: {gb_per_run: 5000}", GlueWorkflow},
		{"Glue jobs that branch on a result", object + "work: [crawler, glue-job]\ncontrol: {branches: true}", StateMachine},
		{"a Glue job that a person approves", daily + "work: [glue-job]\ncontrol: {approval: true}", StateMachine},
		{"Glue jobs that resume where they failed", daily + "work: [glue-job, glue-job]\ncontrol: {resume: true}", StateMachine},
		{"Glue jobs with backfills", daily + "work: [glue-job]\ncontrol: {backfill: true}", Airflow},
		{"Glue jobs of an Airflow team", daily + "work: [crawler, glue-job]\nteam: {airflow: true}", Airflow},
		{"a Glue job that reads on premises", daily + "work: [glue-job]\nnetwork: {on_premises: vpn}", Airflow},

		// several services
		{"validate, then load or fail", object + "work: [lambda, glue-job]\ncontrol: {branches: true}", StateMachine},
		{"load with Glue, aggregate in Redshift", object + "work: [glue-job, redshift-sql]", StateMachine},
		{"EMR, then a function", daily + "work: [emr-job, lambda]\nvolume: {gb_per_run: 2000}", StateMachine},
		{"EMR alone", daily + "work: [emr-job]", StateMachine},
		{"a container after an event", event + "work: [batch-job]", StateMachine},
		{"a crawler, then a function", object + "work: [crawler, lambda]", StateMachine},
		{"an approved publication", demand + "work: [glue-job, lambda]\ncontrol: {approval: true}", StateMachine},
		{"all controls at once", object + "work: [lambda, glue-job]\ncontrol: {branches: true, approval: true, resume: true}", StateMachine},
		{"EMR of an Airflow team", daily + "work: [emr-job, lambda]\nteam: {airflow: true}", Airflow},
		{"branches of an Airflow team", daily + "work: [lambda, glue-job]\ncontrol: {branches: true}\nteam: {airflow: true}", Airflow},
		{"branches with backfills", daily + "work: [lambda, glue-job]\ncontrol: {branches: true, backfill: true}", Airflow},
		{"a resumed pipeline with backfills", daily + "work: [glue-job, redshift-sql]\ncontrol: {resume: true, backfill: true}", Airflow},
		{"several services over a VPN", object + "work: [lambda, glue-job]\ncontrol: {branches: true}\nnetwork: {on_premises: vpn}", Airflow},

		// outside AWS
		{"an API joined with a SQL Server", daily + "work: [http-api, sql-server]\nnetwork: {on_premises: peering}", Airflow},
		{"a SQL Server that is not on premises", daily + "work: [sql-server, glue-job]", Airflow},
		{"a SQL Server copied when an event says so", event + "work: [sql-server, lambda]\ncontrol: {approval: true}", Airflow},
		{"two APIs into Redshift", daily + "work: [http-api, http-api, redshift-sql]", Airflow},
		{"one API, then Glue", daily + "work: [http-api, glue-job]", StateMachine},
		{"one API alone", daily + "work: [http-api]", EventFunction},

		// functions
		{"clean a small file", object + "work: [lambda]\ncontrol: {longest_minutes: 2}", EventFunction},
		{"a function every hour", daily + "work: [lambda]", EventFunction},
		{"a function of exactly 15 minutes", object + "work: [lambda]\ncontrol: {longest_minutes: 15}", EventFunction},
		{"a function of 16 minutes", object + "work: [lambda]\ncontrol: {longest_minutes: 16}", StateMachine},
		{"a function on more data than it can hold", object + "work: [lambda]\nvolume: {gb_per_run: 50}", StateMachine},
		{"a function a million times a month", event + "work: [lambda]\nvolume: {runs_per_month: 1000000, gb_per_run: 0.001}", EventFunction},
		{"a function that a person approves", object + "work: [lambda]\ncontrol: {approval: true}", StateMachine},
		{"a function with branches", object + "work: [lambda]\ncontrol: {branches: true}", StateMachine},
		{"a function that resumes", object + "work: [lambda]\ncontrol: {resume: true}", StateMachine},
		{"a function with backfills", daily + "work: [lambda]\ncontrol: {backfill: true}", Airflow},
		{"a function over a VPN", object + "work: [lambda]\nnetwork: {on_premises: vpn}", EventFunction},
		{"a nightly API over a VPN", daily + "work: [http-api]\nnetwork: {on_premises: vpn}", Airflow},
		{"a function per file of an Airflow team", object + "work: [lambda]\nteam: {airflow: true}", EventFunction},
		{"three functions in a row", object + "work: [lambda, lambda, lambda]", StateMachine},

		// Redshift
		{"SQL every Monday", "start: {on: schedule, schedule: 'cron(0 8 ? * MON *)', timezone: America/Los_Angeles}\nwork: [redshift-sql]", ScheduledQuery},
		{"SQL every hour", "start: {on: schedule, schedule: rate(1 hour)}\nwork: [redshift-sql]", ScheduledQuery},
		{"SQL when a file lands", object + "work: [redshift-sql]", StateMachine},
		{"SQL when a partner says so", event + "work: [redshift-sql]", StateMachine},
		{"SQL by hand", demand + "work: [redshift-sql]", StateMachine},
		{"SQL once", "start: {on: schedule, schedule: 'at(2027-01-01T00:00:00)'}\nwork: [redshift-sql]", StateMachine},
		{"two statements in order", daily + "work: [redshift-sql, redshift-sql]", StateMachine},
		{"SQL that branches", daily + "work: [redshift-sql]\ncontrol: {branches: true}", StateMachine},
		{"SQL that a person approves", daily + "work: [redshift-sql]\ncontrol: {approval: true}", StateMachine},
		{"SQL with backfills", daily + "work: [redshift-sql]\ncontrol: {backfill: true}", Airflow},
		{"SQL of an Airflow team", daily + "work: [redshift-sql]\nteam: {airflow: true}", Airflow},
		{"SQL that runs for two days", daily + "work: [redshift-sql]\ncontrol: {longest_minutes: 2880}", Airflow},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Recommend(parsed(t, test.answers))
			if got.Example != test.want {
				var text bytes.Buffer
				_ = got.WriteText(&text)
				t.Errorf("got %s, expected %s\n%s", got.Example, test.want, text.String())
			}
		})
	}
}

// TestTheScenarios holds requirements in words, with the choices that are sound.
func TestTheScenarios(t *testing.T) {
	data, err := os.ReadFile("testdata/scenarios.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var scenarios []struct {
		Name    string
		Answers yaml.Node
		Accept  []string
	}
	if err := yaml.Unmarshal(data, &scenarios); err != nil {
		t.Fatal(err)
	}
	if len(scenarios) == 0 {
		t.Fatal("there are no scenarios")
	}
	for _, scenario := range scenarios {
		t.Run(scenario.Name, func(t *testing.T) {
			text, err := yaml.Marshal(&scenario.Answers)
			if err != nil {
				t.Fatal(err)
			}
			got := Recommend(parsed(t, string(text)))
			if !slices.Contains(scenario.Accept, got.Example) {
				t.Errorf("got %s, expected one of %v", got.Example, scenario.Accept)
			}
			if got.Ranking[0].Reasons[0].Effect != Prefers {
				t.Errorf("got %q as the first reason for %s", got.Ranking[0].Reasons[0].Text, got.Example)
			}
		})
	}
}

// combinations are answers of every kind: each start with each small set of steps and each control.
func combinations(t *testing.T) []*answers.Answers {
	var found []*answers.Answers
	for _, start := range []string{object, daily, event, demand} {
		for _, first := range answers.WorkValues {
			for _, more := range []string{"", ", lambda", ", glue-job", ", sql-server"} {
				for _, control := range []string{
					"", "control: {branches: true}", "control: {approval: true}", "control: {resume: true}", "control: {backfill: true}",
					"control: {longest_minutes: 2000}", "team: {airflow: true}", "network: {on_premises: vpn}", "volume: {gb_per_run: 100}",
				} {
					found = append(found, parsed(t, fmt.Sprintf("%swork: [%s%s]\n%s\n", start, first, more, control)))
				}
			}
		}
	}
	return found
}

func TestEveryRecommendationIsPossibleReasonedAndRepeatable(t *testing.T) {
	for _, given := range combinations(t) {
		got := Recommend(given)
		if !got.Ranking[0].Possible || got.Example != got.Ranking[0].Example || got.Service != Service(got.Example) {
			t.Errorf("%s: the choice %s is not the first of the ranking, or not possible", given.YAML(), got.Example)
		}
		if len(got.Ranking) != len(Examples()) {
			t.Errorf("%s: got %d services, expected all %d", given.YAML(), len(got.Ranking), len(Examples()))
		}
		for _, rank := range got.Ranking {
			if len(rank.Reasons) == 0 {
				t.Errorf("%s: nothing is said about %s", given.YAML(), rank.Example)
			}
			excluded := slices.ContainsFunc(rank.Reasons, func(r Reason) bool { return r.Effect == Cannot })
			if rank.Possible == excluded {
				t.Errorf("%s: %s is possible: %t, excluded: %t", given.YAML(), rank.Example, rank.Possible, excluded)
			}
		}
		if diff := cmp.Diff(got, Recommend(given), cmp.AllowUnexported(Rank{})); diff != "" {
			t.Errorf("asked twice: %s", diff)
		}
	}
}

// TestEveryWhatIfHolds writes each change into the answers file, as a user would, and asks again.
func TestEveryWhatIfHolds(t *testing.T) {
	asked := append(combinations(t),
		parsed(t, "start: {on: schedule, schedule: 'at(2027-01-01T00:00:00)'}\nwork: [redshift-sql]"),
		parsed(t, daily+"work: [http-api, sql-server]\nnetwork: {on_premises: peering, cidr: 10.0.0.0/16, on_premises_cidr: 10.1.0.0/16}"))
	found := 0
	for i, given := range asked {
		if i%5 != 0 && i < len(asked)-2 { // each start, step and control still meets
			continue
		}
		for _, change := range Recommend(given).WhatIf {
			var file map[string]any
			if err := yaml.Unmarshal(given.YAML(), &file); err != nil {
				t.Fatal(err)
			}
			section, key, nested := strings.Cut(change.Answer, ".")
			if !nested {
				file[section] = change.Value
			} else if keys, ok := file[section].(map[string]any); ok {
				keys[key] = change.Value
			}
			text, err := yaml.Marshal(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := Recommend(parsed(t, string(text))).Example; got != change.Example || got == Recommend(given).Example {
				t.Errorf("%s: %v: got %s, expected %s as what_if says", change.Answer, change.Value, got, change.Example)
			}
			found++
		}
	}
	if found < 500 {
		t.Errorf("only %d changes were tried", found)
	}
}

func TestWhatIfFindsTheAnswersThatMatter(t *testing.T) {
	got := Recommend(parsed(t, object+"work: [crawler, glue-job]")).WhatIf
	for _, want := range []Change{
		{"control.branches", true, StateMachine},
		{"control.approval", true, StateMachine},
		{"control.resume", true, StateMachine},
		{"control.backfill", true, Airflow},
		{"team.airflow", true, Airflow},
		{"network", map[string]any{"on_premises": "vpn"}, Airflow},
		{"work", []string{"crawler", "glue-job", "lambda"}, StateMachine},
	} {
		if !slices.ContainsFunc(got, func(change Change) bool { return cmp.Equal(change, want) }) {
			t.Errorf("got %v, expected %v in it", got, want)
		}
	}
	for _, change := range got {
		if change.Answer == "lab" || change.Answer == "volume.gb_per_run" {
			t.Errorf("got %v, which changes nothing", change)
		}
	}
}

func TestWhatIfNamesTheNearestNumber(t *testing.T) {
	for _, test := range []struct {
		name, answers string
		want          []Change
	}{
		{"up", object + "work: [lambda]\ncontrol: {longest_minutes: 2}", []Change{{"control.longest_minutes", 16, StateMachine}}},
		{"down", object + "work: [lambda]\ncontrol: {longest_minutes: 600}", []Change{{"control.longest_minutes", 15, EventFunction}}},
		{"down from above both limits", daily + "work: [redshift-sql]\ncontrol: {longest_minutes: 2000}", []Change{{"control.longest_minutes", 1440, ScheduledQuery}}},
		{
			"a time that repeats", "start: {on: schedule, schedule: 'at(2027-01-01T00:00:00)'}\nwork: [redshift-sql]",
			[]Change{{"start.schedule", "cron(0 8 * * ? *)", ScheduledQuery}, {"control.longest_minutes", 1441, Airflow}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []Change
			for _, change := range Recommend(parsed(t, test.answers)).WhatIf {
				if change.Answer == "control.longest_minutes" || change.Answer == "start.schedule" {
					got = append(got, change)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestTheJSONIsTheContract(t *testing.T) {
	text, err := json.Marshal(Recommend(parsed(t, daily+"work: [redshift-sql]")))
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var got struct {
		Example string `json:"example"`
		Service string `json:"service"`
		Ranking []struct {
			Example  string `json:"example"`
			Service  string `json:"service"`
			Possible bool   `json:"possible"`
			Reasons  []struct {
				Rule   string `json:"rule"`
				Effect string `json:"effect"`
				Text   string `json:"text"`
				Source string `json:"source"`
			} `json:"reasons"`
		} `json:"ranking"`
		WhatIf []struct {
			Answer  string `json:"answer"`
			Value   any    `json:"value"`
			Example string `json:"example"`
		} `json:"what_if"`
	}
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Example != ScheduledQuery || got.Service != "Amazon Redshift scheduled query" || got.Ranking[0].Reasons[0].Rule != "query-routine" || len(got.WhatIf) == 0 {
		t.Errorf("got %s", text)
	}
}

func BenchmarkRecommend(b *testing.B) {
	given := answers.Default()
	for b.Loop() {
		Recommend(&given)
	}
}
