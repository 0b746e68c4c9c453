// Package filevalidator looks at landed files before anything is spent on them: a Lambda function, and the steps of a state
// machine that call it and set invalid files aside.
//
// Its program is the Go package validator beside it. filevalidator.asl.json is about the file that landed, landedfiles.asl.json
// about all that lie under the prefix, and badfiles.asl.json ends a run that had to leave some of them out.
// Source: AWS Step Functions Developer Guide, "Handling errors in Step Functions workflows", "Using Map state in Distributed mode".
package filevalidator

import (
	_ "embed"
	"reflect"
	"strings"

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

var (
	//go:embed filevalidator.asl.json
	oneDefinition []byte
	//go:embed landedfiles.asl.json
	allDefinition []byte
	//go:embed badfiles.asl.json
	badDefinition []byte
)

const (
	// oneMinutes is six tries of a minute for the validation; then five of five minutes for the copy and five of one for the report,
	// and the waits between them.
	oneMinutes = 6 + 25 + 5 + 4
	// allMinutes is for 30,000 files, ten at a time, a second each, and as much again for retries.
	allMinutes = 100
)

// Props of the function and of its steps.
type Props struct {
	Landing     awss3.IBucket
	Prefix      string
	Header      []string // the column names that a file must begin with
	Quarantine  awss3.IBucket
	Key         awskms.IKey
	DeadLetters awssqs.IQueue // receives what an asynchronous call could not do
	Lab         bool
}

// Validator is the function.
type Validator struct {
	*gofunction.Function
	props *Props
}

// New makes the function.
func New(scope constructs.Construct, id string, props *Props) *Validator {
	function := gofunction.New(scope, id, &gofunction.Props{
		Program:     reflect.TypeFor[Props]().PkgPath() + "/validator",
		Description: "Checks existence, size, encoding, header and a sample of the rows of a landed file",
		RoleMay:     "Reads landed objects",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"s3:GetObject"}, props.files()),
			// Without the permission to list, S3 answers 403 instead of 404 for an object that is gone.
			servicerole.Allow([]string{"s3:ListBucket"}, props.Landing.BucketArn()),
			servicerole.Allow([]string{"kms:Decrypt"}, props.Key.KeyArn()),
		},
		Environment:    map[string]*string{"HEADER": jsii.String(strings.Join(props.Header, ","))},
		MemoryMB:       256,
		TimeoutSeconds: 30,
		Key:            props.Key,
		Letters:        props.DeadLetters,
		Lab:            props.Lab,
	})
	return &Validator{function, props}
}

func (p *Props) files() *string { return p.Landing.ArnForObjects(jsii.String(p.Prefix + "*")) }

func (p *Props) quarantined(folder string) *string {
	return p.Quarantine.ArnForObjects(jsii.String("quarantine/" + folder + "/*"))
}

// Step validates the file that landed. An invalid one is copied to quarantine and reported, and the run fails.
func (v *Validator) Step() machine.Step {
	return machine.Step{
		Definition: oneDefinition,
		Substitutions: map[string]any{
			"ValidatorArn": v.FunctionArn(), "QuarantineBucket": v.props.Quarantine.BucketName(),
		},
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"lambda:InvokeFunction"}, v.FunctionArn()),
			servicerole.Allow([]string{"s3:GetObject", "s3:GetObjectTagging"}, v.props.files()),
			servicerole.Allow([]string{"s3:PutObject", "s3:PutObjectTagging"}, v.props.quarantined("files")),
		},
		Minutes: oneMinutes,
	}
}

// StepForAll validates every file under the prefix, whenever it landed, and moves the invalid ones to quarantine. A run in which
// nothing has landed succeeds and does nothing more. Each file costs a call of the function in each run: with many thousands of
// files, start by object instead.
func (v *Validator) StepForAll() machine.Step {
	return machine.Step{
		Definition: allDefinition,
		Substitutions: map[string]any{
			"ValidatorArn": v.FunctionArn(), "QuarantineBucket": v.props.Quarantine.BucketName(),
			"LandingBucket": v.props.Landing.BucketName(), "LandingPrefix": machine.Literal(v.props.Prefix),
		},
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"lambda:InvokeFunction"}, v.FunctionArn()),
			servicerole.AllowWhen(map[string]any{"StringLike": map[string]any{"s3:prefix": v.props.Prefix + "*"}},
				[]string{"s3:ListBucket"}, v.props.Landing.BucketArn()),
			// The version that was judged is copied and then removed, whatever has landed since.
			servicerole.Allow([]string{"s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:DeleteObjectVersion"}, v.props.files()),
			servicerole.Allow([]string{"s3:PutObject", "s3:PutObjectTagging"}, v.props.quarantined("files")),
			servicerole.Allow([]string{"s3:PutObject"}, v.props.quarantined("reasons")),
		},
		Minutes: allMinutes,
	}
}

// Closing is the last step of a run that began with StepForAll: it fails the run if files were set aside, after the others are through.
func (v *Validator) Closing() machine.Step {
	return machine.Step{Definition: badDefinition, Substitutions: map[string]any{"QuarantineBucket": v.props.Quarantine.BucketName()}}
}
