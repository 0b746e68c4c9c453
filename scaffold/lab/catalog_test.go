package lab

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// ask calls the catalog's API as the crawler's role.
func (w *crawlWorld) ask(action string, input map[string]any) (map[string]any, *apiError) {
	return w.call(caller{Role: w.crawlers["crawler"].role}, action, input)
}

func TestTheCatalogAnswersAsTheAPIDoes(t *testing.T) {
	w := newCrawlWorld(t, "", weather(t))
	w.run()
	for _, test := range []struct {
		action string
		input  map[string]any
		want   string // of the answer as JSON
	}{
		{"glue:getDatabase", map[string]any{"name": "SALES"}, `"Name":"sales"`},
		{"glue:getTable", map[string]any{"DatabaseName": "sales", "Name": "Raw"}, `"PartitionKeys":[{"Name":"year","Type":"string"},{"Name":"month","Type":"string"}]`},
		{"glue:getTables", map[string]any{"DatabaseName": "sales", "Expression": "r.*"}, `"TableList":[{"CreateTime"`},
		{"glue:getTables", map[string]any{"DatabaseName": "sales", "Expression": "x.*"}, `"TableList":[]`},
		{"glue:getPartition", map[string]any{"DatabaseName": "sales", "TableName": "raw", "PartitionValues": []any{"2012", "02"}}, `"Location":"s3://landing/raw/year=2012/month=02/"`},
		{"glue:getPartitions", map[string]any{"DatabaseName": "sales", "TableName": "raw", "Expression": "year = '2013' and month='07'"}, `"Values":["2013","07"]`},
	} {
		answer, err := w.ask(test.action, test.input)
		data, _ := json.Marshal(answer)
		if err != nil || !strings.Contains(string(data), test.want) {
			t.Errorf("%s %v: got %.300s, %v, expected %s", test.action, test.input, data, err, test.want)
		}
	}
}

func TestAnExpressionSelectsPartitions(t *testing.T) {
	w := newCrawlWorld(t, "", weather(t))
	w.run()
	for expression, want := range map[string]int{"": 48, "year='2012'": 12, "month = '02'": 4, "YEAR=2013 AND month='07'": 1, "year='1999'": 0} {
		answer, err := w.ask("glue:getPartitions", map[string]any{"DatabaseName": "sales", "TableName": "raw", "Expression": expression})
		if got := len(cfn.List(answer["Partitions"])); err != nil || got != want {
			t.Errorf("%s: got %d partitions, %v, expected %d", expression, got, err, want)
		}
	}
}

func TestTheCatalogRefusesAsTheAPIDoes(t *testing.T) {
	w := newCrawlWorld(t, "", weather(t))
	w.run()
	for _, test := range []struct {
		action string
		input  map[string]any
		want   string
	}{
		{"glue:getDatabase", map[string]any{"Name": "other"}, accessDenied},
		{"glue:getTable", map[string]any{"DatabaseName": "other", "Name": "raw"}, accessDenied},
		{"glue:getTable", map[string]any{"DatabaseName": "sales", "Name": "other"}, "EntityNotFoundException"},
		{"glue:getPartition", map[string]any{"DatabaseName": "sales", "TableName": "raw", "PartitionValues": []any{"1999", "01"}}, "EntityNotFoundException"},
		{"glue:getPartitions", map[string]any{"DatabaseName": "sales", "TableName": "raw", "Expression": "year > '2013'"}, "InvalidInputException"},
		{"glue:getPartitions", map[string]any{"DatabaseName": "sales", "TableName": "raw", "Expression": "day = '1'"}, "InvalidInputException"},
		{"glue:getPartitions", map[string]any{"DatabaseName": "sales", "TableName": "raw", "NextToken": "x"}, "InvalidInputException"},
		{"glue:getTables", map[string]any{"DatabaseName": "sales", "Expression": "("}, "InvalidInputException"},
	} {
		if answer, err := w.ask(test.action, test.input); err == nil || err.Code != test.want {
			t.Errorf("%s %v: got %v, %v, expected %s", test.action, test.input, answer, err, test.want)
		}
	}
}

