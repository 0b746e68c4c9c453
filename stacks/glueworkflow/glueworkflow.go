// Package glueworkflow is the worked example of an AWS Glue workflow: an object lands, a crawler updates the Data Catalog,
// and when it has succeeded an ETL job turns the partitions that changed into Parquet. The answers choose other lists of crawlers and
// jobs, and a schedule, another event or a command in the place of the object; what a run does is the same.
//
// Orchestration itself is free; only the crawler and the job cost.
// Source: AWS Glue Developer Guide, "Starting an AWS Glue workflow with an Amazon EventBridge event".
package glueworkflow

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/deadletters"
	"example.com/pipewright/constructs/gluepipeline"
	"example.com/pipewright/constructs/gluesecurity"
	"example.com/pipewright/constructs/lakebucket"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/projectkey"
	"example.com/pipewright/constructs/settings"
)

// Props are the parameters of the stack. The zero value of each field is its documented default; that of Work is crawler, glue-job.
type Props = settings.Settings

// New makes the stack. Without props it reads them from the context (cdk.json, or -c key=value).
func New(scope constructs.Construct, id string, props *Props) awscdk.Stack {
	stack, use := project.NewStack(scope, id, works[0].does, props)
	project.Refuse(stack, use.Unused(settings.Uses{
		Starts: []string{settings.OnObject, settings.OnSchedule, settings.OnEvent, settings.OnDemand},
		Keys:   []string{settings.Steps},
	}))
	work, does, err := plan(use.Work)
	project.Refuse(stack, err)
	stack.TemplateOptions().SetDescription(&does)
	refuseSuffix(stack, use)
	refuseTimeout(stack, use, work)
	// Another event may be about an object in the landing bucket too.
	sendsEvents := use.Start() == settings.OnObject || use.Start() == settings.OnEvent

	key := projectkey.New(stack, "Key", &projectkey.Props{Lab: use.Lab})
	logs := lakebucket.NewLogs(stack, "AccessLogs", use.Lab)
	parts := &pipeline{stack: stack, use: use, key: key}
	parts.landing = lakebucket.New(stack, "Landing", &lakebucket.Props{Key: key, Logs: logs, EventBridge: sendsEvents, Lab: use.Lab})
	if slices.Contains(work, glueJob) {
		parts.curated = lakebucket.New(stack, "Curated", &lakebucket.Props{Key: key, Logs: logs, Lab: use.Lab})
	}
	queue := deadletters.New(stack, "DeadLetters")
	parts.security = gluesecurity.New(stack, "Security", key)
	steps := parts.steps(work)
	workflow := gluepipeline.New(stack, "Pipeline", &gluepipeline.Props{First: first[use.Start()], Nodes: nodes(steps), Security: parts.security})

	watch := alerts.New(stack, "Alerts", &alerts.Props{Key: key, Queue: queue, Notify: use.Notify})
	graphs := start(stack, use, parts.landing, workflow, queue, watch)
	for _, step := range slices.Backward(steps) { // on the dashboard, what fails nearest to the result stands first
		watch.Report(step.id, step.failed, step.failure())
	}
	watch.Dashboard("Dashboard", append(graphs, alerts.Graph("Events that wait undelivered",
		queue.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{Statistic: jsii.String("max")})))...)
	parts.outputs(&steps[len(steps)-1])
	return stack
}

// outputs say where a run reads, and where its result is.
func (p *pipeline) outputs(last *step) {
	project.Output(p.stack, "LandingBucket", "Put objects here, under "+p.use.Prefix, p.landing.BucketName())
	if p.curated != nil {
		project.Output(p.stack, "CuratedBucket", "Find monthly Parquet and the quarantine here", p.curated.BucketName())
	}
	if last.database != nil {
		project.Output(p.stack, "Database", "Find the table that the last crawler keeps up to date here", last.database)
	}
}

// refuseSuffix reports a suffix that would change nothing: only the rule of a landed object looks at it, crawlers and jobs take all that
// is under the prefix.
func refuseSuffix(stack awscdk.Stack, use settings.Settings) {
	if use.Suffix != "" && use.Start() != settings.OnObject {
		project.Refuse(stack, fmt.Errorf("context suffix: got %q, which a start by %s has no use for: crawlers and jobs take everything under the prefix\n"+
			"  hint: leave it out, or write -c suffix=", use.Suffix, use.Start()))
	}
}

// refuseTimeout reports a timeout that nothing would keep: Glue has one for jobs alone. Source: AWS Glue API, CreateCrawler, read 2026-11.
func refuseTimeout(stack awscdk.Stack, use settings.Settings, work []string) {
	if got := use.LongestMinutes; got != settings.DefaultLongestMinutes && !slices.Contains(work, glueJob) {
		project.Refuse(stack, fmt.Errorf("context longestMinutes: got %d, and a crawler has no timeout in Glue\n"+
			"  hint: leave it out, or write -c longestMinutes=%d", got, settings.DefaultLongestMinutes))
	}
}
