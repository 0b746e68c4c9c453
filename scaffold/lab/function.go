package lab

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
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
	deadLetter          string        // likewise: the older way
	instances           int           // started so far: the first call of each is a cold start
	processes           int           // of this machine, started so far
	calls               int           // so far
	group               string        // of its log
	filters             []*metricFilter
	logged              []string // by the last call, where there are filters
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

// timedOutFunction is the type of the error of a function that took too long.
const timedOutFunction = "Sandbox.Timedout"

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
		f.deadLetter, _ = resource.Get("DeadLetterConfig", "TargetArn").(string)
		if f.group, _ = resource.Get("LoggingConfig", "LogGroup").(string); f.group == "" {
			f.group = "/aws/lambda/" + f.name
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
		if resource.Get("DestinationConfig", "OnSuccess") != nil {
			return fmt.Errorf("%s: the lab does not know destinations of successful calls (OnSuccess)", id)
		}
		f.onFailure, _ = resource.Get("DestinationConfig", "OnFailure", "Destination").(string)
		if f.onFailure != "" && l.topics[f.onFailure] == nil && l.queueNamed(f.onFailure) == nil {
			return fmt.Errorf("%s: the lab cannot send to %s, expected a queue or topic of the template", id, f.onFailure)
		}
	}
	return nil
}

var functionActions = map[string]handler{"lambda:invokeasync": (*Lab).invokeAsync}

// invokeAsync is Invoke with the type Event, as EventBridge and Scheduler call it: the event is queued, and tried again when it fails.
func (l *Lab) invokeAsync(by caller, input map[string]any) (map[string]any, *apiError) {
	f := l.functionNamed(text(input, "FunctionName"))
	if f == nil {
		return nil, failed("ResourceNotFoundException", "Function not found: %s", text(input, "FunctionName"))
	}
	if err := l.authorize(by, "lambda:InvokeFunction", f.arn, nil); err != nil {
		return nil, err
	}
	if l.faults.refuse("lambda:Invoke") != nil {
		l.count("AWS/Lambda", "Throttles", dimension{"FunctionName", f.name})
		return nil, &apiError{Code: "TooManyRequestsException", Message: "Rate Exceeded.", Retriable: true}
	}
	payload := json.RawMessage(cmp.Or(body(input["Payload"]), "{}"))
	l.later(0, func() { l.tryAsync(f, payload, l.clock.Now(), 0) })
	return map[string]any{"StatusCode": 202}, nil
}

// functionNamed finds a function by its ARN or name. The lab has one version of each.
func (l *Lab) functionNamed(name string) *function {
	return l.functions[strings.TrimSuffix(name, ":$LATEST")]
}

// tryAsync makes one attempt of an asynchronous call. Retries come after one minute, then two; what fails for good, or becomes too old,
// goes to the function's destination.
func (l *Lab) tryAsync(f *function, payload json.RawMessage, sent time.Time, before int) {
	l.invoke(f, payload, before+1, func(answer json.RawMessage, failure *functionError) {
		if failure == nil {
			return
		}
		wait := firstRetry
		if before > 0 {
			wait = secondRetry
		}
		condition := "RetriesExhausted"
		if before < f.retries {
			if l.clock.Now().Add(wait).Sub(sent) <= f.age {
				l.later(wait, func() { l.tryAsync(f, payload, sent, before+1) })
				return
			}
			condition = "EventAgeExceeded"
		}
		l.fail("function %s failed %d times: %s: %s", f.id, before+1, failure.Type, failure.Message)
		l.abandon(f, payload, answer, before+1, condition)
	})
}

// abandon hands a failed event to the function's destination, and to its dead-letter queue.
// Source: AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations", "Adding a dead-letter queue", read 2026-11.
func (l *Lab) abandon(f *function, payload, answer json.RawMessage, tries int, condition string) {
	id := l.clock.UUID()
	if f.deadLetter != "" {
		if refused := l.handOver(f, f.deadLetter, string(payload), map[string]string{"RequestID": id, "ErrorCode": "200", "ErrorMessage": string(answer)}); refused != nil {
			l.tell("lambda", "DeadLetterFailed", f.id, map[string]any{"error": refused.Error()})
			l.count("AWS/Lambda", "DeadLetterErrors", dimension{"FunctionName", f.name})
		}
	}
	if f.onFailure == "" {
		if f.deadLetter == "" {
			l.count("AWS/Lambda", "AsyncEventsDropped", dimension{"FunctionName", f.name})
		}
		return
	}
	l.sendRecord(f, f.onFailure, map[string]any{
		"version": "1.0", "timestamp": l.clock.Now().UTC().Format(time.RFC3339),
		"requestContext":  map[string]any{"requestId": id, "functionArn": f.arn + ":$LATEST", "condition": condition, "approximateInvokeCount": tries},
		"requestPayload":  payload,
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"responsePayload": answer,
	})
}

