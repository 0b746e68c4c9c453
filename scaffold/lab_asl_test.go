package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The state machine of the example statemachine, as it is shipped, with the answers that its services would give.
func TestTheShippedStateMachineDoesWhatItsExampleSays(t *testing.T) {
	const (
		file    = `"bucket": "landing", "key": "raw/year=2012/month=01/a b.csv"`
		valid   = `{"0": {"Return": {"Payload": {` + file + `, "valid": true, "problems": []}}}}`
		invalid = `{"0": {"Return": {"Payload": {` + file + `, "valid": false, "problems": [{"code": "Empty", "message": "the file is empty"}]}}}}`
		done    = `{"0": {"Return": {}}}`
		loaded  = `{"0": {"Return": {"Id": "jr_1", "JobRunState": "SUCCEEDED"}}}`
	)
	for _, test := range []struct {
		name    string
		answers map[string]string // of each Task state
		want    string            // status, error and cause or output
		states  string            // in the order in which they were entered
		calls   []string          // what the services were asked, in part
	}{
		{
			name:    "a valid file is loaded",
			answers: map[string]string{"Validate file": valid, "Run ETL job": loaded},
			want:    `SUCCEEDED {"job_run":"jr_1","state":"SUCCEEDED","file":{` + compact(file) + `,"valid":true,"problems":[]}}`,
			states:  "Validate file, Valid?, Run ETL job, Loaded",
			calls:   []string{`"--object":"raw/year=2012/month=01/a b.csv"`},
		},
		{
			name:    "an invalid file is set aside, reported, and fails the execution with the reason",
			answers: map[string]string{"Validate file": invalid, "Set file aside": done, "Report invalid file": done},
			want:    "FAILED InvalidFile: s3://landing/raw/year=2012/month=01/a b.csv: the file is empty",
			states:  "Validate file, Valid?, Set file aside, Report invalid file, Invalid file",
			calls: []string{
				`"CopySource":"landing/raw/year%3D2012/month%3D01/a%20b.csv"`, `"Key":"quarantine/files/raw/year=2012/month=01/a b.csv"`,
				`"copy":"s3://quarantine/quarantine/files/raw/year=2012/month=01/a b.csv"`,
			},
		},
		{
			name: "a copy that cannot be made does not hide the invalid file",
			answers: map[string]string{
				"Validate file": invalid, "Set file aside": `{"0": {"Throw": {"Error": "S3.NoSuchKeyException", "Cause": "gone"}}}`, "Report invalid file": done,
			},
			want:   "FAILED InvalidFile: s3://landing/raw/year=2012/month=01/a b.csv: the file is empty",
			states: "Validate file, Valid?, Set file aside, Report invalid file, Invalid file",
			calls:  []string{`"copy":"could not be made"`},
		},
		{
			name: "another run of the job is waited for",
			answers: map[string]string{
				"Validate file": valid,
				"Run ETL job": `{"0-4": {"Throw": {"Error": "Glue.ConcurrentRunsExceededException", "Cause": "one runs"}},
					"5": {"Return": {"Id": "jr_1", "JobRunState": "SUCCEEDED"}}}`,
			},
			want:   `SUCCEEDED {"job_run":"jr_1","state":"SUCCEEDED","file":{` + compact(file) + `,"valid":true,"problems":[]}}`,
			states: "Validate file, Valid?, Run ETL job, Loaded",
		},
		{
			name: "a job that fails is not retried, is reported, and fails the execution",
			answers: map[string]string{
				"Validate file": valid, "Run ETL job": `{"0": {"Throw": {"Error": "States.TaskFailed", "Cause": "out of memory"}}}`, "Report failure": done,
			},
			want:   "FAILED LoadFailed: States.TaskFailed: out of memory",
			states: "Validate file, Valid?, Run ETL job, Report failure, Load failed",
			calls:  []string{`"error":{"Error":"States.TaskFailed","Cause":"out of memory"}`},
		},
		{
			name: "a function that breaks is reported, and so is a report that cannot be sent",
			answers: map[string]string{
				"Validate file":  `{"0": {"Throw": {"Error": "S3Denied", "Cause": "no"}}}`,
				"Report failure": `{"0": {"Throw": {"Error": "SNS.AuthorizationErrorException", "Cause": "no"}}}`,
			},
			want:   "FAILED LoadFailed: S3Denied: no",
			states: "Validate file, Report failure, Load failed",
		},
		{
			name: "S3 that comes back is asked again",
			answers: map[string]string{
				"Validate file": `{"0-2": {"Throw": {"Error": "S3Unavailable", "Cause": "slow down"}}, "3": ` + strings.TrimSuffix(strings.TrimPrefix(valid, `{"0": `), "}") + `}`,
				"Run ETL job":   loaded,
			},
			want:   `SUCCEEDED {"job_run":"jr_1","state":"SUCCEEDED","file":{` + compact(file) + `,"valid":true,"problems":[]}}`,
			states: "Validate file, Valid?, Run ETL job, Loaded",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := runShipped(t, test.answers)
			if got.summary != test.want {
				t.Errorf("got  %s\nwant %s", got.summary, test.want)
			}
			if got.states != test.states {
				t.Errorf("entered %s\nwant    %s", got.states, test.states)
			}
			for _, call := range test.calls {
				if !strings.Contains(got.asked, call) {
					t.Errorf("no service was asked for %s; they were asked:\n%s", call, got.asked)
				}
			}
		})
	}
}

