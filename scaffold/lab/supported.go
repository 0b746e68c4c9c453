package lab

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"example.com/pipewright/scaffold/cfn"
)

// played are the types of resources that the lab runs or evaluates.
var played = map[string]bool{
	"AWS::CloudWatch::Alarm": true, "AWS::Events::Rule": true, "AWS::Glue::Crawler": true, "AWS::Glue::Database": true, "AWS::Glue::Job": true,
	"AWS::Glue::Table": true, "AWS::Glue::Trigger": true, "AWS::Glue::Workflow": true, "AWS::IAM::ManagedPolicy": true, "AWS::IAM::Policy": true,
	"AWS::IAM::Role": true, "AWS::IAM::RolePolicy": true, "AWS::KMS::Key": true, "AWS::Lambda::EventInvokeConfig": true, "AWS::Lambda::Function": true,
	"AWS::Lambda::Permission": true, "AWS::RedshiftServerless::Namespace": true, "AWS::RedshiftServerless::Workgroup": true, "AWS::S3::Bucket": true,
	"AWS::S3::BucketPolicy": true, "AWS::SNS::Subscription": true, "AWS::SNS::Topic": true, "AWS::SNS::TopicPolicy": true, "AWS::SQS::Queue": true,
	"AWS::SQS::QueuePolicy": true, "AWS::SNS::TopicInlinePolicy": true, "AWS::SQS::QueueInlinePolicy": true, "AWS::Scheduler::Schedule": true,
	"AWS::Scheduler::ScheduleGroup": true, "AWS::StepFunctions::StateMachine": true,
	"AWS::Batch::ComputeEnvironment": true, "AWS::Batch::JobDefinition": true, "AWS::Batch::JobQueue": true, "AWS::DynamoDB::Table": true,
	"AWS::EMRServerless::Application": true, "AWS::Logs::MetricFilter": true,
}

// silent are types of which a run shows nothing on AWS either: nobody misses them.
var silent = map[string]bool{
	"AWS::CDK::Metadata": true, "AWS::CloudWatch::Dashboard": true, "AWS::Glue::SecurityConfiguration": true, "AWS::KMS::Alias": true,
	"AWS::Logs::LogGroup": true, "AWS::Events::EventBus": true,
}

// moving are types that would start something which the lab would not: a run without them would show a pipeline that stands still.
var moving = map[string]string{
	"AWS::Lambda::EventSourceMapping": "functions that read a queue or stream", "AWS::Lambda::Alias": "aliases of functions",
	"AWS::Lambda::Version": "versions of functions", "AWS::Pipes::Pipe": "EventBridge pipes", "AWS::CloudWatch::CompositeAlarm": "alarms on other alarms",
	"AWS::CloudFormation::Stack": "nested stacks", "AWS::Events::Archive": "archives of events",
}

// refusedProperties are properties by which a resource of the lab would behave otherwise than on AWS.
var refusedProperties = map[string][][]string{
	"AWS::S3::Bucket": {
		{"NotificationConfiguration", "LambdaConfigurations"},
		{"NotificationConfiguration", "QueueConfigurations"},
		{"NotificationConfiguration", "TopicConfigurations"},
		{"ReplicationConfiguration"},
	},
	"AWS::StepFunctions::StateMachine": {{"DefinitionS3Location"}},
}

// supported refuses a template that the lab would run otherwise than AWS, and remembers what is no part of the lab.
func (l *Lab) supported() error {
	others := map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(l.stack.Resources)) {
		resource := l.stack.Resources[id]
		if what, ok := moving[resource.Type]; ok {
			return fmt.Errorf("%s (%s): the lab has no %s", id, resource.Type, what)
		}
		for _, path := range refusedProperties[resource.Type] {
			if value := resource.Get(path...); value != nil && len(cfn.List(value)) > 0 {
				return fmt.Errorf("%s (%s): the lab does not know %s", id, resource.Type, path[len(path)-1])
			}
		}
		if !played[resource.Type] && !silent[resource.Type] {
			others[resource.Type]++
		}
	}
	for kind, count := range others {
		l.ignore(kind, fmt.Sprintf("%s (%d in the template)", cmp.Or(whyLeftOut(kind), "not part of the lab"), count))
	}
	return nil
}
