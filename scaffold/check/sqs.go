package check

import (
	"maps"
	"slices"

	"example.com/pipewright/scaffold/cfn"
)

const (
	queueType       = "AWS::SQS::Queue"
	queuePolicyType = "AWS::SQS::QueuePolicy"
)

// deadLetterSeconds is the longest that SQS keeps a message: 14 days.
// Source: Amazon SQS API, SetQueueAttributes MessageRetentionPeriod, read 2026-11.
const deadLetterSeconds = 1209600

var sqsRules = []Rule{
	{
		ID: "SQ-01", on: each(queueType),
		Sentence: "A queue is encrypted",
		Source:   "Security Hub SQS.1",
		Mend:     "set Encryption",
		got: func(v *view, id string) string {
			return unless(given(v.get(id, "KmsMasterKeyId")) || isTrue(v.get(id, "SqsManagedSseEnabled")), "neither KmsMasterKeyId nor SqsManagedSseEnabled")
		},
	},
	{
		ID: "SQ-02", on: each(queueType),
		Sentence: "A queue denies requests without TLS",
		Source:   "Amazon SQS Developer Guide, Security best practices",
		Mend:     "set EnforceSSL",
		got:      onlyTLS(queuePolicyType, "Queues"),
	},
	{
		ID: "SQ-03", on: those(queueType, isDeadLetter),
		Sentence: "A dead-letter queue keeps letters for 14 days",
		Source:   "Amazon SQS Developer Guide, Using dead-letter queues",
		Mend:     "set RetentionPeriod to 14 days",
		got:      equals(deadLetterSeconds, "MessageRetentionPeriod"),
	},
	{
		ID: "SQ-04", on: those(queueType, isDeadLetter),
		Sentence: "An alarm tells when a dead-letter queue is not empty",
		Source:   "Amazon SQS Developer Guide, Creating alarms for dead-letter queues",
		Mend:     "add an alarm on ApproximateNumberOfMessagesVisible",
		got: func(v *view, id string) string {
			return unless(v.hasAlarm(id, "ApproximateNumberOfMessagesVisible"), "no alarm")
		},
	},
	{
		ID: "SQ-05", on: those(queueType, func(v *view, id string) bool { return !isDeadLetter(v, id) }),
		Sentence: "A working queue has a dead-letter queue",
		Source:   "Amazon SQS Developer Guide, Using dead-letter queues",
		Mend:     "set a RedrivePolicy",
		got:      has("RedrivePolicy"),
	},
}

// isDeadLetter says whether a rule, a schedule, a function, a subscription or another queue sends its failures to the queue.
func isDeadLetter(v *view, id string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(v.Resources)), func(resource cfn.Resource) bool {
		letters := []any{
			resource.Get("DeadLetterConfig"), resource.Get("RedrivePolicy"), resource.Get("Target", "DeadLetterConfig"),
			resource.Get("DestinationConfig", "OnFailure"),
		}
		for _, target := range cfn.List(resource.Get("Targets")) {
			letters = append(letters, cfn.Field(target, "DeadLetterConfig"))
		}
		return cfn.Refers(letters, id)
	})
}
