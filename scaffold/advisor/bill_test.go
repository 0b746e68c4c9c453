package advisor

import (
	"slices"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/cost"
)

func TestTheBillIsThatOfTheFirstTwo(t *testing.T) {
	for _, test := range []struct {
		name, answers, choice, runnerUp string
	}{
		{"two can do it", daily + "work: [glue-job]", GlueWorkflow, StateMachine},
		{"one can do it", daily + "work: [sql-server]", Airflow, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			given := parsed(t, test.answers)
			bill := Recommend(given).Bill
			for example, got := range map[string]*Amount{test.choice: bill.Choice, test.runnerUp: bill.RunnerUp} {
				if example == "" {
					if got != nil {
						t.Errorf("got the runner-up %s, expected none", got.Example)
					}
					continue
				}
				want := cost.Of(example, given, cost.Options{})
				if got == nil || got.Example != example || !got.Month.Equal(want.PerMonth) || !got.Idle.Equal(want.PerIdle) || !got.Run.Equal(want.PerRun) {
					t.Errorf("got %+v, expected the estimate of %s", got, example)
				}
			}
		})
	}
}

// A crossing is where the bills really cross: with one run less the other one is the cheaper one.
func TestTheBillsCrossWhereTheBillSays(t *testing.T) {
	crossed := 0
	for _, text := range []string{
		object + "work: [lambda, glue-job]\ncontrol: {branches: true}\nvolume: {gb_per_run: 0.1}",
		event + "work: [lambda, lambda]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000, gb_per_run: 0.001}",
		object + "work: [crawler, lambda]",
		demand + "work: [redshift-sql]",
		daily + "work: [glue-job]",
	} {
		given := parsed(t, text)
		recommended := Recommend(given)
		crossing := recommended.Bill.Crossing
		if crossing == nil {
			continue
		}
		crossed++
		one, other := recommended.Ranking[0].Example, recommended.Ranking[1].Example
		if crossing.Example == one {
			one, other = other, one
		}
		for _, side := range []struct {
			runs    cost.Decimal
			cheaper string
		}{{crossing.Value.Sub(cost.Whole(1)), one}, {crossing.Value.Add(cost.Whole(1)), other}} {
			given.Volume.RunsPerMonth = side.runs.Float64()
			first, second := cost.Of(one, given, cost.Options{}), cost.Of(other, given, cost.Options{})
			got := one
			if second.PerMonth.Cmp(first.PerMonth) < 0 {
				got = other
			}
			if got != side.cheaper {
				t.Errorf("%s: with %s runs %s is the cheaper one (%s and %s), expected %s", text, side.runs, got, first.PerMonth.Short(), second.PerMonth.Short(), side.cheaper)
			}
			if chosen := Choose(given); side.cheaper == crossing.Example && chosen != crossing.Chosen {
				t.Errorf("%s: with %s runs %s is chosen, expected %s", text, side.runs, chosen, crossing.Chosen)
			}
		}
	}
	if crossed < 3 {
		t.Errorf("only %d bills cross: these answers show nothing", crossed)
	}
}

// What a team's runs cost on Step Functions outgrows an environment one day; from there on it is the choice, and what_if names the number.
func TestTheChoiceChangesWhereTheBillsCross(t *testing.T) {
	given := parsed(t, event+"work: [lambda, lambda]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000, gb_per_run: 0.001}")
	recommended := Recommend(given)
	crossing := recommended.Bill.Crossing
	if recommended.Example != StateMachine || crossing == nil || crossing.Example != Airflow || crossing.Chosen != Airflow {
		t.Fatalf("got %s and %+v, expected Step Functions until Airflow is the cheaper one", recommended.Example, crossing)
	}
	given.Volume.RunsPerMonth = crossing.Value.Float64() - 1
	if got := Choose(given); got != StateMachine {
		t.Errorf("got %s one run below the crossing", got)
	}
	var text strings.Builder
	if err := recommended.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if want := "From " + crossing.Value.Plain() + " runs a month on Amazon MWAA would be the cheaper one, and Amazon MWAA the choice."; !strings.Contains(text.String(), want) {
		t.Errorf("got %s\nexpected %s", text.String(), want)
	}
	named := slices.ContainsFunc(recommended.WhatIf, func(c Change) bool { return c.Answer == runsAnswer && c.Example == Airflow })
	if !named {
		t.Errorf("what_if %v names no number of runs", recommended.WhatIf)
	}
}

func TestReasonsThatAreAMatterOfCostSayTheirFigures(t *testing.T) {
	for _, test := range []struct{ rule, answers, example, figures string }{
		// 30 runs of 3 states: Run ETL job, Done, and Take object: 90 × 0.025 / 1,000
		{"states-paid-transitions", object + "work: [glue-job]", StateMachine, "Here: 0.0023 USD a month for 90 transitions."},
		{"states-nothing-between", demand + "work: [emr-job]", StateMachine, "Here: 0.0015 USD a month for 60 transitions."},
		{"airflow-idle-cost", daily + "work: [sql-server]", Airflow, "Here: 400.20 USD of 400.20 a month."},
	} {
		reasons := of(Recommend(parsed(t, test.answers)).Ranking, test.example).Reasons
		at := slices.IndexFunc(reasons, func(r Reason) bool { return r.Rule == test.rule })
		if at < 0 || !strings.HasSuffix(reasons[at].Text, test.figures) {
			t.Errorf("%s: got %+v, expected %q", test.rule, reasons, test.figures)
		}
	}
	for id := range figures {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.id == id }) {
			t.Errorf("figures of %s: there is no such rule", id)
		}
	}
}
