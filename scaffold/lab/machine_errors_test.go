package lab

import (
	"strings"
	"testing"
	"time"
)

// An execution of a template's machine fails by the name that AWS gives, which its event, its metric and the summary have too.
func TestAnExecutionFailsByTheNameThatAWSGives(t *testing.T) {
	const check = `"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "check"}`
	const retry = `, "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 2, "IntervalSeconds": 10, "BackoffRate": 2}]`
	caught := func(more string) string {
		return `{"StartAt": "Check", "States": {"Check": {` + check + `, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Use"` + more + `}], "Next": "Use"},
			"Use": {"Type": "Pass", "Parameters": {"key.$": "$.key"}, "End": true}}}`
	}
	for _, test := range []struct {
		name, definition string
		fault            Fault
		want             string // error; empty: it succeeds
		cause            string
		after            time.Duration
	}{
		{"no Choice matches, and there is no Default", `{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "D"}]}, "D": {"Type": "Succeed"}}}`, Fault{}, "States.NoChoiceMatched", "", 0},
		{"a task takes too long", `{"StartAt": "Check", "States": {"Check": {` + check + `, "TimeoutSeconds": 2, "End": true}}}`, Fault{Kind: "slow", Where: "Function", Delay: 2500 * time.Millisecond}, "States.Timeout", "", 2 * time.Second},
		{"a heartbeat is missed", `{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::` + callback + `", "Parameters": ` + askPart + `, "HeartbeatSeconds": 60, "TimeoutSeconds": 3600, "End": true}}}`, Fault{}, "States.Timeout", "", time.Minute},
		{"retries are exhausted", `{"StartAt": "Check", "States": {"Check": {` + check + retry + `, "End": true}}}`, Fault{Kind: "throttle", Where: "lambda:Invoke"}, "Lambda.TooManyRequestsException", "Rate Exceeded.", 30 * time.Second},
		{"the last of the retries succeeds", `{"StartAt": "Check", "States": {"Check": {` + check + retry + `, "End": true}}}`, Fault{Kind: "throttle", Where: "lambda:Invoke", Attempt: 1}, "", "", 10*time.Second + coldStart + warmCall},
		{"a Catch without ResultPath has lost the input", caught(""), Fault{Kind: "fail", Where: "Function"}, "States.Runtime", "$.key", coldStart + warmCall},
		{"a Catch with ResultPath keeps the input", caught(`, "ResultPath": "$.error"`), Fault{Kind: "fail", Where: "Function"}, "", "", coldStart + warmCall},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := pipeline(test.definition, "lambda:InvokeFunction", "sqs:SendMessage").with(parts{
				"Failed": `{"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failed"}}`, "OpenFailed": openQueue("Failed", "events.amazonaws.com"),
				"Rule": `{"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.states"], "detail": {"status": ["FAILED"]}}, "Targets": [{"Arn": {"Fn::GetAtt": ["Failed", "Arn"]}, "Id": "t"}]}}`,
			})
			o := Options{}
			if test.fault.Kind != "" {
				o.Faults = []Fault{test.fault}
			}
			r := build(t, p, o).begin(`{"key": "raw/a.csv", "n": 3}`).run()
			ended := r.details("ExecutionEnded")[0]
			same(t, "seconds", ended["seconds"], any(test.after.Seconds()))
			failed := r.queueNamed(r.stack.Attribute("Failed", "Arn")).messages
			if test.want == "" {
				same(t, "status", ended["status"], any("SUCCEEDED"))
				same(t, "events of a failure", len(failed), 0)
				return
			}
			cause, _ := ended["cause"].(string)
			if ended["error"] != test.want || !strings.Contains(cause, test.cause) {
				t.Errorf("got %v: %s, want %s with %q", ended["error"], cause, test.want, test.cause)
			}
			if len(failed) != 1 || !strings.Contains(failed[0].Body, `"error":"`+test.want+`"`) {
				t.Errorf("got the events %v, want one with %s", failed, test.want)
			}
			if len(r.failures) != 1 || !strings.Contains(r.failures[0], test.want) {
				t.Errorf("got the failures %q, want one with %s", r.failures, test.want)
			}
		})
	}
}
