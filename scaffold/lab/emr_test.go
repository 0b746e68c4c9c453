package lab

import (
	"strings"
	"testing"
	"time"
)

// sparkParts is a machine that runs a job on an application with further properties.
func sparkParts(application, arguments, more string, actions ...string) parts {
	if actions == nil {
		actions = []string{"emr-serverless:*", "iam:PassRole", "events:*"}
	}
	return parts{
		"MachineRole": role("states.amazonaws.com", actions...), "JobRole": role(emrServerless, "s3:*", "logs:*"),
		"App": `{"Type": "AWS::EMRServerless::Application", "Properties": {"Type": "SPARK", "ReleaseLabel": "emr-7.11.0"` + application + `}}`,
		"Machine": machineOf(task("emr-serverless:startJobRun.sync", `{"ApplicationId": "${App}", "ExecutionRoleArn": "${Role}", "Name": "etl",
			"JobDriver": {"SparkSubmit": {"EntryPoint": "s3://code/etl.py", "EntryPointArguments": ["--day", "1"]}}`+arguments+`}`, more),
			`, "DefinitionSubstitutions": {"App": {"Ref": "App"}, "Role": {"Fn::GetAtt": ["JobRole", "Arn"]}}`),
	}
}

// statesOf are the states that an EventBridge rule would see of job runs, with their time.
func statesOf(t *testing.T, p parts, options Options, starts int) ([]string, *rig) {
	t.Helper()
	return seenByARule(t, p, options, starts, "aws.emr-serverless", "EMR Serverless Job Run State Change", "$.detail.state")
}

func TestAJobRunPassesTheStatesThatEmrServerlessNames(t *testing.T) {
	takes := func(d time.Duration) Options {
		return Options{Programs: scripted{spark: func(*sparkRun) outcome { return outcome{duration: d} }}}
	}
	states, r := statesOf(t, sparkParts("", "", ""), takes(time.Minute), 1)
	same(t, "states", states, []string{"1s PENDING", "16s SCHEDULED", "1m6s RUNNING", "2m6s SUCCESS"})
	run, _ := r.output()["JobRun"].(map[string]any)
	same(t, "output", []any{run["State"], run["Name"], run["TotalExecutionDurationSeconds"]}, []any{"SUCCESS", "etl", 60})
	same(t, "application", r.happened("ApplicationChanged"), []string{"1s ApplicationChanged App", "16s ApplicationChanged App"})

	states, _ = statesOf(t, sparkParts("", `, "ExecutionTimeoutMinutes": 2`, ""), takes(time.Hour), 1)
	same(t, "one that takes too long", states, []string{"1s PENDING", "16s SCHEDULED", "1m6s RUNNING", "3m6s " + sparkCancelling, "3m16s " + sparkCancelled})

	states, r = statesOf(t, sparkParts("", "", `, "TimeoutSeconds": 90`), takes(time.Hour), 1)
	same(t, "one that nobody waits for any more", states[2:], []string{"1m6s RUNNING", "1m30s " + sparkCancelling, "1m40s " + sparkCancelled})
	same(t, "its task", r.output()["Error"], any("States.Timeout"))

	states, _ = statesOf(t, sparkParts(`, "SchedulerConfiguration": {"MaxConcurrentRuns": 1}`, "", ""), takes(time.Minute), 2)
	same(t, "two, of which one waits", states, []string{
		"1s PENDING", "1s QUEUED", "16s SCHEDULED", "1m6s RUNNING", "2m6s SUCCESS", "2m6s PENDING", "2m6s SCHEDULED", "2m56s RUNNING", "3m56s SUCCESS",
	})

	states, _ = statesOf(t, sparkParts(`, "SchedulerConfiguration": {"MaxConcurrentRuns": 1, "QueueTimeoutMinutes": 15}`, "", ""), takes(time.Hour), 2)
	same(t, "one that waits too long", states[4], "15m1s FAILED")

	states, _ = statesOf(t, sparkParts(`, "MaximumCapacity": {"Cpu": "8 vCPU", "Memory": "32 GB"}`, "", ""), takes(time.Minute), 2)
	same(t, "two that have not both room", states[4:], []string{"2m6s SUCCESS", "2m6s SCHEDULED", "2m56s RUNNING", "3m56s SUCCESS"})
}

