// Package filevalidator is the Lambda function that looks at a landed file before anything is spent on it.
//
// Its program is the Go package validator beside it, built at synth time by the Go tool, without Docker.
// Source: AWS Lambda Developer Guide, "Deploy Go Lambda functions with .zip file archives" (provided.al2023).
package filevalidator

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
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/servicerole"
)

// Props of the function.
type Props struct {
	Landing       awss3.IBucket
	Prefix        string
	Header        []string // the column names that a file must begin with
	Key           awskms.IKey
	DeadLetters   awssqs.IQueue // receives what an asynchronous call could not do
	RetentionDays awslogs.RetentionDays
	Lab           bool
}

// New builds the program and makes the function with a role and a log group of its own.
func New(scope constructs.Construct, id string, props *Props) awslambda.Function {
	validator := constructs.NewConstruct(scope, &id)
	group := logGroup(validator, props)
	folder := build()
	defer func() { _ = os.RemoveAll(folder) }() // the asset has been copied to the cloud assembly by then
	return awslambda.NewFunction(validator, jsii.String("Function"), &awslambda.FunctionProps{
		Description:     jsii.String("Checks existence, size, encoding, header and a sample of the rows of a landed file"),
		Runtime:         awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:    awslambda.Architecture_ARM_64(),
		Handler:         jsii.String("bootstrap"),
		Code:            awslambda.Code_FromAsset(&folder, nil),
		MemorySize:      jsii.Number(256),
		Timeout:         awscdk.Duration_Seconds(jsii.Number(30)),
		Tracing:         awslambda.Tracing_ACTIVE,
		LogGroup:        group,
		DeadLetterQueue: props.DeadLetters,
		Environment:     &map[string]*string{"HEADER": jsii.String(strings.Join(props.Header, ","))},
		Role:            role(validator, group, props).WithoutPolicyUpdates(nil),
	})
}

func logGroup(scope constructs.Construct, props *Props) awslogs.LogGroup {
	groupProps := &awslogs.LogGroupProps{Retention: props.RetentionDays, RemovalPolicy: awscdk.RemovalPolicy_RETAIN, EncryptionKey: props.Key}
	if props.Lab {
		groupProps.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	}
	return awslogs.NewLogGroup(scope, jsii.String("Logs"), groupProps)
}

func role(scope constructs.Construct, group awslogs.LogGroup, props *Props) awsiam.Role {
	return servicerole.New(scope, "Role", &servicerole.Props{
		Service:     "lambda.amazonaws.com",
		Description: "Reads landed objects",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"s3:GetObject"}, props.Landing.ArnForObjects(jsii.String(props.Prefix+"*"))),
			// Without the permission to list, S3 answers 403 instead of 404 for an object that is gone.
			servicerole.Allow([]string{"s3:ListBucket"}, props.Landing.BucketArn()),
			servicerole.Allow([]string{"kms:Decrypt"}, props.Key.KeyArn()),
			servicerole.Allow([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, group.LogGroupArn()),
			servicerole.Allow([]string{"sqs:SendMessage"}, props.DeadLetters.QueueArn()),
			servicerole.Allow([]string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, jsii.String("*")),
		},
	})
}

// build compiles the program for Lambda into a new folder. The same source gives the same bytes on every machine.
func build() string {
	folder, err := os.MkdirTemp("", "filevalidator")
	if err != nil {
		panic(err)
	}
	program := reflect.TypeFor[Props]().PkgPath() + "/validator"
	command := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc",
		"-ldflags=-s -w -buildid=", "-o", filepath.Join(folder, "bootstrap"), program)
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("build %s: %v\n%s", program, err, output))
	}
	return folder
}
