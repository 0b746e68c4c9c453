package answers

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// TestTheReadmeNamesEveryKey keeps the reference complete: each key stands in it once, with a value that is taken.
func TestTheReadmeNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "`answers.yaml` with all of its keys")
	_, block, begins := strings.Cut(rest, "\n\n")
	block, _, ends := strings.Cut(block, "\n\n")
	if !found || !begins || !ends {
		t.Fatal("README.md has no reference of answers.yaml")
	}
	var reference map[string]any
	if err := yaml.Unmarshal([]byte(block), &reference); err != nil {
		t.Fatal(err)
	}
	shown := map[string]any{}
	for key, value := range reference {
		keys, section := value.(map[string]any)
		if !section || fieldAt(key) != nil {
			shown[key] = value
			continue
		}
		for below, value := range keys {
			shown[key+"."+below] = value
		}
	}
	var paths []string
	for _, f := range fields {
		paths = append(paths, f.path)
	}
	slices.Sort(paths)
	if diff := cmp.Diff(paths, slices.Sorted(maps.Keys(shown))); diff != "" {
		t.Errorf("-answers +README:\n%s", diff)
	}
	for path, value := range shown {
		typed, isText := value.(string)
		if !isText {
			encoded, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			typed = string(encoded)
		}
		if err := Check(path, typed, now); err != nil {
			t.Errorf("README.md: %v", err)
		}
	}
}
