package schedule_test

import (
	"errors"
	"testing"
	"time"

	"example.com/pipewright/scaffold/schedule"
)

func addSeeds(f *testing.F, add func(expression string)) {
	for _, table := range [][]starts{fieldStarts, dayStarts, clockStarts, otherStarts} {
		for _, row := range table {
			add(row.expression)
		}
	}
	add("cron(0 8 ? * MON#6 *)")
	add("cron(0 8 LW,15 * ? *)")
	add("rate(99999999999999999999 days)")
}

// Any text is read or refused with a hint, by each reader, and what is read twice means the same.
func FuzzParse(f *testing.F) {
	addSeeds(f, func(expression string) { f.Add(expression) })
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, expression string) {
		for _, read := range []func(string) (*schedule.Schedule, error){schedule.PutRule.Parse, schedule.CreateSchedule.Parse, schedule.Parse} {
			parsed, err := read(expression)
			var refused *schedule.Error
			if err != nil && (!errors.As(err, &refused) || refused.Problem == "" || refused.Hint == "" || refused.Expression != expression) {
				t.Fatalf("%q: refused with %+v, want a problem and a hint", expression, err)
			}
			if err == nil {
				checkStarts(t, parsed, from, time.UTC)
			}
		}
		if _, err := schedule.PutRule.Parse(expression); err == nil {
			if _, err := schedule.CreateSchedule.Parse(expression); err != nil {
				t.Fatalf("%q: a rule takes it and Scheduler does not: %v", expression, err)
			}
		}
	})
}

// Whatever the zone and the moment, the next start is strictly after it, the previous strictly before, and they agree.
func FuzzNext(f *testing.F) {
	addSeeds(f, func(expression string) {
		f.Add(expression, "Europe/Berlin", int64(1774746000), int64(1))
		f.Add(expression, "Australia/Lord_Howe", int64(1775318400), int64(0))
	})
	f.Fuzz(func(t *testing.T, expression, name string, seconds, nanoseconds int64) {
		zone, err := schedule.LoadZone(name)
		if err != nil {
			return
		}
		parsed, err := schedule.CreateSchedule.Parse(expression)
		if err != nil {
			return
		}
		// Years 0 to 9999, those that RFC 3339 can write.
		const first, last = -62167219200, 253402300799
		from := time.Unix(first+abs(seconds)%(last-first), abs(nanoseconds)%1e9)
		checkStarts(t, parsed, from, zone)
		to := from.AddDate(5, 0, 0) // a leap year and all clock changes of its zone
		for _, shift := range parsed.Shifts(from, to, zone) {
			if !shift.At.After(from) || shift.At.After(to) || len(shift.Times) == 0 {
				t.Fatalf("got the shift %+v between %s and %s", shift, from, to)
			}
		}
	})
}

func abs(n int64) int64 { return max(n, -n-1) }

func checkStarts(t *testing.T, parsed *schedule.Schedule, from time.Time, zone *time.Location) {
	t.Helper()
	next, found := parsed.Next(from, zone)
	if found && !next.After(from) {
		t.Fatalf("the next start %s is not after %s", next, from)
	}
	last, had := parsed.Prev(from, zone)
	if had && !last.Before(from) {
		t.Fatalf("the previous start %s is not before %s", last, from)
	}
	if parsed.Kind() == schedule.Rate {
		return
	}
	if back, ok := parsed.Prev(next, zone); found && ok && back.After(from) {
		t.Fatalf("%s lies between %s and the next start %s", back, from, next)
	}
	if on, ok := parsed.Next(last, zone); had && (!ok && found || ok && on.Before(from)) {
		t.Fatalf("after %s comes %s, but it is the last before %s", last, on, from)
	}
}
