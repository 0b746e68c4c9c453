package main

import (
	"maps"
	"os"
	"strings"
	"testing"
)

const (
	goldenObject   = "../stacks/statemachine/testdata/template.json"
	goldenSchedule = "../stacks/statemachine/testdata/template-schedule.json"
	goldenEvent    = "../stacks/statemachine/testdata/template-event.json"
	goldenDemand   = "../stacks/statemachine/testdata/template-demand.json"
	goldenWorkers  = "../stacks/statemachine/testdata/template-workers.json"
)

// Inputs, as each start sends them.
const (
	landedObject = `{"detail": {"bucket": {"name": "landing"}, "object": {"key": "raw/year=2012/month=01/a b.csv", "size": 5, "sequencer": "0A", "version-id": "v1"}}}`
	onTime       = `{"scheduled": "2026-11-02T04:00:00Z"}`
	partnerEvent = `{"id": "e1", "source": "partner.orders", "detail": {"orders": 3}}`
)

// Answers of services.
const (
	valid      = `{"0": {"Return": {"Payload": {"valid": true, "problems": []}}}}`
	invalid    = `{"0": {"Return": {"Payload": {"valid": false, "problems": [{"code": "Empty", "message": "the file is empty"}]}}}}`
	done       = `{"0": {"Return": {}}}`
	loaded     = `{"0": {"Return": {"Id": "jr_1", "JobRunState": "SUCCEEDED"}}}`
	converted  = `{"0": {"Return": {"Payload": {"converted": 2, "refused": 0, "unchanged": 5, "failed": 0}}}}`
	someFailed = `{"0": {"Return": {"Payload": {"converted": 1, "refused": 1, "unchanged": 5, "failed": 0}}}}`
	published  = `{"0": {"Return": {"Payload": {"manifest": "published/runs/x.json", "files": 2, "bytes": 9, "latest": true}}}}`
	listed     = `{"0": {"Return": {"Contents": [{"Key": "raw/", "Size": 0}, {"Key": "raw/a.csv", "Size": 5}, {"Key": "raw/b c.csv", "Size": 0}]}}}`
	// The files above in order: the first one is a folder and is not asked about.
	oneBad   = `{"0": {"Return": {"Payload": {"valid": true, "problems": []}}}, "1": {"Return": {"Payload": {"valid": false, "version": "v/2", "problems": [{"code": "Empty", "message": "empty"}]}}}}`
	allGood  = `{"0-1": {"Return": {"Payload": {"valid": true, "problems": []}}}}`
	allBad   = `{"0-1": {"Return": {"Payload": {"valid": false, "version": "v2", "problems": [{"code": "Empty", "message": "empty"}]}}}}`
	oneGone  = `{"0": {"Return": {"Payload": {"valid": true, "problems": []}}}, "1": {"Return": {"Payload": {"valid": false, "version": "", "problems": [{"code": "ObjectMissing", "message": "gone"}]}}}}`
	twice    = `{"0-1": {"Return": {}}}`
	nothing  = `{"0": {"Return": {"KeyCount": 0}}}`
	throttle = `{"0-2": {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "slow down"}}, "3": {"Return": {"Payload": {"valid": true, "problems": []}}}}`
)

func throws(name string) string { return `{"0": {"Throw": {"Error": "` + name + `", "Cause": "why"}}}` }

type shippedCase struct {
	name    string
	answers map[string]string // of each state that calls a service
	want    string            // status, and error and cause or output
	states  string            // in the order in which they were entered
	calls   []string          // what services were asked for, in part
	never   string            // what none was asked for
}

func runCases(t *testing.T, definition []byte, input string, cases []shippedCase) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			got := runShipped(t, definition, input, test.answers)
			if got.summary != test.want {
				t.Errorf("got  %s\nwant %s", got.summary, test.want)
			}
			if test.states != "" && got.states != test.states {
				t.Errorf("entered %s\nwant    %s", got.states, test.states)
			}
			for _, call := range test.calls {
				if !strings.Contains(got.calls, call) {
					t.Errorf("no service was asked for %s; they were asked:\n%s", call, got.calls)
				}
			}
			if test.never != "" && strings.Contains(got.calls, test.never) {
				t.Errorf("a service was asked for %s:\n%s", test.never, got.calls)
			}
		})
	}
}

const object = `"bucket":"landing","key":"raw/year=2012/month=01/a b.csv","size":5,"sequencer":"0A","version":"v1"`

