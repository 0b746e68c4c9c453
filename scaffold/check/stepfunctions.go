package check

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const machineType = "AWS::StepFunctions::StateMachine"

var stepFunctionsRules = []Rule{
	{
		ID: "SF-01", on: each(machineType),
		Sentence: "A state machine logs everything",
		Source:   "Security Hub StepFunctions.1; Control Tower CT.STEPFUNCTIONS.PR.1",
		Mend:     "set the log level to ALL",
		got:      equals("ALL", "LoggingConfiguration", "Level"),
	},
	{
		ID: "SF-02", on: each(machineType),
		Sentence: "A state machine is traced",
		Source:   "Control Tower CT.STEPFUNCTIONS.PR.2",
		Mend:     "enable X-Ray tracing",
		got:      equals(true, "TracingConfiguration", "Enabled"),
	},
	{
		ID: "SF-03", on: withState(isTask),
		Sentence: "Every task has a timeout or a heartbeat",
		Source:   "AWS Step Functions Developer Guide, Best practices (use timeouts)",
		Mend:     "set TimeoutSeconds",
		got: everyState(isTask, func(s state) string {
			return unless(s.hasKey("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"), "no TimeoutSeconds")
		}),
	},
	{
		ID: "SF-04", on: those(machineType, isDefined),
		Sentence: "A state machine has a timeout",
		Source:   "AWS Step Functions Developer Guide, Best practices (use timeouts)",
		Mend:     "set TimeoutSeconds at the top of the definition",
		got: func(v *view, id string) string {
			return unless(v.definitions[id]["TimeoutSeconds"] != nil, "no TimeoutSeconds")
		},
	},
	{
		ID: "SF-05", on: withState(isTask),
		Sentence: "Every task retries transient errors",
		Source:   "AWS Step Functions Developer Guide, Best practices (handle transient Lambda service exceptions)",
		Mend:     "add a Retry with named errors",
		got: everyState(isTask, func(s state) string {
			return unless(retries(s) || s.notifies(), "no Retry")
		}),
	},
	{
		ID: "SF-05b", on: withState(retries),
		Sentence: "Retries wait with jitter or up to a cap",
		Source:   "AWS Step Functions Developer Guide, Handling errors (JitterStrategy, MaxDelaySeconds)",
		Mend:     "set JitterStrategy or MaxDelaySeconds",
		got: everyState(retries, func(s state) string {
			return unless(slices.ContainsFunc(cfn.List(s.body["Retry"]), func(retrier any) bool {
				return cfn.Field(retrier, "JitterStrategy") != nil || cfn.Field(retrier, "MaxDelaySeconds") != nil
			}), "neither in any retrier")
		}),
	},
	{
		ID: "SF-06", on: withState(isTask),
		Sentence: "Every task catches errors and keeps its input",
		Source:   "AWS Step Functions Developer Guide, Handling errors (Catch, ResultPath)",
		Mend:     "add a Catch with a ResultPath other than $, an Output or an Assign",
		got:      everyState(isTask, catchProblem),
	},
	{
		ID: "SF-07", on: those(machineType, isDefined),
		Sentence: "A failure ends in a Fail state",
		Source:   "AWS Step Functions Developer Guide, Fail workflow state",
		Mend:     "add a Fail state",
		got: func(v *view, id string) string {
			return unless(slices.ContainsFunc(states(v.definitions[id]), isFail), "no Fail state")
		},
	},
	{
		ID: "SF-08", on: withState(isChoice),
		Sentence: "A Choice has a Default",
		Source:   "AWS Step Functions Developer Guide, Choice workflow state (States.NoChoiceMatched)",
		Mend:     "set Default",
		got:      everyState(isChoice, func(s state) string { return unless(s.hasKey("Default"), "no Default") }),
	},
	{
		ID: "SF-10", on: each(machineType),
		Sentence: "Alarms tell when executions fail, time out, are aborted or throttled",
		Source:   "AWS Step Functions Developer Guide, Monitoring Step Functions metrics using CloudWatch",
		Mend:     "add the alarm, with the state machine's ARN",
		got: func(v *view, id string) string {
			watched := func(metric string) bool { return v.hasAlarm(id, metric) }
			absent := slices.DeleteFunc([]string{"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionThrottled"}, watched)
			return unless(len(absent) == 0, "no alarm on "+strings.Join(absent, ", "))
		},
	},
	{
		ID: "SF-17", on: those(machineType, waitsForGlue),
		Sentence: "A Glue job that a state machine waits for stops with the execution",
		Source:   "AWS Step Functions Developer Guide, Start AWS Glue jobs (IAM policies for .sync)",
		Mend:     "allow the role glue:BatchStopJobRun on the job",
		got: func(v *view, _ string) string {
			stops := func(policy string) bool {
				return slices.ContainsFunc(v.allows(policy), func(s map[string]any) bool { return slices.Contains(texts(s["Action"]), "glue:BatchStopJobRun") })
			}
			return unless(slices.ContainsFunc(policies(v), stops), "no policy allows glue:BatchStopJobRun")
		},
	},
}

func waitsForGlue(v *view, id string) bool {
	return strings.Contains(cfn.Text(v.Resources[id].Properties), "glue:startJobRun.sync")
}

func isDefined(v *view, id string) bool { return len(v.definitions[id]) > 0 }

func isTask(s state) bool   { return s.body["Type"] == "Task" }
func isChoice(s state) bool { return s.body["Type"] == "Choice" }
func isFail(s state) bool   { return s.body["Type"] == "Fail" }
func retries(s state) bool  { return isTask(s) && given(s.body["Retry"]) }

// withState lists the state machines that have such a state.
func withState(such func(state) bool) func(*view) []string {
	return those(machineType, func(v *view, id string) bool { return slices.ContainsFunc(states(v.definitions[id]), such) })
}

// everyState asks each such state of a machine.
func everyState(such func(state) bool, got func(state) string) func(*view, string) string {
	return func(v *view, id string) string {
		var problems []string
		for _, state := range states(v.definitions[id]) {
			if !such(state) {
				continue
			}
			if problem := got(state); problem != "" {
				problems = append(problems, fmt.Sprintf("%s: %s", state.name, problem))
			}
		}
		return strings.Join(problems, "; ")
	}
}

func catchProblem(s state) string {
	catchers := cfn.List(s.body["Catch"])
	switch {
	case s.notifies():
		return ""
	case len(catchers) == 0:
		return "no Catch"
	case slices.ContainsFunc(catchers, func(catcher any) bool { return !keepsInput(catcher) }):
		return "a catcher that replaces the input by the error"
	}
	return ""
}

// keepsInput says whether a catcher puts the error beside the input. A ResultPath of null keeps the input alone.
func keepsInput(catcher any) bool {
	fields, _ := catcher.(map[string]any)
	path, written := fields["ResultPath"]
	return written && path != "$" || fields["Output"] != nil || fields["Assign"] != nil
}
