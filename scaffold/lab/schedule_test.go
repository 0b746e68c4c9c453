package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// scheduleOf is a schedule that sends to a queue.
func scheduleOf(expression, more, target string) parts {
	return parts{
		"Queue": queueOnly, "Role": role("scheduler.amazonaws.com", "sqs:SendMessage"),
		"Schedule": fmt.Sprintf(`{"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": %q, "FlexibleTimeWindow": {"Mode": "OFF"}%s,
			"Target": {"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}%s}}}`, expression, more, target),
	}
}

// starts lists when something started, in UTC.
func (r *rig) starts(kind string) []string {
	var all []string
	for _, e := range r.timeline {
		if e.Type == kind {
			all = append(all, e.Time.UTC().Format("01-02T15:04:05"))
		}
	}
	return all
}

func TestASchedulePlaysItsTimes(t *testing.T) {
	const day = 24 * time.Hour
	at := func(month time.Month, date, hour int) time.Time {
		return time.Date(2026, month, date, hour, 0, 0, 0, time.UTC)
	}
	berlin := `, "ScheduleExpressionTimezone": "Europe/Berlin"`
	for _, test := range []struct {
		name, expression, more string
		from                   time.Time
		length                 time.Duration
		want                   []string
	}{
		{"a month of Mondays", "cron(0 8 ? * MON *)", "", at(3, 1, 0), 30 * day, []string{"03-02T08:00:00", "03-09T08:00:00", "03-16T08:00:00", "03-23T08:00:00", "03-30T08:00:00"}},
		{"its time zone, into summer time", "cron(0 5 * * ? *)", berlin, at(3, 28, 0), 3 * day, []string{"03-28T04:00:00", "03-29T03:00:00", "03-30T03:00:00"}},
		{"a time that summer time skips does not start", "cron(30 2 * * ? *)", berlin, at(3, 28, 0), 3 * day, []string{"03-28T01:30:00", "03-30T00:30:00"}},
		{"a time that comes twice starts once", "cron(30 2 * * ? *)", berlin, at(10, 24, 0), 3 * day, []string{"10-24T00:30:00", "10-25T00:30:00", "10-26T01:30:00"}},
		{"a rate from the beginning", "rate(6 hours)", "", at(3, 1, 0), day, []string{"03-01T06:00:00", "03-01T12:00:00", "03-01T18:00:00", "03-02T00:00:00"}},
		{"a rate from its start date", "rate(6 hours)", `, "StartDate": "2026-03-01T03:00:00Z"`, at(3, 1, 0), day, []string{"03-01T03:00:00", "03-01T09:00:00", "03-01T15:00:00", "03-01T21:00:00"}},
		{"a rate that began long ago", "rate(6 hours)", `, "StartDate": "2026-02-01T03:00:00Z"`, at(3, 1, 0), day, []string{"03-01T03:00:00", "03-01T09:00:00", "03-01T15:00:00", "03-01T21:00:00"}},
		{"between its dates", "cron(0 8 * * ? *)", `, "StartDate": "2026-03-03T08:00:00Z", "EndDate": "2026-03-04T08:00:00Z"`, at(3, 1, 0), 7 * day, []string{"03-03T08:00:00", "03-04T08:00:00"}},
		{"once", "at(2026-03-03T08:00:00)", "", at(3, 1, 0), 7 * day, []string{"03-03T08:00:00"}},
		{"at the first moment of the run", "cron(0 0 1 3 ? *)", "", at(3, 1, 0), day, []string{"03-01T00:00:00"}},
		{"never, disabled", "rate(1 hour)", `, "State": "DISABLED"`, at(3, 1, 0), day, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, scheduleOf(test.expression, test.more, ""), Options{From: test.from, For: test.length}).run()
			same(t, "starts", r.starts("ScheduleStarted"), test.want)
			same(t, "messages", len(r.messages()), len(test.want))
		})
	}
}

func TestAScheduledRuleSendsItsEventInUTC(t *testing.T) {
	p := toQueue("")
	p["Rule"] = `{"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "cron(0 9 ? * MON *)", "Targets": [{"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Id": "t"}]}}`
	r := build(t, p, Options{For: 14 * 24 * time.Hour}).run()
	same(t, "starts", r.starts("RuleMatched"), []string{"03-02T09:00:00", "03-09T09:00:00"})
	for _, want := range []string{`"detail-type":"Scheduled Event"`, `"source":"aws.events"`, `"time":"2026-03-02T09:00:00Z"`, `"detail":{}`, r.stack.Attribute("Rule", "Arn")} {
		if !strings.Contains(r.messages()[0].Body, want) {
			t.Errorf("the event has no %s:\n%s", want, r.messages()[0].Body)
		}
	}
}

func TestAFlexibleWindowIsKeptAndTheSameInEachRun(t *testing.T) {
	p := scheduleOf("cron(0 8 * * ? *)", "", "")
	p["Schedule"] = strings.Replace(p["Schedule"], `{"Mode": "OFF"}`, `{"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}`, 1)
	play := func() []string { return build(t, p, Options{For: 10 * 24 * time.Hour}).run().starts("ScheduleStarted") }
	first := play()
	same(t, "second run", play(), first)
	late := map[string]bool{}
	for _, at := range first {
		parsed, err := time.Parse("01-02T15:04:05", at)
		if err != nil || parsed.Hour() != 8 || parsed.Minute() >= 30 {
			t.Errorf("it started at %s, expected between 08:00 and 08:30", at)
		}
		late[at[6:]] = true
	}
	if len(late) < 5 {
		t.Errorf("got %v, expected different times in the window", slices.Collect(func(yield func(string) bool) {
			for at := range late {
				yield(at)
			}
		}))
	}
}

