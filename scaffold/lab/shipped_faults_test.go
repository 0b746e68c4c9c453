package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/asl"
)

// toldOf is what came of a run: how jobs, functions, statements and executions ended, which alarms went off, and what waits in queues.
func (r *rig) toldOf() string {
	r.t.Helper()
	var all []string
	alarms, mails := 0, 0
	for _, e := range r.timeline {
		text, err := json.Marshal(e.Detail)
		var detail map[string]any
		if err == nil && e.Detail != nil {
			err = json.Unmarshal(text, &detail)
		}
		if err != nil {
			r.t.Fatal(err)
		}
		subject, _ := detail["subject"].(string)
		switch {
		case e.Type == "JobRunEnded", e.Type == "CrawlerEnded", e.Type == "StatementEnded":
			all = append(all, strings.TrimSuffix(strings.TrimSuffix(e.Type, "Ended"), "Run")+" "+detail["state"].(string))
		case e.Type == "ExecutionEnded" && detail["error"] != nil:
			all = append(all, "Execution "+detail["error"].(string))
		case e.Type == "ExecutionEnded":
			all = append(all, "Execution "+detail["status"].(string))
		case e.Type == "FunctionEnded" && detail["error"] != nil:
			all = append(all, "Function "+detail["error"].(string))
		case e.Type == "FunctionEnded":
			all = append(all, "Function answered")
		case e.Type == "DeliveryLost":
			all = append(all, "lost")
		case e.Type == "AlarmChanged" && detail["state"] == stateAlarm:
			alarms++
			name, _, _ := strings.Cut(strings.TrimPrefix(e.Resource, "Alerts"), "Alarm")
			all = append(all, fmt.Sprintf("%s alarm %s", e.Time.Sub(start), name))
		case e.Type == "EmailSent" && strings.HasPrefix(subject, "ALARM"):
			mails++
		case e.Type == "EmailSent":
			all = append(all, "mail")
		case e.Type == "MessageSent":
			all = append(all, "dead letter")
		}
	}
	if alarms != mails {
		r.t.Errorf("%d alarms went off, and %d e-mails of alarms were sent", alarms, mails)
	}
	if unmatched := r.Outcome().Unmatched; unmatched != nil {
		r.t.Errorf("faults that met nothing: %v", unmatched)
	}
	return strings.Join(all, ", ")
}

// answering is a run in which functions like everything and statements take what they take.
func answering(t *testing.T, faults ...string) Options {
	t.Helper()
	o := Options{Programs: scripted{sql: &scriptedSQL{folder: t.TempDir()}, function: func(_ *function, payload json.RawMessage) (json.RawMessage, *functionError) {
		return bytes.Replace(payload, []byte("{"), []byte(`{"valid": true, "manifest": "m", "files": 1, `), 1), nil
	}}}
	for _, written := range faults {
		fault, err := ParseFault(written)
		if err != nil {
			t.Fatal(err)
		}
		o.Faults = append(o.Faults, fault)
	}
	return o
}

