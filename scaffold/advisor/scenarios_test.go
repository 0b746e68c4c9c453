package advisor

import (
	"os"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// scenario is a requirement in words, with the choices that are sound.
type scenario struct {
	Name    string
	Why     string
	Answers yaml.Node
	Accept  []string
	Near    []string // choices that a single other answer leads to
}

func scenarios(t *testing.T) []scenario {
	t.Helper()
	var all []scenario
	for _, file := range []string{"testdata/scenarios.yaml", "testdata/more_scenarios.yaml"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var found []scenario
		if err := yaml.Unmarshal(data, &found); err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			t.Fatalf("%s has no scenarios", file)
		}
		all = append(all, found...)
	}
	return all
}

func TestTheScenarios(t *testing.T) {
	won, near := map[string]int{}, map[string]int{}
	for _, scenario := range scenarios(t) {
		t.Run(scenario.Name, func(t *testing.T) {
			text, err := yaml.Marshal(&scenario.Answers)
			if err != nil {
				t.Fatal(err)
			}
			got := Recommend(parsed(t, string(text)))
			if !slices.Contains(scenario.Accept, got.Example) || scenario.Why == "" {
				t.Errorf("got %s, expected one of %v, with a reason", got.Example, scenario.Accept)
			}
			if got.Ranking[0].Reasons[0].Effect != Prefers {
				t.Errorf("got %q as the first reason for %s", got.Ranking[0].Reasons[0].Text, got.Example)
			}
			for _, example := range scenario.Near {
				if !slices.ContainsFunc(got.WhatIf, func(change Change) bool { return change.Example == example }) {
					t.Errorf("no single answer leads to %s: %v", example, got.WhatIf)
				}
				near[example]++
			}
			won[got.Example]++
		})
	}
	for _, example := range Examples() {
		if won[example] < 4 || near[example] < 3 {
			t.Errorf("%s wins %d scenarios and is near in %d, expected at least 4 and 3", example, won[example], near[example])
		}
	}
}
