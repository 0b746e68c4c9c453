package eventfunction

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/fileconverter"
	"example.com/pipewright/constructs/objectrule"
	"example.com/pipewright/constructs/patternrule"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/ruletarget"
	"example.com/pipewright/constructs/scheduledstart"
	"example.com/pipewright/constructs/settings"
)

// start makes what calls the function and the alarms on it. A start on demand has no parts of its own. Every start is asynchronous, so
// that Lambda's retries and the failure destination are the same for all.
func start(stack awscdk.Stack, use settings.Settings, landing awss3.IBucket, converter *fileconverter.Converter,
	queue awssqs.Queue, watch *alerts.Alerts,
) {
	target := ruletarget.New(converter.FunctionArn(), queue)
	switch use.Start() {
	case settings.OnSchedule:
		startByTime(stack, use, converter, queue, watch)
	case settings.OnEvent:
		admit(stack, "EventMatched", converter, watch, patternrule.New(stack, "EventMatched", &patternrule.Props{Pattern: use.Pattern, Target: target}))
	case settings.OnObject:
		admit(stack, "ObjectLanded", converter, watch, objectrule.New(stack, "ObjectLanded", &objectrule.Props{
			BucketName: landing.BucketName(), Prefix: use.Prefix, Suffix: use.Suffix, Target: target,
		}))
	}
	tellCommand(stack, converter)
}

// admit lets the rule call the function, and nobody else.
func admit(stack awscdk.Stack, id string, converter *fileconverter.Converter, watch *alerts.Alerts, rule awsevents.Rule) {
	awslambda.NewCfnPermission(stack, jsii.String(id+"MayInvoke"), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: converter.FunctionArn(),
		Principal:    jsii.String("events.amazonaws.com"),
		SourceArn:    rule.RuleArn(),
	})
	watch.WatchRule(id, rule)
}

// startByTime calls the function for all files that have changed since it was called last.
func startByTime(stack awscdk.Stack, use settings.Settings, converter *fileconverter.Converter, queue awssqs.Queue, watch *alerts.Alerts) {
	start := scheduledstart.New(stack, "Start", &scheduledstart.Props{
		Expression: use.Schedule, Timezone: use.Timezone, FlexibleMinutes: use.Flexible, MissedDays: use.MissedDays,
		TargetArn: converter.FunctionArn(), Action: "lambda:InvokeFunction",
		Input: `{"scheduled": "` + scheduledstart.ScheduledTime + `"}`, DeadLetters: queue,
	})
	start.Watch(watch, "the function")
}

// tellCommand says how to call the function by hand. The type Event makes the call asynchronous: it is answered at once, tried again and
// kept like any other start. The command's last argument is the file for the answer, which is then empty.
// Source: AWS CLI Command Reference, "lambda invoke"; AWS Lambda Developer Guide, "Invoking a Lambda function asynchronously", read 2026-11.
func tellCommand(stack awscdk.Stack, converter *fileconverter.Converter) {
	project.Output(stack, "StartCommand", "Converts whatever has changed; what fails is tried again, then kept in the dead-letter queue",
		jsii.String("aws lambda invoke --function-name "+*converter.FunctionName()+
			` --invocation-type Event --cli-binary-format raw-in-base64-out --payload '{"scheduled": "now"}' /dev/stdout`))
}
