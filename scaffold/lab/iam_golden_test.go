package lab_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lab"
)

// goldens are the templates of all examples.
func goldens(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("../../stacks/*/testdata/template*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d golden templates (%v), expected some", len(files), err)
	}
	return files
}

func golden(t testing.TB, example string) *cfn.Template {
	t.Helper()
	template, err := cfn.Read(filepath.Join("../../stacks", filepath.FromSlash(example)))
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func permissions(t testing.TB, template *cfn.Template) (*lab.Policies, *cfn.Deployed) {
	t.Helper()
	deployed, err := template.Deploy(place)
	if err != nil {
		t.Fatal(err)
	}
	policies, err := lab.NewPolicies(deployed)
	if err != nil {
		t.Fatal(err)
	}
	return policies, deployed
}

func TestEveryGoldenTemplateIsUnderstood(t *testing.T) {
	for _, file := range goldens(t) {
		t.Run(strings.TrimPrefix(file, "../../stacks/"), func(t *testing.T) {
			template, err := cfn.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			policies, deployed := permissions(t, template)
			for _, ignored := range policies.Ignored() {
				if !strings.HasSuffix(ignored, "(AWS::EC2::VPCEndpoint)") {
					t.Errorf("%s is not evaluated, want only endpoint policies to be left out", ignored)
				}
			}
			if len(policies.Unused()) == 0 {
				t.Error("got no permissions, want those of its roles")
			}
			for id, resource := range deployed.Resources {
				if resource.Type != "AWS::IAM::Role" {
					continue
				}
				arn := deployed.Attribute(id, "Arn")
				services := cfn.List(cfn.Field(cfn.List(resource.Get("AssumeRolePolicyDocument", "Statement"))[0], "Principal", "Service"))
				if len(services) == 0 {
					continue // it is for other roles
				}
				service := cfn.Text(services[0])
				context := map[string][]string{}
				if service == "scheduler.amazonaws.com" {
					context["aws:SourceArn"] = []string{deployed.Attribute(template.ByType("AWS::Scheduler::ScheduleGroup")[0], "Arn")}
				}
				if decision := policies.MayAssume(service, arn, context); !decision.Allowed {
					t.Error(decision)
				}
				if decision := policies.MayAssume("ec2.amazonaws.com", arn, nil); decision.Allowed {
					t.Error(decision)
				}
			}
		})
	}
}

var (
	logicalName = regexp.MustCompile(`\{(\w+)\}`)
	hashed      = regexp.MustCompile(`[0-9A-F]{8}$`)
)

// concrete replaces {Landing} by the ARN of the resource Landing; its logical id may have the CDK's hash.
func concrete(t testing.TB, deployed *cfn.Deployed, written string) string {
	t.Helper()
	return logicalName.ReplaceAllStringFunc(written, func(found string) string {
		name := found[1 : len(found)-1]
		for id := range deployed.Resources {
			if id != name && hashed.ReplaceAllString(id, "") != name {
				continue
			}
			for _, arn := range []string{deployed.Attribute(id, "Arn"), deployed.Attribute(id, "Workgroup.WorkgroupArn"), deployed.Ref(id)} {
				if strings.HasPrefix(arn, "arn:") {
					return arn
				}
			}
		}
		t.Fatalf("the template has no %s", name)
		return ""
	})
}

// statementOf removes one statement from a policy of the template: of the resource, whose name may lack the hash, by its number.
type statementOf struct {
	name  string
	index int
}

var nothing = map[string]any{
	"PolicyDocument":           map[string]any{"Effect": "Allow", "Action": "none:None", "Resource": "*"},
	"AssumeRolePolicyDocument": map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "none.amazonaws.com"}},
}

func (s statementOf) remove(t *testing.T, template *cfn.Template) {
	t.Helper()
	for id, resource := range template.Resources {
		if id != s.name && hashed.ReplaceAllString(id, "") != s.name {
			continue
		}
		for _, property := range []string{"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy"} {
			document, _ := resource.Get(property).(map[string]any)
			if document == nil {
				continue
			}
			statements := cfn.List(document["Statement"])
			document["Statement"] = slices.Delete(slices.Clone(statements), s.index, s.index+1)
			if len(statements) == 1 { // a policy needs a statement: one that says nothing about the calls here
				document["Statement"] = []any{nothing[property]}
			}
			return
		}
		delete(template.Resources, id) // an AWS::Lambda::Permission is a statement for itself
		return
	}
	t.Fatalf("the template has no %s", s.name)
}

const source = " aws:SourceArn="

