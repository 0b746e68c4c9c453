package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func pointsOf(drawn string) []point {
	var points []point
	for c := range strings.FieldsSeq(drawn) {
		points = append([]point{map[string]point{"-": absent, "0": within, "X": beyond}[c]}, points...) // the latest is drawn last
	}
	return points
}

// The tables are those of the Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", read 2026-11.
func TestMissingDataIsTreatedAsTheTablesOfCloudWatchSay(t *testing.T) {
	const keep = "the state before"
	for _, test := range []struct {
		points           string
		toAlarm, periods int
		missing, ignore  string
		breaching, notBr string
	}{
		{"0 - X - X", 3, 3, stateOK, stateOK, stateOK, stateOK},
		{"- - - - 0", 3, 3, stateOK, stateOK, stateOK, stateOK},
		{"- - - - -", 3, 3, stateInsufficient, keep, stateAlarm, stateOK},
		{"0 X X - X", 3, 3, stateAlarm, stateAlarm, stateAlarm, stateAlarm},
		{"- - X - -", 3, 3, stateAlarm, keep, stateAlarm, stateOK},
		{"0 - X - X", 2, 3, stateAlarm, stateAlarm, stateAlarm, stateAlarm},
		{"0 0 X 0 X", 2, 3, stateAlarm, stateAlarm, stateAlarm, stateAlarm},
		{"0 - X - -", 2, 3, stateOK, stateOK, stateAlarm, stateOK},
		{"- - - - 0", 2, 3, stateOK, stateOK, stateAlarm, stateOK},
		{"- - - X -", 2, 3, stateAlarm, keep, stateAlarm, stateOK},
	} {
		for treatment, want := range map[string]string{"missing": test.missing, "ignore": test.ignore, "breaching": test.breaching, "notBreaching": test.notBr} {
			a := &alarm{missing: treatment, toAlarm: test.toAlarm, periods: test.periods, state: keep}
			if got := a.judge(pointsOf(test.points)); got != want {
				t.Errorf("%d of %d, %s, missing data %s: got %s, expected %s", test.toAlarm, test.periods, test.points, treatment, got, want)
			}
		}
	}
}

// alarmOn watches the matches of a rule.
func alarmOn(more string) parts {
	return toQueue("").with(parts{
		"Topic": topicOnly, "OpenTopic": openTopic("Topic", "cloudwatch.amazonaws.com"),
		"Mail": `{"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "data-team@example.com"}}`,
		"Alarm": `{"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "landed", "AlarmDescription": "what to do", "Namespace": "AWS/Events", "MetricName": "TriggeredRules",
			"Dimensions": [{"Name": "RuleName", "Value": {"Ref": "Rule"}}], "AlarmActions": [{"Ref": "Topic"}]` + more + `}}`,
	})
}

const atLeastOne = `, "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"`

func TestAnAlarmWritesToThePersonOnCallAndSaysWhenItIsOver(t *testing.T) {
	r := build(t, alarmOn(atLeastOne+`, "OKActions": [{"Ref": "Topic"}]`), Options{For: 2 * time.Hour})
	r.later(7*time.Minute, func() { r.send("a", "x", `{}`) })
	r.run()
	same(t, "alarm", r.happened("AlarmChanged", "EmailSent"), []string{
		"10m0s AlarmChanged Alarm", "10m0s EmailSent Topic", "25m0s AlarmChanged Alarm", "25m0s EmailSent Topic",
	})
	same(t, "mails", r.details("EmailSent"), []map[string]any{
		{"to": "data-team@example.com", "subject": `ALARM: "landed" in us-east-1`, "message": "what to do"},
		{"to": "data-team@example.com", "subject": `OK: "landed" in us-east-1`, "message": "what to do"},
	})
}

func TestAnAlarmThatMayNotPublishIsToldOf(t *testing.T) {
	for name, change := range map[string]parts{
		"the topic's policy lets others": {"OpenTopic": openTopic("Topic", "events.amazonaws.com")},
		"the topic has SNS's own key":    {"Topic": `{"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/aws/sns"}}`},
	} {
		r := build(t, alarmOn(atLeastOne).with(change), Options{}).send("a", "x", `{}`).run()
		if got := r.happened("EmailSent", "ActionFailed"); fmt.Sprint(got) != "[5m0s ActionFailed Alarm]" {
			t.Errorf("%s: got %v", name, got)
		}
	}
	r := build(t, alarmOn(atLeastOne+`, "ActionsEnabled": false`), Options{}).send("a", "x", `{}`).run()
	same(t, "without actions", r.happened("AlarmChanged", "EmailSent"), []string{"5m0s AlarmChanged Alarm"})
}

