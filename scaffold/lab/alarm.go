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
	lasts   bool // a value is reported again each minute until it changes
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
			l.later(end.Sub(l.clock.Now()), func() {
				l.evaluate(a)
				l.watch(a) // it goes back to OK only by looking again
			})
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
	insufficientActions []string
	state               string
	planned             time.Time // when it looks because of a value
	watched             bool      // it looks at the end of each period
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
		if resource.Get("Metrics") != nil || resource.Get("ExtendedStatistic") != nil || resource.Get("ThresholdMetricId") != nil {
			l.ignore(id, "the lab has no alarms on metric math, percentiles or anomalies")
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
			insufficientActions: texts(resource.Get("InsufficientDataActions")),
		}
		if a.period <= 0 {
			l.ignore(id, "it has no period")
			continue
		}
		if missing, ok := resource.Get("TreatMissingData").(string); ok {
			a.missing = missing
		}
		if a.missing == "notBreaching" || a.missing == "breaching" {
			a.state = stateOK // the stack was deployed before the run, and all was well until then
		}
		if resource.Get("ActionsEnabled") == false {
			a.actions, a.okActions, a.insufficientActions = nil, nil, nil
		}
		a.toAlarm = a.periods
		if points := int(number(resource.Get("DatapointsToAlarm"))); points > 0 {
			a.toAlarm = points
		}
		key := metricKey(cfn.Text(resource.Get("Namespace")), cfn.Text(resource.Get("MetricName")), dimensions)
		if l.metrics[key] == nil {
			// Source: Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS": each minute while a queue holds messages,
			// read 2026-11.
			l.metrics[key] = &series{lasts: cfn.Text(resource.Get("Namespace")) == "AWS/SQS"}
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

// watch has an alarm look at the end of each period, also when nothing is measured.
func (l *Lab) watch(a *alarm) {
	if a.watched {
		return
	}
	a.watched = true
	end := l.clock.Now().Truncate(a.period).Add(a.period)
	l.background(end.Sub(l.clock.Now()), func() {
		a.watched = false
		l.evaluate(a)
		if a.settled(l.clock.Now()) && l.clock.Now().After(l.end) {
			return
		}
		l.watch(a)
	})
}

// settled says whether looking again would change nothing until there is a new value.
func (a *alarm) settled(now time.Time) bool {
	last := len(a.metric.samples) - 1
	return last < 0 || a.metric.samples[last].time.Before(now.Add(-time.Duration(a.reach())*a.period))
}

// moreRange is how many periods CloudWatch looks at besides those that it evaluates, so that values which come late still count. AWS
// gives no figure; its example has 2.
// Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", the tables, read 2026-11.
const moreRange = 2

func (a *alarm) reach() int { return a.periods + moreRange }

// evaluate looks at the periods that have ended.
func (l *Lab) evaluate(a *alarm) {
	end := l.clock.Now().Truncate(a.period)
	points := make([]point, a.reach())
	for i := range points {
		until := end.Add(-time.Duration(i) * a.period)
		if a.missing == "breaching" && until.Add(-a.period).Before(l.options.From) {
			points[i] = within // nothing was missed before the run
		}
		if value, ok := a.metric.statistic(a.statistic, until.Add(-a.period), until); ok {
			points[i] = within
			if a.breaches(value) {
				points[i] = beyond
			}
		}
	}
	if state := a.judge(points); state != a.state {
		l.turn(a, state)
	}
}

// point is what a period says.
type point int

const (
	absent point = iota
	within
	beyond
)

// judge is the state that follows from the points of the evaluation range, the latest first. Real points count before missing ones are
// filled in, however old they are.
// Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", read 2026-11; alarm_test.go has its tables.
func (a *alarm) judge(points []point) string {
	breaching, real := 0, 0
	for _, p := range points {
		if p == absent || real == a.periods {
			continue
		}
		real++
		if p == beyond {
			breaching++
		}
	}
	filled := a.periods - real
	switch {
	case breaching >= a.toAlarm, a.missing == "breaching" && breaching+filled >= a.toAlarm:
		return stateAlarm
	case a.missing == "breaching", a.missing == "notBreaching", filled == 0:
		return stateOK
	case real == 0 && a.missing == "ignore":
		return a.state
	case real == 0:
		return stateInsufficient
	case breaching < real:
		return stateOK
	case a.missing != "ignore" && a.oldEnough(points):
		return stateAlarm
	}
	return a.state
}

// oldEnough says whether the oldest point that breaches has been so for as many periods as it takes to alarm, with none since that does
// not. Source: the same page, "How alarm state is evaluated when data is missing": premature transitions.
func (a *alarm) oldEnough(points []point) bool {
	oldest := 0
	for i, p := range points[:a.periods] {
		if p == within {
			return false
		}
		if p == beyond {
			oldest = i + 1
		}
	}
	return oldest >= a.toAlarm
}

// turn changes an alarm's state and does what it is there for.
// Source: Amazon CloudWatch API Reference, PutMetricAlarm: actions are taken when the alarm enters the state from any other, read 2026-11.
func (l *Lab) turn(a *alarm, state string) {
	before := a.state
	a.state = state
	actions := map[string][]string{stateAlarm: a.actions, stateOK: a.okActions, stateInsufficient: a.insufficientActions}[state]
	description, _ := l.stack.Resources[a.id].Get("AlarmDescription").(string)
	l.tell("cloudwatch", "AlarmChanged", a.id, map[string]any{"state": state, "from": before, "description": description})
	for _, action := range actions {
		t := l.topics[action]
		if t == nil {
			l.tell("cloudwatch", "ActionIgnored", a.id, map[string]any{"action": action})
			continue
		}
		if err := l.publishAs(caller{Service: "cloudwatch.amazonaws.com", Source: a.arn}, t, fmt.Sprintf("%s: %q in %s", state, a.name, l.stack.Place().Region), description); err != nil {
			l.tell("cloudwatch", "ActionFailed", a.id, map[string]any{"action": action, "error": err.Error()})
		}
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

// statistic is that of the samples from start until before end; false without any. Samples are in the order of time, and the latest
// are those that matter.
func (s *series) statistic(of string, start, end time.Time) (float64, bool) {
	sum, count, least, most := 0.0, 0, 0.0, 0.0
	for _, sample := range slices.Backward(s.samples) {
		if sample.time.Before(start) {
			if s.lasts && count == 0 {
				sum, count, least, most = sample.value, 1, sample.value, sample.value
			}
			break
		}
		if !sample.time.Before(end) {
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
