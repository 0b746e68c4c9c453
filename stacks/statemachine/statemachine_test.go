package statemachine_test

import (
	"fmt"
	"os"
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

// templates are what has been synthesized, by settings: many tests look at the same stack.
var templates = map[string]assertions.Template{}

func synthesized(t *testing.T, props statemachine.Props) assertions.Template {
	t.Helper()
	key := fmt.Sprintf("%+v", props)
	if templates[key] == nil {
		templates[key] = assertions.Template_FromStack(stack(t, props), nil)
	}
	return templates[key]
}

func lab() statemachine.Props {
	return statemachine.Props{Prefix: "raw/", Suffix: ".csv", Notify: "data-team@example.com", Lab: true}
}

// scheduled validates every landed file, loads the good ones, and publishes what that wrote.
func scheduled() statemachine.Props {
	props := lab()
	props.Suffix, props.Schedule, props.Timezone = "", "cron(0 5 * * ? *)", "Europe/Berlin"
	props.Work, props.Branches, props.MissedDays = []string{"lambda", "glue-job", "lambda"}, true, 2
	return props
}

// byEvent asks a person between validation and conversion.
func byEvent() statemachine.Props {
	props := lab()
	props.Suffix, props.Pattern = "", map[string]any{"source": []any{"partner.orders"}, "detail-type": []any{"Orders ready"}}
	props.Work, props.Branches, props.Approval = []string{"lambda", "lambda", "lambda"}, true, true
	return props
}

// onDemand has one step, and no function at all.
func onDemand() statemachine.Props {
	props := lab()
	props.Suffix, props.Demand, props.Work = "", true, []string{"glue-job"}
	return props
}

// everyWorker has a step of every service.
func everyWorker() statemachine.Props {
	props := lab()
	props.Work, props.Branches = []string{"lambda", "crawler", "emr-job", "batch-job", "redshift-sql", "lambda"}, true
	props.Container.VCPU, props.Container.MemoryMiB = "0.5", 1024
	return props
}

func TestTemplatesAreTheReviewedOnes(t *testing.T) {
	kept := lab()
	kept.Lab = false
	for file, props := range map[string]statemachine.Props{
		"template.json": lab(), "template-kept.json": kept,
		"template-schedule.json": scheduled(), "template-event.json": byEvent(), "template-demand.json": onDemand(),
		"template-workers.json": everyWorker(),
	} {
		golden.Check(t, stack(t, props), "testdata/"+file)
	}
}

func TestAnObjectStartsTheStateMachineAndNothingElse(t *testing.T) {
	template := synthesized(t, lab())
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
	template := synthesized(t, lab())
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
			"Action": []any{"glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"},
		})})},
	})
}

func TestEveryFailureIsTold(t *testing.T) {
	template := synthesized(t, lab())
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
			template := synthesized(t, want.props)
			for _, kind := range []string{"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup"} {
				template.AllResources(&kind, map[string]any{"DeletionPolicy": want.policy})
			}
			template.HasResourceProperties(jsii.String("AWS::StepFunctions::StateMachine"), map[string]any{
				"LoggingConfiguration": map[string]any{"Level": "ALL", "IncludeExecutionData": want.data},
			})
		})
	}
}
