package check

import (
	"strconv"

	"example.com/pipewright/scaffold/cfn"
)

const applicationType = "AWS::EMRServerless::Application"

// idleMinutes is how long an application may idle, and what it does if nothing is set.
// Source: Amazon EMR Serverless API, AutoStopConfig idleTimeoutMinutes (default 15), read 2026-11.
const idleMinutes = 15

var emrRules = []Rule{
	{
		ID: "EM-01", on: each(applicationType),
		Sentence: "An idle application stops by itself within 15 minutes",
		Source:   "Amazon EMR Serverless User Guide, Configuring an application (auto-stop)",
		Mend:     "enable AutoStopConfiguration, with IdleTimeoutMinutes of at most 15",
		got: func(v *view, id string) string {
			if !isTrue(v.get(id, "AutoStopConfiguration", "Enabled")) {
				return "AutoStopConfiguration is not enabled"
			}
			timeout := v.get(id, "AutoStopConfiguration", "IdleTimeoutMinutes")
			minutes, _ := strconv.Atoi(cfn.Text(timeout))
			return unless(minutes <= idleMinutes, is("IdleTimeoutMinutes", timeout))
		},
	},
	{
		ID: "EM-02", on: each(applicationType),
		Sentence: "An application's capacity is limited",
		Source:   "Amazon EMR Serverless API, MaximumCapacity",
		Mend:     "set MaximumCapacity",
		got:      has("MaximumCapacity"),
	},
	{
		ID: "EM-03", on: each(applicationType),
		Sentence: "An application's logs are kept",
		Source:   "Amazon EMR Serverless User Guide, Storing logs",
		Mend:     "set MonitoringConfiguration",
		got:      has("MonitoringConfiguration"),
	},
}
