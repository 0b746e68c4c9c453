package main

import (
	"cmp"
	"context"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pipewright/constructs"
	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
)

// Each definition is a state machine by itself: it opens in Workflow Studio, and can be deployed as it is.
func TestEveryShippedDefinitionIsValidByItself(t *testing.T) {
	found := 0
	err := fs.WalkDir(constructs.Source, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".asl.json") {
			return err
		}
		found++
		text, err := constructs.Source.ReadFile(path)
		if err != nil {
			return err
		}
		checkDefinition(t, path, substituted(text, nil))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 13 {
		t.Errorf("found %d definitions, want those of the frame and of each step", found)
	}
}

func TestEveryComposedDefinitionIsValid(t *testing.T) {
	templates, err := filepath.Glob("../stacks/*/testdata/template*.json")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range templates {
		if definition := composed(t, file); definition != nil {
			found++
			checkDefinition(t, file, definition)
		}
	}
	if found < 6 {
		t.Errorf("found %d templates with a state machine, want those of each start", found)
	}
}

func checkDefinition(t *testing.T, name string, text []byte) {
	t.Helper()
	for _, fault := range asl.Validate(text, string(asl.Standard)) {
		t.Errorf("%s: %s %s at %s: %s", name, fault.Severity, fault.Code, fault.Location, fault.Message)
	}
	if _, err := asl.ParseKind(text, asl.Standard); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// shippedValues are what CloudFormation puts for ${NAME}. Any other name stands for itself.
var shippedValues = map[string]string{
	"Partition": "aws", "Region": "eu-central-1", "TopicArn": "arn:aws:sns:eu-central-1:123456789012:alerts",
	"QuarantineBucket": "curated", "ReportsBucket": "curated", "LandingBucket": "landing", "LandingPrefix": "raw/", "ApprovalDays": "7",
}

var substitution = regexp.MustCompile(`\$\{(\w+)\}`)

// substituted fills in the names that are given, or all.
func substituted(text []byte, names []string) []byte {
	return substitution.ReplaceAllFunc(text, func(found []byte) []byte {
		name := string(found[2 : len(found)-1])
		if names != nil && !slices.Contains(names, name) {
			return found
		}
		return []byte(cmp.Or(shippedValues[name], name))
	})
}

// composed is the definition of the template's state machine as it would be deployed; nil if there is none.
func composed(t *testing.T, file string) []byte {
	t.Helper()
	template, err := cfn.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	machines := template.ByType("AWS::StepFunctions::StateMachine")
	if len(machines) == 0 {
		return nil
	}
	machine := template.Resources[machines[0]]
	text, _ := machine.Get("DefinitionString").(string)
	values, _ := machine.Get("DefinitionSubstitutions").(map[string]any)
	names := []string{}
	for name, value := range values {
		if literal, ok := value.(string); ok { // the others are references
			text = strings.ReplaceAll(text, "${"+name+"}", literal)
		}
		names = append(names, name)
	}
	definition := substituted([]byte(text), names)
	if _, after, left := strings.Cut(string(definition), "${"); left {
		t.Errorf("%s: nothing is given for ${%.30s", file, after)
	}
	return definition
}

// waits is the answer of a service that took the task and says nothing more.
const waits = "waits"

// run is what an execution did.
type shippedRun struct {
	summary string // status, and output or error and cause
	states  string // in the order in which they were entered
	calls   string // of the services, one a line: the state and what it asked for
}

// runShipped runs a definition with the answers that its services would give, by state. Time that passes is virtual.
func runShipped(t *testing.T, definition []byte, input string, answers map[string]string) shippedRun {
	t.Helper()
	machine, err := asl.ParseKind(definition, asl.Standard)
	if err != nil {
		t.Fatal(err)
	}
	given, err := asl.DecodeString(input)
	if err != nil {
		t.Fatal(err)
	}
	var run shippedRun
	mocks := mocked(t, answers)
	services := asl.ServicesFunc(func(ctx context.Context, call *asl.Call) error {
		run.calls += call.State + ": " + asl.EncodeString(call.Input) + "\n"
		if answers[call.State] == waits {
			call.Submit(asl.NewObject())
			return nil
		}
		return mocks.Call(ctx, call)
	})
	result, err := machine.Run(t.Context(), asl.Options{Kind: asl.Standard, Input: given, Services: services, History: true})
	if err != nil {
		t.Fatal(err)
	}
	run.summary = string(result.Status) + " " + result.Error + ": " + result.Cause
	if result.Status == asl.Succeeded {
		run.summary = string(result.Status) + " " + asl.EncodeString(result.Output)
	}
	var states []string
	for _, event := range result.Events {
		if strings.HasSuffix(event.Type, "StateEntered") {
			name, _ := event.Details().Get("name")
			states = append(states, name.(string))
		}
	}
	run.states = strings.Join(states, ", ")
	return run
}

func mocked(t *testing.T, answers map[string]string) asl.Services {
	t.Helper()
	var states, responses []string
	for state, answer := range answers {
		if answer != waits {
			states = append(states, `"`+state+`": "`+state+`"`)
			responses = append(responses, `"`+state+`": `+answer)
		}
	}
	mocks, err := asl.ParseMocks([]byte(`{"StateMachines": {"run": {"TestCases": {"case": {` + strings.Join(states, ",") +
		`}}}}, "MockedResponses": {` + strings.Join(responses, ",") + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	services, err := mocks.Case("", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return services
}