func compact(members string) string {
	return strings.NewReplacer(`": `, `":`, `, "`, `,"`).Replace(members)
}

type shippedRun struct{ summary, states, asked string }

func runShipped(t *testing.T, answers map[string]string) shippedRun {
	t.Helper()
	folder := t.TempDir()
	states, responses := map[string]string{}, map[string]json.RawMessage{}
	for state, answer := range answers {
		states[state], responses[state] = state, json.RawMessage(answer)
	}
	mocks, err := json.Marshal(map[string]any{
		"StateMachines":   map[string]any{"load": map[string]any{"TestCases": map[string]any{"case": states}}},
		"MockedResponses": responses,
	})
	if err != nil {
		t.Fatal(err)
	}
	keep := func(name string, data []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	event := `{"detail": {"bucket": {"name": "landing"}, "object": {"key": "raw/year=2012/month=01/a b.csv", "size": 5, "sequencer": "0A"}}}`
	var stdout, stderr bytes.Buffer
	sh := &shell{stdin: os.Stdin, stdout: &stdout, stderr: &stderr, now: func() time.Time { return time.Time{} }}
	code := sh.main([]string{
		"lab", "asl", "../constructs/validatedload/validatedload.asl.json", "--history",
		"--input", keep("input.json", []byte(event)), "--mocks", keep("mocks.json", mocks),
		"--set", "Partition=aws", "--set", "ValidatorArn=arn:aws:lambda:us-east-1:123456789012:function:validate", "--set", "JobName=etl",
		"--set", "QuarantineBucket=quarantine", "--set", "TopicArn=arn:aws:sns:us-east-1:123456789012:alerts",
	})
	if code == exitUsage {
		t.Fatal(stderr.String())
	}
	return summarize(t, stdout.Bytes())
}

func summarize(t *testing.T, report []byte) shippedRun {
	t.Helper()
	var parsed struct {
		Status, Error, Cause string
		Output               json.RawMessage
		Events               []struct {
			StateEntered *struct{ Name string }       `json:"stateEnteredEventDetails"`
			Scheduled    *struct{ Parameters string } `json:"taskScheduledEventDetails"`
		}
	}
	if err := json.Unmarshal(report, &parsed); err != nil {
		t.Fatalf("%v in:\n%s", err, report)
	}
	run := shippedRun{summary: parsed.Status + " " + parsed.Error + ": " + parsed.Cause}
	if parsed.Output != nil {
		var output bytes.Buffer
		if err := json.Compact(&output, parsed.Output); err != nil {
			t.Fatal(err)
		}
		run.summary = parsed.Status + " " + output.String()
	}
	var states, asked []string
	for _, event := range parsed.Events {
		if event.StateEntered != nil {
			states = append(states, event.StateEntered.Name)
		}
		if event.Scheduled != nil {
			asked = append(asked, event.Scheduled.Parameters)
		}
	}
	run.states, run.asked = strings.Join(states, ", "), strings.Join(asked, "\n")
	return run
}
