package asl

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	jsonataError    = regexp.MustCompile(`^JSONata error (S\d{4})(?: at token ("(?:[^"\\]|\\.)*"))?: (.*)$`)
	jsonataExpected = regexp.MustCompile(`^expected (?:token |, or )?(\d+|[])}:])(?:$|,| )`)
	jsonataTokens   = map[string]string{"9": "]", "11": "}", "13": ")", "18": ":"} // gnata's numbers
)

// jsonataMessages are the sentences of JSONata's own error codes, which the service shows without the code.
// Source: the error codes of JSONata 2.0.6; %s is the token.
var jsonataMessages = map[string]string{
	"S0101": "String literal must be terminated by a matching quote",
	"S0104": `The escape sequence \u must be followed by 4 hex digits`,
	"S0105": "Quoted property name must be terminated with a backquote (`)",
	"S0106": "Comment has no closing tag",
	"S0201": "Syntax error: %s",
	"S0204": "Unknown operator: %s",
	"S0207": "Unexpected end of expression",
	"S0211": "The symbol %s cannot be used as a unary operator",
	"S0301": "Empty regular expressions are not allowed",
	"S0302": "No terminating / in regular expression",
}

// jsonataProblem is the parser's fault in the words of the service.
func jsonataProblem(err error) string {
	inner := errors.Unwrap(err)
	if inner == nil {
		return capitalized(err.Error())
	}
	match := jsonataError.FindStringSubmatch(inner.Error())
	if match == nil {
		return capitalized(inner.Error())
	}
	code, token, text := match[1], match[2], match[3]
	atEnd := token == `"EOF"` || token == `""`
	if expected := jsonataExpected.FindStringSubmatch(text); expected != nil {
		want := cmp.Or(jsonataTokens[expected[1]], expected[1])
		if atEnd {
			return fmt.Sprintf("Expected %q before end of expression", want)
		}
		return fmt.Sprintf("Expected %q, got %s", want, token)
	}
	if atEnd {
		code = "S0207"
	}
	sentence, ok := jsonataMessages[code]
	switch {
	case !ok:
		return capitalized(text)
	case strings.Contains(sentence, "%s"):
		return fmt.Sprintf(sentence, token)
	}
	return sentence
}

func capitalized(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

var statesPath = regexp.MustCompile(`^\s*\.\s*([A-Za-z_]\w*)`)

// contextReferences are what an expression reads from the context item, which Step Functions does not have (the input is
// $states.input), and the fields of $states. Inside of a path's step the item is the step's, so that names there are
// right; the body of a function sees the item of the expression around it.
func contextReferences(source string) []string {
	var names []string
	s := jsonataScanner{text: source}
	w := referenceWalk{inPath: []bool{false}}
	for s.next() {
		token := s.token
		switch {
		case w.enter(token) || w.exit(token) || w.signature:
		case token == "$states":
			if field := statesPath.FindStringSubmatch(s.text[s.at:]); field != nil {
				names = append(names, "$states."+field[1])
			}
		case token == "$$":
			names = append(names, token)
		case w.atTop() && w.last != "." && (token == "$" || isNameStart(token) && !w.infix && !isJSONataWord(token)):
			names = append(names, token)
		}
		w.last, w.infix = token, s.infix
	}
	return names
}

// referenceWalk knows where in an expression a token stands.
type referenceWalk struct {
	inPath    []bool // for each open bracket: what is in it sees an item of a path
	functions []int  // depths of the brackets that hold the parameters of a function
	signature bool   // between the parameters and the body of a function
	last      string
	infix     bool
}

func (w *referenceWalk) atTop() bool { return !w.inPath[len(w.inPath)-1] }

func (w *referenceWalk) enter(token string) bool {
	switch token {
	case "|":
		w.inPath[len(w.inPath)-1] = true // a transform's parts see what it transforms
		return true
	case "(", "[", "{":
	default:
		return false
	}
	// a predicate or a grouping after a value, and what follows a dot or an order-by, see the items of the path
	isPath := !w.atTop() || w.last == "." || w.last == "^" || w.infix && token != "(" && !w.signature
	if w.last == "function" || w.last == "λ" {
		w.functions = append(w.functions, len(w.inPath))
	}
	if token == "{" {
		w.signature = false
	}
	w.inPath = append(w.inPath, isPath)
	return true
}

func (w *referenceWalk) exit(token string) bool {
	if token != ")" && token != "]" && token != "}" {
		return false
	}
	if n := len(w.inPath) - 1; n > 0 {
		w.inPath = w.inPath[:n]
		if k := len(w.functions) - 1; k >= 0 && w.functions[k] == n {
			w.functions, w.signature = w.functions[:k], true
		}
	}
	return true
}

func isJSONataWord(token string) bool {
	switch token {
	case "true", "false", "null", "function", "λ", "and", "or", "in":
		return true
	}
	return false
}
