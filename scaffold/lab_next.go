package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"example.com/pipewright/scaffold/schedule"
)

var labNextCommand = command{
	name: "lab next",
	args: "EXPRESSION [--timezone ZONE] [--from TIME] [-n N] [--rule] [--json]",
	summary: "Says when cron(), rate() or at() starts next, in local time and in UTC, and which times daylight saving skips or repeats.\n" +
		"EXPRESSION is read as EventBridge Scheduler does, with --rule as an EventBridge rule does.",
	example: "scaffold lab next 'cron(30 2 * * ? *)' --timezone Europe/Berlin --from 2026-03-27 -n 3",
	run:     runLabNext,
}

// maxNext bounds what is printed.
const maxNext = 10000

// nextOptions are the flags of lab next, as written.
type nextOptions struct {
	timezone, from string
	count          int
	rule, asJSON   bool
}

func runLabNext(s *shell, flags *flag.FlagSet, args []string) error {
	var options nextOptions
	flags.StringVar(&options.timezone, "timezone", "", "IANA `ZONE` of the schedule (default UTC)")
	flags.StringVar(&options.from, "from", "", "look after this `TIME`, such as 2026-03-27, 2026-03-27T08:00 (in the time zone) or 2026-03-27T08:00:00Z (default now)")
	flags.IntVar(&options.count, "n", 5, "print the next `N` starts")
	flags.BoolVar(&options.rule, "rule", false, "read EXPRESSION as an EventBridge rule: without at() and without a time zone")
	flags.BoolVar(&options.asJSON, "json", false, "print the starts as JSON")
	rest, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usage(flags.Name(), "got no expression, expected one, such as 'cron(0 8 ? * MON *)'")
	}
	if options.count < 1 || options.count > maxNext {
		return usage(flags.Name(), "got -n %d, expected 1-%d", options.count, maxNext)
	}
	found, err := options.search(rest[0], s.now)
	if err != nil {
		return &nextError{flags.Name(), err}
	}
	if found.parsed.Kind() == schedule.Rate {
		fmt.Fprintf(s.stderr, "note: a rate counts from the moment that it is created or from its start date; here it counts from %s\n", found.from.Format(time.RFC3339))
	}
	if options.asJSON {
		return writeJSON(s.stdout, found.report(rest[0]))
	}
	return found.write(s.stdout)
}

// nextError is an argument that the package schedule refuses, with its own hint and AWS's answer.
type nextError struct {
	command string
	cause   error
}

func (e *nextError) Error() string {
	text := fmt.Sprintf("scaffold %s: %v", e.command, e.cause)
	if refused, ok := errors.AsType[*schedule.Error](e.cause); ok {
		if refused.Message != "" {
			text += fmt.Sprintf("\n  AWS answers: %s: %s", refused.Code, refused.Message)
		}
		text += "\n  hint: " + refused.Hint
	}
	return text
}

func (e *nextError) Is(target error) bool { return target == errUsage }

// nextStarts is what lab next found.
type nextStarts struct {
	parsed *schedule.Schedule
	zone   *time.Location
	from   time.Time
	next   []time.Time
	shifts []schedule.Shift // from the beginning up to the last start
	over   bool             // there is no further start
}

func (o nextOptions) search(expression string, now func() time.Time) (*nextStarts, error) {
	api, read := schedule.CreateSchedule, schedule.Parse
	if o.rule {
		api, read = schedule.PutRule, schedule.PutRule.Parse
	}
	zone, err := api.Zone(o.timezone)
	if err != nil {
		return nil, err
	}
	parsed, err := read(expression)
	if err != nil {
		return nil, err
	}
	from, err := o.after(zone, now)
	if err != nil {
		return nil, err
	}
	found := &nextStarts{parsed: parsed, zone: zone, from: from.In(zone)}
	for at := from; len(found.next) < o.count; {
		next, ok := parsed.Next(at, zone)
		if found.over = !ok; !ok {
			break
		}
		found.next = append(found.next, next)
		at = next
	}
	found.shifts = found.window()
	return found, nil
}

// after is the time of --from; without an offset it is local to the schedule's zone.
func (o nextOptions) after(zone *time.Location, now func() time.Time) (time.Time, error) {
	if o.from == "" {
		return now(), nil
	}
	for _, layout := range []string{time.RFC3339, nextLayout, "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, o.from, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, &schedule.Error{
		Expression: o.from, Field: "from", Problem: "--from is not a time",
		Hint: "write 2026-03-27, 2026-03-27T08:00 (in the time zone) or 2026-03-27T08:00:00Z",
	}
}

