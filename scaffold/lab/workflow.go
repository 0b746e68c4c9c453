package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/schedule"
)

// workflow is an AWS Glue workflow: a graph of triggers, crawlers and jobs.
type workflow struct {
	id, name, arn string
	most          int // runs at once; 0: as many as there are
	properties    map[string]string
	triggers      []*trigger
	running       []*workflowRun
	runs          map[string]*workflowRun // by id

	batch  []string  // ids of events that wait for the EVENT trigger
	opened time.Time // when the first of them came
	cause  *cause    // of them all
}

// trigger starts crawlers and jobs. Source: AWS Glue Developer Guide, "AWS Glue triggers", read 2026-11.
type trigger struct {
	id, name, kind string
	workflow       *workflow // nil outside a workflow
	actions        []glueAction
	any            bool
	conditions     []glueCondition
	batchSize      int
	batchWindow    time.Duration
}

type glueAction struct {
	job, crawler string
	arguments    map[string]string
	timeout      time.Duration // instead of the job's; 0: the job's
}

type glueCondition struct{ job, crawler, state string }

// Kinds of triggers, and the defaults of batching.
// Source: AWS Glue API, Trigger and EventBatchingCondition, read 2026-11.
const (
	onDemand    = "ON_DEMAND"
	scheduled   = "SCHEDULED"
	conditional = "CONDITIONAL"
	onEvent     = "EVENT"

	defaultBatchWindow = 900 * time.Second
)

// workflowRun is one run of a workflow.
type workflowRun struct {
	workflow   *workflow
	id         string
	started    time.Time
	properties map[string]string
	fired      map[string]bool   // triggers
	ended      map[string]string // state of "job NAME" and "crawler NAME"
	active     int
	counts     map[string]int // actions by how they ended
}

func (l *Lab) readWorkflows() error {
	for _, id := range l.stack.ByType("AWS::Glue::Workflow") {
		resource := l.stack.Resources[id]
		w := &workflow{
			id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Arn"), most: int(number(resource.Get("MaxConcurrentRuns"))),
			properties: textMap(resource.Get("DefaultRunProperties")), runs: map[string]*workflowRun{},
		}
		l.workflows[w.name] = w
	}
	for _, id := range l.stack.ByType("AWS::Glue::Trigger") {
		if err := l.readTrigger(id, l.stack.Resources[id]); err != nil {
			return fmt.Errorf("trigger %s: %w", id, err)
		}
	}
	return nil
}

func textMap(value any) map[string]string {
	out := map[string]string{}
	given, _ := value.(map[string]any)
	for key := range given {
		out[key] = cfn.Text(given[key])
	}
	return out
}

func (l *Lab) readTrigger(id string, resource cfn.Resource) error {
	t := &trigger{id: id, name: l.stack.Ref(id), kind: cfn.Text(resource.Get("Type")), batchSize: 1, batchWindow: defaultBatchWindow}
	for _, given := range cfn.List(resource.Get("Actions")) {
		action, err := l.readAction(given)
		if err != nil {
			return err
		}
		t.actions = append(t.actions, action)
	}
	if name, ok := resource.Get("WorkflowName").(string); ok {
		t.workflow = l.workflows[name]
		if t.workflow == nil {
			return fmt.Errorf("there is no workflow %s in the template", name)
		}
		t.workflow.triggers = append(t.workflow.triggers, t)
	} else if t.kind == conditional || t.kind == onEvent {
		return fmt.Errorf("the lab has triggers of the type %s in workflows only, and it has no WorkflowName", t.kind)
	}
	switch t.kind {
	case conditional:
		if resource.Get("StartOnCreation") != true {
			l.ignore(id, "the trigger is not activated: StartOnCreation is not true")
			t.actions = nil
		}
		return t.readPredicate(resource)
	case onEvent:
		if size := int(number(resource.Get("EventBatchingCondition", "BatchSize"))); size > 0 {
			t.batchSize = size
		}
		if seconds := number(resource.Get("EventBatchingCondition", "BatchWindow")); seconds > 0 {
			t.batchWindow = time.Duration(seconds) * time.Second
		}
		return nil
	case scheduled:
		return l.scheduleTrigger(t, resource)
	case onDemand:
		if t.workflow == nil {
			l.ignore(id, "nothing starts a trigger of the type ON_DEMAND outside a workflow")
		}
		return nil
	}
	return fmt.Errorf("got the type %s, expected %s, %s, %s or %s", t.kind, onDemand, scheduled, conditional, onEvent)
}

