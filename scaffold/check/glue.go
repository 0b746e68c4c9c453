package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const (
	jobType     = "AWS::Glue::Job"
	crawlerType = "AWS::Glue::Crawler"
	triggerType = "AWS::Glue::Trigger"
)

var currentGlue = regexp.MustCompile(`^[4-9]\.`)

var glueRules = []Rule{
	{ID: "GL-01", Sentence: "A Glue job or crawler has a security configuration", Source: "Control Tower CT.GLUE.PR.1", Mend: "set SecurityConfiguration", on: each(jobType, crawlerType), got: func(v *view, id string) string {
		return unless(given(v.get(id, "SecurityConfiguration")) || given(v.get(id, "CrawlerSecurityConfiguration")), "no security configuration")
	}},
	{ID: "GL-02", Sentence: "A security configuration encrypts data, logs and bookmarks", Source: "Security Hub Glue.3; AWS Glue Developer Guide, Working with security configurations", Mend: "set all three encryptions", on: each("AWS::Glue::SecurityConfiguration"), got: func(v *view, id string) string {
		text := cfn.Text(v.get(id, "EncryptionConfiguration"))
		for _, want := range []string{"SSE-KMS", "CSE-KMS", "S3Encryptions", "CloudWatchEncryption"} {
			if !strings.Contains(text, want) {
				return "no " + want
			}
		}
		return ""
	}},
	{ID: "GL-03", Sentence: "A Glue job has a timeout", Source: "AWS Glue API, Job.Timeout (48 hours if absent)", Mend: "set Timeout", on: each(jobType), got: written("Timeout")},
	{ID: "GL-04", Sentence: "A Glue job says how often it is retried", Source: "AWS Glue API, Job.MaxRetries", Mend: "set MaxRetries, 0 if the caller retries", on: each(jobType), got: written("MaxRetries")},
	{ID: "GL-05", Sentence: "A Glue job says how many runs may overlap", Source: "AWS Glue API, ExecutionProperty", Mend: "set MaxConcurrentRuns", on: each(jobType), got: written("ExecutionProperty", "MaxConcurrentRuns")},
	{ID: "GL-06", Sentence: "A Glue workflow says how many runs may overlap", Source: "AWS Glue API, Workflow.MaxConcurrentRuns", Mend: "set MaxConcurrentRuns", on: each("AWS::Glue::Workflow"), got: written("MaxConcurrentRuns")},
	{ID: "GL-07", Sentence: "A Glue job runs on Glue 4.0 or later", Source: "Security Hub Glue.4", Mend: "set GlueVersion", on: each(jobType), got: func(v *view, id string) string {
		version := cfn.Text(v.get(id, "GlueVersion"))
		return unless(currentGlue.MatchString(version), "GlueVersion is "+version)
	}},
	{ID: "GL-08", Sentence: "A Glue job says whether it keeps bookmarks", Source: "AWS Glue Developer Guide, Tracking processed data using job bookmarks", Mend: "set --job-bookmark-option", on: each(jobType), got: written("DefaultArguments", "--job-bookmark-option")},
	{ID: "GL-09", Sentence: "A Glue job sends metrics and continuous logs", Source: "Security Hub Glue.2; AWS Glue Developer Guide, Logging for AWS Glue jobs", Mend: "set --enable-metrics and --enable-continuous-cloudwatch-log", on: each(jobType), got: func(v *view, id string) string {
		return unless(v.get(id, "DefaultArguments", "--enable-metrics") != nil && v.get(id, "DefaultArguments", "--enable-continuous-cloudwatch-log") != nil, "one of them is absent")
	}},
	{ID: "GL-10", Sentence: "A crawler says what becomes of a changed schema", Source: "AWS Glue Developer Guide, Setting crawler configuration options", Mend: "set SchemaChangePolicy", on: each(crawlerType), got: has("SchemaChangePolicy")},
	{ID: "GL-11", Sentence: "A conditional or scheduled trigger is active once created", Source: "AWS Glue API, CreateTrigger StartOnCreation", Mend: "set StartOnCreation", on: those(triggerType, hasType("CONDITIONAL", "SCHEDULED")), got: func(v *view, id string) string {
		return unless(isTrue(v.get(id, "StartOnCreation")), "StartOnCreation is not true")
	}},
	{ID: "GL-12", Sentence: "An event trigger says how events are batched", Source: "AWS Glue API, EventBatchingCondition", Mend: "set EventBatchingCondition", on: those(triggerType, hasType("EVENT")), got: has("EventBatchingCondition")},
	{ID: "GL-13", Sentence: "A Glue job has tags", Source: "Security Hub Glue.1", Mend: "tag the stack", on: each(jobType), got: has("Tags")},
	{ID: "GL-14", Sentence: "A Glue connection uses TLS and a secret", Source: "AWS Glue Developer Guide, AWS Glue connection properties", Mend: "set JDBC_ENFORCE_SSL and SECRET_ID, remove PASSWORD", on: each("AWS::Glue::Connection"), got: func(v *view, id string) string {
		properties := v.get(id, "ConnectionInput", "ConnectionProperties")
		safe := isTrue(cfn.Field(properties, "JDBC_ENFORCE_SSL")) && cfn.Field(properties, "SECRET_ID") != nil && cfn.Field(properties, "PASSWORD") == nil
		return unless(safe, "no TLS, no SECRET_ID, or a PASSWORD")
	}},
	{ID: "GL-15", Sentence: "Somebody is told when a Glue job fails", Source: "AWS Glue Developer Guide, Automating AWS Glue with EventBridge", Mend: "add a rule on Glue Job State Change, or wait for the job in a state machine", on: each(jobType), got: func(v *view, _ string) string {
		return unless(v.watchesJobs(), "neither a rule nor an alarm nor a state machine that waits")
	}},
	{ID: "GL-16", Sentence: "A Glue workflow has one start, and its triggers form a graph without cycles that reaches every one", Source: "AWS Glue Developer Guide, Overview of workflows in AWS Glue", Mend: "mend the triggers", on: each("AWS::Glue::Workflow"), got: workflowProblem},
	{ID: "GL-17", Sentence: "A Glue job's number of workers is written out", Source: "AWS Glue API, Job.NumberOfWorkers", Mend: "set WorkerType and NumberOfWorkers, or MaxCapacity", on: each(jobType), got: func(v *view, id string) string {
		return unless(v.get(id, "NumberOfWorkers") != nil || v.get(id, "MaxCapacity") != nil, "neither NumberOfWorkers nor MaxCapacity")
	}},
}

