package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// graph is a workflow whose start trigger starts the job First, and whatever else is given.
func graph(trigger, workflow string, more parts) parts {
	job := `{"Type": "AWS::Glue::Job", "Properties": {"Role": {"Fn::GetAtt": ["JobRole", "Arn"]}, "Command": {"Name": "pythonshell"}, "DefaultArguments": {"--level": "low"}%s}}`
	return parts{
		"JobRole": role("glue.amazonaws.com", "s3:*"), "EventsRole": role("events.amazonaws.com", "glue:NotifyEvent"),
		"Workflow": `{"Type": "AWS::Glue::Workflow", "Properties": {` + workflow + `}}`,
		"First":    fmt.Sprintf(job, ""), "Second": fmt.Sprintf(job, ""), "Third": fmt.Sprintf(job, ""),
		"Trigger": `{"Type": "AWS::Glue::Trigger", "Properties": {"WorkflowName": {"Ref": "Workflow"}, "Actions": [{"JobName": {"Ref": "First"}}], ` + trigger + `}}`,
		"Rule": ruleFor("a", `{"Arn": {"Fn::Join": ["", ["arn:aws:glue:us-east-1:123456789012:workflow/", {"Ref": "Workflow"}]]}, "Id": "t",
			"RoleArn": {"Fn::GetAtt": ["EventsRole", "Arn"]}}`),
	}.with(more)
}

// after is a conditional trigger: it starts a job when others have ended.
func after(starts, logical string, conditions ...string) string {
	var all []string
	for _, c := range conditions {
		name, state, _ := strings.Cut(c, " ")
		all = append(all, fmt.Sprintf(`{"LogicalOperator": "EQUALS", "JobName": {"Ref": %q}, "State": %q}`, name, state))
	}
	return fmt.Sprintf(`{"Type": "AWS::Glue::Trigger", "Properties": {"Type": "CONDITIONAL", "StartOnCreation": true, "WorkflowName": {"Ref": "Workflow"},
		"Actions": [{"JobName": {"Ref": %q}}], "Predicate": {"Logical": %q, "Conditions": [%s]}}}`, starts, logical, strings.Join(all, ", "))
}

func jobWith(more string) string {
	return `{"Type": "AWS::Glue::Job", "Properties": {"Role": {"Fn::GetAtt": ["JobRole", "Arn"]}, "Command": {"Name": "pythonshell"}` + more + `}}`
}

const demand = `"Type": "ON_DEMAND"`

func TestAnEventTriggerWaitsForItsBatch(t *testing.T) {
	for _, test := range []struct {
		name, batching string
		events         int
		want           []string // events of each run, and when it started
	}{
		{"each event alone without a condition", ``, 3, []string{"500ms: 1", "500ms: 1", "500ms: 1"}},
		{"a hundred at once, ten a run", `, "EventBatchingCondition": {"BatchSize": 10, "BatchWindow": 60}`, 100, []string{
			"500ms: 10", "500ms: 10", "500ms: 10", "500ms: 10", "500ms: 10", "500ms: 10", "500ms: 10", "500ms: 10", "500ms: 10", "500ms: 10",
		}},
		{"the rest after the window", `, "EventBatchingCondition": {"BatchSize": 40, "BatchWindow": 60}`, 100, []string{"500ms: 40", "500ms: 40", "1m0.5s: 20"}},
		{"a quarter of an hour without a window", `, "EventBatchingCondition": {"BatchSize": 40}`, 3, []string{"15m0.5s: 3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := graph(`"Type": "EVENT"`+test.batching, "", parts{"First": jobWith(`, "ExecutionProperty": {"MaxConcurrentRuns": 100}`)})
			r := build(t, p, Options{})
			for range test.events {
				r.send("a", "x", `{}`)
			}
			r.run()
			var got []string
			for _, e := range r.timeline {
				if e.Type == "WorkflowRunStarted" {
					ids := e.Detail.(map[string]any)["properties"].(map[string]string)["aws:eventIds"]
					got = append(got, fmt.Sprintf("%s: %d", e.Time.Sub(start), len(strings.Split(strings.Trim(ids, "[]"), ","))))
				}
			}
			same(t, "runs", got, test.want)
			same(t, "failures", r.failures, nil)
		})
	}
}

