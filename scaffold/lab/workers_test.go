package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// withWorkers is a template whose state machine has a step for each service.
const withWorkers = "../../stacks/statemachine/testdata/template-workers.json"

// answeredSQL stands for a warehouse: each statement is finished.
var answeredSQL = map[string]handler{
	"redshift-data:batchexecutestatement": func(*Lab, caller, map[string]any) (map[string]any, *apiError) {
		return map[string]any{"Id": "statement"}, nil
	},
	"redshift-data:describestatement": func(*Lab, caller, map[string]any) (map[string]any, *apiError) {
		return map[string]any{"Id": "statement", "Status": "FINISHED"}, nil
	},
	"redshift-data:cancelstatement": func(*Lab, caller, map[string]any) (map[string]any, *apiError) { return map[string]any{}, nil },
}

// playWorkers lets an object land, with programs as scripted.
func playWorkers(t *testing.T, programs scripted, options Options) *rig {
	t.Helper()
	template, err := cfn.Read(withWorkers)
	if err != nil {
		t.Fatal(err)
	}
	programs.function = func(f *function, payload json.RawMessage) (json.RawMessage, *functionError) {
		if strings.HasPrefix(f.id, "Validate") {
			return bytes.Replace(payload, []byte("{"), []byte(`{"valid": true, `), 1), nil
		}
		return json.RawMessage(`{"manifest": "m", "files": 1}`), nil
	}
	options.Programs, options.actions = programs, answeredSQL
	r, err := deploy(t, template, options)
	if err != nil {
		t.Fatal(err)
	}
	return r.put("raw/year=2012/month=01/weather.csv").run()
}

func TestEachWorkerDoesItsPartOfTheShippedMachine(t *testing.T) {
	var argv []string
	var variables map[string]string
	r := playWorkers(t, scripted{
		spark: func(run *sparkRun) outcome {
			argv = run.arguments
			return outcome{duration: 40 * time.Second}
		},
		container: func(job *batchJob) (exit, outcome) {
			variables = job.variables
			return exit{ran: true}, outcome{duration: 20 * time.Second}
		},
	}, Options{})
	if len(r.failures) > 0 || len(r.denials.all) > 0 {
		t.Fatalf("failures %q, denials %v", r.failures, r.denials.all)
	}
	output := r.output()
	if run, _ := output["emr_job"].(map[string]any)["job_run"].(string); run != r.sparkRuns[0].id {
		t.Errorf("got the job run %q, want %s", run, r.sparkRuns[0].id)
	}
	same(t, "batch job", output["batch_job"], any(map[string]any{"job": r.batchJobs[0].id, "status": "SUCCEEDED"}))
	if got := strings.Join(argv, " "); !strings.HasSuffix(got, "--object raw/year=2012/month=01/weather.csv") || !strings.HasPrefix(got, "--landing s3://") {
		t.Errorf("the script got %s", got)
	}
	same(t, "variables", []string{variables["PREFIX"], variables["OBJECT"], variables["MANAGED_BY_AWS"]},
		[]string{"raw/", "raw/year=2012/month=01/weather.csv", "STARTED_BY_STEP_FUNCTIONS"})
	for _, unused := range r.Outcome().Unused {
		for _, service := range []string{"emr-serverless:Start", "emr-serverless:Get", "batch:SubmitJob", "batch:Describe", "iam:PassRole", "ecr:", "events:Put"} {
			if strings.HasPrefix(unused.Action, service) {
				t.Errorf("%s may %s, which the lab thinks nothing needed", unused.Role, unused.Action)
			}
		}
	}
}

