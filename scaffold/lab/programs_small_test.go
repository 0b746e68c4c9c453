//go:build programs

package lab

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// small is a template with a function in Go, one in Python, and a job of each kind.
const small = `{"Resources": {
	"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["glue.amazonaws.com", "lambda.amazonaws.com"]}}]},
		"Policies": [{"PolicyName": "all", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}]}},
	"Function": {"Type": "AWS::Lambda::Function", "Metadata": {"pipewright": {"source": "function"}}, "Properties": {
		"Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 2, "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Environment": {"Variables": {"MINE": "yes"}}}},
	"Python": {"Type": "AWS::Lambda::Function", "Metadata": {"pipewright": {"source": "python"}}, "Properties": {
		"Runtime": "python3.13", "Handler": "index.handler", "Timeout": 30, "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Environment": {"Variables": {"MINE": "yes"}}}},
	"Node": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs24.x", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
	"Job": {"Type": "AWS::Glue::Job", "Metadata": {"pipewright": {"source": "job/job.py"}}, "Properties": {
		"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Command": {"Name": "glueetl", "ScriptLocation": "s3://assets/job.py"}, "DefaultArguments": {"--what": "nothing"}}},
	"Shell": {"Type": "AWS::Glue::Job", "Metadata": {"pipewright": {"source": "job/job.py"}}, "Properties": {
		"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Command": {"Name": "pythonshell", "ScriptLocation": "s3://assets/job.py"}}}
}}`

func newSmall(t testing.TB, options ProgramOptions, edits ...edit) *bench {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/programs")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, "function/main.go.txt"), filepath.Join(folder, "function/main.go")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module small\n\ngo 1.24\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	template, err := cfn.Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	options.Source = Project{Folder: folder}
	return benchOf(t, template, options, edits...)
}

func (b *bench) call(t testing.TB, id, event string) (string, *functionError) {
	t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	answer, failure, _ := b.runFunction(b.functions[b.stack.Ref(id)], payload)
	return string(answer), failure
}

func (b *bench) job(id, what string) string {
	j := b.glueJobs[b.stack.Ref(id)]
	run := &jobRun{job: j, id: "jr_1", timeout: j.timeout, arguments: map[string]string{"--what": what}}
	b.jobRuns = append(b.jobRuns, run)
	result := b.runProgram(run)
	if result.duration == forever {
		return "it never ends"
	}
	return result.failure
}

func TestAFunctionIsCalledAsLambdaCallsIt(t *testing.T) {
	t.Setenv("SECRET_OF_THE_USER", "must not be seen")
	b := newSmall(t, ProgramOptions{})
	for _, test := range []struct{ function, event, want, kind, message string }{
		{function: "Function", event: "first", want: `{"arn":"arn:aws:lambda:us-east-1:123456789012:function:NAME","calls":1,"handler":"bootstrap","home":"","mine":"yes"}`},
		{function: "Function", event: "warm", want: `{"arn":"arn:aws:lambda:us-east-1:123456789012:function:NAME","calls":2,"handler":"bootstrap","home":"","mine":"yes"}`},
		{function: "Function", event: "error", kind: "Mine", message: "as asked"},
		{function: "Function", event: "large", kind: "Function.ResponseSizeTooLarge", message: "Response payload size exceeded maximum allowed payload size"},
		{function: "Function", event: "exit", kind: "Runtime.ExitError", message: "Error: Runtime exited with error: exit status 7"},
		{function: "Function", event: "after a crash", want: `{"arn":"arn:aws:lambda:us-east-1:123456789012:function:NAME","calls":1,"handler":"bootstrap","home":"","mine":"yes"}`},
		{function: "Function", event: "hang", kind: "Sandbox.Timedout", message: "Error: Task timed out after 2.00 seconds"},
		{function: "Python", event: "first", want: `{"calls": 1, "arn": "arn:aws:lambda:us-east-1:123456789012:function:NAME", "left": true, "mine": "yes"}`},
		{function: "Python", event: "error", kind: "Refused", message: "as asked"},
		{function: "Python", event: "warm", want: `{"calls": 3, "arn": "arn:aws:lambda:us-east-1:123456789012:function:NAME", "left": true, "mine": "yes"}`},
	} {
		answer, failure := b.call(t, test.function, test.event)
		if b.err != nil {
			t.Fatal(b.err)
		}
		want := strings.ReplaceAll(test.want, "NAME", b.stack.Ref(test.function))
		if failure == nil {
			failure = &functionError{}
		} else {
			answer = ""
		}
		if answer != want || failure.Type != test.kind || !strings.Contains(failure.Message, test.message) {
			t.Errorf("%s %s: got %s %+v, want %s %s %s", test.function, test.event, answer, failure, want, test.kind, test.message)
		}
	}
	gone(t, b.log(t, "Function", 2))
}

