package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"example.com/pipewright/scaffold/asl"
)

var labAslCommand = command{
	name: "lab asl",
	args: "DEFINITION|TEMPLATE|DIR [--machine ID] [--input FILE] [--mocks FILE] [--case NAME] [--set NAME=VALUE] [--express] [--history]",
	summary: "Runs one execution of a state machine, on a virtual clock and without AWS: of a definition, or of a synthesized template with its\n" +
		"substitutions, or of the template in a project's cdk.out. Files, or - for standard input.\n" +
		"Exit 0 succeeded, 1 the execution failed, 2 faulty input.",
	example: "scaffold lab asl machine.asl.json --input input.json --mocks mocks.json --history",
	run:     runLabAsl,
}

// aslOptions are the flags of lab asl, as written.
type aslOptions struct {
	input, mocks, testCase, from string
	machine                      string // logical id, in a template with several
	set                          substitutions
	express, history             bool
	seed                         uint64
}

func runLabAsl(s *shell, flags *flag.FlagSet, args []string) error {
	options := aslOptions{set: substitutions{}}
	flags.StringVar(&options.input, "input", "", "read the input from `FILE` (default: the input {})")
	flags.StringVar(&options.mocks, "mocks", "", "read the answers of the Task states from `FILE`, a MockConfigFile of Step Functions Local")
	flags.StringVar(&options.testCase, "case", "", "use the test case `NAME` of the mocks, or MACHINE#NAME when they are for several state machines")
	flags.StringVar(&options.machine, "machine", "", "run the state machine with this logical `ID` of a template that has several")
	flags.Var(options.set, "set", "put a value for ${NAME} in the definition, as CloudFormation's DefinitionSubstitutions do: `NAME=VALUE`; may be repeated")
	flags.BoolVar(&options.express, "express", false, "run an Express workflow (default: Standard)")
	flags.BoolVar(&options.history, "history", false, "print the events of the execution too")
	flags.StringVar(&options.from, "from", "", "start the virtual clock at this `TIME`, such as 2026-03-27T08:00:00Z (default 2026-01-01T00:00:00Z)")
	flags.Uint64Var(&options.seed, "seed", 0, "the `NUMBER` that jitter and UUIDs follow from: the same number, the same run")
	rest, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usage(flags.Name(), "got no definition, expected a file in Amazon States Language")
	}
	if err = options.once(rest[0]); err != nil {
		return usage(flags.Name(), "%v", err)
	}
	machine, run, err := s.prepareAsl(rest[0], &options)
	if err != nil {
		return &inputError{err}
	}
	result, err := machine.Run(context.Background(), *run)
	if err != nil {
		return &inputError{fmt.Errorf("%s: %w", inputName(rest[0]), err)}
	}
	if err = writeJSON(s.stdout, report(result, options.history)); err == nil && result.Status != asl.Succeeded {
		return errNegative
	}
	return err
}

// once refuses to read standard input twice.
func (o *aslOptions) once(definition string) error {
	readers := 0
	for _, file := range []string{definition, o.input, o.mocks} {
		if file == standardInput {
			readers++
		}
	}
	if readers > 1 {
		return errors.New("only one of the definition, the input and the mocks can come from standard input")
	}
	if o.testCase != "" && o.mocks == "" {
		return errors.New("got --case without --mocks, expected the file that has the test case")
	}
	return nil
}

func (s *shell) prepareAsl(file string, o *aslOptions) (*asl.StateMachine, *asl.Options, error) {
	run := &asl.Options{Seed: o.seed, History: o.history, Services: withoutServices}
	if o.from != "" {
		start, err := time.Parse(time.RFC3339, o.from)
		if err != nil {
			return nil, nil, fmt.Errorf("--from %q: expected a time such as 2026-03-27T08:00:00Z", o.from)
		}
		run.Start = start
	}
	definition, kind, err := s.definition(file, o)
	if err != nil {
		return nil, nil, err
	}
	run.Kind = kind
	machine, err := asl.ParseKind(o.set.apply(definition), run.Kind)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", inputName(file), err)
	}
	if o.input != "" {
		var text []byte
		if text, err = s.readFor("Step Functions", o.input); err != nil {
			return nil, nil, err
		}
		if run.Input, err = asl.Decode(text); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", inputName(o.input), err)
		}
		run.InputText = strings.TrimSpace(string(text)) // a file ends with a new line, which nobody meant to send
	}
	if o.mocks != "" {
		if run.Services, err = s.mockedCase(o); err != nil {
			return nil, nil, err
		}
	}
	return machine, run, nil
}

func (s *shell) mockedCase(o *aslOptions) (asl.Services, error) {
	text, err := s.readFor("Step Functions", o.mocks)
	if err != nil {
		return nil, err
	}
	mocks, err := asl.ParseMocks(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inputName(o.mocks), err)
	}
	machine, name, both := strings.Cut(o.testCase, "#")
	if !both {
		machine, name = "", o.testCase
	}
	services, err := mocks.Case(machine, name, withoutServices)
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n  hint: --case NAME or --case MACHINE#NAME", inputName(o.mocks), err)
	}
	return services, nil
}

// withoutServices refuses what only a service can answer.
var withoutServices = asl.ServicesFunc(func(_ context.Context, call *asl.Call) error {
	return fmt.Errorf("the state %q calls %s, and nothing answers it here\n  hint: --mocks FILE gives answers to Task states", call.State, call.Resource)
})

// aslReport is what is printed: {"status", "output" | "error", "cause", "events"}.
type aslReport struct {
	Status asl.Status `json:"status"`
	// Output is the text that the interpreter wrote, with the numbers and the order of keys that AWS would show.
	Output json.RawMessage `json:"output,omitempty"`
	Error  *string         `json:"error,omitempty"`
	Cause  *string         `json:"cause,omitempty"`
	Events *[]asl.Event    `json:"events,omitempty"`
}

func report(result *asl.Result, history bool) aslReport {
	out := aslReport{Status: result.Status}
	if result.Status == asl.Succeeded {
		out.Output = json.RawMessage(cmp.Or(result.OutputText, asl.EncodeString(result.Output)))
	}
	if result.HasError {
		out.Error = &result.Error
	}
	if result.HasCause {
		out.Cause = &result.Cause
	}
	if history {
		out.Events = &result.Events
	}
	return out
}

// substitutions are values for ${NAME}. Source: AWS CloudFormation User Guide, AWS::StepFunctions::StateMachine,
// DefinitionSubstitutions.
type substitutions map[string]string

func (s substitutions) String() string { return "" }

// Set keeps one NAME=VALUE.
func (s substitutions) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("got %q, expected NAME=VALUE", text)
	}
	s[name] = value
	return nil
}

// apply leaves a name alone that has no value, as CloudFormation does.
func (s substitutions) apply(definition []byte) []byte {
	if len(s) == 0 {
		return definition
	}
	pairs := make([]string, 0, 2*len(s))
	for name, value := range s {
		pairs = append(pairs, "${"+name+"}", value)
	}
	return []byte(strings.NewReplacer(pairs...).Replace(string(definition)))
}
