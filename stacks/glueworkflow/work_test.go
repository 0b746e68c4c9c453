package glueworkflow_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/stacks/glueworkflow"
)

func jobAlone() glueworkflow.Props {
	props := scheduled()
	props.Work = []string{"glue-job"}
	return props
}

func jobThenCrawler() glueworkflow.Props {
	props := lab()
	props.Work = []string{"glue-job", "crawler"}
	return props
}

// Each list has the triggers that start its nodes in its order, and the resources and reports of these nodes alone.
func TestTheWorkRunsInItsOrder(t *testing.T) {
	for _, test := range []struct {
		work              []string
		workflow          string
		triggers          []map[string]any
		jobs, crawlers    int
		curated, database bool // outputs
	}{
		{
			[]string{"crawler", "glue-job"},
			"Crawls landed objects, then runs the ETL job",
			[]map[string]any{then(nil, crawl), then(crawled, etl)},
			1, 1, true, false,
		},
		{[]string{"glue-job"}, "Runs the ETL job", []map[string]any{then(nil, etl)}, 1, 0, true, false},
		{[]string{"crawler"}, "Crawls landed objects", []map[string]any{then(nil, crawl)}, 0, 1, false, true},
		{
			[]string{"glue-job", "crawler"},
			"Runs the ETL job, then crawls curated objects",
			[]map[string]any{then(nil, etl), then(processed, crawlCurated)},
			1, 1, true, true,
		},
		{
			[]string{"crawler", "glue-job", "crawler"},
			"Crawls landed objects, then runs the ETL job, then crawls curated objects",
			[]map[string]any{then(nil, crawl), then(crawled, etl), then(processed, crawlCurated)},
			1, 2, true, true,
		},
	} {
		t.Run(strings.Join(test.work, ", "), func(t *testing.T) {
			props := lab()
			props.Work = test.work
			template := assertions.Template_FromStack(stack(t, props), nil)
			template.HasResourceProperties(jsii.String("AWS::Glue::Workflow"), map[string]any{"Description": test.workflow})
			template.ResourceCountIs(jsii.String("AWS::Glue::Trigger"), jsii.Number(len(test.triggers)))
			for _, trigger := range test.triggers {
				template.HasResourceProperties(jsii.String("AWS::Glue::Trigger"), trigger)
			}
			template.ResourceCountIs(jsii.String("AWS::Glue::Job"), jsii.Number(test.jobs))
			template.ResourceCountIs(jsii.String("AWS::Glue::Crawler"), jsii.Number(test.crawlers))
			for kind, count := range map[string]int{"Glue Job State Change": test.jobs, "Glue Crawler State Change": test.crawlers} {
				template.ResourcePropertiesCountIs(jsii.String("AWS::Events::Rule"), map[string]any{
					"EventPattern": map[string]any{"detail-type": []any{kind}},
				}, jsii.Number(count))
			}
			for output, there := range map[string]bool{"CuratedBucket": test.curated, "Database": test.database} {
				if found := len(*template.FindOutputs(&output, nil)) > 0; found != there {
					t.Errorf("output %s: got %t, want %t", output, found, there)
				}
			}
		})
	}
}

var (
	crawl        = map[string]any{"CrawlerName": map[string]any{"Ref": "CrawlCrawler043FC519"}}
	crawlCurated = map[string]any{"CrawlerName": map[string]any{"Ref": "CrawlCuratedCrawlerF667F24F"}}
	etl          = map[string]any{"JobName": map[string]any{"Ref": "EtlJobC608A315"}, "SecurityConfiguration": map[string]any{"Ref": "Security"}}
	crawled      = map[string]any{"CrawlerName": crawl["CrawlerName"], "CrawlState": "SUCCEEDED", "LogicalOperator": "EQUALS"}
	processed    = map[string]any{"JobName": etl["JobName"], "State": "SUCCEEDED", "LogicalOperator": "EQUALS"}
)

// then is the trigger that starts the action: the first one by events, the others by a condition.
func then(condition, action map[string]any) map[string]any {
	trigger := map[string]any{"Type": "EVENT", "Actions": []any{assertions.Match_ObjectEquals(&action)}}
	if condition != nil {
		trigger["Type"] = "CONDITIONAL"
		trigger["StartOnCreation"] = true
		trigger["Predicate"] = map[string]any{"Conditions": []any{assertions.Match_ObjectEquals(&condition)}}
	}
	return trigger
}

// Glue refuses to change a workflow twice at once, so no two triggers may be made at the same time.
func TestTriggersAreMadeOneAfterAnother(t *testing.T) {
	props := lab()
	props.Work = []string{"crawler", "glue-job", "crawler"}
	triggers := *assertions.Template_FromStack(stack(t, props), nil).FindResources(jsii.String("AWS::Glue::Trigger"), nil)
	after := map[string]bool{}
	for _, trigger := range triggers {
		if made, ok := (*trigger)["DependsOn"].([]any); ok {
			for _, other := range made {
				after[other.(string)] = true //nolint:forcetypeassert // the CDK writes ids of resources
			}
		}
	}
	if len(triggers) != 3 || len(after) != 2 {
		t.Errorf("got %d triggers, of which %d are waited for by another, want 3 and 2", len(triggers), len(after))
	}
}

// The ledger and the quarantine lie in the same bucket as what the job writes, and are no tables.
func TestTheCrawlerAfterTheJobLooksAtWhatTheJobWroteAlone(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, jobThenCrawler()), nil)
	curated := map[string]any{"Ref": "CuratedF137945A"}
	template.HasResourceProperties(jsii.String("AWS::Glue::Crawler"), map[string]any{
		"Targets":      map[string]any{"S3Targets": []any{map[string]any{"Path": joined("s3://", curated, "/monthly/")}}},
		"DatabaseName": map[string]any{"Ref": "CrawlCuratedDatabaseBE6500E4"},
	})
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"Description": "Reads curated objects, writes their table",
		"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{
			map[string]any{
				"Action": "s3:GetObject", "Effect": "Allow",
				"Resource": joined(map[string]any{"Fn::GetAtt": []any{"CuratedF137945A", "Arn"}}, "/monthly/*"),
			},
		})},
	})
}

func joined(parts ...any) map[string]any {
	return map[string]any{"Fn::Join": []any{"", parts}}
}

func TestWorkThatCannotBeDoneFailsTheStack(t *testing.T) {
	const lists = "expected one of [crawler, glue-job], [glue-job], [crawler], [glue-job, crawler], [crawler, glue-job, crawler]"
	for _, test := range []struct {
		name    string
		context map[string]any
		want    string
	}{
		{"a function", map[string]any{"work": []any{"lambda", "glue-job"}}, "context work: got [lambda, glue-job], " + lists},
		{"two jobs", map[string]any{"work": "glue-job, glue-job"}, "context work: got [glue-job, glue-job], " + lists},
		{"two crawlers in a row", map[string]any{"work": "crawler,crawler"}, "context work: got [crawler, crawler], " + lists},
		{"a timeout that a crawler has not", map[string]any{"work": "crawler", "longestMinutes": 60.0}, "context longestMinutes: got 60, and a crawler has no timeout in Glue"},
	} {
		t.Run(test.name, func(t *testing.T) { refused(t, test.context, test.want) })
	}
}