func TestAWindowBeginsWithTheFirstEventOfItsBatch(t *testing.T) {
	r := build(t, graph(`"Type": "EVENT", "EventBatchingCondition": {"BatchSize": 2, "BatchWindow": 60}`, "", nil), Options{})
	r.send("a", "x", `{}`).send("a", "x", `{}`)
	r.later(30*time.Second, func() { r.send("a", "x", `{}`) })
	r.run()
	same(t, "runs", r.happened("WorkflowRunStarted"), []string{"500ms WorkflowRunStarted Workflow", "1m30.5s WorkflowRunStarted Workflow"})
}

func TestAConditionalTriggerFiresWhenItsPredicateHolds(t *testing.T) {
	starts := `, "Actions": [{"JobName": {"Ref": "First"}}, {"JobName": {"Ref": "Second"}}]`
	for _, test := range []struct {
		name, logical string
		conditions    []string
		fails         string // a job that does
		timesOut      string
		want          bool
	}{
		{"AND of two that succeeded", "AND", []string{"First SUCCEEDED", "Second SUCCEEDED"}, "", "", true},
		{"AND with one that failed", "AND", []string{"First SUCCEEDED", "Second SUCCEEDED"}, "Second", "", false},
		{"ANY with one that failed", "ANY", []string{"First SUCCEEDED", "Second SUCCEEDED"}, "Second", "", true},
		{"FAILED", "AND", []string{"First FAILED"}, "First", "", true},
		{"FAILED of one that succeeded", "AND", []string{"First FAILED"}, "", "", false},
		{"TIMEOUT", "AND", []string{"First TIMEOUT"}, "", "First", true},
		{"FAILED of one that timed out", "AND", []string{"First FAILED"}, "", "First", false},
		{"AND of states that differ", "AND", []string{"First TIMEOUT", "Second FAILED"}, "Second", "First", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := graph(demand, "", parts{"OnEnd": after("Third", test.logical, test.conditions...)})
			p["Trigger"] = strings.Replace(p["Trigger"], `, "Actions": [{"JobName": {"Ref": "First"}}]`, starts, 1)
			var faults []Fault
			if test.fails != "" {
				faults = append(faults, Fault{Kind: "fail", Where: test.fails})
			}
			if test.timesOut != "" {
				faults = append(faults, Fault{Kind: "timeout", Where: test.timesOut})
			}
			r := build(t, p, Options{Faults: faults})
			if err := r.Start(""); err != nil {
				t.Fatal(err)
			}
			r.run()
			fired := strings.Count(strings.Join(r.happened("TriggerFired"), "\n"), "OnEnd")
			if fired > 1 {
				t.Errorf("it fired %d times, expected once a run", fired)
			}
			if (fired == 1) != test.want {
				t.Errorf("it fired %d times: %v", fired, r.happened("JobRunEnded", "TriggerFired"))
			}
			same(t, "the run ended", len(r.happened("WorkflowRunEnded")), 1)
		})
	}
}

func TestATriggerThatWasNotActivatedDoesNotFire(t *testing.T) {
	p := graph(demand, "", parts{"OnEnd": strings.Replace(after("Second", "AND", "First SUCCEEDED"), `"StartOnCreation": true, `, "", 1)})
	r := build(t, p, Options{})
	if err := r.Start(""); err != nil {
		t.Fatal(err)
	}
	r.run()
	same(t, "jobs", r.happened("JobRunStarted"), []string{"0s JobRunStarted First"})
	same(t, "ignored", r.Ignored(), []string{"OnEnd: the trigger is not activated: StartOnCreation is not true"})
}

func TestALongGraphRunsInItsOrder(t *testing.T) {
	p := graph(demand, "", parts{"Then": after("Second", "AND", "First SUCCEEDED"), "Last": after("Third", "AND", "Second SUCCEEDED")})
	r := build(t, p, Options{})
	if err := r.Start(""); err != nil {
		t.Fatal(err)
	}
	r.run()
	same(t, "jobs", r.happened("JobRunStarted", "WorkflowRunEnded"), []string{
		"0s JobRunStarted First", "1m0s JobRunStarted Second", "2m0s JobRunStarted Third", "3m0s WorkflowRunEnded Workflow",
	})
	same(t, "statistics", r.details("WorkflowRunEnded")[0]["actions"], any(map[string]any{"SUCCEEDED": 3}))
}

func TestAWorkflowRunsNoMoreOftenAtOnceThanItMay(t *testing.T) {
	r := build(t, graph(`"Type": "EVENT"`, `"MaxConcurrentRuns": 1`, nil), Options{})
	r.send("a", "x", `{}`).send("a", "x", `{}`)
	r.later(2*time.Minute, func() { r.send("a", "x", `{}`) })
	r.run()
	same(t, "runs", r.happened("WorkflowRunStarted", "WorkflowNotStarted"), []string{
		"500ms WorkflowRunStarted Workflow", "500ms WorkflowNotStarted Workflow", "2m0.5s WorkflowRunStarted Workflow",
	})
	same(t, "failures", len(r.failures), 1)
}

