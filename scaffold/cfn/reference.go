package cfn

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

func (e *evaluator) callRef(argument any) (any, error) {
	id, ok := argument.(string)
	if !ok {
		return nil, fmt.Errorf("got %s, expected a logical id", Text(argument))
	}
	return e.ref(id)
}

func (e *evaluator) callGetAtt(argument any) (any, error) {
	if written, ok := argument.(string); ok {
		id, attribute, _ := strings.Cut(written, ".")
		return e.attribute(id, attribute)
	}
	given, err := arguments(argument, "logical id", "attribute")
	if err != nil {
		return nil, err
	}
	id, ok := given[0].(string)
	if !ok {
		return nil, fmt.Errorf("got %s, expected a logical id", Text(given[0]))
	}
	attribute, err := e.scalar(given[1])
	if err != nil {
		return nil, err
	}
	return e.attribute(id, attribute)
}

// ref is what Ref gives: of a pseudo parameter, a parameter, a resource.
func (e *evaluator) ref(id string) (any, error) {
	if strings.HasPrefix(id, "AWS::") {
		return e.pseudo(id)
	}
	if parameter, ok := e.template.Parameters[id]; ok {
		return e.parameter(id, parameter)
	}
	names, err := e.identity(id)
	return names.ref, err
}

// pseudo is a pseudo parameter. Source: AWS CloudFormation User Guide, "Pseudo parameters reference", read 2026-11.
func (e *evaluator) pseudo(name string) (any, error) {
	p := e.place
	switch name {
	case "AWS::AccountId":
		return p.Account, nil
	case "AWS::NoValue":
		return noValue{}, nil
	case "AWS::NotificationARNs":
		return []any{}, nil
	case "AWS::Partition":
		return p.Partition, nil
	case "AWS::Region":
		return p.Region, nil
	case "AWS::StackId":
		return fmt.Sprintf("arn:%s:cloudformation:%s:%s:stack/%s/%s", p.Partition, p.Region, p.Account, p.Stack, uuid(p.digits("", 32))), nil
	case "AWS::StackName":
		return p.Stack, nil
	case "AWS::URLSuffix":
		return p.suffix(), nil
	}
	return nil, fmt.Errorf("there is no pseudo parameter %s", name)
}

func uuid(digits string) string {
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:32]
}

// parameter is the value of a parameter: the given one, or its default. What the default names in Systems Manager is not known here.
func (e *evaluator) parameter(id string, parameter Parameter) (any, error) {
	given, ok := e.place.Parameters[id]
	switch {
	case !ok && strings.HasPrefix(parameter.Type, "AWS::SSM::"):
		return nil, fmt.Errorf("the parameter %s is looked up in Systems Manager, expected a value for it here", id)
	case !ok && parameter.Default == nil:
		return nil, fmt.Errorf("the parameter %s has no default, expected a value for it", id)
	case !ok:
		given = Text(parameter.Default)
	}
	allowed := func(value any) bool { return Text(value) == given }
	if parameter.AllowedValues != nil && !slices.ContainsFunc(parameter.AllowedValues, allowed) {
		return nil, fmt.Errorf("the parameter %s is %q, expected one of %s", id, given, Text(parameter.AllowedValues))
	}
	if parameter.Type == "CommaDelimitedList" || strings.HasPrefix(parameter.Type, "List<") {
		var items []any
		for item := range strings.SplitSeq(given, ",") {
			items = append(items, strings.TrimSpace(item))
		}
		return items, nil
	}
	return given, nil
}

// callSub replaces ${Name}, ${Name.Attribute} and ${Variable}; ${!Name} stands for ${Name}.
func (e *evaluator) callSub(argument any) (any, error) {
	pattern, variables := argument, map[string]any{}
	if list, ok := argument.([]any); ok {
		given, err := arguments(list, "text", "variables")
		if err != nil {
			return nil, err
		}
		if variables, ok = given[1].(map[string]any); !ok {
			return nil, fmt.Errorf("got the variables %s, expected an object", Text(given[1]))
		}
		pattern = given[0]
	}
	rest, ok := pattern.(string)
	if !ok {
		return nil, fmt.Errorf("got %s, expected a text", Text(pattern))
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(rest, "${")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, following, closed := strings.Cut(after, "}")
		if !closed {
			return nil, fmt.Errorf("got ${%.20s, which nothing closes, expected }", after)
		}
		rest = following
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			out.WriteString("${" + literal + "}")
			continue
		}
		value, err := e.substitute(name, variables)
		if err != nil {
			return nil, fmt.Errorf("${%s}: %w", name, err)
		}
		out.WriteString(value)
	}
}

func (e *evaluator) substitute(name string, variables map[string]any) (string, error) {
	if variable, ok := variables[name]; ok {
		return e.scalar(variable)
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		value, err := e.attribute(id, attribute)
		return fmt.Sprint(value), err
	}
	return e.scalar(map[string]any{"Ref": name})
}

// callCidr divides a block of addresses. Source: AWS CloudFormation User Guide, "Fn::Cidr", read 2026-11.
func (e *evaluator) callCidr(argument any) (any, error) {
	given, err := arguments(argument, "block", "count", "bits")
	if err != nil {
		return nil, err
	}
	var texts [3]string
	for i := range given {
		if texts[i], err = e.scalar(given[i]); err != nil {
			return nil, err
		}
	}
	block, err := netip.ParsePrefix(texts[0])
	if err != nil || !block.Addr().Is4() {
		return nil, fmt.Errorf("got the block %q, expected an IPv4 range such as 10.0.0.0/16", texts[0])
	}
	count, err := strconv.Atoi(texts[1])
	if err != nil || count < 1 || count > 256 {
		return nil, fmt.Errorf("got the count %q, expected 1 to 256", texts[1])
	}
	bits, err := strconv.Atoi(texts[2])
	if err != nil || bits < 1 || 32-bits < block.Bits() || count > 1<<(32-bits-block.Bits()) {
		return nil, fmt.Errorf("got %d ranges of %s bits from %s, which do not fit", count, texts[2], block)
	}
	first := block.Masked().Addr().As4()
	start := uint32(first[0])<<24 | uint32(first[1])<<16 | uint32(first[2])<<8 | uint32(first[3])
	ranges := make([]any, count)
	for i := range ranges {
		at := start + uint32(i)<<bits //nolint:gosec // at most 256 ranges, which fit in the block
		ranges[i] = netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(at >> 24), byte(at >> 16), byte(at >> 8), byte(at)}), 32-bits).String()
	}
	return ranges, nil
}
