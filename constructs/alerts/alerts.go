// Package alerts gathers what goes wrong in one place: an SNS topic, CloudWatch alarms and a dashboard.
//
// Alarms treat missing data as good: most of these metrics have no data point until something fails.
// Source: Amazon CloudWatch User Guide, "Using Amazon CloudWatch alarms"; AWS Glue Developer Guide, "Automating AWS Glue with EventBridge".
package alerts

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/ruletarget"
)

// period of every alarm: what fails once in five minutes is told once.
const periodMinutes = 5

// Props of the alerts.
type Props struct {
	Key    awskms.IKey
	Queue  awssqs.Queue // dead letters of every rule of the project; nil where nothing is delivered
	Notify string       // e-mail address; empty: nobody is subscribed yet
}

// Alerts is where a construct reports to.
type Alerts struct {
	Topic  awssns.Topic
	scope  constructs.Construct
	queue  awssqs.Queue
	alarms []interfacesawscloudwatch.IAlarmRef
}

// New makes the topic, subscribes the address and watches the dead-letter queue.
func New(scope constructs.Construct, id string, props *Props) *Alerts {
	alerts := &Alerts{scope: constructs.NewConstruct(scope, &id), queue: props.Queue}
	alerts.Topic = awssns.NewTopic(alerts.scope, jsii.String("Topic"), &awssns.TopicProps{
		MasterKey:  props.Key,
		EnforceSSL: jsii.Bool(true),
	})
	alerts.Topic.AddToResourcePolicy(alerts.publishers())
	if props.Notify != "" {
		awssns.NewCfnSubscription(alerts.scope, jsii.String("Email"), &awssns.CfnSubscriptionProps{
			TopicArn: alerts.Topic.TopicArn(), Protocol: jsii.String("email"), Endpoint: &props.Notify,
		})
	}
	if props.Queue != nil {
		alerts.Watch("DeadLetters", "Events that could not be delivered wait in the dead-letter queue",
			props.Queue.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{Statistic: jsii.String("max")}))
	}
	return alerts
}

func (a *Alerts) publishers() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:     jsii.String("AlarmsAndEventsOfThisAccount"),
		Actions: jsii.Strings("sns:Publish"),
		Principals: &[]awsiam.IPrincipal{
			awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil),
			awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil),
		},
		Resources:  &[]*string{a.Topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
	})
}

// Watch raises an alarm as soon as the metric is one or more.
func (a *Alerts) Watch(id, description string, metric awscloudwatch.IMetric) {
	a.WatchFrom(id, description, metric, 1)
}

