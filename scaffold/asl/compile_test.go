package asl

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// What Validate lets through must still not reach the interpreter: the compiler checks all that it relies on.
func TestCompilerReportsFaultsWithTheirPointer(t *testing.T) {
	state := func(body string) string { return `{"StartAt": "A", "States": {"A": ` + body + `}}` }
	each := `"ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}, "End": true`
	for _, c := range []struct{ definition, pointer, message string }{
		{`[]`, "", "expected an object"},
		{`{"StartAt": "A"}`, "/States", "missing or empty"},
		{`{"StartAt": 1, "States": {"A": {"Type": "Pass", "End": true}}}`, "/StartAt", "number, expected a string"},
		{`{"StartAt": "A", "TimeoutSeconds": "x", "States": {"A": {"Type": "Pass", "End": true}}}`, "/TimeoutSeconds", "expected an integer"},
		{`{"StartAt": "A", "QueryLanguage": "SQL", "States": {"A": {"Type": "Pass", "End": true}}}`, "/QueryLanguage", "JSONPath or JSONata"},
		{`{"StartAt": "a/b~c", "States": {"a/b~c": {"Type": "X"}}}`, "/States/a~1b~0c/Type", `"X", expected one of Pass, Task`},
		{state(`7`), "/States/A", "expected an object"},
		{state(`{"Type": "Pass"}`), "/States/A", "either Next or End"},
		{state(`{"Type": "Pass", "Next": "A", "End": true}`), "/States/A", "either Next or End"},
		{state(`{"Type": "Pass", "Next": "Z"}`), "/States/A/Next", "Missing 'Next' target: Z"},
		{state(`{"Type": "Pass", "InputPath": "$[", "End": true}`), "/States/A/InputPath", ""},
		{state(`{"Type": "Pass", "ResultPath": "$.a[*]", "End": true}`), "/States/A/ResultPath", "expected a reference path"},
		{state(`{"Type": "Pass", "Parameters": {"a.$": "nothing("}, "End": true}`), "/States/A/Parameters", ""},
		{state(`{"Type": "Task", "Resource": "glue", "End": true}`), "/States/A/Resource", "expected the ARN"},
		{state(`{"Type": "Task", "Resource": "arn:aws:states:::glue", "End": true}`), "/States/A/Resource", "expected the ARN"},
		{state(`{"Type": "Task", "Resource": "arn:aws:s3:::x", "End": true}`), "/States/A/Resource", "expected the ARN"},
		{state(`{"Type": "Task", "Resource": "arn:aws:states:::a:b", "Retry": {}, "End": true}`), "/States/A/Retry", "expected an array"},
		{state(`{"Type": "Task", "Resource": "arn:aws:states:::a:b", "Retry": [1], "End": true}`), "/States/A/Retry/0", "expected an object"},
		{state(`{"Type": "Task", "Resource": "arn:aws:states:::a:b", "Retry": [{"ErrorEquals": []}], "End": true}`), "/States/A/Retry/0/ErrorEquals", "missing or empty"},
		{state(`{"Type": "Task", "Resource": "arn:aws:states:::a:b", "Retry": [{"ErrorEquals": [1]}], "End": true}`), "/States/A/Retry/0/ErrorEquals/0", "expected a string"},
		{state(`{"Type": "Task", "Resource": "arn:aws:states:::a:b", "Retry": [{"ErrorEquals": ["E"], "BackoffRate": "x"}], "End": true}`), "/States/A/Retry/0/BackoffRate", "expected a number"},
		{state(`{"Type": "Task", "Resource": "arn:aws:states:::a:b", "Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "HALF"}], "End": true}`), "/States/A/Retry/0/JitterStrategy", "FULL or NONE"},
		{state(`{"Type": "Task", "Resource": "arn:aws:states:::a:b", "Catch": [1], "End": true}`), "/States/A/Catch/0", "expected an object"},
		{state(`{"Type": "Task", "Resource": "arn:aws:states:::a:b", "Catch": [{"ErrorEquals": ["E"], "Next": "Z"}], "End": true}`), "/States/A/Catch/0/Next", "Missing 'Next' target: Z"},
		{state(`{"Type": "Choice"}`), "/States/A/Choices", "missing or empty"},
		{state(`{"Type": "Choice", "Choices": [1]}`), "/States/A/Choices/0", "expected an object"},
		{state(`{"Type": "Choice", "Choices": [{"And": [1], "Next": "A"}]}`), "/States/A/Choices/0/And/0", "expected an object"},
		{state(`{"Type": "Choice", "Choices": [{"Not": 1, "Next": "A"}]}`), "/States/A/Choices/0/Not", "expected an object"},
		{state(`{"Type": "Choice", "Choices": [{"NumericEquals": 1, "Next": "A"}]}`), "/States/A/Choices/0/Variable", "missing"},
		{state(`{"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "A"}]}`), "/States/A/Choices/0", "no comparison operator"},
		{state(`{"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": 1, "Next": "A"}]}`), "/States/A/Choices/0/IsNull", "expected a boolean"},
		{state(`{"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "A"}], "Default": "Z"}`), "/States/A/Default", "Missing 'Next' target"},
		{state(`{"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": 1, "Next": "A"}]}`), "/States/A/Choices/0/Condition", "expected a JSONata expression"},
		{state(`{"Type": "Wait", "Timestamp": "yesterday", "End": true}`), "/States/A/Timestamp", "expected an RFC 3339 timestamp"},
		{state(`{"Type": "Fail", "ErrorPath": "nothing("}`), "/States/A/ErrorPath", ""},
		{state(`{"Type": "Parallel", "End": true}`), "/States/A/Branches", "missing or empty"},
		{state(`{"Type": "Parallel", "Branches": [1], "End": true}`), "/States/A/Branches/0", "expected an object"},
		{state(`{"Type": "Map", "End": true}`), "/States/A/ItemProcessor", "missing"},
		{state(`{"Type": "Map", "ItemReader": {"Resource": "x"}, ` + each + `}`), "/States/A/ItemReader/Resource", "s3:getObject"},
		{state(`{"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "PARQUET"}}, ` + each + `}`), "/States/A/ItemReader/ReaderConfig/InputType", "PARQUET is not supported"},
		{state(`{"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "ReaderConfig": {"Transformation": "LOAD_AND_FLATTEN"}}, ` + each + `}`), "/States/A/ItemReader/ReaderConfig/Transformation", "LOAD_AND_FLATTEN is not supported"},
		{state(`{"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"CSVDelimiter": "DOT"}}, ` + each + `}`), "/States/A/ItemReader/ReaderConfig/CSVDelimiter", "expected COMMA"},
		{state(`{"Type": "Map", "ResultWriter": {"Resource": "x"}, ` + each + `}`), "/States/A/ResultWriter/Resource", "s3:putObject"},
		{state(`{"Type": "Map", "ResultWriter": {"WriterConfig": {"Transformation": "ZIP"}}, ` + each + `}`), "/States/A/ResultWriter/WriterConfig/Transformation", "NONE, COMPACT or FLATTEN"},
	} {
		t.Run(c.definition, func(t *testing.T) {
			v, err := DecodeString(c.definition)
			if err != nil {
				t.Fatal(err)
			}
			_, err = compileMachine(v)
			var faults *DefinitionError
			if !errors.As(err, &faults) {
				t.Fatalf("got %v, want a fault at %s", err, c.pointer)
			}
			for _, f := range faults.Faults {
				if f.Pointer == c.pointer && strings.Contains(f.Message, c.message) {
					return
				}
			}
			t.Errorf("got %v, want a fault at %q with %q", err, c.pointer, c.message)
		})
	}
}

