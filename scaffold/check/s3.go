package check

import (
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const bucket = "AWS::S3::Bucket"

var s3Rules = []Rule{
	{
		ID: "S3-01", Sentence: "A bucket blocks public access in all four ways", Source: "Security Hub S3.1, S3.8; Control Tower CT.S3.PR.1",
		Mend: "set BlockPublicAccess to BLOCK_ALL", on: each(bucket),
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
		ID: "S3-02", Sentence: "A bucket denies requests without TLS", Source: "Security Hub S3.5", Mend: "set EnforceSSL", on: each(bucket),
		got: func(v *view, id string) string {
			return unless(v.onlyTLS(id, "AWS::S3::BucketPolicy", "Bucket"), "no policy denies aws:SecureTransport false")
		},
	},
	{ID: "S3-03", Sentence: "A bucket's encryption is written out", Source: "Amazon S3 User Guide, Setting default server-side encryption", Mend: "set Encryption", on: each(bucket), got: contains("SSEAlgorithm", "BucketEncryption")},
	{
		ID: "S3-04", Sentence: "A bucket is encrypted with a customer key and a bucket key", Source: "Security Hub S3.17", Switch: true,
		Mend: "set Encryption to KMS and BucketKeyEnabled", on: those(bucket, isData),
		got: func(v *view, id string) string {
			rules := cfn.Text(v.get(id, "BucketEncryption"))
			return unless(strings.Contains(rules, "aws:kms") && strings.Contains(rules, `"BucketKeyEnabled":true`), "BucketEncryption is "+rules)
		},
	},
	{ID: "S3-05", Sentence: "A bucket keeps versions", Source: "Security Hub S3.14", Mend: "set Versioned", on: each(bucket), got: equals("Enabled", "VersioningConfiguration", "Status")},
	{
		ID: "S3-06", Sentence: "A bucket drops old versions and broken uploads", Source: "Security Hub S3.10, S3.13", Mend: "add a lifecycle rule with NoncurrentVersionExpiration and AbortIncompleteMultipartUpload", on: each(bucket),
		got: func(v *view, id string) string {
			rules := cfn.Text(v.get(id, "LifecycleConfiguration"))
			return unless(strings.Contains(rules, "Noncurrent") && strings.Contains(rules, "AbortIncompleteMultipartUpload"), "LifecycleConfiguration is "+rules)
		},
	},
	{ID: "S3-07", Sentence: "A bucket logs who reads and writes it", Source: "Security Hub S3.9", Mend: "set a bucket for server access logs", on: those(bucket, isData), got: has("LoggingConfiguration")},
	{
		ID: "S3-08", Sentence: "A bucket has no ACLs", Source: "Security Hub S3.12", Mend: "set ObjectOwnership to BucketOwnerEnforced", on: each(bucket),
		got: func(v *view, id string) string {
			owner := cfn.Text(v.get(id, "OwnershipControls"))
			return unless(strings.Contains(owner, "BucketOwnerEnforced") && v.get(id, "AccessControl") == nil, "OwnershipControls is "+owner)
		},
	},
	{
		ID: "S3-09", Sentence: "Events to EventBridge are a bucket property, not a function's work", Source: "AWS CloudFormation User Guide, AWS::S3::Bucket EventBridgeConfiguration",
		Mend: "set NotificationConfiguration.EventBridgeConfiguration on the bucket",
		on: func(v *view) []string {
			return append(v.ByType("Custom::S3BucketNotifications"), those(bucket, sendsEvents)(v)...)
		},
		got: func(v *view, id string) string { return unless(v.Resources[id].Type == bucket, "a custom resource") },
	},
	{
		ID: "S3-10", Sentence: "What becomes of a bucket's data is written out", Source: "AWS CloudFormation User Guide, DeletionPolicy attribute", Mend: "set a removal policy", on: each(bucket),
		got: func(v *view, id string) string {
			return unless(v.Resources[id].DeletionPolicy != "" && v.Resources[id].UpdateReplacePolicy != "", "no DeletionPolicy or no UpdateReplacePolicy")
		},
	},
}

// isData leaves out the buckets that receive access logs: those cannot log to themselves, nor use a customer key.
func isData(v *view, id string) bool {
	for _, other := range v.ByType(bucket) {
		if other != id && cfn.Refers(v.get(other, "LoggingConfiguration", "DestinationBucketName"), id) {
			return false
		}
	}
	return true
}

func sendsEvents(v *view, id string) bool {
	return strings.Contains(cfn.Text(v.get(id, "NotificationConfiguration")), "EventBridge")
}

// contains is the got of a rule that wants a text somewhere in a property.
func contains(text string, path ...string) func(*view, string) string {
	return func(v *view, id string) string {
		return unless(strings.Contains(cfn.Text(v.get(id, path...)), text), "no "+text+" in "+strings.Join(path, "."))
	}
}
