package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A cron expression has minutes and hours, a rule for days, months and years.
type cron struct {
	minutes, hours, months set
	days                   dayRule
	years                  []int // sorted
}

// field is one of the six, in order. Source: Amazon EventBridge Scheduler User Guide, "Cron-based schedules", read 2026-11.
type field struct {
	name      string
	low, high int
	names     []string
}

var fields = []field{
	{"minutes", 0, 59, nil},
	{"hours", 0, 23, nil},
	{"day-of-month", 1, 31, nil},
	{"month", 1, 12, []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
	{"day-of-week", 1, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}},
	{"year", 1970, 2199, nil},
}

const (
	minutes = iota
	hours
	dayOfMonth
	month
	dayOfWeek
	year
)

// accepted are the values of a field, for a message.
func (f field) accepted() string {
	text := fmt.Sprintf("%d-%d", f.low, f.high)
	if f.names != nil {
		text += fmt.Sprintf(" and %s-%s", f.names[0], f.names[len(f.names)-1])
	}
	return text
}

// cronParser keeps the first fault.
type cronParser struct {
	expression string
	err        *Error
}

func (p *cronParser) fail(field int, format string, args ...any) {
	if p.err == nil {
		p.err = &Error{Expression: p.expression, Field: fields[field].name, Problem: fmt.Sprintf(format, args...), Hint: cronHint}
	}
}

func parseCron(expression, body string) (*Schedule, *Error) {
	texts := strings.FieldsFunc(body, blank)
	if body != strings.TrimFunc(body, blank) {
		return nil, &Error{Expression: expression, Problem: "got spaces inside the brackets, AWS accepts them only between the fields", Hint: cronHint}
	}
	if len(texts) != len(fields) {
		return nil, &Error{Expression: expression, Problem: fmt.Sprintf("got %d fields, AWS accepts 6, with spaces between them", len(texts)), Hint: cronHint}
	}
	p := &cronParser{expression: expression}
	parsed := cron{
		minutes: p.set(minutes, texts[minutes]),
		hours:   p.set(hours, texts[hours]),
		months:  p.set(month, texts[month]),
		years:   p.values(year, texts[year]),
	}
	switch date, weekday := texts[dayOfMonth], texts[dayOfWeek]; {
	case date == "?" && weekday == "?":
		p.fail(dayOfMonth, "day-of-month and day-of-week are both ?, AWS accepts ? in one of them")
	case date == "?":
		parsed.days = p.weekdays(weekday)
	case weekday == "?":
		parsed.days = p.monthdays(date)
	default:
		p.fail(dayOfMonth, "day-of-month is %s and day-of-week is %s, AWS accepts ? in one of them", date, weekday)
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Schedule{kind: Cron, cron: parsed}, nil
}

func blank(r rune) bool { return r == ' ' || r == '\t' }

// everRuns says whether the months and years have such a day at all.
func (c cron) everRuns() bool {
	for _, y := range c.years {
		for m := time.January; m <= time.December; m++ {
			if c.months.has(int(m)) && c.days(y, m) != 0 {
				return true
			}
		}
	}
	return false
}

func (p *cronParser) set(field int, text string) set {
	var all set
	for _, value := range p.values(field, text) {
		all.add(value)
	}
	return all
}

// values are the numbers that a field stands for, sorted.
func (p *cronParser) values(field int, text string) []int {
	var all []int
	for part := range strings.SplitSeq(text, ",") {
		all = append(all, p.part(field, part)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// part reads one element of a list: a value, *, a range, and each of them with a step.
func (p *cronParser) part(field int, part string) []int {
	spec := fields[field]
	span, stepText, stepped := strings.Cut(part, "/")
	low, high, step := spec.low, spec.high, 1
	if stepped {
		step = p.step(field, span, stepText)
	}
	if span != "*" {
		from, to, ranged := strings.Cut(span, "-")
		low = p.number(field, from)
		switch {
		case ranged:
			high = p.number(field, to)
		case !stepped:
			high = low
		}
	}
	if p.err == nil && low > high {
		if field == year {
			p.fail(field, "the year range %s runs backwards, AWS accepts the smaller value first", span)
		}
		high += spec.high - spec.low + 1 // the range wraps: 20-2 is 20-23 and 0-2
	}
	if p.err != nil {
		return nil
	}
	var all []int
	for value := low; value <= high; value += step {
		if value > spec.high {
			all = append(all, value-(spec.high-spec.low+1))
		} else {
			all = append(all, value)
		}
	}
	return all
}

// step has a limit after * only, see the package's documentation.
func (p *cronParser) step(field int, span, text string) int {
	limit, accepted := maxStep, "1 or more"
	if span == "*" && field != year {
		limit = fields[field].high
		accepted = fmt.Sprintf("1-%d", limit)
	}
	step, err := digits(text)
	if err != nil || step < 1 || step > limit {
		p.fail(field, "the %s step is %q, AWS accepts %s", fields[field].name, text, accepted)
		return 1
	}
	return step
}

// maxStep goes beyond every field.
const maxStep = 9999

func (p *cronParser) number(field int, text string) int {
	spec := fields[field]
	if i := slices.Index(spec.names, strings.ToUpper(text)); i >= 0 {
		return i + spec.low
	}
	value, err := digits(text)
	if err != nil || value < spec.low || value > spec.high {
		p.fail(field, "the %s is %s, AWS accepts %s", strings.TrimSuffix(spec.name, "s"), orNothing(text), spec.accepted())
	}
	return value
}

// digits reads a number of at most four digits, without a sign.
func digits(text string) (int, error) {
	value, err := strconv.ParseUint(text, 10, 14)
	if len(text) > 4 {
		return 0, strconv.ErrRange
	}
	return int(value), err
}

func orNothing(text string) string {
	if text == "" {
		return "empty"
	}
	return text
}
