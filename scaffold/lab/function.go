package lab

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
)

// function is an AWS Lambda function.
type function struct {
	id, name, arn, role string
	timeout             time.Duration
	memory              int // MB
	environment         map[string]string
	retries             int           // of an asynchronous call
	age                 time.Duration // an asynchronous event is dropped when it is older
	onFailure           string        // ARN of a queue or a topic
	instances           int           // started so far: the first call of each is a cold start
	processes           int           // of this machine, started so far
}

// Defaults of a function, and of its asynchronous calls.
// Source: AWS Lambda API, CreateFunction; AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous
// invocation"; read 2026-11.
const (
	defaultFunctionTimeout = 3 * time.Second
	defaultRetries         = 2
	defaultEventAge        = 6 * time.Hour
	firstRetry             = time.Minute
	secondRetry            = 2 * time.Minute
)

// How long a call takes on AWS, as far as the lab knows: the program itself runs in no virtual time.
const (
	coldStart = 250 * time.Millisecond
	warmCall  = 50 * time.Millisecond
)

func (l *Lab) readFunctions() error {
	for _, id := range l.stack.ByType("AWS::Lambda::Function") {
		resource := l.stack.Resources[id]
		f := &function{
			id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Arn"), role: cfn.Text(resource.Get("Role")),
			timeout: defaultFunctionTimeout, memory: int(number(resource.Get("MemorySize"))),
			environment: textMap(resource.Get("Environment", "Variables")), retries: defaultRetries, age: defaultEventAge,
		}
		if seconds := number(resource.Get("Timeout")); seconds > 0 {
			f.timeout = time.Duration(seconds) * time.Second
		}
		l.functions[f.arn], l.functions[f.name] = f, f
	}
	for _, id := range l.stack.ByType("AWS::Lambda::EventInvokeConfig") {
		resource := l.stack.Resources[id]
		f := l.functions[cfn.Text(resource.Get("FunctionName"))]
		if f == nil {
			return fmt.Errorf("%s: there is no function %s in the template", id, cfn.Text(resource.Get("FunctionName")))
		}
		if most, ok := resource.Get("MaximumRetryAttempts").(float64); ok {
			f.retries = int(most)
		}
		if seconds, ok := resource.Get("MaximumEventAgeInSeconds").(float64); ok {
			f.age = time.Duration(seconds) * time.Second
		}
		f.onFailure, _ = resource.Get("DestinationConfig", "OnFailure", "Destination").(string)
	}
	return nil
}

var functionActions = map[string]handler{"lambda:invokeasync": (*Lab).invokeAsync}

// invokeAsync is Invoke with the type Event, as EventBridge and Scheduler call it: the event is queued, and tried again when it fails.
func (l *Lab) invokeAsync(by caller, input map[string]any) (map[string]any, *apiError) {
	f := l.functions[text(input, "FunctionName")]
	if f == nil {
		return nil, failed("ResourceNotFoundException", "Function not found: %s", text(input, "FunctionName"))
	}
	if err := l.authorize(by, "lambda:InvokeFunction", f.arn, nil); err != nil {
		return nil, err
	}
	payload := json.RawMessage(cmp.Or(body(input["Payload"]), "{}"))
	l.later(0, func() { l.tryAsync(f, payload, l.clock.Now(), 0) })
	return map[string]any{"StatusCode": 202}, nil
}

// tryAsync makes one attempt of an asynchronous call. Retries come after one minute, then two; what fails for good goes to the
// function's destination.
func (l *Lab) tryAsync(f *function, payload json.RawMessage, sent time.Time, before int) {
	l.invoke(f, payload, before+1, func(answer json.RawMessage, failure *functionError) {
		if failure == nil {
			return
		}
		wait := firstRetry
		if before > 0 {
			wait = secondRetry
		}
		if before < f.retries && l.clock.Now().Add(wait).Sub(sent) <= f.age {
			l.later(wait, func() { l.tryAsync(f, payload, sent, before+1) })
			return
		}
		l.fail("function %s failed %d times: %s: %s", f.id, before+1, failure.Type, failure.Message)
		l.abandon(f, payload, answer, before+1)
	})
}

