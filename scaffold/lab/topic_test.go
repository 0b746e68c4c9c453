package lab

import (
	"encoding/json"
	"testing"
)

func TestAMessageReachesEachSubscription(t *testing.T) {
	p := parts{
		"Topic": `{"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [{"Protocol": "email", "Endpoint": "inline@example.com"}]}}`,
		"Mail":  `{"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "data-team@example.com"}}`,
		"Queue": queueOnly, "Open": openQueue("Queue", "sns.amazonaws.com"), "OpenTopic": openTopic("Topic", "events.amazonaws.com"),
		"ToQueue": `{"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}}`,
		"Rule":    ruleFor("a", `{"Arn": {"Ref": "Topic"}, "Id": "t", "InputPath": "$.detail.text"}`),
	}
	r := build(t, p, Options{}).send("a", "x", `{"text": "hello"}`).run()
	mails := r.details("EmailSent")
	same(t, "mails", mails, []map[string]any{
		{"to": "inline@example.com", "subject": "", "message": `"hello"`}, {"to": "data-team@example.com", "subject": "", "message": `"hello"`},
	})
	var notification map[string]any
	if err := json.Unmarshal([]byte(r.messages()[0].Body), &notification); err != nil {
		t.Fatal(err)
	}
	same(t, "message in the notification", []any{notification["Message"], notification["Type"], notification["TopicArn"]}, []any{`"hello"`, "Notification", r.stack.Ref("Topic")})

	raw := `{"Type": "AWS::SNS::Subscription", "Properties": {"RawMessageDelivery": true, "TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}}`
	r = build(t, p.with(parts{"ToQueue": raw}), Options{}).send("a", "x", `{"text": "hello"}`).run()
	same(t, "raw message", r.messages()[0].Body, `"hello"`)

	r = build(t, p.with(parts{"Open": openQueue("Queue", "events.amazonaws.com")}), Options{}).send("a", "x", `{"text": "hello"}`).run()
	same(t, "a queue that does not let the topic", r.happened("MessageSent", "DeliveryFailed"), []string{"500ms DeliveryFailed Topic"})
	same(t, "failures", len(r.failures), 1)
}

func TestAMessageWithoutPermissionTopicOrTextIsRefused(t *testing.T) {
	r := build(t, parts{"Topic": topicOnly, "Role": role("states.amazonaws.com", "s3:*"), "Allowed": role("states.amazonaws.com", "sns:Publish")}, Options{})
	for _, test := range []struct{ role, topic, message, want string }{
		{"Role", r.stack.Ref("Topic"), "m", accessDenied},
		{"Allowed", "arn:aws:sns:us-east-1:123456789012:none", "m", "NotFoundException"},
		{"Allowed", r.stack.Ref("Topic"), "", "InvalidParameterException"},
	} {
		_, err := r.call(caller{Role: r.stack.Attribute(test.role, "Arn")}, "sns:Publish", map[string]any{"TopicArn": test.topic, "Message": test.message})
		if err == nil || err.Code != test.want {
			t.Errorf("got %v, expected %s", err, test.want)
		}
	}
}
