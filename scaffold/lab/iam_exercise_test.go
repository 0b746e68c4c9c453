package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What the lab does not play must not be told to be useless: somebody would take it away, and the pipeline would break on AWS.
func TestAPermissionThatTheLabNeverNeedsIsNotCalledUnused(t *testing.T) {
	key := `{"Type": "AWS::KMS::Key", "Properties": {}}`
	r := build(t, parts{
		"Key": key, "LogsKey": key,
		"Bucket": `{"Type": "AWS::S3::Bucket", "Properties": {"BucketEncryption": {"ServerSideEncryptionConfiguration": [
			{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}}}]}}}`,
	}, Options{})
	used, other := r.stack.Attribute("Key", "Arn"), r.stack.Attribute("LogsKey", "Arn")
	for _, test := range []struct {
		action, resource string
		want             bool
	}{
		{"s3:GetObject", "*", true}, {"S3:getobject", "*", true}, {"s3:Get*", "*", true}, {"s3:*", "*", true}, {"*", "*", true}, {"not s3:*", "*", true},
		{"s3:GetObjectVersionTagging", "*", false}, {"s3:GetBucketPolicy", "*", false},
		{"glue:StartJobRun", "*", true}, {"glue:BatchGetPartition", "*", true}, {"glue:GetJobRuns", "*", false},
		{"sqs:SendMessage", "*", true}, {"sqs:ReceiveMessage", "*", false}, {"states:StopExecution", "*", false}, {"states:SendTaskSuccess", "*", true},
		{"logs:PutLogEvents", "*", false}, {"xray:PutTraceSegments", "*", false}, {"cloudwatch:PutMetricData", "*", false}, {"ec2:CreateNetworkInterface", "*", false},
		{"kms:Decrypt", used, true}, {"kms:GenerateDataKey*", used, true}, {"kms:*", "arn:aws:kms:*:*:key/*", true}, {"kms:Decrypt", other, false}, {"kms:Encrypt", used, false},
	} {
		if got := r.exercises(Grant{Action: test.action, Resource: test.resource}); got != test.want {
			t.Errorf("%s on %s: got %t", test.action, test.resource, got)
		}
	}
}

// Each permission of the examples is in one list or was needed, and whatever was needed is one that the lab knows to ask for.
func TestThePermissionsOfTheExamplesAreTakenApart(t *testing.T) {
	for _, file := range goldenTemplates(t) {
		r := playGolden(t, file, 1, scripted{})
		o := r.Outcome()
		if got := len(o.Unused) + len(o.Unexercised); got != len(r.policies.Unused()) {
			t.Errorf("%s: %d of %d permissions are in a list", file, got, len(r.policies.Unused()))
		}
		for _, g := range o.Unused {
			if service, _, _ := strings.Cut(g.Action, ":"); slices.Contains([]string{"logs", "xray", "cloudwatch", "ec2", "airflow"}, service) {
				t.Errorf("%s: %s of %s is called unused", file, g.Action, g.Role)
			}
		}
		before := map[string]bool{}
		for _, g := range r.policies.Unused() {
			before[fmt.Sprint(g)] = true
		}
		for _, g := range playUnused(t, file) {
			if !before[fmt.Sprint(g)] && !r.exercises(g) && !strings.HasPrefix(g.Action, "logs:") {
				t.Errorf("%s: the run needed %s, which the lab says it never does", file, g.Action)
			}
		}
	}
}

// playUnused are the permissions of an example before anything has happened.
func playUnused(t *testing.T, file string) []Grant {
	t.Helper()
	return playShipped(t, strings.TrimPrefix(file, "../../stacks/"), Options{Programs: scripted{sql: &scriptedSQL{folder: t.TempDir()}}}).policies.Unused()
}
