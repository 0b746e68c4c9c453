// Package flowlog records all traffic of a VPC in a CloudWatch log group.
//
// Source: Amazon VPC User Guide, "Publish flow logs to CloudWatch Logs"; AWS Security Hub User Guide, EC2.6.
package flowlog

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/loggroup"
	"example.com/pipewright/constructs/servicerole"
)

// Props of a flow log.
type Props struct {
	VpcID *string
	Key   awskms.IKey
	Lab   bool // remove the log with the stack
}

// New makes the log group, a role that may write it and nothing else, and the flow log.
func New(scope constructs.Construct, props *Props) {
	group := loggroup.New(scope, "FlowLogGroup", &loggroup.Props{Key: props.Key, Lab: props.Lab})
	role := servicerole.New(scope, "FlowLogRole", &servicerole.Props{
		Service:     "vpc-flow-logs.amazonaws.com",
		Description: "Writes the flow log of the network, and nothing else",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"}, group.LogGroupArn()),
			servicerole.Allow([]string{"logs:DescribeLogGroups"}, jsii.String("*")),
		},
	})
	awsec2.NewCfnFlowLog(scope, jsii.String("FlowLog"), &awsec2.CfnFlowLogProps{
		ResourceType: jsii.String("VPC"), ResourceId: props.VpcID, TrafficType: jsii.String("ALL"),
		LogDestinationType: jsii.String("cloud-watch-logs"), LogGroupName: group.LogGroupName(), DeliverLogsPermissionArn: role.RoleArn(),
	})
}
