package asl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const waiting = `{"StartAt": "A", "States": {
	"A": {"Type": "Parallel", "Next": "B", "Branches": [
		{"StartAt": "C", "States": {"C": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
			"Parameters": {"t.$": "$$.Task.Token", "u.$": "States.UUID()"}, "End": true,
			"Retry": [{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL", "IntervalSeconds": 60}]}}},
		{"StartAt": "D", "States": {"D": {"Type": "Wait", "Seconds": 100, "End": true}}}]},
	"B": {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
		"StartAt": "E", "States": {"E": {"Type": "Pass", "InputPath": "$$.Execution.Id", "End": true}}}, "End": true}}}`

func failsOnce() Services {
	calls := 0
	return ServicesFunc(func(_ context.Context, call *Call) error {
		if calls++; calls == 1 {
			call.Fail("Again", "")
			return nil
		}
		call.Submit(nil)
		call.Clock.After(time.Minute, func() { call.Clock.Task(call.Token).Succeed(call.Input) })
		return nil
	})
}

func TestARunIsRepeatableByteForByte(t *testing.T) {
	m := mustParse(t, waiting)
	run := func(seed uint64) []byte {
		r := mustRun(t, m, Options{Services: failsOnce(), Seed: seed, History: true})
		text, err := json.Marshal(r.Events)
		if err != nil {
			t.Fatal(err)
		}
		return append(text, r.OutputText...)
	}
	first := run(1)
	if !bytes.Equal(first, run(1)) {
		t.Error("two runs with the same seed differ")
	}
	if bytes.Equal(first, run(2)) {
		t.Error("two runs with different seeds are equal, though they have UUIDs and jitter")
	}
}