// sendRecord sends the record of a call to a destination.
func (l *Lab) sendRecord(f *function, to string, record map[string]any) {
	text, err := json.Marshal(record)
	if err != nil {
		l.broken(fmt.Errorf("function %s: %w", f.id, err))
		return
	}
	if refused := l.handOver(f, to, string(text), nil); refused != nil {
		l.tell("lambda", "DestinationFailed", f.id, map[string]any{"error": refused.Error()})
		l.fail("function %s: its event was lost: %s", f.id, refused)
		l.count("AWS/Lambda", "DestinationDeliveryFailures", dimension{"FunctionName", f.name})
	}
}

// handOver sends a message to a queue or topic as the function's role.
func (l *Lab) handOver(f *function, to, message string, attributes map[string]string) *apiError {
	by := caller{Role: f.role}
	if t := l.topics[to]; t != nil {
		return l.publishAs(by, t, "", message)
	}
	return l.enqueue(by, to, message, attributes)
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
	f.calls++
	call := f.calls
	l.tell("lambda", "FunctionInvoked", f.id, map[string]any{"payload": payload, "attempt": attempt, "call": call})
	l.count("AWS/Lambda", "Invocations", dimension{"FunctionName", f.name})
	answer, failure, more := l.runFunction(f, payload)
	took += more
	if failure != nil && failure.Type == timedOutFunction {
		took = f.timeout
	}
	lines := f.logged
	f.logged = nil
	l.later(took, func() {
		l.store.settle()
		l.measureLines(f, lines)
		detail := map[string]any{"call": call, "answer": answer}
		if failure != nil {
			detail = map[string]any{"call": call, "error": failure.Type, "message": failure.Message}
			l.count("AWS/Lambda", "Errors", dimension{"FunctionName", f.name})
		}
		l.tell("lambda", "FunctionEnded", f.id, detail)
		done(answer, failure)
	})
}

// invokeFor is Invoke from a Task state. An error of the function is the task's error, by its own name. A task that names the function
// itself gets its answer alone.
// Source: AWS Step Functions Developer Guide, "Invoke an AWS Lambda function with Step Functions", and the recorded executions.
func (l *Lab) invokeFor(call *asl.Call, by caller, input map[string]any) {
	name, payload := text(input, "FunctionName"), json.RawMessage(cmp.Or(body(input["Payload"]), "{}"))
	if call.Pattern == asl.FunctionTask {
		name, payload = call.Resource, json.RawMessage(asl.Encode(call.Input))
	}
	f := l.functionNamed(name)
	if f == nil {
		call.Fail("Lambda.ResourceNotFoundException", "Function not found: "+name)
		return
	}
	if l.faults.refuse("lambda:Invoke") != nil {
		l.count("AWS/Lambda", "Throttles", dimension{"FunctionName", f.name})
		call.Fail("Lambda.TooManyRequestsException", "Rate Exceeded.")
		return
	}
	if err := l.authorize(by, "lambda:InvokeFunction", f.arn, nil); err != nil {
		call.Fail("Lambda.AWSLambdaException", err.Message)
		return
	}
	if text(input, "InvocationType") == "Event" {
		l.later(0, func() { l.tryAsync(f, payload, l.clock.Now(), 0) })
		call.Succeed(asl.ObjectOf("ExecutedVersion", "$LATEST", "Payload", "", "StatusCode", int64(202)))
		return
	}
	l.invoke(f, payload, call.Retry+1, func(answer json.RawMessage, failure *functionError) {
		if call.Done() {
			return
		}
		if failure != nil {
			call.Fail(failure.Type, string(answer))
			return
		}
		value, err := asl.Decode(answer)
		switch {
		case err != nil:
			l.broken(fmt.Errorf("function %s answered no JSON: %w", f.id, err))
		case call.Pattern == asl.FunctionTask:
			call.Succeed(value)
		case call.Pattern == asl.WaitForTaskToken:
			call.Submit(answered(value)) // the function only took the token on; whoever has it answers
		default:
			call.Succeed(answered(value))
		}
	})
}

// answered is the result of Invoke.
func answered(value any) any {
	return asl.ObjectOf("ExecutedVersion", "$LATEST", "Payload", value, "StatusCode", int64(200))
}
