package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/schedule"
)

// maxMissedDays is how far back an alarm can look. Source: Amazon CloudWatch API, PutMetricAlarm, read 2026-11.
const maxMissedDays = 7

// watchMissed are the examples whose EventBridge schedule has an alarm on runs that are missing. The scheduled query has one, too, on the
// schedule that its rule has in UTC.
var watchMissed = []string{advisor.Airflow, advisor.EventFunction, advisor.GlueWorkflow, advisor.StateMachine}

// missedDays are after how many days without a run an alarm tells: a day more than the longest pause, and seven at most.
// It is 0, no alarm, for what pauses longer than an alarm can look back, or runs once. The pause is that of the clock on the wall: the hour
// by which clocks are put back makes no day of its own.
func missedDays(expression string) (int, error) {
	parsed, err := schedule.CreateSchedule.Parse(expression)
	if err != nil {
		return 0, err
	}
	from := time.Date(changesOf, time.January, 1, 0, 0, 0, 0, time.UTC)
	pause, twice := parsed.LongestPause(from, from.AddDate(2, 0, 0), time.UTC)
	days := int(math.Ceil(pause.Hours() / 24))
	if !twice || days > maxMissedDays {
		return 0, nil
	}
	return min(days+1, maxMissedDays), nil
}

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
