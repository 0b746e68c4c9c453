package asl

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// template checks a payload template. Faults of a nested field are located at the whole field, as the service does.
func (v *validator) template(p place, value any, lang QueryLanguage) {
	if lang == JSONata {
		v.jsonata(p, value)
		return
	}
	v.payload(p, p, value)
}

func (v *validator) payload(p, whole place, value any) {
	switch x := value.(type) {
	case []any:
		for i, item := range x {
			v.payload(p.index(i), whole, item)
		}
	case *Object:
		for key, item := range x.All() {
			at := p.key(key)
			if strings.HasSuffix(key, ".$") {
				if !isExpression(key, item) {
					v.schema(place{pointer: at.joined().pointer, location: whole.joined().location}, "payload-template",
						"The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", key)
				}
				continue
			}
			if text, ok := item.(string); ok && looksDynamic(text) {
				v.warn(at, "no-dollar", "NO_DOLLAR", "The value of the field '"+key+"' looks like a path or a call: name the field '"+key+".$' to have it evaluated")
			}
			v.payload(at, whole, item)
		}
	}
}

func isExpression(key string, value any) bool {
	text, ok := value.(string)
	if !ok {
		return false
	}
	_, err := CompileExpr(text, key)
	return err == nil
}

var intrinsicCall = regexp.MustCompile(`^States\.[A-Za-z0-9]+\(`)

func looksDynamic(text string) bool {
	return strings.HasPrefix(text, "$.") || strings.HasPrefix(text, "$$.") || intrinsicCall.MatchString(text)
}

// result warns of paths in the Result of a Pass state, which is taken as it is.
func (v *validator) result(p place, value any) {
	object, ok := value.(*Object)
	if !ok {
		return
	}
	for key, item := range object.All() {
		if text, ok := item.(string); ok && strings.HasSuffix(key, ".$") && looksDynamic(text) {
			v.warn(p.key(key), "static-result", "PASS_RESULT_IS_STATIC", "The Result of a Pass state is taken as it is: move the field '"+key+"' to Parameters to have it evaluated")
		}
	}
}

var variableName = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

// assign checks the names of variables, then their values.
// Source: AWS Step Functions Developer Guide, "Passing data between states with variables", read 2026-11.
func (v *validator) assign(p place, value any, lang QueryLanguage) {
	object, ok := value.(*Object)
	if !ok {
		if text, isText := value.(string); !isText || lang != JSONata || !IsJSONata(text) {
			v.wrongType(p, "OBJECT")
			return
		}
		v.jsonata(p, value)
		return
	}
	for key := range object.All() {
		name := key
		if lang == JSONPath {
			name = strings.TrimSuffix(key, ".$")
		}
		switch {
		case name == "states":
			v.add(p, "reserved-variable", codeReserved, "Cannot assign to reserved variable '$states'.")
		case !variableName.MatchString(name):
			v.add(p, "variable-name", codeVariable, "Invalid variable name '%s': the variable name contains invalid characters.", name)
		case utf8.RuneCountInString(name) > maxVariableName:
			v.add(p, "variable-name", codeVariable, "Invalid variable name '%s': the variable name exceeds the %d-character limit.", name, maxVariableName)
		}
	}
	v.template(p, value, lang)
}

// jsonata checks each expression in a value.
func (v *validator) jsonata(p place, value any) {
	switch x := value.(type) {
	case string:
		v.jsonataText(p, x)
	case []any:
		for i, item := range x {
			v.jsonata(p.index(i), item)
		}
	case *Object:
		for key, item := range x.All() {
			v.jsonata(p.key(key), item)
		}
	}
}

func (v *validator) jsonataText(p place, text string) {
	switch {
	case !strings.HasPrefix(text, "{%"):
		return
	case !IsJSONata(text):
		v.schema(p, "jsonata-delimiters", "%s", "JSONata string must start with {% and end with %}")
		return
	}
	j, err := compileJSONata(text)
	if err != nil {
		v.add(p, "jsonata-syntax", codeJSONata, "%s", jsonataProblem(err))
		return
	}
	seen := map[string]bool{}
	report := func(format, name string) {
		if !seen[name] {
			seen[name] = true
			v.add(p, "jsonata-reference", codeTopLevel, format, name)
		}
	}
	for _, reference := range contextReferences(j.source) {
		field, isStates := strings.CutPrefix(reference, "$states.")
		switch {
		case isStates && v.hasStates(field):
		case isStates:
			report("Field '%s' does not exist.", reference)
		case reference == "$$":
			report("Reference to '%s' is not supported.", reference)
		default:
			report("Reference to '%s' at the top level is not supported.", reference)
		}
	}
}

// hasStates reports whether $states has a field where the expression stands: the result only after the work of a state
// was done, the error output only in a catcher.
func (v *validator) hasStates(field string) bool {
	switch field {
	case "input", "context":
		return true
	case "result":
		return v.hasResult
	case "errorOutput":
		return v.hasError
	}
	return false
}
