package main

import (
	"encoding/json"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/advisor"
)

func TestWhatTheDagCannotDoIsRefusedByName(t *testing.T) {
	const peered = "network: {on_premises: peering, cidr: 10.20.0.0/16, on_premises_cidr: 192.168.0.0/16, peer_vpc: vpc-01234567, outbound: endpoints}\n"
	for _, test := range []struct{ name, answers, want string }{
		{"both sources", "work: [http-api, sql-server]\n", ""},
		{"the API alone", "work: [http-api]\n", ""},
		{"the SQL Server alone, over endpoints", "work: [sql-server]\n" + peered, ""},
		{
			"other work", "work: [sql-server, glue-job]\n",
			"work: got [sql-server, glue-job], this version writes [http-api, sql-server], [http-api] or [sql-server]\n" +
				"    hint: write one of these, and your own tasks into its DAG, constructs/weathersales/dags/weather_sales.py",
		},
		{"an Airflow before the DAG's", "work: [http-api]\nairflow: {version: 2.10.3}\n", "airflow.version: got 2.10.3, the DAG is written for Airflow 3\n    hint: leave it out, or write 3.0.6"},
		{
			"a link that nothing uses, and an API behind endpoints", "work: [http-api]\n" + peered,
			"network.outbound: got endpoints, which lead to AWS alone, and the work [http-api] reaches the internet\n    hint: leave it out, or write nat; " +
				"network.on_premises: got peering, and nothing in the work [http-api] is reached by it\n    hint: write none, or add sql-server to work",
		},
		{
			"a public SQL Server behind endpoints", "work: [sql-server]\nnetwork: {outbound: endpoints}\n",
			"network.outbound: got endpoints, which lead to AWS alone, and the work [sql-server] reaches the internet\n    hint: leave it out, or write nat",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(airflowProblems(answersOf(t, test.answers)), "; "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAnAlarmTellsOfAMissedRunOfTheDag(t *testing.T) {
	for _, test := range []struct {
		start string
		want  any // nil: no alarm is asked for
	}{
		{`{on: schedule, schedule: "cron(0 6 * * ? *)"}`, 2.0},
		{`{on: schedule, schedule: "cron(0 6 ? * MON *)"}`, 7.0},
		{`{on: schedule, schedule: "cron(0 6 1 * ? *)"}`, 0.0},
		{`{on: schedule, schedule: "at(2099-01-01T06:00:00)"}`, 0.0},
		{`{on: demand}`, nil},
	} {
		t.Run(test.start, func(t *testing.T) {
			text, err := cdkJSON(advisor.Airflow, answersOf(t, "start: "+test.start+"\nwork: [http-api]\n"))
			if err != nil {
				t.Fatal(err)
			}
			var read struct{ Context map[string]any }
			if err := json.Unmarshal(text, &read); err != nil {
				t.Fatal(err)
			}
			if got := read.Context["missedDays"]; got != test.want {
				t.Errorf("got %v days, want %v", got, test.want)
			}
		})
	}
}
