// Package scheduledquery is the worked example of a scheduled query: Amazon Redshift takes in what has landed in S3 and exports monthly
// figures as Parquet, every Monday at 08:00 Pacific time.
//
// By default an EventBridge rule starts it, because that is what the Redshift console shows as a scheduled query. A rule runs in UTC, so
// while daylight saving time is in force the run is an hour late by the clock on the wall. With keepLocalTime EventBridge Scheduler starts
// it instead, at 08:00 all year, out of the console's sight. So it does for an existing workgroup, because a rule needs its ARN.
//
// Source: Amazon Redshift Management Guide, "Scheduling Amazon Redshift Data API operations with Amazon EventBridge", "Monitoring events for
// the Amazon Redshift Data API in Amazon EventBridge"; Amazon EventBridge Scheduler User Guide, "Using universal targets".
package scheduledquery

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/deadletters"
	"example.com/pipewright/constructs/lakebucket"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/projectkey"
	"example.com/pipewright/constructs/queryrule"
	"example.com/pipewright/constructs/scheduledstart"
	"example.com/pipewright/constructs/settings"
	"example.com/pipewright/constructs/warehouse"
	"example.com/pipewright/constructs/weatherexport"
)

// Props are the parameters of the stack. The zero value of each field is its documented default.
type Props = settings.Settings

// The schedule of the worked example. In UTC it is 08:00 in winter and 09:00 in summer: never before the time that was wished.
const (
	defaultSchedule    = "cron(0 8 ? * MON *)"
	defaultTimezone    = "America/Los_Angeles"
	defaultScheduleUTC = "cron(0 16 ? * MON *)"
)

// maxDailySeconds is the compute of a day beyond which an alarm tells: an hour at the base capacity, about 3 USD.
const maxDailySeconds = warehouse.BaseRPU * 3600

// named is what namespace, workgroup and rule can be named. Source: Amazon Redshift Serverless API, CreateWorkgroup; Amazon EventBridge
// API, PutRule (64 characters, of which four are QS2-), read 2026-11.
var named = regexp.MustCompile(`^[A-Za-z0-9-]{3,60}$`)

// New makes the stack. Without props it reads them from the context (cdk.json, or -c key=value).
func New(scope constructs.Construct, id string, props *Props) awscdk.Stack {
	stack, use := project.NewStack(scope, id, "Exports monthly figures with a scheduled query", props)
	// Without a schedule it is the worked example: object stands for nothing said.
	project.Refuse(stack, use.Unused(settings.Uses{Starts: []string{settings.OnObject, settings.OnSchedule}, Keys: []string{settings.Query, settings.Warehouse}}))
	settle(stack, &use)

	key := projectkey.New(stack, "Key", &projectkey.Props{Lab: use.Lab})
	logs := lakebucket.NewLogs(stack, "AccessLogs", use.Lab)
	landing := lakebucket.New(stack, "Landing", &lakebucket.Props{Key: key, Logs: logs, Lab: use.Lab})
	exports := lakebucket.New(stack, "Exports", &lakebucket.Props{Key: key, Logs: logs, Lab: use.Lab})
	queue := deadletters.New(stack, "DeadLetters")
	watch := alerts.New(stack, "Alerts", &alerts.Props{Key: key, Queue: queue, Notify: use.Notify})

	export := weatherexport.New(stack, "Export", &weatherexport.Props{Landing: landing, Prefix: use.Prefix, Exports: exports, Key: key})
	name := queryrule.Prefix + strings.ToLower(use.Name)
	house := home(stack, use, name, export.Role, key, landing, exports)
	query := &query{stack: stack, use: use, house: house, name: name, statements: export.Statements, queue: queue, watch: watch}
	if existing(use) {
		query.statements = append([]*string{warehouse.StopAfter(use.LongestMinutes)}, export.Statements...)
	}
	started := query.start()
	query.watchRuns(started)
	watch.Dashboard("Dashboard",
		alerts.Graph("Runs started", started),
		alerts.Graph("Compute used in a day, in RPU-seconds", house.ComputeSeconds()),
		alerts.Graph("Starts that failed", queue.MetricApproximateNumberOfMessagesVisible(
			&awscloudwatch.MetricOptions{Statistic: jsii.String("max")})))

	project.Output(stack, "LandingBucket", "Put objects here, under "+use.Prefix, landing.BucketName())
	project.Output(stack, "ExportsBucket", "Find the export here, under "+weatherexport.Folder, exports.BucketName())
	project.Output(stack, "Workgroup", "Look at its query history in the Redshift console", house.Name)
	tellCommands(stack, use, house, export.Role)
	return stack
}

