package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// batchJob is a job in a queue of AWS Batch.
type batchJob struct {
	definition  *jobDefinition
	queue       *jobQueue
	environment *computeEnvironment // that it runs in
	id, arn     string
	name        string
	status      string // as AWS names it
	reason      string // StatusReason
	command     []string
	variables   map[string]string
	parameters  map[string]string
	vcpu        float64
	memory      float64
	retry       retryStrategy
	timeout     time.Duration
	attempts    []attempt
	created     time.Time
	started     time.Time
	stopped     time.Time
	done        []func(*batchJob)
	because     *cause
}

// attempt is one container of a job.
type attempt struct {
	started, stopped time.Time
	end              exit
	log              string // below logs in the run's folder
}

// exit is how a container ended.
type exit struct {
	ran    bool   // there was a process
	code   int    // of it
	reason string // of the container, besides its code
	said   string // the last line that the program printed, for the timeline
	status string // StatusReason of the attempt
	final  bool   // no retry: the time was up, or somebody terminated the job

	overran time.Duration // after which the lab ended a program that did not end
}

// The states of a job. Source: AWS Batch User Guide, "Job states", read 2026-11.
const (
	jobSubmitted = "SUBMITTED"
	jobPending   = "PENDING"
	jobRunnable  = "RUNNABLE"
	jobStarting  = "STARTING"
	jobRunning   = "RUNNING"
	jobSucceeded = "SUCCEEDED"
	jobFailed    = "FAILED"
)

// How long the steps of a job take besides its work. AWS promises no figure: these are what a small image on Fargate takes.
const (
	jobAccepted    = time.Second
	networkStart   = 5 * time.Second // to get a network interface
	imagePull      = 30 * time.Second
	containerStart = networkStart + imagePull
)

// essentialExited is what AWS Batch says of each container that ended by itself with an error.
const essentialExited = "Essential container in task exited"

// Codes of processes that were ended: 128 and the number of the signal. Source: Bash Reference Manual, "Exit Status".
const (
	exitKilled     = 137
	exitTerminated = 143
)

func (j *batchJob) over() bool { return j.status == jobSucceeded || j.status == jobFailed }

// enqueueJob takes a job. It lasts until the job has ended.
func (l *Lab) enqueueJob(job *batchJob) {
	job.status, job.created, job.because = jobSubmitted, l.clock.Now(), l.cause.Load()
	l.batchJobs = append(l.batchJobs, job)
	l.active++
	l.tell("batch", "BatchJobSubmitted", job.queue.id, map[string]any{"job": job.id, "name": job.name})
	l.after(jobAccepted, func() {
		if job.status == jobSubmitted {
			l.turnJob(job, jobPending, "")
			l.makeRunnable(job)
		}
	})
}

func (l *Lab) makeRunnable(job *batchJob) {
	l.turnJob(job, jobRunnable, "")
	job.queue.waiting = append(job.queue.waiting, job)
	if most := job.queue.most(); job.vcpu > most {
		job.queue.waiting = slices.DeleteFunc(job.queue.waiting, func(j *batchJob) bool { return j == job })
		l.tell("batch", "BatchJobStuck", job.queue.id, map[string]any{"job": job.id, "name": job.name, "vcpu": job.vcpu, "most": most})
		l.fail("job %s stays RUNNABLE: it takes %g vCPU, and no compute environment of %s has more than %g", job.name, job.vcpu, job.queue.id, most)
		return
	}
	l.startJobs()
}

func (q *jobQueue) most() float64 {
	most := 0.0
	for _, e := range q.environments {
		if e.enabled {
			most = max(most, e.most)
		}
	}
	return most
}

// startJobs starts those for which there is room, in the order of their submission: none overtakes another one of its queue.
// Source: AWS Batch User Guide, "Job scheduling", FIFO; read 2026-11.
func (l *Lab) startJobs() {
	for _, job := range l.batchJobs {
		q := job.queue
		if len(q.waiting) == 0 || q.waiting[0] != job {
			continue
		}
		at := slices.IndexFunc(q.environments, func(e *computeEnvironment) bool { return e.enabled && e.free() >= job.vcpu })
		if at < 0 {
			continue
		}
		q.waiting = q.waiting[1:]
		job.environment = q.environments[at]
		job.environment.jobs = append(job.environment.jobs, job)
		l.turnJob(job, jobStarting, "")
		l.after(containerStart, func() {
			if job.status == jobStarting {
				l.startContainer(job)
			}
		})
	}
}

// startContainer runs the program at once, and lets the container end when it would have ended on AWS.
func (l *Lab) startContainer(job *batchJob) {
	l.cause.Store(job.because) // it may be another job that made room for this one
	job.definition.containers++
	job.attempts = append(job.attempts, attempt{
		started: l.clock.Now(), log: fmt.Sprintf("%s/%03d.log", job.definition.id, job.definition.containers),
	})
	number := len(job.attempts)
	if problem := l.prepare(job); problem != nil {
		l.endAttempt(job, *problem)
		return
	}
	if job.started.IsZero() {
		job.started = l.clock.Now()
	}
	l.turnJob(job, jobRunning, "")
	l.tell("batch", "ContainerStarted", job.definition.id, map[string]any{"job": job.id, "name": job.name, "attempt": number})
	end, result := l.runContainer(job)
	if l.err != nil {
		return
	}
	ends := func(after time.Duration, end exit) {
		l.after(after, func() {
			if job.status == jobRunning && len(job.attempts) == number {
				l.endAttempt(job, end)
			}
		})
	}
	switch {
	case job.timeout > 0 && result.duration >= job.timeout:
		ends(job.timeout, exit{ran: true, code: exitKilled, status: "Job attempt duration exceeded timeout", final: true})
	case result.duration == forever: // somebody may terminate it
	default:
		ends(result.duration, end)
	}
}