func TestAJobRunsNoMoreOftenAtOnceThanItMay(t *testing.T) {
	r := build(t, graph(`"Type": "EVENT"`, "", nil), Options{}).send("a", "x", `{}`).send("a", "x", `{}`).run()
	same(t, "jobs", r.happened("JobRunStarted", "ActionNotStarted"), []string{"500ms JobRunStarted First", "500ms ActionNotStarted Trigger"})
	if got := r.details("ActionNotStarted")[0]["error"]; !strings.Contains(fmt.Sprint(got), "ConcurrentRunsExceededException") {
		t.Errorf("got %v", got)
	}
	same(t, "workflow runs that ended", len(r.happened("WorkflowRunEnded")), 2)
}

func TestAJobKnowsItsRunAndItsArguments(t *testing.T) {
	var got []map[string]string
	p := graph(demand, `"DefaultRunProperties": {"tier": "gold", "day": "1"}`, parts{"First": jobWith(`, "DefaultArguments": {"--level": "low", "--mode": "full"}`)})
	p["Trigger"] = strings.Replace(p["Trigger"], `{"JobName": {"Ref": "First"}}`, `{"JobName": {"Ref": "First"}, "Arguments": {"--level": "high"}}`, 1)
	p["MachineRole"] = role("states.amazonaws.com", "glue:StartWorkflowRun", "glue:GetWorkflowRunProperties", "glue:PutWorkflowRunProperties")
	r := build(t, p, Options{Programs: scripted{job: func(run *jobRun) outcome {
		got = append(got, run.arguments)
		return outcome{duration: time.Minute}
	}}})
	by, name := caller{Role: r.stack.Attribute("MachineRole", "Arn")}, r.stack.Ref("Workflow")
	output, err := r.call(by, "glue:StartWorkflowRun", map[string]any{"Name": name, "RunProperties": map[string]any{"day": "2"}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "arguments", got, []map[string]string{{"--level": "high", "--mode": "full", "--WORKFLOW_NAME": name, "--WORKFLOW_RUN_ID": output["RunId"].(string)}})
	which := map[string]any{"Name": name, "RunId": output["RunId"], "RunProperties": map[string]any{"rows": "17"}}
	if _, err = r.call(by, "glue:PutWorkflowRunProperties", which); err != nil {
		t.Fatal(err)
	}
	properties, err := r.call(by, "glue:GetWorkflowRunProperties", which)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "properties", properties["RunProperties"], any(map[string]string{"tier": "gold", "day": "2", "rows": "17"}))
	if _, err := r.call(by, "glue:GetWorkflowRunProperties", map[string]any{"Name": name, "RunId": "wr_0"}); err == nil || err.Code != "EntityNotFoundException" {
		t.Errorf("got %v for a run that is none", err)
	}
	r.run()
}

func TestAJobIsTriedAgainAsOftenAsItSaysUnlessItTimedOut(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []Fault
		want   []string
	}{
		{"fails once", []Fault{{Kind: "fail", Where: "First", Attempt: 1}}, []string{"FAILED jr_1", "SUCCEEDED jr_1_attempt_1"}},
		{"fails always", []Fault{{Kind: "fail", Where: "First"}}, []string{"FAILED jr_1", "FAILED jr_1_attempt_1", "FAILED jr_1_attempt_2"}},
		{"times out", []Fault{{Kind: "timeout", Where: "First"}}, []string{"TIMEOUT jr_1"}},
		{"takes longer than it may", []Fault{{Kind: "slow", Where: "First", Delay: 10 * time.Minute}}, []string{"TIMEOUT jr_1"}},
		{"takes longer, but not too long", []Fault{{Kind: "slow", Where: "First", Delay: 3 * time.Minute}}, []string{"SUCCEEDED jr_1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := graph(demand, "", parts{"First": jobWith(`, "MaxRetries": 2, "Timeout": 5`), "OnEnd": after("Second", "AND", "First SUCCEEDED")})
			r := build(t, p, Options{Faults: test.faults})
			if err := r.Start(""); err != nil {
				t.Fatal(err)
			}
			r.run()
			var got []string
			for _, e := range r.details("JobRunEnded") {
				run := strings.Replace(e["run"].(string), "jr_"+strings.Repeat("0", 62)+"02", "jr_1", 1)
				if !strings.Contains(run, "03") { // the second job's
					got = append(got, e["state"].(string)+" "+run)
				}
			}
			same(t, "attempts", got, test.want)
			if ended := r.details("JobRunEnded")[0]; ended["state"] == runTimeout {
				same(t, "seconds until the timeout", ended["seconds"], any(300))
			}
		})
	}
}

