package lab

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

var batchActions = map[string]handler{
	"batch:submitjob":    (*Lab).submitJob,
	"batch:describejobs": (*Lab).describeJobs,
	"batch:terminatejob": (*Lab).terminateJob,
}

// submitJob is SubmitJob. Source: AWS Batch API Reference, SubmitJob, read 2026-11.
func (l *Lab) submitJob(by caller, input map[string]any) (map[string]any, *apiError) {
	job, err := l.submitJobFor(by, input)
	if err != nil {
		return nil, err
	}
	return job.submitted(), nil
}

func (j *batchJob) submitted() map[string]any {
	return map[string]any{"JobArn": j.arn, "JobId": j.id, "JobName": j.name}
}

// ofSubmitJob and ofOverrides are the parameters that the lab knows.
var (
	ofSubmitJob = []string{"JobName", "JobQueue", "JobDefinition", "ContainerOverrides", "Parameters", "RetryStrategy", "Timeout", "Tags", "PropagateTags"}
	ofOverrides = []string{"Command", "Environment", "ResourceRequirements"}
)

func (l *Lab) submitJobFor(by caller, input map[string]any, done ...func(*batchJob)) (*batchJob, *apiError) {
	if err := l.known("batch:SubmitJob", input, ofSubmitJob...); err != nil {
		return nil, err
	}
	overrides, _ := input["ContainerOverrides"].(map[string]any)
	overrides = capitals(overrides)
	if err := l.known("batch:SubmitJob, ContainerOverrides", overrides, ofOverrides...); err != nil {
		return nil, err
	}
	q, d := l.jobQueues[text(input, "JobQueue")], l.definitions[text(input, "JobDefinition")]
	switch {
	case text(input, "JobName") == "":
		return nil, failed("ClientException", "JobName is required")
	case q == nil:
		return nil, failed("ClientException", "JobQueue %s not found", text(input, "JobQueue"))
	case d == nil:
		return nil, failed("ClientException", "JobDefinition %s not found", text(input, "JobDefinition"))
	case !q.enabled:
		return nil, failed("ClientException", "Job Queue %s is DISABLED", q.arn)
	}
	for _, resource := range []string{d.arn, q.arn} {
		if err := l.authorize(by, "batch:SubmitJob", resource, nil); err != nil {
			return nil, err
		}
	}
	job := &batchJob{
		definition: d, queue: q, id: l.clock.UUID(), name: text(input, "JobName"), variables: maps.Clone(d.environment), parameters: maps.Clone(d.parameters),
		command: d.command, timeout: d.timeout, done: done,
	}
	place := l.stack.Place()
	job.arn = fmt.Sprintf("arn:%s:batch:%s:%s:job/%s", place.Partition, place.Region, place.Account, job.id)
	if err := job.override(input, overrides); err != nil {
		return nil, failed("ClientException", "%v", err)
	}
	l.enqueueJob(job)
	return job, nil
}

// override is what a job has otherwise than its definition.
func (j *batchJob) override(input, overrides map[string]any) error {
	var err error
	if j.vcpu, j.memory, err = requirements(overrides, j.definition.vcpu, j.definition.memory); err != nil {
		return err
	}
	if j.retry, err = readRetry(input["RetryStrategy"], j.definition.retry); err != nil {
		return err
	}
	maps.Copy(j.variables, pairs(overrides["Environment"]))
	maps.Copy(j.parameters, textMap(input["Parameters"]))
	if command := texts(overrides["Command"]); len(command) > 0 {
		j.command = command
	}
	timeout, _ := input["Timeout"].(map[string]any)
	if seconds := number(capitals(timeout)["AttemptDurationSeconds"]); seconds > 0 {
		j.timeout = time.Duration(seconds) * time.Second
	}
	j.command = slices.Clone(j.command)
	for i, word := range j.command {
		if name, ok := strings.CutPrefix(word, "Ref::"); ok && j.parameters[name] != "" {
			j.command[i] = j.parameters[name] // Source: AWS Batch User Guide, "Job definition parameters", Parameters, read 2026-11.
		}
	}
	return nil
}

// runBatchJob is submitJob.sync.
// Source: AWS Step Functions Developer Guide, "Run AWS Batch workloads with Step Functions", read 2026-11; recorded failures.
func (l *Lab) runBatchJob(by caller, input map[string]any, done func(map[string]any, *apiError)) (map[string]any, *apiError) {
	if err := l.managesRule(by, "StepFunctionsGetEventsForBatchJobsRule"); err != nil {
		return nil, err
	}
	job, err := l.submitJobFor(by, capitals(input), func(j *batchJob) {
		if denied := l.authorize(by, "batch:DescribeJobs", "*", nil); denied != nil {
			done(nil, &apiError{Code: "Batch.AWSBatchException", Message: denied.Message})
			return
		}
		if j.status == jobSucceeded {
			done(j.describe(), nil)
			return
		}
		done(nil, failed("States.TaskFailed", "%s", cfn.Text(j.describe())))
	})
	if err != nil {
		return nil, err
	}
	job.variables["MANAGED_BY_AWS"] = "STARTED_BY_STEP_FUNCTIONS"
	return job.submitted(), nil
}

