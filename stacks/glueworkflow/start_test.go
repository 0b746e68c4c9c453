package glueworkflow_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/stacks/glueworkflow"
)

func scheduled() glueworkflow.Props {
	props := lab()
	props.Suffix, props.Schedule, props.Timezone, props.MissedDays = "", "cron(0 5 * * ? *)", "Europe/Berlin", 2
	return props
}

func byEvent() glueworkflow.Props {
	props := lab()
	props.Suffix, props.Pattern = "", pattern()
	return props
}

// pattern has what the CDK's own type of a pattern does not know: an operator in source, and $or.
func pattern() map[string]any {
	return map[string]any{
		"source":      []any{map[string]any{"prefix": "partner.orders"}},
		"detail-type": []any{"Orders ready"},
		"$or": []any{
			map[string]any{"detail": map[string]any{"rows": []any{map[string]any{"numeric": []any{">", 0.0}}}}},
			map[string]any{"detail": map[string]any{"skipped": []any{map[string]any{"exists": false}}}},
		},
	}
}

func onDemand() glueworkflow.Props {
	props := lab()
	props.Suffix, props.Demand = "", true
	return props
}

const workflow = "PipelineWorkflowB441C7D8"

func TestAScheduleStartsTheWorkflowInItsTimeZone(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, scheduled()), nil)
	template.HasResourceProperties(jsii.String("AWS::Scheduler::Schedule"), map[string]any{
		"ScheduleExpression": "cron(0 5 * * ? *)", "ScheduleExpressionTimezone": "Europe/Berlin", "State": "ENABLED",
		"GroupName": map[string]any{"Ref": assertions.Match_StringLikeRegexp(jsii.String("^StartGroup"))},
		"Target": map[string]any{
			"Arn": map[string]any{"Fn::Join": []any{"", []any{
				"arn:", map[string]any{"Ref": "AWS::Partition"}, ":scheduler:::aws-sdk:glue:startWorkflowRun",
			}}},
			"Input":            map[string]any{"Fn::Join": []any{"", []any{`{"Name": "`, map[string]any{"Ref": workflow}, `"}`}}},
			"DeadLetterConfig": assertions.Match_AnyValue(),
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 50},
		},
	})
	template.HasResourceProperties(jsii.String("AWS::Glue::Workflow"), map[string]any{"MaxConcurrentRuns": 1})
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{
			map[string]any{
				"Action": "glue:startWorkflowRun", "Effect": "Allow",
				"Resource": map[string]any{"Fn::Join": []any{"", []any{
					"arn:",
					map[string]any{"Ref": "AWS::Partition"},
					":glue:",
					map[string]any{"Ref": "AWS::Region"},
					":",
					map[string]any{"Ref": "AWS::AccountId"},
					":workflow/",
					map[string]any{"Ref": workflow},
				}}},
			},
			assertions.Match_ObjectLike(&map[string]any{"Action": "sqs:SendMessage"}),
		}},
	})
}

func TestAnEventStartsTheWorkflowByTheUsersPattern(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, byEvent()), nil)
	template.HasResource(jsii.String("AWS::Events::Rule"), map[string]any{"Properties": map[string]any{
		"EventPattern": assertions.Match_ObjectEquals(&map[string]any{
			"source": pattern()["source"], "detail-type": pattern()["detail-type"], "$or": pattern()["$or"],
		}),
		"Targets": []any{assertions.Match_ObjectLike(&map[string]any{
			"DeadLetterConfig": assertions.Match_AnyValue(),
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 7200, "MaximumRetryAttempts": 50},
			"RoleArn":          assertions.Match_AnyValue(),
		})},
	}})
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{assertions.Match_ObjectLike(&map[string]any{"Action": "glue:notifyEvent"})}},
	})
}

