package lab

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// toQueue is a rule for source a with a queue as its target, further properties of the target, and who may do what.
func toQueue(more string) parts {
	return parts{
		"Queue": queueOnly, "Open": openQueue("Queue", "events.amazonaws.com"),
		"Rule": ruleFor("a", `{"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Id": "t"`+more+`}`),
	}
}

func TestARuleSendsWhatItsTargetAsksFor(t *testing.T) {
	for _, test := range []struct{ name, more, want string }{
		{"a constant input", `, "Input": "{\"k\": 1}"`, `{"k": 1}`},
		{"a part of the event", `, "InputPath": "$.detail.file"`, `{"key":"x"}`},
		{"a template", `, "InputTransformer": {"InputPathsMap": {"key": "$.detail.file.key"}, "InputTemplate": "{\"landed\": <key>, \"rule\": <aws.events.rule-name>}"}`, `{"landed": "x", "rule": "RULE"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, toQueue(test.more), Options{}).send("a", "Landed", `{"file": {"key": "x"}}`).run()
			if len(r.messages()) != 1 {
				t.Fatalf("got %d messages, expected 1", len(r.messages()))
			}
			same(t, "message", r.messages()[0].Body, strings.ReplaceAll(test.want, "RULE", r.stack.Ref("Rule")))
		})
	}
}

func TestARuleSendsTheWholeEventWhenNothingElseIsAskedFor(t *testing.T) {
	r := build(t, toQueue(""), Options{}).send("a", "Landed", `{"n": 1}`).run()
	var event Envelope
	if err := json.Unmarshal([]byte(r.messages()[0].Body), &event); err != nil {
		t.Fatal(err)
	}
	if event.Source != "a" || event.DetailType != "Landed" || string(event.Detail) != `{"n":1}` || event.Account != "123456789012" ||
		event.Region != "us-east-1" || event.Time != "2026-03-02T08:00:00Z" || event.ID == "" {
		t.Errorf("got %+v", event)
	}
}

func TestARuleLooksOnlyAtEventsOfItsPattern(t *testing.T) {
	r := build(t, toQueue(""), Options{}).send("b", "Landed", `{}`).send("a", "Landed", `{}`).send("ab", "Landed", `{}`).run()
	same(t, "matched", r.happened("RuleMatched"), []string{"0s RuleMatched Rule"})
}

func TestADisabledRuleIsIgnored(t *testing.T) {
	p := toQueue("")
	p["Rule"] = strings.Replace(p["Rule"], `"Properties": {`, `"Properties": {"State": "DISABLED", `, 1)
	r := build(t, p, Options{}).send("a", "Landed", `{}`).run()
	same(t, "messages", len(r.messages()), 0)
	same(t, "ignored", r.Ignored(), []string{"Rule: the rule is disabled"})
}

func TestEachEventOfAnotherRuleIsMatchedToo(t *testing.T) {
	p := toQueue("").with(parts{"Second": ruleFor("a", `{"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Id": "t", "Input": "2"}`)})
	r := build(t, p, Options{}).send("a", "Landed", `{}`).run()
	same(t, "order", r.happened("RuleMatched", "MessageSent"), []string{
		"0s RuleMatched Rule", "0s RuleMatched Second", "500ms MessageSent Queue", "500ms MessageSent Queue",
	})
}

// refusing is a rule to a state machine, with a dead-letter queue; the calls of the machine are throttled by faults.
func refusing(retry string) parts {
	return parts{
		"MachineRole": role("states.amazonaws.com", "s3:*"), "EventsRole": role("events.amazonaws.com", "states:StartExecution"),
		"Machine": machineOf(`{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}`),
		"Queue":   queueOnly, "Open": openQueue("Queue", "events.amazonaws.com"),
		"Rule": ruleFor("a", `{"Arn": {"Ref": "Machine"}, "Id": "t", "RoleArn": {"Fn::GetAtt": ["EventsRole", "Arn"]}, "Input": "{}",
			"DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}`+retry+`}`),
	}
}

func TestARetriableRefusalIsTriedAgainLaterEachTime(t *testing.T) {
	r := build(t, refusing(""), Options{Faults: []Fault{
		{Kind: "throttle", Where: "states:StartExecution", Attempt: 1}, {Kind: "throttle", Where: "states:StartExecution", Attempt: 2}, {Kind: "throttle", Where: "states:StartExecution", Attempt: 3},
	}}).send("a", "x", `{}`).run()
	same(t, "tries", r.happened("DeliveryRetried", "ExecutionStarted"), []string{
		"500ms DeliveryRetried Rule", "1.5s DeliveryRetried Rule", "3.5s DeliveryRetried Rule", "7.5s ExecutionStarted Machine",
	})
	same(t, "messages", len(r.messages()), 0)
}

func TestTheDeadLetterQueueSaysWhatBecameOfADelivery(t *testing.T) {
	throttled := []Fault{{Kind: "throttle", Where: "states:StartExecution"}}
	for _, test := range []struct {
		name   string
		p      parts
		faults []Fault
		want   map[string]string
	}{
		{
			"after the last attempt", refusing(`, "RetryPolicy": {"MaximumRetryAttempts": 2}`), throttled,
			map[string]string{"ERROR_CODE": "THROTTLING", "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts", "RETRY_ATTEMPTS": "2"},
		},
		{
			"when the event is too old", refusing(`, "RetryPolicy": {"MaximumEventAgeInSeconds": 60}`), throttled,
			map[string]string{"ERROR_CODE": "THROTTLING", "EXHAUSTED_RETRY_CONDITION": "MaximumEventAgeInSeconds", "RETRY_ATTEMPTS": "5"},
		},
		{
			"at once without permission", refusing("").with(parts{"EventsRole": role("events.amazonaws.com", "s3:GetObject")}), nil,
			map[string]string{"ERROR_CODE": "NO_PERMISSIONS", "RETRY_ATTEMPTS": "0"},
		},
		{
			"at once when the role is another service's", refusing("").with(parts{"EventsRole": role("glue.amazonaws.com", "states:StartExecution")}), nil,
			map[string]string{"ERROR_CODE": "FAILED_TO_ASSUME_ROLE", "RETRY_ATTEMPTS": "0"},
		},
		{
			"at once when the input is no JSON", refusing("").with(parts{"Rule": strings.Replace(refusing("")["Rule"], `"Input": "{}"`, `"Input": "{"`, 1)}), nil,
			map[string]string{"ERROR_CODE": "INVALID_JSON", "RETRY_ATTEMPTS": "0"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, test.p, Options{Faults: test.faults}).send("a", "x", `{"n": 1}`).run()
			if len(r.messages()) != 1 {
				t.Fatalf("got %d messages, expected 1", len(r.messages()))
			}
			got := r.messages()[0]
			test.want["RULE_ARN"], test.want["TARGET_ARN"] = r.stack.Attribute("Rule", "Arn"), r.stack.Ref("Machine")
			if got.Attributes["ERROR_MESSAGE"] == "" {
				t.Error("there is no ERROR_MESSAGE")
			}
			delete(got.Attributes, "ERROR_MESSAGE")
			same(t, "attributes", got.Attributes, test.want)
			if !strings.Contains(got.Body, `"detail":{"n":1}`) {
				t.Errorf("got the body %s, expected the event rather than the input", got.Body)
			}
			same(t, "left over", r.Outcome().Waiting, map[string]int{"Queue": 1})
		})
	}
}

func TestADeliveryWithoutDeadLetterQueueIsLostAndToldOf(t *testing.T) {
	for name, change := range map[string]parts{
		"none":                  {"Rule": ruleFor("a", `{"Arn": {"Ref": "Machine"}, "Id": "t", "RoleArn": {"Fn::GetAtt": ["EventsRole", "Arn"]}}`)},
		"one that lets no rule": {"Open": openQueue("Queue", "sns.amazonaws.com")},
	} {
		t.Run(name, func(t *testing.T) {
			p := refusing("").with(change).with(parts{"EventsRole": role("events.amazonaws.com", "s3:GetObject")})
			r := build(t, p, Options{}).send("a", "x", `{}`).run()
			same(t, "lost", r.happened("DeliveryLost", "DeliveryFailed"), []string{"500ms DeliveryLost Rule"})
			if o := r.Outcome(); o.Succeeded() || len(o.Denials) == 0 {
				t.Errorf("got %+v, expected a failure and its denial", o)
			}
		})
	}
}

func TestEachKindOfTargetIsReached(t *testing.T) {
	base := parts{
		"Queue": queueOnly, "OpenQueue": openQueue("Queue", "events.amazonaws.com"), "Topic": topicOnly, "OpenTopic": openTopic("Topic", "events.amazonaws.com"),
		"FunctionRole": role("lambda.amazonaws.com", "logs:*"), "Function": functionWith(""), "Permission": permission,
		"MachineRole": role("states.amazonaws.com", "s3:*"), "Machine": machineOf(`{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}`),
		"EventsRole": role("events.amazonaws.com", "states:StartExecution", "glue:NotifyEvent", "redshift-data:BatchExecuteStatement"),
		"Workflow":   `{"Type": "AWS::Glue::Workflow"}`, "JobRole": role("glue.amazonaws.com", "s3:*"),
		"Job":     `{"Type": "AWS::Glue::Job", "Properties": {"Role": {"Fn::GetAtt": ["JobRole", "Arn"]}, "Command": {"Name": "pythonshell"}}}`,
		"Trigger": `{"Type": "AWS::Glue::Trigger", "Properties": {"Type": "EVENT", "WorkflowName": {"Ref": "Workflow"}, "Actions": [{"JobName": {"Ref": "Job"}}]}}`,
	}
	asRole := `, "RoleArn": {"Fn::GetAtt": ["EventsRole", "Arn"]}`
	for _, test := range []struct{ name, target, want string }{
		{"a state machine", `{"Ref": "Machine"}, "Id": "t"` + asRole, "500ms ExecutionStarted Machine"},
		{"a Glue workflow", `{"Fn::Join": ["", ["arn:aws:glue:us-east-1:123456789012:workflow/", {"Ref": "Workflow"}]]}, "Id": "t"` + asRole, "500ms WorkflowRunStarted Workflow"},
		{"a function", `{"Fn::GetAtt": ["Function", "Arn"]}, "Id": "t"`, "500ms FunctionInvoked Function"},
		{"a topic", `{"Ref": "Topic"}, "Id": "t"`, "500ms MessagePublished Topic"},
		{"a queue", `{"Fn::GetAtt": ["Queue", "Arn"]}, "Id": "t"`, "500ms MessageSent Queue"},
		{"a Redshift workgroup", `"arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/w", "Id": "t", "RedshiftDataParameters": {"Database": "dev", "Sqls": ["select 1"]}` + asRole, "500ms StatementStarted "},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, base.with(parts{"Rule": ruleFor("a", `{"Arn": `+test.target+`}`)}), Options{actions: map[string]handler{
				"redshift-data:batchexecutestatement": func(l *Lab, by caller, input map[string]any) (map[string]any, *apiError) {
					l.tell("redshift-data", "StatementStarted", "", nil)
					same(t, "input", input, map[string]any{"Database": "dev", "Sqls": []any{"select 1"}, "WorkgroupArn": "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/w"})
					same(t, "caller", by.Role, l.stack.Attribute("EventsRole", "Arn"))
					return map[string]any{}, nil
				},
			}}).send("a", "x", `{}`).run()
			got := r.happened("ExecutionStarted", "WorkflowRunStarted", "FunctionInvoked", "MessagePublished", "MessageSent", "StatementStarted")
			same(t, "reached", got, []string{test.want})
			same(t, "failures", len(r.failures), 0)
		})
	}
}

