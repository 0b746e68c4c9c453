package eventfunction_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/stacks/eventfunction"
)

func scheduled() eventfunction.Props {
	props := kept()
	props.Schedule, props.Timezone, props.Flexible, props.Concurrency, props.MissedDays = "cron(0 8 ? * MON *)", "America/Los_Angeles", 10, 1, 7
	return props
}

func byEvent() eventfunction.Props {
	props := lab()
	props.Suffix, props.Pattern = "", map[string]any{"source": []any{map[string]any{"prefix": "partner.orders"}}, "detail-type": []any{"Orders ready"}}
	return props
}

func onDemand() eventfunction.Props {
	props := lab()
	props.Demand = true
	return props
}

func TestAnObjectCallsTheFunctionAndNobodyElseMay(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	rule := assertions.NewCapture(nil)
	template.HasResourceProperties(jsii.String("AWS::Lambda::Permission"), map[string]any{
		"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
		"SourceArn": map[string]any{"Fn::GetAtt": []any{rule, "Arn"}},
	})
	template.ResourceCountIs(jsii.String("AWS::Lambda::Permission"), jsii.Number(1))
	template.ResourceCountIs(jsii.String("AWS::Scheduler::Schedule"), jsii.Number(0))
	template.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{
		"EventPattern": map[string]any{
			"source": []any{"aws.s3"}, "detail-type": []any{"Object Created"},
			"detail": map[string]any{"object": map[string]any{"key": []any{map[string]any{"wildcard": "raw/*.csv"}}}},
		},
		"Targets": []any{assertions.Match_ObjectLike(&map[string]any{
			"DeadLetterConfig": assertions.Match_AnyValue(),
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 7200, "MaximumRetryAttempts": 50},
			"Arn":              assertions.Match_AnyValue(),
		})},
	})
	if id := *rule.AsString(); !strings.HasPrefix(id, "ObjectLanded") {
		t.Errorf("got a permission for %s, want one for the rule", id)
	}
}

func TestAScheduleCallsTheFunctionInItsTimeZone(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, scheduled()), nil)
	template.HasResourceProperties(jsii.String("AWS::Scheduler::Schedule"), map[string]any{
		"ScheduleExpression": "cron(0 8 ? * MON *)", "ScheduleExpressionTimezone": "America/Los_Angeles", "State": "ENABLED",
		"FlexibleTimeWindow": map[string]any{"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10},
		"GroupName":          map[string]any{"Ref": assertions.Match_StringLikeRegexp(jsii.String("^StartGroup"))},
		"Target": map[string]any{
			"Input":            `{"scheduled": "<aws.scheduler.scheduled-time>"}`,
			"DeadLetterConfig": assertions.Match_AnyValue(),
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 50},
		},
	})
	template.HasResourceProperties(jsii.String("AWS::IAM::Role"), map[string]any{
		"AssumeRolePolicyDocument": map[string]any{"Statement": []any{assertions.Match_ObjectLike(&map[string]any{
			"Principal": map[string]any{"Service": "scheduler.amazonaws.com"},
			"Condition": map[string]any{"StringEquals": map[string]any{
				"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"},
				"aws:SourceArn":     map[string]any{"Fn::GetAtt": []any{assertions.Match_StringLikeRegexp(jsii.String("^StartGroup")), "Arn"}},
			}},
		})}},
	})
	for _, kind := range []string{"AWS::Events::Rule", "AWS::Lambda::Permission"} {
		template.ResourceCountIs(&kind, jsii.Number(0))
	}
	template.HasResourceProperties(jsii.String("AWS::Lambda::Function"), map[string]any{"ReservedConcurrentExecutions": 1})
}

func TestAFlexibleWindowAndReservedConcurrencyAreSwitches(t *testing.T) {
	props := scheduled()
	props.Timezone, props.Flexible, props.Concurrency = "", 0, 0
	template := assertions.Template_FromStack(stack(t, props), nil)
	template.HasResourceProperties(jsii.String("AWS::Scheduler::Schedule"), map[string]any{
		"FlexibleTimeWindow": map[string]any{"Mode": "OFF"}, "ScheduleExpressionTimezone": "UTC",
	})
	template.HasResourceProperties(jsii.String("AWS::Lambda::Function"), map[string]any{"ReservedConcurrentExecutions": assertions.Match_Absent()})
}

