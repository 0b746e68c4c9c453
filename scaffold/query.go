package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/schedule"
)

// changesOf is the year whose clock changes count. Generation must not depend on the day on which it happens.
const changesOf = 2027

// inUTC is the schedule of a scheduled query as its rule has it. Its error says what of start.schedule is in the way.
func inUTC(given *answers.Answers) (schedule.UTC, error) {
	zone, err := schedule.LoadZone(given.Start.Timezone)
	if err != nil {
		return schedule.UTC{}, err
	}
	moved, err := schedule.InUTC(given.Start.Schedule, zone, changesOf)
	if refused, ok := errors.AsType[*schedule.Error](err); ok {
		return moved, fmt.Errorf("start.schedule: the rule that the Redshift console shows runs in UTC; %w\n    hint: %s", err, refused.Hint)
	}
	return moved, err
}

// ownWarehouse says whether the project has a warehouse of its own. In an existing one EventBridge Scheduler starts the query, at its local
// time: a rule would need the ARN of the workgroup, which nobody knows by its name.
func ownWarehouse(given *answers.Answers) bool { return given.Redshift.Workgroup == "" }

// queryContext is the schedule of a scheduled query, for its stack.
func queryContext(context map[string]any, given *answers.Answers) error {
	if !ownWarehouse(given) {
		days, err := missedDays(given.Start.Schedule)
		context["missedDays"], context["keepLocalTime"] = days, true
		return err
	}
	moved, err := inUTC(given)
	if err != nil {
		return err
	}
	days, err := missedDays(moved.Expression)
	if err != nil {
		return err
	}
	context["scheduleUtc"], context["missedDays"], context["keepLocalTime"] = moved.Expression, days, false
	return nil
}

// explainUTC says when the rule starts by the clock on the wall, and what keeps it there.
func explainUTC(w io.Writer, given *answers.Answers) error {
	if !ownWarehouse(given) {
		days, err := missedDays(given.Start.Schedule)
		if err == nil && days == 0 {
			fmt.Fprintln(w, noMissedAlarm)
		}
		return err
	}
	moved, err := inUTC(given)
	if err != nil {
		return err
	}
	days, err := missedDays(moved.Expression)
	if err != nil {
		return err
	}
	if moved.Expression != given.Start.Schedule || moved.Late > 0 {
		fmt.Fprintf(w, "the rule runs in UTC, at %s: as wished while %s is UTC%s", moved.Expression, given.Start.Timezone, offset(moved.Offset))
		if moved.Late > 0 {
			fmt.Fprintf(w, ", %s later while its clocks are ahead (daylight saving time)\n  to keep the wished time all year: -c keepLocalTime=true, "+
				"which starts it by EventBridge Scheduler, unseen by the Redshift console", span(moved.Late))
		}
		fmt.Fprintln(w)
	}
	if days == 0 {
		fmt.Fprintln(w, noMissedAlarm)
	}
	return nil
}

// span is by how much clocks are changed, in words: an hour, or on Lord Howe Island half of it.
func span(of time.Duration) string {
	if of == time.Hour {
		return "1 hour"
	}
	return fmt.Sprintf("%d minutes", int(of.Minutes()))
}

// offset is a distance from UTC as in -08:00.
func offset(of time.Duration) string {
	return time.Unix(0, 0).In(time.FixedZone("", int(of.Seconds()))).Format("-07:00")
}
