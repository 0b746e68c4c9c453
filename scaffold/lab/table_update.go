package lab

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// updates are the actions of an UpdateExpression. Each sees the item as it was before all of them.
type updates struct {
	paths   []attributePath
	apply   []func(before, after dynamoItem) *apiError
	removed []attributePath
}

// run makes the changes. Elements of a list are removed from its end on, so that each index means what it did before.
func (u *updates) run(before, after dynamoItem) *apiError {
	for _, apply := range u.apply {
		if err := apply(before, after); err != nil {
			return err
		}
	}
	slices.SortStableFunc(u.removed, func(a, b attributePath) int {
		one, _ := a[len(a)-1].(int)
		two, _ := b[len(b)-1].(int)
		return two - one
	})
	for _, p := range u.removed {
		p.removeFrom(after)
	}
	return nil
}

// updates reads an UpdateExpression: each of its four clauses at most once.
// Source: Amazon DynamoDB Developer Guide, "Using update expressions in DynamoDB", read 2026-11.
func (x *expression) updates() *updates {
	u := &updates{}
	seen := map[string]bool{}
	clauses := map[string]func(p attributePath) func(before, after dynamoItem) *apiError{
		"SET": x.set, "REMOVE": nil, "ADD": x.add, "DELETE": x.subtract,
	}
	for x.peek() != "" {
		clause := strings.ToUpper(x.next())
		read, known := clauses[clause]
		switch {
		case !known:
			x.fail("Syntax error; token: %q, expected SET, REMOVE, ADD or DELETE", clause)
			return u
		case seen[clause]:
			x.fail("The %q section can only be used once in an update expression", clause)
		}
		seen[clause] = true
		for {
			p := x.path()
			if slices.ContainsFunc(u.paths, p.overlaps) {
				x.fail("Two document paths overlap with each other; must remove or rewrite one of these paths; path: %s", p)
			}
			u.paths = append(u.paths, p)
			if read == nil {
				u.removed = append(u.removed, p)
			} else {
				u.apply = append(u.apply, read(p))
			}
			if !x.take(",") {
				break
			}
		}
	}
	return u
}

// String is the path as an expression writes it.
func (p attributePath) String() string {
	var text strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case string:
			if i > 0 {
				text.WriteByte('.')
			}
			text.WriteString(step)
		case int:
			fmt.Fprintf(&text, "[%d]", step)
		}
	}
	return text.String()
}

// overlaps says whether one of two paths lies within the other.
func (p attributePath) overlaps(other attributePath) bool {
	least := min(len(p), len(other))
	return slices.Equal(p[:least], other[:least])
}

func (x *expression) set(p attributePath) func(before, after dynamoItem) *apiError {
	x.expect("=")
	value := x.sum()
	return func(before, after dynamoItem) *apiError {
		result, err := value(before)
		if err != nil {
			return err
		}
		return p.put(after, result)
	}
}

// computed is a value of a SET clause, or why there is none.
type computed func(item dynamoItem) (any, *apiError)

// sum reads an operand, or two with + or - between them.
func (x *expression) sum() computed {
	one := x.term()
	sign := x.peek()
	if sign != "+" && sign != "-" {
		return one
	}
	x.at++
	two := x.term()
	return func(item dynamoItem) (any, *apiError) {
		held, more, err := both(item, one, two, "N")
		if err != nil {
			return nil, err
		}
		return total(held, more, sign == "-")
	}
}

// both computes two operands, which must be of one kind.
func both(item dynamoItem, one, two computed, kind string) (held, more any, err *apiError) {
	a, err := one(item)
	if err != nil {
		return nil, nil, err
	}
	b, err := two(item)
	if err != nil {
		return nil, nil, err
	}
	first, held := kindOf(a)
	second, more := kindOf(b)
	if first != kind || second != kind {
		return nil, nil, invalid("An operand in the update expression has an incorrect data type")
	}
	return held, more, nil
}

func total(held, more any, minus bool) (any, *apiError) {
	one, err := decimal(held)
	if err != nil {
		return nil, err
	}
	two, err := decimal(more)
	if err != nil {
		return nil, err
	}
	if minus {
		two = new(big.Rat).Neg(two)
	}
	return map[string]any{"N": written(new(big.Rat).Add(one, two))}, nil
}

// term reads a path, a placeholder of a value, or one of the functions if_not_exists and list_append.
func (x *expression) term() computed {
	name := x.peek()
	if x.at+1 >= len(x.tokens) || x.tokens[x.at+1] != "(" {
		value := x.operand()
		return func(item dynamoItem) (any, *apiError) {
			found, ok := value(item)
			if !ok {
				return nil, invalid("The provided expression refers to an attribute that does not exist in the item")
			}
			return found, nil
		}
	}
	x.at += 2
	defer x.expect(")")
	switch name {
	case "if_not_exists":
		p := x.path()
		x.expect(",")
		otherwise := x.term()
		return func(item dynamoItem) (any, *apiError) {
			if found, ok := p.in(item); ok {
				return found, nil
			}
			return otherwise(item)
		}
	case "list_append":
		one := x.term()
		x.expect(",")
		two := x.term()
		return appended(one, two)
	}
	x.fail("Invalid function name; function: %s", name)
	return nil
}

