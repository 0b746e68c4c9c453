// Package cfn reads a synthesized CloudFormation template.
//
// It reads JSON, which is what `cdk synth` writes to cdk.out; it refuses YAML. It judges nothing and resolves nothing but references.
// Source: AWS CloudFormation User Guide, "Template sections", "Intrinsic function reference".
package cfn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxBytes is the largest template that CloudFormation takes.
// Source: AWS CloudFormation User Guide, "Understand CloudFormation quotas", 1 MB in an S3 object, read 2026-11.
const maxBytes = 1 << 20

// Template is a template's resources by logical id.
type Template struct {
	Resources map[string]Resource
}

// Resource is one resource as the template has it.
type Resource struct {
	Type                string
	Properties          map[string]any
	Metadata            map[string]any
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// Read reads the template in a file.
func Read(file string) (*Template, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	if info.Size() > maxBytes {
		return nil, fmt.Errorf("%s: got %d bytes, CloudFormation accepts at most %d\n  hint: split the stack", file, info.Size(), maxBytes)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	template, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return template, nil
}

// Parse reads a template.
func Parse(data []byte) (*Template, error) {
	const hint = "\n  hint: cdk synth writes the template to cdk.out/STACK.template.json"
	var template Template
	if err := json.Unmarshal(data, &template); err != nil {
		if first := bytes.TrimSpace(data); len(first) > 0 && first[0] != '{' {
			return nil, errors.New("it is not JSON; YAML templates are not read" + hint)
		}
		return nil, fmt.Errorf("it is not a template in JSON: %w%s", err, hint)
	}
	if len(template.Resources) == 0 {
		return nil, errors.New("it has no Resources, so it is not a template" + hint)
	}
	for id, resource := range template.Resources {
		if resource.Type == "" {
			return nil, fmt.Errorf("resource %s has no Type", id)
		}
	}
	return &template, nil
}

// Find lists the templates at a path: the file itself, or those in a folder or in its cdk.out, sorted.
func Find(path string) ([]string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file or folder", path)
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	for _, folder := range []string{filepath.Join(path, "cdk.out"), path} {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		var found []string
		for _, entry := range entries { // sorted by name
			if strings.HasSuffix(entry.Name(), ".template.json") {
				found = append(found, filepath.Join(folder, entry.Name()))
			}
		}
		if found != nil {
			return found, nil
		}
	}
	return nil, fmt.Errorf("%s: there is no *.template.json, and none in its cdk.out\n  hint: run npx cdk synth there first", path)
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
	var value any = r.Properties
	for _, key := range path {
		value = Field(value, key)
	}
	return value
}

// Field is a field of an object, nil if it is none or has no such field.
func Field(value any, key string) any {
	object, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	return object[key]
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
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}

// Refers says whether a value refers to a resource, through Ref, Fn::GetAtt, Fn::Sub or anything around them.
func Refers(value any, id string) bool {
	switch value := value.(type) {
	case string:
		return value == id || strings.HasPrefix(value, id+".") || strings.Contains(value, "${"+id+"}") || strings.Contains(value, "${"+id+".")
	case []any:
		return slices.ContainsFunc(value, func(element any) bool { return Refers(element, id) })
	case map[string]any:
		for _, element := range value {
			if Refers(element, id) {
				return true
			}
		}
	}
	return false
}
