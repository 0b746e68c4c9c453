package asl

// This file holds the signatures that other files of the package build on until their implementation lands.

// Path is a compiled JSONPath: of the input ($.a), the Context object ($$.a) or a variable ($name.a).
type Path struct{ text string }

// PathError says, in Jayway's words, why a path has no value ("No results for path: $['x']").
type PathError struct{ text string }

func (e *PathError) Error() string { return e.text }

// CompilePath parses a JSONPath.
func CompilePath(text string) (*Path, error) { panic("pending") }

func (p *Path) String() string { return p.text }

// Read is the value at the path; the error is a *PathError. An indefinite path gives []any.
func (p *Path) Read(s *Scope) (any, error) { panic("pending") }

// IsReference reports whether the path is a reference path: one node, as ResultPath needs.
func (p *Path) IsReference() bool { panic("pending") }

// WriteAt is root with value at a reference path; the objects on the way are made (States.ResultPathMatchFailure otherwise).
func WriteAt(root any, p *Path, value any) (any, *Error) { panic("pending") }

// Expr is a JSONPath or a call of an intrinsic function: what stands under a key that ends in ".$", in ErrorPath and CausePath.
type Expr struct{}

// CompileExpr parses a JSONPath or a call of an intrinsic function. The field's name is for the failure's text.
func CompileExpr(text, field string) (*Expr, error) { panic("pending") }

// Eval is the expression's value.
func (e *Expr) Eval(s *Scope) (any, *Error) { panic("pending") }

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