func TestAStartKnowsItsContextAttributesAlsoInItsRetries(t *testing.T) {
	const input = `, "Input": "{\"by\": \"<aws.scheduler.schedule-arn>\", \"at\": \"<aws.scheduler.scheduled-time>\", \"try\": \"<aws.scheduler.attempt-number>\", \"id\": \"<aws.scheduler.execution-id>\"}"`
	r := build(t, scheduleOf("at(2026-03-02T09:00:00)", "", input), Options{For: 2 * time.Hour, Faults: []Fault{{Kind: "throttle", Where: "sqs:", Attempt: 1}}}).run()
	if len(r.messages()) != 1 {
		t.Fatalf("got %d messages, expected 1", len(r.messages()))
	}
	got := r.messages()[0].Body
	for _, want := range []string{`"by": "` + r.stack.Attribute("Schedule", "Arn") + `"`, `"at": "2026-03-02T09:00:00Z"`, `"try": "2"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the input has no %s: %s", want, got)
		}
	}
	if strings.Contains(got, "<aws") {
		t.Errorf("an attribute was not filled in: %s", got)
	}
}

func TestAStartWithoutInputGetsANotification(t *testing.T) {
	r := build(t, scheduleOf("at(2026-03-02T09:00:00)", "", ""), Options{For: 2 * time.Hour}).run()
	for _, want := range []string{`"source":"aws.scheduler"`, `"time":"2026-03-02T09:00:00Z"`, r.stack.Attribute("Schedule", "Arn")} {
		if !strings.Contains(r.messages()[0].Body, want) {
			t.Errorf("the notification has no %s: %s", want, r.messages()[0].Body)
		}
	}
}

// universal starts a workflow by its API.
func universal(more string) parts {
	return parts{
		"Role": role("scheduler.amazonaws.com", "glue:StartWorkflowRun", "sqs:SendMessage"), "Queue": queueOnly, "Workflow": `{"Type": "AWS::Glue::Workflow"}`,
		"JobRole": role("glue.amazonaws.com", "s3:*"), "Job": `{"Type": "AWS::Glue::Job", "Properties": {"Role": {"Fn::GetAtt": ["JobRole", "Arn"]}, "Command": {"Name": "pythonshell"}}}`,
		"Trigger": `{"Type": "AWS::Glue::Trigger", "Properties": {"Type": "ON_DEMAND", "WorkflowName": {"Ref": "Workflow"}, "Actions": [{"JobName": {"Ref": "Job"}}]}}`,
		"Group":   `{"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "nightly"}}`,
		"Schedule": `{"Type": "AWS::Scheduler::Schedule", "Properties": {"GroupName": "nightly", "ScheduleExpression": "cron(0 9 ? * MON *)", "FlexibleTimeWindow": {"Mode": "OFF"},
			"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:glue:startWorkflowRun", "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "Input": "{\"Name\": \"NAME\"}",
			"DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}` + more + `}}}`,
		"Dropped": `{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Namespace": "AWS/Scheduler", "MetricName": "InvocationDroppedCount", "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1,
			"Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching", "Dimensions": [{"Name": "ScheduleGroup", "Value": "nightly"}]}}`,
	}
}

func TestAUniversalTargetIsCalledByItsAPI(t *testing.T) {
	p := universal("")
	p["Schedule"] = strings.Replace(p["Schedule"], `"{\"Name\": \"NAME\"}"`, `{"Fn::Sub": "{\"Name\": \"${Workflow}\"}"}`, 1)
	r := build(t, p, Options{For: 24 * time.Hour}).run()
	same(t, "started", r.happened("ScheduleStarted", "WorkflowRunStarted", "AlarmChanged"), []string{"1h0m0s ScheduleStarted Schedule", "1h0m0s WorkflowRunStarted Workflow"})
}

func TestAStartThatIsGivenUpSaysWhyAsSchedulerDoes(t *testing.T) {
	r := build(t, universal(""), Options{For: 24 * time.Hour}).run()
	if len(r.messages()) != 1 {
		t.Fatalf("got %d messages, expected 1", len(r.messages()))
	}
	got := r.messages()[0]
	if got.Attributes["EXECUTION_ID"] == "" {
		t.Error("there is no EXECUTION_ID")
	}
	delete(got.Attributes, "EXECUTION_ID")
	same(t, "attributes", got.Attributes, map[string]string{
		"ERROR_CODE": "EntityNotFoundException", "ERROR_MESSAGE": "Workflow NAME not found", "IS_PAYLOAD_TRUNCATED": "false", "RETRY_ATTEMPTS": "0",
		"SCHEDULED_TIME": "2026-03-02T09:00:00Z", "SCHEDULE_ARN": "arn:aws:scheduler:us-east-1:123456789012:schedule/nightly/" + r.stack.Ref("Schedule"),
		"TARGET_ARN": "arn:aws:scheduler:::aws-sdk:glue:startWorkflowRun",
	})
	same(t, "body", got.Body, `{"Name": "NAME"}`)
	same(t, "alarm", r.happened("AlarmChanged"), []string{"1h5m0s AlarmChanged Dropped", "1h20m0s AlarmChanged Dropped"})
}

func TestTheNextStartsAreTold(t *testing.T) {
	r := build(t, scheduleOf("cron(0 8 ? * MON *)", "", ""), Options{}).run()
	same(t, "next", r.Outcome().Next, []time.Time{start.AddDate(0, 0, 7)})
}

func TestASecondRunStartsNoScheduleTwice(t *testing.T) {
	r := build(t, scheduleOf("rate(1 hour)", "", ""), Options{For: 3 * time.Hour}).run()
	r.later(time.Hour/2, func() {})
	r.run()
	same(t, "starts", r.starts("ScheduleStarted"), []string{"03-02T09:00:00", "03-02T10:00:00", "03-02T11:00:00"})
}
