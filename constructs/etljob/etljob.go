// Package etljob is the Glue job that turns landed CSV partitions into Parquet: job/weather_etl.py on Glue 5.1.
//
// The script is plain PySpark and does not import awsglue, so it runs unchanged on Glue, on Spark and on Sail.
// The job has no bookmark: its own ledger of processed objects also notices late and replaced files.
// Source: AWS Glue Developer Guide, "Using job parameters in AWS Glue jobs".
package etljob

import (
	_ "embed"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/gluesecurity"
	// job/test_weather_etl.py runs the program on this data, which a project therefore has beside it.
	_ "example.com/pipewright/constructs/sampledata"
	"example.com/pipewright/constructs/servicerole"
)

// Script is the PySpark program that the job runs.
//
//go:embed job/weather_etl.py
var Script []byte

// Source is where the program lies in the project.
const Source = "constructs/etljob/job/weather_etl.py"

// Monthly is the folder of the summaries, below the curated one, whichever engine runs the program.
const Monthly = "monthly/"

// Workers is the smallest Spark job that Glue runs: two G.1X workers, 2 DPU.
// Source: AWS Glue API, CreateJob, NumberOfWorkers, read 2026-11.
const Workers = 2

// Props of the job.
type Props struct {
	Landing        awss3.IBucket // read under the prefix alone
	Prefix         string
	Curated        awss3.IBucket // Parquet, ledger and quarantine
	Key            awskms.IKey
	Security       awsglue.CfnSecurityConfiguration
	TimeoutMinutes int // Glue stops the job after so many minutes; Glue's own default is 48 hours
}

// Job is the Glue job.
type Job struct {
	Name *string // as other resources refer to it
	Arn  *string

	timeoutMinutes int
}

// New makes the job with a role of its own. It never retries by itself: whatever starts it decides that.
func New(scope constructs.Construct, id string, props *Props) *Job {
	etl := constructs.NewConstruct(scope, &id)
	script := NewScript(etl, "Script")
	resource := awsglue.NewCfnJob(etl, jsii.String("Job"), &awsglue.CfnJobProps{
		Description: jsii.String("Cleans and aggregates the partitions that changed"),
		Command: &awsglue.CfnJob_JobCommandProperty{
			Name: jsii.String("glueetl"), PythonVersion: jsii.String("3"), ScriptLocation: script.S3ObjectUrl(),
		},
		Role:                  role(etl, script, props).RoleArn(),
		GlueVersion:           jsii.String("5.1"),
		WorkerType:            jsii.String("G.1X"),
		NumberOfWorkers:       jsii.Number(Workers),
		Timeout:               jsii.Number(props.TimeoutMinutes),
		MaxRetries:            jsii.Number(0),
		ExecutionProperty:     &awsglue.CfnJob_ExecutionPropertyProperty{MaxConcurrentRuns: jsii.Number(1)},
		SecurityConfiguration: props.Security.Ref(),
		DefaultArguments:      arguments(props),
	})
	resource.AddMetadata(jsii.String("pipewright"), map[string]any{"source": Source}) // the lab finds the program by it
	return &Job{
		Name: resource.Ref(), Arn: servicerole.Arn(etl, "glue", "job/"+*resource.Ref()), timeoutMinutes: props.TimeoutMinutes,
	}
}

func arguments(props *Props) *map[string]*string {
	folders := NewFolders(props.Landing, props.Prefix, props.Curated)
	return &map[string]*string{
		"--landing":                          &folders.Landing,
		"--curated":                          &folders.Curated,
		"--quarantine":                       &folders.Quarantine,
		"--partitions":                       jsii.String("changed"),
		"--job-language":                     jsii.String("python"),
		"--job-bookmark-option":              jsii.String("job-bookmark-disable"),
		"--enable-metrics":                   jsii.String("true"),
		"--enable-observability-metrics":     jsii.String("true"),
		"--enable-job-insights":              jsii.String("true"),
		"--enable-continuous-cloudwatch-log": jsii.String("true"),
	}
}

// Folders are the URIs that the program works on, whichever engine runs it.
type Folders struct{ Landing, Curated, Quarantine string }

// NewFolders names the folders in the buckets.
func NewFolders(landing awss3.IBucket, prefix string, curated awss3.IBucket) Folders {
	root := "s3://" + *curated.BucketName() + "/"
	return Folders{Landing: "s3://" + *landing.BucketName() + "/" + prefix, Curated: root, Quarantine: root + "quarantine/"}
}

// NewScript ships the embedded program, so that synth works from any folder.
func NewScript(scope constructs.Construct, id string) awss3assets.Asset {
	folder, err := os.MkdirTemp("", "etljob")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }() // the asset has been copied to the cloud assembly by then
	path := filepath.Join(folder, "weather_etl.py")
	if err := os.WriteFile(path, Script, 0o600); err != nil {
		panic(err)
	}
	return awss3assets.NewAsset(scope, &id, &awss3assets.AssetProps{Path: &path})
}

func role(scope constructs.Construct, script awss3assets.Asset, props *Props) awsiam.Role {
	statements := append(Statements(props.Landing, props.Prefix, props.Curated, script),
		servicerole.AllowWhen(map[string]any{"StringEquals": map[string]any{"cloudwatch:namespace": "Glue"}},
			[]string{"cloudwatch:PutMetricData"}, jsii.String("*")))
	return servicerole.New(scope, "Role", &servicerole.Props{
		Service:     "glue.amazonaws.com",
		Description: "Reads landed objects, writes curated ones",
		Statements:  append(statements, gluesecurity.Statements(scope, props.Key)...),
	})
}

// Statements are what the program needs of S3, whichever engine runs it.
func Statements(landing awss3.IBucket, prefix string, curated awss3.IBucket, script awss3assets.Asset) []awsiam.PolicyStatement {
	return []awsiam.PolicyStatement{
		servicerole.Allow([]string{"s3:GetObject"},
			landing.ArnForObjects(jsii.String(prefix+"*")),
			script.Bucket().ArnForObjects(script.S3ObjectKey())),
		servicerole.Allow([]string{"s3:ListBucket", "s3:GetBucketLocation"}, landing.BucketArn(), curated.BucketArn()),
		servicerole.Allow([]string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"},
			curated.ArnForObjects(jsii.String("*"))),
	}
}