func TestCompilerBoundsNesting(t *testing.T) {
	inner := `{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}`
	rule := `{"Variable": "$.a", "IsNull": true}`
	for range maxNesting + 1 {
		inner = `{"StartAt": "A", "States": {"A": {"Type": "Parallel", "End": true, "Branches": [` + inner + `]}}}`
		rule = `{"Not": ` + rule + `}`
	}
	choice := `{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [` + strings.Replace(rule, "{", `{"Next": "A", `, 1) + `]}}}`
	for _, definition := range []string{inner, choice} {
		v, err := DecodeString(definition)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := compileMachine(v); err == nil || !strings.Contains(err.Error(), "nested deeper") {
			t.Errorf("got %v", err)
		}
	}
}

func TestResources(t *testing.T) {
	for _, c := range []struct {
		arn  string
		want string
	}{
		{"arn:aws:lambda:us-east-1:1:function:f", "lambda invoke function"},
		{"arn:aws:states:us-east-1:1:activity:a", "activity a activity"},
		{"arn:aws:states:::lambda:invoke", "lambda invoke "},
		{"arn:aws:states:::lambda:invoke.waitForTaskToken", "lambda invoke .waitForTaskToken"},
		{"arn:aws:states:::states:startExecution.sync:2", "states startExecution .sync:2"},
		{"arn:aws-cn:states:::glue:startJobRun.sync", "glue startJobRun .sync"},
		{"arn:aws:states:::aws-sdk:s3:getObject", "aws-sdk:s3 getObject "},
		{"arn:aws:states:::aws-sdk:s3", "invalid"},
		{"arn:aws:states:::http", "invalid"},
		{"lambda", "invalid"},
	} {
		r, ok := parseResource(c.arn)
		got := fmt.Sprintf("%s %s %s", r.service, r.action, r.pattern)
		if !ok {
			got = "invalid"
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.arn, got, c.want)
		}
	}
}

// JSONata failures name a field by its path in the state, the rules and catchers under their index.
func TestFieldName(t *testing.T) {
	for _, test := range []struct{ at, key, want string }{
		{"/States/A", "Output", "Output"},
		{"/States/A/Choices/1", "Condition", "Choices[1]/Condition"},
		{"/States/A/ItemReader/ReaderConfig", "MaxItems", "ItemReader/ReaderConfig/MaxItems"},
		{"/States/M/ItemProcessor/States/A/Catch/0", "Output", "Catch[0]/Output"},
		{"/States/P/Branches/0/States/States/Choices/0", "Assign", "Choices[0]/Assign"},
		{"/States/ItemReader", "Items", "Items"},
	} {
		if got := fieldName(test.at, test.key); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.at, test.key, got, test.want)
		}
	}
}
