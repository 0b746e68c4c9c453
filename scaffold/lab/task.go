package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"example.com/pipewright/scaffold/asl"
)

// services answers the Task states of all executions.
func (l *Lab) services() asl.Services {
	inner := &asl.StepFunctions{Next: asl.ServicesFunc(l.serve)}
	return asl.ServicesFunc(func(ctx context.Context, call *asl.Call) error {
		if strings.EqualFold(call.Action, "startExecution") {
			return l.serve(ctx, call) // its executions are the lab's, and need permission
		}
		if refused := l.mayAnswer(call); refused != nil {
			call.Fail(errorName(call, "states", refused), refused.Message)
			return nil
		}
		return inner.Call(ctx, call)
	})
}

// mayAnswer checks the permission to answer a task by its token, which is one on the state machine of that task.
// Source: Service Authorization Reference, AWS Step Functions, SendTaskSuccess, read 2026-11.
func (l *Lab) mayAnswer(call *asl.Call) *apiError {
	if call.Service != "aws-sdk:sfn" || !strings.HasPrefix(call.Action, "sendTask") {
		return nil
	}
	input, err := plain(call.Input)
	if err != nil {
		return invalid("%v", err)
	}
	resource := "*"
	if task := l.clock.Task(text(capitals(input), "TaskToken")); task != nil {
		resource = task.Execution.MachineArn
	}
	return l.authorize(caller{Role: call.Execution.RoleArn}, "states:"+strings.ToUpper(call.Action[:1])+call.Action[1:], resource, nil)
}

// sdkServices are the services whose name in a task differs from that of their actions.
var sdkServices = map[string]string{"redshiftdata": "redshift-data", "sfn": "states", "eventbridge": "events", "emrserverless": "emr-serverless", "cloudwatchlogs": "logs"}

func actionService(service string) string {
	service = strings.TrimPrefix(service, "aws-sdk:")
	if other, ok := sdkServices[service]; ok {
		return other
	}
	return service
}

// serves refuses a definition that calls what the lab does not have, rather than when a run comes to it.
func (l *Lab) serves(definition []byte) error {
	var whole any
	if err := json.Unmarshal(definition, &whole); err != nil {
		return err
	}
	var problem error
	eachMember(whole, func(key string, element any) bool {
		if resource, ok := element.(string); ok && key == "Resource" && problem == nil {
			problem = l.servesResource(resource)
		}
		return key != "Parameters" && key != "Arguments" && key != "Result" && key != "Output"
	})
	return problem
}

// eachMember visits the members of each object in a JSON value. It goes into those of which visit says so.
func eachMember(value any, visit func(key string, element any) bool) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			eachMember(element, visit)
		}
	case map[string]any:
		for key, element := range value {
			if visit(key, element) {
				eachMember(element, visit)
			}
		}
	}
}

func (l *Lab) servesResource(resource string) error {
	_, called, ok := strings.Cut(resource, ":states:::")
	if !ok {
		return nil // a function or an activity
	}
	action, pattern, _ := strings.Cut(called, ".")
	service, name := action[:max(0, strings.LastIndexByte(action, ':'))], last(action, ":")
	full := actionService(service) + ":" + strings.ToLower(name)
	switch {
	case full == "states:startexecution", full == "lambda:invoke", service == "aws-sdk:sfn" && (strings.HasPrefix(name, "sendTask") || name == "getActivityTask"):
		return nil
	case strings.HasPrefix(pattern, "sync") && l.jobs[full] == nil:
		return fmt.Errorf("the lab cannot wait for %s: %w", resource, l.missing(full))
	case l.actions[full] == nil && l.jobs[full] == nil:
		return l.missing(full)
	}
	return nil
}

// serve answers a Task state: it calls the API as the machine's role, and waits for a job when the state does.
func (l *Lab) serve(_ context.Context, call *asl.Call) error {
	by := caller{Role: call.Execution.RoleArn, Source: call.Execution.MachineArn}
	if x := l.executions[call.Execution.Arn]; x != nil {
		l.cause.Store(x.cause)
	}
	if credentials, ok := call.Credentials.(*asl.Object); ok {
		role, _ := credentials.Get("RoleArn")
		return fmt.Errorf("state %s: the lab does not know Credentials of a task (%v)", call.State, role)
	}
	defer l.lineage.actsFor(call.Execution)()
	service := actionService(call.Service)
	if call.Pattern == asl.FunctionTask {
		l.invokeFor(call, by, nil)
		return nil
	}
	input, err := plain(call.Input)
	if err != nil {
		return err
	}
	if call.Pattern == asl.WaitForTaskToken {
		l.wait(call)
	}
	switch {
	case service == "states" && call.Action == "startExecution":
		l.serveExecution(call, by, input)
		return nil
	case call.Pattern == asl.RunJob || call.Pattern == asl.RunJob2:
		return l.serveJob(call, by, service, input)
	case service == "lambda" && call.Action == "invoke":
		l.invokeFor(call, by, capitals(input))
		return nil
	case call.Service == "events":
		input = withOrigin(input, call.Execution)
	}
	output, refused := l.call(by, service+":"+call.Action, input)
	switch {
	case refused != nil:
		call.Fail(errorName(call, service, refused), refused.Message)
	case call.Service == "events" && output["FailedEntryCount"] != 0:
		call.Fail("EventBridge.FailedEntry", string(asl.Encode(decoded(output))))
	case call.Pattern == asl.WaitForTaskToken:
		call.Submit(decoded(output))
	default:
		call.Succeed(decoded(output))
	}
	return nil
}