// stopBatchJob terminates a job for a task that nobody waits for any more.
func (l *Lab) stopBatchJob(by caller, started map[string]any) *apiError {
	_, err := l.call(by, "batch:TerminateJob", map[string]any{"JobId": started["JobId"], "Reason": "the execution no longer waits for it"})
	return err
}

// describeJobs is DescribeJobs. Source: AWS Batch API Reference, DescribeJobs, read 2026-11.
func (l *Lab) describeJobs(by caller, input map[string]any) (map[string]any, *apiError) {
	if err := l.authorize(by, "batch:DescribeJobs", "*", nil); err != nil {
		return nil, err
	}
	found := []any{}
	for _, job := range l.batchJobs {
		if slices.Contains(texts(input["Jobs"]), job.id) {
			found = append(found, job.describe())
		}
	}
	return map[string]any{"Jobs": found}, nil
}

// terminateJob is TerminateJob. Source: AWS Batch API Reference, TerminateJob, read 2026-11.
func (l *Lab) terminateJob(by caller, input map[string]any) (map[string]any, *apiError) {
	place := l.stack.Place()
	arn := fmt.Sprintf("arn:%s:batch:%s:%s:job/%s", place.Partition, place.Region, place.Account, text(input, "JobId"))
	if err := l.authorize(by, "batch:TerminateJob", arn, nil); err != nil {
		return nil, err
	}
	for _, job := range l.batchJobs {
		if job.id == text(input, "JobId") {
			l.terminate(job, text(input, "Reason"))
		}
	}
	return map[string]any{}, nil
}

// describe is a job as DescribeJobs has it. Source: AWS Batch API Reference, JobDetail, read 2026-11.
func (j *batchJob) describe() map[string]any {
	d := j.definition
	container := map[string]any{
		"Image": d.image, "Command": asList(j.command), "Environment": asPairs(j.variables), "JobRoleArn": d.role, "ExecutionRoleArn": d.executionRole,
		"ResourceRequirements": []any{
			map[string]any{"Type": "VCPU", "Value": strconv.FormatFloat(j.vcpu, 'g', -1, 64)}, map[string]any{"Type": "MEMORY", "Value": strconv.FormatFloat(j.memory, 'g', -1, 64)},
		},
		"Volumes": []any{}, "MountPoints": []any{}, "Ulimits": []any{}, "NetworkInterfaces": []any{}, "Secrets": []any{},
	}
	out := map[string]any{
		"JobArn": j.arn, "JobName": j.name, "JobId": j.id, "JobQueue": j.queue.arn, "Status": j.status, "CreatedAt": j.created.UnixMilli(), "JobDefinition": d.arn,
		"Parameters": j.parameters, "Container": container, "DependsOn": []any{}, "PlatformCapabilities": []any{"FARGATE"},
		"RetryStrategy": map[string]any{"Attempts": max(1, j.retry.attempts), "EvaluateOnExit": j.retry.describe()},
	}
	if j.timeout > 0 {
		out["Timeout"] = map[string]any{"AttemptDurationSeconds": int(j.timeout.Seconds())}
	}
	if j.reason != "" {
		out["StatusReason"] = j.reason
	}
	if !j.started.IsZero() {
		out["StartedAt"] = j.started.UnixMilli()
	}
	if !j.stopped.IsZero() {
		out["StoppedAt"] = j.stopped.UnixMilli()
	}
	attempts := []any{}
	for _, a := range j.attempts {
		if a.stopped.IsZero() {
			continue
		}
		one := map[string]any{"LogStreamName": a.log, "NetworkInterfaces": []any{}}
		a.end.describe(one)
		a.end.describe(container)
		container["LogStreamName"] = one["LogStreamName"]
		attempts = append(attempts, map[string]any{
			"Container": one, "StartedAt": a.started.UnixMilli(), "StoppedAt": a.stopped.UnixMilli(), "StatusReason": a.end.status,
		})
	}
	out["Attempts"] = attempts
	return out
}

func (e exit) describe(container map[string]any) {
	delete(container, "ExitCode")
	delete(container, "Reason")
	if e.ran {
		container["ExitCode"] = e.code
	}
	if e.reason != "" {
		container["Reason"] = e.reason
	}
}

func (s retryStrategy) describe() []any {
	all := []any{}
	for _, c := range s.conditions {
		one := map[string]any{"Action": "EXIT"}
		if c.again {
			one["Action"] = "RETRY"
		}
		for name, pattern := range map[string]string{"OnExitCode": c.exitCode, "OnReason": c.reason, "OnStatusReason": c.statusReason} {
			if pattern != "" {
				one[name] = pattern
			}
		}
		all = append(all, one)
	}
	return all
}

func asList(words []string) []any {
	all := []any{}
	for _, word := range words {
		all = append(all, word)
	}
	return all
}

// lowered gives each name a small letter at the start, as AWS Batch itself writes them; names of parameters are the user's own.
func lowered(value any) any {
	switch value := value.(type) {
	case []any:
		all := make([]any, len(value))
		for i := range value {
			all[i] = lowered(value[i])
		}
		return all
	case map[string]any:
		all := make(map[string]any, len(value))
		for name, field := range value {
			all[strings.ToLower(name[:1])+name[1:]] = lowered(field)
		}
		return all
	}
	return value
}
