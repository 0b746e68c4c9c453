package asl

import (
	"strings"
	"testing"
)

// TestCatalog protects the answers of the API around a definition.
func TestCatalog(t *testing.T) {
	catalog := &Catalog{Partition: "aws", Region: "eu-west-1", Account: "1"}
	good := in(`"A":{"Type":"Succeed"}`)
	request := ObjectOf("name", "m", "roleArn", "r", "definition", good)
	for range 2 { // the same request again gives the same answer
		answer, err := catalog.Create(request)
		if err != nil || textOf(answer, "stateMachineArn") != "arn:aws:states:eu-west-1:1:stateMachine:m" {
			t.Errorf("create: %v, %v", answer, err)
		}
	}
	with := func(pairs ...any) *Object {
		clone := request.Clone()
		for i := 0; i < len(pairs); i += 2 {
			clone.Set(pairs[i].(string), pairs[i+1])
		}
		return clone
	}
	for _, test := range []struct {
		request *Object
		code    string
	}{
		{with("name", "a b"), "InvalidName"},
		{with("name", "n", "definition", "{}"), "InvalidDefinition"},
		{with("roleArn", "other"), "StateMachineAlreadyExists"},
		{with("name", "n", "loggingConfiguration", ObjectOf("level", "ALL", "destinations", []any{NewObject(), NewObject()})), "InvalidLoggingConfiguration"},
		{with("name", "n", "loggingConfiguration", ObjectOf("level", "OFF")), ""},
		{with("name", "o", "loggingConfiguration", ObjectOf("level", "ALL", "destinations", []any{NewObject()})), ""},
	} {
		_, err := catalog.Create(test.request)
		if got := codeOf(err); got != test.code {
			t.Errorf("create %s: got %q, want %q", EncodeString(test.request), got, test.code)
		}
	}
	arn := "arn:aws:states:eu-west-1:1:stateMachine:m"
	for _, test := range []struct {
		request *Object
		code    string
	}{
		{ObjectOf("stateMachineArn", arn, "definition", good, "roleArn", "s"), ""},
		{ObjectOf("stateMachineArn", arn+":2", "definition", good), "StateMachineDoesNotExist"},
		{ObjectOf("stateMachineArn", arn, "definition", "{"), "InvalidDefinition"},
		{ObjectOf("stateMachineArn", arn, "loggingConfiguration", ObjectOf("level", "ALL")), "InvalidLoggingConfiguration"},
	} {
		_, err := catalog.Update(test.request)
		if got := codeOf(err); got != test.code {
			t.Errorf("update %s: got %q, want %q", EncodeString(test.request), got, test.code)
		}
	}
}

func codeOf(err *APIError) string {
	if err == nil {
		return ""
	}
	if !strings.HasPrefix(err.Error(), err.Code+": ") {
		return err.Error()
	}
	return err.Code
}

// TestDiagnose protects the answer of ValidateStateMachineDefinition.
func TestDiagnose(t *testing.T) {
	bad := in(`"A":{"Type":"Pass","InputPath":"a","OutputPath":"b","Parameters":{"x":"$.y"},"End":true}`)
	for _, test := range []struct {
		request *Object
		want    string
	}{
		{ObjectOf("definition", bad, "maxResults", int64(1)), `{"result":"FAIL","diagnostics":[{"severity":"ERROR","code":"SCHEMA_VALIDATION_FAILED","message":"Value must be a valid JSONPath.","location":"/States/A/InputPath"}],"truncated":true}`},
		{ObjectOf("definition", in(`"A":{"Type":"Pass","Parameters":{"x":"$.y"},"End":true}`)), `{"result":"OK","diagnostics":[],"truncated":false}`},
		{ObjectOf("definition", in(`"A":{"Type":"Pass","Parameters":{"x":"$.y"},"End":true}`), "severity", "WARNING"), `{"result":"OK","diagnostics":[{"severity":"WARNING","code":"NO_DOLLAR","message":"The value of the field 'x' looks like a path or a call: name the field 'x.$' to have it evaluated","location":"/States/A/Parameters/x"}],"truncated":false}`},
		{ObjectOf("definition", in(`"A":{"Type":"Pass","Next":"A"}`)), `{"result":"FAIL","diagnostics":[{"severity":"ERROR","code":"MISSING_END_STATE","message":"Workflow has no terminal state"}],"truncated":false}`},
	} {
		answer, err := Diagnose(test.request)
		if err != nil || EncodeString(answer) != test.want {
			t.Errorf("got %s, %v\nwant %s", EncodeString(answer), err, test.want)
		}
	}
	if _, err := Diagnose(NewObject()); codeOf(err) != "ValidationException" {
		t.Errorf("without a definition: %v", err)
	}
	if got := InvalidDefinition(Validate([]byte(in(`"A":{"Type":"Pass","Next":"A"}`)), "STANDARD")); got != "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'" {
		t.Error(got)
	}
}
