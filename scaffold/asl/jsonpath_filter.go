package asl

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// filter is a condition on an item: [?(@.price < 10 && @.name)].
type filter interface {
	matches(w *walker, item any) bool
}

type (
	allOf  []filter
	anyOf  []filter
	negate struct{ filter }
	exists struct{ operand }
	// comparison is left operator right, with Jayway's rules for values of different types.
	comparison struct {
		left, right operand
		operator    string
		regex       *regexp.Regexp
	}
)

// operand is one side of a comparison, or an argument of a function: a literal, or a path from @ or $.
type operand struct {
	literal  any
	path     *Path
	fromRoot bool
}

func (f allOf) matches(w *walker, item any) bool {
	for _, part := range f {
		if !part.matches(w, item) {
			return false
		}
	}
	return true
}

func (f anyOf) matches(w *walker, item any) bool {
	return slices.ContainsFunc(f, func(part filter) bool { return part.matches(w, item) })
}

func (f negate) matches(w *walker, item any) bool { return !f.filter.matches(w, item) }

func (f exists) matches(w *walker, item any) bool {
	return f.value(w, item) != (absent{})
}

// value is the operand's value, or absent.
func (o operand) value(w *walker, item any) any {
	if o.path == nil {
		return o.literal
	}
	if *w.visits--; *w.visits < 0 {
		return absent{}
	}
	if o.fromRoot {
		item = w.root
	}
	value, err := o.path.read(item, w.visits)
	if err != nil {
		return absent{}
	}
	return value
}

func (f comparison) matches(w *walker, item any) bool {
	left, right := f.left.value(w, item), f.right.value(w, item)
	switch f.operator {
	case "==", "===":
		return sameValue(left, right, f.operator == "===")
	case "!=", "!==":
		return !sameValue(left, right, f.operator == "!==")
	case "<", "<=", ">", ">=":
		return ordered(left, right, f.operator)
	case "=~":
		text, ok := left.(string)
		return ok && f.regex.MatchString(text)
	case "IN":
		return contains(right, left)
	case "NIN":
		items, ok := right.([]any)
		return ok && !contains(items, left)
	case "CONTAINS":
		if text, ok := left.(string); ok {
			part, ok := right.(string)
			return ok && strings.Contains(text, part)
		}
		return contains(left, right)
	case "ALL":
		return subset(right, left)
	case "SUBSETOF":
		return subset(left, right)
	case "ANYOF":
		return overlap(left, right)
	case "NONEOF":
		_, ok := left.([]any)
		_, both := right.([]any)
		return ok && both && !overlap(left, right)
	case "SIZE":
		size, ok := sizeOf(left)
		return ok && Equal(right, int64(size))
	case "EMPTY":
		size, ok := sizeOf(left)
		return ok && right == (size == 0)
	}
	return false
}

// sameValue is equality as Jayway sees it: a number equals the text of that number, unless the types must be the same.
func sameValue(a, b any, strict bool) bool {
	if a == (absent{}) || b == (absent{}) {
		return false
	}
	if !strict {
		a, b = alike(a, b)
	}
	return Equal(a, b)
}

func alike(a, b any) (any, any) {
	if text, ok := a.(string); ok {
		if _, isNumber := toFloat(b); isNumber {
			if n, err := strconv.ParseFloat(text, 64); err == nil {
				return n, b
			}
		}
	}
	if text, ok := b.(string); ok {
		if _, isNumber := toFloat(a); isNumber {
			if n, err := strconv.ParseFloat(text, 64); err == nil {
				return a, n
			}
		}
	}
	return a, b
}

func ordered(a, b any, operator string) bool {
	var order int
	x, ok := toFloat(a)
	y, both := toFloat(b)
	if ok && both {
		order = compareFloat(x, y)
	} else {
		s, ok := a.(string)
		t, both := b.(string)
		if !ok || !both {
			return false
		}
		order = strings.Compare(s, t)
	}
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func compareFloat(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func contains(list, item any) bool {
	items, ok := list.([]any)
	return ok && item != (absent{}) && slices.ContainsFunc(items, func(v any) bool { return sameValue(v, item, false) })
}

func subset(part, whole any) bool {
	items, ok := part.([]any)
	_, both := whole.([]any)
	return ok && both && !slices.ContainsFunc(items, func(v any) bool { return !contains(whole, v) })
}

func overlap(a, b any) bool {
	items, ok := a.([]any)
	return ok && slices.ContainsFunc(items, func(v any) bool { return contains(b, v) })
}

func sizeOf(v any) (int, bool) {
	switch x := v.(type) {
	case []any:
		return len(x), true
	case *Object:
		return x.Len(), true
	case string:
		return len([]rune(x)), true
	}
	return 0, false
}
