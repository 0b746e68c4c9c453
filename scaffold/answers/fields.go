package answers

import (
	"slices"
	"strings"
)

// kind is what a value of a field must be.
type kind int

const (
	text kind = iota
	flag
	whole
	number
	list
	mapping
)

// field is one answer: where it stands, what it may be, and where it goes.
type field struct {
	path    string
	kind    kind
	allowed []string // values of the text, or of each item of the list; empty: check decides
	bounds  [2]float64
	check   func(value string) *fault // of a text, or of each item of a list
	whole   func(value int) *fault    // of a whole number within its bounds
	item    string                    // what one item of the list is called
	note    string                    // what YAML says beside it
	startOn string                    // the only start.on that it applies to
	linked  string                    // the only network.on_premises that it applies to
	step    string                    // the only step of work that it applies to
	may     bool                      // may be empty
	digits  bool                      // a text that is also taken as a number, without quotes
	unsaid  bool                      // the zero value is that nothing was said, and is not written
	at      func(*Answers) any        // pointer to its value
}

// set puts a value where the field has its own.
func set[T any](f *field, into *Answers, value T) {
	target, ok := f.at(into).(*T)
	if !ok {
		panic("the field " + f.path + " has another type than its kind says")
	}
	*target = value
}

// Bounds of the numbers.
const (
	// MaxLongestMinutes is the longest that a step may take: the longest timeout of a Glue job, 7 days.
	// Source: AWS Glue API, Job.Timeout, read 2026-11.
	MaxLongestMinutes = 10080
	// MaxRunsPerMonth is about 38 runs a second.
	MaxRunsPerMonth = 100_000_000
	// MaxGBPerRun is one petabyte.
	MaxGBPerRun = 1_000_000
	// MaxWork is the most steps that a pipeline may have; more are better split into several pipelines.
	MaxWork = 20
)

// fields are all answers, in the order in which they are written.
var fields = slices.Concat(pipelineFields, networkFields, serviceFields, projectFields)

// pipelineFields say what the pipeline does.
var pipelineFields = []field{
	{path: "version", kind: whole, bounds: [2]float64{Version, Version}, at: func(a *Answers) any { return &a.Version }},
	{
		path: "name", kind: text, check: checkName, note: "a-z, 0-9, hyphen; names the project and its stack",
		at: func(a *Answers) any { return &a.Name },
	},
	{
		path: "start.on", kind: text, allowed: StartValues, note: strings.Join(StartValues, " | "),
		at: func(a *Answers) any { return &a.Start.On },
	},
	{
		path: "start.prefix", kind: text, check: checkPrefix, startOn: OnObject, note: "only objects under this key prefix start a run",
		at: func(a *Answers) any { return &a.Start.Prefix },
	},
	{
		path: "start.suffix", kind: text, check: checkSuffix, startOn: OnObject, may: true, note: "and only those whose key ends so",
		at: func(a *Answers) any { return &a.Start.Suffix },
	},
	{
		path: "start.schedule", kind: text, check: checkSchedule, startOn: OnSchedule, note: "cron(), rate() or at()",
		at: func(a *Answers) any { return &a.Start.Schedule },
	},
	{
		path: "start.timezone", kind: text, check: checkTimezone, startOn: OnSchedule, may: true, note: "IANA name; daylight saving follows from it",
		at: func(a *Answers) any { return &a.Start.Timezone },
	},
	{
		path: "start.pattern", kind: mapping, startOn: OnEvent, note: "an EventBridge event pattern",
		at: func(a *Answers) any { return &a.Start.Pattern },
	},
	{
		path: "work", kind: list, allowed: WorkValues, item: "step", note: "in order: " + strings.Join(WorkValues, ", "),
		at: func(a *Answers) any { return &a.Work },
	},
	{
		path: "control.branches", kind: flag, note: "what comes next depends on a result",
		at: func(a *Answers) any { return &a.Control.Branches },
	},
	{
		path: "control.approval", kind: flag, note: "a person approves before the run goes on",
		at: func(a *Answers) any { return &a.Control.Approval },
	},
	{
		path: "control.resume", kind: flag, note: "a failed run goes on from the step that failed",
		at: func(a *Answers) any { return &a.Control.Resume },
	},
	{
		path: "control.backfill", kind: flag, note: "past intervals run again",
		at: func(a *Answers) any { return &a.Control.Backfill },
	},
	{
		path: "control.longest_minutes", kind: whole, bounds: [2]float64{1, MaxLongestMinutes}, note: "the longest step; it is stopped then",
		at: func(a *Answers) any { return &a.Control.LongestMinutes },
	},
	{
		path: "team.airflow", kind: flag, note: "prefers open source and Python DAGs",
		at: func(a *Answers) any { return &a.Team.Airflow },
	},
	{
		path: "volume.runs_per_month", kind: number, bounds: [2]float64{0, MaxRunsPerMonth},
		at: func(a *Answers) any { return &a.Volume.RunsPerMonth },
	},
	{
		path: "volume.gb_per_run", kind: number, bounds: [2]float64{0, MaxGBPerRun},
		at: func(a *Answers) any { return &a.Volume.GBPerRun },
	},
}

// projectFields say what the project is besides its pipeline.
var projectFields = []field{
	{
		path: "notify", kind: text, check: checkNotify, may: true, note: "e-mail address that hears of failures",
		at: func(a *Answers) any { return &a.Notify },
	},
	{
		path: "lab", kind: flag, note: "true: a sandbox, everything is removed with the stack; false keeps data and hardens",
		at: func(a *Answers) any { return &a.Lab },
	},
}

func fieldAt(path string) *field {
	for i := range fields {
		if fields[i].path == path {
			return &fields[i]
		}
	}
	return nil
}

// section reports whether keys stand below the path.
func section(path string) bool {
	return len(keysOf(path)) > 0
}
