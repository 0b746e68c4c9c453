package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write each example's go.mod.txt and go.sum.txt anew")

// The end-to-end tests do what a user does, with the real tools, in a folder of their own. They share Go's build cache.
// The last are answers that have to reach the template, besides the name and the address.
var endToEnd = []struct {
	example, stack, template string
	answers                  []string
	context                  []string // of the golden template, where that is not what nothing said comes to
}{
	{
		example: "airflow", stack: "Airflow", template: "Airflow.template.json",
		answers: []string{`"PeerVpcId": "vpc-0123456789abcdef0"`, `"CidrIp": "10.50.0.0/16"`, `"airflow-orders-Task"`, `"airflow/connections/orders/sales_db"`},
		context: []string{
			"schedule=cron(0 6 * * ? *)", "timezone=America/Los_Angeles", "missedDays=2", "onPremises=peering", "onPremisesCidr=10.50.0.0/16", "peerVpcId=vpc-0123456789abcdef0",
		},
	},
	{example: "eventfunction", stack: "EventFunction", template: "EventFunction.template.json", answers: []string{landed}},
	{example: "glueworkflow", stack: "GlueWorkflow", template: "GlueWorkflow.template.json", answers: []string{landed}},
	{
		example: "scheduledquery", stack: "ScheduledQuery", template: "ScheduledQuery.template.json",
		answers: []string{`"ScheduleExpression": "cron(0 16 ? * MON *)"`, `"Name": "QS2-orders"`, `"StatementName": "QS2-orders"`, `"WorkgroupName": "orders"`},
	},
	{example: "statemachine", stack: "StateMachine", template: "StateMachine.template.json", answers: []string{landed}},
}

const landed = `"wildcard": "landed/*.csv"`

func TestAGeneratedProjectBuildsTestsAndSynthesizes(t *testing.T) {
	scaffold := buildScaffold(t)
	for _, example := range endToEnd {
		t.Run(example.example, func(t *testing.T) {
			project := generate(t, scaffold, example.example, true)
			if *update {
				writeModuleFiles(t, project, example.example)
				return
			}
			command(t, project, "go", "mod", "tidy", "-diff")
			command(t, project, "go", "vet", "./...")
			if left := command(t, project, "gofmt", "-l", "."); left != "" {
				t.Errorf("not formatted: %s", left)
			}
			command(t, project, "go", "test", "-p", "1", "./...")
			testJob(t, project)
			synth(t, project, example.stack)
			command(t, project, scaffold, "check")
			lint(t, filepath.Join(project, "cdk.out", example.template))
			template := readFile(t, filepath.Join(project, "cdk.out", example.template))
			for _, want := range append([]string{`"orders"`, `"orders-team@example.com"`}, example.answers...) {
				if !strings.Contains(template, want) {
					t.Errorf("the template has no %s: an answer did not reach it", want)
				}
			}
			elsewhere(t, scaffold, project, example.stack, template)
		})
	}
}