func TestThePagesOfAListAreTheWholeList(t *testing.T) {
	w := newCrawlWorld(t, "", weather(t))
	w.run()
	var values []string
	input := map[string]any{"DatabaseName": "sales", "TableName": "raw", "MaxResults": 20.0}
	for pages := 1; ; pages++ {
		answer, err := w.ask("glue:getPartitions", input)
		if err != nil {
			t.Fatal(err)
		}
		for _, partition := range cfn.List(answer["Partitions"]) {
			values = append(values, fmt.Sprint(cfn.Field(partition, "Values")))
		}
		if answer["NextToken"] == nil {
			if pages != 3 {
				t.Errorf("there are %d pages, expected 3", pages)
			}
			break
		}
		input["NextToken"] = answer["NextToken"]
	}
	if len(values) != 48 || !slices.IsSorted(values) || len(slices.Compact(values)) != 48 {
		t.Errorf("got %d partitions: %v", len(values), values)
	}
}

func TestTheCatalogIsExportedWithAWSsNames(t *testing.T) {
	w := newCrawlWorld(t, "", weather(t))
	w.run()
	data, err := json.Marshal(w.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	var exported struct {
		Databases []struct {
			Name   string
			Tables []struct {
				Name              string
				TableType         string
				StorageDescriptor struct{ Columns []struct{ Name, Type string } }
				Partitions        []struct{ Values []string }
			}
		}
	}
	if err := json.Unmarshal(data, &exported); err != nil {
		t.Fatal(err)
	}
	database := exported.Databases[0]
	if database.Name != "sales" || len(database.Tables) != 1 {
		t.Fatalf("got %+v", exported)
	}
	table := database.Tables[0]
	if table.Name != "raw" || table.TableType != "EXTERNAL_TABLE" || len(table.StorageDescriptor.Columns) != 6 || len(table.Partitions) != 48 {
		t.Errorf("got %+v", table)
	}
}

func TestWhatTheCatalogCannotHoldIsRefusedByName(t *testing.T) {
	for name, test := range map[string]struct{ kind, properties, want string }{
		"an Iceberg table":       {"Table", `"DatabaseName": "sales", "OpenTableFormatInput": {"IcebergInput": {}}`, "the lab has no OpenTableFormatInput"},
		"a link to a table":      {"Table", `"DatabaseName": "sales", "TableInput": {"Name": "t", "TargetTable": {"Name": "u"}}`, "the lab's catalog has no TargetTable"},
		"a table without a name": {"Table", `"DatabaseName": "sales", "TableInput": {}`, "TableInput has no Name"},
		"a table elsewhere":      {"Table", `"DatabaseName": "other", "TableInput": {"Name": "t"}`, "the database other is not in the template"},
		"a partition elsewhere":  {"Partition", `"DatabaseName": "sales", "TableName": "t", "PartitionInput": {"Values": ["1"]}`, "Table t not found"},
		"a link to a database":   {"Database", `"DatabaseInput": {"Name": "x", "TargetDatabase": {"DatabaseName": "y"}}`, "the lab's catalog has no TargetDatabase"},
	} {
		t.Run(name, func(t *testing.T) {
			more := `"Odd": {"Type": "AWS::Glue::` + test.kind + `", "Properties": {"CatalogId": "123456789012", ` + test.properties + `}}`
			if _, err := labOf(crawlTemplate("", crawlRights, more), nil, nil); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Odd") {
				t.Errorf("got %v, expected %q", err, test.want)
			}
		})
	}
}

func TestAPartitionNeedsAValueForEachKey(t *testing.T) {
	more := `"Mine": {"Type": "AWS::Glue::Table", "Properties": {"DatabaseName": {"Ref": "Sales"}, "TableInput": {"Name": "mine", "PartitionKeys": [{"Name": "day", "Type": "date"}]}}},
		"Part": {"Type": "AWS::Glue::Partition", "Properties": {"DatabaseName": {"Ref": "Sales"}, "TableName": {"Ref": "Mine"}, "PartitionInput": {"Values": ["1", "2"]}}}`
	if _, err := labOf(crawlTemplate("", crawlRights, more), nil, nil); err == nil || !strings.Contains(err.Error(), "got 2 values, expected 1") {
		t.Errorf("got %v", err)
	}
}

