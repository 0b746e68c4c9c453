package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/cost"
	"example.com/pipewright/scaffold/lab"
)

// chargesOfActions are those of all actions that the lab answers: of what they start, or of themselves.
var chargesOfActions = map[string]charge{
	"batch:describejobs":                  free,
	"batch:submitjob":                     ofContainers,
	"batch:terminatejob":                  free,
	"dynamodb:deleteitem":                 ofItems,
	"dynamodb:getitem":                    ofItems,
	"dynamodb:putitem":                    ofItems,
	"dynamodb:updateitem":                 ofItems,
	"emr-serverless:canceljobrun":         free,
	"emr-serverless:getapplication":       free,
	"emr-serverless:getjobrun":            free,
	"emr-serverless:startapplication":     free, // without workers that stand by
	"emr-serverless:startjobrun":          ofSpark,
	"emr-serverless:stopapplication":      free,
	"events:putevents":                    {items: []cost.Item{cost.CustomEvent}},
	"glue:batchstopjobrun":                free,
	"glue:getcrawler":                     free,
	"glue:getdatabase":                    free,
	"glue:getjobrun":                      free,
	"glue:getpartition":                   free,
	"glue:getpartitions":                  free,
	"glue:gettable":                       free,
	"glue:gettables":                      free,
	"glue:getworkflowrunproperties":       free,
	"glue:notifyevent":                    free,
	"glue:putworkflowrunproperties":       free,
	"glue:startcrawler":                   ofCrawlers,
	"glue:startjobrun":                    ofGlueJobs,
	"glue:startworkflowrun":               free,
	"glue:stopcrawler":                    free,
	"lambda:invokeasync":                  ofFunctions,
	"redshift-data:batchexecutestatement": ofStatements,
	"redshift-data:cancelstatement":       free,
	"redshift-data:describestatement":     free,
	"redshift-data:executestatement":      ofStatements,
	"redshift-data:getstatementresult":    free,
	"s3:copyobject":                       ofObjects,
	"s3:deleteobject":                     ofObjects,
	"s3:getobject":                        ofObjects,
	"s3:headobject":                       ofObjects,
	"s3:listobjectsv2":                    ofObjects,
	"s3:putobject":                        ofObjects,
	"sns:publish":                         ofTopics,
	"sqs:sendmessage":                     ofMessages,
	"states:startexecution":               ofMachines,
}

// billed is a stack with all that the bill of a run looks at.
const billed = `{"Resources": {
	"Spark": {"Type": "AWS::Glue::Job", "Properties": {"Command": {"Name": "glueetl"}, "WorkerType": "G.1X", "NumberOfWorkers": 2}},
	"Flex": {"Type": "AWS::Glue::Job", "Properties": {"Command": {"Name": "glueetl"}, "WorkerType": "G.2X", "NumberOfWorkers": 5, "ExecutionClass": "FLEX"}},
	"Shell": {"Type": "AWS::Glue::Job", "Properties": {"Command": {"Name": "pythonshell"}}},
	"Small": {"Type": "AWS::Lambda::Function", "Properties": {}},
	"Large": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": 2048, "Architectures": ["arm64"]}},
	"EMR": {"Type": "AWS::EMRServerless::Application", "Properties": {"Architecture": "ARM64"}},
	"EMRX86": {"Type": "AWS::EMRServerless::Application", "Properties": {}},
	"Container": {"Type": "AWS::Batch::JobDefinition", "Properties": {"ContainerProperties": {"RuntimePlatform": {"CpuArchitecture": "ARM64"}}}},
	"ContainerX86": {"Type": "AWS::Batch::JobDefinition", "Properties": {"ContainerProperties": {}}},
	"Fargate": {"Type": "AWS::Batch::ComputeEnvironment", "Properties": {"ComputeResources": {"Type": "FARGATE"}}},
	"Spot": {"Type": "AWS::Batch::ComputeEnvironment", "Properties": {"ComputeResources": {"Type": "FARGATE_SPOT"}}},
	"Workgroup": {"Type": "AWS::RedshiftServerless::Workgroup", "Properties": {"BaseCapacity": 8}},
	"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PAY_PER_REQUEST"}},
	"Provisioned": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
	"Daily": {"Type": "AWS::Scheduler::Schedule", "Properties": {}}, "Rule": {"Type": "AWS::Events::Rule", "Properties": {}}}}`

var billedFrom = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

func timed(after time.Duration, kind, resource string, detail map[string]any) lab.Event {
	return lab.Event{Time: billedFrom.Add(after), Type: kind, Resource: resource, Detail: detail}
}

func event(after time.Duration, kind, resource, run string) lab.Event {
	return timed(after, kind, resource, map[string]any{"run": run, "source": run})
}

func used(after time.Duration, kind, resource string, held lab.Used) lab.Event {
	return timed(after, kind, resource, map[string]any{"used": &held, "environment": "Fargate"})
}

