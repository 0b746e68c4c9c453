package check

const queueType = "AWS::SQS::Queue"

// deadLetterSeconds is the longest that SQS keeps a message: 14 days.
// Source: Amazon SQS API, SetQueueAttributes MessageRetentionPeriod, read 2026-11.
const deadLetterSeconds = 1209600

var sqsRules = []Rule{
	{
		ID: "SQ-01", Sentence: "A queue is encrypted", Source: "Security Hub SQS.1", Mend: "set Encryption", on: each(queueType),
		got: func(v *view, id string) string {
			return unless(given(v.get(id, "KmsMasterKeyId")) || given(v.get(id, "SqsManagedSseEnabled")), "neither KmsMasterKeyId nor SqsManagedSseEnabled")
		},
	},
	{
		ID: "SQ-02", Sentence: "A queue denies requests without TLS", Source: "Amazon SQS Developer Guide, Security best practices", Mend: "set EnforceSSL", on: each(queueType),
		got: func(v *view, id string) string {
			return unless(v.onlyTLS(id, "AWS::SQS::QueuePolicy", "Queues"), "no policy denies aws:SecureTransport false")
		},
	},
	{ID: "SQ-03", Sentence: "A dead-letter queue keeps letters for 14 days", Source: "Amazon SQS Developer Guide, Using dead-letter queues", Mend: "set RetentionPeriod to 14 days", on: those(queueType, isDeadLetter), got: equals(float64(deadLetterSeconds), "MessageRetentionPeriod")},
	{
		ID: "SQ-04", Sentence: "An alarm tells when a dead-letter queue is not empty", Source: "Amazon SQS Developer Guide, Creating alarms for dead-letter queues", Mend: "add an alarm on ApproximateNumberOfMessagesVisible", on: those(queueType, isDeadLetter),
		got: func(v *view, id string) string {
			return unless(v.hasAlarm(id, "ApproximateNumberOfMessagesVisible"), "no alarm")
		},
	},
	{ID: "SQ-05", Sentence: "A working queue has a dead-letter queue", Source: "Amazon SQS Developer Guide, Using dead-letter queues", Mend: "set a RedrivePolicy", on: those(queueType, func(v *view, id string) bool { return !isDeadLetter(v, id) }), got: has("RedrivePolicy")},
}

// isDeadLetter says whether anything sends its failures to the queue.
func isDeadLetter(v *view, id string) bool {
	for other := range v.Resources {
		for _, property := range []string{"Targets", "DeadLetterConfig", "RedrivePolicy", "Target", "DestinationConfig"} {
			if refersTo(v, other, id, property) {
				return true
			}
		}
	}
	return false
}
