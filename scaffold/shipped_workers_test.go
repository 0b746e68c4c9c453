package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// worker is a step of a state machine that is shipped beside the construct of its name, with values for its ${names}.
type worker struct {
	construct string
	values    []string
}

var (
	emrJob = worker{"emrjob", []string{
		"SparkApplicationId=app-1", "SparkRoleArn=arn:aws:iam::123456789012:role/spark", "SparkScript=s3://assets/weather_etl.py",
		"SparkLanding=s3://landing/raw/", "SparkCurated=s3://curated/", "SparkQuarantine=s3://curated/quarantine/",
		"SparkParameters=--conf spark.driver.cores=2", "SparkMinutes=15",
	}}
	batchJob = worker{"batchjob", []string{
		"BatchQueueArn=arn:aws:batch:us-east-1:123456789012:job-queue/q", "BatchJobDefinitionArn=arn:aws:batch:us-east-1:123456789012:job-definition/d:1",
	}}
	crawlStep = worker{"crawlstep", []string{"CrawlerName=landing", "CrawlMinutes=15"}}
	queryStep = worker{"querystep", []string{"SqlWorkgroup=house", "SqlDatabase=warehouse", "SqlName=load", "SqlMinutes=15", "Sql=SELECT 1"}}
)

// What a step gets: of an object that landed, and of a schedule.
const (
	landed    = `{"bucket":"landing","key":"raw/year=2012/month=01/a b$(x).csv"}`
	scheduled = `{"scheduled":"2026-11-23T08:00:00Z"}`
)

// throwsOn is an answer that fails, returnsOn one that does not. The calls are counted from 0, for example "0-2".
func throwsOn(calls, name string) string {
	return `"` + calls + `": {"Throw": {"Error": "` + name + `", "Cause": "because"}}`
}

func returnsOn(calls, result string) string { return `"` + calls + `": {"Return": ` + result + `}` }

