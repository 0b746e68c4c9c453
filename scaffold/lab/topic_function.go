package lab

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// hasFunction says whether a function of the template has the ARN.
func (l *Lab) hasFunction(arn string) bool {
	return slices.ContainsFunc(l.stack.ByType("AWS::Lambda::Function"), func(id string) bool { return l.stack.Attribute(id, "Arn") == arn })
}

// record is a message as a subscribed function gets it. The lab signs nothing.
// Source: AWS Lambda Developer Guide, "Invoking Lambda functions with Amazon SNS notifications", read 2026-11.
func (l *Lab) record(t *topic, s subscription, subject, message string) string {
	notification := map[string]any{
		"Type": "Notification", "MessageId": l.clock.UUID(), "TopicArn": t.arn, "Subject": nil, "Message": message,
		"Timestamp": l.clock.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "MessageAttributes": map[string]any{},
	}
	if subject != "" {
		notification["Subject"] = subject
	}
	text, err := json.Marshal(map[string]any{"Records": []any{map[string]any{
		"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": s.arn, "Sns": notification,
	}}})
	if err != nil {
		l.broken(fmt.Errorf("topic %s: %w", t.id, err))
	}
	return string(text)
}

// callSubscriber calls a subscribed function, which Lambda queues. A function that is throttled is tried again, one that may not be called
// or is not there is not: that is an error of the client.
// Source: Amazon SNS Developer Guide, "Amazon SNS message delivery retries", "Amazon SNS dead-letter queues", read 2026-11.
func (l *Lab) callSubscriber(t *topic, s subscription, record string, attempt int) {
	by := caller{Service: "sns.amazonaws.com", Source: t.arn}
	_, err := l.invokeAsync(by, map[string]any{"FunctionName": s.endpoint, "Payload": record})
	switch {
	case err == nil:
	case !err.Retriable || attempt >= subscriberAttempts:
		l.undeliverable(t, s, err)
	default:
		l.later(subscriberWait(attempt), func() { l.callSubscriber(t, s, record, attempt+1) })
	}
}

// subscriberAttempts is how often SNS tries a function. Source: the page on retries, as above.
const subscriberAttempts = 100_015

// subscriberWait is how long SNS waits after an attempt: not at all three times, a second twice, then from 1 to 20 seconds, and 20
// seconds from then on. The page gives no figures between 1 and 20; these double, without jitter, so that a run can be repeated.
func subscriberWait(attempt int) time.Duration {
	const immediate, short, longest = 3, 2, 20 * time.Second
	switch n := attempt - immediate - short; {
	case attempt <= immediate:
		return 0
	case n <= 0:
		return time.Second
	case n > 5:
		return longest
	default:
		return min(time.Second<<(n-1), longest)
	}
}

func (l *Lab) undeliverable(t *topic, s subscription, err *apiError) {
	l.tell("sns", "DeliveryFailed", t.id, map[string]any{"to": s.endpoint, "error": err.Error()})
	l.fail("topic %s: a message to %s was lost: %s", t.id, s.endpoint, err)
}
