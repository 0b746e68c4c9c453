// Package eventfunction is the worked example of AWS Lambda alone: one function converts each file that lands, or, by a schedule,
// another event or a command, whatever has changed. No orchestrator: Lambda's own queue, retries and failure destination do what is needed.
//
// Source: AWS Lambda Developer Guide, "Invoking a Lambda function asynchronously"; Amazon EventBridge Scheduler User Guide.
package eventfunction

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/deadletters"
	"example.com/pipewright/constructs/fileconverter"
	"example.com/pipewright/constructs/lakebucket"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/projectkey"
	"example.com/pipewright/constructs/settings"
)

// Props are the parameters of the stack. The zero value of each field is its documented default.
type Props = settings.Settings

// New makes the stack. Without props it reads them from the context (cdk.json, or -c key=value).
func New(scope constructs.Construct, id string, props *Props) awscdk.Stack {
	stack, use := project.NewStack(scope, id, "Converts each landed file with one function", props)
	project.Refuse(stack, use.Unused(settings.Uses{
		Starts: []string{settings.OnObject, settings.OnSchedule, settings.OnEvent, settings.OnDemand}, Keys: []string{settings.Concurrency},
	}))
	if use.LongestMinutes > fileconverter.MaxTimeoutMinutes {
		awscdk.Annotations_Of(stack).AddError(jsii.String(fmt.Sprintf("context longestMinutes: got %d, a Lambda function runs for at most %d",
			use.LongestMinutes, fileconverter.MaxTimeoutMinutes)))
	}
	// Another event may be about an object in the landing bucket too.
	sendsEvents := use.Start() == settings.OnObject || use.Start() == settings.OnEvent

	key := projectkey.New(stack, "Key", &projectkey.Props{Lab: use.Lab})
	logs := lakebucket.NewLogs(stack, "AccessLogs", use.Lab)
	landing := lakebucket.New(stack, "Landing", &lakebucket.Props{Key: key, Logs: logs, EventBridge: sendsEvents, Lab: use.Lab})
	curated := lakebucket.New(stack, "Curated", &lakebucket.Props{Key: key, Logs: logs, Lab: use.Lab})
	queue := deadletters.New(stack, "DeadLetters")
	watch := alerts.New(stack, "Alerts", &alerts.Props{Key: key, Queue: queue, Notify: use.Notify})

	converter := fileconverter.New(stack, "Convert", &fileconverter.Props{
		Landing: landing, Prefix: use.Prefix, Suffix: use.Suffix, Curated: curated, Key: key, Failures: queue,
		TimeoutMinutes: use.LongestMinutes, Reserved: use.Concurrency, Lab: use.Lab,
	})
	start(stack, use, landing, converter, queue, watch)
	watchFunction(watch, converter)
	watch.Dashboard("Dashboard",
		alerts.Graph("Files", converter.Files, converter.Refused),
		alerts.Graph("Rows set aside", converter.BadRows),
		alerts.Graph("Function", converter.MetricInvocations(nil), converter.MetricErrors(nil), converter.MetricThrottles(nil)),
		alerts.Graph("Events that failed or wait undelivered", queue.MetricApproximateNumberOfMessagesVisible(
			&awscloudwatch.MetricOptions{Statistic: jsii.String("max")})))

	project.Output(stack, "LandingBucket", "Put objects here, under "+use.Prefix, landing.BucketName())
	project.Output(stack, "CuratedBucket", "Find data/, quarantine/ and reports/ here", curated.BucketName())
	return stack
}

// watchFunction raises alarms on what Lambda and the function itself say.
// Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions" (asynchronous invocation).
func watchFunction(watch *alerts.Alerts, converter *fileconverter.Converter) {
	sum := &awscloudwatch.MetricOptions{Statistic: jsii.String("sum"), Period: awscdk.Duration_Minutes(jsii.Number(5))}
	watch.Watch("FunctionErrors", "The function failed or ran out of time; its log says why, and Lambda tries again", converter.MetricErrors(sum))
	watch.Watch("FunctionThrottles", "The function's concurrency is used up: events wait", converter.MetricThrottles(sum))
	for _, lost := range []struct{ metric, description string }{
		{"AsyncEventsDropped", "Lambda gave an event up: it failed after all tries, or waited too long"},
		{"DestinationDeliveryFailures", "Lambda could not even keep a failed event in the dead-letter queue"},
	} {
		watch.Watch(lost.metric, lost.description, converter.Metric(&lost.metric, sum))
	}
	watch.Watch("FilesRefused", "A landed file cannot be used: its report in the curated bucket, under reports/, says why", converter.Refused)
}
