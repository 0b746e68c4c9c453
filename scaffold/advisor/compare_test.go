package advisor

import (
	"maps"
	"slices"
	"testing"
)

// A comparison that left out a rule would tell less than recommend.
func TestEachRuleIsBehindACellOfTheComparisons(t *testing.T) {
	shown := map[string]bool{}
	for _, row := range slices.Concat(CompareWork(), CompareNeeds()) {
		for _, cell := range row.Cells {
			for _, rule := range cell.Rules {
				shown[rule] = true
			}
		}
	}
	for _, rule := range rules {
		if !shown[rule.id] {
			t.Errorf("rule %s is behind no cell: add the kind of work or the need that it looks at to compare.go", rule.id)
		}
	}
}

// What it says of some cells, so that the tables are not only equal to themselves.
func TestComparisons(t *testing.T) {
	for _, test := range []struct {
		rows                    []Row
		asked, example, verdict string
	}{
		{CompareWork(), "only Glue crawlers and jobs", GlueWorkflow, Chosen},
		{CompareWork(), "only Glue crawlers and jobs", StateMachine, Possible},
		{CompareWork(), "steps in several AWS services", StateMachine, Chosen},
		{CompareWork(), "steps in several AWS services", GlueWorkflow, Impossible},
		{CompareWork(), "joins systems outside AWS", Airflow, Chosen},
		{CompareWork(), "SQL in Redshift at fixed times", ScheduledQuery, Chosen},
		{CompareWork(), "SQL in Redshift, started by an event", ScheduledQuery, Impossible},
		{CompareWork(), "one function of more than 15 minutes", EventFunction, Impossible},
		{CompareNeeds(), "wait for an approval", StateMachine, "for"},
		{CompareNeeds(), "wait for an approval", GlueWorkflow, "cannot"},
		{CompareNeeds(), "wait for an approval", Airflow, "against"},
		{CompareNeeds(), "run past intervals again", Airflow, "for"},
		{CompareNeeds(), "start by hand", ScheduledQuery, "cannot"},
		{CompareNeeds(), "start by hand", StateMachine, ""},
	} {
		at := slices.IndexFunc(test.rows, func(r Row) bool { return r.Asked == test.asked })
		if at < 0 {
			t.Errorf("there is no row %q", test.asked)
			continue
		}
		for _, cell := range test.rows[at].Cells {
			if cell.Example == test.example && cell.Verdict != test.verdict {
				t.Errorf("%s, %s: got %q of %v, expected %q", test.asked, test.example, cell.Verdict, cell.Rules, test.verdict)
			}
		}
	}
}

func TestRulesOfAnExampleAreAllOfThem(t *testing.T) {
	count := 0
	for _, example := range Examples() {
		count += len(Rules(example))
	}
	if count != len(rules) {
		t.Errorf("got %d rules of all examples, expected %d", count, len(rules))
	}
}

func TestEachPageHasATitle(t *testing.T) {
	unused := maps.Clone(pages)
	for _, rule := range rules {
		if pages[rule.source] == "" {
			t.Errorf("rule %s: the page %s has no title in pages.go", rule.id, rule.source)
		}
		delete(unused, rule.source)
	}
	for page := range unused {
		t.Errorf("%s: no rule follows this page", page)
	}
}
