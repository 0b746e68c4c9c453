package asl

import (
	"math"
	"strings"
)

// Bounds of numbers.
// Source: Amazon States Language specification and AWS Step Functions Developer Guide, "Task workflow state", "Error
// handling", read 2026-11.
const (
	maxSeconds  = 99_999_999
	maxDelay    = 31_622_400
	maxAttempts = 99_999_999
)

// checkField checks the content of a field of a state.
func (v *validator) checkField(p place, field string, value any, lang QueryLanguage) {
	at := p.key(field)
	if field == "Output" || field == "Assign" {
		v.hasResult = !v.hasError && (v.kind == "Task" || v.kind == "Parallel" || v.kind == "Map")
		defer func() { v.hasResult = false }()
	}
	switch field {
	case "Type", "QueryLanguage":
	case "Comment", "Next", "Default", "Label":
		v.text(at, value)
	case "End":
		if _, ok := value.(bool); !ok {
			v.wrongType(at, "BOOLEAN")
		}
	case "InputPath", "OutputPath":
		v.path(at, value, false, true)
	case "ResultPath":
		v.path(at, value, true, true)
		v.ownPath(at, value, false)
	case "ItemsPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "SecondsPath", "TimestampPath":
		v.path(at, value, true, false)
	case "MaxConcurrencyPath", "ToleratedFailurePercentagePath", "ToleratedFailureCountPath":
		v.path(at, value, true, false)
		v.ownPath(at, value, true)
	case "ErrorPath", "CausePath":
		v.expression(at, value)
	case "Error", "Cause":
		v.textOrJSONata(at, value, lang)
		v.looksLikePath(at, field, value, lang)
	case "TimeoutSeconds", "HeartbeatSeconds":
		v.number(at, value, lang, 1, maxSeconds)
	case "Seconds":
		v.number(at, value, lang, 0, maxSeconds)
	case "MaxConcurrency", "ToleratedFailureCount":
		v.number(at, value, lang, 0, math.Inf(1))
	case "ToleratedFailurePercentage":
		v.percentage(at, value, lang)
	case "Timestamp":
		v.timestamp(at, value, lang)
	case "Parameters", "ResultSelector", "ItemSelector", "Credentials", "Arguments", "Output":
		v.template(at, value, lang)
	case "Assign":
		v.assign(at, value, lang)
	case "Result":
		v.result(at, value)
	case "Retry":
		v.each(at, value, func(p place, o *Object, last bool) { v.retrier(p, o, last) })
	case "Catch":
		v.each(at, value, func(p place, o *Object, last bool) { v.catcher(p, o, last, lang) })
	case "Choices":
		v.choices(at, value, lang)
	case "Branches":
		v.branches(at, value)
	case "Items":
		v.items(at, value, lang)
	}
}

func (v *validator) text(p place, value any) (string, bool) {
	text, ok := value.(string)
	if !ok {
		v.wrongType(p, "STRING")
	}
	return text, ok
}

func (v *validator) textOrJSONata(p place, value any, lang QueryLanguage) {
	if _, ok := v.text(p, value); ok && lang == JSONata {
		v.jsonata(p, value)
	}
}

// path checks a JSONPath. reference: it must point at one node; null: it may be null.
func (v *validator) path(p place, value any, reference, null bool) {
	if value == nil && null {
		return
	}
	text, ok := v.text(p, value)
	if !ok {
		return
	}
	path, err := CompilePath(text)
	switch {
	case err != nil && reference && !strings.HasPrefix(text, "$"):
		v.schema(p, "reference-path", "Value is not a Reference Path: Reference path didn't start with '$'")
	case err != nil:
		v.schema(p, "json-path", "Value must be a valid JSONPath.")
	case reference && !path.IsReference():
		v.schema(p, "reference-path", "Value is not a Reference Path")
	}
}

// ownPath refuses a path into the Context object, and unless variables are allowed one into a variable.
func (v *validator) ownPath(p place, value any, variables bool) {
	text, _ := value.(string)
	path, err := CompilePath(text)
	if err == nil && path.IsReference() && (path.ReadsContext() || path.Variable() != "" && !variables) {
		v.schema(p, "reference-path", "Value is not a Reference Path")
	}
}

// expression checks ErrorPath and CausePath: a path or a call of an intrinsic function.
func (v *validator) expression(p place, value any) {
	if text, ok := v.text(p, value); ok {
		if _, err := CompileExpr(text, ""); err != nil {
			v.schema(p, "json-path", "Value must be a valid JSONPath.")
		}
	}
}

// number checks a whole number with bounds; in JSONata states it may be an expression.
func (v *validator) number(p place, value any, lang QueryLanguage, low, high float64) {
	if text, ok := value.(string); ok && lang == JSONata {
		if !IsJSONata(text) {
			v.wrongType(p, "NUMBER")
		}
		v.jsonata(p, text)
		return
	}
	n, ok := value.(int64)
	switch {
	case !ok:
		v.wrongType(p, "INTEGER")
	case float64(n) < low:
		v.schema(p, "minimum", "Minimum value is %s", EncodeString(int64(low)))
	case float64(n) > high:
		v.schema(p, "maximum", "Maximum value is %s", EncodeString(int64(high)))
	}
}