func TestAnObjectIsValidatedAndLoaded(t *testing.T) {
	const success = `SUCCEEDED {` + object + `,"validation":{"valid":true,"problems":[]},"glue_job":{"run":"jr_1","state":"SUCCEEDED"}}`
	runCases(t, composed(t, goldenObject), landedObject, []shippedCase{
		{
			name:    "a valid file is loaded",
			answers: map[string]string{"Validate file": valid, "Run ETL job": loaded},
			want:    success,
			states:  "Take object, Validate file, Valid?, Run ETL job, Done",
			calls:   []string{`"Payload":{"bucket":"landing","key":"raw/year=2012/month=01/a b.csv","size":5,"sequencer":"0A"}`, `"--object":"raw/year=2012/month=01/a b.csv"`},
		},
		{
			name:    "an invalid file is set aside, reported, and fails the execution with the reason",
			answers: map[string]string{"Validate file": invalid, "Set file aside": done, "Report invalid file": done},
			want:    "FAILED InvalidFile: s3://landing/raw/year=2012/month=01/a b.csv: the file is empty",
			states:  "Take object, Validate file, Valid?, Set file aside, Report invalid file, Invalid file",
			calls: []string{
				`"CopySource":"landing/raw/year%3D2012/month%3D01/a%20b.csv"`, `"Key":"quarantine/files/raw/year=2012/month=01/a b.csv"`,
				`"copy":"s3://curated/quarantine/files/raw/year=2012/month=01/a b.csv"`, `"problems":[{"code":"Empty","message":"the file is empty"}]`,
			},
		},
		{
			name:    "a copy that cannot be made does not hide the invalid file",
			answers: map[string]string{"Validate file": invalid, "Set file aside": throws("S3.NoSuchKeyException"), "Report invalid file": done},
			want:    "FAILED InvalidFile: s3://landing/raw/year=2012/month=01/a b.csv: the file is empty",
			states:  "Take object, Validate file, Valid?, Set file aside, Report invalid file, Invalid file",
			calls:   []string{`"copy":"could not be made"`},
		},
		{
			name: "another run of the job is waited for",
			answers: map[string]string{
				"Validate file": valid,
				"Run ETL job": `{"0-4": {"Throw": {"Error": "Glue.ConcurrentRunsExceededException", "Cause": "one runs"}},
					"5": {"Return": {"Id": "jr_1", "JobRunState": "SUCCEEDED"}}}`,
			},
			want: success,
		},
		{
			name:    "a job that fails is not retried, is reported, and fails the execution by its own name",
			answers: map[string]string{"Validate file": valid, "Run ETL job": throws("States.TaskFailed"), "Report failure": done},
			want:    "FAILED States.TaskFailed: why",
			states:  "Take object, Validate file, Valid?, Run ETL job, Report failure, Run failed",
			calls:   []string{`"Subject":"Run failed"`, `"error":{"Error":"States.TaskFailed","Cause":"why"}`},
		},
		{
			name:    "a job that never ends is stopped and reported",
			answers: map[string]string{"Validate file": valid, "Run ETL job": waits, "Report failure": done},
			want:    "FAILED States.Timeout: it has no cause",
			states:  "Take object, Validate file, Valid?, Run ETL job, Report failure, Run failed",
		},
		{
			name:    "a function that breaks is reported, and so is a report that cannot be sent",
			answers: map[string]string{"Validate file": throws("S3Denied"), "Report failure": throws("SNS.AuthorizationErrorException")},
			want:    "FAILED S3Denied: why",
			states:  "Take object, Validate file, Report failure, Run failed",
		},
		{
			name:    "S3 that comes back is asked again",
			answers: map[string]string{"Validate file": strings.ReplaceAll(throttle, "Lambda.TooManyRequestsException", "S3Unavailable"), "Run ETL job": loaded},
			want:    success,
		},
	})
	t.Run("a run may be repeated by hand with bucket and key alone", func(t *testing.T) {
		got := runShipped(t, composed(t, goldenObject), `{"detail": {"bucket": {"name": "landing"}, "object": {"key": "raw/a.csv"}}}`,
			map[string]string{"Validate file": valid, "Run ETL job": loaded})
		if want := "Take object, Validate file, Valid?, Run ETL job, Done"; got.states != want {
			t.Errorf("entered %s, want %s", got.states, want)
		}
	})
}

