package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lineage"
)

// scripted programs answer as a test says, instead of running.
type scripted struct {
	job       func(run *jobRun) outcome
	function  func(f *function, payload json.RawMessage) (json.RawMessage, *functionError)
	spark     func(run *sparkRun) outcome
	container func(job *batchJob) (exit, outcome)
	sql       *scriptedSQL
}

func (s scripted) Job(_ *Lab, run *jobRun) outcome {
	if s.job == nil {
		return outcome{duration: time.Minute}
	}
	return s.job(run)
}

func (s scripted) Function(_ *Lab, f *function, payload json.RawMessage) (json.RawMessage, *functionError) {
	if s.function == nil {
		return payload, nil
	}
	return s.function(f, payload)
}

func (s scripted) Spark(_ *Lab, run *sparkRun) outcome {
	if s.spark == nil {
		return outcome{duration: time.Minute}
	}
	return s.spark(run)
}

func (s scripted) Container(_ *Lab, job *batchJob) (exit, outcome) {
	if s.container == nil {
		return exit{ran: true}, outcome{duration: time.Minute}
	}
	return s.container(job)
}

// start is when the clock of a test begins: a Monday.
var start = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)

// rig is a Lab with its timeline.
type rig struct {
	*Lab
	t        testing.TB
	timeline []Event
	told     []*lineage.Event // of lineage, each of which was checked against its schema
}

// parts are resources of a template in JSON, by logical id.
type parts map[string]string

// with adds resources, or replaces them.
func (p parts) with(more parts) parts {
	all := maps.Clone(p)
	maps.Copy(all, more)
	return all
}

func (p parts) String() string {
	var all []string
	for id, text := range p {
		all = append(all, fmt.Sprintf("%q: %s", id, text))
	}
	slices.Sort(all)
	return `{"Resources": {` + strings.Join(all, ",\n") + `}}`
}

// tryBuild makes a Lab of a template's text.
func tryBuild(t testing.TB, template string, options Options) (*rig, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "stack.template.json")
	if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := cfn.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return deploy(t, read, options)
}

