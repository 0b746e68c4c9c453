//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hanging is a project with a job that starts a process of its own and never ends, when its argument says so.
var hanging = map[string]string{
	"go.mod":             "module hanging\n",
	"orders.assets.json": `{"version": "48.0.0", "files": {}}`,
	"job.py": `import subprocess, sys, time
if "--hang" in sys.argv:
    subprocess.Popen(["sleep", "600"])
    open(sys.argv[sys.argv.index("--hang") + 1], "w").close()
    time.sleep(600)
`,
	"orders.template.json": `{"Resources": {
  "Role": {"Type": "AWS::IAM::Role", "Properties": {
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": ["states.amazonaws.com", "glue.amazonaws.com"]}, "Action": "sts:AssumeRole"}]},
    "Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["glue:*", "s3:GetObject", "iam:PassRole"], "Resource": "*"}]}}]}},
  "Job": {"Type": "AWS::Glue::Job", "Metadata": {"pipewright": {"source": "job.py"}}, "Properties": {
    "Name": "etl", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Command": {"Name": "pythonshell", "ScriptLocation": "s3://assets/job.py"}}},
  "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
    "Definition": {"StartAt": "Load", "States": {"Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "End": true,
      "Parameters": {"JobName": "etl", "Arguments.$": "$"}}}}}}
}}`,
}

func hangingProject(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("the job needs python3")
	}
	folder := t.TempDir()
	for name, text := range hanging {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// labIn is a run of the program itself in a folder that has the project.
func labIn(t *testing.T, folder string, args ...string) (command *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	command, stderr = exec.CommandContext(t.Context(), "scaffold", append([]string{"lab"}, args...)...), &bytes.Buffer{}
	command.Dir, command.Stderr = folder, stderr
	return command, stderr
}

func output(t *testing.T, folder string, args ...string) (stdout, stderr string) {
	t.Helper()
	command, said := labIn(t, folder, args...)
	text, err := command.Output()
	if err != nil {
		t.Fatalf("scaffold lab %v: %v\n%s", args, err, said)
	}
	return string(text), said.String()
}

// until waits for something that other processes do.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 1500 {
		if done() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

// descendants are the processes that one has started, and those that they have.
func descendants(t *testing.T, of int) []string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := []string{fmt.Sprint(of)}
	for grown := true; grown; {
		grown = false
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); slices.Contains(all, fields[1]) && !slices.Contains(all, fields[0]) {
				all, grown = append(all, fields[0]), true
			}
		}
	}
	return all[1:]
}

// lives says whether a process is there that has not ended; one that nobody has waited for yet has.
func lives(t *testing.T, pid string) bool {
	t.Helper()
	state, err := exec.CommandContext(t.Context(), "ps", "-o", "stat=", "-p", pid).Output()
	return err == nil && !strings.HasPrefix(strings.TrimSpace(string(state)), "Z")
}

func TestARunThatIsStoppedLeavesNoProcessAndEarlierRunsAlone(t *testing.T) {
	t.Parallel()
	folder := hangingProject(t)
	output(t, folder, "run", "orders.template.json", "--start", "--input", `{"--what": "nothing"}`)
	first, _ := output(t, folder, "show", "1")
	for number, test := range []struct {
		name   string
		signal syscall.Signal
		code   int // as a shell has it; -1: it was killed
		says   string
	}{
		{"kill -9", syscall.SIGKILL, -1, ""},
		{"Ctrl-C", syscall.SIGINT, exitCanceled, "interrupted: the programs of the run were ended"},
		{"kill", syscall.SIGTERM, exitCanceled, "interrupted: the programs of the run were ended"},
		{"a terminal that is closed", syscall.SIGHUP, -1, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			begun := filepath.Join(t.TempDir(), "begun")
			command, stderr := labIn(t, folder, "run", "orders.template.json", "--start", "--input", fmt.Sprintf(`{"--hang": %q}`, begun))
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, "the job", func() bool { _, err := os.Stat(begun); return err == nil })
			started := descendants(t, command.Process.Pid)
			if len(started) < 3 {
				t.Fatalf("got the processes %v, expected the job, what it started and the guard", started)
			}
			if _, said := output(t, folder, "show"); !strings.Contains(said, "the run goes on; what it has done so far:") {
				t.Errorf("while it runs, lab show says %q", said)
			}
			if err := command.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			err := command.Wait()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.ExitCode() != test.code || !strings.Contains(stderr.String(), test.says) {
				t.Errorf("got %v and %q, expected exit status %d and %q", err, stderr, test.code, test.says)
			}
			for _, pid := range started {
				until(t, "the end of process "+pid, func() bool { return !lives(t, pid) })
			}
			events, said := output(t, folder, "show", fmt.Sprint(number+2))
			if !strings.Contains(said, "the run was interrupted; what it did until then:") || !strings.Contains(events, "execution of Machine started") {
				t.Errorf("lab show says %q and\n%s", said, events)
			}
		})
	}
	if again, _ := output(t, folder, "show", "1"); again != first {
		t.Errorf("the first run has become\n%s\nand was\n%s", again, first)
	}
	next, _ := output(t, folder, "run", "orders.template.json", "--start", "--input", `{"--what": "nothing"}`)
	if next != strings.ReplaceAll(first, "0001", "0006") {
		t.Errorf("the next run is\n%s\nand the first was\n%s", next, first)
	}
}

// The events of a run are the same bytes on every machine, also where programs answer at their own pace.
func TestTheEventsOfARunAreTheSameOnEveryMachine(t *testing.T) {
	t.Parallel()
	folder := hangingProject(t)
	var first []byte
	for number, environment := range [][]string{
		{"GOMAXPROCS=1", "TZ=UTC", "LANG=C"},
		{"GOMAXPROCS=8", "TZ=Pacific/Apia", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8"},
	} {
		command, stderr := labIn(t, folder, "run", "orders.template.json", "--start", "--input", `{"--what": "nothing"}`, "--seed", "7")
		command.Env = append(os.Environ(), environment...)
		if err := command.Run(); err != nil {
			t.Fatalf("%v: %v\n%s", environment, err, stderr)
		}
		for _, name := range []string{eventsFile, outcomeFile, lineageFile} {
			text, err := os.ReadFile(filepath.Join(folder, runsFolder, fmt.Sprintf("%04d", number+1), name))
			if err != nil {
				t.Fatal(err)
			}
			if number == 0 {
				first = append(first, text...)
			} else if !bytes.HasPrefix(first, text) {
				t.Errorf("%s: with %v it is\n%s", name, environment, text)
			} else {
				first = first[len(text):]
			}
		}
	}
	if len(first) != 0 {
		t.Errorf("with one processor there was more:\n%s", first)
	}
}