func TestAScheduleValidatesAllFilesAndLoadsTheGoodOnes(t *testing.T) {
	runCases(t, composed(t, goldenSchedule), onTime, []shippedCase{
		{
			name:    "all files are good",
			answers: map[string]string{"Validate files": listed, "Validate one file": allGood, "Run ETL job": loaded, "Publish manifest": published},
			want: `SUCCEEDED {"scheduled":"2026-11-02T04:00:00Z","files":{"good":2,"bad":0},"glue_job":{"run":"jr_1","state":"SUCCEEDED"},` +
				`"publication":{"manifest":"published/runs/x.json","files":2,"bytes":9,"latest":true}}`,
			states: "Validate files, Any good file?, Run ETL job, Publish manifest, Any bad file?, Done",
			calls: []string{
				`{"Bucket":"landing","Prefix":"raw/"}`, `"Payload":{"bucket":"landing","key":"raw/a.csv","size":5}`, `{"Arguments":{},"JobName":"JobName"}`,
				`"started":"2026-01-01T00:00:00`,
			},
			never: `"key":"raw/"`,
		},
		{
			name: "a bad file is moved, the others are loaded, and the run fails at its end with the number",
			answers: map[string]string{
				"Validate files": listed, "Validate one file": oneBad, "Copy bad file": done, "Write down why": done, "Remove bad file": done,
				"Run ETL job": loaded, "Publish manifest": published, "Report failure": done,
			},
			want:   "FAILED InvalidFiles: 1 invalid files were set aside, the work went on with 1: see s3://curated/quarantine/reasons/",
			states: "Validate files, Any good file?, Run ETL job, Publish manifest, Any bad file?, Some bad files, Report failure, Run failed",
			calls: []string{
				`"CopySource":"landing/raw/b%20c.csv?versionId=v%2F2"`, `"Key":"quarantine/files/raw/b c.csv"`,
				`"Key":"quarantine/reasons/raw/b c.csv.json"`, `"problems":[{"code":"Empty","message":"empty"}]`,
				`Remove bad file: {"Bucket":"landing","Key":"raw/b c.csv","VersionId":"v/2"}`,
			},
		},
		{
			name: "no good file, no work",
			answers: map[string]string{
				"Validate files": listed, "Validate one file": allBad, "Copy bad file": twice, "Write down why": twice, "Remove bad file": twice, "Report failure": done,
			},
			want:   "FAILED InvalidFiles: 2 invalid files, and no valid one: see s3://curated/quarantine/reasons/",
			states: "Validate files, Any good file?, Only bad files, Report failure, Run failed",
		},
		{
			name:    "nothing landed is no failure",
			answers: map[string]string{"Validate files": nothing},
			want:    `SUCCEEDED {"scheduled":"2026-11-02T04:00:00Z","files":{"good":0,"bad":0}}`,
			states:  "Validate files, Any good file?, Nothing landed",
		},
		{
			name:    "a file that is deleted in the meantime is neither good nor bad",
			answers: map[string]string{"Validate files": listed, "Validate one file": oneGone, "Run ETL job": loaded, "Publish manifest": published},
			want: `SUCCEEDED {"scheduled":"2026-11-02T04:00:00Z","files":{"good":1,"bad":0},"glue_job":{"run":"jr_1","state":"SUCCEEDED"},` +
				`"publication":{"manifest":"published/runs/x.json","files":2,"bytes":9,"latest":true}}`,
		},
		{
			name: "a bad file that cannot be copied is not removed, and nothing is loaded",
			answers: map[string]string{
				"Validate files": listed, "Validate one file": oneBad, "Copy bad file": throws("S3.AccessDeniedException"), "Report failure": done,
			},
			want:   "FAILED States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded",
			states: "Validate files, Report failure, Run failed",
			never:  "Remove bad file",
		},
		{
			name:    "a listing that fails is reported",
			answers: map[string]string{"Validate files": throws("S3.AccessDenied"), "Report failure": done},
			want:    "FAILED States.ItemReaderFailed: why",
			states:  "Validate files, Report failure, Run failed",
		},
		{
			name: "a throttled function is asked again",
			answers: map[string]string{
				"Validate files":    `{"0": {"Return": {"Contents": [{"Key": "raw/a.csv", "Size": 5}]}}}`,
				"Validate one file": throttle, "Run ETL job": loaded, "Publish manifest": published,
			},
			want: `SUCCEEDED {"scheduled":"2026-11-02T04:00:00Z","files":{"good":1,"bad":0},"glue_job":{"run":"jr_1","state":"SUCCEEDED"},` +
				`"publication":{"manifest":"published/runs/x.json","files":2,"bytes":9,"latest":true}}`,
		},
		{
			name:    "a manifest that cannot be published fails the run, after six tries",
			answers: map[string]string{"Validate files": listed, "Validate one file": allGood, "Run ETL job": loaded, "Publish manifest": `{"0-5": {"Throw": {"Error": "NotPublished", "Cause": "why"}}}`, "Report failure": done},
			want:    "FAILED NotPublished: why",
			states:  "Validate files, Any good file?, Run ETL job, Publish manifest, Report failure, Run failed",
		},
	})
}

