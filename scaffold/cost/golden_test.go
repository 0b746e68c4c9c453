package cost

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/stacks"
)

var now = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

func parsed(t *testing.T, text string) *answers.Answers {
	t.Helper()
	given, err := answers.Parse("answers.yaml", []byte(text), now)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return given
}

// What starts the pipelines below. The templates are a lab's unless their answers say otherwise.
const (
	object  = "start: {on: object, prefix: raw/}\nlab: true\n"
	monday  = "start: {on: schedule, schedule: 'cron(0 8 ? * MON *)'}\nlab: true\n"
	event   = "start: {on: event, pattern: {source: [partner.orders]}}\nlab: true\n"
	demand  = "start: {on: demand}\nlab: true\n"
	kept    = "start: {on: object, prefix: raw/}\nlab: false\n"
	network = "network: {on_premises: vpn, cidr: 10.20.0.0/16, on_premises_cidr: 192.168.0.0/16, customer_gateway_ip: 203.0.113.10}\n"
)

// goldens are the golden templates, with the answers that they were made for.
var goldens = []struct {
	template, answers string
}{
	{"glueworkflow/template.json", object + "work: [crawler, glue-job]"},
	{"glueworkflow/template-kept.json", kept + "work: [crawler, glue-job]"},
	{"glueworkflow/template-demand.json", demand + "work: [crawler, glue-job]"},
	{"glueworkflow/template-event.json", event + "work: [crawler, glue-job]"},
	{"glueworkflow/template-scheduled.json", monday + "work: [crawler, glue-job]"},
	{"glueworkflow/template-job.json", monday + "work: [glue-job]"},
	{"glueworkflow/template-job-crawler.json", object + "work: [glue-job, crawler]"},
	{"statemachine/template.json", object + "work: [lambda, glue-job]\ncontrol: {branches: true}"},
	{"statemachine/template-kept.json", kept + "work: [lambda, glue-job]\ncontrol: {branches: true}"},
	{"statemachine/template-demand.json", demand + "work: [glue-job]"},
	{"statemachine/template-schedule.json", monday + "work: [lambda, glue-job, lambda]\ncontrol: {branches: true}"},
	{"statemachine/template-event.json", event + "work: [lambda, lambda, lambda]\ncontrol: {branches: true, approval: true}"},
	{"statemachine/template-workers.json", object + "work: [lambda, crawler, emr-job, batch-job, redshift-sql, lambda]"},
	{"airflow/template.json", monday + "work: [http-api, sql-server]"},
	{"airflow/template-public.json", demand + "work: [http-api, sql-server]"},
	{"airflow/template-object.json", kept + "work: [http-api, sql-server]"},
	{"airflow/template-kept.json", "start: {on: schedule, schedule: 'cron(0 6 * * ? *)'}\nlab: false\nwork: [http-api, sql-server]"},
	{"airflow/template-vpn.json", monday + network + "work: [http-api, sql-server]"},
	{"eventfunction/template.json", object + "work: [lambda]"},
	{"eventfunction/template-kept.json", kept + "work: [lambda]"},
	{"eventfunction/template-event.json", event + "work: [lambda]"},
	{"eventfunction/template-demand.json", demand + "work: [lambda]"},
	{"eventfunction/template-scheduled.json", monday + "work: [lambda]"},
	{"scheduledquery/template.json", monday + "work: [redshift-sql]"},
	{"scheduledquery/template-kept.json", monday + "work: [redshift-sql]"},
}

// unanswered are golden templates of contexts that no answer leads to.
var unanswered = []string{
	"scheduledquery/template-scheduled.json", // keepLocalTime
	"scheduledquery/template-existing.json",  // keepLocalTime
}

