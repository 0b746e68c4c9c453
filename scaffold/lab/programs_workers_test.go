//go:build programs

package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// withoutSQL leaves the warehouse out of the machine with a step for each service: its step goes on to the next one.
func withoutSQL(t testing.TB, template *cfn.Template) {
	t.Helper()
	for _, id := range template.ByType("AWS::StepFunctions::StateMachine") {
		properties := template.Resources[id].Properties
		text := strings.ReplaceAll(cfn.Text(properties["DefinitionString"]), `"Next": "Submit SQL"`, `"Next": "Publish manifest"`)
		var definition map[string]any
		if err := json.Unmarshal([]byte(text), &definition); err != nil {
			t.Fatal(err)
		}
		states := definition["States"].(map[string]any)
		reached := map[string]bool{}
		var follow func(name string)
		follow = func(name string) {
			if reached[name] {
				return
			}
			reached[name] = true
			for to := range states {
				if leads, err := json.Marshal(states[name]); err != nil || strings.Contains(string(leads), fmt.Sprintf(`"Next":%q`, to)) ||
					strings.Contains(string(leads), fmt.Sprintf(`"Default":%q`, to)) {
					follow(to)
				}
			}
		}
		follow(definition["StartAt"].(string))
		for name := range states {
			if !reached[name] {
				delete(states, name)
			}
		}
		shortened, err := json.Marshal(definition)
		if err != nil {
			t.Fatal(err)
		}
		properties["DefinitionString"] = string(shortened)
	}
}

func newWorkers(t testing.TB, options ProgramOptions, changes ...edit) *bench {
	t.Helper()
	template, err := cfn.Read(withWorkers)
	if err != nil {
		t.Fatal(err)
	}
	return benchOf(t, template, options, append([]edit{withoutSQL}, changes...)...)
}

const february = "raw/year=2012/month=02/weather.csv"

func (b *bench) landFebruary(t testing.TB) {
	t.Helper()
	b.land(t, february, sampleFile(t, "weather/year=2012/month=02/weather.csv"))
}

func TestTheMachineWithWorkersTakesAFileFromSparkToTheContainer(t *testing.T) {
	for _, engine := range []string{EngineSail, EngineSpark} {
		t.Run(engine, func(t *testing.T) {
			b := newWorkers(t, ProgramOptions{Engine: engine})
			b.landFebruary(t)
			b.run(t)
			if len(b.failures) > 0 || len(b.denials.all) > 0 {
				t.Fatalf("failures %v, denials %v\n%s", b.failures, b.denials.all, b.log(t, "SparkApplicationB8D0239C", 1))
			}
			want := byHand(t, "year=2012/month=02")
			if rows := b.rows(t, "CuratedF137945A", "monthly")["year=2012/month=02"]; len(rows) != len(want) {
				t.Errorf("got %d rows, want %d", len(rows), len(want))
			}
			profile, err := b.store.read(b.stack.Ref("CuratedF137945A"), "profiles/year=2012/month=02.json")
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Rows    int
				Refused map[string]any
			}
			if err := json.Unmarshal(profile, &got); err != nil || got.Rows != 29 || len(got.Refused) > 0 {
				t.Errorf("got %s (%v), want the 29 days of February 2012", profile, err)
			}
			if log := b.log(t, "ContainerJobDefinitionDD5E2720", 1); !strings.Contains(log, `"month":"2012-02"`) {
				t.Errorf("the container printed %s", log)
			}
		})
	}
}

func TestABadFileNeverReachesTheWorkers(t *testing.T) {
	b := newWorkers(t, ProgramOptions{})
	b.land(t, february, sampleFile(t, "bad/missing-header.csv"))
	b.run(t)
	if len(b.sparkRuns)+len(b.batchJobs) > 0 {
		t.Errorf("got %d job runs and %d jobs, want none", len(b.sparkRuns), len(b.batchJobs))
	}
	if text := b.timeline(t); !strings.Contains(text, `"error":"InvalidFile"`) {
		t.Errorf("the execution did not fail with InvalidFile:\n%.3000s", text)
	}
}

func TestAWorkerWithoutAPermissionFailsWithTheDenial(t *testing.T) {
	for _, test := range []struct{ policy, action, want string }{
		{"SparkJobRolePolicyA70F43BE", "s3:PutObject", "AccessDenied"},
		{"ContainerJobRolePolicy84C885AE", "s3:ListBucket", "exit code 75"},
		{"ContainerExecutionRolePolicy56F637F6", "ecr:BatchCheckLayerAvailability", "CannotPullContainerError"},
		{"ContainerExecutionRolePolicy56F637F6", "logs:CreateLogStream", "ResourceInitializationError"},
	} {
		t.Run(test.policy+" "+test.action, func(t *testing.T) {
			b := newWorkers(t, ProgramOptions{}, without(test.policy, test.action))
			b.landFebruary(t)
			b.run(t)
			if all := strings.Join(b.failures, "\n"); !strings.Contains(all, test.want) {
				t.Errorf("got the failures %s, want %s", all, test.want)
			}
			denied := false
			for _, d := range b.denials.all {
				denied = denied || d.Action == test.action
			}
			if !denied {
				t.Errorf("got the denials %v, want one of %s", b.denials.all, test.action)
			}
		})
	}
}