func TestAPersonApprovesBeforeTheWork(t *testing.T) {
	answers := func(approval, conversion string) map[string]string {
		return map[string]string{
			"Validate files": listed, "Validate one file": oneBad, "Copy bad file": done, "Write down why": done, "Remove bad file": done,
			"Wait for approval": approval, "Convert files": conversion, "Publish manifest": published, "Report failure": done,
		}
	}
	const stopped = "Take event, Validate files, Any good file?, Wait for approval, Report failure, Run failed"
	runCases(t, composed(t, goldenEvent), partnerEvent, []shippedCase{
		{
			name:    "approved, the work goes on; what was set aside fails the run at its end",
			answers: answers(done, converted),
			want:    "FAILED InvalidFiles: 1 invalid files were set aside, the work went on with 1: see s3://curated/quarantine/reasons/",
			states:  "Take event, Validate files, Any good file?, Wait for approval, Convert files, Usable?, Publish manifest, Any bad file?, Some bad files, Report failure, Run failed",
			calls: []string{
				`It is about: 1 valid files; 1 invalid ones were set aside`,
				`To approve it within 7 days:\naws stepfunctions send-task-success --region eu-central-1 --task-token '`,
				`' --task-output '{}'\n\nTo reject it:\naws stepfunctions send-task-failure --region eu-central-1 --task-token '`,
				`' --error Rejected --cause 'say why'`,
				`Convert files: {"FunctionName":"ConverterArn","Payload":{"scheduled":"2026-01-01T00:00:00`,
			},
		},
		{
			name: "the event's detail reaches the end",
			answers: map[string]string{
				"Validate files": listed, "Validate one file": allGood, "Wait for approval": `{"0": {"Return": {"by": "Ann"}}}`,
				"Convert files": converted, "Publish manifest": published,
			},
			want: `SUCCEEDED {"event":"e1","detail":{"orders":3},"files":{"good":2,"bad":0},"approval":{"by":"Ann"},` +
				`"conversion":{"converted":2,"refused":0,"unchanged":5,"failed":0},"publication":{"manifest":"published/runs/x.json","files":2,"bytes":9,"latest":true}}`,
		},
		{
			name:    "rejected",
			answers: answers(`{"0": {"Throw": {"Error": "Rejected", "Cause": "the prices are wrong"}}}`, done),
			want:    "FAILED Rejected: the prices are wrong",
			states:  stopped,
			calls:   []string{`"error":{"Error":"Rejected","Cause":"the prices are wrong"}`},
		},
		{
			name:    "nobody answers for a week",
			answers: answers(waits, done),
			want:    "FAILED ApprovalTimedOut: nobody has answered within 7 days",
			states:  stopped,
			calls:   []string{`"error":{"Error":"ApprovalTimedOut"`},
		},
		{
			name:    "a question that cannot be asked at first is asked again, and then fails the run",
			answers: answers(`{"0-4": {"Throw": {"Error": "SNS.ThrottledException", "Cause": "why"}}}`, done),
			want:    "FAILED SNS.ThrottledException: why",
			states:  stopped,
		},
		{
			name: "a file among many that cannot be converted fails the run at its end",
			answers: map[string]string{
				"Validate files": listed, "Validate one file": allGood, "Wait for approval": done, "Convert files": someFailed, "Publish manifest": published, "Report failure": done,
			},
			want:   "FAILED FilesRefused: 1 files cannot be converted: see their reports in s3://curated/reports/",
			states: "Take event, Validate files, Any good file?, Wait for approval, Convert files, Usable?, Publish manifest, Any bad file?, Any refused file?, Some refused files, Report failure, Run failed",
		},
	})
}

func TestACommandRunsTheWorkAlone(t *testing.T) {
	runCases(t, composed(t, goldenDemand), `{}`, []shippedCase{
		{name: "loaded", answers: map[string]string{"Run ETL job": loaded}, want: `SUCCEEDED {"glue_job":{"run":"jr_1","state":"SUCCEEDED"}}`, states: "Run ETL job, Done"},
		{name: "failed", answers: map[string]string{"Run ETL job": throws("Glue.EntityNotFoundException"), "Report failure": done}, want: "FAILED Glue.EntityNotFoundException: why", states: "Run ETL job, Report failure, Run failed"},
	})
}

