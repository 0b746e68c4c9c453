package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lineage"
)

// lineageKind is a kind of run as the timeline tells of it: all that lineage needs to know of it. The event of the start comes right before
// the run's program, so that what the role does from then on is this run's doing. Its detail may have a role, where the resource has none,
// and the name of a statement with its sql; that of the end has a state, a status, an exit_code or an error, and a message.
type lineageKind struct {
	service, asked, started, ended string // and its events; asked: for what starts later, on behalf of who asks now
	run                            string // field that tells the runs of a resource apart; empty: there is one at a time
	job                            string // what the name of the job begins with
	integration, jobType           string
	language                       string // of what fails
}

// lineageKinds are the runs that data passes through, and those that start them.
var lineageKinds = []lineageKind{
	{"states", "", "ExecutionStarted", "ExecutionEnded", "name", "stateMachine", "STEP_FUNCTIONS", "STATE_MACHINE", "ASL"},
	{"glue", "", "WorkflowRunStarted", "WorkflowRunEnded", "run", "workflow", "GLUE", "WORKFLOW", noLanguage},
	{"glue", "", "CrawlerStarted", "CrawlerEnded", "", crawlerJob, "GLUE", "CRAWLER", noLanguage},
	{"glue", "", "JobRunStarted", "JobRunEnded", "run", "job", "GLUE", "JOB", "PYTHON"},
	{"lambda", "", "FunctionInvoked", "FunctionEnded", "call", "function", "LAMBDA", "FUNCTION", "GO"},
	{"emr-serverless", "SparkRunSubmitted", "SparkRunStarted", "SparkRunEnded", "run", "application", "EMR_SERVERLESS", "JOB", "PYTHON"},
	{"batch", "BatchJobSubmitted", "ContainerStarted", "ContainerEnded", "job", "jobDefinition", "BATCH", "JOB", noLanguage},
	{"redshift-data", "", "StatementSubmitted", "StatementEnded", "id", "statement", "REDSHIFT", "QUERY", "SQL"},
}

const (
	noLanguage = "UNKNOWN" // AWS does not say what its own programs are written in, and OpenLineage wants to know
	crawlerJob = "crawler"
)

// lineageLog tells who read and wrote which data. It is nil where nobody asks.
type lineageLog struct {
	lab    *Lab
	report func(*lineage.Event)
	given  hash.Hash // what the run was given: ids follow from it

	mutex  sync.Mutex // programs read and write on goroutines of the endpoint
	runs   map[string]*lineageRun
	asked  map[string]*lineageRun // on whose behalf something will start, by service and run
	latest map[string]*lineageRun // by job
	roles  map[string]*lineageRun // that works as a role
	acting *lineageRun            // on whose behalf something is started now

	schemas map[string]schema // of objects by ETag
	tallies map[string]*Rows  // and their rows
	flows   []flow
}

// lineageRun is one run of something.
type lineageRun struct {
	kind          *lineageKind
	role          string
	job           lineage.Job
	facts         lineage.Run
	parent        *lineageRun
	read, written map[object]touch
	inputs        []lineage.Dataset // besides objects
	outputs       []lineage.Dataset
}

// object is one in S3.
type object struct{ bucket, key string }

// touch is what a run read or wrote of an object: its size and ETag then.
type touch struct {
	size int64
	etag string
}

func newLineage(l *Lab) *lineageLog {
	if l.options.Lineage == nil {
		return nil
	}
	return &lineageLog{
		lab: l, report: l.options.Lineage, given: sha256.New(), runs: map[string]*lineageRun{}, asked: map[string]*lineageRun{}, latest: map[string]*lineageRun{},
		roles: map[string]*lineageRun{}, schemas: map[string]schema{}, tallies: map[string]*Rows{},
	}
}

// gets remembers what the lab was given.
func (g *lineageLog) gets(what string, data []byte) {
	if g != nil {
		fmt.Fprintf(g.given, "%s %d\n%s\n", what, len(data), data)
	}
}

// saw looks at an event of the timeline.
func (g *lineageLog) saw(e *Event) {
	if g == nil {
		return
	}
	detail, _ := e.Detail.(map[string]any)
	for i := range lineageKinds {
		k := &lineageKinds[i]
		if k.service != e.Service {
			continue
		}
		name, id := k.named(e.Resource, detail)
		switch run := g.runs[name+"\x00"+id]; {
		case e.Type == k.asked:
			g.asked[k.service+"\x00"+id] = g.acting
		case e.Type == k.started:
			g.starts(k, e, name, id, detail)
		case e.Type == k.ended && run != nil:
			g.ends(run, e.Time, detail)
		}
	}
}

