package statemachine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/stacks/statemachine"
)

// machine is what the tests look at of a definition.
type machine struct {
	StartAt        string
	TimeoutSeconds int
	States         map[string]state
}

type state struct {
	Type, Next, Default string
	TimeoutSeconds      int
	Choices, Catch      []struct{ Next string }
}

// theMachine is how the template refers to it.
var theMachine = map[string]any{"Ref": "PipelineStateMachine1738D98D"}

func definition(t *testing.T, props statemachine.Props) machine {
	t.Helper()
	template := synthesized(t, props)
	capture := assertions.NewCapture(nil)
	template.HasResourceProperties(jsii.String("AWS::StepFunctions::StateMachine"), map[string]any{"DefinitionString": capture})
	var parsed machine
	if err := json.Unmarshal([]byte(*capture.AsString()), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// path follows a machine from its start, always by the first way that leads on.
func (m machine) path() string {
	var names []string
	for name := m.StartAt; name != "" && len(names) < 20; {
		names = append(names, name)
		at := m.States[name]
		if name = at.Next; at.Type == "Choice" {
			name = at.Choices[0].Next
		}
	}
	return strings.Join(names, ", ")
}

func TestTheWorkIsDoneInTheOrderOfTheAnswers(t *testing.T) {
	lambdas := func(n int) []string { return strings.Fields(strings.Repeat("lambda ", n)) }
	for _, test := range []struct {
		name  string
		props statemachine.Props
		want  string // states
	}{
		{"validate and load, the default", lab(), "Take object, Validate file, Valid?, Run ETL job, Done"},
		{"load alone", with(lab(), "glue-job"), "Take object, Run ETL job, Done"},
		{"load and publish", with(lab(), "glue-job", "lambda"), "Take object, Run ETL job, Publish manifest, Done"},
		{"convert alone", with(lab(), lambdas(1)...), "Take object, Convert files, Usable?, Unusable file, Report failure, Run failed"},
		{"by a schedule, and what was set aside at the end", scheduled(), "Validate files, Any good file?, Run ETL job, Publish manifest, Any bad file?, Some bad files, Report failure, Run failed"},
		{"by an event, approved after validation", byEvent(), "Take event, Validate files, Any good file?, Wait for approval, Convert files, Usable?, Unusable file, Report failure, Run failed"},
		{"on demand", onDemand(), "Run ETL job, Done"},
		{"by every service", everyWorker(), "Take object, Validate file, Valid?, Start crawler, Wait for crawler, Look at crawler, Crawled?, Run Spark job, Run container job, " +
			"Submit SQL, Wait for SQL, Look at SQL, SQL finished?, Publish manifest, Done"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := definition(t, test.props).path(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func with(props statemachine.Props, work ...string) statemachine.Props {
	props.Work = work
	return props
}

func TestApprovalComesFirstWhereNothingIsValidated(t *testing.T) {
	props := onDemand()
	props.Approval = true
	if got, want := definition(t, props).path(), "Wait for approval, Run ETL job, Done"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The machine may not be stopped while one of its steps still has time.
func TestTheMachineHasTheTimeOfItsSteps(t *testing.T) {
	longer := lab()
	longer.LongestMinutes = 60
	approved := lab()
	approved.Approval = true
	base := definition(t, lab())
	if job := base.States["Run ETL job"].TimeoutSeconds; job != (15+10)*60 {
		t.Errorf("the job has %d s, want its own 15 minutes and 10 to start", job)
	}
	for _, test := range []struct {
		name  string
		props statemachine.Props
		more  int // seconds than the default
	}{
		{"a job of an hour", longer, 45 * 60},
		{"a person's week", approved, 7 * 24 * 60 * 60},
	} {
		if got := definition(t, test.props).TimeoutSeconds - base.TimeoutSeconds; got != test.more {
			t.Errorf("%s: the machine has %d s more, want %d", test.name, got, test.more)
		}
	}
	for name, state := range base.States {
		if state.TimeoutSeconds >= base.TimeoutSeconds {
			t.Errorf("%s has %d s, the whole machine %d", name, state.TimeoutSeconds, base.TimeoutSeconds)
		}
	}
}

func TestAScheduleStartsOneExecutionHoweverOftenItIsDelivered(t *testing.T) {
	template := synthesized(t, scheduled())
	template.HasResourceProperties(jsii.String("AWS::Scheduler::Schedule"), map[string]any{
		"ScheduleExpression": "cron(0 5 * * ? *)", "ScheduleExpressionTimezone": "Europe/Berlin",
		"Target": assertions.Match_ObjectLike(&map[string]any{
			"Arn": map[string]any{"Fn::Join": []any{"", []any{"arn:", map[string]any{"Ref": "AWS::Partition"}, ":scheduler:::aws-sdk:sfn:startExecution"}}},
			"Input": map[string]any{"Fn::Join": []any{"", []any{
				`{"StateMachineArn": "`, theMachine, `", "Name": "<aws.scheduler.execution-id>", "Input": "{\"scheduled\": \"<aws.scheduler.scheduled-time>\"}"}`,
			}}},
			"DeadLetterConfig": assertions.Match_AnyValue(),
		}),
	})
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{
			map[string]any{"Action": "states:StartExecution", "Effect": "Allow", "Resource": theMachine},
			assertions.Match_ObjectLike(&map[string]any{"Action": "sqs:SendMessage"}),
		}},
	})
}

func TestAPrefixCannotEndTheTextThatItStandsIn(t *testing.T) {
	props := scheduled()
	props.Prefix = `in/"x"/`
	synthesized(t, props).HasResourceProperties(jsii.String("AWS::StepFunctions::StateMachine"), map[string]any{
		"DefinitionSubstitutions": assertions.Match_ObjectLike(&map[string]any{"LandingPrefix": `in/\"x\"/`}),
	})
}

func TestSQLMayRunInAWarehouseThatIsThereAlready(t *testing.T) {
	props := with(onDemand(), "redshift-sql")
	props.Existing.Workgroup, props.Existing.Database = "analytics", "sales"
	template := synthesized(t, props)
	for _, kind := range []string{"AWS::RedshiftServerless::Workgroup", "AWS::EC2::VPC"} {
		template.ResourceCountIs(&kind, jsii.Number(0))
	}
	template.HasResourceProperties(jsii.String("AWS::StepFunctions::StateMachine"), map[string]any{
		"DefinitionSubstitutions": assertions.Match_ObjectLike(&map[string]any{
			"SqlWorkgroup": "analytics", "SqlDatabase": "sales", "Sql1": "SET statement_timeout TO 900000",
		}),
	})
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
			"Action":    []any{"redshift-data:BatchExecuteStatement", "redshift-serverless:GetCredentials"},
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/statemachine": "allowed"}},
		})})},
	})
	for _, output := range []string{"AttachRole", "AllowQuery"} {
		template.HasOutput(&output, map[string]any{})
	}
}

