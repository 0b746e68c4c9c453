package lab

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong on purpose.
type Fault struct {
	Kind    string        // of faultKinds
	Where   string        // a logical id, or an action such as glue:StartJobRun; any begins with it
	Delay   time.Duration // of a late delivery or a slow job
	Attempt int           // only this attempt, counted from 1; 0: each
}

// faultKinds are what may go wrong, and where.
var faultKinds = map[string]string{
	"fail": "a job, crawler or function that fails", "timeout": "a job or function that never ends", "slow": "one that takes DELAY longer",
	"throttle": "an action that is refused for now", "deny": "an action without permission",
	"lose": "a rule whose delivery is lost", "duplicate": "a rule that delivers twice", "late": "a rule that delivers DELAY later",
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

// faults are those of a run.
type faults struct {
	given []Fault
	used  map[string]bool // Where of those that had an effect, to tell of the others
}

func (f *faults) find(kind, where string, attempt int) *Fault {
	for i := range f.given {
		given := &f.given[i]
		if given.Kind == kind && strings.HasPrefix(strings.ToLower(where), strings.ToLower(given.Where)) && (given.Attempt == 0 || given.Attempt == attempt) {
			f.used[kind+":"+given.Where] = true
			return given
		}
	}
	return nil
}

// deliveries is how often a rule's delivery arrives.
func (f *faults) deliveries(rule string) int {
	switch {
	case f.find("lose", rule, 0) != nil:
		return 0
	case f.find("duplicate", rule, 0) != nil:
		return 2
	}
	return 1
}

func (f *faults) delay(rule string) time.Duration {
	if late := f.find("late", rule, 0); late != nil {
		return late.Delay
	}
	return 0
}

// refuse says whether an action is throttled; before is how many calls of it there were.
func (f *faults) refuse(action string, before int) *apiError {
	if f.find("throttle", action, before+1) != nil {
		return &apiError{Code: "ThrottlingException", Message: "Rate exceeded", Retriable: true}
	}
	return nil
}
