package check

import (
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const bucketType = "AWS::S3::Bucket"

var s3Rules = []Rule{
	{
		ID: "S3-01", on: each(bucketType),
		Sentence: "A bucket blocks public access in all four ways",
		Source:   "Security Hub S3.1, S3.8; Control Tower CT.S3.PR.1",
		Mend:     "set BlockPublicAccess to BLOCK_ALL",
		got: func(v *view, id string) string {
			for _, way := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
				if !isTrue(v.get(id, "PublicAccessBlockConfiguration", way)) {
					return way + " is not true"
				}
			}
			return ""
		},
	},
	{
		ID: "S3-02", on: each(bucketType),
		Sentence: "A bucket denies requests without TLS",
		Source:   "Security Hub S3.5",
		Mend:     "set EnforceSSL",
		got:      onlyTLS("AWS::S3::BucketPolicy", "Bucket"),
	},
	{
		ID: "S3-03", on: each(bucketType),
		Sentence: "A bucket's encryption is written out",
		Source:   "Amazon S3 User Guide, Setting default server-side encryption",
		Mend:     "set Encryption",
		got: func(v *view, id string) string {
			return unless(strings.Contains(cfn.Text(v.get(id, "BucketEncryption")), "SSEAlgorithm"), is("BucketEncryption", v.get(id, "BucketEncryption")))
		},
	},
	{
		ID: "S3-04", on: those(bucketType, isData), Switch: true,
		Sentence: "A bucket is encrypted with a customer key and a bucket key",
		Source:   "Security Hub S3.17",
		Mend:     "set Encryption to KMS and BucketKeyEnabled",
		got: func(v *view, id string) string {
			rules := cfn.List(v.get(id, "BucketEncryption", "ServerSideEncryptionConfiguration"))
			return unless(slices.ContainsFunc(rules, hasBucketKey), is("BucketEncryption", v.get(id, "BucketEncryption")))
		},
	},
	{
		ID: "S3-05", on: each(bucketType),
		Sentence: "A bucket keeps versions",
		Source:   "Security Hub S3.14",
		Mend:     "set Versioned",
		got:      equals("Enabled", "VersioningConfiguration", "Status"),
	},
	{
		ID: "S3-06", on: each(bucketType),
		Sentence: "A bucket drops old versions and broken uploads",
		Source:   "Security Hub S3.10, S3.13",
		Mend:     "add a lifecycle rule with NoncurrentVersionExpiration and AbortIncompleteMultipartUpload",
		got: func(v *view, id string) string {
			return unless(expires(v, id, "NoncurrentVersionExpiration", "NoncurrentVersionExpirationInDays") && expires(v, id, "AbortIncompleteMultipartUpload"),
				is("LifecycleConfiguration", v.get(id, "LifecycleConfiguration")))
		},
	},
	{
		ID: "S3-07", on: those(bucketType, isData),
		Sentence: "A bucket logs who reads and writes it",
		Source:   "Security Hub S3.9",
		Mend:     "set a bucket for server access logs",
		got:      has("LoggingConfiguration"),
	},
	{
		ID: "S3-08", on: each(bucketType),
		Sentence: "A bucket has no ACLs",
		Source:   "Security Hub S3.12",
		Mend:     "set ObjectOwnership to BucketOwnerEnforced and remove AccessControl",
		got: func(v *view, id string) string {
			if acl := v.get(id, "AccessControl"); given(acl) {
				return is("AccessControl", acl)
			}
			owner := v.get(id, "OwnershipControls")
			return unless(strings.Contains(cfn.Text(owner), "BucketOwnerEnforced"), is("OwnershipControls", owner))
		},
	},
	{
		ID: "S3-09", on: sendsEvents,
		Sentence: "Events to EventBridge are a bucket property, not a function's work",
		Source:   "AWS CloudFormation User Guide, AWS::S3::Bucket EventBridgeConfiguration",
		Mend:     "set NotificationConfiguration.EventBridgeConfiguration on the bucket",
		got: func(v *view, id string) string {
			return unless(v.Resources[id].Type == bucketType, "a custom resource of type "+v.Resources[id].Type)
		},
	},
	{
		ID: "S3-10", on: each(bucketType),
		Sentence: "What becomes of a bucket's data is written out",
		Source:   "AWS CloudFormation User Guide, DeletionPolicy attribute",
		Mend:     "set a removal policy",
		got: func(v *view, id string) string {
			resource := v.Resources[id]
			return unless(resource.DeletionPolicy != "" && resource.UpdateReplacePolicy != "", "no DeletionPolicy or no UpdateReplacePolicy")
		},
	},
}

// isData leaves out the buckets that receive access logs: those cannot log to themselves, nor use a customer key.
func isData(v *view, id string) bool {
	return !slices.ContainsFunc(v.ByType(bucketType), func(other string) bool {
		return other != id && cfn.Refers(v.get(other, "LoggingConfiguration", "DestinationBucketName"), id)
	})
}

func hasBucketKey(rule any) bool {
	algorithm := cfn.Text(cfn.Field(rule, "ServerSideEncryptionByDefault", "SSEAlgorithm"))
	return strings.HasPrefix(algorithm, "aws:kms") && isTrue(cfn.Field(rule, "BucketKeyEnabled"))
}

// expires says whether an enabled lifecycle rule of the bucket has one of the actions.
func expires(v *view, id string, actions ...string) bool {
	return slices.ContainsFunc(cfn.List(v.get(id, "LifecycleConfiguration", "Rules")), func(rule any) bool {
		return cfn.Field(rule, "Status") == "Enabled" && slices.ContainsFunc(actions, func(action string) bool { return given(cfn.Field(rule, action)) })
	})
}

// sendsEvents lists the buckets that send events to EventBridge, and the custom resources that the CDK makes for notifications.
func sendsEvents(v *view) []string {
	return append(v.ByType("Custom::S3BucketNotifications"), those(bucketType, func(v *view, id string) bool {
		return strings.Contains(cfn.Text(v.get(id, "NotificationConfiguration")), "EventBridge")
	})(v)...)
}