func TestTheCommandThatStartsTheWorkflowIsAnOutput(t *testing.T) {
	for name, props := range map[string]glueworkflow.Props{"on demand": onDemand(), "besides a schedule": scheduled()} {
		t.Run(name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, props), nil)
			template.HasOutput(jsii.String("StartCommand"), map[string]any{
				"Value": map[string]any{"Fn::Join": []any{"", []any{"aws glue start-workflow-run --name ", map[string]any{"Ref": workflow}}}},
			})
		})
	}
}

// A second way to start would start runs that nobody has asked for.
func TestEachStartIsTheOnlyOne(t *testing.T) {
	const reports = 2 // rules that tell of a failed job and a failed crawler
	for _, test := range []struct {
		name      string
		props     glueworkflow.Props
		trigger   string
		rules     int
		schedules int
		sends     bool // events of the landing bucket
	}{
		{"object", lab(), "EVENT", reports + 1, 0, true},
		{"schedule", scheduled(), "ON_DEMAND", reports, 1, false},
		{"event", byEvent(), "EVENT", reports + 1, 0, true},
		{"demand", onDemand(), "ON_DEMAND", reports, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, test.props), nil)
			template.ResourceCountIs(jsii.String("AWS::Glue::Trigger"), jsii.Number(2))
			batching := assertions.Match_Absent()
			if test.trigger == "EVENT" {
				batching = assertions.Match_ObjectLike(&map[string]any{"BatchSize": 100, "BatchWindow": 900})
			}
			template.HasResourceProperties(jsii.String("AWS::Glue::Trigger"), map[string]any{
				"Type": test.trigger, "EventBatchingCondition": batching, "WorkflowName": map[string]any{"Ref": workflow},
				"Actions": []any{map[string]any{"CrawlerName": assertions.Match_AnyValue()}},
			})
			template.ResourceCountIs(jsii.String("AWS::Events::Rule"), jsii.Number(test.rules))
			template.ResourceCountIs(jsii.String("AWS::Scheduler::Schedule"), jsii.Number(test.schedules))
			senders := 0
			if test.sends {
				senders = 1
			}
			template.ResourcePropertiesCountIs(jsii.String("AWS::S3::Bucket"), map[string]any{
				"NotificationConfiguration": map[string]any{"EventBridgeConfiguration": map[string]any{"EventBridgeEnabled": true}},
			}, jsii.Number(senders))
			template.HasResourceProperties(jsii.String("AWS::Glue::Job"), map[string]any{
				"DefaultArguments": assertions.Match_ObjectLike(&map[string]any{"--partitions": "changed"}),
			})
		})
	}
}

func TestEveryFailureIsTold(t *testing.T) {
	const common = 1 + 2 + 2*2 // dead letters; failed job and failed crawler, with two alarms for the delivery of each report
	ofRule := []string{"FailedInvocations", "InvocationsFailedToBeSentToDlq"}
	for _, test := range []struct {
		name    string
		props   glueworkflow.Props
		metrics []string // of the start
	}{
		{"object", lab(), ofRule},
		{"schedule", scheduled(), []string{"TargetErrorCount", "InvocationDroppedCount", "InvocationsFailedToBeSentToDeadLetterCount", "InvocationAttemptCount"}},
		{"event", byEvent(), ofRule},
		{"demand", onDemand(), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, test.props), nil)
			template.ResourceCountIs(jsii.String("AWS::CloudWatch::Alarm"), jsii.Number(common+len(test.metrics)))
			for _, metric := range test.metrics {
				template.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), map[string]any{"MetricName": metric})
			}
			template.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{"EventPattern": map[string]any{
				"source": []any{"aws.glue"}, "detail-type": []any{"Glue Job State Change"},
				"detail": map[string]any{"state": []any{"FAILED", "TIMEOUT", "STOPPED", "ERROR"}},
			}})
			template.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{"EventPattern": map[string]any{
				"source": []any{"aws.glue"}, "detail-type": []any{"Glue Crawler State Change"},
				"detail": map[string]any{"state": []any{"Failed"}},
			}})
			template.HasResourceProperties(jsii.String("AWS::SNS::Subscription"), map[string]any{
				"Protocol": "email", "Endpoint": "data-team@example.com",
			})
		})
	}
}

