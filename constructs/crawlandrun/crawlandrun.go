// Package crawlandrun is a Glue workflow: events or a call start the crawler, and its success starts the job.
//
// Source: AWS Glue Developer Guide, "Overview of workflows in AWS Glue", "Starting an AWS Glue workflow with an Amazon EventBridge event".
package crawlandrun

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/servicerole"
)

// Limits of an EVENT trigger. Source: AWS Glue API, EventBatchingCondition, read 2026-11.
const (
	MaxBatchSize   = 100 // events
	MaxBatchWindow = 900 // seconds
)

// First says which trigger begins a run.
type First int

// The first triggers. Glue begins a run by StartWorkflowRun with an ON_DEMAND trigger, by NotifyEvent with an EVENT trigger.
const (
	OnObjects First = iota // EVENT: gathers the events of objects
	OnEvents               // EVENT: gathers other events
	OnDemand               // ON_DEMAND: a call, of a person or a schedule
)

// Props of the workflow.
type Props struct {
	First       First
	CrawlerName *string
	JobName     *string
	Security    awsglue.CfnSecurityConfiguration
	BatchSize   int // EVENT: events that start a run at once, 1 to MaxBatchSize; default MaxBatchSize
	BatchWindow int // EVENT: seconds after the first event when a run starts anyway, 1 to MaxBatchWindow; default MaxBatchWindow
}

// Workflow is the Glue workflow.
type Workflow struct {
	Name *string
	Arn  *string
}

// New makes the workflow and its two triggers, one after the other: Glue refuses to change a workflow twice at once
// (ConcurrentModificationException).
func New(scope constructs.Construct, id string, props *Props) *Workflow {
	flow := constructs.NewConstruct(scope, &id)
	resource := awsglue.NewCfnWorkflow(flow, jsii.String("Workflow"), &awsglue.CfnWorkflowProps{
		Description: jsii.String("Crawls landed objects, then runs the ETL job"),
		// One run at a time: the job sees every change since its last success, so a later run loses nothing by waiting.
		MaxConcurrentRuns: jsii.Number(1),
	})
	start := startTrigger(flow, resource.Ref(), props)
	then := thenTrigger(flow, resource.Ref(), props)
	then.AddResourceDependency(start, nil)
	return &Workflow{Name: resource.Ref(), Arn: servicerole.Arn(flow, "glue", "workflow/"+*resource.Ref())}
}

func startTrigger(scope constructs.Construct, workflowName *string, props *Props) awsglue.CfnTrigger {
	id, suffix, description := "OnObjects", "on-objects", "Collects events, then starts the crawler"
	switch props.First {
	case OnEvents:
		id, suffix = "OnEvents", "on-events"
	case OnDemand:
		id, suffix, description = "OnDemand", "on-demand", "Starts the crawler when the workflow is started"
	}
	trigger := &awsglue.CfnTriggerProps{
		Description:  &description,
		Name:         uniqueName(scope, suffix),
		Type:         jsii.String("ON_DEMAND"),
		WorkflowName: workflowName,
		Actions:      &[]any{&awsglue.CfnTrigger_ActionProperty{CrawlerName: props.CrawlerName}},
	}
	if props.First != OnDemand {
		trigger.Type = jsii.String("EVENT")
		trigger.EventBatchingCondition = &awsglue.CfnTrigger_EventBatchingConditionProperty{
			BatchSize:   jsii.Number(orDefault(props.BatchSize, MaxBatchSize)),
			BatchWindow: jsii.Number(orDefault(props.BatchWindow, MaxBatchWindow)),
		}
	}
	return awsglue.NewCfnTrigger(scope, &id, trigger)
}

func thenTrigger(scope constructs.Construct, workflowName *string, props *Props) awsglue.CfnTrigger {
	return awsglue.NewCfnTrigger(scope, jsii.String("OnCrawled"), &awsglue.CfnTriggerProps{
		Description:     jsii.String("Starts the job when the crawler has succeeded"),
		Name:            uniqueName(scope, "on-crawled"),
		Type:            jsii.String("CONDITIONAL"),
		WorkflowName:    workflowName,
		StartOnCreation: jsii.Bool(true),
		Predicate: &awsglue.CfnTrigger_PredicateProperty{
			Logical: jsii.String("AND"),
			Conditions: &[]any{&awsglue.CfnTrigger_ConditionProperty{
				CrawlerName: props.CrawlerName, CrawlState: jsii.String("SUCCEEDED"), LogicalOperator: jsii.String("EQUALS"),
			}},
		},
		Actions: &[]any{&awsglue.CfnTrigger_ActionProperty{
			JobName: props.JobName, SecurityConfiguration: props.Security.Ref(),
		}},
	})
}

// uniqueName is needed because CloudFormation does not name triggers by itself in every region.
func uniqueName(scope constructs.Construct, suffix string) *string {
	return jsii.String(*awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{
		Separator: jsii.String("-"), MaxLength: jsii.Number(200),
	}) + "-" + suffix)
}

func orDefault(value, otherwise int) int {
	if value == 0 {
		return otherwise
	}
	return value
}
