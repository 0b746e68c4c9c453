package statemachine_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/golden"
	"example.com/pipewright/stacks/statemachine"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func stack(t *testing.T, props statemachine.Props) awscdk.Stack {
	t.Helper()
	outdir := t.TempDir()
	return statemachine.New(awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir}), "StateMachine", &props)
}

func lab() statemachine.Props {
	return statemachine.Props{Prefix: "raw/", Suffix: ".csv", Notify: "data-team@example.com", Lab: true}
}

func TestTemplatesAreTheReviewedOnes(t *testing.T) {
	kept := lab()
	kept.Lab = false
	golden.Check(t, stack(t, lab()), "testdata/template.json")
	golden.Check(t, stack(t, kept), "testdata/template-kept.json")
}

func TestAnObjectStartsTheStateMachineAndNothingElse(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	template.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{
		"EventPattern": map[string]any{
			"source": []any{"aws.s3"}, "detail-type": []any{"Object Created"},
			"detail": map[string]any{"object": map[string]any{"key": []any{map[string]any{"wildcard": "raw/*.csv"}}}},
		},
		"Targets": []any{assertions.Match_ObjectLike(&map[string]any{
			"DeadLetterConfig": assertions.Match_AnyValue(),
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 7200, "MaximumRetryAttempts": 50},
			"RoleArn":          assertions.Match_AnyValue(),
			"Arn":              assertions.Match_AnyValue(),
		})},
	})
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{map[string]any{
			"Action": "states:StartExecution", "Effect": "Allow", "Resource": assertions.Match_ObjectLike(&map[string]any{"Ref": assertions.Match_AnyValue()}),
		}}},
	})
}

func TestTheMachineMayStopTheJobItStarted(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
			"Action": []any{"glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"},
		})})},
	})
}

// state is what the tests look at of a state.
type state struct {
	Type, Next, Default, Resource, Error string
	TimeoutSeconds                       any
	Retry                                []struct{ ErrorEquals []string }
	Catch                                []struct{ Next, Output string }
	Choices                              []struct{ Next string }
}

func machine(t *testing.T) (timeoutSeconds int, states map[string]state) {
	t.Helper()
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	capture := assertions.NewCapture(nil)
	template.HasResourceProperties(jsii.String("AWS::StepFunctions::StateMachine"), map[string]any{"DefinitionString": capture})
	var parsed struct {
		TimeoutSeconds int
		States         map[string]state
	}
	if err := json.Unmarshal([]byte(*capture.AsString()), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed.TimeoutSeconds, parsed.States
}

func TestInvalidFilesAreSetAsideReportedAndFail(t *testing.T) {
	_, states := machine(t)
	for _, step := range []struct{ from, to string }{
		{"Validate file", "Valid?"},
		{"Set file aside", "Report invalid file"},
		{"Report invalid file", "Invalid file"},
		{"Report failure", "Load failed"},
		{"Run ETL job", "Loaded"},
	} {
		if got := states[step.from].Next; got != step.to {
			t.Errorf("%s: got next state %q, want %q", step.from, got, step.to)
		}
	}
	if got := states["Valid?"]; got.Default != "Set file aside" || len(got.Choices) != 1 || got.Choices[0].Next != "Run ETL job" {
		t.Errorf("Valid?: got %+v, want the ETL job for a valid file and quarantine for any other", got)
	}
	if got := states["Invalid file"]; got.Type != "Fail" || got.Error != "InvalidFile" {
		t.Errorf("Invalid file: got %+v, want a Fail state with the error InvalidFile", got)
	}
	if got := states["Run ETL job"].Resource; !strings.HasSuffix(got, ":glue:startJobRun.sync") {
		t.Errorf("Run ETL job: got resource %q, want the .sync integration", got)
	}
}

func TestEveryTaskTimesOutRetriesAndKeepsItsInput(t *testing.T) {
	seconds, states := machine(t)
	if want := (15 + 10 + 120) * 60; seconds != want {
		t.Errorf("got a timeout of the machine of %d s, want %d", seconds, want)
	}
	for name, state := range states {
		if state.Type != "Task" {
			continue
		}
		if state.TimeoutSeconds == nil {
			t.Errorf("%s: has no timeout", name)
		}
		if len(state.Retry) == 0 || len(state.Catch) == 0 {
			t.Errorf("%s: got %d retriers and %d catchers, want at least one of each", name, len(state.Retry), len(state.Catch))
		}
		for _, retrier := range state.Retry {
			for _, name := range retrier.ErrorEquals {
				if name == "States.ALL" || name == "States.TaskFailed" {
					t.Errorf("%s: retries %s, which includes bad data", name, name)
				}
			}
		}
		for _, catcher := range state.Catch {
			if !strings.Contains(catcher.Output, "$states.input") {
				t.Errorf("%s: the catcher's output %q loses the input", name, catcher.Output)
			}
		}
	}
}

func TestEveryFailureIsTold(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	for _, metric := range []string{
		"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionThrottled",
		"FailedInvocations", "InvocationsFailedToBeSentToDlq", "ApproximateNumberOfMessagesVisible",
	} {
		template.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), map[string]any{
			"MetricName": metric, "TreatMissingData": "notBreaching", "AlarmActions": assertions.Match_AnyValue(),
		})
	}
}

func TestOnlyALabDeletesDataAndLogsIt(t *testing.T) {
	kept := lab()
	kept.Lab = false
	for name, want := range map[string]struct {
		props  statemachine.Props
		policy string
		data   bool
	}{
		"a lab is removed with its stack": {lab(), "Delete", true},
		"otherwise the data stays":        {kept, "Retain", false},
	} {
		t.Run(name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, want.props), nil)
			for _, kind := range []string{"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup"} {
				template.AllResources(&kind, map[string]any{"DeletionPolicy": want.policy})
			}
			template.HasResourceProperties(jsii.String("AWS::StepFunctions::StateMachine"), map[string]any{
				"LoggingConfiguration": map[string]any{"Level": "ALL", "IncludeExecutionData": want.data},
			})
		})
	}
}

func TestSettingsThatWouldBeIgnoredFailTheStack(t *testing.T) {
	for key, props := range map[string]statemachine.Props{
		"schedule":    {Schedule: "rate(1 day)"},
		"pattern":     {Pattern: map[string]any{"source": []any{"partner.orders"}}},
		"demand":      {Demand: true},
		"concurrency": {Concurrency: 5},
	} {
		t.Run(key, func(t *testing.T) {
			found := *assertions.Annotations_FromStack(stack(t, props)).FindError(jsii.String("*"), assertions.Match_AnyValue())
			if len(found) != 1 {
				t.Fatalf("got %d errors, want 1", len(found))
			}
			if text, _ := found[0].Entry.Data.(string); !strings.HasPrefix(text, "context "+key+": ") { //nolint:staticcheck // the assertions module returns this type
				t.Errorf("got %q, want what is wrong with %s", text, key)
			}
		})
	}
}
