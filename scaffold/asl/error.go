package asl

// Error is a failure of an execution: data, as Retry and Catch see it.
type Error struct{ Name, Cause string }
