package asl

// This file holds the signatures that other files of the package build on until their implementation lands.

// Template is a payload template: a JSON value with ".$" keys (JSONPath) or "{% %}" strings (JSONata).
// A JSONata field of any kind (Output, Arguments, Condition, Seconds, Items ...) is a Template too.
type Template struct{}

// CompileTemplate compiles a value. field is the field's name ("Output", "Assign", "Parameters"), for the failure's text.
func CompileTemplate(v any, lang QueryLanguage, field string) (*Template, error) { panic("pending") }

// Constant is the template's value when it holds no expression.
func (t *Template) Constant() (any, bool) { panic("pending") }

// Eval is the template's value.
func (t *Template) Eval(s *Scope) (any, *Error) { panic("pending") }

// IsJSONata reports whether text is a JSONata expression: "{% ... %}".
func IsJSONata(text string) bool { panic("pending") }

// Fault is one thing that is wrong in a definition.
type Fault struct {
	Pointer  string // JSON pointer
	Rule     string // our id of the rule
	Code     string // AWS's code, such as SCHEMA_VALIDATION_FAILED
	Message  string // AWS's sentence
	Severity string // ERROR or WARNING
}

// Validate finds all faults of a definition. kind is STANDARD or EXPRESS.
func Validate(definition []byte, kind string) []Fault { panic("pending") }