func TestAnAlarmNeedsAsManyPeriodsAsItSays(t *testing.T) {
	settings := `, "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 2, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"`
	for _, test := range []struct {
		name    string
		minutes []int // in which two events come
		want    []string
	}{
		{"two of three", []int{0, 2}, []string{"3m0s AlarmChanged Alarm"}},
		{"one alone", []int{0}, nil},
		{"two far apart", []int{0, 20}, nil},
	} {
		r := build(t, alarmOn(settings), Options{})
		for _, minute := range test.minutes {
			r.later(time.Duration(minute)*time.Minute, func() { r.send("a", "x", `{}`).send("a", "x", `{}`) })
		}
		r.later(21*time.Minute, func() {})
		if got := r.run().happened("AlarmChanged"); len(got) == 0 != (len(test.want) == 0) || len(got) > 0 && got[0] != test.want[0] {
			t.Errorf("%s: got %v, expected %v first", test.name, got, test.want)
		}
	}
}

func TestEachStatisticAndComparison(t *testing.T) {
	at := start
	s := &series{samples: []sample{{at.Add(-time.Second), 100}, {at, 1}, {at.Add(time.Second), 5}, {at.Add(59 * time.Second), 3}, {at.Add(time.Minute), 100}}}
	for statistic, want := range map[string]float64{"Sum": 9, "Average": 3, "Minimum": 1, "Maximum": 5, "SampleCount": 3} {
		if got, ok := s.statistic(statistic, at, at.Add(time.Minute)); !ok || got != want {
			t.Errorf("%s is %v, expected %v: the period begins with its first moment and ends before the next", statistic, got, want)
		}
	}
	if _, ok := s.statistic("Sum", at.Add(-time.Hour), at.Add(-time.Minute)); ok {
		t.Error("a period without values has a sum")
	}
	for comparison, want := range map[string][3]bool{
		"GreaterThanThreshold": {false, false, true}, "GreaterThanOrEqualToThreshold": {false, true, true},
		"LessThanThreshold": {true, false, false}, "LessThanOrEqualToThreshold": {true, true, false},
	} {
		a := &alarm{operator: comparison, threshold: 2}
		if got := [3]bool{a.breaches(1), a.breaches(2), a.breaches(3)}; got != want {
			t.Errorf("%s of 1, 2 and 3 against 2: got %v, expected %v", comparison, got, want)
		}
	}
}

func TestAMissedRunAlarmsByWhatIsNotThere(t *testing.T) {
	settings := `, "Statistic": "Sum", "Period": 86400, "EvaluationPeriods": 2, "Threshold": 1, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"`
	r := build(t, alarmOn(settings), Options{For: 10 * 24 * time.Hour})
	for _, day := range []int{0, 1, 2} {
		r.later(time.Duration(day)*24*time.Hour, func() { r.send("a", "x", `{}`) })
	}
	r.run()
	// The last event came on March 4. CloudWatch lets it count as long as it is in the evaluation range, here four days.
	same(t, "alarm", r.starts("AlarmChanged"), []string{"03-09T00:00:00"})
}

func TestNothingIsMissedBeforeTheRun(t *testing.T) {
	settings := `, "Statistic": "Sum", "Period": 86400, "EvaluationPeriods": 7, "Threshold": 1, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"`
	r := build(t, alarmOn(settings), Options{For: 14 * 24 * time.Hour}).run()
	// Nothing ever comes. The run begins on March 2, and the range of nine days is empty at the end of March 11.
	same(t, "alarm", r.starts("AlarmChanged"), []string{"03-12T00:00:00"})
}

func TestAnAlarmIsOverAlsoInARunWithoutSchedules(t *testing.T) {
	r := build(t, alarmOn(atLeastOne), Options{}).send("a", "x", `{}`)
	r.later(time.Hour, func() {})
	same(t, "alarm", r.run().happened("AlarmChanged"), []string{"5m0s AlarmChanged Alarm", "20m0s AlarmChanged Alarm"})
}