func TestTheShippedWorkersDoTheirWorkOrTellWhyNot(t *testing.T) {
	const (
		spark      = `{"JobRun": {"JobRunId": "jr-1"}}`
		ready      = `{"Crawler": {"State": "READY", "LastCrawl": {"Status": "SUCCEEDED"}}}`
		running    = `{"Crawler": {"State": "RUNNING", "LastCrawl": {"Status": "SUCCEEDED"}}}`
		failed     = `{"Crawler": {"State": "READY", "LastCrawl": {"Status": "FAILED", "ErrorMessage": "no access"}}}`
		statement  = `{"Id": "st-1"}`
		started    = `{"Id": "st-1", "Status": "STARTED"}`
		finished   = `{"Id": "st-1", "Status": "FINISHED", "ResultSize": -1}`
		sqlFailed  = `{"Id": "st-1", "Status": "FAILED", "Error": "column does not exist"}`
		sqlAborted = `{"Id": "st-1", "Status": "ABORTED"}`
	)
	for _, test := range []struct {
		name    string
		worker  worker
		input   string
		answers map[string]string // of each Task state, by call
		want    string            // status, error and cause or output
		calls   map[string]int    // how often a Task state asked its service
		asked   []string          // of the services, in part
	}{
		{
			name: "EMR Serverless processes the partition of the object that landed", worker: emrJob, input: landed,
			answers: map[string]string{"Run Spark job": returnsOn("0", spark)},
			want:    `SUCCEEDED {"bucket":"landing","key":"raw/year=2012/month=01/a b$(x).csv","emr_job":{"job_run":"jr-1"}}`,
			asked: []string{
				`"ExecutionTimeoutMinutes":15`, `"EntryPoint":"s3://assets/weather_etl.py"`,
				`"EntryPointArguments":["--landing","s3://landing/raw/","--curated","s3://curated/","--quarantine","s3://curated/quarantine/","--object","raw/year=2012/month=01/a b$(x).csv"]`,
			},
		},
		{
			name: "EMR Serverless processes what has changed when no object landed", worker: emrJob, input: scheduled,
			answers: map[string]string{"Run Spark job": returnsOn("0", spark)},
			want:    `SUCCEEDED {"scheduled":"2026-11-23T08:00:00Z","emr_job":{"job_run":"jr-1"}}`,
			asked:   []string{`"s3://curated/quarantine/","--partitions","changed"]`},
		},
		{
			name: "a throttled submission is repeated", worker: emrJob, input: landed,
			answers: map[string]string{"Run Spark job": throwsOn("0-1", "EMRServerless.ThrottlingException") + "," + returnsOn("2", spark)},
			want:    `SUCCEEDED {"bucket":"landing","key":"raw/year=2012/month=01/a b$(x).csv","emr_job":{"job_run":"jr-1"}}`,
			calls:   map[string]int{"Run Spark job": 3},
		},
		{
			name: "a Spark job that fails is not repeated", worker: emrJob, input: landed,
			answers: map[string]string{"Run Spark job": throwsOn("0", "States.TaskFailed")},
			want:    "FAILED States.TaskFailed: because", calls: map[string]int{"Run Spark job": 1},
		},
		{
			name: "a Spark job that takes too long fails the step", worker: emrJob, input: landed,
			answers: map[string]string{"Run Spark job": throwsOn("0", "States.Timeout")},
			want:    "FAILED States.Timeout: because", calls: map[string]int{"Run Spark job": 1},
		},
		{
			name: "a container gets the key of the object as it is", worker: batchJob, input: landed,
			answers: map[string]string{"Run container job": returnsOn("0", `{"JobId": "j-1", "Status": "SUCCEEDED", "Container": {"ExitCode": 0}}`)},
			want:    `SUCCEEDED {"bucket":"landing","key":"raw/year=2012/month=01/a b$(x).csv","batch_job":{"job":"j-1","status":"SUCCEEDED"}}`,
			asked:   []string{`"ContainerOverrides":{"Environment":[{"Name":"OBJECT","Value":"raw/year=2012/month=01/a b$(x).csv"}]}`},
		},
		{
			name: "a container without an object gets no override", worker: batchJob, input: scheduled,
			answers: map[string]string{"Run container job": returnsOn("0", `{"JobId": "j-1", "Status": "SUCCEEDED"}`)},
			want:    `SUCCEEDED {"scheduled":"2026-11-23T08:00:00Z","batch_job":{"job":"j-1","status":"SUCCEEDED"}}`,
			asked:   []string{`"ContainerOverrides":{}`},
		},
		{
			name: "Batch that is busy is asked again", worker: batchJob, input: scheduled,
			answers: map[string]string{"Run container job": throwsOn("0-2", "Batch.ServerException") + "," + returnsOn("3", `{"JobId": "j-1", "Status": "SUCCEEDED"}`)},
			want:    `SUCCEEDED {"scheduled":"2026-11-23T08:00:00Z","batch_job":{"job":"j-1","status":"SUCCEEDED"}}`,
			calls:   map[string]int{"Run container job": 4},
		},
		{
			name: "a container that fails is not submitted again", worker: batchJob, input: landed,
			answers: map[string]string{"Run container job": throwsOn("0", "States.TaskFailed")},
			want:    "FAILED States.TaskFailed: because", calls: map[string]int{"Run container job": 1},
		},
		{
			name: "a container that takes too long fails the step", worker: batchJob, input: landed,
			answers: map[string]string{"Run container job": throwsOn("0", "States.Timeout")},
			want:    "FAILED States.Timeout: because",
		},
		{
			name: "a crawl is waited for", worker: crawlStep, input: scheduled,
			answers: map[string]string{"Start crawler": returnsOn("0", "{}"), "Look at crawler": returnsOn("0-2", running) + "," + returnsOn("3", ready)},
			want:    `SUCCEEDED {"scheduled":"2026-11-23T08:00:00Z","crawler":{"state":"READY","crawl":"SUCCEEDED"}}`,
			calls:   map[string]int{"Start crawler": 1, "Look at crawler": 4},
		},
		{
			name: "a crawl that runs already is waited for, then another one started", worker: crawlStep, input: scheduled,
			answers: map[string]string{
				"Start crawler":   throwsOn("0-3", "Glue.CrawlerRunningException") + "," + returnsOn("4", "{}"),
				"Look at crawler": throwsOn("0", "Glue.ThrottlingException") + "," + returnsOn("1", ready),
			},
			want:  `SUCCEEDED {"scheduled":"2026-11-23T08:00:00Z","crawler":{"state":"READY","crawl":"SUCCEEDED"}}`,
			calls: map[string]int{"Start crawler": 5, "Look at crawler": 2},
		},
		{
			name: "a crawl that fails fails the step with its reason", worker: crawlStep, input: scheduled,
			answers: map[string]string{"Start crawler": returnsOn("0", "{}"), "Look at crawler": returnsOn("0", failed)},
			want:    "FAILED CrawlFailed: crawler landing: FAILED no access",
		},
		{
			name: "a crawl that takes too long is stopped", worker: crawlStep, input: scheduled,
			answers: map[string]string{"Start crawler": returnsOn("0", "{}"), "Look at crawler": returnsOn("0-60", running), "Stop crawler": returnsOn("0", "{}")},
			want:    "FAILED CrawlTimedOut: crawler landing was still RUNNING after 15 minutes",
			calls:   map[string]int{"Look at crawler": 46, "Stop crawler": 1}, // every 20 seconds, and once after the time
		},
		{
			name: "a crawl that cannot be stopped has still timed out", worker: crawlStep, input: scheduled,
			answers: map[string]string{
				"Start crawler": returnsOn("0", "{}"), "Look at crawler": returnsOn("0-60", running), "Stop crawler": throwsOn("0", "Glue.CrawlerNotRunningException"),
			},
			want: "FAILED CrawlTimedOut: crawler landing was still RUNNING after 15 minutes",
		},
		{
			name: "a crawler that is not there fails the step", worker: crawlStep, input: scheduled,
			answers: map[string]string{"Start crawler": throwsOn("0", "Glue.EntityNotFoundException")},
			want:    "FAILED Glue.EntityNotFoundException: because",
		},
		{
			name: "SQL is submitted once and waited for, and only its id and status are handed on", worker: queryStep, input: scheduled,
			answers: map[string]string{"Submit SQL": returnsOn("0", statement), "Look at SQL": returnsOn("0-5", started) + "," + returnsOn("6", finished)},
			want:    `SUCCEEDED {"scheduled":"2026-11-23T08:00:00Z","redshift_sql":{"statement":"st-1","status":"FINISHED"}}`,
			calls:   map[string]int{"Submit SQL": 1, "Look at SQL": 7},
			asked:   []string{`"Sqls":["SELECT 1"]`, `"WorkgroupName":"house"`, `"WithEvent":true`},
		},
		{
			name: "a submission whose answer is lost is repeated with the same token", worker: queryStep, input: scheduled,
			answers: map[string]string{"Submit SQL": throwsOn("0-1", "RedshiftData.InternalServerException") + "," + returnsOn("2", statement), "Look at SQL": returnsOn("0", finished)},
			want:    `SUCCEEDED {"scheduled":"2026-11-23T08:00:00Z","redshift_sql":{"statement":"st-1","status":"FINISHED"}}`,
			calls:   map[string]int{"Submit SQL": 3},
		},
		{
			name: "SQL that fails fails the step with its reason", worker: queryStep, input: scheduled,
			answers: map[string]string{"Submit SQL": returnsOn("0", statement), "Look at SQL": returnsOn("0", sqlFailed)},
			want:    "FAILED SqlFailed: statement st-1 FAILED: column does not exist", calls: map[string]int{"Submit SQL": 1},
		},
		{
			name: "SQL that somebody cancels fails the step", worker: queryStep, input: scheduled,
			answers: map[string]string{"Submit SQL": returnsOn("0", statement), "Look at SQL": returnsOn("0", sqlAborted)},
			want:    "FAILED SqlFailed: statement st-1 ABORTED: ",
		},
		{
			name: "SQL that takes too long is canceled", worker: queryStep, input: scheduled,
			answers: map[string]string{"Submit SQL": returnsOn("0", statement), "Look at SQL": returnsOn("0-120", started), "Cancel SQL": returnsOn("0", `{"Status": true}`)},
			want:    "FAILED SqlTimedOut: statement st-1 was still STARTED after 15 minutes",
			calls:   map[string]int{"Look at SQL": 91, "Cancel SQL": 1}, // every 10 seconds, and once after the time
			asked:   []string{`{"Id":"st-1"}`},
		},
		{
			name: "SQL that cannot be canceled has still timed out", worker: queryStep, input: scheduled,
			answers: map[string]string{
				"Submit SQL": returnsOn("0", statement), "Look at SQL": returnsOn("0-120", started), "Cancel SQL": throwsOn("0", "RedshiftData.ValidationException"),
			},
			want: "FAILED SqlTimedOut: statement st-1 was still STARTED after 15 minutes",
		},
		{
			name: "SQL that is refused fails the step", worker: queryStep, input: scheduled,
			answers: map[string]string{"Submit SQL": throwsOn("0", "RedshiftData.ValidationException")},
			want:    "FAILED RedshiftData.ValidationException: because", calls: map[string]int{"Submit SQL": 1},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.worker.run(t, test.input, test.answers)
			if got.summary != test.want {
				t.Errorf("got  %s\nwant %s", got.summary, test.want)
			}
			for state, want := range test.calls {
				if len(got.asked[state]) != want {
					t.Errorf("%s asked its service %d times, want %d", state, len(got.asked[state]), want)
				}
			}
			all := strings.Join(slices.Concat(got.asked["Run Spark job"], got.asked["Run container job"], got.asked["Submit SQL"], got.asked["Cancel SQL"]), "\n")
			for _, asked := range test.asked {
				if !strings.Contains(all, asked) {
					t.Errorf("no service was asked for %s; they were asked:\n%s", asked, all)
				}
			}
			if tokens := slices.Compact(got.asked["Submit SQL"]); len(tokens) > 1 {
				t.Errorf("the submissions of one statement differ:\n%s", strings.Join(tokens, "\n"))
			}
		})
	}
}

