// Package gluepipeline is a Glue workflow whose nodes, crawlers and jobs, run one after another: events or a call start the first, and the
// success of each starts the next.
//
// Source: AWS Glue Developer Guide, "Overview of workflows in AWS Glue", "Starting an AWS Glue workflow with an Amazon EventBridge event".
package gluepipeline

import (
	"strings"

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

// Node is a crawler or a job: one of the two names is set.
type Node struct {
	CrawlerName *string
	JobName     *string
	Does        string // with its object, for the workflow's description: "crawls landed objects"
}

// Props of the workflow.
type Props struct {
	First       First
	Nodes       []Node // at least one; crawlers and jobs take turns
	Security    awsglue.CfnSecurityConfiguration
	BatchSize   int // EVENT: events that start a run at once, 1 to MaxBatchSize; default MaxBatchSize
	BatchWindow int // EVENT: seconds after the first event when a run starts anyway, 1 to MaxBatchWindow; default MaxBatchWindow
}

// Workflow is the Glue workflow.
type Workflow struct {
	Name *string
	Arn  *string
}

// New makes the workflow and its triggers, one after the other: Glue refuses to change a workflow twice at once
// (ConcurrentModificationException).
func New(scope constructs.Construct, id string, props *Props) *Workflow {
	flow := constructs.NewConstruct(scope, &id)
	resource := awsglue.NewCfnWorkflow(flow, jsii.String("Workflow"), &awsglue.CfnWorkflowProps{
		Description: jsii.String(description(props.Nodes)),
		// One run at a time: crawlers and jobs see every change since their last success, so a later run loses nothing by waiting.
		MaxConcurrentRuns: jsii.Number(1),
	})
	last := startTrigger(flow, resource.Ref(), props)
	for i, next := range props.Nodes[1:] {
		then := thenTrigger(flow, resource.Ref(), &props.Nodes[i], &next, props.Security)
		then.AddResourceDependency(last, nil)
		last = then
	}
	return &Workflow{Name: resource.Ref(), Arn: servicerole.Arn(flow, "glue", "workflow/"+*resource.Ref())}
}

// description tells what the nodes do, in one sentence.
func description(nodes []Node) string {
	does := make([]string, 0, len(nodes))
	for _, node := range nodes {
		does = append(does, node.Does)
	}
	sentence := strings.Join(does, ", then ")
	return strings.ToUpper(sentence[:1]) + sentence[1:]
}

func startTrigger(scope constructs.Construct, workflowName *string, props *Props) awsglue.CfnTrigger {
	node := &props.Nodes[0]
	id, suffix, description := "OnObjects", "on-objects", "Collects events, then starts the "+node.kind()
	switch props.First {
	case OnEvents:
		id, suffix = "OnEvents", "on-events"
	case OnDemand:
		id, suffix, description = "OnDemand", "on-demand", "Starts the "+node.kind()+" when the workflow is started"
	}
	trigger := &awsglue.CfnTriggerProps{
		Description:  &description,
		Name:         uniqueName(scope, suffix),
		Type:         jsii.String("ON_DEMAND"),
		WorkflowName: workflowName,
		Actions:      node.start(props.Security),
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

func thenTrigger(scope constructs.Construct, workflowName *string, done, next *Node, security awsglue.CfnSecurityConfiguration) awsglue.CfnTrigger {
	id, suffix := "OnCrawled", "on-crawled"
	if done.JobName != nil {
		id, suffix = "OnProcessed", "on-processed"
	}
	return awsglue.NewCfnTrigger(scope, &id, &awsglue.CfnTriggerProps{
		Description:     jsii.String("Starts the " + next.kind() + " when the " + done.kind() + " has succeeded"),
		Name:            uniqueName(scope, suffix),
		Type:            jsii.String("CONDITIONAL"),
		WorkflowName:    workflowName,
		StartOnCreation: jsii.Bool(true),
		Predicate: &awsglue.CfnTrigger_PredicateProperty{
			Logical: jsii.String("AND"), Conditions: &[]any{done.succeeded()},
		},
		Actions: next.start(security),
	})
}

func (n *Node) kind() string {
	if n.JobName != nil {
		return "job"
	}
	return "crawler"
}

// succeeded is the condition that the node has ended well. Glue asks for the state of a crawler and of a job in different fields.
// Source: AWS Glue API, Condition, read 2026-11.
func (n *Node) succeeded() *awsglue.CfnTrigger_ConditionProperty {
	condition := &awsglue.CfnTrigger_ConditionProperty{CrawlerName: n.CrawlerName, JobName: n.JobName, LogicalOperator: jsii.String("EQUALS")}
	if n.JobName != nil {
		condition.State = jsii.String("SUCCEEDED")
	} else {
		condition.CrawlState = jsii.String("SUCCEEDED")
	}
	return condition
}

// start is the action that starts the node. A crawler has its security configuration itself.
func (n *Node) start(security awsglue.CfnSecurityConfiguration) *[]any {
	action := &awsglue.CfnTrigger_ActionProperty{CrawlerName: n.CrawlerName, JobName: n.JobName}
	if n.JobName != nil {
		action.SecurityConfiguration = security.Ref()
	}
	return &[]any{action}
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
