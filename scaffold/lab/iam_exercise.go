package lab

import (
	"slices"
	"strings"
)

// exercised are the actions that some part of the lab asks for besides those that are called by their name: what S3's endpoint, crawlers,
// containers, Spark runs and services themselves need. Of all others nothing can be said, for a run needs none of them here.
var exercised = []string{
	"batch:DescribeJobs", "batch:SubmitJob", "batch:TerminateJob", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken",
	"ecr:GetDownloadUrlForLayer", "events:DescribeRule", "events:PutRule", "events:PutTargets",
	"glue:BatchCreatePartition", "glue:BatchDeletePartition", "glue:BatchGetPartition", "glue:CreateTable", "glue:DeleteTable", "glue:GetDatabase",
	"glue:UpdatePartition", "glue:UpdateTable", "iam:PassRole", "lambda:InvokeFunction", "redshift-serverless:GetCredentials",
	"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetObject",
	"s3:GetObjectTagging", "s3:GetObjectVersion", "s3:ListAllMyBuckets", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions",
	"s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging", "secretsmanager:GetSecretValue", "states:DescribeExecution",
	"states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess",
}

// exercises says whether a run in the lab could have needed a permission: it asks for the action, and a key is that of something it keeps.
func (l *Lab) exercises(g Grant) bool {
	action := strings.ToLower(g.Action)
	if strings.HasPrefix(action, "not ") {
		return true
	}
	like := wildcards(action)
	for _, kms := range []string{decrypts, encrypts} {
		if like(strings.ToLower(kms)) && slices.ContainsFunc(l.keys(), wildcards(g.Resource)) {
			return true
		}
	}
	for name := range l.actions {
		if like(name) {
			return true
		}
	}
	return slices.ContainsFunc(exercised, func(name string) bool { return like(strings.ToLower(name)) })
}

// keys are the ARNs of the KMS keys that encrypt buckets, queues and topics.
func (l *Lab) keys() []string {
	var all []string
	for _, b := range l.store.buckets {
		all = append(all, b.key)
	}
	for _, q := range l.queues {
		all = append(all, q.key)
	}
	for _, t := range l.topics {
		all = append(all, t.key)
	}
	all = slices.DeleteFunc(all, func(key string) bool { return key == "" })
	for i, key := range all {
		all[i] = l.keyARN(key)
	}
	return all
}

// wildcards says what a pattern of a policy matches, taken without variables, of which none can be faulty then.
func wildcards(written string) func(text string) bool {
	compiled, _ := compilePolicyText(written, anyWildcards, false)
	pattern := compiled.pieces[0].pattern
	return func(text string) bool { return wildcardMatch(pattern, text) }
}

// grants splits the permissions that nothing has needed: those that a run here could have needed, and those of which it says nothing.
func (l *Lab) grants() (unused, unexercised []Grant) {
	for _, g := range l.policies.Unused() {
		if l.exercises(g) {
			unused = append(unused, g)
		} else {
			unexercised = append(unexercised, g)
		}
	}
	return unused, unexercised
}
