package check

const alarmType = "AWS::CloudWatch::Alarm"

var cloudwatchRules = []Rule{
	{
		ID: "AL-01", on: each(alarmType),
		Sentence: "An alarm tells somebody",
		Source:   "Security Hub CloudWatch.15; Control Tower CT.CLOUDWATCH.PR.1",
		Mend:     "add an alarm action",
		got:      has("AlarmActions"),
	},
	{
		ID: "AL-02", on: each(alarmType),
		Sentence: "An alarm says what missing data means",
		Source:   "Amazon CloudWatch User Guide, Configuring how alarms treat missing data",
		Mend:     "set TreatMissingData",
		got:      written("TreatMissingData"),
	},
}
