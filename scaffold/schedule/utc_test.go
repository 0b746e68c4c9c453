package schedule

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestALocalScheduleIsWrittenInUTC(t *testing.T) {
	for _, test := range []struct {
		name, expression, zone, want string
		offset, late                 time.Duration
	}{
		{"Monday morning on the Pacific", "cron(0 8 ? * MON *)", "America/Los_Angeles", "cron(0 16 ? * MON *)", -8 * time.Hour, time.Hour},
		{"Monday night there is Tuesday", "cron(30 20 ? * MON *)", "America/Los_Angeles", "cron(30 4 ? * TUE *)", -8 * time.Hour, time.Hour},
		{"Monday morning in Tokyo is Sunday", "cron(0 8 ? * MON *)", "Asia/Tokyo", "cron(0 23 ? * SUN *)", 9 * time.Hour, 0},
		{"Sunday moves round the week", "cron(0 8 ? * SUN *)", "Asia/Tokyo", "cron(0 23 ? * SAT *)", 9 * time.Hour, 0},
		{"working days", "cron(0 0 ? * MON-FRI *)", "Europe/Berlin", "cron(0 23 ? * SUN-THU *)", time.Hour, time.Hour},
		{"two days by number", "cron(0 0 ? * 2,6 *)", "Europe/Berlin", "cron(0 23 ? * SUN,THU *)", time.Hour, time.Hour},
		{"half an hour", "cron(0 8 * * ? *)", "Asia/Kolkata", "cron(30 2 * * ? *)", 5*time.Hour + 30*time.Minute, 0},
		{"every hour", "cron(15 * * * ? *)", "America/Los_Angeles", "cron(15 * * * ? *)", -8 * time.Hour, time.Hour},
		{"every night crosses midnight", "cron(0 20-22 * * ? *)", "America/Los_Angeles", "cron(0 4-6 * * ? *)", -8 * time.Hour, time.Hour},
		{"hours on both sides of midnight, every day", "cron(0 15,16 * * ? *)", "America/Los_Angeles", "cron(0 0,23 * * ? *)", -8 * time.Hour, time.Hour},
		{"a day of the month that stays", "cron(0 8 1 * ? *)", "America/Los_Angeles", "cron(0 16 1 * ? *)", -8 * time.Hour, time.Hour},
		{"the last Friday stays", "cron(0 8 ? * 6L *)", "America/Los_Angeles", "cron(0 16 ? * 6L *)", -8 * time.Hour, time.Hour},
		{"a month that stays", "cron(0/15 8 ? JAN MON 2027)", "America/Los_Angeles", "cron(0,15,30,45 16 ? JAN MON 2027)", -8 * time.Hour, time.Hour},
		{"UTC as it is", "cron(0/15 8 L * ? *)", "UTC", "cron(0/15 8 L * ? *)", 0, 0},
		{"London has UTC in winter", "cron(0 8 L * ? *)", "Europe/London", "cron(0 8 L * ? *)", 0, time.Hour},
		{"a rate has no zone", "rate(6 hours)", "America/Los_Angeles", "rate(6 hours)", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := InUTC(test.expression, zoneOf(t, test.zone), 2027)
			if err != nil {
				t.Fatal(err)
			}
			if want := (UTC{test.want, test.offset, test.late}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if _, err := PutRule.Parse(got.Expression); err != nil {
				t.Errorf("a rule refuses it: %v", err)
			}
		})
	}
}

func TestWhatCannotBeWrittenInUTCIsRefusedByName(t *testing.T) {
	for _, test := range []struct{ name, expression, zone, field, problem, hint string }{
		{"a day of the month", "cron(0 20 1 * ? *)", "America/Los_Angeles", "day-of-month", "day-of-month 1 would have to move with it (America/Los_Angeles is UTC-08:00)", "here 00:00 to 15:59"},
		{"the last day of the month", "cron(0 20 L * ? *)", "America/Los_Angeles", "day-of-month", "day-of-month L would have to move", "00:00 to 15:59"},
		{"the nearest weekday", "cron(0 8 15W * ? *)", "Asia/Tokyo", "day-of-month", "day-of-month 15W would have to move", "09:00 to 23:59"},
		{"the last Friday", "cron(0 20 ? * 6L *)", "America/Los_Angeles", "day-of-week", "day-of-week 6L would have to move", "00:00 to 15:59"},
		{"the second Monday", "cron(0 8 ? * MON#2 *)", "Asia/Tokyo", "day-of-week", "day-of-week MON#2 would have to move", "09:00 to 23:59"},
		{"a month", "cron(0 20 ? JAN MON *)", "America/Los_Angeles", "month", "month JAN would have to move", "00:00 to 15:59"},
		{"a year", "cron(0 20 ? * MON 2027)", "America/Los_Angeles", "year", "year 2027 would have to move", "00:00 to 15:59"},
		{"hours on both sides of midnight", "cron(0 8,20 ? * MON *)", "America/Los_Angeles", "hours", "some of its hours are on another day there", "00:00 to 15:59"},
		{"minutes on both sides of the hour", "cron(0,45 8 * * ? *)", "Asia/Kolkata", "minutes", "no longer fit into one expression", "one minute"},
		{"a time that comes once", "at(2027-01-01T08:00:00)", "America/Los_Angeles", "", "a rule accepts cron(...) and rate(...)", "cron("},
		{"no expression", "0 8 * * *", "UTC", "", "neither cron(...), rate(...) nor at(...)", "cron("},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := InUTC(test.expression, zoneOf(t, test.zone), 2027)
			refused, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("got %+v, %v, want an *Error", got, err)
			}
			if refused.Field != test.field || !strings.Contains(refused.Problem, test.problem) || !strings.Contains(refused.Hint, test.hint) {
				t.Errorf("got field %q, %q, hint %q, want field %q, %q, hint %q", refused.Field, refused.Problem, refused.Hint, test.field, test.problem, test.hint)
			}
		})
	}
}

