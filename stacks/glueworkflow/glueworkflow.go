// Package glueworkflow is the worked example of an AWS Glue workflow: an object lands, a crawler updates the Data Catalog,
// and when it has succeeded an ETL job turns the partitions that changed into Parquet.
//
// Orchestration itself is free; only the crawler and the job cost.
// Source: AWS Glue Developer Guide, "Starting an AWS Glue workflow with an Amazon EventBridge event".
package glueworkflow

import (
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
	"example.com/pipewright/constructs/objectrule"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/projectkey"
	"example.com/pipewright/constructs/ruletarget"
	"example.com/pipewright/constructs/settings"
)

// Props are the parameters of the stack. The zero value of each field is its documented default.
type Props = settings.Settings

// New makes the stack. Without props it reads them from the context (cdk.json, or -c key=value).
func New(scope constructs.Construct, id string, props *Props) awscdk.Stack {
	stack, use := project.NewStack(scope, id, "Crawls landed objects and runs an ETL job on what changed", props)

	key := projectkey.New(stack, "Key", &projectkey.Props{Lab: use.Lab})
	logs := lakebucket.NewLogs(stack, "AccessLogs", use.Lab)
	landing := lakebucket.New(stack, "Landing", &lakebucket.Props{Key: key, Logs: logs, EventBridge: true, Lab: use.Lab})
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
		CrawlerName: crawler.Name, JobName: job.Name, Security: security,
	})
	landed := objectrule.New(stack, "ObjectLanded", &objectrule.Props{
		BucketName: landing.BucketName(), Prefix: use.Prefix, Suffix: use.Suffix,
		Target: ruletarget.NewWithRole(stack, "StartWorkflow", "glue:notifyEvent", workflow.Arn, queue),
	})

	watch := alerts.New(stack, "Alerts", &alerts.Props{Key: key, Queue: queue, Notify: use.Notify})
	watch.WatchRule("ObjectLanded", landed)
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
	watch.Dashboard("Dashboard",
		alerts.Graph("Objects landed, by events matched", alerts.RuleMetric(landed, "MatchedEvents")),
		alerts.Graph("Events that wait undelivered", queue.MetricApproximateNumberOfMessagesVisible(
			&awscloudwatch.MetricOptions{Statistic: jsii.String("max")})))

	project.Output(stack, "LandingBucket", "Put objects here, under "+use.Prefix, landing.BucketName())
	project.Output(stack, "CuratedBucket", "Find monthly Parquet and the quarantine here", curated.BucketName())
	return stack
}
