package glueworkflow_test

import (
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/golden"
	"example.com/pipewright/stacks/glueworkflow"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func stack(t *testing.T, props glueworkflow.Props) awscdk.Stack {
	t.Helper()
	outdir := t.TempDir()
	return glueworkflow.New(awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir}), "GlueWorkflow", &props)
}

func lab() glueworkflow.Props {
	return glueworkflow.Props{Prefix: "raw/", Suffix: ".csv", Notify: "data-team@example.com", Lab: true}
}

func TestTemplatesAreTheReviewedOnes(t *testing.T) {
	kept := lab()
	kept.Lab = false
	for file, props := range map[string]glueworkflow.Props{
		"template.json": lab(), "template-kept.json": kept,
		"template-scheduled.json": scheduled(), "template-event.json": byEvent(), "template-demand.json": onDemand(),
		"template-job.json": jobAlone(), "template-job-crawler.json": jobThenCrawler(),
	} {
		golden.Check(t, stack(t, props), "testdata/"+file)
	}
}

func TestAnObjectStartsTheWorkflowAndNothingElse(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	template.HasResourceProperties(jsii.String("AWS::S3::Bucket"), map[string]any{
		"NotificationConfiguration": map[string]any{"EventBridgeConfiguration": map[string]any{"EventBridgeEnabled": true}},
	})
	template.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{
		"EventPattern": map[string]any{
			"source": []any{"aws.s3"}, "detail-type": []any{"Object Created"},
			"detail": map[string]any{"object": map[string]any{"key": []any{map[string]any{"wildcard": "raw/*.csv"}}}},
		},
		"Targets": []any{assertions.Match_ObjectLike(&map[string]any{
			"DeadLetterConfig": assertions.Match_AnyValue(),
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 7200, "MaximumRetryAttempts": 50},
			"RoleArn":          assertions.Match_AnyValue(),
		})},
	})
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{map[string]any{
			"Action": "glue:notifyEvent", "Effect": "Allow",
			"Resource": map[string]any{"Fn::Join": []any{"", assertions.Match_ArrayWith(&[]any{
				map[string]any{"Ref": "PipelineWorkflowB441C7D8"},
			})}},
		}}},
	})
}

func TestTheCrawlerRunsBeforeTheJob(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	template.HasResourceProperties(jsii.String("AWS::Glue::Trigger"), map[string]any{
		"Type":                   "EVENT",
		"EventBatchingCondition": map[string]any{"BatchSize": 100, "BatchWindow": 900},
		"Actions":                []any{map[string]any{"CrawlerName": assertions.Match_AnyValue()}},
	})
	template.HasResourceProperties(jsii.String("AWS::Glue::Trigger"), map[string]any{
		"Type":            "CONDITIONAL",
		"StartOnCreation": true,
		"Predicate": map[string]any{"Conditions": []any{map[string]any{
			"CrawlState": "SUCCEEDED", "LogicalOperator": "EQUALS", "CrawlerName": assertions.Match_AnyValue(),
		}}},
		"Actions": []any{assertions.Match_ObjectLike(&map[string]any{"JobName": assertions.Match_AnyValue()})},
	})
	template.ResourceCountIs(jsii.String("AWS::Glue::Trigger"), jsii.Number(2))
}

func TestOnlyALabDeletesData(t *testing.T) {
	kept := lab()
	kept.Lab = false
	for name, want := range map[string]struct {
		props  glueworkflow.Props
		policy string
	}{
		"a lab is removed with its stack": {lab(), "Delete"},
		"otherwise the data stays":        {kept, "Retain"},
	} {
		t.Run(name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, want.props), nil)
			for _, kind := range []string{"AWS::S3::Bucket", "AWS::KMS::Key"} {
				template.AllResources(&kind, map[string]any{"DeletionPolicy": want.policy})
			}
		})
	}
}
