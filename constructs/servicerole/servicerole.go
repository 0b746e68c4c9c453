// Package servicerole builds IAM roles that one AWS service may assume on behalf of this account alone.
//
// It uses customer managed policies, never AWS managed or inline ones, so that each statement is ours and can be reviewed.
// Source: IAM User Guide, "The confused deputy problem", "Cross-service confused deputy prevention".
package servicerole

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Props of a role.
type Props struct {
	Service     string   // service principal, for example glue.amazonaws.com
	Also        []string // further service principals, where one service is several
	SourceArn   *string  // the only resource for which the service may assume it; default: any of this account
	Description string
	Statements  []awsiam.PolicyStatement // what the role may do; at least one
}

// New makes a role with one policy. Whatever uses the role is created after the policy, because the role refers to it.
func New(scope constructs.Construct, id string, props *Props) awsiam.Role {
	policy := awsiam.NewManagedPolicy(scope, jsii.String(id+"Policy"), &awsiam.ManagedPolicyProps{
		Description: jsii.String(props.Description),
		Statements:  &props.Statements,
	})
	source := map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}
	if props.SourceArn != nil {
		source["aws:SourceArn"] = props.SourceArn
	}
	return awsiam.NewRole(scope, jsii.String(id), &awsiam.RoleProps{
		AssumedBy:       assumedBy(props, &map[string]any{"StringEquals": source}),
		Description:     jsii.String(props.Description),
		ManagedPolicies: &[]awsiam.IManagedPolicy{policy},
	})
}

func assumedBy(props *Props, conditions *map[string]any) awsiam.IPrincipal {
	services := make([]awsiam.IPrincipal, 0, 1+len(props.Also))
	for _, service := range append([]string{props.Service}, props.Also...) {
		services = append(services, awsiam.NewServicePrincipal(&service, &awsiam.ServicePrincipalOpts{Conditions: conditions}))
	}
	if len(services) == 1 {
		return services[0]
	}
	return awsiam.NewCompositePrincipal(services...)
}

// Allow is a statement that permits the actions on the resources.
func Allow(actions []string, resources ...*string) awsiam.PolicyStatement {
	return AllowWhen(nil, actions, resources...)
}

// AllowWhen is a statement that permits the actions on the resources under the conditions, keyed by operator.
func AllowWhen(conditions map[string]any, actions []string, resources ...*string) awsiam.PolicyStatement {
	props := &awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: &resources}
	if conditions != nil {
		props.Conditions = &conditions
	}
	return awsiam.NewPolicyStatement(props)
}

// Arn is an ARN in the stack's partition, account and region; resource is all that follows the account.
func Arn(scope constructs.Construct, service, resource string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service:      jsii.String(service),
		Resource:     jsii.String(resource),
		ArnFormat:    awscdk.ArnFormat_NO_RESOURCE_NAME,
		ResourceName: nil,
	})
}
