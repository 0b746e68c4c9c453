package asl

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Encode writes a value as compact JSON, spelled as the service spells it: keys in their order, doubles as Java prints
// them (1.0, 1.0E10), and only quotes, backslashes and control characters escaped.
func Encode(v any) []byte { return AppendJSON(nil, v) }

// EncodeString is Encode as a string.
func EncodeString(v any) string { return string(AppendJSON(nil, v)) }

// AppendJSON appends what Encode writes.
func AppendJSON(b []byte, v any) []byte {
	switch x := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, x)
	case int64:
		return strconv.AppendInt(b, x, 10)
	case float64:
		return appendDouble(b, x)
	case string:
		return appendQuoted(b, x)
	case []any:
		b = append(b, '[')
		for i, item := range x {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendJSON(b, item)
		}
		return append(b, ']')
	case *Object:
		b = append(b, '{')
		for i := range x.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendQuoted(b, x.fields[i].key)
			b = append(b, ':')
			b = AppendJSON(b, x.fields[i].value)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

// appendDouble writes a double as Java's Double.toString does: at least one digit after the point, and an exponent
// outside of 10^-3 to 10^7. JSON has no NaN and no infinity: they become null.
func appendDouble(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, "null"...)
	}
	size := math.Abs(f)
	if size == 0 || size >= 1e-3 && size < 1e7 {
		start := len(b)
		b = strconv.AppendFloat(b, f, 'f', -1, 64)
		return withPoint(b, start, len(b))
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	for i := start; i < len(b); i++ {
		if b[i] == 'e' {
			exponent, _ := strconv.Atoi(string(b[i+1:]))
			b = withPoint(b[:i], start, i)
			return strconv.AppendInt(append(b, 'E'), int64(exponent), 10)
		}
	}
	return b
}

func withPoint(b []byte, start, end int) []byte {
	if slices.Contains(b[start:end], '.') {
		return b
	}
	return append(b, '.', '0')
}

const hexDigits = "0123456789ABCDEF"

func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		b = appendEscape(b, c)
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
