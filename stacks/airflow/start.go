package airflow

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/connectednetwork"
	"example.com/pipewright/constructs/dagstart"
	"example.com/pipewright/constructs/gofunction"
	"example.com/pipewright/constructs/lakebucket"
	"example.com/pipewright/constructs/objectrule"
	"example.com/pipewright/constructs/patternrule"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/ruletarget"
	"example.com/pipewright/constructs/settings"
	"example.com/pipewright/constructs/weathersales"
)

// start makes what starts the DAG and the alarms on it, and returns its graphs. A schedule is Airflow's own, and a start on demand has no
// parts: whoever calls sees whether it began.
func (p *pipeline) start(logs awss3.IBucket) []awscloudwatch.IWidget {
	if !p.calls() {
		return nil
	}
	// The private web server of what is not a lab answers within the VPC alone.
	var within *connectednetwork.Network
	if !p.Lab {
		within = p.network
	}
	starter := dagstart.New(p.stack, "Start", &dagstart.Props{
		Environment: p.environment, Dag: weathersales.DagID, Network: within, Key: p.key, Failures: p.queue, Lab: p.Lab,
	})
	rule := p.rule(ruletarget.New(starter.FunctionArn(), p.queue), logs)
	awslambda.NewCfnPermission(p.stack, jsii.String("RuleMayInvoke"), &awslambda.CfnPermissionProps{
		Action: jsii.String("lambda:InvokeFunction"), FunctionName: starter.FunctionArn(),
		Principal: jsii.String("events.amazonaws.com"), SourceArn: rule.RuleArn(),
	})
	p.watch.WatchRule("Started", rule)
	p.watchStarter(starter)
	return []awscloudwatch.IWidget{alerts.Graph("Events that start a run", alerts.RuleMetric(rule, "MatchedEvents"), starter.MetricErrors(nil))}
}

// rule matches objects in a bucket that is made for them, or the events of the user's pattern.
func (p *pipeline) rule(target awsevents.IRuleTarget, logs awss3.IBucket) awsevents.Rule {
	if p.Start() == settings.OnEvent {
		return patternrule.New(p.stack, "EventMatched", &patternrule.Props{Pattern: p.Pattern, Target: target})
	}
	landing := lakebucket.New(p.stack, "Landing", &lakebucket.Props{Key: p.key, Logs: logs, EventBridge: true, Lab: p.Lab})
	project.Output(p.stack, "LandingBucket", "Put objects here, under "+p.Prefix+", to start a run", landing.BucketName())
	return objectrule.New(p.stack, "ObjectLanded", &objectrule.Props{
		BucketName: landing.BucketName(), Prefix: p.Prefix, Suffix: p.Suffix, Target: target,
	})
}

// watchStarter raises alarms on starts that fail.
// Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions" (asynchronous invocation).
func (p *pipeline) watchStarter(starter *gofunction.Function) {
	sum := &awscloudwatch.MetricOptions{Statistic: jsii.String("sum"), Period: awscdk.Duration_Minutes(jsii.Number(5))}
	p.watch.Watch("StartFailed", "A run could not be started; the function's log says why, and Lambda tries again", starter.MetricErrors(sum))
	for _, lost := range []struct{ metric, description string }{
		{"AsyncEventsDropped", "Lambda gave a start up: it failed after all tries, or waited too long"},
		{"DestinationDeliveryFailures", "Lambda could not even keep a start that failed in the dead-letter queue"},
	} {
		p.watch.Watch(lost.metric, lost.description, starter.Metric(&lost.metric, sum))
	}
}
