package schedule_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/schedule"
)

func TestErrorsNameTheFieldAndWhatAWSAccepts(t *testing.T) {
	for _, test := range []struct{ expression, field, problem string }{
		{"cron(60 8 * * ? *)", "minutes", "the minute is 60, AWS accepts 0-59"},
		{"cron(-1 8 * * ? *)", "minutes", "the minute is empty, AWS accepts 0-59"},
		{"cron(0,,5 8 * * ? *)", "minutes", "the minute is empty, AWS accepts 0-59"},
		{"cron(0/0 8 * * ? *)", "minutes", `the minutes step is "0", AWS accepts 1 or more`},
		{"cron(0/x 8 * * ? *)", "minutes", `the minutes step is "x", AWS accepts 1 or more`},
		{"cron(*/60 * * * ? *)", "minutes", `the minutes step is "60", AWS accepts 1-59`},
		{"cron(? 8 * * ? *)", "minutes", "the minute is ?, AWS accepts 0-59"},
		{"cron(+5 8 * * ? *)", "minutes", "the minute is +5, AWS accepts 0-59"},
		{"cron(0 25 * * ? *)", "hours", "the hour is 25, AWS accepts 0-23"},
		{"cron(0 */24 * * ? *)", "hours", `the hours step is "24", AWS accepts 1-23`},
		{"cron(0 8 0 * ? *)", "day-of-month", "the day-of-month is 0, AWS accepts 1-31"},
		{"cron(0 8 32W * ? *)", "day-of-month", "the day-of-month is 32, AWS accepts 1-31"},
		{"cron(0 8 W * ? *)", "day-of-month", "the day-of-month is empty, AWS accepts 1-31"},
		{"cron(0 8 LW,15 * ? *)", "day-of-month", "the day-of-month is LW in LW,15, AWS accepts L only alone"},
		{"cron(0 8 15,L * ? *)", "day-of-month", "the day-of-month is L in 15,L, AWS accepts L only alone"},
		{"cron(0 8 1W,15W * ? *)", "day-of-month", "the day-of-month is 1W in 1W,15W, AWS accepts W only alone"},
		{"cron(0 8 L-31 * ? *)", "day-of-month", "the day-of-month is L-31, AWS accepts L, LW and L-1 to L-30 for the end of the month"},
		{"cron(0 8 3L * ? *)", "day-of-month", "the day-of-month is 3L, AWS accepts 1-31"},
		{"cron(0 8 1 * MON *)", "day-of-month", "day-of-month is 1 and day-of-week is MON, AWS accepts ? in one of them"},
		{"cron(0 8 ? * ? *)", "day-of-month", "day-of-month and day-of-week are both ?, AWS accepts ? in one of them"},
		{"cron(0 8 31 2 ? *)", "day-of-month", "no month 2 has a day 31: it would never run"},
		{"cron(0 8 31W 4,6 ? *)", "day-of-month", "no month 4,6 has a day 31W: it would never run"},
		{"cron(0 8 29 2 ? 2026-2027)", "day-of-month", "no month 2 has a day 29: it would never run"},
		{"cron(0 8 ? FEB SUN#5 2026-2031)", "day-of-week", "no month FEB has a day-of-week SUN#5: it would never run"},
		{"cron(0 8 1 13 ? *)", "month", "the month is 13, AWS accepts 1-12 and JAN-DEC"},
		{"cron(0 8 ? * MOON *)", "day-of-week", "the day-of-week is MOON, AWS accepts 1-7 and SUN-SAT"},
		{"cron(0 8 ? * 0 *)", "day-of-week", "the day-of-week is 0, AWS accepts 1-7 and SUN-SAT"},
		{"cron(0 8 ? * MON#6 *)", "day-of-week", `the day-of-week is the "6". of the month, AWS accepts 1-5 after #`},
		{"cron(0 8 ? * 3#1,6#3 *)", "day-of-week", "the day-of-week is 3#1 in 3#1,6#3, AWS accepts # only alone"},
		{"cron(0 8 ? * L-2 *)", "day-of-week", "the day-of-week is L in L-2, AWS accepts L only alone"},
		{"cron(0 8 ? * 6L,2L *)", "day-of-week", "the day-of-week is 6L in 6L,2L, AWS accepts L only alone"},
		{"cron(0 8 ? * MON 1900)", "year", "the year is 1900, AWS accepts 1970-2199"},
		{"cron(0 8 ? * MON 2200)", "year", "the year is 2200, AWS accepts 1970-2199"},
		{"cron(0 8 ? * MON 02026)", "year", "the year is 02026, AWS accepts 1970-2199"},
		{"cron(0 8 ? * MON 2030-2026)", "year", "the year range 2030-2026 runs backwards, AWS accepts the smaller value first"},
		{"cron(0 8 * * ?)", "", "got 5 fields, AWS accepts 6, with spaces between them"},
		{"cron( 0 8 * * ? *)", "", "got spaces inside the brackets, AWS accepts them only between the fields"},
		{"cron()", "", "got 0 fields, AWS accepts 6, with spaces between them"},
		{"rate(1 minutes)", "unit", "the unit is minutes, AWS accepts minute with the value 1"},
		{"rate(2 hour)", "unit", "the unit is hour, AWS accepts hours with the value 2"},
		{"rate(0 days)", "value", "the value is 0, AWS accepts a positive number"},
		{"rate(36501 days)", "value", "the value is 36501, which is more than a hundred years"},
		{"rate(99999999999999999999 days)", "value", "the value is 99999999999999999999, which is more than a hundred years"},
		{"rate(5m)", "", `got "5m", AWS accepts a whole number, one space, and minute(s), hour(s) or day(s)`},
		{"at(2027-01-31 08:00)", "", `got "2027-01-31 08:00", AWS accepts a date and time without a zone and without fractions of a second`},
		{"at(2027-01-31T08:00:00.5)", "", `got "2027-01-31T08:00:00.5", AWS accepts a date and time without a zone and without fractions of a second`},
		{"at(2027-01-31T8:00:00)", "", `got "2027-01-31T8:00:00", AWS accepts a date and time without a zone and without fractions of a second`},
		{"at(2027-02-29T08:00:00)", "", `got "2027-02-29T08:00:00", AWS accepts a date and time without a zone and without fractions of a second`},
		{"0 8 * * *", "", "it is neither cron(...), rate(...) nor at(...), in lower case and without spaces around"},
		{"Cron(0 8 * * ? *)", "", "it is neither cron(...), rate(...) nor at(...), in lower case and without spaces around"},
		{"cron(0 8 ? * MON " + strings.Repeat("2026,", 60) + "2026)", "", "it has 322 characters, AWS accepts 256"},
	} {
		var problem *schedule.Error
		_, err := schedule.Parse(test.expression)
		if !errors.As(err, &problem) || problem.Field != test.field || problem.Problem != test.problem || problem.Hint == "" {
			t.Errorf("%s:\n got %+v\nwant %s: %s, and a hint", test.expression, err, test.field, test.problem)
		}
	}
}

