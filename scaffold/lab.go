package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

var labCommand = command{
	name:    "lab",
	args:    "SUBCOMMAND",
	summary: "Tries out a part of a pipeline on this machine; scaffold lab --help lists the subcommands.",
	example: labMatchCommand.example,
	run:     runLab,
}

// labCommands are the subcommands of lab, in the order of its help.
var labCommands = []command{labRunCommand, labAnswerCommand, labShowCommand, labAslCommand, labMatchCommand, labNextCommand}

// runLab passes the arguments on: the first one names the subcommand, the flags are those of the subcommand.
func runLab(s *shell, flags *flag.FlagSet, args []string) error {
	if len(args) == 0 {
		return usage(flags.Name(), "got no subcommand")
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		return s.labHelp()
	}
	for _, subcommand := range labCommands {
		if subcommand.name == flags.Name()+" "+args[0] {
			return subcommand.start(s, args[1:])
		}
	}
	return usage(flags.Name(), "there is no subcommand %q", args[0])
}

func (s *shell) labHelp() error {
	var b strings.Builder
	b.WriteString("usage: scaffold lab SUBCOMMAND\n\nTries out a part of a pipeline on this machine, without AWS.\n\n")
	for _, subcommand := range labCommands {
		fmt.Fprintf(&b, "  scaffold %s %s\n      %s\n", subcommand.name, subcommand.args, strings.ReplaceAll(subcommand.summary, "\n", "\n      "))
	}
	b.WriteString("\nscaffold lab SUBCOMMAND --help shows the flags and an example.\n")
	_, err := io.WriteString(s.stdout, b.String())
	return err
}
