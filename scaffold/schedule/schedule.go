// Package schedule reads the schedule expressions of Amazon EventBridge: cron(), rate() and at(), with IANA time zones.
//
// It says when a schedule runs next; it starts nothing and never reads the clock.
// Source: Amazon EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler".
package schedule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Kinds of schedules.
const (
	Cron = "cron"
	Rate = "rate"
	At   = "at"
)

// Schedule is a parsed expression.
type Schedule struct {
	kind  string
	cron  cron
	every time.Duration
	at    time.Time // wall clock, read in the zone of the call
}

// Error is an expression that AWS refuses.
type Error struct {
	Expression string
	Field      string // of a cron expression: minutes, hours ...; empty: the whole
	Problem    string // what was got, and what AWS accepts
	Hint       string // how to mend it
}

// Error is the expression with the problem.
func (e *Error) Error() string { return fmt.Sprintf("%q: %s", e.Expression, e.Problem) }

const (
	cronHint = "cron(minutes hours day-of-month month day-of-week year), for example cron(0 8 ? * MON *)"
	rateHint = "rate(value unit), for example rate(1 day) or rate(15 minutes)"
	atHint   = "at(yyyy-mm-ddThh:mm:ss), for example at(2027-01-31T08:00:00)"
)

var (
	ratePattern = regexp.MustCompile(`^(\d+) (minute|minutes|hour|hours|day|days)$`)
	units       = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
)

// Parse reads an expression. The error is an *Error.
func Parse(expression string) (*Schedule, error) {
	kind, body, ok := strings.Cut(expression, "(")
	body, closed := strings.CutSuffix(body, ")")
	if ok && closed {
		switch kind {
		case Cron:
			return parseCron(expression, body)
		case Rate:
			return parseRate(expression, body)
		case At:
			return parseAt(expression, body)
		}
	}
	return nil, &Error{Expression: expression, Problem: "it is neither cron(...), rate(...) nor at(...), in lower case and without spaces around", Hint: cronHint}
}

// Kind is Cron, Rate or At.
func (s *Schedule) Kind() string { return s.kind }

func parseRate(expression, body string) (*Schedule, error) {
	match := ratePattern.FindStringSubmatch(body)
	if match == nil {
		return nil, &Error{expression, "", fmt.Sprintf("got %q, AWS accepts a whole number, one space, and minute(s), hour(s) or day(s)", body), rateHint}
	}
	value, err := strconv.Atoi(match[1])
	unit := strings.TrimSuffix(match[2], "s")
	switch {
	case err != nil || value < 1 || time.Duration(value) > 36500*24*time.Hour/units[unit]:
		return nil, &Error{expression, "value", fmt.Sprintf("the value is %s, AWS accepts a positive number", match[1]), rateHint}
	case value == 1 && match[2] != unit:
		return nil, &Error{expression, "unit", fmt.Sprintf("the unit is %s, AWS accepts %s with the value 1", match[2], unit), rateHint}
	case value > 1 && match[2] == unit:
		return nil, &Error{expression, "unit", fmt.Sprintf("the unit is %s, AWS accepts %ss with the value %d", unit, unit, value), rateHint}
	}
	return &Schedule{kind: Rate, every: time.Duration(value) * units[unit]}, nil
}

func parseAt(expression, body string) (*Schedule, error) {
	at, err := time.Parse("2006-01-02T15:04:05", body)
	if err != nil {
		return nil, &Error{expression, "", fmt.Sprintf("got %q, AWS accepts a date and time without a zone", body), atHint}
	}
	return &Schedule{kind: At, at: at}, nil
}

// Next is the first start after the given time, in the zone; false when there is none. A rate counts from after.
//
// A local time that daylight saving skips does not run, one that it repeats runs once, the first time.
// Source: Amazon EventBridge Scheduler User Guide, "Daylight saving time adjustments in EventBridge Scheduler".
func (s *Schedule) Next(after time.Time, zone *time.Location) (time.Time, bool) {
	switch s.kind {
	case Rate:
		return after.Add(s.every).In(zone), true
	case At:
		at, exists := local(s.at, zone)
		return at, exists && at.After(after)
	}
	return s.cron.search(after.In(zone), 1)
}

// Prev is the last start before the given time, in the zone; false when there is none. A rate counts back from before.
func (s *Schedule) Prev(before time.Time, zone *time.Location) (time.Time, bool) {
	switch s.kind {
	case Rate:
		return before.Add(-s.every).In(zone), true
	case At:
		at, exists := local(s.at, zone)
		return at, exists && at.Before(before)
	}
	return s.cron.search(before.In(zone), -1)
}

// local is the instant of a wall clock time in the zone; false when daylight saving skips it. Of a repeated time it is the first.
func local(wall time.Time, zone *time.Location) (time.Time, bool) {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	if at.Hour() != wall.Hour() || at.Minute() != wall.Minute() {
		return at, false
	}
	// The package time promises neither of the two instants of a repeated time. Source: package time, Date.
	for _, shift := range []time.Duration{time.Hour, 30 * time.Minute} {
		if earlier := at.Add(-shift); earlier.Hour() == at.Hour() && earlier.Minute() == at.Minute() {
			return earlier, true
		}
	}
	return at, true
}
