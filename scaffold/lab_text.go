package main

import (
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lab"
)

// sentences say what happened, by type of event: of the resource %[1]s, with {field} of the detail.
var sentences = map[string]string{
	"ObjectCreated":      "{key} landed in %s",
	"ObjectDeleted":      "{key} was removed from %s",
	"EventSent":          "event {detail-type} of {source}",
	"RuleMatched":        "rule %s matched: {event}",
	"DeliveryRetried":    "rule %s could not deliver, and tries again: {error}: {message}",
	"DeliveryFailed":     "rule %s gave up after {attempts} attempts, and kept the event in the dead-letter queue: {error}: {message}",
	"DeliveryLost":       "rule %s gave up after {attempts} attempts, and the event is lost: {error}: {message}",
	"ScheduleStarted":    "schedule %s starts, for {scheduled}",
	"MessageSent":        "a message waits in queue %s",
	"MessagePublished":   "topic %s: {subject}",
	"EmailSent":          "e-mail to {to}: {message}",
	"FunctionInvoked":    "function %s called, attempt {attempt}",
	"FunctionEnded":      "function %s answered {answer}",
	"FunctionFailed":     "function %s failed: {error}: {message}",
	"ExecutionStarted":   "execution of %s started",
	"ExecutionEnded":     "execution of %s {status}, after {seconds} s",
	"ExecutionFailed":    "execution of %s {status}: {error}: {cause}",
	"TaskWaiting":        "{state} of %s waits for an answer",
	"TaskAnswered":       "{state} of %s got the answer {answer}",
	"TaskNotAnswered":    "{state} of %s got no answer, and waits no longer",
	"TaskHeartbeat":      "{state} of %s got a heartbeat",
	"EventReceived":      "workflow %s got an event, {waiting} of {batch_size}",
	"WorkflowRunStarted": "run of workflow %s started",
	"WorkflowRunEnded":   "run of workflow %s {status}, after {seconds} s: {actions}",
	"WorkflowNotStarted": "workflow %s was not started: {error}",
	"TriggerFired":       "trigger %s fired",
	"ActionNotStarted":   "trigger %s could not start the {action}: {error}",
	"CrawlerStarted":     "crawler %s started",
	"CrawlerEnded":       "crawler %s {state}: new tables: {tables_created}, new partitions: {partitions_added} {message}",
	"JobRunStarted":      "job %s started",
	"JobRunEnded":        "job %s {state}, after {seconds} s {message}",
	"ApplicationChanged": "application %s is {state}",
	"SparkRunSubmitted":  "job run {name} submitted to application %s",
	"SparkRunQueued":     "job run {name} waits in the queue of application %s: {running} run",
	"SparkRunStarted":    "job run {name} started on application %s, with {executors} executors",
	"SparkRunEnded":      "job run {name} on application %s {state}, after {seconds} s {message}",
	"BatchJobSubmitted":  "job {name} submitted to queue %s",
	"BatchJobStuck":      "job {name} stays in queue %s: it takes {vcpu} vCPU, and there are {most}",
	"BatchJobEnded":      "job {name} of queue %s {status}, after {seconds} s {message}",
	"ContainerStarted":   "container of %s started, attempt {attempt}",
	"ContainerEnded":     "container of %s ended with exit code {exit_code} {message}",
	"ItemPut":            "item {key} written to table %s",
	"ItemDeleted":        "item {key} removed from table %s",
	"StatementSubmitted": "statement {statement} submitted to %s, {sqls} of SQL",
	"SqlEnded":           "SQL {number} of {of}, {sql} {state}: {did}",
	"StatementEnded":     "statement {statement} {state}, after {seconds} s",
	"ScriptRun":          "{file} has made what is there already: {sqls} of SQL",
	"AlarmChanged":       "alarm %s is {state}: {description}",
	"AccessDenied":       "denied: {message}",
	"ProgramStopped":     "the lab ended the program of %s after {after} of real time: it is taken for one that never ends",
	"LoopStopped":        "rule %s feeds itself: {way}; the lab stops after {turns} turns",
}

// sentence is an event as a line for people.
func sentence(e *lab.Event) string {
	detail, _ := e.Detail.(map[string]any)
	kind := e.Type
	if (kind == "FunctionEnded" || kind == "ExecutionEnded") && detail["error"] != nil {
		kind = strings.TrimSuffix(kind, "Ended") + "Failed"
	}
	pattern, ok := sentences[kind]
	if !ok {
		return fmt.Sprintf("%s %s %s", e.Type, e.Resource, cfn.Text(e.Detail))
	}
	if e.Service == "scheduler" && strings.HasPrefix(kind, "Delivery") {
		pattern = "schedule" + strings.TrimPrefix(pattern, "rule")
	}
	pattern = strings.Replace(pattern, "%s", e.Resource, 1)
	for _, field := range slices.Sorted(maps.Keys(detail)) {
		pattern = strings.ReplaceAll(pattern, "{"+field+"}", brief(detail[field]))
	}
	return strings.TrimRight(pattern, " :")
}

// longestValue keeps a line readable; the whole value is in the run's folder and with --json.
const longestValue = 160