// Each kind of fault on each example: what the person on call would see, on the virtual clock.
func TestEachFaultOfAnExampleIsSeenByThePersonOnCall(t *testing.T) {
	const loaded = "Function answered, Job SUCCEEDED, Execution SUCCEEDED"
	const undelivered = "dead letter, 5m0s alarm ObjectLandedFailedDelivery, 5m0s alarm DeadLetters"
	for _, test := range []struct {
		template string
		want     map[string]string // by fault
	}{
		{shippedWorkflow, map[string]string{
			"slow:EtlJob:10m":        "Crawler SUCCEEDED, Job SUCCEEDED",
			"fail:EtlJob":            "Crawler SUCCEEDED, Job FAILED, mail, 20m0s alarm JobFailed",
			"fail:EtlJob#1":          "Crawler SUCCEEDED, Job FAILED, mail, 20m0s alarm JobFailed",
			"timeout:EtlJob":         "Crawler SUCCEEDED, Job TIMEOUT, mail, 35m0s alarm JobFailed",
			"slow:EtlJob:1h":         "Crawler SUCCEEDED, Job TIMEOUT, mail, 35m0s alarm JobFailed",
			"fail:Crawl":             "Crawler FAILED, mail, 20m0s alarm CrawlerFailed",
			"slow:Crawl:10m":         "Crawler SUCCEEDED, Job SUCCEEDED",
			"deny:s3:GetObject#1":    "Crawler FAILED, mail, 20m0s alarm CrawlerFailed",
			"lose:ObjectLanded":      "lost",
			"duplicate:ObjectLanded": "Crawler SUCCEEDED, Job SUCCEEDED",
			"late:ObjectLanded:10m":  "Crawler SUCCEEDED, Job SUCCEEDED",
			"deny:glue:NotifyEvent":  undelivered,
			"throttle:glue:Notify#1": "Crawler SUCCEEDED, Job SUCCEEDED",
			"throttle:glue:Notify":   "dead letter, 2h0m0s alarm ObjectLandedFailedDelivery, 2h0m0s alarm DeadLetters",
		}},
		{shippedMachine, map[string]string{
			"slow:EtlJob:10m":              loaded,
			"fail:EtlJob":                  "Function answered, Job FAILED, mail, Execution States.TaskFailed, 5m0s alarm ExecutionsFailed",
			"timeout:EtlJob":               "Function answered, Job TIMEOUT, mail, Execution States.TaskFailed, 20m0s alarm ExecutionsFailed",
			"fail:Validate":                "Function Fault, mail, Execution Fault, 5m0s alarm ValidatorErrors, 5m0s alarm ExecutionsFailed",
			"timeout:Validate":             "Function Sandbox.Timedout, mail, Execution Sandbox.Timedout, 5m0s alarm ValidatorErrors, 5m0s alarm ExecutionsFailed",
			"slow:Validate:20s":            loaded,
			"throttle:lambda:Invoke#1":     loaded,
			"throttle:lambda:Invoke":       "mail, Execution Lambda.TooManyRequestsException, 5m0s alarm ExecutionsFailed",
			"throttle:glue:StartJobRun#1":  loaded,
			"deny:glue:StartJobRun":        "Function answered, mail, Execution Glue.AccessDeniedException, 5m0s alarm ExecutionsFailed",
			"deny:lambda:InvokeFunction":   "mail, Execution Lambda.AWSLambdaException, 5m0s alarm ExecutionsFailed",
			"deny:lambda:InvokeFunction#1": loaded,
			"lose:ObjectLanded":            "lost",
			"duplicate:ObjectLanded":       "Function answered, Function answered, Job SUCCEEDED, Execution SUCCEEDED, Job SUCCEEDED, Execution SUCCEEDED",
			"late:ObjectLanded:10m":        loaded,
			"deny:states:StartExecution":   undelivered,
		}},
		{shippedFunction, map[string]string{
			"fail:Convert":               "Function Fault, Function Fault, Function Fault, dead letter, 5m0s alarm FunctionErrors, 5m0s alarm DeadLetters",
			"fail:Convert#1":             "Function Fault, Function answered, 5m0s alarm FunctionErrors",
			"timeout:Convert":            "Function Sandbox.Timedout, 20m0s alarm FunctionErrors, Function Sandbox.Timedout, Function Sandbox.Timedout, dead letter, 50m0s alarm DeadLetters",
			"slow:Convert:1m":            "Function answered",
			"throttle:lambda:Invoke#1":   "Function answered",
			"throttle:lambda:Invoke":     "dead letter, 2h0m0s alarm ObjectLandedFailedDelivery, 2h0m0s alarm DeadLetters",
			"lose:ObjectLanded":          "lost",
			"duplicate:ObjectLanded":     "Function answered, Function answered",
			"late:ObjectLanded:10m":      "Function answered",
			"deny:lambda:InvokeFunction": undelivered,
		}},
		{shippedQuery, map[string]string{
			"fail:QS2":                       "Statement FAILED, mail, 8h5m0s alarm QueryFailed",
			"timeout:QS2":                    "Statement FAILED, mail, 8h20m0s alarm QueryFailed",
			"slow:QS2:10m":                   "Statement FINISHED",
			"lose:QueryRule":                 "lost",
			"duplicate:QueryRule":            "Statement FINISHED, Statement FINISHED",
			"late:QueryRule:10m":             "Statement FINISHED",
			"deny:redshift-data:Batch":       "dead letter, 8h5m0s alarm DeadLetters, 8h5m0s alarm QueryFailedDelivery",
			"deny:redshift-serverless:Get":   "dead letter, 8h5m0s alarm DeadLetters, 8h5m0s alarm QueryFailedDelivery",
			"throttle:redshift-data:Batch#1": "Statement FINISHED",
		}},
	} {
		for fault, want := range test.want {
			t.Run(strings.SplitN(test.template, "/", 2)[0]+" "+fault, func(t *testing.T) {
				o := answering(t, fault)
				if test.template == shippedQuery {
					o.For = 9 * time.Hour
				}
				r := playShipped(t, test.template, o).landed("raw/year=2012/month=01/weather.csv", "date\n").run()
				if got := r.toldOf(); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			})
		}
	}
}

// A message that nobody has read is reported each minute: the alarm on it is not over because time has passed.
func TestADeadLetterKeepsItsAlarmUntilSomebodyReadsIt(t *testing.T) {
	r := playShipped(t, shippedMachine, answering(t, "deny:states:StartExecution")).landed("raw/a.csv", "x")
	r.later(24*time.Hour, func() {})
	r.run()
	var states []string
	for _, e := range r.timeline {
		if detail, _ := e.Detail.(map[string]any); e.Type == "AlarmChanged" && strings.Contains(e.Resource, "DeadLetters") {
			states = append(states, fmt.Sprint(detail["state"]))
		}
	}
	same(t, "states of the alarm", states, []string{stateAlarm})
}

