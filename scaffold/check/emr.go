package check

const applicationType = "AWS::EMRServerless::Application"

var emrRules = []Rule{
	{ID: "EM-01", Sentence: "An idle application stops by itself", Source: "Amazon EMR Serverless User Guide, Configuring an application (auto-stop)", Mend: "enable AutoStopConfiguration", on: each(applicationType), got: func(v *view, id string) string {
		return unless(isTrue(v.get(id, "AutoStopConfiguration", "Enabled")), "AutoStopConfiguration is not enabled")
	}},
	{ID: "EM-02", Sentence: "An application's capacity is limited", Source: "Amazon EMR Serverless API, MaximumCapacity", Mend: "set MaximumCapacity", on: each(applicationType), got: has("MaximumCapacity")},
	{ID: "EM-03", Sentence: "An application's logs are kept", Source: "Amazon EMR Serverless User Guide, Storing logs", Mend: "set MonitoringConfiguration", on: each(applicationType), got: has("MonitoringConfiguration")},
}