func (l *Lab) readAction(given any) (glueAction, error) {
	a := glueAction{arguments: textMap(cfn.Field(given, "Arguments"))}
	a.job, _ = cfn.Field(given, "JobName").(string)
	a.crawler, _ = cfn.Field(given, "CrawlerName").(string)
	a.timeout = time.Duration(number(cfn.Field(given, "Timeout"))) * time.Minute
	switch {
	case a.job != "" && l.glueJobs[a.job] == nil:
		return a, fmt.Errorf("there is no job %s in the template", a.job)
	case a.crawler != "" && l.crawlers[a.crawler] == nil:
		return a, fmt.Errorf("there is no crawler %s in the template", a.crawler)
	case a.job == "" && a.crawler == "":
		return a, fmt.Errorf("got the action %s, expected a JobName or a CrawlerName", cfn.Text(given))
	}
	return a, nil
}

func (t *trigger) readPredicate(resource cfn.Resource) error {
	t.any = resource.Get("Predicate", "Logical") == "ANY"
	for _, given := range cfn.List(resource.Get("Predicate", "Conditions")) {
		var c glueCondition
		c.job, _ = cfn.Field(given, "JobName").(string)
		c.crawler, _ = cfn.Field(given, "CrawlerName").(string)
		c.state, _ = cfn.Field(given, "State").(string)
		if c.crawler != "" {
			c.state, _ = cfn.Field(given, "CrawlState").(string)
		}
		t.conditions = append(t.conditions, c)
	}
	if len(t.conditions) == 0 {
		return fmt.Errorf("it has no conditions")
	}
	return nil
}

// scheduleTrigger starts its workflow, or its own actions, by time, in UTC.
func (l *Lab) scheduleTrigger(t *trigger, resource cfn.Resource) error {
	if resource.Get("StartOnCreation") != true {
		l.ignore(t.id, "the trigger is not activated: StartOnCreation is not true")
		return nil
	}
	when, err := schedule.PutRule.Parse(cfn.Text(resource.Get("Schedule")))
	if err != nil {
		return err
	}
	l.timers = append(l.timers, &timer{id: t.id, arn: t.name, when: when, zone: time.UTC, fire: func(time.Time) {
		if t.workflow == nil {
			l.runActions(t, nil)
			return
		}
		if _, err := l.startWorkflow(t.workflow, t, nil); err != nil {
			l.tell("glue", "WorkflowNotStarted", t.workflow.id, map[string]any{"error": err.Error()})
			l.fail("workflow %s was not started by its schedule: %s", t.workflow.id, err.Message)
		}
	}})
	return nil
}

// first is the trigger that starts a workflow's runs: the one that is not conditional.
func (w *workflow) first() *trigger {
	i := slices.IndexFunc(w.triggers, func(t *trigger) bool { return t.kind != conditional })
	if i < 0 {
		return nil
	}
	return w.triggers[i]
}

var workflowActions = map[string]handler{
	"glue:startworkflowrun":         (*Lab).startWorkflowRun,
	"glue:notifyevent":              (*Lab).notifyEvent,
	"glue:getworkflowrunproperties": (*Lab).getRunProperties,
	"glue:putworkflowrunproperties": (*Lab).putRunProperties,
}

// runNamed finds a run of a workflow, for somebody who may do that.
func (l *Lab) runNamed(by caller, action string, input map[string]any) (*workflowRun, *apiError) {
	w := l.workflows[text(input, "Name")]
	if w == nil {
		return nil, failed("EntityNotFoundException", "Workflow %s not found", text(input, "Name"))
	}
	if err := l.authorize(by, action, w.arn, nil); err != nil {
		return nil, err
	}
	run := w.runs[text(input, "RunId")]
	if run == nil {
		return nil, failed("EntityNotFoundException", "Workflow run %s not found", text(input, "RunId"))
	}
	return run, nil
}