// testJob runs one of the job's tests where the user will: it needs the program and the sample data beside it.
func testJob(t *testing.T, project string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(project, "constructs/etljob")); err != nil {
		return
	}
	command(t, project, venv(t, "sail", "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "a_mended_file", "constructs/etljob/job")
}

// elsewhere synthesizes a copy of the project in another folder, which must give the same template, and then one that keeps its data.
func elsewhere(t *testing.T, scaffold, project, stack, template string) {
	t.Helper()
	second := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(second, os.DirFS(project)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(second, "cdk.out", stack+".template.json")
	synth(t, second, stack)
	if readFile(t, file) != template {
		t.Error("the same project in another folder gives another template: a hash of an asset depends on the folder")
	}
	cdk(t, second, nil, "synth", "--quiet", "-c", "lab=false", stack)
	if report := command(t, second, scaffold, "check"); strings.Contains(report, "AutoDelete") {
		t.Errorf("a project that keeps its data has a function that deletes it:\n%s", report)
	}
	lint(t, file)
}

// The query that keeps its local time, or runs in a warehouse that is there already, is the same example, started by EventBridge Scheduler.
func TestAGeneratedQueryMayBeStartedOtherwise(t *testing.T) {
	scaffold := buildScaffold(t)
	project := generate(t, scaffold, "scheduledquery", true)
	file := filepath.Join(project, "cdk.out", "ScheduledQuery.template.json")
	const warehouse = "AWS::RedshiftServerless::Workgroup"
	for _, test := range []struct {
		name           string
		args           []string
		want, unwanted []string
	}{
		{"at its local time", []string{"-c", "keepLocalTime=true"}, []string{warehouse}, nil},
		{
			"in an existing workgroup",
			[]string{"-c", "workgroup=analytics", "-c", "database=sales"},
			[]string{`"aws:ResourceTag/QS2-orders": "allowed"`, "--tags key=QS2-orders,value=allowed"},
			[]string{warehouse, "AWS::EC2::VPC"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			cdk(t, project, nil, slices.Concat([]string{"synth", "--quiet"}, test.args, []string{"ScheduledQuery"})...)
			command(t, project, scaffold, "check")
			lint(t, file)
			template := readFile(t, file)
			for _, want := range append(test.want, `"ScheduleExpression": "cron(0 8 ? * MON *)"`, `"ScheduleExpressionTimezone": "America/Los_Angeles"`,
				":scheduler:::aws-sdk:redshiftdata:batchExecuteStatement", `"MetricName": "InvocationAttemptCount"`) {
				if !strings.Contains(template, want) {
					t.Errorf("the template has no %s", want)
				}
			}
			for _, unwanted := range append(test.unwanted, `"Name": "QS2-orders"`) {
				if strings.Contains(template, unwanted) {
					t.Errorf("the template has %s", unwanted)
				}
			}
		})
	}
}

// The golden templates are all that scaffold knows of the stacks, so they must be what the command line writes.
func TestSynthWritesTheGoldenTemplates(t *testing.T) {
	out := t.TempDir()
	cdk(t, ".", nil, "synth", "--quiet", "--output", out, "-c", "notify=data-team@example.com")
	for _, example := range endToEnd {
		folder := out
		if example.context != nil {
			folder = t.TempDir() // a synth writes every stack
			args := []string{"synth", "--quiet", "--output", folder, "-c", "notify=data-team@example.com"}
			for _, setting := range example.context {
				args = append(args, "-c", setting)
			}
			cdk(t, ".", nil, append(args, example.stack)...)
		}
		var golden, written any
		text := assetHash.ReplaceAllString(readFile(t, filepath.Join(folder, example.template)), "ASSET-HASH")
		for file, into := range map[string]*any{text: &written, readFile(t, "stacks/"+example.example+"/testdata/template.json"): &golden} {
			if err := json.Unmarshal([]byte(file), into); err != nil {
				t.Fatal(err)
			}
		}
		if difference := cmp.Diff(golden, written); difference != "" {
			t.Errorf("%s: the golden template (-) is not what cdk synth writes (+):\n%s", example.example, difference)
		}
	}
}

var assetHash = regexp.MustCompile(`[0-9a-f]{64}`)

func TestSettingsThatCannotBeUsedFailTheSynth(t *testing.T) {
	run := exec.CommandContext(t.Context(), "node_modules/.bin/cdk", "--no-notices", "synth", "--quiet", "--output", t.TempDir(), "-c", "lab=maybe", "GlueWorkflow")
	run.Env = append(os.Environ(), "CDK_DISABLE_CLI_TELEMETRY=1")
	output, err := run.CombinedOutput()
	if code := run.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(output), `context lab: got "maybe", expected true or false`) {
		t.Errorf("got exit %d (%v), want 1 and what is wrong with lab:\n%s", code, err, output)
	}
}

func TestACheckThatFailsExitsWith3(t *testing.T) {
	scaffold := buildScaffold(t)
	broken := filepath.Join(t.TempDir(), "broken.template.json")
	template := readFile(t, "stacks/glueworkflow/testdata/template.json")
	weakened := strings.Replace(template, `"EnableKeyRotation": true`, `"EnableKeyRotation": false`, 1)
	if weakened == template {
		t.Fatal("the template has no key rotation to take away")
	}
	writeFile(t, broken, weakened)
	checker := exec.CommandContext(t.Context(), scaffold, "check", broken)
	output, err := checker.CombinedOutput()
	if code := checker.ProcessState.ExitCode(); code != 3 || !strings.Contains(string(output), "KM-01") {
		t.Errorf("got exit %d (%v), want 3 and KM-01:\n%s", code, err, output)
	}
}

// TestDeployThroughCloudFormation proves the way through the real CDK command line and a CloudFormation API, not the
// services: moto skips Glue and alarms, and returns no outputs. Source: moto's documentation, "Server Mode".
func TestDeployThroughCloudFormation(t *testing.T) {
	project := generate(t, buildScaffold(t), "glueworkflow", false)
	endpoint := startMoto(t)
	env := []string{
		"AWS_ENDPOINT_URL=" + endpoint, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1",
		"AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "CI=true",
	}
	cdk(t, project, env, "bootstrap", "aws://123456789012/us-east-1")
	synth(t, project, "GlueWorkflow")
	leaveOutWhatMotoCannotDo(t, filepath.Join(project, "cdk.out"))
	cdk(t, project, env, "deploy", "GlueWorkflow", "--app", "cdk.out", "--require-approval", "never")

	store := s3.New(s3.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1", UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	made, err := store.ListBuckets(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"orders-accesslogs", "orders-landing", "orders-curated"} {
		if !slices.ContainsFunc(made.Buckets, func(bucket types.Bucket) bool { return strings.HasPrefix(*bucket.Name, name) }) {
			t.Errorf("the deployment made no bucket %s...", name)
		}
	}
	scripts, err := filepath.Glob(filepath.Join(project, "cdk.out", "asset.*.py"))
	if err != nil || len(scripts) != 1 {
		t.Fatalf("got the script assets %q (%v), want one", scripts, err)
	}
	published, err := store.GetObject(t.Context(), &s3.GetObjectInput{
		Bucket: aws.String("cdk-hnb659fds-assets-123456789012-us-east-1"),
		Key:    aws.String(strings.TrimPrefix(filepath.Base(scripts[0]), "asset.")),
	})
	if err != nil {
		t.Fatal(err)
	}
	script, err := io.ReadAll(published.Body)
	if err != nil || string(script) != readFile(t, filepath.Join(project, "constructs/etljob/job/weather_etl.py")) {
		t.Errorf("the job's script was not published as it stands in the project (%v)", err)
	}
}

// leaveOutWhatMotoCannotDo changes a synthesized project: no termination protection, which moto does not know; no tags on
// keys, on which it fails; no dashboard, because that refers to alarms, which it skips. All else is deployed as it is.
func leaveOutWhatMotoCannotDo(t *testing.T, folder string) {
	t.Helper()
	manifest := filepath.Join(folder, "manifest.json")
	protected := readFile(t, manifest)
	writeFile(t, manifest, strings.Replace(protected, `"terminationProtection": true`, `"terminationProtection": false`, 1))
	if protected == readFile(t, manifest) {
		t.Error("a project that keeps its data is not protected from deletion")
	}
	file := filepath.Join(folder, "GlueWorkflow.template.json")
	var template map[string]any
	if err := json.Unmarshal([]byte(readFile(t, file)), &template); err != nil {
		t.Fatal(err)
	}
	resources := template["Resources"].(map[string]any)
	for id, resource := range resources {
		resource := resource.(map[string]any)
		switch resource["Type"] {
		case "AWS::KMS::Key":
			delete(resource["Properties"].(map[string]any), "Tags")
		case "AWS::CloudWatch::Dashboard":
			delete(resources, id)
		}
	}
	text, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, string(text))
}

