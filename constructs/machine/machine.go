package machine

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/loggroup"
	"example.com/pipewright/constructs/servicerole"
)

// Props of the state machine.
type Props struct {
	Comment string
	Steps   []Step        // one after another; every step may use ${Partition}, ${Region} and ${TopicArn} without a value of its own
	Topic   awssns.ITopic // where failures are reported
	Key     awskms.IKey
	Lab     bool // log the data of executions too, and remove the logs with the stack
}

// New makes a Standard state machine of the steps that logs and traces everything.
// Steps that do not fit together are a mistake in the program, not in the settings: New panics.
func New(scope constructs.Construct, id string, props *Props) awsstepfunctions.CfnStateMachine {
	within := constructs.NewConstruct(scope, &id)
	joined, err := join(props.Comment, props.Steps)
	if err != nil {
		panic("machine: " + err.Error())
	}
	text, err := joined.text()
	if err != nil {
		panic("machine: " + err.Error())
	}
	values, err := substitutions(props.Steps, map[string]any{
		"Partition": awscdk.Aws_PARTITION(), "Region": awscdk.Aws_REGION(), "TopicArn": props.Topic.TopicArn(),
	})
	if err != nil {
		panic("machine: " + err.Error())
	}
	role := role(within, props)
	resource := awsstepfunctions.NewCfnStateMachine(within, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		StateMachineType:        jsii.String("STANDARD"),
		RoleArn:                 role.RoleArn(),
		DefinitionString:        &text,
		DefinitionSubstitutions: values,
		LoggingConfiguration: &awsstepfunctions.CfnStateMachine_LoggingConfigurationProperty{
			Level:                jsii.String("ALL"),
			IncludeExecutionData: jsii.Bool(props.Lab),
			Destinations: &[]any{&awsstepfunctions.CfnStateMachine_LogDestinationProperty{
				CloudWatchLogsLogGroup: &awsstepfunctions.CfnStateMachine_CloudWatchLogsLogGroupProperty{
					LogGroupArn: logGroup(within, props).LogGroupArn(),
				},
			}},
		},
		TracingConfiguration: &awsstepfunctions.CfnStateMachine_TracingConfigurationProperty{Enabled: jsii.Bool(true)},
	})
	if joined.distributed() {
		mayStartItself(within, role, resource)
	}
	return resource
}

// mayStartItself lets a distributed Map start the machine for each item, and watch and stop what it started. The policy is one of
// its own, because the machine refers to the role. AWS documents execution:NAME:*; what a Map started is NAME/LABEL:ID.
// Source: AWS Step Functions Developer Guide, "IAM policies for using Distributed Map states", read 2026-11.
func mayStartItself(scope constructs.Construct, role awsiam.Role, machine awsstepfunctions.CfnStateMachine) {
	executions := servicerole.Arn(scope, "states", "execution:"+*machine.AttrName())
	awsiam.NewManagedPolicy(scope, jsii.String("MapPolicy"), &awsiam.ManagedPolicyProps{
		Description: jsii.String("Lets the state machine's Map run"),
		Roles:       &[]awsiam.IRole{role},
		Statements: &[]awsiam.PolicyStatement{
			servicerole.Allow([]string{"states:StartExecution"}, machine.Ref()),
			servicerole.Allow([]string{"states:DescribeExecution", "states:StopExecution"},
				jsii.String(*executions+":*"), jsii.String(*executions+"/*")),
		},
	})
}

// logGroup is named /aws/vendedlogs/..., because each other group makes the account's log resource policy longer until it
// is full. Source: AWS Step Functions Developer Guide, "Using CloudWatch Logs to log execution history".
func logGroup(scope constructs.Construct, props *Props) awslogs.LogGroup {
	name := "/aws/vendedlogs/states/" + *awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{Separator: jsii.String("-")})
	return loggroup.New(scope, "Logs", &loggroup.Props{Name: name, Key: props.Key, Lab: props.Lab})
}

func role(scope constructs.Construct, props *Props) awsiam.Role {
	var statements []awsiam.PolicyStatement
	for _, step := range props.Steps {
		statements = append(statements, step.Statements...)
	}
	return servicerole.New(scope, "Role", &servicerole.Props{
		Service:     "states.amazonaws.com",
		Description: "Calls what the state machine's tasks name",
		Statements: append(statements,
			servicerole.Allow([]string{"sns:Publish"}, props.Topic.TopicArn()),
			servicerole.Allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, props.Key.KeyArn()),
			// These actions take no resource. Source: Service Authorization Reference, CloudWatch Logs and X-Ray.
			servicerole.Allow([]string{
				"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
				"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
			}, jsii.String("*")),
			servicerole.Allow([]string{
				"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
			}, jsii.String("*")),
		),
	})
}
