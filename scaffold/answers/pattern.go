package answers

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// MaxPattern is the longest event pattern, in characters of JSON.
// Source: Amazon EventBridge API, PutRule.EventPattern, read 2026-11.
const MaxPattern = 4096

// maxWhole is the largest whole number that JSON carries to every program unchanged.
const maxWhole = 1 << 53

// maxPatternKey is the longest name of a field with its quotes: YAML reads no longer key on one line.
// Source: YAML 1.2.2, "7.4.2 Flow Mappings", read 2026-11.
const maxPatternKey = 1024

const patternHint = "for example pattern: {source: [partner.orders]}"

// pattern reads an event pattern as encoding/json would: mappings down to lists. What the operators in the lists mean is
// not checked here.
func (r *reader) pattern(node *yaml.Node) map[string]any {
	if node.Kind != yaml.MappingNode {
		r.fail("start.pattern", node.Line, patternHint, "got %s, expected an event pattern: keys down to lists of values", describe(node))
		return nil
	}
	before := len(r.problems)
	pattern := r.patternKeys("start.pattern", node)
	if len(r.problems) > before {
		return nil
	}
	if encoded, err := json.Marshal(pattern); err != nil || len(encoded) > MaxPattern {
		r.fail("start.pattern", node.Line, "match fewer fields", "has %d characters as JSON, EventBridge takes at most %d", len(encoded), MaxPattern)
	}
	return pattern
}

func (r *reader) patternKeys(path string, node *yaml.Node) map[string]any {
	found := map[string]any{}
	if len(node.Content) == 0 {
		r.fail(path, node.Line, patternHint, "is empty, expected at least one field to match")
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		name, fault := patternKey(key)
		if fault != nil {
			r.add(path, key.Line, fault)
			continue
		}
		below := keyPath(path + "." + name)
		if _, twice := found[name]; twice {
			r.fail(below, key.Line, "keep one of the two", "is a duplicate key")
			continue
		}
		found[name] = r.patternValue(below, name, value)
	}
	return found
}

func patternKey(key *yaml.Node) (string, *fault) {
	if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null" {
		return "", &fault{"got " + describe(key) + " as a key, expected a field's name", patternHint}
	}
	if found := harmful(key.Value); found != nil {
		return "", found
	}
	// As JSON, which is how it is written and how an event has it.
	if encoded, err := json.Marshal(key.Value); err != nil || len(encoded) > maxPatternKey {
		return "", blame(key.Value, "", "has %d characters as JSON, expected a field's name of at most %d", len(encoded), maxPatternKey)
	}
	return key.Value, nil
}

func (r *reader) patternValue(path, name string, node *yaml.Node) any {
	switch node.Kind {
	case yaml.MappingNode:
		return r.patternKeys(path, node)
	case yaml.SequenceNode:
		values := []any{}
		if len(node.Content) == 0 {
			r.fail(path, node.Line, "", "is an empty list, which EventBridge refuses")
		}
		for _, item := range node.Content {
			if name == "$or" && item.Kind != yaml.MappingNode {
				r.fail(path, item.Line, "", "got %s, expected patterns under $or", describe(item))
				continue
			}
			values = append(values, r.patternItem(path, item))
		}
		return values
	default:
		r.fail(path, node.Line, "put it in a list: ["+short(node.Value)+"]", "got %s, expected a list of the values that match", describe(node))
		return nil
	}
}

// patternItem reads what may stand in a list: a value, or an operator such as {prefix: eu-}.
func (r *reader) patternItem(path string, node *yaml.Node) any {
	switch node.Kind {
	case yaml.MappingNode:
		operator := map[string]any{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, fault := patternKey(node.Content[i])
			if fault != nil {
				r.add(path, node.Content[i].Line, fault)
				continue
			}
			if _, twice := operator[key]; twice {
				r.fail(path, node.Content[i].Line, "keep one of the two", "%s is a duplicate key", quote(key))
			}
			operator[key] = r.patternItem(path, node.Content[i+1])
		}
		return operator
	case yaml.SequenceNode:
		values := []any{}
		for _, item := range node.Content {
			values = append(values, r.patternItem(path, item))
		}
		return values
	}
	value, fault := jsonValue(node)
	if fault != nil {
		r.add(path, node.Line, fault)
	}
	return value
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// jsonValue is a scalar as encoding/json would read it. What YAML and JSON read differently is refused.
func jsonValue(node *yaml.Node) (any, *fault) {
	switch node.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		return node.Value == "true" || node.Value == "True" || node.Value == "TRUE", nil
	case "!!int", "!!float":
		value, err := strconv.ParseFloat(node.Value, 64)
		if !jsonNumber.MatchString(node.Value) || err != nil || math.Abs(value) > maxWhole {
			return nil, &fault{"got the number " + short(node.Value) + ", expected one that JSON can carry", "put it in quotes if you mean text"}
		}
		return value + 0, nil
	case "!!str", "!!timestamp":
		if node.Style == 0 && oldBoolean.MatchString(node.Value) {
			return nil, &fault{"got " + node.Value + ", which YAML 1.1 reads as true or false", "put it in quotes, or write true or false"}
		}
		return node.Value, harmful(node.Value)
	}
	return nil, &fault{"got " + describe(node) + ", expected a value", ""}
}
