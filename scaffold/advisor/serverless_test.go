package advisor

import (
	"slices"
	"testing"
)

// An environment bills while it idles. Whether MWAA Serverless is a way around it depends on every one of these answers.
func TestMWAAServerlessIsNamedWhereItWouldDo(t *testing.T) {
	const team = "team: {airflow: true}\n"
	for _, test := range []struct {
		name, answers string
		named         bool
	}{
		{"a team's EMR job every night", daily + team + "work: [emr-job]", true},
		{"every kind of step on AWS", demand + team + "work: [crawler, glue-job, lambda, emr-job, batch-job, redshift-sql]", true},
		{"nobody prefers Airflow", object + "work: [crawler, glue-job]", true},
		{"a step of an hour", daily + team + "work: [emr-job]\ncontrol: {longest_minutes: 60}", true},
		{"a step of more than an hour", daily + team + "work: [emr-job]\ncontrol: {longest_minutes: 61}", false},
		{"busy for just less than half of the month", daily + team + "work: [emr-job]\nvolume: {runs_per_month: 1439}", true},
		{"busy for half of the month", daily + team + "work: [emr-job]\nvolume: {runs_per_month: 1440}", false},
		{"an API outside AWS", daily + team + "work: [http-api, emr-job]", false},
		{"a SQL Server", daily + team + "work: [sql-server]", false},
		{"a network on premises", daily + team + "work: [emr-job]\nnetwork: {on_premises: vpn}", false},
		{"backfills", daily + team + "work: [emr-job]\ncontrol: {backfill: true}", false},
		{"branches", daily + team + "work: [emr-job, lambda]\ncontrol: {branches: true}", false},
		{"an approval", daily + team + "work: [emr-job]\ncontrol: {approval: true}", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			said := map[string]bool{}
			for _, reason := range of(rank(parsed(t, test.answers)), Airflow).Reasons {
				said[reason.Rule] = true
			}
			if said["airflow-serverless"] != test.named || said["airflow-idle-cost"] == test.named {
				t.Errorf("got %v, expected MWAA Serverless to be named: %t, and one reason about idle hours", said, test.named)
			}
		})
	}
}

// The two reasons about idle hours must weigh the same, or naming an alternative would change the choice.
func TestNamingMWAAServerlessChangesNoChoice(t *testing.T) {
	weights := map[string]int{}
	for _, rule := range rules {
		weights[rule.id] = rule.weight
	}
	if weights["airflow-serverless"] != weights["airflow-idle-cost"] {
		t.Errorf("got %d and %d", weights["airflow-serverless"], weights["airflow-idle-cost"])
	}
	for _, given := range combinations(t) {
		reasons := of(rank(given), Airflow).Reasons
		if n := len(slices.DeleteFunc(reasons, func(r Reason) bool { return r.Rule != "airflow-serverless" && r.Rule != "airflow-idle-cost" })); n != 1 {
			t.Errorf("%s: got %d reasons about idle hours", given.YAML(), n)
		}
	}
}
