package generate

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// childJob names the environment variable that turns the test program into a generator that runs out of luck.
const childJob = "GENERATE_TEST_JOB"

// outcome is how a child process ended.
type outcome struct {
	output string
	killed bool
	err    error
}

// runChild runs the job in a process of its own, in the folder given. A job is a name and an optional number: kill:3.
func runChild(t testing.TB, job, folder string, env ...string) outcome {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	command := exec.CommandContext(t.Context(), program, "-test.run=^$")
	command.Dir = folder
	command.Env = append(append(os.Environ(), env...), childJob+"="+job)
	command.Stdout, command.Stderr = &output, &output
	err = command.Run()
	var exit *exec.ExitError
	killed := errors.As(err, &exit) && exit.ExitCode() == -1
	return outcome{output: output.String(), killed: killed, err: err}
}

func TestMain(m *testing.M) {
	if job := os.Getenv(childJob); job != "" {
		if err := runJob(job); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runJob(job string) error {
	name, argument, _ := strings.Cut(job, ":")
	number, err := strconv.Atoi(argument)
	if argument != "" && err != nil {
		return err
	}
	switch name {
	case "render":
		return printManifest()
	case "create":
		return killedAfter(number, treeOf(versionOne), false)
	case "update":
		return killedAfter(number, treeOf(versionTwo), true)
	default:
		return limited(name, uint64(number))
	}
}

func printManifest() error {
	s, err := readScenario(sampleFile)
	if err != nil {
		return err
	}
	tree, err := Render(s.source, s.project)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(tree.manifest())
	return err
}

// killedAfter writes orders and dies, as by kill -9, before the change of that number.
func killedAfter(number int, tree *Tree, force bool) error {
	cwd, err := os.OpenRoot(".")
	if err != nil {
		return err
	}
	w := &writer{tree: tree, force: force, step: func() {
		if number == 0 {
			die()
		}
		number--
	}}
	return w.write(cwd, "orders")
}

// die ends the process as kill -9 does: nothing deferred runs.
func die() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}
