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
	api  API
	kind string
	cron cron
	rate rate
	at   time.Time // wall clock, read in the zone of the call
}

const (
	cronHint = "cron(minutes hours day-of-month month day-of-week year), for example cron(0 8 ? * MON *)"
	rateHint = "rate(value unit), for example rate(1 day) or rate(15 minutes)"
	atHint   = "at(yyyy-mm-ddThh:mm:ss), for example at(2027-01-31T08:00:00)"
)

// Kind is Cron, Rate or At.
func (s *Schedule) Kind() string { return s.kind }

// API is the call that the expression was parsed for.
func (s *Schedule) API() API { return s.api }

// Next is the first start after the given time, in the zone; false when there is none. A rate counts from after.
//
// A local time that daylight saving skips does not start, one that it repeats starts once, the first time.
// A schedule of PutRule is read in UTC whatever the zone, which then only says how the start is written.
func (s *Schedule) Next(after time.Time, zone *time.Location) (time.Time, bool) {
	switch s.kind {
	case Rate:
		return after.Add(s.rate.every).In(zone), true
	case At:
		at, exists := instant(s.at, s.home(zone))
		return at.In(zone), exists && at.After(after)
	}
	at, found := s.cron.next(after, s.home(zone))
	return at.In(zone), found
}

// Prev is the last start before the given time, in the zone; false when there is none. A rate counts back from before.
func (s *Schedule) Prev(before time.Time, zone *time.Location) (time.Time, bool) {
	switch s.kind {
	case Rate:
		return before.Add(-s.rate.every).In(zone), true
	case At:
		at, exists := instant(s.at, s.home(zone))
		return at.In(zone), exists && at.Before(before)
	}
	at, found := s.cron.prev(before, s.home(zone))
	return at.In(zone), found
}

// home is the zone in which the fields are read.
func (s *Schedule) home(zone *time.Location) *time.Location {
	if s.api == PutRule {
		return time.UTC
	}
	return zone
}

// A rate keeps its words, since the calls differ in which they accept together.
type rate struct {
	value int
	unit  string // as written
	every time.Duration
}

// ratePattern takes white space between the two fields, as the page says, and none around them, as recorded.
var (
	ratePattern = regexp.MustCompile(`^(\d+)[ \t]+(minute|minutes|hour|hours|day|days)$`)
	units       = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
)

// maxRate is the longest rate counted here; AWS states no limit. It is a hundred years.
const maxRate = 36500 * 24 * time.Hour

func parseRate(expression, body string) (*Schedule, *Error) {
	match := ratePattern.FindStringSubmatch(body)
	if match == nil {
		problem := fmt.Sprintf("got %q, AWS accepts a whole number, one space, and minute(s), hour(s) or day(s)", body)
		return nil, &Error{Expression: expression, Problem: problem, Hint: rateHint}
	}
	value, err := strconv.Atoi(match[1])
	unit := units[strings.TrimSuffix(match[2], "s")]
	switch {
	case err == nil && value < 1:
		return nil, &Error{Expression: expression, Field: "value", Problem: fmt.Sprintf("the value is %s, AWS accepts a positive number", match[1]), Hint: rateHint}
	case err != nil || time.Duration(value) > maxRate/unit:
		return nil, &Error{Expression: expression, Field: "value", Problem: fmt.Sprintf("the value is %s, which is more than a hundred years", match[1]), Hint: rateHint}
	}
	return &Schedule{kind: Rate, rate: rate{value, match[2], time.Duration(value) * unit}}, nil
}

// disagrees refuses a singular unit with a plural value, and the reverse.
// Only a rule does (see the package), and the message says AWS, since to agree is right with both calls.
// Source: "Setting a schedule pattern for scheduled rules (legacy)", rate expressions.
func (s *Schedule) disagrees(expression string) *Error {
	unit := strings.TrimSuffix(s.rate.unit, "s")
	if s.rate.value != 1 {
		unit += "s"
	}
	if s.kind != Rate || unit == s.rate.unit {
		return nil
	}
	return &Error{
		Expression: expression, Field: "unit", Hint: rateHint,
		Problem: fmt.Sprintf("the unit is %s, AWS accepts %s with the value %d", s.rate.unit, unit, s.rate.value),
	}
}

// atLayout has no fraction and no zone, which AWS refuses; package time would read a fraction that the layout lacks.
const atLayout = "2006-01-02T15:04:05"

func parseAt(expression, body string) (*Schedule, *Error) {
	at, err := time.Parse(atLayout, body)
	if err != nil || len(body) != len(atLayout) {
		problem := fmt.Sprintf("got %q, AWS accepts a date and time without a zone and without fractions of a second", body)
		return nil, &Error{Expression: expression, Problem: problem, Hint: atHint}
	}
	return &Schedule{kind: At, at: at}, nil
}
