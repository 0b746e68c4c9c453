// Package projectkey makes the one customer managed key of a project.
//
// One key, not one for each resource: a key costs about 1 USD a month. AWS's own aws/sns key cannot be used by
// CloudWatch alarms or EventBridge, which is why a topic needs a customer key at all.
// Source: Amazon SNS Developer Guide, "Key management", "Enable compatibility between event sources from AWS services and encrypted topics".
package projectkey

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// pendingDays is the shortest wait before a deleted key is gone.
// Source: AWS KMS API, ScheduleKeyDeletion, PendingWindowInDays 7 to 30, read 2026-11.
const pendingDays = 7

// Props of the key.
type Props struct {
	Lab bool // delete the key with the stack, after the shortest waiting period
}

// New makes a rotating key that the account administers through IAM, and that CloudWatch, EventBridge and
// CloudWatch Logs may use for this account alone.
func New(scope constructs.Construct, id string, props *Props) awskms.Key {
	keyProps := &awskms.KeyProps{
		Description:       jsii.String("Encrypts the data, logs and notifications of one pipeline"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
		Policy: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
			administration(), denyForeignGrants(), alarmSources(), logs(scope),
		}}),
	}
	if props.Lab {
		keyProps.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
		keyProps.PendingWindow = awscdk.Duration_Days(jsii.Number(pendingDays))
	}
	return awskms.NewKey(scope, &id, keyProps)
}

// administration delegates to IAM, as AWS's default key policy does: without it nobody could mend the key policy.
func administration() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("AccountAdministersThroughIam"),
		Actions:    jsii.Strings("kms:*"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAccountRootPrincipal()},
		Resources:  jsii.Strings("*"),
	})
}

// denyForeignGrants lets only AWS services hand out grants. Source: AWS Control Tower, control CT.KMS.PR.3.
func denyForeignGrants() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("OnlyServicesCreateGrants"),
		Effect:     awsiam.Effect_DENY,
		Actions:    jsii.Strings("kms:CreateGrant"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"BoolIfExists": map[string]any{
			"kms:GrantIsForAWSResource": "false",
			"aws:PrincipalIsAWSService": "false",
		}},
	})
}

func alarmSources() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:     jsii.String("AlarmsAndEventsReachTheTopic"),
		Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
		Principals: &[]awsiam.IPrincipal{
			awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil),
			awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil),
		},
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
	})
}

// logs follows "Encrypt log data in CloudWatch Logs using AWS KMS", Amazon CloudWatch Logs User Guide.
func logs(scope constructs.Construct) awsiam.PolicyStatement {
	stack := awscdk.Stack_Of(scope)
	groups := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: jsii.String("*"),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("LogGroupsOfThisAccount"),
		Actions:    jsii.Strings("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logs.amazonaws.com"), nil)},
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": groups}},
	})
}