// computed are events and what they cost, computed by hand.
var computed = []struct {
	name   string
	region string // empty: us-east-1
	events []lab.Event
	want   string // USD
	left   string // a part of what is not counted
}{
	{"a job of 40 s, 35 of them without workers, is billed a minute of 2 DPU: 0.44 / 30", "", []lab.Event{
		event(0, "JobRunStarted", "Spark", "1"), event(40*time.Second, "JobRunEnded", "Spark", "1"),
	}, "0.0146666667", ""},
	{"a Flex job of 10 DPU for an hour: 2.90", "", []lab.Event{
		event(0, "JobRunStarted", "Flex", "1"), event(time.Hour+35*time.Second, "JobRunEnded", "Flex", "1"),
	}, "2.9", ""},
	{"a Python shell job of 1/16 DPU for an hour: 0.0275", "", []lab.Event{
		event(0, "JobRunStarted", "Shell", "1"), event(time.Hour+15*time.Second, "JobRunEnded", "Shell", "1"),
	}, "0.0275", ""},
	{"a crawler of a minute is billed ten: 0.44 / 6", "", []lab.Event{
		event(0, "CrawlerStarted", "Crawler", ""), event(time.Minute, "CrawlerEnded", "Crawler", ""),
	}, "0.0733333333", ""},
	{"two calls at once, 1 s and 3 s of 2 GB: 8 × 0.0000133334 + 2 × 0.0000002", "", []lab.Event{
		event(0, "FunctionInvoked", "Large", ""), event(time.Second, "FunctionInvoked", "Large", ""),
		event(2*time.Second, "FunctionEnded", "Large", ""), event(3*time.Second, "FunctionEnded", "Large", ""),
	}, "0.0001070672", ""},
	{"a call of 8 s without a size has 128 MB, of x86: 0.0000166667 + 0.0000002", "", []lab.Event{
		event(0, "FunctionInvoked", "Small", ""), event(8*time.Second, "FunctionEnded", "Small", ""),
	}, "0.0000168667", ""},
	{"a partner's event, and one of AWS, which is free", "", []lab.Event{event(0, "EventSent", "", "partner.orders"), event(0, "EventSent", "", "aws.s3")}, "0.000001", ""},
	{"a start by Scheduler, and one by a rule, which is free", "", []lab.Event{event(0, "ScheduleStarted", "Daily", ""), event(0, "ScheduleStarted", "Rule", "")}, "0.000001", ""},
	{"8 vCPU and 20 GB of EMR Serverless for an hour, arm64: 8 × 0.052585 + 20 × 0.005746", "ap-southeast-1", []lab.Event{
		used(time.Hour, "SparkRunEnded", "EMR", lab.Used{VCPU: 8, MemoryGB: 20, Seconds: 3600}),
	}, "0.5356", ""},
	{"half a minute of it on x86 is billed a whole one: (8 × 0.052624 + 20 × 0.0057785) / 60", "", []lab.Event{
		used(time.Hour, "SparkRunEnded", "EMRX86", lab.Used{VCPU: 8, MemoryGB: 20, DiskGB: 5, Seconds: 30}),
	}, "0.0089427", "EMR Serverless: storage beyond 20 GB"},
	{"half a vCPU and 1 GB on Fargate, 71.2 s are billed 72, arm64: 72 / 3600 × (0.01619 + 0.00356)", "", []lab.Event{
		used(time.Hour, "ContainerEnded", "Container", lab.Used{VCPU: 0.5, MemoryGB: 1, Seconds: 71.2}),
	}, "0.000395", ""},
	{"two hours of it on x86: 2 × (0.02024 + 0.004445)", "", []lab.Event{
		used(time.Hour, "ContainerEnded", "ContainerX86", lab.Used{VCPU: 0.5, MemoryGB: 1, Seconds: 7200}),
	}, "0.04937", ""},
	{"what Fargate Spot costs is not known", "", []lab.Event{
		timed(time.Hour, "ContainerEnded", "Container", map[string]any{"environment": "Spot", "used": &lab.Used{VCPU: 1, MemoryGB: 1, Seconds: 7200}}),
	}, "0", "Fargate Spot"},
	{"a statement of 2 s is billed a minute of 8 RPU: 8 × 0.375 / 60", "", []lab.Event{
		used(time.Minute, "StatementEnded", "Workgroup", lab.Used{RPU: 8, Seconds: 2}),
	}, "0.05", ""},
	{"another one 20 s later has run in the same minute", "", []lab.Event{
		used(60*time.Second, "StatementEnded", "Workgroup", lab.Used{RPU: 8, Seconds: 2}), used(80*time.Second, "StatementEnded", "Workgroup", lab.Used{RPU: 8, Seconds: 2}),
	}, "0.05", ""},
	{"one that begins in it and goes on for half a minute more: 90 s", "", []lab.Event{
		used(2*time.Second, "StatementEnded", "Workgroup", lab.Used{RPU: 8, Seconds: 2}), used(90*time.Second, "StatementEnded", "Workgroup", lab.Used{RPU: 8, Seconds: 40}),
	}, "0.075", ""},
	{"one an hour later has a minute of its own", "", []lab.Event{
		used(2*time.Second, "StatementEnded", "Workgroup", lab.Used{RPU: 8, Seconds: 2}), used(time.Hour, "StatementEnded", "Workgroup", lab.Used{RPU: 8, Seconds: 2}),
	}, "0.1", ""},
	{"one that never ran", "", []lab.Event{timed(0, "StatementEnded", "Workgroup", map[string]any{"used": (*lab.Used)(nil)})}, "0", ""},
	{"one in a workgroup that is there already", "", []lab.Event{used(time.Minute, "StatementEnded", "existing", lab.Used{RPU: 128, Seconds: 2})}, "0", "compute of the workgroup existing"},
	{"three units written and half a one read: 3 × 0.625 and 0.5 × 0.125 of a million", "", []lab.Event{
		timed(0, "WriteCapacityUsed", "Table", map[string]any{"units": 3.0}), timed(0, "ReadCapacityUsed", "Table", map[string]any{"units": 0.5}),
	}, "0.0000019375", ""},
	{"a table with provisioned capacity", "", []lab.Event{timed(0, "WriteCapacityUsed", "Provisioned", map[string]any{"units": 3.0})}, "0", "capacity that is provisioned"},
	{"a message published, an e-mail, and two in a queue: 0.5 + 2 × 0.4 of a million, 2 of 100,000", "", []lab.Event{
		event(0, "MessagePublished", "Topic", ""), event(0, "EmailSent", "Topic", ""), event(0, "MessageSent", "Queue", ""), event(0, "MessageSent", "Queue", ""),
	}, "0.0000213", ""},
}

