package lab

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/pattern"
)

// target is where a rule or a schedule sends.
type target struct {
	rule       *rule  // nil for a schedule's
	timed      *timer // nil for a rule's
	arn, role  string
	input      []byte
	path       *pattern.InputPath
	transform  *pattern.Transformer
	attempts   int
	age        time.Duration
	deadLetter string // ARN of a queue
	redshift   map[string]any
	action     string // API action that reaches it, for example states:startExecution
}

// targetKeys are what the lab does with a target. Another key would change what AWS does, so it is refused.
var targetKeys = map[string]bool{
	"Arn": true, "Id": true, "RoleArn": true, "Input": true, "InputPath": true, "InputTransformer": true, "RetryPolicy": true,
	"DeadLetterConfig": true, "RedshiftDataParameters": true,
}

func (l *Lab) readTarget(given any) (*target, error) {
	properties, ok := given.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("got %s, expected an object", cfn.Text(given))
	}
	for key := range properties {
		if !targetKeys[key] {
			return nil, fmt.Errorf("the lab does not know %s of a target", key)
		}
	}
	t := &target{
		arn: text(properties, "Arn"), role: text(properties, "RoleArn"), attempts: defaultAttempts, age: defaultAge,
		deadLetter: cfn.Text(cfn.Field(properties, "DeadLetterConfig", "Arn")),
	}
	if cfn.Field(properties, "DeadLetterConfig", "Arn") == nil {
		t.deadLetter = ""
	}
	if most, ok := cfn.Field(properties, "RetryPolicy", "MaximumRetryAttempts").(float64); ok {
		t.attempts = int(most)
	}
	if seconds, ok := cfn.Field(properties, "RetryPolicy", "MaximumEventAgeInSeconds").(float64); ok {
		t.age = time.Duration(seconds) * time.Second
	}
	t.redshift, _ = properties["RedshiftDataParameters"].(map[string]any)
	if t.action = t.sends(); t.action == "" {
		return nil, fmt.Errorf("the lab cannot send to %s, expected a state machine, function, topic, queue, Glue workflow or Redshift workgroup", t.arn)
	}
	if l.actions[strings.ToLower(t.action)] == nil {
		return nil, l.missing(t.action)
	}
	return t, t.readInput(properties)
}

func (t *target) readInput(properties map[string]any) error {
	var err error
	if input, ok := properties["Input"].(string); ok {
		t.input = []byte(input)
	}
	if path, ok := properties["InputPath"].(string); ok {
		if t.path, err = pattern.ParseInputPath(path); err != nil {
			return err
		}
	}
	if given, ok := properties["InputTransformer"].(map[string]any); ok {
		paths := map[string]string{}
		if named, ok := given["InputPathsMap"].(map[string]any); ok {
			for name := range named {
				paths[name] = text(named, name)
			}
		}
		t.transform, err = pattern.NewTransformer(paths, text(given, "InputTemplate"))
	}
	return err
}

// delivery is one event on its way to one target.
type delivery struct {
	target  *target
	eventID string
	event   []byte // what a dead-letter queue gets of a rule's
	payload []byte
	planned time.Time // of a schedule's
	sent    time.Time
	tries   int
}

// shape makes what the target gets out of the event.
func (d *delivery) shape(event []byte, envelope *Envelope, r *rule) error {
	t := d.target
	d.event = event
	var err error
	switch {
	case t.input != nil:
		d.payload = t.input
	case t.path != nil:
		d.payload, err = t.path.Apply(event)
	case t.transform != nil:
		d.payload, err = t.transform.Apply(event, pattern.Context{RuleARN: r.arn, RuleName: r.name, IngestionTime: envelope.Time})
	default:
		d.payload = event
	}
	return err
}

// attempt hands a delivery over, and decides what becomes of one that is refused. What no retry can mend, a missing permission or
// target, goes to the dead-letter queue at once.
// Source: Amazon EventBridge User Guide, "How EventBridge retries delivering events", read 2026-11.
func (l *Lab) attempt(d *delivery) {
	d.tries++
	if s := d.target.timed; s != nil {
		l.count("AWS/Scheduler", "InvocationAttemptCount", dimension{"ScheduleGroup", s.group})
	}
	err := l.send(d)
	if err == nil {
		l.sent(d)
		return
	}
	exhausted := ""
	switch {
	case !err.Retriable:
	case d.tries > d.target.attempts:
		exhausted = "MaximumRetryAttempts"
	case l.clock.Now().Add(backoff(d.tries)).Sub(d.sent) > d.target.age:
		exhausted = "MaximumEventAgeInSeconds"
	default:
		l.tell(d.target.service(), "DeliveryRetried", d.target.resource(), map[string]any{"error": err.Code, "message": err.Message, "attempt": d.tries})
		l.troubled(d, "retry")
		l.later(backoff(d.tries), func() { l.attempt(d) })
		return
	}
	l.giveUp(d, err, exhausted)
}

