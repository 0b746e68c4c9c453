package asl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind is the type of a workflow.
type Kind string

// The workflow types.
const (
	Standard Kind = "STANDARD"
	Express  Kind = "EXPRESS"
)

// StateMachine is a definition, compiled: paths, templates and choice rules are parsed once, next states are pointers.
// It is immutable, so many executions may use it at once.
type StateMachine struct {
	Comment string
	Timeout time.Duration // of an execution; 0 when the definition has none
	program *program
}

// program is StartAt and States: of the machine, of a branch, or of an item processor.
type program struct {
	start  *state
	states map[string]*state
}

type stateKind uint8

const (
	kindPass stateKind = iota
	kindTask
	kindChoice
	kindWait
	kindSucceed
	kindFail
	kindParallel
	kindMap
)

var kindNames = [...]string{"Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"}

func (k stateKind) String() string { return kindNames[k] }

// state is a state, compiled. What a type of state does not have stays zero.
type state struct {
	name string
	kind stateKind
	lang QueryLanguage
	next *state // nil at the end

	entered, exited string // event types

	inputPath, outputPath, resultPath pathField
	arguments                         *Template // Parameters or Arguments
	resultSelector                    *Template
	output                            *Template
	assign                            *Template
	result                            any // of a Pass state
	hasResult                         bool

	retry []retrier
	catch []catcher

	task   *taskState
	choice *choiceState
	wait   *waitState
	fail   *failState
	mapper *mapState
	// branches of a Parallel state
	branches []*program
}

// pathField is InputPath, OutputPath or ResultPath: absent, null, or a path. The path "$" counts as absent.
type pathField struct {
	path *Path
	null bool
}

type taskState struct {
	resource           resource
	timeout, heartbeat duration
	credentials        *Template
}

type failState struct {
	err, cause         string
	errExpr, causeExpr evaluator // a path, or JSONata
}

// evaluator is an Expr, a Template, or a path: whatever gives a value in a scope.
type evaluator interface {
	Eval(s *Scope) (any, *Error)
}

// DefinitionError is a definition that cannot be used, with all of its faults.
type DefinitionError struct{ Faults []Fault }

// Error lists the faults.
func (e *DefinitionError) Error() string {
	var b strings.Builder
	b.WriteString("the definition has a fault")
	if n := len(e.Faults); n != 1 {
		b.Reset()
		fmt.Fprintf(&b, "the definition has %d faults", n)
	}
	for _, f := range e.Faults {
		fmt.Fprintf(&b, "\n%s: %s", cmp.Or(f.Pointer, "(definition)"), f.Message)
		if f.Rule != "" {
			fmt.Fprintf(&b, " [%s]", f.Rule)
		}
	}
	return b.String()
}

// Parse reads and checks a definition. The error is a *DefinitionError with all faults that were found.
func Parse(definition []byte) (*StateMachine, error) { return ParseKind(definition, Standard) }

// ParseKind is Parse for a type of workflow: Express has no .sync, no .waitForTaskToken and no activities.
func ParseKind(definition []byte, kind Kind) (*StateMachine, error) {
	value, err := Decode(definition)
	if err != nil {
		return nil, &DefinitionError{Faults: errorsOf(Validate(definition, string(kind)))}
	}
	v := newValidator(string(kind))
	v.checkValue(value)
	if faults := errorsOf(v.faults); len(faults) > 0 {
		return nil, &DefinitionError{Faults: faults}
	}
	return compileMachine(value)
}

// errorsOf leaves the warnings out.
func errorsOf(faults []Fault) []Fault {
	return slices.DeleteFunc(faults, func(f Fault) bool { return f.Severity == severityWarning })
}

func compileMachine(value any) (*StateMachine, error) {
	c := &compiler{paths: map[string]*Path{}}
	machine := &StateMachine{}
	root, ok := value.(*Object)
	if !ok {
		c.fault("", "The definition is %s, expected an object with StartAt and States.", kindOf(value))
		return nil, &DefinitionError{Faults: c.faults}
	}
	machine.Comment, _ = c.text(root, "", "Comment")
	if n, ok := c.integer(root, "", "TimeoutSeconds"); ok {
		machine.Timeout = seconds(n)
	}
	machine.program = c.program(root, "", c.language(root, "", JSONPath))
	if len(c.faults) > 0 {
		return nil, &DefinitionError{Faults: c.faults}
	}
	return machine, nil
}
