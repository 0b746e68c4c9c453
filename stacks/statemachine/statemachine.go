// Package statemachine is the worked example of AWS Step Functions: steps of work, one after another, in one state machine.
//
// By default an object lands, a function validates it, and a Choice sends it to an ETL job or sets it aside and fails with the
// reason. The answers choose the steps, whether a person approves before them, and what starts a run.
// Source: AWS Step Functions Developer Guide, "Start AWS Glue jobs with Step Functions", "Choice workflow state".
package statemachine

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/deadletters"
	"example.com/pipewright/constructs/lakebucket"
	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/projectkey"
	"example.com/pipewright/constructs/settings"
)

// Props are the parameters of the stack. The zero value of each field is its documented default; that of Work is lambda, glue-job.
type Props = settings.Settings

// New makes the stack. Without props it reads them from the context (cdk.json, or -c key=value).
func New(scope constructs.Construct, id string, props *Props) awscdk.Stack {
	stack, use := project.NewStack(scope, id, "Runs the steps of a pipeline in one state machine", props)
	project.Refuse(stack, use.Unused(settings.Uses{
		Starts: []string{settings.OnObject, settings.OnSchedule, settings.OnEvent, settings.OnDemand},
		Keys:   []string{settings.Steps, settings.Decisions, settings.ContainerJob, settings.Warehouse},
	}))
	work, err := plan(use)
	if err != nil {
		project.Refuse(stack, err)
		use = settings.Settings{Name: use.Name, Lab: use.Lab}.WithDefaults() // the synth fails with our words, not with those of an empty stack
		work, _ = plan(use)
	}
	// Another event may be about an object in the landing bucket too.
	sendsEvents := use.Start() == settings.OnObject || use.Start() == settings.OnEvent

	key := projectkey.New(stack, "Key", &projectkey.Props{Lab: use.Lab})
	logs := lakebucket.NewLogs(stack, "AccessLogs", use.Lab)
	landing := lakebucket.New(stack, "Landing", &lakebucket.Props{Key: key, Logs: logs, EventBridge: sendsEvents, Lab: use.Lab})
	curated := lakebucket.New(stack, "Curated", &lakebucket.Props{Key: key, Logs: logs, Lab: use.Lab})
	var queue awssqs.Queue
	if delivers(use, work) {
		queue = deadletters.New(stack, "DeadLetters")
	}
	watch := alerts.New(stack, "Alerts", &alerts.Props{Key: key, Queue: queue, Notify: use.Notify})

	parts := &pipeline{
		stack: stack, use: use, work: work, key: key, logs: logs, landing: landing, curated: curated, queue: queue, watch: watch,
	}
	steps := machine.New(stack, "Pipeline", &machine.Props{
		Comment: "Runs " + strings.Join(work, ", ") + ", one after another; a run that fails is reported.",
		Steps:   parts.steps(), Topic: watch.Topic, Key: key, Lab: use.Lab,
	})
	graphs := []awscloudwatch.IWidget{alerts.Graph("Executions", metric(steps.Ref(), "ExecutionsStarted"),
		metric(steps.Ref(), "ExecutionsSucceeded"), metric(steps.Ref(), "ExecutionsFailed"))}
	if queue != nil {
		graphs = append(graphs, alerts.Graph("Events that wait undelivered", queue.MetricApproximateNumberOfMessagesVisible(
			&awscloudwatch.MetricOptions{Statistic: jsii.String("max")})))
	}
	graphs = append(graphs, start(stack, use, landing, steps, queue, watch)...)
	watchExecutions(watch, steps.Ref())
	watch.Dashboard("Dashboard", graphs...)

	project.Output(stack, "LandingBucket", "Put objects here, under "+use.Prefix, landing.BucketName())
	project.Output(stack, "CuratedBucket", "Find what runs have written and the quarantine here", curated.BucketName())
	project.Output(stack, "StateMachineArn", "Watch its executions in the Step Functions console", steps.Ref())
	return stack
}

func watchExecutions(watch *alerts.Alerts, machineArn *string) {
	for _, outcome := range []struct{ metric, description string }{
		{"ExecutionsFailed", "An execution failed: its Error and Cause say why"},
		{"ExecutionsTimedOut", "An execution took longer than the machine may"},
		{"ExecutionsAborted", "An execution was stopped by hand"},
		{"ExecutionThrottled", "Step Functions slowed an execution down: the account's quota of transitions is used up"},
	} {
		watch.Watch(outcome.metric, outcome.description, metric(machineArn, outcome.metric))
	}
}

// metric is a sum over five minutes. Source: AWS Step Functions Developer Guide, "Monitoring Step Functions metrics using CloudWatch".
func metric(machineArn *string, name string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String("AWS/States"),
		MetricName:    &name,
		DimensionsMap: &map[string]*string{"StateMachineArn": machineArn},
		Statistic:     jsii.String("sum"),
		Period:        awscdk.Duration_Minutes(jsii.Number(5)),
	})
}
