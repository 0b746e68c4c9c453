package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lineage"
)

// s3 is a request of a role to the lab's storage: METHOD and path.
func (r *rig) s3(role, what, body string, headers ...string) (int, string) {
	r.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+r.store.ownSession(role)+"/lab")
	if method == http.MethodPut {
		request.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	r.store.ServeHTTP(answer, request)
	return answer.Code, answer.Body.String()
}

// moved lists the datasets of an event as IN or OUT, with what their name ends in and how much it was.
func moved(e *lineage.Event) []string {
	var all []string
	for _, d := range e.Inputs {
		var s *lineage.Statistics
		if d.InputFacets != nil {
			s = d.InputFacets.Statistics
		}
		all = append(all, "in "+amountOf(d, s))
	}
	for _, d := range e.Outputs {
		var s *lineage.Statistics
		if d.OutputFacets != nil {
			s = d.OutputFacets.Statistics
		}
		all = append(all, "out "+amountOf(d, s))
	}
	return all
}

func amountOf(d lineage.Dataset, s *lineage.Statistics) string {
	text := d.Namespace + " " + d.Name.Name
	if d.Facets.Symlinks != nil {
		text += " = " + d.Facets.Symlinks.Identifiers[0].Name.Name
	}
	if s != nil {
		text += fmt.Sprintf(", %d files, %d bytes", s.Files, s.Bytes)
		if s.Rows != nil {
			text += fmt.Sprintf(", %d rows", *s.Rows)
		}
	}
	return text
}

// ends are the events of lineage that end a run of a job, by the beginning of its name.
func (r *rig) ends(job string) []*lineage.Event {
	return slices.DeleteFunc(slices.Clone(r.told), func(e *lineage.Event) bool {
		return e.EventType == lineage.Start || !strings.HasPrefix(e.Job.Name.Name, job)
	})
}

// loading is a workflow of one job between two buckets, in which something lies already.
func loading(more parts) parts {
	return graph(demand, "", parts{
		"Landing": `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "landing"}}`,
		"Curated": `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "curated"}}`,
		"Other":   role("lambda.amazonaws.com", "s3:*"),
	}.with(more))
}

const twoRows = "day,mm\n2026-01-01,1.5\n2026-01-02,2.5\n"

