package check

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// mutate changes a template in one place after the other, tells each time, and undoes it: it removes each resource, attribute, property and
// element, empties each object and list, and changes each value, in the definitions of state machines, too.
func mutate(template map[string]any, tell func(what string)) {
	resources, _ := template["Resources"].(map[string]any)
	walk(resources, "", tell)
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		resource, _ := resources[id].(map[string]any)
		properties, _ := resource["Properties"].(map[string]any)
		text, _ := properties["DefinitionString"].(string)
		var definition map[string]any
		if json.Unmarshal([]byte(text), &definition) != nil {
			continue
		}
		walk(definition, id+" definition", func(what string) {
			if data, err := json.Marshal(definition); err == nil {
				properties["DefinitionString"] = string(data)
				tell(what)
			}
		})
		properties["DefinitionString"] = text
	}
}

func walk(value any, path string, tell func(string)) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			here, old := path+"/"+key, value[key]
			delete(value, key)
			tell(here + " removed")
			for _, other := range others(old) {
				value[key] = other
				tell(here + " changed")
			}
			value[key] = old
			walk(old, here, tell)
		}
	case []any:
		for i, old := range value {
			here := path + "/" + strconv.Itoa(i)
			for _, other := range others(old) {
				value[i] = other
				tell(here + " changed")
			}
			value[i] = old
			walk(old, here, tell)
		}
	}
}

// others are what a value may be changed to.
func others(value any) []any {
	switch value := value.(type) {
	case bool:
		return []any{!value}
	case float64:
		return []any{value + 1, 0.0}
	case string:
		return []any{"changed", "*", ""}
	case map[string]any:
		return []any{map[string]any{}}
	case []any:
		if len(value) > 1 {
			return []any{[]any{}, value[1:]}
		}
		return []any{[]any{}}
	}
	return nil
}
