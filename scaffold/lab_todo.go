package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/lab"
)

// commandFile is the command that a run was started with, to give it again.
const commandFile = "command.json"

// given is that command.
type given struct {
	Program   string   `json:"program"`
	Folder    string   `json:"folder"` // in which it was given
	Arguments []string `json:"arguments"`
}

// newGiven is the command of this process.
func newGiven(arguments []string) (*given, error) {
	folder, err := os.Getwd()
	return &given{Program: os.Args[0], Folder: folder, Arguments: arguments}, err
}

// readGiven is the command of a kept run. One that was killed early may be without.
func readGiven(folder string) *given {
	text, err := os.ReadFile(filepath.Join(folder, commandFile))
	g := &given{}
	if err != nil || json.Unmarshal(text, g) != nil {
		return &given{Program: os.Args[0]}
	}
	return g
}

// again is the command with more arguments, as a shell takes it from here.
func (g *given) again(more ...string) string {
	var words []string
	for _, word := range slices.Concat([]string{g.Program, "lab", "run"}, g.Arguments, more) {
		words = append(words, quoted(word))
	}
	command := strings.Join(words, " ")
	if here, err := os.Getwd(); err == nil && g.Folder != "" && here != g.Folder {
		command = "cd " + quoted(g.Folder) + " && " + command
	}
	return command
}

// without leaves out the flags of a name.
func (g *given) without(flag string) *given {
	out := *g
	out.Arguments = nil
	for i := 0; i < len(g.Arguments); i++ {
		name, _, joined := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(g.Arguments[i], "-"), "-"), "=")
		if !strings.HasPrefix(g.Arguments[i], "-") || name != flag {
			out.Arguments = append(out.Arguments, g.Arguments[i])
		} else if !joined && flag != "wait" {
			i++ // its value
		}
	}
	return &out
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// next is a command to give after a run in which something failed, and what it is for.
type next struct {
	Command string `json:"command"`
	Why     string `json:"why"`
}

// whatNext are those commands, the most telling first.
func whatNext(o *lab.Outcome, folder string, events []*lab.Event) (all []next) {
	command := readGiven(folder)
	add := func(why, command string) {
		if n := (next{Command: command, Why: why}); !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	for _, e := range events {
		looksInto(e, folder, add)
	}
	if len(o.Denials) > 0 {
		add("after the statements above are in the policies of these roles, and the template is made again", "npx cdk synth && "+command.again())
	}
	if len(o.Unanswered) > 0 {
		answered := command.without("answer")
		add("the same, and somebody approves", answered.again("--answer", "approve"))
		add("the same, and it waits for you: on a terminal it asks, elsewhere scaffold lab answer does", answered.without("wait").again("--wait"))
	}
	if healthy := command.without("fail"); len(healthy.Arguments) < len(command.Arguments) {
		add("the same without what was made to fail", healthy.again())
	}
	if len(all) == 0 && !o.Succeeded() {
		add("all that happened", command.Program+" lab show "+runNumber(folder))
	}
	return all
}

// looksInto adds what tells more of an event that something failed.
func looksInto(e *lab.Event, folder string, add func(why, command string)) {
	detail, _ := e.Detail.(map[string]any)
	failed := detail["error"] != nil
	switch e.Type {
	case "JobRunEnded":
		failed = detail["state"] != "SUCCEEDED"
	case "SparkRunEnded":
		failed = detail["state"] != "SUCCESS"
	case "ContainerEnded":
		failed = fmt.Sprint(detail["exit_code"]) != "0"
	case "ExecutionEnded":
		if detail["status"] != "SUCCEEDED" {
			add("each step of the execution, with its input and output", "less "+quoted(filepath.Join(folder, "executions", e.Resource, fmt.Sprint(detail["name"])+".json")))
		}
		return
	case "DeliveryFailed", "DeliveryLost":
		add("which events were not delivered, and why", "grep "+e.Type+" "+quoted(filepath.Join(folder, eventsFile)))
		return
	case "FunctionEnded":
	default:
		return
	}
	if log := lastLog(folder, e.Resource); failed && log != "" {
		add("what "+e.Resource+" printed", "less "+quoted(log))
	}
}

func writeNext(out io.Writer, all []next) {
	if len(all) > 0 {
		fmt.Fprint(out, "\nWhat to do next\n")
	}
	for _, n := range all {
		fmt.Fprintf(out, "  %s\n      %s\n", n.Command, n.Why)
	}
}

// lastLog is the newest file with what a program printed.
func lastLog(folder, resource string) string {
	files, err := filepath.Glob(filepath.Join(folder, "logs", resource, "*.log"))
	if err != nil || len(files) == 0 {
		return ""
	}
	return slices.Max(files)
}
