package main

import "example.com/pipewright/scaffold/cost"

// charge says how AWS bills for something that the lab plays.
type charge struct {
	items []cost.Item // that the bill of a run has
	left  string      // what it does not have, and why
	free  bool        // AWS takes nothing
}

// What the bill of a run does not have. Storage and what is there by the month are in scaffold cost, among what is paid for while idle.
const (
	leftObjects   = "S3: requests, since the engines on AWS ask for other parts of objects than those here; storage, which is paid by the month"
	leftAlarms    = "CloudWatch: alarms, which are paid by the month"
	leftMetrics   = "CloudWatch: metrics made of a log, which are paid by the month"
	leftKeys      = "KMS: requests, which follow from those to S3; keys, which are paid by the month"
	leftItems     = "DynamoDB: storage, which is paid by the month"
	leftLogs      = "CloudWatch: logs, of which AWS's own programs write more than those here"
	leftWarehouse = "Redshift Serverless: storage, which is paid by the month"
)

// What is billed for the work of a service.
var (
	free         = charge{free: true}
	ofObjects    = charge{left: leftObjects}
	ofGlueJobs   = charge{items: []cost.Item{cost.GlueDPUHour, cost.FlexDPUHour, cost.ShellDPUHour}}
	ofCrawlers   = charge{items: []cost.Item{cost.CrawlerDPUHour}}
	ofFunctions  = charge{items: []cost.Item{cost.LambdaRequest, cost.LambdaGBSecond, cost.LambdaX86GBSecond}}
	ofMachines   = charge{items: []cost.Item{cost.StateTransition, cost.ExpressRequest, cost.ExpressGBHour}}
	ofSpark      = charge{items: []cost.Item{cost.EMRVCPUHour, cost.EMRGBHour, cost.EMRX86VCPUHour, cost.EMRX86GBHour}}
	ofContainers = charge{items: []cost.Item{cost.FargateVCPUHour, cost.FargateGBHour, cost.FargateX86VCPUHour, cost.FargateX86GBHour}}
	ofStatements = charge{items: []cost.Item{cost.RPUHour}}
	ofItems      = charge{items: []cost.Item{cost.WriteUnit, cost.ReadUnit}, left: leftItems}
	ofMessages   = charge{items: []cost.Item{cost.Message}}
	ofTopics     = charge{items: []cost.Item{cost.Publish, cost.Email}}
)

// chargesOfTypes are those of all types of resources that the lab plays.
// Sources: the pricing pages of the services; of what is free: AWS IAM FAQs (IAM), AWS Batch pricing (queues and environments), AWS Glue
// pricing (workflows, triggers; the first million objects and requests of the Data Catalog each month), Amazon EventBridge pricing (rules
// for events of AWS, and scheduled ones); read 2026-11.
var chargesOfTypes = map[string]charge{
	"AWS::Batch::ComputeEnvironment":     free,
	"AWS::Batch::JobDefinition":          ofContainers,
	"AWS::Batch::JobQueue":               free,
	"AWS::CloudWatch::Alarm":             {left: leftAlarms},
	"AWS::DynamoDB::Table":               ofItems,
	"AWS::EMRServerless::Application":    ofSpark,
	"AWS::Events::Rule":                  free,
	"AWS::Glue::Crawler":                 ofCrawlers,
	"AWS::Glue::Database":                free,
	"AWS::Glue::Job":                     ofGlueJobs,
	"AWS::Glue::Table":                   free,
	"AWS::Glue::Trigger":                 free,
	"AWS::Glue::Workflow":                free,
	"AWS::IAM::ManagedPolicy":            free,
	"AWS::IAM::Policy":                   free,
	"AWS::IAM::Role":                     free,
	"AWS::IAM::RolePolicy":               free,
	"AWS::KMS::Key":                      {left: leftKeys},
	"AWS::Lambda::EventInvokeConfig":     free,
	"AWS::Lambda::Function":              ofFunctions,
	"AWS::Lambda::Permission":            free,
	"AWS::RedshiftServerless::Namespace": {left: leftWarehouse},
	"AWS::RedshiftServerless::Workgroup": ofStatements,
	"AWS::Logs::MetricFilter":            {left: leftMetrics},
	"AWS::Logs::LogGroup":                {left: leftLogs},
	"AWS::S3::Bucket":                    ofObjects,
	"AWS::S3::BucketPolicy":              free,
	"AWS::SNS::Subscription":             {items: []cost.Item{cost.Email}},
	"AWS::SNS::Topic":                    ofTopics,
	"AWS::SNS::TopicInlinePolicy":        free,
	"AWS::SNS::TopicPolicy":              free,
	"AWS::SQS::Queue":                    ofMessages,
	"AWS::SQS::QueueInlinePolicy":        free,
	"AWS::SQS::QueuePolicy":              free,
	"AWS::Scheduler::Schedule":           {items: []cost.Item{cost.ScheduledStart}},
	"AWS::Scheduler::ScheduleGroup":      free,
	"AWS::StepFunctions::StateMachine":   ofMachines,
}
