// Package manifestpublisher is the Lambda function that publishes what a run has written, and the step of a state machine that calls it.
//
// Its program is the Go package publisher beside it, which also says what a manifest promises; the step is manifestpublisher.asl.json.
package manifestpublisher

import (
	_ "embed"
	"reflect"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/gofunction"
	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/servicerole"
)

//go:embed manifestpublisher.asl.json
var definition []byte

const (
	timeoutSeconds = 90 // lists 100,000 objects in less than a minute
	stepMinutes    = 15 // six tries of two minutes, and the waits between them
)

// Props of the function.
type Props struct {
	Bucket      awss3.IBucket
	Written     string // what the keys of the objects begin with that a run writes, for example monthly/
	Key         awskms.IKey
	DeadLetters awssqs.IQueue // receives what an asynchronous call could not do
	Lab         bool
}

// Publisher is the function.
type Publisher struct {
	*gofunction.Function
	Latest *string // URI of the latest manifest
}

// New makes the function.
func New(scope constructs.Construct, id string, props *Props) *Publisher {
	function := gofunction.New(scope, id, &gofunction.Props{
		Program:     reflect.TypeFor[Props]().PkgPath() + "/publisher",
		Description: "Writes a manifest of what a run has written: published/runs/ and published/latest.json",
		RoleMay:     "Lists written objects, reads and writes manifests",
		Statements: []awsiam.PolicyStatement{
			// Without the permission to list everything, S3 answers 403 instead of 404 for a manifest that is not there yet.
			servicerole.Allow([]string{"s3:ListBucket"}, props.Bucket.BucketArn()),
			servicerole.Allow([]string{"s3:GetObject", "s3:PutObject"}, props.Bucket.ArnForObjects(jsii.String("published/*"))),
			servicerole.Allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, props.Key.KeyArn()),
		},
		Environment:    map[string]*string{"BUCKET": props.Bucket.BucketName(), "PREFIX": &props.Written},
		MemoryMB:       256,
		TimeoutSeconds: timeoutSeconds,
		Key:            props.Key,
		Letters:        props.DeadLetters,
		Lab:            props.Lab,
	})
	return &Publisher{function, props.Bucket.S3UrlForObject(jsii.String("published/latest.json"))}
}

// Step publishes as a step of a state machine.
func (p *Publisher) Step() machine.Step {
	return machine.Step{
		Definition:    definition,
		Substitutions: map[string]any{"PublisherArn": p.FunctionArn()},
		Statements:    []awsiam.PolicyStatement{servicerole.Allow([]string{"lambda:InvokeFunction"}, p.FunctionArn())},
		Minutes:       stepMinutes,
	}
}