// getRunProperties is GetWorkflowRunProperties. Source: AWS Glue API, Workflows, read 2026-11.
func (l *Lab) getRunProperties(by caller, input map[string]any) (map[string]any, *apiError) {
	run, err := l.runNamed(by, "glue:GetWorkflowRunProperties", input)
	if err != nil {
		return nil, err
	}
	return map[string]any{"RunProperties": run.properties}, nil
}

// putRunProperties is PutWorkflowRunProperties: new ones are added, others overwritten. Source: AWS Glue API, Workflows, read 2026-11.
func (l *Lab) putRunProperties(by caller, input map[string]any) (map[string]any, *apiError) {
	run, err := l.runNamed(by, "glue:PutWorkflowRunProperties", input)
	if err != nil {
		return nil, err
	}
	maps.Copy(run.properties, textMap(input["RunProperties"]))
	return map[string]any{}, nil
}

// startWorkflowRun is StartWorkflowRun. Source: AWS Glue API, StartWorkflowRun, read 2026-11.
func (l *Lab) startWorkflowRun(by caller, input map[string]any) (map[string]any, *apiError) {
	w := l.workflows[text(input, "Name")]
	if w == nil {
		return nil, failed("EntityNotFoundException", "Workflow %s not found", text(input, "Name"))
	}
	if err := l.authorize(by, "glue:StartWorkflowRun", w.arn, nil); err != nil {
		return nil, err
	}
	run, err := l.startWorkflow(w, w.first(), textMap(input["RunProperties"]))
	if err != nil {
		return nil, err
	}
	return map[string]any{"RunId": run.id}, nil
}

// notifyEvent is NotifyEvent, which EventBridge calls for a workflow that is a rule's target. Events are collected until there are
// enough of them or the first has waited long enough.
// Source: AWS Glue Developer Guide, "Starting an AWS Glue workflow with an Amazon EventBridge event", read 2026-11.
func (l *Lab) notifyEvent(by caller, input map[string]any) (map[string]any, *apiError) {
	w := l.workflowByArn(text(input, "WorkflowArn"))
	if w == nil {
		return nil, failed("EntityNotFoundException", "Workflow %s not found", text(input, "WorkflowArn"))
	}
	if err := l.authorize(by, "glue:NotifyEvent", w.arn, nil); err != nil {
		return nil, err
	}
	t := w.first()
	if t == nil || t.kind != onEvent {
		return nil, failed("InvalidInputException", "Workflow %s has no EVENT trigger to start it", w.name)
	}
	w.batch, w.cause = append(w.batch, text(input, "EventId")), deeper(w.cause, l.cause.Load())
	if len(w.batch) == 1 {
		opened := l.clock.Now()
		w.opened = opened
		l.later(t.batchWindow, func() {
			if len(w.batch) > 0 && w.opened.Equal(opened) {
				l.flush(w, t)
			}
		})
	}
	l.tell("glue", "EventReceived", w.id, map[string]any{"waiting": len(w.batch), "batch_size": t.batchSize})
	if len(w.batch) >= t.batchSize {
		l.flush(w, t)
	}
	return map[string]any{}, nil
}

func (l *Lab) workflowByArn(arn string) *workflow {
	for _, w := range l.workflows {
		if w.arn == arn {
			return w
		}
	}
	return nil
}

// flush starts a run for the events that have come. The run knows them by the property aws:eventIds.
func (l *Lab) flush(w *workflow, t *trigger) {
	ids, because := w.batch, w.cause
	w.batch, w.cause = nil, nil
	properties := map[string]string{"aws:eventIds": "[" + strings.Join(ids, ",") + "]"}
	l.because(because, func() {
		if _, err := l.startWorkflow(w, t, properties); err != nil {
			l.tell("glue", "WorkflowNotStarted", w.id, map[string]any{"error": err.Error(), "events": len(ids)})
			l.fail("workflow %s was not started for %d events: %s", w.id, len(ids), err.Message)
		}
	})
}

