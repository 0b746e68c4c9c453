package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/check"
)

// A factor is an answer and the values that it is tried with. An empty value leaves the answer out.
type factor struct {
	path   string   // start.on
	values []string // that this version writes
	notYet []string // that this version refuses by name; the day it writes one, the value moves to values
}

// combined are the answers of each example that are tried in combination. A new answer is one line.
var combined = []struct {
	example, stack string // no stack: this version cannot write the example yet
	factors        []factor
}{
	{"eventfunction", "EventFunction", slices.Concat(anywhere, objectsAndTimes, []factor{
		{"start.on", []string{"object", "schedule"}, []string{"event", "demand"}},
		{"start.pattern", []string{"", pattern}, nil},
		{"work", []string{"[lambda]"}, []string{"[http-api]"}},
		{"control.longest_minutes", []string{"", "1", "15"}, nil},
		{"volume", []string{"", "{runs_per_month: 100000, gb_per_run: 0.001}", "{runs_per_month: 1, gb_per_run: 10}"}, nil},
	})},
	{"glueworkflow", "GlueWorkflow", slices.Concat(anywhere, objectsAndTimes, []factor{
		{"start.on", []string{"object", "schedule", "event", "demand"}, nil},
		{"start.pattern", []string{"", pattern, "{detail-type: [Order Placed]}"}, nil},
		{"work", []string{"[crawler, glue-job]"}, []string{"[glue-job]", "[crawler]"}},
		{"control.longest_minutes", []string{"", "1", "2880"}, nil},
		{"volume", []string{"", "{runs_per_month: 100000, gb_per_run: 500}"}, nil},
	})},
	{"scheduledquery", "ScheduledQuery", slices.Concat(anywhere, []factor{
		{"start.on", []string{"schedule"}, nil},
		{"start.schedule", []string{"cron(0 8 ? * MON *)", "cron(30 23 * * ? *)", "cron(0 12 15 * ? *)", "rate(12 hours)"}, nil},
		{"start.timezone", []string{"", "UTC", "America/Los_Angeles", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe"}, nil},
		{"work", []string{"[redshift-sql]"}, nil},
		{"control.longest_minutes", []string{"", "1", "1440"}, nil},
		{"volume", []string{"", "{runs_per_month: 4, gb_per_run: 500}"}, nil},
		{"redshift", []string{""}, []string{"{workgroup: analytics, database: sales}"}},
	})},
	{"statemachine", "StateMachine", slices.Concat(anywhere, objectsAndTimes, []factor{
		{"start.on", []string{"object"}, []string{"schedule", "event", "demand"}},
		{"start.pattern", []string{"", pattern}, nil},
		{
			"work", []string{"[lambda, glue-job]"},
			[]string{"[lambda, emr-job]", "[lambda, batch-job]", "[lambda, redshift-sql]", "[lambda, crawler, glue-job]", "[lambda, emr-job, redshift-sql]"},
		},
		{"control.branches", []string{"", "false", "true"}, nil},
		{"control.approval", []string{"", "false"}, []string{"true"}},
		{"control.resume", []string{"", "true"}, nil},
		{"control.longest_minutes", []string{"", "1", "2880"}, nil},
		{"volume", []string{"", "{runs_per_month: 1000, gb_per_run: 500}"}, nil},
		{"batch", []string{""}, []string{`{vcpu: "0.25", memory_mib: 512}`, `{vcpu: "16", memory_mib: 122880}`}},
	})},
	{"airflow", "", slices.Concat(anywhere, []factor{
		{"start.on", []string{"schedule"}, nil},
		{"start.schedule", []string{"cron(0 8 ? * MON *)", "rate(1 day)"}, nil},
		{"start.timezone", []string{"", "Asia/Kolkata"}, nil},
		{"work", []string{"[http-api, sql-server]"}, nil},
		{"team.airflow", []string{"", "true"}, nil},
		{"control.backfill", []string{"", "true"}, nil},
		{"volume", []string{"", "{runs_per_month: 4, gb_per_run: 500}"}, nil},
		{"network.on_premises", []string{"", "none", "peering", "vpn"}, nil},
		{"network.cidr", []string{"", "10.0.0.0/16"}, nil},
		{"network.on_premises_cidr", []string{"", "192.168.0.0/16"}, nil},
		{"network.outbound", []string{""}, []string{"endpoints", "nat"}},
		{"network.peer_vpc", []string{""}, []string{"vpc-0123456789abcdef0"}},
		{"network.peer_account", []string{""}, []string{`"123456789012"`}},
		{"network.customer_gateway_ip", []string{""}, []string{"203.0.113.10"}},
		{"network.bgp_asn", []string{""}, []string{"65010"}},
		{"airflow", []string{""}, []string{"{class: mw1.small, min_workers: 1, max_workers: 2}", "{class: mw1.large, min_workers: 2, max_workers: 25}"}},
	})},
}

const pattern = "{source: [partner.orders]}"

// acceptedWith are findings of cdk-nag that stay, and that are there only with one answer. Each must be found with it.
var acceptedWith = []struct{ stack, path, value, id, reason string }{
	{"EventFunction", "start.prefix", "landed/", "AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/landed/*]", objects},
	{"GlueWorkflow", "start.prefix", "landed/", "AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/landed/*]", objects},
	{"StateMachine", "start.prefix", "landed/", "AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/landed/*]", objects},
}

var (
	anywhere = []factor{
		{"name", []string{"orders", "a-name-of-thirty-characters-30"}, nil},
		{"notify", []string{"", "orders-team@example.com"}, nil},
		{"lab", []string{"false", "true"}, nil},
	}
	objectsAndTimes = []factor{
		{"start.prefix", []string{"", "landed/"}, nil},
		{"start.suffix", []string{"", ".csv"}, nil},
		{"start.schedule", []string{"", "cron(0 8 ? * MON *)", "rate(12 hours)", "at(2099-01-31T08:00:00)"}, nil},
		{"start.timezone", []string{"", "America/Los_Angeles", "Australia/Lord_Howe"}, nil},
	}
)

// dependent are answers that may be given, or must be, only beside certain values of another.
var dependent = []struct {
	path, on string
	values   []string
	must     bool
}{
	{"start.prefix", "start.on", []string{"object"}, false},
	{"start.suffix", "start.on", []string{"object"}, false},
	{"start.schedule", "start.on", []string{"schedule"}, true},
	{"start.timezone", "start.on", []string{"schedule"}, false},
	{"start.pattern", "start.on", []string{"event"}, true},
	{"batch", "work", []string{"[lambda, batch-job]"}, false},
	{"network.cidr", "network.on_premises", []string{"peering", "vpn"}, true},
	{"network.on_premises_cidr", "network.on_premises", []string{"peering", "vpn"}, true},
	{"network.peer_vpc", "network.on_premises", []string{"peering"}, false},
	{"network.peer_account", "network.on_premises", []string{"peering"}, false},
	{"network.customer_gateway_ip", "network.on_premises", []string{"vpn"}, false},
	{"network.bgp_asn", "network.on_premises", []string{"vpn"}, false},
}

// combination is one value for each factor, by its path.
type combination map[string]string

// allows says whether the value may stand beside what is chosen.
func (c combination) allows(path, value string) bool {
	for _, rule := range dependent {
		given, on := value, c[rule.on]
		known := path == rule.path && c.has(rule.on)
		if path == rule.on {
			given, on, known = c[rule.path], value, c.has(rule.path)
		}
		fits := slices.Contains(rule.values, on)
		if known && (given != "" && !fits || given == "" && fits && rule.must) {
			return false
		}
	}
	return true
}

func (c combination) has(path string) bool {
	_, ok := c[path]
	return ok
}

// yaml is the answers.yaml of a combination, its groups in the order of their names.
func (c combination) yaml() string {
	groups := map[string][]string{}
	for path, value := range c {
		group, key, nested := strings.Cut(path, ".")
		switch {
		case value == "":
		case nested:
			groups[group] = append(groups[group], "  "+key+": "+value)
		default:
			groups[group] = []string{value}
		}
	}
	text := "version: 1\n"
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		lines := groups[group]
		slices.Sort(lines)
		if strings.HasPrefix(lines[0], "  ") {
			text += group + ":\n" + strings.Join(lines, "\n") + "\n"
		} else {
			text += group + ": " + lines[0] + "\n"
		}
	}
	return text
}

type pair struct{ path1, value1, path2, value2 string }

// pairwise makes combinations in which each two values that may stand together do so at least once: few of them, always the same.
// Faults mostly come from one answer or from two that meet. Source: Kuhn, Kacker, Lei, "Practical Combinatorial Testing", NIST SP 800-142.
func pairwise(factors []factor) []combination {
	covered := map[pair]bool{}
	var all []combination
	for i, one := range factors {
		for _, other := range factors[i+1:] {
			for _, value1 := range one.values {
				for _, value2 := range other.values {
					first := combination{one.path: value1}
					if covered[pair{one.path, value1, other.path, value2}] || !first.allows(other.path, value2) {
						continue
					}
					first[other.path] = value2
					if !complete(first, factors, covered) {
						continue
					}
					all = append(all, first)
					for j, a := range factors {
						for _, b := range factors[j+1:] {
							covered[pair{a.path, first[a.path], b.path, first[b.path]}] = true
						}
					}
				}
			}
		}
	}
	return all
}

// complete chooses the factors that are left, each time the value that meets most of what it has not met; it goes back where nothing fits.
func complete(chosen combination, factors []factor, covered map[pair]bool) bool {
	at := slices.IndexFunc(factors, func(f factor) bool { return !chosen.has(f.path) })
	if at < 0 {
		return true
	}
	path := factors[at].path
	gain := func(value string) int {
		gained := 0
		for i, other := range factors {
			met := pair{path, value, other.path, chosen[other.path]}
			if i < at {
				met = pair{other.path, chosen[other.path], path, value}
			}
			if chosen.has(other.path) && !covered[met] {
				gained++
			}
		}
		return gained
	}
	values := slices.Clone(factors[at].values)
	slices.SortStableFunc(values, func(a, b string) int { return cmp.Compare(gain(b), gain(a)) })
	for _, value := range values {
		if chosen.allows(path, value) {
			chosen[path] = value
			if complete(chosen, factors, covered) {
				return true
			}
			delete(chosen, path)
		}
	}
	return false
}

func TestPairsOfAnswersAllOccur(t *testing.T) {
	for _, example := range combined {
		made := pairwise(example.factors)
		possible := 0
		for i, one := range example.factors {
			for _, other := range example.factors[i+1:] {
				for _, value1 := range one.values {
					for _, value2 := range other.values {
						// The first combination that there is at all, however poor.
						want := combination{one.path: value1}
						if !want.allows(other.path, value2) {
							continue
						}
						want[other.path] = value2
						if !complete(want, example.factors, nil) {
							continue
						}
						possible++
						if !slices.ContainsFunc(made, func(c combination) bool { return c[one.path] == value1 && c[other.path] == value2 }) {
							t.Errorf("%s: %s %q never stands beside %s %q", example.example, one.path, value1, other.path, value2)
						}
					}
				}
			}
		}
		if possible == 0 {
			t.Errorf("%s: no pair is possible", example.example)
		}
		for _, c := range made {
			for path, value := range c {
				if !c.allows(path, value) {
					t.Errorf("%s: %s %q may not stand in\n%s", example.example, path, value, c.yaml())
				}
			}
		}
	}
}

// Each combination goes the whole way, but its source is not compiled again: it is, to the byte, that of the project which
// TestAGeneratedProjectBuildsTestsAndSynthesizes builds, and the same stack is linked into this test.
func TestEachPairOfAnswersMakesASoundProject(t *testing.T) {
	scaffold := buildScaffold(t)
	var waits []func()
	for _, example := range combined {
		t.Run(example.example, func(sub *testing.T) {
			refused := refusedCombinations(example.factors)
			for _, c := range refused {
				refuse(sub, scaffold, example.example, c.answers, c.path+":")
			}
			combinations := pairwise(example.factors)
			if example.stack == "" {
				for _, answers := range combinations {
					refuse(sub, scaffold, example.example, answers, "this version cannot write the example "+example.example+" (")
				}
				sub.Logf("%d combinations, all refused by this version", len(refused)+len(combinations))
				return
			}
			linted := map[string]string{} // the answers of each template
			folder := t.TempDir()         // stays until the linter is done
			reference := source(sub, generate(sub, scaffold, example.example, true))
			for i, answers := range combinations {
				project := newProject(sub, scaffold, example.example, answers)
				sameSource(sub, reference, source(sub, project), answers)
				template := sound(sub, project, example.stack, answers)
				file := filepath.Join(folder, fmt.Sprintf("%s-%02d.template.json", example.example, i))
				writeFile(sub, file, strings.ReplaceAll(template, "${Partition}", "aws"))
				linted[file] = answers.yaml()
			}
			waits = append(waits, startLint(t, linted))
			sub.Logf("%d combinations made sound projects, %d were refused by this version", len(combinations), len(refused))
		})
	}
	for _, wait := range waits {
		wait()
	}
}

type refusedCombination struct {
	path    string // the answer that is refused
	answers combination
}

// refusedCombinations has one combination for each value that this version refuses.
func refusedCombinations(factors []factor) []refusedCombination {
	var refused []refusedCombination
	for _, one := range factors {
		for _, value := range one.notYet {
			with := slices.Clone(factors)
			for i := range with {
				// What the value depends on may be refused as well.
				with[i].values = slices.Concat(with[i].values, with[i].notYet)
			}
			answers := combination{one.path: value}
			if complete(answers, with, nil) {
				refused = append(refused, refusedCombination{one.path, answers})
			}
		}
	}
	return refused
}

func newProject(t *testing.T, scaffold, example string, answers combination) string {
	t.Helper()
	output, folder, err := runNewCommand(t, scaffold, answers)
	if err != nil || !strings.Contains(output, "a project with the "+example+" example") {
		t.Fatalf("scaffold new: got %v, want a project with the example %s of the answers\n%s\n%s", err, example, answers.yaml(), output)
	}
	return folder
}

// refuse wants the command to fail with status 1, and to say why: that this version does not know or write the answer yet.
func refuse(t *testing.T, scaffold, example string, answers combination, why string) {
	t.Helper()
	output, folder, err := runNewCommand(t, scaffold, answers)
	exit, failed := errors.AsType[*exec.ExitError](err)
	yet := strings.Contains(output, "cannot write the example "+example+" (") && strings.Contains(output, "yet") || strings.Contains(output, "unknown key")
	if !failed || exit.ExitCode() != 1 || !yet || !strings.Contains(output, why) {
		t.Errorf("scaffold new: got %v, want exit status 1 and that %s is not written yet, of the answers\n%s\n%s", err, why, answers.yaml(), output)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Errorf("a project was written of refused answers:\n%s", answers.yaml())
	}
}

func runNewCommand(t *testing.T, scaffold string, answers combination) (output, project string, err error) {
	t.Helper()
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "answers.yaml"), answers.yaml())
	run := exec.CommandContext(t.Context(), scaffold, "new", "orders", "--answers", "answers.yaml", "--module", "example.org/data/orders")
	run.Dir = folder
	text, err := run.CombinedOutput()
	return string(text), filepath.Join(folder, "orders"), err
}