// settle fills in the worked example's schedule, and reports what this stack cannot use.
func settle(stack awscdk.Stack, use *settings.Settings) {
	if use.Schedule == "" {
		use.Schedule, use.Timezone, use.ScheduleUTC, use.MissedDays = defaultSchedule, defaultTimezone, defaultScheduleUTC, alerts.MaxAbsentDays
	}
	settleHome(stack, use)
	if use.ScheduleUTC == "" && (use.Timezone == "UTC" || strings.HasPrefix(use.Schedule, "rate(")) {
		use.ScheduleUTC = use.Schedule
	}
	fail := func(text string) { awscdk.Annotations_Of(stack).AddError(&text) }
	switch {
	case use.KeepLocalTime:
	case use.ScheduleUTC == "":
		fail(fmt.Sprintf("context scheduleUtc: is missing, and the rule cannot run at %s in %s, because a rule has no time zone\n"+
			"  hint: write the cron in UTC as scheduleUtc, or keepLocalTime=true", use.Schedule, use.Timezone))
		use.ScheduleUTC = use.Schedule // the synth fails with our words, not with the CDK's
	case strings.HasPrefix(use.ScheduleUTC, "at("):
		fail("context schedule: got " + use.ScheduleUTC + ", a rule accepts cron(...) and rate(...)\n  hint: keepLocalTime=true")
	}
	if !named.MatchString(use.Name) {
		fail(fmt.Sprintf("context name: got %q, a warehouse is named with 3 to 60 letters, digits and hyphens", use.Name))
		use.Name = "unnamed" // the synth fails with our words, not with the CDK's
	}
	if use.Flexible > 0 && !use.KeepLocalTime {
		fail(fmt.Sprintf("context flexibleMinutes: got %d, a rule starts at the minute\n  hint: keepLocalTime=true, or leave it out", use.Flexible))
	}
	if err := weatherexport.CheckPrefix(use.Prefix); err != nil {
		fail(err.Error())
	}
	if use.MissedDays == 0 {
		awscdk.Annotations_Of(stack).AddInfo(jsii.String("no alarm tells that a run is missing: an alarm looks back for seven days at most. " +
			"Set the context missedDays if the query runs more often"))
	}
}

// query is what has to be started, and who watches it.
type query struct {
	stack      awscdk.Stack
	use        settings.Settings
	house      *warehouse.Warehouse
	name       string // of the statement, and of the rule
	statements []*string
	queue      awssqs.Queue
	watch      *alerts.Alerts
}

// start makes what starts the query, and returns how often it did.
func (q *query) start() awscloudwatch.IMetric {
	daily := &awscloudwatch.MetricOptions{Period: awscdk.Duration_Days(jsii.Number(1))}
	if q.use.KeepLocalTime {
		return q.startLocally().With(daily)
	}
	rule := queryrule.New(q.stack, "Query", &queryrule.Props{
		Name: q.name, Expression: q.use.ScheduleUTC, Description: "Runs the export; wished: " + q.use.Schedule + " " + q.use.Timezone,
		Warehouse: q.house, Statements: q.statements, DeadLetters: q.queue,
	})
	q.watch.WatchRule("Query", rule)
	return alerts.RuleMetric(rule, "TriggeredRules").With(daily)
}

// startLocally calls the Data API from EventBridge Scheduler. A start that is repeated has the same token, so that the statement runs once.
// Source: Amazon Redshift Data API, BatchExecuteStatement, ClientToken.
func (q *query) startLocally() awscloudwatch.Metric {
	input := q.stack.ToJsonString(map[string]any{
		"WorkgroupName": q.house.Name, "Database": q.house.Database, "Sqls": q.statements, "StatementName": q.name,
		"WithEvent": true, "ClientToken": scheduledstart.ExecutionID,
	}, nil)
	start := scheduledstart.New(q.stack, "Query", &scheduledstart.Props{
		Expression: q.use.Schedule, Timezone: q.use.Timezone, FlexibleMinutes: q.use.Flexible, MissedDays: q.use.MissedDays,
		TargetArn: scheduledstart.UniversalTarget("redshiftdata:batchExecuteStatement"), May: q.house.MayRun(), Input: *input, DeadLetters: q.queue,
	})
	start.Watch(q.watch, "the query")
	return start.Metric("InvocationAttemptCount")
}

// watchRuns tells of what failed, of what did not run, and of what costs more than expected.
func (q *query) watchRuns(started awscloudwatch.IMetric) {
	q.watch.Report("QueryFailed", "The export failed or was aborted", &alerts.Failure{
		Source: "aws.redshift-data", DetailType: "Redshift Data Statement Status Change",
		Detail:  map[string]any{"statementName": []any{q.name}, "state": []any{"FAILED", "ABORTED"}},
		Message: "The export " + q.name + " did not succeed (state, statement id):",
		Paths:   []string{"$.detail.state", "$.detail.statementId"},
	})
	if q.use.MissedDays > 0 && !q.use.KeepLocalTime {
		q.watch.WatchAbsent("QueryMissed", fmt.Sprintf("The export has not been started for %d days", q.use.MissedDays), started, q.use.MissedDays)
	}
	if existing(q.use) {
		return // what others run there counts, too
	}
	q.watch.WatchFrom("ComputeUsed", "The warehouse used more compute in a day than an hour at its base capacity", q.house.ComputeSeconds(), maxDailySeconds)
}
