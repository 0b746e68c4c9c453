package lab

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/schedule"
)

// timer is what starts by time: an EventBridge Scheduler schedule, or a rule with a schedule expression.
type timer struct {
	id, group, groupArn, arn string
	when                     *schedule.Schedule
	zone                     *time.Location
	window                   time.Duration
	from, until              time.Time // zero: no bound
	fire                     func(at time.Time)
}

func (l *Lab) readSchedules() error {
	for _, id := range l.stack.ByType("AWS::Scheduler::Schedule") {
		resource := l.stack.Resources[id]
		if resource.Get("State") == "DISABLED" {
			l.ignore(id, "the schedule is disabled")
			continue
		}
		if err := l.readSchedule(id, resource); err != nil {
			return fmt.Errorf("schedule %s: %w", id, err)
		}
	}
	return nil
}

func (l *Lab) readSchedule(id string, resource cfn.Resource) error {
	place := l.stack.Place()
	s := &timer{id: id, group: "default", arn: l.stack.Attribute(id, "Arn"), zone: time.UTC}
	if group, ok := resource.Get("GroupName").(string); ok {
		s.group = group
	}
	s.groupArn = fmt.Sprintf("arn:%s:scheduler:%s:%s:schedule-group/%s", place.Partition, place.Region, place.Account, s.group)
	var err error
	if s.when, err = schedule.CreateSchedule.Parse(cfn.Text(resource.Get("ScheduleExpression"))); err != nil {
		return err
	}
	if zone, ok := resource.Get("ScheduleExpressionTimezone").(string); ok {
		if s.zone, err = schedule.CreateSchedule.Zone(zone); err != nil {
			return err
		}
	}
	if minutes, ok := resource.Get("FlexibleTimeWindow", "MaximumWindowInMinutes").(float64); ok {
		s.window = time.Duration(minutes) * time.Minute
	}
	for key, bound := range map[string]*time.Time{"StartDate": &s.from, "EndDate": &s.until} {
		if written, ok := resource.Get(key).(string); ok {
			if *bound, err = time.Parse(time.RFC3339, written); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
	}
	t, err := l.readTarget(resource.Get("Target"))
	if err != nil {
		return err
	}
	t.timed = s
	s.fire = func(at time.Time) { l.startScheduled(s, t, at) }
	l.timers = append(l.timers, s)
	return nil
}

// scheduleRule is a rule that starts by time, in UTC.
func (l *Lab) scheduleRule(r *rule, expression string) error {
	when, err := schedule.PutRule.Parse(expression)
	if err != nil {
		return err
	}
	l.timers = append(l.timers, &timer{id: r.id, arn: r.arn, when: when, zone: time.UTC, fire: func(at time.Time) {
		place := l.stack.Place()
		// Source: Amazon EventBridge User Guide, "Creating a scheduled rule (legacy)", the event that it sends.
		event := &Envelope{
			Version: "0", ID: l.clock.UUID(), DetailType: "Scheduled Event", Source: "aws.events", Account: place.Account, Region: place.Region,
			Time: at.UTC().Format(time.RFC3339), Resources: []string{r.arn}, Detail: []byte("{}"),
		}
		l.fireScheduled(r, event)
	}})
	return nil
}

// first is when a schedule starts for the first time. A rate counts from the start date, or from the beginning of the run, as if the
// stack had just been deployed.
func (s *timer) first(now time.Time) (time.Time, bool) {
	switch {
	case s.when.Kind() != schedule.Rate:
		if now.Before(s.from) {
			now = s.from
		}
		return s.when.Next(now.Add(-time.Second), s.zone)
	case s.from.IsZero():
		return s.when.Next(now, s.zone)
	}
	next := s.from
	for next.Before(now) {
		next, _ = s.when.Next(next, s.zone) // a rate always has a next
	}
	return next, true
}

// arm lets a schedule start at its next time and ever after, as long as the run lasts.
func (l *Lab) arm(s *timer, next time.Time, ok bool) {
	if !ok || !s.until.IsZero() && next.After(s.until) {
		return
	}
	late := s.late(next)
	l.background(next.Add(late).Sub(l.clock.Now()), func() {
		s.fire(next)
		following, ok := s.when.Next(next, s.zone)
		l.arm(s, following, ok)
	})
}

// late is how much later than scheduled a start happens within its flexible window: any time, but the same in each run.
func (s *timer) late(at time.Time) time.Duration {
	if s.window == 0 {
		return 0
	}
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, s.arn, at.Unix()) // a hash takes everything
	return time.Duration(hash.Sum64() % uint64(s.window)).Truncate(time.Second)
}

// startScheduled calls a schedule's target.
func (l *Lab) startScheduled(s *timer, t *target, at time.Time) {
	l.tell("scheduler", "ScheduleStarted", s.id, map[string]any{"scheduled": at.Format(time.RFC3339)})
	times := l.faults.deliveries(s.id)
	if times == 0 {
		l.tell("scheduler", "DeliveryLost", s.id, lostByFault)
	}
	for range times {
		d := &delivery{target: t, eventID: l.clock.UUID(), payload: t.input, planned: at, sent: l.clock.Now()}
		if t.input == nil {
			d.payload = l.notification(s, d)
		}
		l.later(l.faults.delay(s.id), func() { l.attempt(d) })
	}
}

// notification is what a target gets of a schedule without input.
// Source: Amazon EventBridge Scheduler API Reference, Target, Input: "a default notification", read 2026-11; its form is that of the
// event of a scheduled rule, with the detail as text.
func (l *Lab) notification(s *timer, d *delivery) []byte {
	place := l.stack.Place()
	text, err := json.Marshal(map[string]any{
		"version": "0", "id": d.eventID, "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": place.Account,
		"time": d.planned.UTC().Format(time.RFC3339), "region": place.Region, "resources": []string{s.arn}, "detail": "{}",
	})
	if err != nil {
		l.broken(fmt.Errorf("schedule %s: %w", s.id, err))
	}
	return text
}