// prepare does what Fargate does with the execution role before a program starts: it pulls the image, and opens the log. The role of
// the program is assumed then, too.
// Source: Amazon ECS Developer Guide, "Amazon ECS task execution IAM role", "Stopped tasks error codes", read 2026-11.
func (l *Lab) prepare(job *batchJob) *exit {
	d := job.definition
	tasks := caller{Service: "ecs-tasks.amazonaws.com"}
	for _, role := range []string{d.executionRole, d.role} {
		if role == "" {
			continue
		}
		if err := l.assume(tasks, role); err != nil {
			return &exit{status: "ECS was unable to assume the role '" + role + "' that was provided for this task. " + err.Message}
		}
	}
	by := caller{Role: d.executionRole}
	if err := l.mayPull(by, d.image); err != nil {
		return &exit{status: "Task failed to start", reason: "CannotPullContainerError: pull image manifest has been retried: " + err.Message}
	}
	if d.logs != "" {
		if err := l.mayLog(by, d.logs); err != nil {
			return &exit{status: "ResourceInitializationError: failed to validate logger args: " + err.Message}
		}
	}
	return nil
}

// mayPull checks the permissions to pull an image from the account's own registry.
// Source: Amazon ECR User Guide, "Using Amazon ECR images with Amazon ECS", read 2026-11.
func (l *Lab) mayPull(by caller, image string) *apiError {
	place := l.stack.Place()
	registry, repository, _ := strings.Cut(image, "/")
	if !strings.HasPrefix(registry, place.Account+".dkr.ecr.") {
		return nil
	}
	if err := l.authorize(by, "ecr:GetAuthorizationToken", "*", nil); err != nil {
		return err
	}
	repository, _, _ = strings.Cut(repository, ":")
	arn := fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", place.Partition, place.Region, place.Account, repository)
	for _, action := range []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"} {
		if err := l.authorize(by, action, arn, nil); err != nil {
			return err
		}
	}
	return nil
}

// runContainer runs the program here, unless a fault says what becomes of it.
func (l *Lab) runContainer(job *batchJob) (exit, outcome) {
	end := exit{ran: true, code: 1, status: essentialExited, reason: "a fault that was asked for"}
	result := l.faulty(job.definition.id, func() outcome {
		var real outcome
		end, real = l.options.Programs.Container(l, job)
		return real
	})
	return end, result
}

// endAttempt ends a container, and with it the job, unless it is tried again.
func (l *Lab) endAttempt(job *batchJob, end exit) {
	l.store.settle() // what it wrote was there before it ended
	if n := len(job.attempts); n > 0 && job.attempts[n-1].stopped.IsZero() {
		job.attempts[n-1].stopped, job.attempts[n-1].end = l.clock.Now(), end
		if end.ran {
			l.tell("batch", "ContainerEnded", job.definition.id, map[string]any{
				"job": job.id, "name": job.name, "attempt": n, "exit_code": end.code, "message": cmp.Or(end.reason, end.said),
				"environment": job.environment.id, "used": job.used(job.attempts[n-1]),
			})
		}
	}
	if e := job.environment; e != nil {
		e.jobs = slices.DeleteFunc(e.jobs, func(j *batchJob) bool { return j == job })
	}
	switch {
	case end.ran && end.code == 0 && !end.final:
		l.endBatchJob(job, jobSucceeded, "")
	case job.retry.again(len(job.attempts), end):
		l.makeRunnable(job)
	default:
		l.endBatchJob(job, jobFailed, end.status)
	}
	l.startJobs()
}

// turnJob changes the status of a job. There is no event of its submission.
// Source: AWS Batch User Guide, "AWS Batch job state change events", read 2026-11.
func (l *Lab) turnJob(job *batchJob, status, reason string) {
	job.status, job.reason = status, reason
	l.emit("aws.batch", "Batch Job State Change", []string{job.arn}, lowered(job.describe()))
}

func (l *Lab) endBatchJob(job *batchJob, status, reason string) {
	job.stopped = l.clock.Now()
	l.turnJob(job, status, reason)
	message := job.said()
	l.tell("batch", "BatchJobEnded", job.queue.id, map[string]any{
		"job": job.id, "name": job.name, "status": status, "message": message, "seconds": job.stopped.Sub(job.created).Seconds(),
	})
	if status == jobFailed {
		l.fail("job %s of %s: %s: %s", job.name, job.definition.id, status, message)
	}
	l.active--
	for _, done := range job.done {
		done(job)
	}
}

// said is why a job failed, in a line: the reason, the code and what the container said.
func (j *batchJob) said() string {
	all := []string{}
	if j.status == jobFailed {
		all = append(all, j.reason)
		if n := len(j.attempts); n > 0 {
			end := j.attempts[n-1].end
			if end.ran {
				all[0] += fmt.Sprintf(" (exit code %d)", end.code)
			}
			if said := cmp.Or(end.reason, end.said); said != "" {
				all = append(all, said)
			}
		}
	}
	return strings.Join(all, ": ")
}

// terminate ends a job that is not over, as TerminateJob does.
func (l *Lab) terminate(job *batchJob, reason string) {
	if job.over() {
		return
	}
	running := job.status == jobRunning
	job.queue.waiting = slices.DeleteFunc(job.queue.waiting, func(j *batchJob) bool { return j == job })
	l.endAttempt(job, exit{ran: running, code: exitTerminated, status: reason, final: true})
}
