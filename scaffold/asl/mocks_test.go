package asl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

const mockFile = `{
 "StateMachines": {"Orders": {"TestCases": {
   "Happy": {"Call": "Good"},
   "Retry": {"Call": "Late"},
   "Hybrid": {}}},
  "Other": {"TestCases": {"Only": {"Call": "Good"}}}},
 "MockedResponses": {
   "Good": {"0": {"Return": {"Payload": "hello"}}},
   "Late": {"0": {"Throw": {"Error": "Lambda.NotReady", "Cause": "not ready"}}, "3": {"Return": null}, "1-2": {"Throw": {"Error": "Lambda.Timeout", "Cause": "late"}}}}}`

const mockedDefinition = `{"StartAt":"Call","States":{"Call":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},
 "Retry":[{"ErrorEquals":["Lambda.NotReady","Lambda.Timeout"],"MaxAttempts":3}],"End":true}}}`

func runMocked(t *testing.T, definition, input, machine, test string) (*Result, error) {
	t.Helper()
	mocks, err := ParseMocks([]byte(mockFile))
	if err != nil {
		t.Fatal(err)
	}
	services, err := mocks.Case(machine, test, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	return m.Run(context.Background(), Options{Services: services, InputText: input, History: true})
}

// TestMocks protects the format of Step Functions Local: which answer is for which call.
func TestMocks(t *testing.T) {
	result, err := runMocked(t, mockedDefinition, "{}", "Orders", "Happy")
	if err != nil || EncodeString(result.Output) != `{"Payload":"hello"}` {
		t.Errorf("Happy: got %+v, %v", result, err)
	}
	result, err = runMocked(t, mockedDefinition, "{}", "Orders", "Retry")
	if err != nil || result.Status != Succeeded || result.Output != nil {
		t.Errorf("Retry: got %+v, %v", result, err)
	}
	failures := 0
	for _, e := range result.Events {
		if e.Type == "TaskFailed" {
			failures++
		}
	}
	if failures != 3 {
		t.Errorf("Retry: got %d failures, want those of the calls 0, 1 and 2", failures)
	}
}

// TestMocksCount protects that a state's count goes on over the items of a Map, as in Step Functions Local.
func TestMocksCount(t *testing.T) {
	definition := `{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":1,"ItemsPath":"$","ItemProcessor":` + mockedDefinition + `,"End":true}}}`
	definition = strings.Replace(definition, `"MaxAttempts":3`, `"MaxAttempts":4`, 1)
	if _, err := runMocked(t, definition, "[1,2]", "Orders", "Retry"); err == nil || !strings.Contains(err.Error(), `"Late" has no answer to call 4 of the state "Call": add "4"`) {
		t.Errorf("got %v, want the second item to find no answer", err)
	}
	if _, err := runMocked(t, mockedDefinition, "{}", "Orders", "Hybrid"); err == nil || !strings.Contains(err.Error(), `does not mock the state "Call"`) {
		t.Errorf("Hybrid without services: got %v", err)
	}
}

func TestMocksFallback(t *testing.T) {
	mocks, _ := ParseMocks([]byte(mockFile))
	services, err := mocks.Case("Orders", "Hybrid", ServicesFunc(func(_ context.Context, call *Call) error {
		call.Succeed("real")
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := Parse([]byte(mockedDefinition))
	result, err := m.Run(context.Background(), Options{Services: services})
	if err != nil || result.Output != "real" {
		t.Errorf("got %+v, %v, want the fallback's answer", result, err)
	}
}

// TestMocksCase protects how a machine and a test case are chosen.
func TestMocksCase(t *testing.T) {
	mocks, err := ParseMocks([]byte(mockFile))
	if err != nil {
		t.Fatal(err)
	}
	if got := mocks.StateMachines(); !slices.Equal(got, []string{"Orders", "Other"}) {
		t.Errorf("state machines: %v", got)
	}
	if got := mocks.TestCases("Orders"); !slices.Equal(got, []string{"Happy", "Retry", "Hybrid"}) {
		t.Errorf("test cases: %v", got)
	}
	for _, test := range []struct{ machine, test, want string }{
		{"", "", "for 2 state machines, name one of: Orders, Other"},
		{"Nobody", "", `no state machine "Nobody"`},
		{"Orders", "", `no test case "", expected one of: Happy, Retry, Hybrid`},
		{"Orders", "Sad", `no test case "Sad"`},
		{"Other", "", ""},
		{"Other", "Only", ""},
	} {
		_, err = mocks.Case(test.machine, test.test, nil)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%q, %q: got %v, want %s", test.machine, test.test, err, test.want)
		}
	}
	one, err := ParseMocks([]byte(`{"StateMachines":{"A":{"TestCases":{"B":{}}}},"MockedResponses":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Case("", "", nil); err != nil {
		t.Errorf("the only case: %v", err)
	}
}

// TestMocksRefused protects that a mistake is found with its place before anything runs.
func TestMocksRefused(t *testing.T) {
	with := func(response string) string {
		return `{"StateMachines":{"A":{"TestCases":{"B":{"C":"R"}}}},"MockedResponses":{"R":` + response + `}}`
	}
	for text, want := range map[string]string{
		`{`:  "/: invalid JSON",
		`[]`: "/: got array, expected an object",
		`{}`: "/: MockedResponses is missing",
		`{"Machines":{},"MockedResponses":{},"StateMachines":{}}`:                    "/Machines: the key is not known, expected StateMachines or MockedResponses",
		`{"StateMachines":{"A":{}},"MockedResponses":{}}`:                            "/StateMachines/A: TestCases is missing",
		`{"StateMachines":{"A":{"TestCases":{"B":{"C":"R"}}}},"MockedResponses":{}}`: `/StateMachines/A/TestCases/B/C: got "R", expected the name of one of the MockedResponses`,
		with(`{}`):                                       "/MockedResponses/R: the response has no answers",
		with(`{"x":{"Return":1}}`):                       `/MockedResponses/R/x: got "x"`,
		with(`{"2-1":{"Return":1}}`):                     `/MockedResponses/R/2-1: got "2-1"`,
		with(`{"01":{"Return":1}}`):                      `/MockedResponses/R/01: got "01"`,
		with(`{"1":{"Return":1}}`):                       "/MockedResponses/R: the answers leave out or repeat a call: got 1 after -1, expected 0",
		with(`{"0":{"Return":1},"0-1":{"Return":1}}`):    "/MockedResponses/R: the answers leave out or repeat a call",
		with(`{"0":{}}`):                                 "/MockedResponses/R/0: expected either Return or Throw",
		with(`{"0":{"Return":1,"Throw":{"Error":"E"}}}`): "/MockedResponses/R/0: expected either Return or Throw",
		with(`{"0":{"Give":1}}`):                         "/MockedResponses/R/0/Give: the key is not known",
		with(`{"0":{"Throw":{}}}`):                       "/MockedResponses/R/0/Throw: Error is missing",
		with(`{"0":{"Throw":{"Error":"E","Why":"x"}}}`):  "/MockedResponses/R/0/Throw/Why: the key is not known",
		with(`{"0":{"Throw":1}}`):                        "/MockedResponses/R/0/Throw: got number, expected an object",
		`{"StateMachines":1,"MockedResponses":{}}`:       "/StateMachines: got number",
	} {
		_, err := ParseMocks([]byte(text))
		if mistake := (*MockError)(nil); !errors.As(err, &mistake) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
