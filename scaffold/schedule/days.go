package schedule

import (
	"math/bits"
	"strings"
	"time"
)

// A set holds small numbers: minutes, hours, days, months or weekdays.
type set uint64

func (s *set) add(n int)     { *s |= 1 << n }
func (s set) has(n int) bool { return s&(1<<n) != 0 }

// from is the smallest member that is at least n; false when there is none.
func (s set) from(n int) (int, bool) {
	s &= ^set(0) << n
	return bits.TrailingZeros64(uint64(s)), s != 0
}

// upTo is the largest member that is at most n; false when there is none.
func (s set) upTo(n int) (int, bool) {
	s &= 1<<(n+1) - 1
	return bits.Len64(uint64(s)) - 1, s != 0
}

// A dayRule is the days of a month on which a cron expression starts.
type dayRule func(year int, month time.Month) set

// monthdays reads day-of-month: numbers, L for the last day, L-3 for the third before it, LW for the last weekday, and 15W
// for the weekday nearest to the 15th.
func (p *cronParser) monthdays(text string) dayRule {
	if text == "LW" {
		return func(y int, m time.Month) set { return nearestWeekday(y, m, lastDay(y, m)) }
	}
	if nearest, found := strings.CutSuffix(text, "W"); found && !strings.ContainsAny(nearest, ",L-") {
		day := p.number(dayOfMonth, nearest)
		return func(y int, m time.Month) set { return nearestWeekday(y, m, day) }
	}
	if offset, found := strings.CutPrefix(text, "L"); found && !strings.Contains(text, ",") {
		back := p.offset(text, offset)
		return func(y int, m time.Month) set {
			if day := lastDay(y, m) - back; day >= 1 {
				return 1 << day
			}
			return 0
		}
	}
	p.alone(dayOfMonth, text, "LW")
	days := p.set(dayOfMonth, text)
	return func(y int, m time.Month) set { return days & (1<<(lastDay(y, m)+1) - 1) }
}

// offset reads what follows L: nothing, or - and the number of days before the last.
func (p *cronParser) offset(text, after string) int {
	if after == "" {
		return 0
	}
	number, minus := strings.CutPrefix(after, "-")
	back, err := digits(number)
	if !minus || err != nil || back < 1 || back > 30 {
		p.fail(dayOfMonth, "the day-of-month is %s, AWS accepts L, LW and L-1 to L-30 for the end of the month", text)
	}
	return back
}

// alone refuses the letters of one special value inside a list or range.
func (p *cronParser) alone(field int, text, letters string) {
	if parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '-' || r == '/' }); len(parts) > 1 {
		for _, part := range parts {
			if i := strings.IndexAny(part, letters); i >= 0 {
				p.fail(field, "the %s is %s in %s, AWS accepts %c only alone", fields[field].name, part, text, part[i])
			}
		}
	}
}

// weekdays reads day-of-week: numbers and names, L for Saturday, 6L for the last Friday, 6#3 for the third Friday.
func (p *cronParser) weekdays(text string) dayRule {
	p.alone(dayOfWeek, text, "L#")
	if name, nth, found := strings.Cut(text, "#"); found {
		weekday := p.number(dayOfWeek, name)
		count, err := digits(nth)
		if err != nil || count < 1 || count > 5 {
			p.fail(dayOfWeek, "the day-of-week is the %q. of the month, AWS accepts 1-5 after #", nth)
		}
		return func(y int, m time.Month) set {
			return each(weekday, y, m) & (set(1<<7-1) << (7*count - 6))
		}
	}
	if text == "L" { // the last day of the week
		text = "SAT"
	} else if name, found := strings.CutSuffix(text, "L"); found {
		weekday := p.number(dayOfWeek, name)
		return func(y int, m time.Month) set { return each(weekday, y, m) &^ (1<<(lastDay(y, m)-6) - 1) }
	}
	weekdays := p.set(dayOfWeek, text)
	return func(y int, m time.Month) set {
		var days set
		for weekday := 1; weekday <= 7; weekday++ {
			if weekdays.has(weekday) {
				days |= each(weekday, y, m)
			}
		}
		return days
	}
}

// each is every such weekday of the month; 1 is Sunday, as EventBridge counts.
func each(weekday, y int, m time.Month) set {
	const weekly = 1 | 1<<7 | 1<<14 | 1<<21 | 1<<28
	first := 1 + (weekday-weekdayOf(y, m, 1)+7)%7
	return weekly << first & (1<<(lastDay(y, m)+1) - 1)
}

func weekdayOf(y int, m time.Month, d int) int {
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Weekday()) + 1
}

func lastDay(y int, m time.Month) int { return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// nearestWeekday is Monday to Friday and never leaves the month; a day that the month lacks has none.
func nearestWeekday(y int, m time.Month, d int) set {
	last := lastDay(y, m)
	if d > last {
		return 0
	}
	switch weekdayOf(y, m, d) {
	case 1: // Sunday
		if d == last {
			return 1 << (d - 2)
		}
		return 1 << (d + 1)
	case 7: // Saturday
		if d == 1 {
			return 1 << (d + 2)
		}
		return 1 << (d - 1)
	}
	return 1 << d
}
