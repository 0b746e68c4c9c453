package pattern

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// bad is the position that the scanning functions return for text that is not JSON. What is wrong is found out afterwards, by
// encoding/json, because it is needed only then.
const bad = -1

func skipSpace(d []byte, i int) int {
	for i < len(d) && (d[i] == ' ' || d[i] == '\n' || d[i] == '\t' || d[i] == '\r') {
		i++
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks the bytes of x that may end the plain part of a string: a quote, a backslash, a control character. Only the
// lowest mark is exact, and only that one is used.
func special(x uint64) uint64 {
	quote, slash := x^(ones*'"'), x^(ones*'\\')
	return ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*0x20)&^x) & highs
}

// stringEnd returns where the string ends whose opening quote is at i, as the position of its closing quote, and whether it
// has escapes.
func stringEnd(d []byte, i int) (end int, escaped bool) {
	i++
	for {
		for i+8 <= len(d) {
			mark := special(binary.LittleEndian.Uint64(d[i:]))
			if mark != 0 {
				i += bits.TrailingZeros64(mark) >> 3
				break
			}
			i += 8
		}
		for i < len(d) && d[i] != '"' && d[i] != '\\' && d[i] >= 0x20 {
			i++
		}
		if i >= len(d) || d[i] < 0x20 {
			return bad, escaped
		}
		if d[i] == '"' {
			return i, escaped
		}
		escaped = true
		if i = escapeEnd(d, i); i == bad {
			return bad, escaped
		}
	}
}

// escapeEnd returns the position after the escape that starts at i.
func escapeEnd(d []byte, i int) int {
	if i+1 >= len(d) {
		return bad
	}
	switch d[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if _, ok := hex4(d, i+2); ok {
			return i + 6
		}
	}
	return bad
}

func hex4(d []byte, i int) (rune, bool) {
	if i+4 > len(d) {
		return 0, false
	}
	var r rune
	for _, c := range d[i : i+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// unescape appends the text of a string, given without its quotes and known to be well formed, to buffer.
func unescape(buffer, s []byte) []byte {
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			buffer = append(buffer, s[i])
			i++
			continue
		}
		switch c := s[i+1]; c {
		case 'b':
			buffer = append(buffer, '\b')
		case 'f':
			buffer = append(buffer, '\f')
		case 'n':
			buffer = append(buffer, '\n')
		case 'r':
			buffer = append(buffer, '\r')
		case 't':
			buffer = append(buffer, '\t')
		case 'u':
			r, size := unicodeEscape(s, i)
			buffer = utf8.AppendRune(buffer, r)
			i += size
			continue
		default:
			buffer = append(buffer, c)
		}
		i += 2
	}
	return buffer
}

// unicodeEscape reads \uXXXX, or a pair of surrogates, at i. Half a pair is no character.
func unicodeEscape(s []byte, i int) (r rune, size int) {
	r, _ = hex4(s, i+2)
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if i+12 <= len(s) && s[i+6] == '\\' && s[i+7] == 'u' {
		if second, ok := hex4(s, i+8); ok {
			if pair := utf16.DecodeRune(r, second); pair != utf8.RuneError {
				return pair, 12
			}
		}
	}
	return utf8.RuneError, 6
}

// numberEnd returns the position after the number at i.
func numberEnd(d []byte, i int) int {
	if i < len(d) && d[i] == '-' {
		i++
	}
	switch {
	case i >= len(d) || d[i] < '0' || d[i] > '9':
		return bad
	case d[i] == '0':
		i++
	default:
		i = digits(d, i)
	}
	if i < len(d) && d[i] == '.' {
		start := i + 1
		if i = digits(d, start); i == start {
			return bad
		}
	}
	if i < len(d) && (d[i] == 'e' || d[i] == 'E') {
		i++
		if i < len(d) && (d[i] == '+' || d[i] == '-') {
			i++
		}
		start := i
		if i = digits(d, start); i == start {
			return bad
		}
	}
	return i
}

func digits(d []byte, i int) int {
	for i < len(d) && d[i] >= '0' && d[i] <= '9' {
		i++
	}
	return i
}

// literalEnd returns the position after true, false or null at i.
func literalEnd(d []byte, i int) int {
	for _, literal := range [...]string{"true", "false", "null"} {
		if len(d)-i >= len(literal) && string(d[i:i+len(literal)]) == literal {
			return i + len(literal)
		}
	}
	return bad
}

// skipValue returns the position after the value at i, of which nothing is needed.
func skipValue(d []byte, i, depth int) int {
	if i >= len(d) {
		return bad
	}
	switch d[i] {
	case '"':
		end, _ := stringEnd(d, i)
		if end == bad {
			return bad
		}
		return end + 1
	case '{', '[':
		return skipContainer(d, i, depth)
	case 't', 'f', 'n':
		return literalEnd(d, i)
	}
	return numberEnd(d, i)
}

func skipContainer(d []byte, i, depth int) int {
	if depth >= MaxDepth {
		return bad
	}
	object := d[i] == '{'
	closing := d[i] + 2 // in ASCII, for both kinds
	if i = skipSpace(d, i+1); i < len(d) && d[i] == closing {
		return i + 1
	}
	for {
		if object {
			if _, _, i = key(d, i); i == bad {
				return bad
			}
		}
		if i = skipValue(d, i, depth+1); i == bad {
			return bad
		}
		var more bool
		if i, more = next(d, i, closing); !more {
			return i
		}
	}
}

// key reads the name of a member and its colon; it returns the name as written, without quotes, and where the value starts.
func key(d []byte, i int) (name []byte, escaped bool, after int) {
	if i >= len(d) || d[i] != '"' {
		return nil, false, bad
	}
	end, escaped := stringEnd(d, i)
	if end == bad {
		return nil, false, bad
	}
	name = d[i+1 : end]
	if i = skipSpace(d, end+1); i >= len(d) || d[i] != ':' {
		return nil, false, bad
	}
	return name, escaped, skipSpace(d, i+1)
}

// next goes from the end of an element to the start of the next one, or past the closing bracket.
func next(d []byte, i int, closing byte) (after int, more bool) {
	if i = skipSpace(d, i); i >= len(d) {
		return bad, false
	}
	switch d[i] {
	case ',':
		return skipSpace(d, i+1), true
	case closing:
		return i + 1, false
	}
	return bad, false
}
