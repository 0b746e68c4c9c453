package lab

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// logPattern is a condition on a line of JSON.
// Source: Amazon CloudWatch Logs User Guide, "Using filter patterns to match terms in JSON log events", read 2026-11.
type logPattern interface {
	matches(line map[string]any) bool
}

type (
	anyLine struct{}
	allOf   []logPattern
	oneOf   []logPattern
	field   struct {
		path  []string
		holds func(value any, there bool) bool
	}
)

func (anyLine) matches(map[string]any) bool { return true }

func (all allOf) matches(line map[string]any) bool {
	for _, p := range all {
		if !p.matches(line) {
			return false
		}
	}
	return true
}

func (one oneOf) matches(line map[string]any) bool {
	for _, p := range one {
		if p.matches(line) {
			return true
		}
	}
	return false
}

func (f field) matches(line map[string]any) bool {
	value := fieldOf(line, f.path)
	return f.holds(value, value != missing)
}

// missing is the value of a field that is not there, which differs from null.
var missing any = struct{}{}

func fieldOf(line map[string]any, path []string) any {
	var value any = line
	for _, name := range path {
		object, _ := value.(map[string]any)
		var ok bool
		if value, ok = object[name]; !ok {
			return missing
		}
	}
	return value
}

// logTokens are those of a pattern: a text in quotes, an operator, a bracket, or a word.
var logTokens = regexp.MustCompile(`\s*("(?:[^"\\]|\\.)*"|&&|\|\||!=|<=|>=|[=<>(){}]|[^\s"&|!<>=(){}]+)`)

// patternReader reads a pattern from left to right.
type patternReader struct {
	tokens []string
	at     int
}

// parseLogPattern reads a pattern for lines of JSON, or the empty one. Patterns of words and of columns are refused: the lab does not
// have the lines that Lambda itself writes, which such patterns are often about.
func parseLogPattern(written string) (logPattern, error) {
	text := strings.TrimSpace(written)
	if text == "" {
		return anyLine{}, nil
	}
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		return nil, fmt.Errorf("got the pattern %q, expected one for JSON, such as { $.level = \"ERROR\" }", written)
	}
	r := &patternReader{}
	for text != "" {
		found := logTokens.FindStringSubmatchIndex(text)
		if found == nil || found[0] != 0 {
			return nil, fmt.Errorf("pattern %q: got %.20q", written, text)
		}
		r.tokens = append(r.tokens, text[found[2]:found[3]])
		text = strings.TrimSpace(text[found[1]:])
	}
	r.at = 1
	pattern, err := r.either()
	if err == nil && (r.next() != "}" || r.at != len(r.tokens)) {
		err = fmt.Errorf("got %q after its end", r.tokens[min(r.at, len(r.tokens)-1)])
	}
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", written, err)
	}
	return pattern, nil
}

func (r *patternReader) peek() string {
	if r.at < len(r.tokens) {
		return r.tokens[r.at]
	}
	return ""
}

func (r *patternReader) next() string {
	token := r.peek()
	r.at++
	return token
}

// either reads conditions of which one must hold; && binds closer.
func (r *patternReader) either() (logPattern, error) {
	var all oneOf
	for {
		pattern, err := r.both()
		if err != nil {
			return nil, err
		}
		all = append(all, pattern)
		if r.peek() != "||" {
			return all, nil
		}
		r.next()
	}
}

func (r *patternReader) both() (logPattern, error) {
	var all allOf
	for {
		pattern, err := r.condition()
		if err != nil {
			return nil, err
		}
		all = append(all, pattern)
		if r.peek() != "&&" {
			return all, nil
		}
		r.next()
	}
}

func (r *patternReader) condition() (logPattern, error) {
	if r.peek() == "(" {
		r.next()
		inner, err := r.either()
		if err == nil && r.next() != ")" {
			err = fmt.Errorf("a bracket is not closed")
		}
		return inner, err
	}
	selector := r.next()
	path, ok := strings.CutPrefix(selector, "$.")
	if !ok || strings.ContainsAny(path, "[]*'") {
		return nil, fmt.Errorf("got %q, expected a field such as $.level", selector)
	}
	operator := r.next()
	if operator == "IS" || operator == "NOT" {
		operator += " " + r.next()
	}
	holds, err := r.comparison(operator)
	return field{strings.Split(path, "."), holds}, err
}

func (r *patternReader) comparison(operator string) (func(value any, there bool) bool, error) {
	switch operator {
	case "IS TRUE":
		return func(value any, _ bool) bool { return value == true }, nil
	case "IS FALSE":
		return func(value any, _ bool) bool { return value == false }, nil
	case "IS NULL":
		return func(value any, _ bool) bool { return value == nil }, nil
	case "NOT EXISTS":
		return func(_ any, there bool) bool { return !there }, nil
	case "=", "!=", "<", ">", "<=", ">=":
	default:
		return nil, fmt.Errorf("got %q, expected =, !=, <, >, <=, >=, IS TRUE, IS FALSE, IS NULL or NOT EXISTS", operator)
	}
	written := r.next()
	if number, err := strconv.ParseFloat(written, 64); err == nil {
		return func(value any, _ bool) bool {
			got, ok := value.(float64)
			return ok && holdsOf(got, number, operator)
		}, nil
	}
	if operator != "=" && operator != "!=" || written == "" || strings.HasPrefix(written, "%") {
		return nil, fmt.Errorf("got %s %q, expected a number, or = and != with a text", operator, written)
	}
	if unquoted, err := strconv.Unquote(written); err == nil {
		written = unquoted
	}
	parts := strings.Split(written, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	like := regexp.MustCompile("^(?s:" + strings.Join(parts, ".*") + ")$")
	return func(value any, _ bool) bool {
		got, ok := value.(string)
		return ok && like.MatchString(got) == (operator == "=")
	}, nil
}

func holdsOf(got, want float64, operator string) bool {
	switch operator {
	case "=":
		return got == want
	case "!=":
		return got != want
	case "<":
		return got < want
	case ">":
		return got > want
	case "<=":
		return got <= want
	}
	return got >= want
}
