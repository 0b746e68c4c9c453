package check

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

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
	{
		ID: "BA-07", on: those("AWS::Batch::ComputeEnvironment", isManaged),
		Sentence: "A compute environment's capacity is limited",
		Source:   "AWS Batch API, ComputeResource (maxvCpus)",
		Mend:     "set ComputeResources.MaxvCpus",
		got:      has("ComputeResources", "MaxvCpus"),
	},
	{
		ID: "BA-08", on: those(jobDefinitionType, onFargate),
		Sentence: "A Batch job has a size that Fargate offers",
		Source:   "AWS Batch API, ResourceRequirement (Fargate)",
		Mend:     "set VCPU and MEMORY to one of Fargate's pairs, for example 1 and 2048",
		got:      fargateSize,
	},
}

// fargateMemory is, for each number of vCPU, the least and the most memory and the step between, in MiB.
// The smallest size takes 512, 1024 and 2048. Source: AWS Batch API, ResourceRequirement, read 2026-11.
var fargateMemory = map[string]struct{ least, most, step int }{
	"0.25": {512, 2048, 512}, "0.5": {1024, 4096, 1024}, "1": {2048, 8192, 1024}, "2": {4096, 16384, 1024},
	"4": {8192, 30720, 1024}, "8": {16384, 61440, 4096}, "16": {32768, 122880, 8192},
}

func isManaged(v *view, id string) bool {
	return strings.EqualFold(cfn.Text(v.get(id, "Type")), "MANAGED")
}

func onFargate(v *view, id string) bool {
	return slices.Contains(texts(v.get(id, "PlatformCapabilities")), "FARGATE")
}

// fargateSize judges the two requirements. What is filled in cannot be seen, and is taken for right.
func fargateSize(v *view, id string) string {
	size := map[string]any{}
	for _, requirement := range cfn.List(v.get(id, "ContainerProperties", "ResourceRequirements")) {
		size[cfn.Text(cfn.Field(requirement, "Type"))] = cfn.Field(requirement, "Value")
	}
	vcpu, memory := size["VCPU"], size["MEMORY"]
	if !given(vcpu) || !given(memory) {
		return is("VCPU", vcpu) + ", " + is("MEMORY", memory)
	}
	for _, value := range []any{vcpu, memory} {
		if _, filledIn := value.(map[string]any); filledIn {
			return ""
		}
	}
	offer, ok := fargateMemory[cfn.Text(vcpu)]
	mib, err := strconv.Atoi(cfn.Text(memory))
	ok = ok && err == nil && mib >= offer.least && mib <= offer.most && mib%offer.step == 0 && (offer.step != 512 || mib != 1536)
	return unless(ok, is("VCPU", vcpu)+", "+is("MEMORY", memory))
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
