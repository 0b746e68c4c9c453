package lab

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// called is a function that a rule calls for each event, with what becomes of its asynchronous calls.
func called(config string) parts {
	return parts{
		"FunctionRole": role("lambda.amazonaws.com", "sqs:SendMessage", "sns:Publish"), "Function": functionWith(`, "Timeout": 60`), "Permission": permission,
		"Rule":  ruleFor("a", `{"Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "Id": "t", "InputPath": "$.detail"}`),
		"Queue": queueOnly, "Topic": topicOnly,
		"Config": `{"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST"` + config + `}}`,
		"Dropped": `{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Namespace": "AWS/Lambda", "MetricName": "AsyncEventsDropped", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
			"Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching", "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": "Function"}}]}}`,
	}
}

const (
	toTheQueue = `, "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Queue", "Arn"]}}}`
	toTheTopic = `, "DestinationConfig": {"OnFailure": {"Destination": {"Ref": "Topic"}}}`
)

func TestAnAsynchronousCallIsTriedAgainAfterOneAndTwoMinutes(t *testing.T) {
	for _, test := range []struct {
		name, config string
		faults       []Fault
		want         []string
	}{
		{"it succeeds", "", nil, []string{"500ms"}},
		{"fails once", "", []Fault{{Kind: "fail", Where: "Function", Attempt: 1}}, []string{"500ms", "1m0.8s"}},
		{"fails always", "", []Fault{{Kind: "fail", Where: "Function"}}, []string{"500ms", "1m0.8s", "3m0.85s"}},
		{"without retries", `, "MaximumRetryAttempts": 0`, []Fault{{Kind: "fail", Where: "Function"}}, []string{"500ms"}},
		{"becomes too old", `, "MaximumEventAgeInSeconds": 90`, []Fault{{Kind: "fail", Where: "Function"}}, []string{"500ms", "1m0.8s"}},
		{"times out", `, "MaximumRetryAttempts": 1`, []Fault{{Kind: "timeout", Where: "Function"}}, []string{"500ms", "2m0.5s"}},
		{"is slow", "", []Fault{{Kind: "slow", Where: "Function", Delay: time.Second}}, []string{"500ms"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, called(test.config), Options{Faults: test.faults}).send("a", "x", `{}`).run()
			var got []string
			for _, at := range r.happened("FunctionInvoked") {
				got = append(got, strings.Fields(at)[0])
			}
			same(t, "attempts", got, test.want)
		})
	}
}

func TestAnEventThatFailedForGoodGoesToItsDestination(t *testing.T) {
	fails := Options{Faults: []Fault{{Kind: "fail", Where: "Function"}}}
	record := func(t *testing.T, r *rig, text string, condition string, tries int) {
		t.Helper()
		var got struct {
			RequestContext struct {
				FunctionArn, Condition string
				ApproximateInvokeCount int
			} `json:"requestContext"`
			RequestPayload  json.RawMessage `json:"requestPayload"`
			ResponsePayload functionError   `json:"responsePayload"`
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		same(t, "record", []any{got.RequestContext.FunctionArn, got.RequestContext.Condition, got.RequestContext.ApproximateInvokeCount, string(got.RequestPayload), got.ResponsePayload.Type},
			[]any{r.stack.Attribute("Function", "Arn") + ":$LATEST", condition, tries, `{"n":1}`, "Fault"})
	}
	r := build(t, called(toTheQueue), fails).send("a", "x", `{"n": 1}`).run()
	record(t, r, r.messages()[0].Body, "RetriesExhausted", 3)
	same(t, "alarm", r.happened("AlarmChanged"), nil)

	r = build(t, called(toTheTopic+`, "MaximumEventAgeInSeconds": 60`), fails).send("a", "x", `{"n": 1}`).run()
	record(t, r, r.details("MessagePublished")[0]["message"].(string), "EventAgeExceeded", 1)

	r = build(t, called(""), fails).send("a", "x", `{}`).run()
	same(t, "alarm without a destination", r.happened("AlarmChanged"), []string{"4m0s AlarmChanged Dropped"})

	r = build(t, called(toTheQueue).with(parts{"FunctionRole": role("lambda.amazonaws.com", "logs:*")}), fails).send("a", "x", `{}`).run()
	same(t, "a destination that the role may not reach", len(r.happened("DestinationFailed")), 1)
	same(t, "denied", r.denials.all[0].Action, "sqs:SendMessage")

	dead := strings.Replace(called("")["Function"], `"Timeout": 60`, `"Timeout": 60, "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Queue", "Arn"]}}`, 1)
	r = build(t, called("").with(parts{"Function": dead}), fails).send("a", "x", `{"n": 1}`).run()
	same(t, "a dead-letter queue has the event itself", r.messages()[0].Body, `{"n":1}`)
	same(t, "its attributes", r.messages()[0].Attributes["ErrorMessage"], `{"errorType":"Fault","errorMessage":"a fault that was asked for"}`)
}

func TestOnlyTheFirstCallIsAColdStart(t *testing.T) {
	r := build(t, called(""), Options{}).send("a", "x", `{}`)
	r.later(time.Minute, func() { r.send("a", "x", `{}`) })
	r.run()
	same(t, "ends", r.happened("FunctionEnded"), []string{"800ms FunctionEnded Function", "1m0.55s FunctionEnded Function"})
}

func TestADestinationOutsideTheTemplateIsRefused(t *testing.T) {
	for config, want := range map[string]string{
		`, "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:events:us-east-1:123456789012:event-bus/b"}}`: "cannot send to arn:aws:events",
		`, "DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:sqs:us-east-1:123456789012:q"}}`:              "OnSuccess",
	} {
		if _, err := tryBuild(t, called(config).String(), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, expected an error about %s", err, want)
		}
	}
}

func TestAThrottledCallOfARuleIsDeliveredLater(t *testing.T) {
	r := build(t, called(""), Options{Faults: []Fault{{Kind: "throttle", Where: "lambda:invoke", Attempt: 1}}}).send("a", "x", `{}`).run()
	same(t, "tries", fmt.Sprint(r.happened("DeliveryRetried", "FunctionInvoked")), "[500ms DeliveryRetried Rule 1.5s FunctionInvoked Function]")
}