func TestAJobThatIsStoppedEndsThen(t *testing.T) {
	p := graph(demand, "", parts{"Role": role("states.amazonaws.com", "glue:*"), "OnStop": after("Second", "AND", "First STOPPED")})
	r := build(t, p, Options{})
	if err := r.Start(""); err != nil {
		t.Fatal(err)
	}
	r.later(20*time.Second, func() {
		run := r.jobRuns[0]
		if _, err := r.call(caller{Role: r.stack.Attribute("Role", "Arn")}, "glue:BatchStopJobRun", map[string]any{"JobName": run.job.name, "JobRunIds": []any{run.id}}); err != nil {
			t.Error(err)
		}
	})
	r.run()
	same(t, "jobs", r.happened("JobRunEnded", "JobRunStarted"), []string{
		"0s JobRunStarted First", "20s JobRunEnded First", "20s JobRunStarted Second", "1m20s JobRunEnded Second",
	})
}

func TestAScheduledTriggerStartsItsWorkflowOrItsActions(t *testing.T) {
	trigger := `"Type": "SCHEDULED", "StartOnCreation": true, "Schedule": "cron(0 9 * * ? *)"`
	r := build(t, graph(trigger, "", nil), Options{For: 24 * time.Hour}).run()
	same(t, "workflow", r.happened("WorkflowRunStarted"), []string{"1h0m0s WorkflowRunStarted Workflow"})

	p := graph(trigger, "", nil)
	p["Trigger"] = strings.Replace(p["Trigger"], `"WorkflowName": {"Ref": "Workflow"}, `, "", 1)
	delete(p, "Rule")
	r = build(t, p, Options{For: 24 * time.Hour}).run()
	same(t, "alone", r.happened("WorkflowRunStarted", "JobRunStarted"), []string{"1h0m0s JobRunStarted First"})
}

func TestACrawlerThatRunsAlreadyIsNotStartedAgain(t *testing.T) {
	p := graph(`"Type": "EVENT"`, "", parts{
		"Database": `{"Type": "AWS::Glue::Database", "Properties": {"CatalogId": "123456789012", "DatabaseInput": {"Name": "weather"}}}`,
		"Crawler":  `{"Type": "AWS::Glue::Crawler", "Properties": {"Role": {"Fn::GetAtt": ["JobRole", "Arn"]}, "DatabaseName": "weather", "Targets": {"S3Targets": [{"Path": {"Fn::Sub": "s3://${Landing}/raw/"}}]}}}`,
		"Landing":  landing,
	})
	p["Trigger"] = strings.Replace(p["Trigger"], `{"JobName": {"Ref": "First"}}`, `{"CrawlerName": {"Ref": "Crawler"}}`, 1)
	r := build(t, p, Options{Faults: []Fault{{Kind: "slow", Where: "Crawler", Delay: time.Minute}}}).send("a", "x", `{}`).send("a", "x", `{}`).run()
	same(t, "crawls", r.happened("CrawlerStarted", "ActionNotStarted"), []string{"500ms CrawlerStarted Crawler", "500ms ActionNotStarted Trigger"})
	if got := fmt.Sprint(r.details("ActionNotStarted")[0]["error"]); !strings.Contains(got, "CrawlerRunningException") {
		t.Errorf("got %s", got)
	}
}

func TestTheStatesOfJobsBecomeEvents(t *testing.T) {
	p := graph(demand, "", parts{
		"Queue": queueOnly, "Open": openQueue("Queue", "events.amazonaws.com"),
		"Failed": `{"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"], "detail": {"state": ["FAILED", "TIMEOUT", "STOPPED"]}},
			"Targets": [{"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Id": "t", "InputPath": "$.detail"}]}}`,
	})
	r := build(t, p, Options{Faults: []Fault{{Kind: "fail", Where: "First"}}})
	if err := r.Start(""); err != nil {
		t.Fatal(err)
	}
	r.run()
	want := fmt.Sprintf(`{"jobName":%q,"jobRunId":%q,"message":"a fault that was asked for","severity":"ERROR","state":"FAILED"}`, r.stack.Ref("First"), r.jobRuns[0].id)
	same(t, "event", r.messages()[0].Body, want)
}
