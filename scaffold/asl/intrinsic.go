package asl

import (
	"errors"
	"fmt"
	"strings"
)

// maxCallDepth is how many intrinsic functions may stand in one another.
// Source: AWS Step Functions Developer Guide, "Intrinsic functions", read 2026-11.
const maxCallDepth = 10

// Expr is a JSONPath or a call of an intrinsic function: what stands under a key that ends in ".$", in ErrorPath and in
// CausePath.
type Expr struct {
	text  string
	field string
	path  *Path
	call  *call
}

// call is an intrinsic function with its arguments.
type call struct {
	function *intrinsic
	args     []argument
}

// argument is a literal, a path or another call.
type argument struct {
	literal any
	path    *Path
	call    *call
}

// template is the text of a literal string whose escapes States.Format has to see.
type template string

// CompileExpr parses a JSONPath or a call of an intrinsic function. field is the name of the field, for the failure's
// text.
func CompileExpr(text, field string) (*Expr, error) {
	e := &Expr{text: text, field: field}
	var err error
	if strings.HasPrefix(strings.TrimSpace(text), "$") {
		e.path, err = CompilePath(text)
		return e, err
	}
	p := callParser{text: strings.TrimSpace(text)}
	e.call, err = p.call(1)
	if err == nil && p.at < len(p.text) {
		err = p.fail("got %q after the call", p.text[p.at])
	}
	if err != nil {
		return nil, fmt.Errorf("%q is neither a JSONPath nor a call of an intrinsic function: %w", text, err)
	}
	return e, nil
}

// String is the expression as it was written.
func (e *Expr) String() string { return e.text }

// Path is the JSONPath when the expression is one, or nil.
func (e *Expr) Path() *Path { return e.path }

// paths calls visit with each JSONPath in the expression.
func (e *Expr) paths(visit func(*Path)) {
	if e.path != nil {
		visit(e.path)
		return
	}
	e.call.paths(visit)
}

func (c *call) paths(visit func(*Path)) {
	for i := range c.args {
		switch arg := &c.args[i]; {
		case arg.path != nil:
			visit(arg.path)
		case arg.call != nil:
			arg.call.paths(visit)
		}
	}
}

// Eval is the expression's value.
func (e *Expr) Eval(s *Scope) (any, *Error) {
	if e.path != nil {
		value, missing := e.path.lookup(s)
		if missing != nil {
			return nil, &Error{Name: ErrorRuntime, Cause: fmt.Sprintf("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'",
				e.text, e.field, EncodeString(s.Input))}
		}
		if value == (absent{}) {
			return nil, nil
		}
		return value, nil
	}
	value, err := e.call.eval(s)
	if err == nil {
		return value, nil
	}
	name := "States.IntrinsicFailure"
	if missing := (*missingArgument)(nil); errors.As(err, &missing) {
		name = "States.Runtime"
	}
	return nil, &Error{Name: name, Cause: fmt.Sprintf("The function '%s' had the following error: %s", e.text, err)}
}

// missingArgument is a path in a call that has no value. It is a runtime error, which no Catch sees.
type missingArgument struct{ path, input string }

func (e *missingArgument) Error() string {
	return fmt.Sprintf("The JsonPath argument for the field '%s' could not be found in the input '%s'", e.path, e.input)
}

func (c *call) eval(s *Scope) (any, error) {
	if c.function.pair != nil {
		a, err := c.args[0].eval(s)
		if err != nil {
			return nil, err
		}
		b, err := c.args[1].eval(s)
		if err != nil {
			return nil, err
		}
		return c.function.pair(a, b)
	}
	args := make([]any, len(c.args))
	for i := range c.args {
		value, err := c.args[i].eval(s)
		if err != nil {
			return nil, err
		}
		args[i] = value
	}
	return c.function.apply(s, args)
}

func (a *argument) eval(s *Scope) (any, error) {
	switch {
	case a.path != nil:
		value, err := a.path.lookup(s)
		if err != nil || value == (absent{}) {
			return nil, &missingArgument{a.path.text, EncodeString(s.Input)}
		}
		return value, nil
	case a.call != nil:
		return a.call.eval(s)
	}
	return a.literal, nil
}
