package pattern

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// reason says why a value does not match an alternative.
type reason struct {
	text string
	near bool // it nearly does
}

func far(format string, args ...any) reason  { return reason{fmt.Sprintf(format, args...), false} }
func near(format string, args ...any) reason { return reason{fmt.Sprintf(format, args...), true} }

// reason explains one leaf that does not match.
func (a *alternative) reason(l *leaf) reason {
	text := string(l.value.text)
	switch a.operator {
	case exactLiteral, exactNumber:
		return a.literalReason(l)
	case numericRange:
		return a.numericReason(l)
	case butStrings, butNumbers:
		return far("%s is one of the values that are left out", show(l.raw))
	case butPrefix, butSuffix, butFold, butWild:
		return far("%s is one of the strings that are left out", show(l.raw))
	}
	if l.value.kind != stringKind {
		if (a.operator == exactString) && text == a.text {
			return near("the event has %s, not a string: write it without quotes", l.raw)
		}
		return far("the event has %s, which is no string", show(l.raw))
	}
	switch a.operator {
	case exactString:
		return exactReason(text, a.text)
	case exactAddress, cidr:
		return a.addressReason(text)
	case prefix, prefixFold:
		return prefixReason(text, a.text, a.operator == prefix)
	case suffix, suffixFold:
		return suffixReason(text, a.text, a.operator == suffix)
	case wild:
		return a.wildcardReason(text)
	}
	return exactReason(text, a.text) // equals-ignore-case
}

func (a *alternative) literalReason(l *leaf) reason {
	if l.value.kind == stringKind && string(l.value.text) == a.text {
		return near("the event has the string %s, not %s: write it with quotes", l.raw, a.text)
	}
	if a.operator == exactNumber && l.value.kind == numberKind && (a.inexact || !l.value.compares) {
		return far("%s is written differently, and numbers that a double cannot hold exactly are compared as text", show(l.raw))
	}
	return far("the event has %s", show(l.raw))
}

func (a *alternative) numericReason(l *leaf) reason {
	n, ok := l.value.number, l.value.compares
	if l.value.kind == stringKind {
		if f, err := strconv.ParseFloat(string(l.value.text), 64); err == nil && a.contains(f) {
			return near("the event has the string %s; numeric compares numbers only, and never looks into strings", show(l.raw))
		}
	}
	switch {
	case l.value.kind != numberKind:
		return far("the event has %s, which is no number", show(l.raw))
	case !ok:
		return far("%s cannot be compared: a double does not hold it as it is written", show(l.raw))
	case a.low == a.high:
		return far("%s is not %s", l.raw, number(a.low))
	case n < a.low:
		return far("%s is less than %s", l.raw, number(a.low))
	case n == a.low:
		return near("%s is the lower bound, which > leaves out", l.raw)
	case n == a.high:
		return near("%s is the upper bound, which < leaves out", l.raw)
	}
	return far("%s is more than %s", l.raw, number(a.high))
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func (a *alternative) addressReason(text string) reason {
	var digits [32]byte
	n := addressDigits(&digits, text)
	if n == 0 {
		return far("%q is not an IP address", shorten(text))
	}
	if a.operator == exactAddress {
		return far("%s is another address", text)
	}
	if n != len(a.bounds[0]) {
		return far("%s is an IPv%d address, the range is IPv%d", text, version(n), version(len(a.bounds[0])))
	}
	return far("%s is not in the range from %s to %s", text, address(a.bounds[0]), address(a.bounds[1]))
}

func version(digits int) int {
	if digits == 8 {
		return 4
	}
	return 6
}

// address writes hexadecimal digits as an IP address.
func address(digits string) string {
	var b []byte
	for i := 0; i+1 < len(digits); i += 2 {
		b = append(b, byte(hexValue(digits[i])<<4|hexValue(digits[i+1])))
	}
	ip, _ := netip.AddrFromSlice(b)
	return ip.String()
}

func exactReason(text, want string) reason {
	switch {
	case strings.EqualFold(text, want):
		return near(`%q differs only in upper and lower case; {"equals-ignore-case": %q} would match`, shorten(text), want)
	case strings.TrimSpace(text) == strings.TrimSpace(want):
		return near("%q differs only in spaces at its ends", shorten(text))
	case alike(text, want):
		return near("%q is spelled nearly the same", shorten(text))
	case want != "" && strings.HasPrefix(text, want):
		return near(`%q goes on behind it; {"prefix": %q} would match`, shorten(text), want)
	case want != "" && strings.HasSuffix(text, want):
		return near(`%q has something before it; {"suffix": %q} would match`, shorten(text), want)
	case strings.Contains(want, "*") && wildcardWould(text, want):
		return near(`* is a character like any other in an exact value; {"wildcard": %q} would match`, want)
	}
	return far("%q is another string", shorten(text))
}

// wildcardWould says whether text matches want as a wildcard.
func wildcardWould(text, want string) bool {
	w, err := parseWildcard(want)
	return err == nil && w.matches([]byte(text))
}

func prefixReason(text, want string, plain bool) reason {
	if plain && len(text) >= len(want) && strings.EqualFold(text[:len(want)], want) {
		return near(`%q begins with %q, in another case; {"prefix": {"equals-ignore-case": %q}} would match`, shorten(text), text[:len(want)], want)
	}
	if rest, ok := strings.CutPrefix(want, "/"); ok && rest != "" && strings.HasPrefix(text, rest) {
		return near("%q begins with %q, without the slash; S3 keys have none", shorten(text), rest)
	}
	if same := common(text, want); same > 0 {
		return far("%q begins with %q only as far as %q", shorten(text), want, want[:same])
	}
	return far("%q does not begin with %q", shorten(text), want)
}

// common is how many bytes, in whole characters, two texts have in common from their start.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}

func suffixReason(text, want string, plain bool) reason {
	if plain && len(text) >= len(want) && strings.EqualFold(text[len(text)-len(want):], want) {
		return near(`%q ends with %q, in another case; {"suffix": {"equals-ignore-case": %q}} would match`, shorten(text), text[len(text)-len(want):], want)
	}
	if i := strings.LastIndexByte(text, '.'); i >= 0 {
		return far("%q ends with %q", shorten(text), text[i:])
	}
	return far("%q does not end with %q", shorten(text), want)
}

func (a *alternative) wildcardReason(text string) reason {
	w := a.wilds[0]
	rest := []byte(text)
	if len(w) == 1 {
		return exactReason(text, string(w[0]))
	}
	if !bytes.HasPrefix(rest, w[0]) {
		return far("%q does not begin with %q", shorten(text), w[0])
	}
	rest = rest[len(w[0]):]
	for _, piece := range w[1 : len(w)-1] {
		i := bytes.Index(rest, piece)
		if i < 0 {
			return far("%q has no %q after the part that matches", shorten(text), piece)
		}
		rest = rest[i+len(piece):]
	}
	if wildcardWould(strings.ToLower(text), strings.ToLower(a.text)) {
		return near("%q differs only in upper and lower case", shorten(text))
	}
	return far("%q does not end with %q after the part that matches", shorten(text), w[len(w)-1])
}

// longest is how much of a value is quoted, in characters.
const longest = 80

func shorten(text string) string {
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest]) + "..."
}

// show quotes a value as it is written in the event.
func show(raw string) string { return shorten(raw) }