// gone fails the test if the child that a program told of still runs.
func gone(t testing.TB, log string) {
	t.Helper()
	told := regexp.MustCompile(`child (\d+)`).FindStringSubmatch(log)
	if told == nil {
		t.Fatalf("the program told of no child: %.500s", log)
	}
	pid, err := strconv.Atoi(told[1])
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(status), ") Z ") {
			return
		}
		<-realLimit(20 * time.Millisecond).C
	}
	t.Errorf("the child %d of a program still runs", pid)
}

func TestAFunctionThatCannotBeginSaysWhy(t *testing.T) {
	b := newSmall(t, ProgramOptions{}, func(_ testing.TB, template *cfn.Template) {
		template.Resources["Function"].Properties["Environment"] = map[string]any{"Variables": map[string]any{"INIT": "fail"}}
	})
	if _, failure := b.call(t, "Function", "x"); failure == nil || failure.Type != "NoSettings" {
		t.Errorf("got %+v, want NoSettings", failure)
	}
}

func TestWhatTheLabCannotRunBreaksTheRunByName(t *testing.T) {
	for _, test := range []struct {
		function, event, want string
		edit                  edit
	}{
		{"Node", "x", "got the runtime nodejs24.x", nil},
		{"Function", "elsewhere", "function Function called dynamodb", nil},
		{"Function", "x", "the template does not say what it was made from", func(_ testing.TB, template *cfn.Template) {
			resource := template.Resources["Function"]
			resource.Metadata = nil
			template.Resources["Function"] = resource
		}},
		{"Function", "x", `got the source "../elsewhere"`, func(_ testing.TB, template *cfn.Template) {
			template.Resources["Function"].Metadata["pipewright"] = map[string]any{"source": "../elsewhere"}
		}},
	} {
		var edits []edit
		if test.edit != nil {
			edits = append(edits, test.edit)
		}
		b := newSmall(t, ProgramOptions{}, edits...)
		b.call(t, test.function, test.event)
		if b.err == nil || !strings.Contains(b.err.Error(), test.want) {
			t.Errorf("%s %s: got %v, want %s", test.function, test.event, b.err, test.want)
		}
	}
}

func TestAJobFailsWithTheLastLineOfItsTraceback(t *testing.T) {
	b := newSmall(t, ProgramOptions{Longest: 3 * time.Second})
	for _, test := range []struct{ job, what, want string }{
		{"Job", "nothing", ""},
		{"Job", "again", ""},
		{"Job", "raise", "ValueError: the rows are"},
		{"Job", "exit", "SystemExit: 3"},
		{"Job", "137", "SystemExit: 137"},
		{"Job", "die", "ended by the signal 9"},
		{"Job", "missing", "GlueArgumentError: the following arguments are required: --not-given"},
		{"Job", "context", "ImportError: the lab has no awsglue.context"},
		{"Job", "hang", "it never ends"},
		{"Job", "after all that", ""},
		{"Shell", "nothing", ""},
		{"Shell", "raise", "not right (exit status 1)"},
		{"Shell", "137", "exit status 137"},
		{"Shell", "die", "signal: killed"},
		{"Shell", "hang", "it never ends"},
	} {
		failure := b.job(test.job, test.what)
		if b.err != nil {
			t.Fatal(b.err)
		}
		if test.want == "" && failure != "" || !strings.Contains(failure, test.want) {
			t.Errorf("%s %s: got %q, want %q", test.job, test.what, failure, test.want)
		}
		if test.what == "hang" {
			gone(t, b.log(t, test.job, len(b.jobRuns)))
		}
	}
}

