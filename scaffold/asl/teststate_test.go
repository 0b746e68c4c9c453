package asl

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestConformanceTestState compares the answers of TestState with those recorded on AWS.
func TestConformanceTestState(t *testing.T) {
	cases := readRecordings(t, filepath.Join(conformanceFolder(t), "test_state"))
	passed := 0
	for _, r := range cases {
		t.Run(r.name, func(t *testing.T) {
			request := r.at("request").(*Object).Clone()
			if definition, ok := r.at("request", "definition").(*Object); ok {
				request.Set("definition", EncodeString(definition))
			}
			answer, err := TestState(context.Background(), request, TestStateOptions{
				Services: newWorld(t, r), Start: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Identity: Identity{Account: "111111111111"},
			})
			var got any = answer
			if refused := (*APIError)(nil); errors.As(err, &refused) {
				got = refusal(r, refused)
			} else if err != nil {
				t.Fatal(err)
			}
			c := r.comparer()
			if len(r.list("lambdas")) > 0 { // these cases lost the list of what was masked
				c.literals = append(c.literals, "date", "RequestId", "x-amzn-RequestId", "X-Amzn-Trace-Id")
			}
			if why := c.match(r.at("expected"), got, "", ""); why != "" {
				t.Error(why)
				return
			}
			passed++
		})
	}
	fmt.Printf("test_state: %d passed, %d total\n", passed, len(cases))
}

func refusal(r recording, err *APIError) *Object {
	if r.text("expected", "exception_typename") != "" {
		return ObjectOf("exception_typename", err.Code, "exception_value",
			fmt.Sprintf("An error occurred (%s) when calling the TestState operation: %s", err.Code, err.Message))
	}
	return ObjectOf("Error", ObjectOf("Code", err.Code, "Message", err.Message), "message", err.Message)
}

func testState(t *testing.T, request *Object, services Services) (*Object, error) {
	t.Helper()
	return TestState(context.Background(), request, TestStateOptions{Services: services, Identity: Identity{Account: "111111111111"}})
}

const mockedTask = `"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"}`

