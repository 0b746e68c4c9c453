package advisor

import (
	"slices"

	"example.com/pipewright/scaffold/answers"
)

// Row is a line of a comparison of the services: something asked of them, and what the rules say of each, in the order of Examples.
type Row struct {
	Asked string
	Cells []Cell
}

// Cell is what the rules say of one service.
type Cell struct {
	Example string
	Verdict string   // a word; "" where no rule says anything
	Rules   []string // that say so
}

// Verdicts of a kind of work. Those of a need are the words for an effect, as recommend prints them.
const (
	Chosen     = "chosen"
	Possible   = "possible"
	Impossible = "cannot"
)

// kindsOfWork are what a run may do: as the decision tree asks for it, and where the limits of a service lie.
func kindsOfWork() []treeAnswer {
	return slices.Concat(questions[0].choices, []treeAnswer{
		{"one function of more than 15 minutes", func(a *answers.Answers) {
			a.Work, a.Control.LongestMinutes = []string{answers.Lambda}, lambdaMinutes+1
		}},
		{"one function, more than 10 GB a run", func(a *answers.Answers) {
			a.Work, a.Volume.GBPerRun = []string{answers.Lambda}, lambdaGB+1
		}},
		{"three functions in order", func(a *answers.Answers) { a.Work = []string{answers.Lambda, answers.Lambda, answers.Lambda} }},
		{"three functions in order, five million times a month", func(a *answers.Answers) {
			a.Work, a.Volume = []string{answers.Lambda, answers.Lambda, answers.Lambda}, answers.Volume{RunsPerMonth: 5_000_000, GBPerRun: 0.001}
		}},
		{"a job of EMR Serverless or Batch", func(a *answers.Answers) { a.Work = []string{answers.EMRJob} }},
		{"an API outside AWS, then Glue", func(a *answers.Answers) { a.Work = []string{answers.HTTPAPI, answers.GlueJob} }},
		{"SQL in Redshift, started by an event", func(a *answers.Answers) { a.Work = []string{answers.RedshiftSQL} }},
		{"SQL in Redshift of more than 24 hours", func(a *answers.Answers) {
			questions[0].choices[2].apply(a)
			a.Control.LongestMinutes = dataAPIMinutes + 1
		}},
	})
}

// needs are what else may be asked of a service, each as one answer beside the work that it is made for.
func needs() []treeAnswer {
	return slices.Concat(questions[1].choices[1:], []treeAnswer{
		{"fit a team that prefers Airflow's DAGs", func(a *answers.Answers) { a.Team.Airflow = true }},
		{"reach a network on premises", func(a *answers.Answers) { a.Network.OnPremises = answers.Peering }},
		{"start on an event", func(a *answers.Answers) { a.Start = answers.Start{On: answers.OnEvent, Pattern: anyPattern()} }},
		{"start by hand", func(a *answers.Answers) { a.Start = answers.Start{On: answers.OnDemand} }},
		{"start more than once a minute", func(a *answers.Answers) { a.Volume.RunsPerMonth = manyRuns + 1 }},
	})
}

// CompareWork says for kinds of work which service the rules choose, and which others could do it.
func CompareWork() []Row {
	var rows []Row
	for _, kind := range kindsOfWork() {
		given := answers.Default()
		kind.apply(&given)
		row := Row{Asked: kind.text}
		ranking := rank(&given)
		for _, example := range examples {
			at := slices.IndexFunc(ranking, func(r Rank) bool { return r.Example == example.name })
			cell := Cell{Example: example.name, Verdict: Possible}
			switch {
			case at == 0:
				cell.Verdict = Chosen
			case !ranking[at].Possible:
				cell.Verdict = Impossible
			}
			for _, reason := range ranking[at].Reasons {
				cell.Rules = append(cell.Rules, reason.Rule)
			}
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// CompareNeeds says for each need what the rules add about a service at the work that it is chosen for.
func CompareNeeds() []Row {
	var rows []Row
	for _, need := range needs() {
		row := Row{Asked: need.text}
		for _, example := range examples {
			given := home(example.name)
			before := judge(learn(given), example.name, example.service).Reasons
			need.apply(given)
			cell := Cell{Example: example.name}
			for _, reason := range judge(learn(given), example.name, example.service).Reasons {
				if slices.Contains(before, reason) {
					continue
				}
				if cell.Verdict == "" {
					cell.Verdict = sign(reason.Effect) // what decides stands first
				}
				cell.Rules = append(cell.Rules, reason.Rule)
			}
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// home are answers for which the rules choose the example: the first kind of work, started by hand where it has no start of its own.
func home(example string) *answers.Answers {
	for _, kind := range kindsOfWork() {
		given := answers.Default()
		given.Start = answers.Start{On: answers.OnDemand}
		kind.apply(&given)
		if Choose(&given) == example {
			return &given
		}
	}
	panic("no kind of work leads to " + example) // a test compares every example
}

// Rules are all that is judged about an example: what excludes it, then what speaks for it and what against it, each the heaviest first.
func Rules(example string) []Reason {
	var all []Reason
	for _, rule := range rules {
		if rule.example == example {
			all = append(all, Reason{Rule: rule.id, Effect: rule.effect, Text: rule.text, Source: rule.source})
		}
	}
	order := []Effect{Cannot, Prefers, Avoids}
	slices.SortStableFunc(all, func(one, other Reason) int {
		if one.Effect != other.Effect {
			return slices.Index(order, one.Effect) - slices.Index(order, other.Effect)
		}
		return heft(other.Rule) - heft(one.Rule)
	})
	return all
}
