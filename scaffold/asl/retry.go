package asl

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// retrier is one entry of Retry.
// Source of the defaults: Amazon States Language specification, "Retrying after error", read 2026-11.
type retrier struct {
	errors      []string
	interval    float64 // seconds
	backoff     float64
	maxDelay    float64 // seconds; 0 when the entry has none
	maxAttempts int64
	jitter      bool // FULL
}

const (
	defaultInterval    = 1
	defaultBackoff     = 2.0
	defaultMaxAttempts = 3
)

// catcher is one entry of Catch.
type catcher struct {
	errors     []string
	next       *state
	resultPath pathField
	output     *Template
	assign     *Template
}

// recovery compiles Retry and Catch, which Task, Parallel and Map states have.
func (c *compiler) recovery(p *program, s *state, o *Object, at string) {
	if s.kind != kindTask && s.kind != kindParallel && s.kind != kindMap {
		return
	}
	for i, item := range c.list(o, at, "Retry") {
		pointer := pointerTo(at, "Retry") + "/" + strconv.Itoa(i)
		if body, ok := item.(*Object); ok {
			s.retry = append(s.retry, c.retrier(body, pointer))
		} else {
			c.fault(pointer, "The retrier is %s, expected an object.", kindOf(item))
		}
	}
	for i, item := range c.list(o, at, "Catch") {
		pointer := pointerTo(at, "Catch") + "/" + strconv.Itoa(i)
		if body, ok := item.(*Object); ok {
			s.catch = append(s.catch, c.catcher(p, s, body, pointer))
		} else {
			c.fault(pointer, "The catcher is %s, expected an object.", kindOf(item))
		}
	}
}

func (c *compiler) errorNames(o *Object, at string) []string {
	var names []string
	for i, item := range c.list(o, at, "ErrorEquals") {
		name, ok := item.(string)
		if !ok {
			c.fault(pointerTo(at, "ErrorEquals")+"/"+strconv.Itoa(i), "The error name is %s, expected a string.", kindOf(item))
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		c.fault(pointerTo(at, "ErrorEquals"), "ErrorEquals is missing or empty.")
	}
	return names
}

func (c *compiler) retrier(o *Object, at string) retrier {
	r := retrier{
		errors: c.errorNames(o, at), interval: defaultInterval, backoff: defaultBackoff, maxAttempts: defaultMaxAttempts,
	}
	r.interval = c.number(o, at, "IntervalSeconds", r.interval)
	r.backoff = c.number(o, at, "BackoffRate", r.backoff)
	r.maxDelay = c.number(o, at, "MaxDelaySeconds", 0)
	if n, ok := c.integer(o, at, "MaxAttempts"); ok {
		r.maxAttempts = n
	}
	strategy, _ := c.text(o, at, "JitterStrategy")
	switch strategy {
	case "", "NONE":
	case "FULL":
		r.jitter = true
	default:
		c.fault(pointerTo(at, "JitterStrategy"), "JitterStrategy is %q, expected FULL or NONE.", strategy)
	}
	return r
}

func (c *compiler) number(o *Object, at, key string, absent float64) float64 {
	v, ok := o.Get(key)
	if !ok {
		return absent
	}
	n, ok := toFloat(v)
	if !ok {
		c.fault(pointerTo(at, key), "%s is %s, expected a number.", key, kindOf(v))
	}
	return n
}

func (c *compiler) catcher(p *program, s *state, o *Object, at string) catcher {
	k := catcher{errors: c.errorNames(o, at)}
	name, _ := c.text(o, at, "Next")
	k.next = c.target(p, name, pointerTo(at, "Next"))
	k.resultPath = c.pathField(o, at, "ResultPath")
	k.output = c.template(o, at, "Output", s.lang)
	k.assign = c.template(o, at, "Assign", s.lang)
	return k
}

// matches reports whether one of the names stands for the error.
// States.ALL stands for every error but States.Runtime, which nothing catches. (The guide says the same of
// States.DataLimitExceeded, but a recorded execution catches it.) States.TaskFailed stands for every error but
// States.Timeout. A missed heartbeat is reported as States.Timeout, and States.HeartbeatTimeout stands for it too.
// Source: Step Functions Developer Guide, "Handling errors in Step Functions workflows", read 2026-11.
func matches(names []string, err *Error) bool {
	if err.Name == ErrorRuntime {
		return false
	}
	return slices.ContainsFunc(names, func(name string) bool {
		switch name {
		case err.Name, ErrorAll:
			return true
		case ErrorTaskFailed:
			return err.Name != ErrorTimeout
		case ErrorHeartbeat:
			return err.heartbeat
		}
		return false
	})
}

// maxRetryDelay keeps a delay that grows without MaxDelaySeconds within what an execution can last.
const maxRetryDelay = maxStandard

// delay is how long to wait before the attempt after n failures (1 for the first retry).
// Source: Amazon States Language specification, "Retrying after error"; MaxDelaySeconds and JitterStrategy: Developer Guide.
func (r *retrier) delay(n int64, random func() float64) time.Duration {
	seconds := r.interval * math.Pow(r.backoff, float64(n-1))
	if r.maxDelay > 0 {
		seconds = min(seconds, r.maxDelay)
	}
	if r.jitter {
		seconds *= random()
	}
	if seconds >= maxRetryDelay.Seconds() {
		return maxRetryDelay
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
}
