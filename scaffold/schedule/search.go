package schedule

import (
	"slices"
	"time"
)

// next walks the wall clock forwards. First occurrences rise with the wall clock, so the first that is late enough is the answer.
func (c *cron) next(after time.Time, zone *time.Location) (time.Time, bool) {
	for wall, ok := c.from(wallClock(after, zone)); ok; wall, ok = c.from(wall.Add(time.Minute)) {
		if at, exists := instant(wall, zone); exists && at.After(after) {
			return at, true
		}
	}
	return time.Time{}, false
}

// prev walks the wall clock backwards. Just after clocks went back, the latest start may show a later time than now does.
func (c *cron) prev(before time.Time, zone *time.Location) (time.Time, bool) {
	latest := wallClock(before, zone)
	if changed, _ := before.In(zone).ZoneBounds(); !changed.IsZero() {
		if last := wallClock(changed.Add(-1), zone); last.After(latest) {
			latest = last
		}
	}
	for wall, ok := c.upTo(latest); ok; wall, ok = c.upTo(wall.Add(-time.Minute)) {
		if at, exists := instant(wall, zone); exists && at.Before(before) {
			return at, true
		}
	}
	return time.Time{}, false
}

// from is the first wall clock time of the expression in the minute of the given one or later.
func (c *cron) from(wall time.Time) (time.Time, bool) {
	y, m, d := wall.Date()
	hour, minute := wall.Hour(), wall.Minute()
	index, exact := slices.BinarySearch(c.years, y)
	if !exact {
		m, d, hour, minute = 1, 1, 0, 0
	}
	for ; index < len(c.years); index++ {
		for ; m <= 12; m++ {
			if start, found := c.monthFrom(c.years[index], m, d, hour, minute); found {
				return start, true
			}
			d, hour, minute = 1, 0, 0
		}
		m = 1
	}
	return time.Time{}, false
}

// monthFrom is the first start of a month at that day and time or later.
func (c *cron) monthFrom(y int, m time.Month, day, hour, minute int) (time.Time, bool) {
	if !c.months.has(int(m)) {
		return time.Time{}, false
	}
	days := c.days(y, m)
	firstMinute, _ := c.minutes.from(0)
	if days.has(day) {
		if found, ok := c.minutes.from(minute); ok && c.hours.has(hour) {
			return time.Date(y, m, day, hour, found, 0, 0, time.UTC), true
		}
		if found, ok := c.hours.from(hour + 1); ok {
			return time.Date(y, m, day, found, firstMinute, 0, 0, time.UTC), true
		}
	}
	firstHour, _ := c.hours.from(0)
	found, ok := days.from(day + 1)
	return time.Date(y, m, found, firstHour, firstMinute, 0, 0, time.UTC), ok
}

// upTo is the last wall clock time of the expression in the minute of the given one or earlier.
func (c *cron) upTo(wall time.Time) (time.Time, bool) {
	y, m, d := wall.Date()
	hour, minute := wall.Hour(), wall.Minute()
	index, exact := slices.BinarySearch(c.years, y)
	if !exact {
		index, m, d, hour, minute = index-1, 12, 31, 23, 59
	}
	for ; index >= 0; index-- {
		for ; m >= 1; m-- {
			if start, found := c.monthUpTo(c.years[index], m, d, hour, minute); found {
				return start, true
			}
			d, hour, minute = 31, 23, 59
		}
		m = 12
	}
	return time.Time{}, false
}

// monthUpTo is the last start of a month at that day and time or earlier.
func (c *cron) monthUpTo(y int, m time.Month, day, hour, minute int) (time.Time, bool) {
	if !c.months.has(int(m)) {
		return time.Time{}, false
	}
	days := c.days(y, m)
	lastMinute, _ := c.minutes.upTo(59)
	if days.has(day) {
		if found, ok := c.minutes.upTo(minute); ok && c.hours.has(hour) {
			return time.Date(y, m, day, hour, found, 0, 0, time.UTC), true
		}
		if found, ok := c.hours.upTo(hour - 1); ok {
			return time.Date(y, m, day, found, lastMinute, 0, 0, time.UTC), true
		}
	}
	lastHour, _ := c.hours.upTo(23)
	found, ok := days.upTo(day - 1)
	return time.Date(y, m, found, lastHour, lastMinute, 0, 0, time.UTC), ok
}
