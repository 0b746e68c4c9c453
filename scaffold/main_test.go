package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestExitCodes is the contract of all commands in one table; the scripts in testdata/script hold what they print.
func TestExitCodes(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{
		"answers.yaml":         "name: orders\nwork: [crawler, glue-job]\n",
		"month-end.yaml":       "name: orders\nstart: {on: schedule, schedule: \"cron(0 20 L * ? *)\", timezone: America/Los_Angeles}\nwork: [redshift-sql]\n",
		"several.yaml":         "name: orders\nstart: {on: demand}\nwork: [emr-job, lambda]\ncontrol: {approval: true}\n",
		"wrong.yaml":           "work: [spark]\n",
		"query.yaml":           "start: {on: schedule, schedule: rate(1 hour)}\nwork: [redshift-sql]\n",
		"past.yaml":            "start: {on: schedule, schedule: at(2099-01-01T00:00:00)}\nwork: [redshift-sql]\n",
		"weak.template.json":   `{"Resources": {"Raw": {"Type": "AWS::S3::Bucket"}}}`,
		"strong.template.json": `{"Resources": {"Wait": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}`,
		"broken.json":          "{",
		"full/file.txt":        "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("none", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args string
		want int
	}{
		{"", exitUsage},
		{"help", exitDone},
		{"--help", exitDone},
		{"deploy", exitUsage},
		{"new --help", exitDone},
		{"new", exitUsage},
		{"new a b", exitUsage},
		{"new orders", exitUsage}, // no terminal
		{"new orders --no-such-flag", exitUsage},
		{"new orders --yes --example glueworkflow", exitUsage},
		{"new orders --example no-such-example", exitUsage},
		{"new orders --answers missing.yaml", exitFailed},
		{"new orders --answers wrong.yaml", exitFailed},
		{"new orders --answers month-end.yaml", exitFailed},
		{"new orders --answers several.yaml", exitFailed},
		{"new ../orders --yes", exitFailed},
		{"new full --yes", exitFailed},
		{"new X --yes", exitFailed},
		{"new orders --yes --module fmt", exitFailed},
		{"new --answers answers.yaml orders", exitDone},
		{"new orders --answers answers.yaml", exitFailed}, // it is there now
		{"new orders --answers answers.yaml --force", exitDone},
		{"new checked --example statemachine --module example.com/checked", exitDone},
		{"new fmt --yes", exitDone},
		{"recommend", exitDone},
		{"recommend orders", exitDone},
		{"recommend --json answers.yaml", exitDone},
		{"recommend query.yaml", exitDone},
		{"recommend past.yaml", exitDone},
		{"recommend none", exitFailed},
		{"recommend wrong.yaml --json", exitFailed},
		{"recommend a b", exitUsage},
		{"recommend -", exitFailed}, // nothing comes in
		{"check weak.template.json", exitFound},
		{"check weak.template.json --json", exitFound},
		{"check strong.template.json", exitDone},
		{"check", exitFound},
		{"check none", exitFailed},
		{"check broken.json", exitFailed},
		{"check a b", exitUsage},
		{"diagram glueworkflow", exitDone},
		{"diagram glueworkflow --of workflow", exitDone},
		{"diagram statemachine --of machine", exitDone},
		{"diagram --of decision", exitDone},
		{"diagram --of decision glueworkflow", exitUsage},
		{"diagram glueworkflow --of lineage", exitUsage},
		{"diagram glueworkflow -o picture.png", exitUsage},
		{"diagram glueworkflow --of machine", exitFailed},
		{"diagram none", exitFailed},
		{"diagram broken.json", exitFailed},
		{"diagram a b", exitUsage},
	} {
		t.Run(test.args, func(t *testing.T) {
			nothing, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			defer nothing.Close()
			var stdout, stderr bytes.Buffer
			sh := &shell{stdin: nothing, stdout: &stdout, stderr: &stderr, now: time.Now}
			if got := sh.main(strings.Fields(test.args)); got != test.want {
				t.Errorf("got exit code %d, want %d\n%s", got, test.want, stderr.String())
			}
			if failed := test.want == exitFailed || test.want == exitUsage; failed != (stdout.Len() == 0) {
				t.Errorf("results belong to stdout, and only they: got %q", stdout.String())
			}
			if test.want == exitFailed && stderr.Len() == 0 {
				t.Error("failed without a word")
			}
		})
	}
}
