package asl

import (
	"fmt"
	"regexp"
	"strings"
)

// filterStep reads the rest of [?(...) up to the bracket.
func (p *pathParser) filterStep() (step, error) {
	p.space()
	if p.peek() != '(' {
		return step{}, p.fail("expected '(' after '?'")
	}
	condition, err := p.operandFilter()
	return step{kind: stepFilter, filter: condition}, err
}

func (p *pathParser) or() (filter, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, p.fail("the filter is nested deeper than %d", maxFilterDepth)
	}
	defer func() { p.depth-- }()
	var parts anyOf
	for {
		part, err := p.and()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if !p.token("||") {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

func (p *pathParser) and() (filter, error) {
	var parts allOf
	for {
		part, err := p.operandFilter()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if !p.token("&&") {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

func (p *pathParser) token(token string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *pathParser) operandFilter() (filter, error) {
	p.space()
	negated := false
	for p.peek() == '!' {
		p.at++
		p.space()
		negated = !negated
	}
	var condition filter
	var err error
	if p.accept('(') {
		condition, err = p.or()
		if err == nil && !p.token(")") {
			err = p.fail("expected ')'")
		}
	} else {
		condition, err = p.expression()
	}
	if err == nil && negated {
		condition = negate{condition}
	}
	return condition, err
}

var (
	symbols = []string{"===", "!==", "==", "!=", "<=", ">=", "=~", "<", ">"}
	words   = []string{"NIN", "IN", "CONTAINS", "ALL", "SIZE", "EMPTY", "SUBSETOF", "ANYOF", "NONEOF"}
)

func (p *pathParser) expression() (filter, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	operator := p.operator()
	if operator == "" {
		if left.path == nil {
			return nil, p.fail("expected an operator after the value")
		}
		return exists{left}, nil
	}
	f := comparison{left: left, operator: operator}
	p.space()
	if operator == "=~" {
		f.regex, err = p.regex()
		return f, err
	}
	f.right, err = p.operand()
	return f, err
}

func (p *pathParser) operator() string {
	p.space()
	for _, symbol := range symbols {
		if p.token(symbol) {
			return symbol
		}
	}
	rest := p.text[p.at:]
	for _, word := range words {
		if len(rest) > len(word) && strings.EqualFold(rest[:len(word)], word) && !isNamePart(rest[len(word)]) {
			p.at += len(word)
			return word
		}
	}
	return ""
}

func (p *pathParser) operand() (operand, error) {
	p.space()
	switch c := p.peek(); c {
	case '@', '$':
		p.at++
		start := p.at
		steps, err := p.steps()
		path := &Path{text: string(c) + p.text[start:p.at]}
		path.setSteps(steps)
		return operand{path: path, fromRoot: c == '$'}, err
	case '\'', '"':
		text, err := p.quoted()
		return operand{literal: text}, err
	default:
		value, err := p.literal()
		return operand{literal: value}, err
	}
}

// literal reads a number, true, false, null, or a JSON array or object whose strings may stand in single quotes.
func (p *pathParser) literal() (any, error) {
	switch c := p.peek(); {
	case c == '[':
		return p.list()
	case c == '{':
		d := decoder{text: []byte(p.text), at: p.at}
		value, err := d.value(0)
		p.at = d.at
		return value, err
	case c == '\'' || c == '"':
		return p.quoted()
	case c == '-' || c >= '0' && c <= '9':
		d := decoder{text: []byte(p.text), at: p.at}
		value, err := d.number()
		p.at = d.at
		return value, err
	}
	for word, value := range map[string]any{"true": true, "false": false, "null": nil} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			return value, nil
		}
	}
	return nil, p.fail("expected a path, a string, a number, true, false, null or an array")
}

func (p *pathParser) list() (any, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, p.fail("the array is nested deeper than %d", maxFilterDepth)
	}
	defer func() { p.depth-- }()
	p.at++
	items := []any{}
	for p.space(); !p.accept(']'); p.space() {
		if len(items) > 0 {
			if !p.accept(',') {
				return nil, p.fail("expected ',' or ']'")
			}
			p.space()
		}
		item, err := p.literal()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// regex reads /pattern/flags. As in Java the whole text has to match.
func (p *pathParser) regex() (*regexp.Regexp, error) {
	if !p.accept('/') {
		return nil, p.fail("expected a regular expression between slashes after =~")
	}
	var pattern strings.Builder
	for p.at < len(p.text) && p.text[p.at] != '/' {
		if p.text[p.at] == '\\' && p.at+1 < len(p.text) {
			if p.text[p.at+1] != '/' {
				pattern.WriteByte('\\')
			}
			p.at++
		}
		pattern.WriteByte(p.text[p.at])
		p.at++
	}
	if !p.accept('/') {
		return nil, p.fail("the regular expression is not closed")
	}
	flags := ""
	for isNameStart(p.text[p.at:]) {
		flag := p.peek()
		if !strings.ContainsRune("ims", rune(flag)) {
			return nil, p.fail("the flag %q of a regular expression is not supported: i, m and s are", flag)
		}
		if !strings.Contains(flags, string(flag)) {
			flags += string(flag)
		}
		p.at++
	}
	if flags != "" {
		flags = "(?" + flags + ")"
	}
	compiled, err := regexp.Compile(flags + `\A(?:` + pattern.String() + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("the regular expression /%s/: %w", pattern.String(), err)
	}
	return compiled, nil
}
