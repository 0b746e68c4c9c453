package mwaa

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// Minutes over which the metrics are looked at.
const (
	short = 5
	long  = 30
	day   = 24 * 60
)

// The metrics are Airflow's, as MWAA sends them to CloudWatch.
// Source: Amazon MWAA User Guide, "Apache Airflow v2 and v3 environment metrics in CloudWatch" (namespace AmazonMWAA), read 2026-11.

// Heartbeats of the scheduler: none means that nothing is started any more.
func (e *Environment) Heartbeats() awscloudwatch.IMetric {
	return e.metric("SchedulerHeartbeat", "sum", short, map[string]*string{"Function": jsii.String("Scheduler")})
}

// ImportErrors is the number of DAG files that cannot be imported.
func (e *Environment) ImportErrors() awscloudwatch.IMetric {
	return e.metric("ImportErrors", "max", short, map[string]*string{"Function": jsii.String("DAG Processing")})
}

// Waiting is the least number of tasks that waited for a worker within half an hour: more than none means that a task waited all the time.
func (e *Environment) Waiting() awscloudwatch.IMetric {
	return e.metric("QueuedTasks", "min", long, map[string]*string{"Function": jsii.String("Executor")})
}

// Running is the number of tasks that run.
func (e *Environment) Running() awscloudwatch.IMetric {
	return e.metric("RunningTasks", "max", short, map[string]*string{"Function": jsii.String("Executor")})
}

// TaskFailures counts each try of a task that failed, those that were tried again too.
func (e *Environment) TaskFailures() awscloudwatch.IMetric {
	return e.metric("TaskInstanceFailures", "sum", short, map[string]*string{"DAG": jsii.String("All"), "Task": jsii.String("All")})
}

// FailedRuns counts the runs of a DAG that failed in the end. Each sends one duration.
func (e *Environment) FailedRuns(dag string) awscloudwatch.IMetric {
	return e.metric("DAGDurationFailed", "SampleCount", short, map[string]*string{"DAG": &dag})
}

// SuccessfulRuns counts the runs of a DAG that succeeded within a day.
func (e *Environment) SuccessfulRuns(dag string) awscloudwatch.IMetric {
	return e.metric("DAGDurationSuccess", "SampleCount", day, map[string]*string{"DAG": &dag})
}

func (e *Environment) metric(name, statistic string, minutes float64, dimensions map[string]*string) awscloudwatch.IMetric {
	dimensions["Environment"] = e.Name
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AmazonMWAA"), MetricName: &name, DimensionsMap: &dimensions, Statistic: &statistic,
		Period: awscdk.Duration_Minutes(&minutes),
	})
}
