package lab

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// pipeline is a state machine with a job, a function, a topic, a queue and buckets. Its role may do what is given, on everything.
func pipeline(definition string, actions ...string) parts {
	return parts{
		"MachineRole": role("states.amazonaws.com", append(actions, "logs:*")...), "Machine": machineOf(definition),
		"JobRole": role("glue.amazonaws.com", "s3:*"), "Job": `{"Type": "AWS::Glue::Job", "Properties": {"Name": "etl", "Role": {"Fn::GetAtt": ["JobRole", "Arn"]}, "Command": {"Name": "pythonshell"}}}`,
		"FunctionRole": role("lambda.amazonaws.com", "logs:*"), "Function": functionWith(`, "FunctionName": "check"`),
		"Landing": `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "landing", "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": true}}}}`,
		"Queue":   `{"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "queue"}}`, "Topic": `{"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "topic"}}`,
	}
}

// task is a machine of one state, that a Catch leads to a Pass.
func task(resource, parameters, more string) string {
	return fmt.Sprintf(`{"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": "arn:aws:states:::%s", "Parameters": %s%s,
		"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}], "End": true}, "Caught": {"Type": "Pass", "End": true}}}`, resource, parameters, more)
}

func (r *rig) begin(input string) *rig {
	r.t.Helper()
	if err := r.Start(input); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// output is that of the first execution that ended.
func (r *rig) output() map[string]any {
	r.t.Helper()
	ended := r.details("ExecutionEnded")
	if len(ended) == 0 {
		r.t.Fatal("no execution has ended")
	}
	output, _ := ended[0]["output"].(map[string]any)
	return output
}

const (
	startJob  = "glue:startJobRun.sync"
	theJob    = `{"JobName": "etl"}`
	onStorage = "s3:*"
)

func TestATaskFailsWithTheNameThatStepFunctionsGives(t *testing.T) {
	glue := []string{"glue:StartJobRun", "glue:GetJobRun"}
	function := func(kind string) scripted {
		return scripted{function: func(*function, json.RawMessage) (json.RawMessage, *functionError) {
			return json.RawMessage(`{"errorType": "` + kind + `", "errorMessage": "no"}`), &functionError{Type: kind, Message: "no"}
		}}
	}
	invoke, check := "lambda:invoke", `{"FunctionName": "check", "Payload": {}}`
	for _, test := range []struct {
		name, definition string
		actions          []string
		options          Options
		want             string
	}{
		{"a job that fails", task(startJob, theJob, ""), glue, Options{Faults: []Fault{{Kind: "fail", Where: "Job"}}}, "States.TaskFailed"},
		{"a job that times out", task(startJob, theJob, ""), glue, Options{Faults: []Fault{{Kind: "timeout", Where: "Job"}}}, "States.TaskFailed"},
		{"no such job", task(startJob, `{"JobName": "other"}`, ""), glue, Options{}, "Glue.EntityNotFoundException"},
		{"a job without permission", task(startJob, theJob, ""), []string{"glue:GetJobRun"}, Options{}, "Glue.AccessDeniedException"},
		{"a job whose state may not be read", task(startJob, theJob, ""), []string{"glue:StartJobRun"}, Options{}, "Glue.AccessDeniedException"},
		{"Glue that is busy", task(startJob, theJob, ""), glue, Options{Faults: []Fault{{Kind: "throttle", Where: "glue:StartJobRun"}}}, "Glue.ThrottlingException"},
		{"a function's own error", task(invoke, check, ""), []string{"lambda:InvokeFunction"}, Options{Programs: function("InvalidFile")}, "InvalidFile"},
		{"a function that takes too long", task(invoke, check, ""), []string{"lambda:InvokeFunction"}, Options{Faults: []Fault{{Kind: "timeout", Where: "Function"}}}, "Sandbox.Timedout"},
		{"a function that becomes too slow", task(invoke, check, ""), []string{"lambda:InvokeFunction"}, Options{Faults: []Fault{{Kind: "slow", Where: "Function", Delay: time.Minute}}}, "Sandbox.Timedout"},
		{"too many calls of a function", task(invoke, check, ""), []string{"lambda:InvokeFunction"}, Options{Faults: []Fault{{Kind: "throttle", Where: "lambda:Invoke"}}}, "Lambda.TooManyRequestsException"},
		{"a function without permission", task(invoke, check, ""), nil, Options{}, "Lambda.AWSLambdaException"},
		{"no such function", task(invoke, `{"FunctionName": "other"}`, ""), []string{"lambda:InvokeFunction"}, Options{}, "Lambda.ResourceNotFoundException"},
		{"a topic without permission", task("sns:publish", `{"TopicArn": "arn:aws:sns:us-east-1:123456789012:topic", "Message": "m"}`, ""), nil, Options{}, "SNS.AuthorizationErrorException"},
		{"SNS that is busy", task("sns:publish", `{"TopicArn": "arn:aws:sns:us-east-1:123456789012:topic", "Message": "m"}`, ""), []string{"sns:Publish"}, Options{Faults: []Fault{{Kind: "throttle", Where: "sns:"}}}, "SNS.ThrottledException"},
		{"no such queue", task("aws-sdk:sqs:sendMessage", `{"QueueUrl": "u", "MessageBody": "m"}`, ""), []string{"sqs:SendMessage"}, Options{}, "Sqs.QueueDoesNotExistException"},
		{"no such object", task("aws-sdk:s3:getObject", `{"Bucket": "landing", "Key": "k"}`, ""), []string{onStorage}, Options{}, "S3.NoSuchKeyException"},
		{"no such object, seen by its head", task("aws-sdk:s3:headObject", `{"Bucket": "landing", "Key": "k"}`, ""), []string{onStorage}, Options{}, "S3.NoSuchKeyException"},
		{"no such object, and no right to know", task("aws-sdk:s3:getObject", `{"Bucket": "landing", "Key": "k"}`, ""), []string{"s3:GetObject"}, Options{}, "S3.S3Exception"},
		{"no such bucket", task("aws-sdk:s3:listObjectsV2", `{"Bucket": "other"}`, ""), []string{onStorage}, Options{}, "S3.NoSuchBucketException"},
		{"an object without permission", task("aws-sdk:s3:putObject", `{"Bucket": "landing", "Key": "k", "Body": "b"}`, ""), []string{"s3:GetObject"}, Options{}, "S3.S3Exception"},
		{"an event that is refused", task("events:putEvents", `{"Entries": [{"Source": "aws.x", "DetailType": "d", "Detail": {}}]}`, ""), []string{"events:PutEvents"}, Options{}, "EventBridge.FailedEntry"},
		{"another execution without permission", task("states:startExecution", `{"StateMachineArn.$": "$$.StateMachine.Id"}`, ""), nil, Options{}, "StepFunctions.AWSStepFunctionsException"},
		{"a queue without permission", task("sqs:sendMessage", `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/queue", "MessageBody": "m"}`, ""), nil, Options{}, "SQS.AmazonSQSException"},
		{"an event without permission, by the SDK", task("aws-sdk:eventbridge:putEvents", `{"Entries": []}`, ""), nil, Options{}, "EventBridge.EventBridgeException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, pipeline(test.definition, test.actions...), test.options).begin("{}").run()
			if got := r.output()["Error"]; got != test.want {
				t.Errorf("got %v, expected %s", r.output(), test.want)
			}
		})
	}
}

