package mwaa

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/servicerole"
)

// newRole makes the execution role of scheduler and workers, statement by statement as AWS documents it for a customer managed key, and what
// the DAGs may do besides.
// Source: Amazon MWAA User Guide, "Amazon MWAA execution role" (sample policy for a customer managed key), "Cross-service confused deputy
// prevention", read 2026-11.
func newRole(scope constructs.Construct, props *Props) awsiam.Role {
	statements := []awsiam.PolicyStatement{
		servicerole.Allow([]string{"airflow:PublishMetrics"}, servicerole.Arn(scope, "airflow", "environment/"+props.Name)),
		denyListingBuckets(),
		servicerole.Allow([]string{"s3:GetObject*", "s3:GetBucket*", "s3:List*"}, props.Bucket.BucketArn(), props.Bucket.ArnForObjects(jsii.String("*"))),
		servicerole.Allow([]string{"s3:GetAccountPublicAccessBlock", "logs:DescribeLogGroups", "cloudwatch:PutMetricData"}, jsii.String("*")),
		servicerole.Allow([]string{
			"logs:CreateLogStream", "logs:CreateLogGroup", "logs:PutLogEvents", "logs:GetLogEvents", "logs:GetLogRecord",
			"logs:GetLogGroupFields", "logs:GetQueryResults",
		}, servicerole.Arn(scope, "logs", "log-group:airflow-"+props.Name+"-*")),
		servicerole.Allow([]string{
			"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage",
		}, queues()),
		useKey(props),
		servicerole.Allow([]string{"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"},
			servicerole.Arn(scope, "secretsmanager", "secret:"+props.connections()+"/*"),
			servicerole.Arn(scope, "secretsmanager", "secret:"+props.variables()+"/*")),
	}
	return servicerole.New(scope, "Role", &servicerole.Props{
		Service:     "airflow.amazonaws.com",
		Also:        []string{"airflow-env.amazonaws.com"},
		Description: "Runs Airflow's scheduler and workers, and what its DAGs do",
		Statements:  append(statements, props.Statements...),
	})
}

// denyListingBuckets names every resource, where AWS's sample names the bucket: the action has no other, so that the sample denies nothing.
// Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3", read 2026-11.
func denyListingBuckets() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Effect: awsiam.Effect_DENY, Actions: jsii.Strings("s3:ListAllMyBuckets"), Resources: jsii.Strings("*"),
	})
}

// queues are Celery's. They are in an account of MWAA's own, so the account cannot be named.
func queues() *string {
	return jsii.String("arn:" + *awscdk.Aws_PARTITION() + ":sqs:" + *awscdk.Aws_REGION() + ":*:airflow-celery-*")
}

// useKey permits the key only on behalf of the services that the role calls.
func useKey(props *Props) awsiam.PolicyStatement {
	var via []string
	for _, service := range []string{"s3", "secretsmanager", "sns", "sqs"} {
		via = append(via, service+"."+*awscdk.Aws_REGION()+".amazonaws.com")
	}
	return servicerole.AllowWhen(map[string]any{"StringLike": map[string]any{"kms:ViaService": via}},
		[]string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*", "kms:Encrypt"}, props.Key.KeyArn())
}
