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
	wall := wallClock(before, zone)
	if changed, _ := before.In(zone).ZoneBounds(); !changed.IsZero() {
		if last := wallClock(changed.Add(-1), zone); last.After(wall) {
			wall = last
		}
	}
	for wall, ok := c.upTo(wall); ok; wall, ok = c.upTo(wall.Add(-time.Minute)) {
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
	for ; index < len(c.years); index, m, d, hour, minute = index+1, 1, 1, 0, 0 {
		for first := int(m); ; {
			found, ok := c.months.from(first)
			if !ok {
				break
			}
			if found != int(m) {
				m, d, hour, minute = time.Month(found), 1, 0, 0
			}
			if day, hour, minute, ok := c.startFrom(c.days(c.years[index], m), d, hour, minute); ok {
				return time.Date(c.years[index], m, day, hour, minute, 0, 0, time.UTC), true
			}
			first = found + 1
		}
	}
	return time.Time{}, false
}

// startFrom is the first start of a month at that time or later.
func (c *cron) startFrom(days set, day, hour, minute int) (int, int, int, bool) {
	if days.has(day) {
		if c.hours.has(hour) {
			if found, ok := c.minutes.from(minute); ok {
				return day, hour, found, true
			}
		}
		if found, ok := c.hours.from(hour + 1); ok {
			first, _ := c.minutes.from(0)
			return day, found, first, true
		}
	}
	found, ok := days.from(day + 1)
	firstHour, _ := c.hours.from(0)
	firstMinute, _ := c.minutes.from(0)
	return found, firstHour, firstMinute, ok
}

// upTo is the last wall clock time of the expression in the minute of the given one or earlier.
func (c *cron) upTo(wall time.Time) (time.Time, bool) {
	y, m, d := wall.Date()
	hour, minute := wall.Hour(), wall.Minute()
	index, exact := slices.BinarySearch(c.years, y)
	if !exact {
		index, m, d, hour, minute = index-1, 12, 31, 23, 59
	}
	for ; index >= 0; index, m, d, hour, minute = index-1, 12, 31, 23, 59 {
		for last := int(m); ; {
			found, ok := c.months.upTo(last)
			if !ok {
				break
			}
			if found != int(m) {
				m, d, hour, minute = time.Month(found), 31, 23, 59
			}
			if day, hour, minute, ok := c.startUpTo(c.days(c.years[index], m), d, hour, minute); ok {
				return time.Date(c.years[index], m, day, hour, minute, 0, 0, time.UTC), true
			}
			last = found - 1
		}
	}
	return time.Time{}, false
}

// startUpTo is the last start of a month at that time or earlier.
func (c *cron) startUpTo(days set, day, hour, minute int) (int, int, int, bool) {
	lastMinute, _ := c.minutes.upTo(59)
	if days.has(day) {
		if c.hours.has(hour) {
			if found, ok := c.minutes.upTo(minute); ok {
				return day, hour, found, true
			}
		}
		if found, ok := c.hours.upTo(hour - 1); ok {
			return day, found, lastMinute, true
		}
	}
	found, ok := days.upTo(day - 1)
	lastHour, _ := c.hours.upTo(23)
	return found, lastHour, lastMinute, ok
}