func TestATaskGetsWhatItsServiceAnswers(t *testing.T) {
	for _, test := range []struct {
		name, definition string
		action           string
		want             string // in the output
	}{
		{"a job", task(startJob, theJob, ""), "glue:*", `"JobRunState":"SUCCEEDED"`},
		{"a job that is not waited for", task("glue:startJobRun", theJob, ""), "glue:*", `"JobRunId":"jr_`},
		{"a function", task("lambda:invoke", `{"FunctionName": "check", "Payload": {"n": 1}}`, ""), "lambda:*", `"Payload":{"n":1}`},
		{"an asynchronous call", task("lambda:invoke", `{"FunctionName": "check", "InvocationType": "Event", "Payload": {"n": 1}}`, ""), "lambda:*", `"StatusCode":202`},
		{"a function by its ARN", strings.Replace(task("x", `{"n": 1}`, ""), "arn:aws:states:::x", "arn:aws:lambda:us-east-1:123456789012:function:check", 1), "lambda:*", `{"n":1}`},
		{"a topic", task("sns:publish", `{"TopicArn": "arn:aws:sns:us-east-1:123456789012:topic", "Message": {"n": 1}}`, ""), "sns:*", `"MessageId":"`},
		{"a queue", task("sqs:sendMessage", `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/queue", "MessageBody": {"n": 1}}`, ""), "sqs:*", `"MessageId":"`},
		{"an event", task("events:putEvents", `{"Entries": [{"Source": "a", "DetailType": "d", "Detail": {"n": 1}}]}`, ""), "events:*", `"FailedEntryCount":0`},
		{"an object", task("aws-sdk:s3:getObject", `{"Bucket": "landing", "Key": "there"}`, ""), onStorage, `"Body":"data"`},
		{"an object's head", task("aws-sdk:s3:headObject", `{"Bucket": "landing", "Key": "there"}`, ""), onStorage, `"ContentLength":4`},
		{"a copy", task("aws-sdk:s3:copyObject", `{"Bucket": "landing", "Key": "copy", "CopySource": "landing/there"}`, ""), onStorage, `"CopyObjectResult":{"ETag":"`},
		{"a new object", task("aws-sdk:s3:putObject", `{"Bucket": "landing", "Key": "k/v", "Body": {"n": 1}}`, ""), onStorage, `"ETag":"`},
		{"a removed object", task("aws-sdk:s3:deleteObject", `{"Bucket": "landing", "Key": "there"}`, ""), onStorage, `{}`},
		{"a listing", task("aws-sdk:s3:listObjectsV2", `{"Bucket": "landing", "Prefix": "th"}`, ""), onStorage, `"KeyCount":1`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, pipeline(test.definition, test.action), Options{}).put("there").begin("{}").run()
			text, err := json.Marshal(r.output())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), test.want) || len(r.failures) > 0 {
				t.Errorf("got %s (failures %q), expected %s in it", text, r.failures, test.want)
			}
		})
	}
}

