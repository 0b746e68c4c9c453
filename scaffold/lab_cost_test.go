package main

import (
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lab"
)

// A run's bill is made of its own events: the times between them, the sizes in the template, and the minimums of AWS.
func TestARunIsBilledByItsOwnEvents(t *testing.T) {
	template, err := cfn.Parse([]byte(`{"Resources": {
		"Spark": {"Type": "AWS::Glue::Job", "Properties": {"Command": {"Name": "glueetl"}, "WorkerType": "G.1X", "NumberOfWorkers": 2}},
		"Flex": {"Type": "AWS::Glue::Job", "Properties": {"Command": {"Name": "glueetl"}, "WorkerType": "G.2X", "NumberOfWorkers": 5, "ExecutionClass": "FLEX"}},
		"Shell": {"Type": "AWS::Glue::Job", "Properties": {"Command": {"Name": "pythonshell"}}},
		"Small": {"Type": "AWS::Lambda::Function", "Properties": {}},
		"Large": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": 2048}},
		"Daily": {"Type": "AWS::Scheduler::Schedule", "Properties": {}}, "Rule": {"Type": "AWS::Events::Rule", "Properties": {}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	stack, err := template.Deploy(cfn.Place{Stack: "Test"})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	event := func(after time.Duration, kind, resource, run string) lab.Event {
		return lab.Event{Time: start.Add(after), Type: kind, Resource: resource, Detail: map[string]any{"run": run, "source": run}}
	}
	for _, test := range []struct {
		name   string
		events []lab.Event
		want   string // USD
	}{
		{"a job of 40 s, 35 of them without workers, is billed a minute of 2 DPU: 0.44 / 30", []lab.Event{
			event(0, "JobRunStarted", "Spark", "1"), event(40*time.Second, "JobRunEnded", "Spark", "1"),
		}, "0.0146666667"},
		{"a Flex job of 10 DPU for an hour: 2.90", []lab.Event{
			event(0, "JobRunStarted", "Flex", "1"), event(time.Hour+35*time.Second, "JobRunEnded", "Flex", "1"),
		}, "2.9"},
		{"a Python shell job of 1/16 DPU for an hour: 0.0275", []lab.Event{
			event(0, "JobRunStarted", "Shell", "1"), event(time.Hour+15*time.Second, "JobRunEnded", "Shell", "1"),
		}, "0.0275"},
		{"a crawler of a minute is billed ten: 0.44 / 6", []lab.Event{
			event(0, "CrawlerStarted", "Crawler", ""), event(time.Minute, "CrawlerEnded", "Crawler", ""),
		}, "0.0733333333"},
		{"two calls at once, 1 s and 3 s of 2 GB: 8 × 0.0000133334 + 2 × 0.0000002", []lab.Event{
			event(0, "FunctionInvoked", "Large", ""), event(time.Second, "FunctionInvoked", "Large", ""),
			event(2*time.Second, "FunctionEnded", "Large", ""), event(3*time.Second, "FunctionEnded", "Large", ""),
		}, "0.0001070672"},
		{"a call of 8 s without a size has 128 MB: 0.0000133334 + 0.0000002", []lab.Event{
			event(0, "FunctionInvoked", "Small", ""), event(8*time.Second, "FunctionEnded", "Small", ""),
		}, "0.0000135334"},
		{"a partner's event, and one of AWS, which is free", []lab.Event{event(0, "EventSent", "", "partner.orders"), event(0, "EventSent", "", "aws.s3")}, "0.000001"},
		{"a start by Scheduler, and one by a rule, which is free", []lab.Event{event(0, "ScheduleStarted", "Daily", ""), event(0, "ScheduleStarted", "Rule", "")}, "0.000001"},
	} {
		t.Run(test.name, func(t *testing.T) {
			used := newMeter(stack)
			for i := range test.events {
				used.event(&test.events[i])
			}
			if got := used.bill().PerRun.String(); got != test.want {
				t.Errorf("got %s USD, expected %s", got, test.want)
			}
		})
	}
}