func TestAServiceNeedsThePolicyOfWhatItCallsForItself(t *testing.T) {
	function := parts{
		"FunctionRole": role("lambda.amazonaws.com", "logs:*"), "Function": functionWith(""),
		"Rule": ruleFor("a", `{"Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "Id": "t"}`),
	}
	r := build(t, function, Options{}).send("a", "x", `{}`).run()
	same(t, "calls", r.happened("FunctionInvoked", "DeliveryLost"), []string{"500ms DeliveryLost Rule"})
	same(t, "denied", r.denials.all[0].Action, "lambda:InvokeFunction")

	other := strings.Replace(permission, `"Principal"`, `"SourceArn": "arn:aws:events:us-east-1:123456789012:rule/another", "Principal"`, 1)
	r = build(t, function.with(parts{"Permission": other}), Options{}).send("a", "x", `{}`).run()
	same(t, "calls by a rule that the permission does not name", r.happened("FunctionInvoked", "DeliveryLost"), []string{"500ms DeliveryLost Rule"})
}

func TestAQueueWithAKeyNeedsTheKey(t *testing.T) {
	key := func(statement string) string {
		return `{"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}` + statement + `]}}}`
	}
	lets := `, {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"}`
	encrypted := `{"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}}`
	for _, test := range []struct {
		name, key, queue string
		messages         int
	}{
		{"the key lets the service", key(lets), encrypted, 1},
		{"the key does not", key(""), encrypted, 0},
		{"by its id", key(lets), `{"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}}`, 1},
		{"AWS's own key lets no service", key(lets), `{"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": "alias/aws/sqs"}}`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, toQueue("").with(parts{"Key": test.key, "Queue": test.queue}), Options{}).send("a", "x", `{}`).run()
			same(t, "messages", len(r.messages()), test.messages)
		})
	}
}

