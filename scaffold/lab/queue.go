package lab

import (
	"fmt"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// queue is an SQS queue. Nothing in the examples reads one: messages stay until somebody looks.
type queue struct {
	id, name, arn, url string
	key                string // KMS key that encrypts it; empty: SQS's own
	messages           []Message
}

// Message is a message in a queue.
type Message struct {
	Time       time.Time
	Body       string
	Attributes map[string]string
}

func (l *Lab) readQueues() error {
	for _, id := range l.stack.ByType("AWS::SQS::Queue") {
		if l.stack.Resources[id].Get("FifoQueue") == true {
			return fmt.Errorf("queue %s: the lab has no FIFO queues", id)
		}
		q := &queue{id: id, name: l.stack.Attribute(id, "QueueName"), arn: l.stack.Attribute(id, "Arn"), url: l.stack.Ref(id)}
		q.key, _ = l.stack.Resources[id].Get("KmsMasterKeyId").(string)
		l.queues[q.arn] = q
	}
	return nil
}

// queueNamed finds a queue by its ARN or its URL.
func (l *Lab) queueNamed(name string) *queue {
	for _, q := range l.queues {
		if q.arn == name || q.url == name {
			return q
		}
	}
	return nil
}

// enqueue puts a message into a queue, by ARN or URL.
func (l *Lab) enqueue(by caller, to, body string, attributes map[string]string) *apiError {
	q := l.queueNamed(to)
	if q == nil {
		return failed(noSuchQueue, "The specified queue does not exist: %s", to)
	}
	if err := l.authorize(by, "sqs:SendMessage", q.arn, nil); err != nil {
		return err
	}
	// Source: Amazon SQS Developer Guide, "Key management", permissions of producers, read 2026-11.
	if err := l.authorizeKey(by, q.key, "sqs", encrypts, decrypts); err != nil {
		return err
	}
	q.messages = append(q.messages, Message{Time: l.clock.Now(), Body: body, Attributes: attributes})
	l.tell("sqs", "MessageSent", q.id, map[string]any{"body": body, "attributes": attributes})
	l.measure("AWS/SQS", "ApproximateNumberOfMessagesVisible", float64(len(q.messages)), dimension{"QueueName", q.name})
	return nil
}

const noSuchQueue = "AWS.SimpleQueueService.NonExistentQueue"

var queueActions = map[string]handler{"sqs:sendmessage": (*Lab).sendMessage}

// sendMessage is SendMessage. Source: Amazon SQS API Reference, SendMessage, read 2026-11.
func (l *Lab) sendMessage(by caller, input map[string]any) (map[string]any, *apiError) {
	for _, unknown := range []string{"MessageGroupId", "MessageDeduplicationId", "DelaySeconds"} {
		if input[unknown] != nil {
			l.broken(fmt.Errorf("the lab does not know %s of sqs:SendMessage", unknown))
		}
	}
	var attributes map[string]string
	given, _ := input["MessageAttributes"].(map[string]any)
	for name := range given {
		if attributes == nil {
			attributes = map[string]string{}
		}
		attributes[name] = cfn.Text(cfn.Field(given[name], "StringValue"))
	}
	if err := l.enqueue(by, text(input, "QueueUrl"), body(input["MessageBody"]), attributes); err != nil {
		return nil, err
	}
	return map[string]any{"MessageId": l.clock.UUID()}, nil
}

// body is a message as text: an integration sends an object as its JSON.
func body(value any) string {
	if value == nil {
		return ""
	}
	return cfn.Text(value)
}
