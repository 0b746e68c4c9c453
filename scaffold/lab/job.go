package lab

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// glueJob is an AWS Glue job.
type glueJob struct {
	id, name, arn, role string
	kind                string // glueetl, pythonshell, gluestreaming
	script              string // s3:// of the program
	most                int    // runs at once
	retries             int
	timeout             time.Duration
	arguments           map[string]string
	dpu                 float64
	running             []*jobRun
}

// Glue's own defaults. Source: AWS Glue API, CreateJob, read 2026-11.
const (
	defaultJobTimeout = 480 * time.Minute // Glue version 5.0 and later; 48 hours before
	defaultJobRuns    = 1
)

// jobRun is one run of a job.
type jobRun struct {
	job       *glueJob
	id        string
	attempt   int
	state     string // as AWS names it
	message   string
	started   time.Time
	timeout   time.Duration
	arguments map[string]string
	done      []func(*jobRun)
}

// The states of a job run that the lab passes through. Source: AWS Glue API, JobRun, JobRunState, read 2026-11.
const (
	runRunning   = "RUNNING"
	runSucceeded = "SUCCEEDED"
	runFailed    = "FAILED"
	runTimeout   = "TIMEOUT"
	runStopped   = "STOPPED"
)

// workerDPU is what a worker counts. Source: AWS Glue Developer Guide, "Worker types", read 2026-11.
var workerDPU = map[string]float64{"G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8, "G.12X": 12, "G.16X": 16, "R.1X": 1, "R.2X": 2, "R.4X": 4, "R.8X": 8}

func (l *Lab) readJobs() error {
	for _, id := range l.stack.ByType("AWS::Glue::Job") {
		resource := l.stack.Resources[id]
		j := &glueJob{
			id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Arn"), role: cfn.Text(resource.Get("Role")),
			kind: cfn.Text(resource.Get("Command", "Name")), script: cfn.Text(resource.Get("Command", "ScriptLocation")),
			most: defaultJobRuns, retries: int(number(resource.Get("MaxRetries"))), timeout: defaultJobTimeout,
			arguments: textMap(resource.Get("DefaultArguments")),
			dpu:       number(resource.Get("NumberOfWorkers")) * workerDPU[cfn.Text(resource.Get("WorkerType"))],
		}
		if most := int(number(resource.Get("ExecutionProperty", "MaxConcurrentRuns"))); most > 0 {
			j.most = most
		}
		if minutes := number(resource.Get("Timeout")); minutes > 0 {
			j.timeout = time.Duration(minutes) * time.Minute
		}
		if j.kind != "glueetl" && j.kind != "pythonshell" {
			return fmt.Errorf("job %s: the lab has no jobs of kind %s, expected glueetl or pythonshell", id, j.kind)
		}
		if !strings.HasPrefix(j.role, "arn:") {
			place := l.stack.Place()
			j.role = fmt.Sprintf("arn:%s:iam::%s:role/%s", place.Partition, place.Account, j.role)
		}
		l.glueJobs[j.name] = j
	}
	return nil
}

var jobActions = map[string]handler{
	"glue:startjobrun":     (*Lab).startJobRun,
	"glue:getjobrun":       (*Lab).getJobRun,
	"glue:batchstopjobrun": (*Lab).batchStopJobRun,
}

// startJobRun is StartJobRun. Source: AWS Glue API, StartJobRun, read 2026-11.
func (l *Lab) startJobRun(by caller, input map[string]any) (map[string]any, *apiError) {
	run, err := l.startJobFor(by, input)
	if err != nil {
		return nil, err
	}
	return map[string]any{"JobRunId": run.id}, nil
}

func (l *Lab) startJobFor(by caller, input map[string]any, done ...func(*jobRun)) (*jobRun, *apiError) {
	j := l.glueJobs[text(input, "JobName")]
	if j == nil {
		return nil, failed("EntityNotFoundException", "Failed to start job run due to missing metadata: job %s", text(input, "JobName"))
	}
	if err := l.authorize(by, "glue:StartJobRun", j.arn, nil); err != nil {
		return nil, err
	}
	return l.startJob(j, textMap(input["Arguments"]), time.Duration(number(input["Timeout"]))*time.Minute, done...)
}

// runJob is startJobRun.sync. Source: AWS Step Functions Developer Guide, "Start AWS Glue jobs with Step Functions", read 2026-11.
func (l *Lab) runJob(by caller, input map[string]any, done func(map[string]any, *apiError)) (map[string]any, *apiError) {
	run, err := l.startJobFor(by, input, func(r *jobRun) {
		if denied := l.authorize(by, "glue:GetJobRun", r.job.arn, nil); denied != nil {
			done(nil, &apiError{Code: "Glue." + denied.Code, Message: denied.Message})
			return
		}
		if r.state == runSucceeded {
			done(r.describe(l), nil)
			return
		}
		done(nil, failed("States.TaskFailed", "%s", cfn.Text(r.describe(l))))
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"JobRunId": run.id, "JobName": run.job.name}, nil
}

// stopJob stops a run for a task that nobody waits for any more.
func (l *Lab) stopJob(by caller, started map[string]any) *apiError {
	_, err := l.call(by, "glue:BatchStopJobRun", map[string]any{"JobName": started["JobName"], "JobRunIds": []any{started["JobRunId"]}})
	return err
}

func (r *jobRun) describe(l *Lab) map[string]any {
	out := map[string]any{
		"Id": r.id, "JobName": r.job.name, "JobRunState": r.state, "Attempt": r.attempt, "Arguments": r.arguments,
		"StartedOn": r.started.UnixMilli(), "ExecutionTime": int(l.clock.Now().Sub(r.started).Seconds()), "MaxCapacity": r.job.dpu,
		"Timeout": int(r.timeout.Minutes()),
	}
	if r.message != "" {
		out["ErrorMessage"] = r.message
	}
	return out
}

func (l *Lab) getJobRun(by caller, input map[string]any) (map[string]any, *apiError) {
	j := l.glueJobs[text(input, "JobName")]
	if j == nil {
		return nil, failed("EntityNotFoundException", "Job %s not found", text(input, "JobName"))
	}
	if err := l.authorize(by, "glue:GetJobRun", j.arn, nil); err != nil {
		return nil, err
	}
	for _, run := range l.jobRuns {
		if run.id == text(input, "RunId") {
			return map[string]any{"JobRun": run.describe(l)}, nil
		}
	}
	return nil, failed("EntityNotFoundException", "Job run %s not found", text(input, "RunId"))
}

func (l *Lab) batchStopJobRun(by caller, input map[string]any) (map[string]any, *apiError) {
	j := l.glueJobs[text(input, "JobName")]
	if j == nil {
		return nil, failed("EntityNotFoundException", "Job %s not found", text(input, "JobName"))
	}
	if err := l.authorize(by, "glue:BatchStopJobRun", j.arn, nil); err != nil {
		return nil, err
	}
	for _, id := range texts(input["JobRunIds"]) {
		for _, run := range slices.Clone(j.running) {
			if run.id == id {
				l.endJob(run, runStopped, "")
			}
		}
	}
	return map[string]any{}, nil
}

// startJob starts a run of a job.
func (l *Lab) startJob(j *glueJob, arguments map[string]string, timeout time.Duration, done ...func(*jobRun)) (*jobRun, *apiError) {
	if len(j.running) >= j.most {
		return nil, failed("ConcurrentRunsExceededException", "Concurrent runs exceeded for %s", j.name)
	}
	if err := l.assume(caller{Service: "glue.amazonaws.com"}, j.role); err != nil {
		return nil, failed("InvalidInputException", "%s", err.Message)
	}
	l.runs++
	run := &jobRun{
		job: j, id: fmt.Sprintf("jr_%064x", l.runs), started: l.clock.Now(), timeout: cmp.Or(timeout, j.timeout),
		arguments: map[string]string{}, done: done,
	}
	maps.Copy(run.arguments, j.arguments)
	maps.Copy(run.arguments, arguments)
	l.active++
	l.begin(run)
	return run, nil
}

// begin runs an attempt: the program itself at once, its end when it would have ended on AWS.
func (l *Lab) begin(run *jobRun) {
	j := run.job
	run.state, run.started = runRunning, l.clock.Now()
	j.running = append(j.running, run)
	l.jobRuns = append(l.jobRuns, run)
	l.tell("glue", "JobRunStarted", j.id, map[string]any{"run": run.id, "attempt": run.attempt, "arguments": run.arguments})
	result := l.runProgram(run)
	if l.err != nil {
		return
	}
	if result.duration >= run.timeout {
		l.after(run.timeout, func() {
			l.endJob(run, runTimeout, fmt.Sprintf("%s job run timed out after %d minutes", j.name, int(run.timeout.Minutes())))
		})
		return
	}
	l.after(result.duration, func() {
		l.store.settle() // what it wrote was there before it ended
		state := runSucceeded
		if result.failure != "" {
			state = runFailed
		}
		l.endJob(run, state, result.failure)
	})
}

// endJob ends an attempt, and starts the next one when the job retries.
// Source: AWS Glue Developer Guide, "Automating AWS Glue with EventBridge", "Glue Job State Change", read 2026-11.
func (l *Lab) endJob(run *jobRun, state, message string) {
	if run.state != runRunning {
		return
	}
	run.state, run.message = state, message
	run.job.running = slices.DeleteFunc(run.job.running, func(r *jobRun) bool { return r == run })
	l.tell("glue", "JobRunEnded", run.job.id, map[string]any{"run": run.id, "state": state, "message": message, "seconds": l.clock.Now().Sub(run.started).Seconds()})
	severity := "ERROR"
	if state == runSucceeded {
		severity, message = "INFO", "Job run succeeded"
	}
	l.emit("aws.glue", "Glue Job State Change", nil, map[string]any{
		"jobName": run.job.name, "severity": severity, "state": state, "jobRunId": run.id, "message": message,
	})
	if state == runFailed && run.attempt < run.job.retries {
		next := *run
		next.attempt++
		next.id = fmt.Sprintf("%s_attempt_%d", strings.SplitN(run.id, "_attempt_", 2)[0], next.attempt)
		l.begin(&next)
		return
	}
	if state != runSucceeded {
		l.fail("job %s: %s: %s", run.job.id, state, message)
	}
	l.active--
	for _, done := range run.done {
		done(run)
	}
}
