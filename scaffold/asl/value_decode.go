package asl

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth is how deep arrays and objects may nest.
// Source: com.fasterxml.jackson.core.StreamReadConstraints.DEFAULT_MAX_DEPTH, read 2026-11.
const maxJSONDepth = 1000

// SyntaxError is text that is not JSON.
type SyntaxError struct {
	Offset  int // bytes before the fault
	Problem string
}

// Error says where the fault is.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid JSON at byte %d: %s", e.Offset, e.Problem)
}

// Decode reads one JSON value. Of a repeated key the last value counts. The error is a *SyntaxError.
func Decode(text []byte) (any, error) {
	d := decoder{text: text}
	d.space()
	value, err := d.value(0)
	if err != nil {
		return nil, err
	}
	d.space()
	if d.at < len(d.text) {
		return nil, d.fail("got %q after the value, expected the end", d.text[d.at])
	}
	return value, nil
}

// DecodeString is Decode of a string.
func DecodeString(text string) (any, error) { return Decode([]byte(text)) }

type decoder struct {
	text []byte
	at   int
	keys map[string]string // the short keys so far: most objects repeat those of others
}

// longKey is the length from which a key is unlikely to be repeated.
const longKey = 32

// key reads a key. A key that was read before costs no memory.
func (d *decoder) key() (string, error) {
	for i := d.at + 1; i < len(d.text) && i <= d.at+longKey; i++ {
		c := d.text[i]
		if c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			break
		}
		if c != '"' {
			continue
		}
		raw := d.text[d.at+1 : i]
		d.at = i + 1
		if key, ok := d.keys[string(raw)]; ok {
			return key, nil
		}
		if d.keys == nil {
			d.keys = map[string]string{}
		}
		key := string(raw)
		if len(d.keys) < 1<<12 {
			d.keys[key] = key
		}
		return key, nil
	}
	return d.string()
}

func (d *decoder) fail(format string, args ...any) error {
	return &SyntaxError{Offset: d.at, Problem: fmt.Sprintf(format, args...)}
}

func (d *decoder) space() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

func (d *decoder) value(depth int) (any, error) {
	if d.at >= len(d.text) {
		return nil, d.fail("got the end of the text, expected a value")
	}
	switch c := d.text[d.at]; {
	case c == '{':
		return d.object(depth + 1)
	case c == '[':
		return d.array(depth + 1)
	case c == '"':
		return d.string()
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	case c == 't':
		return true, d.word("true")
	case c == 'f':
		return false, d.word("false")
	case c == 'n':
		return nil, d.word("null")
	default:
		return nil, d.fail("got %q, expected a value", c)
	}
}

func (d *decoder) word(word string) error {
	if !bytes.HasPrefix(d.text[d.at:], []byte(word)) {
		return d.fail("expected %s", word)
	}
	d.at += len(word)
	return nil
}

func (d *decoder) object(depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, d.fail("the value is nested deeper than %d", maxJSONDepth)
	}
	d.at++
	d.space()
	if d.at < len(d.text) && d.text[d.at] == '}' {
		d.at++
		return NewObject(), nil
	}
	object := newObjectSize(4)
	for {
		d.space()
		if d.at >= len(d.text) || d.text[d.at] != '"' {
			return nil, d.fail("expected a key in double quotes")
		}
		key, err := d.key()
		if err != nil {
			return nil, err
		}
		d.space()
		if d.at >= len(d.text) || d.text[d.at] != ':' {
			return nil, d.fail("expected ':' after the key %q", key)
		}
		d.at++
		d.space()
		value, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		object.Set(key, value)
		if done, err := d.next('}'); done || err != nil {
			return object, err
		}
	}
}

func (d *decoder) array(depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, d.fail("the value is nested deeper than %d", maxJSONDepth)
	}
	d.at++
	items := []any{}
	d.space()
	if d.at < len(d.text) && d.text[d.at] == ']' {
		d.at++
		return items, nil
	}
	for {
		d.space()
		value, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		items = append(items, value)
		if done, err := d.next(']'); done || err != nil {
			return items, err
		}
	}
}

