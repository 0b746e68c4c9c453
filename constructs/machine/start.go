package machine

import _ "embed"

//go:embed object.asl.json
var objectDefinition []byte

//go:embed event.asl.json
var eventDefinition []byte

// TakeObject is the first step of a machine that an object starts: it makes bucket, key, size, sequencer and version of the event.
// A rule could do so too, but a key with a quote in it would break its template; the whole event stays the execution's input.
// Source: Amazon S3 User Guide, "EventBridge event message structure".
func TakeObject() Step { return Step{Definition: objectDefinition} }

// TakeEvent is the first step of a machine that another event starts: each later step sees the event's detail as detail.
func TakeEvent() Step { return Step{Definition: eventDefinition} }
