package asl

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// choiceState is the rules of a Choice state, in their order.
type choiceState struct {
	rules    []choiceRule
	fallback *state // Default
}

// choiceRule is a top-level rule: a test, where it leads, and what it makes of the data.
type choiceRule struct {
	test      test        // JSONPath
	condition *queryField // JSONata
	always    bool        // JSONata: the condition true, written without {% %}
	never     bool
	next      *state
	output    *Template
	assign    *Template
}

// test is a data test or a combination of tests.
type test interface {
	holds(s *Scope) (bool, *Error)
}

type (
	allTests []test
	anyTest  []test
	notTest  struct{ test test }

	// dataTest compares the value of a variable with an operand.
	dataTest struct {
		variable *Path
		operand  any
		path     *Path // of the operand
		compare  func(value, operand any) bool
	}
	// typeTest is IsNull, IsNumeric and so on.
	typeTest struct {
		variable *Path
		want     bool
		is       func(value any) bool
	}
	presenceTest struct {
		variable *Path
		want     bool
	}
)

func (t allTests) holds(s *Scope) (bool, *Error) {
	for _, test := range t {
		if ok, err := test.holds(s); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (t anyTest) holds(s *Scope) (bool, *Error) {
	for _, test := range t {
		if ok, err := test.holds(s); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

func (t *notTest) holds(s *Scope) (bool, *Error) {
	ok, err := t.test.holds(s)
	return !ok, err
}

func (t *dataTest) holds(s *Scope) (bool, *Error) {
	value, err := conditionValue(t.variable, s)
	if err != nil {
		return false, err
	}
	operand := t.operand
	if t.path != nil {
		if operand, err = conditionValue(t.path, s); err != nil {
			return false, err
		}
	}
	return t.compare(value, operand), nil
}

func (t *typeTest) holds(s *Scope) (bool, *Error) {
	value, err := conditionValue(t.variable, s)
	return err == nil && t.is(value) == t.want, err
}

func (t *presenceTest) holds(s *Scope) (bool, *Error) { return t.variable.Present(s) == t.want, nil }

func conditionValue(p *Path, s *Scope) (any, *Error) {
	value, err := p.Read(s)
	if err != nil {
		return nil, runtimeError(fmt.Sprintf("Invalid path '%s': The choice state's condition path references an invalid value.", p))
	}
	return value, nil
}

// order is what a comparison operator accepts of -1 (less), 0 and +1.
type order func(c int) bool

var orders = map[string]order{
	"Equals":            func(c int) bool { return c == 0 },
	"LessThan":          func(c int) bool { return c < 0 },
	"GreaterThan":       func(c int) bool { return c > 0 },
	"LessThanEquals":    func(c int) bool { return c <= 0 },
	"GreaterThanEquals": func(c int) bool { return c >= 0 },
}

// typeTests are the operators on the type of a value.
// Source: Amazon States Language specification, "Choice State", Data-test Expression.
var typeTests = map[string]func(v any) bool{
	"IsNull":      func(v any) bool { return v == nil },
	"IsNumeric":   func(v any) bool { _, ok := toFloat(v); return ok },
	"IsString":    func(v any) bool { _, ok := v.(string); return ok },
	"IsBoolean":   func(v any) bool { _, ok := v.(bool); return ok },
	"IsTimestamp": func(v any) bool { text, _ := v.(string); _, ok := parseTimestamp(text); return ok },
}

// comparator finds how an operator compares a value with its operand. Values of another type never match.
func comparator(operator string) (compare func(value, operand any) bool, byPath, ok bool) {
	operator, byPath = strings.CutSuffix(operator, "Path")
	switch operator {
	case "StringMatches":
		return stringMatches, byPath, !byPath
	case "BooleanEquals":
		return func(a, b any) bool {
			x, isBool := a.(bool)
			y, both := b.(bool)
			return isBool && both && x == y
		}, byPath, true
	}
	for prefix, typed := range map[string]func(order) func(a, b any) bool{
		"String": compareStrings, "Numeric": compareNumbers, "Timestamp": compareTimestamps,
	} {
		if name, found := strings.CutPrefix(operator, prefix); found && orders[name] != nil {
			return typed(orders[name]), byPath, true
		}
	}
	return nil, byPath, false
}

func compareStrings(accepts order) func(a, b any) bool {
	return func(a, b any) bool {
		x, isText := a.(string)
		y, both := b.(string)
		return isText && both && accepts(strings.Compare(x, y))
	}
}

func compareNumbers(accepts order) func(a, b any) bool {
	return func(a, b any) bool {
		x, xInt := a.(int64)
		y, yInt := b.(int64)
		if xInt && yInt {
			return accepts(cmp.Compare(x, y))
		}
		f, isNumber := toFloat(a)
		g, both := toFloat(b)
		return isNumber && both && accepts(cmp.Compare(f, g))
	}
}

func compareTimestamps(accepts order) func(a, b any) bool {
	return func(a, b any) bool {
		x, _ := a.(string)
		y, _ := b.(string)
		t, isTime := parseTimestamp(x)
		u, both := parseTimestamp(y)
		return isTime && both && accepts(t.Compare(u))
	}
}

// stringMatches compares with a pattern in which * stands for any text; \* is a star and \\ a backslash.
// Source: Amazon States Language specification, "Choice State", StringMatches.
func stringMatches(value, operand any) bool {
	text, isText := value.(string)
	pattern, both := operand.(string)
	return isText && both && wildcard(patternParts(pattern), text)
}

// patternParts are the literal texts between the stars.
func patternParts(pattern string) []string {
	parts := []string{""}
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*':
			parts = append(parts, "")
			continue
		case c == '\\' && i+1 < len(pattern) && (pattern[i+1] == '*' || pattern[i+1] == '\\'):
			i++
		}
		parts[len(parts)-1] += pattern[i : i+1]
	}
	return parts
}

func wildcard(parts []string, text string) bool {
	if len(parts) == 1 {
		return text == parts[0]
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

func (c *compiler) choice(p *program, s *state, o *Object, at string) *choiceState {
	choice := &choiceState{}
	rules := c.list(o, at, "Choices")
	if len(rules) == 0 {
		c.fault(pointerTo(at, "Choices"), "Choices is missing or empty.")
	}
	for i, item := range rules {
		pointer := pointerTo(at, "Choices") + "/" + strconv.Itoa(i)
		body, ok := item.(*Object)
		if !ok {
			c.fault(pointer, "The rule is %s, expected an object.", kindOf(item))
			continue
		}
		choice.rules = append(choice.rules, c.rule(p, s, body, pointer))
	}
	if name, ok := c.text(o, at, "Default"); ok {
		choice.fallback = c.target(p, name, pointerTo(at, "Default"))
	}
	return choice
}

func (c *compiler) rule(p *program, s *state, o *Object, at string) choiceRule {
	name, _ := c.text(o, at, "Next")
	rule := choiceRule{
		next:   c.target(p, name, pointerTo(at, "Next")),
		assign: c.template(o, at, "Assign", s.lang),
	}
	if s.lang == JSONPath {
		rule.test = c.test(o, at, 0)
		return rule
	}
	rule.output = c.template(o, at, "Output", s.lang)
	if rule.condition = c.queryField(s, o, at, "Condition"); rule.condition == nil {
		literal, _ := o.Get("Condition")
		rule.always, rule.never = literal == true, literal == false
		if !rule.always && !rule.never {
			c.fault(pointerTo(at, "Condition"), "Condition is %s, expected a JSONata expression {%% %%} or a boolean.", EncodeString(literal))
		}
	}
	return rule
}

func (c *compiler) test(o *Object, at string, depth int) test {
	if depth > maxNesting {
		c.fault(at, "Rules are nested deeper than %d.", maxNesting)
		return allTests{}
	}
	switch {
	case has(o, "And"):
		return allTests(c.tests(o, at, "And", depth))
	case has(o, "Or"):
		return anyTest(c.tests(o, at, "Or", depth))
	case has(o, "Not"):
		if body := c.object(o, at, "Not"); body != nil {
			return &notTest{c.test(body, pointerTo(at, "Not"), depth+1)}
		}
		return allTests{}
	}
	return c.dataTest(o, at)
}

func has(o *Object, key string) bool { _, ok := o.Get(key); return ok }

func (c *compiler) tests(o *Object, at, key string, depth int) []test {
	var tests []test
	for i, item := range c.list(o, at, key) {
		pointer := pointerTo(at, key) + "/" + strconv.Itoa(i)
		if body, ok := item.(*Object); ok {
			tests = append(tests, c.test(body, pointer, depth+1))
		} else {
			c.fault(pointer, "The rule is %s, expected an object.", kindOf(item))
		}
	}
	return tests
}

func (c *compiler) dataTest(o *Object, at string) test {
	variable := c.path(o, at, "Variable")
	if variable == nil {
		c.fault(pointerTo(at, "Variable"), "Variable is missing or no path.")
		return allTests{}
	}
	for key, operand := range o.All() {
		if key == "IsPresent" || typeTests[key] != nil {
			want, ok := operand.(bool)
			if !ok {
				c.fault(pointerTo(at, key), "%s is %s, expected a boolean.", key, kindOf(operand))
			}
			if key == "IsPresent" {
				return &presenceTest{variable, want}
			}
			return &typeTest{variable, want, typeTests[key]}
		}
		if compare, byPath, ok := comparator(key); ok {
			t := &dataTest{variable: variable, operand: operand, compare: compare}
			if byPath {
				t.path = c.path(o, at, key)
			}
			return t
		}
	}
	c.fault(at, "The rule has no comparison operator.")
	return allTests{}
}

// choose finds the rule that holds. A nil rule means Default.
func (c *choiceState) choose(s *Scope) (*choiceRule, *Error) {
	for i := range c.rules {
		rule := &c.rules[i]
		ok, err := rule.holds(s)
		if err != nil {
			return nil, err
		}
		if ok {
			return rule, nil
		}
	}
	return nil, nil
}

func (r *choiceRule) holds(s *Scope) (bool, *Error) {
	switch {
	case r.test != nil:
		return r.test.holds(s)
	case r.condition == nil:
		return r.always, nil
	}
	v, err := r.condition.template.Eval(s)
	if err != nil {
		return false, err
	}
	ok, isBool := v.(bool)
	if !isBool {
		return false, r.condition.unexpected("boolean", v)
	}
	return ok, nil
}

// decide leaves a Choice state through the first rule that holds, or through Default.
func (t *thread) decide() {
	st, s := t.state, &t.scope
	rule, err := st.choice.choose(s)
	if err != nil {
		t.evaluationFailed(err)
		return
	}
	next, assign, output := st.choice.fallback, st.assign, st.output
	if rule != nil {
		next, assign, output = rule.next, rule.assign, rule.output
	}
	if next == nil {
		t.evaluationFailed(&Error{
			Name:  ErrorNoChoiceMatched,
			Cause: "Failed to transition out of the state. The state does not point to a next state.",
		})
		return
	}
	result, assigned, err := t.effective, (*Object)(nil), (*Error)(nil)
	if st.lang == JSONata {
		result, assigned, err = t.assignAndOutput(assign, output, t.input)
	} else if assigned, err = evalObject(assign, s); err == nil {
		result, err = t.outputPath(result)
	}
	switch {
	case err != nil:
		t.evaluationFailed(err)
	case !t.leave(result, assigned, next):
		t.raise(dataLimit(st.name), "")
	}
}
