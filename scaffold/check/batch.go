package check

import (
	"regexp"
	"slices"

	"example.com/pipewright/scaffold/cfn"
)

const jobDefinitionType = "AWS::Batch::JobDefinition"

var (
	imageVersion = regexp.MustCompile(`(:[^:/]+|@sha256:.+)$`)
	imageLatest  = regexp.MustCompile(`:latest$`)
)

var batchRules = []Rule{
	{
		ID: "BA-01", on: each(jobDefinitionType),
		Sentence: "A Batch job has a timeout",
		Source:   "AWS Batch User Guide, Job timeouts",
		Mend:     "set Timeout",
		got:      has("Timeout"),
	},
	{
		ID: "BA-02", on: each(jobDefinitionType),
		Sentence: "A Batch job says how it is retried",
		Source:   "AWS Batch User Guide, Automated job retries",
		Mend:     "set RetryStrategy",
		got:      has("RetryStrategy"),
	},
	{
		ID: "BA-03", on: each(jobDefinitionType),
		Sentence: "A Batch job's image has a fixed version",
		Source:   "AWS Batch User Guide, Best practices",
		Mend:     "name a tag other than latest, or a digest",
		got: func(v *view, id string) string {
			image := v.get(id, "ContainerProperties", "Image")
			return unless(hasVersion(image), is("Image", image))
		},
	},
	{
		ID: "BA-04", on: each(jobDefinitionType),
		Sentence: "A Batch job has no public address",
		Source:   "AWS Batch API, NetworkConfiguration",
		Mend:     "set AssignPublicIp to DISABLED",
		got:      isNot([]string{"ENABLED"}, "ContainerProperties", "NetworkConfiguration", "AssignPublicIp"),
	},
	{
		ID: "BA-05", on: each(jobDefinitionType),
		Sentence: "A Batch job says where its logs go",
		Source:   "AWS Batch User Guide, Use the awslogs log driver",
		Mend:     "set LogConfiguration",
		got:      has("ContainerProperties", "LogConfiguration"),
	},
	{
		ID: "BA-06", on: each(jobDefinitionType),
		Sentence: "A Batch job runs as a user of its own on a read-only root",
		Source:   "Security Hub ECS.5",
		Mend:     "set ReadonlyRootFilesystem, and User to another one than root",
		got: func(v *view, id string) string {
			if !isTrue(v.get(id, "ContainerProperties", "ReadonlyRootFilesystem")) {
				return "ReadonlyRootFilesystem is not true"
			}
			user := v.get(id, "ContainerProperties", "User")
			return unless(given(user) && !slices.Contains([]string{"root", "0"}, cfn.Text(user)), is("User", user))
		},
	},
}

// hasVersion says whether an image's tag or digest is fixed. What is filled in at the end of the name cannot be seen, and is taken for fixed.
func hasVersion(image any) bool {
	name := image
	if sub := cfn.List(cfn.Field(image, "Fn::Sub")); len(sub) > 0 {
		name = sub[0]
	}
	if parts := cfn.List(cfn.Field(image, "Fn::Join")); len(parts) == 2 {
		if list := cfn.List(parts[1]); len(list) > 0 {
			name = list[len(list)-1]
		}
	}
	text, literal := name.(string)
	return given(name) && (!literal || imageVersion.MatchString(text) && !imageLatest.MatchString(text))
}