func TestAnObjectOfATaskBecomesAnEventLikeAnyOther(t *testing.T) {
	p := pipeline(task("aws-sdk:s3:copyObject", `{"Bucket": "landing", "Key": "copy", "CopySource": "landing/with%20space"}`, ""), onStorage)
	r := build(t, p, Options{}).put("with space").begin("{}").run()
	var got []string
	for _, e := range r.details("ObjectCreated") {
		got = append(got, e["key"].(string))
	}
	same(t, "objects", got, []string{"with space", "copy"})
}

func TestAnUnknownParameterOfStorageIsRefused(t *testing.T) {
	p := pipeline(task("aws-sdk:s3:putObject", `{"Bucket": "landing", "Key": "k", "Body": "b", "Tagging": "a=b"}`, ""), onStorage)
	if err := build(t, p, Options{}).begin("{}").Run(); err == nil || !strings.Contains(err.Error(), "does not know Tagging of s3:PutObject") {
		t.Errorf("got %v", err)
	}
}

func TestAnEventOfATaskSaysWhereItComesFrom(t *testing.T) {
	p := pipeline(task("events:putEvents", `{"Entries": [{"Source": "a", "DetailType": "d", "Detail": {}, "Resources": ["mine"]}]}`, ""), "events:PutEvents").
		with(parts{"Open": openQueue("Queue", "events.amazonaws.com"), "Rule": ruleFor("a", `{"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Id": "t", "InputPath": "$.resources"}`)})
	r := build(t, p, Options{}).begin("{}").run()
	name := r.details("ExecutionStarted")[0]["name"].(string)
	same(t, "resources", r.messages()[0].Body, fmt.Sprintf(`["mine","%s:%s","%s"]`, strings.Replace(r.stack.Ref("Machine"), "stateMachine", "execution", 1), name, r.stack.Ref("Machine")))
}

