package advisor

import (
	"slices"
	"strings"
	"testing"
)

// What a rule decides: without it, for the answers beside it, this would be otherwise.
const (
	choice     = "the choice"
	possible   = "whether its service could do it" // other rules keep the choice where it is
	onlyReason = "what is said about its service"  // the choice has no alternative, and nothing else explains it
)

var decisions = []struct{ rule, decides, answers string }{
	{"glue-only-components", choice, demand + "work: [emr-job]"},
	{"glue-no-branches", choice, object + "work: [glue-job]\ncontrol: {branches: true}"},
	{"glue-no-approval", possible, daily + "work: [glue-job]\ncontrol: {approval: true}"},
	{"glue-native", choice, object + "work: [glue-job]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000}"},
	{"glue-resume-by-hand", choice, daily + "work: [glue-job]\ncontrol: {resume: true}"},
	{"glue-no-intervals", choice, daily + "work: [crawler]\ncontrol: {backfill: true}"},
	{"glue-network", choice, object + "work: [glue-job]\nnetwork: {on_premises: vpn}"},
	{"states-no-sql-server", choice, object + "work: [sql-server, batch-job]"},
	{"states-query-limit", choice, event + "work: [redshift-sql]\ncontrol: {longest_minutes: 1441}"},
	{"states-several-services", choice, event + "work: [glue-job, emr-job]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000}"},
	{"states-waits-for-jobs", choice, event + "work: [glue-job, emr-job]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000}"},
	{"states-branches", choice, event + "work: [lambda]\ncontrol: {branches: true}"},
	{"states-approval", choice, demand + "work: [crawler]\ncontrol: {approval: true}\nteam: {airflow: true}"},
	{"states-redrive", choice, daily + "work: [glue-job]\ncontrol: {resume: true}"},
	{"states-retry-per-step", choice, event + "work: [lambda, lambda]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000}"},
	{"states-larger-worker", choice, demand + "work: [http-api]\ncontrol: {approval: true}\nvolume: {gb_per_run: 100}\nnetwork: {on_premises: vpn}"},
	{"states-starts-query", choice, event + "work: [redshift-sql]\ncontrol: {resume: true}\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000}"},
	{"states-nothing-between", onlyReason, daily + "work: [redshift-sql]"},
	{"states-paid-transitions", choice, daily + "work: [crawler]\ncontrol: {approval: true}\nnetwork: {on_premises: vpn}"},
	{"states-bill", choice, event + "work: [lambda, lambda]\ncontrol: {resume: true}\nteam: {airflow: true}\nvolume: {runs_per_month: 5000000, gb_per_run: 0.001}"},
	{"states-no-intervals", choice, object + "work: [emr-job]\ncontrol: {resume: true, backfill: true}"},
	{"states-network", choice, event + "work: [batch-job]\nvolume: {runs_per_month: 1000000}\nnetwork: {on_premises: vpn}"},
	{"airflow-team", choice, demand + "work: [emr-job]\nteam: {airflow: true}"},
	{"airflow-backfill", choice, daily + "work: [crawler]\ncontrol: {backfill: true}"},
	{"airflow-network", choice, object + "work: [glue-job]\nnetwork: {on_premises: vpn}"},
	{"airflow-sql-server", onlyReason, daily + "work: [sql-server]"},
	{"airflow-external-systems", choice, demand + "work: [http-api, http-api]"},
	{"airflow-external-system", choice, demand + "work: [http-api]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000}"},
	{"airflow-clear", choice, event + "work: [http-api, http-api]\ncontrol: {resume: true}"},
	{"airflow-query-hours", onlyReason, daily + "work: [redshift-sql]\ncontrol: {longest_minutes: 2880}"},
	{"airflow-idle-cost", choice, event + "work: [lambda, lambda]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000}"},
	{"airflow-serverless", choice, event + "work: [emr-job, lambda, lambda]\ncontrol: {resume: true}\nteam: {airflow: true}"},
	{"airflow-events", choice, event + "work: [http-api]\nteam: {airflow: true}"},
	{"airflow-approval", choice, demand + "work: [crawler]\ncontrol: {approval: true}\nteam: {airflow: true}"},
	{"airflow-many-runs", choice, object + "work: [glue-job]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000}"},
	{"query-one-statement", choice, daily + "work: [batch-job]"},
	{"query-repeats", choice, event + "work: [redshift-sql]"},
	{"query-no-branches", choice, daily + "work: [redshift-sql]\ncontrol: {branches: true}"},
	{"query-no-approval", possible, daily + "work: [redshift-sql]\ncontrol: {approval: true}"},
	{"query-limit", choice, daily + "work: [redshift-sql]\ncontrol: {longest_minutes: 1441}"},
	{"query-routine", choice, daily + "work: [redshift-sql]\nteam: {airflow: true}\nvolume: {runs_per_month: 1000000}"},
	{"query-starts-over", choice, daily + "work: [redshift-sql]\ncontrol: {resume: true}"},
	{"query-no-intervals", choice, daily + "work: [redshift-sql]\ncontrol: {backfill: true}"},
	{"query-network", choice, daily + "work: [redshift-sql]\nnetwork: {on_premises: vpn}"},
	{"function-one-step", choice, demand + "work: [emr-job]"},
	{"function-15-minutes", possible, object + "work: [lambda]\ncontrol: {longest_minutes: 16}"},
	{"function-10-gb", possible, object + "work: [lambda]\nvolume: {gb_per_run: 11}"},
	{"function-approval", choice, event + "work: [http-api]\ncontrol: {approval: true}"},
	{"function-short", choice, event + "work: [http-api]\nteam: {airflow: true}"},
	{"function-direct", choice, event + "work: [http-api]\nteam: {airflow: true}"},
	{"function-hidden-branches", choice, daily + "work: [lambda]\ncontrol: {branches: true}"},
	{"function-starts-over", choice, daily + "work: [lambda]\ncontrol: {resume: true}"},
	{"function-no-intervals", choice, demand + "work: [lambda]\ncontrol: {backfill: true}"},
	{"function-network", choice, daily + "work: [http-api]\nnetwork: {on_premises: vpn}"},
}