func TestLineageIsWhatTheRoleOfARunDid(t *testing.T) {
	put := func(where string) string { return "PUT " + where }
	var eleven, parts, folders []string
	for i := range 11 {
		eleven = append(eleven, fmt.Sprintf("GET /landing/many/year=2026/month=%02d/a.csv", i))
		parts = append(parts, fmt.Sprintf("PUT /curated/monthly/year=2026/part-%05d.csv", i))
	}
	for i := range 25 {
		folders = append(folders, fmt.Sprintf("PUT /curated/reports/%02d/a.csv", i))
	}
	for _, test := range []struct {
		name string
		does []string
		want []string
	}{
		{
			"it reads one object and writes another",
			[]string{"GET /landing/raw/a.csv", put("/curated/out/a.csv")},
			[]string{"in s3://landing raw/a.csv, 1 files, 37 bytes", "out s3://curated out/a.csv, 1 files, 37 bytes, 2 rows"},
		},
		{"to look whether an object is there is not to read it", []string{"HEAD /landing/raw/a.csv", "GET /landing?prefix=raw/"}, nil},
		{"what is not there is not read", []string{"GET /landing/raw/none.csv"}, nil},
		{"a part of an object is read twice", []string{"GET /landing/raw/a.csv", "GET /landing/raw/a.csv"}, []string{"in s3://landing raw/a.csv, 1 files, 37 bytes"}},
		{
			"a copy reads and writes",
			[]string{"COPY /curated/out/a.csv"},
			[]string{"in s3://landing raw/a.csv, 1 files, 37 bytes", "out s3://curated out/a.csv, 1 files, 37 bytes, 2 rows"},
		},
		{"what it wrote itself is no input", []string{put("/curated/out/a.csv"), "GET /curated/out/a.csv"}, []string{"out s3://curated out/a.csv, 1 files, 37 bytes, 2 rows"}},
		{"what it removed again is no output", []string{put("/curated/out/a.csv"), "DELETE /curated/out/a.csv"}, nil},
		{"to remove is not to write", []string{"DELETE /landing/raw/a.csv"}, nil},
		{"what Spark and Hive hide is no data", []string{put("/curated/out/_SUCCESS"), put("/curated/out/_temporary/0/a.csv"), put("/curated/.a.csv.crc")}, nil},
		{"eleven objects are their folder", eleven, []string{"in s3://landing many, 11 files, 407 bytes"}},
		{"the files of a write are one dataset", parts[:2], []string{"out s3://curated monthly, 2 files, 74 bytes, 4 rows"}},
		{"many folders are the one above", folders, []string{"out s3://curated reports, 25 files, 925 bytes, 50 rows"}},
		{"objects of the bucket itself", []string{put("/curated/part-0.csv")}, []string{"out s3://curated /, 1 files, 37 bytes, 2 rows"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r *rig
			r = build(t, loading(nil), Options{Programs: scripted{job: func(run *jobRun) outcome {
				for _, what := range test.does {
					body, headers := "", []string{}
					if rest, copies := strings.CutPrefix(what, "COPY "); copies {
						what, headers = "PUT "+rest, []string{"X-Amz-Copy-Source: /landing/raw/a.csv"}
					} else if strings.HasPrefix(what, "PUT ") {
						body = twoRows
					}
					if status, said := r.s3(run.job.role, what, body, headers...); status >= http.StatusMultipleChoices && !strings.Contains(what, "none") {
						t.Errorf("%s: got %d %s", what, status, said)
					}
				}
				return outcome{duration: time.Minute}
			}}})
			for _, key := range []string{"raw/a.csv", "raw/b.csv"} {
				if err := r.Put("s3://Landing/"+key, []byte(twoRows)); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 11 {
				if err := r.Put(fmt.Sprintf("s3://Landing/many/year=2026/month=%02d/a.csv", i), []byte(twoRows)); err != nil {
					t.Fatal(err)
				}
			}
			r.s3(r.stack.Attribute("Other", "Arn"), "GET /landing/raw/b.csv", "") // of somebody else
			r.begin("{}").run()
			end := r.ends("job/First")
			if len(end) != 1 {
				t.Fatalf("got %d ends of the job", len(end))
			}
			same(t, "moved", moved(end[0]), test.want)
			same(t, "moved by the workflow", moved(r.ends("workflow/")[0]), nil)
		})
	}
}

func TestWhatHasOneRoleIsToldApart(t *testing.T) {
	// Two executions of a machine wait between reading and writing, so that each calls while the other is under way.
	copies := func(state, from, to string) string {
		return fmt.Sprintf(`%q: {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:copyObject", "Parameters": {"Bucket": "curated", "Key.$": "States.Format('%s/{}', $.key)",
			"CopySource.$": "States.Format('%s/{}', $.key)"}, "ResultPath": null, `, state, to, from)
	}
	definition := `{"StartAt": "One", "States": {` + copies("One", "landing/raw", "first") + `"Next": "Wait"}, "Wait": {"Type": "Wait", "Seconds": 60, "Next": "Two"}, ` +
		copies("Two", "curated/first", "second") + `"End": true}}}`
	r := build(t, pipeline(definition, onStorage).with(parts{"Curated": `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "curated"}}`}), Options{})
	for _, key := range []string{"a.csv", "b.csv"} {
		if err := r.Put("s3://Landing/raw/"+key, []byte(twoRows)); err != nil {
			t.Fatal(err)
		}
		r.begin(`{"key": "` + key + `"}`)
	}
	r.run()
	for i, end := range r.ends("stateMachine/") {
		key := []string{"a.csv", "b.csv"}[i]
		same(t, "moved", moved(end), []string{
			"in s3://landing raw/" + key + ", 1 files, 37 bytes",
			"out s3://curated first/" + key + ", 1 files, 37 bytes, 2 rows", "out s3://curated second/" + key + ", 1 files, 37 bytes, 2 rows",
		})
	}
	same(t, "executions", len(r.ends("stateMachine/")), 2)
}

func TestAnObjectOfATableIsTheTable(t *testing.T) {
	table := func(name, location string) string {
		return `{"Type": "AWS::Glue::Table", "Properties": {"DatabaseName": {"Ref": "Database"}, "CatalogId": "123456789012", "TableInput": {"Name": "` + name + `",
			"StorageDescriptor": {"Location": "` + location + `", "Columns": [{"Name": "day", "Type": "date"}]}, "PartitionKeys": [{"Name": "year", "Type": "int"}]}}}`
	}
	var r *rig
	r = build(t, loading(parts{
		"Database": `{"Type": "AWS::Glue::Database", "Properties": {"CatalogId": "123456789012", "DatabaseInput": {"Name": "sales"}}}`,
		"Whole":    table("whole", "s3://landing/raw"), "Inner": table("inner", "s3://landing/raw/inner/"), "File": table("file", "s3://landing/one.csv"),
	}), Options{Programs: scripted{job: func(run *jobRun) outcome {
		for _, key := range []string{"raw/year=2026/a.csv", "raw/inner/b.csv", "rawer/c.csv", "one.csv"} {
			if status, said := r.s3(run.job.role, "GET /landing/"+key, ""); status != http.StatusOK {
				t.Errorf("%s: got %d %s", key, status, said)
			}
		}
		return outcome{duration: time.Minute}
	}}})
	for _, key := range []string{"raw/year=2026/a.csv", "raw/inner/b.csv", "rawer/c.csv", "one.csv"} {
		if err := r.Put("s3://Landing/"+key, []byte(twoRows)); err != nil {
			t.Fatal(err)
		}
	}
	end := r.begin("{}").run().ends("job/First")[0]
	same(t, "moved", moved(end), []string{
		"in s3://landing one.csv = table/sales/file, 1 files, 37 bytes", "in s3://landing raw = table/sales/whole, 1 files, 37 bytes",
		"in s3://landing raw/inner = table/sales/inner, 1 files, 37 bytes", "in s3://landing rawer/c.csv, 1 files, 37 bytes",
	})
	same(t, "columns", end.Inputs[1].Facets.Schema.Fields, []lineage.Field{{Name: "day", Type: "date"}, {Name: "year", Type: "int"}})
	same(t, "columns of what is no table's", end.Inputs[3].Facets.Schema.Fields, []lineage.Field{{Name: "day", Type: "string"}, {Name: "mm", Type: "double"}})
}

func TestARunKnowsWhoStartedIt(t *testing.T) {
	nested := parts{
		"Inner": machineOf(`{"StartAt": "Check", "States": {"Check": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "check"}, "End": true}}}`),
	}
	outer := `{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "Job", "States": {"Job": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "etl"}, "End": true}}},
		{"StartAt": "Nested", "States": {"Nested": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": "` + "${Inner}" + `"}, "End": true}}}]}}}`
	p := pipeline("{}", "glue:*", "lambda:*", "states:*", "events:*").with(nested)
	text, err := json.Marshal(outer)
	if err != nil {
		t.Fatal(err)
	}
	p["Machine"] = `{"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": {"Fn::GetAtt": ["MachineRole", "Arn"]}, "DefinitionString": ` + string(text) + `, "DefinitionSubstitutions": {"Inner": {"Ref": "Inner"}}}}`
	p["Job"] = strings.Replace(p["Job"], `"Name": "etl"`, `"Name": "etl", "MaxRetries": 1`, 1)
	r := build(t, p, Options{Faults: []Fault{{Kind: "fail", Where: "Job", Attempt: 1}}})
	if _, failed := r.startExecution(caller{Service: operator}, map[string]any{"StateMachineArn": r.stack.Ref("Machine")}); failed != nil {
		t.Fatal(failed)
	}
	r.run()
	var got []string
	ids := map[string]bool{}
	for _, e := range r.told {
		if e.EventType != lineage.Start {
			continue
		}
		ids[e.Run.ID] = true
		line := e.Job.Name.Name
		if p := e.Run.Facets.Parent; p != nil {
			line += " < " + p.Job.Name + " < " + p.Root.Job.Name
			if !ids[p.Run.ID] || !ids[p.Root.Run.ID] {
				t.Errorf("%s has a parent that has not started", e.Job.Name.Name)
			}
		}
		got = append(got, line)
	}
	same(t, "runs", got, []string{
		"stateMachine/Machine", "job/Job < stateMachine/Machine < stateMachine/Machine", "stateMachine/Inner < stateMachine/Machine < stateMachine/Machine",
		"function/Function < stateMachine/Inner < stateMachine/Machine", "job/Job < stateMachine/Machine < stateMachine/Machine",
	})
	same(t, "different ids", len(ids), 5)
}

func TestARunEndsAsTheServiceSays(t *testing.T) {
	job := task(startJob, theJob, "")
	stopped := task(startJob, theJob, `, "TimeoutSeconds": 60`)
	glue := []string{"glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"}
	invoking := task("lambda:invoke", `{"FunctionName": "check", "Payload": {}}`, "")
	failing := scripted{function: func(*function, json.RawMessage) (json.RawMessage, *functionError) {
		return json.RawMessage(`{}`), &functionError{Type: "InvalidFile", Message: "no header"}
	}}
	for _, test := range []struct {
		name, definition, fault string
		programs                programs
		of, want                string
	}{
		{"a job", job, "", scripted{}, "job/", "COMPLETE"},
		{"a job that fails", job, "fail:Job", scripted{}, "job/", "FAIL PYTHON: a fault that was asked for"},
		{"a job that takes too long", job, "timeout:Job", scripted{}, "job/", "FAIL PYTHON: etl job run timed out after 480 minutes"},
		{"a job that is stopped", stopped, "slow:Job:1h", scripted{}, "job/", "ABORT"},
		{"a function that fails", invoking, "", failing, "function/", "FAIL PYTHON: InvalidFile: no header"},
		{"an execution that fails", `{"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "InvalidFile", "Cause": "no header"}}}`, "", scripted{}, "stateMachine/", "FAIL ASL: InvalidFile: no header"},
		{"an execution that takes too long", `{"TimeoutSeconds": 5, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}`, "", scripted{}, "stateMachine/", "FAIL ASL: TIMED_OUT"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := pipeline(test.definition, append(glue, "lambda:InvokeFunction")...)
			p["Function"] = functionWith(`, "FunctionName": "check", "Runtime": "python3.14"`)
			options := Options{Programs: test.programs}
			if test.fault != "" {
				fault, err := ParseFault(test.fault)
				if err != nil {
					t.Fatal(err)
				}
				options.Faults = []Fault{fault}
			}
			ends := build(t, p, options).begin("{}").run().ends(test.of)
			if len(ends) != 1 {
				t.Fatalf("got %d ends, expected one", len(ends))
			}
			got := string(ends[0].EventType)
			if e := ends[0].Run.Facets.Error; e != nil {
				got += " " + e.Language + ": " + e.Message
			}
			same(t, "end", got, test.want)
		})
	}
}

