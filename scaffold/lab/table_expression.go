package lab

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// reservedWords may not stand for themselves in an expression.
// Source: Amazon DynamoDB Developer Guide, "Reserved words in DynamoDB", read 2026-11.
//
//go:embed table_reserved.txt
var reservedWords string

var reserved = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(reservedWords) {
		words[word] = true
	}
	return words
})

// expression reads one of DynamoDB's expressions. The first problem ends it.
// Source: Amazon DynamoDB Developer Guide, "Using expressions in DynamoDB", "Condition and filter expressions, operators, and
// functions", "Using update expressions in DynamoDB"; read 2026-11.
type expression struct {
	parameter string // ConditionExpression, for messages
	tokens    []string
	at        int
	names     map[string]string
	values    map[string]any
	used      map[string]bool // of both
	problem   *apiError
}

// words of an expression: names, placeholders, numbers, operators.
var words = regexp.MustCompile(`\s+|#[A-Za-z0-9_]+|:[A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|\d+|<>|<=|>=|.`)

// expressions are those of one request, which share their placeholders.
type expressions struct {
	names  map[string]string
	values map[string]any
	used   map[string]bool
}

func newExpressions(input map[string]any) (*expressions, *apiError) {
	e := &expressions{names: textMap(input["ExpressionAttributeNames"]), used: map[string]bool{}}
	e.values, _ = input["ExpressionAttributeValues"].(map[string]any)
	for _, value := range e.values {
		if err := checkValue(value); err != nil {
			return nil, invalid("ExpressionAttributeValues contains invalid value: %s", err.Message)
		}
	}
	return e, nil
}

func (e *expressions) read(parameter, text string) *expression {
	x := &expression{parameter: parameter, names: e.names, values: e.values, used: e.used}
	for _, token := range words.FindAllString(text, -1) {
		if strings.TrimSpace(token) != "" {
			x.tokens = append(x.tokens, token)
		}
	}
	return x
}

// unused refuses placeholders that no expression has.
func (e *expressions) unused() *apiError {
	var names, values []string
	for name := range e.names {
		if !e.used[name] {
			names = append(names, name)
		}
	}
	for name := range e.values {
		if !e.used[name] {
			values = append(values, name)
		}
	}
	slices.Sort(names)
	slices.Sort(values)
	switch {
	case len(names) > 0:
		return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", strings.Join(names, ", "))
	case len(values) > 0:
		return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", strings.Join(values, ", "))
	}
	return nil
}

func (x *expression) fail(format string, args ...any) {
	if x.problem == nil {
		x.problem = invalid("Invalid "+x.parameter+": "+format, args...)
	}
}

func (x *expression) peek() string {
	if x.at >= len(x.tokens) || x.problem != nil {
		return ""
	}
	return x.tokens[x.at]
}

func (x *expression) next() string {
	token := x.peek()
	x.at++
	return token
}

// take goes past a token, if it is the next one; words are written in either case.
func (x *expression) take(token string) bool {
	if strings.EqualFold(x.peek(), token) {
		x.at++
		return true
	}
	return false
}

func (x *expression) expect(token string) {
	if got := x.peek(); !x.take(token) {
		x.fail("Syntax error; token: %q, expected %q", orEnd(got), token)
	}
}

func orEnd(token string) string {
	if token == "" {
		return "<EOF>"
	}
	return token
}

// end refuses what follows.
func (x *expression) end() {
	if token := x.peek(); token != "" {
		x.fail("Syntax error; token: %q", token)
	}
}

// attributePath is where a value lies in an item: names of attributes, and indexes of lists.
type attributePath []any

// path reads one.
func (x *expression) path() attributePath {
	p := attributePath{x.name()}
	for {
		switch {
		case x.take("."):
			p = append(p, x.name())
		case x.take("["):
			index, err := strconv.Atoi(x.next())
			if err != nil {
				x.fail("Syntax error; an index is a number")
			}
			x.expect("]")
			p = append(p, index)
		default:
			return p
		}
	}
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (x *expression) name() string {
	token := x.next()
	if strings.HasPrefix(token, "#") {
		x.used[token] = true
		if name, ok := x.names[token]; ok {
			return name
		}
		x.fail("An expression attribute name used in the document path is not defined; attribute name: %s", token)
		return ""
	}
	switch {
	case !plainName.MatchString(token):
		x.fail("Syntax error; token: %q, expected the name of an attribute", orEnd(token))
	case reserved()[strings.ToUpper(token)]:
		x.fail("Attribute name is a reserved keyword; reserved keyword: %s", token)
	}
	return token
}

// value reads a placeholder of a value.
func (x *expression) value() any {
	token := x.next()
	x.used[token] = true
	value, ok := x.values[token]
	if !ok {
		x.fail("An expression attribute value used in expression is not defined; attribute value: %s", orEnd(token))
	}
	return value
}

// in finds what lies at a path.
func (p attributePath) in(item dynamoItem) (any, bool) {
	var value any = map[string]any{"M": map[string]any(item)}
	for _, step := range p {
		_, held := kindOf(value)
		switch step := step.(type) {
		case string:
			fields, _ := held.(map[string]any)
			found, ok := fields[step]
			if !ok {
				return nil, false
			}
			value = found
		case int:
			kind, _ := kindOf(value)
			list := asAny(held)
			if kind != "L" || step >= len(list) {
				return nil, false
			}
			value = list[step]
		}
	}
	return value, true
}
