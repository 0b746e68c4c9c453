// Package asl reads the Amazon States Language and runs it as AWS Step Functions does, without AWS, services or a clock.
//
// [Parse] finds all faults of a definition at once and compiles it. [StateMachine.Run] interprets it: all states, both
// query languages, variables, Retry and Catch, timeouts and heartbeats, inline and distributed Map, jobs (.sync),
// task tokens, activities and nested executions, as a Standard or an Express workflow. The history has AWS's event
// types, ids, previousEventId and details.
//
// Time is virtual: an execution that waits a year takes a millisecond. Branches, items and child executions are
// cooperative state machines on one goroutine, so a run depends on nothing but definition, input, services and seed:
// two runs are equal byte for byte. A budget of states bounds every run. A [StateMachine] may be run by many goroutines.
//
// A failing execution is data ([Error] and [Result]); a Go error means that the services broke, the context ended or
// the budget was spent. The work of Task states is done by [Services], one method, which may answer at once or
// later on the virtual clock. [StepFunctions] serves the calls of Step Functions itself.
//
// # Sources
//
// The Amazon States Language specification (https://states-language.net), the AWS Step Functions Developer Guide and
// API Reference, read 2026-11, and executions recorded on AWS. Where a recording contradicts a page, the recording
// counts: States.ALL catches States.DataLimitExceeded; a missed heartbeat is reported as States.Timeout;
// previousEventId of MapStateExited after a distributed Map has two forms (see mapRun.succeed).
//
// # Conformance
//
// TestConformanceExecutions and TestConformanceExpress run every recorded case and compare status, output, error, cause
// and history, ids and previousEventId included. They look for the recordings in ../../../shared/conformance or in
// PIPEWRIGHT_CONFORMANCE, and are skipped where there are none.
//
//	tier     needs                    how the tests provide it
//	0        no service
//	1        Lambda functions         the recorded Python source runs with python3; sleeping moves the virtual clock
//	2        Amazon S3                in memory
//	3        activities, task tokens, the interpreter itself, workers included
//	         nested executions
//	3        SNS, SQS, DynamoDB,      the recorded answer of the service is played back; all that the interpreter makes
//	         EventBridge, Secrets     of it is compared, what the service would have answered is not proved
//	         Manager
//
// All recorded cases pass, so the list of cases that need a whole service (unsupported, in conformance_test.go) is
// empty. What AWS has added since a recording is left out of the comparison by its date: RedriveCount and the other
// fields of redrives exist since 2023-11-15. The billed duration of an Express execution is AWS's measurement and is not compared.
//
// # Not here
//
//	not supported                     what happens
//	ItemReader with MANIFEST, Parquet refused by Parse, with the name
//	or Athena manifests
//	redrive of an execution or a      not offered
//	Map run
//	logging and tracing               they have no effect on an execution
//	the events of child executions    they run, but only their results are kept
//	of a distributed Map
//	quotas on rates and sizes beyond  not applied
//	256 KiB, 25,000 events and the
//	durations
package asl
