package cfn_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/cfn"
)

const synthHint = "\n  hint: npx cdk synth writes the template to cdk.out/STACK.template.json"

func TestParseSaysWhatItGotWhatItExpectedAndHowToMendIt(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"empty", "", "got an empty file, expected a template in JSON" + synthHint},
		{"blank", " \n\t", "got an empty file, expected a template in JSON" + synthHint},
		{"YAML", "Resources:\n  Landing:\n    Type: AWS::S3::Bucket\n", `got "Resources:" at its start, expected a template in JSON; YAML is not read` + synthHint},
		{"YAML with a document mark", "---\nResources: {}\n", `got "---" at its start, expected a template in JSON; YAML is not read` + synthHint},
		{"what cdk synth prints to a terminal", "Successfully synthesized to /home/me/weather/cdk.out\n", `got "Successfully synthesized to /home/me/wea" at its start, expected a template in JSON; YAML is not read` + synthHint},
		{"UTF-16, as an old PowerShell redirects", "\xff\xfe{\x00", `got "\xff\xfe{\x00" at its start, expected a template in JSON; YAML is not read` + synthHint},
		{"a byte order mark", "\ufeff{}", `got "\ufeff{}" at its start, expected a template in JSON; YAML is not read` + synthHint},
		{"a list", `[{"Resources": {}}]`, `got "[{\"Resources\": {}}]" at its start, expected a template in JSON; YAML is not read` + synthHint},
		{"half written", "{\n \"Resources\": {\n  \"Landing\": {\"Type\": \"AWS::S3", "it ends in line 3 in the middle of the JSON, expected the whole of a template\n  hint: it may be half written; run npx cdk synth again"},
		{"half written after a brace", "{\n", "it ends in line 2 in the middle of the JSON, expected the whole of a template\n  hint: it may be half written; run npx cdk synth again"},
		{"no JSON", "{\n  Resources: {}\n}", "line 2: invalid character 'R' looking for beginning of object key string, expected a template in JSON" + synthHint},
		{"two values", "{}\n{}", "line 2: invalid character '{' after top-level value, expected a template in JSON" + synthHint},
		{"deeper than any template", `{"Resources": {"A": ` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}}`, "line 1: invalid character '[' exceeded max depth, expected a template in JSON" + synthHint},
		{"not a template", `{"name": "weather"}`, "got JSON without Resources, expected a template" + synthHint},
		{"no resource", `{"Resources": {}}`, "got JSON without Resources, expected a template" + synthHint},
		{"null resources", `{"Resources": null}`, "got JSON without Resources, expected a template" + synthHint},
		{"resources as a list", `{"Resources": []}`, "Resources is of type array, expected an object" + synthHint},
		{"a resource as a text", `{"Resources": {"A": "AWS::S3::Bucket"}}`, "resource A: it is of type string, expected an object" + synthHint},
		{"a type as a number", `{"Resources": {"A": {"Type": 5}}}`, "resource A: Type is of type number, expected a text" + synthHint},
		{"properties as a list", `{"Resources": {"A": {"Type": "T", "Properties": []}}}`, "resource A: Properties is of type array, expected an object" + synthHint},
		{"no type", `{"Resources": {"B": {"Type": "T"}, "A": {}}}`, "resource A: it has no Type, expected one such as AWS::S3::Bucket" + synthHint},
		{"null resource", `{"Resources": {"A": null}}`, "resource A: it has no Type, expected one such as AWS::S3::Bucket" + synthHint},
		{"a loop", `{"Transform": "AWS::LanguageExtensions", "Resources": {"Fn::ForEach::Buckets": ["B", ["x"], {}]}}`, "resource Fn::ForEach::Buckets: loops of AWS::LanguageExtensions are not read, expected each resource written out" + synthHint},
	} {
		t.Run(test.name, func(t *testing.T) {
			template, err := cfn.Parse([]byte(test.data))
			if err == nil {
				t.Fatalf("got %v, expected an error", template)
			}
			if err.Error() != test.want {
				t.Errorf("got:\n%s\nexpected:\n%s", err, test.want)
			}
		})
	}
}

func TestReadNamesTheFileInItsErrors(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "large.json", `{"Resources": {"A": {"Type": "T", "Metadata": {"x": "`+strings.Repeat("x", 1<<20)+`"}}}}`)
	write(t, folder, "half.json", `{"Resources": {`)
	for _, test := range []struct{ name, file, want string }{
		{"missing", "absent.json", "FILE: there is no such file, expected a template" + synthHint},
		{"larger than CloudFormation takes", "large.json", "FILE: got more than 1048576 bytes, which is the most that CloudFormation accepts\n  hint: split the stack"},
		{"half written", "half.json", "FILE: it ends in line 1 in the middle of the JSON"},
		{"a folder", ".", "read template: read FILE: is a directory"},
		{"below a file", "half.json/x", "read template: open FILE: not a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(folder, test.file)
			template, err := cfn.Read(file)
			if err == nil {
				t.Fatalf("got %v, expected an error", template)
			}
			if want := strings.ReplaceAll(test.want, "FILE", file); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got:\n%s\nexpected:\n%s", err, want)
			}
		})
	}
}

func TestReadTakesATemplateOfExactlyTheLargestSize(t *testing.T) {
	const start, end = `{"Resources": {"A": {"Type": "T"}}, "Description": "`, `"}`
	text := start + strings.Repeat("x", 1<<20-len(start)-len(end)) + end
	file := write(t, t.TempDir(), "a.template.json", text)
	if _, err := cfn.Read(file); err != nil {
		t.Error(err)
	}
}

func TestReadKeepsWhatRulesAskFor(t *testing.T) {
	file := write(t, t.TempDir(), "a.template.json", `{"Description": "x", "Resources": {"A": {
		"Type": "AWS::S3::Bucket", "DependsOn": ["B"], "Properties": {"N": 1}, "Metadata": {"m": true}, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Delete"}}}`)
	template, err := cfn.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	a := template.Resources["A"]
	if a.Type != "AWS::S3::Bucket" || a.Get("N") != 1.0 || a.Metadata["m"] != true || a.DeletionPolicy != "Retain" || a.UpdateReplacePolicy != "Delete" {
		t.Errorf("got %+v", a)
	}
}

// What is read never panics, refers to itself as JSON does, and an error always says how to mend it.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"Resources": {"A": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Metadata": {"m": 1}, "Properties": {"x": {"Ref": "B"}}}, "B": {"Type": "T"}}}`))
	f.Add([]byte("Resources:\n  A:\n    Type: AWS::S3::Bucket\n"))
	f.Add([]byte("{\n \"Resources\": {\n  \"A\": {\"Type\": \"AWS::S3"))
	f.Add([]byte(`{"Resources": {"Fn::ForEach::A": ["B", ["x"], {}]}}`))
	f.Add([]byte(`{"Resources": {"A": {"Type": "T", "Properties": {"x": {"Fn::Sub": ["${A}", {"A": {"Ref": "A"}}]}}}}}`))
	f.Add([]byte(`{"Resources": {"": {"Type": "T", "Properties": {"x": {"Fn::GetAtt": [[], 1]}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		template, err := cfn.Parse(data)
		if err != nil {
			if !strings.Contains(err.Error(), "\n  hint: ") {
				t.Errorf("no hint in: %v", err)
			}
			return
		}
		if len(template.Resources) == 0 {
			t.Error("a template without resources is none")
		}
		for id, resource := range template.Resources {
			if resource.Type == "" {
				t.Errorf("%q has no type", id)
			}
			text := cfn.Text(resource.Properties)
			if !json.Valid([]byte(text)) {
				t.Errorf("the text of %q is not JSON: %s", id, text)
			}
			// A reference is always visible in the text, too.
			for other := range template.Resources {
				if cfn.Refers(resource.Properties, other) && !strings.Contains(text, strings.Trim(cfn.Text([]any{other}), `[]"`)) {
					t.Errorf("%q refers to %q, which is not in %s", id, other, text)
				}
			}
		}
	})
}

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}
