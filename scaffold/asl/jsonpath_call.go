package asl

import (
	"math"
	"slices"
	"strings"
)

// functions are those that a path may end in, with the least and the most arguments.
// Source: Jayway JsonPath, "Functions".
var pathFunctions = map[string][2]int{
	"length": {0, 1}, "size": {0, 1}, "min": {0, 100}, "max": {0, 100}, "avg": {0, 100}, "sum": {0, 100},
	"stddev": {0, 100}, "keys": {0, 0}, "first": {0, 0}, "last": {0, 0}, "index": {1, 1}, "concat": {0, 100},
	"append": {0, 100},
}

// call reads the parentheses after a function's name.
func (p *pathParser) call(name string) (step, error) {
	limits, ok := pathFunctions[name]
	if !ok {
		return step{}, p.fail("the path function %s() does not exist", name)
	}
	if p.depth++; p.depth > maxFilterDepth {
		return step{}, p.fail("the call is nested deeper than %d", maxFilterDepth)
	}
	defer func() { p.depth-- }()
	p.at++
	s := step{kind: stepCall, text: name}
	for p.space(); !p.accept(')'); p.space() {
		if len(s.args) > 0 && !p.accept(',') {
			return s, p.fail("expected ',' or ')'")
		}
		arg, err := p.operand()
		if err != nil {
			return s, err
		}
		s.args = append(s.args, arg)
	}
	if len(s.args) < limits[0] || len(s.args) > limits[1] {
		return s, p.fail("%s() got %d arguments", name, len(s.args))
	}
	return s, nil
}

// call applies the function at step i to what the path before it gave.
func (p *Path) call(document, value any, i int, visits *int) (any, *PathError) {
	s := &p.steps[i]
	w := walker{path: p, root: document, visits: visits}
	args := make([]any, len(s.args))
	for n, arg := range s.args {
		args[n] = arg.value(&w, document)
	}
	result, problem := apply(s.text, value, args)
	if problem != "" {
		return nil, &PathError{path: p, problem: problem}
	}
	return result, nil
}

func apply(name string, value any, args []any) (any, string) {
	items, isArray := value.([]any)
	switch name {
	case "length", "size":
		if len(args) > 0 {
			value = args[0]
		}
		if _, isText := value.(string); isText {
			return nil, ""
		}
		if size, ok := sizeOf(value); ok {
			return int64(size), ""
		}
		return nil, ""
	case "keys":
		object, ok := value.(*Object)
		if !ok {
			return nil, ""
		}
		keys := make([]any, object.Len())
		for i, key := range object.Keys() {
			keys[i] = key
		}
		return keys, ""
	case "first", "last", "index":
		if !isArray || len(items) == 0 {
			return nil, "Aggregation function attempted to calculate value using empty array"
		}
		return pick(name, items, args)
	case "concat":
		return concat(items, args), ""
	case "append":
		if !isArray {
			return value, ""
		}
		return append(slices.Clone(items), args...), ""
	}
	return aggregate(name, items, args)
}

func pick(name string, items, args []any) (any, string) {
	n := 0
	switch name {
	case "last":
		n = len(items) - 1
	case "index":
		i, ok := args[0].(int64)
		if !ok {
			return nil, "index() needs a whole number"
		}
		if i < 0 {
			i += int64(len(items))
		}
		if i < 0 || i >= int64(len(items)) {
			return nil, "Target index:" + EncodeString(i) + " larger than object count:" + EncodeString(int64(len(items)))
		}
		n = int(i)
	}
	return items[n], ""
}

func concat(items, args []any) string {
	var b strings.Builder
	for _, part := range append(slices.Clone(items), args...) {
		if text, ok := part.(string); ok {
			b.WriteString(text)
		} else if _, ok := toFloat(part); ok && part != nil {
			b.WriteString(EncodeString(part))
		}
	}
	return b.String()
}

// aggregate is a function over the numbers of an array and of the arguments; what is no number is left out.
func aggregate(name string, items, args []any) (any, string) {
	var numbers []float64
	add := func(v any) {
		if n, ok := toFloat(v); ok {
			numbers = append(numbers, n)
		}
	}
	for _, item := range items {
		add(item)
	}
	for _, arg := range args {
		if list, ok := arg.([]any); ok {
			for _, item := range list {
				add(item)
			}
			continue
		}
		add(arg)
	}
	if len(numbers) == 0 {
		return nil, "Aggregation function attempted to calculate value using empty array"
	}
	sum := 0.0
	for _, n := range numbers {
		sum += n
	}
	mean := sum / float64(len(numbers))
	switch name {
	case "min":
		return slices.Min(numbers), ""
	case "max":
		return slices.Max(numbers), ""
	case "sum":
		return sum, ""
	case "avg":
		return mean, ""
	}
	squares := 0.0
	for _, n := range numbers {
		squares += (n - mean) * (n - mean)
	}
	return math.Sqrt(squares / float64(len(numbers))), ""
}
