package asl

import (
	"fmt"
	"regexp"
	"strings"
)

// APIError is a refusal by an API of Step Functions: nothing ran.
type APIError struct{ Code, Message string }

// Error is the code with the message.
func (e *APIError) Error() string { return e.Code + ": " + e.Message }

// Catalog is the state machines of an account and region: what CreateStateMachine, UpdateStateMachine and
// ValidateStateMachineDefinition answer. It keeps no versions and runs nothing.
// Source: AWS Step Functions API Reference, read 2026-11.
type Catalog struct {
	Partition, Region, Account string
	machines                   map[string]catalogEntry // by ARN
}

type catalogEntry struct{ definition, kind, role string }

// maxDiagnostics is how many faults ValidateStateMachineDefinition lists.
// Source: AWS Step Functions API Reference, ValidateStateMachineDefinition, read 2026-11.
const maxDiagnostics = 100

// machineName is what a state machine may be called: no space, brackets, wildcards or control characters.
// Source: AWS Step Functions API Reference, CreateStateMachine, read 2026-11.
var machineName = regexp.MustCompile("^[^\\s<>{}\\[\\]?*\"#%\\\\^|~`$&,;:/\\x00-\\x1f\\x7f-\\x9f\\x{FFFE}-\\x{FFFF}]{1,80}$")

// Create is CreateStateMachine. The answer has the ARN; a repeated request with the same content gives it again.
func (c *Catalog) Create(request *Object) (*Object, *APIError) {
	name := textOf(request, "name")
	if !machineName.MatchString(name) {
		return nil, &APIError{"InvalidName", fmt.Sprintf("Invalid Name: '%s'", name)}
	}
	entry := catalogEntry{definition: textOf(request, "definition"), kind: textOf(request, "type"), role: textOf(request, "roleArn")}
	if entry.kind == "" {
		entry.kind = string(Standard)
	}
	if err := checkLogging(request); err != nil {
		return nil, err
	}
	if err := refuseFaults(entry.definition, entry.kind); err != nil {
		return nil, err
	}
	arn := fmt.Sprintf("arn:%s:states:%s:%s:stateMachine:%s", c.Partition, c.Region, c.Account, name)
	if old, ok := c.machines[arn]; ok && old != entry {
		return nil, &APIError{"StateMachineAlreadyExists", fmt.Sprintf("State Machine Already Exists: '%s'", arn)}
	}
	if c.machines == nil {
		c.machines = map[string]catalogEntry{}
	}
	c.machines[arn] = entry
	return ObjectOf("stateMachineArn", arn), nil
}

// Update is UpdateStateMachine. A version's ARN names nothing that can be updated.
func (c *Catalog) Update(request *Object) (*Object, *APIError) {
	arn := textOf(request, "stateMachineArn")
	if err := checkLogging(request); err != nil {
		return nil, err
	}
	entry, ok := c.machines[arn]
	if !ok {
		return nil, &APIError{"StateMachineDoesNotExist", fmt.Sprintf("State Machine Does Not Exist: '%s'", arn)}
	}
	if definition := textOf(request, "definition"); definition != "" {
		if err := refuseFaults(definition, entry.kind); err != nil {
			return nil, err
		}
		entry.definition = definition
	}
	if role := textOf(request, "roleArn"); role != "" {
		entry.role = role
	}
	c.machines[arn] = entry
	return NewObject(), nil
}

func refuseFaults(definition, kind string) *APIError {
	for _, f := range Validate([]byte(definition), kind) {
		if f.Severity == severityError {
			return &APIError{"InvalidDefinition", InvalidDefinition(Validate([]byte(definition), kind))}
		}
	}
	return nil
}

// checkLogging checks loggingConfiguration: exactly one destination unless the level is OFF.
func checkLogging(request *Object) *APIError {
	value, _ := request.Get("loggingConfiguration")
	logging, ok := value.(*Object)
	if !ok {
		return nil
	}
	level := textOf(logging, "level")
	list, _ := logging.Get("destinations")
	destinations, _ := list.([]any)
	if level != "" && level != "OFF" && len(destinations) != 1 || len(destinations) > 1 {
		return &APIError{"InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination."}
	}
	return nil
}

// Diagnose is ValidateStateMachineDefinition.
func Diagnose(request *Object) (*Object, *APIError) {
	definition := textOf(request, "definition")
	if definition == "" {
		return nil, &APIError{"ValidationException", "1 validation error detected: Value '' at 'definition' failed to satisfy constraint: Member must have length greater than or equal to 1"}
	}
	limit := maxDiagnostics
	if value, _ := request.Get("maxResults"); value != nil {
		if n, ok := value.(int64); ok && n > 0 && n < maxDiagnostics {
			limit = int(n)
		}
	}
	least := textOf(request, "severity")
	diagnostics, failed, truncated := []any{}, false, false
	for _, f := range Validate([]byte(definition), textOf(request, "type")) {
		failed = failed || f.Severity == severityError
		switch {
		case f.Severity == severityWarning && least != severityWarning:
		case len(diagnostics) == limit:
			truncated = true
		default:
			diagnostics = append(diagnostics, f.diagnostic())
		}
	}
	result := "OK"
	if failed {
		result = "FAIL"
	}
	return ObjectOf("result", result, "diagnostics", diagnostics, "truncated", truncated), nil
}

func (f *Fault) diagnostic() *Object {
	o := ObjectOf("severity", f.Severity, "code", f.Code, "message", f.Message)
	if f.Location != "" {
		o.Set("location", strings.TrimSpace(f.Location))
	}
	return o
}
