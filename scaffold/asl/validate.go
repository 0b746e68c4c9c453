package asl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Fault is one thing that is wrong in a definition.
type Fault struct {
	Pointer  string // JSON pointer
	Location string // as the service writes it: /States/Pick/Choices[0]/Next; "" when it names none
	Rule     string // our id of the rule
	Code     string // the service's code, such as SCHEMA_VALIDATION_FAILED
	Message  string // the service's sentence
	Severity string // ERROR or WARNING
}

// Codes of faults.
// Source: AWS Step Functions API Reference, ValidateStateMachineDefinitionDiagnostic, read 2026-11.
const (
	codeSchema         = "SCHEMA_VALIDATION_FAILED"
	codeJSON           = "INVALID_JSON_DESCRIPTION"
	codeNoDescription  = "MISSING_DESCRIPTION"
	codeTarget         = "MISSING_TRANSITION_TARGET"
	codeNoEnd          = "MISSING_END_STATE"
	codeDuplicateState = "DUPLICATE_STATE_NAME"
	codeStateName      = "INVALID_STATE_NAME"
	codeDuplicateLabel = "DUPLICATE_LABEL_NAME"
	codeLabel          = "INVALID_LABEL_NAME"
	codeNesting        = "TOO_DEEPLY_NESTED"
	codeVariable       = "INVALID_VARIABLE_NAME"
	codeReserved       = "RESERVED_VARIABLE_NAME"
	codeJSONata        = "INVALID_JSONATA_EXPRESSION"
	codeTopLevel       = "UNSUPPORTED_JSONATA_EXPRESSION"

	severityError   = "ERROR"
	severityWarning = "WARNING"
)

// Limits of names and of nesting.
// Source: AWS Step Functions Developer Guide, "Step Functions service quotas", read 2026-11.
const (
	maxStateName    = 80
	maxLabel        = 40
	maxVariableName = 80
)

// Validate finds all faults of a definition, in the order of the text. kind is STANDARD or EXPRESS.
// The words are those of the service where they are known.
func Validate(definition []byte, kind string) []Fault {
	v := newValidator(kind)
	if len(strings.TrimSpace(string(definition))) == 0 {
		v.add(place{}, "description", codeNoDescription, "The definition is empty")
		return v.faults
	}
	value, err := Decode(definition)
	if err != nil {
		v.add(place{}, "json", codeJSON, "%s", err.Error())
		return v.faults
	}
	v.checkValue(value)
	return v.faults
}

func (v *validator) checkValue(value any) {
	root, ok := value.(*Object)
	if !ok {
		v.wrongType(place{}, "OBJECT")
		return
	}
	v.checkMachine(root)
}

func newValidator(kind string) *validator {
	return &validator{express: kind == string(Express), names: map[string]bool{}, labels: map[string]bool{}}
}

type validator struct {
	faults  []Fault
	express bool
	machine QueryLanguage // of the whole state machine
	names   map[string]bool
	labels  map[string]bool
	depth   int

	kind      string // the type of the state whose fields are checked
	hasResult bool   // the expressions that are checked see $states.result
	hasError  bool   // and $states.errorOutput
}

// place is where a value stands: as a JSON pointer, and as the service writes it. The last key is joined when somebody
// asks for what is below it, or reports a fault: most places are never written.
type place struct {
	pointer, location string
	last              string
	pending           bool // last is not joined yet
}

func (p place) key(key string) place {
	p = p.joined()
	p.last, p.pending = key, true
	return p
}

func (p place) joined() place {
	if !p.pending {
		return p
	}
	location := p.location + "/" + p.last
	if p.pointer == p.location && !strings.ContainsAny(p.last, "~/") { // they differ after an index only
		return place{pointer: location, location: location}
	}
	return place{pointer: pointerTo(p.pointer, p.last), location: location}
}

// orRoot is the place, or "/" for the whole definition.
func (p place) orRoot() place {
	if p = p.joined(); p.location == "" {
		p.location = "/"
	}
	return p
}

func (p place) index(i int) place {
	p = p.joined()
	n := strconv.Itoa(i)
	return place{pointer: p.pointer + "/" + n, location: p.location + "[" + n + "]"}
}

func (v *validator) add(p place, rule, code, format string, args ...any) {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	p = p.joined()
	v.faults = append(v.faults, Fault{p.pointer, p.location, rule, code, message, severityError})
}

func (v *validator) warn(p place, rule, code, message string) {
	p = p.joined()
	v.faults = append(v.faults, Fault{p.pointer, p.location, rule, code, message, severityWarning})
}

func (v *validator) schema(p place, rule, format string, args ...any) {
	v.add(p, rule, codeSchema, format, args...)
}

func (v *validator) wrongType(p place, want string) {
	v.schema(p.orRoot(), "type", "Expected value of type [%s]", want)
}

func (v *validator) unsupported(p place, field string) {
	v.schema(p, "unsupported-field", "Field '%s' is not supported", field)
}

// required asks for fields that an object must have.
func (v *validator) required(p place, o *Object, fields ...string) {
	var missing []string
	for _, field := range fields {
		if _, ok := o.Get(field); !ok {
			missing = append(missing, field)
		}
	}
	if len(missing) > 0 {
		v.schema(p.orRoot(), "required-field", "These fields are required: [%s]", strings.Join(missing, ", "))
	}
}

// oneOf asks for exactly one of the fields, or for one at most.
func (v *validator) oneOf(p place, o *Object, optional bool, fields ...string) {
	n := 0
	for _, field := range fields {
		if value, ok := o.Get(field); ok && (field != "End" || value != false) {
			n++
		}
	}
	switch {
	case n > 1:
		v.schema(p, "exclusive-fields", "There should only be one of the following fields: [%s]", strings.Join(fields, ", "))
	case n == 0 && !optional:
		v.schema(p, "one-of-fields", "This object should have only one of the following fields: [%s]", strings.Join(fields, ", "))
	}
}

func (v *validator) enum(p place, value any, values ...string) {
	text, ok := value.(string)
	if !ok {
		v.wrongType(p, "STRING")
		return
	}
	if !slices.Contains(values, text) {
		v.schema(p, "enum", "Value should be one of the following: [%s]", strings.Join(values, ", "))
	}
}

// InvalidDefinition is the text of the error with which CreateStateMachine refuses a definition.
func InvalidDefinition(faults []Fault) string {
	var parts []string
	for _, f := range faults {
		if f.Severity != severityError {
			continue
		}
		location := f.Location
		if location == "" {
			location = "null"
		}
		parts = append(parts, fmt.Sprintf("%s: %s at %s", f.Code, strings.TrimSpace(f.Message), location))
	}
	return "Invalid State Machine Definition: '" + strings.Join(parts, ", ") + "'"
}
