package asl

import (
	"errors"
	"fmt"
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
				text, ok := item.(string)
				if ok {
					_, err := CompileExpr(text, key)
					ok = err == nil
				}
				if !ok {
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
	for _, name := range topLevelNames(j.source) {
		if !seen[name] {
			seen[name] = true
			v.add(p, "jsonata-top-level", codeTopLevel, "Reference to '%s' at the top level is not supported.", name)
		}
	}
}

var (
	jsonataCode     = regexp.MustCompile(`^(?:JSONata error )?[A-Z][0-9]{4}(?: at token "(?:[^"\\]|\\.)*")?: `)
	jsonataExpected = regexp.MustCompile(`^expected token (\d+), got \d+ \((".*")\)$`)
	jsonataTokens   = map[string]string{"9": "]", "11": "}", "13": ")", "18": ":"} // gnata's numbers
)

// jsonataProblem is the parser's words without its code, as the service shows them.
func jsonataProblem(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	text := jsonataCode.ReplaceAllString(err.Error(), "")
	if match := jsonataExpected.FindStringSubmatch(text); match != nil && jsonataTokens[match[1]] != "" {
		return fmt.Sprintf("Expected %q, got %s", jsonataTokens[match[1]], match[2])
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// topLevelNames are the names that an expression reads from the context item, which Step Functions does not have: the
// input is $states.input. Inside of a path's step the item is the step's, so that names there are right.
func topLevelNames(source string) []string {
	var names []string
	s := jsonataScanner{text: source}
	inPath := []bool{false}
	last, infix := "", false
	for s.next() {
		token, afterDot := s.token, last == "."
		switch {
		case token == "(" || token == "[" || token == "{":
			// a predicate or a grouping after a value, and what follows a dot or an order-by, see the items of the path
			isPath := inPath[len(inPath)-1] || afterDot || last == "^" || infix && token != "("
			inPath = append(inPath, isPath)
		case token == ")" || token == "]" || token == "}":
			if len(inPath) > 1 {
				inPath = inPath[:len(inPath)-1]
			}
		case token == "|":
			inPath[len(inPath)-1] = true // a transform's parts see what it transforms
		case token == "$$" || token == "$":
			if token == "$$" || !afterDot && !inPath[len(inPath)-1] {
				names = append(names, token)
			}
		case isNameStart(token) && !afterDot && !infix && !inPath[len(inPath)-1] && !isJSONataWord(token):
			names = append(names, token)
		}
		last, infix = token, s.infix
	}
	return names
}

func isJSONataWord(token string) bool {
	switch token {
	case "true", "false", "null", "function", "λ", "and", "or", "in":
		return true
	}
	return false
}
