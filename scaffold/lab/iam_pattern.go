package lab

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Wildcards in a compiled pattern: bytes that no UTF-8 text has, so that a * that came from a variable stays a plain character.
const (
	wildcardAny        = '\xff' // any characters, or none
	wildcardOne        = '\xfe' // one character
	wildcardSegment    = '\xfd' // any characters but colons, or none
	wildcardSegmentOne = '\xfc' // one character but a colon
)

// arnColons is how many colons stand before the last part of an ARN, in which colons are ordinary characters.
// Source: AWS General Reference, "Amazon Resource Names (ARNs)", read 2026-11.
const arnColons = 5

// wildcardRetry is where to go on after a wildcard that takes one character more than last time.
type wildcardRetry struct {
	pattern, text int
	open          bool
}

// more takes one character more; false when there is none that it may take.
func (r *wildcardRetry) more(text string, overColons bool) bool {
	if !r.open || r.text >= len(text) || !overColons && text[r.text] == ':' {
		return false
	}
	r.text += characterAt(text, r.text)
	return true
}

// wildcardMatch says whether the whole text matches a compiled pattern. Only the last wildcard of each kind is retried: an earlier one
// that took more would leave less to all that follow.
func wildcardMatch(pattern, text string) bool {
	if len(pattern) == 1 && pattern[0] == wildcardAny {
		return true
	}
	var anywhere, within wildcardRetry
	p, t := 0, 0
	for p < len(pattern) || t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == wildcardAny:
			p++
			anywhere, within = wildcardRetry{p, t, true}, wildcardRetry{}
		case p < len(pattern) && pattern[p] == wildcardSegment:
			p++
			within = wildcardRetry{p, t, true}
		case p < len(pattern) && t < len(text) && matchesOne(pattern[p], text[t]):
			size := 1
			if pattern[p] != text[t] {
				size = characterAt(text, t)
			}
			p, t = p+1, t+size
		case within.more(text, false):
			p, t = within.pattern, within.text
		case anywhere.more(text, true):
			p, t, within = anywhere.pattern, anywhere.text, wildcardRetry{}
		default:
			return false
		}
	}
	return true
}

// matchesOne says whether a byte of the pattern, or a wildcard for one character, matches there.
func matchesOne(pattern, text byte) bool {
	switch pattern {
	case wildcardOne:
		return true
	case wildcardSegmentOne:
		return text != ':'
	}
	return pattern == text
}

// characterAt is the length of the character that begins there.
func characterAt(text string, at int) int {
	_, size := utf8.DecodeRuneInString(text[at:])
	return size
}

// policyText is a text of a policy, in which wildcards and variables may stand.
type policyText struct {
	written string
	pieces  []policyPiece
	plain   bool   // it has no variables: its only piece is the pattern
	start   string // of a plain text: what stands before its first wildcard
}

// policyPiece is a compiled pattern, or a variable that the request fills.
type policyPiece struct {
	pattern  string
	variable string // the condition key in lower case; empty for a pattern
	fallback string // what stands for it in a request without the key
	certain  bool   // it has a fallback
}

// Which wildcards a text of a policy may have.
const (
	noWildcards  = iota
	anyWildcards // * and ? stand for any characters
	arnWildcards // like anyWildcards, but ?, and a * within a part of an ARN, stay in that part
)

// compilePolicyText reads a text. Variables exist since version 2012-10-17 of the policy language; before, they are plain texts.
// Source: IAM User Guide, "IAM policy elements: Variables and tags", read 2026-11.
func compilePolicyText(written string, wildcards int, variables bool) (policyText, error) {
	text := policyText{written: written, plain: true}
	var pattern strings.Builder
	colons := 0
	for rest := written; rest != ""; {
		if variables && strings.HasPrefix(rest, "${") {
			inside, after, closed := strings.Cut(rest[2:], "}")
			if !closed {
				return text, fmt.Errorf("got the variable %q, which nothing closes, expected }", rest)
			}
			rest = after
			if inside == "*" || inside == "?" || inside == "$" {
				pattern.WriteString(inside)
				continue
			}
			variable, err := readPolicyVariable(inside)
			if err != nil {
				return text, err
			}
			text.plain = false
			text.pieces = append(text.pieces, policyPiece{pattern: pattern.String()}, variable)
			pattern.Reset()
			continue
		}
		if rest[0] == ':' {
			colons++
		}
		pattern.WriteByte(compileWildcard(rest, wildcards, colons))
		rest = rest[1:]
	}
	text.pieces = append(text.pieces, policyPiece{pattern: pattern.String()})
	if text.plain {
		text.start = pattern.String()
		if first := strings.IndexFunc(text.start, isWildcard); first >= 0 {
			text.start = text.start[:first]
		}
	}
	return text, nil
}

// compileWildcard is the first byte of the rest of a text: itself, or a wildcard. So many colons stood before it.
func compileWildcard(rest string, wildcards, colons int) byte {
	within := wildcards == arnWildcards && colons < arnColons
	switch {
	case wildcards == noWildcards:
	case rest[0] == '*' && within && len(rest) > 1 && rest[1] != ':':
		return wildcardSegment
	case rest[0] == '*':
		return wildcardAny
	case rest[0] == '?' && within:
		return wildcardSegmentOne
	case rest[0] == '?':
		return wildcardOne
	}
	return rest[0]
}

