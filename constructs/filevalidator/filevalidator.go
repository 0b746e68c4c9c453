// Package filevalidator is the Lambda function that looks at a landed file before anything is spent on it.
//
// Its program is the Go package validator beside it.
package filevalidator

import (
	"reflect"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/gofunction"
	"example.com/pipewright/constructs/servicerole"
)

// Props of the function.
type Props struct {
	Landing     awss3.IBucket
	Prefix      string
	Header      []string // the column names that a file must begin with
	Key         awskms.IKey
	DeadLetters awssqs.IQueue // receives what an asynchronous call could not do
	Lab         bool
}

// New makes the function.
func New(scope constructs.Construct, id string, props *Props) awslambda.Function {
	return gofunction.New(scope, id, &gofunction.Props{
		Program:     reflect.TypeFor[Props]().PkgPath() + "/validator",
		Description: "Checks existence, size, encoding, header and a sample of the rows of a landed file",
		RoleMay:     "Reads landed objects",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"s3:GetObject"}, props.Landing.ArnForObjects(jsii.String(props.Prefix+"*"))),
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
	}).Function
}
