package lab

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// conditionTest says whether one value of the request matches one value of the policy.
type conditionTest func(context *policyContext, got string) bool

// conditionOperator makes a test of a value in a policy. A negated operator holds when no value matches.
type conditionOperator struct {
	compile func(written string, variables bool) (conditionTest, error)
	negated bool
}

// conditionOperators are all there are, without IfExists, the set operators and Null.
// Source: IAM User Guide, "IAM JSON policy elements: Condition operators", read 2026-11.
var conditionOperators = map[string]conditionOperator{
	"StringEquals":              {compile: exactly},
	"StringNotEquals":           {compile: exactly, negated: true},
	"StringEqualsIgnoreCase":    {compile: exactlyIgnoringCase},
	"StringNotEqualsIgnoreCase": {compile: exactlyIgnoringCase, negated: true},
	"StringLike":                {compile: alike},
	"StringNotLike":             {compile: alike, negated: true},
	"NumericEquals":             {compile: numeric(func(order int) bool { return order == 0 })},
	"NumericNotEquals":          {compile: numeric(func(order int) bool { return order == 0 }), negated: true},
	"NumericLessThan":           {compile: numeric(func(order int) bool { return order < 0 })},
	"NumericLessThanEquals":     {compile: numeric(func(order int) bool { return order <= 0 })},
	"NumericGreaterThan":        {compile: numeric(func(order int) bool { return order > 0 })},
	"NumericGreaterThanEquals":  {compile: numeric(func(order int) bool { return order >= 0 })},
	"DateEquals":                {compile: dated(func(order int) bool { return order == 0 })},
	"DateNotEquals":             {compile: dated(func(order int) bool { return order == 0 }), negated: true},
	"DateLessThan":              {compile: dated(func(order int) bool { return order < 0 })},
	"DateLessThanEquals":        {compile: dated(func(order int) bool { return order <= 0 })},
	"DateGreaterThan":           {compile: dated(func(order int) bool { return order > 0 })},
	"DateGreaterThanEquals":     {compile: dated(func(order int) bool { return order >= 0 })},
	"Bool":                      {compile: truth},
	"BinaryEquals":              {compile: binary},
	"IpAddress":                 {compile: address},
	"NotIpAddress":              {compile: address, negated: true},
	"ArnEquals":                 {compile: arnLike},
	"ArnLike":                   {compile: arnLike},
	"ArnNotEquals":              {compile: arnLike, negated: true},
	"ArnNotLike":                {compile: arnLike, negated: true},
}

const nullOperator = "Null"

// statementCondition is one key below one operator.
type statementCondition struct {
	operator string // as written, with its prefix and suffix
	key      string
	lowerKey string // the keys of conditions have no case
	expected []string
	tests    []conditionTest
	negated  bool
	ifExists bool
	null     bool
	every    bool // ForAllValues:
	some     bool // ForAnyValue:
}

// compileConditions reads a Condition. It refuses operators that it does not know: to skip one would allow or deny too much.
func compileConditions(written any, variables bool) ([]statementCondition, error) {
	if written == nil {
		return nil, nil
	}
	operators, ok := written.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the Condition is %s, expected an object of operators", cfn.Text(written))
	}
	var conditions []statementCondition
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys, ok := operators[operator].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("below the Condition, %s is %s, expected an object of condition keys", operator, cfn.Text(operators[operator]))
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			condition, err := compileCondition(operator, key, keys[key], variables)
			if err != nil {
				return nil, fmt.Errorf("the condition %s %s: %w", operator, key, err)
			}
			conditions = append(conditions, condition)
		}
	}
	return conditions, nil
}

func compileCondition(operator, key string, values any, variables bool) (statementCondition, error) {
	condition := statementCondition{operator: operator, key: key, lowerKey: strings.ToLower(key)}
	name, every := strings.CutPrefix(operator, "ForAllValues:")
	name, some := strings.CutPrefix(name, "ForAnyValue:")
	name, ifExists := strings.CutSuffix(name, "IfExists")
	condition.every, condition.some, condition.ifExists = every, some, ifExists
	condition.null = operator == nullOperator
	known, ok := conditionOperators[name]
	if condition.null {
		known, ok = conditionOperator{compile: truth}, true
	}
	if !ok || every && some {
		return condition, fmt.Errorf("the operator %s is not known, expected %s or one of %s", operator, nullOperator, strings.Join(slices.Sorted(maps.Keys(conditionOperators)), ", "))
	}
	condition.negated = known.negated
	for _, value := range cfn.List(values) {
		text, err := scalarText(value)
		if err != nil {
			return condition, err
		}
		test, err := known.compile(text, variables)
		if err != nil {
			return condition, fmt.Errorf("got %q, %w", text, err)
		}
		condition.expected = append(condition.expected, text)
		condition.tests = append(condition.tests, test)
	}
	if len(condition.tests) == 0 {
		return condition, errors.New("got no values, expected at least one")
	}
	return condition, nil
}