func brief(value any) string {
	if text, ok := value.(fmt.Stringer); ok {
		value = text.String()
	} else if kind := reflect.ValueOf(value); kind.IsValid() && kind.Kind() == reflect.String {
		value = kind.String()
	}
	switch list := value.(type) {
	case nil:
		return ""
	case []string:
		return strconv.Itoa(len(list))
	}
	first, _, more := strings.Cut(cfn.Text(value), "\n")
	if len(first) > longestValue {
		first, more = first[:longestValue], true
	}
	if more {
		first += " ..."
	}
	return first
}

// timeline writes events as they happen, with the virtual time since the start. Of many alike at one time it shows the first.
type timeline struct {
	out   io.Writer
	start time.Time
	names names        // of resources
	now   []*lab.Event // of the same time
}

// unshown are the types of events that no line is for: what follows from them says it again, or the bill does.
var unshown = []string{"MessagePublished", "TriggerFired", "ReadCapacityUsed", "WriteCapacityUsed"}

// alike is how many events of one type and resource are shown one by one.
const alike = 3

func (t *timeline) report(e *lab.Event) {
	if len(t.now) > 0 && !t.now[0].Time.Equal(e.Time) {
		t.flush()
	}
	if !slices.Contains(unshown, e.Type) {
		t.now = append(t.now, e)
	}
}

// flush writes what has happened at one time.
func (t *timeline) flush() {
	count, shown := map[string]int{}, map[string]int{}
	for _, e := range t.now {
		count[e.Type+e.Resource]++
	}
	for _, e := range t.now {
		kind := e.Type + e.Resource
		shown[kind]++
		named := *e
		named.Resource = t.names.of(e.Resource)
		more := ""
		switch {
		case count[kind] <= alike:
		case shown[kind] > 1:
			continue
		default:
			more = fmt.Sprintf(", and %d more", count[kind]-1)
		}
		fmt.Fprintf(t.out, "%10s  %-10s %s%s\n", sinceStart(e.Time.Sub(t.start)), strings.TrimSuffix(e.Service, "-serverless"), sentence(&named), more)
	}
	t.now = t.now[:0]
}

// sinceStart is a virtual time as +1d02:15:00.
func sinceStart(of time.Duration) string {
	days := ""
	if whole := int(of.Hours()) / 24; whole > 0 {
		days = fmt.Sprintf("%dd", whole)
		of -= time.Duration(whole) * 24 * time.Hour
	}
	return fmt.Sprintf("+%s%02d:%02d:%02d", days, int(of.Hours()), int(of.Minutes())%60, int(of.Seconds())%60)
}

func grants(of []lab.Grant) []string {
	var all []string
	for _, g := range of {
		all = append(all, fmt.Sprintf("%s: %s on %s", g.Role, g.Action, g.Resource))
	}
	return all
}

// summary says what a run came to.
func summary(out io.Writer, o *finished, folder string, events []*lab.Event, options *runOptions) {
	names := keptNames(folder)
	flows := names.flows(o.Flows)
	fmt.Fprintf(out, "\n%s virtual time passed\n", o.Ended.Sub(o.Started).Round(100*time.Millisecond))
	whatWentWhere(out, flows, names.tables(o.Tables))
	firstRows(out, flows)
	duration(out, events, names)
	writeRunCost(out, o.Cost)
	section := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(out, "\n%s\n", title)
		for _, line := range lines {
			fmt.Fprintf(out, "  %s\n", strings.ReplaceAll(line, "\n", "\n  "))
		}
	}
	section("What failed", names.in(o.Failures))
	var denials, waiting []string
	for _, d := range o.Denials {
		denials = append(denials, d.String())
	}
	section("What the policies did not allow", denials)
	section("What the SQL did", sqlLines(o.Statements))
	for _, id := range slices.Sorted(maps.Keys(o.Waiting)) {
		waiting = append(waiting, names.of(id)+": "+counted(o.Waiting[id], "message"))
	}
	section("What waits in queues that nothing reads", waiting)
	var unanswered []string
	for _, w := range o.Unanswered {
		unanswered = append(unanswered, fmt.Sprintf("%s of %s", w.State, names.of(w.Machine)))
	}
	section("What nobody answered", unanswered)
	section("Faults that met nothing", o.Unmatched)
	section("Answers that no task waited for", o.Unasked)
	if options.unused {
		section("Permissions that nothing needed", grants(o.Unused))
		section("Permissions that the lab does not exercise: nothing is known of their use", grants(o.Unexercised))
	}
	if options.ignored {
		section("Not part of the lab", o.Ignored)
	}
	fmt.Fprintln(out)
	if len(o.Unused) > 0 && !options.unused {
		fmt.Fprintf(out, "%s not used; --unused lists them\n", counted(len(o.Unused), "permission"))
	}
	if len(o.Ignored) > 0 && !options.ignored {
		fmt.Fprintf(out, "left out of the template by the lab: %s; --ignored lists them\n", counted(len(o.Ignored), "part"))
	}
	if len(o.Next) > 0 {
		fmt.Fprintf(out, "a schedule would start next at %s; --for lets it\n", o.Next[0].Format(time.RFC3339))
	}
	if folder != "" {
		fmt.Fprintf(out, "kept in %s\n", folder)
	}
}
