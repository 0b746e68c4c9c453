package asl

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// queryField is a JSONata expression in a field that needs a value of one type, such as Seconds, Items or MaxConcurrency.
type queryField struct {
	template *Template
	source   string // between {% and %}
	field    string
}

// queryField compiles the field when it holds JSONata, and returns nil when it holds a literal or nothing.
func (c *compiler) queryField(s *state, o *Object, at, key string) *queryField {
	v, _ := o.Get(key)
	text, ok := v.(string)
	if !ok || s.lang != JSONata || !IsJSONata(text) {
		return nil
	}
	source := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "{%"), "%}"))
	return &queryField{template: c.template(o, at, key, s.lang), source: source, field: fieldName(at, key)}
}

func queryError(location, cause string) *Error {
	return &Error{Name: ErrorQueryEvaluation, Cause: cause, Location: location}
}

// unexpected is the failure of an expression whose value has the wrong type.
func (q *queryField) unexpected(want string, got any) *Error {
	return queryError(q.field, fmt.Sprintf(
		"The JSONata expression '%s' specified for the field '%s' returned an unexpected result type. Expected '%s', but was '%s' for value: %s",
		q.source, q.field, want, kindOf(got), EncodeString(got)))
}

func (q *queryField) number(s *Scope) (float64, *Error) {
	v, err := q.template.Eval(s)
	if err != nil {
		return 0, err
	}
	n, ok := toFloat(v)
	if !ok {
		return 0, q.unexpected("number", v)
	}
	return n, nil
}

// integer is a whole number between two bounds.
func (q *queryField) integer(s *Scope, low, high float64) (int64, *Error) {
	n, err := q.number(s)
	if err != nil {
		return 0, err
	}
	if n != math.Trunc(n) || n < low || n > high {
		return 0, queryError(q.field, fmt.Sprintf("The %s field must be an integer between %.0f and %.0f but was: %s",
			q.field, low, high, EncodeString(n)))
	}
	return int64(n), nil
}

func (q *queryField) seconds(s *Scope) (time.Duration, *Error) {
	n, err := q.integer(s, 0, maxWait)
	return seconds(n), err
}

func (q *queryField) text(s *Scope) (string, *Error) {
	v, err := q.template.Eval(s)
	if err != nil {
		return "", err
	}
	text, ok := v.(string)
	if !ok {
		return "", q.unexpected("string", v)
	}
	return text, nil
}

func (q *queryField) timestamp(s *Scope) (time.Time, *Error) {
	text, err := q.text(s)
	if err != nil {
		return time.Time{}, err
	}
	t, ok := parseTimestamp(text)
	if !ok {
		return t, queryError(q.field, fmt.Sprintf(
			"The %s field cannot be parsed as an ISO-8601 extended offset date-time format string: %s", q.field, text))
	}
	return t, nil
}

func (q *queryField) array(s *Scope) ([]any, *Error) {
	v, err := q.template.Eval(s)
	if err != nil {
		return nil, err
	}
	items, ok := v.([]any)
	if !ok {
		return nil, q.unexpected("array", v)
	}
	return items, nil
}

// duration is TimeoutSeconds or HeartbeatSeconds of a Task state: a number, a path or JSONata.
type duration struct {
	fixed time.Duration
	path  *Path
	query *queryField
	field string
}

func (c *compiler) duration(s *state, o *Object, at, key string) duration {
	d := duration{field: key, query: c.queryField(s, o, at, key)}
	if s.lang == JSONPath {
		d.path = c.path(o, at, key+"Path")
	}
	if d.query == nil && d.path == nil {
		n, _ := c.integer(o, at, key)
		d.fixed = seconds(n)
	}
	return d
}

// value is the duration, or 0 when the state has none.
func (d *duration) value(s *Scope) (time.Duration, *Error) {
	switch {
	case d.query != nil:
		return d.query.seconds(s)
	case d.path == nil:
		return d.fixed, nil
	}
	v, err := d.path.Read(s)
	if err != nil {
		return 0, pathFailure(d.path, err)
	}
	n, ok := v.(int64)
	if !ok || n <= 0 {
		return 0, runtimeError(fmt.Sprintf("The %sPath parameter does not reference a positive integer: %s == %s", d.field, d.path, plainText(v)))
	}
	return seconds(n), nil
}

// pathFailure is the failure of a path in InputPath, OutputPath and the other fields that hold nothing but a path.
func pathFailure(p *Path, err error) *Error {
	return runtimeError(fmt.Sprintf("Invalid path '%s' : %s", p, err))
}

// plainText is a value as the error texts show it: a string without quotes.
func plainText(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	return EncodeString(v)
}
