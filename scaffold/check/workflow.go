package check

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// workflowProblem walks a Glue workflow from its start trigger along actions and the conditions that wait for them.
func workflowProblem(v *view, id string) string {
	var starts, waiting []string
	for _, trigger := range v.ByType(triggerType) {
		switch {
		case !cfn.Refers(v.get(trigger, "WorkflowName"), id):
		case !hasType("CONDITIONAL")(v, trigger):
			starts = append(starts, trigger)
		case len(v.works(trigger, "Predicate", "Conditions")) == 0:
			return trigger + " waits for nothing"
		default:
			waiting = append(waiting, trigger)
		}
	}
	if len(starts) != 1 {
		return fmt.Sprintf("%d triggers start it", len(starts))
	}
	done := v.works(starts[0], "Actions")
	for len(waiting) > 0 {
		next := slices.IndexFunc(waiting, func(trigger string) bool { return v.fires(trigger, done) })
		if next < 0 {
			return strings.Join(waiting, ", ") + " can never fire"
		}
		for _, work := range v.works(waiting[next], "Actions") {
			if slices.Contains(done, work) {
				return waiting[next] + " starts " + work + " again"
			}
			done = append(done, work)
		}
		waiting = slices.Delete(waiting, next, next+1)
	}
	return ""
}

// fires says whether a conditional trigger can fire after some works.
// Source: AWS Glue API, "Predicate" (Logical is AND or ANY).
func (v *view) fires(trigger string, done []string) bool {
	open := slices.DeleteFunc(v.works(trigger, "Predicate", "Conditions"), func(work string) bool { return slices.Contains(done, work) })
	if v.get(trigger, "Predicate", "Logical") == "ANY" {
		return len(open) < len(cfn.List(v.get(trigger, "Predicate", "Conditions")))
	}
	return len(open) == 0
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
