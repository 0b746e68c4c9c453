package check

import (
	"slices"

	"example.com/pipewright/scaffold/cfn"
)

const environmentType = "AWS::MWAA::Environment"

var mwaaRules = []Rule{
	{ID: "MW-01", Sentence: "An Airflow environment writes all five logs at INFO or finer", Source: "Amazon MWAA User Guide, Viewing Airflow logs in Amazon CloudWatch", Mend: "enable the log", on: each(environmentType), got: func(v *view, id string) string {
		for _, log := range []string{"DagProcessingLogs", "SchedulerLogs", "TaskLogs", "WebserverLogs", "WorkerLogs"} {
			level := cfn.Text(v.get(id, "LoggingConfiguration", log, "LogLevel"))
			if !isTrue(v.get(id, "LoggingConfiguration", log, "Enabled")) || !slices.Contains([]string{"INFO", "DEBUG"}, level) {
				return log + " is off or above INFO"
			}
		}
		return ""
	}},
	{ID: "MW-02", Sentence: "The Airflow web server is private", Source: "Amazon MWAA User Guide, Apache Airflow access modes", Switch: true, Mend: "set WebserverAccessMode to PRIVATE_ONLY", on: each(environmentType), got: equals("PRIVATE_ONLY", "WebserverAccessMode")},
	{ID: "MW-03", Sentence: "An Airflow environment has a customer key", Source: "Amazon MWAA User Guide, Encryption at rest", Switch: true, Mend: "set KmsKey", on: each(environmentType), got: has("KmsKey")},
	{ID: "MW-04", Sentence: "An Airflow environment's workers are limited", Source: "Amazon MWAA User Guide, Configuring Amazon MWAA automatic scaling", Mend: "set MinWorkers and MaxWorkers", on: each(environmentType), got: func(v *view, id string) string {
		return unless(v.get(id, "MinWorkers") != nil && v.get(id, "MaxWorkers") != nil, "no MinWorkers or no MaxWorkers")
	}},
}
