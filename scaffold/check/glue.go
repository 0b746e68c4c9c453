package check

import (
	"regexp"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const (
	jobType      = "AWS::Glue::Job"
	crawlerType  = "AWS::Glue::Crawler"
	triggerType  = "AWS::Glue::Trigger"
	workflowType = "AWS::Glue::Workflow"
)

var currentGlue = regexp.MustCompile(`^([4-9]|[1-9][0-9])(\.|$)`)

var glueRules = []Rule{
	{
		ID: "GL-01", on: each(jobType, crawlerType),
		Sentence: "A Glue job or crawler has a security configuration",
		Source:   "Control Tower CT.GLUE.PR.1",
		Mend:     "set SecurityConfiguration",
		got:      hasOne("SecurityConfiguration", "CrawlerSecurityConfiguration"),
	},
	{
		ID: "GL-02", on: each("AWS::Glue::SecurityConfiguration"),
		Sentence: "A security configuration encrypts data, logs and bookmarks",
		Source:   "Security Hub Glue.3; AWS Glue Developer Guide, Working with security configurations",
		Mend:     "set S3EncryptionMode and CloudWatchEncryptionMode to SSE-KMS, JobBookmarksEncryptionMode to CSE-KMS",
		got:      encryptionProblem,
	},
	{
		ID: "GL-03", on: each(jobType),
		Sentence: "A Glue job has a timeout",
		Source:   "AWS Glue API, Job.Timeout (48 hours if absent)",
		Mend:     "set Timeout",
		got:      written("Timeout"),
	},
	{
		ID: "GL-04", on: each(jobType),
		Sentence: "A Glue job says how often it is retried",
		Source:   "AWS Glue API, Job.MaxRetries",
		Mend:     "set MaxRetries, 0 if the caller retries",
		got:      written("MaxRetries"),
	},
	{
		ID: "GL-05", on: each(jobType),
		Sentence: "A Glue job says how many runs may overlap",
		Source:   "AWS Glue API, ExecutionProperty",
		Mend:     "set MaxConcurrentRuns",
		got:      writtenIn([]string{"ExecutionProperty"}, "MaxConcurrentRuns"),
	},
	{
		ID: "GL-06", on: each(workflowType),
		Sentence: "A Glue workflow says how many runs may overlap",
		Source:   "AWS Glue API, Workflow.MaxConcurrentRuns",
		Mend:     "set MaxConcurrentRuns",
		got:      written("MaxConcurrentRuns"),
	},
	{
		ID: "GL-07", on: each(jobType),
		Sentence: "A Glue job runs on Glue 4.0 or later",
		Source:   "Security Hub Glue.4",
		Mend:     "set GlueVersion",
		got: func(v *view, id string) string {
			version := v.get(id, "GlueVersion")
			return unless(currentGlue.MatchString(cfn.Text(version)), is("GlueVersion", version))
		},
	},
	{
		ID: "GL-08", on: each(jobType),
		Sentence: "A Glue job says whether it keeps bookmarks",
		Source:   "AWS Glue Developer Guide, Tracking processed data using job bookmarks",
		Mend:     "set --job-bookmark-option",
		got:      writtenIn([]string{"DefaultArguments"}, "--job-bookmark-option"),
	},
	{
		ID: "GL-09", on: each(jobType),
		Sentence: "A Glue job sends metrics and continuous logs",
		Source:   "Security Hub Glue.2; AWS Glue Developer Guide, Logging for AWS Glue jobs",
		Mend:     "set --enable-metrics and --enable-continuous-cloudwatch-log",
		got:      writtenIn([]string{"DefaultArguments"}, "--enable-metrics", "--enable-continuous-cloudwatch-log"),
	},
	{
		ID: "GL-10", on: each(crawlerType),
		Sentence: "A crawler says what becomes of a changed schema",
		Source:   "AWS Glue Developer Guide, Setting crawler configuration options",
		Mend:     "set SchemaChangePolicy",
		got:      has("SchemaChangePolicy"),
	},
	{
		ID: "GL-11", on: those(triggerType, hasType("CONDITIONAL", "SCHEDULED")),
		Sentence: "A conditional or scheduled trigger is active once created",
		Source:   "AWS Glue API, CreateTrigger StartOnCreation",
		Mend:     "set StartOnCreation",
		got: func(v *view, id string) string {
			return unless(isTrue(v.get(id, "StartOnCreation")), "StartOnCreation is not true")
		},
	},
	{
		ID: "GL-12", on: those(triggerType, hasType("EVENT")),
		Sentence: "An event trigger says how events are batched",
		Source:   "AWS Glue API, EventBatchingCondition",
		Mend:     "set EventBatchingCondition",
		got:      has("EventBatchingCondition"),
	},
	{
		ID: "GL-13", on: each(jobType),
		Sentence: "A Glue job has tags",
		Source:   "Security Hub Glue.1",
		Mend:     "tag the stack",
		got:      has("Tags"),
	},
	{
		ID: "GL-14", on: each("AWS::Glue::Connection"),
		Sentence: "A Glue connection uses TLS and a secret",
		Source:   "AWS Glue Developer Guide, AWS Glue connection properties",
		Mend:     "set JDBC_ENFORCE_SSL and SECRET_ID, remove PASSWORD",
		got: func(v *view, id string) string {
			properties := v.get(id, "ConnectionInput", "ConnectionProperties")
			switch {
			case !isTrue(cfn.Field(properties, "JDBC_ENFORCE_SSL")):
				return "JDBC_ENFORCE_SSL is not true"
			case cfn.Field(properties, "PASSWORD") != nil:
				return "a PASSWORD"
			}
			return unless(cfn.Field(properties, "SECRET_ID") != nil, "no SECRET_ID")
		},
	},
	{
		ID: "GL-15", on: each(jobType),
		Sentence: "Somebody is told when a Glue job fails",
		Source:   "AWS Glue Developer Guide, Automating AWS Glue with EventBridge",
		Mend:     "add a rule on Glue Job State Change, or wait for the job in a state machine",
		got: func(v *view, _ string) string {
			return unless(v.watchesJobs(), "neither a rule nor an alarm nor a state machine that waits")
		},
	},
	{
		ID: "GL-16", on: each(workflowType),
		Sentence: "A Glue workflow has one start, and its triggers form a graph without cycles that reaches every one",
		Source:   "AWS Glue Developer Guide, Overview of workflows in AWS Glue",
		Mend:     "mend the triggers",
		got:      workflowProblem,
	},
	{
		ID: "GL-17", on: each(jobType),
		Sentence: "A Glue job's number of workers is written out",
		Source:   "AWS Glue API, Job.NumberOfWorkers",
		Mend:     "set WorkerType and NumberOfWorkers, or MaxCapacity",
		got:      hasOne("NumberOfWorkers", "MaxCapacity"),
	},
}

func hasType(types ...string) func(*view, string) bool {
	return func(v *view, id string) bool { return slices.Contains(types, cfn.Text(v.get(id, "Type"))) }
}

func encryptionProblem(v *view, id string) string {
	modes := v.get(id, "EncryptionConfiguration")
	s3 := func(entry any) bool { return cfn.Field(entry, "S3EncryptionMode") == "SSE-KMS" }
	switch {
	case !slices.ContainsFunc(cfn.List(cfn.Field(modes, "S3Encryptions")), s3):
		return "no S3EncryptionMode is SSE-KMS"
	case cfn.Field(modes, "CloudWatchEncryption", "CloudWatchEncryptionMode") != "SSE-KMS":
		return "CloudWatchEncryptionMode is not SSE-KMS"
	}
	return unless(cfn.Field(modes, "JobBookmarksEncryption", "JobBookmarksEncryptionMode") == "CSE-KMS", "JobBookmarksEncryptionMode is not CSE-KMS")
}

func (v *view) watchesJobs() bool {
	return slices.ContainsFunc(v.ByType(eventRuleType), func(id string) bool {
		return strings.Contains(cfn.Text(v.get(id, "EventPattern")), "Glue Job State Change")
	}) || slices.ContainsFunc(v.metrics(), func(metric any) bool {
		return strings.Contains(cfn.Text(cfn.Field(metric, "Namespace")), "Glue")
	}) || len(those(machineType, waitsForGlue)(v)) > 0
}
