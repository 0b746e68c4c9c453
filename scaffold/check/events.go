package check

import (
	"regexp"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const rule = "AWS::Events::Rule"

var needsRole = regexp.MustCompile(`:glue:|:states:|:batch:`)

var eventRules = []Rule{
	{ID: "EV-01", Sentence: "A target keeps what cannot be delivered in a dead-letter queue", Source: "Amazon EventBridge User Guide, Using dead-letter queues", Mend: "give each target a DeadLetterConfig", on: each(rule), got: everyTarget(func(_ *view, target any) string {
		return unless(given(cfn.Field(target, "DeadLetterConfig")), "a target without DeadLetterConfig")
	})},
	{ID: "EV-02", Sentence: "A target says how long delivery is tried", Source: "Amazon EventBridge User Guide, How EventBridge retries delivering events", Mend: "give each target a RetryPolicy", on: each(rule), got: everyTarget(func(_ *view, target any) string {
		policy := cfn.Field(target, "RetryPolicy")
		return unless(cfn.Field(policy, "MaximumRetryAttempts") != nil && cfn.Field(policy, "MaximumEventAgeInSeconds") != nil, "a target without RetryPolicy")
	})},
	{
		ID: "EV-03", Sentence: "A rule on S3 events names the bucket and the keys", Source: "Amazon EventBridge User Guide, Creating event patterns", Mend: "add detail.bucket.name and detail.object.key to the pattern", on: those(rule, onS3),
		got: func(v *view, id string) string {
			detail := v.get(id, "EventPattern", "detail")
			return unless(given(cfn.Field(cfn.Field(detail, "bucket"), "name")) && given(cfn.Field(cfn.Field(detail, "object"), "key")), "the pattern is "+cfn.Text(v.get(id, "EventPattern")))
		},
	},
	{ID: "EV-04", Sentence: "A target that starts Glue, Step Functions or Batch has a role", Source: "Amazon EventBridge User Guide, IAM roles for sending events to targets", Mend: "give the target a RoleArn", on: those(rule, startsService), got: everyTarget(func(v *view, target any) string {
		return unless(!v.startsService(target) || given(cfn.Field(target, "RoleArn")), "a target without RoleArn")
	})},
	{
		ID: "EV-05", Sentence: "Only its rule may write to a dead-letter queue", Source: "Amazon EventBridge User Guide, Granting permissions to the dead-letter queue", Mend: "limit events.amazonaws.com by ArnEquals aws:SourceArn in the queue's policy", on: those(rule, hasOwnQueue),
		got: func(v *view, id string) string {
			for _, policy := range v.ByType("AWS::SQS::QueuePolicy") {
				for _, statement := range statements(v.get(policy, "PolicyDocument")) {
					if strings.Contains(cfn.Text(statement["Principal"]), "events.amazonaws.com") && cfn.Refers(statement["Condition"], id) && strings.Contains(cfn.Text(statement["Condition"]), "aws:SourceArn") {
						return ""
					}
				}
			}
			return "no statement of a queue policy names the rule"
		},
	},
	{
		ID: "EV-06", Sentence: "An alarm tells when a rule cannot deliver", Source: "Amazon EventBridge User Guide, Monitoring Amazon EventBridge", Mend: "add an alarm on FailedInvocations with the rule's name", on: each(rule),
		got: func(v *view, id string) string { return unless(v.hasAlarm(id, "nvocation"), "no alarm") },
	},
	{
		ID: "EV-07", Sentence: "A rule does not match what its pipeline writes", Source: "Amazon S3 User Guide, Using EventBridge (recursive invocation)", Mend: "write to another bucket", on: those(rule, onS3),
		got: func(v *view, id string) string {
			names := v.get(id, "EventPattern", "detail", "bucket", "name")
			for _, job := range v.ByType("AWS::Glue::Job") {
				for argument, value := range v.Resources[job].Properties {
					if argument != "DefaultArguments" {
						continue
					}
					output := cfn.Field(value, "--curated")
					for _, landing := range v.ByType(bucket) {
						if output != nil && cfn.Refers(names, landing) && cfn.Refers(output, landing) {
							return "the job writes to " + landing + ", which starts it again"
						}
					}
				}
			}
			return ""
		},
	},
}

func everyTarget(got func(*view, any) string) func(*view, string) string {
	return func(v *view, id string) string {
		for _, target := range cfn.List(v.get(id, "Targets")) {
			if problem := got(v, target); problem != "" {
				return problem
			}
		}
		return ""
	}
}

func onS3(v *view, id string) bool {
	return strings.Contains(cfn.Text(v.get(id, "EventPattern")), "aws.s3")
}

func startsService(v *view, id string) bool {
	for _, target := range cfn.List(v.get(id, "Targets")) {
		if v.startsService(target) {
			return true
		}
	}
	return false
}

func (v *view) startsService(target any) bool {
	arn := cfn.Field(target, "Arn")
	if needsRole.MatchString(cfn.Text(arn)) {
		return true
	}
	for _, machine := range v.ByType(machineType) {
		if cfn.Refers(arn, machine) {
			return true
		}
	}
	return false
}

// hasOwnQueue says whether a target's dead letters go to a queue of the template.
func hasOwnQueue(v *view, id string) bool {
	for _, target := range cfn.List(v.get(id, "Targets")) {
		for _, queue := range v.ByType(queueType) {
			if cfn.Refers(cfn.Field(target, "DeadLetterConfig"), queue) {
				return true
			}
		}
	}
	return false
}
