// Package cfn reads a synthesized CloudFormation template, and deploys it on paper.
//
// It reads JSON, which is what `cdk synth` writes to cdk.out; it refuses YAML, and the loops of the language extensions. It judges nothing
// and makes nothing: Deploy evaluates the intrinsic functions and says what each resource would be called, and that is all.
// What it does not know, a function or an attribute of a resource, it refuses by name.
// Source: AWS CloudFormation User Guide, "Template sections", "Intrinsic function reference"; for cdk.out, the cloud assembly's manifest.
package cfn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Template is a template's resources by logical id, and what their properties refer to besides.
type Template struct {
	Resources  map[string]Resource
	Parameters map[string]Parameter
	Mappings   map[string]map[string]map[string]any
	Conditions map[string]any
	Outputs    map[string]Output
}

// Parameter is what a template asks for.
type Parameter struct {
	Type          string
	Default       any
	AllowedValues []any
}

// Output is what a stack tells when it has been deployed.
type Output struct {
	Description string
	Condition   string
	Value       any
}

// Resource is one resource as the template has it.
type Resource struct {
	Type                string
	Properties          map[string]any
	Metadata            map[string]any
	Condition           string
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// ByType lists the logical ids of the resources of a type, sorted.
func (t *Template) ByType(kind string) []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if t.Resources[id].Type == kind {
			ids = append(ids, id)
		}
	}
	return ids
}

// Get walks down the properties; nil where there is nothing.
func (r Resource) Get(path ...string) any {
	return Field(r.Properties, path...)
}

// Field walks down nested objects; nil where a value is none, or has no such field.
func Field(value any, path ...string) any {
	for _, key := range path {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// List is a value as a list: a single value stands for a list of one, nothing for an empty one.
func List(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	default:
		return []any{value}
	}
}

// Text is a value as a text: itself, or as JSON.
func Text(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the text is searched, and shown to people
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// Refers says whether a value refers to a resource, through Ref, Fn::GetAtt, Fn::Sub or anything around them.
// A plain text that equals a logical id refers to nothing.
func Refers(value any, id string) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, func(element any) bool { return Refers(element, id) })
	case map[string]any:
		for key, argument := range value {
			if refers(key, argument, id) || Refers(argument, id) {
				return true
			}
		}
	}
	return false
}

// refers says whether one intrinsic function names the resource.
func refers(function string, argument any, id string) bool {
	switch function {
	case "Ref":
		return argument == any(id)
	case "Fn::GetAtt":
		parts := List(argument)
		if len(parts) == 0 {
			return false
		}
		name, _ := parts[0].(string)
		return name == id || strings.HasPrefix(name, id+".")
	case "Fn::Sub":
		parts := List(argument)
		if len(parts) == 0 {
			return false
		}
		if len(parts) > 1 && Field(parts[1], id) != nil {
			return false // a variable of that name hides the resource
		}
		text, _ := parts[0].(string)
		return strings.Contains(text, "${"+id+"}") || strings.Contains(text, "${"+id+".")
	}
	return false
}
