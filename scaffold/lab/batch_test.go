package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// batchParts is a machine that submits a job, with more properties of the definition, and more parameters.
func batchParts(definition, arguments, more string) parts {
	return parts{
		"MachineRole": role("states.amazonaws.com", "batch:*", "events:*"), "Tasks": role("ecs-tasks.amazonaws.com", "ecr:*", "logs:*", "s3:*"),
		"Environment": `{"Type": "AWS::Batch::ComputeEnvironment", "Properties": {"Type": "MANAGED", "ComputeResources": {"Type": "FARGATE", "MaxvCpus": 1}}}`,
		"Jobs":        `{"Type": "AWS::Batch::JobQueue", "Properties": {"JobQueueName": "jobs", "ComputeEnvironmentOrder": [{"Order": 1, "ComputeEnvironment": {"Ref": "Environment"}}]}}`,
		"Definition":  jobDefinitionWith(`"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/images:1"`, definition),
		"Machine":     machineOf(task("batch:submitJob.sync", `{"JobName": "profile", "JobQueue": "jobs", "JobDefinition": "profiles"`+arguments+`}`, more)),
	}
}

func jobDefinitionWith(container, more string) string {
	return `{"Type": "AWS::Batch::JobDefinition", "Properties": {"JobDefinitionName": "profiles", "Type": "container"` + more + `, "ContainerProperties": {` + container + `,
		"ExecutionRoleArn": {"Fn::GetAtt": ["Tasks", "Arn"]}, "JobRoleArn": {"Fn::GetAtt": ["Tasks", "Arn"]}, "Command": ["Ref::day"],
		"ResourceRequirements": [{"Type": "VCPU", "Value": "1"}, {"Type": "MEMORY", "Value": "2048"}]}}}`
}

// jobStates are those that an EventBridge rule would see of jobs, with their time.
func jobStates(t *testing.T, p parts, options Options, starts int) ([]string, *rig) {
	t.Helper()
	return seenByARule(t, p, options, starts, "aws.batch", "Batch Job State Change", "$.detail.status")
}

// ends are containers that take so long and end with these codes, the last of them for all that follow.
func ends(takes time.Duration, codes ...int) Options {
	return Options{Programs: scripted{container: func(job *batchJob) (exit, outcome) {
		code := codes[min(len(job.attempts), len(codes))-1]
		end := exit{ran: true, code: code}
		if code != 0 {
			end.status = essentialExited
		}
		return end, outcome{duration: takes}
	}}}
}

const (
	first = "1s PENDING 1s RUNNABLE 1s STARTING 36s RUNNING "
	retry = `, "RetryStrategy": {"Attempts": 3, "EvaluateOnExit": [{"Action": "retry", "OnExitCode": "7*"}, {"Action": "EXIT", "OnReason": "*"}]}`
)