func appended(one, two computed) computed {
	return func(item dynamoItem) (any, *apiError) {
		held, more, err := both(item, one, two, "L")
		if err != nil {
			return nil, err
		}
		return map[string]any{"L": slices.Concat(asAny(held), asAny(more))}, nil
	}
}

// add adds to a number, or elements to a set; what is not there begins with nothing.
func (x *expression) add(p attributePath) func(before, after dynamoItem) *apiError {
	value := x.value()
	return func(before, after dynamoItem) *apiError {
		found, ok := p.in(before)
		kind, held := kindOf(found)
		other, more := kindOf(value)
		switch {
		case other != "N" && len(other) != 2:
			return invalid("Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: %s", other)
		case !ok:
			return p.put(after, value)
		case kind != other:
			return invalid("An operand in the update expression has an incorrect data type")
		case kind == "N":
			sum, err := total(held, more, false)
			if err != nil {
				return err
			}
			return p.put(after, sum)
		}
		all := slices.Clone(asAny(held))
		for _, element := range asAny(more) {
			if !contains(found, map[string]any{kind[:1]: element}) {
				all = append(all, element)
			}
		}
		return p.put(after, map[string]any{kind: all})
	}
}

// subtract takes elements out of a set; one without elements is no attribute any more.
func (x *expression) subtract(p attributePath) func(before, after dynamoItem) *apiError {
	value := x.value()
	return func(before, after dynamoItem) *apiError {
		found, ok := p.in(before)
		kind, held := kindOf(found)
		other, _ := kindOf(value)
		switch {
		case len(other) != 2:
			return invalid("Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand type: %s", other)
		case !ok:
			return nil
		case kind != other:
			return invalid("An operand in the update expression has an incorrect data type")
		}
		left := slices.DeleteFunc(slices.Clone(asAny(held)), func(element any) bool { return contains(value, map[string]any{kind[:1]: element}) })
		if len(left) == 0 {
			p.removeFrom(after)
			return nil
		}
		return p.put(after, map[string]any{kind: left})
	}
}

// put puts a value at a path; what it lies in must be there.
func (p attributePath) put(item dynamoItem, value any) *apiError {
	nowhere := invalid("The document path provided in the update expression is invalid for update")
	last := p[len(p)-1]
	if len(p) == 1 {
		item[p[0].(string)] = value //nolint:errcheck,forcetypeassert // a path begins with a name
		return nil
	}
	parent, ok := p[:len(p)-1].in(item)
	kind, held := kindOf(parent)
	whole, _ := parent.(map[string]any)
	if !ok {
		return nowhere
	}
	switch last := last.(type) {
	case string:
		fields, ok := held.(map[string]any)
		if kind != "M" || !ok {
			return nowhere
		}
		fields[last] = value
	case int:
		if kind != "L" {
			return nowhere
		}
		list := asAny(held)
		if last < len(list) {
			list[last] = value
		} else {
			whole["L"] = append(list, value)
		}
	}
	return nil
}

func (p attributePath) removeFrom(item dynamoItem) {
	last := p[len(p)-1]
	var parent any = map[string]any{"M": map[string]any(item)}
	if len(p) > 1 {
		parent, _ = p[:len(p)-1].in(item)
	}
	kind, held := kindOf(parent)
	whole, _ := parent.(map[string]any)
	switch last := last.(type) {
	case string:
		if fields, ok := held.(map[string]any); ok && kind == "M" {
			delete(fields, last)
		}
	case int:
		if list := asAny(held); kind == "L" && last < len(list) {
			whole["L"] = slices.Delete(slices.Clone(list), last, last+1)
		}
	}
}

// clone is a copy that shares nothing.
func (a dynamoItem) clone() dynamoItem {
	text, err := json.Marshal(a)
	out := dynamoItem{}
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		panic(err) // it came from JSON
	}
	return out
}

// projected is what an item has at the paths: maps with these fields alone, lists with these elements alone.
func projected(item dynamoItem, paths []attributePath) dynamoItem {
	out := dynamoItem{}
	for _, p := range paths {
		if value, ok := p.in(item); ok {
			out = joined(out, p, value)
		}
	}
	return out
}

func joined(fields map[string]any, p attributePath, value any) map[string]any {
	name, _ := p[0].(string)
	fields[name] = below(fields[name], p[1:], value)
	return fields
}

// below puts a value below another one.
func below(outer any, p attributePath, value any) any {
	if len(p) == 0 {
		return value
	}
	_, held := kindOf(outer)
	if name, ok := p[0].(string); ok {
		fields, _ := held.(map[string]any)
		if fields == nil {
			fields = map[string]any{}
		}
		fields[name] = below(fields[name], p[1:], value)
		return map[string]any{"M": fields}
	}
	return map[string]any{"L": append(slices.Clone(asAny(held)), below(nil, p[1:], value))}
}
