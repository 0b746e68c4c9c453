// Package objectrule starts a target when an object lands in a bucket under a prefix.
//
// Delivery is at least once and may come out of order: whatever is started must be idempotent.
// Source: Amazon S3 User Guide, "Using EventBridge"; Amazon EventBridge User Guide, "Content filtering in event patterns".
package objectrule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Props of the rule.
type Props struct {
	BucketName *string
	Prefix     string // literal start of the key
	Suffix     string // literal end of the key; empty: any
	Target     awsevents.IRuleTarget
}

// New makes the rule on the account's default event bus.
func New(scope constructs.Construct, id string, props *Props) awsevents.Rule {
	return awsevents.NewRule(scope, &id, &awsevents.RuleProps{
		Description: jsii.String("An object under " + props.Prefix + " starts the pipeline"),
		EventPattern: &awsevents.EventPattern{
			Source:     jsii.Strings("aws.s3"),
			DetailType: jsii.Strings("Object Created"),
			Detail: &map[string]any{
				"bucket": map[string]any{"name": []any{props.BucketName}},
				"object": map[string]any{"key": []any{keyFilter(props.Prefix, props.Suffix)}},
			},
		},
		Targets: &[]awsevents.IRuleTarget{props.Target},
	})
}

// keyFilter needs a wildcard for prefix and suffix at once: two filters in one list would mean either of them.
func keyFilter(prefix, suffix string) map[string]any {
	if suffix == "" {
		return map[string]any{"prefix": prefix}
	}
	return map[string]any{"wildcard": prefix + "*" + suffix}
}
