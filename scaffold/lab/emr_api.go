package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// emrServerless is the service that assumes the roles of job runs.
const emrServerless = "emr-serverless.amazonaws.com"

var sparkActions = map[string]handler{
	"emr-serverless:startjobrun":      (*Lab).startSpark,
	"emr-serverless:getjobrun":        (*Lab).getSpark,
	"emr-serverless:canceljobrun":     (*Lab).cancelSpark,
	"emr-serverless:startapplication": (*Lab).startApplication,
	"emr-serverless:stopapplication":  (*Lab).stopApplication,
	"emr-serverless:getapplication":   (*Lab).getApplication,
}

// startSpark is StartJobRun. Source: Amazon EMR Serverless API Reference, StartJobRun, read 2026-11.
func (l *Lab) startSpark(by caller, input map[string]any) (map[string]any, *apiError) {
	run, err := l.startSparkFor(by, input)
	if err != nil {
		return nil, err
	}
	return map[string]any{"ApplicationId": run.application.name, "JobRunId": run.id, "Arn": run.arn}, nil
}

// ofStartJobRun are the parameters that the lab knows.
var ofStartJobRun = []string{"ApplicationId", "ClientToken", "ConfigurationOverrides", "ExecutionRoleArn", "ExecutionTimeoutMinutes", "JobDriver", "Name", "Tags"}

func (l *Lab) startSparkFor(by caller, input map[string]any, done ...func(*sparkRun)) (*sparkRun, *apiError) {
	if err := l.known("emr-serverless:StartJobRun", input, ofStartJobRun...); err != nil {
		return nil, err
	}
	a := l.applications[text(input, "ApplicationId")]
	if a == nil {
		return nil, failed("ResourceNotFoundException", "Application %s does not exist", text(input, "ApplicationId"))
	}
	role := text(input, "ExecutionRoleArn")
	if err := l.maySubmit(by, a, role); err != nil {
		return nil, err
	}
	token := a.name + " " + text(input, "ClientToken")
	if before := l.sparkTokens[token]; before != nil && text(input, "ClientToken") != "" {
		before.done = append(before.done, done...)
		if before.over() {
			l.later(0, func() { before.tell(done) })
		}
		return before, nil
	}
	if a.state != appStarted && a.state != appStarting && !a.autoStart {
		return nil, failed("ConflictException", "Application %s is %s, and does not start by itself", a.name, a.state)
	}
	l.runs++
	run := &sparkRun{
		application: a, id: fmt.Sprintf("00f%013x", l.runs), name: text(input, "Name"), role: role, createdBy: by.name(), driver: input["JobDriver"],
		timeout: defaultSparkTimeout, done: done,
	}
	run.arn = a.arn + "/jobruns/" + run.id
	if minutes, ok := input["ExecutionTimeoutMinutes"].(float64); ok {
		run.timeout = time.Duration(minutes) * time.Minute
	}
	if err := l.readDriver(run, input); err != nil {
		l.broken(fmt.Errorf("a job run on %s: %w", a.id, err))
		return nil, invalid("%v", err)
	}
	l.sparkTokens[token] = run
	l.submit(run)
	return run, nil
}

// maySubmit checks what StartJobRun takes besides its own permission: to pass the role, and the key of the logs.
// Source: Amazon EMR Serverless User Guide, "Job runtime roles for Amazon EMR Serverless", "Encrypting logs", read 2026-11.
func (l *Lab) maySubmit(by caller, a *sparkApplication, role string) *apiError {
	if err := l.authorize(by, "emr-serverless:StartJobRun", a.arn, nil); err != nil {
		return err
	}
	if err := l.authorize(by, "iam:PassRole", role, map[string][]string{"iam:PassedToService": {emrServerless}}); err != nil {
		return err
	}
	return l.authorizeKey(by, a.key, "emr-serverless", decrypts, encrypts)
}

// readDriver reads what is to be run. What the lab would leave out is an error.
func (l *Lab) readDriver(run *sparkRun, input map[string]any) error {
	submit := cfn.Field(input["JobDriver"], "SparkSubmit")
	if submit == nil {
		submit = cfn.Field(input["JobDriver"], "sparkSubmit")
	}
	given, _ := submit.(map[string]any)
	if given == nil {
		return fmt.Errorf("got the JobDriver %s, the lab runs SparkSubmit", cfn.Text(input["JobDriver"]))
	}
	given = capitals(given)
	run.entry, run.arguments = text(given, "EntryPoint"), texts(given["EntryPointArguments"])
	if !strings.HasPrefix(run.entry, "s3://") || !strings.HasSuffix(run.entry, ".py") {
		return fmt.Errorf("got the EntryPoint %q, the lab runs Python scripts in S3", run.entry)
	}
	overrides, _ := input["ConfigurationOverrides"].(map[string]any)
	for name := range capitals(overrides) {
		if name != "MonitoringConfiguration" {
			return fmt.Errorf("the lab does not know ConfigurationOverrides.%s", name)
		}
	}
	settings, err := readSubmit(text(given, "SparkSubmitParameters"))
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !slices.Contains(sizing, name) {
			l.ignore(run.application.id+" --conf "+name, "the lab does not pass it on")
		}
	}
	run.size, err = sizeOf(settings)
	return err
}