func billOf(t *testing.T, region string, events []lab.Event, kept ...any) *cost.Estimate {
	t.Helper()
	template, err := cfn.Parse([]byte(billed))
	if err != nil {
		t.Fatal(err)
	}
	stack, err := template.Deploy(cfn.Place{Stack: "Test", Region: region})
	if err != nil {
		t.Fatal(err)
	}
	meter := newMeter(stack)
	for i := range events {
		meter.event(&events[i])
	}
	for _, content := range kept {
		meter.kept(content)
	}
	return meter.bill()
}

// A run's bill is made of its own events: the times between them, the sizes in the template, and the minimums of AWS.
func TestARunIsBilledByItsOwnEvents(t *testing.T) {
	for _, test := range computed {
		t.Run(test.name, func(t *testing.T) {
			bill := billOf(t, test.region, test.events)
			if got := bill.PerRun.String(); got != test.want {
				t.Errorf("got %s USD, expected %s", got, test.want)
			}
			if missing := strings.Join(bill.Missing, "\n"); !strings.Contains(missing, test.left) {
				t.Errorf("got as not counted\n%s\nexpected %q", missing, test.left)
			}
		})
	}
}

// execution is what is kept of one that entered a state twice, and called a service three times.
func execution(arn string) *asl.Result {
	result := &asl.Result{Started: billedFrom, Stopped: billedFrom.Add(50 * time.Millisecond), Steps: 2}
	result.Identity.Arn = arn
	for _, kind := range []string{"TaskStateEntered", "TaskScheduled", "TaskScheduled", "TaskStateEntered", "TaskScheduled"} {
		result.Events = append(result.Events, asl.Event{Type: kind})
	}
	return result
}

func TestExecutionsAreBilledByTheirStates(t *testing.T) {
	for _, test := range []struct{ arn, want string }{
		{"arn:aws:states:us-east-1:1:execution:M:a", "0.000075"},     // 2 states and a retry
		{"arn:aws:states:us-east-1:1:express:M:a:b", "0.0000011042"}, // 0.1 s of 64 MB: 0.060012 / 576000
	} {
		if got := billOf(t, "", nil, execution(test.arn)).PerRun.String(); got != test.want {
			t.Errorf("%s: got %s USD, expected %s", test.arn, got, test.want)
		}
	}
}

// Whatever the lab learns to play, somebody has to say what it costs; and what is said to be in the bill is in one of those above.
func TestAllThatTheLabPlaysIsInTheBillOrNotCountedForAReason(t *testing.T) {
	seen := map[cost.Item]bool{}
	add := func(bill *cost.Estimate) {
		for _, line := range bill.Run {
			seen[line.Item] = true
		}
	}
	for _, test := range computed {
		add(billOf(t, test.region, test.events))
	}
	add(billOf(t, "", nil, execution("arn:aws:states:us-east-1:1:execution:M:a"), execution("arn:aws:states:us-east-1:1:express:M:a:b")))
	for _, all := range []struct {
		names   []string
		charges map[string]charge
	}{{append(lab.Types(), "AWS::Logs::LogGroup"), chargesOfTypes}, {lab.Actions(), chargesOfActions}} {
		for _, name := range all.names {
			c, ok := all.charges[name]
			if !ok || !c.free && c.left == "" && len(c.items) == 0 {
				t.Errorf("the lab plays %s: got nothing that says what it costs, expected an entry in the table of charges", name)
			}
			for _, item := range c.items {
				if !seen[item] {
					t.Errorf("%s: %s is in no bill", name, item)
				}
			}
		}
		for name := range all.charges {
			if !slices.Contains(all.names, name) {
				t.Errorf("%s has a charge, and the lab does not play it", name)
			}
		}
	}
}