// scalarText is a text, number or truth value as a policy's text.
func scalarText(value any) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), nil
	case bool:
		return strconv.FormatBool(value), nil
	}
	return "", fmt.Errorf("got %s, expected a text, or a list of texts", cfn.Text(value))
}

// holds evaluates the condition. A key that the request lacks matches nothing, so that a negated operator holds then.
// Source: IAM User Guide, "IAM JSON policy elements: Condition operators"; "Single-valued vs. multivalued context keys", read 2026-11.
func (c *statementCondition) holds(context *policyContext) bool {
	got := context.values(c.lowerKey)
	if c.null {
		absent := strconv.FormatBool(len(got) == 0)
		return slices.ContainsFunc(c.tests, func(test conditionTest) bool { return test(context, absent) })
	}
	if len(got) == 0 {
		return c.ifExists || c.every || c.negated && !c.some
	}
	every := c.every || c.negated && !c.some
	for _, value := range got {
		matches := slices.ContainsFunc(c.tests, func(test conditionTest) bool { return test(context, value) })
		if holds := matches != c.negated; holds != every {
			return holds
		}
	}
	return every
}

func exactly(written string, variables bool) (conditionTest, error) {
	text, err := compilePolicyText(written, noWildcards, variables)
	return func(context *policyContext, got string) bool {
		expected, ok := text.fill(context)
		return ok && expected == got
	}, err
}

func exactlyIgnoringCase(written string, variables bool) (conditionTest, error) {
	text, err := compilePolicyText(written, noWildcards, variables)
	return func(context *policyContext, got string) bool {
		expected, ok := text.fill(context)
		return ok && strings.EqualFold(expected, got)
	}, err
}

func alike(written string, variables bool) (conditionTest, error) {
	text, err := compilePolicyText(written, anyWildcards, variables)
	return text.matches, err
}

// arnLike is for all ARN operators: ArnEquals and ArnLike behave alike.
func arnLike(written string, variables bool) (conditionTest, error) {
	arn, err := compileArn(written, variables)
	if err != nil {
		return nil, err
	}
	return arn.matches, nil
}

func numeric(accept func(order int) bool) func(string, bool) (conditionTest, error) {
	return func(written string, _ bool) (conditionTest, error) {
		expected, err := strconv.ParseFloat(written, 64)
		if err != nil {
			return nil, errors.New("expected a number")
		}
		return func(_ *policyContext, got string) bool {
			number, err := strconv.ParseFloat(got, 64)
			switch {
			case err != nil:
				return false
			case number < expected:
				return accept(-1)
			case number > expected:
				return accept(1)
			}
			return accept(0)
		}, nil
	}
}

func dated(accept func(order int) bool) func(string, bool) (conditionTest, error) {
	return func(written string, _ bool) (conditionTest, error) {
		expected, ok := policyTime(written)
		if !ok {
			return nil, errors.New("expected a time such as 2026-03-01T00:00:00Z, or seconds since 1970")
		}
		return func(_ *policyContext, got string) bool {
			moment, ok := policyTime(got)
			return ok && accept(moment.Compare(expected))
		}, nil
	}
}

// policyTime reads the ISO 8601 forms that the W3C lists, and seconds since 1970. Four digits are a year.
func policyTime(written string) (time.Time, bool) {
	const yearDigits = 4
	if seconds, err := strconv.ParseInt(written, 10, 64); err == nil && len(written) > yearDigits {
		return time.Unix(seconds, 0), true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006"} {
		if moment, err := time.Parse(layout, written); err == nil {
			return moment, true
		}
	}
	return time.Time{}, false
}

func truth(written string, _ bool) (conditionTest, error) {
	if !strings.EqualFold(written, "true") && !strings.EqualFold(written, "false") {
		return nil, errors.New("expected true or false")
	}
	return func(_ *policyContext, got string) bool { return strings.EqualFold(written, got) }, nil
}

func binary(written string, _ bool) (conditionTest, error) {
	expected, err := base64.StdEncoding.DecodeString(written)
	if err != nil {
		return nil, errors.New("expected bytes in base64")
	}
	return func(_ *policyContext, got string) bool {
		bytes, err := base64.StdEncoding.DecodeString(got)
		return err == nil && string(bytes) == string(expected)
	}, nil
}

func address(written string, _ bool) (conditionTest, error) {
	if !strings.Contains(written, "/") {
		expected, err := netip.ParseAddr(written)
		if err != nil {
			return nil, errors.New("expected an address or a range such as 203.0.113.0/24")
		}
		written = netip.PrefixFrom(expected, expected.BitLen()).String()
	}
	expected, err := netip.ParsePrefix(written)
	if err != nil {
		return nil, errors.New("expected an address or a range such as 203.0.113.0/24")
	}
	return func(_ *policyContext, got string) bool {
		address, err := netip.ParseAddr(got)
		return err == nil && expected.Contains(address)
	}, nil
}