// named is the job that an event is about, and which of its runs. A statement with a name of its own is a job of its own.
func (k *lineageKind) named(resource string, detail map[string]any) (name, id string) {
	if k.run != "" {
		id = cfn.Text(detail[k.run])
	}
	if statement := text(detail, "statement"); statement != "" && statement != id {
		resource = statement
	}
	return k.job + "/" + resource, id
}

// starts tells that a run began.
func (g *lineageLog) starts(k *lineageKind, e *Event, name, id string, detail map[string]any) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	place, resource := g.lab.stack.Place(), g.lab.stack.Resources[e.Resource]
	stack := fmt.Sprintf("arn:%s:cloudformation:%s:%s:stack/%s", place.Partition, place.Region, place.Account, place.Stack)
	run := &lineageRun{
		kind: k, parent: g.acting, role: text(detail, "role"), read: map[object]touch{}, written: map[object]touch{},
		job: lineage.Job{Name: lineage.Name{Namespace: stack, Name: name}, Facets: lineage.JobFacets{Type: lineage.NewJobType(k.integration, k.jobType)}},
	}
	if run.parent == nil {
		run.parent = g.asked[k.service+"\x00"+id]
	}
	if first, _, again := strings.Cut(id, "_attempt_"); again && run.parent == nil && g.runs[name+"\x00"+first] != nil {
		run.parent = g.runs[name+"\x00"+first].parent
	}
	if sql := text(detail, "sql"); sql != "" {
		run.job.Facets.SQL = lineage.NewSQL(sql, "redshift")
	}
	if run.role == "" {
		run.role = g.lab.roleOf(resource)
	}
	seed := strconv.FormatUint(g.lab.options.Seed, 10)
	run.facts.ID = lineage.RunID(e.Time, stack, seed, hex.EncodeToString(g.given.Sum(nil)), name, id)
	run.facts.Facets.Engine = engineOf(resource)
	if run.parent != nil {
		run.facts.Facets.Parent = lineage.NewParent(run.parent.ancestor(), run.parent.root().ancestor())
	}
	g.runs[name+"\x00"+id], g.latest[name] = run, run
	g.works(run, run.role)
	g.report(lineage.New(lineage.Start, e.Time, run.facts, run.job))
}

func (r *lineageRun) ancestor() lineage.Ancestor { return lineage.AncestorOf(r.facts.ID, r.job.Name) }

func (r *lineageRun) root() *lineageRun {
	for r.parent != nil {
		r = r.parent
	}
	return r
}

// roleOf is the role that a resource works as.
func (l *Lab) roleOf(resource cfn.Resource) string {
	for _, property := range [][]string{{"Role"}, {"RoleArn"}, {"ContainerProperties", "JobRoleArn"}} {
		if role, ok := resource.Get(property...).(string); ok && role != "" {
			if !strings.HasPrefix(role, "arn:") {
				place := l.stack.Place()
				role = fmt.Sprintf("arn:%s:iam::%s:role/%s", place.Partition, place.Account, role)
			}
			return role
		}
	}
	return ""
}

// engineOf is what a Spark job runs on.
func engineOf(resource cfn.Resource) *lineage.Engine {
	if version, ok := resource.Get("GlueVersion").(string); ok && resource.Get("Command", "Name") == "glueetl" {
		return lineage.NewEngine("AWS Glue", version)
	}
	if release, ok := resource.Get("ReleaseLabel").(string); ok {
		return lineage.NewEngine("Amazon EMR", release)
	}
	return nil
}

// lineageStates are the states in which a run is over, as the services name them. Others are those of runs that failed.
var lineageStates = map[string]lineage.EventType{
	"SUCCEEDED": lineage.Complete, "SUCCESS": lineage.Complete, "COMPLETED": lineage.Complete, "FINISHED": lineage.Complete, "": lineage.Complete,
	runStopped: lineage.Abort, "ABORTED": lineage.Abort, "CANCELLED": lineage.Abort, //nolint:misspell // as AWS spells it
}

// ends tells that a run is over, and what it has read and written until then.
func (g *lineageLog) ends(run *lineageRun, at time.Time, detail map[string]any) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if run.read == nil {
		return // it has ended before
	}
	state := fmt.Sprint(detail["status"])
	if detail["status"] == nil {
		state = text(detail, "state")
	}
	kind, known := lineageStates[state]
	if code := detail["exit_code"]; !known || text(detail, "error") != "" || code != nil && fmt.Sprint(code) != "0" {
		kind = lineage.Fail
	}
	if kind == lineage.Fail {
		run.facts.Facets.Error = lineage.NewError(reason(state, detail), run.language(g.lab))
	}
	e := lineage.New(kind, at, run.facts, run.job)
	e.Inputs = slices.Concat(run.inputs, g.inputs(run))
	e.Outputs = slices.Concat(run.outputs, g.outputs(run))
	g.flowsThrough(run)
	run.read, run.written, run.inputs, run.outputs = nil, nil, nil, nil
	maps.DeleteFunc(g.roles, func(_ string, r *lineageRun) bool { return r == run })
	g.report(e)
}

