package check

import (
	"slices"

	"example.com/pipewright/scaffold/cfn"
)

const environmentType = "AWS::MWAA::Environment"

var mwaaRules = []Rule{
	{
		ID: "MW-01", on: each(environmentType),
		Sentence: "An Airflow environment writes all five logs at INFO or finer",
		Source:   "Amazon MWAA User Guide, Viewing Airflow logs in Amazon CloudWatch",
		Mend:     "enable the log, with LogLevel INFO",
		got: func(v *view, id string) string {
			for _, name := range []string{"DagProcessingLogs", "SchedulerLogs", "TaskLogs", "WebserverLogs", "WorkerLogs"} {
				log := v.get(id, "LoggingConfiguration", name)
				if !isTrue(cfn.Field(log, "Enabled")) || !slices.Contains([]string{"INFO", "DEBUG"}, cfn.Text(cfn.Field(log, "LogLevel"))) {
					return name + " is off or above INFO"
				}
			}
			return ""
		},
	},
	{
		ID: "MW-02", on: each(environmentType), Switch: true,
		Sentence: "The Airflow web server is private",
		Source:   "Amazon MWAA User Guide, Apache Airflow access modes",
		Mend:     "set WebserverAccessMode to PRIVATE_ONLY",
		got:      equals("PRIVATE_ONLY", "WebserverAccessMode"),
	},
	{
		ID: "MW-03", on: each(environmentType), Switch: true,
		Sentence: "An Airflow environment has a customer key",
		Source:   "Amazon MWAA User Guide, Encryption at rest",
		Mend:     "set KmsKey",
		got:      has("KmsKey"),
	},
	{
		ID: "MW-04", on: each(environmentType),
		Sentence: "An Airflow environment's workers are limited",
		Source:   "Amazon MWAA User Guide, Configuring Amazon MWAA automatic scaling",
		Mend:     "set MinWorkers and MaxWorkers",
		got:      written("MinWorkers", "MaxWorkers"),
	},
}
