// Package gofunction is a Lambda function in Go: its program is built at synth time by the Go tool, without Docker.
//
// The function has a role that may do what it is given, write its own log group and send traces, and nothing else.
// Source: AWS Lambda Developer Guide, "Deploy Go Lambda functions with .zip file archives" (provided.al2023).
package gofunction

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/loggroup"
	"example.com/pipewright/constructs/servicerole"
)

// Props of a function.
type Props struct {
	Program        string // import path of the program, a package main of this module
	Description    string
	RoleMay        string // what the role is for, in a few words
	Statements     []awsiam.PolicyStatement
	Environment    map[string]*string
	MemoryMB       int
	TimeoutSeconds int
	Reserved       int               // reserved concurrent executions; 0: the account's common ones
	Files          map[string][]byte // what the program finds below FilesFolder, by path
	Network        *Network          // where the function runs; nil: in Lambda's own network
	Key            awskms.IKey
	// Letters keeps the events that a function without a Failures destination could not handle.
	Letters awssqs.IQueue
	// Failures keeps the record of an event that failed after all tries, with the error: it says more than a letter does.
	Failures awssqs.IQueue
	Lab      bool
}

// Network is where a function runs that calls what only a VPC can reach.
type Network struct {
	SubnetIDs     []*string
	SecurityGroup *string
}

// FilesFolder is where the program finds its files, in Lambda's LAMBDA_TASK_ROOT.
const FilesFolder = "files"

// How an event is tried before it goes to Failures: at once, after one minute and after two more.
// Source: AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation", read 2026-11.
const (
	retries = 2
	// maxAgeSeconds is how long an event may wait while the function is throttled: the longest that Lambda offers, 6 hours.
	maxAgeSeconds = 21600
)

// Function is the function and what belongs to it.
type Function struct {
	awslambda.Function
	Logs awslogs.LogGroup
}

// New builds the program and makes the function with a role and a log group of its own.
func New(scope constructs.Construct, id string, props *Props) *Function {
	within := constructs.NewConstruct(scope, &id)
	group := loggroup.New(within, "Logs", &loggroup.Props{Key: props.Key, Lab: props.Lab})
	folder := build(props.Program, props.Files)
	defer func() { _ = os.RemoveAll(folder) }() // the asset has been copied to the cloud assembly by then
	functionProps := &awslambda.FunctionProps{
		Description:     &props.Description,
		Runtime:         awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:    awslambda.Architecture_ARM_64(),
		Handler:         jsii.String("bootstrap"),
		Code:            awslambda.Code_FromAsset(&folder, nil),
		MemorySize:      jsii.Number(props.MemoryMB),
		Timeout:         awscdk.Duration_Seconds(jsii.Number(props.TimeoutSeconds)),
		Tracing:         awslambda.Tracing_ACTIVE,
		LogGroup:        group,
		DeadLetterQueue: props.Letters,
		Environment:     &props.Environment,
		Role:            role(within, group, props).WithoutPolicyUpdates(nil),
	}
	if props.Reserved > 0 {
		functionProps.ReservedConcurrentExecutions = jsii.Number(props.Reserved)
	}
	function := awslambda.NewFunction(within, jsii.String("Function"), functionProps)
	tellSource(function, props.Program)
	if props.Network != nil {
		enter(function, props.Network)
	}
	if props.Failures != nil {
		awslambda.NewCfnEventInvokeConfig(within, jsii.String("Asynchronous"), &awslambda.CfnEventInvokeConfigProps{
			FunctionName:             function.FunctionName(),
			Qualifier:                jsii.String("$LATEST"),
			MaximumRetryAttempts:     jsii.Number(retries),
			MaximumEventAgeInSeconds: jsii.Number(maxAgeSeconds),
			DestinationConfig: &awslambda.CfnEventInvokeConfig_DestinationConfigProperty{
				OnFailure: &awslambda.CfnEventInvokeConfig_OnFailureProperty{Destination: props.Failures.QueueArn()},
			},
		})
	}
	return &Function{function, group}
}

// tellSource lets the template say what the asset was built from: the lab builds it again, for the machine that it runs on.
func tellSource(function awslambda.Function, program string) {
	resource, ok := function.Node().DefaultChild().(awslambda.CfnFunction)
	if !ok {
		panic("a function of the CDK has no AWS::Lambda::Function of its own")
	}
	resource.AddMetadata(jsii.String("pipewright"), map[string]any{"source": Source(program)})
}

// Source is the folder of a program in the project that it is compiled in.
func Source(program string) string {
	return strings.TrimPrefix(program, strings.TrimSuffix(reflect.TypeFor[Props]().PkgPath(), "constructs/gofunction"))
}

// enter uses the L1: the L2 wants a VPC of its own kind.
func enter(function awslambda.Function, network *Network) {
	raw, ok := function.Node().DefaultChild().(awslambda.CfnFunction)
	if !ok {
		panic("the CDK's function is not made of an AWS::Lambda::Function any more")
	}
	raw.SetVpcConfig(&awslambda.CfnFunction_VpcConfigProperty{
		SubnetIds: &network.SubnetIDs, SecurityGroupIds: &[]*string{network.SecurityGroup},
	})
}

func role(scope constructs.Construct, group awslogs.LogGroup, props *Props) awsiam.Role {
	statements := append([]awsiam.PolicyStatement{}, props.Statements...)
	statements = append(statements, servicerole.Allow([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, group.LogGroupArn()))
	for _, queue := range []awssqs.IQueue{props.Letters, props.Failures} {
		if queue != nil {
			statements = append(statements, servicerole.Allow([]string{"sqs:SendMessage"}, queue.QueueArn()))
		}
	}
	if props.Network != nil {
		// Source: AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC" (required IAM permissions).
		statements = append(statements, servicerole.Allow([]string{
			"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
		}, jsii.String("*")))
	}
	statements = append(statements, servicerole.Allow([]string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, jsii.String("*")))
	return servicerole.New(scope, "Role", &servicerole.Props{Service: "lambda.amazonaws.com", Description: props.RoleMay, Statements: statements})
}

// build compiles the program for Lambda into a new folder, and puts its files beside it. The same source gives the same bytes on every machine.
func build(program string, files map[string][]byte) string {
	folder, err := os.MkdirTemp("", "gofunction")
	if err != nil {
		panic(err)
	}
	Build(program, filepath.Join(folder, "bootstrap"), "lambda.norpc")
	for name, content := range files {
		file := filepath.Join(folder, FilesFolder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			panic(err)
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			panic(err)
		}
	}
	return folder
}

// Build compiles a program into a file that Linux on ARM runs by itself. The same source gives the same bytes on every machine.
func Build(program, file, tags string) {
	command := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-buildvcs=false", "-tags="+tags,
		"-ldflags=-s -w -buildid=", "-o", file, program)
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("build %s: %v\n%s", program, err, output))
	}
	// Whatever the umask was, the user that runs it is not the one that owns it.
	if err := os.Chmod(file, 0o755); err != nil { //nolint:gosec // a program
		panic(err)
	}
}
