package check

import (
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const scheduleType = "AWS::Scheduler::Schedule"

var schedulerRules = []Rule{
	{
		ID: "SC-01", on: each(scheduleType),
		Sentence: "A schedule keeps what it cannot start in a dead-letter queue",
		Source:   "Amazon EventBridge Scheduler User Guide, Configuring a dead-letter queue",
		Mend:     "set Target.DeadLetterConfig",
		got:      has("Target", "DeadLetterConfig"),
	},
	{
		ID: "SC-02", on: each(scheduleType),
		Sentence: "A schedule says how often a start is tried",
		Source:   "Amazon EventBridge Scheduler API, RetryPolicy",
		Mend:     "set Target.RetryPolicy",
		got:      has("Target", "RetryPolicy"),
	},
	{
		ID: "SC-03", on: each(scheduleType),
		Sentence: "A schedule's time zone is written out",
		Source:   "Amazon EventBridge Scheduler User Guide, Schedule types (time zones)",
		Mend:     "set ScheduleExpressionTimezone",
		got:      has("ScheduleExpressionTimezone"),
	},
	{
		ID: "SC-04", on: each(scheduleType),
		Sentence: "A schedule is in a group of its own, with which it is removed",
		Source:   "Amazon EventBridge Scheduler User Guide, Managing a schedule group",
		Mend:     "set GroupName",
		got:      has("GroupName"),
	},
	{
		ID: "SC-05", on: each(scheduleType), Switch: true,
		Sentence: "A schedule is off until somebody turns it on",
		Source:   "Amazon EventBridge Scheduler API, CreateSchedule State",
		Mend:     "set State to DISABLED, or to a parameter",
		got: func(v *view, id string) string {
			state := v.get(id, "State")
			return unless(state == "DISABLED" || strings.Contains(cfn.Text(state), "Ref"), is("State", state))
		},
	},
}
