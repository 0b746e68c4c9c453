package pattern

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// tokenKind is the kind of a piece of a pattern's JSON.
type tokenKind uint8

const (
	startObject tokenKind = iota
	endObject
	startArray
	endArray
	fieldName
	stringToken
	numberToken
	literalToken
)

// lexer reads a pattern piece by piece. It reports errors where AWS's parser, Jackson, reports them: only when it arrives there,
// so that a fault of the pattern comes before a fault of the JSON behind it; and with the place that Jackson names, which is
// behind the value for a number, but behind the opening quote for a string that nobody has asked the text of.
type lexer struct {
	d     []byte
	pos   int // Jackson's reading position
	stack []level

	token tokenKind
	start int    // of the token's text
	end   int    // of a string: its closing quote, once read
	name  string // the last field name
	ahead *lexed // the value behind a field name, which Jackson reads together with the name
}

// level is an object or array that is open.
type level struct {
	object bool
	start  int // the position behind its bracket
	count  int // of its members or elements
}

func (l level) what() string {
	if l.object {
		return "Object"
	}
	return "Array"
}

type lexed struct {
	token      tokenKind
	start, end int
}

// fail makes the error of the pattern at the position reached.
func (l *lexer) fail(reason string) *Error {
	e := l.failNowhere(reason)
	e.Line, e.Column = l.place(l.pos)
	return e
}

// failAt makes the error of a character that AWS's parser has already read.
func (l *lexer) failAt(reason string) *Error {
	e := l.fail(reason)
	e.ahead = 1
	return e
}

// failNowhere makes an error for which AWS names no place.
func (l *lexer) failNowhere(reason string) *Error {
	return &Error{Reason: reason, Hint: hintFor(reason), source: string(l.d)}
}

// place counts lines, and columns as Java counts characters, in UTF-16.
func (l *lexer) place(pos int) (line, column int) {
	line, start := 1, 0
	for i, c := range l.d[:pos] {
		if c == '\n' {
			line, start = line+1, i+1
		}
	}
	column = 1
	for _, r := range string(l.d[start:pos]) {
		column += max(utf16.RuneLen(r), 1)
	}
	return line, column
}

// next moves to the next token.
func (l *lexer) next() (tokenKind, *Error) {
	if l.ahead != nil {
		l.token, l.start, l.end = l.ahead.token, l.ahead.start, l.ahead.end
		l.ahead = nil
		if l.token == startObject || l.token == startArray {
			return l.open()
		}
		return l.token, nil
	}
	if err := l.finishString(); err != nil {
		return 0, err
	}
	if len(l.stack) == 0 {
		return l.value()
	}
	top := &l.stack[len(l.stack)-1]
	l.pos = skipSpace(l.d, l.pos)
	if l.pos >= len(l.d) {
		return 0, l.endOfInput()
	}
	if c := l.d[l.pos]; c == '}' || c == ']' {
		return l.close(c)
	}
	if top.count++; top.count > 1 {
		if l.d[l.pos] != ',' {
			return 0, l.unexpected(": was expecting comma to separate " + top.what() + " entries")
		}
		if l.pos = skipSpace(l.d, l.pos+1); l.pos >= len(l.d) {
			return 0, l.endWithin()
		}
	}
	if top.object {
		return l.field()
	}
	return l.value()
}

// field reads a name, the colon, and, as Jackson does, the value behind it.
func (l *lexer) field() (tokenKind, *Error) {
	if l.d[l.pos] != '"' {
		return 0, l.unexpected(": was expecting double-quote to start field name")
	}
	l.token, l.start, l.end = fieldName, l.pos, bad
	if err := l.finishString(); err != nil {
		return 0, err
	}
	l.name = l.textOf(l.start, l.end)
	if l.pos = skipSpace(l.d, l.pos); l.pos >= len(l.d) {
		return 0, l.endWithin()
	}
	if l.d[l.pos] != ':' {
		return 0, l.unexpected(": was expecting a colon to separate field name and value")
	}
	l.pos = skipSpace(l.d, l.pos+1)
	value, err := l.lex()
	if err != nil {
		return 0, err
	}
	l.ahead, l.token = &value, fieldName
	return fieldName, nil
}

func (l *lexer) value() (tokenKind, *Error) {
	l.pos = skipSpace(l.d, l.pos)
	value, err := l.lex()
	if err != nil {
		return 0, err
	}
	l.token, l.start, l.end = value.token, value.start, value.end
	if l.token == startObject || l.token == startArray {
		return l.open()
	}
	return l.token, nil
}

// lex reads the value at the position; of a string only the opening quote.
func (l *lexer) lex() (lexed, *Error) {
	start := l.pos
	if start >= len(l.d) {
		return lexed{}, l.endWithin()
	}
	switch c := l.d[start]; {
	case c == '{':
		l.pos++
		return lexed{startObject, start, l.pos}, nil
	case c == '[':
		l.pos++
		return lexed{startArray, start, l.pos}, nil
	case c == '"':
		l.pos++
		return lexed{stringToken, start, bad}, nil
	case c == '-' || c >= '0' && c <= '9':
		return l.lexNumber(start)
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return l.lexLiteral(start)
	}
	return lexed{}, l.unexpected(": expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')")
}