func TestAStartInTheContextReachesTheTemplate(t *testing.T) {
	want := map[string]any{"source": []any{"partner.orders"}, "detail": map[string]any{"n": []any{1.5, true}}}
	for name, context := range map[string]any{
		"an object, as in cdk.json":    want,
		"a text, as on a command line": `{"source": ["partner.orders"], "detail": {"n": [1.5, true]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			template := assertions.Template_FromStack(fromContext(t, map[string]any{"pattern": context}), nil)
			template.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{
				"EventPattern": assertions.Match_ObjectEquals(&want),
			})
		})
	}
	for _, yes := range []any{true, "true"} {
		template := assertions.Template_FromStack(fromContext(t, map[string]any{"demand": yes}), nil)
		template.HasOutput(jsii.String("StartCommand"), map[string]any{})
	}
}

func fromContext(t *testing.T, context map[string]any) awscdk.Stack {
	t.Helper()
	outdir := t.TempDir()
	return glueworkflow.New(awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir, Context: &context}), "GlueWorkflow", nil)
}

func TestAStartThatCannotBeUsedFailsTheStack(t *testing.T) {
	source := []any{"partner.orders"}
	for _, test := range []struct {
		name    string
		context map[string]any
		want    string
	}{
		{"two starts", map[string]any{"schedule": "rate(1 day)", "demand": true}, "context schedule, pattern, demand: got 2 of them, expected one start"},
		{"not JSON", map[string]any{"pattern": "source: x"}, `context pattern: got "source: x", expected an object in JSON`},
		{"a list", map[string]any{"pattern": []any{"x"}}, "context pattern: got [x], expected an object"},
		{"a text that is null", map[string]any{"pattern": "null"}, `context pattern: got "null", expected an object in JSON`},
		{"no field", map[string]any{"pattern": "{}"}, "context pattern: got {}, expected at least one field to match"},
		{"null", map[string]any{"pattern": map[string]any{"source": source, "detail": map[string]any{"x": []any{nil}}}}, "context pattern.detail.x: got null"},
		{"a function of CloudFormation", map[string]any{"pattern": map[string]any{"detail": map[string]any{"Ref": source}}}, "context pattern.detail: got the field Ref"},
		{"too long", map[string]any{"pattern": map[string]any{"source": []any{strings.Repeat("x", 4097)}}}, "EventBridge takes at most 4096"},
		{"a suffix that nobody looks at", map[string]any{"schedule": "rate(1 day)", "suffix": ".csv"}, `context suffix: got ".csv", which a start by schedule has no use for`},
		{"a suffix besides a pattern", map[string]any{"pattern": map[string]any{"source": source}, "suffix": ".csv"}, "which a start by event has no use for"},
		{"a suffix besides a command", map[string]any{"demand": true, "suffix": ".csv"}, "which a start by demand has no use for"},
		{"a look back without a schedule", map[string]any{"missedDays": 3.0}, "context missedDays: got 3 and no schedule"},
		{"a window without a schedule", map[string]any{"flexibleMinutes": "5"}, "context flexibleMinutes: got 5 and no schedule"},
		{"the concurrency of a function", map[string]any{"concurrency": "5"}, "context concurrency: got 5, this example has no function"},
	} {
		t.Run(test.name, func(t *testing.T) { refused(t, test.context, test.want) })
	}
}

// refused wants the synth to fail with one error, and what it says.
func refused(t *testing.T, context map[string]any, want string) {
	t.Helper()
	found := *assertions.Annotations_FromStack(fromContext(t, context)).FindError(jsii.String("*"), assertions.Match_AnyValue())
	if len(found) != 1 {
		t.Fatalf("got %d errors, want 1", len(found))
	}
	if text, _ := found[0].Entry.Data.(string); !strings.Contains(text, want) { //nolint:staticcheck // the assertions module returns this type
		t.Errorf("got %q, want %q", text, want)
	}
}