func TestAJobPassesTheStatesThatBatchNames(t *testing.T) {
	for _, test := range []struct {
		name, definition, more string
		options                Options
		starts                 int
		want                   string
	}{
		{"one that succeeds", "", "", ends(time.Minute, 0), 1, first + "1m36s SUCCEEDED"},
		{"one that fails once and is tried again", retry, "", ends(time.Minute, 75, 0), 1, first + "1m36s RUNNABLE 1m36s STARTING 2m11s RUNNING 3m11s SUCCEEDED"},
		{"one that fails with a code that no retry mends", retry, "", ends(time.Minute, 1), 1, first + "1m36s FAILED"},
		{"one whose attempts are used up", strings.Replace(retry, "3", "2", 1), "", ends(time.Minute, 75), 1, first + "1m36s RUNNABLE 1m36s STARTING 2m11s RUNNING 3m11s FAILED"},
		{"one that matches no condition is tried again", `, "RetryStrategy": {"Attempts": 2, "EvaluateOnExit": [{"Action": "EXIT", "OnExitCode": "1"}]}`, "", ends(time.Minute, 2, 0), 1, first + "1m36s RUNNABLE 1m36s STARTING 2m11s RUNNING 3m11s SUCCEEDED"},
		{"one that takes too long, which is never tried again", `, "RetryStrategy": {"Attempts": 3}, "Timeout": {"AttemptDurationSeconds": 90}`, "", ends(time.Hour, 0), 1, first + "2m6s FAILED"},
		{"one that nobody waits for any more", `, "RetryStrategy": {"Attempts": 3}`, `, "TimeoutSeconds": 60`, ends(time.Hour, 0), 1, first + "1m0s FAILED"},
		{"two, of which one waits for room", "", "", ends(time.Minute, 0), 2, "1s PENDING 1s RUNNABLE 1s STARTING 1s PENDING 1s RUNNABLE 36s RUNNING 1m36s SUCCEEDED 1m36s STARTING 2m11s RUNNING 3m11s SUCCEEDED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			states, _ := jobStates(t, batchParts(test.definition, "", test.more), test.options, test.starts)
			if got := strings.Join(states, " "); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestAJobGetsItsOverridesAndTellsOfItsContainer(t *testing.T) {
	var command []string
	var variables map[string]string
	options := Options{Programs: scripted{container: func(job *batchJob) (exit, outcome) {
		command, variables = job.command, job.variables
		return exit{ran: true, code: 3, status: essentialExited}, outcome{duration: time.Minute}
	}}}
	_, r := jobStates(t, batchParts("", `, "Parameters": {"day": "monday"}, "ContainerOverrides": {"Environment": [{"Name": "OBJECT", "Value": "raw/a.csv"}]}`, ""), options, 1)
	same(t, "command", command, []string{"monday"})
	same(t, "variables", variables, map[string]string{"OBJECT": "raw/a.csv", "MANAGED_BY_AWS": "STARTED_BY_STEP_FUNCTIONS"})
	cause, _ := r.output()["Cause"].(string)
	for _, part := range []string{`"ExitCode":3`, `"Status":"FAILED"`, `"StatusReason":"Essential container in task exited"`, `"Attempts":[{`, `"Command":["monday"]`} {
		if r.output()["Error"] != "States.TaskFailed" || !strings.Contains(cause, part) {
			t.Errorf("got %v, want States.TaskFailed with %s", r.output(), part)
		}
	}
}

func TestAJobThatCannotStartSaysWhy(t *testing.T) {
	for _, test := range []struct {
		name      string
		parts     parts
		want, why string
	}{
		{"no right to pull the image", parts{"Tasks": role("ecs-tasks.amazonaws.com", "logs:*")}, "States.TaskFailed", "CannotPullContainerError"},
		{"a role that the service may not assume", parts{"Tasks": role("batch.amazonaws.com", "ecr:*")}, "States.TaskFailed", "ECS was unable to assume the role"},
		{"no such queue", parts{"Jobs": `{"Type": "AWS::Batch::JobQueue", "Properties": {"JobQueueName": "others", "ComputeEnvironmentOrder": []}}`}, "Batch.ClientException", "JobQueue jobs not found"},
		{"a queue that is closed", parts{"Jobs": `{"Type": "AWS::Batch::JobQueue", "Properties": {"JobQueueName": "jobs", "State": "DISABLED", "ComputeEnvironmentOrder": []}}`}, "Batch.ClientException", "is DISABLED"},
		{"no right to submit", parts{"MachineRole": role("states.amazonaws.com", "events:*")}, "Batch.AWSBatchException", "batch:SubmitJob"},
		{"no right to look", parts{"MachineRole": role("states.amazonaws.com", "events:*", "batch:SubmitJob")}, "Batch.AWSBatchException", "batch:DescribeJobs"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, batchParts("", "", "").with(test.parts), Options{}).begin("{}").run()
			cause, _ := r.output()["Cause"].(string)
			if r.output()["Error"] != test.want || !strings.Contains(cause, test.why) {
				t.Errorf("got %v, want %s about %s", r.output(), test.want, test.why)
			}
		})
	}
	small := batchParts("", `, "ContainerOverrides": {"ResourceRequirements": [{"Type": "VCPU", "Value": "4"}]}`, `, "TimeoutSeconds": 600`)
	r := build(t, small, Options{}).begin("{}").run()
	if len(r.failures) == 0 || !strings.Contains(r.failures[0], "stays RUNNABLE: it takes 4 vCPU") || r.output()["Error"] != "States.Timeout" {
		t.Errorf("a job that no environment has room for: got %v and %v", r.failures, r.output())
	}
}

func TestAContainerThatTheLabCannotRunIsRefused(t *testing.T) {
	const image = `"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/images:1"`
	for _, test := range []struct{ name, resource, want string }{
		{"a public image", jobDefinitionWith(`"Image": "public.ecr.aws/docker/library/python:3.13"`, ""), "got the image public.ecr.aws/docker/library/python:3.13, the lab runs containers that hold a Go program of the project"},
		{"secrets", jobDefinitionWith(image+`, "Secrets": [{"Name": "A", "ValueFrom": "arn"}]`, ""), "does not know Secrets"},
		{"a GPU", strings.Replace(jobDefinitionWith(image, ""), `"VCPU"`, `"GPU"`, 1), "has no GPU"},
		{"many nodes", `{"Type": "AWS::Batch::JobDefinition", "Properties": {"Type": "multinode", "NodeProperties": {"NumNodes": 2}}}`, "does not know NodeProperties"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := tryBuild(t, batchParts("", "", "").with(parts{"Definition": test.resource}).String(), Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Definition") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	p := batchParts("", "", "").with(parts{"Environment": `{"Type": "AWS::Batch::ComputeEnvironment", "Properties": {"ComputeResources": {"Type": "EC2"}}}`})
	if _, err := tryBuild(t, p.String(), Options{}); err == nil || !strings.Contains(err.Error(), "none of the type EC2") {
		t.Errorf("got %v, want that the lab has none of the type EC2", err)
	}
	err := build(t, batchParts("", `, "ArrayProperties": {"Size": 2}`, ""), Options{}).begin("{}").Run()
	if err == nil || !strings.Contains(err.Error(), "does not know ArrayProperties of batch:SubmitJob") {
		t.Errorf("got %v, want that the lab does not know ArrayProperties", err)
	}
}

func TestAnImageIsReadAsFarAsItHoldsOneProgram(t *testing.T) {
	for _, test := range []struct{ name, dockerfile, want string }{
		{"another image below", "FROM alpine\nENTRYPOINT [\"/p\"]\n", "FROM alpine"},
		{"a command while it is built", "FROM scratch\nRUN make\n", "got RUN"},
		{"a shell's command", "FROM scratch\nCOPY p /p\nENTRYPOINT /p\n", "expected it as a list"},
		{"no program", "FROM scratch\nENTRYPOINT [\"/p\"]\n", "expected a program that the Dockerfile copies"},
		{"a file that is no program", "FROM scratch\nCOPY p /p\nENTRYPOINT [\"/p\"]\n", "read the image's program"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			for name, text := range map[string]string{"Dockerfile": test.dockerfile, "p": "text"} {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := imageCommand(folder, nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