func TestTheShippedMachineReportsAWorkerThatFails(t *testing.T) {
	const failed = "States.TaskFailed"
	for _, test := range []struct{ name, fault, failure, want string }{
		{"a crawl that takes too long, and is stopped", "slow:CrawlCrawler:20m", "CrawlTimedOut", "was still RUNNING after 15 minutes"},
		{"a Spark job that fails", "fail:SparkApplication", failed, `"State":"FAILED","StateDetails":"a fault that was asked for"`},
		{"a Spark job that never ends", "timeout:SparkApplication", failed, `"State":"` + sparkCancelled + `","StateDetails":"the run took longer than its 15 minutes"`},
		{"a container that fails, which its retry strategy does not try again", "fail:ContainerJob", failed, `"StatusReason":"Essential container in task exited"`},
		{"a container that never ends", "timeout:ContainerJob", failed, `"StatusReason":"Job attempt duration exceeded timeout"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			fault, err := ParseFault(test.fault)
			if err != nil {
				t.Fatal(err)
			}
			ended := playWorkers(t, scripted{}, Options{Faults: []Fault{fault}}).details("ExecutionEnded")[0]
			cause, _ := ended["cause"].(string)
			if ended["error"] != test.failure || !strings.Contains(cause, test.want) {
				t.Errorf("got %v: %s, want %s with %s", ended["error"], cause, test.failure, test.want)
			}
		})
	}
}

func TestTheShippedMachineTriesABusyServiceAgain(t *testing.T) {
	var faults []Fault
	for _, written := range []string{"throttle:emr-serverless:StartJobRun#1", "throttle:batch:SubmitJob#1"} {
		fault, err := ParseFault(written)
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, fault)
	}
	r := playWorkers(t, scripted{}, Options{Faults: faults})
	same(t, "outcome", r.details("ExecutionEnded")[0]["status"], any("SUCCEEDED"))
	same(t, "faults that met nothing", r.Outcome().Unmatched, nil)
}

func TestTwoFilesWithWorkersRunAlikeTwice(t *testing.T) {
	play := func() string {
		text, err := json.Marshal(playWorkers(t, scripted{}, Options{Seed: 3}).timeline)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if first, second := play(), play(); first != second {
		t.Error("two runs with one seed differ")
	}
}

// Airflow runs elsewhere, see the command's hint; what the other templates have is played, or there is a reason why not.
func TestEachResourceOfAGeneratedTemplateIsPlayedOrLeftOutForAReason(t *testing.T) {
	files, err := filepath.Glob("../../stacks/*/testdata/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d golden templates (%v), expected at least 10", len(files), err)
	}
	for _, file := range files {
		if strings.Contains(file, "/airflow/") {
			continue
		}
		template, err := cfn.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := deploy(t, template, Options{actions: answeredSQL})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for _, ignored := range r.Ignored() {
			if strings.Contains(ignored, "not part of the lab") {
				t.Errorf("%s: %s, and nothing says why", file, ignored)
			}
		}
	}
}

func TestACrawlerIsStoppedOnceAndOnlyWhileItRuns(t *testing.T) {
	template, err := cfn.Read(withWorkers)
	if err != nil {
		t.Fatal(err)
	}
	r, err := deploy(t, template, Options{actions: answeredSQL})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(action string) string {
		output, refused := r.call(caller{Service: operator}, "glue:"+action, map[string]any{"Name": r.stack.Ref("CrawlCrawler043FC519")})
		if refused != nil {
			return refused.Code
		}
		state, _ := cfn.Field(output["Crawler"], "State").(string)
		return state
	}
	same(t, "answers", []string{ask("StopCrawler"), ask("StartCrawler"), ask("StopCrawler"), ask("GetCrawler"), ask("StopCrawler")},
		[]string{"CrawlerNotRunningException", "", "", "STOPPING", "CrawlerStoppingException"})
	r.run()
	ended := r.details("CrawlerEnded")
	if len(ended) != 1 || ended[0]["state"] != crawlCancelled || ended[0]["seconds"] != 10.0 || ask("GetCrawler") != "READY" {
		t.Errorf("got %v and %s, want one end after 10 s, and READY", ended, ask("GetCrawler"))
	}
}

// seenByARule are the states in events of a service, with their time, while a machine is started so many times.
func seenByARule(t *testing.T, p parts, options Options, starts int, source, detailType, path string) ([]string, *rig) {
	t.Helper()
	p = p.with(parts{
		"Queue": queueOnly, "Open": openQueue("Queue", "events.amazonaws.com"),
		"Rule": `{"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["` + source + `"], "detail-type": ["` + detailType + `"]},
			"Targets": [{"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Id": "t", "InputPath": "` + path + `"}]}}`,
	})
	r := build(t, p, options)
	for range starts {
		r.begin("{}")
	}
	r.run()
	var all []string
	for _, m := range r.messages() {
		all = append(all, fmt.Sprintf("%s %s", m.Time.Add(-deliveryLatency).Sub(start), strings.Trim(m.Body, `"`)))
	}
	return all, r
}