func TestAProgramThatPrintsWithoutEndFillsNeitherMemoryNorDisk(t *testing.T) {
	b := newSmall(t, ProgramOptions{}, func(_ testing.TB, template *cfn.Template) {
		template.Resources["Function"].Properties["Timeout"] = 60.0
	})
	b.call(t, "Function", "first")
	b.job("Job", "nothing")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if _, failure := b.call(t, "Function", "print"); failure != nil {
		t.Fatal(failure)
	}
	if failure := b.job("Job", "print"); failure != "" {
		t.Fatal(failure)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 16<<20 {
		t.Errorf("the lab holds %d bytes more after 200 MB of output", grown)
	}
	b.programs.Close()
	for id, n := range map[string]int{"Function": 1, "Job": 2} {
		log := b.log(t, id, n)
		if len(log) > logHead+3*logTail || !strings.Contains(log, "bytes left out") || !strings.HasSuffix(log, "the end\n") {
			t.Errorf("%s: got a log of %d bytes that ends with %.60q, want its beginning and its end", id, len(log), log[max(0, len(log)-60):])
		}
	}
}

func TestAnInterruptedRunEndsAllThatItStarted(t *testing.T) {
	b := newSmall(t, ProgramOptions{})
	ctx, interrupt := context.WithCancel(context.Background())
	b.programs.Close()
	programs, err := NewPrograms(ctx, b.programs.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(programs.Close)
	if err = programs.warm(b.Lab); err != nil {
		t.Fatal(err)
	}
	b.options.Programs = programs
	go func() {
		log := filepath.Join(b.logs, "Job", "001.log")
		for range 500 {
			if text, unread := os.ReadFile(log); unread == nil && strings.Contains(string(text), "child") {
				break
			}
			<-realLimit(20 * time.Millisecond).C
		}
		interrupt()
	}()
	b.job("Job", "hang")
	if b.err == nil || !strings.Contains(b.err.Error(), "interrupted") {
		t.Errorf("got %v, want that the run was interrupted", b.err)
	}
	programs.Close()
	gone(t, b.log(t, "Job", 1))
	worker, err := programs.worker()
	if err == nil && syscall.Kill(worker.command.Process.Pid, 0) == nil {
		t.Error("the Python worker still runs")
	}
}

// An empty object, such as Spark's _SUCCESS, once broke the connection for the next one.
func TestBoto3WritesEmptyObjectsAndOthersOverOneConnection(t *testing.T) {
	b := newBench(t, "glueworkflow", ProgramOptions{})
	for _, j := range b.glueJobs {
		environment, err := b.programs.environment(b.Lab, j.role)
		if err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), b.programs.options.Python[EngineSail], "-c", `
import boto3, sys
s3 = boto3.client("s3")
for data in (b"", b"rows", b"", b"more"):
    s3.put_object(Bucket=sys.argv[1], Key="k", Body=data)
    assert s3.get_object(Bucket=sys.argv[1], Key="k")["Body"].read() == data
`, b.stack.Ref("CuratedF137945A"))
		command.Env = list(environment)
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, output)
		}
	}
}

// On the virtual clock the timeout is the job's own, however short the lab's patience is. Glue retries what failed, and not what timed out.
func TestAJobThatNeverEndsTimesOutAsGlueHasIt(t *testing.T) {
	b := newSmall(t, ProgramOptions{Longest: time.Second}, func(_ testing.TB, template *cfn.Template) {
		template.Resources["Shell"].Properties["Timeout"], template.Resources["Shell"].Properties["MaxRetries"] = 5.0, 1.0
	})
	j := b.glueJobs[b.stack.Ref("Shell")]
	if _, err := b.startJob(j, map[string]string{"--what": "hang"}, 0); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	var told []string
	for _, e := range b.events {
		if e.Type == "JobRunEnded" || e.Type == "ProgramStopped" {
			detail := e.Detail.(map[string]any)
			told = append(told, fmt.Sprintf("%s %s %v %v", e.Time.Sub(b.events[0].Time), e.Type, detail["state"], cmp.Or(detail["message"], detail["after"])))
		}
	}
	want := []string{"0s ProgramStopped <nil> 1s", "5m0s JobRunEnded TIMEOUT " + j.name + " job run timed out after 5 minutes"}
	if !slices.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
}