// A second way to start would start runs that nobody has asked for.
func TestEachStartIsTheOnlyOne(t *testing.T) {
	for _, test := range []struct {
		name                      string
		props                     statemachine.Props
		rules, schedules, senders int
		command                   bool
	}{
		{"object", lab(), 1, 0, 1, false},
		{"schedule", scheduled(), 0, 1, 0, true},
		{"event", byEvent(), 1, 0, 1, false},
		{"demand", onDemand(), 0, 0, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			template := synthesized(t, test.props)
			template.ResourceCountIs(jsii.String("AWS::Events::Rule"), jsii.Number(test.rules))
			template.ResourceCountIs(jsii.String("AWS::Scheduler::Schedule"), jsii.Number(test.schedules))
			template.ResourcePropertiesCountIs(jsii.String("AWS::S3::Bucket"), map[string]any{
				"NotificationConfiguration": map[string]any{"EventBridgeConfiguration": map[string]any{"EventBridgeEnabled": true}},
			}, jsii.Number(test.senders))
			if commands := len(*template.FindOutputs(jsii.String("StartCommand"), nil)); (commands == 1) != test.command {
				t.Errorf("got %d outputs StartCommand, want one: %t", commands, test.command)
			}
		})
	}
}

func TestAMapMayStartItsOwnMachineAndNoOther(t *testing.T) {
	policy := map[string]any{"PolicyDocument": map[string]any{"Statement": []any{
		map[string]any{"Action": "states:StartExecution", "Effect": "Allow", "Resource": theMachine},
		assertions.Match_ObjectLike(&map[string]any{"Action": []any{"states:DescribeExecution", "states:StopExecution"}}),
	}}, "Roles": []any{map[string]any{"Ref": "PipelineRoleD68726F7"}}}
	for name, test := range map[string]struct {
		props statemachine.Props
		count float64
	}{"validation of every file": {scheduled(), 1}, "validation of one file": {lab(), 0}} {
		t.Run(name, func(t *testing.T) {
			synthesized(t, test.props).ResourcePropertiesCountIs(jsii.String("AWS::IAM::ManagedPolicy"), policy, &test.count)
		})
	}
}