// known refuses a parameter that would be left out.
func (l *Lab) known(action string, input map[string]any, names ...string) *apiError {
	for _, name := range slices.Sorted(maps.Keys(input)) {
		if !slices.Contains(names, name) {
			l.broken(fmt.Errorf("the lab does not know %s of %s, expected one of %s", name, action, strings.Join(slices.Sorted(slices.Values(names)), ", ")))
			return invalid("%s", name)
		}
	}
	return nil
}

// managesRule checks that a role may have Step Functions wait by events: the rule that tells of the end of a job is one in the account.
// On AWS the state machine cannot be created without.
// Source: AWS Step Functions Developer Guide, "IAM policies for integrated services", read 2026-11.
func (l *Lab) managesRule(by caller, name string) *apiError {
	place := l.stack.Place()
	for _, action := range []string{"events:PutTargets", "events:PutRule", "events:DescribeRule"} {
		if err := l.authorize(by, action, fmt.Sprintf("arn:%s:events:%s:%s:rule/%s", place.Partition, place.Region, place.Account, name), nil); err != nil {
			return err
		}
	}
	return nil
}

// mayLog checks that a role may write logs, and what else it asks for of them. Without, a program runs all the same, and nobody reads
// what it prints.
func (l *Lab) mayLog(by caller, group string, more ...string) *apiError {
	if group == "" {
		return nil
	}
	place := l.stack.Place()
	stream := fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s:log-stream:lab", place.Partition, place.Region, place.Account, group)
	for _, action := range append([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, more...) {
		if err := l.authorize(by, action, stream, nil); err != nil {
			return err
		}
	}
	return nil
}

// runSparkJob is startJobRun.sync.
// Source: AWS Step Functions Developer Guide, "Create and manage Amazon EMR Serverless applications with Step Functions", read 2026-11.
func (l *Lab) runSparkJob(by caller, input map[string]any, done func(map[string]any, *apiError)) (map[string]any, *apiError) {
	if err := l.managesRule(by, "StepFunctionsGetEventsForEMRServerlessJobRule"); err != nil {
		return nil, err
	}
	run, err := l.startSparkFor(by, capitals(input), func(r *sparkRun) {
		if denied := l.authorize(by, "emr-serverless:GetJobRun", r.arn, nil); denied != nil {
			done(nil, &apiError{Code: "EMRServerless." + unmodeled[false]["emr-serverless"], Message: denied.Message})
			return
		}
		if r.state == sparkSuccess {
			done(map[string]any{"JobRun": r.describe(l)}, nil)
			return
		}
		done(nil, failed("States.TaskFailed", "%s", r.cause(l)))
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"ApplicationId": run.application.name, "JobRunId": run.id, "Arn": run.arn}, nil
}

// stopSparkJob cancels a run for a task that nobody waits for any more.
func (l *Lab) stopSparkJob(by caller, started map[string]any) *apiError {
	_, err := l.call(by, "emr-serverless:CancelJobRun", map[string]any{"ApplicationId": started["ApplicationId"], "JobRunId": started["JobRunId"]})
	return err
}

// sparkFor finds a run that may be looked at or canceled.
func (l *Lab) sparkFor(by caller, action string, input map[string]any) (*sparkRun, *apiError) {
	a := l.applications[text(input, "ApplicationId")]
	if a == nil {
		return nil, failed("ResourceNotFoundException", "Application %s does not exist", text(input, "ApplicationId"))
	}
	if err := l.authorize(by, action, a.arn+"/jobruns/"+text(input, "JobRunId"), nil); err != nil {
		return nil, err
	}
	for _, run := range l.sparkRuns {
		if run.application == a && run.id == text(input, "JobRunId") {
			return run, nil
		}
	}
	return nil, failed("ResourceNotFoundException", "JobRun %s does not exist", text(input, "JobRunId"))
}

func (l *Lab) getSpark(by caller, input map[string]any) (map[string]any, *apiError) {
	run, err := l.sparkFor(by, "emr-serverless:GetJobRun", input)
	if err != nil {
		return nil, err
	}
	return map[string]any{"JobRun": run.describe(l)}, nil
}

// cancelSpark is CancelJobRun. Source: Amazon EMR Serverless API Reference, CancelJobRun, read 2026-11.
func (l *Lab) cancelSpark(by caller, input map[string]any) (map[string]any, *apiError) {
	run, err := l.sparkFor(by, "emr-serverless:CancelJobRun", input)
	if err != nil {
		return nil, err
	}
	l.cancelRun(run, "somebody ended the run")
	return map[string]any{"ApplicationId": run.application.name, "JobRunId": run.id}, nil
}