// backoff is how long to wait before the next attempt. AWS says "exponential back-off and jitter" and no figures; these double from
// a second to five minutes, without jitter, so that a run can be repeated.
func backoff(tries int) time.Duration {
	const longest = 5 * time.Minute
	if tries > 9 {
		return longest
	}
	return min(time.Second<<(tries-1), longest)
}

func (t *target) resource() string {
	if t.rule != nil {
		return t.rule.id
	}
	return t.timed.id
}

func (t *target) service() string {
	if t.rule != nil {
		return "events"
	}
	return "scheduler"
}

// sent counts a delivery that arrived.
func (l *Lab) sent(d *delivery) {
	if r := d.target.rule; r != nil {
		l.count("AWS/Events", "Invocations", dimension{"RuleName", r.name})
	}
}

// troubled counts an attempt that was refused.
func (l *Lab) troubled(d *delivery, how string) {
	switch {
	case d.target.timed != nil:
		l.count("AWS/Scheduler", "TargetErrorCount", dimension{"ScheduleGroup", d.target.timed.group})
	case how == "lost":
		l.count("AWS/Events", "FailedInvocations", dimension{"RuleName", d.target.rule.name})
	}
}

// giveUp puts a delivery into the dead-letter queue, where there is one. A rule's message is the event itself, a schedule's is what
// its target would have got.
// Source: Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events", read 2026-11.
func (l *Lab) giveUp(d *delivery, err *apiError, exhausted string) {
	t := d.target
	l.troubled(d, "lost")
	detail := map[string]any{"error": err.Code, "message": err.Message, "attempts": d.tries}
	if t.deadLetter == "" {
		l.tell(t.service(), "DeliveryLost", t.resource(), detail)
		l.fail("%s: a delivery to %s was lost: %s", t.resource(), t.arn, err)
		l.dropped(t)
		return
	}
	attributes := map[string]string{"ERROR_CODE": err.Code, "ERROR_MESSAGE": err.Message, "RETRY_ATTEMPTS": fmt.Sprint(d.tries - 1), "TARGET_ARN": t.arn}
	if exhausted != "" {
		attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	by, message := caller{Service: "events.amazonaws.com"}, string(d.event)
	if t.rule != nil {
		attributes["RULE_ARN"], by.Source = t.rule.arn, t.rule.arn
		attributes["ERROR_CODE"] = deliveryError(err)
	} else {
		by, message = caller{Role: t.role}, d.body()
		d.describe(attributes, err)
	}
	if refused := l.enqueue(by, t.deadLetter, message, attributes); refused != nil {
		detail["dead_letter_queue"] = refused.Error()
		l.tell(t.service(), "DeliveryLost", t.resource(), detail)
		l.fail("%s: a delivery to %s was lost, and its dead-letter queue refused it: %s", t.resource(), t.arn, refused)
		l.deadLetterMetric(t, "Failed")
		l.dropped(t)
		return
	}
	l.tell(t.service(), "DeliveryFailed", t.resource(), detail)
	l.deadLetterMetric(t, "")
	l.dropped(t)
}

// dropped counts a start that its schedule has given up, whether or not a dead-letter queue has it.
// Source: EventBridge Scheduler User Guide, "Monitoring Amazon EventBridge Scheduler with Amazon CloudWatch", read 2026-11.
func (l *Lab) dropped(t *target) {
	if t.timed != nil {
		l.count("AWS/Scheduler", "InvocationDroppedCount", dimension{"ScheduleGroup", t.timed.group})
	}
}

// describe adds what Scheduler tells of the start, with the target as it names it: by service and action.
// Source: EventBridge Scheduler User Guide, "Configuring a schedule's dead-letter queue", the dead-letter event, read 2026-11.
func (d *delivery) describe(attributes map[string]string, err *apiError) {
	if err.Code == cannotAssume {
		attributes["ERROR_CODE"] = accessDenied
	}
	attributes["SCHEDULE_ARN"] = d.target.timed.arn
	attributes["SCHEDULED_TIME"] = d.planned.UTC().Format(time.RFC3339)
	attributes["EXECUTION_ID"] = d.eventID
	attributes["IS_PAYLOAD_TRUNCATED"] = "false"
	if parts := strings.SplitN(d.target.arn, ":", 3); parts[2] != "" && !strings.Contains(d.target.arn, ":aws-sdk:") {
		service, action, _ := strings.Cut(d.target.action, ":")
		attributes["TARGET_ARN"] = "arn:" + parts[1] + ":scheduler:::aws-sdk:" + service + ":" + strings.TrimSuffix(action, "Async")
	}
}

// deliveryErrors are EventBridge's own names of why a delivery failed, by the code of the target's answer.
// Source: Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events", ERROR_CODE, read 2026-11; which code
// belongs to which answer is not documented.
var deliveryErrors = map[string]string{
	accessDenied: "NO_PERMISSIONS", cannotAssume: "FAILED_TO_ASSUME_ROLE", throttled: "THROTTLING",
	"ValidationException": "INVALID_PARAMETER", "InvalidInputException": "INVALID_PARAMETER", "InvalidExecutionInput": "INVALID_JSON",
	"ExecutionAlreadyExists": "RESOURCE_ALREADY_EXISTS", "ConcurrentRunsExceededException": "RESOURCE_LIMIT_EXCEEDED",
	"StateMachineDoesNotExist": "NO_RESOURCE", "EntityNotFoundException": "NO_RESOURCE", "ResourceNotFoundException": "NO_RESOURCE",
	"NotFoundException": "NO_RESOURCE", noSuchQueue: "NO_RESOURCE",
}

func deliveryError(err *apiError) string {
	if code := deliveryErrors[err.Code]; code != "" {
		return code
	}
	return "ERROR_FROM_TARGET"
}

func (l *Lab) deadLetterMetric(t *target, outcome string) {
	switch {
	case t.rule != nil && outcome == "":
		l.count("AWS/Events", "InvocationsSentToDlq", dimension{"RuleName", t.rule.name})
	case t.rule != nil:
		l.count("AWS/Events", "InvocationsFailedToBeSentToDlq", dimension{"RuleName", t.rule.name})
	case outcome == "":
		l.count("AWS/Scheduler", "InvocationsSentToDeadLetterCount", dimension{"ScheduleGroup", t.timed.group})
	default:
		l.count("AWS/Scheduler", "InvocationsFailedToBeSentToDeadLetterCount", dimension{"ScheduleGroup", t.timed.group})
	}
}

// sends is the API action that reaches a target, or nothing.
// Source: Amazon EventBridge User Guide, "Event bus targets"; EventBridge Scheduler User Guide, "Managing targets"; read 2026-11.
func (t *target) sends() string {
	parts := strings.SplitN(t.arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	if parts[2] == "scheduler" {
		if service, action, ok := strings.Cut(strings.TrimPrefix(parts[5], "aws-sdk:"), ":"); ok {
			return actionService(service) + ":" + action
		}
		return ""
	}
	switch service, resource := parts[2], parts[5]; {
	case service == "states" && strings.HasPrefix(resource, "stateMachine:"):
		return "states:startExecution"
	case service == "lambda":
		return "lambda:invokeAsync"
	case service == "sns":
		return "sns:publish"
	case service == "sqs":
		return "sqs:sendMessage"
	case service == "glue" && strings.HasPrefix(resource, "workflow/"):
		return "glue:notifyEvent"
	case service == "redshift-serverless" && t.redshift["Sqls"] != nil:
		return "redshift-data:batchExecuteStatement"
	case service == "redshift-serverless" && t.redshift["Sql"] != nil:
		return "redshift-data:executeStatement"
	}
	return ""
}

// send makes the call that a target stands for. A rule calls by its role, or, where there is none, as the service.
func (l *Lab) send(d *delivery) *apiError {
	t := d.target
	by := caller{Service: "events.amazonaws.com"}
	if t.rule != nil {
		by.Source = t.rule.arn
	} else {
		by = caller{Service: "scheduler.amazonaws.com", Source: t.timed.groupArn}
	}
	if t.role != "" {
		if err := l.assume(by, t.role); err != nil {
			return err
		}
		by = caller{Role: t.role}
	}
	input, err := d.request()
	if err != nil {
		return invalid("%v", err)
	}
	_, refused := l.call(by, t.action, input)
	return refused
}

// body is what the target gets in this attempt.
// Source: Amazon EventBridge Scheduler User Guide, "Adding context attributes", read 2026-11.
func (d *delivery) body() string {
	if d.target.timed == nil {
		return string(d.payload)
	}
	return strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", d.target.timed.arn, "<aws.scheduler.scheduled-time>", d.planned.UTC().Format(time.RFC3339),
		"<aws.scheduler.execution-id>", d.eventID, "<aws.scheduler.attempt-number>", fmt.Sprint(d.tries),
	).Replace(string(d.payload))
}

// request is the input of the call.
func (d *delivery) request() (map[string]any, error) {
	t := d.target
	payload := d.body()
	if strings.Contains(t.arn, ":aws-sdk:") {
		var input map[string]any
		if err := json.Unmarshal([]byte(payload), &input); err != nil {
			return nil, fmt.Errorf("the schedule's input is no object in JSON: %w", err)
		}
		return input, nil
	}
	if t.redshift != nil {
		input := capitals(t.redshift)
		input["WorkgroupArn"] = t.arn
		return input, nil
	}
	return map[string]any{
		"StateMachineArn": t.arn, "FunctionName": t.arn, "TopicArn": t.arn, "QueueUrl": t.arn, "WorkflowArn": t.arn,
		"Input": payload, "Payload": payload, "Message": payload, "MessageBody": payload, "EventId": d.eventID,
	}, nil
}
