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

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/check"
	"example.com/pipewright/scaffold/lab"
)

// acceptedWith are findings of cdk-nag that stay, and that are there only with one answer. Each must be found with it.
var acceptedWith = []struct{ stack, path, value, id, reason string }{
	{"EventFunction", "start.prefix", "landed/", "AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/landed/*]", objects},
	{"GlueWorkflow", "start.prefix", "landed/", "AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/landed/*]", objects},
	{"GlueWorkflow", "work", "[glue-job, crawler]", curatedTables, tables},
	{"GlueWorkflow", "work", "[glue-job, crawler]", curatedObjects, objects},
	{"GlueWorkflow", "work", "[crawler, glue-job, crawler]", curatedTables, tables},
	{"GlueWorkflow", "work", "[crawler, glue-job, crawler]", curatedObjects, objects},
	{"ScheduledQuery", "redshift", inWorkgroup, "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:redshift-serverless:<AWS::Region>:<AWS::AccountId>:workgroup/*]", tagged},
	{"StateMachine", "start.prefix", "landed/", "AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/landed/*]", objects},
	{"StateMachine", "start.on", "schedule", ownExecutions + ":*]", children},
	{"StateMachine", "start.on", "schedule", ownExecutions + "/*]", children},
	{"StateMachine", "start.on", "schedule", "AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/reasons/*]", objects},
	{"StateMachine", "start.on", "event", ownExecutions + ":*]", children},
	{"StateMachine", "start.on", "event", ownExecutions + "/*]", children},
	{"StateMachine", "start.on", "event", "AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/reasons/*]", objects},
	{"StateMachine", "start.on", "demand", ownExecutions + ":*]", children},
	{"StateMachine", "start.on", "demand", ownExecutions + "/*]", children},
	{"StateMachine", "start.on", "demand", "AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/reasons/*]", objects},
	{"StateMachine", "work", "[lambda, glue-job, lambda]", "AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/published/*]", objects},
	{"StateMachine", "work", "[lambda, crawler, glue-job]", crawledTables, tables},
	{"StateMachine", "work", "[lambda, emr-job]", sparkRuns, runsOfOurs},
	{"StateMachine", "work", "[lambda, emr-job, redshift-sql]", sparkRuns, runsOfOurs},
	{"StateMachine", "work", "[lambda, emr-job, redshift-sql]", "AwsSolutions-IAM5[Resource::<Exports25637AFB.Arn>/monthly/*]", objects},
	{"StateMachine", "work", "[lambda, redshift-sql]", "AwsSolutions-IAM5[Resource::<Exports25637AFB.Arn>/monthly/*]", objects},
	{"StateMachine", "work", "[lambda, batch-job]", "AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/profiles/*]", objects},
	{"StateMachine", "work", "[lambda, batch-job]", batchJobs, anyJob},
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
				sub.Logf("combinations: %d, all refused by this version", len(refused)+len(combinations))
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
			sub.Logf("combinations that made sound projects: %d; answers that this version refused: %d", len(combinations), len(refused))
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
var answered = []string{"README.md", "answers.yaml", "cdk.json", "docs/pipeline.svg"}

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

var answeredSum = regexp.MustCompile(`(?m)^.*\s(README\.md|answers\.yaml|cdk\.json|docs/pipeline\.svg)\n`)

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
	app.Context["@aws-cdk/core:annotationsInValidationReport"] = false // with it, what cdk-nag finds would fail the synth before it is judged
	at := slices.IndexFunc(examples, func(e example) bool { return e.id == stackID })
	stack := audited(t, examples[at], app.Context, nil)
	text := templateOf(t, stack)
	template := string(text)
	acceptable(t, stackID, findings(stack), answers)
	for _, problem := range synthErrors(stack) {
		t.Errorf("the synth fails with %s, of the answers\n%s", problem, answers.yaml())
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
	played(t, stackID, parsed, answers)
	reached(t, stackID, template, app.Context, answers)
	return template
}

// played wants the lab to run the template. Airflow runs by itself, see make run-dag.
func played(t *testing.T, stackID string, template *cfn.Template, answers combination) {
	t.Helper()
	if stackID == "Airflow" {
		return
	}
	deployed, err := template.Deploy(cfn.Place{Stack: stackID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lab.New(t.Context(), lab.Options{Stack: deployed}); err != nil {
		t.Errorf("scaffold lab run refuses it: %v, of the answers\n%s", err, answers.yaml())
	}
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
		// An ARN may have the project's name, which is that of the stack where nobody has named it.
		if reasons[strings.ReplaceAll(id, answers["name"], stackID)] == "" {
			t.Errorf("cdk-nag found %s, which is not accepted, of the answers\n%s", id, answers.yaml())
		}
	}
}

// reached wants the answers in the template, where they have their effect.
func reached(t *testing.T, stackID, template string, context map[string]any, answers combination) {
	t.Helper()
	wants := []string{fmt.Sprintf(`"Value": %q`, answers["name"])} // of a tag
	if notify := answers["notify"]; notify != "" {
		wants = append(wants, fmt.Sprintf(`"Endpoint": %q`, notify))
	}
	switch answers["start.on"] {
	case "object":
		prefix, suffix := cmp.Or(answers["start.prefix"], "raw/"), answers["start.suffix"]
		if suffix == "" {
			wants = append(wants, fmt.Sprintf(`"prefix": %q`, prefix))
		} else {
			wants = append(wants, fmt.Sprintf(`"wildcard": %q`, prefix+"*"+suffix))
		}
	case "schedule":
		if stackID == "Airflow" {
			// The DAG has its own schedule, in settings that are JSON within the template's JSON.
			wants = append(wants, fmt.Sprintf(`\"schedule\":\"%s\"`, answers["start.schedule"]),
				fmt.Sprintf(`\"timezone\":\"%s\"`, cmp.Or(answers["start.timezone"], "UTC")))
			break
		}
		if inUTC, ok := context["scheduleUtc"].(string); ok { // a rule, which knows no zone
			wants = append(wants, fmt.Sprintf(`"ScheduleExpression": %q`, inUTC))
			break
		}
		wants = append(wants, fmt.Sprintf(`"ScheduleExpression": %q`, answers["start.schedule"]),
			fmt.Sprintf(`"ScheduleExpressionTimezone": %q`, cmp.Or(answers["start.timezone"], "UTC")))
	case "event":
		wants = append(wants, listed.FindStringSubmatch(answers["start.pattern"])[1])
	}
	for _, want := range wants {
		if !strings.Contains(template, want) {
			t.Errorf("the template has no %s: one of these answers did not reach it\n%s", want, answers.yaml())
		}
	}
	if answers["start.on"] != "object" {
		if strings.Contains(template, `"Object Created"`) {
			t.Errorf("an object starts it too, of the answers\n%s", answers.yaml())
		}
		if stackID != "Airflow" && !strings.Contains(template, "raw/") {
			t.Errorf("nothing looks under the default prefix, of the answers\n%s", answers.yaml())
		}
	}
	keeps := strings.Contains(template, `"DeletionPolicy": "Retain"`)
	if lab := answers["lab"] == "true"; lab == keeps {
		t.Errorf("lab: %t, and data is kept: %t, of the answers\n%s", lab, keeps, answers.yaml())
	}
}

// listed is what stands between the brackets of a list.
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
