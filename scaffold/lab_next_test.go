package main

import (
	"errors"
	"flag"
	"strings"
	"testing"
	"time"
)

// labNext runs the command as a shell would, at noon of 2026-11-24.
func labNext(args ...string) (stdout, stderr string, code int) {
	var out, log strings.Builder
	s := &shell{stdout: &out, stderr: &log, now: func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }}
	code = s.exitCode(labNextCommand.start(s, args))
	return out.String(), log.String(), code
}

func TestLabNextPrintsStartsAndClockChanges(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"from now, in UTC", []string{"cron(0 8 ? * MON *)", "-n", "2"}, `
2026-11-30T08:00:00Z  2026-11-30T08:00:00Z  Mon UTC
2026-12-07T08:00:00Z  2026-12-07T08:00:00Z  Mon UTC
`},
		{"flags before the expression", []string{"-n=1", "--timezone", "America/Los_Angeles", "cron(0 8 ? * MON *)"}, `
2026-11-30T08:00:00-08:00  2026-11-30T16:00:00Z  Mon PST
`},
		{"a skipped time stands where it would have been", []string{"cron(30 2 * * ? *)", "--timezone", "Europe/Berlin", "--from", "2026-03-28", "-n", "2"}, `
2026-03-28T02:30:00+01:00  2026-03-28T01:30:00Z  Sat CET
skipped: 2026-03-29 02:30 does not exist in Europe/Berlin
2026-03-30T02:30:00+02:00  2026-03-30T00:30:00Z  Mon CEST
`},
		{"a time that happens twice", []string{"cron(30 2 * * ? *)", "--timezone", "Europe/Berlin", "--from", "2026-10-24T12:00", "-n", "2"}, `
2026-10-25T02:30:00+02:00  2026-10-25T00:30:00Z  Sun CEST
repeated: 2026-10-25 02:30 happens twice in Europe/Berlin, it starts only the first time
2026-10-26T02:30:00+01:00  2026-10-26T01:30:00Z  Mon CET
`},
		{"the repeated time is the last one shown", []string{"cron(30 2 * * ? *)", "--timezone", "Europe/Berlin", "--from", "2026-10-24T12:00", "-n", "1"}, `
2026-10-25T02:30:00+02:00  2026-10-25T00:30:00Z  Sun CEST
repeated: 2026-10-25 02:30 happens twice in Europe/Berlin, it starts only the first time
`},
		{"many skipped times in one line", []string{"cron(0/5 2 * * ? *)", "--timezone", "America/New_York", "--from", "2026-03-08 01:00", "-n", "1"}, `
skipped: 2026-03-08 02:00 to 02:55 (12 starts) do not exist in America/New_York
2026-03-09T02:00:00-04:00  2026-03-09T06:00:00Z  Mon EDT
`},
		{"many repeated times in one line", []string{"cron(0/30 1 * * ? *)", "--timezone", "America/New_York", "--from", "2026-11-01T01:30:00-04:00", "-n", "1"}, `
repeated: 2026-11-01 01:00 to 01:30 (2 starts) happen twice in America/New_York, each starts only the first time
2026-11-02T01:00:00-05:00  2026-11-02T06:00:00Z  Mon EST
`},
		{"a day that Samoa left out", []string{"cron(0 0/12 * * ? *)", "--timezone", "Pacific/Apia", "--from", "2011-12-29T12:00:00-10:00", "-n", "1"}, `
skipped: 2011-12-30 00:00 to 12:00 (2 starts) do not exist in Pacific/Apia
2011-12-31T00:00:00+14:00  2011-12-30T10:00:00Z  Sat +14
`},
		{"a repeated hour around midnight", []string{"cron(0/30 * * * ? *)", "--timezone", "America/St_Johns", "--from", "2010-11-06T23:45:00-02:30", "-n", "2"}, `
2010-11-07T00:00:00-02:30  2010-11-07T02:30:00Z  Sun NDT
repeated: 2010-11-06 23:30 to 2010-11-07 00:00 (2 starts) happen twice in America/St_Johns, each starts only the first time
2010-11-07T00:30:00-03:30  2010-11-07T04:00:00Z  Sun NST
`},
		{"years run out", []string{"cron(0 0 1 1 ? 2027)"}, `
2027-01-01T00:00:00Z  2027-01-01T00:00:00Z  Fri UTC
none: there is no further start
`},
		{"over", []string{"cron(0 0 1 1 ? 2002-2005)"}, `
none: there is no start after 2026-11-24T12:00:00Z, the last was 2005-01-01T00:00:00Z
`},
		{"one time", []string{"at(2026-12-24T18:00:00)", "--timezone", "Asia/Kathmandu"}, `
2026-12-24T18:00:00+05:45  2026-12-24T12:15:00Z  Thu +0545
none: there is no further start
`},
		{"one time that does not exist", []string{"at(2026-03-29T02:30:00)", "--timezone", "Europe/Berlin", "--from", "2026-01-01"}, `
skipped: 2026-03-29 02:30 does not exist in Europe/Berlin
none: there is no start after 2026-01-01T00:00:00+01:00
`},
		{"a rate in days of 24 hours", []string{"rate(1 day)", "--timezone", "Europe/Berlin", "--from", "2026-03-28T12:00", "-n", "2"}, `
2026-03-29T13:00:00+02:00  2026-03-29T11:00:00Z  Sun CEST
2026-03-30T13:00:00+02:00  2026-03-30T11:00:00Z  Mon CEST
`},
		{"a rule", []string{"cron(0 8 * * ? *)", "--rule", "--timezone", "UTC", "-n", "1"}, `
2026-11-25T08:00:00Z  2026-11-25T08:00:00Z  Wed UTC
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := labNext(test.args...)
			if code != exitDone || stdout != test.want[1:] {
				t.Errorf("got exit code %d, %s%s\nwant %s", code, stderr, stdout, test.want[1:])
			}
			if counts := strings.HasPrefix(stderr, "note: a rate counts from"); counts != strings.Contains(test.name, "rate") {
				t.Errorf("got %q on stderr, want a note for a rate alone", stderr)
			}
		})
	}
}

func TestLabNextPrintsJSON(t *testing.T) {
	stdout, _, code := labNext("cron(30 2 28-30 3 ? 2026)", "--timezone", "Europe/Berlin", "--from", "2026-03-01T00:00:00Z", "--json")
	const want = `{
  "expression": "cron(30 2 28-30 3 ? 2026)",
  "kind": "cron",
  "api": "scheduler:CreateSchedule",
  "timezone": "Europe/Berlin",
  "from": "2026-03-01T01:00:00+01:00",
  "next": [
    {
      "local": "2026-03-28T02:30:00+01:00",
      "utc": "2026-03-28T01:30:00Z"
    },
    {
      "local": "2026-03-30T02:30:00+02:00",
      "utc": "2026-03-30T00:30:00Z"
    }
  ],
  "skipped": [
    {
      "at": "2026-03-29T03:00:00+02:00",
      "local": [
        "2026-03-29T02:30:00"
      ]
    }
  ],
  "repeated": []
}
`
	if code != exitDone || stdout != want {
		t.Errorf("got exit code %d and %s\nwant %s", code, stdout, want)
	}
	stdout, _, _ = labNext("cron(30 2 25 10 ? 2026)", "--timezone", "Europe/Berlin", "--from", "2026-03-01", "--json")
	if !strings.Contains(stdout, `"2026-10-25T02:30:00"`) || !strings.Contains(stdout, `"skipped": []`) {
		t.Errorf("got %s\nwant one repeated time", stdout)
	}
}

func TestLabNextRefusesWithAHint(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"cron(0 25 * * ? *)"}, `scaffold lab next: "cron(0 25 * * ? *)": the hour is 25, AWS accepts 0-23
  AWS answers: ValidationException: Invalid Schedule Expression cron(0 25 * * ? *).
  hint: cron(minutes hours day-of-month month day-of-week year), for example cron(0 8 ? * MON *)
`},
		{[]string{"rate(1 minutes)"}, `scaffold lab next: "rate(1 minutes)": the unit is minutes, AWS accepts minute with the value 1
  hint: rate(value unit), for example rate(1 day) or rate(15 minutes)
`},
		{[]string{"at(2026-12-24T18:00:00)", "--rule"}, `scaffold lab next: "at(2026-12-24T18:00:00)": it is at(...), a rule accepts cron(...) and rate(...)
  AWS answers: ValidationException: Parameter ScheduleExpression is not valid.
  hint: one-time schedules need EventBridge Scheduler; cron(minutes hours day-of-month month day-of-week year), for example cron(0 8 ? * MON *)
`},
		{[]string{"rate(1 day)", "--timezone", "Europe/Berln"}, `scaffold lab next: "Europe/Berln": it is not an IANA time zone
  hint: did you mean Europe/Berlin?
`},
		{[]string{"rate(1 day)", "--timezone", "Europe/Berlin", "--rule"}, `scaffold lab next: "Europe/Berlin": a rule has no time zone, it runs in UTC
  hint: time zones need EventBridge Scheduler
`},
		{[]string{"rate(1 day)", "--from", "tomorrow"}, `scaffold lab next: "tomorrow": --from is not a time
  hint: write 2026-03-27, 2026-03-27T08:00 (in the time zone) or 2026-03-27T08:00:00Z
`},
		{nil, `scaffold lab next: got no expression, expected one, such as 'cron(0 8 ? * MON *)'
  hint: scaffold lab next --help
`},
		{[]string{"rate(1 day)", "-n", "0"}, `scaffold lab next: got -n 0, expected 1-10000
  hint: scaffold lab next --help
`},
		{[]string{"rate(1", "day)"}, `scaffold lab next: got the argument "day)", expected at most 1
  hint: scaffold lab next --help
`},
	} {
		stdout, stderr, code := labNext(test.args...)
		if code != exitUsage || stderr != test.want || stdout != "" {
			t.Errorf("%q: got exit code %d, %s%s\nwant %d, %s", test.args, code, stdout, stderr, exitUsage, test.want)
		}
	}
}

func TestLabNextHelpsWithAnExample(t *testing.T) {
	stdout, _, code := labNext("--help")
	if code != exitDone || !strings.Contains(stdout, labNextCommand.example) || !strings.Contains(stdout, "-timezone ZONE") {
		t.Errorf("got exit code %d and %s\nwant the flags and an example", code, stdout)
	}
	if err := labNextCommand.start(&shell{stdout: new(strings.Builder)}, []string{"-h"}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v, want %v", err, flag.ErrHelp)
	}
}
