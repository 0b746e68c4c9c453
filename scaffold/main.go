// Command scaffold picks the AWS orchestration service that fits a data pipeline, says why, and writes a CDK project for it.
//
// This package is wiring: flags, subcommands, files and exit codes. What a command knows lies in the packages below.
// It never calls AWS and never touches the network, except for cost refresh.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"golang.org/x/term"
)

// Exit codes, the same for every command.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitFound    = 3   // a check found problems
	exitCanceled = 130 // Ctrl-C, as shells report it
)

var (
	errUsage    = errors.New("usage")
	errFound    = errors.New("the check found problems")
	errCanceled = errors.New("canceled: nothing was written")
)

// shell is what a command may touch of the world. Results go to stdout; progress, prompts and errors to stderr.
type shell struct {
	stdin  *os.File
	stdout io.Writer
	stderr io.Writer
	now    func() time.Time
}

// terminal says whether a person can be asked.
func (s *shell) terminal() bool {
	return term.IsTerminal(int(s.stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd()))
}

type command struct {
	name    string
	args    string
	summary string
	example string
	run     func(*shell, *flag.FlagSet, []string) error
}

var commands = []command{newCommand, recommendCommand, costCommand, checkCommand, diagramCommand, labCommand}

func main() {
	signal.Reset(os.Interrupt) // a prompt handles Ctrl-C itself; elsewhere it ends the program, which leaves nothing half-written
	sh := &shell{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, now: time.Now}
	os.Exit(sh.main(os.Args[1:]))
}

func (s *shell) main(args []string) int {
	if len(args) == 0 {
		s.help(s.stderr)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		s.help(s.stdout)
		return exitDone
	}
	for _, command := range commands {
		if command.name == args[0] {
			return s.exitCode(command.start(s, args[1:]))
		}
	}
	fmt.Fprintf(s.stderr, "scaffold: there is no command %q\n  hint: scaffold help lists the commands\n", args[0])
	return exitUsage
}

func (s *shell) exitCode(err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitDone
	case errors.Is(err, errFound):
		return exitFound
	case errors.Is(err, errNegative):
		return exitFailed
	case errors.Is(err, errCanceled):
		fmt.Fprintln(s.stderr, err)
		return exitCanceled
	case errors.Is(err, errUsage):
		fmt.Fprintln(s.stderr, err)
		return exitUsage
	default:
		fmt.Fprintln(s.stderr, err)
		return exitFailed
	}
}

func (s *shell) help(out io.Writer) {
	fmt.Fprint(out, "scaffold picks the AWS orchestration service that fits a data pipeline, says why, and writes a CDK project for it.\n\n")
	for _, command := range commands {
		fmt.Fprintf(out, "  scaffold %s %s\n      %s\n", command.name, command.args, command.summary)
	}
	fmt.Fprint(out, "\nscaffold COMMAND --help shows the flags and an example.\n"+
		"Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check found problems.\n")
}

// start parses the flags, which may stand before or after the arguments, and runs the command.
func (c command) start(s *shell, args []string) error {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // package flag would print its own help for each wrong flag too
	err := c.run(s, flags, args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(s.stdout, flags)
	}
	return err
}

func (c command) help(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprintf(out, "usage: scaffold %s %s\n\n%s\n\n", c.name, c.args, c.summary)
	flags.SetOutput(out)
	flags.PrintDefaults()
	fmt.Fprintf(out, "\nexample:\n  %s\n", c.example)
}

// parse returns the arguments that are not flags. At most the given number may be there.
func parse(flags *flag.FlagSet, args []string, most int) ([]string, error) {
	var rest []string
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usage(flags.Name(), "%v", err)
		}
		if flags.NArg() == 0 {
			break
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
	if len(rest) > most {
		return nil, usage(flags.Name(), "got the argument %q, expected at most %d", rest[most], most)
	}
	return rest, nil
}

// usageError is wrong usage of a command; it says where to read the right one.
type usageError struct{ command, message string }

func (e *usageError) Error() string {
	return fmt.Sprintf("scaffold %s: %s\n  hint: scaffold %s --help", e.command, e.message, e.command)
}

func (e *usageError) Is(target error) bool { return target == errUsage }

func usage(command, format string, args ...any) error {
	return &usageError{command, fmt.Sprintf(format, args...)}
}
