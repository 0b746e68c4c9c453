// Package lab runs a synthesized template on this machine, without an account: events meet rules, triggers fire, crawlers and jobs
// work, state machines run, each call is checked against the policies in the template.
//
// Time is virtual, a month of schedules takes milliseconds; only the programs that a pipeline ships run for real. Everything else
// happens on one goroutine and follows from template, input and seed, so two runs are equal.
package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lineage"
)

// Options of a run.
type Options struct {
	Stack    *cfn.Deployed
	From     time.Time     // of the virtual clock; default 2026-01-01T00:00:00Z
	For      time.Duration // schedules start as long as this; default: none does
	Seed     uint64
	Faults   []Fault
	Answers  []Prepared           // to tasks that wait for a person
	Programs programs             // what runs for real
	Folder   string               // for the objects, to look into; empty: they stay in memory
	Report   func(Event)          // the timeline
	Lineage  func(*lineage.Event) // who read and wrote what; nil: it is not observed
	Keep     func(name string, content any)
	Waiting  func(l *Lab, task WaitingTask) // a task waits and no answer was prepared: a person calls Answer, now or later. The clock stands still until this returns

	actions map[string]handler // answer calls besides the lab's own
}

// programs run what a pipeline ships.
type programs interface {
	Job(l *Lab, run *jobRun) outcome
	Function(l *Lab, f *function, payload json.RawMessage) (json.RawMessage, *functionError)
	workers
}

// warmer is what programs are that get ready before they are asked for.
type warmer interface{ warm(l *Lab) error }

// Lab is one run.
type Lab struct {
	options  Options
	stack    *cfn.Deployed
	clock    *asl.Clock
	store    *store
	policies *Policies
	faults   *faults

	actions map[string]handler
	jobs    map[string]jobStarter
	stops   map[string]jobStopper
	waiting []*WaitingTask

	answers    *prepared
	unanswered []WaitingTask
	callbacks  []string // states that wait for an answer

	rules      []*rule
	timers     []*timer
	functions  map[string]*function
	workflows  map[string]*workflow
	glueJobs   map[string]*glueJob
	jobRuns    []*jobRun
	crawlers   map[string]*crawler
	catalog    *catalog
	lineage    *lineageLog
	runs       int // of workflows and jobs, for their ids
	queues     map[string]*queue
	topics     map[string]*topic
	machines   map[string]*machine
	executions map[string]*execution // under way, by ARN
	spark
	batch
	tables    map[string]*table
	warehouse warehouse
	metrics   map[string]*series
	alarms    []*alarm

	cause    atomic.Pointer[cause] // of what goes on; the endpoint's goroutines look at it
	halted   bool                  // the pipeline feeds itself
	active   int                   // executions, jobs and deliveries under way: the run lasts until there is none
	end      time.Time
	err      error
	failures []string
	ignored  map[string]string
	denials  struct {
		sync.Mutex // programs of the pipeline are denied on goroutines of the endpoint
		all        []PolicyDecision
	}
}

// jobStarter starts a job for a task that waits for its end.
type jobStarter func(by caller, input map[string]any, done func(end map[string]any, failure *apiError)) (map[string]any, *apiError)

// jobStopper stops a job whose task nobody waits for; it gets what the start answered.
type jobStopper func(by caller, started map[string]any) *apiError

