// Package bucketendpoint is the gateway endpoint through which a VPC reaches S3 without the Internet. It is free.
//
// Its policy lets through what this account's principals do with the pipeline's own buckets; what each may do there, its own role says.
// Source: Amazon VPC User Guide, "Gateway endpoints for Amazon S3"; Amazon ECR User Guide, "Amazon ECR interface VPC endpoints" (the bucket
// of the image layers).
package bucketendpoint

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Props of the endpoint.
type Props struct {
	VpcID      *string
	RouteTable *string
	Buckets    []awss3.IBucket // all that can be reached
	Also       []string        // what may be done besides reading, writing and listing objects
	Images     bool            // lets the layers of container images through, which ECR keeps in a bucket of AWS's own
}

// New makes the endpoint.
func New(scope constructs.Construct, id string, props *Props) {
	statements := []awsiam.PolicyStatement{ownBuckets(props)}
	if props.Images {
		statements = append(statements, imageLayers())
	}
	awsec2.NewCfnVPCEndpoint(scope, &id, &awsec2.CfnVPCEndpointProps{
		VpcId: props.VpcID, VpcEndpointType: jsii.String("Gateway"), RouteTableIds: &[]any{props.RouteTable},
		ServiceName:    jsii.String("com.amazonaws." + *awscdk.Aws_REGION() + ".s3"),
		PolicyDocument: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
	})
}

func ownBuckets(props *Props) awsiam.PolicyStatement {
	var resources []*string
	for _, bucket := range props.Buckets {
		resources = append(resources, bucket.BucketArn(), bucket.ArnForObjects(jsii.String("*")))
	}
	actions := append([]string{
		"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListBucket", "s3:GetBucketLocation",
	}, props.Also...)
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("BucketsOfThisPipeline"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    jsii.Strings(actions...),
		Resources:  &resources,
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:PrincipalAccount": awscdk.Aws_ACCOUNT_ID()}},
	})
}

func imageLayers() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("LayersOfContainerImages"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    jsii.Strings("s3:GetObject"),
		Resources: &[]*string{jsii.String(
			"arn:" + *awscdk.Aws_PARTITION() + ":s3:::prod-" + *awscdk.Aws_REGION() + "-starport-layer-bucket/*")},
	})
}
