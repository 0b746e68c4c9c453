package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
)

// machine is a state machine of the template.
type machine struct {
	id, arn, name, role string
	kind                asl.Kind
	definition          *asl.StateMachine
	names               map[string]bool // of executions: a Standard one cannot be started twice under one name
}

// Definition is the text of a state machine as it would be deployed: its substitutions filled in.
// Source: AWS CloudFormation User Guide, AWS::StepFunctions::StateMachine, DefinitionString and DefinitionSubstitutions.
func Definition(resource cfn.Resource) ([]byte, error) {
	definition := resource.Get("DefinitionString")
	if definition == nil {
		definition = resource.Get("Definition")
	}
	if definition == nil {
		return nil, errors.New("the state machine has neither DefinitionString nor Definition; one in S3 is not read here")
	}
	var pairs []string
	given, _ := resource.Get("DefinitionSubstitutions").(map[string]any)
	for name, value := range given {
		pairs = append(pairs, "${"+name+"}", cfn.Text(value))
	}
	return []byte(strings.NewReplacer(pairs...).Replace(cfn.Text(definition))), nil
}

func (l *Lab) readMachines() error {
	for _, id := range l.stack.ByType("AWS::StepFunctions::StateMachine") {
		resource := l.stack.Resources[id]
		m := &machine{
			id: id, arn: l.stack.Ref(id), name: l.stack.Attribute(id, "Name"), kind: asl.Standard, names: map[string]bool{},
			role: cfn.Text(resource.Get("RoleArn")),
		}
		if resource.Get("StateMachineType") == "EXPRESS" {
			m.kind = asl.Express
		}
		text, err := Definition(resource)
		if err == nil {
			m.definition, err = asl.ParseKind(text, m.kind)
		}
		if err != nil {
			return fmt.Errorf("state machine %s: %w", id, err)
		}
		l.machines[m.arn] = m
	}
	return nil
}

var machineActions = map[string]handler{"states:startexecution": (*Lab).startExecution}