// workerRun is an execution: how it ended, and what each Task state asked, call by call.
type workerRun struct {
	summary string
	asked   map[string][]string
}

// run executes the step as it is shipped. It is a valid state machine, or the lab refuses it.
func (w worker) run(t *testing.T, input string, answers map[string]string) workerRun {
	t.Helper()
	folder := t.TempDir()
	states, responses := map[string]string{}, map[string]json.RawMessage{}
	for state, answer := range answers {
		states[state], responses[state] = state, json.RawMessage("{"+answer+"}")
	}
	mocks, err := json.Marshal(map[string]any{
		"StateMachines":   map[string]any{"step": map[string]any{"TestCases": map[string]any{"case": states}}},
		"MockedResponses": responses,
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"input.json": input, "mocks.json": string(mocks)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	arguments := []string{
		"lab", "asl", "../constructs/" + w.construct + "/" + w.construct + ".asl.json", "--history", "--set", "Partition=aws",
		"--input", filepath.Join(folder, "input.json"), "--mocks", filepath.Join(folder, "mocks.json"),
	}
	for _, value := range w.values {
		arguments = append(arguments, "--set", value)
	}
	var stdout, stderr bytes.Buffer
	sh := &shell{stdin: os.Stdin, stdout: &stdout, stderr: &stderr, now: func() time.Time { return time.Time{} }}
	if code := sh.main(arguments); code == exitUsage {
		t.Fatal(stderr.String())
	}
	return readWorkerRun(t, stdout.Bytes())
}

func readWorkerRun(t *testing.T, report []byte) workerRun {
	t.Helper()
	var parsed struct {
		Status, Error, Cause string
		Output               json.RawMessage
		Events               []struct {
			Entered   *struct{ Name string }       `json:"stateEnteredEventDetails"`
			Scheduled *struct{ Parameters string } `json:"taskScheduledEventDetails"`
		}
	}
	if err := json.Unmarshal(report, &parsed); err != nil {
		t.Fatalf("%v in:\n%s", err, report)
	}
	run := workerRun{summary: parsed.Status + " " + parsed.Error + ": " + parsed.Cause, asked: map[string][]string{}}
	if parsed.Output != nil {
		var output bytes.Buffer
		if err := json.Compact(&output, parsed.Output); err != nil {
			t.Fatal(err)
		}
		run.summary = parsed.Status + " " + output.String()
	}
	state := ""
	for _, event := range parsed.Events {
		if event.Entered != nil {
			state = event.Entered.Name
		}
		if event.Scheduled != nil {
			run.asked[state] = append(run.asked[state], event.Scheduled.Parameters)
		}
	}
	return run
}

// The script takes the same arguments from both services, whose templates nobody compares by eye.
func TestEmrServerlessGivesTheScriptTheArgumentsThatGlueGives(t *testing.T) {
	template, err := os.ReadFile("../stacks/statemachine/testdata/template.json")
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Resources map[string]struct {
			Type       string
			Properties struct{ DefaultArguments map[string]any }
		}
	}
	if err := json.Unmarshal(template, &parsed); err != nil {
		t.Fatal(err)
	}
	var glue []string
	for _, resource := range parsed.Resources {
		for name := range resource.Properties.DefaultArguments {
			if !strings.HasPrefix(name, "--enable-") && !strings.HasPrefix(name, "--job-") { // those are Glue's own
				glue = append(glue, name)
			}
		}
	}
	slices.Sort(glue)
	run := emrJob.run(t, scheduled, map[string]string{"Run Spark job": returnsOn("0", "{}")})
	var asked struct {
		JobDriver struct {
			SparkSubmit struct{ EntryPointArguments []string }
		}
	}
	if err := json.Unmarshal([]byte(run.asked["Run Spark job"][0]), &asked); err != nil {
		t.Fatal(err)
	}
	var emr []string
	for i, argument := range asked.JobDriver.SparkSubmit.EntryPointArguments {
		if i%2 == 0 {
			emr = append(emr, argument)
		}
	}
	slices.Sort(emr)
	if len(glue) == 0 || !slices.Equal(emr, glue) {
		t.Errorf("EMR Serverless gives %q, Glue gives %q, want the same", emr, glue)
	}
}
