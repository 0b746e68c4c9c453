package lab

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// sparkRun is a job run of EMR Serverless.
type sparkRun struct {
	application     *sparkApplication
	id, arn, name   string
	role, createdBy string
	driver          any // JobDriver, as it was given
	entry           string
	arguments       []string
	size            sparkSize
	timeout         time.Duration // 0: it may run for ever
	state, details  string        // as AWS names them
	created         time.Time
	updated         time.Time
	started         time.Time  // when it was running
	workers         workerSize // that it holds
	executors       float64
	done            []func(*sparkRun)
	because         *cause
}

// The states of a job run.
// Source: Amazon EMR Serverless User Guide, "Job run states", read 2026-11.
const (
	sparkSubmitted  = "SUBMITTED"
	sparkQueued     = "QUEUED"
	sparkPending    = "PENDING"
	sparkScheduled  = "SCHEDULED"
	sparkRunning    = "RUNNING"
	sparkSuccess    = "SUCCESS"
	sparkFailed     = "FAILED"
	sparkCancelling = "CANCELLING" //nolint:misspell // EMR writes it so
	sparkCancelled  = "CANCELLED"  //nolint:misspell // likewise
)

// How long the steps of a run take besides its work. AWS promises no figure but that workers which stand by are there in seconds.
// Source: Amazon EMR Serverless User Guide, "Pre-initialized capacity for working with an application in EMR Serverless", read 2026-11.
const (
	sparkAccepted   = time.Second
	sparkWorkers    = 50 * time.Second
	sparkStandingBy = 5 * time.Second
	sparkSession    = 10 * time.Second // until the driver has its session
	sparkCancel     = 10 * time.Second
)

// defaultSparkTimeout is EMR Serverless's own. Source: Amazon EMR Serverless API Reference, StartJobRun, read 2026-11.
const defaultSparkTimeout = 720 * time.Minute

func (r *sparkRun) over() bool {
	return slices.Contains([]string{sparkSuccess, sparkFailed, sparkCancelled}, r.state)
}

// submit takes a run. It lasts until the run has ended.
func (l *Lab) submit(run *sparkRun) {
	run.state, run.created, run.updated, run.because = sparkSubmitted, l.clock.Now(), l.clock.Now(), l.cause.Load()
	run.application.runs = append(run.application.runs, run)
	l.sparkRuns = append(l.sparkRuns, run)
	l.active++
	l.tell("emr-serverless", "SparkRunSubmitted", run.application.id, map[string]any{"run": run.id, "name": run.label(), "arguments": run.arguments})
	l.after(sparkAccepted, func() { l.goOn(run.application) })
}

func (r *sparkRun) label() string { return cmp.Or(r.name, r.id) }

// goOn lets the runs of an application go on as far as they can: into the queue, or past it, and to their workers.
// Source: Amazon EMR Serverless User Guide, "Job concurrency and queuing for an EMR Serverless application", read 2026-11.
func (l *Lab) goOn(a *sparkApplication) {
	for _, run := range a.inState(sparkSubmitted, sparkQueued) {
		switch busy := len(a.inState(sparkPending, sparkScheduled, sparkRunning, sparkCancelling)); {
		case a.concurrent == 0 || busy < a.concurrent:
			l.turnRun(run, sparkPending, "")
		case run.state == sparkSubmitted:
			l.turnRun(run, sparkQueued, "")
			l.tell("emr-serverless", "SparkRunQueued", a.id, map[string]any{"run": run.id, "name": run.label(), "running": busy})
			l.after(a.patience, func() {
				if run.state == sparkQueued {
					l.endRun(run, sparkFailed, fmt.Sprintf("the run was in the queue for %d minutes, which is the application's limit", int(a.patience.Minutes())))
				}
			})
		}
	}
	for _, run := range a.inState(sparkPending) {
		l.giveWorkers(run)
	}
}

// giveWorkers lets a run have its workers: the driver, and as many executors as it wants and there is room for, but one.
// Source: Amazon EMR Serverless User Guide, "Configuring maximum capacity for an application", read 2026-11; the message is experience.
func (l *Lab) giveWorkers(run *sparkRun) {
	a := run.application
	least := run.size.driver.plus(run.size.executor, 1)
	switch {
	case !least.within(a.most):
		l.endRun(run, sparkFailed, fmt.Sprintf("Job failed, please check complete logs in configured logging destination. ApplicationMaxCapacityExceededException: Worker could "+
			"not be allocated as the application has exceeded maximumCapacity settings: a driver and an executor take %g vCPU and %g GB", least.vcpu, least.memory))
		return
	case a.state != appStarted:
		l.startApplicationFor(a)
		return
	case !a.held().plus(least, 1).within(a.most):
		return // until another run has ended
	}
	run.executors = 1
	for run.executors < run.size.executors && a.held().plus(run.size.driver.plus(run.size.executor, run.executors+1), 1).within(a.most) {
		run.executors++
	}
	run.workers = run.size.driver.plus(run.size.executor, run.executors)
	l.turnRun(run, sparkScheduled, "")
	starts := sparkWorkers
	if a.warm {
		starts = sparkStandingBy
	}
	l.after(starts, func() {
		if run.state == sparkScheduled {
			l.beginRun(run)
		}
	})
}

