package advisor

import (
	"math"
	"slices"

	"example.com/pipewright/scaffold/answers"
)

// Tree is a decision tree: a question with what follows from each answer to it, or at a leaf the example that is chosen.
type Tree struct {
	Question string
	Branches []Branch
	Example  string // at a leaf
	Service  string
}

// Branch is what follows from one answer, or from each of several.
type Branch struct {
	Answers []string
	Tree    *Tree
}

// Decide draws the tree out of the rules: each combination of the answers to its questions is given to them, and questions are asked as
// long as the rules choose differently. So the tree cannot disagree with Recommend. What it does not ask about, such as a network on
// premises, stays at its default.
func Decide() *Tree {
	var all []sample
	combine(answers.Default(), nil, &all)
	return grow(all)
}

// question is one that the tree may ask, and how each answer to it stands in the answers.
type question struct {
	text    string
	choices []treeAnswer
}

type treeAnswer struct {
	text  string
	apply func(*answers.Answers)
}

// questions are those that a choice between the services begins with. Of several that tell equally much, the first is asked.
var questions = []question{
	{"What does a run do?", []treeAnswer{
		{"only Glue crawlers and jobs", func(a *answers.Answers) { a.Work = []string{answers.Crawler, answers.GlueJob} }},
		{"one function of up to 15 minutes", func(a *answers.Answers) {
			a.Work, a.Control.LongestMinutes = []string{answers.Lambda}, lambdaMinutes
		}},
		{"SQL in Redshift at fixed times", func(a *answers.Answers) {
			a.Work = []string{answers.RedshiftSQL}
			a.Start = answers.Start{On: answers.OnSchedule, Schedule: anySchedule, Timezone: answers.DefaultTimezone}
		}},
		{"steps in several AWS services", func(a *answers.Answers) { a.Work = []string{answers.Lambda, answers.GlueJob} }},
		{"joins systems outside AWS", func(a *answers.Answers) { a.Work = []string{answers.HTTPAPI, answers.SQLServer} }},
	}},
	{"What else must it be able to do?", []treeAnswer{
		{"nothing", func(*answers.Answers) {}},
		{"branch on a result", func(a *answers.Answers) { a.Control.Branches = true }},
		{"wait for an approval", func(a *answers.Answers) { a.Control.Approval = true }},
		{"resume where it failed", func(a *answers.Answers) { a.Control.Resume = true }},
		{"run past intervals again", func(a *answers.Answers) { a.Control.Backfill = true }},
	}},
	{"Does the team prefer Airflow's DAGs?", []treeAnswer{
		{"no", func(*answers.Answers) {}},
		{"yes", func(a *answers.Answers) { a.Team.Airflow = true }},
	}},
}

// sample is one combination of answers, by the number of the choice for each question, and what the rules choose for it.
type sample struct {
	chosen  []int
	example string
}

func combine(given answers.Answers, chosen []int, all *[]sample) {
	if len(chosen) == len(questions) {
		*all = append(*all, sample{slices.Clone(chosen), Choose(&given)})
		return
	}
	for i, c := range questions[len(chosen)].choices {
		changed := given.Clone()
		c.apply(changed)
		combine(*changed, append(chosen, i), all)
	}
}

// grow asks the question that tells most about the choice, and goes on with each answer. Answers with equal trees share one.
func grow(all []sample) *Tree {
	if !slices.ContainsFunc(all, func(s sample) bool { return s.example != all[0].example }) {
		return &Tree{Example: all[0].example, Service: Service(all[0].example)}
	}
	best, least := 0, math.Inf(1)
	for q := range questions {
		if rest := remaining(split(all, q)); rest < least-1e-9 {
			best, least = q, rest
		}
	}
	tree := &Tree{Question: questions[best].text}
	for i, part := range split(all, best) {
		if part == nil {
			continue
		}
		next, answer := grow(part), questions[best].choices[i].text
		same := slices.IndexFunc(tree.Branches, func(b Branch) bool { return equal(b.Tree, next) })
		if same >= 0 {
			tree.Branches[same].Answers = append(tree.Branches[same].Answers, answer)
		} else {
			tree.Branches = append(tree.Branches, Branch{[]string{answer}, next})
		}
	}
	return tree
}

// split sorts samples by the answer to a question.
func split(all []sample, q int) [][]sample {
	parts := make([][]sample, len(questions[q].choices))
	for _, s := range all {
		parts[s.chosen[q]] = append(parts[s.chosen[q]], s)
	}
	return parts
}

// remaining is how uncertain the choice still is after an answer, in bits, on the average of the samples.
// Source: Shannon, "A Mathematical Theory of Communication" (1948); Quinlan, "Induction of Decision Trees" (1986).
func remaining(parts [][]sample) float64 {
	bits, total := 0.0, 0.0
	for _, part := range parts {
		counts := map[string]float64{}
		for _, s := range part {
			counts[s.example]++
		}
		for _, example := range Examples() {
			if n := counts[example]; n > 0 {
				bits -= n * math.Log2(n/float64(len(part)))
			}
		}
		total += float64(len(part))
	}
	return bits / total
}

func equal(one, other *Tree) bool {
	return one.Question == other.Question && one.Example == other.Example && slices.EqualFunc(one.Branches, other.Branches, func(a, b Branch) bool {
		return slices.Equal(a.Answers, b.Answers) && equal(a.Tree, b.Tree)
	})
}
