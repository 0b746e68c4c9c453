package asl

import (
	"fmt"
	"time"
)

// waitState is what a Wait state waits for: one of the five.
type waitState struct {
	seconds        time.Duration
	hasSeconds     bool
	timestamp      time.Time
	secondsPath    *Path
	timestampPath  *Path
	secondsQuery   *queryField
	timestampQuery *queryField
}

func (c *compiler) wait(s *state, o *Object, at string) *waitState {
	w := &waitState{
		secondsQuery:   c.queryField(s, o, at, "Seconds"),
		timestampQuery: c.queryField(s, o, at, "Timestamp"),
	}
	if s.lang == JSONPath {
		w.secondsPath = c.path(o, at, "SecondsPath")
		w.timestampPath = c.path(o, at, "TimestampPath")
	}
	if w.secondsQuery == nil {
		var n int64
		n, w.hasSeconds = c.integer(o, at, "Seconds")
		w.seconds = seconds(n)
	}
	if w.timestampQuery == nil {
		if text, ok := c.text(o, at, "Timestamp"); ok {
			if w.timestamp, ok = parseTimestamp(text); !ok {
				c.fault(pointerTo(at, "Timestamp"), "Timestamp is %q, expected an RFC 3339 timestamp such as 2026-11-24T08:00:00Z.", text)
			}
		}
	}
	return w
}

// maxWait is the longest that a Wait state or a task may take, in seconds.
// Source: Step Functions Developer Guide, "Wait workflow state", read 2026-11.
const maxWait = 99999999

func seconds(n int64) time.Duration { return time.Duration(min(n, maxWait)) * time.Second }

// parseTimestamp reads a timestamp as the specification wants it: RFC 3339 with capital T and Z, offsets allowed.
func parseTimestamp(text string) (time.Time, bool) {
	if len(text) < 20 || text[10] != 'T' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}

// until is when the wait ends.
func (w *waitState) until(s *Scope, now time.Time) (time.Time, *Error) {
	switch {
	case w.secondsPath != nil:
		d, err := secondsAt(w.secondsPath, s)
		return now.Add(d), err
	case w.timestampPath != nil:
		return timestampAt(w.timestampPath, s)
	case w.secondsQuery != nil:
		d, err := w.secondsQuery.seconds(s)
		return now.Add(d), err
	case w.timestampQuery != nil:
		return w.timestampQuery.timestamp(s)
	case w.hasSeconds:
		return now.Add(w.seconds), nil
	}
	return w.timestamp, nil
}

func secondsAt(p *Path, s *Scope) (time.Duration, *Error) {
	v, err := p.Read(s)
	if err != nil {
		return 0, runtimeError("The SecondsPath parameter does not reference an input value: " + p.String())
	}
	n, ok := v.(int64)
	switch {
	case !ok:
		return 0, runtimeError(fmt.Sprintf("The SecondsPath parameter cannot be parsed as a long value: %s == %s", p, plainText(v)))
	case n < 0:
		return 0, runtimeError(fmt.Sprintf("The SecondsPath parameter references a negative value: %s == %d", p, n))
	}
	return seconds(n), nil
}

func timestampAt(p *Path, s *Scope) (time.Time, *Error) {
	v, err := p.Read(s)
	if err != nil {
		return time.Time{}, runtimeError("The TimestampPath parameter does not reference an input value: " + p.String())
	}
	text, _ := v.(string)
	t, ok := parseTimestamp(text)
	if !ok {
		return t, runtimeError(fmt.Sprintf(
			"The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s", p, plainText(v)))
	}
	return t, nil
}