func TestARunThatWaitsHasNotEnded(t *testing.T) {
	r := build(t, pipeline(task("sqs:sendMessage.waitForTaskToken", `{"QueueUrl": "arn:aws:sqs:us-east-1:123456789012:queue", "MessageBody.$": "$$.Task.Token"}`, ""), "sqs:SendMessage"), Options{})
	r.begin("{}").run()
	if len(r.told) != 1 || r.told[0].EventType != lineage.Start {
		t.Errorf("got %d events, expected the start alone", len(r.told))
	}
}

func TestIdsFollowFromWhatTheLabWasGiven(t *testing.T) {
	id := func(seed uint64, data string) string {
		r := build(t, toJobOnObject(), Options{Seed: seed})
		if err := r.Put("raw/a.csv", []byte(data)); err != nil {
			t.Fatal(err)
		}
		return r.begin("{}").run().told[0].Run.ID
	}
	one := id(1, "x")
	same(t, "the same again", id(1, "x"), one)
	for what, other := range map[string]string{"object": id(1, "y"), "seed": id(2, "x")} {
		if other == one {
			t.Errorf("got the id %s with another %s too", one, what)
		}
	}
}

func toJobOnObject() parts { return graph(demand, "", parts{"Landing": landing}) }

func TestAThousandObjectsOfARunAreOneDataset(t *testing.T) {
	var r *rig
	r = build(t, loading(nil), Options{Programs: scripted{job: func(run *jobRun) outcome {
		for i := range 1000 {
			r.s3(run.job.role, "GET /landing/raw/"+strconv.Itoa(i)+".csv", "")
			r.s3(run.job.role, "PUT /curated/out/"+strconv.Itoa(i)+".csv", twoRows)
		}
		return outcome{duration: time.Minute}
	}}})
	for i := range 1000 {
		if err := r.Put("s3://Landing/raw/"+strconv.Itoa(i)+".csv", []byte(twoRows)); err != nil {
			t.Fatal(err)
		}
	}
	end := r.begin("{}").run().ends("job/First")[0]
	same(t, "moved", moved(end), []string{"in s3://landing raw, 1000 files, 37000 bytes", "out s3://curated out, 1000 files, 37000 bytes, 2000 rows"})
	if line, err := lineage.Encode(end); err != nil || len(line) > 5000 {
		t.Errorf("got %d bytes, %v, expected an event that is short", len(line), err)
	}
}

