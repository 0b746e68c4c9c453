package check

import (
	"regexp"
	"strconv"
	"strings"

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
	{
		ID: "EM-04", on: each(applicationType),
		Sentence: "An application's release has Spark 3.5 or newer",
		Source:   "Amazon EMR Serverless User Guide, Amazon EMR Serverless release versions",
		Mend:     "set ReleaseLabel to emr-7.0.0 or a later one",
		got: func(v *view, id string) string {
			label := v.get(id, "ReleaseLabel")
			series := release.FindStringSubmatch(cfn.Text(label))
			if _, literal := label.(string); !literal && given(label) {
				return "" // filled in, and so unseen
			}
			if series == nil {
				return is("ReleaseLabel", label)
			}
			number, _ := strconv.Atoi(series[1]) // digits
			return unless(number >= oldestSeries, is("ReleaseLabel", label))
		},
	},
	{
		ID: "EM-05", on: withState(isSparkRun),
		Sentence: "A job run on EMR Serverless ends after a stated time",
		Source:   "Amazon EMR Serverless API, StartJobRun (executionTimeoutMinutes: 12 hours if nothing is said)",
		Mend:     "set ExecutionTimeoutMinutes",
		got: everyState(isSparkRun, func(s state) string {
			given := func(arguments string) bool {
				minutes := cfn.Field(s.body[arguments], "ExecutionTimeoutMinutes")
				return minutes != nil && cfn.Text(minutes) != "0"
			}
			written := given("Arguments") || given("Parameters") || cfn.Field(s.body["Parameters"], "ExecutionTimeoutMinutes.$") != nil
			return unless(written, "no ExecutionTimeoutMinutes")
		}),
	},
}

// oldestSeries of releases has Spark 3.5. Source: Amazon EMR Serverless User Guide, "EMR Serverless 7.0.0", read 2026-11.
const oldestSeries = 7

// release is a label with its series, such as emr-7.11.0.
var release = regexp.MustCompile(`^emr-(?:spark-)?(\d+)\.\d+`)

// isSparkRun tells a task that starts a job run. That it may is another matter: IA-05 looks at who passes which role.
func isSparkRun(s state) bool {
	return strings.Contains(cfn.Text(s.body["Resource"]), ":emr-serverless:startJobRun") ||
		strings.Contains(cfn.Text(s.body["Resource"]), ":emrserverless:startJobRun")
}
