// Package lakebucket makes the S3 buckets of a pipeline: private, encrypted, versioned, logged, TLS only.
//
// It does not replicate or lock objects: both cost money or block removal, and neither is a pipeline's business.
// Source: AWS Security Hub User Guide, "Amazon S3 controls" (S3.1, S3.5, S3.9, S3.10, S3.12, S3.13).
package lakebucket

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Days that data nobody can see is kept.
const (
	noncurrentDays = 30
	uploadDays     = 1
	logDays        = 90
)

// Props of a bucket.
type Props struct {
	Key         awskms.IKey   // encrypts the objects, with a bucket key to save requests
	Logs        awss3.IBucket // receives the server access logs
	EventBridge bool          // send an event for each object to the default event bus
	Lab         bool          // empty and delete the bucket with the stack; otherwise it is kept
}

// New makes a bucket for data.
func New(scope constructs.Construct, id string, props *Props) awss3.Bucket {
	bucketProps := base(props.Lab, noncurrentDays)
	bucketProps.Encryption = awss3.BucketEncryption_KMS
	bucketProps.EncryptionKey = props.Key
	bucketProps.BucketKeyEnabled = jsii.Bool(true)
	bucket := awss3.NewBucket(scope, &id, bucketProps)
	raw, ok := bucket.Node().DefaultChild().(awss3.CfnBucket)
	if !ok {
		panic("the CDK's bucket is not made of an AWS::S3::Bucket any more")
	}
	raw.SetLoggingConfiguration(&awss3.CfnBucket_LoggingConfigurationProperty{
		DestinationBucketName: props.Logs.BucketName(), LogFilePrefix: jsii.String(id + "/"),
	})
	if props.EventBridge {
		sendEvents(raw)
	}
	return bucket
}

// NewLogs makes the bucket for server access logs. It uses S3's own key, because log delivery cannot use a customer key
// by default, and it does not log to itself. Source: Amazon S3 User Guide, "Enabling Amazon S3 server access logging".
func NewLogs(scope constructs.Construct, id string, lab bool) awss3.Bucket {
	bucketProps := base(lab, logDays)
	bucketProps.Encryption = awss3.BucketEncryption_S3_MANAGED
	(*bucketProps.LifecycleRules)[0].Expiration = awscdk.Duration_Days(jsii.Number(logDays))
	bucket := awss3.NewBucket(scope, &id, bucketProps)
	// The L2 grants this too, but as an ACL, unless a feature flag is set in every project and test.
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("AccessLogsOfThisAccount"),
		Actions:    jsii.Strings("s3:PutObject"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logging.s3.amazonaws.com"), nil)},
		Resources:  &[]*string{bucket.ArnForObjects(jsii.String("*"))},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
	}))
	return bucket
}

func base(lab bool, oldVersionDays float64) *awss3.BucketProps {
	bucketProps := &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		MinimumTLSVersion: jsii.Number(1.2),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Versioned:         jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(uploadDays)),
			NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(oldVersionDays)),
		}},
	}
	if lab {
		bucketProps.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
		bucketProps.AutoDeleteObjects = jsii.Bool(true)
	}
	return bucketProps
}

// sendEvents sets the property on the L1: the L2's eventBridgeEnabled adds a Lambda function that does the same.
// Source: AWS CloudFormation User Guide, AWS::S3::Bucket EventBridgeConfiguration.
func sendEvents(raw awss3.CfnBucket) {
	raw.SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
		EventBridgeConfiguration: &awss3.CfnBucket_EventBridgeConfigurationProperty{EventBridgeEnabled: jsii.Bool(true)},
	})
}
