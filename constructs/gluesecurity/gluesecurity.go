// Package gluesecurity makes the security configuration that Glue jobs and crawlers share: data, logs and bookmarks
// are encrypted with the project's key.
//
// It does not touch the account-wide encryption of the Data Catalog, which other projects in the account share.
// Source: AWS Glue Developer Guide, "Working with security configurations on the AWS Glue console".
package gluesecurity

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/servicerole"
)

// New makes the configuration. Its name is unique in the account, because Glue demands one.
func New(scope constructs.Construct, id string, key awskms.IKey) awsglue.CfnSecurityConfiguration {
	return awsglue.NewCfnSecurityConfiguration(scope, &id, &awsglue.CfnSecurityConfigurationProps{
		Name: awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{Separator: jsii.String("-")}),
		EncryptionConfiguration: &awsglue.CfnSecurityConfiguration_EncryptionConfigurationProperty{
			S3Encryptions: &[]any{&awsglue.CfnSecurityConfiguration_S3EncryptionProperty{
				S3EncryptionMode: jsii.String("SSE-KMS"), KmsKeyArn: key.KeyArn(),
			}},
			CloudWatchEncryption: &awsglue.CfnSecurityConfiguration_CloudWatchEncryptionProperty{
				CloudWatchEncryptionMode: jsii.String("SSE-KMS"), KmsKeyArn: key.KeyArn(),
			},
			JobBookmarksEncryption: &awsglue.CfnSecurityConfiguration_JobBookmarksEncryptionProperty{
				JobBookmarksEncryptionMode: jsii.String("CSE-KMS"), KmsKeyArn: key.KeyArn(),
			},
		},
	})
}

// Statements are what the role of any job or crawler with this configuration needs: the key, and encrypted logs.
// Source: AWS Glue Developer Guide, "Setting up encryption in AWS Glue" (logs:AssociateKmsKey).
func Statements(scope constructs.Construct, key awskms.IKey) []awsiam.PolicyStatement {
	return []awsiam.PolicyStatement{
		servicerole.Allow([]string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}, key.KeyArn()),
		servicerole.Allow(
			[]string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"},
			servicerole.Arn(scope, "logs", "log-group:/aws-glue/*"),
		),
	}
}
