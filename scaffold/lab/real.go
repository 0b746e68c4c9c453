package lab

import "time"

// Programs live in real time, unlike the lab: these are its only looks at the clock of this machine. Nothing that is told depends on them,
// except that a program which does not end is ended.

// realLimit fires when a program has had its time.
func realLimit(after time.Duration) *time.Timer { return time.NewTimer(after) } //nolint:forbidigo // see above

// realDeadline is when that will be, as the program's own clock has it.
func realDeadline(after time.Duration) time.Time { return time.Now().Add(after) } //nolint:forbidigo // see above
