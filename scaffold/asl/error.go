package asl

// Error is a failure of an execution: data, as Retry and Catch see it. A Go error, on the other hand, means that the
// lab itself broke.
type Error struct {
	Name  string // "States.Timeout", "MyError"; may be empty, as in a Fail state without Error
	Cause string // without "An error occurred while executing the state ...": the interpreter adds it

	// Location is the field whose JSONata failed, such as "Output/result". The history shows it in EvaluationFailed.
	Location string

	heartbeat bool // a States.Timeout because of a missed heartbeat
}

// Error names of the specification that the interpreter itself raises.
// Source: Amazon States Language specification, appendix A, and Step Functions Developer Guide, "Handling errors", read 2026-11.
const (
	ErrorAll                = "States.ALL"
	ErrorTimeout            = "States.Timeout"
	ErrorHeartbeat          = "States.HeartbeatTimeout"
	ErrorTaskFailed         = "States.TaskFailed"
	ErrorRuntime            = "States.Runtime"
	ErrorNoChoiceMatched    = "States.NoChoiceMatched"
	ErrorDataLimit          = "States.DataLimitExceeded"
	ErrorQueryEvaluation    = "States.QueryEvaluationError"
	ErrorItemReader         = "States.ItemReaderFailed"
	ErrorResultWriter       = "States.ResultWriterFailed"
	ErrorToleratedThreshold = "States.ExceedToleratedFailureThreshold"
	ErrorResultPath         = "States.ResultPathMatchFailure"
)

func runtimeError(cause string) *Error { return &Error{Name: ErrorRuntime, Cause: cause} }

// output is the error as Catch shows it. What the failure does not say is null.
func (e *Error) output() *Object {
	o := ObjectOf("Error", nil, "Cause", nil)
	if e.Name != "" {
		o.Set("Error", e.Name)
	}
	if e.Cause != "" {
		o.Set("Cause", e.Cause)
	}
	return o
}