// abandon hands a failed event to the function's destination.
// Source: AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations", read 2026-11.
func (l *Lab) abandon(f *function, payload, answer json.RawMessage, tries int) {
	if f.onFailure == "" {
		return
	}
	record, err := json.Marshal(map[string]any{
		"version": "1.0", "timestamp": l.clock.Now().Format(time.RFC3339),
		"requestContext":  map[string]any{"requestId": l.clock.UUID(), "functionArn": f.arn + ":$LATEST", "condition": "RetriesExhausted", "approximateInvokeCount": tries},
		"requestPayload":  payload,
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"responsePayload": answer,
	})
	if err != nil {
		l.broken(fmt.Errorf("function %s: %w", f.id, err))
		return
	}
	by := caller{Role: f.role}
	var refused *apiError
	if l.topics[f.onFailure] != nil {
		_, refused = l.publish(by, map[string]any{"TopicArn": f.onFailure, "Message": string(record)})
	} else {
		refused = l.enqueue(by, f.onFailure, string(record), nil)
	}
	if refused != nil {
		l.tell("lambda", "DestinationFailed", f.id, map[string]any{"error": refused.Error()})
		l.count("AWS/Lambda", "DestinationDeliveryFailures", dimension{"FunctionName", f.name})
	}
}

// functionError is what a function answers when it fails: its error's type and message.
type functionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// invoke runs the function's program and answers when it would have answered on AWS.
func (l *Lab) invoke(f *function, payload json.RawMessage, attempt int, done func(answer json.RawMessage, failure *functionError)) {
	took := warmCall
	if f.instances == 0 {
		took += coldStart
		f.instances++
	}
	l.tell("lambda", "FunctionInvoked", f.id, map[string]any{"payload": payload, "attempt": attempt})
	l.count("AWS/Lambda", "Invocations", dimension{"FunctionName", f.name})
	answer, failure := l.runFunction(f, payload, attempt)
	if failure != nil && failure.Type == "Sandbox.Timedout" {
		took = f.timeout
	}
	l.later(took, func() {
		l.store.settle()
		detail := map[string]any{"answer": answer}
		if failure != nil {
			detail = map[string]any{"error": failure.Type, "message": failure.Message}
			l.count("AWS/Lambda", "Errors", dimension{"FunctionName", f.name})
		}
		l.tell("lambda", "FunctionEnded", f.id, detail)
		done(answer, failure)
	})
}

// invokeFor is Invoke from a Task state. An error of the function is the task's error, by its own name.
// Source: AWS Step Functions Developer Guide, "Invoke an AWS Lambda function with Step Functions", and the recorded executions.
func (l *Lab) invokeFor(call *asl.Call, by caller, input map[string]any) {
	f := l.functions[text(input, "FunctionName")]
	if f == nil {
		call.Fail("Lambda.ResourceNotFoundException", "Function not found: "+text(input, "FunctionName"))
		return
	}
	if err := l.authorize(by, "lambda:InvokeFunction", f.arn, nil); err != nil {
		call.Fail("Lambda.AWSLambdaException", err.Message)
		return
	}
	payload := json.RawMessage(cmp.Or(body(input["Payload"]), "{}"))
	l.invoke(f, payload, call.Retry+1, func(answer json.RawMessage, failure *functionError) {
		switch {
		case call.Done():
		case failure != nil:
			call.Fail(failure.Type, string(answer))
		default:
			value, err := asl.Decode(answer)
			if err != nil {
				l.broken(fmt.Errorf("function %s answered no JSON: %w", f.id, err))
				return
			}
			call.Succeed(asl.ObjectOf("ExecutedVersion", "$LATEST", "Payload", value, "StatusCode", int64(200)))
		}
	})
}
