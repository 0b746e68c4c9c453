package lab

import (
	"encoding/json"
	"fmt"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// topic is an SNS topic with what is subscribed to it.
type topic struct {
	id, arn       string
	key           string // KMS key that encrypts it; empty: none
	subscriptions []subscription
}

type subscription struct {
	arn                string
	protocol, endpoint string
	raw                bool
}

// Protocols of subscriptions: those to which the lab delivers, and those that reach nothing of the pipeline.
// Source: Amazon SNS API Reference, Subscribe, Protocol, read 2026-11.
var (
	delivered   = map[string]bool{"email": true, "email-json": true, "sqs": true, "lambda": true}
	undelivered = map[string]bool{"http": true, "https": true, "sms": true, "application": true}
)

func (l *Lab) readTopics() error {
	for _, id := range l.stack.ByType("AWS::SNS::Topic") {
		resource := l.stack.Resources[id]
		if resource.Get("FifoTopic") == true {
			return fmt.Errorf("topic %s: the lab has no FIFO topics", id)
		}
		t := &topic{id: id, arn: l.stack.Ref(id)}
		t.key, _ = resource.Get("KmsMasterKeyId").(string)
		l.topics[t.arn] = t
		for _, given := range cfn.List(resource.Get("Subscription")) {
			if err := l.subscribe(t, given, id); err != nil {
				return fmt.Errorf("topic %s: %w", id, err)
			}
		}
	}
	for _, id := range l.stack.ByType("AWS::SNS::Subscription") {
		resource := l.stack.Resources[id]
		t := l.topics[cfn.Text(resource.Get("TopicArn"))]
		if t == nil {
			l.ignore(id, "its topic is not in the template")
			continue
		}
		if err := l.subscribe(t, resource.Properties, id); err != nil {
			return fmt.Errorf("subscription %s: %w", id, err)
		}
	}
	return nil
}

func (l *Lab) subscribe(t *topic, given any, id string) error {
	for _, unknown := range []string{"FilterPolicy", "RedrivePolicy", "ReplayPolicy"} {
		if cfn.Field(given, unknown) != nil {
			return fmt.Errorf("the lab does not know %s of a subscription", unknown)
		}
	}
	s := subscription{arn: l.stack.Ref(id), raw: cfn.Field(given, "RawMessageDelivery") == true}
	s.protocol, _ = cfn.Field(given, "Protocol").(string)
	s.endpoint, _ = cfn.Field(given, "Endpoint").(string)
	switch {
	case undelivered[s.protocol]:
		l.ignore(id, "the lab delivers nothing by "+s.protocol)
		return nil
	case !delivered[s.protocol]:
		return fmt.Errorf("the lab cannot deliver by %s, expected email, email-json, lambda or sqs", s.protocol)
	case s.protocol == "lambda" && !l.hasFunction(s.endpoint):
		return fmt.Errorf("got the endpoint %s, expected the ARN of a function of the template", s.endpoint)
	}
	t.subscriptions = append(t.subscriptions, s)
	return nil
}

var topicActions = map[string]handler{"sns:publish": (*Lab).publish}

// publish is Publish. An e-mail is an event of the timeline, which is where the learner reads it.
// Source: Amazon SNS API Reference, Publish, read 2026-11.
func (l *Lab) publish(by caller, input map[string]any) (map[string]any, *apiError) {
	t := l.topics[text(input, "TopicArn")]
	if t == nil {
		return nil, failed("NotFoundException", "Topic does not exist")
	}
	if structure := text(input, "MessageStructure"); structure != "" {
		l.broken(fmt.Errorf("the lab does not know MessageStructure %s of sns:Publish", structure))
		return nil, failed("InvalidParameterException", "MessageStructure")
	}
	if body(input["Message"]) == "" {
		return nil, failed("InvalidParameterException", "Invalid parameter: Empty message")
	}
	if err := l.publishAs(by, t, text(input, "Subject"), body(input["Message"])); err != nil {
		return nil, err
	}
	return map[string]any{"MessageId": l.clock.UUID()}, nil
}

// publishAs publishes as somebody, who needs the topic's key too when it is encrypted.
// Source: Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs", permissions, read 2026-11.
func (l *Lab) publishAs(by caller, t *topic, subject, message string) *apiError {
	if err := l.authorize(by, "sns:Publish", t.arn, nil); err != nil {
		return err
	}
	if err := l.authorizeKey(by, t.key, "sns", encrypts, decrypts); err != nil {
		return err
	}
	l.notify(t, subject, message)
	return nil
}

func (l *Lab) notify(t *topic, subject, message string) {
	l.tell("sns", "MessagePublished", t.id, map[string]any{"subject": subject, "message": message})
	for _, s := range t.subscriptions {
		if s.protocol == "lambda" {
			l.callSubscriber(t, s, l.record(t, s, subject, message), 1)
			continue
		}
		if s.protocol != "sqs" {
			l.tell("sns", "EmailSent", t.id, map[string]any{"to": s.endpoint, "subject": subject, "message": message})
			continue
		}
		written := message
		if !s.raw {
			written = l.envelope(t, subject, message)
		}
		if err := l.enqueue(caller{Service: "sns.amazonaws.com", Source: t.arn}, s.endpoint, written, nil); err != nil {
			l.undeliverable(t, s, err)
		}
	}
}

// envelope is a message as a queue gets it. The lab signs nothing.
// Source: Amazon SNS Developer Guide, "HTTP/HTTPS notification JSON format", "Raw message delivery", read 2026-11.
func (l *Lab) envelope(t *topic, subject, message string) string {
	fields := map[string]any{
		"Type": "Notification", "MessageId": l.clock.UUID(), "TopicArn": t.arn, "Message": message,
		"Timestamp": l.clock.Now().UTC().Format(time.RFC3339),
	}
	if subject != "" {
		fields["Subject"] = subject
	}
	text, err := json.Marshal(fields)
	if err != nil {
		l.broken(fmt.Errorf("topic %s: %w", t.id, err))
	}
	return string(text)
}
