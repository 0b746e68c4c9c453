package lab

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

// compileGlob makes a regular expression of an exclude pattern, which is relative to the include path.
// Source: AWS Glue Developer Guide, "Include and exclude patterns", read 2026-11.
func compileGlob(pattern string) (*regexp.Regexp, error) {
	var g glob
	g.out.WriteString(`\A(?s:`)
	for rest := pattern; rest != ""; {
		length, err := g.next(rest)
		if err != nil {
			return nil, err
		}
		rest = rest[length:]
	}
	if g.group {
		return nil, errors.New("a brace is not closed")
	}
	g.out.WriteString(`)\z`)
	return regexp.Compile(g.out.String())
}

// glob is a pattern while it is translated.
type glob struct {
	out   strings.Builder
	group bool
}

// next translates what the rest begins with, and returns its length.
func (g *glob) next(rest string) (int, error) {
	switch rest[0] {
	case '*':
		if strings.HasPrefix(rest, "**") {
			g.out.WriteString(".*")
			return 2, nil
		}
		g.out.WriteString("[^/]*")
	case '?':
		g.out.WriteString("[^/]")
	case '\\':
		if len(rest) == 1 {
			return 0, errors.New("a backslash ends it, expected a character that it escapes")
		}
		return 1 + g.literal(rest[1:]), nil
	case '[':
		end := bracketEnd(rest)
		if end < 0 {
			return 0, errors.New("a bracket is not closed")
		}
		g.out.WriteString(bracket(rest[1:end]))
		return end + 1, nil
	case '{', '}':
		return 1, g.brace(rest[0] == '{')
	case ',':
		if !g.group {
			return g.literal(rest), nil
		}
		g.out.WriteByte('|')
	default:
		return g.literal(rest), nil
	}
	return 1, nil
}

// brace opens or closes a group of patterns.
func (g *glob) brace(opens bool) error {
	switch {
	case opens && g.group:
		return errors.New("a group is in a group, and they cannot be nested")
	case !opens && !g.group:
		return errors.New("a brace is closed that was not opened")
	}
	g.group = opens
	if opens {
		g.out.WriteString("(?:")
	} else {
		g.out.WriteByte(')')
	}
	return nil
}

// literal writes a character that stands for itself.
func (g *glob) literal(rest string) int {
	_, length := utf8.DecodeRuneInString(rest)
	g.out.WriteString(regexp.QuoteMeta(rest[:length]))
	return length
}

// bracketEnd is where the bracket expression at the beginning ends: a bracket that closes at once is a member.
func bracketEnd(pattern string) int {
	start := 1
	if strings.HasPrefix(pattern[start:], "!") {
		start++
	}
	if start >= len(pattern) {
		return -1
	}
	end := strings.IndexByte(pattern[start+1:], ']')
	if end < 0 {
		return -1
	}
	return start + 1 + end
}

// bracket writes a bracket expression for the regular expression. It never matches a slash, which a name has not.
func bracket(members string) string {
	negated := strings.HasPrefix(members, "!")
	members = strings.TrimPrefix(members, "!")
	escaped := strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "^", `\^`, "&", `\&`, "~", `\~`).Replace(members)
	if strings.HasPrefix(escaped, "-") {
		escaped = `\` + escaped // a member, and no range
	}
	if negated {
		return "[^/" + escaped + "]"
	}
	return "[" + escaped + "]"
}
