package pattern

import (
	"bytes"
	"encoding/json"
	"math"
)

// alternative compiles one entry of a field's array, whose first tokenKind has been read.
func (c *compiler) alternative(first tokenKind) (alternative, *Error) {
	begin := c.start
	a, err := c.compare(first)
	if err != nil {
		return a, err
	}
	if first == stringToken {
		if err := c.finishString(); err != nil {
			return a, err
		}
	}
	a.source = compact(c.d[begin:c.pos])
	return a, nil
}

// compact writes JSON on one line.
func compact(source []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, source); err != nil {
		return string(source)
	}
	return b.String()
}

func (c *compiler) compare(first tokenKind) (alternative, *Error) {
	switch first {
	case startObject:
		return c.expression()
	case stringToken:
		text, err := c.text()
		if err != nil {
			return alternative{}, err
		}
		return exact(text), nil
	case numberToken:
		text, _ := c.text()
		n, ok := double([]byte(text))
		return alternative{operator: exactNumber, text: text, low: n, inexact: !ok}, nil
	case literalToken:
		text, _ := c.text()
		return alternative{operator: exactLiteral, text: text}, nil
	}
	return alternative{}, c.fail("Match value must be String, number, true, false, or null")
}

// exact compares with a string, or, if it is an IP address, with that address.
func exact(text string) alternative {
	var digits [32]byte
	if n := addressDigits(&digits, text); n > 0 {
		return alternative{operator: exactAddress, text: text, bounds: [2]string{string(digits[:n]), string(digits[:n])}}
	}
	return alternative{operator: exactString, text: text}
}

// expression compiles {"operator": operand}, whose brace has been opened.
func (c *compiler) expression() (alternative, *Error) {
	token, err := c.next()
	if err != nil {
		return alternative{}, err
	}
	if token != fieldName {
		return alternative{}, c.fail("Match expression name not found")
	}
	switch name := c.name; name {
	case "exactly":
		a, err := c.operand("exact match pattern must be a string")
		a.operator = exactString
		return a, err
	case "prefix":
		return c.affix(prefix, prefixFold, "prefix", "Prefix")
	case "suffix":
		return c.affix(suffix, suffixFold, "suffix", "Suffix")
	case "equals-ignore-case":
		a, err := c.operand("equals-ignore-case match pattern must be a string")
		a.operator, a.folded = equalFold, [][]letter{fold(a.text)}
		return a, err
	case "wildcard":
		return c.wildcard()
	case "cidr":
		return c.cidr()
	case "exists":
		return c.exists()
	case "numeric":
		return c.numeric()
	case "anything-but":
		return c.anythingBut()
	default:
		return alternative{}, c.fail("Unrecognized match type " + name)
	}
}

// operand reads a string and the closing brace.
func (c *compiler) operand(refusal string) (alternative, *Error) {
	token, err := c.next()
	if err != nil {
		return alternative{}, err
	}
	if token != stringToken {
		return alternative{}, c.fail(refusal)
	}
	text, err := c.text()
	if err != nil {
		return alternative{}, err
	}
	return alternative{text: text}, c.closing("Only one key allowed in match expression")
}

// closing reads a closing brace.
func (c *compiler) closing(refusal string) *Error {
	token, err := c.next()
	if err != nil {
		return err
	}
	if token != endObject {
		return c.fail(refusal)
	}
	return nil
}

// affix compiles prefix and suffix, with a string or with {"equals-ignore-case": string}.
func (c *compiler) affix(plain, folded operator, name, title string) (alternative, *Error) {
	refusal := name + " match pattern must be a string"
	if c.ahead == nil || c.ahead.token != startObject {
		a, err := c.operand(refusal)
		a.operator = plain
		return a, err
	}
	if _, err := c.next(); err != nil {
		return alternative{}, err
	}
	token, err := c.next()
	if err != nil {
		return alternative{}, err
	}
	if token != fieldName {
		return alternative{}, c.fail(title + " expression name not found")
	}
	if c.name != "equals-ignore-case" {
		return alternative{}, c.fail("Unsupported " + name + " pattern: " + c.name)
	}
	a, err := c.operand("equals-ignore-case match pattern must be a string")
	if err != nil {
		return a, err
	}
	a.operator, a.folded = folded, [][]letter{fold(a.text)}
	return a, c.closing("Only one key allowed in match expression")
}

func (c *compiler) wildcard() (alternative, *Error) {
	token, err := c.next()
	if err != nil {
		return alternative{}, err
	}
	if token != stringToken {
		return alternative{}, c.fail("wildcard match pattern must be a string")
	}
	text, err := c.text()
	if err != nil {
		return alternative{}, err
	}
	w, bad := parseWildcard(text)
	if bad != nil {
		return alternative{}, c.fail(bad.Error())
	}
	return alternative{operator: wild, text: text, wilds: []wildcard{w}}, c.closing("Only one key allowed in match expression")
}

