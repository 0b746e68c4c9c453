package lab

import "example.com/pipewright/scaffold/cfn"

// topic is an SNS topic with what is subscribed to it.
type topic struct {
	id, arn       string
	subscriptions []subscription
}

type subscription struct{ protocol, endpoint string }

func (l *Lab) readTopics() error {
	for _, id := range l.stack.ByType("AWS::SNS::Topic") {
		l.topics[l.stack.Ref(id)] = &topic{id: id, arn: l.stack.Ref(id)}
	}
	for _, id := range l.stack.ByType("AWS::SNS::Subscription") {
		resource := l.stack.Resources[id]
		protocol, _ := resource.Get("Protocol").(string)
		endpoint, _ := resource.Get("Endpoint").(string)
		if t := l.topics[cfn.Text(resource.Get("TopicArn"))]; t != nil {
			t.subscriptions = append(t.subscriptions, subscription{protocol, endpoint})
		}
	}
	return nil
}

var topicActions = map[string]handler{"sns:publish": (*Lab).publish}

// publish is Publish. An e-mail is an event of the timeline, which is where the learner reads it.
// Source: Amazon SNS API Reference, Publish, read 2026-11.
func (l *Lab) publish(by caller, input map[string]any) (map[string]any, *apiError) {
	arn := text(input, "TopicArn")
	t := l.topics[arn]
	if t == nil {
		return nil, failed("NotFoundException", "Topic does not exist")
	}
	if err := l.authorize(by, "sns:Publish", arn, nil); err != nil {
		return nil, err
	}
	l.notify(t, text(input, "Subject"), body(input["Message"]))
	return map[string]any{"MessageId": l.clock.UUID()}, nil
}

func (l *Lab) notify(t *topic, subject, message string) {
	l.tell("sns", "MessagePublished", t.id, map[string]any{"subject": subject, "message": message})
	for _, s := range t.subscriptions {
		switch s.protocol {
		case "email", "email-json":
			l.tell("sns", "EmailSent", t.id, map[string]any{"to": s.endpoint, "subject": subject, "message": message})
		case "sqs":
			if err := l.enqueue(caller{Service: "sns.amazonaws.com", Source: t.arn}, s.endpoint, message, nil); err != nil {
				l.tell("sns", "DeliveryFailed", t.id, map[string]any{"to": s.endpoint, "error": err.Error()})
			}
		default:
			l.tell("sns", "DeliveryIgnored", t.id, map[string]any{"to": s.endpoint, "protocol": s.protocol})
		}
	}
}
