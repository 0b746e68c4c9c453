package lab

import (
	"encoding/json"
	"testing"
	"time"
)

func TestASubscribedFunctionIsCalledWithTheMessage(t *testing.T) {
	subscribed := parts{
		"Topic": topicOnly, "OpenTopic": openTopic("Topic", "events.amazonaws.com"), "Rule": ruleFor("a", `{"Arn": {"Ref": "Topic"}, "Id": "t", "InputPath": "$.detail.text"}`),
		"FunctionRole": role("lambda.amazonaws.com", "logs:*"), "Function": functionWith(""),
		"Subscription": `{"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "lambda", "Endpoint": {"Fn::GetAtt": ["Function", "Arn"]}}}`,
		"Allow":        `{"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com", "SourceArn": {"Ref": "Topic"}}}`,
	}
	var got []json.RawMessage
	programs := scripted{function: func(_ *function, payload json.RawMessage) (json.RawMessage, *functionError) {
		got = append(got, payload)
		return json.RawMessage(`{}`), nil
	}}
	for _, test := range []struct {
		name    string
		changes parts
		faults  []Fault
		calls   []string
		lost    []string
	}{
		{"called", nil, nil, []string{"500ms FunctionInvoked Function"}, nil},
		{"throttled four times", nil, []Fault{{Kind: "throttle", Where: "lambda:Invoke", Attempt: 1}, {Kind: "throttle", Where: "lambda:Invoke", Attempt: 2}, {Kind: "throttle", Where: "lambda:Invoke", Attempt: 3}, {Kind: "throttle", Where: "lambda:Invoke", Attempt: 4}}, []string{"1.5s FunctionInvoked Function"}, nil},
		{"throttled for ever", nil, []Fault{{Kind: "throttle", Where: "lambda:Invoke"}}, nil, []string{"555h35m13.5s DeliveryFailed Topic"}},
		{"of another topic", parts{"Allow": `{"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com", "SourceArn": "arn:aws:sns:us-east-1:123456789012:other"}}`}, nil, nil, []string{"500ms DeliveryFailed Topic"}},
		{"the function throws, and Lambda itself tries again", nil, []Fault{{Kind: "fail", Where: "Function", Attempt: 1}}, []string{"500ms FunctionInvoked Function", "1m0.8s FunctionInvoked Function"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got = nil
			r := build(t, subscribed.with(test.changes), Options{Programs: programs, Faults: test.faults}).send("a", "x", `{"text": "hello"}`).run()
			same(t, "calls", r.happened("FunctionInvoked"), test.calls)
			same(t, "lost", r.happened("DeliveryFailed"), test.lost)
			if len(test.calls) == 0 {
				return
			}
			var event struct {
				Records []struct {
					EventSource, EventVersion, EventSubscriptionArn string
					Sns                                             map[string]any
				}
			}
			if err := json.Unmarshal(got[len(got)-1], &event); err != nil || len(event.Records) != 1 {
				t.Fatalf("got %s (%v), expected one record", got[len(got)-1], err)
			}
			record := event.Records[0]
			same(t, "record", []any{record.EventSource, record.EventVersion, record.EventSubscriptionArn, record.Sns["TopicArn"], record.Sns["Message"], record.Sns["Subject"]},
				[]any{"aws:sns", "1.0", r.stack.Ref("Subscription"), r.stack.Ref("Topic"), `"hello"`, nil})
		})
	}
}

func TestSNSWaitsAsItsRetryPolicySays(t *testing.T) {
	for attempt, want := range map[int]time.Duration{1: 0, 3: 0, 4: time.Second, 5: time.Second, 6: time.Second, 7: 2 * time.Second, 10: 16 * time.Second, 11: 20 * time.Second, 100_014: 20 * time.Second} {
		if got := subscriberWait(attempt); got != want {
			t.Errorf("after attempt %d: got %s, want %s", attempt, got, want)
		}
	}
}
