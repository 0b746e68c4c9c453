// Package patternrule starts a target when an event matches a pattern that the user wrote.
//
// Delivery is at least once and may come out of order: whatever is started must be idempotent.
// Source: Amazon EventBridge User Guide, "Creating event patterns".
package patternrule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Props of the rule.
type Props struct {
	Pattern map[string]any // as encoding/json reads it
	Target  awsevents.IRuleTarget
}

// New makes the rule on the account's default event bus. The pattern goes into the template as it is: the CDK's own type
// knows neither operators in source and detail-type nor $or.
func New(scope constructs.Construct, id string, props *Props) awsevents.Rule {
	rule := awsevents.NewRule(scope, &id, &awsevents.RuleProps{
		Description:  jsii.String("An event that matches starts the pipeline"),
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings("replaced below")},
		Targets:      &[]awsevents.IRuleTarget{props.Target},
	})
	raw, ok := rule.Node().DefaultChild().(awsevents.CfnRule)
	if !ok {
		panic("the CDK's rule is not made of an AWS::Events::Rule any more")
	}
	raw.SetEventPattern(props.Pattern)
	return rule
}
