package lab

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong on purpose.
type Fault struct {
	Kind    string        // of faultKinds
	Where   string        // a logical id, or an action such as glue:StartJobRun; any begins with it
	Delay   time.Duration // of a late delivery or a slow job
	Attempt int           // only this one of all the times that it could happen, counted from 1; 0: each
}

// faultKinds are what may go wrong, and where.
var faultKinds = map[string]string{
	"fail": "a job, crawler, container or function that fails", "timeout": "a job or function that never ends", "slow": "one that takes DELAY longer",
	"throttle": "an action that is refused for now", "deny": "an action without permission",
	"lose": "a rule or schedule whose delivery is lost", "duplicate": "one that delivers twice", "late": "one that delivers DELAY later",
}

// ParseFault reads KIND:WHERE[:DELAY][#ATTEMPT], for example fail:EtlJob, deny:s3:GetObject or late:ObjectLanded:10m.
func ParseFault(written string) (Fault, error) {
	rest, attempt, numbered := strings.Cut(written, "#")
	kind, where, ok := strings.Cut(rest, ":")
	if faultKinds[kind] == "" || !ok || where == "" {
		return Fault{}, fmt.Errorf("fault %q: expected KIND:WHERE, with the kind one of deny, duplicate, fail, late, lose, slow, throttle, timeout\n"+
			"  hint: for example fail:EtlJob, deny:s3:GetObject, late:ObjectLanded:10m, fail:EtlJob#1 for the first attempt alone", written)
	}
	f := Fault{Kind: kind, Where: where}
	if numbered {
		n, err := strconv.Atoi(attempt)
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("fault %q: got the attempt %q, expected a number from 1", written, attempt)
		}
		f.Attempt = n
	}
	if kind == "late" || kind == "slow" {
		id, delay, ok := strings.Cut(where, ":")
		parsed, err := time.ParseDuration(delay)
		if !ok || err != nil || parsed <= 0 {
			return Fault{}, fmt.Errorf("fault %q: expected a delay, for example %s:%s:10m", written, kind, id)
		}
		f.Where, f.Delay = id, parsed
	}
	return f, nil
}

// faults are those of a run. The endpoint's goroutines ask for them too.
type faults struct {
	mutex sync.Mutex
	given []Fault
	seen  []int  // how often each could have had an effect
	used  []bool // which had one, to tell of the others
}

func newFaults(given []Fault) *faults {
	return &faults{given: given, seen: make([]int, len(given)), used: make([]bool, len(given))}
}

// find gives the fault that meets what is about to happen, or nil. Each asking counts as an attempt.
func (f *faults) find(kind, where string) *Fault {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var found *Fault
	for i := range f.given {
		given := &f.given[i]
		if given.Kind != kind || !strings.HasPrefix(strings.ToLower(where), strings.ToLower(given.Where)) {
			continue
		}
		f.seen[i]++
		if found == nil && (given.Attempt == 0 || given.Attempt == f.seen[i]) {
			found, f.used[i] = given, true
		}
	}
	return found
}

// unmatched lists the faults that met nothing, as they were written.
func (f *faults) unmatched() []string {
	var all []string
	for i, given := range f.given {
		if !f.used[i] {
			all = append(all, given.String())
		}
	}
	return all
}

// String is the fault as ParseFault reads it.
func (f Fault) String() string {
	written := f.Kind + ":" + f.Where
	if f.Delay > 0 {
		written += ":" + f.Delay.String()
	}
	if f.Attempt > 0 {
		written += "#" + strconv.Itoa(f.Attempt)
	}
	return written
}

// lostByFault is the detail of a delivery that a fault has lost. AWS tells nobody.
var lostByFault = map[string]any{"attempts": 0, "error": "Fault", "message": "a fault that was asked for"}

// deliveries is how often a delivery of a rule or a schedule arrives.
func (f *faults) deliveries(from string) int {
	switch {
	case f.find("lose", from) != nil:
		return 0
	case f.find("duplicate", from) != nil:
		return 2
	}
	return 1
}

func (f *faults) delay(from string) time.Duration {
	if late := f.find("late", from); late != nil {
		return late.Delay
	}
	return 0
}

// refuse says whether a call of an action is throttled.
func (f *faults) refuse(action string) *apiError {
	if f.find("throttle", action) != nil {
		return &apiError{Code: throttled, Message: "Rate exceeded", Retriable: true}
	}
	return nil
}