// answered are the files of a project that follow from the answers; no other may.
var answered = []string{"README.md", "answers.yaml", "cdk.json"}

// source reads all files of a project but those that follow from the answers, whose sums are left out too.
func source(t *testing.T, project string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(project, func(path string, entry os.DirEntry, err error) error {
		name, _ := filepath.Rel(project, path)
		if err != nil || entry.IsDir() || slices.Contains(answered, name) {
			return err
		}
		text := readFile(t, path)
		if name == ".pipewright.sum" {
			text = answeredSum.ReplaceAllString(text, "")
		}
		files[name] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var answeredSum = regexp.MustCompile(`(?m)^.*\s(README\.md|answers\.yaml|cdk\.json)\n`)

func sameSource(t *testing.T, want, got map[string]string, answers combination) {
	t.Helper()
	for name, text := range want {
		if other, ok := got[name]; !ok || other != text {
			t.Errorf("%s depends on answers, of these\n%s", name, answers.yaml())
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is written only for some answers, of these\n%s", name, answers.yaml())
		}
	}
}

// sound synthesizes the stack with the context of the project's cdk.json, and wants no finding of cdk-nag and of scaffold check.
// It returns the template.
func sound(t *testing.T, project, stackID string, answers combination) string {
	t.Helper()
	var app struct{ Context map[string]any }
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(project, "cdk.json"))), &app); err != nil {
		t.Fatal(err)
	}
	example := examples[slices.IndexFunc(examples, func(e example) bool { return e.id == stackID })]
	scope := newApp(t, app.Context)
	stack := example.new(scope, example.id, nil)
	awscdk.Aspects_Of(scope).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Verbose: jsii.Bool(true)}), nil)
	text, err := json.MarshalIndent(assertions.Template_FromStack(stack, nil).ToJSON(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	template := string(text)
	acceptable(t, example.id, findings(stack), answers)
	for _, message := range *assertions.Annotations_FromStack(stack).FindError(jsii.String("*"), assertions.Match_AnyValue()) {
		if said := said(message); !nagID.MatchString(said) {
			t.Errorf("the synth fails with %s, of the answers\n%s", said, answers.yaml())
		}
	}
	parsed, err := cfn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if report := check.Run(parsed); report.Failed() {
		var problems strings.Builder
		_ = report.WriteText(&problems)
		t.Errorf("scaffold check found problems, of the answers\n%s\n%s", answers.yaml(), problems.String())
	}
	reached(t, template, answers)
	return template
}

// acceptable wants nothing found but what is accepted of the stack, and of the stack with these answers.
func acceptable(t *testing.T, stackID string, found []string, answers combination) {
	t.Helper()
	reasons := maps.Clone(accepted[stackID])
	for _, with := range acceptedWith {
		if with.stack != stackID || answers[with.path] != with.value {
			continue
		}
		reasons[with.id] = with.reason
		if !slices.Contains(found, with.id) {
			t.Errorf("%s is accepted with %s %s, but cdk-nag no longer finds it, of the answers\n%s", with.id, with.path, with.value, answers.yaml())
		}
	}
	for _, id := range found {
		if reasons[id] == "" {
			t.Errorf("cdk-nag found %s, which is not accepted, of the answers\n%s", id, answers.yaml())
		}
	}
}

// reached wants each answer that is a text in the template, and what lab says about the data.
func reached(t *testing.T, template string, answers combination) {
	t.Helper()
	for _, path := range []string{"name", "notify", "start.prefix", "start.suffix", "start.schedule", "start.timezone", "start.pattern"} {
		want := answers[path]
		if inner := listed.FindStringSubmatch(want); inner != nil {
			want = inner[1]
		}
		if !strings.Contains(template, want) {
			t.Errorf("%s %q did not reach the template, of the answers\n%s", path, want, answers.yaml())
		}
	}
	keeps := strings.Contains(template, `"DeletionPolicy": "Retain"`)
	if lab := answers["lab"] == "true"; lab == keeps {
		t.Errorf("lab: %t, and data is kept: %t, of the answers\n%s", lab, keeps, answers.yaml())
	}
}

var listed = regexp.MustCompile(`\[(.+)\]`)

// startLint runs cfn-lint over all templates of an example at once, because it takes longer to start than to read one. What it
// returns waits for it: meanwhile the next example is synthesized on another core.
func startLint(t *testing.T, answers map[string]string) (wait func()) {
	t.Helper()
	files := slices.Sorted(maps.Keys(answers))
	args := append([]string{"--ignore-checks", strings.Join(unjudged, ","), "--"}, files...)
	linter := exec.CommandContext(t.Context(), venv(t, "tools", "cfn-lint"), args...)
	var output bytes.Buffer
	linter.Stdout, linter.Stderr = &output, &output
	if err := linter.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := linter.Wait(); err == nil {
			return
		}
		t.Errorf("cfn-lint found:\n%s", output.String())
		for _, file := range files {
			if strings.Contains(output.String(), filepath.Base(file)) {
				t.Errorf("%s is of the answers\n%s", filepath.Base(file), answers[file])
			}
		}
	}
}
