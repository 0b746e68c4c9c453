package asl

import (
	"fmt"
	"unicode/utf8"
)

// Limits of an answer to a task token.
// Source: AWS Step Functions API Reference, SendTaskSuccess and SendTaskFailure, read 2026-11.
const (
	maxToken = 2048
	maxError = 256
	maxCause = 32768
)

// SendTaskSuccess ends the task that waits with this token, with an output in JSON. The error is named as the API names it.
// Source: AWS Step Functions API Reference, SendTaskSuccess, read 2026-11.
func (c *Clock) SendTaskSuccess(token, output string) *Error {
	task, err := c.waits(token)
	switch {
	case err != nil:
		return err
	case len(output) > maxPayload:
		return tooLongFor("output", len(output), maxPayload)
	}
	value, faulty := DecodeString(output)
	if faulty != nil {
		return &Error{Name: "InvalidOutput", Cause: fmt.Sprintf("Invalid Output: '%v'", faulty)}
	}
	task.Succeed(value)
	return nil
}

// SendTaskFailure ends it with an error.
// Source: AWS Step Functions API Reference, SendTaskFailure, read 2026-11.
func (c *Clock) SendTaskFailure(token, name, cause string) *Error {
	task, err := c.waits(token)
	switch {
	case err != nil:
		return err
	case utf8.RuneCountInString(name) > maxError:
		return tooLongFor("error", utf8.RuneCountInString(name), maxError)
	case utf8.RuneCountInString(cause) > maxCause:
		return tooLongFor("cause", utf8.RuneCountInString(cause), maxCause)
	}
	task.Fail(name, cause)
	return nil
}

// SendTaskHeartbeat restarts its clock of HeartbeatSeconds, and leaves that of TimeoutSeconds alone.
// Source: AWS Step Functions API Reference, SendTaskHeartbeat, read 2026-11.
func (c *Clock) SendTaskHeartbeat(token string) *Error {
	task, err := c.waits(token)
	if err == nil {
		task.Beat()
	}
	return err
}

// waits is the task that waits with the token. One that was answered, timed out or is no longer needed is told from one that never was.
func (c *Clock) waits(token string) (*Call, *Error) {
	if len(token) > maxToken {
		return nil, tooLongFor("taskToken", len(token), maxToken)
	}
	task := c.Task(token)
	switch {
	case task != nil && !task.Done():
		return task, nil
	case task != nil || c.run.closed[token]:
		return nil, &Error{Name: "TaskTimedOut", Cause: "Task Timed Out: 'Provided task does not exist anymore'"}
	}
	return nil, &Error{Name: "InvalidToken", Cause: "Invalid Token: 'Invalid token'"}
}

func tooLongFor(field string, got, most int) *Error {
	return &Error{Name: "ValidationException", Cause: fmt.Sprintf(
		"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d; it has %d", field, most, got)}
}
