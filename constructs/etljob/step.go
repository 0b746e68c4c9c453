package etljob

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/servicerole"
)

//go:embed etljob.asl.json
var definition []byte

const (
	startMinutes = 10  // a job's own timeout does not count the time until its workers are there
	waitMinutes  = 200 // a hundred waits of up to two minutes, until it is this file's turn: many files may land at once
)

// Step runs the job as a step of a state machine: for the partition of the object that landed, or else for every one that has changed.
// Source: AWS Step Functions Developer Guide, "Start AWS Glue jobs with Step Functions" (.sync, and its IAM policies).
func (j *Job) Step() machine.Step {
	return machine.Step{
		Definition:    definition,
		Substitutions: map[string]any{"JobName": j.Name},
		Timeouts:      map[string]int{"Run ETL job": (j.timeoutMinutes + startMinutes) * 60},
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"}, j.Arn),
		},
		Minutes: j.timeoutMinutes + startMinutes + waitMinutes,
	}
}