// reason is why a run failed: what it says, or else how it ended.
func reason(state string, detail map[string]any) string {
	var parts []string
	for _, field := range []string{"error", "message", "cause"} {
		if said := text(detail, field); said != "" {
			parts = append(parts, said)
		}
	}
	if len(parts) == 0 && detail["exit_code"] != nil {
		return "exit code " + fmt.Sprint(detail["exit_code"])
	}
	if len(parts) == 0 {
		return state
	}
	return strings.Join(parts, ": ")
}

// language is what the program of a run is written in.
func (r *lineageRun) language(l *Lab) string {
	_, id, _ := strings.Cut(r.job.Name.Name, "/")
	runtime, _ := l.stack.Resources[id].Get("Runtime").(string)
	if runtime == "" || isGo(l.stack.Resources[id]) {
		return r.kind.language
	}
	return strings.ToUpper(strings.TrimRight(runtime, "0123456789.x")) // python3.14, nodejs24.x
}

// acts lets a run be the one on whose behalf things happen, and its role do what it does, until the answer is called.
func (g *lineageLog) acts(job, id string) (over func()) {
	if g == nil {
		return func() {}
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	run := g.runs[job+"\x00"+id]
	if run == nil {
		run = g.latest[job] // a child execution of a distributed Map has an id of its own
	}
	before := g.acting
	g.acting = run
	if run != nil {
		g.works(run, run.role)
	}
	return func() { g.acting = before }
}

// works lets what a role does from now on be the doing of a run. The mutex is held.
func (g *lineageLog) works(run *lineageRun, role string) {
	if role != "" && run.read != nil {
		g.roles[role] = run
	}
}

// actsAs is acts with the role that the run names itself, as COPY and UNLOAD do.
func (g *lineageLog) actsAs(job, id, role string) (over func()) {
	over = g.acts(job, id)
	if g != nil && g.acting != nil {
		g.mutex.Lock()
		defer g.mutex.Unlock()
		g.works(g.acting, role)
	}
	return over
}

// actsFor is acts for the execution of a task.
func (g *lineageLog) actsFor(from asl.Identity) (over func()) {
	if g == nil {
		return func() {}
	}
	arn, _, _ := strings.Cut(from.MachineArn, "/")
	m := g.lab.machines[arn]
	if m == nil {
		return func() {}
	}
	return g.acts("stateMachine/"+m.id, from.Name)
}

// uses tells that the run of a role read or wrote what is no object: a table.
func (g *lineageLog) uses(role string, d lineage.Dataset, wrote bool) {
	if g == nil {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.roles[role].uses(d, wrote)
}

// used is uses of the run on whose behalf things happen now.
func (g *lineageLog) used(d lineage.Dataset, wrote bool) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.acting.uses(d, wrote)
}

func (r *lineageRun) uses(d lineage.Dataset, wrote bool) {
	switch {
	case r == nil || r.read == nil:
	case wrote:
		r.outputs = append(r.outputs, d)
	default:
		r.inputs = append(r.inputs, d)
	}
}

// reads tells that a role read an object. What a run has written itself is no input of it.
func (g *lineageLog) reads(role, bucket, key string) {
	if g == nil {
		return
	}
	o := object{bucket, key}
	is, ok := g.current(o)
	if !ok {
		return // it was removed at the same time
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	run := g.roles[role]
	if run == nil || run.read == nil {
		return
	}
	if _, own := run.written[o]; !own {
		run.read[o] = is
	}
}

// changes tells that a role wrote or removed an object.
func (g *lineageLog) changes(role string, c change) {
	if g == nil {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	run := g.roles[role]
	if run == nil || run.read == nil {
		return
	}
	if c.deleted {
		delete(run.written, object{c.bucket, c.key})
		return
	}
	run.written[object{c.bucket, c.key}] = touch{size: c.size, etag: c.etag}
}

// sortedObjects are objects by bucket and key.
func sortedObjects(of map[object]touch) []object {
	return slices.SortedFunc(maps.Keys(of), func(a, b object) int { return strings.Compare(a.bucket+"/"+a.key, b.bucket+"/"+b.key) })
}
