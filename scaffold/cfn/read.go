package cfn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

// maxBytes is the largest template that CloudFormation takes.
// Source: AWS CloudFormation User Guide, "Understand CloudFormation quotas", 1 MB in an S3 object, read 2026-11.
const maxBytes = 1 << 20

// hint says where a template comes from, below an error about one that is none.
const hint = "\n  hint: npx cdk synth writes the template to cdk.out/STACK.template.json"

// Read reads the template in a file.
func Read(file string) (*Template, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	template, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return template, nil
}

// readFile reads a file that is no larger than a template may be, whatever its directory entry says of its size.
func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file, expected a template%s", name, hint)
	}
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("%s: got more than %d bytes, which is the most that CloudFormation accepts\n  hint: split the stack", name, maxBytes)
	}
	return data, nil
}

// Parse reads a template.
func Parse(data []byte) (*Template, error) {
	var sections struct {
		Resources  map[string]json.RawMessage
		Parameters map[string]Parameter
		Mappings   map[string]map[string]map[string]any
		Conditions map[string]any
		Outputs    map[string]Output
	}
	if err := decode(data, "a template", &sections); err != nil {
		return nil, err
	}
	if len(sections.Resources) == 0 {
		return nil, errors.New("got JSON without Resources, expected a template" + hint)
	}
	template := &Template{
		Resources:  make(map[string]Resource, len(sections.Resources)),
		Parameters: sections.Parameters, Mappings: sections.Mappings, Conditions: sections.Conditions, Outputs: sections.Outputs,
	}
	for _, id := range slices.Sorted(maps.Keys(sections.Resources)) {
		if strings.HasPrefix(id, "Fn::ForEach") {
			return nil, fmt.Errorf("resource %s: loops of AWS::LanguageExtensions are not read, expected each resource written out%s", id, hint)
		}
		var resource Resource
		if err := json.Unmarshal(sections.Resources[id], &resource); err != nil {
			return nil, fmt.Errorf("resource %s: %w", id, mistyped(err))
		}
		if resource.Type == "" {
			return nil, fmt.Errorf("resource %s: it has no Type, expected one such as AWS::S3::Bucket%s", id, hint)
		}
		template.Resources[id] = resource
	}
	return template, nil
}

// decode reads one JSON object and says what is wrong with anything else, and in which line.
func decode(data []byte, what string, into any) error {
	first := bytes.TrimSpace(data)
	if len(first) == 0 {
		return fmt.Errorf("got an empty file, expected %s in JSON%s", what, hint)
	}
	if first[0] != '{' {
		start, _, _ := bytes.Cut(first, []byte("\n"))
		return fmt.Errorf("got %.40q at its start, expected %s in JSON; YAML is not read%s", start, what, hint)
	}
	err := json.Unmarshal(data, into)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		if int(syntax.Offset) >= len(data) {
			return fmt.Errorf("it ends in line %d in the middle of the JSON, expected the whole of %s\n  hint: it may be half written; run npx cdk synth again", line, what)
		}
		return fmt.Errorf("line %d: %w, expected %s in JSON%s", line, syntax, what, hint)
	}
	return mistyped(err)
}

// mistyped says in the words of JSON what is of another type than expected.
func mistyped(err error) error {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	expected := "an object"
	if wrong.Type.Kind().String() == "string" {
		expected = "a text"
	}
	where := "it"
	if wrong.Field != "" {
		where = wrong.Field
	}
	return fmt.Errorf("%s is of type %s, expected %s%s", where, wrong.Value, expected, hint)
}