func buildScaffold(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "scaffold")
	command(t, ".", "go", "build", "-o", binary, "./scaffold")
	return binary
}

// generate writes the example with a name, prefix and address that no default has.
func generate(t *testing.T, scaffold, example string, lab bool) string {
	t.Helper()
	folder := t.TempDir()
	answers := readFile(t, "scaffold/examples/"+example+".yaml")
	for _, change := range [][2]string{
		{"prefix: raw/", "prefix: landed/"},
		{"data-team@example.com", "orders-team@example.com"},
		{"lab: true", fmt.Sprintf("lab: %t", lab)},
	} {
		answers = strings.Replace(answers, change[0], change[1], 1)
	}
	lines := strings.Split(answers, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "name:") {
			lines[i] = "name: orders"
		}
	}
	writeFile(t, filepath.Join(folder, "answers.yaml"), strings.Join(lines, "\n"))
	command(t, folder, scaffold, "new", "orders", "--answers", "answers.yaml", "--module", "example.org/data/orders")
	return filepath.Join(folder, "orders")
}

// writeModuleFiles lets the go command work out what the example needs, starting from the versions of this module.
func writeModuleFiles(t *testing.T, project, example string) {
	t.Helper()
	module := strings.Replace(readFile(t, "go.mod"), "module example.com/pipewright", "module example.org/data/orders", 1)
	writeFile(t, filepath.Join(project, "go.mod"), module)
	writeFile(t, filepath.Join(project, "go.sum"), readFile(t, "go.sum"))
	command(t, project, "go", "mod", "tidy")
	tidy := strings.Replace(readFile(t, filepath.Join(project, "go.mod")), "module example.org/data/orders", "module example.com/pipewright", 1)
	writeFile(t, "stacks/"+example+"/go.mod.txt", tidy)
	writeFile(t, "stacks/"+example+"/go.sum.txt", readFile(t, filepath.Join(project, "go.sum")))
}

