//go:build programs

package lab

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// logsOfTheKilled names the folder in which the lab that is to be killed keeps what its programs print.
const logsOfTheKilled = "LAB_LOGS_OF_THE_KILLED"

// TestALabThatIsKilled is the lab of the next test, and nothing by itself.
func TestALabThatIsKilled(t *testing.T) {
	logs := os.Getenv(logsOfTheKilled)
	if logs == "" {
		t.Skip("another test runs it")
	}
	b := newSmall(t, ProgramOptions{})
	b.programs.options.Logs = logs
	b.job("Job", "hang")
	t.Fatal("the job came to an end")
}

// A script on Spark or Sail is no child of the lab, but of its Python worker, which the kernel ends before it can end anything itself.
func TestWhatAScriptHasStartedEndsWithALabThatIsKilled(t *testing.T) {
	logs := t.TempDir()
	var said bytes.Buffer
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestALabThatIsKilled$")
	command.Env = append(os.Environ(), logsOfTheKilled+"="+logs)
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(logs, "Job", "001.log")
	for range 3000 {
		if text, err := os.ReadFile(log); err == nil && strings.Contains(string(text), "child") {
			break
		}
		<-realLimit(20 * time.Millisecond).C
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // it was killed
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	gone(t, string(text))
}
