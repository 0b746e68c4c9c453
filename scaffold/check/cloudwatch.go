package check

const alarmType = "AWS::CloudWatch::Alarm"

var cloudwatchRules = []Rule{
	{ID: "AL-01", Sentence: "An alarm tells somebody", Source: "Security Hub CloudWatch.15; Control Tower CT.CLOUDWATCH.PR.1", Mend: "add an alarm action", on: each(alarmType), got: has("AlarmActions")},
	{ID: "AL-02", Sentence: "An alarm says what missing data means", Source: "Amazon CloudWatch User Guide, Configuring how alarms treat missing data", Mend: "set TreatMissingData", on: each(alarmType), got: written("TreatMissingData")},
}
