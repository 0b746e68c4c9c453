package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/cxapi"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"example.com/pipewright/constructs/settings"
	"example.com/pipewright/stacks/airflow"
	"example.com/pipewright/stacks/eventfunction"
	"example.com/pipewright/stacks/glueworkflow"
	"example.com/pipewright/stacks/scheduledquery"
	"example.com/pipewright/stacks/statemachine"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

type example struct {
	id  string
	new func(constructs.Construct, string, *settings.Settings) awscdk.Stack
}

var examples = []example{
	{"Airflow", airflow.New}, {"EventFunction", eventfunction.New}, {"GlueWorkflow", glueworkflow.New}, {"ScheduledQuery", scheduledquery.New}, {"StateMachine", statemachine.New},
}

func newApp(t *testing.T, context map[string]any) awscdk.App {
	t.Helper()
	outdir := t.TempDir()
	return awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir, Context: &context})
}

// accepted are the findings of cdk-nag that stay, by exact id, with the reason. Each must still be found.
var accepted = map[string]map[string]string{
	"Airflow": {
		"AwsSolutions-IAM5[Action::s3:GetObject*]":                                                       sample,
		"AwsSolutions-IAM5[Action::s3:GetBucket*]":                                                       sample,
		"AwsSolutions-IAM5[Action::s3:List*]":                                                            sample,
		"AwsSolutions-IAM5[Action::kms:GenerateDataKey*]":                                                sample,
		"AwsSolutions-IAM5[Resource::<Environment78414C64.Arn>/*]":                                       sample,
		"AwsSolutions-IAM5[Resource::<Results25575328.Arn>/weather-sales/*]":                             objects,
		airflow5 + "logs:<AWS::Region>:<AWS::AccountId>:log-group:airflow-Airflow-*]":                    sample,
		airflow5 + "sqs:<AWS::Region>:*:airflow-celery-*]":                                               "Celery's queues are in an account of MWAA's own",
		airflow5 + "secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:airflow/connections/Airflow/*]": ownSecrets,
		airflow5 + "secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:airflow/variables/Airflow/*]":   ownSecrets,
		"AwsSolutions-IAM5[Resource::*]":                                                                 "X-Ray, logs:DescribeLogGroups, s3:GetAccountPublicAccessBlock and cloudwatch:PutMetricData take no resource",
		"AwsSolutions-SMG4":                                                                              "a connection holds the credentials of another party's system, which only that party can change",
		"AwsSolutions-SQS3":                                                                              "the queue is itself the dead-letter queue of rules and failed calls, which the check does not recognize",
	},
	"EventFunction": {
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]":        objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/data/*]":       objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/*]": objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/reports/*]":    objects,
		"AwsSolutions-IAM5[Resource::*]":                                  "X-Ray takes no resource",
		"AwsSolutions-SQS3":                                               "the queue is itself the dead-letter queue of rules, schedules and failed calls, which the check does not recognize",
	},
	"GlueWorkflow": {
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]": objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/*]":     objects,
		crawledTables: tables,
		"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws-glue/*]": glueLogs,
		"AwsSolutions-IAM5[Resource::*]": "cloudwatch:PutMetricData takes no resource; it is limited to the namespace Glue",
		"AwsSolutions-SQS3":              "the queue is itself the dead-letter queue of rules, which the check does not recognize",
	},
	"ScheduledQuery": {
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]":     objects,
		"AwsSolutions-IAM5[Resource::<Exports25637AFB.Arn>/monthly/*]": objects,
		"AwsSolutions-IAM5[Resource::*]":                               "logs:DescribeLogGroups, which the flow log needs, takes no resource",
		"AwsSolutions-SQS3":                                            "the queue is itself the dead-letter queue of rules and schedules, which the check does not recognize",
	},
	"ScheduledQuery in an existing workgroup": {
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]":                                                         objects,
		"AwsSolutions-IAM5[Resource::<Exports25637AFB.Arn>/monthly/*]":                                                     objects,
		"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:redshift-serverless:<AWS::Region>:<AWS::AccountId>:workgroup/*]": tagged,
		"AwsSolutions-SQS3": "the queue is itself the dead-letter queue of rules and schedules, which the check does not recognize",
	},
	"StateMachine": {
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]":                                                    objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/*]":                                                        objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/files/*]":                                       objects,
		"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws-glue/*]": glueLogs,
		"AwsSolutions-IAM5[Resource::*]":                                                                              "X-Ray, log delivery and cloudwatch:PutMetricData take no resource",
	},
}

const (
	objects    = "S3 objects cannot be named in advance; the statement is limited to the prefix or the bucket"
	sample     = "as in AWS's sample policy of an execution role, on the environment's own bucket, key and log groups"
	ownSecrets = "secrets end in six characters that Secrets Manager chooses; these are below the project's own prefix"
	tagged     = "the ARN ends with an id that only AWS knows; a tag that the workgroup must have limits the statement to it"
	tables     = "the crawler names its tables after the objects that it finds, in a database of its own"
	airflow5   = "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:"
	glueLogs   = "Glue names its log groups after the security configuration, under /aws-glue/"
)

func TestNagFindsOnlyWhatIsAccepted(t *testing.T) {
	for _, example := range examples {
		for _, lab := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s with lab: %t", example.id, lab), func(t *testing.T) {
				nag(t, example, settings.Settings{Lab: lab})
			})
		}
	}
}

func TestNagAcceptsEachStart(t *testing.T) {
	for _, example := range []example{{"EventFunction", eventfunction.New}, {"GlueWorkflow", glueworkflow.New}} {
		for name, start := range map[string]settings.Settings{
			"schedule": {Schedule: "rate(1 day)", MissedDays: 2},
			"event":    {Pattern: map[string]any{"source": []any{"partner.orders"}}},
			"demand":   {Demand: true},
		} {
			t.Run(example.id+" by "+name, func(t *testing.T) { nag(t, example, start) })
		}
	}
}

// workflows are Glue workflows of other work than the example's, with what is accepted of them.
var workflows = []struct {
	work     []string
	accepted map[string]string
}{
	{[]string{"glue-job"}, map[string]string{
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]": objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/*]":     objects,
		glueLogGroups:                    glueLogs,
		"AwsSolutions-IAM5[Resource::*]": "cloudwatch:PutMetricData takes no resource; it is limited to the namespace Glue",
		"AwsSolutions-SQS3":              "the queue is itself the dead-letter queue of rules, which the check does not recognize",
	}},
	{[]string{"crawler"}, map[string]string{
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]": objects,
		crawledTables:       tables,
		glueLogGroups:       glueLogs,
		"AwsSolutions-SQS3": "the queue is itself the dead-letter queue of rules, which the check does not recognize",
	}},
	{[]string{"glue-job", "crawler"}, map[string]string{
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]": objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/*]":     objects,
		curatedObjects:                   objects,
		curatedTables:                    tables,
		glueLogGroups:                    glueLogs,
		"AwsSolutions-IAM5[Resource::*]": "cloudwatch:PutMetricData takes no resource; it is limited to the namespace Glue",
		"AwsSolutions-SQS3":              "the queue is itself the dead-letter queue of rules, which the check does not recognize",
	}},
	{[]string{"crawler", "glue-job", "crawler"}, map[string]string{
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]": objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/*]":     objects,
		curatedObjects:                   objects,
		crawledTables:                    tables,
		curatedTables:                    tables,
		glueLogGroups:                    glueLogs,
		"AwsSolutions-IAM5[Resource::*]": "cloudwatch:PutMetricData takes no resource; it is limited to the namespace Glue",
		"AwsSolutions-SQS3":              "the queue is itself the dead-letter queue of rules, which the check does not recognize",
	}},
}

const (
	glueLogGroups  = "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws-glue/*]"
	curatedObjects = "AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/monthly/*]"
	curatedTables  = "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:table/<CrawlCuratedDatabaseBE6500E4>/*]"
)

func TestNagAcceptsEachGlueWorkflow(t *testing.T) {
	for _, workflow := range workflows {
		t.Run(strings.Join(workflow.work, ", "), func(t *testing.T) {
			nagAgainst(t, workflow.accepted, example{"GlueWorkflow", glueworkflow.New}, settings.Settings{Work: workflow.work})
		})
	}
}

// machines are state machines of other work and another start than the example's, with what is accepted of them.
var machines = []struct {
	name     string
	props    settings.Settings
	accepted map[string]string
}{
	{"by schedule", settings.Settings{Schedule: "rate(1 day)", Work: []string{"lambda", "glue-job", "lambda"}, Branches: true}, map[string]string{
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]":                                                    objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/*]":                                                        objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/published/*]":                                              objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/files/*]":                                       objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/reasons/*]":                                     objects,
		"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws-glue/*]": glueLogs,
		ownExecutions + ":*]":            children,
		ownExecutions + "/*]":            children,
		"AwsSolutions-IAM5[Resource::*]": "X-Ray, log delivery and cloudwatch:PutMetricData take no resource",
	}},
	{"by event", settings.Settings{
		Pattern: map[string]any{"source": []any{"partner.orders"}}, Work: []string{"lambda", "lambda", "lambda"}, Branches: true, Approval: true,
	}, map[string]string{
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]":                objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/data/*]":               objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/published/*]":          objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/*]":         objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/files/*]":   objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/reasons/*]": objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/reports/*]":            objects,
		ownExecutions + ":*]":            children,
		ownExecutions + "/*]":            children,
		"AwsSolutions-IAM5[Resource::*]": "X-Ray and log delivery take no resource",
	}},
	{"by every service", settings.Settings{
		Work: []string{"lambda", "crawler", "emr-job", "batch-job", "redshift-sql", "lambda"}, Branches: true,
	}, map[string]string{
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]":              objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/*]":                  objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/profiles/*]":         objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/quarantine/files/*]": objects,
		"AwsSolutions-IAM5[Resource::<Exports25637AFB.Arn>/monthly/*]":          objects,
		"AwsSolutions-IAM5[Resource::<Exports25637AFB.Arn>/published/*]":        objects,
		sparkRuns:     runsOfOurs,
		batchJobs:     anyJob,
		crawledTables: tables,
		"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws-glue/*]": glueLogs,
		"AwsSolutions-IAM5[Resource::*]": "X-Ray, log delivery, cloudwatch:PutMetricData, the statements of the Redshift Data API, the authorization of ECR, " +
			"batch:DescribeJobs and logs:DescribeLogGroups take no resource",
	}},
	{"on demand", settings.Settings{Demand: true, Work: []string{"glue-job"}}, map[string]string{
		"AwsSolutions-IAM5[Resource::<LandingF95672E9.Arn>/raw/*]":                                                    objects,
		"AwsSolutions-IAM5[Resource::<CuratedF137945A.Arn>/*]":                                                        objects,
		"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws-glue/*]": glueLogs,
		"AwsSolutions-IAM5[Resource::*]":                                                                              "X-Ray, log delivery and cloudwatch:PutMetricData take no resource",
	}},
}

const (
	ownExecutions = "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<PipelineStateMachine1738D98D.Name>"
	sparkRuns     = "AwsSolutions-IAM5[Resource::<SparkApplicationB8D0239C.Arn>/jobruns/*]"
	batchJobs     = "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:batch:<AWS::Region>:<AWS::AccountId>:job/*]"
	crawledTables = "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:table/<CrawlDatabaseB57D545B>/*]"
	runsOfOurs    = "job runs cannot be named in advance; these are of the project's own application"
	anyJob        = "jobs cannot be named in advance, and what a role may do with one cannot be limited to a queue"
	children      = "executions cannot be named in advance; these are of the machine itself"
)

func TestNagAcceptsEachStateMachine(t *testing.T) {
	for _, machine := range machines {
		t.Run(machine.name, func(t *testing.T) {
			nagAgainst(t, machine.accepted, example{"StateMachine", statemachine.New}, machine.props)
		})
	}
}

// What is accepted of a query in an existing workgroup is another list: the stack has no network, but does not know the workgroup's ARN.
func TestNagAcceptsAnExistingWorkgroup(t *testing.T) {
	query := example{"ScheduledQuery in an existing workgroup", func(scope constructs.Construct, _ string, props *settings.Settings) awscdk.Stack {
		return scheduledquery.New(scope, "ScheduledQuery", props)
	}}
	nag(t, query, settings.Settings{Existing: settings.Existing{Workgroup: "analytics", Database: "sales"}})
}

func TestNagAcceptsEachLinkOfAnAirflowEnvironment(t *testing.T) {
	for name, network := range map[string]settings.Network{
		"peering": {OnPremises: settings.Peering, OnPremisesCidr: "10.50.0.0/16", PeerVpcID: "vpc-0123456789abcdef0", PeerRouteTables: []string{"rtb-0123456789abcdef0"}},
		"vpn":     {OnPremises: settings.VPN, OnPremisesCidr: "192.168.0.0/16", CustomerGatewayIP: "203.0.113.12", BgpAsn: 64512},
	} {
		t.Run(name, func(t *testing.T) {
			nag(t, example{"Airflow", airflow.New}, settings.Settings{Schedule: "rate(1 day)", Network: network})
		})
	}
}

// nag compares what cdk-nag finds with what is accepted of the example.
func nag(t *testing.T, example example, props settings.Settings) {
	t.Helper()
	nagAgainst(t, accepted[example.id], example, props)
}

func nagAgainst(t *testing.T, want map[string]string, example example, props settings.Settings) {
	t.Helper()
	props.Notify = "data-team@example.com"
	found := findings(audited(t, example, nil, &props))
	for _, id := range found {
		if want[id] == "" {
			t.Errorf("cdk-nag found %s, which is not accepted", id)
		}
	}
	for id := range want {
		if !slices.Contains(found, id) {
			t.Errorf("%s is accepted, but cdk-nag no longer finds it: remove it from the list", id)
		}
	}
}

// audited is the example's stack, at which cdk-nag looks when it is synthesized. Without props the context tells what it is.
func audited(t *testing.T, example example, context map[string]any, props *settings.Settings) awscdk.Stack {
	t.Helper()
	app := newApp(t, context)
	stack := example.new(app, example.id, props)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Verbose: jsii.Bool(true)}), nil)
	return stack
}

// templateOf is the stack's template, written as the CDK writes it.
func templateOf(t *testing.T, stack awscdk.Stack) []byte {
	t.Helper()
	text, err := json.MarshalIndent(assertions.Template_FromStack(stack, nil).ToJSON(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// synthErrors are the errors that would fail the synth, without cdk-nag's findings.
func synthErrors(stack awscdk.Stack) []string {
	var errors []string
	for _, message := range *assertions.Annotations_FromStack(stack).FindError(jsii.String("*"), assertions.Match_AnyValue()) {
		if text := said(message); !nagID.MatchString(text) {
			errors = append(errors, text)
		}
	}
	return errors
}

var nagID = regexp.MustCompile(`^(AwsSolutions-\w+(?:\[.*?\])?):`)

func findings(stack awscdk.Stack) []string {
	annotations := assertions.Annotations_FromStack(stack)
	anything := assertions.Match_StringLikeRegexp(jsii.String("AwsSolutions-.*"))
	messages := append(*annotations.FindError(jsii.String("*"), anything), *annotations.FindWarning(jsii.String("*"), anything)...)
	var ids []string
	for _, message := range messages {
		text := said(message)
		if match := nagID.FindStringSubmatch(text); match != nil {
			ids = append(ids, match[1])
		} else {
			ids = append(ids, text)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// said is the text of a message.
//
//nolint:staticcheck // deprecated, but what the CDK's assertions return
func said(message *cxapi.SynthesisMessage) string {
	text, _ := message.Entry.Data.(string)
	return text
}

func TestTwoCopiesShareNoPhysicalName(t *testing.T) {
	named := 0
	for _, example := range examples {
		t.Run(example.id, func(t *testing.T) {
			first := physicalNames(t, example, "orders")
			named += len(first)
			for name := range physicalNames(t, example, "returns") {
				if first[name] {
					t.Errorf("both copies name something %q, so the second cannot be deployed beside the first", name)
				}
			}
		})
	}
	if named == 0 {
		t.Error("found no physical name at all: the test looks at the wrong properties")
	}
}

// nameKeys are the properties that name a resource in the account. "glueetl" is the name of a command, not of a resource.
var nameKeys = []string{"Name", "NamespaceName", "WorkgroupName", "LogGroupName", "RoleName", "BucketName", "FunctionName", "QueueName", "TopicName", "DashboardName", "AlarmName", "StateMachineName"}

func physicalNames(t *testing.T, example example, project string) map[string]bool {
	t.Helper()
	stack := example.new(newApp(t, nil), example.id, &settings.Settings{Name: project})
	names := map[string]bool{}
	resources := (*assertions.Template_FromStack(stack, nil).ToJSON())["Resources"].(map[string]any)
	for _, resource := range resources {
		properties, _ := resource.(map[string]any)["Properties"].(map[string]any)
		if input, ok := properties["DatabaseInput"].(map[string]any); ok {
			properties = input
		}
		for _, key := range nameKeys {
			if name, ok := properties[key].(string); ok {
				names[name] = true
			}
		}
	}
	return names
}

func TestContextThatCannotBeUsedFailsTheStack(t *testing.T) {
	for _, bad := range []struct {
		name    string
		context map[string]any
		want    string
	}{
		{"a number for the prefix", map[string]any{"prefix": 7}, "context prefix: got 7, expected a text"},
		{"a word for lab", map[string]any{"lab": "yes"}, `context lab: got "yes", expected true or false`},
		{"a fraction of a minute", map[string]any{"longestMinutes": 1.5}, "context longestMinutes: got 1.5, expected a whole number"},
		{"no time at all", map[string]any{"longestMinutes": -1}, "context longestMinutes: got -1, expected 1 to 10080"},
		{"a wildcard in the prefix", map[string]any{"prefix": "raw/*"}, "got a * or"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			stack := glueworkflow.New(newApp(t, bad.context), "GlueWorkflow", nil)
			errors := *assertions.Annotations_FromStack(stack).FindError(jsii.String("*"), assertions.Match_AnyValue())
			if len(errors) != 1 || !strings.Contains(said(errors[0]), bad.want) {
				t.Errorf("got %d errors %v, want one with %q", len(errors), errors, bad.want)
			}
		})
	}
}
