package asl

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// world is the services that a recording had. Lambda functions run for real, S3 is in memory, and Step Functions' own
// calls (nested executions, tokens, activities with their workers) run on the interpreter. What SNS, SQS, DynamoDB,
// EventBridge and Secrets Manager answered is played back: of these cases, everything but the answers is compared.
type world struct {
	*lambda
	s3      map[string]map[string]string // bucket, key, body
	own     *StepFunctions
	answers []answer
	next    int
	worker  *StateMachine // takes the tasks of the activity
	started bool
}

// answer is what a service said to a call, as far as the history shows it.
type answer struct {
	submitted, succeeded, failed *Object
}

func newWorld(t *testing.T, r recording) *world {
	t.Helper()
	w := &world{lambda: &lambda{t: t, functions: map[string]function{}}, s3: map[string]map[string]string{}}
	w.qualify = func(name string) string { return "arn:aws:lambda:us-east-1:111111111111:function:" + name }
	for _, item := range r.list("lambdas") {
		l := item.(*Object)
		f := function{name: textOf(l, "function_name"), source: textOf(l, "source"), handler: "handler"}
		if !strings.Contains(f.source, "def handler(") {
			f.handler = "lambda_handler"
		}
		if variables, ok := l.Get("envvars"); ok && variables != nil {
			for name, value := range variables.(*Object).All() {
				f.environment = append(f.environment, name+"="+plainText(value))
			}
		}
		w.functions[f.name] = f
	}
	machines := map[string]*StateMachine{}
	if others, ok := r.at("other_state_machines").(*Object); ok {
		for name, text := range others.All() {
			machines[name] = w.parse(text)
		}
	}
	activities := map[string]bool{}
	for _, item := range r.list("setup") {
		w.setUp(item.(*Object), machines, activities)
	}
	w.own = &StepFunctions{
		Machine: func(arn string) (*StateMachine, Kind, bool) {
			m := machines[arn[strings.LastIndexByte(arn, ':')+1:]]
			return m, Standard, m != nil
		},
		Activity: func(arn string) bool { return activities[arn[strings.LastIndexByte(arn, ':')+1:]] },
		Next:     ServicesFunc(w.others),
	}
	w.recordedAnswers(r.list("expected", "events"))
	return w
}

func (w *world) parse(text any) *StateMachine {
	if definition, ok := text.(string); ok {
		text, _ = DecodeString(definition)
	}
	machine, err := parseRecorded(text, Standard)
	if err != nil {
		w.t.Fatal(err)
	}
	return machine
}

func (w *world) setUp(step *Object, machines map[string]*StateMachine, activities map[string]bool) {
	arguments, _ := step.Get("kwargs")
	kwargs, _ := arguments.(*Object)
	switch textOf(step, "op") {
	case "s3_create_bucket":
		w.s3[textOf(step, "result")] = map[string]string{}
	case "put_object":
		w.s3[textOf(kwargs, "Bucket")][textOf(kwargs, "Key")] = textOf(kwargs, "Body")
	case "create_activity":
		activities[textOf(kwargs, "name")] = true
	case "delete_activity":
		clear(activities)
	case "delete_state_machine":
		arn := textOf(kwargs, "stateMachineArn")
		delete(machines, arn[strings.LastIndexByte(arn, ':')+1:])
	case "sfn_activity_consumer":
		template, _ := kwargs.Get("template")
		w.worker = w.parse(template)
	}
}

// recordedAnswers gathers what the services said, one answer for each call in the order of the calls.
func (w *world) recordedAnswers(events []any) {
	for _, item := range events {
		event := item.(*Object)
		details, _ := event.Get("details")
		object, _ := details.(*Object)
		if textOf(event, "type") == "TaskScheduled" {
			w.answers = append(w.answers, answer{})
			continue
		}
		if len(w.answers) == 0 {
			continue
		}
		last := &w.answers[len(w.answers)-1]
		switch textOf(event, "type") {
		case "TaskSubmitted":
			last.submitted = object
		case "TaskSucceeded":
			last.succeeded = object
		case "TaskFailed":
			last.failed = object
		}
	}
}

func (w *world) Call(ctx context.Context, call *Call) error {
	if call.Pattern == ActivityTask && w.worker != nil && !w.started {
		w.started = true
		call.Clock.Execute(w.worker, Options{Input: ObjectOf("ActivityArn", call.Resource)}, func(*Result) {})
	}
	if call.Service == "states" && w.next < len(w.answers) {
		call.task = &headers{answers: call.task, recorded: w.answers[w.next]}
		w.next++
	}
	return w.own.Call(ctx, call)
}

func (w *world) others(ctx context.Context, call *Call) error {
	switch {
	case call.Service == "lambda":
		return w.lambda.Call(ctx, call)
	case call.Service == "s3" || call.Service == "aws-sdk:s3":
		w.object(call)
		return nil
	case w.next < len(w.answers):
		w.next++
		w.answers[w.next-1].play(call)
		return nil
	}
	return fmt.Errorf("the tests have no service %s", call.Service)
}

var taskToken = regexp.MustCompile(`<task[-_]token:\d+>`)

// play says what the service said. A token that comes back is the one of this run.
func (a *answer) play(call *Call) {
	if a.submitted != nil {
		output, _ := a.submitted.Get("output")
		call.Submit(output)
	}
	switch {
	case a.succeeded != nil:
		output, _ := a.succeeded.Get("output")
		output, _ = DecodeString(taskToken.ReplaceAllLiteralString(EncodeString(output), call.Token))
		call.Succeed(output)
	case a.failed != nil:
		cause := ""
		if v, ok := a.failed.Get("cause"); ok {
			cause = plainText(v)
		}
		call.Fail(textOf(a.failed, "error"), cause)
	}
}

// headers adds the metadata of the HTTP answer, which depends on names that the recording replaced.
type headers struct {
	answers
	recorded answer
}

func (h *headers) submit(output any) { h.answers.submit(withMetadata(output, h.recorded.submitted)) }

func (h *headers) succeed(output any) { h.answers.succeed(withMetadata(output, h.recorded.succeeded)) }

func withMetadata(output any, recorded *Object) any {
	v, _ := recorded.Get("output")
	from, _ := v.(*Object)
	to, ok := output.(*Object)
	if !ok || from == nil {
		return output
	}
	to = to.Clone()
	for _, key := range []string{"SdkHttpMetadata", "SdkResponseMetadata"} {
		if v, ok := from.Get(key); ok {
			to.Set(key, v)
		}
	}
	return to
}

// object answers a call of S3.
func (w *world) object(call *Call) {
	input, _ := call.Input.(*Object)
	bucket, ok := w.s3[textOf(input, "Bucket")]
	key := textOf(input, "Key")
	reason := func(text string) string {
		return fmt.Sprintf("%s (Service: S3, Status Code: 404, Request ID: %s, Extended Request ID: %s)", text, call.Clock.UUID(), call.Clock.UUID())
	}
	switch {
	case !ok:
		call.Fail("S3.NoSuchBucketException", reason("The specified bucket does not exist"))
	case call.Action == "getObject":
		body, ok := bucket[key]
		if !ok {
			call.Fail("S3.NoSuchKeyException", reason("The specified key does not exist."))
			return
		}
		call.Succeed(ObjectOf("Body", body, "ContentLength", int64(len(body))))
	case call.Action == "putObject":
		bucket[key] = textOf(input, "Body")
		call.Succeed(ObjectOf("ETag", `"etag"`))
	default:
		call.Fail("S3.NotImplemented", call.Action)
	}
}
