package asl

// This file holds the signatures that other files of the package build on until their implementation lands.

// Fault is one thing that is wrong in a definition.
type Fault struct {
	Pointer  string // JSON pointer
	Rule     string // our id of the rule
	Code     string // AWS's code, such as SCHEMA_VALIDATION_FAILED
	Message  string // AWS's sentence
	Severity string // ERROR or WARNING
}

// Validate finds all faults of a definition. kind is STANDARD or EXPRESS.
func Validate(definition []byte, kind string) []Fault { panic("pending") }
