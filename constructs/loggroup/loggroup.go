// Package loggroup makes a CloudWatch log group of a project: encrypted with its key, and never kept for ever.
//
// Source: Amazon CloudWatch Logs User Guide, "Change log data retention in CloudWatch Logs", "Encrypt log data in CloudWatch Logs using AWS KMS".
package loggroup

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
)

// Props of a log group.
type Props struct {
	Name string // default: CloudFormation's own
	Key  awskms.IKey
	Lab  bool // keep logs for two weeks instead of a year, and remove them with the stack
}

// New makes the log group.
func New(scope constructs.Construct, id string, props *Props) awslogs.LogGroup {
	group := &awslogs.LogGroupProps{
		EncryptionKey: props.Key, Retention: awslogs.RetentionDays_ONE_YEAR, RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	}
	if props.Name != "" {
		group.LogGroupName = &props.Name
	}
	if props.Lab {
		group.Retention, group.RemovalPolicy = awslogs.RetentionDays_TWO_WEEKS, awscdk.RemovalPolicy_DESTROY
	}
	return awslogs.NewLogGroup(scope, &id, group)
}
