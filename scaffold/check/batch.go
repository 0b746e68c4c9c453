package check

import (
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const jobDefinitionType = "AWS::Batch::JobDefinition"

var batchRules = []Rule{
	{ID: "BA-01", Sentence: "A Batch job has a timeout", Source: "AWS Batch User Guide, Job timeouts", Mend: "set Timeout", on: each(jobDefinitionType), got: has("Timeout")},
	{ID: "BA-02", Sentence: "A Batch job says how it is retried", Source: "AWS Batch User Guide, Automated job retries", Mend: "set RetryStrategy", on: each(jobDefinitionType), got: has("RetryStrategy")},
	{ID: "BA-03", Sentence: "A Batch job's image has a fixed version", Source: "AWS Batch User Guide, Best practices", Mend: "name a tag other than latest, or a digest", on: each(jobDefinitionType), got: func(v *view, id string) string {
		image := cfn.Text(v.get(id, "ContainerProperties", "Image"))
		return unless(strings.Contains(image, ":") && !strings.Contains(image, "latest"), "Image is "+image)
	}},
	{ID: "BA-04", Sentence: "A Batch job has no public address", Source: "AWS Batch API, NetworkConfiguration", Mend: "set AssignPublicIp to DISABLED", on: each(jobDefinitionType), got: func(v *view, id string) string {
		return unless(v.get(id, "ContainerProperties", "NetworkConfiguration", "AssignPublicIp") != "ENABLED", "AssignPublicIp is ENABLED")
	}},
	{ID: "BA-05", Sentence: "A Batch job says where its logs go", Source: "AWS Batch User Guide, Use the awslogs log driver", Mend: "set LogConfiguration", on: each(jobDefinitionType), got: has("ContainerProperties", "LogConfiguration")},
	{ID: "BA-06", Sentence: "A Batch job runs as a user of its own on a read-only root", Source: "Security Hub ECS.5", Mend: "set ReadonlyRootFilesystem and User", on: each(jobDefinitionType), got: func(v *view, id string) string {
		return unless(isTrue(v.get(id, "ContainerProperties", "ReadonlyRootFilesystem")) && given(v.get(id, "ContainerProperties", "User")), "a writable root or no User")
	}},
}
