// Package emrjob runs the ETL job on EMR Serverless, as one step of a state machine: emrjob.asl.json.
//
// The script is the one of the Glue job, constructs/etljob/job/weather_etl.py, byte by byte, with the same arguments. It needs
// Python 3.9 or newer and boto3, which the release has. Without a VPC the application reaches AWS services in its Region, which
// is all that the job asks for. Nothing is kept warm: a run waits about a minute for its workers and is billed for nothing else.
// Source: Amazon EMR Serverless User Guide, "Configuring an application", "Configuring VPC access for EMR Serverless applications
// to connect to data"; AWS Step Functions Developer Guide, "Create and manage Amazon EMR Serverless applications".
package emrjob

import (
	_ "embed"
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsemrserverless"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/etljob"
	"example.com/pipewright/constructs/loggroup"
	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/servicerole"
)

// Definition is the step in Amazon States Language, before substitution.
//
//go:embed emrjob.asl.json
var Definition []byte

// Release is Spark 3.5.6, which the job is tested on and Glue 5.1 has too.
// Source: Amazon EMR Serverless User Guide, "EMR Serverless 7.11.0", read 2026-11.
const Release = "emr-7.11.0"

// Workers, the driver included: what one run uses at most, and therefore the application. The cap is on cost, so a lab's is lower.
const (
	labWorkers = 4
	maxWorkers = 16
)

// Size of a worker. A worker has its memory and a tenth for what is not the JVM's heap, rounded up to whole gigabytes.
// Source: Amazon EMR Serverless User Guide, "Worker configurations" (2 vCPU: 4 to 16 GB; 20 GB of disk by default), read 2026-11.
const (
	workerVCPU   = 2
	heapGB       = 4
	workerGB     = 5
	workerDiskGB = 20
)

const (
	idleMinutes  = 5   // until an application without a run stops
	startMinutes = 10  // for the application to start and the workers to be there
	queueMinutes = 120 // for earlier runs to end: runs follow one another, as those of the Glue job do
	retryMinutes = 20  // the longest that all retries of a call wait
)

// Props of the job.
type Props struct {
	Landing        awss3.IBucket // read under the prefix alone
	Prefix         string
	Curated        awss3.IBucket // Parquet, ledger and quarantine
	Key            awskms.IKey   // encrypts the logs, too
	TimeoutMinutes int           // EMR Serverless stops a run after so many minutes
	Lab            bool          // fewer workers, and the logs are removed with the stack
}

// Job is the application, and the step that runs a job on it.
type Job struct {
	machine.Step
	ApplicationID *string
}

// New makes the application and the role of its jobs.
func New(scope constructs.Construct, id string, props *Props) *Job {
	emr := constructs.NewConstruct(scope, &id)
	letServiceEncrypt(emr, props.Key)
	script := etljob.NewScript(emr, "Script")
	logs := loggroup.New(emr, "Logs", &loggroup.Props{Key: props.Key, Lab: props.Lab})
	role := jobRole(emr, script, logs, props)
	application := newApplication(emr, logs, props)
	folders := etljob.NewFolders(props.Landing, props.Prefix, props.Curated)
	minutes := props.TimeoutMinutes + startMinutes + queueMinutes
	return &Job{ApplicationID: application.AttrApplicationId(), Step: machine.Step{
		Definition: Definition,
		Substitutions: map[string]any{
			"SparkApplicationId": application.AttrApplicationId(),
			"SparkRoleArn":       role.RoleArn(),
			"SparkScript":        script.S3ObjectUrl(),
			"SparkLanding":       folders.Landing,
			"SparkCurated":       folders.Curated,
			"SparkQuarantine":    folders.Quarantine,
			"SparkParameters":    parameters(workers(props.Lab)),
			"SparkMinutes":       strconv.Itoa(props.TimeoutMinutes),
		},
		Timeouts:   map[string]int{"Run Spark job": minutes * 60},
		Statements: statements(emr, application, role, props.Key),
		Minutes:    minutes + retryMinutes,
	}}
}

func workers(lab bool) int {
	if lab {
		return labWorkers
	}
	return maxWorkers
}

// parameters sizes driver and executors so that one run fits into the application's capacity.
func parameters(workers int) string {
	return fmt.Sprintf("--conf spark.driver.cores=%[1]d --conf spark.driver.memory=%[2]dg --conf spark.executor.cores=%[1]d "+
		"--conf spark.executor.memory=%[2]dg --conf spark.executor.instances=1 --conf spark.dynamicAllocation.maxExecutors=%[3]d",
		workerVCPU, heapGB, workers-1)
}

