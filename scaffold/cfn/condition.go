package cfn

import "fmt"

// The number of conditions that Fn::And and Fn::Or take.
// Source: AWS CloudFormation User Guide, "Condition functions", read 2026-11.
const (
	fewestConditions = 2
	mostConditions   = 10
)

// holds says whether a condition is true; the empty name is that of no condition.
func (e *evaluator) holds(name string) (bool, error) {
	if name == "" {
		return true, nil
	}
	if known, ok := e.conditions[name]; ok {
		return known, nil
	}
	condition, ok := e.template.Conditions[name]
	if !ok {
		return false, fmt.Errorf("the template has no condition %s", name)
	}
	if e.visiting["condition "+name] {
		return false, fmt.Errorf("the condition %s depends on itself", name)
	}
	e.visiting["condition "+name] = true
	defer delete(e.visiting, "condition "+name)
	result, err := e.condition(condition)
	if err != nil {
		return false, fmt.Errorf("condition %s: %w", name, err)
	}
	e.conditions[name] = result
	return result, nil
}

// condition evaluates what stands below Conditions.
func (e *evaluator) condition(value any) (bool, error) {
	object, ok := value.(map[string]any)
	if !ok || len(object) != 1 {
		return false, fmt.Errorf("got %s, expected one of Condition, Fn::And, Fn::Equals, Fn::Not, Fn::Or", Text(value))
	}
	for function, argument := range object {
		switch function {
		case "Condition":
			name, ok := argument.(string)
			if !ok {
				return false, fmt.Errorf("got %s, expected the name of a condition", Text(argument))
			}
			return e.holds(name)
		case "Fn::Equals":
			return e.equals(argument)
		case "Fn::Not":
			inner, err := arguments(argument, "condition")
			if err != nil {
				return false, err
			}
			result, err := e.condition(inner[0])
			return !result, err
		case "Fn::And":
			return e.all(argument, true)
		case "Fn::Or":
			all, err := e.all(argument, false)
			return !all, err
		}
		return false, fmt.Errorf("got the function %s, expected one of Condition, Fn::And, Fn::Equals, Fn::Not, Fn::Or", function)
	}
	return false, nil
}

func (e *evaluator) equals(argument any) (bool, error) {
	given, err := arguments(argument, "value", "value")
	if err != nil {
		return false, err
	}
	one, err := e.scalar(given[0])
	if err != nil {
		return false, err
	}
	other, err := e.scalar(given[1])
	return one == other, err
}

// all says whether each condition is as wanted.
func (e *evaluator) all(argument any, wanted bool) (bool, error) {
	list, ok := argument.([]any)
	if !ok || len(list) < fewestConditions || len(list) > mostConditions {
		return false, fmt.Errorf("got %s, expected %d to %d conditions", Text(argument), fewestConditions, mostConditions)
	}
	every := true
	for _, item := range list {
		result, err := e.condition(item)
		if err != nil {
			return false, err
		}
		every = every && result == wanted
	}
	return every, nil
}

func (e *evaluator) callIf(argument any) (any, error) {
	given, err := arguments(argument, "condition", "value if true", "value if false")
	if err != nil {
		return nil, err
	}
	name, ok := given[0].(string)
	if !ok {
		return nil, fmt.Errorf("got %s, expected the name of a condition", Text(given[0]))
	}
	holds, err := e.holds(name)
	if err != nil {
		return nil, err
	}
	if holds {
		return e.value(given[1])
	}
	return e.value(given[2])
}
