package main

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/pattern"
)

// patternProblems are the reasons for which a start's event pattern cannot be deployed: EventBridge refuses it, or a
// CloudFormation template cannot carry it. No pattern has none.
func patternProblems(given map[string]any) []string {
	if given == nil {
		return nil
	}
	text, err := json.Marshal(given)
	if err != nil {
		return []string{"start.pattern: " + err.Error()}
	}
	if _, err := pattern.Compile(text); err != nil {
		// The place would be one in JSON on one line, which the user never saw.
		if refused, ok := errors.AsType[*pattern.Error](err); ok {
			problem := "start.pattern: " + refused.Message()
			if refused.Hint != "" {
				problem += "\n    hint: " + refused.Hint
			}
			return []string{problem}
		}
		return []string{"start.pattern: " + err.Error()}
	}
	return undeployable("start.pattern", given)
}

// undeployable are the parts of a pattern that EventBridge takes and a template does not.
// Source: AWS CloudFormation User Guide, "Intrinsic function reference", "Null values are not allowed in templates".
func undeployable(path string, value any) []string {
	var problems []string
	switch value := value.(type) {
	case nil:
		return []string{path + ": got null, which no CloudFormation template can hold"}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if name == "Ref" || strings.HasPrefix(name, "Fn::") {
				problems = append(problems, path+": got the field "+name+", which CloudFormation would take for one of its functions")
			}
			problems = append(problems, undeployable(path+"."+name, value[name])...)
		}
	case []any:
		for _, item := range value {
			problems = append(problems, undeployable(path, item)...)
		}
	}
	return problems
}
