package asl

import (
	"fmt"
	"strings"
)

// callParser reads States.Name(argument, ...).
// Source: Amazon States Language specification, "Intrinsic Functions".
type callParser struct {
	text string
	at   int
}

func (p *callParser) fail(format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", p.at, fmt.Sprintf(format, args...))
}

func (p *callParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *callParser) space() {
	for p.peek() == ' ' || p.peek() == '\t' || p.peek() == '\n' || p.peek() == '\r' {
		p.at++
	}
}

func (p *callParser) call(depth int) (*call, error) {
	if depth > maxCallDepth {
		return nil, p.fail("intrinsic functions stand in one another more than %d deep", maxCallDepth)
	}
	start := p.at
	for p.peek() == '.' || isNamePart(p.peek()) {
		p.at++
	}
	name := p.text[start:p.at]
	function, ok := intrinsics[name]
	if !ok {
		return nil, p.fail("the intrinsic function %q does not exist", name)
	}
	p.space()
	if p.peek() != '(' {
		return nil, p.fail("expected '(' after %s", name)
	}
	p.at++
	c := &call{function: function}
	for p.space(); p.peek() != ')'; p.space() {
		if len(c.args) > 0 {
			if p.peek() != ',' {
				return nil, p.fail("expected ',' or ')'")
			}
			p.at++
			p.space()
		}
		arg, err := p.argument(depth, name == "States.Format" && len(c.args) == 0)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
	}
	p.at++
	if len(c.args) < function.min || function.max >= 0 && len(c.args) > function.max {
		return nil, p.fail("%s got %d arguments, expected %s", name, len(c.args), function.arity())
	}
	return c, nil
}

func (p *callParser) argument(depth int, isTemplate bool) (argument, error) {
	switch c := p.peek(); {
	case c == '\'':
		return p.literalString(isTemplate)
	case c == '$':
		path, err := CompilePath(p.pathText())
		return argument{path: path}, err
	case c == '-' || c >= '0' && c <= '9':
		d := decoder{text: []byte(p.text), at: p.at}
		value, err := d.number()
		p.at = d.at
		return argument{literal: value}, err
	case strings.HasPrefix(p.text[p.at:], "States."):
		nested, err := p.call(depth + 1)
		return argument{call: nested}, err
	}
	start := p.at
	for isNamePart(p.peek()) {
		p.at++
	}
	switch p.text[start:p.at] {
	case "true":
		return argument{literal: true}, nil
	case "false":
		return argument{literal: false}, nil
	case "null":
		return argument{}, nil
	}
	return argument{}, p.fail("expected a string in single quotes, a number, true, false, null, a path or a call")
}

// pathText reads up to the comma or parenthesis that ends the argument, past those in brackets, quotes and calls.
func (p *callParser) pathText() string {
	start, nesting := p.at, 0
	var quote byte
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		switch {
		case quote != 0:
			switch c {
			case '\\':
				p.at++
			case quote:
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '[' || c == '(':
			nesting++
		case nesting > 0 && (c == ']' || c == ')'):
			nesting--
		case nesting == 0 && (c == ',' || c == ')'):
			return strings.TrimSpace(p.text[start:p.at])
		}
	}
	p.at = min(p.at, len(p.text))
	return strings.TrimSpace(p.text[start:p.at])
}

// literalString reads '...'. The only escapes are \', \\, \{ and \}. The braces of a template stay escaped, because
// States.Format has to tell \{\} from a place for an argument.
func (p *callParser) literalString(isTemplate bool) (argument, error) {
	p.at++
	var b strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch c {
		case '\'':
			if isTemplate {
				return argument{literal: template(b.String())}, nil
			}
			return argument{literal: b.String()}, nil
		case '\\':
			next := p.peek()
			if next == 0 || !strings.ContainsRune(`'\{}`, rune(next)) {
				return argument{}, p.fail(`got the escape \%c, expected one of \' \\ \{ \}`, next)
			}
			p.at++
			if isTemplate && next != '\'' {
				b.WriteByte('\\')
			}
			b.WriteByte(next)
		default:
			b.WriteByte(c)
		}
	}
	return argument{}, p.fail("the string is not closed")
}
