package asl_test

import (
	"context"
	"fmt"
	"time"

	"example.com/pipewright/scaffold/asl"
)

// A task that fails twice is retried after one and after two seconds, which takes no time here.
func Example() {
	machine, err := asl.Parse([]byte(`{
		"StartAt": "Validate",
		"States": {"Validate": {
			"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "OutputPath": "$.Payload",
			"Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"]}],
			"End": true}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	calls := 0
	services := asl.ServicesFunc(func(_ context.Context, call *asl.Call) error {
		if calls++; calls < 3 {
			call.Fail("Lambda.TooManyRequestsException", "Rate exceeded")
			return nil
		}
		call.Clock.After(200*time.Millisecond, func() {
			call.Succeed(asl.ObjectOf("Payload", "valid"))
		})
		return nil
	})
	result, err := machine.Run(context.Background(), asl.Options{Services: services, History: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Status, result.OutputText, "after", result.Stopped.Sub(result.Started))
	for _, event := range result.Events {
		fmt.Println(event.ID, event.PreviousID, event.Type)
	}
	// Output:
	// SUCCEEDED "valid" after 3.2s
	// 1 0 ExecutionStarted
	// 2 0 TaskStateEntered
	// 3 2 TaskScheduled
	// 4 3 TaskStarted
	// 5 4 TaskFailed
	// 6 5 TaskScheduled
	// 7 6 TaskStarted
	// 8 7 TaskFailed
	// 9 8 TaskScheduled
	// 10 9 TaskStarted
	// 11 10 TaskSucceeded
	// 12 11 TaskStateExited
	// 13 12 ExecutionSucceeded
}

// All faults of a definition are reported at once.
func ExampleParse_faults() {
	_, err := asl.Parse([]byte(`{"StartAt": "A", "States": {
		"A": {"Type": "Pass", "Next": "B"},
		"C": {"Type": "Succeed"}}}`))
	fmt.Println(err)
	// Output:
	// the definition has 2 faults
	// /States/A/Next: Missing 'Next' target: B [transition-target]
	// /States/C: State "C" is not reachable. [reachable]
}