func TestAJobRunFailsWithTheReason(t *testing.T) {
	for _, test := range []struct {
		name      string
		parts     parts
		options   Options
		want, why string
	}{
		{"its script", sparkParts("", "", ""), Options{Programs: scripted{spark: func(*sparkRun) outcome { return outcome{failure: "ValueError: no rows", duration: time.Minute} }}}, "States.TaskFailed", "ValueError: no rows"},
		{"an application that is too small", sparkParts(`, "MaximumCapacity": {"Cpu": "4 vCPU", "Memory": "16 GB"}`, "", ""), Options{}, "States.TaskFailed", "ApplicationMaxCapacityExceededException"},
		{"no right to pass the role", sparkParts("", "", "", "emr-serverless:*", "events:*"), Options{}, "EMRServerless.AWSEMRServerlessException", "iam:PassRole"},
		{"no right to start", sparkParts("", "", "", "iam:PassRole", "events:*"), Options{}, "EMRServerless.AWSEMRServerlessException", "emr-serverless:StartJobRun"},
		{"no right to be told of the end", sparkParts("", "", "", "emr-serverless:*", "iam:PassRole"), Options{}, "EMRServerless.AWSEMRServerlessException", "events:PutTargets"},
		{"a role that the service may not assume", sparkParts("", "", "").with(parts{"JobRole": role("glue.amazonaws.com", "s3:*")}), Options{}, "States.TaskFailed", "emr-serverless.amazonaws.com"},
		{"a busy service", sparkParts("", "", ""), Options{Faults: []Fault{{Kind: "throttle", Where: "emr-serverless:StartJobRun"}}}, "EMRServerless.ThrottlingException", "Rate exceeded"},
		{"an application that starts only by hand", sparkParts(`, "AutoStartConfiguration": {"Enabled": false}`, "", ""), Options{}, "EMRServerless.ConflictException", "does not start by itself"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, test.parts, test.options).begin("{}").run()
			cause, _ := r.output()["Cause"].(string)
			if r.output()["Error"] != test.want || !strings.Contains(cause, test.why) {
				t.Errorf("got %v, want %s about %s", r.output(), test.want, test.why)
			}
		})
	}
}

func TestAJobRunThatTheLabWouldRunOtherwiseIsRefused(t *testing.T) {
	for _, test := range []struct{ name, arguments, want string }{
		{"a retry policy", `, "RetryPolicy": {"MaxAttempts": 2}`, "does not know RetryPolicy"},
		{"other settings", `, "ConfigurationOverrides": {"ApplicationConfiguration": []}`, "does not know ConfigurationOverrides.ApplicationConfiguration"},
		{"more files", `, "JobDriver": {"SparkSubmit": {"EntryPoint": "s3://code/etl.py", "SparkSubmitParameters": "--py-files s3://code/more.zip"}}`, "does not know --py-files"},
		{"a program in Java", `, "JobDriver": {"SparkSubmit": {"EntryPoint": "s3://code/etl.jar"}}`, "runs Python scripts"},
		{"Hive", `, "JobDriver": {"Hive": {"Query": "s3://code/q.sql"}}`, "runs SparkSubmit"},
		{"a size that is none", `, "JobDriver": {"SparkSubmit": {"EntryPoint": "s3://code/etl.py", "SparkSubmitParameters": "--conf spark.driver.memory=much"}}`, `got "much"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := build(t, sparkParts("", test.arguments, ""), Options{}).begin("{}").Run()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	for application, want := range map[string]string{
		`, "Type": "HIVE"`: "no applications of the type HIVE", `, "ImageConfiguration": {"ImageUri": "i"}`: "does not know ImageConfiguration",
		`, "MaximumCapacity": {"Cpu": "many"}`: `got MaximumCapacity.Cpu "many"`,
	} {
		if _, err := tryBuild(t, sparkParts(application, "", "").String(), Options{}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "App") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestAMachineStartsAndStopsAnApplication(t *testing.T) {
	p := sparkParts("", "", "")
	p["Machine"] = machineOf(`{"StartAt": "Start", "States": {
		"Start": {"Type": "Task", "Resource": "arn:aws:states:::emr-serverless:startApplication.sync", "Parameters": {"ApplicationId": "${App}"}, "Next": "Stop"},
		"Stop": {"Type": "Task", "Resource": "arn:aws:states:::emr-serverless:stopApplication.sync", "Parameters": {"ApplicationId": "${App}"}, "End": true}}}`,
		`, "DefinitionSubstitutions": {"App": {"Ref": "App"}}`)
	r := build(t, p, Options{}).begin("{}").run()
	var states []any
	for _, change := range r.details("ApplicationChanged") {
		states = append(states, change["state"])
	}
	same(t, "states", states, []any{"STARTING", "STARTED", "STOPPING", "STOPPED"})
	same(t, "output", r.output()["Application"].(map[string]any)["State"], any("STOPPED"))
}

func TestAnApplicationStopsWhenItHasHadNoRunForLongEnough(t *testing.T) {
	r := build(t, sparkParts(`, "AutoStopConfiguration": {"IdleTimeoutMinutes": 5}`, "", ""), Options{For: time.Hour}).begin("{}").run()
	var last map[string]any
	for _, change := range r.details("ApplicationChanged") {
		last = change
	}
	same(t, "state", last["state"], any("STOPPED"))
	same(t, "times", r.happened("ApplicationChanged")[2:], []string{"7m6s ApplicationChanged App", "7m21s ApplicationChanged App"})
}

func TestWorkersOfARunAreSizedAsSparkSubmitSays(t *testing.T) {
	settings, err := readSubmit("--conf spark.driver.cores=2 --conf spark.driver.memory=4g --conf spark.executor.memory=512m --conf spark.dynamicAllocation.maxExecutors=2")
	if err != nil {
		t.Fatal(err)
	}
	size, err := sizeOf(settings)
	if err != nil {
		t.Fatal(err)
	}
	if want := (sparkSize{driver: workerSize{2, 5, 20}, executor: workerSize{4, 1, 20}, executors: 2}); size != want {
		t.Errorf("got %+v, want %+v", size, want)
	}
}
