package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A cron expression has minutes and hours, a rule for days, and years.
type cron struct {
	minutes, hours, months, years []int
	days                          []dayRule // any of them
}

type dayRule func(year int, month time.Month, day int) bool

// fields of a cron expression, in order. Source: Amazon EventBridge Scheduler User Guide, "Cron-based schedules", read 2026-11.
var fields = []struct {
	name      string
	low, high int
	names     []string
}{
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

type cronParser struct {
	expression string
	err        *Error
}

func (p *cronParser) fail(field int, format string, args ...any) {
	if p.err == nil {
		p.err = &Error{p.expression, fields[field].name, fmt.Sprintf(format, args...), cronHint}
	}
}

func parseCron(expression, body string) (*Schedule, error) {
	texts := strings.Fields(body)
	if len(texts) != len(fields) || strings.Join(texts, " ") != body {
		return nil, &Error{expression, "", fmt.Sprintf("got %d fields, AWS accepts 6, with one space between them", len(texts)), cronHint}
	}
	p := &cronParser{expression: expression}
	parsed := cron{
		minutes: p.values(minutes, texts[minutes]),
		hours:   p.values(hours, texts[hours]),
		months:  p.values(month, texts[month]),
		years:   p.values(year, texts[year]),
	}
	switch {
	case p.err != nil:
	case texts[dayOfMonth] == "?" && texts[dayOfWeek] == "?":
		p.fail(dayOfMonth, "day-of-month and day-of-week are both ?, AWS accepts ? in one of them")
	case texts[dayOfMonth] == "?":
		parsed.days = p.weekdays(texts[dayOfWeek])
	case texts[dayOfWeek] == "?":
		parsed.days = p.monthdays(texts[dayOfMonth])
	default:
		p.fail(dayOfMonth, "day-of-month is %s and day-of-week is %s, AWS accepts ? in one of them", texts[dayOfMonth], texts[dayOfWeek])
	}
	if p.err != nil {
		return nil, p.err
	}
	if !parsed.everRuns() {
		return nil, &Error{expression, "day-of-month", fmt.Sprintf("no month %s has a day %s: it would never run", texts[month], texts[dayOfMonth]), cronHint}
	}
	return &Schedule{kind: Cron, cron: parsed}, nil
}

// everRuns looks at the days of a leap year's months: weekdays occur in each.
func (c cron) everRuns() bool {
	for _, y := range c.years {
		for _, m := range c.months {
			for day := 1; day <= lastDay(y, time.Month(m)); day++ {
				if c.onDay(y, time.Month(m), day) {
					return true
				}
			}
		}
	}
	return false
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

func (p *cronParser) part(field int, part string) []int {
	spec := fields[field]
	span, stepText, stepped := strings.Cut(part, "/")
	low, high, step := spec.low, spec.high, 1
	if stepped {
		var err error
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 || step > spec.high {
			p.fail(field, "the %s step is %q, AWS accepts 1-%d", spec.name, stepText, spec.high)
			return nil
		}
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
		if p.err == nil && low > high {
			p.fail(field, "the %s range %s runs backwards, AWS accepts the smaller value first", spec.name, span)
		}
	}
	if p.err != nil {
		return nil
	}
	var all []int
	for value := low; value <= high; value += step {
		all = append(all, value)
	}
	return all
}

func (p *cronParser) number(field int, text string) int {
	spec := fields[field]
	if i := slices.Index(spec.names, strings.ToUpper(text)); i >= 0 {
		return i + spec.low
	}
	value, err := strconv.Atoi(text)
	if err != nil || len(text) > 4 || strings.HasPrefix(text, "+") || value < spec.low || value > spec.high {
		accepted := fmt.Sprintf("%d-%d", spec.low, spec.high)
		if spec.names != nil {
			accepted += fmt.Sprintf(" and %s-%s", spec.names[0], spec.names[len(spec.names)-1])
		}
		p.fail(field, "the %s is %s, AWS accepts %s", strings.TrimSuffix(spec.name, "s"), orNothing(text), accepted)
	}
	return value
}

func orNothing(text string) string {
	if text == "" {
		return "empty"
	}
	return text
}

// monthdays reads day-of-month: numbers, L for the last day, LW for the last weekday, 15W for the weekday nearest to the 15th.
func (p *cronParser) monthdays(text string) []dayRule {
	if nearest, ok := strings.CutSuffix(text, "W"); ok && nearest != "L" {
		day := p.number(dayOfMonth, nearest)
		return []dayRule{func(y int, m time.Month, d int) bool {
			return d == nearestWeekday(y, m, min(day, lastDay(y, m))) && day <= lastDay(y, m)
		}}
	}
	switch text {
	case "L":
		return []dayRule{func(y int, m time.Month, d int) bool { return d == lastDay(y, m) }}
	case "LW":
		return []dayRule{func(y int, m time.Month, d int) bool { return d == nearestWeekday(y, m, lastDay(y, m)) }}
	}
	days := p.values(dayOfMonth, text)
	return []dayRule{func(_ int, _ time.Month, d int) bool { return slices.Contains(days, d) }}
}

// weekdays reads day-of-week: numbers and names, 6L for the last Friday, 6#3 for the third Friday.
func (p *cronParser) weekdays(text string) []dayRule {
	if name, nth, ok := strings.Cut(text, "#"); ok {
		weekday := p.number(dayOfWeek, name)
		count, err := strconv.Atoi(nth)
		if err != nil || count < 1 || count > 5 {
			p.fail(dayOfWeek, "the day-of-week is the %q. of the month, AWS accepts 1-5 after #", nth)
		}
		return []dayRule{func(y int, m time.Month, d int) bool { return weekdayOf(y, m, d) == weekday && (d-1)/7+1 == count }}
	}
	if text == "L" { // the last day of the week
		text = "SAT"
	} else if name, ok := strings.CutSuffix(text, "L"); ok {
		weekday := p.number(dayOfWeek, name)
		return []dayRule{func(y int, m time.Month, d int) bool { return weekdayOf(y, m, d) == weekday && d > lastDay(y, m)-7 }}
	}
	days := p.values(dayOfWeek, text)
	return []dayRule{func(y int, m time.Month, d int) bool { return slices.Contains(days, weekdayOf(y, m, d)) }}
}

// weekdayOf counts as EventBridge does: 1 is Sunday.
func weekdayOf(y int, m time.Month, d int) int {
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Weekday()) + 1
}

func lastDay(y int, m time.Month) int { return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// nearestWeekday never leaves the month.
func nearestWeekday(y int, m time.Month, d int) int {
	switch weekdayOf(y, m, d) {
	case 1: // Sunday
		if d == lastDay(y, m) {
			return d - 2
		}
		return d + 1
	case 7: // Saturday
		if d == 1 {
			return d + 2
		}
		return d - 1
	}
	return d
}

func (c cron) onDay(y int, m time.Month, d int) bool {
	return slices.ContainsFunc(c.days, func(rule dayRule) bool { return rule(y, m, d) })
}

// search looks day by day, forwards (1) or backwards (-1), for the first start beyond the given time.
func (c cron) search(from time.Time, direction int) (time.Time, bool) {
	zone := from.Location()
	day := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	for ; day.Year() >= fields[year].low && day.Year() <= fields[year].high; day = day.AddDate(0, 0, direction) {
		if !slices.Contains(c.years, day.Year()) || !slices.Contains(c.months, int(day.Month())) || !c.onDay(day.Year(), day.Month(), day.Day()) {
			continue
		}
		starts := c.starts(day, zone)
		if direction < 0 {
			slices.Reverse(starts)
		}
		for _, start := range starts {
			if start.Compare(from) == direction {
				return start, true
			}
		}
	}
	return time.Time{}, false
}

// starts are those of one day, in order.
func (c cron) starts(day time.Time, zone *time.Location) []time.Time {
	var all []time.Time
	for _, h := range c.hours {
		for _, m := range c.minutes {
			wall := time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, time.UTC)
			if start, exists := local(wall, zone); exists {
				all = append(all, start)
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}
