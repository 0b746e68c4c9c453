package asl

import (
	"fmt"
	"slices"
	"strings"
)

// scan finds the variables that an expression reads, and the operators that came after JSONata 2.0.6, which the service
// does not know.
func (j *jsonataExpr) scan() error {
	s := jsonataScanner{text: j.source}
	for s.next() {
		switch {
		case s.token == "??" || s.token == "?:":
			return fmt.Errorf("the JSONata expression %q: the operator %s is not in JSONata 2.0.6, which the service runs", j.source, s.token)
		case s.token == "$states":
			j.states |= s.part()
		case len(s.token) > 1 && s.token[0] == '$' && s.token != "$$":
			if name := s.token[1:]; !slices.Contains(j.names, name) {
				j.names = append(j.names, name)
			}
		}
	}
	j.setPath()
	return nil
}

// setPath recognizes $name.a.b, which needs no engine.
func (j *jsonataExpr) setPath() {
	parts := strings.Split(j.source, ".")
	if len(parts[0]) < 2 || parts[0][0] != '$' {
		return
	}
	parts[0] = parts[0][1:]
	for _, part := range parts {
		if !isNameStart(part) || strings.IndexFunc(part, func(r rune) bool { return r < 128 && !isNamePart(byte(r)) }) >= 0 ||
			part == "and" || part == "or" || part == "in" {
			return
		}
	}
	j.variable, j.path = parts[0], parts[1:]
}

type jsonataScanner struct {
	text  string
	at    int
	token string
	infix bool // the last token was a value, so that a slash divides
}

// next reads a token: a name, $name, an operator; strings, comments and regular expressions give the token "".
func (s *jsonataScanner) next() bool {
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n\v", s.text[s.at]) >= 0 {
		s.at++
	}
	if s.at >= len(s.text) {
		return false
	}
	start := s.at
	c := s.text[s.at]
	s.token = ""
	switch {
	case strings.HasPrefix(s.text[s.at:], "/*"):
		s.skipTo("*/", 2)
	case c == '"' || c == '\'' || c == '`':
		s.quoted(c)
		s.infix = true
	case c == '/' && !s.infix:
		s.quoted(c)
		s.infix = true
	case c == '$' || isNamePart(c):
		s.at++
		for s.at < len(s.text) && (isNamePart(s.text[s.at]) || c == '$' && s.at == start+1 && s.text[s.at] == '$') {
			s.at++
		}
		s.token = s.text[start:s.at]
		s.infix = s.token != "and" && s.token != "or" && s.token != "in"
	default:
		s.at++
		if rest := s.text[start:]; strings.HasPrefix(rest, "??") || strings.HasPrefix(rest, "?:") {
			s.at++
		}
		s.token = s.text[start:s.at]
		s.infix = c == ')' || c == ']' || c == '}'
	}
	return true
}

func (s *jsonataScanner) skipTo(end string, from int) {
	s.at += from
	if i := strings.Index(s.text[s.at:], end); i >= 0 {
		s.at += i + len(end)
		return
	}
	s.at = len(s.text)
}

func (s *jsonataScanner) quoted(quote byte) {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case quote:
			s.at++
			return
		case '\\':
			if quote != '`' {
				s.at++
			}
		}
	}
	s.at = len(s.text)
}

// part reads which field of $states follows.
func (s *jsonataScanner) part() statesPart {
	rest := strings.TrimLeft(s.text[s.at:], " \t\r\n")
	name, ok := strings.CutPrefix(rest, ".")
	if !ok {
		return statesAll
	}
	name = strings.TrimLeft(name, " \t\r\n")
	end := 0
	for end < len(name) && isNamePart(name[end]) {
		end++
	}
	if part, ok := statesParts[name[:end]]; ok {
		return part
	}
	return statesAll
}