// next reads the comma before another member, or the end.
func (d *decoder) next(end byte) (done bool, err error) {
	d.space()
	if d.at >= len(d.text) {
		return false, d.fail("got the end of the text, expected ',' or '%c'", end)
	}
	c := d.text[d.at]
	if c != ',' && c != end {
		return false, d.fail("got %q, expected ',' or '%c'", c, end)
	}
	d.at++
	return c == end, nil
}

func (d *decoder) string() (string, error) {
	d.at++
	start := d.at
	for i := start; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			d.at = i + 1
			return validUTF8(d.text[start:i]), nil
		case c == '\\':
			d.at = i
			return d.escaped(append(make([]byte, 0, 2*(i-start)+16), d.text[start:i]...))
		case c < ' ':
			d.at = i
			return "", d.fail("got the control character %q in a string, expected an escape", c)
		}
	}
	d.at = len(d.text)
	return "", d.fail("the string is not closed")
}

func validUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
}

func (d *decoder) escaped(b []byte) (string, error) {
	for d.at < len(d.text) {
		c := d.text[d.at]
		switch {
		case c == '"':
			d.at++
			return validUTF8(b), nil
		case c < ' ':
			return "", d.fail("got the control character %q in a string, expected an escape", c)
		case c != '\\':
			b = append(b, c)
			d.at++
			continue
		}
		if d.at+1 >= len(d.text) {
			break
		}
		d.at++
		if d.text[d.at] == 'u' {
			r, err := d.unicode()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, r)
			continue
		}
		plain, ok := unescape(d.text[d.at])
		if !ok {
			return "", d.fail(`got the escape \%c, expected one of \" \\ \/ \b \f \n \r \t \u`, d.text[d.at])
		}
		b = append(b, plain)
		d.at++
	}
	return "", d.fail("the string is not closed")
}

func unescape(c byte) (byte, bool) {
	switch c {
	case '"', '\\', '/':
		return c, true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	}
	return 0, false
}

// unicode reads the rest of \uXXXX, and the second half of a surrogate pair.
func (d *decoder) unicode() (rune, error) {
	r, err := d.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if d.at+1 < len(d.text) && d.text[d.at] == '\\' && d.text[d.at+1] == 'u' {
		mark := d.at
		d.at++
		low, err := d.hex4()
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, nil
		}
		d.at = mark
	}
	return utf8.RuneError, nil
}

func (d *decoder) hex4() (rune, error) {
	if d.at+5 > len(d.text) {
		return 0, d.fail(`expected four hexadecimal digits after \u`)
	}
	n, err := strconv.ParseUint(string(d.text[d.at+1:d.at+5]), 16, 32)
	if err != nil {
		return 0, d.fail(`got %q, expected four hexadecimal digits after \u`, d.text[d.at+1:d.at+5])
	}
	d.at += 5
	return rune(n), nil
}

func (d *decoder) number() (any, error) {
	start, integer := d.at, true
	if d.text[d.at] == '-' {
		d.at++
	}
	switch {
	case d.at < len(d.text) && d.text[d.at] == '0':
		d.at++
	case !d.digits():
		return nil, d.fail("expected a digit")
	}
	if d.at < len(d.text) && d.text[d.at] == '.' {
		integer = false
		d.at++
		if !d.digits() {
			return nil, d.fail("expected a digit after the point")
		}
	}
	if d.at < len(d.text) && (d.text[d.at] == 'e' || d.text[d.at] == 'E') {
		integer = false
		d.at++
		if d.at < len(d.text) && (d.text[d.at] == '+' || d.text[d.at] == '-') {
			d.at++
		}
		if !d.digits() {
			return nil, d.fail("expected a digit in the exponent")
		}
	}
	text := string(d.text[start:d.at])
	if integer {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d.at = start
		return nil, d.fail("the number %s is too large for a double", text)
	}
	return f, nil
}

func (d *decoder) digits() bool {
	start := d.at
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at > start
}