// startExecution is StartExecution. Source: AWS Step Functions API Reference, StartExecution, read 2026-11.
func (l *Lab) startExecution(by caller, input map[string]any) (map[string]any, *apiError) {
	arn := text(input, "StateMachineArn")
	m := l.machines[arn]
	if m == nil {
		return nil, failed("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
	}
	if err := l.authorize(by, "states:StartExecution", arn, nil); err != nil {
		return nil, err
	}
	if err := l.assume(caller{Service: "states.amazonaws.com", Source: arn}, m.role); err != nil {
		return nil, err
	}
	name := text(input, "Name")
	if name == "" {
		name = l.clock.UUID()
	}
	if m.names[name] {
		return nil, failed("ExecutionAlreadyExists", "Execution Already Exists: '%s'", name)
	}
	m.names[name] = true
	written := body(input["Input"])
	if written == "" {
		written = "{}"
	}
	value, err := asl.DecodeString(written)
	if err != nil {
		return nil, failed("InvalidExecutionInput", "Invalid State Machine Execution Input: '%v'", err)
	}
	execution := l.execute(m, name, written, value)
	return map[string]any{"ExecutionArn": execution, "StartDate": l.clock.Now().UnixMilli()}, nil
}

func (l *Lab) execute(m *machine, name, written string, input any) string {
	place := l.stack.Place()
	arn := fmt.Sprintf("arn:%s:states:%s:%s:execution:%s:%s", place.Partition, place.Region, place.Account, m.name, name)
	l.tell("states", "ExecutionStarted", m.id, map[string]any{"name": name, "input": json.RawMessage(written)})
	l.machineMetric(m, "ExecutionsStarted")
	l.active++
	options := asl.Options{
		Kind: m.kind, Input: input, InputText: written, History: true,
		Identity: asl.Identity{Arn: arn, Name: name, RoleArn: m.role, MachineArn: m.arn, MachineName: m.name, Region: place.Region, Account: place.Account, Partition: place.Partition},
	}
	l.clock.Execute(m.definition, options, func(result *asl.Result) {
		l.active--
		l.executed(m, arn, name, result)
	})
	return arn
}

// outcomes are the metrics and states of executions that ended.
// Source: AWS Step Functions Developer Guide, "Monitoring Step Functions metrics using CloudWatch", read 2026-11.
var outcomes = map[asl.Status]string{
	asl.Succeeded: "ExecutionsSucceeded", asl.Failed: "ExecutionsFailed", asl.TimedOut: "ExecutionsTimedOut",
}

func (l *Lab) executed(m *machine, arn, name string, result *asl.Result) {
	detail := map[string]any{"name": name, "status": result.Status, "seconds": result.Stopped.Sub(result.Started).Seconds()}
	if result.Status == asl.Succeeded {
		detail["output"] = json.RawMessage(asl.EncodeString(result.Output))
	} else {
		detail["error"], detail["cause"] = result.Error, result.Cause
		l.fail("execution %s of %s: %s: %s", name, m.id, result.Error, result.Cause)
	}
	l.tell("states", "ExecutionEnded", m.id, detail)
	l.machineMetric(m, outcomes[result.Status])
	l.keep("executions/"+m.id+"/"+name+".json", result)
	// Source: AWS Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge", read 2026-11.
	l.emit("aws.states", "Step Functions Execution Status Change", []string{arn}, map[string]any{
		"executionArn": arn, "stateMachineArn": m.arn, "name": name, "status": result.Status,
		"startDate": result.Started.UnixMilli(), "stopDate": result.Stopped.UnixMilli(), "error": result.Error, "cause": result.Cause,
	})
}

func (l *Lab) machineMetric(m *machine, name string) {
	l.count("AWS/States", name, dimension{"StateMachineArn", m.arn})
}

// services answers the Task states of all executions.
func (l *Lab) services() asl.Services {
	return &asl.StepFunctions{
		Machine: func(arn string) (*asl.StateMachine, asl.Kind, bool) {
			m := l.machines[arn]
			if m == nil {
				return nil, "", false
			}
			return m.definition, m.kind, true
		},
		Next: asl.ServicesFunc(l.serve),
	}
}

// sdkServices are the services whose name in a task differs from that of their actions.
var sdkServices = map[string]string{"redshiftdata": "redshift-data", "sfn": "states", "eventbridge": "events", "emrserverless": "emr-serverless", "cloudwatchlogs": "logs"}

// serve answers a Task state: it calls the API as the machine's role, and waits for a job when the state does.
func (l *Lab) serve(_ context.Context, call *asl.Call) error {
	input, err := plain(call.Input)
	if err != nil {
		return err
	}
	by := caller{Role: call.Execution.RoleArn, Source: call.Execution.MachineArn}
	service := strings.TrimPrefix(call.Service, "aws-sdk:")
	if other, ok := sdkServices[service]; ok {
		service = other
	}
	if call.Pattern == asl.RunJob || call.Pattern == asl.RunJob2 {
		return l.serveJob(call, by, service, input)
	}
	if service == "lambda" && call.Action == "invoke" {
		l.invokeFor(call, by, input)
		return nil
	}
	output, refused := l.call(by, service+":"+call.Action, input)
	switch {
	case refused != nil:
		call.Fail(errorName(call, service, refused), refused.Message)
	case call.Pattern == asl.WaitForTaskToken:
		call.Submit(decoded(output))
	default:
		call.Succeed(decoded(output))
	}
	return nil
}

// serveJob starts a job and answers when it is over.
func (l *Lab) serveJob(call *asl.Call, by caller, service string, input map[string]any) error {
	start, ok := l.jobs[service+":"+strings.ToLower(call.Action)]
	if !ok {
		return fmt.Errorf("the lab cannot wait for %s", call.Resource)
	}
	output, refused := start(by, input, func(end map[string]any, failure *apiError) {
		l.active--
		switch {
		case call.Done():
		case failure != nil:
			call.Fail(failure.Code, failure.Message)
		default:
			call.Succeed(decoded(end))
		}
	})
	if refused != nil {
		call.Fail(errorName(call, service, refused), refused.Message)
		return nil
	}
	l.active++
	call.Submit(decoded(output))
	return nil
}

// errorPrefixes are how Step Functions begins the error names of a service: those of the Java SDK for the SDK integrations.
// Source: AWS Step Functions Developer Guide, "Learning to use AWS service SDK integrations"; the recorded executions.
var errorPrefixes = map[string]string{
	"glue": "Glue", "s3": "S3", "sns": "SNS", "sqs": "SQS", "lambda": "Lambda", "states": "Sfn", "redshift-data": "RedshiftData",
	"events": "EventBridge", "batch": "Batch", "emr-serverless": "EMRServerless", "dynamodb": "DynamoDB",
}

func errorName(call *asl.Call, service string, err *apiError) string {
	prefix := errorPrefixes[service]
	if strings.HasPrefix(call.Service, "aws-sdk:") && service == "dynamodb" {
		prefix = "DynamoDb"
	}
	if err.Code == accessDenied && service != "s3" {
		return prefix + ".AccessDeniedException"
	}
	if err.Code == accessDenied {
		return "S3.S3Exception"
	}
	return prefix + "." + err.Code
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