// pipelineCalls are calls that the pipelines make when they run, and the statement that each of them needs.
var pipelineCalls = []struct {
	example, call string
	needs         statementOf
}{
	{"glueworkflow/testdata/template.json", "{StartWorkflow} glue:notifyEvent {PipelineWorkflow}", statementOf{"StartWorkflowPolicy", 0}},
	{"glueworkflow/testdata/template.json", "{CrawlRole} s3:GetObject {Landing}/raw/year=2012/a.csv", statementOf{"CrawlRolePolicy", 0}},
	{"glueworkflow/testdata/template.json", "{CrawlRole} s3:ListBucket {Landing} s3:prefix=raw/", statementOf{"CrawlRolePolicy", 1}},
	{"glueworkflow/testdata/template.json", "{CrawlRole} glue:CreateTable {CrawlDatabase}", statementOf{"CrawlRolePolicy", 2}},
	{"glueworkflow/testdata/template.json", "{CrawlRole} kms:Decrypt {Key}", statementOf{"CrawlRolePolicy", 3}},
	{"glueworkflow/testdata/template.json", "{CrawlRole} kms:Decrypt {Key}", statementOf{"Key", 0}},
	{"glueworkflow/testdata/template.json", "{EtlRole} s3:GetObject {Landing}/raw/a.csv", statementOf{"EtlRolePolicy", 0}},
	{"glueworkflow/testdata/template.json", "{EtlRole} s3:PutObject {Curated}/data/part-0.parquet", statementOf{"EtlRolePolicy", 2}},
	{"glueworkflow/testdata/template.json", "{EtlRole} cloudwatch:PutMetricData * cloudwatch:namespace=Glue", statementOf{"EtlRolePolicy", 3}},
	{"glueworkflow/testdata/template.json", "{EtlRole} logs:PutLogEvents arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/jobs/error:log-stream:jr_1", statementOf{"EtlRolePolicy", 5}},
	{"glueworkflow/testdata/template.json", "events.amazonaws.com sqs:SendMessage {DeadLetters}" + source + "{AlertsJobFailed}", statementOf{"DeadLettersPolicy", 2}},
	{"glueworkflow/testdata/template.json", "events.amazonaws.com sns:Publish {AlertsTopic}" + source + "{AlertsJobFailed}", statementOf{"AlertsTopicPolicy", 1}},
	{"glueworkflow/testdata/template.json", "events.amazonaws.com kms:GenerateDataKey {Key}" + source + "{AlertsJobFailed}", statementOf{"Key", 2}},
	{"glueworkflow/testdata/template.json", "logging.s3.amazonaws.com s3:PutObject {AccessLogs}/2026-03-01" + source + "{Landing}", statementOf{"AccessLogsPolicy", 3}},
	{"glueworkflow/testdata/template-scheduled.json", "{StartRole} glue:startWorkflowRun {PipelineWorkflow}", statementOf{"StartRolePolicy", 0}},
	{"glueworkflow/testdata/template-scheduled.json", "scheduler.amazonaws.com sts:AssumeRole {StartRole}" + source + "{StartGroup}", statementOf{"StartRole", 0}},

	{"statemachine/testdata/template.json", "events.amazonaws.com sts:AssumeRole {StartExecution}" + source + "{ObjectLanded}", statementOf{"StartExecution", 0}},
	{"statemachine/testdata/template.json", "{StartExecution} states:StartExecution {PipelineStateMachine}", statementOf{"StartExecutionPolicy", 0}},
	{"statemachine/testdata/template.json", "{PipelineRole} lambda:InvokeFunction {ValidateFunction}", statementOf{"PipelineRolePolicy", 0}},
	{"statemachine/testdata/template.json", "{PipelineRole} glue:StartJobRun {EtlJob}", statementOf{"PipelineRolePolicy", 3}},
	{"statemachine/testdata/template.json", "{PipelineRole} sns:Publish {AlertsTopic}", statementOf{"PipelineRolePolicy", 4}},
	{"statemachine/testdata/template.json", "{PipelineRole} s3:PutObject {Curated}/quarantine/files/a.csv", statementOf{"PipelineRolePolicy", 2}},
	{"statemachine/testdata/template.json", "{ValidateRole} s3:GetObject {Landing}/raw/a.csv", statementOf{"ValidateRolePolicy", 0}},
	{"statemachine/testdata/template.json", "{ValidateRole} xray:PutTraceSegments *", statementOf{"ValidateRolePolicy", 5}},

	{"scheduledquery/testdata/template.json", "{QueryRole} redshift-data:BatchExecuteStatement {WarehouseWorkgroup}", statementOf{"QueryRolePolicy", 0}},
	{"scheduledquery/testdata/template.json", "redshift-serverless.amazonaws.com sts:AssumeRole {ExportRole}", statementOf{"ExportRole", 1}},
	{"scheduledquery/testdata/template.json", "{ExportRole} s3:PutObject {Exports}/monthly/2026-03.parquet", statementOf{"ExportRolePolicy", 1}},
	{"scheduledquery/testdata/template.json", "{ExportRole} s3:ListBucket {Landing} s3:prefix=raw/2026/", statementOf{"ExportRolePolicy", 2}},

	{"eventfunction/testdata/template.json", "events.amazonaws.com lambda:InvokeFunction {ConvertFunction}" + source + "{ObjectLanded}", statementOf{"ObjectLandedMayInvoke", 0}},
	{"eventfunction/testdata/template.json", "{ConvertRole} s3:GetObject {Landing}/raw/a.csv", statementOf{"ConvertRolePolicy", 0}},
	{"eventfunction/testdata/template.json", "{ConvertRole} s3:PutObject {Curated}/data/a.parquet", statementOf{"ConvertRolePolicy", 3}},
	{"eventfunction/testdata/template-scheduled.json", "{StartRole} lambda:InvokeFunction {ConvertFunction}", statementOf{"StartRolePolicy", 0}},
}