func (v *validator) percentage(p place, value any, lang QueryLanguage) {
	if text, ok := value.(string); ok && lang == JSONata {
		v.jsonata(p, text)
		return
	}
	n, ok := toFloat(value)
	switch {
	case !ok:
		v.wrongType(p, "NUMBER")
	case n < 0:
		v.schema(p, "minimum", "Minimum value is 0.0")
	case n > 100:
		v.schema(p, "maximum", "Maximum value is 100.0")
	}
}

func (v *validator) timestamp(p place, value any, lang QueryLanguage) {
	text, ok := v.text(p, value)
	if !ok {
		return
	}
	if lang == JSONata && strings.HasPrefix(text, "{%") {
		v.jsonata(p, text)
		return
	}
	if _, valid := parseTimestamp(text); !valid {
		v.schema(p, "timestamp", "String does not match RFC3339 timestamp")
	}
}

// each checks the objects of an array that must not be empty.
func (v *validator) each(p place, value any, check func(p place, o *Object, last bool)) {
	items, ok := value.([]any)
	if !ok {
		v.wrongType(p, "ARRAY")
		return
	}
	for i, item := range items {
		o, ok := item.(*Object)
		if !ok {
			v.wrongType(p.index(i), "OBJECT")
			continue
		}
		check(p.index(i), o, i == len(items)-1)
	}
}

var (
	retryFields = fieldsOf("ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy Comment")
	catchFields = fieldsOf("ErrorEquals Next ResultPath Output Assign Comment")
)

func (v *validator) retrier(p place, o *Object, last bool) {
	v.required(p, o, "ErrorEquals")
	for field, value := range o.All() {
		at := p.key(field)
		switch field {
		case "ErrorEquals":
			v.errorEquals(at, value, last)
		case "IntervalSeconds":
			v.number(at, value, JSONPath, 1, maxSeconds)
		case "MaxAttempts":
			v.number(at, value, JSONPath, 0, maxAttempts)
		case "MaxDelaySeconds":
			v.number(at, value, JSONPath, 1, maxDelay)
		case "BackoffRate":
			if n, ok := toFloat(value); !ok {
				v.wrongType(at, "NUMBER")
			} else if n < 1 {
				v.schema(at, "minimum", "Minimum value is 1.0")
			}
		case "JitterStrategy":
			v.enum(at, value, "NONE", "FULL")
		default:
			if !retryFields[field] {
				v.unsupported(p, field)
			}
		}
	}
	interval, _ := o.Get("IntervalSeconds")
	delay, _ := o.Get("MaxDelaySeconds")
	if n, ok := delay.(int64); ok && n > 0 {
		if i, ok := interval.(int64); ok && n <= i {
			v.schema(p.key("MaxDelaySeconds"), "max-delay", "MaxDelaySeconds must be greater than IntervalSeconds")
		}
	}
}

func (v *validator) catcher(p place, o *Object, last bool, lang QueryLanguage) {
	v.required(p, o, "ErrorEquals", "Next")
	v.hasError = true
	defer func() { v.hasError = false }()
	for field, value := range o.All() {
		at := p.key(field)
		switch {
		case !catchFields[field]:
			v.unsupported(p, field)
		case v.otherLanguage(p, field, lang):
		case field == "ErrorEquals":
			v.errorEquals(at, value, last)
		default:
			v.checkField(p, field, value, lang)
		}
	}
}

// errorEquals checks the names of errors. States.ALL stands alone, in the last entry.
func (v *validator) errorEquals(p place, value any, last bool) {
	names, ok := value.([]any)
	switch {
	case !ok:
		v.wrongType(p, "ARRAY")
		return
	case len(names) == 0:
		v.schema(p, "empty", "Value cannot be empty")
	}
	for i, name := range names {
		if _, ok := name.(string); !ok {
			v.wrongType(p.index(i), "STRING")
		}
		if name == ErrorAll && (len(names) > 1 || !last) {
			v.schema(p, "states-all", "States.ALL must appear alone and at end of list")
		}
	}
}

func (v *validator) branches(p place, value any) {
	if items, ok := value.([]any); ok && len(items) == 0 {
		v.schema(p, "empty", "Value cannot be empty")
	}
	v.each(p, value, func(p place, branch *Object, _ bool) {
		for field := range branch.All() {
			if field != "StartAt" && field != "States" && field != "Comment" {
				v.unsupported(p, field)
			}
		}
		v.checkProgram(branch, p, false)
	})
}

func (v *validator) items(p place, value any, lang QueryLanguage) {
	switch value.(type) {
	case []any, *Object, string:
		v.template(p, value, lang)
	default:
		v.wrongType(p, "ARRAY")
	}
}

// looksLikePath warns of a path in a field that takes text as it is.
func (v *validator) looksLikePath(p place, field string, value any, lang QueryLanguage) {
	if text, ok := value.(string); ok && lang == JSONPath && (strings.HasPrefix(text, "$.") || strings.HasPrefix(text, "$$.")) {
		v.warn(p, "no-path", "NO_PATH", "The value of the field '"+field+"' looks like a path: name the field '"+field+"Path' to have it read")
	}
}
