package advisor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		Bill struct {
			Region   string        `json:"region"`
			Choice   contractBill  `json:"choice"`
			RunnerUp *contractBill `json:"runner_up"`
			Crossing *struct {
				Answer  string  `json:"answer"`
				Value   float64 `json:"value"`
				Example string  `json:"example"`
				Chosen  string  `json:"chosen"`
			} `json:"crossing"`
		} `json:"bill"`
	}
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Bill.Region != "us-east-1" || got.Bill.Choice.Month <= 0 || got.Bill.RunnerUp == nil {
		t.Errorf("got the bill %+v", got.Bill)
	}
	if got.Example != ScheduledQuery || got.Service != "Amazon Redshift scheduled query" || got.Ranking[0].Reasons[0].Rule != "query-routine" || len(got.WhatIf) == 0 {
		t.Errorf("got %s", text)
	}
}

// contractBill is a bill as a machine reads it.
type contractBill struct {
	Example string  `json:"example"`
	Month   float64 `json:"usd_per_month"`
	Idle    float64 `json:"usd_idle_per_month"`
	Run     float64 `json:"usd_per_run"`
}

func BenchmarkRecommend(b *testing.B) {
	given := answers.Default()
	for b.Loop() {
		Recommend(&given)
	}
}
