package advisor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"example.com/pipewright/scaffold/answers"
)

// holds writes each change into the answers file, as a user would, and asks again. It returns how many there were.
func holds(t *testing.T, given *answers.Answers) int {
	t.Helper()
	chosen := Recommend(given)
	for _, change := range chosen.WhatIf {
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
		if got := Recommend(parsed(t, string(text))).Example; got != change.Example || got == chosen.Example {
			t.Errorf("%s: %v: got %s, expected %s as what_if says of\n%s", change.Answer, change.Value, got, change.Example, given.YAML())
		}
	}
	return len(chosen.WhatIf)
}

func TestEveryWhatIfHolds(t *testing.T) {
	found := 0
	for i, given := range combinations(t) {
		if i%5 == 0 { // each start, step and control still meets
			found += holds(t, given)
		}
	}
	for _, text := range []string{
		"start: {on: schedule, schedule: 'at(2027-01-01T00:00:00)'}\nwork: [redshift-sql]",
		daily + "work: [http-api, sql-server]\nnetwork: {on_premises: peering, cidr: 10.0.0.0/16, on_premises_cidr: 10.1.0.0/16}",
	} {
		found += holds(t, parsed(t, text))
	}
	if found < 500 {
		t.Errorf("only %d changes were tried", found)
	}
}

// TestEveryWhatIfHoldsOfRandomAnswers also meets answers that no table thinks of, those about single services among them.
func TestEveryWhatIfHoldsOfRandomAnswers(t *testing.T) {
	random := rand.New(rand.NewPCG(2026, 11)) // always the same ones
	found, applied := 0, map[string]bool{}
	for range 500 {
		given := parsed(t, randomAnswers(random))
		found += holds(t, given)
		for _, rank := range Recommend(given).Ranking {
			for _, reason := range rank.Reasons {
				applied[reason.Rule] = true
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d changes were tried", found)
	}
	for _, rule := range rules {
		if !applied[rule.id] {
			t.Errorf("%s never applied: the answers are not random enough", rule.id)
		}
	}
}

// randomAnswers are sound answers as a file.
func randomAnswers(random *rand.Rand) string {
	pick := func(among ...string) string { return among[random.IntN(len(among))] }
	var work []string
	for range 1 + random.IntN(3) {
		work = append(work, pick(answers.WorkValues...))
	}
	if random.IntN(4) == 0 {
		work = []string{pick(answers.RedshiftSQL, answers.Lambda, answers.HTTPAPI)} // what a single step may do
	}
	rare := func() bool { return random.IntN(4) == 0 }
	text := pick(object, daily, event, demand, "start: {on: schedule, schedule: 'at(2027-01-01T00:00:00)'}\n") +
		"work: [" + strings.Join(work, ", ") + "]\n" +
		fmt.Sprintf("control: {branches: %t, approval: %t, resume: %t, backfill: %t, longest_minutes: %s}\n", rare(), rare(), rare(), rare(),
			pick("1", "15", "16", "60", "61", "1440", "1441", "10080")) +
		fmt.Sprintf("team: {airflow: %t}\nlab: %t\n", rare(), rare()) +
		fmt.Sprintf("volume: {runs_per_month: %s, gb_per_run: %s}\n", pick("0", "30", "43200", "43201", "1000000"), pick("0", "10", "10.5", "5000")) +
		pick("", "", "network: {outbound: nat, cidr: 10.20.0.0/16}\n",
			"network: {on_premises: peering, cidr: 10.0.0.0/16, on_premises_cidr: 10.1.0.0/16, outbound: endpoints, peer_vpc: vpc-01234567, peer_route_tables: [rtb-01234567]}\n",
			"network: {on_premises: peering, peer_account: '012345678901', peer_region: eu-west-1}\n",
			"network: {on_premises: vpn, customer_gateway_ip: 203.0.113.10, bgp_asn: 65010}\n") +
		pick("", "airflow: {version: 3.0.6, class: mw1.micro}\n")
	if slices.Contains(work, answers.BatchJob) {
		text += pick("", "batch: {vcpu: 0.25, memory_mib: 512}\n")
	}
	if slices.Contains(work, answers.RedshiftSQL) {
		text += pick("", "redshift: {workgroup: analytics, database: dev}\n")
	}
	return text
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
