package asl

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
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
