// Package batchjob runs a container on AWS Batch, on Fargate, as one step of a state machine: batchjob.asl.json.
//
// The container's program is the Go package profiler beside it, built at synth time by the Go tool, and put into an image that holds
// nothing else. `cdk synth` needs no Docker; `cdk deploy` does, or Finch with CDK_DOCKER=finch, to send the image to the CDK's own
// repository. The image starts from scratch, so nothing is pulled from anybody's registry, and its tag is the hash of its content.
//
// Nothing runs between jobs. What costs by the hour is the way to the image and the logs: three interface endpoints of the network,
// see privatenetwork.
// Source: AWS Batch User Guide, "AWS Batch on AWS Fargate", "Best practices for AWS Batch"; AWS Step Functions Developer Guide,
// "Run AWS Batch workloads with Step Functions".
package batchjob

import (
	_ "embed"
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/fargatesize"
	"example.com/pipewright/constructs/gofunction"
	"example.com/pipewright/constructs/loggroup"
	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/privatenetwork"
	"example.com/pipewright/constructs/project"
)

// Definition is the step in Amazon States Language, before substitution.
//
//go:embed batchjob.asl.json
var Definition []byte

// Interfaces are what the network must reach besides S3 for an image to be pulled and logs to be written.
// Source: Amazon ECR User Guide, "Amazon ECR interface VPC endpoints (AWS PrivateLink)", read 2026-11.
var Interfaces = []privatenetwork.Interface{
	{Service: "ecr.api", Actions: pull},
	{Service: "ecr.dkr", Actions: pull},
	{Service: "logs", Actions: writeLogs},
}

var (
	pull      = []string{"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"}
	writeLogs = []string{"logs:CreateLogStream", "logs:PutLogEvents"}
)

const (
	attempts = 3 // of a job whose reason to fail may pass
	// How many jobs may run at once. The cap is on cost, so a lab's is lower.
	labJobs = 2
	maxJobs = 8
	// waitMinutes is for other jobs to end, and for the container to start before each attempt.
	waitMinutes = 60
	// retryMinutes is the longest that all retries of a call wait.
	retryMinutes = 10
	// exitTryAgain is the program's exit code when S3 could not be asked.
	exitTryAgain = 75
	// nobody owns nothing in the image, which has no names of users.
	nobody = "65532:65532"
)

// Props of the job.
type Props struct {
	Landing        awss3.IBucket // read under the prefix alone
	Prefix         string
	Curated        awss3.IBucket           // written under profiles/ alone
	Network        *privatenetwork.Network // with Interfaces
	Key            awskms.IKey
	VCPU           string // default fargatesize.DefaultVCPU
	MemoryMiB      int    // default fargatesize.DefaultMemoryMiB
	TimeoutMinutes int    // an attempt is stopped after so many minutes
	Lab            bool   // fewer jobs at once, and the logs are removed with the stack
}

// Job is the queue, and the step that submits a job to it.
type Job struct {
	machine.Step
	QueueArn *string
}

// New makes the compute environment, the queue and the job definition. A size that Fargate does not offer is an error of the stack.
func New(scope constructs.Construct, id string, props *Props) *Job {
	batch := constructs.NewConstruct(scope, &id)
	vcpu, memory := size(props)
	if err := fargatesize.Check(vcpu, memory); err != nil {
		project.Refuse(awscdk.Stack_Of(batch), fmt.Errorf("context %w", err))
	}
	queue := newQueue(batch, fargatesize.Ceil(vcpu), props)
	definition := newDefinition(batch, vcpu, memory, props)
	minutes := attempts*props.TimeoutMinutes + waitMinutes
	return &Job{QueueArn: queue.AttrJobQueueArn(), Step: machine.Step{
		Definition:    Definition,
		Substitutions: map[string]any{"BatchQueueArn": queue.AttrJobQueueArn(), "BatchJobDefinitionArn": definition.Ref()},
		Timeouts:      map[string]int{"Run container job": minutes * 60},
		Statements:    statements(batch, queue, definition),
		Minutes:       minutes + retryMinutes,
	}}
}

func size(props *Props) (vcpu string, memory int) {
	vcpu, memory = props.VCPU, props.MemoryMiB
	if vcpu == "" {
		vcpu = fargatesize.DefaultVCPU
	}
	if memory == 0 {
		memory = fargatesize.DefaultMemoryMiB
	}
	return vcpu, memory
}

// newQueue makes the queue and the compute environment behind it. Batch manages both with its own service-linked role.
func newQueue(scope constructs.Construct, vcpus int, props *Props) awsbatch.CfnJobQueue {
	jobs := maxJobs
	if props.Lab {
		jobs = labJobs
	}
	environment := awsbatch.NewCfnComputeEnvironment(scope, jsii.String("Environment"), &awsbatch.CfnComputeEnvironmentProps{
		Type: jsii.String("MANAGED"), State: jsii.String("ENABLED"),
		ComputeResources: &awsbatch.CfnComputeEnvironment_ComputeResourcesProperty{
			Type: jsii.String("FARGATE"), MaxvCpus: jsii.Number(jobs * vcpus),
			Subnets: &props.Network.SubnetIDs, SecurityGroupIds: &[]*string{securityGroup(scope, props.Network)},
		},
	})
	return awsbatch.NewCfnJobQueue(scope, jsii.String("Queue"), &awsbatch.CfnJobQueueProps{
		Priority: jsii.Number(1), State: jsii.String("ENABLED"),
		ComputeEnvironmentOrder: []*awsbatch.CfnJobQueue_ComputeEnvironmentOrderProperty{{
			ComputeEnvironment: environment.AttrComputeEnvironmentArn(), Order: jsii.Number(1),
		}},
	})
}

