// Package approval is the step of a state machine that waits for a person: approval.asl.json.
//
// The topic's subscribers get a message with what is waiting and the two commands that answer. Whoever reads the message needs the
// permission to run them as well: states:SendTaskSuccess and states:SendTaskFailure. The token in it is of no use without.
// Source: AWS Step Functions Developer Guide, "Wait for a Callback with Task Token", read 2026-11.
package approval

import (
	_ "embed"
	"strconv"

	"example.com/pipewright/constructs/machine"
)

//go:embed approval.asl.json
var definition []byte

// Days is how long the answer may take: a week outlasts a weekend and a few days off. Afterwards the run fails as ApprovalTimedOut.
const Days = 7

// Step asks and waits. It publishes to the machine's own topic, which therefore needs a subscriber.
func Step() machine.Step {
	return machine.Step{
		Definition:    definition,
		Substitutions: map[string]any{"ApprovalDays": strconv.Itoa(Days)},
		Timeouts:      map[string]int{"Wait for approval": Days * 24 * 60 * 60},
		Minutes:       Days * 24 * 60,
	}
}