func golden(t *testing.T, name string) *cfn.Template {
	t.Helper()
	stack, file, _ := strings.Cut(name, "/")
	text, err := fs.ReadFile(stacks.Source, stack+"/testdata/"+file)
	if err != nil {
		t.Fatal(err)
	}
	template, err := cfn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// counted are the resources of a template that are paid for while idle.
func counted(template *cfn.Template) Resources {
	count := func(kind string) int { return len(template.ByType("AWS::" + kind)) }
	r := Resources{
		Alarms: count("CloudWatch::Alarm"), Dashboards: count("CloudWatch::Dashboard"), Metrics: count("Logs::MetricFilter"),
		Keys: count("KMS::Key"), Secrets: count("SecretsManager::Secret"), NATs: count("EC2::NatGateway"), Addresses: count("EC2::EIP"),
		VPNs: count("EC2::VPNConnection"), Environments: count("MWAA::Environment"), Warehouses: count("RedshiftServerless::Workgroup"),
	}
	for _, id := range template.ByType("AWS::EC2::VPCEndpoint") {
		r.EndpointZones += len(cfn.List(template.Resources[id].Get("SubnetIds"))) // a gateway endpoint has none, and costs nothing
	}
	for _, id := range template.ByType("AWS::RedshiftServerless::Namespace") {
		if template.Resources[id].Get("ManageAdminPassword") == true {
			r.Secrets++
		}
	}
	return r
}

func TestWhatIsBilledWhileIdleIsWhatTheTemplatesHave(t *testing.T) {
	known := slices.Clone(unanswered)
	for _, test := range goldens {
		known = append(known, test.template)
		t.Run(test.template, func(t *testing.T) {
			example, _, _ := strings.Cut(test.template, "/")
			if diff := cmp.Diff(counted(golden(t, test.template)), Created(example, parsed(t, test.answers))); diff != "" {
				t.Errorf("the template has -, the estimate bills +\n%s", diff)
			}
		})
	}
	files, err := fs.Glob(stacks.Source, "*/testdata/template*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.Replace(file, "/testdata", "", 1); !slices.Contains(known, name) {
			t.Errorf("%s is compared with no estimate", name)
		}
	}
}

// Every type of resource of the templates is billed while idle, or is known to cost nothing by itself.
func TestNoResourceOfATemplateIsForgotten(t *testing.T) {
	billed := []string{
		"CloudWatch::Alarm", "CloudWatch::Dashboard", "Logs::MetricFilter", "KMS::Key", "SecretsManager::Secret", "EC2::NatGateway", "EC2::EIP",
		"EC2::VPNConnection", "MWAA::Environment", "RedshiftServerless::Workgroup", "RedshiftServerless::Namespace", "EC2::VPCEndpoint",
	}
	onlyUsed := []string{ // or free
		"IAM::ManagedPolicy", "IAM::Policy", "IAM::Role", "S3::Bucket", "S3::BucketPolicy", "SNS::Topic", "SNS::TopicPolicy", "SNS::Subscription",
		"SQS::Queue", "SQS::QueuePolicy", "Lambda::Function", "Lambda::Permission", "Lambda::EventInvokeConfig", "Events::Rule",
		"Scheduler::Schedule", "Scheduler::ScheduleGroup", "KMS::Alias", "Logs::LogGroup", "Logs::ResourcePolicy", "CDK::Metadata",
		"Glue::Crawler", "Glue::Database", "Glue::Job", "Glue::Trigger", "Glue::Workflow", "Glue::SecurityConfiguration",
		"StepFunctions::StateMachine", "EMRServerless::Application", "Batch::ComputeEnvironment", "Batch::JobQueue", "Batch::JobDefinition",
		"EC2::VPC", "EC2::Subnet", "EC2::Route", "EC2::RouteTable", "EC2::SubnetRouteTableAssociation", "EC2::SecurityGroup",
		"EC2::SecurityGroupIngress", "EC2::SecurityGroupEgress", "EC2::FlowLog", "EC2::InternetGateway", "EC2::VPCGatewayAttachment",
		"EC2::CustomerGateway", "EC2::VPNGateway", "EC2::VPNGatewayRoutePropagation", "EC2::VPNConnectionRoute", "EC2::VPCPeeringConnection",
		"EC2::NetworkAcl", "EC2::NetworkAclEntry", "EC2::SubnetNetworkAclAssociation",
	}
	for _, test := range goldens {
		for id, resource := range golden(t, test.template).Resources {
			kind, aws := strings.CutPrefix(resource.Type, "AWS::")
			if aws && !slices.Contains(billed, kind) && !slices.Contains(onlyUsed, kind) {
				t.Errorf("%s: %s is a %s, of which this package knows no price", test.template, id, resource.Type)
			}
		}
	}
}

