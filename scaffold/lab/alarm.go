package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// dimension is a name and a value by which metrics of one name are told apart.
type dimension struct{ Name, Value string }

type sample struct {
	time  time.Time
	value float64
}

// series is one metric.
type series struct {
	samples []sample
	alarms  []*alarm
}

func metricKey(namespace, name string, dimensions []dimension) string {
	sorted := slices.Clone(dimensions)
	slices.SortFunc(sorted, func(a, b dimension) int { return cmp.Compare(a.Name, b.Name) })
	return fmt.Sprint(namespace, "/", name, sorted)
}

// count adds one to a metric.
func (l *Lab) count(namespace, name string, dimensions ...dimension) {
	l.measure(namespace, name, 1, dimensions...)
}

// measure keeps a value of a metric that an alarm looks at, and has the alarm look when its period ends.
func (l *Lab) measure(namespace, name string, value float64, dimensions ...dimension) {
	metric := l.metrics[metricKey(namespace, name, dimensions)]
	if metric == nil {
		return
	}
	metric.samples = append(metric.samples, sample{l.clock.Now(), value})
	for _, a := range metric.alarms {
		end := l.clock.Now().Truncate(a.period).Add(a.period)
		if !end.Equal(a.planned) {
			a.planned = end
			l.later(end.Sub(l.clock.Now()), func() { l.evaluate(a) })
		}
	}
}

// alarm is a CloudWatch alarm on one metric.
type alarm struct {
	id, arn, name       string
	metric              *series
	statistic, operator string
	missing             string
	threshold           float64
	period              time.Duration
	periods, toAlarm    int
	actions, okActions  []string
	state               string
	planned             time.Time // when it looks next
}

// The states of an alarm.
const (
	stateOK           = "OK"
	stateAlarm        = "ALARM"
	stateInsufficient = "INSUFFICIENT_DATA"
)

func (l *Lab) readAlarms() {
	for _, id := range l.stack.ByType("AWS::CloudWatch::Alarm") {
		resource := l.stack.Resources[id]
		if resource.Get("Metrics") != nil || resource.Get("ExtendedStatistic") != nil {
			l.ignore(id, "the lab has no alarms on metric math or percentiles")
			continue
		}
		var dimensions []dimension
		for _, given := range cfn.List(resource.Get("Dimensions")) {
			dimensions = append(dimensions, dimension{cfn.Text(cfn.Field(given, "Name")), cfn.Text(cfn.Field(given, "Value"))})
		}
		a := &alarm{
			id: id, arn: l.stack.Attribute(id, "Arn"), name: l.stack.Ref(id), state: stateInsufficient,
			statistic: cfn.Text(resource.Get("Statistic")), operator: cfn.Text(resource.Get("ComparisonOperator")),
			missing: "missing", threshold: number(resource.Get("Threshold")),
			period: time.Duration(number(resource.Get("Period"))) * time.Second, periods: int(number(resource.Get("EvaluationPeriods"))),
			actions: texts(resource.Get("AlarmActions")), okActions: texts(resource.Get("OKActions")),
		}
		if a.period <= 0 {
			l.ignore(id, "it has no period")
			continue
		}
		if missing, ok := resource.Get("TreatMissingData").(string); ok {
			a.missing = missing
		}
		a.toAlarm = a.periods
		if points := int(number(resource.Get("DatapointsToAlarm"))); points > 0 {
			a.toAlarm = points
		}
		key := metricKey(cfn.Text(resource.Get("Namespace")), cfn.Text(resource.Get("MetricName")), dimensions)
		if l.metrics[key] == nil {
			l.metrics[key] = &series{}
		}
		a.metric = l.metrics[key]
		a.metric.alarms = append(a.metric.alarms, a)
		l.alarms = append(l.alarms, a)
	}
}

func number(value any) float64 {
	n, _ := value.(float64)
	return n
}

func texts(value any) []string {
	var all []string
	for _, item := range cfn.List(value) {
		all = append(all, cfn.Text(item))
	}
	return all
}

// watch has an alarm look at the end of each period, also when nothing is measured: a missed run is a period without data.
func (l *Lab) watch(a *alarm) {
	end := l.clock.Now().Truncate(a.period).Add(a.period)
	l.background(end.Sub(l.clock.Now()), func() {
		l.evaluate(a)
		l.watch(a)
	})
}

// evaluate looks at the periods that have just ended.
// Source: Amazon CloudWatch User Guide, "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data", read 2026-11.
func (l *Lab) evaluate(a *alarm) {
	now := l.clock.Now()
	breaching, present := 0, 0
	for i := range a.periods {
		end := now.Add(-time.Duration(i) * a.period)
		value, ok := a.metric.statistic(a.statistic, end.Add(-a.period), end)
		switch {
		case ok:
			present++
			if a.breaches(value) {
				breaching++
			}
		case a.missing == "breaching":
			breaching++
			present++
		case a.missing == "notBreaching":
			present++
		}
	}
	state := stateOK
	switch {
	case breaching >= a.toAlarm:
		state = stateAlarm
	case present == 0 && a.missing == "ignore":
		return
	case present == 0:
		state = stateInsufficient
	}
	if state != a.state {
		l.turn(a, state)
	}
}

// turn changes an alarm's state and does what it is there for.
func (l *Lab) turn(a *alarm, state string) {
	before := a.state
	a.state = state
	actions := a.actions
	switch state {
	case stateOK:
		if before == stateInsufficient {
			return // nobody needs to hear that all is well before anything was wrong
		}
		actions = a.okActions
	case stateInsufficient:
		actions = nil
	}
	description, _ := l.stack.Resources[a.id].Get("AlarmDescription").(string)
	l.tell("cloudwatch", "AlarmChanged", a.id, map[string]any{"state": state, "from": before, "description": description})
	for _, action := range actions {
		t := l.topics[action]
		if t == nil {
			l.tell("cloudwatch", "ActionIgnored", a.id, map[string]any{"action": action})
			continue
		}
		if err := l.authorize(caller{Service: "cloudwatch.amazonaws.com", Source: a.arn}, "sns:Publish", action, nil); err != nil {
			l.tell("cloudwatch", "ActionFailed", a.id, map[string]any{"action": action, "error": err.Error()})
			continue
		}
		l.notify(t, fmt.Sprintf("%s: %q", state, a.name), description)
	}
}

func (a *alarm) breaches(value float64) bool {
	switch a.operator {
	case "GreaterThanOrEqualToThreshold":
		return value >= a.threshold
	case "GreaterThanThreshold":
		return value > a.threshold
	case "LessThanThreshold":
		return value < a.threshold
	case "LessThanOrEqualToThreshold":
		return value <= a.threshold
	}
	return false
}

// statistic is that of the samples from start until before end; false without any.
func (s *series) statistic(of string, start, end time.Time) (float64, bool) {
	sum, count, least, most := 0.0, 0, 0.0, 0.0
	for _, sample := range s.samples {
		if sample.time.Before(start) || !sample.time.Before(end) {
			continue
		}
		if count == 0 {
			least, most = sample.value, sample.value
		}
		sum, count = sum+sample.value, count+1
		least, most = min(least, sample.value), max(most, sample.value)
	}
	if count == 0 {
		return 0, false
	}
	switch strings.ToLower(of) {
	case "maximum":
		return most, true
	case "minimum":
		return least, true
	case "average":
		return sum / float64(count), true
	case "samplecount":
		return float64(count), true
	}
	return sum, true
}
