package schedule_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/schedule"
)

// conformance is the folder of behavior recorded from AWS; it lies beside the repository.
func conformance() string {
	if folder := os.Getenv("PIPEWRIGHT_CONFORMANCE"); folder != "" {
		return folder
	}
	return filepath.Join("..", "..", "..", "shared", "conformance")
}

func TestExpressionsAreAcceptedAsAWSAcceptsThem(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(conformance(), "schedule_expressions.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%v: set PIPEWRIGHT_CONFORMANCE to the folder of recorded behavior", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Expression string
		Valid      bool
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, recorded := range cases {
		if _, err := schedule.Parse(recorded.Expression); (err == nil) != recorded.Valid {
			t.Errorf("%q: got %v, AWS says valid: %t", recorded.Expression, err, recorded.Valid)
		}
	}
	t.Logf("%d expressions", len(cases))
}

func TestErrorsNameTheFieldAndWhatAWSAccepts(t *testing.T) {
	for expression, want := range map[string]string{
		"cron(0 25 * * ? *)":              "the hour is 25, AWS accepts 0-23",
		"cron(0 8 * * ?)":                 "got 5 fields, AWS accepts 6, with one space between them",
		"cron(0 8 1 * MON *)":             "day-of-month is 1 and day-of-week is MON, AWS accepts ? in one of them",
		"cron(0 8 ? * ? *)":               "day-of-month and day-of-week are both ?, AWS accepts ? in one of them",
		"cron(0 8 31 2 ? *)":              "no month 2 has a day 31: it would never run",
		"cron(0 8 ? * MON#6 *)":           `the day-of-week is the "6". of the month, AWS accepts 1-5 after #`,
		"cron(0 8 LW,15 * ? *)":           "the day-of-month is LW, AWS accepts 1-31",
		"cron(0 8 ? * MOON *)":            "the day-of-week is MOON, AWS accepts 1-7 and SUN-SAT",
		"cron(0 8-5 * * ? *)":             "the hours range 8-5 runs backwards, AWS accepts the smaller value first",
		"cron(0/0 8 * * ? *)":             `the minutes step is "0", AWS accepts 1-59`,
		"cron(0,,5 8 * * ? *)":            "the minute is empty, AWS accepts 0-59",
		"cron(0 8 ? * MON 1900)":          "the year is 1900, AWS accepts 1970-2199",
		"rate(1 minutes)":                 "the unit is minutes, AWS accepts minute with the value 1",
		"rate(2 hour)":                    "the unit is hour, AWS accepts hours with the value 2",
		"rate(0 days)":                    "the value is 0, AWS accepts a positive number",
		"rate(99999999999999999999 days)": "the value is 99999999999999999999, AWS accepts a positive number",
		"rate(5m)":                        `got "5m", AWS accepts a whole number, one space, and minute(s), hour(s) or day(s)`,
		"at(2027-01-31 08:00)":            `got "2027-01-31 08:00", AWS accepts a date and time without a zone`,
		"0 8 * * *":                       "it is neither cron(...), rate(...) nor at(...), in lower case and without spaces around",
	} {
		var problem *schedule.Error
		if _, err := schedule.Parse(expression); !errors.As(err, &problem) || problem.Problem != want || problem.Hint == "" {
			t.Errorf("%s:\n got %v\nwant %s, and a hint", expression, err, want)
		}
	}
}

// The next starts were computed by hand with a calendar.
func TestNextAndPreviousStarts(t *testing.T) {
	for _, test := range []struct {
		name, expression, zone, from string
		want                         string // next starts, separated by spaces
	}{
		{"every Monday at eight", "cron(0 8 ? * MON *)", "America/Los_Angeles", "2026-03-01T00:00:00Z", "2026-03-02T16:00:00Z 2026-03-09T15:00:00Z"},
		{"the first of the month", "cron(0 0 1 * ? *)", "UTC", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z 2026-03-01T00:00:00Z"},
		{"the last day of February", "cron(0 0 L 2 ? *)", "UTC", "2027-01-01T00:00:00Z", "2027-02-28T00:00:00Z 2028-02-29T00:00:00Z"},
		{"February 29 waits for a leap year", "cron(0 0 29 2 ? *)", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z"},
		{"the weekday nearest to Saturday the 15th", "cron(0 9 15W 8 ? *)", "UTC", "2026-08-01T00:00:00Z", "2026-08-14T09:00:00Z 2027-08-16T09:00:00Z"},
		{"the last weekday, when the month ends on a Sunday", "cron(0 9 LW 5 ? *)", "UTC", "2026-05-01T00:00:00Z", "2026-05-29T09:00:00Z 2027-05-31T09:00:00Z"},
		{"the third Saturday", "cron(0 2 ? * SAT#3 *)", "UTC", "2026-11-01T00:00:00Z", "2026-11-21T02:00:00Z 2026-12-19T02:00:00Z"},
		{"the fifth Monday skips months without one", "cron(0 2 ? * 2#5 *)", "UTC", "2026-10-01T00:00:00Z", "2026-11-30T02:00:00Z 2027-03-29T02:00:00Z"},
		{"the last Friday", "cron(0 2 ? * 6L *)", "UTC", "2026-11-01T00:00:00Z", "2026-11-27T02:00:00Z 2026-12-25T02:00:00Z"},
		{"steps and ranges", "cron(0/30 20-21 ? * MON-FRI *)", "UTC", "2026-11-27T20:45:00Z", "2026-11-27T21:00:00Z 2026-11-27T21:30:00Z 2026-11-30T20:00:00Z"},
		{"a skipped local time does not run", "cron(30 2 * * ? *)", "America/New_York", "2026-03-07T00:00:00Z", "2026-03-07T07:30:00Z 2026-03-09T06:30:00Z"},
		{"a repeated local time runs once", "cron(30 1 * * ? *)", "America/New_York", "2026-10-31T00:00:00Z", "2026-10-31T05:30:00Z 2026-11-01T05:30:00Z 2026-11-02T06:30:00Z"},
		{"a rate counts from the given time", "rate(90 minutes)", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T01:30:00Z 2026-01-01T03:00:00Z"},
		{"a point in time", "at(2026-06-01T08:00:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", "2026-06-01T06:00:00Z -"},
		{"years run out", "cron(0 0 1 1 ? 2026-2027)", "UTC", "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z -"},
	} {
		t.Run(test.name, func(t *testing.T) {
			parsed, err := schedule.Parse(test.expression)
			if err != nil {
				t.Fatal(err)
			}
			zone, err := schedule.LoadZone(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			from, err := time.Parse(time.RFC3339, test.from)
			if err != nil {
				t.Fatal(err)
			}
			for want := range strings.FieldsSeq(test.want) {
				got, ok := parsed.Next(from, zone)
				if text := got.UTC().Format(time.RFC3339); (ok && text != want) || (!ok && want != "-") {
					t.Fatalf("after %s: got %s (%t), want %s", from, text, ok, want)
				}
				if !ok {
					break
				}
				if back, ok := parsed.Prev(got.Add(time.Second), zone); parsed.Kind() != schedule.Rate && (!ok || !back.Equal(got)) {
					t.Fatalf("before %s: got %s (%t), want the same start", got.Add(time.Second), back, ok)
				}
				from = got
			}
		})
	}
}

func TestZones(t *testing.T) {
	for name, hint := range map[string]string{
		"Europe/Berln":        "did you mean Europe/Berlin?",
		"america/los angeles": "did you mean America/Los_Angeles?",
		"Berlin":              "did you mean Europe/Berlin?",
		"Local":               "",
		"../etc/passwd":       "",
	} {
		var problem *schedule.Error
		if _, err := schedule.LoadZone(name); !errors.As(err, &problem) || (hint != "" && problem.Hint != hint) {
			t.Errorf("%q: got %+v, want the hint %q", name, problem, hint)
		}
	}
	names, err := os.ReadFile("zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(names)) {
		if _, err := schedule.LoadZone(name); err != nil {
			t.Errorf("zones.txt suggests %s, which is no zone: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"cron(0 8 ? * MON#2 *)", "rate(5 minutes)", "at(2026-01-01T00:00:00)", "cron(0/5 L * 1-3 ? 2026)"} {
		f.Add(seed)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, expression string) {
		parsed, err := schedule.Parse(expression)
		if err != nil {
			return
		}
		if next, ok := parsed.Next(from, time.UTC); ok && !next.After(from) {
			t.Errorf("%q: next start %s is not after %s", expression, next, from)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	parsed, err := schedule.Parse("cron(0 8 ? * MON *)")
	if err != nil {
		b.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		parsed.Next(from, time.UTC)
	}
}
