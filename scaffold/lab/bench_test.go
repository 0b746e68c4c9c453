package lab

import (
	"fmt"
	"testing"
	"time"

	"example.com/pipewright/scaffold/lineage"
)

// BenchmarkMonthOfMondays plays a month of a weekly schedule.
func BenchmarkMonthOfMondays(b *testing.B) {
	for b.Loop() {
		r := build(b, scheduleOf("cron(0 8 ? * MON *)", "", ""), Options{For: 30 * 24 * time.Hour}).run()
		if len(r.messages()) != 5 {
			b.Fatalf("got %d starts, expected 5", len(r.messages()))
		}
	}
}

// BenchmarkObjectsAtOnce lets objects land at once that are collected in batches of ten. The time of each must not depend on their number.
func BenchmarkObjectsAtOnce(b *testing.B) {
	for _, count := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			for b.Loop() {
				landAtOnce(b, count)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/object")
		})
	}
}

// landAtOnce has objects land at once, ten a run.
func landAtOnce(t testing.TB, count int, told ...func(*lineage.Event)) *rig {
	t.Helper()
	p := graph(`"Type": "EVENT", "EventBatchingCondition": {"BatchSize": 10, "BatchWindow": 60}`, "", parts{
		"Landing": landing, "First": jobWith(`, "ExecutionProperty": {"MaxConcurrentRuns": 1000}`),
		"Rule": `{"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.s3"]}, "Targets": [{"Arn": {"Fn::Join": ["", ["arn:aws:glue:us-east-1:123456789012:workflow/", {"Ref": "Workflow"}]]},
			"Id": "t", "RoleArn": {"Fn::GetAtt": ["EventsRole", "Arn"]}}]}}`,
	})
	var options Options
	for _, report := range told {
		options.Lineage = report
	}
	r := build(t, p, options)
	for i := range count {
		r.put(fmt.Sprintf("raw/%05d.csv", i))
	}
	return r.run()
}

func TestAThousandObjectsAtOnceBecomeAHundredRuns(t *testing.T) {
	r := landAtOnce(t, 1000)
	same(t, "objects", len(r.happened("ObjectCreated")), 1000)
	same(t, "runs", len(r.happened("WorkflowRunStarted")), 100)
	same(t, "failures", r.failures, nil)
}

// BenchmarkLineage has a thousand objects land, of which a hundred batches are made, with lineage and without.
func BenchmarkLineage(b *testing.B) {
	for _, way := range []struct {
		name   string
		report func(*lineage.Event)
	}{{"without", nil}, {"observed", func(*lineage.Event) {}}, {"checked", func(e *lineage.Event) {
		if _, err := lineage.Encode(e); err != nil {
			b.Fatal(err)
		}
	}}} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				landAtOnce(b, 1000, way.report)
			}
		})
	}
}