// TestTestState protects what TestState answers beside the recordings.
func TestTestState(t *testing.T) {
	failing := ObjectOf("errorOutput", ObjectOf("error", "E", "cause", "C"))
	for _, test := range []struct {
		name    string
		request *Object
		want    string
	}{
		{
			"Wait takes no time", ObjectOf("definition", `{"Type":"Wait","Seconds":3600,"Next":"N"}`, "input", `{"a": 1}`, "inspectionLevel", "DEBUG"),
			`{"output":"{\"a\": 1}","nextState":"N","inspectionData":{"input":"{\"a\": 1}","afterInputPath":"{\"a\": 1}"},"status":"SUCCEEDED"}`,
		},
		{
			"Wait with a wrong path", ObjectOf("definition", `{"Type":"Wait","SecondsPath":"$.a","End":true}`),
			`{"error":"States.Runtime","cause":"The SecondsPath parameter does not reference an input value: $.a","status":"FAILED"}`,
		},
		{
			"InputPath that is missing", ObjectOf("definition", `{"Type":"Pass","InputPath":"$.a","End":true}`),
			`{"error":"States.Runtime","cause":"Invalid path '$.a' : No results for path: $['a']","status":"FAILED"}`,
		},
		{
			"Parameters that fail", ObjectOf("definition", `{"Type":"Pass","Parameters":{"x.$":"$.a"},"End":true}`),
			`{"error":"States.Runtime","cause":"The JSONPath '$.a' specified for the field 'x.$' could not be found in the input '{}'","status":"FAILED"}`,
		},
		{
			"OutputPath that fails", ObjectOf("definition", `{"Type":"Pass","OutputPath":"$.a","End":true}`),
			`{"error":"States.Runtime","cause":"Invalid path '$.a' : No results for path: $['a']","status":"FAILED"}`,
		},
		{
			"variables", ObjectOf("definition", `{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $v + 1 %}","Assign":{"w":"{% $v * 2 %}"},"End":true}`, "variables", `{"v":20}`, "inspectionLevel", "DEBUG"),
			`{"output":"21","inspectionData":{"input":"{}","variables":"{\"w\":40}"},"status":"SUCCEEDED"}`,
		},
		{
			"ErrorPath and CausePath", ObjectOf("definition", `{"Type":"Fail","ErrorPath":"$.e","CausePath":"States.Format('because {}', $.c)"}`, "input", `{"e":"E","c":1}`),
			`{"error":"E","cause":"because 1","status":"FAILED"}`,
		},
		{
			"ErrorPath that fails", ObjectOf("definition", `{"Type":"Fail","ErrorPath":"$.e"}`),
			`{"error":"States.Runtime","cause":"The JSONPath '$.e' specified for the field 'ErrorPath' could not be found in the input '{}'","status":"FAILED"}`,
		},
		{
			"Choice without a match", ObjectOf("definition", `{"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,"Next":"N"}]}`),
			`{"error":"States.NoChoiceMatched","cause":"Failed to transition out of the state. The state does not point to a next state.","status":"FAILED"}`,
		},
		{
			"Choice that fails", ObjectOf("definition", `{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"N"}],"Default":"D"}`),
			`{"error":"States.Runtime","cause":"Invalid path '$.a': The choice state's condition path references an invalid value.","status":"FAILED"}`,
		},
		{
			"a task that is caught", ObjectOf("definition", `{`+mockedTask+`,"Catch":[{"ErrorEquals":["X"],"Next":"M"},{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"N"}],"End":true}`, "input", `{"a":1}`, "mock", failing, "inspectionLevel", "DEBUG"),
			`{"error":"E","cause":"C","output":"{\"a\":1,\"error\":{\"Error\":\"E\",\"Cause\":\"C\"}}","nextState":"N","inspectionData":{"input":"{\"a\":1}","afterInputPath":"{\"a\":1}","afterParameters":"{\"FunctionName\":\"f\"}","errorDetails":{"catchIndex":1}},"status":"CAUGHT_ERROR"}`,
		},
		{
			"a catcher whose variables fail", ObjectOf("definition", `{`+mockedTask+`,"Catch":[{"ErrorEquals":["E"],"Assign":{"x.$":"$.no"},"Next":"N"}],"End":true}`, "mock", failing),
			`{"error":"States.Runtime","cause":"The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{\"Error\":\"E\",\"Cause\":\"C\"}'","status":"FAILED"}`,
		},
		{
			"a task that is neither retried nor caught", ObjectOf("definition", `{`+mockedTask+`,"Retry":[{"ErrorEquals":["X"]}],"Catch":[{"ErrorEquals":["X"],"Next":"N"}],"End":true}`, "mock", failing, "inspectionLevel", "DEBUG"),
			`{"error":"E","cause":"C","inspectionData":{"input":"{}","afterInputPath":"{}","afterParameters":"{\"FunctionName\":\"f\"}"},"status":"FAILED"}`,
		},
		{"an error without a cause", ObjectOf("definition", `{`+mockedTask+`,"End":true}`, "mock", ObjectOf("errorOutput", NewObject())), `{"status":"FAILED"}`},
		{
			"ResultSelector that fails", ObjectOf("definition", `{`+mockedTask+`,"ResultSelector":{"x.$":"$.no"},"End":true}`, "mock", ObjectOf("result", `{"StatusCode":200}`)),
			`{"error":"States.Runtime","cause":"The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{\"StatusCode\":200}'","status":"FAILED"}`,
		},
		{
			"arguments that fail", ObjectOf("definition", `{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"x.$":"$.no"},"End":true}`, "mock", failing),
			`{"error":"States.Runtime","cause":"The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{}'","status":"FAILED"}`,
		},
		{
			"a Map", ObjectOf("definition", `{"Type":"Map","ItemsPath":"$.l","ToleratedFailurePercentage":50,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}`,
				"input", `{"l":[1,2]}`, "mock", ObjectOf("result", `[3, 4]`), "stateConfiguration", ObjectOf("mapIterationFailureCount", int64(1)), "inspectionLevel", "DEBUG"),
			`{"output":"[3, 4]","inspectionData":{"input":"{\"l\":[1,2]}","afterInputPath":"{\"l\":[1,2]}","afterItemsPath":"[1,2]","maxConcurrency":0,"toleratedFailurePercentage":50.0,"afterResultSelector":"[3, 4]","afterResultPath":"[3, 4]"},"status":"SUCCEEDED"}`,
		},
		{
			"a Map whose items are missing", ObjectOf("definition", `{"Type":"Map","ItemsPath":"$.l","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}`, "mock", ObjectOf("result", `[]`)),
			`{"error":"States.Runtime","cause":"Invalid path '$.l' : No results for path: $['l']","status":"FAILED"}`,
		},
		{
			"a Map whose tolerance is out of range", ObjectOf("definition", `{"Type":"Map","ToleratedFailurePercentagePath":"$.p","ItemsPath":"$.l","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}`, "input", `{"l":[],"p":101}`, "mock", ObjectOf("result", `[]`)),
			`{"error":"States.Runtime","cause":"ToleratedFailurePercentage must be between 0 and 100.","status":"FAILED"}`,
		},
		{
			"a state in a branch", ObjectOf("definition", `{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}],"End":true}}}`, "stateName", "B"),
			`{"output":"{}","status":"SUCCEEDED"}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer, err := testState(t, test.request, nil)
			if err != nil || EncodeString(answer) != test.want {
				t.Errorf("got %s, %v\nwant %s", EncodeString(answer), err, test.want)
			}
		})
	}
}

// TestTestStateServices protects a task that is not mocked: it calls the service with its real arguments.
func TestTestStateServices(t *testing.T) {
	request := ObjectOf("definition", `{`+mockedTask+`,"End":true}`)
	for _, test := range []struct {
		answer func(call *Call) error
		want   string
	}{
		{func(call *Call) error { call.Succeed(call.Input); return nil }, `{"output":"{\"FunctionName\":\"f\"}","status":"SUCCEEDED"}`},
		{func(call *Call) error { call.Fail("E", "C"); return nil }, `{"error":"E","cause":"C","status":"FAILED"}`},
		{func(*Call) error { return errors.New("broken") }, ""},
	} {
		answer, err := testState(t, request, ServicesFunc(func(_ context.Context, call *Call) error { return test.answer(call) }))
		if test.want == "" && err == nil || test.want != "" && EncodeString(answer) != test.want {
			t.Errorf("got %s, %v, want %s", EncodeString(answer), err, test.want)
		}
	}
}

// TestTestStateRefused protects the requests that TestState refuses.
func TestTestStateRefused(t *testing.T) {
	pass, task := `{"Type":"Pass","End":true}`, `{`+mockedTask+`,"End":true}`
	parallel := `{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}],"End":true}`
	for _, test := range []struct {
		request *Object
		want    string
	}{
		{ObjectOf("definition", pass, "inspectionLevel", "ALL"), "ValidationException: 1 validation error detected: Value 'ALL' at 'inspectionLevel'"},
		{ObjectOf("definition", `{`), "InvalidDefinition: Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: "},
		{ObjectOf("definition", `[]`), "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Expected value of type [OBJECT]"},
		{ObjectOf("definition", `{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`), "ValidationException: stateName is required"},
		{ObjectOf("definition", pass, "input", `{`), "InvalidExecutionInput: Invalid State Input: "},
		{ObjectOf("definition", pass, "variables", `[]`), "ValidationException: Variables must be a JSON object"},
		{ObjectOf("definition", pass, "context", `[]`), "ValidationException: Invalid Context object provided: must be a JSON object"},
		{ObjectOf("definition", pass, "context", `{"State":1}`), "ValidationException: Invalid Context object provided: State must be an object"},
		{ObjectOf("definition", pass, "context", `{"State":{"Color":1}}`), "ValidationException: Invalid Context object provided: Field 'State.Color' is not allowed"},
		{ObjectOf("definition", pass, "context", `{"State":{"RetryCount":"1"}}`), "ValidationException: Invalid Context object provided: State.RetryCount must be a number"},
		{ObjectOf("definition", task, "mock", NewObject()), "ValidationException: A test mock should have one of"},
		{ObjectOf("definition", task, "mock", ObjectOf("result", "{}", "errorOutput", NewObject())), "ValidationException: A test mock should have only one of"},
		{ObjectOf("definition", task, "mock", ObjectOf("result", "{}", "fieldValidationMode", "LAX")), "ValidationException: 1 validation error detected: Value 'LAX' at 'mock.fieldValidationMode'"},
		{ObjectOf("definition", task, "mock", ObjectOf("result", "[]")), "ValidationException: Mocked result must be a JSON object."},
		{ObjectOf("definition", parallel, "mock", ObjectOf("result", "{}")), "ValidationException: Mocked result must be an array."},
	} {
		answer, err := testState(t, test.request, nil)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got %s, %v, want %s", EncodeString(test.request), EncodeString(answer), err, test.want)
		}
	}
}

// TestCheckMock protects the checks of a mocked result against the API of its service.
func TestCheckMock(t *testing.T) {
	for _, test := range []struct{ resource, result, want string }{
		{"aws-sdk:s3:listObjectsV2", `{"Contents":1}`, "Field 'Contents' must be an array"},
		{"aws-sdk:s3:listObjectsV2", `{"Contents":[{"Size":"1"}]}`, "Field 'Size' must be a number"},
		{"aws-sdk:s3:listObjectsV2", `{"IsTruncated":"no"}`, "Field 'IsTruncated' must be a boolean"},
		{"aws-sdk:s3:listObjectsV2", `{"EncodingType":1}`, "Field 'EncodingType' must be a string"},
		{"aws-sdk:s3:getObject", `{"Metadata":1}`, "Field 'Metadata' must be an object"},
		{"aws-sdk:s3:getObject", `{"Metadata":{"a":1}}`, "Field 'a' must be a string"},
		{"aws-sdk:s3:getObject", `{"Metadata":{"a":"b"},"ETag":null,"Unknown":1}`, ""},
		{"dynamodb:getItem", `{"Item":{"a":{"L":[{"N":"1"}]}}}`, ""},
		{"dynamodb:getItem", `{"ConsumedCapacity":1}`, "Field 'ConsumedCapacity' must be an object"},
		{"glue:startJobRun", `{"JobRunId":""}`, "Field 'JobRunId' is smaller than the minimum length"},
		{"glue:startJobRun.sync", `{"JobRun":{"Attempt":"1"}}`, "Field 'Attempt' must be a number"},
		{"states:startExecution.sync:2", `{"ExecutionArn":"a"}`, "Required field 'StateMachineArn' is missing"},
		{"events:putEvents", `{"Entries":[{"EventId":1}]}`, "Field 'EventId' must be a string"},
		{"aws-sdk:kms:encrypt", `{"KeyId":"` + strings.Repeat("k", 2049) + `"}`, "Field 'KeyId' exceeds the maximum length"},
		{"sqs:sendMessage.waitForTaskToken", `1`, ""},
		{"aws-sdk:nobody:do", `1`, ""},
		{"aws-sdk:s3:nothing", `1`, ""},
	} {
		r, ok := parseResource("arn:aws:states:::" + test.resource)
		if !ok {
			t.Fatal(test.resource)
		}
		err := checkMock(&r, mustDecode(t, test.result), true)
		if test.want == "" && err != nil || test.want != "" && (err == nil || err.Message != "Mock result schema validation error: "+test.want) {
			t.Errorf("%s %s: got %v, want %s", test.resource, test.result, err, test.want)
		}
	}
}

// TestShapes protects the table of the services' answers: every name in it is defined.
func TestShapes(t *testing.T) {
	for service, value := range responseShapes().All() {
		shapes := value.(*Object)
		checkKind := func(kind string) {
			kind = kind[strings.LastIndexAny(kind, "]}")+1:]
			if !has(shapes, kind) && !strings.ContainsRune("sntxb", rune(kind[0])) {
				t.Errorf("%s: %q is not defined", service, kind)
			}
		}
		for name, shape := range shapes.All() {
			switch x := shape.(type) {
			case *Object:
				for _, kind := range x.All() {
					checkKind(kind.(string))
				}
			case []any:
				for _, field := range x {
					if entry, ok := field.([]any); ok && !strings.HasPrefix(name, "e:") {
						checkKind(entry[1].(string))
					}
				}
			}
		}
	}
}