func (c *compiler) cidr() (alternative, *Error) {
	token, err := c.next()
	if err != nil {
		return alternative{}, err
	}
	if token != stringToken {
		return alternative{}, c.fail("prefix match pattern must be a string")
	}
	text, err := c.text()
	if err != nil {
		return alternative{}, err
	}
	low, high, bad := parseCIDR(text)
	if bad != nil {
		return alternative{}, c.failNowhere(bad.Error())
	}
	return alternative{operator: cidr, text: text, bounds: [2]string{low, high}}, c.closing("Only one key allowed in match expression")
}

func (c *compiler) exists() (alternative, *Error) {
	token, err := c.next()
	if err != nil {
		return alternative{}, err
	}
	text := ""
	if token == literalToken {
		text, _ = c.text()
	}
	a := alternative{operator: exists}
	switch text {
	case "true":
	case "false":
		a.operator = absent
	default:
		return a, c.fail("exists match pattern must be either true or false.")
	}
	return a, c.closing("Only one key allowed in match expression")
}

const tooMany = "Too many elements in numeric expression"

func (c *compiler) numeric() (alternative, *Error) {
	token, err := c.next()
	if err != nil {
		return alternative{}, err
	}
	if token != startArray {
		return alternative{}, c.fail("Value of numeric must be an array.")
	}
	a, err := c.comparison()
	if err != nil {
		return a, err
	}
	return a, c.closing(tooMany)
}

// comparison reads ["=", n], ["<", n], or [">", n, "<=", m], whose bracket has been opened.
func (c *compiler) comparison() (alternative, *Error) {
	a := alternative{operator: numericRange, low: -math.MaxFloat64, high: math.MaxFloat64}
	token, err := c.next()
	if err != nil {
		return a, err
	}
	if token != stringToken {
		return a, c.fail("Invalid member in numeric match: " + c.raw(token))
	}
	sign, err := c.text()
	if err != nil {
		return a, err
	}
	operand, err := c.next()
	if err != nil {
		return a, err
	}
	switch sign {
	case "=":
		if a.low, err = c.number(operand, "equals"); err != nil {
			return a, err
		}
		a.high = a.low
		return a, c.endOfArray(tooMany)
	case "<", "<=":
		a.open[1] = sign == "<"
		if operand != numberToken {
			return a, c.fail("Value of " + sign + " must be numeric")
		}
		text, _ := c.text()
		if err = c.endOfArray(tooMany); err != nil {
			return a, err
		}
		a.high, err = c.parse(text)
		return a, err
	case ">", ">=":
		a.open[0] = sign == ">"
		if operand != numberToken {
			return a, c.fail("Value of " + sign + " must be numeric")
		}
		text, _ := c.text()
		return c.upperBound(a, text)
	}
	return a, c.fail("Unrecognized numeric range operator: " + sign)
}

// upperBound reads what may follow a lower bound.
func (c *compiler) upperBound(a alternative, low string) (alternative, *Error) {
	token, err := c.next()
	if err != nil {
		return a, err
	}
	if token == endArray {
		a.low, err = c.parse(low)
		return a, err
	}
	if token != stringToken {
		return a, c.fail("Bad value in numeric range: " + c.raw(token))
	}
	sign, err := c.text()
	if err != nil {
		return a, err
	}
	if sign != "<" && sign != "<=" {
		return a, c.fail("Bad numeric range operator: " + sign)
	}
	a.open[1] = sign == "<"
	if token, err = c.next(); err != nil {
		return a, err
	}
	if token != numberToken {
		return a, c.fail("Value of " + sign + " must be numeric")
	}
	high, _ := c.text()
	if err = c.endOfArray("Too many terms in numeric range expression"); err != nil {
		return a, err
	}
	if a.low, err = c.parse(low); err != nil {
		return a, err
	}
	if a.high, err = c.parse(high); err != nil {
		return a, err
	}
	if a.low >= a.high {
		return a, c.fail("Bottom must be less than top")
	}
	return a, nil
}

// number reads the operand of "=", which the engine parses only behind the closing bracket.
func (c *compiler) number(operand tokenKind, name string) (float64, *Error) {
	if operand != numberToken {
		return 0, c.fail("Value of " + name + " must be numeric")
	}
	text, _ := c.text()
	n, ok := double([]byte(text))
	if !ok {
		if err := c.endOfArray(tooMany); err != nil {
			return 0, err
		}
		return c.parse(text)
	}
	return n, nil
}

func (c *compiler) parse(text string) (float64, *Error) {
	n, ok := double([]byte(text))
	if !ok {
		return 0, c.fail("Cannot compare number : " + text)
	}
	return n, nil
}

func (c *compiler) endOfArray(refusal string) *Error {
	token, err := c.next()
	if err != nil {
		return err
	}
	if token != endArray {
		return c.fail(refusal)
	}
	return nil
}

// raw is a token as it is quoted in errors.
func (c *compiler) raw(token tokenKind) string {
	switch token {
	case startObject:
		return "{"
	case endObject:
		return "}"
	case startArray:
		return "["
	case endArray:
		return "]"
	}
	text, _ := c.text()
	return text
}
