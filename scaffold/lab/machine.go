package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
)

// machine is a state machine of the template.
type machine struct {
	id, arn, name, role string
	kind                asl.Kind
	definition          *asl.StateMachine
	executions          map[string]*execution // of a Standard one, by name: none of them can be started twice
}

// execution is what starting an execution again looks at.
type execution struct {
	arn, input string
	started    time.Time
	over       bool
	cause      *cause
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
			id: id, arn: l.stack.Ref(id), name: l.stack.Attribute(id, "Name"), kind: asl.Standard, executions: map[string]*execution{},
			role: cfn.Text(resource.Get("RoleArn")),
		}
		if resource.Get("StateMachineType") == "EXPRESS" {
			m.kind = asl.Express
		}
		text, err := Definition(resource)
		if err == nil {
			m.definition, err = asl.ParseKind(text, m.kind)
		}
		if err == nil {
			err = l.serves(text)
		}
		if err != nil {
			return fmt.Errorf("state machine %s: %w", id, err)
		}
		l.callbacks = append(l.callbacks, callbackStates(text)...)
		l.machines[m.arn] = m
	}
	return nil
}

var machineActions = map[string]handler{"states:startexecution": (*Lab).startExecution}

// startExecution is StartExecution. Source: AWS Step Functions API Reference, StartExecution, read 2026-11.
func (l *Lab) startExecution(by caller, input map[string]any) (map[string]any, *apiError) {
	return l.startExecutionFor(by, input)
}

func (l *Lab) startExecutionFor(by caller, input map[string]any, done ...func(*asl.Result)) (map[string]any, *apiError) {
	arn := text(input, "StateMachineArn")
	m := l.machines[arn]
	if m == nil {
		return nil, failed("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
	}
	if err := l.authorize(by, "states:StartExecution", arn, nil); err != nil {
		return nil, err
	}
	if err := l.assume(caller{Service: "states.amazonaws.com", Source: arn}, m.role); err != nil {
		return nil, failed(accessDenied, "%s", err.Message)
	}
	name := text(input, "Name")
	if name == "" {
		name = l.clock.UUID()
	}
	written := body(input["Input"])
	if written == "" {
		written = "{}"
	}
	value, err := asl.DecodeString(written)
	if err != nil {
		return nil, failed("InvalidExecutionInput", "Invalid State Machine Execution Input: '%v'", err)
	}
	if before := m.executions[name]; before != nil {
		if before.over || before.input != written {
			return nil, failed("ExecutionAlreadyExists", "Execution Already Exists: '%s'", before.arn)
		}
		return startedExecution(before), nil // the same again, while it runs, is no error
	}
	return startedExecution(l.execute(m, name, written, value, done...)), nil
}

func startedExecution(x *execution) map[string]any {
	return map[string]any{"ExecutionArn": x.arn, "StartDate": x.started.UnixMilli()}
}

func (l *Lab) execute(m *machine, name, written string, input any, done ...func(*asl.Result)) *execution {
	place := l.stack.Place()
	x := &execution{input: written, started: l.clock.Now(), cause: l.cause.Load()}
	x.arn = fmt.Sprintf("arn:%s:states:%s:%s:execution:%s:%s", place.Partition, place.Region, place.Account, m.name, name)
	if m.kind == asl.Express {
		x.arn = fmt.Sprintf("arn:%s:states:%s:%s:express:%s:%s:%s", place.Partition, place.Region, place.Account, m.name, name, l.clock.UUID())
	} else {
		m.executions[name] = x
	}
	l.executions[x.arn] = x
	l.tell("states", "ExecutionStarted", m.id, map[string]any{"name": name, "input": json.RawMessage(written)})
	l.machineMetric(m, "ExecutionsStarted")
	l.active++
	options := asl.Options{
		Kind: m.kind, Input: input, InputText: written, History: true,
		Identity: asl.Identity{Arn: x.arn, Name: name, RoleArn: m.role, MachineArn: m.arn, MachineName: m.name, Region: place.Region, Account: place.Account, Partition: place.Partition},
	}
	l.clock.Execute(m.definition, options, func(result *asl.Result) {
		l.cause.Store(x.cause)
		delete(l.executions, x.arn)
		l.active--
		x.over = true
		l.executed(m, x.arn, name, result)
		for _, f := range done {
			f(result)
		}
	})
	return x
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
