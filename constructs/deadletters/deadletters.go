// Package deadletters keeps the events that EventBridge could not deliver.
//
// Nothing reads the queue by itself: a person looks at a letter, mends the cause and sends it again.
// Source: Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events".
package deadletters

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// KeptDays is how long a letter waits, the longest that SQS offers.
// Source: Amazon SQS API, MessageRetentionPeriod at most 1,209,600 seconds, read 2026-11.
const KeptDays = 14

// New makes the queue. It is encrypted by SQS itself, which lets EventBridge write without a statement in a key policy.
func New(scope constructs.Construct, id string) awssqs.Queue {
	return awssqs.NewQueue(scope, &id, &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(KeptDays)),
		RemovalPolicy:   awscdk.RemovalPolicy_DESTROY,
	})
}

// AcceptFrom lets the rule, and no other, put letters into the queue.
func AcceptFrom(queue awssqs.Queue, ruleArn *string) {
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:    jsii.Strings("sqs:SendMessage"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)},
		Resources:  &[]*string{queue.QueueArn()},
		Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": ruleArn}},
	}))
}