func TestEachRuleDecides(t *testing.T) {
	all := rules
	defer func() { rules = all }()
	for _, test := range decisions {
		t.Run(test.rule, func(t *testing.T) {
			given := parsed(t, test.answers)
			rules = all
			with := rank(given)
			at := slices.IndexFunc(all, func(r rule) bool { return r.id == test.rule })
			if at < 0 {
				t.Fatal("there is no such rule")
			}
			rules = slices.Delete(slices.Clone(all), at, at+1)
			without := rank(given)
			one, other := of(with, all[at].example), of(without, all[at].example)
			if !slices.ContainsFunc(one.Reasons, func(r Reason) bool { return r.Rule == test.rule }) {
				t.Fatalf("the rule does not apply")
			}
			got := "nothing"
			switch {
			case with[0].Example != without[0].Example:
				got = choice
			case one.Possible != other.Possible:
				got = possible
			case !slices.ContainsFunc(other.Reasons, func(r Reason) bool { return r.Effect == all[at].effect }):
				got = onlyReason
			}
			if got != test.decides {
				t.Errorf("without it %s changes, expected %s: %s with it, %s without", got, test.decides, with[0].Example, without[0].Example)
			}
		})
	}
}

func of(ranking []Rank, example string) Rank {
	return ranking[slices.IndexFunc(ranking, func(rank Rank) bool { return rank.Example == example })]
}

func TestRulesAreComplete(t *testing.T) {
	ids := map[string]bool{}
	for _, rule := range rules {
		switch {
		case ids[rule.id]:
			t.Errorf("%s stands twice", rule.id)
		case Service(rule.example) == "":
			t.Errorf("%s: there is no example %q", rule.id, rule.example)
		case (rule.effect == Cannot) != (rule.weight == 0):
			t.Errorf("%s: %s with the weight %d", rule.id, rule.effect, rule.weight)
		case !strings.HasPrefix(rule.source, "https://docs.aws.amazon.com/") && !strings.HasPrefix(rule.source, "https://aws.amazon.com/"):
			t.Errorf("%s: %q is no AWS page", rule.id, rule.source)
		case !strings.HasSuffix(rule.text, "."):
			t.Errorf("%s: %q is no sentence", rule.id, rule.text)
		}
		ids[rule.id] = true
	}
	for _, decision := range decisions {
		delete(ids, decision.rule)
	}
	for id := range ids {
		t.Errorf("no answers show what %s decides", id)
	}
}
