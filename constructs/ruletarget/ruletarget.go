// Package ruletarget is an EventBridge rule target for services whose L2 target the CDK lacks or makes too wide.
//
// The CDK has no target for a Glue workflow (aws/aws-cdk#18853); its others bring half of the construct library along.
// Source: Amazon EventBridge User Guide, "Event bus targets"; AWS Glue Developer Guide, "Starting an AWS Glue workflow with an Amazon EventBridge event".
package ruletarget

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/deadletters"
	"example.com/pipewright/constructs/servicerole"
)

// How long EventBridge tries to deliver. Two hours outlast a service's hiccup and still tell on the same day;
// EventBridge's own default is 24 hours and 185 attempts.
// Source: Amazon EventBridge User Guide, "How EventBridge retries delivering events", read 2026-11.
const (
	maxAgeSeconds = 7200
	maxAttempts   = 50
)

// Target delivers events to one resource. It implements awsevents.IRuleTarget.
type Target struct {
	arn   *string
	role  awsiam.IRole
	queue awssqs.Queue
	input awsevents.RuleTargetInput
}

// NewWithRole delivers through a role of its own, which may do nothing but the action on the resource.
func NewWithRole(scope constructs.Construct, id, action string, arn *string, queue awssqs.Queue) *Target {
	return NewWithRoleThatMay(scope, id, []awsiam.PolicyStatement{servicerole.Allow([]string{action}, arn)}, arn, queue)
}

// NewWithRoleThatMay delivers through a role of its own to a resource that takes more than one permission.
func NewWithRoleThatMay(scope constructs.Construct, id string, statements []awsiam.PolicyStatement, arn *string, queue awssqs.Queue) *Target {
	role := servicerole.New(scope, id, &servicerole.Props{
		Service:     "events.amazonaws.com",
		Description: "Lets EventBridge start this pipeline, and nothing else",
		Statements:  statements,
	})
	return &Target{arn: arn, role: role, queue: queue}
}

// New delivers to a resource whose resource policy admits EventBridge, such as a function.
func New(arn *string, queue awssqs.Queue) *Target {
	return &Target{arn: arn, queue: queue}
}

// NewWithInput delivers a text of our own to a resource whose resource policy admits EventBridge, such as an SNS topic.
func NewWithInput(arn *string, queue awssqs.Queue, input awsevents.RuleTargetInput) *Target {
	return &Target{arn: arn, queue: queue, input: input}
}

// Bind tells the rule what to put into its target list, and lets it use the dead-letter queue.
func (t *Target) Bind(rule interfacesawsevents.IRuleRef, _ *string) *awsevents.RuleTargetConfig {
	deadletters.AcceptFrom(t.queue, rule.RuleRef().RuleArn)
	return &awsevents.RuleTargetConfig{
		Arn:              t.arn,
		Role:             t.role,
		Input:            t.input,
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: t.queue.QueueArn()},
		RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
			MaximumEventAgeInSeconds: jsii.Number(maxAgeSeconds),
			MaximumRetryAttempts:     jsii.Number(maxAttempts),
		},
	}
}
