package advisor

import "example.com/pipewright/scaffold/answers"

// rule is one piece of judgment about one service.
type rule struct {
	id      string
	example string
	effect  Effect
	weight  int // of prefers and avoids; see below
	when    func(*facts) bool
	text    string
	source  string // URL of the AWS page
}

// Weights. Two lesser reasons outweigh one that is a step heavier; what a team or a network dictates outweighs taste.
const (
	slight   = 1
	clear    = 2
	strong   = 3
	fitting  = 4 // the service was made for this
	decisive = 5
	dictated = 8
)

// Pages of the AWS documentation, read 2026-11.
const (
	glueDocs   = "https://docs.aws.amazon.com/glue/latest/dg/"
	statesDocs = "https://docs.aws.amazon.com/step-functions/latest/dg/"
	mwaaDocs   = "https://docs.aws.amazon.com/mwaa/latest/userguide/"
	// serverlessDocs are of the other way to run Airflow, which no example writes.
	serverlessDocs = "https://docs.aws.amazon.com/mwaa/latest/mwaa-serverless-userguide/"

	rsDocs     = "https://docs.aws.amazon.com/redshift/latest/mgmt/"
	lambdaDocs = "https://docs.aws.amazon.com/lambda/latest/dg/"
)

var rules = []rule{
	// AWS Glue workflow
	{
		"glue-only-components", GlueWorkflow, Cannot, 0, func(f *facts) bool { return !f.glueOnly },
		"A Glue workflow runs only Glue jobs and crawlers, and there is other work.", glueDocs + "workflows_overview.html",
	},
	{
		"glue-no-branches", GlueWorkflow, Cannot, 0, func(f *facts) bool { return f.Control.Branches },
		"A Glue trigger looks only at whether jobs and crawlers succeeded or failed, never at a result.", glueDocs + "about-triggers.html",
	},
	{
		"glue-no-approval", GlueWorkflow, Cannot, 0, func(f *facts) bool { return f.Control.Approval },
		"A Glue workflow cannot wait for a person.", glueDocs + "about-triggers.html",
	},
	{
		"glue-native", GlueWorkflow, Prefers, strong, func(f *facts) bool { return f.glueOnly },
		"All work is Glue jobs and crawlers: the workflow shows them as one graph and costs nothing beyond them.", glueDocs + "workflows_overview.html",
	},
	{
		"glue-resume-by-hand", GlueWorkflow, Avoids, strong, func(f *facts) bool { return f.Control.Resume },
		"A failed run is resumed only from nodes that somebody selects, and as a new run.", glueDocs + "resuming-workflow.html",
	},
	{
		"glue-no-intervals", GlueWorkflow, Avoids, fitting, func(f *facts) bool { return f.Control.Backfill },
		"A Glue workflow knows no past intervals: a backfill is a loop of your own.", glueDocs + "workflows_overview.html",
	},
	{
		"glue-network", GlueWorkflow, Avoids, decisive, func(f *facts) bool { return f.connected },
		"Each job and crawler needs a Glue connection into the VPC to reach your premises; the workflow adds nothing to it.", glueDocs + "glue-connections.html",
	},

	// AWS Step Functions
	{
		"states-no-sql-server", StateMachine, Cannot, 0, func(f *facts) bool { return f.has(answers.SQLServer) },
		"Step Functions has no integration that queries SQL Server; that would take a function or a Glue job as a step of its own.", statesDocs + "integrate-optimized.html",
	},
	{
		"states-query-limit", StateMachine, Cannot, 0, func(f *facts) bool { return f.onlyQuery && f.Control.LongestMinutes > dataAPIMinutes },
		"Step Functions reaches Redshift through the Data API, which stops a statement after 24 hours.", rsDocs + "data-api.html",
	},
	{
		"states-several-services", StateMachine, Prefers, clear, func(f *facts) bool { return !f.glueOnly && f.steps > 1 },
		"Several steps run in order, not all of them in Glue: each service is called directly, and there is no server to run.", statesDocs + "integrate-optimized.html",
	},
	{
		"states-waits-for-jobs", StateMachine, Prefers, slight, func(f *facts) bool { return f.has(answers.EMRJob) || f.has(answers.BatchJob) },
		"EMR Serverless and Batch jobs are started and waited for by one state, without code that polls.", statesDocs + "connect-to-resource.html",
	},
	{
		"states-branches", StateMachine, Prefers, clear, func(f *facts) bool { return f.Control.Branches },
		"A Choice state decides on a result what comes next.", statesDocs + "state-choice.html",
	},
	{
		"states-approval", StateMachine, Prefers, decisive, func(f *facts) bool { return f.Control.Approval },
		"A task token lets an execution wait for a person, up to a year and without cost.", statesDocs + "connect-to-resource.html",
	},
	{
		"states-redrive", StateMachine, Prefers, strong, func(f *facts) bool { return f.Control.Resume },
		"Redrive continues a failed execution from the step that failed, within 14 days.", statesDocs + "redrive-executions.html",
	},
	{
		"states-retry-per-step", StateMachine, Prefers, slight, func(f *facts) bool { return f.count(answers.Lambda) > 1 },
		"Each function has its own Retry and Catch, instead of nested try blocks in code.", statesDocs + "concepts-error-handling.html",
	},
	{
		"states-larger-worker", StateMachine, Prefers, clear, func(f *facts) bool { return f.function && !f.shortFunction() },
		"The work is too long or too large for one function: a Map state splits it, or Batch runs it.", statesDocs + "state-map-distributed.html",
	},
	{
		"states-starts-query", StateMachine, Prefers, slight, func(f *facts) bool { return f.onlyQuery && (f.Start.On != answers.OnSchedule || f.oneOff) },
		"An event, a person or a single time starts an execution, which sends the statement to Redshift and looks until it is done.", statesDocs + "supported-services-awssdk.html",
	},
	{
		"states-nothing-between", StateMachine, Avoids, slight, func(f *facts) bool { return f.steps == 1 && !f.glueOnly && !f.controls },
		"One step needs no state machine: it is one more thing to read, and transitions are paid for.", statesDocs + "choosing-workflow-type.html",
	},
	{
		"states-paid-transitions", StateMachine, Avoids, slight, func(f *facts) bool { return f.glueOnly },
		"Its transitions are paid for, and a Glue workflow runs the same jobs and crawlers without a charge.", statesDocs + "choosing-workflow-type.html",
	},
	{
		"states-bill", StateMachine, Avoids, clear, (*facts).machineIsDearer,
		"So many runs are billed for more transitions than the hours of an Airflow environment cost.", "https://aws.amazon.com/step-functions/pricing/",
	},
	{
		"states-no-intervals", StateMachine, Avoids, fitting, func(f *facts) bool { return f.Control.Backfill },
		"A state machine knows no past intervals: a backfill is a loop of your own.", statesDocs + "choosing-workflow-type.html",
	},
	{
		"states-network", StateMachine, Avoids, decisive, func(f *facts) bool { return f.connected },
		"A state machine is not in your VPC: an HTTPS API on premises takes a private connection, anything else a function or a job that you write.", statesDocs + "call-https-apis.html",
	},

	// Amazon MWAA
	{
		"airflow-team", Airflow, Prefers, dictated, func(f *facts) bool { return f.Team.Airflow },
		"The team prefers open source and writes DAGs in Python: what it knows is worth more than the bill.", mwaaDocs + "what-is-mwaa.html",
	},
	{
		"airflow-backfill", Airflow, Prefers, decisive, func(f *facts) bool { return f.Control.Backfill },
		"Each DAG run belongs to an interval, and past intervals run again with one command.", mwaaDocs + "what-is-mwaa.html",
	},
	{
		"airflow-network", Airflow, Prefers, decisive, func(f *facts) bool { return f.connected },
		"Its workers run inside your VPC, so peering or a VPN is all they need to reach your premises.", mwaaDocs + "networking-about.html",
	},
	{
		"airflow-sql-server", Airflow, Prefers, fitting, func(f *facts) bool { return f.has(answers.SQLServer) },
		"A provider package queries SQL Server from a task, with the connection kept as a secret.", mwaaDocs + "connections-packages.html",
	},
	{
		"airflow-external-systems", Airflow, Prefers, dictated, func(f *facts) bool { return f.external > 1 },
		"Several systems outside AWS are joined: operators for them exist, and one screen shows which of them failed.", mwaaDocs + "connections-packages.html",
	},
	{
		"airflow-external-system", Airflow, Prefers, slight, func(f *facts) bool { return f.external == 1 && f.has(answers.HTTPAPI) },
		"An operator calls the API outside AWS, with retries and paging in Python.", mwaaDocs + "connections-packages.html",
	},
	{
		"airflow-clear", Airflow, Prefers, slight, func(f *facts) bool { return f.Control.Resume },
		"A failed task is cleared, and its DAG run goes on from there.", mwaaDocs + "what-is-mwaa.html",
	},
	{
		"airflow-query-hours", Airflow, Prefers, clear, func(f *facts) bool { return f.onlyQuery && f.Control.LongestMinutes > dataAPIMinutes },
		"A task keeps a database connection of its own, which the 24 hours of the Data API do not limit.", mwaaDocs + "connections-packages.html",
	},
	{
		"airflow-idle-cost", Airflow, Avoids, clear, func(f *facts) bool { return !f.serverlessAirflow() && !f.machineIsDearer() },
		"An environment is billed for every hour that it exists, also while nothing runs.", "https://aws.amazon.com/managed-workflows-for-apache-airflow/pricing/",
	},
	{
		// As heavy as airflow-idle-cost, in whose place it stands: it names another way to run Airflow, and changes no choice.
		"airflow-serverless", Airflow, Avoids, clear, func(f *facts) bool { return f.serverlessAirflow() && !f.machineIsDearer() },
		"An environment is billed for every hour that it exists. MWAA Serverless, billed while tasks run, is a way around it for AWS's operators on its list, from YAML, an hour each.",
		serverlessDocs + "operators.html",
	},
	{
		"airflow-events", Airflow, Avoids, slight, (*facts).byEvent,
		"A DAG starts by its schedule; an event needs a function that starts the DAG run.", mwaaDocs + "samples-lambda.html",
	},
	{
		"airflow-approval", Airflow, Avoids, strong, func(f *facts) bool { return f.Control.Approval },
		"In Airflow 3.0 a person approves only by way of a sensor and a place that you build for it.", mwaaDocs + "airflow-versions.html",
	},
	{
		"airflow-many-runs", Airflow, Avoids, clear, func(f *facts) bool { return f.Volume.RunsPerMonth > manyRuns },
		"More than a run a minute: the scheduler takes seconds for each task, and more workers are billed.", mwaaDocs + "best-practices-tuning.html",
	},

	// Amazon Redshift scheduled query
	{
		"query-one-statement", ScheduledQuery, Cannot, 0, func(f *facts) bool { return !f.onlyQuery },
		"The Redshift scheduler runs SQL on its own, and there is other work, or more than one query in order.", rsDocs + "query-editor-v2-schedule-query.html",
	},
	{
		"query-repeats", ScheduledQuery, Cannot, 0, func(f *facts) bool { return f.Start.On != answers.OnSchedule || f.oneOff },
		"The Redshift scheduler knows only times that repeat: no event, no single time, no start by hand.", rsDocs + "query-editor-v2-schedule-query.html",
	},
	{
		"query-no-branches", ScheduledQuery, Cannot, 0, func(f *facts) bool { return f.Control.Branches },
		"Nothing follows a scheduled query, so nothing can depend on its result.", rsDocs + "query-editor-v2-schedule-query.html",
	},
	{
		"query-no-approval", ScheduledQuery, Cannot, 0, func(f *facts) bool { return f.Control.Approval },
		"A scheduled query cannot wait for a person.", rsDocs + "query-editor-v2-schedule-query.html",
	},
	{
		"query-limit", ScheduledQuery, Cannot, 0, func(f *facts) bool { return f.onlyQuery && f.Control.LongestMinutes > dataAPIMinutes },
		"The Data API stops a statement after 24 hours.", rsDocs + "data-api.html",
	},
	{
		"query-routine", ScheduledQuery, Prefers, fitting, (*facts).scheduledStatement,
		"It is routine SQL at fixed times: the schedule stands in the Redshift console, beside the query.", rsDocs + "query-editor-v2-schedule-query.html",
	},
	{
		"query-starts-over", ScheduledQuery, Avoids, fitting, func(f *facts) bool { return f.Control.Resume },
		"A failed statement is rolled back and starts over.", rsDocs + "data-api.html",
	},
	{
		"query-no-intervals", ScheduledQuery, Avoids, fitting, func(f *facts) bool { return f.Control.Backfill },
		"The statement knows only now: past intervals have no place in the schedule.", rsDocs + "query-editor-v2-schedule-query.html",
	},
	{
		"query-network", ScheduledQuery, Avoids, decisive, func(f *facts) bool { return f.connected },
		"A statement in Redshift reaches nothing on premises by itself.", rsDocs + "data-api.html",
	},

	// AWS Lambda
	{
		"function-one-step", EventFunction, Cannot, 0, func(f *facts) bool { return !f.function },
		"The whole run would be one function, and there are more steps, or other services do the work.", lambdaDocs + "welcome.html",
	},
	{
		"function-15-minutes", EventFunction, Cannot, 0, func(f *facts) bool { return f.Control.LongestMinutes > lambdaMinutes },
		"Lambda stops every invocation after 15 minutes.", lambdaDocs + "gettingstarted-limits.html",
	},
	{
		"function-10-gb", EventFunction, Cannot, 0, func(f *facts) bool { return f.Volume.GBPerRun > lambdaGB },
		"A function has at most 10 GB of memory and 10 GB of temporary storage.", lambdaDocs + "gettingstarted-limits.html",
	},
	{
		"function-short", EventFunction, Prefers, fitting, (*facts).shortFunction,
		"One short function does it: there is nothing to orchestrate, and nothing is billed while it waits.", lambdaDocs + "welcome.html",
	},
	{
		"function-direct", EventFunction, Prefers, clear, func(f *facts) bool { return f.shortFunction() && f.byEvent() },
		"The event invokes it directly, retries twice and keeps what failed.", lambdaDocs + "invocation-async.html",
	},
	{
		"function-hidden-branches", EventFunction, Avoids, decisive, func(f *facts) bool { return f.Control.Branches },
		"Branches disappear in code, where no graph and no history show which one was taken.", lambdaDocs + "welcome.html",
	},
	{
		"function-approval", EventFunction, Avoids, decisive, func(f *facts) bool { return f.Control.Approval },
		"Only a durable function waits for a person, and its waits are code that no graph shows.", lambdaDocs + "durable-functions.html",
	},
	{
		"function-starts-over", EventFunction, Avoids, decisive, func(f *facts) bool { return f.Control.Resume },
		"A failed function starts over; only a durable one goes on, from checkpoints that its code sets.", lambdaDocs + "durable-functions.html",
	},
	{
		"function-no-intervals", EventFunction, Avoids, decisive, func(f *facts) bool { return f.Control.Backfill },
		"A function knows no past intervals: a backfill is a loop of your own.", lambdaDocs + "welcome.html",
	},
	{
		"function-network", EventFunction, Avoids, slight, func(f *facts) bool { return f.connected },
		"To reach a network on premises a function must be put into a VPC, with its routes and a way out.", lambdaDocs + "configuration-vpc.html",
	},
}
