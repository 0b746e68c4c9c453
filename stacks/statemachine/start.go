package statemachine

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/objectrule"
	"example.com/pipewright/constructs/patternrule"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/ruletarget"
	"example.com/pipewright/constructs/scheduledstart"
	"example.com/pipewright/constructs/settings"
)

// start makes what starts the state machine and the alarms on it, and returns its graphs. A start on demand has no parts of its
// own: whoever calls sees whether it began.
func start(stack awscdk.Stack, use settings.Settings, landing awss3.IBucket, machine awsstepfunctions.CfnStateMachine,
	queue awssqs.Queue, watch *alerts.Alerts,
) []awscloudwatch.IWidget {
	switch use.Start() {
	case settings.OnSchedule:
		tellCommand(stack, machine)
		return startByTime(stack, use, machine, queue, watch)
	case settings.OnDemand:
		tellCommand(stack, machine)
	case settings.OnEvent:
		watch.WatchRule("EventMatched", patternrule.New(stack, "EventMatched", &patternrule.Props{
			Pattern: use.Pattern, Target: execute(stack, machine, queue),
		}))
	default:
		watch.WatchRule("ObjectLanded", objectrule.New(stack, "ObjectLanded", &objectrule.Props{
			BucketName: landing.BucketName(), Prefix: use.Prefix, Suffix: use.Suffix, Target: execute(stack, machine, queue),
		}))
	}
	return nil
}

// execute is the target that starts an execution for each event, with the event as its input.
func execute(stack awscdk.Stack, machine awsstepfunctions.CfnStateMachine, queue awssqs.Queue) *ruletarget.Target {
	return ruletarget.NewWithRole(stack, "StartExecution", "states:StartExecution", machine.Ref(), queue)
}

// startByTime calls StartExecution with a name of the scheduler's own: a start that is delivered twice is one execution.
// Source: AWS Step Functions API Reference, StartExecution (idempotent by name and input); Amazon EventBridge Scheduler User
// Guide, "Using universal targets", read 2026-11.
func startByTime(stack awscdk.Stack, use settings.Settings, machine awsstepfunctions.CfnStateMachine, queue awssqs.Queue,
	watch *alerts.Alerts,
) []awscloudwatch.IWidget {
	start := scheduledstart.New(stack, "Start", &scheduledstart.Props{
		Expression: use.Schedule, Timezone: use.Timezone, FlexibleMinutes: use.Flexible, MissedDays: use.MissedDays,
		TargetArn: scheduledstart.UniversalTarget("sfn:startExecution"), Action: "states:StartExecution", Resource: machine.Ref(),
		Input: `{"StateMachineArn": "` + *machine.Ref() + `", "Name": "` + scheduledstart.ExecutionID +
			`", "Input": "{\"scheduled\": \"` + scheduledstart.ScheduledTime + `\"}"}`,
		DeadLetters: queue,
	})
	start.Watch(watch, "the state machine")
	return []awscloudwatch.IWidget{alerts.Graph("Starts tried, and given up",
		start.Metric("InvocationAttemptCount"), start.Metric("InvocationDroppedCount"))}
}

func tellCommand(stack awscdk.Stack, machine awsstepfunctions.CfnStateMachine) {
	project.Output(stack, "StartCommand", "Starts a run now",
		jsii.String("aws stepfunctions start-execution --state-machine-arn "+*machine.Ref()))
}