// shipped_workers_test.go runs each worker alone; here they are joined.
func TestEveryServiceDoesItsPartOfOneRun(t *testing.T) {
	// with is the answers of a run in which all goes well, but for some states.
	with := func(others map[string]string) map[string]string {
		all := map[string]string{
			"Validate file": valid, "Start crawler": done, "Look at crawler": `{"0": {"Return": {"Crawler": {"State": "READY", "LastCrawl": {"Status": "SUCCEEDED"}}}}}`,
			"Run Spark job": `{"0": {"Return": {"JobRun": {"JobRunId": "jr_2"}}}}`, "Run container job": `{"0": {"Return": {"JobId": "b1", "Status": "SUCCEEDED"}}}`,
			"Submit SQL": `{"0": {"Return": {"Id": "st_1"}}}`, "Look at SQL": `{"0": {"Return": {"Id": "st_1", "Status": "FINISHED"}}}`,
			"Publish manifest": published, "Report failure": done,
		}
		maps.Copy(all, others)
		return all
	}
	const toSpark = "Take object, Validate file, Valid?, Start crawler, Wait for crawler, Look at crawler, Crawled?, Run Spark job, "
	definition := composed(t, goldenWorkers)
	runCases(t, definition, landedObject, []shippedCase{
		{
			name: "a failing crawler stops the run before the work", answers: with(map[string]string{
				"Look at crawler": `{"0": {"Return": {"Crawler": {"State": "READY", "LastCrawl": {"Status": "FAILED", "ErrorMessage": "denied"}}}}}`,
			}),
			want:   "FAILED CrawlFailed: crawler CrawlerName: FAILED denied",
			states: "Take object, Validate file, Valid?, Start crawler, Wait for crawler, Look at crawler, Crawled?, Report failure, Run failed",
		},
		{
			name: "a failing Spark job is reported", answers: with(map[string]string{"Run Spark job": throws("States.TaskFailed")}),
			want: "FAILED States.TaskFailed: why", states: toSpark + "Report failure, Run failed",
		},
		{
			name: "a failing container is reported", answers: with(map[string]string{"Run container job": throws("States.TaskFailed")}),
			want: "FAILED States.TaskFailed: why", states: toSpark + "Run container job, Report failure, Run failed",
		},
		{
			name: "an invalid file is set aside before any of them", answers: map[string]string{"Validate file": invalid, "Set file aside": done, "Report invalid file": done},
			want: "FAILED InvalidFile: s3://landing/raw/year=2012/month=01/a b.csv: the file is empty",
		},
	})
	got := runShipped(t, definition, landedObject, with(nil))
	if want := toSpark + "Run container job, Submit SQL, Wait for SQL, Look at SQL, SQL finished?, Publish manifest, Done"; got.states != want {
		t.Errorf("entered %s\nwant    %s\n%s", got.states, want, got.summary)
	}
	for _, part := range []string{object, `"validation":{`, `"crawler":{`, `"emr_job":{`, `"batch_job":{`, `"redshift_sql":{`, `"publication":{`} {
		if !strings.Contains(got.summary, part) {
			t.Errorf("the output has no %s: %s", part, got.summary)
		}
	}
}

// The converter as the step of an object has no golden template of its own; its definition is a state machine by itself.
func TestOneFileIsConvertedOrFailsTheRun(t *testing.T) {
	text, err := os.ReadFile("../constructs/fileconverter/fileconverter.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	runCases(t, substituted(text, nil), `{`+object+`}`, []shippedCase{
		{
			name:    "converted",
			answers: map[string]string{"Convert files": converted},
			want:    `SUCCEEDED {` + object + `,"conversion":{"converted":2,"refused":0,"unchanged":5,"failed":0}}`,
			calls:   []string{`"Payload":{"detail":{"bucket":{"name":"landing"},"object":{"key":"raw/year=2012/month=01/a b.csv","version-id":"v1","sequencer":"0A"}}}`},
		},
		{
			name:    "a file that cannot be used",
			answers: map[string]string{"Convert files": someFailed},
			want:    "FAILED FileRefused: s3://landing/raw/year=2012/month=01/a b.csv cannot be converted: see its report in s3://curated/reports/",
		},
		{
			name:    "what was not done is done in the third try",
			answers: map[string]string{"Convert files": `{"0": {"Throw": {"Error": "NotConverted", "Cause": "why"}}, "1": {"Throw": {"Error": "Sandbox.Timedout", "Cause": "why"}}, ` + strings.Replace(converted, `{"0"`, `"2"`, 1)},
			want:    `SUCCEEDED {` + object + `,"conversion":{"converted":2,"refused":0,"unchanged":5,"failed":0}}`,
		},
		{
			name:    "any other error is not tried again",
			answers: map[string]string{"Convert files": throws("errorString")},
			want:    "FAILED errorString: why",
		},
	})
}
