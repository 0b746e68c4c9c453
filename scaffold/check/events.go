package check

import (
	"regexp"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const eventRuleType = "AWS::Events::Rule"

var needsRole = regexp.MustCompile(`:glue:|:states:|:batch:|:redshift:|:redshift-serverless:`)

var eventRules = []Rule{
	{
		ID: "EV-01", on: those(eventRuleType, hasTargets),
		Sentence: "A target keeps what cannot be delivered in a dead-letter queue",
		Source:   "Amazon EventBridge User Guide, Using dead-letter queues",
		Mend:     "give each target a DeadLetterConfig",
		got: everyTarget(func(_ *view, target any) string {
			return unless(given(cfn.Field(target, "DeadLetterConfig")), "no DeadLetterConfig")
		}),
	},
	{
		ID: "EV-02", on: those(eventRuleType, hasTargets),
		Sentence: "A target says how long delivery is tried",
		Source:   "Amazon EventBridge User Guide, How EventBridge retries delivering events",
		Mend:     "give each target a RetryPolicy",
		got: everyTarget(func(_ *view, target any) string {
			policy := cfn.Field(target, "RetryPolicy")
			whole := cfn.Field(policy, "MaximumRetryAttempts") != nil && cfn.Field(policy, "MaximumEventAgeInSeconds") != nil
			return unless(whole, "no RetryPolicy with MaximumRetryAttempts and MaximumEventAgeInSeconds")
		}),
	},
	{
		ID: "EV-03", on: those(eventRuleType, onS3),
		Sentence: "A rule on S3 events names the bucket and the keys",
		Source:   "Amazon EventBridge User Guide, Creating event patterns",
		Mend:     "add detail.bucket.name and detail.object.key to the pattern",
		got: func(v *view, id string) string {
			detail := v.get(id, "EventPattern", "detail")
			scoped := given(cfn.Field(detail, "bucket", "name")) && given(cfn.Field(detail, "object", "key"))
			return unless(scoped, is("EventPattern", v.get(id, "EventPattern")))
		},
	},
	{
		ID: "EV-04", on: those(eventRuleType, func(v *view, id string) bool { return slices.ContainsFunc(v.targets(id), v.startsService) }),
		Sentence: "A target that starts Glue, Step Functions, Batch or Redshift has a role",
		Source:   "Amazon EventBridge User Guide, IAM roles for sending events to targets",
		Mend:     "give the target a RoleArn",
		got: everyTarget(func(v *view, target any) string {
			return unless(!v.startsService(target) || given(cfn.Field(target, "RoleArn")), "no RoleArn")
		}),
	},
	{
		ID: "EV-05", on: those(eventRuleType, func(v *view, id string) bool { return len(v.ownQueues(id)) > 0 }),
		Sentence: "Only its rule may write to a dead-letter queue",
		Source:   "Amazon EventBridge User Guide, Granting permissions to the dead-letter queue",
		Mend:     "limit events.amazonaws.com by ArnEquals aws:SourceArn in the queue's policy",
		got: func(v *view, id string) string {
			for _, queue := range v.ownQueues(id) {
				if !v.letsIn(queue, id) {
					return "no policy of " + queue + " names the rule"
				}
			}
			return ""
		},
	},
	{
		ID: "EV-06", on: each(eventRuleType),
		Sentence: "An alarm tells when a rule cannot deliver",
		Source:   "Amazon EventBridge User Guide, Monitoring Amazon EventBridge",
		Mend:     "add an alarm on FailedInvocations with the rule's name",
		got: func(v *view, id string) string {
			return unless(v.hasAlarm(id, "FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq"), "no alarm")
		},
	},
	{
		ID: "EV-07", on: those(eventRuleType, onS3),
		Sentence: "A rule does not match what its pipeline writes",
		Source:   "Amazon S3 User Guide, Using EventBridge (recursive invocation)",
		Mend:     "write to another bucket or prefix, and allow no more",
		got:      loop,
	},
}

func (v *view) targets(rule string) []any { return cfn.List(v.get(rule, "Targets")) }

func hasTargets(v *view, id string) bool { return len(v.targets(id)) > 0 }

// everyTarget asks each target of a rule.
func everyTarget(got func(*view, any) string) func(*view, string) string {
	return func(v *view, id string) string {
		for _, target := range v.targets(id) {
			if problem := got(v, target); problem != "" {
				return "target " + cfn.Text(cfn.Field(target, "Id")) + ": " + problem
			}
		}
		return ""
	}
}

func onS3(v *view, id string) bool {
	return strings.Contains(cfn.Text(v.get(id, "EventPattern")), "aws.s3")
}

func (v *view) startsService(target any) bool {
	arn := cfn.Field(target, "Arn")
	// A Redshift target has these parameters, whatever its ARN refers to: of a workgroup, it is an attribute and names no service.
	return needsRole.MatchString(cfn.Text(arn)) || cfn.Field(target, "RedshiftDataParameters") != nil ||
		slices.ContainsFunc(v.ByType(machineType), func(machine string) bool { return cfn.Refers(arn, machine) })
}

// ownQueues are the queues of the template that keep the rule's dead letters.
func (v *view) ownQueues(rule string) []string {
	return slices.DeleteFunc(v.ByType(queueType), func(queue string) bool {
		return !slices.ContainsFunc(v.targets(rule), func(target any) bool { return cfn.Refers(cfn.Field(target, "DeadLetterConfig"), queue) })
	})
}

// letsIn says whether a policy of the queue lets EventBridge in for the rule.
func (v *view) letsIn(queue, rule string) bool {
	for _, policy := range v.ByType(queuePolicyType) {
		if !cfn.Refers(v.get(policy, "Queues"), queue) {
			continue
		}
		for _, statement := range statements(v.get(policy, "PolicyDocument")) {
			condition := statement["Condition"]
			if statement["Effect"] == "Allow" && strings.Contains(cfn.Text(statement["Principal"]), "events.amazonaws.com") &&
				cfn.Refers(condition, rule) && strings.Contains(cfn.Text(condition), "aws:SourceArn") {
				return true
			}
		}
	}
	return false
}

// loop says which job, state machine or function may write an object that the rule matches.
func loop(v *view, rule string) string {
	pattern := v.get(rule, "EventPattern", "detail")
	prefixes := keyPrefixes(cfn.Field(pattern, "object", "key"))
	for _, bucket := range v.ByType(bucketType) {
		if !cfn.Refers(cfn.Field(pattern, "bucket", "name"), bucket) {
			continue
		}
		for _, worker := range each(jobType, machineType, functionType)(v) {
			for _, written := range v.writes(worker, bucket) {
				if slices.ContainsFunc(prefixes, func(prefix string) bool { return overlap(prefix, written) }) {
					return worker + " may write " + written + "* to " + bucket + ", which starts it again"
				}
			}
		}
	}
	return ""
}

// keyPrefixes are the beginnings of the keys that a pattern matches; of a suffix or an exclusion it is the empty one.
func keyPrefixes(key any) []string {
	var prefixes []string
	for _, match := range cfn.List(key) {
		literal, ok := match.(string)
		if !ok {
			literal, _ = cfn.Field(match, "prefix").(string)
		}
		if wildcard, ok := cfn.Field(match, "wildcard").(string); ok {
			literal, _, _ = strings.Cut(wildcard, "*")
		}
		prefixes = append(prefixes, literal)
	}
	if prefixes == nil {
		return []string{""}
	}
	return prefixes
}

// writes are the beginnings of the keys that a worker's role may put into a bucket.
func (v *view) writes(worker, bucket string) []string {
	var prefixes []string
	for _, role := range v.ByType(roleType) {
		if !cfn.Refers(v.get(worker, "Role"), role) && !cfn.Refers(v.get(worker, "RoleArn"), role) {
			continue
		}
		for _, policy := range policies(v) {
			attached := policy == role || cfn.Refers(v.get(policy, "Roles"), role) || cfn.Refers(v.get(policy, "RoleName"), role) ||
				cfn.Refers(v.get(role, "ManagedPolicyArns"), policy)
			if !attached {
				continue
			}
			for _, statement := range v.allows(policy) {
				if slices.ContainsFunc(texts(statement["Action"]), puts) {
					prefixes = append(prefixes, objectPrefixes(statement["Resource"], bucket)...)
				}
			}
		}
	}
	return prefixes
}

func puts(action string) bool {
	return slices.Contains([]string{"s3:PutObject", "s3:PutObject*", "s3:Put*", "s3:*", "*"}, action)
}

// objectPrefixes are the beginnings of the keys that ARNs of a bucket's objects name; an ARN of the bucket alone names none.
func objectPrefixes(resources any, bucket string) []string {
	var prefixes []string
	for _, resource := range cfn.List(resources) {
		if !cfn.Refers(resource, bucket) {
			continue
		}
		rest := cfn.Text(cfn.Field(resource, "Fn::Sub"))
		if parts := cfn.List(cfn.Field(resource, "Fn::Join")); len(parts) == 2 {
			rest = strings.Join(texts(parts[1]), "")
		}
		if _, key, found := strings.Cut(rest, "/"); found {
			key, _, _ = strings.Cut(key, "*")
			prefixes = append(prefixes, key)
		}
	}
	return prefixes
}

func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