// ways are the states that a good run enters, in order. The polling states are listed as often as the model says that they are entered.
var ways = []struct {
	template string
	states   []string
	looks    map[string]int // how often a state that waits comes
}{
	{"statemachine/template.json", []string{"Take object", "Validate file", "Valid?", "Run ETL job", "Done"}, nil},
	{"statemachine/template-demand.json", []string{"Run ETL job", "Done"}, nil},
	{"statemachine/template-schedule.json", []string{"Validate files", "Any good file?", "Run ETL job", "Publish manifest", "Any bad file?", "Done"}, nil},
	{"statemachine/template-event.json", []string{
		"Take event", "Validate files", "Any good file?", "Wait for approval", "Convert files", "Usable?", "Publish manifest", "Any bad file?", "Any refused file?", "Done",
	}, nil},
	{"statemachine/template-workers.json", []string{
		"Take object", "Validate file", "Valid?", "Start crawler", "Wait for crawler", "Look at crawler", "Crawled?", "Run Spark job",
		"Run container job", "Submit SQL", "Wait for SQL", "Look at SQL", "SQL finished?", "Publish manifest", "Done",
	}, map[string]int{"Wait for crawler": 4, "Wait for SQL": 1}}, // 62 s of crawling at 1 GB, looked at every 20 s; 10 s of SQL, every 10 s
}

// A transition is billed for each state that is entered. The ways are those of the definitions that are deployed.
func TestTransitionsAreThoseOfTheDefinitions(t *testing.T) {
	for _, way := range ways {
		t.Run(way.template, func(t *testing.T) {
			states := definition(t, way.template)
			want := len(way.states)
			for i, name := range way.states {
				want += 3 * max(way.looks[name]-1, 0) // wait, look, choose
				if i+1 < len(way.states) && !slices.Contains(states[name].following(), way.states[i+1]) {
					t.Errorf("%s does not lead to %s, but to %v", name, way.states[i+1], states[name].following())
				}
			}
			at := slices.IndexFunc(goldens, func(g struct{ template, answers string }) bool { return g.template == way.template })
			given := parsed(t, goldens[at].answers)
			m := newModel(given, Options{})
			got := m.run("statemachine").Transitions
			if children := m.run("statemachine").ExpressRequests; children.Sign() > 0 {
				want++ // a distributed Map pays a transition for each execution that it starts
			}
			if got.Cmp(Whole(want)) != 0 {
				t.Errorf("got %s transitions, the definition has %d", got, want)
			}
		})
	}
}

type state struct {
	Next, Default string
	Choices       []struct{ Next string }
}

func (s state) following() []string {
	all := []string{s.Next, s.Default}
	for _, choice := range s.Choices {
		all = append(all, choice.Next)
	}
	return all
}

func definition(t *testing.T, name string) map[string]state {
	t.Helper()
	deployed, err := golden(t, name).Deploy(cfn.Place{Stack: "Test"})
	if err != nil {
		t.Fatal(err)
	}
	machines := deployed.ByType("AWS::StepFunctions::StateMachine")
	var read struct{ States map[string]state }
	if err := json.Unmarshal([]byte(cfn.Text(deployed.Resources[machines[0]].Get("DefinitionString"))), &read); err != nil {
		t.Fatal(err)
	}
	return read.States
}
