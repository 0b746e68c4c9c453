package check

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"example.com/pipewright/scaffold/cfn"
)

var update = flag.Bool("update", false, "write what the rules say of the fixtures into them")

// fixtures is where each rule has a file of its name: templates that pass*, that fail*, and others to which the rule does not apply.
// Its last file, got, is what the rule says of those that fail.
const fixtures = "testdata/rules"

// everywhere are the rules that apply to every resource, and so have no template to which they do not apply.
var everywhere = []string{"ST-02"}

func TestRulesJudgeTheirFixtures(t *testing.T) {
	for _, rule := range Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			file := filepath.Join(fixtures, rule.ID+".txtar")
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatalf("%v: every rule has a fixture", err)
			}
			var seen []string
			var got strings.Builder
			for _, fixture := range archive.Files {
				kind, _, _ := strings.Cut(strings.TrimSuffix(fixture.Name, ".json"), "-")
				seen = append(seen, kind)
				if kind == "got" {
					continue
				}
				t.Run(fixture.Name, func(t *testing.T) { rule.judge(t, kind, fixture, &got) })
			}
			for _, kind := range []string{"passes", "fails", "other"} {
				if !slices.Contains(seen, kind) && (kind != "other" || !slices.Contains(everywhere, rule.ID)) {
					t.Errorf("%s has no template named %s", file, kind)
				}
			}
			compareGot(t, file, archive, got.String())
		})
	}
}

// judge applies the rule to a template, and compares with what the name of the template says.
func (r Rule) judge(t *testing.T, kind string, fixture txtar.File, got *strings.Builder) {
	t.Helper()
	results := slices.DeleteFunc(Run(parse(t, fixture.Data)).Results, func(result Result) bool { return result.ID != r.ID })
	broken := 0
	for _, result := range results {
		if result.Status != Passed {
			broken++
			fmt.Fprintf(got, "%s %s: %s\n", fixture.Name, result.Resource, result.Got)
		}
		if want := (map[bool]Status{true: Off, false: Failed})[r.Switch]; result.Status != Passed && result.Status != want {
			t.Errorf("%s is %s, expected %s", result.Resource, result.Status, want)
		}
	}
	switch kind {
	case "passes":
		if len(results) == 0 || broken > 0 {
			t.Errorf("got %d results of which %d did not pass, expected some and none", len(results), broken)
		}
	case "fails":
		if broken == 0 {
			t.Errorf("got %d results which all passed, expected one that does not", len(results))
		}
	case "other":
		if len(results) > 0 {
			t.Errorf("got %v, expected that the rule does not apply", results)
		}
	default:
		t.Errorf("expected a name that begins with passes, fails or other")
	}
}

// compareGot compares what the rule says with the last file of the fixture.
func compareGot(t *testing.T, file string, archive *txtar.Archive, got string) {
	t.Helper()
	last := len(archive.Files) - 1
	if last >= 0 && archive.Files[last].Name == "got" && !*update {
		if diff := cmp.Diff(string(archive.Files[last].Data), got); diff != "" {
			t.Errorf("%s says something else (-want +got); go test -update writes it:\n%s", file, diff)
		}
		return
	}
	if !*update {
		t.Fatalf("%s ends without the file got; go test -update writes it", file)
	}
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "got" })
	archive.Files = append(archive.Files, txtar.File{Name: "got", Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEveryFixtureBelongsToARule(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixtures, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if !slices.ContainsFunc(Rules(), func(rule Rule) bool { return rule.ID == id }) {
			t.Errorf("%s belongs to no rule", file)
		}
	}
}

func TestEveryRuleSaysWhatItWantsWhereItIsFromAndHowToMendIt(t *testing.T) {
	ids := map[string]bool{}
	for _, rule := range Rules() {
		if ids[rule.ID] {
			t.Errorf("%s is the id of two rules", rule.ID)
		}
		ids[rule.ID] = true
		for name, text := range map[string]string{"sentence": rule.Sentence, "source": rule.Source, "mend": rule.Mend} {
			if text == "" || strings.HasSuffix(text, ".") || strings.ContainsAny(text, "\n\t") {
				t.Errorf("%s: the %s is %q, expected one line without a full stop", rule.ID, name, text)
			}
		}
	}
	if len(ids) < 106 {
		t.Errorf("there are %d rules, expected at least the 106 of the requirements", len(ids))
	}
}

// fixtureTemplates are the templates of all fixtures, by rule and name.
func fixtureTemplates(t testing.TB) map[string][]byte {
	t.Helper()
	templates := map[string][]byte{}
	for _, rule := range Rules() {
		archive, err := txtar.ParseFile(filepath.Join(fixtures, rule.ID+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, fixture := range archive.Files {
			if fixture.Name != "got" {
				templates[rule.ID+" "+fixture.Name] = fixture.Data
			}
		}
	}
	return templates
}

func parse(t testing.TB, data []byte) *cfn.Template {
	t.Helper()
	template, err := cfn.Parse(bytes.TrimSpace(data))
	if err != nil {
		t.Fatal(err)
	}
	return template
}