// withOrigin adds the execution and its machine to the resources of each event.
// Source: AWS Step Functions Developer Guide, "Add EventBridge events with Step Functions", read 2026-11.
func withOrigin(input map[string]any, from asl.Identity) map[string]any {
	entries, _ := input["Entries"].([]any)
	for _, item := range entries {
		if entry, ok := item.(map[string]any); ok {
			resources, _ := entry["Resources"].([]any)
			entry["Resources"] = append(resources, from.Arn, from.MachineArn)
		}
	}
	return input
}

// serveJob starts a job and answers when it is over. When nobody waits any more, because the task has timed out or its execution is
// over, the job is stopped, if the role may do that.
// Source: AWS Step Functions Developer Guide, "Discover service integration patterns", "Run a Job (.sync)", read 2026-11. It names an
// execution that is stopped and branches that fail; that a timeout cancels likewise is experience.
func (l *Lab) serveJob(call *asl.Call, by caller, service string, input map[string]any) error {
	action := service + ":" + strings.ToLower(call.Action)
	start, ok := l.jobs[action]
	if !ok {
		return fmt.Errorf("the lab cannot wait for %s", call.Resource)
	}
	if err := l.faults.refuse(action); err != nil {
		call.Fail(errorName(call, service, err), err.Message)
		return nil
	}
	over := false
	l.active++
	output, refused := start(by, input, func(end map[string]any, failure *apiError) {
		l.active--
		over = true
		switch {
		case call.Done():
		case failure != nil:
			call.Fail(failure.Code, failure.Message)
		default:
			call.Succeed(decoded(end))
		}
	})
	if refused != nil {
		l.active--
		call.Fail(errorName(call, service, refused), refused.Message)
		return nil
	}
	call.Submit(decoded(output))
	call.OnCancel(func() {
		stop := l.stops[action]
		if over || stop == nil {
			return
		}
		if err := stop(by, output); err != nil {
			l.tell("states", "TaskNotCancelled", call.State, map[string]any{"error": err.Error()})
			l.fail("state %s: its job runs on: %s", call.State, err)
		}
	})
	return nil
}

// serveExecution starts an execution of another state machine of the template.
// Source: AWS Step Functions Developer Guide, "Start a new AWS Step Functions state machine from a running execution", read 2026-11.
func (l *Lab) serveExecution(call *asl.Call, by caller, input map[string]any) {
	var done []func(*asl.Result)
	waits := call.Pattern == asl.RunJob || call.Pattern == asl.RunJob2
	if waits {
		done = append(done, func(r *asl.Result) { l.nestedOver(call, by, r) })
	}
	if err := l.faults.refuse("states:StartExecution"); err != nil {
		call.Fail(errorName(call, "states", err), err.Message)
		return
	}
	output, refused := l.startExecutionFor(by, capitals(input), done...)
	switch {
	case refused != nil:
		call.Fail(errorName(call, "states", refused), refused.Message)
	case waits, call.Pattern == asl.WaitForTaskToken:
		call.Submit(decoded(output))
	default:
		call.Succeed(decoded(output))
	}
}

// nestedOver ends the task that waited for an execution. Only .sync:2 gives input and output as JSON.
func (l *Lab) nestedOver(call *asl.Call, by caller, r *asl.Result) {
	if call.Done() {
		return
	}
	if err := l.authorize(by, "states:DescribeExecution", r.Identity.Arn, nil); err != nil {
		call.Fail(errorName(call, "states", err), err.Message)
		return
	}
	value := func(v any) any {
		if call.Pattern == asl.RunJob2 {
			return v
		}
		return asl.EncodeString(v)
	}
	o := asl.ObjectOf("ExecutionArn", r.Identity.Arn)
	if r.HasCause {
		o.Set("Cause", r.Cause)
	}
	if r.HasError {
		o.Set("Error", r.Error)
	}
	o.Set("Input", value(r.Input))
	o.Set("InputDetails", asl.ObjectOf("Included", true))
	o.Set("Name", r.Identity.Name)
	if r.Status == asl.Succeeded {
		o.Set("Output", value(r.Output))
		o.Set("OutputDetails", asl.ObjectOf("Included", true))
	}
	o.Set("StartDate", r.Started.UnixMilli())
	o.Set("StateMachineArn", r.Identity.MachineArn)
	o.Set("Status", string(r.Status))
	o.Set("StopDate", r.Stopped.UnixMilli())
	if r.Status == asl.Succeeded {
		call.Succeed(o)
		return
	}
	call.Fail(asl.ErrorTaskFailed, asl.EncodeString(o))
}