func TestAnExecutionIsStartedOnceUnderAName(t *testing.T) {
	p := pipeline(`{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}`)
	me := caller{Service: operator}
	startNamed := func(r *rig, input string) (any, *apiError) {
		output, err := r.startExecution(me, map[string]any{"StateMachineArn": r.stack.Ref("Machine"), "Name": "n", "Input": input})
		return output["ExecutionArn"], err
	}
	r := build(t, p, Options{})
	first, err := startNamed(r, `{"a": 1}`)
	if err != nil {
		t.Fatal(err)
	}
	if again, refused := startNamed(r, `{"a": 1}`); refused != nil || again != first {
		t.Errorf("the same again gave %v, %v; expected the execution that runs", again, refused)
	}
	if _, err = startNamed(r, `{"a": 2}`); err == nil || err.Code != "ExecutionAlreadyExists" {
		t.Errorf("another input gave %v, expected ExecutionAlreadyExists", err)
	}
	r.run()
	if _, err = startNamed(r, `{"a": 1}`); err == nil || err.Code != "ExecutionAlreadyExists" {
		t.Errorf("the same after its end gave %v, expected ExecutionAlreadyExists", err)
	}
	same(t, "executions", len(r.happened("ExecutionStarted")), 1)

	p["Machine"] = machineOf(`{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}`, `, "StateMachineType": "EXPRESS"`)
	r = build(t, p, Options{})
	one, _ := startNamed(r, `{}`)
	two, err := startNamed(r, `{}`)
	if err != nil || one == two || !strings.Contains(fmt.Sprint(one), ":express:") {
		t.Errorf("got %v, %v and %v, expected two Express executions", one, two, err)
	}
}

func TestATaskThatTimesOutStopsItsJob(t *testing.T) {
	definition := task(startJob, theJob, `, "TimeoutSeconds": 20`)
	r := build(t, pipeline(definition, "glue:*"), Options{}).begin("{}").run()
	same(t, "job", r.happened("JobRunEnded", "ExecutionEnded"), []string{"20s ExecutionEnded Machine", "20s JobRunEnded Job"})
	same(t, "state", r.details("JobRunEnded")[0]["state"], any("STOPPED"))

	r = build(t, pipeline(definition, "glue:StartJobRun", "glue:GetJobRun"), Options{}).begin("{}").run()
	same(t, "a job that may not be stopped", r.happened("JobRunEnded", "TaskNotCancelled"), []string{"20s TaskNotCancelled Do", "1m0s JobRunEnded Job"})
	same(t, "denied", r.denials.all[0].Action, "glue:BatchStopJobRun")
}

func TestABranchThatFailsStopsTheJobsOfTheOthers(t *testing.T) {
	p := pipeline(`{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "Job", "States": {"Job": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "etl"}, "End": true}}},
		{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "Next": "F"}, "F": {"Type": "Fail", "Error": "Bad"}}}]}}}`, "glue:*")
	r := build(t, p, Options{}).begin("{}").run()
	same(t, "job", r.happened("JobRunEnded"), []string{"10s JobRunEnded Job"})
	same(t, "state", r.details("JobRunEnded")[0]["state"], any("STOPPED"))
}

func TestAJobThatIsDoneIsNotStopped(t *testing.T) {
	r := build(t, pipeline(task(startJob, theJob, `, "TimeoutSeconds": 60`), "glue:StartJobRun", "glue:GetJobRun"), Options{Programs: scripted{job: func(*jobRun) outcome {
		return outcome{duration: 59 * time.Second}
	}}}).begin("{}").run()
	same(t, "ended", r.details("ExecutionEnded")[0]["status"], any("SUCCEEDED"))
	same(t, "failures and denials", len(r.failures)+len(r.denials.all), 0)
}