// In zones that change no clocks both start at the same instants; where clocks change, the rule is never early, and late by what it says.
func TestInUTCTheSameInstantsStart(t *testing.T) {
	from := time.Date(2027, time.January, 1, 12, 0, 0, 0, time.UTC)
	for _, zone := range []string{
		"Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Los_Angeles", "Europe/Berlin", "America/St_Johns",
		"Australia/Lord_Howe", "Africa/Casablanca", "Europe/Dublin", "UTC",
	} {
		for _, expression := range []string{
			"cron(0 8 ? * MON *)", "cron(30 12 ? * TUE,SAT *)", "cron(0 23 ? * SUN *)", "cron(0 4 * * ? *)", "cron(0 5 ? * MON-FRI *)", "cron(0 13 10 * ? *)", "cron(0 17 ? * SAT-MON *)",
		} {
			location := zoneOf(t, zone)
			moved, err := InUTC(expression, location, 2027)
			if err != nil {
				if _, ok := errors.AsType[*Error](err); !ok {
					t.Errorf("%s in %s: %v", expression, zone, err)
				}
				continue
			}
			local, err := CreateSchedule.Parse(expression)
			if err != nil {
				t.Fatal(err)
			}
			rule, err := PutRule.Parse(moved.Expression)
			if err != nil {
				t.Fatal(err)
			}
			wished, started := from, from
			for range 300 {
				if wished, _ = local.Next(wished, location); wished.Year() > 2027 {
					break
				}
				started, _ = rule.Next(started, time.UTC)
				_, seconds := wished.Zone()
				late := started.Sub(wished)
				if want := time.Duration(seconds)*time.Second - moved.Offset; late != want && !atTheChange(wished, late, moved.Late) {
					t.Fatalf("%s in %s is %s: wished %s, started %s, late by %s, want %s", expression, zone, moved.Expression, wished, started, late, want)
				}
				if late < 0 || late > moved.Late {
					t.Fatalf("%s in %s is %s: wished %s, late by %s, want 0 to %s", expression, zone, moved.Expression, wished, late, moved.Late)
				}
			}
		}
	}
}

// atTheChange allows for the day on which the clocks change between the wished time and the start.
func atTheChange(wished time.Time, late, most time.Duration) bool {
	_, before := wished.Zone()
	_, after := wished.Add(most).Zone()
	return before != after && late >= 0 && late <= most
}

func TestTheLongestPause(t *testing.T) {
	from := time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, test := range []struct {
		expression, zone string
		want             time.Duration
		found            bool
	}{
		{"cron(0 16 ? * MON *)", "UTC", 7 * day, true},
		{"cron(0 8 ? * MON *)", "America/Los_Angeles", 7*day + time.Hour, true},
		{"cron(0 9-17 ? * MON-FRI *)", "UTC", 2*day + 16*time.Hour, true},
		{"cron(* * * * ? *)", "UTC", time.Minute, true},
		{"cron(0 8 1 * ? *)", "UTC", 31 * day, true},
		{"cron(0 8 1 1 ? 2028)", "UTC", 0, false},
		{"rate(6 hours)", "UTC", 6 * time.Hour, true},
	} {
		parsed, err := Parse(test.expression)
		if err != nil {
			t.Fatal(err)
		}
		got, found := parsed.LongestPause(from, from.AddDate(2, 0, 0), zoneOf(t, test.zone))
		if got != test.want || found != test.found {
			t.Errorf("%s in %s: got %s, %t, want %s, %t", test.expression, test.zone, got, found, test.want, test.found)
		}
	}
}

func FuzzInUTCGivesWhatARuleAccepts(f *testing.F) {
	for _, expression := range []string{"cron(0 8 ? * MON *)", "cron(0/15 20-2 ? * L *)", "cron(5 0 LW * ? *)", "cron(0 8 ? 2-4 mon#2 2030-2040)", "rate(1 day)"} {
		f.Add(expression, "America/Los_Angeles")
		f.Add(expression, "Asia/Kathmandu")
	}
	f.Fuzz(func(t *testing.T, expression, name string) {
		zone, err := LoadZone(name)
		if err != nil {
			return
		}
		moved, err := InUTC(expression, zone, 2027)
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("%q in %s: got %T, want an *Error", expression, name, err)
			}
			return
		}
		if _, err := PutRule.Parse(moved.Expression); err != nil && len(expression) < 200 {
			t.Errorf("%q in %s is %q, which a rule refuses: %v", expression, name, moved.Expression, err)
		}
	})
}