// newApplication has no name, which need not be unique: the console shows the tags. Logs go to a log group of ours, which is
// encrypted with the key itself, and to EMR's own storage, which keeps what the Spark UI shows for 30 days at no cost.
// Source: Amazon EMR Serverless User Guide, "Storing logs", "Job concurrency and queuing for an EMR Serverless application".
func newApplication(scope constructs.Construct, logs awslogs.LogGroup, props *Props) awsemrserverless.CfnApplication {
	count := workers(props.Lab)
	application := awsemrserverless.NewCfnApplication(scope, jsii.String("Application"), &awsemrserverless.CfnApplicationProps{
		Type:                   jsii.String("SPARK"),
		ReleaseLabel:           jsii.String(Release),
		Architecture:           jsii.String("ARM64"),
		AutoStartConfiguration: &awsemrserverless.CfnApplication_AutoStartConfigurationProperty{Enabled: jsii.Bool(true)},
		AutoStopConfiguration: &awsemrserverless.CfnApplication_AutoStopConfigurationProperty{
			Enabled: jsii.Bool(true), IdleTimeoutMinutes: jsii.Number(idleMinutes),
		},
		MaximumCapacity: &awsemrserverless.CfnApplication_MaximumAllowedResourcesProperty{
			Cpu:    jsii.String(fmt.Sprintf("%d vCPU", count*workerVCPU)),
			Memory: jsii.String(fmt.Sprintf("%d GB", count*workerGB)),
			Disk:   jsii.String(fmt.Sprintf("%d GB", count*workerDiskGB)),
		},
		SchedulerConfiguration: &awsemrserverless.CfnApplication_SchedulerConfigurationProperty{
			MaxConcurrentRuns: jsii.Number(1), QueueTimeoutMinutes: jsii.Number(queueMinutes),
		},
		MonitoringConfiguration: &awsemrserverless.CfnApplication_MonitoringConfigurationProperty{
			CloudWatchLoggingConfiguration: &awsemrserverless.CfnApplication_CloudWatchLoggingConfigurationProperty{
				Enabled: jsii.Bool(true), LogGroupName: logs.LogGroupName(),
			},
			ManagedPersistenceMonitoringConfiguration: &awsemrserverless.CfnApplication_ManagedPersistenceMonitoringConfigurationProperty{
				Enabled: jsii.Bool(true), EncryptionKeyArn: props.Key.KeyArn(),
			},
		},
	})
	application.AddMetadata(jsii.String("pipewright"), map[string]any{"source": etljob.Source}) // the lab finds the program of its jobs by it
	return application
}

// letServiceEncrypt is for EMR's own storage. The key cannot name the application, which itself names the key.
// Source: Amazon EMR Serverless User Guide, "Encrypting logs".
func letServiceEncrypt(scope constructs.Construct, key awskms.IKey) {
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("EmrServerlessKeepsLogs"),
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("emr-serverless.amazonaws.com"), nil)},
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()},
			"ArnLike":      map[string]any{"aws:SourceArn": servicerole.Arn(scope, "emr-serverless", "/applications/*")},
		},
	}), nil)
}

// jobRole is what the script itself may do.
// Source: Amazon EMR Serverless User Guide, "Job runtime roles for Amazon EMR Serverless", "Logging for EMR Serverless with Amazon CloudWatch".
func jobRole(scope constructs.Construct, script awss3assets.Asset, logs awslogs.LogGroup, props *Props) awsiam.Role {
	return servicerole.New(scope, "JobRole", &servicerole.Props{
		Service:     "emr-serverless.amazonaws.com",
		Description: "Reads landed objects, writes curated ones",
		Statements: append(etljob.Statements(props.Landing, props.Prefix, props.Curated, script),
			servicerole.Allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, props.Key.KeyArn()),
			servicerole.Allow([]string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, logs.LogGroupArn()),
			servicerole.Allow([]string{"logs:DescribeLogGroups"}, jsii.String("*"))),
	})
}

// statements are those that Step Functions itself would write for this step. Whoever submits a job needs the key of its logs, too.
// Source: AWS Step Functions Developer Guide, "IAM policies for Amazon EMR Serverless" (StartJobRun, .sync, static resources), read 2026-11.
func statements(scope constructs.Construct, application awsemrserverless.CfnApplication, role awsiam.Role, key awskms.IKey) []awsiam.PolicyStatement {
	return []awsiam.PolicyStatement{
		servicerole.Allow([]string{"emr-serverless:StartJobRun"}, application.AttrArn()),
		servicerole.Allow([]string{"emr-serverless:GetJobRun", "emr-serverless:CancelJobRun"}, jsii.String(*application.AttrArn()+"/jobruns/*")),
		servicerole.AllowWhen(map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "emr-serverless.amazonaws.com"}},
			[]string{"iam:PassRole"}, role.RoleArn()),
		servicerole.Allow([]string{"events:PutTargets", "events:PutRule", "events:DescribeRule"},
			servicerole.Arn(scope, "events", "rule/StepFunctionsGetEventsForEMRServerlessJobRule")),
		servicerole.Allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, key.KeyArn()),
	}
}