// WatchFrom raises an alarm as soon as the metric is the threshold or more.
func (a *Alerts) WatchFrom(id, description string, metric awscloudwatch.IMetric, threshold float64) {
	a.alarm(id, &awscloudwatch.AlarmProps{
		AlarmDescription:   &description,
		Metric:             metric,
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          &threshold,
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
}

// MaxAbsentDays is how far back an alarm can look.
// Source: Amazon CloudWatch API, PutMetricAlarm, EvaluationPeriods and Period: at most seven days together, read 2026-11.
const MaxAbsentDays = 7

// WatchAbsent raises an alarm when the metric, a sum over a day, was nothing for so many days. Here missing data is bad: it is what the alarm
// is for. So a new stack is in alarm until the first time.
func (a *Alerts) WatchAbsent(id, description string, metric awscloudwatch.IMetric, days int) {
	a.alarm(id, &awscloudwatch.AlarmProps{
		AlarmDescription:   &description,
		Metric:             metric,
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(days),
		DatapointsToAlarm:  jsii.Number(days),
		TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
	})
}

// WatchSilent raises an alarm when the metric was nothing, or was not there, for so many of its periods: a sign of life that fails.
func (a *Alerts) WatchSilent(id, description string, metric awscloudwatch.IMetric, periods int) {
	a.alarm(id, &awscloudwatch.AlarmProps{
		AlarmDescription:   &description,
		Metric:             metric,
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(0),
		EvaluationPeriods:  jsii.Number(periods),
		DatapointsToAlarm:  jsii.Number(periods),
		TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
	})
}

func (a *Alerts) alarm(id string, props *awscloudwatch.AlarmProps) {
	alarm := awscloudwatch.NewAlarm(a.scope, jsii.String(id+"Alarm"), props)
	alarm.AddAlarmAction(&action{a.Topic})
	a.alarms = append(a.alarms, alarm)
}

// action names the topic to an alarm. It implements awscloudwatch.IAlarmAction, without the module of all alarm actions.
type action struct{ topic awssns.Topic }

// Bind returns the topic's ARN.
func (a *action) Bind(constructs.Construct, awscloudwatch.IAlarm) *awscloudwatch.AlarmActionConfig {
	return &awscloudwatch.AlarmActionConfig{AlarmActionArn: a.topic.TopicArn()}
}

// WatchRule raises an alarm when the rule cannot deliver, and when not even the dead-letter queue takes the event.
// Source: Amazon EventBridge User Guide, "Monitoring Amazon EventBridge" (namespace AWS/Events).
func (a *Alerts) WatchRule(id string, rule awsevents.Rule) {
	a.Watch(id+"FailedDelivery", "EventBridge could not deliver an event after all retries",
		RuleMetric(rule, "FailedInvocations"))
	a.Watch(id+"LostDelivery", "EventBridge could not even keep an undelivered event in the dead-letter queue",
		RuleMetric(rule, "InvocationsFailedToBeSentToDlq"))
}

// RuleMetric is the sum of a metric of one rule.
func RuleMetric(rule awsevents.Rule, name string) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String("AWS/Events"),
		MetricName:    &name,
		DimensionsMap: &map[string]*string{"RuleName": rule.RuleName()},
		Statistic:     jsii.String("sum"),
		Period:        awscdk.Duration_Minutes(jsii.Number(periodMinutes)),
	})
}

// Failure is an event that tells that something went wrong.
type Failure struct {
	Source     string         // for example aws.glue
	DetailType string         // for example Glue Job State Change
	Detail     map[string]any // event pattern of the detail
	Message    string         // what the mail says
	Paths      []string       // the event's fields that the message ends with, as JSON paths
}

// Report sends a message for each such event, and keeps an alarm on it for the dashboard.
func (a *Alerts) Report(id, description string, failure *Failure) {
	rule := awsevents.NewRule(a.scope, &id, &awsevents.RuleProps{
		Description: &description,
		EventPattern: &awsevents.EventPattern{
			Source:     jsii.Strings(failure.Source),
			DetailType: jsii.Strings(failure.DetailType),
			Detail:     &failure.Detail,
		},
		Targets: &[]awsevents.IRuleTarget{ruletarget.NewWithInput(a.Topic.TopicArn(), a.queue, failure.text())},
	})
	a.Watch(id, description, RuleMetric(rule, "TriggeredRules"))
	a.WatchRule(id, rule)
}

func (f *Failure) text() awsevents.RuleTargetInput {
	message := f.Message
	for _, path := range f.Paths {
		message += " " + *awsevents.EventField_FromPath(&path)
	}
	return awsevents.RuleTargetInput_FromText(&message)
}

// Dashboard shows every alarm of the project, then the graphs.
func (a *Alerts) Dashboard(id string, graphs ...awscloudwatch.IWidget) {
	status := awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms"), Alarms: &a.alarms, Width: jsii.Number(24), Height: jsii.Number(6),
	})
	dashboard := awscloudwatch.NewDashboard(a.scope, &id, nil)
	dashboard.AddWidgets(status)
	dashboard.AddWidgets(graphs...)
}

// Graph draws metrics over time, half a dashboard wide.
func Graph(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.GraphWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: &title, Left: &metrics, Width: jsii.Number(12), Height: jsii.Number(6),
	})
}
