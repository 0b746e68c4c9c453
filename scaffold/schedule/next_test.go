package schedule_test

import (
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/schedule"
)

// starts is one row: what lies before and after a moment. "-" is no start. The values were computed by hand, with a
// calendar and the announcements of clock changes, not by this package.
type starts struct {
	name, expression, zone, from string
	previous                     string
	next                         string // separated by spaces
}

var fieldStarts = []starts{
	{"every minute, from within one", "cron(* * * * ? *)", "UTC", "2026-12-31T23:58:30Z", "2026-12-31T23:58:00Z", "2026-12-31T23:59:00Z 2027-01-01T00:00:00Z"},
	{"the moment before counts to the nanosecond", "cron(0 8 * * ? *)", "UTC", "2026-01-01T07:59:59.999999999Z", "2025-12-31T08:00:00Z", "2026-01-01T08:00:00Z"},
	{"a start is neither before nor after itself", "cron(0 0 1 * ? *)", "UTC", "2026-01-01T00:00:00Z", "2025-12-01T00:00:00Z", "2026-02-01T00:00:00Z 2026-03-01T00:00:00Z"},
	{"a list of minutes", "cron(5,35 14 * * ? *)", "UTC", "2026-01-01T14:05:00Z", "2025-12-31T14:35:00Z", "2026-01-01T14:35:00Z 2026-01-02T14:05:00Z"},
	{"a step from a value", "cron(1/10 8 * * ? *)", "UTC", "2026-01-01T08:31:00Z", "2026-01-01T08:21:00Z", "2026-01-01T08:41:00Z 2026-01-01T08:51:00Z 2026-01-02T08:01:00Z"},
	{"a step from *", "cron(*/20 * * * ? *)", "UTC", "2026-01-01T23:40:00Z", "2026-01-01T23:20:00Z", "2026-01-02T00:00:00Z 2026-01-02T00:20:00Z"},
	{"a step beyond the field is its value alone", "cron(0/60 * * * ? *)", "UTC", "2026-01-01T10:30:00Z", "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z 2026-01-01T12:00:00Z"},
	{"a range with a step", "cron(0 11-23/4 * * ? *)", "UTC", "2026-01-01T15:00:00Z", "2026-01-01T11:00:00Z", "2026-01-01T19:00:00Z 2026-01-01T23:00:00Z 2026-01-02T11:00:00Z"},
	{"hours wrap, days do not: no Saturday, but Monday from midnight", "cron(0/30 20-2 ? * MON-FRI *)", "UTC", "2026-01-02T23:30:00Z", "2026-01-02T23:00:00Z", "2026-01-05T00:00:00Z 2026-01-05T00:30:00Z"},
	{"a step goes on through the wrap", "cron(50-10/10 8 * * ? *)", "UTC", "2026-01-01T08:20:00Z", "2026-01-01T08:10:00Z", "2026-01-01T08:50:00Z 2026-01-02T08:00:00Z 2026-01-02T08:10:00Z"},
	{"Friday to Monday", "cron(0 9 ? * FRI-MON *)", "UTC", "2026-01-01T00:00:00Z", "2025-12-29T09:00:00Z", "2026-01-02T09:00:00Z 2026-01-03T09:00:00Z 2026-01-04T09:00:00Z 2026-01-05T09:00:00Z 2026-01-09T09:00:00Z"},
	{"November to February", "cron(0 0 1 NOV-FEB ? *)", "UTC", "2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-11-01T00:00:00Z 2026-12-01T00:00:00Z 2027-01-01T00:00:00Z 2027-02-01T00:00:00Z 2027-11-01T00:00:00Z"},
	{"the 30th to the 2nd, with a February between", "cron(0 0 30-2 * ? *)", "UTC", "2026-02-01T12:00:00Z", "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z 2026-03-01T00:00:00Z 2026-03-02T00:00:00Z 2026-03-30T00:00:00Z 2026-03-31T00:00:00Z 2026-04-01T00:00:00Z"},
	{"names in any case", "cron(0 8 ? JAN,jul Mon-wed *)", "UTC", "2026-01-28T12:00:00Z", "2026-01-28T08:00:00Z", "2026-07-01T08:00:00Z 2026-07-06T08:00:00Z"},
	{"1 is Sunday and 7 Saturday", "cron(0 8 ? * 1,7 *)", "UTC", "2026-01-01T00:00:00Z", "2025-12-28T08:00:00Z", "2026-01-03T08:00:00Z 2026-01-04T08:00:00Z 2026-01-10T08:00:00Z"},
	{"every second weekday from Monday", "cron(0 8 ? * 2/2 *)", "UTC", "2026-01-01T00:00:00Z", "2025-12-31T08:00:00Z", "2026-01-02T08:00:00Z 2026-01-05T08:00:00Z 2026-01-07T08:00:00Z"},
	{"years with a step", "cron(0 0 1 1 ? 2024/3)", "UTC", "2026-06-01T00:00:00Z", "2024-01-01T00:00:00Z", "2027-01-01T00:00:00Z 2030-01-01T00:00:00Z"},
	{"years run out", "cron(0 0 1 1 ? 2026-2027)", "UTC", "2026-06-01T00:00:00Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z -"},
	{"nothing starts before 1970", "cron(0 0 1 1 ? *)", "UTC", "1960-05-05T00:00:00Z", "-", "1970-01-01T00:00:00Z 1971-01-01T00:00:00Z"},
	{"nothing starts after 2199", "cron(59 23 31 12 ? *)", "UTC", "2198-12-31T23:59:00Z", "2197-12-31T23:59:00Z", "2199-12-31T23:59:00Z -"},
	{"looking back from 2300", "cron(59 23 31 12 ? *)", "UTC", "2300-01-01T00:00:00Z", "2199-12-31T23:59:00Z", "-"},
	{"1970 begins in the zone", "cron(0 0 1 1 ? 1970)", "Pacific/Auckland", "1969-12-01T00:00:00+12:00", "-", "1970-01-01T00:00:00+12:00 -"},
}

