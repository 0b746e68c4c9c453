package schedule

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// API is the call of AWS that reads an expression.
type API string

// The two calls. They differ in what they accept, in their messages, and in time zones.
const (
	// PutRule makes an EventBridge rule: no at(), no time zone, and the unit of a rate agrees with its value.
	PutRule API = "events:PutRule"
	// CreateSchedule makes a schedule of EventBridge Scheduler.
	CreateSchedule API = "scheduler:CreateSchedule"
)

// Precision is how exact both services are: they start within the minute that begins at the time that Next returns. So the
// seconds of an at() are accepted, and promise nothing.
// Source: "Schedule types in EventBridge Scheduler" and "Setting a schedule pattern for scheduled rules (legacy)", read 2026-11.
const Precision = time.Minute

// Limits of both calls, in characters.
// Source: Amazon EventBridge API, PutRule, and EventBridge Scheduler API, CreateSchedule, read 2026-11.
const (
	maxExpression = 256
	maxZone       = 50
)

// validationException is the code with which both calls refuse.
const validationException = "ValidationException"

// Error is an expression or a time zone that is refused.
type Error struct {
	Expression string
	Field      string // minutes, hours ... of cron(), value or unit of rate(), timezone; empty: the whole
	Problem    string // what was got, and what AWS accepts
	Hint       string // how to mend it

	// Code and Message are AWS's answer. Both are empty if AWS accepts the expression and only Parse refuses it;
	// the message alone is empty where no recording shows it.
	Code, Message string
}

// Error is the expression with the problem.
func (e *Error) Error() string { return fmt.Sprintf("%q: %s", e.Expression, e.Problem) }

// Parse reads an expression as the call does. The error is an *Error with AWS's code and message.
func (a API) Parse(expression string) (*Schedule, error) {
	parsed, refused := parse(expression)
	if refused == nil {
		refused = a.refuses(expression, parsed)
	}
	if refused != nil {
		refused.Code = validationException
		if refused.Message = "Parameter ScheduleExpression is not valid."; a == CreateSchedule {
			refused.Message = fmt.Sprintf("Invalid Schedule Expression %s.", expression)
		}
		if refused.Field == lengthField {
			refused.Field, refused.Message = "", ""
		}
		return nil, refused
	}
	parsed.api = a
	return parsed, nil
}

// refuses says what this call alone does not accept.
func (a API) refuses(expression string, parsed *Schedule) *Error {
	if a == CreateSchedule {
		return nil
	}
	if parsed.kind == At {
		return &Error{
			Expression: expression, Problem: "it is at(...), a rule accepts cron(...) and rate(...)",
			Hint: "one-time schedules need EventBridge Scheduler; " + cronHint,
		}
	}
	return parsed.disagrees(expression)
}

// Zone is the time zone of a schedule: any IANA name for CreateSchedule, UTC only for PutRule. The empty name is UTC.
func (a API) Zone(name string) (*time.Location, error) {
	if a == PutRule && name != "" && name != "UTC" {
		return nil, &Error{
			Expression: name, Field: "timezone", Problem: "a rule has no time zone, it runs in UTC",
			Hint: "time zones need EventBridge Scheduler",
		}
	}
	return LoadZone(name)
}

// Parse reads an expression for whoever writes one: as CreateSchedule does, but it also refuses what is surely a mistake.
// That is a rate whose unit disagrees with its value, which a rule refuses, and a day that no month has.
func Parse(expression string) (*Schedule, error) {
	parsed, err := CreateSchedule.Parse(expression)
	if err != nil {
		return nil, err
	}
	if mistake := parsed.disagrees(expression); mistake != nil {
		return nil, mistake
	}
	if parsed.kind == Cron && !parsed.cron.everRuns() {
		return nil, neverRuns(expression)
	}
	return parsed, nil
}

func neverRuns(expression string) *Error {
	texts := strings.Fields(expression)
	day, word := dayOfMonth, "day"
	if texts[day] == "?" {
		day, word = dayOfWeek, "day-of-week"
	}
	return &Error{
		Expression: expression, Field: fields[day].name, Hint: cronHint,
		Problem: fmt.Sprintf("no month %s has a %s %s: it would never run", texts[month], word, texts[day]),
	}
}

// lengthField marks the one fault whose message differs.
const lengthField = "length"

func parse(expression string) (*Schedule, *Error) {
	if length := utf8.RuneCountInString(expression); length > maxExpression {
		return nil, &Error{
			Expression: expression, Field: lengthField, Problem: fmt.Sprintf("it has %d characters, AWS accepts %d", length, maxExpression),
			Hint: cronHint,
		}
	}
	kind, body, opened := strings.Cut(expression, "(")
	body, closed := strings.CutSuffix(body, ")")
	if opened && closed {
		switch kind {
		case Cron:
			return parseCron(expression, body)
		case Rate:
			return parseRate(expression, body)
		case At:
			return parseAt(expression, body)
		}
	}
	return nil, &Error{
		Expression: expression, Hint: cronHint,
		Problem: "it is neither cron(...), rate(...) nor at(...), in lower case and without spaces around",
	}
}
