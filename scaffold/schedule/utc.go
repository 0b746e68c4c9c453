package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// UTC is a local schedule as a rule can have it, which knows no time zone.
//
// It is exact while the zone has its smallest offset of the year, in most zones standard time. While the clocks are ahead it starts later than
// was wished, never earlier: what a run reads is there by then.
type UTC struct {
	Expression string
	Offset     time.Duration // of the zone while the expression is exact
	Late       time.Duration // how much later it starts while the clocks are ahead; 0: the zone never changes its clocks
}

const minutesOfDay = 24 * 60

// InUTC writes a local cron() in UTC, with the clock changes that the zone has in the given year. A rate() has no zone and stays.
// The error is an *Error, also for what cannot be written: UTC is on another day, and the expression's days cannot move with it.
func InUTC(expression string, zone *time.Location, year int) (UTC, error) {
	parsed, err := Parse(expression)
	if err != nil {
		return UTC{}, err
	}
	if _, err = PutRule.Parse(expression); err != nil {
		return UTC{}, err
	}
	if parsed.kind == Rate {
		return UTC{Expression: expression}, nil
	}
	least, most := offsets(zone, year)
	shifted := UTC{Expression: expression, Offset: least, Late: most - least}
	if least == 0 {
		return shifted, nil
	}
	mover := mover{expression: expression, texts: strings.Fields(expression[len("cron(") : len(expression)-1]), zone: zone, offset: least}
	shifted.Expression, err = mover.move(parsed.cron)
	return shifted, err
}

// offsets are the smallest and the largest that the zone has in the year.
func offsets(zone *time.Location, year int) (least, most time.Duration) {
	least, most = 24*time.Hour, -24*time.Hour
	for at := time.Date(year, time.January, 1, 0, 0, 0, 0, zone); at.Year() <= year; at = at.Add(time.Hour) {
		_, seconds := at.Zone()
		offset := time.Duration(seconds) * time.Second
		least, most = min(least, offset), max(most, offset)
	}
	return least, most
}

// mover moves an expression from a zone at one offset to UTC.
type mover struct {
	expression string
	texts      []string
	zone       *time.Location
	offset     time.Duration
}

func (m *mover) refuse(field int, problem, hint string) error {
	return &Error{
		Expression: m.expression, Field: fields[field].name, Hint: hint,
		Problem: fmt.Sprintf("it cannot be written in UTC, because %s (%s is UTC%s)", problem, m.zone, offsetText(m.offset)),
	}
}

// offsetText is an offset as in UTC-08:00.
func offsetText(offset time.Duration) string {
	return time.Unix(0, 0).In(time.FixedZone("", int(offset.Seconds()))).Format("-07:00")
}

func (m *mover) move(c cron) (string, error) {
	var hoursUTC, minutesUTC set
	var days []int // by how many days UTC is ahead
	count := 0
	for hour := range 24 {
		for minute := range 60 {
			if !c.hours.has(hour) || !c.minutes.has(minute) {
				continue
			}
			count++
			at := hour*60 + minute - int(m.offset.Minutes())
			day := (at+minutesOfDay)/minutesOfDay - 1 // rounded down, as at is at least a day back
			at -= day * minutesOfDay
			hoursUTC.add(at / 60)
			minutesUTC.add(at % 60)
			if !slices.Contains(days, day) {
				days = append(days, day)
			}
		}
	}
	if len(members(hoursUTC))*len(members(minutesUTC)) != count {
		return "", m.refuse(minutes, "its hours and minutes no longer fit into one expression", "start at one minute of the hour")
	}
	moved := slices.Clone(m.texts)
	moved[minutes], moved[hours] = join(minutes, minutesUTC), join(hours, hoursUTC)
	if !m.everyDay() {
		if err := m.moveDays(moved, days); err != nil {
			return "", err
		}
	}
	return "cron(" + strings.Join(moved, " ") + ")", nil
}

// everyDay says that no day is left out, so that it does not matter which day it is in UTC.
func (m *mover) everyDay() bool {
	return !slices.ContainsFunc(m.texts[dayOfMonth:], func(text string) bool { return text != "*" && text != "?" })
}

// moveDays moves days of the week. Days of the month, months and years stay where they are, or cannot be moved.
func (m *mover) moveDays(moved []string, days []int) error {
	hint := "choose hours that are on the same day in UTC, here " + m.sameDay()
	if len(days) > 1 {
		return m.refuse(hours, "some of its hours are on another day there", hint)
	}
	if days[0] == 0 {
		return nil
	}
	for _, field := range []int{dayOfMonth, month, year} {
		if text := m.texts[field]; text != "*" && text != "?" {
			return m.refuse(field, fmt.Sprintf("it is another day there, and %s %s would have to move with it", fields[field].name, text), hint)
		}
	}
	text := m.texts[dayOfWeek]
	if strings.ContainsAny(strings.ToUpper(text), "L#") && !slices.Contains(fields[dayOfWeek].names, strings.ToUpper(text)) {
		return m.refuse(dayOfWeek, fmt.Sprintf("it is another day there, and day-of-week %s would have to move with it", text), hint)
	}
	parser := cronParser{expression: m.expression}
	var weekdays set
	for _, day := range members(parser.set(dayOfWeek, text)) {
		weekdays.add((day-1+days[0]+7)%7 + 1)
	}
	moved[dayOfWeek] = join(dayOfWeek, weekdays)
	return nil
}

// sameDay are the local times that are on the same day in UTC.
func (m *mover) sameDay() string {
	clock := func(at time.Duration) string {
		return time.Time{}.Add(at).Format("15:04")
	}
	if m.offset > 0 {
		return clock(m.offset) + " to 23:59"
	}
	return "00:00 to " + clock(24*time.Hour+m.offset-time.Minute)
}

// members are the numbers of a set, sorted.
func members(s set) []int {
	var all []int
	for n, found := s.from(0); found; n, found = s.from(n + 1) {
		all = append(all, n)
	}
	return all
}

// join writes a set as a field: * for everything, ranges for three and more in a row, names for weekdays.
func join(field int, s set) string {
	all, spec := members(s), fields[field]
	if len(all) == spec.high-spec.low+1 {
		return "*"
	}
	name := func(n int) string {
		if spec.names != nil {
			return spec.names[n-spec.low]
		}
		return strconv.Itoa(n)
	}
	var parts []string
	for len(all) > 0 {
		row := 1
		for row < len(all) && all[row] == all[0]+row {
			row++
		}
		if row < 3 {
			row = 1
			parts = append(parts, name(all[0]))
		} else {
			parts = append(parts, name(all[0])+"-"+name(all[row-1]))
		}
		all = all[row:]
	}
	return strings.Join(parts, ",")
}

// LongestPause is the longest time between two starts from one time until another, to the day: starts on the same day are not looked at
// one by one. False when the schedule does not start twice by then.
func (s *Schedule) LongestPause(from, until time.Time, zone *time.Location) (time.Duration, bool) {
	if s.kind == Rate {
		return s.rate.every, true
	}
	last, found := s.Next(from, zone)
	if !found {
		return 0, false
	}
	longest, twice := time.Duration(0), false
	for {
		next, found := s.Next(last, zone)
		if !found || next.After(until) {
			return longest, twice
		}
		longest, twice = max(longest, next.Sub(last)), true
		last = next
		if evening := time.Date(next.Year(), next.Month(), next.Day()+1, 0, 0, 0, 0, next.Location()); evening.After(next) {
			if latest, found := s.Prev(evening, zone); found && latest.After(last) {
				last = latest
			}
		}
	}
}