// securityGroup lets nobody in. Out it lets HTTPS to any address, because CloudFormation cannot name the prefix list of S3; the
// network has no route but to S3 and to its interface endpoints.
func securityGroup(scope constructs.Construct, network *privatenetwork.Network) *string {
	group := awsec2.NewCfnSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.CfnSecurityGroupProps{
		VpcId:            network.VpcID,
		GroupDescription: jsii.String("Batch jobs: nobody comes in, HTTPS goes out to AWS services"),
		SecurityGroupEgress: []*awsec2.CfnSecurityGroup_EgressProperty{{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(443), ToPort: jsii.Number(443), CidrIp: jsii.String("0.0.0.0/0"),
			Description: jsii.String("S3 and the interface endpoints, the only ways there are"),
		}},
	})
	return group.AttrGroupId()
}

func newDefinition(scope constructs.Construct, vcpu string, memory int, props *Props) awsbatch.CfnJobDefinition {
	image := newImage(scope)
	logs := loggroup.New(scope, "Logs", &loggroup.Props{Key: props.Key, Lab: props.Lab})
	definition := awsbatch.NewCfnJobDefinition(scope, jsii.String("JobDefinition"), &awsbatch.CfnJobDefinitionProps{
		Type: jsii.String("container"), PlatformCapabilities: jsii.Strings("FARGATE"), PropagateTags: jsii.Bool(true),
		Timeout:       &awsbatch.CfnJobDefinition_TimeoutProperty{AttemptDurationSeconds: jsii.Number(props.TimeoutMinutes * 60)},
		RetryStrategy: retryStrategy(),
		ContainerProperties: &awsbatch.CfnJobDefinition_ContainerPropertiesProperty{
			Image:            image.ImageUri(),
			ExecutionRoleArn: executionRole(scope, image, logs).RoleArn(),
			JobRoleArn:       jobRole(scope, props).RoleArn(),
			ResourceRequirements: []*awsbatch.CfnJobDefinition_ResourceRequirementProperty{
				{Type: jsii.String("VCPU"), Value: &vcpu}, {Type: jsii.String("MEMORY"), Value: jsii.String(strconv.Itoa(memory))},
			},
			RuntimePlatform: &awsbatch.CfnJobDefinition_RuntimePlatformProperty{
				CpuArchitecture: jsii.String("ARM64"), OperatingSystemFamily: jsii.String("LINUX"),
			},
			FargatePlatformConfiguration: &awsbatch.CfnJobDefinition_FargatePlatformConfigurationProperty{PlatformVersion: jsii.String("1.4.0")},
			NetworkConfiguration:         &awsbatch.CfnJobDefinition_NetworkConfigurationProperty{AssignPublicIp: jsii.String("DISABLED")},
			User:                         jsii.String(nobody),
			ReadonlyRootFilesystem:       jsii.Bool(true),
			Environment: []*awsbatch.CfnJobDefinition_EnvironmentProperty{
				{Name: jsii.String("LANDING"), Value: props.Landing.BucketName()},
				{Name: jsii.String("PREFIX"), Value: &props.Prefix},
				{Name: jsii.String("CURATED"), Value: props.Curated.BucketName()},
			},
			LogConfiguration: logConfiguration(logs),
		},
	})
	definition.AddMetadata(jsii.String("pipewright"), map[string]any{"source": gofunction.Source(program())}) // the lab finds the program by it
	return definition
}

func logConfiguration(logs awslogs.LogGroup) *awsbatch.CfnJobDefinition_LogConfigurationProperty {
	return &awsbatch.CfnJobDefinition_LogConfigurationProperty{LogDriver: jsii.String("awslogs"), Options: &map[string]*string{
		"awslogs-group": logs.LogGroupName(), "awslogs-region": awscdk.Aws_REGION(), "awslogs-stream-prefix": jsii.String("profiler"),
	}}
}

// retryStrategy tries again what may pass, and nothing else: without the last entries, Batch would retry whatever matches none.
// A job that was stopped because its time was up is never retried.
// Source: AWS Batch User Guide, "Automated job retries"; AWS Batch API, EvaluateOnExit, read 2026-11.
func retryStrategy() *awsbatch.CfnJobDefinition_RetryStrategyProperty {
	again, enough := jsii.String("RETRY"), jsii.String("EXIT")
	return &awsbatch.CfnJobDefinition_RetryStrategyProperty{
		Attempts: jsii.Number(attempts),
		EvaluateOnExit: []*awsbatch.CfnJobDefinition_EvaluateOnExitProperty{
			{Action: again, OnExitCode: jsii.String(strconv.Itoa(exitTryAgain))},
			{Action: again, OnReason: jsii.String("CannotPullContainerError:*")},
			{Action: again, OnStatusReason: jsii.String("ResourceInitializationError:*")},
			{Action: enough, OnExitCode: jsii.String("*")},
			{Action: enough, OnReason: jsii.String("*")},
		},
	}
}
