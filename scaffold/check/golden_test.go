package check

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/cfn"
)

// goldens are the templates of the examples, as a lab and kept, and with other starts.
func goldens(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("../../stacks/*/testdata/template*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("got %q, %v, expected the golden templates of at least two examples", files, err)
	}
	return files
}

func read(t testing.TB, file string) *cfn.Template {
	t.Helper()
	template, err := cfn.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// ofTheEmptier are the findings about the CDK's own function and role, which empty the buckets of a lab that is removed.
var ofTheEmptier = []string{"Handler LA-03", "Handler LA-04", "Handler LA-05", "Handler ST-01", "Role IA-01", "Role IA-04"}

func TestEveryExampleMeetsEveryRequirementThatAppliesButThoseOfTheEmptier(t *testing.T) {
	for _, file := range goldens(t) {
		t.Run(file, func(t *testing.T) {
			var accepted []string
			for _, result := range Run(read(t, file)).Results {
				switch result.Status {
				case Failed:
					t.Errorf("%s %s: %s", result.ID, result.Resource, result.Got)
				case Accepted:
					name, ours := strings.CutPrefix(result.Resource, "CustomS3AutoDeleteObjectsCustomResourceProvider")
					if !ours || result.Reason != "the CDK's own function, which empties the buckets when a lab is removed" {
						t.Errorf("%s accepts %s: %s", result.Resource, result.ID, result.Reason)
					}
					accepted = append(accepted, strings.TrimRight(name, "0123456789ABCDEF")+" "+result.ID)
				}
			}
			var want []string
			if isLab(read(t, file)) {
				want = ofTheEmptier
			}
			slices.Sort(accepted)
			if diff := cmp.Diff(want, accepted); diff != "" {
				t.Errorf("accepted (-want +got):\n%s", diff)
			}
		})
	}
}

// isLab says whether the template is a lab's: one that deletes its buckets. What is kept has no emptier.
func isLab(template *cfn.Template) bool {
	return slices.ContainsFunc(template.ByType(bucketType), func(id string) bool {
		return template.Resources[id].DeletionPolicy == "Delete"
	})
}

// Switches cost money or need rights in the account: which ones an example leaves off must not grow unseen.
func TestExamplesLeaveOnlyTheseSwitchesOff(t *testing.T) {
	// A schedule is on (SC-05): off, it would look deployed and never run. The warehouse's security group lets HTTPS out to any address
	// (VP-04), because CloudFormation cannot name the prefix list of S3; its network has no route but to S3.
	// Secrets do not rotate (SE-01): they hold what another party gave.
	known := []string{"IA-07", "LA-06", "LA-07", "SC-05", "SE-01", "VP-04"}
	for _, file := range goldens(t) {
		off := known
		if isLab(read(t, file)) {
			off = append(slices.Clone(known), "MW-02") // a lab's web server is public, with IAM in front of it
		}
		for _, result := range Run(read(t, file)).Results {
			if result.Status == Off && !slices.Contains(off, result.ID) {
				t.Errorf("%s: %s is off for %s: %s", file, result.ID, result.Resource, result.Got)
			}
		}
	}
}

// What is accepted is not more than what fails: without its metadata, the same template fails exactly there.
func TestWithoutAcceptancesExactlyTheAcceptedFails(t *testing.T) {
	for _, file := range goldens(t) {
		template := read(t, file)
		want := ids(Run(template), Accepted)
		for id, resource := range template.Resources {
			delete(resource.Metadata, "pipewright")
			template.Resources[id] = resource
		}
		if diff := cmp.Diff(want, ids(Run(template), Failed)); diff != "" {
			t.Errorf("%s (-accepted before, +fails now):\n%s", file, diff)
		}
	}
}

// The policies and alarms of the examples are there because a requirement asks for them.
func TestAnExampleWithoutAPolicyOrAlarmFails(t *testing.T) {
	for _, test := range []struct {
		kind string
		want []string // these fail
	}{
		{"AWS::S3::BucketPolicy", []string{"S3-02"}},
		{queuePolicyType, []string{"SQ-02"}},
		{"AWS::SNS::TopicPolicy", []string{"SN-02"}},
		{alarmType, []string{"EV-06", "SQ-04"}},
		{triggerType, []string{"GL-16"}},
	} {
		for _, file := range goldens(t) {
			template := read(t, file)
			removed := template.ByType(test.kind)
			if len(removed) == 0 {
				continue
			}
			for _, id := range removed {
				delete(template.Resources, id)
			}
			failed := ids(Run(template), Failed)
			for _, want := range test.want {
				if strings.HasPrefix(want, "EV-") && len(template.ByType(eventRuleType)) == 0 {
					continue // it starts by time
				}
				if strings.HasPrefix(want, "SQ-") && len(template.ByType(queueType)) == 0 {
					continue // a command starts it, and it calls no function
				}
				if !slices.ContainsFunc(failed, func(id string) bool { return strings.HasPrefix(id, want+" ") }) {
					t.Errorf("%s without any %s: got %q, expected that %s fails", file, test.kind, failed, want)
				}
			}
		}
	}
}

// The roles of the examples name their policies, and not the other way round as most templates do: the rule has to follow both.
func TestAnExampleThatWritesWhereItReadsFails(t *testing.T) {
	for _, example := range []string{"eventfunction", "glueworkflow"} {
		data, err := os.ReadFile("../../stacks/" + example + "/testdata/template.json")
		if err != nil {
			t.Fatal(err)
		}
		swapped := strings.NewReplacer(`"CuratedF137945A",`, `"LandingF95672E9",`, `"/data/*"`, `"/raw/clean/*"`).Replace(string(data))
		failed := ids(Run(parse(t, []byte(swapped))), Failed)
		if !slices.ContainsFunc(failed, func(id string) bool { return strings.HasPrefix(id, "EV-07 ObjectLanded") }) {
			t.Errorf("%s: got %q, expected that EV-07 fails", example, failed)
		}
	}
}

func ids(report Report, status Status) []string {
	var list []string
	for _, result := range report.Results {
		if result.Status == status {
			list = append(list, result.ID+" "+result.Resource)
		}
	}
	return list
}

func BenchmarkRunOnAGoldenTemplate(b *testing.B) {
	for _, file := range goldens(b) {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		name := filepath.Base(filepath.Dir(filepath.Dir(file))) + "/" + filepath.Base(file)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if Run(parse(b, data)).Failed() {
					b.Fatal("it fails")
				}
			}
		})
	}
}

// Rules meet every shape of JSON: a template may be written by hand, or wrong.
func FuzzRunTakesAnyTemplate(f *testing.F) {
	templates := fixtureTemplates(f)
	for _, name := range slices.Sorted(maps.Keys(templates)) {
		f.Add(templates[name])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		template, err := cfn.Parse(data)
		if err != nil {
			return
		}
		report := Run(template)
		for _, result := range report.Results {
			if _, there := template.Resources[result.Resource]; !there {
				t.Errorf("%s is about %q, which is not in the template", result.ID, result.Resource)
			}
			if (result.Got == "") != (result.Status == Passed) {
				t.Errorf("%s %s is %s and got %q", result.ID, result.Resource, result.Status, result.Got)
			}
		}
		first, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := json.Marshal(Run(template)); err != nil || string(first) != string(second) {
			t.Errorf("two runs differ, %v:\n%s\n%s", err, first, second)
		}
	})
}