func synth(t *testing.T, project, stack string) {
	t.Helper()
	// No credentials and no region: synth must need neither.
	cdk(t, project, []string{"AWS_EC2_METADATA_DISABLED=true", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent"}, "synth", "--quiet", stack)
}

func cdk(t *testing.T, project string, env []string, args ...string) {
	t.Helper()
	cli, err := filepath.Abs("node_modules/.bin/cdk")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = os.Stat(cli); err != nil {
		t.Fatalf("%v: run make, which installs the CDK's command line", err)
	}
	run := exec.CommandContext(t.Context(), cli, append([]string{"--no-notices"}, args...)...)
	run.Dir = project
	run.Env = append(os.Environ(), append(env, "CDK_DISABLE_CLI_TELEMETRY=1")...)
	output, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("cdk %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	// A newer CDK recommends more of them: scaffold/featureflags.json and cdk.json have to follow.
	if strings.Contains(string(output), "feature flags are not configured") {
		t.Errorf("cdk %s: cdk.json lacks feature flags:\n%s", strings.Join(args, " "), output)
	}
}

// unjudged are findings of cfn-lint that are about something else than the template.
var unjudged = []string{
	"W3005", // DependsOn that a Ref implies already: the CDK writes both
}

// lint checks the template as it would be in the partition aws: cfn-lint takes ${Partition} in an ARN for a mistake.
func lint(t *testing.T, file string) {
	t.Helper()
	template := filepath.Join(t.TempDir(), filepath.Base(file))
	writeFile(t, template, strings.ReplaceAll(readFile(t, file), "${Partition}", "aws"))
	command(t, ".", venv(t, "tools", "cfn-lint"), "--ignore-checks", strings.Join(unjudged, ","), "--", template)
}

// venv is the path of a program in one of the virtual environments that make sets up.
func venv(t *testing.T, name, program string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(".venv", name, "bin", program))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run make .venv/%s/ready, which installs it", err, name)
	}
	return path
}

func startMoto(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, venv(t, "tools", "moto_server"), "-p", port)
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = server.Wait() })
	endpoint := "http://localhost:" + port
	for range 300 {
		if response, err := http.Get(endpoint + "/moto-api/"); err == nil {
			response.Body.Close()
			return endpoint
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("moto_server did not answer within 30 s:\n%s", log.String())
	return ""
}

// command runs a program and returns what it printed to stdout.
func command(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	run := exec.CommandContext(t.Context(), name, args...)
	run.Dir = folder
	var stdout, stderr bytes.Buffer
	run.Stdout, run.Stderr = &stdout, &stderr
	if err := run.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(slices.Insert(args, 0, name), " "), err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