// isWildcard is for the bytes of wildcards, which are no UTF-8.
func isWildcard(character rune) bool { return character == utf8.RuneError }

// readPolicyVariable reads what stands between ${ and }: a condition key, and a default in quotes.
func readPolicyVariable(inside string) (policyPiece, error) {
	key, fallback, certain := strings.Cut(inside, ",")
	piece := policyPiece{variable: strings.ToLower(strings.TrimSpace(key)), certain: certain}
	if !strings.Contains(piece.variable, ":") {
		return piece, fmt.Errorf("got the variable ${%s}, expected a condition key such as ${aws:PrincipalAccount}", inside)
	}
	if !certain {
		return piece, nil
	}
	fallback = strings.TrimSpace(fallback)
	if len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
		return piece, fmt.Errorf("got the variable ${%s}, expected its default in single quotes", inside)
	}
	piece.fallback = fallback[1 : len(fallback)-1]
	return piece, nil
}

// fill is the pattern with the values of the request in it; false when the request lacks one, because then nothing matches.
// A key of several values is no variable.
func (t *policyText) fill(context *policyContext) (string, bool) {
	if t.plain {
		return t.pieces[0].pattern, true
	}
	var filled strings.Builder
	for _, piece := range t.pieces {
		if piece.variable == "" {
			filled.WriteString(piece.pattern)
			continue
		}
		switch values := context.values(piece.variable); {
		case len(values) == 1:
			filled.WriteString(strings.ToValidUTF8(values[0], "\ufffd"))
		case piece.certain:
			filled.WriteString(piece.fallback)
		default:
			return "", false
		}
	}
	return filled.String(), true
}

func (t *policyText) matches(context *policyContext, text string) bool {
	if !t.plain {
		pattern, ok := t.fill(context)
		return ok && wildcardMatch(pattern, text)
	}
	if !strings.HasPrefix(text, t.start) { // decides about most texts
		return false
	}
	return wildcardMatch(t.pieces[0].pattern[len(t.start):], text[len(t.start):])
}

// anyMatches says whether one of the texts matches.
func anyMatches(texts []policyText, context *policyContext, text string) bool {
	for i := range texts {
		if texts[i].matches(context, text) {
			return true
		}
	}
	return false
}

// compileResource reads a resource. An ARN with missing parts is completed by wildcards.
// Source: IAM User Guide, "IAM JSON policy elements: Resource" (a * at the end of a part may go beyond its colon), read 2026-11.
func compileResource(written string, variables bool) (policyText, error) {
	if written != "*" && !strings.HasPrefix(written, "arn:") {
		return policyText{}, fmt.Errorf("got the resource %q, expected an ARN or *", written)
	}
	complete := written
	for written != "*" && strings.Count(complete, ":") < arnColons {
		complete += ":*"
	}
	text, err := compilePolicyText(complete, arnWildcards, variables)
	text.written = written
	return text, err
}

// compileAction reads an action: case does not matter in it, and no variables stand in it.
func compileAction(written string) (policyText, error) {
	if service, name, ok := strings.Cut(written, ":"); written != "*" && (!ok || name == "" || !isServicePrefix(service)) {
		return policyText{}, fmt.Errorf("got the action %q, expected one such as s3:GetObject", written)
	}
	text, err := compilePolicyText(strings.ToLower(written), anyWildcards, false)
	text.written = written
	return text, err
}

func isServicePrefix(service string) bool {
	return service != "" && strings.Trim(strings.ToLower(service), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// arnText is an ARN in a condition: each of its six parts is matched for itself.
// Source: IAM User Guide, "IAM JSON policy elements: Condition operators" (ARN operators), read 2026-11.
type arnText struct{ parts [arnColons + 1]policyText }

func compileArn(written string, variables bool) (*arnText, error) {
	if written == "*" {
		written = "*:*:*:*:*:*"
	}
	parts := splitArn(written)
	if len(parts) != arnColons+1 {
		return nil, errors.New("expected an ARN of six parts")
	}
	var arn arnText
	for i, part := range parts {
		var err error
		if arn.parts[i], err = compilePolicyText(part, anyWildcards, variables); err != nil {
			return nil, err
		}
	}
	return &arn, nil
}

func (a *arnText) matches(context *policyContext, text string) bool {
	parts := strings.SplitN(text, ":", arnColons+1)
	if len(parts) != arnColons+1 {
		return false
	}
	for i := range parts {
		if !a.parts[i].matches(context, parts[i]) {
			return false
		}
	}
	return true
}

// splitArn splits at the first five colons that are not in a variable.
func splitArn(written string) []string {
	var parts []string
	depth, start := 0, 0
	for i := 0; i < len(written) && len(parts) < arnColons; i++ {
		switch written[i] {
		case '{':
			depth++
		case '}':
			depth--
		case ':':
			if depth == 0 {
				parts = append(parts, written[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, written[start:])
}