func TestPutEventsRefusesEntriesOneByOne(t *testing.T) {
	r := build(t, toQueue("").with(parts{"Role": role("states.amazonaws.com", "events:PutEvents")}), Options{})
	by := caller{Role: r.stack.Attribute("Role", "Arn")}
	output, err := r.call(by, "events:PutEvents", map[string]any{"Entries": []any{
		map[string]any{"Source": "a", "DetailType": "x", "Detail": `{"n": 1}`},
		map[string]any{"Source": "a", "DetailType": "x", "Detail": `{`},
		map[string]any{"Source": "aws.s3", "DetailType": "x", "Detail": `{}`},
		map[string]any{"DetailType": "x", "Detail": `{}`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var codes []any
	for _, entry := range output["Entries"].([]any) {
		codes = append(codes, entry.(map[string]any)["ErrorCode"])
	}
	same(t, "codes", codes, []any{nil, "MalformedDetail", "NotAuthorizedForSourceException", "InvalidArgument"})
	same(t, "failed", output["FailedEntryCount"], any(3))
	r.run()
	var event Envelope
	if err := json.Unmarshal([]byte(r.messages()[0].Body), &event); err != nil {
		t.Fatal(err)
	}
	same(t, "id", any(event.ID), output["Entries"].([]any)[0].(map[string]any)["EventId"])
}

func TestAnEventOfAPersonNeedsItsFields(t *testing.T) {
	r := build(t, toQueue(""), Options{})
	for _, text := range []string{`{`, `{"source": "a"}`, `{"detail-type": "x"}`, `[]`} {
		if err := r.Send([]byte(text)); err == nil {
			t.Errorf("%s was sent, expected an error", text)
		}
	}
}

func TestEventBridgeWaitsLongerEachTimeButNoLongerThanFiveMinutes(t *testing.T) {
	var waits []string
	for tries := 1; tries < 12; tries++ {
		waits = append(waits, backoff(tries).String())
	}
	same(t, "waits", fmt.Sprint(waits), "[1s 2s 4s 8s 16s 32s 1m4s 2m8s 4m16s 5m0s 5m0s]")
	if backoff(185) != 5*time.Minute {
		t.Error("the last wait is another")
	}
}
