package lab

import (
	"slices"
	"strconv"
	"strings"
)

// condition says whether an item fulfills it; the item may be empty, when there is none.
type condition func(item dynamoItem) bool

// operand is a value that depends on an item; false where the item has none.
type operand func(item dynamoItem) (any, bool)

// condition reads a ConditionExpression: OR binds less than AND, AND less than NOT.
func (x *expression) condition() condition {
	all := []condition{x.conjunction()}
	for x.take("OR") {
		all = append(all, x.conjunction())
	}
	return func(item dynamoItem) bool {
		return slices.ContainsFunc(all, func(c condition) bool { return c(item) })
	}
}

func (x *expression) conjunction() condition {
	all := []condition{x.negation()}
	for x.take("AND") {
		all = append(all, x.negation())
	}
	return func(item dynamoItem) bool {
		return !slices.ContainsFunc(all, func(c condition) bool { return !c(item) })
	}
}

func (x *expression) negation() condition {
	if x.take("NOT") {
		inner := x.negation()
		return func(item dynamoItem) bool { return !inner(item) }
	}
	if x.take("(") {
		inner := x.condition()
		x.expect(")")
		return inner
	}
	if x.at+1 < len(x.tokens) && x.tokens[x.at+1] == "(" && !strings.EqualFold(x.peek(), "size") {
		return x.function()
	}
	return x.comparison()
}

// function reads one that is true or false. Their names are written in small letters.
func (x *expression) function() condition {
	name := x.next()
	x.expect("(")
	defer x.expect(")")
	if name == "attribute_exists" || name == "attribute_not_exists" {
		p := x.path()
		return func(item dynamoItem) bool {
			_, there := p.in(item)
			return there == (name == "attribute_exists")
		}
	}
	if name != "attribute_type" && name != "begins_with" && name != "contains" {
		x.fail("Invalid function name; function: %s", name)
		return nil
	}
	one := x.operand()
	x.expect(",")
	two := x.operand()
	return func(item dynamoItem) bool {
		whole, there := one(item)
		part, known := two(item)
		if !there || !known {
			return false
		}
		kind, _ := kindOf(whole)
		_, wanted := kindOf(part)
		switch name {
		case "attribute_type":
			return kind == wanted
		case "contains":
			return contains(whole, part)
		}
		_, held := kindOf(whole)
		text, ok := held.(string)
		prefix, also := wanted.(string)
		return ok && also && kind == "S" && strings.HasPrefix(text, prefix)
	}
}

// orders are the comparators, by what the order of two values may be.
var orders = map[string][]int{"=": {0}, "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}}

func (x *expression) comparison() condition {
	one := x.operand()
	switch {
	case x.take("BETWEEN"):
		low := x.operand()
		x.expect("AND")
		high := x.operand()
		least, most := compared(">=", one, low), compared("<=", one, high)
		return func(item dynamoItem) bool { return least(item) && most(item) }
	case x.take("IN"):
		return x.membership(one)
	}
	sign := x.next()
	if orders[sign] == nil && sign != "<>" {
		x.fail("Syntax error; token: %q, expected a comparison", orEnd(sign))
		return nil
	}
	return compared(sign, one, x.operand())
}

func (x *expression) membership(one operand) condition {
	x.expect("(")
	all := []condition{compared("=", one, x.operand())}
	for x.take(",") {
		all = append(all, compared("=", one, x.operand()))
	}
	x.expect(")")
	return func(item dynamoItem) bool {
		return slices.ContainsFunc(all, func(c condition) bool { return c(item) })
	}
}

// compared compares two operands. What an item does not have is equal to nothing, and unlike everything.
func compared(sign string, one, two operand) condition {
	return func(item dynamoItem) bool {
		a, there := one(item)
		b, also := two(item)
		if sign == "<>" {
			return !there || !also || !equal(a, b)
		}
		if !there || !also {
			return false
		}
		if sign == "=" {
			return equal(a, b)
		}
		order, ok := compare(a, b)
		return ok && slices.Contains(orders[sign], order)
	}
}

// operand reads a path, a placeholder of a value, or the size of a path.
func (x *expression) operand() operand {
	token := x.peek()
	switch {
	case strings.HasPrefix(token, ":"):
		value := x.value()
		return func(dynamoItem) (any, bool) { return value, true }
	case strings.EqualFold(token, "size") && x.at+1 < len(x.tokens) && x.tokens[x.at+1] == "(":
		x.at += 2
		p := x.path()
		x.expect(")")
		return func(item dynamoItem) (any, bool) {
			value, _ := p.in(item)
			size, ok := sizeOfValue(value)
			return map[string]any{"N": strconv.Itoa(size)}, ok
		}
	}
	p := x.path()
	return p.in
}
