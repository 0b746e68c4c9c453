// Package glueworkflow is the worked example of an AWS Glue workflow: an object lands, a crawler updates the Data Catalog,
// and when it has succeeded an ETL job turns the partitions that changed into Parquet. A schedule, another event or a command
// may start it instead of the object; what a run does is the same.
//
// Orchestration itself is free; only the crawler and the job cost.
// Source: AWS Glue Developer Guide, "Starting an AWS Glue workflow with an Amazon EventBridge event".
package glueworkflow

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/crawlandrun"
	"example.com/pipewright/constructs/deadletters"
	"example.com/pipewright/constructs/etljob"
	"example.com/pipewright/constructs/gluesecurity"
	"example.com/pipewright/constructs/lakebucket"
	"example.com/pipewright/constructs/landingcrawler"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/projectkey"
	"example.com/pipewright/constructs/settings"
)

// Props are the parameters of the stack. The zero value of each field is its documented default.
type Props = settings.Settings

// New makes the stack. Without props it reads them from the context (cdk.json, or -c key=value).
func New(scope constructs.Construct, id string, props *Props) awscdk.Stack {
	stack, use := project.NewStack(scope, id, "Crawls landed objects and runs an ETL job on what changed", props)
	project.Refuse(stack, use.Unused(settings.Uses{
		Starts: []string{settings.OnObject, settings.OnSchedule, settings.OnEvent, settings.OnDemand},
	}))
	refuseSuffix(stack, use)
	// Another event may be about an object in the landing bucket too.
	sendsEvents := use.Start() == settings.OnObject || use.Start() == settings.OnEvent

	key := projectkey.New(stack, "Key", &projectkey.Props{Lab: use.Lab})
	logs := lakebucket.NewLogs(stack, "AccessLogs", use.Lab)
	landing := lakebucket.New(stack, "Landing", &lakebucket.Props{Key: key, Logs: logs, EventBridge: sendsEvents, Lab: use.Lab})
	curated := lakebucket.New(stack, "Curated", &lakebucket.Props{Key: key, Logs: logs, Lab: use.Lab})
	queue := deadletters.New(stack, "DeadLetters")
	security := gluesecurity.New(stack, "Security", key)

	crawler := landingcrawler.New(stack, "Crawl", &landingcrawler.Props{
		Landing: landing, Prefix: use.Prefix, Key: key, Security: security,
	})
	job := etljob.New(stack, "Etl", &etljob.Props{
		Landing: landing, Prefix: use.Prefix, Curated: curated, Key: key, Security: security, TimeoutMinutes: use.LongestMinutes,
	})
	workflow := crawlandrun.New(stack, "Pipeline", &crawlandrun.Props{
		First: first[use.Start()], CrawlerName: crawler.Name, JobName: job.Name, Security: security,
	})
	watch := alerts.New(stack, "Alerts", &alerts.Props{Key: key, Queue: queue, Notify: use.Notify})
	graphs := start(stack, use, landing, workflow, queue, watch)
	watch.Report("JobFailed", "The ETL job failed, timed out or was stopped", &alerts.Failure{
		Source: "aws.glue", DetailType: "Glue Job State Change",
		Detail:  map[string]any{"jobName": []any{job.Name}, "state": []any{"FAILED", "TIMEOUT", "STOPPED", "ERROR"}},
		Message: "The Glue job did not succeed (job, run, state, message):",
		Paths:   []string{"$.detail.jobName", "$.detail.jobRunId", "$.detail.state", "$.detail.message"},
	})
	watch.Report("CrawlerFailed", "The crawler failed, so the ETL job did not start", &alerts.Failure{
		Source: "aws.glue", DetailType: "Glue Crawler State Change",
		Detail:  map[string]any{"crawlerName": []any{crawler.Name}, "state": []any{"Failed"}},
		Message: "The Glue crawler failed (crawler, message):",
		Paths:   []string{"$.detail.crawlerName", "$.detail.errorMessage"},
	})
	watch.Dashboard("Dashboard", append(graphs, alerts.Graph("Events that wait undelivered",
		queue.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{Statistic: jsii.String("max")})))...)

	project.Output(stack, "LandingBucket", "Put objects here, under "+use.Prefix, landing.BucketName())
	project.Output(stack, "CuratedBucket", "Find monthly Parquet and the quarantine here", curated.BucketName())
	return stack
}

// refuseSuffix reports a suffix that would change nothing: only the rule of a landed object looks at it, crawler and job take all that is
// under the prefix.
func refuseSuffix(stack awscdk.Stack, use settings.Settings) {
	if use.Suffix != "" && use.Start() != settings.OnObject {
		project.Refuse(stack, fmt.Errorf("context suffix: got %q, which a start by %s has no use for: crawler and job take everything under the prefix\n"+
			"  hint: leave it out, or write -c suffix=", use.Suffix, use.Start()))
	}
}