func TestTheShippedMachineWaitsForItsTurn(t *testing.T) {
	r := playTwo(t, "../../stacks/statemachine/testdata/template.json")
	started := r.happened("JobRunStarted")
	if len(started) != 2 || len(r.failures) > 0 {
		t.Fatalf("got the runs %v and the failures %v, expected both files to be loaded", started, r.failures)
	}
	if started[0] == started[1] {
		t.Errorf("got %v, expected the second when the first is over", started)
	}
}

const (
	callback = "sqs:sendMessage.waitForTaskToken"
	askPart  = `{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/queue", "MessageBody": {"token.$": "$$.Task.Token"}}`
)

func TestAPersonAnswersATaskThatWaits(t *testing.T) {
	for _, test := range []struct {
		name, more string
		answer     func(r *rig, w WaitingTask) error
		status     string
		output     map[string]any
	}{
		{"with an output, by the token", "", func(r *rig, w WaitingTask) error { return r.Answer(w.Token, Reply{Output: `{"ok": true}`}) }, "SUCCEEDED", map[string]any{"ok": true}},
		{"with an error, by the execution", "", func(r *rig, w WaitingTask) error {
			return r.Answer(w.Execution, Reply{Failed: true, Error: "Refused", Cause: "no"})
		}, "SUCCEEDED", map[string]any{"Error": "Refused", "Cause": "no"}},
		{"not at all, until the timeout", `, "TimeoutSeconds": 3600`, func(*rig, WaitingTask) error { return nil }, "SUCCEEDED", map[string]any{"Error": "States.Timeout"}},
		{"not at all, until the heartbeat is missed", `, "HeartbeatSeconds": 60`, func(*rig, WaitingTask) error { return nil }, "SUCCEEDED", map[string]any{"Error": "States.Timeout"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r *rig
			var asked []WaitingTask
			r = build(t, pipeline(task(callback, askPart, test.more), "sqs:SendMessage"), Options{Waiting: func(_ *Lab, w WaitingTask) {
				asked = append(asked, w)
				r.later(time.Minute/2, func() {
					if err := test.answer(r, w); err != nil {
						t.Error(err)
					}
				})
			}})
			r.begin("{}").run()
			if len(asked) != 1 || asked[0].Machine != "Machine" || asked[0].State != "Do" || asked[0].Token == "" {
				t.Fatalf("got %+v, expected one task to wait", asked)
			}
			same(t, "message", r.messages()[0].Body, fmt.Sprintf(`{"token":%q}`, asked[0].Token))
			ended := r.details("ExecutionEnded")[0]
			same(t, "status", ended["status"], any(test.status))
			for key, value := range test.output {
				if r.output()[key] != value {
					t.Errorf("got the output %v, expected %v", r.output(), test.output)
				}
			}
			same(t, "still waiting", len(r.Waiting()), 0)
		})
	}
}