var dayStarts = []starts{
	{"the 31st", "cron(0 0 31 * ? *)", "UTC", "2026-01-31T00:00:00Z", "2025-12-31T00:00:00Z", "2026-03-31T00:00:00Z 2026-05-31T00:00:00Z 2026-07-31T00:00:00Z 2026-08-31T00:00:00Z"},
	{"February has no 30th", "cron(0 0 30 * ? *)", "UTC", "2026-01-30T12:00:00Z", "2026-01-30T00:00:00Z", "2026-03-30T00:00:00Z"},
	{"February 29 waits for a leap year", "cron(0 0 29 2 ? *)", "UTC", "2026-01-01T00:00:00Z", "2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z"},
	{"2100 is no leap year", "cron(0 0 29 2 ? *)", "UTC", "2096-03-01T00:00:00Z", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"},
	{"2000 was one", "cron(0 0 29 2 ? *)", "UTC", "1999-01-01T00:00:00Z", "1996-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
	{"every tenth day starts anew each month", "cron(0 0 1/10 * ? *)", "UTC", "2026-01-21T00:00:00Z", "2026-01-11T00:00:00Z", "2026-01-31T00:00:00Z 2026-02-01T00:00:00Z 2026-02-11T00:00:00Z 2026-02-21T00:00:00Z 2026-03-01T00:00:00Z"},
	{"a range of days with a step", "cron(0 1 1-31/30 * ? *)", "UTC", "2026-01-01T02:00:00Z", "2026-01-01T01:00:00Z", "2026-01-31T01:00:00Z 2026-02-01T01:00:00Z 2026-03-01T01:00:00Z 2026-03-31T01:00:00Z"},
	{"the last day", "cron(0 0 L * ? *)", "UTC", "2027-01-31T00:00:00Z", "2026-12-31T00:00:00Z", "2027-02-28T00:00:00Z 2027-03-31T00:00:00Z 2027-04-30T00:00:00Z"},
	{"the last day of February", "cron(0 0 L 2 ? *)", "UTC", "2027-03-01T00:00:00Z", "2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z 2029-02-28T00:00:00Z"},
	{"the second day before the last", "cron(30 23 L-2 * ? *)", "UTC", "2026-02-01T00:00:00Z", "2026-01-29T23:30:00Z", "2026-02-26T23:30:00Z 2026-03-29T23:30:00Z 2026-04-28T23:30:00Z"},
	{"the thirtieth before the last is the first of long months", "cron(0 0 L-30 * ? *)", "UTC", "2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z 2026-05-01T00:00:00Z 2026-07-01T00:00:00Z 2026-08-01T00:00:00Z"},
	{"L-28 in February needs a leap year", "cron(0 0 L-28 2 ? *)", "UTC", "2026-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2028-02-01T00:00:00Z"},
	{"the last weekday of a month that ends on a Sunday", "cron(0 9 LW 5 ? *)", "UTC", "2026-05-01T00:00:00Z", "2025-05-30T09:00:00Z", "2026-05-29T09:00:00Z 2027-05-31T09:00:00Z"},
	{"the last weekday of a month that ends on a Saturday", "cron(0 9 LW 10 ? *)", "UTC", "2026-10-30T08:59:00Z", "2025-10-31T09:00:00Z", "2026-10-30T09:00:00Z 2027-10-29T09:00:00Z"},
	{"the weekday nearest to a Saturday, then a Sunday", "cron(0 9 15W 8 ? *)", "UTC", "2026-08-01T00:00:00Z", "2025-08-15T09:00:00Z", "2026-08-14T09:00:00Z 2027-08-16T09:00:00Z"},
	{"1W on a Saturday or Sunday stays in its month", "cron(0 9 1W * ? *)", "UTC", "2026-07-01T09:00:00Z", "2026-06-01T09:00:00Z", "2026-08-03T09:00:00Z 2026-09-01T09:00:00Z 2026-10-01T09:00:00Z 2026-11-02T09:00:00Z"},
	{"31W stays in its month, and waits for one with a 31st", "cron(5 10 31W * ? 2027)", "UTC", "2027-01-01T00:00:00Z", "-", "2027-01-29T10:05:00Z 2027-03-31T10:05:00Z 2027-05-31T10:05:00Z 2027-07-30T10:05:00Z 2027-08-31T10:05:00Z 2027-10-29T10:05:00Z 2027-12-31T10:05:00Z -"},
	{"30W passes over February", "cron(0 0 30W 2,4 ? *)", "UTC", "2026-01-01T00:00:00Z", "2025-04-30T00:00:00Z", "2026-04-30T00:00:00Z 2027-04-30T00:00:00Z"},
	{"28W when February ends on a Sunday", "cron(0 0 28W 2 ? *)", "UTC", "2027-01-01T00:00:00Z", "2026-02-27T00:00:00Z", "2027-02-26T00:00:00Z 2028-02-28T00:00:00Z"},
	{"the third Saturday", "cron(0 2 ? * SAT#3 *)", "UTC", "2026-11-01T00:00:00Z", "2026-10-17T02:00:00Z", "2026-11-21T02:00:00Z 2026-12-19T02:00:00Z"},
	{"the fifth Monday passes over months without one", "cron(0 2 ? * 2#5 *)", "UTC", "2026-10-01T00:00:00Z", "2026-08-31T02:00:00Z", "2026-11-30T02:00:00Z 2027-03-29T02:00:00Z"},
	{"a fifth Sunday in February comes every 28 years", "cron(0 0 ? 2 SUN#5 *)", "UTC", "2026-01-01T00:00:00Z", "2004-02-29T00:00:00Z", "2032-02-29T00:00:00Z 2060-02-29T00:00:00Z"},
	{"the last Friday", "cron(0 2 ? * 6L *)", "UTC", "2026-11-01T00:00:00Z", "2026-10-30T02:00:00Z", "2026-11-27T02:00:00Z 2026-12-25T02:00:00Z"},
	{"the last Sunday by name", "cron(0 2 ? * sunL *)", "UTC", "2026-05-31T02:00:00Z", "2026-04-26T02:00:00Z", "2026-06-28T02:00:00Z"},
	{"L alone is every Saturday", "cron(0 2 ? * L *)", "UTC", "2026-01-01T00:00:00Z", "2025-12-27T02:00:00Z", "2026-01-03T02:00:00Z 2026-01-10T02:00:00Z"},
}

var clockStarts = []starts{
	{"New York skips 02:30", "cron(30 2 * * ? *)", "America/New_York", "2026-03-07T00:00:00-05:00", "2026-03-06T02:30:00-05:00", "2026-03-07T02:30:00-05:00 2026-03-09T02:30:00-04:00"},
	{"New York repeats 01:30", "cron(30 1 * * ? *)", "America/New_York", "2026-10-31T00:00:00-04:00", "2026-10-30T01:30:00-04:00", "2026-10-31T01:30:00-04:00 2026-11-01T01:30:00-04:00 2026-11-02T01:30:00-05:00"},
	{"in the second of two equal hours, the first has run", "cron(0/20 * * * ? *)", "America/New_York", "2026-11-01T01:15:00-05:00", "2026-11-01T01:40:00-04:00", "2026-11-01T02:00:00-05:00"},
	{"Los Angeles at eight, winter and summer", "cron(0 8 ? * MON *)", "America/Los_Angeles", "2026-03-01T00:00:00Z", "2026-02-23T08:00:00-08:00", "2026-03-02T08:00:00-08:00 2026-03-09T08:00:00-07:00"},
	{"each hour through Berlin's gap", "cron(0 * * * ? *)", "Europe/Berlin", "2026-03-29T01:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-03-29T03:00:00+02:00"},
	{"Berlin skips 02:30", "cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T03:00:00+01:00", "2026-03-28T02:30:00+01:00", "2026-03-30T02:30:00+02:00"},
	{"Berlin repeats 02:30", "cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-24T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
	{"where the gap ends, the time exists", "cron(0 3 29 3 ? *)", "Europe/Berlin", "2026-01-01T00:00:00+01:00", "2025-03-29T03:00:00+01:00", "2026-03-29T03:00:00+02:00 2027-03-29T03:00:00+02:00"},
	{"always in the gap, since there is one", "cron(30 2 ? 3 1L *)", "Europe/Berlin", "2026-01-01T00:00:00+01:00", "1980-03-30T02:30:00+01:00", "-"},
	{"Dublin skips 01:30", "cron(30 1 * * ? *)", "Europe/Dublin", "2026-03-28T12:00:00Z", "2026-03-28T01:30:00Z", "2026-03-30T01:30:00+01:00"},
	{"Lord Howe skips half an hour", "cron(15 2 * * ? *)", "Australia/Lord_Howe", "2026-10-03T00:00:00+10:30", "2026-10-02T02:15:00+10:30", "2026-10-03T02:15:00+10:30 2026-10-05T02:15:00+11:00"},
	{"and has 02:30 on that day", "cron(30 2 4 10 ? *)", "Australia/Lord_Howe", "2026-10-01T00:00:00+10:30", "2025-10-04T02:30:00+10:30", "2026-10-04T02:30:00+11:00"},
	{"Lord Howe repeats half an hour", "cron(45 1 * * ? *)", "Australia/Lord_Howe", "2027-04-04T00:00:00+11:00", "2027-04-03T01:45:00+11:00", "2027-04-04T01:45:00+11:00 2027-04-05T01:45:00+10:30"},
	{"Sydney springs forward in October", "cron(0/30 2 ? * SUN *)", "Australia/Sydney", "2026-10-01T00:00:00+10:00", "2026-09-27T02:30:00+10:00", "2026-10-11T02:00:00+11:00 2026-10-11T02:30:00+11:00"},
	{"Santiago has no midnight", "cron(0 0 * * ? *)", "America/Santiago", "2026-09-05T00:00:00-04:00", "2026-09-04T00:00:00-04:00", "2026-09-07T00:00:00-03:00"},
	{"Santiago repeats 23:30", "cron(30 23 * * ? *)", "America/Santiago", "2026-04-04T12:00:00-03:00", "2026-04-03T23:30:00-03:00", "2026-04-04T23:30:00-03:00 2026-04-05T23:30:00-04:00"},
	{"Sao Paulo had no midnight", "cron(0 0 * * ? *)", "America/Sao_Paulo", "2018-11-03T00:00:00-03:00", "2018-11-02T00:00:00-03:00", "2018-11-05T00:00:00-02:00"},
	{"Sao Paulo repeated 23:15", "cron(15 23 * * ? *)", "America/Sao_Paulo", "2018-02-17T12:00:00-02:00", "2018-02-16T23:15:00-02:00", "2018-02-17T23:15:00-02:00 2018-02-18T23:15:00-03:00"},
	{"Sao Paulo keeps its clocks now", "cron(0 0 * * ? *)", "America/Sao_Paulo", "2026-10-31T00:00:00-03:00", "2026-10-30T00:00:00-03:00", "2026-11-01T00:00:00-03:00 2026-11-02T00:00:00-03:00"},
	{"Cairo begins its summer at midnight", "cron(30 0 * * ? *)", "Africa/Cairo", "2026-04-23T12:00:00+02:00", "2026-04-23T00:30:00+02:00", "2026-04-25T00:30:00+03:00"},
	{"Casablanca goes back for Ramadan", "cron(30 2 * * ? *)", "Africa/Casablanca", "2026-02-14T12:00:00+01:00", "2026-02-14T02:30:00+01:00", "2026-02-15T02:30:00+01:00 2026-02-16T02:30:00Z"},
	{"Troll skips two hours", "cron(30 1,2 * * ? *)", "Antarctica/Troll", "2026-03-28T12:00:00Z", "2026-03-28T02:30:00Z", "2026-03-30T01:30:00+02:00"},
	{"Troll repeats two hours", "cron(30 2 * * ? *)", "Antarctica/Troll", "2026-10-25T00:00:00+02:00", "2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00Z"},
	{"Samoa left out a day", "cron(0 12 30 12 ? *)", "Pacific/Apia", "2011-01-01T00:00:00-10:00", "2010-12-30T12:00:00-10:00", "2012-12-30T12:00:00+14:00"},
	{"Kathmandu is at 45 minutes", "cron(0 0 * * ? *)", "Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+05:45", "2026-01-02T00:00:00+05:45"},
	{"Saint John's went back at one past midnight, into the day before", "cron(0/30 * * * ? *)", "America/St_Johns", "2010-11-06T23:10:00-03:30", "2010-11-07T00:00:00-02:30", "2010-11-07T00:30:00-03:30"},
	{"Monrovia moved by 44 minutes and 30 seconds", "cron(0/15 * * * ? *)", "Africa/Monrovia", "1972-01-07T00:30:00Z", "1972-01-06T23:45:00-00:44", "1972-01-07T00:45:00Z"},
}

var otherStarts = []starts{
	{"a rate counts from the given time", "rate(90 minutes)", "UTC", "2026-01-01T00:00:00Z", "2025-12-31T22:30:00Z", "2026-01-01T01:30:00Z 2026-01-01T03:00:00Z"},
	{"a day of a rate has 24 hours", "rate(1 day)", "Europe/Berlin", "2026-03-28T12:00:00+01:00", "2026-03-27T12:00:00+01:00", "2026-03-29T13:00:00+02:00"},
	{"one time", "at(2026-06-01T08:00:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", "-", "2026-06-01T08:00:00+02:00 -"},
	{"one time, over", "at(2026-06-01T08:00:30)", "UTC", "2026-06-01T08:00:31Z", "2026-06-01T08:00:30Z", "-"},
	{"one time, which Berlin skips", "at(2026-03-29T02:30:00)", "Europe/Berlin", "2026-03-29T12:00:00Z", "-", "-"},
	{"one time, which Berlin repeats", "at(2026-10-25T02:30:00)", "Europe/Berlin", "2026-10-25T00:00:00Z", "-", "2026-10-25T02:30:00+02:00 -"},
}

func TestStartsOfFields(t *testing.T)       { testStarts(t, fieldStarts) }
func TestStartsOfDays(t *testing.T)         { testStarts(t, dayStarts) }
func TestStartsAtClockChanges(t *testing.T) { testStarts(t, clockStarts) }
func TestStartsOfRateAndAt(t *testing.T)    { testStarts(t, otherStarts) }

func testStarts(t *testing.T, table []starts) {
	for _, test := range table {
		t.Run(test.name, func(t *testing.T) {
			parsed, err := schedule.CreateSchedule.Parse(test.expression)
			if err != nil {
				t.Fatal(err)
			}
			zone, from := zone(t, test.zone), at(t, test.from)
			if got, ok := parsed.Prev(from, zone); text(got, ok) != test.previous {
				t.Errorf("before %s: got %s, want %s", test.from, text(got, ok), test.previous)
			}
			for want := range strings.FieldsSeq(test.next) {
				got, ok := parsed.Next(from, zone)
				if text(got, ok) != want {
					t.Fatalf("after %s: got %s, want %s", from.Format(time.RFC3339), text(got, ok), want)
				}
				if !ok {
					break
				}
				if back, ok := parsed.Prev(got.Add(1), zone); parsed.Kind() != schedule.Rate && (!ok || !back.Equal(got)) {
					t.Fatalf("just after %s: got the previous start %s, want the same", want, text(back, ok))
				}
				from = got
			}
		})
	}
}

func text(start time.Time, ok bool) string {
	if !ok {
		return "-"
	}
	return start.Format(time.RFC3339)
}

func parse(t testing.TB, expression string) *schedule.Schedule {
	t.Helper()
	parsed, err := schedule.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := schedule.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
