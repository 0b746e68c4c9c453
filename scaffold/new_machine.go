package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/answers"
)

// machineSteps are the values of work, besides lambda, that the example statemachine has a step for, and whether that step writes
// what a lambda after it can publish. workers in stacks/statemachine/work.go has the steps themselves.
var machineSteps = map[string]bool{
	answers.Crawler:     false,
	answers.GlueJob:     true,
	answers.EMRJob:      true,
	answers.BatchJob:    true,
	answers.RedshiftSQL: true,
}

// maxFunctionMinutes is the longest that a function may take.
// Source: AWS Lambda Developer Guide, "Lambda quotas", Function timeout 900 seconds, read 2026-11.
const maxFunctionMinutes = 15

// machineProblems are the reasons for which the example statemachine cannot be written with these answers.
func machineProblems(given *answers.Answers) []string {
	problems, converts := machineWork(given.Work)
	validates := len(given.Work) > 1 && given.Work[0] == answers.Lambda
	if given.Control.Approval && given.Notify == "" {
		problems = append(problems, "control.approval: got true and no notify, so nobody would be asked\n    hint: say in notify who approves")
	}
	switch {
	case given.Control.Branches && !validates:
		problems = append(problems, "control.branches: got true, but nothing in the work decides anything\n"+
			"    hint: a lambda first of several steps validates, and decides; or say false")
	case !given.Control.Branches && validates && given.Start.On != answers.OnObject:
		problems = append(problems, "control.branches: got false, but without an object to start by, the first lambda validates every landed file and goes on with the valid ones\n"+
			"    hint: say true, or leave the first lambda out")
	case converts && given.Control.LongestMinutes > maxFunctionMinutes:
		problems = append(problems, fmt.Sprintf("control.longest_minutes: got %d, a Lambda function runs for at most %d\n    hint: a glue-job may take longer",
			given.Control.LongestMinutes, maxFunctionMinutes))
	}
	return problems
}

// machineWork follows plan in stacks/statemachine: what a lambda does depends on its place. It also tells whether one converts.
func machineWork(work []string) (problems []string, converts bool) {
	const places = "one first of several steps (it validates), one before anything is written (it converts), or one last (it publishes)"
	refuse := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf("work: [%s]: "+format, slices.Insert(args, 0, any(strings.Join(work, ", ")))...))
	}
	done := map[string]bool{}
	written := false
	for i, name := range work {
		writes, known := machineSteps[name]
		switch {
		case name == answers.Lambda && i == 0 && len(work) > 1, name == answers.Lambda && written && i == len(work)-1:
		case name == answers.Lambda && !written:
			written, converts = true, true
		case name == answers.Lambda:
			refuse("got a lambda between other steps, expected %s", places)
		case !known:
			refuse("got %s, this version writes %s\n    hint: write lambda in its place: its program may call an API", name, strings.Join(append(slices.Sorted(maps.Keys(machineSteps)), answers.Lambda), ", "))
		case done[name]:
			refuse("got %s twice, expected each step once\n    hint: say it once, and put what else it does into its program", name)
		default:
			done[name], written = true, written || writes
		}
	}
	return slices.Compact(problems), converts
}