// A schedule whose starts are lost fails nothing, and no queue has them: only the alarm on what is missing tells.
func TestStartsThatAreLostAreMissed(t *testing.T) {
	o := answering(t, "lose:StartSchedule")
	o.For = 6 * 24 * time.Hour
	r := playShipped(t, shippedScheduled, o).landed("raw/a.csv", "x").run()
	same(t, "told", r.toldOf(), "lost, lost, lost, lost, 112h0m0s alarm StartMissed, lost, lost")
	same(t, "failures", r.failures, nil)
}

// The second of two executions finds the job running: Glue refuses the run, the state machine waits and asks again.
func TestARefusedSecondRunOfTheJobIsRetriedByTheShippedMachine(t *testing.T) {
	var refused []string
	o := answering(t)
	o.Keep = func(name string, content any) {
		result, ok := content.(*asl.Result)
		if !ok || !strings.HasPrefix(name, "executions/") {
			return
		}
		for _, event := range result.Events {
			if details := event.Details(); details != nil && strings.HasSuffix(event.Type, "Failed") {
				name, _ := details.Get("error")
				refused = append(refused, event.Type+" "+fmt.Sprint(name))
			}
		}
	}
	r := playShipped(t, shippedMachine, o).landed("raw/1.csv", "x").landed("raw/2.csv", "x").run()
	same(t, "executions and jobs", strings.Count(r.toldOf(), "Job SUCCEEDED, Execution SUCCEEDED"), 2)
	if len(refused) < 2 || strings.Count(strings.Join(refused, "\n"), "Glue.ConcurrentRunsExceededException") != len(refused) {
		t.Errorf("got the failures %q, expected several Glue.ConcurrentRunsExceededException", refused)
	}
	same(t, "failures", r.failures, nil)
}

// What the shipped workflow's crawler (UPDATE_IN_DATABASE, LOG) makes of data that change between two runs.
func TestTheShippedCrawlerFollowsTheSchemaAsItsPolicySays(t *testing.T) {
	const day = "raw/year=2012/month=01/weather.csv"
	for _, test := range []struct{ name, second, want string }{
		{"the same", "date,wind\n2012-01-01,4\n", "date string, wind bigint"},
		{"a column more", "date,wind,sun\n2012-01-01,4,2\n", "date string, wind bigint, sun bigint"},
		{"another type", "date,wind\n2012-01-01,4.5\n", "date string, wind double"},
		{"a column less", "date,wind,sun\n2012-01-01,4,2\n|date,wind\n2012-01-01,4\n", "date string, wind bigint"},
		{"no file any more", "", "date string, wind bigint"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := playShipped(t, shippedWorkflow, answering(t)).landed(day, "date,wind\n2012-01-01,4\n")
			for i, data := range strings.Split(test.second, "|") {
				r.later(time.Duration(i+1)*time.Hour, func() {
					if data == "" {
						if _, err := r.store.objects.DeleteObject(r.bucketOf(landingID).name, day); err != nil {
							t.Error(err)
						}
						r.landed("raw/other/none.csv", "")
						return
					}
					r.landed(day, data)
				})
			}
			r.run()
			var columns []string
			for _, d := range r.catalog.databases {
				for _, table := range d.tables {
					columns = append(columns, describeColumns(table.StorageDescriptor.Columns))
				}
			}
			same(t, "columns", columns, []string{test.want})
			same(t, "crawls", len(r.happened("CrawlerEnded")), strings.Count(test.second, "|")+2)
		})
	}
}

// The Map of the shipped machine tolerates no failure: one file of ten thousand that cannot be judged fails the run by AWS's name.
func TestOneOfTenThousandFilesThatCannotBeJudgedFailsTheMap(t *testing.T) {
	const files = 10_000
	o := answering(t)
	judged := 0
	programs := o.Programs.(scripted)
	answer := programs.function
	programs.function = func(f *function, payload json.RawMessage) (json.RawMessage, *functionError) {
		judged++
		if bytes.Contains(payload, []byte("raw/09999.csv")) {
			return json.RawMessage(`{"errorType": "Denied", "errorMessage": "no"}`), &functionError{Type: "Denied", Message: "no"}
		}
		return answer(f, payload)
	}
	o.Programs = programs
	r := playShipped(t, shippedScheduled, o)
	for i := range files {
		r.landed(fmt.Sprintf("raw/%05d.csv", i), "x")
	}
	if err := r.Start("{}"); err != nil {
		t.Fatal(err)
	}
	r.run()
	same(t, "error", r.details("ExecutionEnded")[0]["error"], any("States.ExceedToleratedFailureThreshold"))
	same(t, "files judged", judged, files)
	same(t, "jobs", r.happened("JobRunStarted"), nil)
}