func (l *lexer) lexNumber(start int) (lexed, *Error) {
	end := numberEnd(l.d, start)
	if end == bad {
		return lexed{}, l.badNumber(start)
	}
	l.pos = end
	if end < len(l.d) && l.d[end-1] == '0' && l.d[end] >= '0' && l.d[end] <= '9' { // the number ended because of its zero
		return lexed{}, l.fail("Invalid numeric value: Leading zeroes not allowed")
	}
	return lexed{numberToken, start, end}, nil
}

// badNumber says what is wrong with the number that starts at start.
func (l *lexer) badNumber(start int) *Error {
	i := start
	expected := "expected digit (0-9) to follow minus sign, for valid numeric value"
	if l.d[i] == '-' {
		i++
	}
	if whole := digits(l.d, i); whole > i {
		i = whole
		expected = "Exponent indicator not followed by a digit"
		if l.d[i] == '.' {
			if i++; digits(l.d, i) == i {
				expected = "Decimal point not followed by a digit"
			}
			i = digits(l.d, i)
		}
		if expected[0] == 'E' && l.d[i]|0x20 == 'e' {
			if i++; i < len(l.d) && (l.d[i] == '+' || l.d[i] == '-') {
				i++
			}
		}
	}
	if l.pos = i; i == len(l.d) {
		return l.fail("Unexpected end-of-input in number: " + expected)
	}
	return l.unexpected(" in numeric value: " + expected)
}

func (l *lexer) lexLiteral(start int) (lexed, *Error) {
	end := start
	for end < len(l.d) && (l.d[end] == '_' || l.d[end] >= '0' && l.d[end] <= '9' || l.d[end]|0x20 >= 'a' && l.d[end]|0x20 <= 'z') {
		end++
	}
	if literalEnd(l.d, start) != end {
		return lexed{}, l.fail(fmt.Sprintf("Unrecognized token '%s': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", l.d[start:end]))
	}
	l.pos = end
	return lexed{literalToken, start, end}, nil
}

// open enters the object or array whose bracket was read. A pattern of MaxPatternSize cannot be nested too deep.
func (l *lexer) open() (tokenKind, *Error) {
	l.stack = append(l.stack, level{object: l.token == startObject, start: l.start + 1})
	return l.token, nil
}

func (l *lexer) close(c byte) (tokenKind, *Error) {
	top := l.stack[len(l.stack)-1]
	if top.object != (c == '}') {
		closing := "]"
		if top.object {
			closing = "}"
		}
		line, column := l.place(top.start - 1)
		return 0, l.failAt(fmt.Sprintf("Unexpected close marker '%c': expected '%s' (for %s starting at %s)", c, closing, top.what(), location(string(l.d), line, column)))
	}
	l.pos++
	l.stack = l.stack[:len(l.stack)-1]
	l.token = endArray
	if top.object {
		l.token = endObject
	}
	return l.token, nil
}

// finishString reads a string to its end if that was not done yet.
func (l *lexer) finishString() *Error {
	if l.token != stringToken && l.token != fieldName || l.end != bad {
		return nil
	}
	end, _ := stringEnd(l.d, l.start)
	if end == bad {
		if l.token == fieldName {
			return l.badString("name", " in field name")
		}
		return l.badString("string value", ": was expecting closing quote for a string value")
	}
	l.end, l.pos = end, end+1
	return nil
}

// badString says what is wrong with the string that starts at l.start.
func (l *lexer) badString(what, unclosed string) *Error {
	for i := l.start + 1; i < len(l.d); i++ {
		switch c := l.d[i]; {
		case c < 0x20:
			l.pos = i
			return l.failAt(fmt.Sprintf("Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in %s", c, what))
		case c == '\\':
			after := escapeEnd(l.d, i)
			if after == bad && i+1 < len(l.d) {
				l.pos = i + 1
				r, _ := utf8.DecodeRune(l.d[i+1:])
				return l.failAt("Unrecognized character escape " + describe(r))
			}
			if after == bad {
				after = len(l.d)
			}
			i = after - 1
		}
	}
	l.pos = len(l.d)
	return l.fail("Unexpected end-of-input" + unclosed)
}

// text returns the text of the current string, number or literal.
func (l *lexer) text() (string, *Error) {
	if l.token == stringToken {
		if err := l.finishString(); err != nil {
			return "", err
		}
		return l.textOf(l.start, l.end), nil
	}
	return string(l.d[l.start:l.end]), nil
}

func (l *lexer) textOf(open, closing int) string {
	return string(unescape(nil, l.d[open+1:closing]))
}

func (l *lexer) unexpected(expected string) *Error {
	r, _ := utf8.DecodeRune(l.d[l.pos:])
	return l.failAt("Unexpected character (" + describe(r) + ")" + expected)
}

// describe names a character as Jackson does.
func describe(r rune) string {
	if r < 0x20 || r >= 0x7f && r < 0xa0 {
		return fmt.Sprintf("(CTRL-CHAR, code %d)", r)
	}
	return fmt.Sprintf("'%c' (code %d)", r, r)
}

// endOfInput is a text that ends where a closing bracket could stand.
func (l *lexer) endOfInput() *Error {
	top := l.stack[len(l.stack)-1]
	line, column := l.place(top.start - 1)
	return l.fail(fmt.Sprintf("Unexpected end-of-input: expected close marker for %s (start marker at %s)", top.what(), location(string(l.d), line, column)))
}

// endWithin is a text that ends where a name, a colon or a value must stand.
func (l *lexer) endWithin() *Error {
	return l.fail("Unexpected end-of-input within/between " + l.stack[len(l.stack)-1].what() + " entries")
}
