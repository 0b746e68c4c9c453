package advisor

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cost"
)

// whatIf tries every change of a single answer and keeps those that change the choice.
func whatIf(a *answers.Answers, chosen string) []Change {
	changes := []Change{}
	for _, candidate := range candidates(a) {
		changed := a.Clone()
		candidate.apply(changed)
		example := rank(changed)[0].Example
		// Of several values of a number that lead to the same choice, the first is the nearest.
		known := slices.ContainsFunc(changes, func(earlier Change) bool {
			return isNumber(candidate.value) && earlier.Answer == candidate.answer && earlier.Example == example
		})
		if example != chosen && !known {
			changes = append(changes, Change{Answer: candidate.answer, Value: candidate.value, Example: example})
		}
	}
	return changes
}

func isNumber(value any) bool {
	switch value.(type) {
	case int, float64:
		return true
	}
	return false
}

// candidate is a change of one answer; its value stands in for what answers.yaml says at that key.
type candidate struct {
	answer string
	value  any
	apply  func(*answers.Answers)
}

func candidates(a *answers.Answers) []candidate {
	return slices.Concat(starts(a), works(a), switches(a), numbers(a), networks(a))
}

// The schedule and the pattern that stand in where the answers have none.
const anySchedule = "cron(0 8 * * ? *)"

func anyPattern() map[string]any { return map[string]any{"source": []any{"partner.orders"}} }

// starts lets a single time repeat, and replaces the whole of start, because each value of start.on has keys of its own.
func starts(a *answers.Answers) []candidate {
	var found []candidate
	if a.Start.On == answers.OnSchedule && strings.HasPrefix(a.Start.Schedule, "at(") {
		found = append(found, candidate{"start.schedule", anySchedule, func(a *answers.Answers) { a.Start.Schedule = anySchedule }})
	}
	for _, on := range answers.StartValues {
		if on == a.Start.On {
			continue
		}
		start, value := answers.Start{On: on}, map[string]any{"on": on}
		switch on {
		case answers.OnObject:
			start.Prefix = answers.DefaultPrefix
		case answers.OnSchedule:
			start.Schedule, start.Timezone = anySchedule, answers.DefaultTimezone
			value["schedule"] = anySchedule
		case answers.OnEvent:
			start.Pattern = anyPattern()
			value["pattern"] = start.Pattern
		}
		found = append(found, candidate{"start", value, func(a *answers.Answers) { a.Start = start }})
	}
	return found
}

// works drops each step, and adds each kind of step at the end. A step of which another answer says more stays, because that
// answer would have to go with it.
func works(a *answers.Answers) []candidate {
	var lists [][]string
	if len(a.Work) > 1 {
		for i := range a.Work {
			lists = append(lists, slices.Delete(slices.Clone(a.Work), i, i+1))
		}
	}
	if len(a.Work) < answers.MaxWork {
		for _, step := range answers.WorkValues {
			lists = append(lists, append(slices.Clone(a.Work), step))
		}
	}
	var found []candidate
	for i, list := range lists {
		if a.Batch.VCPU != "" && !slices.Contains(list, answers.BatchJob) || a.Redshift.Workgroup != "" && !slices.Contains(list, answers.RedshiftSQL) {
			continue
		}
		if slices.ContainsFunc(lists[:i], func(earlier []string) bool { return slices.Equal(earlier, list) }) {
			continue
		}
		found = append(found, candidate{"work", list, func(a *answers.Answers) { a.Work = list }})
	}
	return found
}

func switches(a *answers.Answers) []candidate {
	var found []candidate
	for _, answer := range []struct {
		path string
		at   func(*answers.Answers) *bool
	}{
		{"control.branches", func(a *answers.Answers) *bool { return &a.Control.Branches }},
		{"control.approval", func(a *answers.Answers) *bool { return &a.Control.Approval }},
		{"control.resume", func(a *answers.Answers) *bool { return &a.Control.Resume }},
		{"control.backfill", func(a *answers.Answers) *bool { return &a.Control.Backfill }},
		{"team.airflow", func(a *answers.Answers) *bool { return &a.Team.Airflow }},
		{"lab", func(a *answers.Answers) *bool { return &a.Lab }},
	} {
		other := !*answer.at(a)
		found = append(found, candidate{answer.path, other, func(a *answers.Answers) { *answer.at(a) = other }})
	}
	return found
}

// numbers steps over each limit that a rule looks at, to its other side.
func numbers(a *answers.Answers) []candidate {
	var found []candidate
	limits := []int{lambdaMinutes, dataAPIMinutes}
	if a.Control.LongestMinutes > dataAPIMinutes {
		slices.Reverse(limits) // the nearest first
	}
	for _, limit := range limits {
		value := limit
		if a.Control.LongestMinutes <= limit {
			value = limit + 1
		}
		found = append(found, candidate{"control.longest_minutes", value, func(a *answers.Answers) { a.Control.LongestMinutes = value }})
	}
	other := func(value, limit float64) float64 {
		if value <= limit {
			return limit + 1
		}
		return limit
	}
	gb := other(a.Volume.GBPerRun, lambdaGB)
	found = append(found, candidate{"volume.gb_per_run", gb, func(a *answers.Answers) { a.Volume.GBPerRun = gb }})
	runs := []float64{other(a.Volume.RunsPerMonth, manyRuns)}
	if crossing, _, ok := cost.CheaperFrom(StateMachine, Airflow, a, cost.Options{}); ok && runsUpTo(crossing) {
		runs = append(runs, other(a.Volume.RunsPerMonth, crossing.Float64()))
	}
	slices.SortFunc(runs, func(one, other float64) int { // the nearest first
		return cmp.Compare(math.Abs(one-a.Volume.RunsPerMonth), math.Abs(other-a.Volume.RunsPerMonth))
	})
	for _, value := range runs {
		found = append(found, candidate{runsAnswer, value, func(a *answers.Answers) { a.Volume.RunsPerMonth = value }})
	}
	return found
}

// networks replaces the whole of network, because each way to connect has answers of its own.
func networks(a *answers.Answers) []candidate {
	var found []candidate
	for _, kind := range answers.OnPremisesValues {
		if kind == a.Network.OnPremises || a.Network.OnPremises == "" && kind == answers.NoNetwork {
			continue
		}
		network := answers.Network{OnPremises: kind, Cidr: a.Network.Cidr, Outbound: a.Network.Outbound}
		if kind != answers.NoNetwork {
			network.OnPremisesCidr = a.Network.OnPremisesCidr
		}
		value := map[string]any{"on_premises": kind}
		for key, text := range map[string]string{"cidr": network.Cidr, "on_premises_cidr": network.OnPremisesCidr, "outbound": network.Outbound} {
			if text != "" {
				value[key] = text
			}
		}
		found = append(found, candidate{"network", value, func(a *answers.Answers) { a.Network = network }})
	}
	return found
}
