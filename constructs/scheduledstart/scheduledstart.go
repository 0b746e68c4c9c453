// Package scheduledstart starts a target by time: one EventBridge Scheduler schedule in a group of its own.
//
// EventBridge Scheduler, not a scheduled rule: rules know no time zone and are documented as legacy. The target is named by its
// ARN, which for a service without a templated target is that of an API action (arn:aws:scheduler:::aws-sdk:glue:startWorkflowRun).
// A start is tried at least once and may be repeated: whatever is started must be idempotent.
// Source: Amazon EventBridge Scheduler User Guide, "Schedule types", "Using universal targets", "Configuring a dead-letter queue".
package scheduledstart

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/servicerole"
)

// How long the scheduler tries to start the target. An hour outlasts a service's hiccup and still tells on the same day; the
// scheduler's own default is 24 hours and 185 attempts.
// Source: Amazon EventBridge Scheduler API, RetryPolicy, read 2026-11.
const (
	maxAgeSeconds = 3600
	maxAttempts   = 50
)

// ScheduledTime is replaced by the time for which a start was scheduled, anywhere in the input.
// Source: Amazon EventBridge Scheduler User Guide, "Adding context attributes".
const ScheduledTime = "<aws.scheduler.scheduled-time>"

// ExecutionID is replaced by what one start has in common with its own repetitions, and with no other start.
// Source: Amazon EventBridge Scheduler User Guide, "Adding context attributes".
const ExecutionID = "<aws.scheduler.execution-id>"

// UniversalTarget is the ARN of an API action as a target, for example redshiftdata:batchExecuteStatement.
func UniversalTarget(action string) *string {
	return jsii.String("arn:" + *awscdk.Aws_PARTITION() + ":scheduler:::aws-sdk:" + action)
}

// Props of the schedule.
type Props struct {
	Expression      string // cron(), rate() or at()
	Timezone        string // IANA name; the clock of the expression, daylight saving included
	FlexibleMinutes int    // a start may be so much later, which spreads load; 0: at the minute
	TargetArn       *string
	Action          string                   // what the role may do, for example lambda:InvokeFunction
	Resource        *string                  // on what; default: TargetArn
	May             []awsiam.PolicyStatement // what else it may; with an empty Action, all that it may
	Input           string                   // JSON that the target receives
	DeadLetters     awssqs.IQueue
	MissedDays      int // Watch tells when nothing has been started for so many days, alerts.MaxAbsentDays at most; 0: it does not
}

// Start is the schedule.
type Start struct {
	Group      *string // name of the group, by which the scheduler's metrics are told apart
	missedDays int
}

// New makes the group, a role that may start the target and nothing else, and the schedule. The schedule is enabled: one
// that is off would look deployed and never run.
func New(scope constructs.Construct, id string, props *Props) *Start {
	within := constructs.NewConstruct(scope, &id)
	group := awsscheduler.NewCfnScheduleGroup(within, jsii.String("Group"), nil)
	resource := props.Resource
	if resource == nil {
		resource = props.TargetArn
	}
	start := slices.Clone(props.May)
	if props.Action != "" {
		start = append(start, servicerole.Allow([]string{props.Action}, resource))
	}
	// The source is the group: its schedule does not exist yet when the role is made.
	// Source: Amazon EventBridge Scheduler User Guide, "Prevent confused deputy".
	role := servicerole.New(within, "Role", &servicerole.Props{
		Service:     "scheduler.amazonaws.com",
		SourceArn:   group.AttrArn(),
		Description: "Lets the schedule start this pipeline, and nothing else",
		Statements:  append(start, servicerole.Allow([]string{"sqs:SendMessage"}, props.DeadLetters.QueueArn())),
	})
	awsscheduler.NewCfnSchedule(within, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Description:                jsii.String("Starts the pipeline: " + props.Expression + " " + props.Timezone),
		GroupName:                  group.Ref(),
		ScheduleExpression:         &props.Expression,
		ScheduleExpressionTimezone: &props.Timezone,
		State:                      jsii.String("ENABLED"),
		FlexibleTimeWindow:         window(props.FlexibleMinutes),
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              props.TargetArn,
			RoleArn:          role.RoleArn(),
			Input:            &props.Input,
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: props.DeadLetters.QueueArn()},
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(maxAgeSeconds), MaximumRetryAttempts: jsii.Number(maxAttempts),
			},
		},
	})
	return &Start{Group: group.Ref(), missedDays: props.MissedDays}
}

func window(minutes int) *awsscheduler.CfnSchedule_FlexibleTimeWindowProperty {
	if minutes == 0 {
		return &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")}
	}
	return &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("FLEXIBLE"), MaximumWindowInMinutes: jsii.Number(minutes)}
}

// Watch raises alarms when the schedule cannot start what it is there for, for example "the function", and, with MissedDays, when it does
// not even try: somebody has disabled it, or its expression says something else than was meant. MissedDays is counted by the clock on the wall:
// when clocks are put back, a pause of seven days lasts an hour more, for which such an alarm may come and go.
func (s *Start) Watch(watch *alerts.Alerts, started string) {
	for _, problem := range []struct{ metric, description string }{
		{"TargetErrorCount", "The schedule could not start " + started + ", and tries again"},
		{"InvocationDroppedCount", "The schedule gave a start up after all retries: a run is missing"},
		{"InvocationsFailedToBeSentToDeadLetterCount", "The schedule could not even keep a start that failed in the dead-letter queue"},
	} {
		watch.Watch(problem.metric, problem.description, s.Metric(problem.metric))
	}
	if s.missedDays > 0 {
		daily := s.Metric("InvocationAttemptCount").With(&awscloudwatch.MetricOptions{Period: awscdk.Duration_Days(jsii.Number(1))})
		watch.WatchAbsent("StartMissed", fmt.Sprintf("The schedule has not tried to start %s for %d days", started, s.missedDays), daily, s.missedDays)
	}
}

// Metric is the sum of a metric of the group over five minutes.
// Source: Amazon EventBridge Scheduler User Guide, "Monitoring Amazon EventBridge Scheduler with Amazon CloudWatch".
func (s *Start) Metric(name string) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String("AWS/Scheduler"),
		MetricName:    &name,
		DimensionsMap: &map[string]*string{"ScheduleGroup": s.Group},
		Statistic:     jsii.String("sum"),
		Period:        awscdk.Duration_Minutes(jsii.Number(5)),
	})
}
