package schedule

import "time"

// wallClock is what a clock in the zone shows, written as if it were UTC.
func wallClock(at time.Time, zone *time.Location) time.Time {
	at = at.In(zone)
	_, offset := at.Zone()
	return at.UTC().Add(time.Duration(offset) * time.Second)
}

// instant is when a clock in the zone first shows that wall clock time; false when a clock change skips it.
// Of a repeated time, package time returns either instant (time.Date), so the period before is looked at too.
func instant(wall time.Time, zone *time.Location) (time.Time, bool) {
	near := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	if start, _ := near.ZoneBounds(); !start.IsZero() {
		_, offset := start.Add(-1).Zone()
		earlier := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if earlier.Before(start) && wallClock(earlier, zone).Equal(wall) {
			return earlier, true
		}
	}
	return near, wallClock(near, zone).Equal(wall)
}

// A Shift is one change of the clocks that touches the schedule.
type Shift struct {
	At       time.Time   // the moment of the change, in the zone
	Repeated bool        // the clocks go back: each time below happens twice and starts once. Else it does not happen.
	Times    []time.Time // the schedule's local times, written as if they were UTC
}

// Shifts are the changes of the clocks after from and not after to at which the schedule would have started, in order.
// A rate has none, since it counts hours and not the clock's; a rule has none, since it runs in UTC.
func (s *Schedule) Shifts(from, to time.Time, zone *time.Location) []Shift {
	var all []Shift
	for at := from.In(s.home(zone)); ; {
		_, change := at.ZoneBounds()
		switch {
		case change.IsZero() || change.After(to):
			return all
		case !change.After(at):
			// Far in the future, package time ends a period with the 365th day of the year, and in leap years stays there.
			at = at.Add(time.Hour)
			continue
		}
		at = change
		before, after := wallClock(at.Add(-1), at.Location()).Add(1), wallClock(at, at.Location())
		shift := Shift{At: at, Repeated: after.Before(before)}
		if shift.Repeated {
			before, after = after, before
		}
		if shift.Times = s.between(before, after); shift.Times != nil {
			all = append(all, shift)
		}
	}
}

// between are the wall clock times of the schedule from one up to and without the other.
func (s *Schedule) between(from, to time.Time) []time.Time {
	var all []time.Time
	switch s.kind {
	case At:
		if !s.at.Before(from) && s.at.Before(to) {
			all = append(all, s.at)
		}
	case Cron:
		for wall, ok := s.cron.from(from); ok && wall.Before(to); wall, ok = s.cron.from(wall.Add(time.Minute)) {
			if !wall.Before(from) {
				all = append(all, wall)
			}
		}
	}
	return all
}
