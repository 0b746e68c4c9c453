// Package statemachine is the worked example of AWS Step Functions: an object lands, a function validates it, and a Choice
// sends it to an ETL job or sets it aside and fails with the reason.
//
// Source: AWS Step Functions Developer Guide, "Start AWS Glue jobs with Step Functions", "Choice workflow state".
package statemachine

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/deadletters"
	"example.com/pipewright/constructs/etljob"
	"example.com/pipewright/constructs/filevalidator"
	"example.com/pipewright/constructs/gluesecurity"
	"example.com/pipewright/constructs/lakebucket"
	"example.com/pipewright/constructs/objectrule"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/projectkey"
	"example.com/pipewright/constructs/ruletarget"
	"example.com/pipewright/constructs/settings"
	"example.com/pipewright/constructs/validatedload"
)

// Props are the parameters of the stack. The zero value of each field is its documented default.
type Props = settings.Settings

// header is what the files of the sample data begin with, and what the ETL job reads.
var header = []string{"date", "precipitation", "temp_max", "temp_min", "wind", "weather"}

// New makes the stack. Without props it reads them from the context (cdk.json, or -c key=value).
func New(scope constructs.Construct, id string, props *Props) awscdk.Stack {
	stack, use := project.NewStack(scope, id, "Validates landed files, then runs an ETL job or sets them aside", props)
	project.Refuse(stack, use.Unused(settings.Uses{Starts: []string{settings.OnObject}}))

	key := projectkey.New(stack, "Key", &projectkey.Props{Lab: use.Lab})
	logs := lakebucket.NewLogs(stack, "AccessLogs", use.Lab)
	landing := lakebucket.New(stack, "Landing", &lakebucket.Props{Key: key, Logs: logs, EventBridge: true, Lab: use.Lab})
	curated := lakebucket.New(stack, "Curated", &lakebucket.Props{Key: key, Logs: logs, Lab: use.Lab})
	queue := deadletters.New(stack, "DeadLetters")
	watch := alerts.New(stack, "Alerts", &alerts.Props{Key: key, Queue: queue, Notify: use.Notify})

	validator := filevalidator.New(stack, "Validate", &filevalidator.Props{
		Landing: landing, Prefix: use.Prefix, Header: header, Key: key, DeadLetters: queue, Lab: use.Lab,
	})
	job := etljob.New(stack, "Etl", &etljob.Props{
		Landing: landing, Prefix: use.Prefix, Curated: curated, Key: key,
		Security: gluesecurity.New(stack, "Security", key), TimeoutMinutes: use.LongestMinutes,
	})
	machine := validatedload.New(stack, "Pipeline", &validatedload.Props{
		Validator: validator, Job: job, Landing: landing, Prefix: use.Prefix, Quarantine: curated, Topic: watch.Topic,
		Key: key, TimeoutMinutes: use.LongestMinutes, Lab: use.Lab,
	})
	landed := objectrule.New(stack, "ObjectLanded", &objectrule.Props{
		BucketName: landing.BucketName(), Prefix: use.Prefix, Suffix: use.Suffix,
		Target: ruletarget.NewWithRole(stack, "StartExecution", "states:StartExecution", machine.Ref(), queue),
	})

	watch.WatchRule("ObjectLanded", landed)
	for _, outcome := range []struct{ metric, description string }{
		{"ExecutionsFailed", "An execution failed: its Error and Cause say why"},
		{"ExecutionsTimedOut", "An execution took longer than the machine may"},
		{"ExecutionsAborted", "An execution was stopped by hand"},
		{"ExecutionThrottled", "Step Functions slowed an execution down: the account's quota of transitions is used up"},
	} {
		watch.Watch(outcome.metric, outcome.description, metric(machine.Ref(), outcome.metric))
	}
	watch.Watch("ValidatorErrors", "The validator itself failed", validator.MetricErrors(nil))
	watch.Dashboard("Dashboard",
		alerts.Graph("Executions", metric(machine.Ref(), "ExecutionsStarted"), metric(machine.Ref(), "ExecutionsSucceeded"),
			metric(machine.Ref(), "ExecutionsFailed")),
		alerts.Graph("Events that wait undelivered", queue.MetricApproximateNumberOfMessagesVisible(
			&awscloudwatch.MetricOptions{Statistic: jsii.String("max")})))

	project.Output(stack, "LandingBucket", "Put objects here, under "+use.Prefix, landing.BucketName())
	project.Output(stack, "CuratedBucket", "Find monthly Parquet and the quarantine here", curated.BucketName())
	project.Output(stack, "StateMachineArn", "Watch its executions in the Step Functions console", machine.Ref())
	return stack
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