// New reads the template's resources. It refuses what the lab would get wrong.
func New(ctx context.Context, options Options) (*Lab, error) {
	l := &Lab{
		options: options, stack: options.Stack, faults: newFaults(options.Faults), answers: newPrepared(options.Answers),
		functions: map[string]*function{}, workflows: map[string]*workflow{}, glueJobs: map[string]*glueJob{}, crawlers: map[string]*crawler{},
		queues: map[string]*queue{}, topics: map[string]*topic{}, machines: map[string]*machine{}, executions: map[string]*execution{},
		metrics: map[string]*series{}, ignored: map[string]string{},
		spark: newSpark(), batch: newBatch(), tables: map[string]*table{},
	}
	if l.options.Report == nil {
		l.options.Report = func(Event) {}
	}
	l.lineage = newLineage(l)
	l.actions = l.handlers()
	maps.Copy(l.actions, options.actions)
	l.jobs = map[string]jobStarter{"glue:startjobrun": l.runJob}
	l.stops = map[string]jobStopper{"glue:startjobrun": l.stopJob}
	l.addWorkers()
	l.clock = asl.NewClock(ctx, asl.Options{Start: options.From, Seed: options.Seed, Services: l.services()})
	var err error
	if l.policies, err = NewPolicies(l.stack); err != nil {
		return nil, err
	}
	l.readAlarms()
	if err := l.supported(); err != nil {
		return nil, err
	}
	for _, read := range []func() error{l.readBuckets, l.readQueues, l.readTopics, l.readFunctions, l.readMetricFilters, l.readCatalog, l.readCrawlers, l.readJobs, l.readWorkflows, l.readWorkers, l.readMachines, l.asks, l.readWorkgroups, l.readSchedules, l.readRules} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	if programs, ok := options.Programs.(warmer); ok {
		if err := programs.warm(l); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Run lets time pass until nothing is under way and the time for schedules is over. It may be called again after an Answer.
func (l *Lab) Run() error {
	if l.end.IsZero() {
		l.begins()
	}
	for l.err == nil && !l.halted {
		next, ok := l.clock.Next()
		if !ok || l.active == 0 && next.After(l.end) || l.stuck(next) {
			break
		}
		if err := l.clock.Advance(next); err != nil {
			return err
		}
	}
	return l.err
}

// begins arms what acts by itself as long as the time for schedules lasts.
func (l *Lab) begins() {
	l.end = l.clock.Now().Add(l.options.For)
	if l.options.For == 0 {
		return
	}
	for _, t := range l.timers {
		next, ok := t.first(l.clock.Now())
		l.arm(t, next, ok)
	}
	for _, a := range l.alarms {
		l.watch(a) // a missed run is a period without data
	}
}

// patience is how long nothing may happen while a task waits for an answer. Only the end of the year that an execution may last would
// come next then.
const patience = 300 * 24 * time.Hour

// stuck says whether only an answer would let the run go on, because no timeout ends the waiting.
func (l *Lab) stuck(next time.Time) bool {
	if next.Sub(l.clock.Now()) < patience || !next.After(l.end) {
		return false
	}
	waiting := l.Waiting()
	if slices.ContainsFunc(waiting, func(w WaitingTask) bool { return w.Timeout > 0 || w.Heartbeat > 0 }) {
		return false
	}
	for _, w := range waiting {
		l.fail("execution %s of %s waits in %s for an answer that nobody gave, and the state has no TimeoutSeconds", w.Execution, w.Machine, w.State)
	}
	l.unanswered = append(l.unanswered, waiting...)
	return len(waiting) > 0
}

// later lets something happen that belongs to the run: it lasts at least until then.
func (l *Lab) later(after time.Duration, f func()) {
	l.active++
	l.after(after, func() {
		l.active--
		f()
	})
}

// background lets something happen only while the run lasts anyway, or the time for schedules does.
func (l *Lab) background(after time.Duration, f func()) {
	l.after(after, f)
}

// broken ends the run: the lab itself is at fault, or was asked for what it has not.
func (l *Lab) broken(err error) {
	if l.err == nil {
		l.err = err
	}
}

// fail remembers that something of the pipeline failed.
func (l *Lab) fail(format string, args ...any) {
	l.failures = append(l.failures, fmt.Sprintf(format, args...))
}

// ignore remembers what the lab leaves out, to tell once.
func (l *Lab) ignore(id, why string) { l.ignored[id] = why }

// Ignored lists what the lab leaves out, and why.
func (l *Lab) Ignored() []string {
	var all []string
	for _, id := range slices.Sorted(maps.Keys(l.ignored)) {
		all = append(all, id+": "+l.ignored[id])
	}
	return all
}

func (l *Lab) keep(name string, content any) {
	if l.options.Keep != nil {
		l.options.Keep(name, content)
	}
}
