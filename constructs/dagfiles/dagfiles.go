// Package dagfiles puts DAGs, requirements.txt and the startup script into an Airflow environment's bucket, before the environment is made
// and whenever they change. One command, `cdk deploy`, does all of it.
//
// The environment wants to know the versions of requirements.txt and startup.sh in its own, versioned bucket when it is created, so they
// cannot be uploaded afterwards, and the CDK's asset bucket is not the environment's own. The CDK's BucketDeployment would do, with 21 MB
// of Python and the AWS command line; it also makes every file anew each time, and a new version of requirements.txt is an update of the
// environment that takes half an hour. So there is a custom resource: a small program in Go, with the files in its own package, that may
// write this bucket and nothing else. It leaves alone what has not changed, removes what it once put there itself, and on deletion does
// nothing: a lab's bucket is emptied by whoever owns it.
// Source: Amazon MWAA User Guide, "Create an Amazon S3 bucket for Amazon MWAA", "Adding or updating DAGs"; AWS CloudFormation User Guide,
// "Custom resource request objects".
package dagfiles

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/gofunction"
	"example.com/pipewright/constructs/servicerole"
)

const (
	memoryMB       = 256
	timeoutMinutes = 5
	// patienceMinutes is how long CloudFormation waits for the answer: three tries of the function, and what lies between them.
	patienceMinutes = 20
)

// Props of the files.
type Props struct {
	Bucket   awss3.IBucket
	Files    map[string][]byte // by key
	Versions map[string]string // attribute by which the version of a file can be asked for, to the file's key
	Key      awskms.IKey
	Failures awssqs.IQueue
	Lab      bool
}

// Files are in the bucket, as far as whoever asks for a version is concerned.
type Files struct{ awscdk.CustomResource }

// New makes the function and the resource.
func New(scope constructs.Construct, id string, props *Props) *Files {
	within := constructs.NewConstruct(scope, &id)
	function := gofunction.New(within, "Uploader", &gofunction.Props{
		Program:     reflect.TypeFor[Props]().PkgPath() + "/uploader",
		Description: "Puts DAGs, requirements and startup script into the environment's bucket when they have changed",
		RoleMay:     "Writes the environment's files, and nothing else",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}, props.Bucket.ArnForObjects(jsii.String("*"))),
			// Without the permission to list, S3 answers 403 instead of 404 for an object that is not there yet.
			servicerole.Allow([]string{"s3:ListBucket"}, props.Bucket.BucketArn()),
			servicerole.Allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, props.Key.KeyArn()),
		},
		Files:          props.Files,
		MemoryMB:       memoryMB,
		TimeoutSeconds: timeoutMinutes * 60,
		Key:            props.Key,
		Failures:       props.Failures,
		Lab:            props.Lab,
	})
	sums := map[string]any{}
	for key, content := range props.Files {
		sum := sha256.Sum256(content)
		sums[key] = hex.EncodeToString(sum[:])
	}
	resource := awscdk.NewCustomResource(within, jsii.String("Files"), &awscdk.CustomResourceProps{
		ServiceToken:   function.FunctionArn(),
		ResourceType:   jsii.String("Custom::DagFiles"),
		ServiceTimeout: awscdk.Duration_Minutes(jsii.Number(patienceMinutes)),
		Properties:     &map[string]any{"Bucket": props.Bucket.BucketName(), "Files": sums, "Versions": props.Versions},
	})
	return &Files{resource}
}

// Version is the version id of a file, by its attribute.
func (f *Files) Version(attribute string) *string { return f.GetAttString(&attribute) }