// What the two calls answer, where nothing recorded says it.
func TestTheTwoCallsDiffer(t *testing.T) {
	const ruleRefuses = "ValidationException: Parameter ScheduleExpression is not valid."
	for _, test := range []struct{ expression, putRule, createSchedule string }{
		{"at(2026-12-24T18:00:30)", ruleRefuses, "accepted"},
		{"rate(1 minutes)", ruleRefuses, "accepted"},
		{"rate(5 minute)", ruleRefuses, "accepted"},
		{"rate(1 minute)", "accepted", "accepted"},
		{"rate(0 minutes)", ruleRefuses, "ValidationException: Invalid Schedule Expression rate(0 minutes)."},
		{"rate(10 MINUTES)", ruleRefuses, "ValidationException: Invalid Schedule Expression rate(10 MINUTES)."},
		{"at(2026-09-08T03:54:26.439)", ruleRefuses, "ValidationException: Invalid Schedule Expression at(2026-09-08T03:54:26.439)."},
		{"cron(0 8 ? * MON#6 *)", ruleRefuses, "ValidationException: Invalid Schedule Expression cron(0 8 ? * MON#6 *)."},
		{"cron(15 10 ? * 6L 2002-2005)", "accepted", "accepted"}, // over, which AWS does not mind
		{"cron(0 8 31 2 ? *)", "accepted", "accepted"},           // never, which only Parse minds
		{"cron(0/30 20-2 ? * MON-FRI *)", "accepted", "accepted"},
		{"cron(0/60 * * * ? *)", "accepted", "accepted"},
		{"cron(7 20 * * 1-7 *)", ruleRefuses, "ValidationException: Invalid Schedule Expression cron(7 20 * * 1-7 *)."},
		{"cron(0/5 5 ? JAN 1-5 2022)", "accepted", "accepted"},
		{"cron(0  8\t* * ? *)", "accepted", "accepted"},
		{"cron(0 8 ? * mOn-fri *)", "accepted", "accepted"},
		{"cron(00 08 01 01 ? *)", "accepted", "accepted"},
		{strings.Repeat("x", 257), "ValidationException: ", "ValidationException: "},
	} {
		if got := answer(schedule.PutRule, test.expression); got != test.putRule {
			t.Errorf("PutRule %s: got %s, want %s", test.expression, got, test.putRule)
		}
		if got := answer(schedule.CreateSchedule, test.expression); got != test.createSchedule {
			t.Errorf("CreateSchedule %s: got %s, want %s", test.expression, got, test.createSchedule)
		}
	}
}