func TestAnEventCallsTheFunctionByTheUsersOwnPattern(t *testing.T) {
	props := byEvent()
	template := assertions.Template_FromStack(stack(t, props), nil)
	template.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{
		"EventPattern": assertions.Match_ObjectEquals(&props.Pattern),
		"Targets": []any{assertions.Match_ObjectLike(&map[string]any{
			"Arn":              map[string]any{"Fn::GetAtt": []any{assertions.Match_StringLikeRegexp(jsii.String("^Convert")), "Arn"}},
			"DeadLetterConfig": assertions.Match_AnyValue(), "Input": assertions.Match_Absent(), "InputTransformer": assertions.Match_Absent(),
		})},
	})
	template.HasResourceProperties(jsii.String("AWS::Lambda::Permission"), map[string]any{
		"Principal": "events.amazonaws.com",
		"SourceArn": map[string]any{"Fn::GetAtt": []any{assertions.Match_StringLikeRegexp(jsii.String("^EventMatched")), "Arn"}},
	})
}

// A second way to start would convert what nobody has asked for.
func TestEachStartIsTheOnlyOne(t *testing.T) {
	for _, test := range []struct {
		name                      string
		props                     eventfunction.Props
		rules, schedules, senders int // senders: buckets that send their events
	}{
		{"object", lab(), 1, 0, 1}, {"schedule", scheduled(), 0, 1, 0}, {"event", byEvent(), 1, 0, 1}, {"demand", onDemand(), 0, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, test.props), nil)
			template.ResourceCountIs(jsii.String("AWS::Events::Rule"), jsii.Number(test.rules))
			template.ResourceCountIs(jsii.String("AWS::Lambda::Permission"), jsii.Number(test.rules))
			template.ResourceCountIs(jsii.String("AWS::Scheduler::Schedule"), jsii.Number(test.schedules))
			template.ResourcePropertiesCountIs(jsii.String("AWS::S3::Bucket"), map[string]any{
				"NotificationConfiguration": map[string]any{"EventBridgeConfiguration": map[string]any{"EventBridgeEnabled": true}},
			}, jsii.Number(test.senders))
		})
	}
}

// A call that waits for the answer would neither be tried again nor kept.
func TestTheCommandCallsTheFunctionAsynchronously(t *testing.T) {
	for name, props := range map[string]eventfunction.Props{"object": lab(), "schedule": scheduled(), "event": byEvent(), "demand": onDemand()} {
		t.Run(name, func(t *testing.T) {
			assertions.Template_FromStack(stack(t, props), nil).HasOutput(jsii.String("StartCommand"), map[string]any{
				"Value": map[string]any{"Fn::Join": []any{"", []any{
					"aws lambda invoke --function-name ",
					map[string]any{"Ref": assertions.Match_StringLikeRegexp(jsii.String("^Convert"))},
					` --invocation-type Event --cli-binary-format raw-in-base64-out --payload '{"scheduled": "now"}' /dev/stdout`,
				}}},
			})
		})
	}
}

func TestEveryFailureIsTold(t *testing.T) {
	function := []string{"Errors", "Throttles", "AsyncEventsDropped", "DestinationDeliveryFailures", "RefusedFiles", "ApproximateNumberOfMessagesVisible"}
	ofRule := []string{"FailedInvocations", "InvocationsFailedToBeSentToDlq"}
	for _, test := range []struct {
		name   string
		props  eventfunction.Props
		start  []string
		missed int // days without a start, after which an alarm tells
	}{
		{"object", lab(), ofRule, 0},
		{"schedule", scheduled(), []string{"TargetErrorCount", "InvocationDroppedCount", "InvocationsFailedToBeSentToDeadLetterCount"}, 7},
		{"event", byEvent(), ofRule, 0},
		{"demand", onDemand(), nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, test.props), nil)
			metrics := append(test.start, function...)
			for _, metric := range metrics {
				template.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), map[string]any{
					"MetricName": metric, "TreatMissingData": "notBreaching", "AlarmActions": assertions.Match_AnyValue(),
				})
			}
			alarms := len(metrics)
			if test.missed > 0 {
				alarms++
				template.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), map[string]any{
					"MetricName": "InvocationAttemptCount", "ComparisonOperator": "LessThanThreshold", "Period": 86400, "EvaluationPeriods": test.missed,
					"TreatMissingData": "breaching", "AlarmActions": assertions.Match_AnyValue(),
					"Dimensions": []any{map[string]any{"Name": "ScheduleGroup", "Value": map[string]any{"Ref": assertions.Match_StringLikeRegexp(jsii.String("^StartGroup"))}}},
				})
			}
			template.ResourceCountIs(jsii.String("AWS::CloudWatch::Alarm"), jsii.Number(alarms))
		})
	}
}
