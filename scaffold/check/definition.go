package check

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// placeholder stands for what CloudFormation fills in: it is JSON where a number is expected, and harmless in a text.
const placeholder = "0"

var substitution = regexp.MustCompile(`\$\{[^}]*\}`)

// definition is a state machine's definition, nil if it is in S3 or not JSON.
func definition(machine cfn.Resource) map[string]any {
	value := machine.Get("DefinitionString")
	if !given(value) {
		value = machine.Get("Definition")
	}
	if joined := cfn.List(cfn.Field(value, "Fn::Join")); len(joined) == 2 {
		value = join(cfn.List(joined[1]))
	} else if substituted := cfn.List(cfn.Field(value, "Fn::Sub")); len(substituted) > 0 {
		value = substituted[0]
	}
	text, ok := value.(string)
	if !ok {
		object, _ := value.(map[string]any)
		return object
	}
	for _, candidate := range []string{text, substitution.ReplaceAllString(text, placeholder)} {
		var parsed map[string]any
		if json.Unmarshal([]byte(candidate), &parsed) == nil {
			return parsed
		}
	}
	return nil
}

func join(parts []any) string {
	var text strings.Builder
	for _, part := range parts {
		literal, ok := part.(string)
		if !ok {
			literal = placeholder
		}
		text.WriteString(literal)
	}
	return text.String()
}

// state is one state of a machine.
type state struct {
	name string
	body map[string]any
}

// states lists the states of a machine and of what is nested in them, by name.
func states(machine any) []state {
	var list []state
	all, _ := cfn.Field(machine, "States").(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		body, _ := all[name].(map[string]any)
		list = append(list, state{name, body})
		for _, branch := range cfn.List(body["Branches"]) {
			list = append(list, states(branch)...)
		}
		list = append(list, states(body["ItemProcessor"])...)
		list = append(list, states(body["Iterator"])...)
	}
	return list
}

func (s state) hasKey(keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return s.body[key] != nil })
}

// notifies says whether a task only sends a message: its failure is the alarm's business.
func (s state) notifies() bool {
	resource := cfn.Text(s.body["Resource"])
	return strings.Contains(resource, ":sns:") || strings.Contains(resource, "sqs")
}
