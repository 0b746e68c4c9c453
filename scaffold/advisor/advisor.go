// Package advisor says which AWS service should orchestrate a pipeline, and why, from the answers alone.
//
// The judgment is a table of rules (rules.go), each with the fact it looks at, its effect, a sentence and the AWS page it
// follows. A service that a rule excludes is never chosen; among the others the weights of the rules that apply decide,
// and equals are ordered by how little there is to run and pay for. What would change the choice is found by changing
// one answer after the other and asking again. Rules that are a matter of cost look at the estimates of package cost, and say their figures.
// The package reads no clock and calls nothing.
package advisor

import (
	"slices"

	"example.com/pipewright/scaffold/answers"
)

// The examples, each a stack of the same name.
const (
	GlueWorkflow   = "glueworkflow"
	StateMachine   = "statemachine"
	Airflow        = "airflow"
	ScheduledQuery = "scheduledquery"
	EventFunction  = "eventfunction"
)

// examples in the order in which equals are ranked: what needs less to run and pay for stands first.
var examples = []struct{ name, service string }{
	{EventFunction, "AWS Lambda"},
	{ScheduledQuery, "Amazon Redshift scheduled query"},
	{GlueWorkflow, "AWS Glue workflow"},
	{StateMachine, "AWS Step Functions"},
	{Airflow, "Amazon MWAA"},
}

// Examples are the names of all examples.
func Examples() []string {
	var names []string
	for _, example := range examples {
		names = append(names, example.name)
	}
	return names
}

// Service is the AWS service of an example, or "" where there is no such example.
func Service(example string) string {
	for _, candidate := range examples {
		if candidate.name == example {
			return candidate.service
		}
	}
	return ""
}

// Recommendation is the choice, how each service did, and what would change the choice.
type Recommendation struct {
	Example string   `json:"example"`
	Service string   `json:"service"`
	Ranking []Rank   `json:"ranking"` // every example, the chosen one first
	WhatIf  []Change `json:"what_if"`
	Bill    *Bill    `json:"bill"`
}

// Rank is one service with everything that spoke for and against it.
type Rank struct {
	Example  string   `json:"example"`
	Service  string   `json:"service"`
	Possible bool     `json:"possible"`
	Reasons  []Reason `json:"reasons"`

	score int // sum of the weights
}

// Reason is a rule that applied.
type Reason struct {
	Rule   string `json:"rule"`
	Effect Effect `json:"effect"`
	Text   string `json:"text"`
	Source string `json:"source"` // URL of the AWS page
}

// Effect is what a rule does to a service.
type Effect string

// The effects.
const (
	Cannot  Effect = "cannot"  // excludes the service
	Prefers Effect = "prefers" // speaks for it
	Avoids  Effect = "avoids"  // speaks against it
)

// Change is a single answer that would change the choice: with Value at the key Answer, Example is chosen.
type Change struct {
	Answer  string `json:"answer"`
	Value   any    `json:"value"` // as it would stand in answers.yaml
	Example string `json:"example"`
}

// Recommend ranks the services for the answers, which must have been checked. Equal answers give an equal recommendation.
func Recommend(a *answers.Answers) Recommendation {
	f := learn(a)
	ranking := f.rank()
	f.addFigures(ranking)
	best := ranking[0]
	return Recommendation{
		Example: best.Example, Service: best.Service, Ranking: ranking, WhatIf: whatIf(a, best.Example), Bill: newBill(a, f, ranking),
	}
}

// Choose is the example that Recommend chooses, without its reasons.
func Choose(a *answers.Answers) string { return rank(a)[0].Example }

func rank(a *answers.Answers) []Rank { return learn(a).rank() }

func (f *facts) rank() []Rank {
	var ranking []Rank
	for _, example := range examples {
		ranking = append(ranking, judge(f, example.name, example.service))
	}
	// Stable: equals keep the order of examples.
	slices.SortStableFunc(ranking, func(one, other Rank) int {
		if one.Possible != other.Possible {
			if one.Possible {
				return -1
			}
			return 1
		}
		return other.score - one.score
	})
	return ranking
}

func judge(f *facts, example, service string) Rank {
	result := Rank{Example: example, Service: service, Possible: true, Reasons: []Reason{}}
	for _, rule := range rules {
		if rule.example != example || !rule.when(f) {
			continue
		}
		switch rule.effect {
		case Cannot:
			result.Possible = false
		case Prefers:
			result.score += rule.weight
		case Avoids:
			result.score -= rule.weight
		}
		result.Reasons = append(result.Reasons, Reason{Rule: rule.id, Effect: rule.effect, Text: rule.text, Source: rule.source})
	}
	// What decides stands first: exclusion, then the heaviest.
	slices.SortStableFunc(result.Reasons, func(one, other Reason) int { return heft(other.Rule) - heft(one.Rule) })
	return result
}

// addFigures lets the reasons that are a matter of cost say their figures.
func (f *facts) addFigures(ranking []Rank) {
	for _, rank := range ranking {
		for i, reason := range rank.Reasons {
			if say := figures[reason.Rule]; say != nil {
				rank.Reasons[i].Text += say(f)
			}
		}
	}
}

// heft orders reasons. Exclusion is heavier than any weight.
func heft(id string) int {
	const exclusion = 100
	for _, rule := range rules {
		if rule.id == id && rule.effect == Cannot {
			return exclusion
		} else if rule.id == id {
			return rule.weight
		}
	}
	return 0
}