// errorPrefixes are how Step Functions begins the error names of a service: by the name of the integration, or for those of the SDK by
// the name of the client in the AWS SDK for Java 2.x.
// Source: AWS Step Functions Developer Guide, "Learning to use AWS service SDK integrations"; the recorded executions.
var errorPrefixes = map[bool]map[string]string{
	false: {"glue": "Glue", "sns": "SNS", "sqs": "SQS", "lambda": "Lambda", "states": "StepFunctions", "events": "EventBridge", "s3": "S3", "dynamodb": "DynamoDB", "batch": "Batch", "emr-serverless": "EMRServerless"},
	true: {
		"glue": "Glue", "s3": "S3", "sns": "Sns", "sqs": "Sqs", "lambda": "Lambda", "states": "Sfn", "redshift-data": "RedshiftData",
		"events": "EventBridge", "dynamodb": "DynamoDb", "batch": "Batch", "emr-serverless": "EmrServerless",
	},
}

// modeled are error names that differ from the code in the answer.
// Source: the exceptions of each client of the AWS SDK for Java 2.x, read 2026-11.
var modeled = map[string]map[string]string{
	"s3":     {"NoSuchKey": "NoSuchKeyException", "NoSuchBucket": "NoSuchBucketException"},
	"sns":    {accessDenied: "AuthorizationErrorException", throttled: "ThrottledException"},
	"sqs":    {noSuchQueue: "QueueDoesNotExistException", throttled: "RequestThrottledException"},
	"lambda": {throttled: "TooManyRequestsException"},
	"batch":  {throttled: "TooManyRequestsException"}, "dynamodb": {throttled: "ProvisionedThroughputExceededException"},
}

// unmodeled are the names of errors that the model of a service does not have: those of its client, of which the SDK integrations take
// version 2 of the SDK for Java, the others version 1, as recorded messages show.
var unmodeled = map[bool]map[string]string{
	false: {"sqs": "AmazonSQSException", "states": "AWSStepFunctionsException", "events": "AmazonEventBridgeException", "lambda": "AWSLambdaException", "dynamodb": "AmazonDynamoDBException", "batch": "AWSBatchException", "emr-serverless": "AWSEMRServerlessException"},
	true: {
		"sqs": "SqsException", "states": "SfnException", "events": "EventBridgeException", "lambda": "LambdaException",
		"redshift-data": "RedshiftDataException",
		"dynamodb":      "DynamoDbException", "batch": "BatchException", "emr-serverless": "EmrServerlessException",
	},
}

// unmodeledCodes are those that DynamoDB answers, and its model does not have.
var unmodeledCodes = map[string]bool{"ValidationException": true, "SerializationException": true, "KMSAccessDeniedException": true}

func errorName(call *asl.Call, service string, err *apiError) string {
	sdk := strings.HasPrefix(call.Service, "aws-sdk:")
	prefix := errorPrefixes[sdk][service]
	if name := modeled[service][err.Code]; name != "" {
		return prefix + "." + name
	}
	if service == "s3" {
		return prefix + ".S3Exception" // it models no other that the lab gives
	}
	if name := unmodeled[sdk][service]; name != "" && (err.Code == accessDenied || service == "dynamodb" && unmodeledCodes[err.Code]) {
		return prefix + "." + name
	}
	return prefix + "." + strings.TrimSuffix(err.Code, "Exception") + "Exception"
}

// plain is a value of the interpreter as encoding/json would read it.
func plain(value any) (map[string]any, error) {
	var out map[string]any
	if value == nil {
		return map[string]any{}, nil
	}
	if err := json.Unmarshal(asl.Encode(value), &out); err != nil {
		return nil, fmt.Errorf("a task's arguments are no object: %w", err)
	}
	return out, nil
}

// decoded is an answer as the interpreter's value.
func decoded(answer map[string]any) any {
	text, err := json.Marshal(answer)
	if err != nil {
		return asl.NewObject()
	}
	value, err := asl.Decode(text)
	if err != nil {
		return asl.NewObject()
	}
	return value
}
