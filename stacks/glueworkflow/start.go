package glueworkflow

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/gluepipeline"
	"example.com/pipewright/constructs/objectrule"
	"example.com/pipewright/constructs/patternrule"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/ruletarget"
	"example.com/pipewright/constructs/scheduledstart"
	"example.com/pipewright/constructs/settings"
)

// first is the trigger that begins a run, by what starts it.
var first = map[string]gluepipeline.First{
	settings.OnObject:   gluepipeline.OnObjects,
	settings.OnSchedule: gluepipeline.OnDemand,
	settings.OnEvent:    gluepipeline.OnEvents,
	settings.OnDemand:   gluepipeline.OnDemand,
}

// start makes what starts the workflow and the alarms on it, and returns its graphs. A start on demand has no parts of its
// own: whoever calls sees whether it began.
func start(stack awscdk.Stack, use settings.Settings, landing awss3.IBucket, workflow *gluepipeline.Workflow,
	queue awssqs.Queue, watch *alerts.Alerts,
) []awscloudwatch.IWidget {
	switch use.Start() {
	case settings.OnSchedule:
		tellCommand(stack, workflow)
		return startByTime(stack, use, workflow, queue, watch)
	case settings.OnDemand:
		tellCommand(stack, workflow)
		return nil
	case settings.OnEvent:
		matched := patternrule.New(stack, "EventMatched", &patternrule.Props{
			Pattern: use.Pattern, Target: notify(stack, workflow, queue),
		})
		return watchRule(watch, "EventMatched", "Events matched", matched)
	}
	landed := objectrule.New(stack, "ObjectLanded", &objectrule.Props{
		BucketName: landing.BucketName(), Prefix: use.Prefix, Suffix: use.Suffix, Target: notify(stack, workflow, queue),
	})
	return watchRule(watch, "ObjectLanded", "Objects landed, by events matched", landed)
}

// notify is the target that hands events to the workflow's EVENT trigger.
func notify(stack awscdk.Stack, workflow *gluepipeline.Workflow, queue awssqs.Queue) *ruletarget.Target {
	return ruletarget.NewWithRole(stack, "StartWorkflow", "glue:notifyEvent", workflow.Arn, queue)
}

func watchRule(watch *alerts.Alerts, id, title string, rule awsevents.Rule) []awscloudwatch.IWidget {
	watch.WatchRule(id, rule)
	return []awscloudwatch.IWidget{alerts.Graph(title, alerts.RuleMetric(rule, "MatchedEvents"))}
}

// startByTime calls StartWorkflowRun. While a run goes on, Glue answers ConcurrentRunsExceededException, because the workflow
// runs once at a time; the schedule's retry policy then tries for up to an hour, and a start that has found no gap by then
// waits in the dead-letter queue. Nothing is lost: the next run processes every change since the last success.
// Source: Amazon EventBridge Scheduler User Guide, "Using universal targets"; AWS Glue API, StartWorkflowRun, read 2026-11.
func startByTime(stack awscdk.Stack, use settings.Settings, workflow *gluepipeline.Workflow, queue awssqs.Queue,
	watch *alerts.Alerts,
) []awscloudwatch.IWidget {
	start := scheduledstart.New(stack, "Start", &scheduledstart.Props{
		Expression: use.Schedule, Timezone: use.Timezone, FlexibleMinutes: use.Flexible, MissedDays: use.MissedDays,
		TargetArn: jsii.String("arn:" + *awscdk.Aws_PARTITION() + ":scheduler:::aws-sdk:glue:startWorkflowRun"),
		Action:    "glue:startWorkflowRun", Resource: workflow.Arn,
		Input: `{"Name": "` + *workflow.Name + `"}`, DeadLetters: queue,
	})
	start.Watch(watch, "the workflow")
	return []awscloudwatch.IWidget{alerts.Graph("Starts tried, and given up",
		start.Metric("InvocationAttemptCount"), start.Metric("InvocationDroppedCount"))}
}

func tellCommand(stack awscdk.Stack, workflow *gluepipeline.Workflow) {
	project.Output(stack, "StartCommand", "Starts a run now; one runs at a time",
		jsii.String("aws glue start-workflow-run --name "+*workflow.Name))
}
