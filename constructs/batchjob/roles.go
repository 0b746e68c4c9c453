package batchjob

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/servicerole"
)

// tasks is the service that assumes both roles: Fargate before the program starts, and the program.
const tasks = "ecs-tasks.amazonaws.com"

// executionRole starts the container. The program does not have it.
// Source: AWS Batch User Guide, "AWS Batch IAM execution role".
func executionRole(scope constructs.Construct, image awsecrassets.DockerImageAsset, logs awslogs.LogGroup) awsiam.Role {
	return servicerole.New(scope, "ExecutionRole", &servicerole.Props{
		Service:     tasks,
		Description: "Pulls the image and writes the logs",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow(pull[:1], jsii.String("*")), // takes no resource
			servicerole.Allow(pull[1:], image.Repository().RepositoryArn()),
			servicerole.Allow(writeLogs, logs.LogGroupArn()),
		},
	})
}

// jobRole is what the program may do.
func jobRole(scope constructs.Construct, props *Props) awsiam.Role {
	profiles := props.Curated.ArnForObjects(jsii.String("profiles/*"))
	return servicerole.New(scope, "JobRole", &servicerole.Props{
		Service:     tasks,
		Description: "Reads landed objects, writes their profiles",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"s3:GetObject"}, props.Landing.ArnForObjects(jsii.String(props.Prefix+"*"))),
			// Without the permission to list, S3 answers 403 instead of 404 for a profile that is not there.
			servicerole.Allow([]string{"s3:ListBucket"}, props.Landing.BucketArn(), props.Curated.BucketArn()),
			// A write that is conditional on an ETag needs the permission to read, too.
			servicerole.Allow([]string{"s3:GetObject", "s3:PutObject"}, profiles),
			servicerole.Allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, props.Key.KeyArn()),
		},
	})
}

// statements are those of the machine's role. A job's id is not known beforehand, and to look at jobs takes no resource at all.
// Source: AWS Step Functions Developer Guide, "IAM policies for AWS Batch" (.sync); Service Authorization Reference, AWS Batch, read 2026-11.
func statements(scope constructs.Construct, queue awsbatch.CfnJobQueue, definition awsbatch.CfnJobDefinition) []awsiam.PolicyStatement {
	return []awsiam.PolicyStatement{
		servicerole.Allow([]string{"batch:SubmitJob"}, definition.Ref(), queue.AttrJobQueueArn()),
		servicerole.Allow([]string{"batch:TerminateJob"}, servicerole.Arn(scope, "batch", "job/*")),
		servicerole.Allow([]string{"batch:DescribeJobs"}, jsii.String("*")),
		servicerole.Allow([]string{"events:PutTargets", "events:PutRule", "events:DescribeRule"},
			servicerole.Arn(scope, "events", "rule/StepFunctionsGetEventsForBatchJobsRule")),
	}
}