func TestAnAnswerNeedsATaskThatWaits(t *testing.T) {
	r := build(t, pipeline(task(callback, askPart, ""), "sqs:SendMessage"), Options{}).begin("{}").run()
	if len(r.failures) != 1 || !strings.Contains(r.failures[0], "waits in Do for an answer that nobody gave") {
		t.Errorf("got the failures %q, expected one about the answer", r.failures)
	}
	if now := r.clock.Now(); now.After(start.Add(time.Minute)) {
		t.Errorf("the clock went on to %s, though nothing could happen", now)
	}
	if err := r.Answer("other", Reply{Output: "{}"}); err == nil {
		t.Error("an answer to nobody was taken")
	}
	waiting := r.Waiting()
	if err := r.Answer(waiting[0].Token, Reply{Output: "{"}); err == nil {
		t.Error("an answer that is no JSON was taken")
	}
	if err := r.Answer(waiting[0].Token, Reply{Output: "{}"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Answer(waiting[0].Token, Reply{Output: "{}"}); err == nil {
		t.Error("a second answer was taken")
	}
	r.run()
	same(t, "status", r.details("ExecutionEnded")[0]["status"], any("SUCCEEDED"))
}

func TestAnotherExecutionIsPartOfTheRun(t *testing.T) {
	child := machineOf(`{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}`, `, "StateMachineName": "child"`)
	parameters := `{"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:child", "Input": {"n": 1}}`
	for suffix, want := range map[string]any{".sync:2": map[string]any{"n": 1.0}, ".sync": `{"n":1}`, "": nil} {
		p := pipeline(task("states:startExecution"+suffix, parameters, ""), "states:*").with(parts{"Child": child})
		r := build(t, p, Options{})
		if _, err := r.startExecution(caller{Service: operator}, map[string]any{"StateMachineArn": r.stack.Ref("Machine")}); err != nil {
			t.Fatal(err)
		}
		r.run()
		ended := r.happened("ExecutionEnded")
		same(t, "executions that ended with "+suffix, len(ended), 2)
		var output map[string]any
		for _, e := range r.details("ExecutionEnded") {
			if o, ok := e["output"].(map[string]any); ok && o["ExecutionArn"] != nil {
				output = o
			}
		}
		same(t, "output of the child with "+suffix, output["Output"], want)
	}
	p := pipeline(task("states:startExecution.sync", parameters, ""), "states:StartExecution").with(parts{"Child": child})
	r := build(t, p, Options{})
	if _, err := r.startExecution(caller{Service: operator}, map[string]any{"StateMachineArn": r.stack.Ref("Machine")}); err != nil {
		t.Fatal(err)
	}
	r.run()
	same(t, "denied", r.denials.all[0].Action, "states:DescribeExecution")
	same(t, "error", r.details("ExecutionEnded")[1]["output"], any(map[string]any{"Error": "StepFunctions.AWSStepFunctionsException", "Cause": r.denials.all[0].String()}))
}

func TestAMapReadsItsItemsFromStorageAndWritesItsResultsThere(t *testing.T) {
	reading := func(reader string) string {
		return `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemReader": ` + reader + `,
			"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}},
			"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "landing", "Prefix": "results"}}}}}`
	}
	list := `{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "landing", "Prefix": "raw/"}}`
	file := `{"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, "Parameters": {"Bucket": "landing", "Key": "items.csv"}}`
	for _, test := range []struct {
		name, reader string
		actions      []string
		want         string // in the results; empty: the error
		failure      string
	}{
		{"a listing", list, []string{onStorage}, `raw/2`, ""},
		{"a CSV file", file, []string{onStorage}, `Oslo`, ""},
		{"a listing without permission", list, []string{"s3:PutObject"}, "", "States.ItemReaderFailed"},
		{"results without permission", list, []string{"s3:ListBucket"}, "", "States.ResultWriterFailed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, pipeline(reading(test.reader), test.actions...), Options{}).put("raw/1", "raw/2")
			if err := r.Put("items.csv", []byte("city\nOslo\nBergen\n")); err != nil {
				t.Fatal(err)
			}
			r.begin("{}").run()
			ended := r.details("ExecutionEnded")[0]
			if test.failure != "" {
				same(t, "error", ended["error"], any(test.failure))
				return
			}
			details, _ := r.output()["ResultWriterDetails"].(map[string]any)
			manifest, err := r.store.read("landing", fmt.Sprint(details["Key"]))
			if err != nil {
				t.Fatalf("%v: %v", ended, err)
			}
			results, err := r.store.read("landing", strings.Replace(fmt.Sprint(details["Key"]), "manifest.json", "SUCCEEDED_0.json", 1))
			if err != nil || !strings.Contains(string(results), test.want) {
				t.Errorf("got %s (%v), expected %s in it; the manifest is %s", results, err, test.want, manifest)
			}
		})
	}
}

func TestATokenIsAnsweredOnlyWithPermission(t *testing.T) {
	const definition = `{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", "Parameters": {"TaskToken": "none", "Output": "{}"}, "End": true}}}]}}}`
	for _, test := range []struct{ action, want string }{{"states:SendTaskSuccess", "Sfn.InvalidTokenException"}, {"s3:GetObject", "Sfn.SfnException"}} {
		r := build(t, pipeline(definition, test.action), Options{}).begin("{}").run()
		same(t, "error with "+test.action, r.details("ExecutionEnded")[0]["error"], any(test.want))
	}
}
