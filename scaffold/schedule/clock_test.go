package schedule_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/schedule"
)

// Each change of the clocks that touches the schedule is told, with the local times that it skips or repeats.
func TestShiftsTellWhatIsSkippedAndRepeated(t *testing.T) {
	for _, test := range []struct {
		name, expression, zone, from, to string
		want                             string
	}{
		{
			"a year in Berlin", "cron(30 2 * * ? *)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z",
			"2026-03-29T03:00:00+02:00 skips [2026-03-29 02:30], 2026-10-25T02:00:00+01:00 repeats [2026-10-25 02:30]",
		},
		{
			"the ends of the gap exist", "cron(0 2,3 * * ? *)", "Europe/Berlin", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z",
			"2026-03-29T03:00:00+02:00 skips [2026-03-29 02:00]",
		},
		{
			"the end of the repeated hour happens once", "cron(0 2,3 * * ? *)", "Europe/Berlin", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z",
			"2026-10-25T02:00:00+01:00 repeats [2026-10-25 02:00]",
		},
		{
			"half an hour on Lord Howe", "cron(0/15 2 * * ? *)", "Australia/Lord_Howe", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z",
			"2026-10-04T02:30:00+11:00 skips [2026-10-04 02:00 2026-10-04 02:15]",
		},
		{
			"a day in Samoa", "cron(0 12 * * ? *)", "Pacific/Apia", "2011-12-01T00:00:00Z", "2012-01-01T00:00:00Z",
			"2011-12-31T00:00:00+14:00 skips [2011-12-30 12:00]",
		},
		{
			"no midnight in Sao Paulo", "cron(0 0 ? * SUN *)", "America/Sao_Paulo", "2018-10-01T00:00:00Z", "2019-02-01T00:00:00Z",
			"2018-11-04T01:00:00-02:00 skips [2018-11-04 00:00]",
		},
		{
			"44 minutes and 30 seconds in Monrovia", "cron(0/15 * * * ? *)", "Africa/Monrovia", "1972-01-01T00:00:00Z", "1972-02-01T00:00:00Z",
			"1972-01-07T00:44:30Z skips [1972-01-07 00:00 1972-01-07 00:15 1972-01-07 00:30]",
		},
		{
			"one time that does not happen", "at(2026-03-29T02:59:59)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z",
			"2026-03-29T03:00:00+02:00 skips [2026-03-29 02:59]",
		},
		{"eight o'clock is never touched", "cron(0 8 * * ? *)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", ""},
		{
			"the change itself counts if it is the end", "cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z",
			"2026-03-29T03:00:00+02:00 skips [2026-03-29 02:30]",
		},
		{"and not if it is the beginning", "cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-04-29T01:00:00Z", ""},
		{
			"far in the future, through leap years", "cron(30 2 ? 3 1L 2096,2104)", "Europe/Berlin", "2090-01-01T00:00:00Z", "2199-01-01T00:00:00Z",
			"2096-03-25T03:00:00+02:00 skips [2096-03-25 02:30], 2104-03-30T03:00:00+02:00 skips [2104-03-30 02:30]",
		},
		{"a rate counts hours", "rate(1 hour)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", ""},
	} {
		var got []string
		for _, shift := range parse(t, test.expression).Shifts(at(t, test.from), at(t, test.to), zone(t, test.zone)) {
			verb := "skips"
			if shift.Repeated {
				verb = "repeats"
			}
			times := make([]string, len(shift.Times))
			for i, local := range shift.Times {
				times[i] = local.Format("2006-01-02 15:04")
			}
			got = append(got, fmt.Sprintf("%s %s %v", text(shift.At, true), verb, times))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestARuleNeverShifts(t *testing.T) {
	rule, err := schedule.PutRule.Parse("cron(30 2 * * ? *)")
	if err != nil {
		t.Fatal(err)
	}
	if got := rule.Shifts(at(t, "2026-01-01T00:00:00Z"), at(t, "2027-01-01T00:00:00Z"), zone(t, "Europe/Berlin")); got != nil {
		t.Errorf("got %v, want none: a rule runs in UTC", got)
	}
}
