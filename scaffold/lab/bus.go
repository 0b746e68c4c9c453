package lab

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/pattern"
)

// rule is an EventBridge rule that looks at events; one with a schedule is in schedule.go.
type rule struct {
	id, name, arn string
	pattern       *pattern.Pattern
	targets       []*target
}

// How often a delivery is repeated when the rule does not say.
// Source: Amazon EventBridge User Guide, "How EventBridge retries delivering events", read 2026-11.
const (
	defaultAttempts = 185
	defaultAge      = 24 * time.Hour
)

// deliveryLatency is how long an event takes from the bus to its target. AWS promises no figure; half a second is typical.
const deliveryLatency = 500 * time.Millisecond

func (l *Lab) readRules() error {
	for _, id := range l.stack.ByType("AWS::Events::Rule") {
		resource := l.stack.Resources[id]
		if resource.Get("State") == "DISABLED" {
			l.ignore(id, "the rule is disabled")
			continue
		}
		if bus := cfn.Text(cmp.Or(resource.Get("EventBusName"), any("default"))); last(bus, "/") != "default" {
			return fmt.Errorf("rule %s: it is on the bus %s, and the lab has only the default one", id, bus)
		}
		r := &rule{id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Arn")}
		for i, given := range cfn.List(resource.Get("Targets")) {
			t, err := l.readTarget(given)
			if err != nil {
				return fmt.Errorf("rule %s, target %d: %w", id, i, err)
			}
			t.rule = r
			r.targets = append(r.targets, t)
		}
		if expression, ok := resource.Get("ScheduleExpression").(string); ok {
			if err := l.scheduleRule(r, expression); err != nil {
				return fmt.Errorf("rule %s: %w", id, err)
			}
		}
		if source := resource.Get("EventPattern"); source != nil {
			compiled, err := pattern.Compile([]byte(cfn.Text(source)))
			if err != nil {
				return fmt.Errorf("rule %s: %w", id, err)
			}
			r.pattern = compiled
			l.rules = append(l.rules, r)
		}
	}
	return nil
}

// Envelope is an event as EventBridge delivers it. Source: Amazon EventBridge User Guide, "Events", read 2026-11.
type Envelope struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// emit puts an event on the default bus and returns its id.
func (l *Lab) emit(source, detailType string, resources []string, detail any) string {
	text, err := json.Marshal(detail)
	if err != nil {
		l.broken(fmt.Errorf("event %s of %s: %w", detailType, source, err))
		return ""
	}
	if resources == nil {
		resources = []string{}
	}
	place := l.stack.Place()
	event := &Envelope{
		Version: "0", ID: l.clock.UUID(), DetailType: detailType, Source: source, Account: place.Account, Region: place.Region,
		Time: l.clock.Now().UTC().Format(time.RFC3339), Resources: resources, Detail: text,
	}
	l.put(event)
	return event.ID
}

// put lets each rule look at an event.
func (l *Lab) put(event *Envelope) {
	text, err := json.Marshal(event)
	if err != nil {
		l.broken(fmt.Errorf("event %s of %s: %w", event.DetailType, event.Source, err))
		return
	}
	decoded, err := pattern.Decode(text)
	if err != nil {
		l.broken(fmt.Errorf("event %s of %s: %w", event.DetailType, event.Source, err))
		return
	}
	for _, r := range l.rules {
		if r.pattern.MatchEvent(decoded) {
			l.fire(r, event, text)
		}
	}
}

// fireScheduled sends the event of a rule that starts by time.
func (l *Lab) fireScheduled(r *rule, event *Envelope) {
	text, err := json.Marshal(event)
	if err != nil {
		l.broken(fmt.Errorf("rule %s: %w", r.id, err))
		return
	}
	l.fire(r, event, text)
}

// fire sends what a rule is about to its targets.
func (l *Lab) fire(r *rule, event *Envelope, text []byte) {
	l.tell("events", "RuleMatched", r.id, map[string]any{"event": event.DetailType, "id": event.ID})
	l.count("AWS/Events", "MatchedEvents", dimension{"RuleName", r.name})
	l.count("AWS/Events", "TriggeredRules", dimension{"RuleName", r.name})
	because := l.matches(r, event)
	if because == nil {
		return
	}
	l.because(because, func() { l.deliver(r, event, text) })
}

// deliver sends an event to each target of a rule.
func (l *Lab) deliver(r *rule, event *Envelope, text []byte) {
	for _, t := range r.targets {
		times := l.faults.deliveries(r.id)
		if times == 0 {
			l.tell("events", "DeliveryLost", r.id, lostByFault)
		}
		for range times {
			d := &delivery{target: t, eventID: event.ID, sent: l.clock.Now()}
			if err := d.shape(text, event, r); err != nil {
				// EventBridge drops what its transformer cannot make.
				l.tell("events", "DeliveryFailed", r.id, map[string]any{"error": err.Error()})
				l.count("AWS/Events", "FailedInvocations", dimension{"RuleName", r.name})
				continue
			}
			l.later(deliveryLatency+l.faults.delay(r.id), func() { l.attempt(d) })
		}
	}
}

var busActions = map[string]handler{"events:putevents": (*Lab).putEvents}

// putEvents is PutEvents on the default bus. An entry that is refused says so by itself; the others are sent.
// Source: Amazon EventBridge API Reference, PutEvents, PutEventsResultEntry, read 2026-11.
func (l *Lab) putEvents(by caller, input map[string]any) (map[string]any, *apiError) {
	place := l.stack.Place()
	bus := fmt.Sprintf("arn:%s:events:%s:%s:event-bus/default", place.Partition, place.Region, place.Account)
	if err := l.authorize(by, "events:PutEvents", bus, nil); err != nil {
		return nil, err
	}
	answers, refused := []any{}, 0
	for _, item := range cfn.List(input["Entries"]) {
		entry, _ := item.(map[string]any)
		entry = capitals(entry)
		if name := text(entry, "EventBusName"); name != "" && name != "default" && name != bus {
			l.broken(fmt.Errorf("an event is sent to the bus %s, and the lab has only the default one", name))
			return nil, failed("ResourceNotFoundException", "Event bus %s does not exist.", name)
		}
		id, err := l.putEntry(entry)
		if err != nil {
			refused++
			answers = append(answers, map[string]any{"ErrorCode": err.Code, "ErrorMessage": err.Message})
			continue
		}
		answers = append(answers, map[string]any{"EventId": id})
	}
	return map[string]any{"FailedEntryCount": refused, "Entries": answers}, nil
}

// putEntry sends one event and returns its id.
func (l *Lab) putEntry(entry map[string]any) (string, *apiError) {
	for _, needed := range []string{"Source", "DetailType"} {
		if text(entry, needed) == "" {
			return "", failed("InvalidArgument", "Parameter %s is not valid. Reason: %s is a required argument.", needed, needed)
		}
	}
	if strings.HasPrefix(text(entry, "Source"), "aws.") {
		return "", failed("NotAuthorizedForSourceException", "Not authorized for the source.")
	}
	detail := entry["Detail"]
	if written, ok := detail.(string); ok {
		var object map[string]any
		if json.Unmarshal([]byte(written), &object) != nil {
			return "", failed("MalformedDetail", "Detail is malformed.")
		}
		detail = object
	}
	if _, ok := detail.(map[string]any); !ok {
		return "", failed("InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument.")
	}
	return l.emit(text(entry, "Source"), text(entry, "DetailType"), texts(entry["Resources"]), detail), nil
}