func TestThePipelinesCallsNeedExactlyTheirStatement(t *testing.T) {
	for _, test := range pipelineCalls {
		t.Run(test.example+" "+test.call, func(t *testing.T) {
			template := golden(t, test.example)
			policies, deployed := permissions(t, template)
			request := call(concrete(t, deployed, test.call))
			if decision := policies.Allow(request); !decision.Allowed {
				t.Fatal(decision)
			}
			test.needs.remove(t, template)
			without, _ := permissions(t, template)
			if decision := without.Allow(request); decision.Allowed {
				t.Errorf("without statement %d of %s: %s", test.needs.index, test.needs.name, decision)
			}
		})
	}
}

func TestThePipelinesMayDoNothingElse(t *testing.T) {
	for _, test := range []struct{ example, call string }{
		{"glueworkflow/testdata/template.json", "{EtlRole} s3:GetObject {Landing}/private/a.csv"},
		{"glueworkflow/testdata/template.json", "{EtlRole} s3:PutObject {Landing}/raw/a.csv"},
		{"glueworkflow/testdata/template.json", "{EtlRole} s3:DeleteBucket {Curated}"},
		{"glueworkflow/testdata/template.json", "{EtlRole} s3:GetObject {Curated}/data/a aws:SecureTransport=false"},
		{"glueworkflow/testdata/template.json", "{EtlRole} s3:GetObject {Curated}/data/a s3:TlsVersion=1.1"},
		{"glueworkflow/testdata/template.json", "{EtlRole} cloudwatch:PutMetricData * cloudwatch:namespace=Billing"},
		{"glueworkflow/testdata/template.json", "{EtlRole} kms:CreateGrant {Key}"},
		{"glueworkflow/testdata/template.json", "{CrawlRole} s3:GetObject {Curated}/data/a"},
		{"glueworkflow/testdata/template.json", "{StartWorkflow} glue:startWorkflowRun {PipelineWorkflow}"},
		{"glueworkflow/testdata/template.json", "glue.amazonaws.com sts:AssumeRole {EtlRole}" + source + "arn:aws:glue:us-east-1:999999999999:job/theirs"},
		{"glueworkflow/testdata/template.json", "events.amazonaws.com sqs:SendMessage {DeadLetters}" + source + "arn:aws:events:us-east-1:123456789012:rule/other"},
		{"glueworkflow/testdata/template-scheduled.json", "scheduler.amazonaws.com sts:AssumeRole {StartRole}" + source + "arn:aws:scheduler:us-east-1:123456789012:schedule-group/other"},
		{"statemachine/testdata/template.json", "events.amazonaws.com states:StartExecution {PipelineStateMachine}" + source + "{ObjectLanded}"},
		{"statemachine/testdata/template.json", "{ValidateRole} s3:PutObject {Landing}/raw/a.csv"},
		{"statemachine/testdata/template.json", "{PipelineRole} s3:PutObject {Curated}/data/a.csv"},
		{"scheduledquery/testdata/template.json", "{ExportRole} s3:ListBucket {Landing} s3:prefix=private/"},
		{"eventfunction/testdata/template.json", "events.amazonaws.com lambda:InvokeFunction {ConvertFunction}" + source + "arn:aws:events:us-east-1:123456789012:rule/other"},
		{"eventfunction/testdata/template.json", "s3.amazonaws.com lambda:InvokeFunction {ConvertFunction}"},
	} {
		t.Run(test.example+" "+test.call, func(t *testing.T) {
			policies, deployed := permissions(t, golden(t, test.example))
			if decision := policies.Allow(call(concrete(t, deployed, test.call))); decision.Allowed || decision.Detail == "" {
				t.Errorf("got %+v, want a denial with its reason", decision)
			}
		})
	}
}

func BenchmarkDecision(b *testing.B) {
	for _, bench := range []struct{ name, call string }{
		{"allowed", "{EtlRole} s3:GetObject {Landing}/raw/year=2012/month=01/weather.csv"},
		{"allowed by the key policy", "{EtlRole} kms:Decrypt {Key}"},
		{"denied", "{EtlRole} s3:GetObject {Landing}/private/a.csv"},
		{"service", "events.amazonaws.com sqs:SendMessage {DeadLetters}" + source + "{AlertsJobFailed}"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			policies, deployed := permissions(b, golden(b, "glueworkflow/testdata/template.json"))
			request := call(concrete(b, deployed, bench.call))
			b.ReportAllocs()
			for b.Loop() {
				policies.Allow(request)
			}
		})
	}
}
