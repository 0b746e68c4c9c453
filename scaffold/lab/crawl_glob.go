package lab

import (
	"errors"
	"regexp"
	"strings"
)

// compileGlob makes a regular expression of an exclude pattern, which is relative to the include path.
// Source: AWS Glue Developer Guide, "Include and exclude patterns", read 2026-11.
func compileGlob(pattern string) (*regexp.Regexp, error) {
	var out strings.Builder
	out.WriteString(`\A(?s:`)
	group := false
	for i := 0; i < len(pattern); i++ {
		switch b := pattern[i]; b {
		case '*':
			if strings.HasPrefix(pattern[i:], "**") {
				out.WriteString(".*")
				i++
			} else {
				out.WriteString("[^/]*")
			}
		case '?':
			out.WriteString("[^/]")
		case '\\':
			i++
			if i == len(pattern) {
				return nil, errors.New("a backslash ends it, expected a character that it escapes")
			}
			out.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case '[':
			end := bracketEnd(pattern, i)
			if end < 0 {
				return nil, errors.New("a bracket is not closed")
			}
			out.WriteString(bracket(pattern[i+1 : end]))
			i = end
		case '{':
			if group {
				return nil, errors.New("a group is in a group, and they cannot be nested")
			}
			group = true
			out.WriteString("(?:")
		case '}':
			if !group {
				return nil, errors.New("a brace is closed that was not opened")
			}
			group = false
			out.WriteByte(')')
		case ',':
			if group {
				out.WriteByte('|')
			} else {
				out.WriteByte(',')
			}
		default:
			if b < 0x80 {
				out.WriteString(regexp.QuoteMeta(string(b)))
			} else {
				out.WriteByte(b) // a part of a longer character
			}
		}
	}
	if group {
		return nil, errors.New("a brace is not closed")
	}
	out.WriteString(`)\z`)
	return regexp.Compile(out.String())
}

// bracketEnd is where a bracket expression ends: one that closes at once is a member.
func bracketEnd(pattern string, from int) int {
	start := from + 1
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