// The golden template of the Glue workflow, with a job that does nothing: from the objects to the job's end.
func TestTheWorkflowCrawlsTheWeatherAndThenRunsItsJob(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []string
		want   []string
		job    bool
	}{
		{"all goes well", nil, []string{"CrawlerStarted", "CrawlerEnded SUCCEEDED", "JobRunStarted", "JobRunEnded SUCCEEDED", "WorkflowRunEnded"}, true},
		{"the crawler may not write", []string{"deny:glue:CreateTable"}, []string{"CrawlerStarted", "CrawlerEnded FAILED", "WorkflowRunEnded"}, false},
		{"the crawler fails", []string{"fail:CrawlCrawler"}, []string{"CrawlerStarted", "CrawlerEnded FAILED", "WorkflowRunEnded"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var timeline []string
			jobs := 0
			w := goldenWorkflow(t, test.faults, func(*jobRun) outcome { jobs++; return outcome{duration: time.Minute} }, func(e Event) {
				if e.Service == "glue" && (strings.HasPrefix(e.Type, "Crawler") || strings.HasPrefix(e.Type, "JobRun") || e.Type == "WorkflowRunEnded") {
					detail, _ := e.Detail.(map[string]any)
					state, _ := detail["state"].(string)
					timeline = append(timeline, strings.TrimSpace(e.Type+" "+state))
				}
			})
			if err := w.Run(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(timeline, test.want) || (jobs == 1) != test.job {
				t.Errorf("the timeline is %q, expected %q; %d jobs ran", timeline, test.want, jobs)
			}
			if (len(w.failures) == 0) != test.job {
				t.Errorf("the failures are %q", w.failures)
			}
			if !test.job {
				return
			}
			for _, database := range w.catalog.databases {
				if got := schemaOf(database.tables["raw"]); got != "raw("+weatherColumns+") by year,month 48" {
					t.Errorf("the table is %s", got)
				}
			}
			if len(w.denials.all) > 0 {
				t.Errorf("the template's own permissions are too few: %v", w.denials.all)
			}
		})
	}
}

func goldenWorkflow(t *testing.T, faults []string, job func(*jobRun) outcome, report func(Event)) *Lab {
	t.Helper()
	template, err := cfn.Read("../../stacks/glueworkflow/testdata/template.json")
	if err != nil {
		t.Fatal(err)
	}
	stack, err := template.Deploy(cfn.Place{Stack: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Stack: stack, Programs: scripted{job: job}, Report: report}
	for _, written := range faults {
		fault, failure := ParseFault(written)
		if failure != nil {
			t.Fatal(failure)
		}
		options.Faults = append(options.Faults, fault)
	}
	l, err := New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range l.store.buckets {
		if !b.sendsEvents {
			continue
		}
		files := weather(t)
		for _, key := range slices.Sorted(maps.Keys(files)) {
			if err := l.store.write(name, key, []byte(files[key]), "somebody"); err != nil {
				t.Fatal(err)
			}
		}
	}
	return l
}

// A scheduled crawler runs by its own schedule, in UTC.
func TestACrawlerStartsByItsSchedule(t *testing.T) {
	var starts []string
	template := crawlTemplate(`"Schedule": {"ScheduleExpression": "cron(0 6 * * ? *)"}`, crawlRights, "")
	w := crawlWorldOf(t, template, map[string]string{"raw/a": salesCSV})
	w.options.For = 72 * time.Hour
	w.options.Report = func(e Event) {
		if e.Type == "CrawlerStarted" {
			starts = append(starts, e.Time.Format("02 15:04"))
		}
	}
	if err := w.Run(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(starts, ", "); got != "01 06:00, 02 06:00, 03 06:00" {
		t.Errorf("it started at %s", got)
	}
}

// The events of a crawler, as rules match them.
// Source: AWS Glue Developer Guide, "Automating AWS Glue with EventBridge", read 2026-11.
func TestACrawlersEndIsAnEventWithItsCounts(t *testing.T) {
	result := crawl{state: crawlSucceeded, duration: 51 * time.Second, created: []string{"raw"}, added: 48, changed: 2, dropped: 1}
	c := &crawler{name: "crawler"}
	got := result.event(c, "123456789012", time.Date(2026, 1, 1, 6, 0, 51, 0, time.UTC))
	for key, want := range map[string]string{
		"state": "Succeeded", "crawlerName": "crawler", "tablesCreated": "1", "tablesUpdated": "0", "partitionsCreated": "48", "partitionsUpdated": "2",
		"partitionsDeleted": "1", "runningTime (sec)": "51", "completionDate": "2026-01-01T06:00:51Z",
	} {
		if got[key] != want {
			t.Errorf("%s is %v, expected %s", key, got[key], want)
		}
	}
	result = crawl{state: crawlFailed, message: "Worker may not"}
	if got := result.event(c, "123456789012", time.Time{}); got["state"] != "Failed" || got["errorMessage"] != "Worker may not" {
		t.Errorf("got %v", got)
	}
}
