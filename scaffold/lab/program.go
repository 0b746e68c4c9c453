package lab

import (
	"encoding/json"
	"time"
)

// outcome is what a program came to, and how long it would have taken on AWS.
type outcome struct {
	failure  string // what it said when it failed
	duration time.Duration
}

// runProgram runs a Glue job's script here.
func (l *Lab) runProgram(run *jobRun) outcome {
	if l.faults.find("fail", run.job.id, run.attempt+1) != nil {
		return outcome{failure: "a fault that was asked for", duration: time.Minute}
	}
	return l.options.Programs.Job(l, run)
}

// runFunction runs a Lambda function's program here.
func (l *Lab) runFunction(f *function, payload json.RawMessage, attempt int) (json.RawMessage, *functionError) {
	if l.faults.find("fail", f.id, attempt) != nil {
		failure := &functionError{Type: "Fault", Message: "a fault that was asked for"}
		answer, err := json.Marshal(failure)
		if err != nil {
			l.broken(err)
		}
		return answer, failure
	}
	return l.options.Programs.Function(l, f, payload)
}
