package schedule_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"example.com/pipewright/scaffold/schedule"
)

// recordedCalls is a file of calls to AWS; it lies beside the repository, or where PIPEWRIGHT_CONFORMANCE says.
func recordedCalls() string {
	folder := os.Getenv("PIPEWRIGHT_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "conformance")
	}
	return filepath.Join(folder, "schedule_expressions.json")
}

// Each call recorded from AWS is accepted or refused as AWS did, with AWS's error code and message.
func TestConformanceScheduleExpressions(t *testing.T) {
	data, err := os.ReadFile(recordedCalls())
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%v: set PIPEWRIGHT_CONFORMANCE to the folder of recorded behavior", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var calls []struct {
		Expression string
		API        schedule.API
		Valid      bool
		Error      *struct{ Code, Message string }
	}
	if err := json.Unmarshal(data, &calls); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, call := range calls {
		if call.API != schedule.PutRule && call.API != schedule.CreateSchedule {
			t.Errorf("%s is no API of this package", call.API)
			continue
		}
		want := "accepted"
		if !call.Valid {
			want = call.Error.Code + ": " + call.Error.Message
		}
		if got := answer(call.API, call.Expression); got != want {
			t.Errorf("%s %q:\n got %s\nwant %s", call.API, call.Expression, got, want)
			continue
		}
		passed++
	}
	fmt.Printf("schedule_expressions: %d passed, %d total\n", passed, len(calls))
}

// answer is what AWS would say: accepted, or code and message.
func answer(api schedule.API, expression string) string {
	_, err := api.Parse(expression)
	if err == nil {
		return "accepted"
	}
	var refused *schedule.Error
	if !errors.As(err, &refused) {
		return err.Error()
	}
	return refused.Code + ": " + refused.Message
}
