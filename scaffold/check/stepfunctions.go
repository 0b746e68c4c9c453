package check

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const machineType = "AWS::StepFunctions::StateMachine"

var stepFunctionsRules = []Rule{
	{ID: "SF-01", Sentence: "A state machine logs everything", Source: "Security Hub StepFunctions.1; Control Tower CT.STEPFUNCTIONS.PR.1", Mend: "set the log level to ALL", on: each(machineType), got: equals("ALL", "LoggingConfiguration", "Level")},
	{ID: "SF-02", Sentence: "A state machine is traced", Source: "Control Tower CT.STEPFUNCTIONS.PR.2", Mend: "enable X-Ray tracing", on: each(machineType), got: func(v *view, id string) string {
		return unless(isTrue(v.get(id, "TracingConfiguration", "Enabled")), "tracing is not enabled")
	}},
	{ID: "SF-03", Sentence: "Every task has a timeout or a heartbeat", Source: "AWS Step Functions Developer Guide, Best practices (use timeouts)", Mend: "set TimeoutSeconds", on: defined, got: everyState("Task", func(state map[string]any) string {
		return unless(anyKey(state, "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"), "no TimeoutSeconds")
	})},
	{ID: "SF-04", Sentence: "A state machine has a timeout", Source: "AWS Step Functions Developer Guide, Best practices (use timeouts)", Mend: "set TimeoutSeconds at the top of the definition", on: defined, got: func(v *view, id string) string {
		return unless(definition(v, id)["TimeoutSeconds"] != nil, "no TimeoutSeconds")
	}},
	{ID: "SF-05", Sentence: "Every task retries transient errors", Source: "AWS Step Functions Developer Guide, Best practices (handle transient Lambda service exceptions)", Mend: "add a Retry with named errors", on: defined, got: everyState("Task", func(state map[string]any) string {
		return unless(given(state["Retry"]) || notifies(state), "no Retry")
	})},
	{ID: "SF-05b", Sentence: "Retries wait with jitter or up to a cap", Source: "AWS Step Functions Developer Guide, Handling errors (JitterStrategy, MaxDelaySeconds)", Mend: "set JitterStrategy or MaxDelaySeconds", on: defined, got: everyState("Task", func(state map[string]any) string {
		retriers := cfn.List(state["Retry"])
		return unless(len(retriers) == 0 || slices.ContainsFunc(retriers, func(retrier any) bool {
			return cfn.Field(retrier, "JitterStrategy") != nil || cfn.Field(retrier, "MaxDelaySeconds") != nil
		}), "neither in any retrier")
	})},
	{ID: "SF-06", Sentence: "Every task catches errors and keeps its input", Source: "AWS Step Functions Developer Guide, Handling errors (Catch, ResultPath)", Mend: "add a Catch with a ResultPath other than $, an Output or an Assign", on: defined, got: everyState("Task", catchProblem)},
	{ID: "SF-07", Sentence: "A failure ends in a Fail state", Source: "AWS Step Functions Developer Guide, Fail workflow state", Mend: "add a Fail state", on: defined, got: func(v *view, id string) string {
		for _, state := range states(definition(v, id)) {
			if state.body["Type"] == "Fail" {
				return ""
			}
		}
		return "no Fail state"
	}},
	{ID: "SF-08", Sentence: "A Choice has a Default", Source: "AWS Step Functions Developer Guide, Choice workflow state (States.NoChoiceMatched)", Mend: "set Default", on: defined, got: everyState("Choice", func(state map[string]any) string {
		return unless(state["Default"] != nil, "no Default")
	})},
	{ID: "SF-09", Sentence: "What a state machine starts, its role may stop", Source: "AWS Step Functions Developer Guide, Start AWS Glue jobs (IAM policies for .sync)", Mend: "allow glue:BatchStopJobRun on the job", on: those(machineType, waitsForGlue), got: func(v *view, _ string) string {
		for _, policy := range policies(v) {
			if strings.Contains(cfn.Text(v.Resources[policy].Properties), "glue:BatchStopJobRun") {
				return ""
			}
		}
		return "no policy allows glue:BatchStopJobRun"
	}},
	{ID: "SF-10", Sentence: "Alarms tell when executions fail, time out, are aborted or throttled", Source: "AWS Step Functions Developer Guide, Monitoring Step Functions metrics using CloudWatch", Mend: "add the alarm", on: each(machineType), got: func(v *view, id string) string {
		var absent []string
		for _, metric := range []string{"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionThrottled"} {
			if !v.hasMetricAlarm(metric) {
				absent = append(absent, metric)
			}
		}
		return unless(absent == nil, "no alarm on "+strings.Join(absent, ", "))
	}},
}