func deploy(t testing.TB, template *cfn.Template, options Options) (*rig, error) {
	t.Helper()
	stack, err := template.Deploy(cfn.Place{Stack: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t}
	options.Stack = stack
	if options.From.IsZero() {
		options.From = start
	}
	if options.Programs == nil {
		options.Programs = scripted{}
	}
	options.Report = func(e Event) { r.timeline = append(r.timeline, e) }
	if _, measured := t.(*testing.B); !measured && options.Lineage == nil {
		options.Lineage = func(e *lineage.Event) {
			if _, invalid := lineage.Encode(e); invalid != nil {
				t.Error(invalid)
			}
			r.told = append(r.told, e)
		}
	}
	r.Lab, err = New(context.Background(), options)
	return r, err
}

func build(t testing.TB, p parts, options Options) *rig {
	t.Helper()
	r, err := tryBuild(t, p.String(), options)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// run lets time pass to the end.
func (r *rig) run() *rig {
	r.t.Helper()
	if err := r.Run(); err != nil {
		r.t.Fatal(err)
	}
	return r
}

func (r *rig) put(keys ...string) *rig {
	r.t.Helper()
	for _, key := range keys {
		if err := r.Put(key, []byte("data")); err != nil {
			r.t.Fatal(err)
		}
	}
	return r
}

func (r *rig) send(source, detailType, detail string) *rig {
	r.t.Helper()
	if err := r.Send([]byte(fmt.Sprintf(`{"source": %q, "detail-type": %q, "detail": %s}`, source, detailType, detail))); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// happened lists what happened of the given types: time since the start, type, resource.
func (r *rig) happened(types ...string) []string {
	var all []string
	for _, e := range r.timeline {
		if slices.Contains(types, e.Type) {
			all = append(all, fmt.Sprintf("%s %s %s", e.Time.Sub(start), e.Type, e.Resource))
		}
	}
	return all
}

// details of the events of a type.
func (r *rig) details(kind string) []map[string]any {
	var all []map[string]any
	for _, e := range r.timeline {
		if e.Type == kind {
			var detail map[string]any
			text, err := json.Marshal(e.Detail)
			if err == nil {
				err = json.Unmarshal(text, &detail)
			}
			if err != nil {
				r.t.Fatal(err)
			}
			all = append(all, detail)
		}
	}
	return all
}

// messages are those of the only queue.
func (r *rig) messages() []Message {
	for _, q := range r.queues {
		return q.messages
	}
	return nil
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	g, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(g, w) {
		t.Errorf("%s:\ngot  %s\nwant %s", what, g, w)
	}
}

// role is one that a service may assume, with a statement that allows actions on everything.
func role(service string, actions ...string) string {
	text, _ := json.Marshal(actions) // of texts
	return fmt.Sprintf(`{"Type": "AWS::IAM::Role", "Properties": {
		"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": %q}, "Action": "sts:AssumeRole"}]},
		"Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": %s, "Resource": "*"}]}}]}}`, service, text)
}

// open lets a service call for itself on a queue, topic or function.
func openQueue(id, service string) string {
	return fmt.Sprintf(`{"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": %[1]q}], "PolicyDocument": {"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Principal": {"Service": %[2]q}, "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": [%[1]q, "Arn"]}}]}}}`, id, service)
}

func openTopic(id string, services ...string) string {
	text, _ := json.Marshal(services) // of texts
	return fmt.Sprintf(`{"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": %[1]q}], "PolicyDocument": {"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Principal": {"Service": %[2]s}, "Action": "sns:Publish", "Resource": {"Ref": %[1]q}}]}}}`, id, text)
}

const (
	queueOnly  = `{"Type": "AWS::SQS::Queue"}`
	topicOnly  = `{"Type": "AWS::SNS::Topic"}`
	landing    = `{"Type": "AWS::S3::Bucket", "Properties": {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": true}}}}`
	permission = `{"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}}`
)

// functionWith is a function with further properties.
func functionWith(more string) string {
	return `{"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["FunctionRole", "Arn"]}` + more + `}}`
}

// rule is one for the events of a source, with a target.
func ruleFor(source, target string) string {
	return fmt.Sprintf(`{"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": [%q]}, "Targets": [%s]}}`, source, target)
}

func machineOf(definition string, more ...string) string {
	text, _ := json.Marshal(definition) // of a text
	return `{"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": {"Fn::GetAtt": ["MachineRole", "Arn"]}, "DefinitionString": ` + string(text) + strings.Join(more, "") + `}}`
}

// golden templates of the examples, and what each is started by.
func goldenTemplates(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("../../stacks/*/testdata/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d golden templates (%v), expected at least 10", len(files), err)
	}
	return files
}

// playGolden runs an example: an object lands where that starts it, schedules run for a week, programs answer as scripted.
func playGolden(t testing.TB, file string, seed uint64, programs scripted) *rig {
	t.Helper()
	template, err := cfn.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if programs.function == nil { // a validator that likes everything
		programs.function = func(_ *function, payload json.RawMessage) (json.RawMessage, *functionError) {
			return bytes.Replace(payload, []byte("{"), []byte(`{"valid": true, `), 1), nil
		}
	}
	programs.sql = &scriptedSQL{folder: t.TempDir()}
	r, err := deploy(t, template, Options{Seed: seed, For: 7 * 24 * time.Hour, Programs: programs})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	landing := ""
	for _, b := range r.store.buckets {
		if b.sendsEvents || strings.HasPrefix(b.id, landingID) {
			landing = b.name
			if err := r.store.write(b.name, "raw/year=2012/month=01/weather.csv", []byte("date\n"), "123456789012"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(r.machines)+len(r.workflows) == 1 {
		input := fmt.Sprintf(`{"detail": {"bucket": {"name": %q}, "object": {"key": "raw/year=2012/month=01/weather.csv", "size": 5, "sequencer": "1"}}}`, landing)
		if err := r.Start(input); err != nil {
			t.Fatal(err)
		}
	}
	r.send("partner.orders", "OrdersReady", `{"bucket": "b", "key": "k"}`)
	return r.run()
}

// playTwo runs an example for two objects that land at once.
func playTwo(t testing.TB, file string) *rig {
	t.Helper()
	template, err := cfn.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := deploy(t, template, Options{Programs: scripted{function: func(_ *function, payload json.RawMessage) (json.RawMessage, *functionError) {
		return bytes.Replace(payload, []byte("{"), []byte(`{"valid": true, `), 1), nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return r.put("raw/1.csv", "raw/2.csv").run()
}

func TestTheExamplesRunAlikeTwice(t *testing.T) {
	for _, file := range goldenTemplates(t) {
		t.Run(file, func(t *testing.T) {
			play := func(seed uint64) []byte {
				r := playGolden(t, file, seed, scripted{job: func(run *jobRun) outcome {
					if run.attempt == 0 {
						return outcome{failure: "out of memory", duration: 40 * time.Second}
					}
					return outcome{duration: 90 * time.Second}
				}})
				text, err := json.Marshal([]any{r.timeline, r.Outcome()})
				if err != nil {
					t.Fatal(err)
				}
				return text
			}
			first, second, other := play(1), play(1), play(2)
			if !bytes.Equal(first, second) {
				t.Error("two runs with one seed differ")
			}
			if len(first) > 2000 && bytes.Equal(first, other) {
				t.Error("the seed changes nothing")
			}
		})
	}
}

func TestTheExamplesAreAllowedWhatTheyDo(t *testing.T) {
	for _, file := range goldenTemplates(t) {
		t.Run(file, func(t *testing.T) {
			r := playGolden(t, file, 1, scripted{})
			for _, denied := range r.Outcome().Denials {
				t.Error(denied)
			}
			if len(r.timeline) == 0 {
				t.Error("nothing happened")
			}
		})
	}
}

func TestATemplateThatWouldBehaveOtherwiseIsRefused(t *testing.T) {
	target := func(more string) string { return `{"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Id": "t"` + more + `}` }
	base := parts{"Queue": queueOnly, "Topic": topicOnly, "Role": role("states.amazonaws.com", "s3:*"), "MachineRole": role("states.amazonaws.com", "s3:*")}
	for _, test := range []struct{ name, resource, want string }{
		{"a FIFO queue", `{"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": true}}`, "the lab has no FIFO queues"},
		{"a FIFO topic", `{"Type": "AWS::SNS::Topic", "Properties": {"FifoTopic": true}}`, "the lab has no FIFO topics"},
		{"a rule on another bus", `{"Type": "AWS::Events::Rule", "Properties": {"EventBusName": "orders", "EventPattern": {"source": ["a"]}, "Targets": []}}`, "it is on the bus orders"},
		{"a filter of a subscription", `{"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "a@example.com", "FilterPolicy": {}}}`, "does not know FilterPolicy of a subscription"},
		{"a function elsewhere that is subscribed", `{"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "lambda", "Endpoint": "x"}}`, "expected the ARN of a function of the template"},
		{"a subscription by a stream", `{"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "firehose", "Endpoint": "x"}}`, "cannot deliver by firehose"},
		{"a function that reads a queue", `{"Type": "AWS::Lambda::EventSourceMapping", "Properties": {}}`, "the lab has no functions that read a queue or stream"},
		{"notifications of a bucket to a function", `{"Type": "AWS::S3::Bucket", "Properties": {"NotificationConfiguration": {"LambdaConfigurations": [{}]}}}`, "does not know LambdaConfigurations"},
		{"a target's parameters for FIFO", ruleFor("a", target(`, "SqsParameters": {"MessageGroupId": "g"}`)), "does not know SqsParameters of a target"},
		{"a target that the lab has not", ruleFor("a", `{"Arn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/s", "Id": "t"}`), "cannot send to arn:aws:firehose"},
		{"an unknown universal target", `{"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"},
			"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:glue:deleteJob", "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}}}`, "the lab has no glue:deleteJob"},
		{"a query by the SDK", machineOf(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:query", "Parameters": {}, "End": true}}}`), "the lab has no dynamodb:query, expected one of dynamodb:deleteitem, dynamodb:getitem"},
		{"a service that the lab has not", machineOf(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask", "Parameters": {}, "End": true}}}`), "the lab has no Amazon ECS"},
		{"a queue nobody can wait for", machineOf(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.sync", "Parameters": {}, "End": true}}}`), "Subject"},
		{"a definition elsewhere", `{"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": {"Fn::GetAtt": ["MachineRole", "Arn"]}, "DefinitionS3Location": {"Bucket": "b", "Key": "k"}}}`, "does not know DefinitionS3Location"},
		{"a job nobody can wait for", machineOf(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync", "Parameters": {}, "End": true}}}`), "cannot wait for arn:aws:states:::athena"},
		{"a streaming job", `{"Type": "AWS::Glue::Job", "Properties": {"Role": "r", "Command": {"Name": "gluestreaming"}}}`, "no jobs of kind gluestreaming"},
		{"a conditional trigger alone", `{"Type": "AWS::Glue::Trigger", "Properties": {"Type": "CONDITIONAL", "Actions": [], "StartOnCreation": true}}`, "in workflows only"},
		{"a trigger of nothing", `{"Type": "AWS::Glue::Trigger", "Properties": {"Type": "ON_DEMAND", "Actions": [{"JobName": "missing"}]}}`, "there is no job missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := tryBuild(t, base.with(parts{"Subject": test.resource}).String(), Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Subject") {
				t.Errorf("got %v, expected an error about %q of Subject", err, test.want)
			}
		})
	}
}

func TestWhatIsNoPartOfTheLabIsListedOnce(t *testing.T) {
	r := build(t, parts{
		"A": `{"Type": "AWS::Athena::WorkGroup"}`, "B": `{"Type": "AWS::Athena::WorkGroup"}`, "Logs": `{"Type": "AWS::Logs::LogGroup"}`, "Topic": topicOnly,
		"Pager": `{"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "https", "Endpoint": "https://pager.example.com"}}`,
	}, Options{})
	same(t, "ignored", r.Ignored(), []string{"AWS::Athena::WorkGroup: not part of the lab (2 in the template)", "Pager: the lab delivers nothing by https"})
}

func TestARunEndsWhenItsContextDoes(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := build(t, parts{"Landing": landing}, Options{For: time.Hour})
	r.clock = asl.NewClock(ctx, asl.Options{Start: start})
	r.background(time.Minute, cancel)
	r.background(2*time.Minute, func() { t.Error("it went on") })
	if err := r.Run(); err == nil {
		t.Error("got no error, expected that of the context")
	}
}

func TestOnlyOnePipelineStartsByACommand(t *testing.T) {
	pass := machineOf(`{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}`)
	p := parts{"MachineRole": role("states.amazonaws.com", "s3:*"), "One": pass, "Two": pass}
	for name, test := range map[string]parts{"none": {"Landing": landing}, "two": p} {
		if err := build(t, test, Options{}).Start("{}"); err == nil || !strings.Contains(err.Error(), "expected one of them") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	delete(p, "Two")
	if err := build(t, p, Options{}).Start("{"); err == nil || !strings.Contains(err.Error(), "InvalidExecutionInput") {
		t.Errorf("an input that is no JSON: got %v", err)
	}
	if err := build(t, p.with(parts{"MachineRole": role("glue.amazonaws.com", "s3:*")}), Options{}).Start("{}"); err == nil || !strings.Contains(err.Error(), accessDenied) {
		t.Errorf("a role that Step Functions may not assume: got %v", err)
	}
}