// startWorkflow begins a run with the actions of the first trigger.
func (l *Lab) startWorkflow(w *workflow, t *trigger, properties map[string]string) (*workflowRun, *apiError) {
	if w.most > 0 && len(w.running) >= w.most {
		return nil, failed("ConcurrentRunsExceededException", "Concurrent runs exceeded for workflow %s", w.name)
	}
	if t == nil {
		return nil, failed("InvalidInputException", "Workflow %s has no trigger to start it", w.name)
	}
	l.runs++
	run := &workflowRun{
		workflow: w, id: fmt.Sprintf("wr_%064x", l.runs), started: l.clock.Now(), properties: map[string]string{},
		fired: map[string]bool{}, ended: map[string]string{}, counts: map[string]int{},
	}
	maps.Copy(run.properties, w.properties)
	maps.Copy(run.properties, properties)
	w.running, w.runs[run.id] = append(w.running, run), run
	l.active++
	l.tell("glue", "WorkflowRunStarted", w.id, map[string]any{"run": run.id, "properties": run.properties})
	run.fired[t.name] = true
	l.runActions(t, run)
	l.look(run)
	return run, nil
}

// runActions starts what a trigger is there for. An action that cannot be started counts as failed.
func (l *Lab) runActions(t *trigger, run *workflowRun) {
	l.tell("glue", "TriggerFired", t.id, nil)
	if run != nil {
		defer l.lineage.acts("workflow/"+run.workflow.id, run.id)()
	}
	for _, action := range t.actions {
		node := "job " + action.job
		if action.crawler != "" {
			node = "crawler " + action.crawler
		}
		if run != nil {
			run.active++
		}
		ended := func(state string) {
			if run != nil {
				run.active--
				run.ended[node] = state
				run.counts[state]++
				l.look(run)
			}
		}
		if err := l.startNode(action, run, ended); err != nil {
			l.tell("glue", "ActionNotStarted", t.id, map[string]any{"action": node, "error": err.Error()})
			l.fail("trigger %s could not start the %s: %s", t.id, node, err.Error())
			ended("ERROR")
		}
	}
}

// startNode starts a crawler or a job as the service itself: a trigger needs no permission.
func (l *Lab) startNode(action glueAction, run *workflowRun, ended func(state string)) *apiError {
	if action.crawler != "" {
		return l.startCrawl(l.crawlers[action.crawler], ended)
	}
	arguments := maps.Clone(action.arguments)
	if run != nil {
		// Source: AWS Glue Developer Guide, "Getting and setting workflow run properties in AWS Glue", read 2026-11.
		arguments["--WORKFLOW_NAME"], arguments["--WORKFLOW_RUN_ID"] = run.workflow.name, run.id
	}
	_, err := l.startJob(l.glueJobs[action.job], arguments, action.timeout, func(r *jobRun) { ended(r.state) })
	return err
}

// look fires the conditional triggers whose time has come, and ends a run in which nothing is left to do. A trigger fires once a run.
func (l *Lab) look(run *workflowRun) {
	for _, t := range run.workflow.triggers {
		if t.kind == conditional && !run.fired[t.name] && t.holds(run) {
			run.fired[t.name] = true
			l.runActions(t, run)
		}
	}
	if run.active > 0 || !slices.Contains(run.workflow.running, run) {
		return
	}
	run.workflow.running = slices.DeleteFunc(run.workflow.running, func(r *workflowRun) bool { return r == run })
	l.active--
	l.tell("glue", "WorkflowRunEnded", run.workflow.id, map[string]any{
		// A run is COMPLETED also when its actions have failed; the statistics tell.
		"run": run.id, "status": "COMPLETED", "actions": run.counts, "seconds": l.clock.Now().Sub(run.started).Seconds(),
	})
}

// holds says whether the predicate is true of what has ended in the run.
func (t *trigger) holds(run *workflowRun) bool {
	met := 0
	for _, c := range t.conditions {
		node := "job " + c.job
		if c.crawler != "" {
			node = "crawler " + c.crawler
		}
		if run.ended[node] == c.state {
			met++
		}
	}
	return met == len(t.conditions) || t.any && met > 0
}
