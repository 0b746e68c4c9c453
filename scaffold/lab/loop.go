package lab

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// cause is what led to what happens now: a rule that matched an event, and what led to that event. A chain of them is how a pipeline that
// writes where it is triggered is told from one that is only busy.
type cause struct {
	rule   *rule
	event  string // its object, or its type
	before *cause
	depth  int
}

// mostTurns is how often a rule may match what came of its own targets before the lab stops. A pipeline of stages may need a few turns;
// Lambda lets a function that calls itself go on for about 16, which costs more than a lesson should when each turn runs a job.
// Source: AWS Lambda Developer Guide, "Use Lambda recursive loop detection to prevent infinite loops", read 2026-11.
const mostTurns = 4

// carry gives a function that is called later the cause of now.
func (l *Lab) carry(f func()) func() {
	because := l.cause.Load()
	return func() {
		l.cause.Store(because)
		f()
	}
}

// after lets something happen later, with the cause of now. It is for what is counted as under way already.
func (l *Lab) after(d time.Duration, f func()) { l.clock.After(d, l.carry(f)) }

// because does something that has another cause than what goes on.
func (l *Lab) because(c *cause, f func()) {
	now := l.cause.Load()
	l.cause.Store(c)
	f()
	l.cause.Store(now)
}

// matches is the cause of what a rule's targets are going to do; nil when the rule has fed itself for too long, which ends the run.
func (l *Lab) matches(r *rule, event *Envelope) *cause {
	now := l.cause.Load()
	next := &cause{rule: r, event: about(event), before: now, depth: 1}
	if now != nil {
		next.depth = now.depth + 1
	}
	turns := 0
	for c := now; c != nil; c = c.before {
		if c.rule == r {
			turns++
		}
	}
	if turns <= mostTurns {
		return next
	}
	if !l.halted {
		l.halted = true
		way := next.way()
		l.tell("lab", "LoopStopped", r.id, map[string]any{"turns": turns, "way": way})
		l.fail("rule %s is fed by its own targets, and would go on without end: %s; the lab stopped after %d turns\n"+
			"  hint: let the targets write to another bucket, or to a prefix that the rule's event pattern does not match", r.id, way, turns)
	}
	return nil
}

// way names the events of the same rule, from the first one on.
func (c *cause) way() string {
	var events []string
	for step := c; step != nil; step = step.before {
		if step.rule == c.rule {
			events = append([]string{step.event}, events...)
		}
	}
	return strings.Join(events, " -> ")
}

// about is what an event tells of in few words.
func about(event *Envelope) string {
	var detail struct {
		Object struct{ Key string }
	}
	if json.Unmarshal(event.Detail, &detail) == nil && detail.Object.Key != "" {
		return detail.Object.Key
	}
	return fmt.Sprintf("%s of %s", event.DetailType, event.Source)
}

// deeper is the cause that has more before it: of several events at once, that is the one which may be part of a loop.
func deeper(one, other *cause) *cause {
	if one == nil || other != nil && other.depth > one.depth {
		return other
	}
	return one
}