// container is a job definition whose program is that of testdata/programs/container.
const container = `{"Resources": {
	"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]},
		"Policies": [{"PolicyName": "pull", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}}]}},
	"Environment": {"Type": "AWS::Batch::ComputeEnvironment", "Properties": {"Type": "MANAGED", "ComputeResources": {"Type": "FARGATE", "MaxvCpus": 2}}},
	"Queue": {"Type": "AWS::Batch::JobQueue", "Properties": {"JobQueueName": "queue", "Priority": 1, "ComputeEnvironmentOrder": [{"Order": 1, "ComputeEnvironment": {"Ref": "Environment"}}]}},
	"Definition": {"Type": "AWS::Batch::JobDefinition", "Metadata": {"pipewright": {"source": "container"}}, "Properties": {"JobDefinitionName": "definition", "Type": "container",
		"RetryStrategy": {"Attempts": 3, "EvaluateOnExit": [{"Action": "RETRY", "OnExitCode": "75"}, {"Action": "EXIT", "OnReason": "*"}]}, "Timeout": {"AttemptDurationSeconds": 60},
		"ContainerProperties": {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/images:1", "JobRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "Command": ["ok"],
			"Environment": [{"Name": "MINE", "Value": "yes"}], "ResourceRequirements": [{"Type": "VCPU", "Value": "1"}, {"Type": "MEMORY", "Value": "2048"}]}}}
}}`

func TestAContainersProgramRunsAsFargateWouldRunIt(t *testing.T) {
	t.Setenv("SECRET_OF_THE_USER", "must not be seen")
	for _, test := range []struct {
		command  string
		status   string
		attempts int
		said     string // in the log of the last attempt
		failure  string
	}{
		{command: "ok", status: jobSucceeded, attempts: 1, said: "mine=yes attempt=1 queue=queue secret= \n"},
		{command: "exit 1", status: jobFailed, attempts: 1, failure: "Essential container in task exited (exit code 1): as asked"},
		{command: "exit 75", status: jobFailed, attempts: 3, said: "attempt=3", failure: "(exit code 75)"},
		{command: "second", status: jobSucceeded, attempts: 2},
		{command: "hang", status: jobFailed, attempts: 1, failure: "Job attempt duration exceeded timeout (exit code 137)"},
		{command: "signal", status: jobFailed, attempts: 1, failure: "(exit code 143)"},
	} {
		t.Run(test.command, func(t *testing.T) {
			b := newContainer(t, ProgramOptions{Longest: 2 * time.Second})
			job := b.submit(t, strings.Fields(test.command))
			b.run(t)
			if job.status != test.status || len(job.attempts) != test.attempts {
				t.Errorf("got %s after %d attempts, want %s after %d", job.status, len(job.attempts), test.status, test.attempts)
			}
			if log := b.log(t, "Definition", test.attempts); !strings.Contains(log, test.said) {
				t.Errorf("the program printed %q, want %q", log, test.said)
			}
			if all := strings.Join(b.failures, "\n"); !strings.Contains(all, test.failure) || (test.failure == "") != (all == "") {
				t.Errorf("got the failures %q, want %q", all, test.failure)
			}
		})
	}
}

func newContainer(t testing.TB, options ProgramOptions, changes ...edit) *bench {
	t.Helper()
	folder := t.TempDir()
	program, err := os.ReadFile("testdata/programs/container/main.go.txt")
	if err == nil {
		err = os.Mkdir(filepath.Join(folder, "container"), 0o750)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "container/main.go"), program, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module small\n\ngo 1.24\n"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	template, err := cfn.Parse([]byte(container))
	if err != nil {
		t.Fatal(err)
	}
	options.Source = Project{Folder: folder}
	return benchOf(t, template, options, changes...)
}

func (b *bench) submit(t testing.TB, command []string) *batchJob {
	t.Helper()
	words := make([]any, len(command))
	for i := range command {
		words[i] = command[i]
	}
	_, err := b.asOperator("batch:SubmitJob", map[string]any{
		"JobName": "job", "JobQueue": "queue", "JobDefinition": "definition", "ContainerOverrides": map[string]any{"Command": words},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.batchJobs[0]
}

// asOperator calls an API as the person at the keyboard.
func (b *bench) asOperator(action string, input map[string]any) (map[string]any, *apiError) {
	return b.Lab.call(caller{Service: operator}, action, input)
}
