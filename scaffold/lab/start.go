package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Put lets an object land. Where is a key, or s3://BUCKET/KEY with the beginning of a bucket's logical id; a key alone is for the
// only bucket that sends events, or for the one in which data lands.
func (l *Lab) Put(where string, data []byte) error {
	name, key, err := l.bucketFor(where)
	if err != nil {
		return err
	}
	if key == "" || strings.HasSuffix(key, "/") {
		return fmt.Errorf("got the key %q, expected that of an object", key)
	}
	l.lineage.gets("s3://"+name+"/"+key, data)
	if err = l.store.write(name, key, data, l.stack.Place().Account); err == nil {
		l.lineage.put(name, key)
	}
	return err
}

// landingID begins the logical id of the bucket in which data lands, in each of the examples.
const landingID = "Landing"

// Listens says whether an object that lands may start something.
func (l *Lab) Listens() bool {
	for _, b := range l.store.buckets {
		if b.sendsEvents {
			return true
		}
	}
	return false
}

// AwaitSchedule lets schedules start until the first of them has.
func (l *Lab) AwaitSchedule() {
	now := l.clock.Now()
	for _, t := range l.timers {
		next, ok := t.first(now)
		if until := next.Add(t.late(next)).Sub(now); ok && (l.options.For == 0 || until < l.options.For) {
			l.options.For = max(until, 1)
		}
	}
}

func (l *Lab) bucketFor(where string) (name, key string, err error) {
	var ids []string
	for _, b := range l.store.buckets {
		ids = append(ids, b.id)
	}
	slices.Sort(ids)
	if rest, ok := strings.CutPrefix(where, "s3://"); ok {
		wanted, key, _ := strings.Cut(rest, "/")
		var found []*bucket
		for _, b := range l.store.buckets {
			if b.name == wanted || strings.HasPrefix(b.id, wanted) {
				found = append(found, b)
			}
		}
		if len(found) != 1 {
			return "", "", fmt.Errorf("got the bucket %q, which is that of %d, expected one of %s", wanted, len(found), strings.Join(ids, ", "))
		}
		return found[0].name, key, nil
	}
	var found []*bucket
	for _, b := range l.store.buckets {
		if b.sendsEvents {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		for _, b := range l.store.buckets {
			if strings.HasPrefix(b.id, landingID) {
				found = append(found, b)
			}
		}
	}
	if len(found) != 1 {
		return "", "", fmt.Errorf("got the key %q, and %d buckets send events\n  hint: name the bucket, as in s3://%s/%s; there are %s", where, len(found), ids[0], where, strings.Join(ids, ", "))
	}
	return found[0].name, where, nil
}

// Send puts an event on the default bus. Of its fields only source, detail-type and detail need to be there.
func (l *Lab) Send(text []byte) error {
	place := l.stack.Place()
	event := Envelope{Version: "0", ID: l.clock.UUID(), Account: place.Account, Region: place.Region, Time: l.clock.Now().Format(time.RFC3339), Resources: []string{}, Detail: json.RawMessage("{}")}
	if err := json.Unmarshal(text, &event); err != nil {
		return fmt.Errorf("the event is no JSON of its form: %w", err)
	}
	if event.Source == "" || event.DetailType == "" {
		return errors.New(`the event has no source or no detail-type, expected for example {"source": "partner.orders", "detail-type": "OrdersReady", "detail": {}}`)
	}
	l.lineage.gets("event", text)
	l.tell("events", "EventSent", "", map[string]any{"source": event.Source, "detail-type": event.DetailType, "id": event.ID})
	l.put(&event)
	return l.err
}

// Start starts what starts by a command: the only workflow or state machine of the template.
func (l *Lab) Start(input string) error {
	l.lineage.gets("start", []byte(input))
	me := caller{Service: operator}
	switch {
	case len(l.machines) == 1:
		for arn := range maps.Keys(l.machines) {
			if _, err := l.startExecution(me, map[string]any{"StateMachineArn": arn, "Input": input}); err != nil {
				return err
			}
		}
	case len(l.workflows) == 1:
		for name := range maps.Keys(l.workflows) {
			if _, err := l.startWorkflowRun(me, map[string]any{"Name": name}); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("the template has %d state machines and %d workflows, expected one of them to start", len(l.machines), len(l.workflows))
	}
	return l.err
}

// operator is the person at the keyboard, who may do everything.
const operator = "operator"

// Outcome is what a run came to.
type Outcome struct {
	Started, Ended time.Time
	Failures       []string         // of the pipeline, in the order in which they happened
	Denials        []PolicyDecision // calls that the policies did not allow
	Unused         []Grant          // permissions that nothing needed
	Unexercised    []Grant          // permissions that nothing needs in the lab, such as those for logs
	Ignored        []string         // what the lab leaves out of the template, and why
	Waiting        map[string]int   // messages in each queue that nothing reads
	Unmatched      []string         // faults that met nothing
	Flows          []Flow           // what went where
	Tables         []TableOf        // of the catalog
	Unanswered     []WaitingTask    // tasks that waited for an answer in vain
	Unasked        []string         // answers that no task waited for
	Next           []time.Time      // when schedules would start next
	Statements     []StatementOutcome
}

// Succeeded says whether nothing failed and nothing was left over.
func (o *Outcome) Succeeded() bool { return len(o.Failures) == 0 && len(o.Waiting) == 0 }

// Outcome sums a run up.
func (l *Lab) Outcome() *Outcome {
	o := &Outcome{
		Started: l.options.From, Ended: l.clock.Now(), Failures: l.failures, Denials: l.denials.all,
		Ignored: append(l.Ignored(), l.policies.Ignored()...), Waiting: map[string]int{}, Unmatched: l.faults.unmatched(), Statements: l.warehouse.done,
		Flows: l.lineage.flowed(), Tables: l.lineage.tables(), Unanswered: l.unanswered, Unasked: l.answers.unused(),
	}
	o.Unused, o.Unexercised = l.grants()
	for _, q := range l.queues {
		if len(q.messages) > 0 {
			o.Waiting[q.id] = len(q.messages)
		}
	}
	for _, t := range l.timers {
		if next, ok := t.when.Next(l.clock.Now(), t.zone); ok {
			o.Next = append(o.Next, next)
		}
	}
	slices.SortFunc(o.Next, time.Time.Compare)
	return o
}