func TestSettingsThatCannotBeMeantFailTheStack(t *testing.T) {
	change := func(base statemachine.Props, change func(*statemachine.Props)) statemachine.Props {
		change(&base)
		return base
	}
	for _, test := range []struct {
		name  string
		props statemachine.Props
		want  string
	}{
		{"the concurrency of a function", change(lab(), func(p *statemachine.Props) { p.Concurrency = 5 }), "context concurrency: "},
		{"work of another example", with(lab(), "lambda", "http-api"), "context work: [lambda, http-api]: got http-api, this example runs "},
		{"the same twice", with(lab(), "glue-job", "glue-job"), "got glue-job twice"},
		{"a fourth lambda", with(lab(), "lambda", "lambda", "lambda", "lambda"), "got a lambda between other steps"},
		{"approval by nobody", change(lab(), func(p *statemachine.Props) { p.Approval, p.Notify = true, "" }), "context approval: got true and no notify"},
		{"branches where nothing decides", change(onDemand(), func(p *statemachine.Props) { p.Branches = true }), "context branches: got true, but nothing in [glue-job] decides"},
		{"validation of every file without branches", change(scheduled(), func(p *statemachine.Props) { p.Branches = false }), "context branches: got false"},
		{"a container where none runs", change(lab(), func(p *statemachine.Props) { p.Container.VCPU = "2" }), "context vcpu, memoryMib: got {2 0}, but the work has no batch-job"},
		{"a size that Fargate does not offer", change(with(lab(), "batch-job"), func(p *statemachine.Props) { p.Container.VCPU = "3" }), "context vcpu: "},
		{"half a warehouse", change(with(lab(), "redshift-sql"), func(p *statemachine.Props) { p.Existing.Workgroup = "analytics" }), "context workgroup, database: got \"analytics\" and \"\", expected both or neither"},
		{"a warehouse that nothing asks", change(lab(), func(p *statemachine.Props) { p.Existing.Workgroup, p.Existing.Database = "analytics", "sales" }), "context workgroup, database: got {analytics sales}, but the work has no redshift-sql"},
		{"a prefix that SQL cannot name", change(with(lab(), "redshift-sql"), func(p *statemachine.Props) { p.Prefix = "it's/" }), "context prefix: got "},
		{"a name that a warehouse cannot have", change(with(lab(), "redshift-sql"), func(p *statemachine.Props) { p.Name = "ab" }), "context name: got "},
		{"a function of an hour", change(with(lab(), "lambda"), func(p *statemachine.Props) { p.LongestMinutes = 60 }), "context longestMinutes: got 60, a Lambda function runs for at most 15"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := *assertions.Annotations_FromStack(stack(t, test.props)).FindError(jsii.String("*"), assertions.Match_AnyValue())
			if len(found) != 1 {
				t.Fatalf("got %d errors, want 1", len(found))
			}
			if text, _ := found[0].Entry.Data.(string); !strings.Contains(text, test.want) { //nolint:staticcheck // the assertions module returns this type
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}
