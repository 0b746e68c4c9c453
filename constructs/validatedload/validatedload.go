// Package validatedload is the state machine that validates a landed file and then loads it: validatedload.asl.json.
//
// The definition is a file of its own with ${substitutions}, so that it opens in Workflow Studio and runs in the lab.
// Source: AWS Step Functions Developer Guide, "Run a job (.sync)", "Handling errors in Step Functions workflows".
package validatedload

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/etljob"
	"example.com/pipewright/constructs/loggroup"
	"example.com/pipewright/constructs/servicerole"
)

// Definition is the state machine in Amazon States Language, before substitution.
//
//go:embed validatedload.asl.json
var Definition []byte

const (
	startMinutes = 10  // a Glue job's own timeout does not count the time until its workers are there
	waitMinutes  = 120 // for validation, for another run of the job to end, and for the reports
)

// Props of the state machine.
type Props struct {
	Validator      awslambda.IFunction
	Job            *etljob.Job
	Landing        awss3.IBucket
	Prefix         string
	Quarantine     awss3.IBucket
	Topic          awssns.ITopic
	Key            awskms.IKey
	TimeoutMinutes int  // the job's timeout
	Lab            bool // log the data of executions too, and remove the logs with the stack
}

// New makes a Standard state machine that logs and traces everything.
func New(scope constructs.Construct, id string, props *Props) awsstepfunctions.CfnStateMachine {
	load := constructs.NewConstruct(scope, &id)
	return awsstepfunctions.NewCfnStateMachine(load, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		StateMachineType: jsii.String("STANDARD"),
		RoleArn:          role(load, props).RoleArn(),
		DefinitionString: jsii.String(definition(props.TimeoutMinutes)),
		DefinitionSubstitutions: &map[string]any{
			"Partition":        awscdk.Aws_PARTITION(),
			"ValidatorArn":     props.Validator.FunctionArn(),
			"JobName":          props.Job.Name,
			"QuarantineBucket": props.Quarantine.BucketName(),
			"TopicArn":         props.Topic.TopicArn(),
		},
		LoggingConfiguration: &awsstepfunctions.CfnStateMachine_LoggingConfigurationProperty{
			Level:                jsii.String("ALL"),
			IncludeExecutionData: jsii.Bool(props.Lab),
			Destinations: &[]any{&awsstepfunctions.CfnStateMachine_LogDestinationProperty{
				CloudWatchLogsLogGroup: &awsstepfunctions.CfnStateMachine_CloudWatchLogsLogGroupProperty{
					LogGroupArn: logGroup(load, props).LogGroupArn(),
				},
			}},
		},
		TracingConfiguration: &awsstepfunctions.CfnStateMachine_TracingConfigurationProperty{Enabled: jsii.Bool(true)},
	})
}

// definition sets the two timeouts that follow from the job's: they must be numbers, which cannot be substituted.
func definition(jobMinutes int) string {
	machine := parse(Definition)
	states := parse(machine["States"])
	job := parse(states["Run ETL job"])
	job["TimeoutSeconds"] = seconds(jobMinutes + startMinutes)
	states["Run ETL job"] = text(job)
	machine["States"] = text(states)
	machine["TimeoutSeconds"] = seconds(jobMinutes + startMinutes + waitMinutes)
	return string(text(machine))
}

func seconds(minutes int) json.RawMessage { return json.RawMessage(strconv.Itoa(minutes * 60)) }

func parse(object []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		panic(fmt.Sprintf("validatedload.asl.json: %v", err))
	}
	return fields
}

func text(fields map[string]json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // JSONata expressions are full of & and >
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(fields); err != nil {
		panic(fmt.Sprintf("validatedload.asl.json: %v", err))
	}
	return bytes.TrimSpace(out.Bytes())
}

// logGroup is named /aws/vendedlogs/..., because each other group makes the account's log resource policy longer until it
// is full. Source: AWS Step Functions Developer Guide, "Using CloudWatch Logs to log execution history".
func logGroup(scope constructs.Construct, props *Props) awslogs.LogGroup {
	name := "/aws/vendedlogs/states/" + *awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{Separator: jsii.String("-")})
	return loggroup.New(scope, "Logs", &loggroup.Props{Name: name, Key: props.Key, Lab: props.Lab})
}

func role(scope constructs.Construct, props *Props) awsiam.Role {
	return servicerole.New(scope, "Role", &servicerole.Props{
		Service:     "states.amazonaws.com",
		Description: "Calls what the state machine's tasks name",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"lambda:InvokeFunction"}, props.Validator.FunctionArn()),
			// Source: AWS Step Functions Developer Guide, "Start AWS Glue jobs with Step Functions", IAM policies for .sync.
			servicerole.Allow([]string{"glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"}, props.Job.Arn),
			servicerole.Allow([]string{"sns:Publish"}, props.Topic.TopicArn()),
			servicerole.Allow([]string{"s3:GetObject", "s3:GetObjectTagging"}, props.Landing.ArnForObjects(jsii.String(props.Prefix+"*"))),
			servicerole.Allow([]string{"s3:PutObject", "s3:PutObjectTagging"}, props.Quarantine.ArnForObjects(jsii.String("quarantine/files/*"))),
			servicerole.Allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, props.Key.KeyArn()),
			// These actions take no resource. Source: Service Authorization Reference, CloudWatch Logs and X-Ray.
			servicerole.Allow([]string{
				"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
				"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
			}, jsii.String("*")),
			servicerole.Allow([]string{
				"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
			}, jsii.String("*")),
		},
	})
}