// An expression that only Parse refuses has no answer of AWS's.
func TestParseIsStricterThanAWS(t *testing.T) {
	for _, expression := range []string{"rate(1 minutes)", "cron(0 8 31 2 ? *)"} {
		var mistake *schedule.Error
		if _, err := schedule.Parse(expression); !errors.As(err, &mistake) || mistake.Code != "" || mistake.Message != "" {
			t.Errorf("%s: got %+v, want a mistake without AWS's code and message", expression, err)
		}
		if answer(schedule.CreateSchedule, expression) != "accepted" {
			t.Errorf("%s: CreateSchedule accepts it", expression)
		}
	}
	if parsed := parse(t, "rate(1 minute)"); parsed.API() != schedule.CreateSchedule || parsed.Kind() != schedule.Rate {
		t.Errorf("got %s for %s, want a rate for CreateSchedule", parsed.Kind(), parsed.API())
	}
}

func TestZonesAreSuggested(t *testing.T) {
	for name, hint := range map[string]string{
		"Europe/Berln":            "did you mean Europe/Berlin?",
		"america/los angeles":     "did you mean America/Los_Angeles?",
		"Berlin":                  "did you mean Europe/Berlin?",
		"Local":                   "",
		"right/UTC":               "",
		"localtime":               "",
		"../etc/passwd":           "",
		strings.Repeat("Z/", 100): "",
	} {
		var problem *schedule.Error
		if _, err := schedule.LoadZone(name); !errors.As(err, &problem) || problem.Code != "ValidationException" || (hint != "" && problem.Hint != hint) {
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

func TestARuleHasNoTimeZone(t *testing.T) {
	for _, name := range []string{"", "UTC"} {
		if zone, err := schedule.PutRule.Zone(name); err != nil || zone.String() != "UTC" {
			t.Errorf("%q: got %v and %v, want UTC", name, zone, err)
		}
	}
	if _, err := schedule.PutRule.Zone("Europe/Berlin"); err == nil || !strings.Contains(err.Error(), "a rule has no time zone") {
		t.Errorf("Europe/Berlin: got %v, want a refusal", err)
	}
	berlin, err := schedule.CreateSchedule.Zone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	rule, err := schedule.PutRule.Parse("cron(0 8 * * ? *)")
	if err != nil {
		t.Fatal(err)
	}
	if next, _ := rule.Next(at(t, "2026-07-01T00:00:00Z"), berlin); next.String() != "2026-07-01 10:00:00 +0200 CEST" {
		t.Errorf("got %s, want 08:00 in UTC, written in Berlin's time", next)
	}
	if last, _ := rule.Prev(at(t, "2026-07-01T00:00:00Z"), berlin); last.String() != "2026-06-30 10:00:00 +0200 CEST" {
		t.Errorf("got %s, want 08:00 in UTC, written in Berlin's time", last)
	}
}