// beginRun runs the script at once, and lets the run end when it would have ended on AWS.
func (l *Lab) beginRun(run *sparkRun) {
	a := run.application
	l.cause.Store(run.because) // it is another run that let this one out of the queue
	if err := l.assume(caller{Service: emrServerless, Source: a.arn}, run.role); err != nil {
		l.endRun(run, sparkFailed, err.Message)
		return
	}
	run.started = l.clock.Now()
	l.turnRun(run, sparkRunning, "")
	l.tell("emr-serverless", "SparkRunStarted", a.id, map[string]any{"run": run.id, "name": run.label(), "executors": run.executors})
	_ = l.mayLog(caller{Role: run.role}, a.logs, "logs:DescribeLogGroups", "logs:DescribeLogStreams") // a denial is told, and the run goes on
	result := l.runSpark(run)
	if l.err != nil {
		return
	}
	if run.timeout > 0 && result.duration >= run.timeout {
		l.after(run.timeout, func() {
			l.cancelRun(run, fmt.Sprintf("the run took longer than its %d minutes", int(run.timeout.Minutes())))
		})
		return
	}
	if result.duration == forever {
		return // somebody may cancel it
	}
	l.after(result.duration, func() {
		if run.state != sparkRunning {
			return
		}
		state := sparkSuccess
		if result.failure != "" {
			state = sparkFailed
		}
		l.endRun(run, state, result.failure)
	})
}

// runSpark runs the script here, unless a fault says what becomes of it.
func (l *Lab) runSpark(run *sparkRun) outcome {
	return l.faulty(run.application.id, func() outcome { return l.options.Programs.Spark(l, run) })
}

// cancelRun ends a run that is not over, as CancelJobRun does and a timeout.
func (l *Lab) cancelRun(run *sparkRun, why string) {
	if run.over() || run.state == sparkCancelling {
		return
	}
	l.turnRun(run, sparkCancelling, why)
	l.after(sparkCancel, func() { l.endRun(run, sparkCancelled, why) })
}

// turnRun changes the state of a run.
// Source: Amazon EMR Serverless User Guide, "Automating EMR Serverless with Amazon EventBridge", read 2026-11.
func (l *Lab) turnRun(run *sparkRun, state, details string) {
	before := run.state
	run.state, run.details, run.updated = state, details, l.clock.Now()
	l.emit("aws.emr-serverless", "EMR Serverless Job Run State Change", nil, map[string]any{
		"jobRunId": run.id, "applicationId": run.application.name, "arn": run.arn, "releaseLabel": run.application.label,
		"state": state, "previousState": before, "createdBy": run.createdBy,
		"createdAt": run.created.UTC().Format(time.RFC3339Nano), "updatedAt": run.updated.UTC().Format(time.RFC3339Nano),
	})
}

func (l *Lab) endRun(run *sparkRun, state, details string) {
	if run.over() {
		return
	}
	a := run.application
	l.store.settle() // what it wrote was there before it ended
	l.turnRun(run, state, details)
	a.runs = slices.DeleteFunc(a.runs, func(r *sparkRun) bool { return r == run })
	l.tell("emr-serverless", "SparkRunEnded", a.id, map[string]any{
		"run": run.id, "name": run.label(), "state": state, "message": details, "seconds": l.clock.Now().Sub(run.created).Seconds(),
	})
	if state != sparkSuccess {
		l.fail("job run %s on %s: %s: %s", run.label(), a.id, state, details)
	}
	l.active--
	run.tell(run.done)
	l.goOn(a)
	l.restApplication(a)
}

func (r *sparkRun) tell(who []func(*sparkRun)) {
	for _, done := range who {
		done(r)
	}
}

// describe is a run as GetJobRun has it.
func (r *sparkRun) describe(l *Lab) map[string]any {
	out := map[string]any{
		"ApplicationId": r.application.name, "JobRunId": r.id, "Arn": r.arn, "CreatedBy": r.createdBy, "CreatedAt": r.created.UnixMilli(),
		"UpdatedAt": r.updated.UnixMilli(), "ExecutionRole": r.role, "State": r.state, "StateDetails": cmp.Or(r.details, r.state), "ReleaseLabel": r.application.label,
		"JobDriver": r.driver, "Attempt": 1, "Mode": "BATCH", "ExecutionTimeoutMinutes": int(r.timeout.Minutes()),
	}
	if r.name != "" {
		out["Name"] = r.name
	}
	if !r.started.IsZero() {
		until := l.clock.Now()
		if r.over() {
			until = r.updated
			out["EndedAt"] = until.UnixMilli()
		}
		hours := math.Ceil(until.Sub(r.started).Seconds()) / 3600
		out["StartedAt"], out["TotalExecutionDurationSeconds"] = r.started.UnixMilli(), int(until.Sub(r.started).Seconds())
		out["TotalResourceUtilization"] = map[string]any{
			"VCPUHour": rounded(r.workers.vcpu * hours), "MemoryGBHour": rounded(r.workers.memory * hours), "StorageGBHour": rounded(r.workers.disk * hours),
		}
	}
	return out
}

func rounded(value float64) float64 { return math.Round(value*1000) / 1000 }

// cause is what the error of a task says of a run.
func (r *sparkRun) cause(l *Lab) string { return cfn.Text(map[string]any{"JobRun": r.describe(l)}) }
