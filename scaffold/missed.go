package main

import (
	"fmt"
	"io"
	"slices"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/schedule"
)

// watchMissed are the examples whose EventBridge schedule has an alarm on runs that are missing. The scheduled query has one, too, on the
// schedule that its rule has in UTC.
var watchMissed = []string{advisor.Airflow, advisor.EventFunction, advisor.GlueWorkflow, advisor.StateMachine}

// missedDays are after how many days without a run an alarm tells, 0 where none does.
func missedDays(expression string) (int, error) { return schedule.MissedDays(expression) }

// missedContext is the alarm on missing runs, for the stacks of examples that start by a schedule.
func missedContext(context map[string]any, example string, given *answers.Answers) error {
	if given.Start.On != answers.OnSchedule || !slices.Contains(watchMissed, example) {
		return nil
	}
	days, err := missedDays(given.Start.Schedule)
	context["missedDays"] = days
	return err
}

// explainMissed says why a schedule has no alarm on missing runs.
func explainMissed(w io.Writer, example string, given *answers.Answers) error {
	if given.Start.On != answers.OnSchedule || !slices.Contains(watchMissed, example) {
		return nil
	}
	days, err := missedDays(given.Start.Schedule)
	if err == nil && days == 0 {
		fmt.Fprintln(w, noMissedAlarm)
	}
	return err
}

const noMissedAlarm = "no alarm tells that a run is missing: the schedule pauses for more than seven days, the longest that an alarm looks back, or runs once"
