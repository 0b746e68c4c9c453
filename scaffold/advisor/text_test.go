package advisor

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/answers"
)

// ExampleRecommendation_WriteText shows what a user reads: the choice, why not the others, and what would change it.
func ExampleRecommendation_WriteText() {
	given, err := answers.Parse("answers.yaml", []byte(`
start: {on: schedule, schedule: "cron(0 5 * * ? *)", timezone: Europe/Berlin}
work: [http-api, sql-server]
control: {backfill: true}
network: {on_premises: peering}
`), time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	if err != nil {
		panic(err)
	}
	if err := Recommend(given).WriteText(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// Amazon MWAA (example airflow)
	//     for     Several systems outside AWS are joined: operators for them exist, and one screen shows which of them failed.
	//             https://docs.aws.amazon.com/mwaa/latest/userguide/connections-packages.html
	//     for     Each DAG run belongs to an interval, and past intervals run again with one command.
	//             https://docs.aws.amazon.com/mwaa/latest/userguide/what-is-mwaa.html
	//     for     Its workers run inside your VPC, so peering or a VPN is all they need to reach your premises.
	//             https://docs.aws.amazon.com/mwaa/latest/userguide/networking-about.html
	//     for     A provider package queries SQL Server from a task, with the connection kept as a secret.
	//             https://docs.aws.amazon.com/mwaa/latest/userguide/connections-packages.html
	//     against An environment is billed for every hour that it exists, also while nothing runs. Here: 400.60 USD of 401.95 a month.
	//             https://aws.amazon.com/managed-workflows-for-apache-airflow/pricing/
	//
	// Why not the others
	//   AWS Lambda: cannot do it
	//     cannot  The whole run would be one function, and there are more steps, or other services do the work.
	//             https://docs.aws.amazon.com/lambda/latest/dg/welcome.html
	//   AWS Step Functions: cannot do it
	//     cannot  Step Functions has no integration that queries SQL Server; that would take a function or a Glue job as a step of its own.
	//             https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
	//   Amazon Redshift scheduled query: cannot do it
	//     cannot  The Redshift scheduler runs SQL on its own, and there is other work, or more than one query in order.
	//             https://docs.aws.amazon.com/redshift/latest/mgmt/query-editor-v2-schedule-query.html
	//   AWS Glue workflow: cannot do it
	//     cannot  A Glue workflow runs only Glue jobs and crawlers, and there is other work.
	//             https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html
	//
	// What it costs in us-east-1, before the free tier; scaffold cost has each line
	//   Amazon MWAA: 401.95 USD a month, 400.60 of it while idle, and 0.046 for each run
	//
	// No single answer would change the choice.
}

func TestChangesToTheSameChoiceAreOneLine(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes []Change
		want    string
	}{
		{"no change", nil, "\nNo single answer would change the choice.\n"},
		{"a step more of any kind", []Change{
			{"work", []string{"crawler", "lambda"}, StateMachine}, {"work", []string{"crawler", "emr-job"}, StateMachine}, {"work", []string{"crawler", "sql-server"}, Airflow},
		}, "  work: [crawler] and then lambda or emr-job -> AWS Step Functions\n  work: [crawler, sql-server] -> Amazon MWAA\n"},
		{
			"a step less",
			[]Change{{"work", []string{"lambda"}, EventFunction}, {"work", []string{"lambda", "lambda", "lambda"}, StateMachine}},
			"  work: [lambda] -> AWS Lambda\n  work: [lambda, lambda, lambda] -> AWS Step Functions\n",
		},
		{
			"a step less here or there",
			[]Change{{"work", []string{"glue-job"}, GlueWorkflow}, {"work", []string{"crawler", "glue-job"}, GlueWorkflow}},
			"  work: [glue-job] -> AWS Glue workflow\n  work: [crawler, glue-job] -> AWS Glue workflow\n",
		},
		{"values of keys", []Change{
			{"network", map[string]any{"on_premises": "peering"}, Airflow},
			{"network", map[string]any{"on_premises": "vpn"}, Airflow},
			{"start", map[string]any{"on": "event", "pattern": map[string]any{"source": []any{"a<b"}}}, StateMachine},
		}, "  network: {on_premises: peering} or {on_premises: vpn} -> Amazon MWAA\n  start: {on: event, pattern: {source: [a<b]}} -> AWS Step Functions\n"},
		{
			"a number and a switch",
			[]Change{{"control.longest_minutes", 16, StateMachine}, {"team.airflow", true, Airflow}},
			"  control.longest_minutes: 16 -> AWS Step Functions\n  team.airflow: true -> Amazon MWAA\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			if err := (Recommendation{WhatIf: test.changes}).writeChanges(&out); err != nil {
				t.Fatal(err)
			}
			got := strings.TrimPrefix(out.String(), "\nOne of these answers would change the choice\n")
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEqualsAreToldApartByWhatThereIsToRun(t *testing.T) {
	best := Rank{Example: GlueWorkflow, Service: "AWS Glue workflow", Possible: true, score: 3}
	r := Recommendation{Ranking: []Rank{best}}
	for want, rank := range map[string]Rank{
		"would do as well, but there is more to run and pay for": {Possible: true, score: 3},
		"could do it, but less speaks for it":                    {Possible: true, score: 2},
		"cannot do it":                                           {score: 9},
	} {
		if got := r.verdict(rank); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAFaultOfTheWriterIsNotLost(t *testing.T) {
	given := answers.Default()
	if err := Recommend(&given).WriteText(full{}); err == nil {
		t.Error("got no error")
	}
	if err := (Recommendation{WhatIf: []Change{{"work", func() {}, Airflow}}}).WriteText(full{}); err == nil || !strings.Contains(err.Error(), "change of work") {
		t.Errorf("got error %v, want one that names the answer", err)
	}
}
