package advisor

// PagesRead is when the pages that rules follow were read.
const PagesRead = "2026-11"

// pages are the titles of the pages that rules follow.
var pages = map[string]string{
	glueDocs + "workflows_overview.html": "Overview of workflows in AWS Glue",
	glueDocs + "about-triggers.html":     "AWS Glue triggers",
	glueDocs + "resuming-workflow.html":  "Repairing and resuming a workflow run",
	glueDocs + "glue-connections.html":   "Connecting to data",

	statesDocs + "choosing-workflow-type.html":       "Choosing workflow type in Step Functions",
	statesDocs + "integrate-optimized.html":          "Integrating optimized services with Step Functions",
	statesDocs + "connect-to-resource.html":          "Discover service integration patterns in Step Functions",
	statesDocs + "supported-services-awssdk.html":    "Learning to use AWS service SDK integrations in Step Functions",
	statesDocs + "state-choice.html":                 "Choice workflow state",
	statesDocs + "state-map-distributed.html":        "Using Map state in Distributed mode for large-scale parallel workloads in Step Functions",
	statesDocs + "concepts-error-handling.html":      "Handling errors in Step Functions workflows",
	statesDocs + "redrive-executions.html":           "Restarting state machine executions with redrive in Step Functions",
	statesDocs + "call-https-apis.html":              "Call HTTPS APIs in Step Functions workflows",
	"https://aws.amazon.com/step-functions/pricing/": "AWS Step Functions Pricing",

	mwaaDocs + "what-is-mwaa.html":                                         "What Is Amazon Managed Workflows for Apache Airflow?",
	mwaaDocs + "networking-about.html":                                     "About networking on Amazon MWAA",
	mwaaDocs + "connections-packages.html":                                 "Apache Airflow provider packages installed on Amazon MWAA environments",
	mwaaDocs + "samples-lambda.html":                                       "Invoking DAGs with a Lambda function",
	mwaaDocs + "airflow-versions.html":                                     "Apache Airflow versions on Amazon Managed Workflows for Apache Airflow",
	mwaaDocs + "best-practices-tuning.html":                                "Performance tuning for Apache Airflow on Amazon MWAA",
	serverlessDocs + "operators.html":                                      "Supported operators (Amazon MWAA Serverless)",
	"https://aws.amazon.com/managed-workflows-for-apache-airflow/pricing/": "Amazon Managed Workflows for Apache Airflow Pricing",

	rsDocs + "query-editor-v2-schedule-query.html": "Scheduling a query with query editor v2",
	rsDocs + "data-api.html":                       "Using the Amazon Redshift Data API",

	lambdaDocs + "welcome.html":               "What is AWS Lambda?",
	lambdaDocs + "gettingstarted-limits.html": "Lambda quotas",
	lambdaDocs + "invocation-async.html":      "Invoking a Lambda function asynchronously",
	lambdaDocs + "durable-functions.html":     "Lambda durable functions",
	lambdaDocs + "configuration-vpc.html":     "Giving Lambda functions access to resources in an Amazon VPC",
}

// Page is the title of a page that a rule follows, or "" where no rule follows it.
func Page(url string) string { return pages[url] }