// monthly is a file as a job of the workflow would write it.
func monthly(t testing.TB, rows int) []byte {
	t.Helper()
	type row struct {
		Weather string `parquet:"weather"`
		Days    int64  `parquet:"days"`
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[row](&out)
	if _, err := w.Write(slices.Repeat([]row{{"sun", 3}}, rows)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestLineageOfTheGlueWorkflow plays the template of the example with all of its sample data; only what the job computes is made up.
func TestLineageOfTheGlueWorkflow(t *testing.T) {
	template, err := cfn.Read("../../stacks/glueworkflow/testdata/template.json")
	if err != nil {
		t.Fatal(err)
	}
	var r *rig
	files := weather(t)
	r, err = deploy(t, template, Options{Programs: scripted{job: func(run *jobRun) outcome {
		from, to := strings.TrimPrefix(run.arguments["--landing"], "s3:/"), strings.TrimPrefix(run.arguments["--curated"], "s3:/")
		for _, key := range slices.Sorted(maps.Keys(files)) {
			if status, said := r.s3(run.job.role, "GET /"+strings.Split(from, "/")[1]+"/"+key, ""); status != http.StatusOK {
				t.Fatalf("%s: got %d %s", key, status, said)
			}
			partition := strings.TrimSuffix(strings.TrimPrefix(key, "raw/"), "weather.csv")
			if status, said := r.s3(run.job.role, "PUT "+to+"monthly/"+partition+"part-00000-0.parquet", string(monthly(t, 3))); status != http.StatusOK {
				t.Fatalf("%s: got %d %s", key, status, said)
			}
		}
		return outcome{duration: time.Minute}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(files)) {
		if err := r.Put(key, []byte(files[key])); err != nil {
			t.Fatal(err)
		}
	}
	goldenLineage(t, "glueworkflow", r.run().told)
}

func TestWhatStartsLaterBelongsToWhoAskedForIt(t *testing.T) {
	// The engines of these services tell the timeline what is told here; each of their programs has a role of its own.
	for _, test := range []struct {
		service, asked, started, ended, id string
		start, end                         map[string]any
		job, want                          string
	}{
		{"emr-serverless", "SparkRunSubmitted", "SparkRunStarted", "SparkRunEnded", "run", nil, map[string]any{"state": "SUCCESS", "message": ""}, "application/Thing", "COMPLETE"},
		{"emr-serverless", "SparkRunSubmitted", "SparkRunStarted", "SparkRunEnded", "run", nil, map[string]any{"state": "CANCELLED", "message": "stopped"}, "application/Thing", "ABORT"}, //nolint:misspell // as AWS spells it
		{"batch", "BatchJobSubmitted", "ContainerStarted", "ContainerEnded", "job", nil, map[string]any{"exit_code": 0}, "jobDefinition/Thing", "COMPLETE"},
		{"batch", "BatchJobSubmitted", "ContainerStarted", "ContainerEnded", "job", nil, map[string]any{"exit_code": 3}, "jobDefinition/Thing", "FAIL exit code 3"},
		{"redshift-data", "", "StatementSubmitted", "StatementEnded", "id", map[string]any{"statement": "load"}, map[string]any{"statement": "load", "state": "FINISHED"}, "statement/load", "COMPLETE"},
		{"redshift-data", "", "StatementSubmitted", "StatementEnded", "id", map[string]any{"statement": "one"}, map[string]any{"statement": "one", "state": "FAILED", "message": "ERROR: no"}, "statement/Thing", "FAIL ERROR: no"},
	} {
		t.Run(test.service+" "+test.want, func(t *testing.T) {
			r := build(t, loading(nil), Options{})
			if err := r.Put("s3://Landing/raw/a.csv", []byte(twoRows)); err != nil {
				t.Fatal(err)
			}
			role := r.stack.Attribute("Other", "Arn")
			detail := func(more map[string]any) map[string]any {
				all := map[string]any{test.id: "one"}
				maps.Copy(all, more)
				return all
			}
			r.tell("glue", "WorkflowRunStarted", "Workflow", map[string]any{"run": "wr_1"})
			over := r.lineage.acts("workflow/Workflow", "wr_1")
			if test.asked == "" {
				r.tell(test.service, test.started, "Thing", detail(test.start))
			} else {
				r.tell(test.service, test.asked, "Thing", detail(nil))
			}
			over()
			if test.asked != "" {
				r.tell(test.service, test.started, "Thing", detail(map[string]any{"role": role}))
			} else {
				r.lineage.actsAs(test.job, "one", role)()
			}
			r.s3(role, "GET /landing/raw/a.csv", "")
			r.tell(test.service, test.ended, "Thing", detail(test.end))
			r.s3(role, "GET /landing/raw/a.csv", "") // it is over
			ends := r.ends(test.job)
			if len(ends) != 1 {
				t.Fatalf("got %d ends of %s among %d events", len(ends), test.job, len(r.told))
			}
			got := string(ends[0].EventType)
			if e := ends[0].Run.Facets.Error; e != nil {
				got += " " + e.Message
			}
			same(t, "end", got, test.want)
			same(t, "moved", moved(ends[0]), []string{"in s3://landing raw/a.csv, 1 files, 37 bytes"})
			if p := ends[0].Run.Facets.Parent; p == nil || p.Job.Name != "workflow/Workflow" {
				t.Errorf("got the parent %v, expected the workflow's run", p)
			}
		})
	}
}

func TestATableThatARunUsesIsTold(t *testing.T) {
	r := build(t, loading(nil), Options{})
	r.tell("redshift-data", "StatementSubmitted", "Thing", map[string]any{"id": "one"})
	name := lineage.Redshift("reports", "us-east-1", "dev", "public", "orders")
	over := r.lineage.acts("statement/Thing", "one")
	r.lineage.used(name.At(nil), false)
	r.lineage.used(name.At(nil), true)
	over()
	r.lineage.uses("arn:aws:iam::123456789012:role/nobody", name.At(nil), true)
	r.tell("redshift-data", "StatementEnded", "Thing", map[string]any{"id": "one", "state": "FINISHED"})
	end := r.ends("statement/")[0]
	same(t, "inputs", len(end.Inputs), 1)
	same(t, "outputs", len(end.Outputs), 1)
	same(t, "table", end.Outputs[0].Name, name)
}