// window are the clock changes up to the last start, and the one that repeats the last start; up to the end when there is none.
func (f *nextStarts) window() []schedule.Shift {
	if f.over || len(f.next) == 0 {
		return f.parsed.Shifts(f.from, time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), f.zone)
	}
	last := f.next[len(f.next)-1]
	all := f.parsed.Shifts(f.from, last.Add(24*time.Hour), f.zone)
	return slices.DeleteFunc(all, func(shift schedule.Shift) bool {
		return shift.At.After(last) && !(shift.Repeated && slices.ContainsFunc(shift.Times, func(local time.Time) bool {
			return local.Format(nextLayout) == last.Format(nextLayout)
		}))
	})
}

// nextLayout is a local time without its offset.
const nextLayout = "2006-01-02T15:04:05"

// write prints the starts and the clock changes in the order in which they happen.
func (f *nextStarts) write(out io.Writer) error {
	var text strings.Builder
	shifts := f.shifts
	for _, next := range f.next {
		for len(shifts) > 0 && !shifts[0].At.After(next) {
			fmt.Fprintln(&text, f.sentence(shifts[0]))
			shifts = shifts[1:]
		}
		fmt.Fprintf(&text, "%s  %s  %s\n", next.Format(time.RFC3339), next.UTC().Format(time.RFC3339), next.Format("Mon MST"))
	}
	for _, shift := range shifts {
		fmt.Fprintln(&text, f.sentence(shift))
	}
	if f.over {
		fmt.Fprintln(&text, f.ending())
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// sentence tells one clock change.
func (f *nextStarts) sentence(shift schedule.Shift) string {
	const layout = "2006-01-02 15:04"
	first, last := shift.Times[0], shift.Times[len(shift.Times)-1]
	until := last.Format("15:04")
	if first.YearDay() != last.YearDay() {
		until = last.Format(layout)
	}
	many := fmt.Sprintf("%s to %s (%d starts)", first.Format(layout), until, len(shift.Times))
	switch alone := len(shift.Times) == 1; {
	case alone && shift.Repeated:
		return fmt.Sprintf("repeated: %s happens twice in %s, it starts only the first time", first.Format(layout), f.zone)
	case alone:
		return fmt.Sprintf("skipped: %s does not exist in %s", first.Format(layout), f.zone)
	case shift.Repeated:
		return fmt.Sprintf("repeated: %s happen twice in %s, each starts only the first time", many, f.zone)
	}
	return fmt.Sprintf("skipped: %s do not exist in %s", many, f.zone)
}

// ending says why there is no further start.
func (f *nextStarts) ending() string {
	if len(f.next) > 0 {
		return "none: there is no further start"
	}
	text := "none: there is no start after " + f.from.Format(time.RFC3339)
	if last, ok := f.parsed.Prev(f.from.Add(1), f.zone); ok {
		text += ", the last was " + last.Format(time.RFC3339)
	}
	return text
}

// nextReport is the JSON of lab next.
type nextReport struct {
	Expression string       `json:"expression"`
	Kind       string       `json:"kind"`
	API        schedule.API `json:"api"`
	Timezone   string       `json:"timezone"`
	From       string       `json:"from"`
	Next       []nextStart  `json:"next"`
	Skipped    []nextShift  `json:"skipped"`
	Repeated   []nextShift  `json:"repeated"`
}

type nextStart struct {
	Local string `json:"local"`
	UTC   string `json:"utc"`
}

// nextShift is a clock change: when it happens, and the local times that it skips or repeats.
type nextShift struct {
	At    string   `json:"at"`
	Local []string `json:"local"`
}

func (f *nextStarts) report(expression string) nextReport {
	report := nextReport{
		Expression: expression, Kind: f.parsed.Kind(), API: f.parsed.API(), Timezone: f.zone.String(), From: f.from.Format(time.RFC3339),
		Next: []nextStart{}, Skipped: []nextShift{}, Repeated: []nextShift{},
	}
	for _, next := range f.next {
		report.Next = append(report.Next, nextStart{next.Format(time.RFC3339), next.UTC().Format(time.RFC3339)})
	}
	for _, shift := range f.shifts {
		change := nextShift{At: shift.At.Format(time.RFC3339)}
		for _, local := range shift.Times {
			change.Local = append(change.Local, local.Format(nextLayout))
		}
		if shift.Repeated {
			report.Repeated = append(report.Repeated, change)
		} else {
			report.Skipped = append(report.Skipped, change)
		}
	}
	return report
}
