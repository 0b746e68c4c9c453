package lab

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// outcome is what a program came to, and how long it would have taken on AWS.
type outcome struct {
	failure  string // what it said when it failed
	duration time.Duration
}

// forever is longer than any timeout.
const forever = time.Duration(math.MaxInt64)

// failedAfter is how long a job runs that fails because somebody wants it to: its start alone takes about that long.
const failedAfter = time.Minute

// workers run what a state machine has done outside Glue and Lambda.
type workers interface {
	Spark(l *Lab, run *sparkRun) outcome
	Container(l *Lab, job *batchJob) (exit, outcome)
}

// runProgram runs a Glue job's script here, unless a fault says what becomes of it.
func (l *Lab) runProgram(run *jobRun) outcome {
	return l.faulty(run.job.id, func() outcome { return l.options.Programs.Job(l, run) })
}

// faulty runs a program, unless a fault says what becomes of it.
func (l *Lab) faulty(id string, run func() outcome) outcome {
	switch {
	case l.faults.find("fail", id) != nil:
		return outcome{failure: "a fault that was asked for", duration: failedAfter}
	case l.faults.find("timeout", id) != nil:
		return outcome{duration: forever}
	}
	result := run()
	if slow := l.faults.find("slow", id); slow != nil && result.duration != forever {
		result.duration += slow.Delay
	}
	return result
}

// endless is the outcome of a program that the lab had to end: on AWS it would go on until its timeout.
func (l *Lab) endless(id string, after time.Duration) outcome {
	l.tell("lab", "ProgramStopped", id, map[string]any{"after": after.String()})
	return outcome{duration: forever}
}

// runCrawler crawls, unless a fault says what becomes of it.
func (l *Lab) runCrawler(c *crawler) crawl {
	if l.faults.find("fail", c.id) != nil {
		return crawl{state: crawlFailed, message: "a fault that was asked for", duration: failedAfter}
	}
	result := l.crawl(c)
	if slow := l.faults.find("slow", c.id); slow != nil {
		result.duration += slow.Delay
	}
	return result
}

// runFunction runs a Lambda function's program here, unless a fault says what becomes of it. It gives the time that a call takes in
// addition to the usual one.
func (l *Lab) runFunction(f *function, payload json.RawMessage) (json.RawMessage, *functionError, time.Duration) {
	switch {
	case l.faults.find("fail", f.id) != nil:
		return l.functionFails("Fault", "a fault that was asked for", 0)
	case l.faults.find("timeout", f.id) != nil:
		return l.functionTimesOut(f)
	}
	answer, failure := l.options.Programs.Function(l, f, payload)
	slow := l.faults.find("slow", f.id)
	if slow == nil {
		return answer, failure, 0
	}
	if slow.Delay >= f.timeout {
		return l.functionTimesOut(f)
	}
	return answer, failure, slow.Delay
}

// functionTimesOut is the answer of a function that took too long.
// Source: AWS Lambda Developer Guide, "Troubleshoot execution issues in Lambda", timeouts, read 2026-11; recorded executions.
func (l *Lab) functionTimesOut(f *function) (json.RawMessage, *functionError, time.Duration) {
	return l.functionFails(timedOutFunction, fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", l.clock.UUID(), f.timeout.Seconds()), f.timeout)
}

func (l *Lab) functionFails(kind, message string, took time.Duration) (json.RawMessage, *functionError, time.Duration) {
	failure := &functionError{Type: kind, Message: message}
	answer, err := json.Marshal(failure)
	if err != nil {
		l.broken(err)
	}
	return answer, failure, took
}