func hasType(types ...string) func(*view, string) bool {
	return func(v *view, id string) bool { return slices.Contains(types, cfn.Text(v.get(id, "Type"))) }
}

func (v *view) watchesJobs() bool {
	return slices.ContainsFunc(v.ByType(rule), func(id string) bool {
		return strings.Contains(cfn.Text(v.get(id, "EventPattern")), "Glue Job State Change")
	}) || slices.ContainsFunc(v.ByType(alarmType), func(id string) bool {
		return strings.Contains(cfn.Text(v.get(id, "Namespace")), "Glue")
	}) || slices.ContainsFunc(v.ByType(machineType), func(id string) bool {
		return strings.Contains(cfn.Text(v.Resources[id].Properties), "glue:startJobRun.sync")
	})
}

// workflowProblem walks from the start trigger along actions and the conditions that wait for them.
func workflowProblem(v *view, id string) string {
	var starts, rest []string
	for _, trigger := range v.ByType(triggerType) {
		switch {
		case !cfn.Refers(v.get(trigger, "WorkflowName"), id):
		case hasType("CONDITIONAL")(v, trigger):
			if len(cfn.List(v.get(trigger, "Predicate", "Conditions"))) == 0 {
				return trigger + " is conditional and has no condition"
			}
			rest = append(rest, trigger)
		default:
			starts = append(starts, trigger)
		}
	}
	if len(starts) != 1 {
		return fmt.Sprintf("%d triggers start it", len(starts))
	}
	done := v.works(starts[0], "Actions")
	for len(rest) > 0 {
		next := slices.IndexFunc(rest, func(trigger string) bool {
			for _, work := range v.works(trigger, "Predicate", "Conditions") {
				if !slices.Contains(done, work) {
					return false
				}
			}
			return true
		})
		if next < 0 {
			return strings.Join(rest, ", ") + " can never fire"
		}
		for _, work := range v.works(rest[next], "Actions") {
			if slices.Contains(done, work) {
				return rest[next] + " starts " + work + " again"
			}
			done = append(done, work)
		}
		rest = slices.Delete(rest, next, next+1)
	}
	return ""
}

// works are the jobs and crawlers that a trigger's actions or conditions name.
func (v *view) works(trigger string, path ...string) []string {
	var names []string
	for _, entry := range cfn.List(v.get(trigger, path...)) {
		for _, key := range []string{"JobName", "CrawlerName"} {
			if name := cfn.Field(entry, key); name != nil {
				names = append(names, cfn.Text(name))
			}
		}
	}
	return names
}