// Run with -race.
func TestAStateMachineRunsInManyGoroutines(t *testing.T) {
	m := mustParse(t, waiting)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := m.Run(context.Background(), Options{Services: failsOnce(), History: true}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestWhatEndsARunWithAGoError(t *testing.T) {
	loop := `{"StartAt": "A", "States": {"B": {"Type": "Succeed"}, "A": {"Type": "Choice", "Default": "A",
		"Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "B"}]}}}`
	task := `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "End": true}}}`
	reader := `{"StartAt": "A", "States": {"A": {"Type": "Map", "End": true, "ItemReader": {"Resource": "arn:aws:states:::s3:getObject"},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "E", "States": {"E": {"Type": "Pass", "End": true}}}}}}`
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	endless := ServicesFunc(func(_ context.Context, call *Call) error {
		call.Succeed(ObjectOf("Contents", []any{}, "NextContinuationToken", "more"))
		return nil
	})
	broken := ServicesFunc(func(context.Context, *Call) error { return errors.New("no network") })
	for _, c := range []struct {
		name, definition string
		ctx              context.Context
		options          Options
		want             string
	}{
		{"a loop spends the budget", loop, context.Background(), Options{Kind: Express, MaxSteps: 100}, "entered 100 states"},
		{"a context that ended", loop, canceled, Options{Kind: Express}, "context canceled"},
		{"a task without services", task, context.Background(), Options{}, `state "A" calls arn:aws:states:::glue:startJobRun, but the run has no services`},
		{"a reader without services", reader, context.Background(), Options{}, "has no services"},
		{"services that break", task, context.Background(), Options{Services: broken}, "no network"},
		{"services that break for a reader", reader, context.Background(), Options{Services: broken}, "no network"},
		{"a call that nothing serves", task, context.Background(), Options{Services: &StepFunctions{}}, "there is no service for"},
		{"a listing without an end", strings.Replace(reader, "getObject", "listObjectsV2", 1), context.Background(), Options{MaxSteps: 100_000, Services: endless}, "entered 100000 states"},
		{"an input that is too long", loop, context.Background(), Options{Input: strings.Repeat("x", maxPayload)}, "longer than 262144 bytes"},
		{"an input that is no JSON", loop, context.Background(), Options{InputText: "{"}, "the input is no JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := mustParse(t, c.definition).Run(c.ctx, c.options)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestAnExecutionThatStartsItselfSpendsTheBudget(t *testing.T) {
	m := mustParse(t, `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync",
		"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:self"}, "End": true}}}`)
	services := &StepFunctions{Machine: func(string) (*StateMachine, Kind, bool) { return m, Standard, true }}
	_, err := m.Run(context.Background(), Options{Services: services, MaxSteps: 10_000})
	var spent *BudgetError
	if !errors.As(err, &spent) || spent.Steps > 100 {
		t.Errorf("got %v, want the budget spent after about 100 executions", err)
	}
}

func TestTheHistoryIsWrittenAsGetExecutionHistoryDoes(t *testing.T) {
	m := mustParse(t, `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"b": 1, "a": "x"}, "End": true}}}`)
	r := mustRun(t, m, Options{InputText: `{ "k": 1 }`, History: true, Start: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)})
	text, err := json.Marshal(r.Events[2])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"timestamp":"2026-03-01T12:00:00.000Z","type":"PassStateExited","id":3,"previousEventId":2,"stateExitedEventDetails":` +
		`{"name":"A","output":"{ \"k\": 1 }","outputDetails":{"truncated":false},"assignedVariables":{"a":"\"x\"","b":"1"},"assignedVariablesDetails":{"truncated":false}}}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

// The texts of the history are those of the input as long as no state changes it.
func TestAnInputKeepsItsWhiteSpace(t *testing.T) {
	m := mustParse(t, `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}`)
	for _, history := range []bool{true, false} {
		if r := mustRun(t, m, Options{InputText: "[ 1 ]", History: history}); r.OutputText != "[ 1 ]" {
			t.Errorf("history=%v: got %q", history, r.OutputText)
		}
	}
}

func TestTheHistoryChangesNothing(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("testdata", "rules", "*.json"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v, _ := Decode(text)
		definition, _ := v.(*Object).Get("definition")
		machine, err := compileMachine(definition)
		if err != nil {
			continue
		}
		input, _ := v.(*Object).Get("input")
		var outcomes [2]string
		for i := range outcomes {
			services := &StepFunctions{Next: ServicesFunc(func(_ context.Context, call *Call) error {
				call.Succeed(call.Input)
				return nil
			})}
			r, err := machine.Run(context.Background(), Options{Input: input, History: i == 0, Services: services})
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			outcomes[i] = EncodeString([]any{string(r.Status), r.Output, r.Error, r.Cause, r.EventCount, r.Steps, timeText(r.Stopped)})
		}
		if outcomes[0] != outcomes[1] {
			t.Errorf("%s: with history %s, without %s", file, outcomes[0], outcomes[1])
		}
	}
}

func TestIdentityHasDefaultsAndFollowsTheMachine(t *testing.T) {
	m := mustParse(t, `{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$$", "End": true}}}`)
	r := mustRun(t, m, Options{Identity: Identity{MachineArn: "arn:aws-cn:states:cn-north-1:111122223333:stateMachine:m", Name: "n"}})
	if want := "arn:aws-cn:states:cn-north-1:111122223333:execution:m:n"; r.Identity.Arn != want {
		t.Errorf("got %s, want %s", r.Identity.Arn, want)
	}
	r = mustRun(t, m, Options{Kind: Express})
	if !strings.HasPrefix(r.Identity.Arn, "arn:aws:states:us-east-1:123456789012:express:StateMachine:") {
		t.Errorf("got %s", r.Identity.Arn)
	}
	if v, _ := ReadPath(r.Output, "$.Execution"); has(v.(*Object), "RedriveCount") {
		t.Error("an Express execution has no RedriveCount")
	}
}

func TestSyncResponseBillsInSteps(t *testing.T) {
	m := mustParse(t, `{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": {"Type": "Fail", "Error": "E", "Cause": "C"}}}`)
	r, err := m.Run(context.Background(), Options{Kind: Express, Input: ObjectOf("a", int64(1))})
	if err != nil {
		t.Fatal(err)
	}
	answer := r.SyncResponse()
	for path, want := range map[string]any{
		"$.status": "FAILED", "$.error": "E", "$.cause": "C", "$.input": `{"a":1}`,
		"$.billingDetails.billedDurationInMilliseconds": int64(1000), "$.stopDate": "2026-01-01T00:00:01.000Z",
	} {
		if got, _ := ReadPath(answer, path); !Equal(got, want) {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func TestResultAsJSON(t *testing.T) {
	for _, c := range []struct{ definition, want string }{
		{`{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}`, `{"status":"SUCCEEDED","output":{"a":1}}`},
		{`{"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E", "Cause": "C"}}}`, `{"status":"FAILED","error":"E","cause":"C"}`},
		{`{"StartAt": "A", "States": {"A": {"Type": "Fail"}}}`, `{"status":"FAILED"}`},
		{`{"StartAt": "A", "TimeoutSeconds": 1, "States": {"A": {"Type": "Wait", "Seconds": 9, "End": true}}}`, `{"status":"TIMED_OUT"}`},
	} {
		r, err := mustParse(t, c.definition).Run(context.Background(), Options{InputText: `{"a":1}`})
		if err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(r); err != nil || string(text) != c.want {
			t.Errorf("got %s, %v, want %s", text, err, c.want)
		}
	}
	r := mustRun(t, mustParse(t, `{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}`), Options{History: true})
	if v, err := ReadPath(r.Object(), "$.events[1].stateEnteredEventDetails.name"); err != nil || v != "A" {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestMapOfTenThousandItemsOneOfWhichFails(t *testing.T) {
	item := `"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 7777, "Next": "F"}], "Default": "P"},
		"P": {"Type": "Pass", "Result": 1, "End": true}, "F": {"Type": "Fail", "Error": "E"}}`
	inline := `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {` + item + `}}}}`
	distributed := `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ToleratedFailureCount": 1,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, ` + item + `}}}}`
	items := make([]any, 10_000)
	for i := range items {
		items[i] = int64(i)
	}
	r, err := mustParse(t, inline).Run(context.Background(), Options{Kind: Express, Input: items})
	if err != nil || r.Status != Failed || r.Error != "E" {
		t.Errorf("inline: got %+v, %v", r, err)
	}
	r = mustRun(t, mustParse(t, distributed), Options{Input: items})
	if got := len(r.Output.([]any)); got != 9_999 {
		t.Errorf("distributed: got %d outputs", got)
	}
}