func (v *view) hasMetricAlarm(metric string) bool {
	return slices.ContainsFunc(v.ByType(alarmType), func(alarm string) bool {
		return strings.Contains(cfn.Text(v.get(alarm, "MetricName")), metric)
	})
}

// notifies says whether a task only sends a message: its failure is the alarm's business.
func notifies(state map[string]any) bool {
	resource := cfn.Text(state["Resource"])
	return strings.Contains(resource, ":sns:") || strings.Contains(resource, "sqs")
}

func catchProblem(state map[string]any) string {
	catchers := cfn.List(state["Catch"])
	if notifies(state) {
		return ""
	}
	if len(catchers) == 0 {
		return "no Catch"
	}
	for _, catcher := range catchers {
		path := cfn.Field(catcher, "ResultPath")
		if (path == nil || path == "$") && cfn.Field(catcher, "Output") == nil && cfn.Field(catcher, "Assign") == nil {
			return "a catcher that replaces the input by the error"
		}
	}
	return ""
}

func anyKey(object map[string]any, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return object[key] != nil })
}

func waitsForGlue(v *view, id string) bool {
	return strings.Contains(cfn.Text(v.Resources[id].Properties), "glue:startJobRun.sync")
}

// defined lists the state machines whose definition is in the template, and not in a file in S3.
func defined(v *view) []string {
	return those(machineType, func(v *view, id string) bool { return definition(v, id) != nil })(v)
}

// definition is a state machine's definition; what CloudFormation fills in later is a placeholder text.
func definition(v *view, id string) map[string]any {
	value := v.get(id, "DefinitionString")
	if value == nil {
		value = v.get(id, "Definition")
	}
	if joined := cfn.List(cfn.Field(value, "Fn::Join")); len(joined) == 2 {
		var text strings.Builder
		for _, part := range cfn.List(joined[1]) {
			if literal, ok := part.(string); ok {
				text.WriteString(literal)
			} else {
				text.WriteString("TOKEN")
			}
		}
		value = text.String()
	} else if substituted := cfn.List(cfn.Field(value, "Fn::Sub")); len(substituted) > 0 {
		value = substituted[0]
	}
	text, ok := value.(string)
	if !ok {
		object, _ := value.(map[string]any)
		return object
	}
	var parsed map[string]any
	if json.Unmarshal([]byte(text), &parsed) != nil {
		return nil
	}
	return parsed
}

type state struct {
	name string
	body map[string]any
}

// states lists the states of a machine and of what is nested in them, by name.
func states(machine any) []state {
	var list []state
	all, _ := cfn.Field(machine, "States").(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		body, _ := all[name].(map[string]any)
		list = append(list, state{name, body})
		for _, branch := range cfn.List(body["Branches"]) {
			list = append(list, states(branch)...)
		}
		list = append(list, states(body["ItemProcessor"])...)
		list = append(list, states(body["Iterator"])...)
	}
	return list
}

func everyState(kind string, got func(map[string]any) string) func(*view, string) string {
	return func(v *view, id string) string {
		var problems []string
		for _, state := range states(definition(v, id)) {
			if state.body["Type"] != kind {
				continue
			}
			if problem := got(state.body); problem != "" {
				problems = append(problems, fmt.Sprintf("%s: %s", state.name, problem))
			}
		}
		return strings.Join(problems, "; ")
	}
}
