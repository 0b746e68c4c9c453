package advisor

import (
	"slices"
	"testing"

	"example.com/pipewright/scaffold/answers"
)

// follow goes down the tree as somebody does who gives these answers, by their texts.
func follow(t *testing.T, tree *Tree, given map[string]string) string {
	t.Helper()
	for tree.Question != "" {
		i := slices.IndexFunc(tree.Branches, func(b Branch) bool { return slices.Contains(b.Answers, given[tree.Question]) })
		if i < 0 {
			t.Fatalf("%q has no branch for %q", tree.Question, given[tree.Question])
		}
		tree = tree.Branches[i].Tree
	}
	return tree.Example
}

// each gives every combination of answers to the questions of the tree.
func each(given answers.Answers, texts map[string]string, number int, use func(*answers.Answers, map[string]string)) {
	if number == len(questions) {
		use(&given, texts)
		return
	}
	for _, answer := range questions[number].choices {
		changed := given.Clone()
		answer.apply(changed)
		texts[questions[number].text] = answer.text
		each(*changed, texts, number+1, use)
	}
}

func TestTheTreeChoosesWhatRecommendChooses(t *testing.T) {
	tree, count := Decide(), 0
	each(answers.Default(), map[string]string{}, 0, func(given *answers.Answers, texts map[string]string) {
		count++
		if got, want := follow(t, tree, texts), Recommend(given).Example; got != want {
			t.Errorf("%v: the tree chooses %s, recommend %s", texts, got, want)
		}
	})
	if count != 50 {
		t.Errorf("got %d combinations, expected 5 kinds of work, 5 needs and 2 tastes", count)
	}
}

// A question whose branches all lead to the same would only cost time; and each service can be reached.
func TestTheTreeAsksNothingInVain(t *testing.T) {
	reached := map[string]bool{}
	var look func(*Tree)
	look = func(tree *Tree) {
		if tree.Question == "" {
			reached[tree.Example] = true
			return
		}
		if len(tree.Branches) < 2 {
			t.Errorf("%q has one branch", tree.Question)
		}
		for _, branch := range tree.Branches {
			look(branch.Tree)
		}
	}
	look(Decide())
	for _, example := range Examples() {
		if !reached[example] {
			t.Errorf("no way leads to %s", example)
		}
	}
}
