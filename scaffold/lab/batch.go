package lab

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// computeEnvironment is where containers run.
type computeEnvironment struct {
	id, name, arn string
	most          float64 // vCPUs
	enabled       bool
	jobs          []*batchJob // that hold vCPUs
}

func (e *computeEnvironment) free() float64 {
	free := e.most
	for _, job := range e.jobs {
		free -= job.vcpu
	}
	return free
}

// jobQueue is where jobs wait for a compute environment.
type jobQueue struct {
	id, name, arn string
	enabled       bool
	environments  []*computeEnvironment // in their order
	waiting       []*batchJob
}

// jobDefinition says what a job is.
type jobDefinition struct {
	id, name, arn       string
	image               string
	role, executionRole string
	command             []string
	parameters          map[string]string
	environment         map[string]string
	vcpu, memory        float64 // MiB
	retry               retryStrategy
	timeout             time.Duration // of an attempt; 0: none
	logs                string        // name of a log group
	containers          int           // started so far
}

// retryStrategy says whether a job that failed is tried again.
type retryStrategy struct {
	attempts   int
	conditions []exitCondition
}

// exitCondition is an EvaluateOnExit.
type exitCondition struct {
	again                          bool
	exitCode, reason, statusReason string // patterns; empty: not looked at
}

func (l *Lab) readEnvironments() error {
	for _, id := range l.stack.ByType("AWS::Batch::ComputeEnvironment") {
		resource := l.stack.Resources[id]
		e := &computeEnvironment{
			id: id, name: last(l.stack.Ref(id), "/"), arn: l.stack.Ref(id), most: number(resource.Get("ComputeResources", "MaxvCpus")), enabled: resource.Get("State") != "DISABLED",
		}
		if kind := cfn.Text(resource.Get("ComputeResources", "Type")); !strings.HasPrefix(kind, "FARGATE") {
			return fmt.Errorf("compute environment %s: the lab has none of the type %s, expected FARGATE or FARGATE_SPOT", id, kind)
		}
		l.environments[e.arn] = e
	}
	return nil
}

func (l *Lab) readJobQueues() error {
	for _, id := range l.stack.ByType("AWS::Batch::JobQueue") {
		resource := l.stack.Resources[id]
		q := &jobQueue{id: id, name: last(l.stack.Ref(id), "/"), arn: l.stack.Ref(id), enabled: resource.Get("State") != "DISABLED"}
		if policy := resource.Get("SchedulingPolicyArn"); policy != nil {
			return fmt.Errorf("job queue %s: the lab does not know SchedulingPolicyArn", id)
		}
		order := slices.Clone(cfn.List(resource.Get("ComputeEnvironmentOrder")))
		slices.SortStableFunc(order, func(a, b any) int { return cmp.Compare(number(cfn.Field(a, "Order")), number(cfn.Field(b, "Order"))) })
		for _, given := range order {
			named := cfn.Text(cfn.Field(given, "ComputeEnvironment"))
			e := l.environments[named]
			if e == nil {
				return fmt.Errorf("job queue %s: there is no compute environment %s in the template", id, named)
			}
			q.environments = append(q.environments, e)
		}
		l.jobQueues[q.arn], l.jobQueues[q.name] = q, q
	}
	return nil
}

// unplayedOfJobs are properties of a job definition that would change what its container does.
var unplayedOfJobs = [][]string{
	{"NodeProperties"},
	{"EksProperties"},
	{"EcsProperties"},
	{"ConsumableResourceProperties"},
	{"ContainerProperties", "Secrets"},
	{"ContainerProperties", "MountPoints"},
	{"ContainerProperties", "Volumes"},
}

func (l *Lab) readDefinitions() error {
	for _, id := range l.stack.ByType("AWS::Batch::JobDefinition") {
		d, err := l.readDefinition(id, l.stack.Resources[id])
		if err != nil {
			return fmt.Errorf("job definition %s: %w", id, err)
		}
		unnumbered := strings.TrimSuffix(d.arn, ":1")
		for _, name := range []string{d.arn, unnumbered, d.name, d.name + ":1"} {
			l.definitions[name] = d
		}
	}
	return nil
}

func (l *Lab) readDefinition(id string, resource cfn.Resource) (*jobDefinition, error) {
	for _, path := range unplayedOfJobs {
		if value := resource.Get(path...); value != nil && len(cfn.List(value)) > 0 {
			return nil, fmt.Errorf("the lab does not know %s", path[len(path)-1])
		}
	}
	if kind := cfn.Text(resource.Get("Type")); kind != "container" {
		return nil, fmt.Errorf("the lab has no jobs of the type %s, expected container", kind)
	}
	arn := l.stack.Ref(id)
	d := &jobDefinition{
		id: id, arn: arn, name: strings.TrimSuffix(last(arn, "/"), ":1"), parameters: textMap(resource.Get("Parameters")),
		timeout: time.Duration(number(resource.Get("Timeout", "AttemptDurationSeconds"))) * time.Second,
	}
	container, _ := resource.Get("ContainerProperties").(map[string]any)
	d.image, d.command = text(container, "Image"), texts(container["Command"])
	d.role, d.executionRole = text(container, "JobRoleArn"), text(container, "ExecutionRoleArn")
	d.environment = pairs(container["Environment"])
	var err error
	if d.vcpu, d.memory, err = requirements(container, 0, 0); err != nil {
		return nil, err
	}
	if cfn.Field(container["LogConfiguration"], "LogDriver") == "awslogs" {
		d.logs, _ = cfn.Field(cfn.Field(container["LogConfiguration"], "Options"), "awslogs-group").(string)
	}
	if d.retry, err = readRetry(resource.Get("RetryStrategy"), retryStrategy{attempts: 1}); err != nil {
		return nil, err
	}
	return d, l.ours(id, d.image)
}

// ours refuses a container whose program is none of the project: the lab runs programs, not images.
func (l *Lab) ours(id, image string) error {
	place := l.stack.Place()
	if sourceOf(l.stack.Resources[id]) != "" || strings.HasPrefix(image, place.Account+".dkr.ecr."+place.Region+".") {
		return nil
	}
	return fmt.Errorf("got the image %s, the lab runs containers that hold a Go program of the project, and no others\n"+
		`  hint: Metadata {"pipewright": {"source": PATH}} of the job definition names the package that the program is built from`, image)
}

// pairs is a list of {Name, Value}.
func pairs(given any) map[string]string {
	all := map[string]string{}
	for _, item := range cfn.List(given) {
		if pair, ok := item.(map[string]any); ok {
			pair = capitals(pair)
			all[text(pair, "Name")] = cfn.Text(pair["Value"])
		}
	}
	return all
}

// requirements are the vCPUs and the MiB of a container.
func requirements(container map[string]any, vcpu, memory float64) (float64, float64, error) {
	for _, item := range cfn.List(container["ResourceRequirements"]) {
		given, _ := item.(map[string]any)
		given = capitals(given)
		value, err := strconv.ParseFloat(cfn.Text(given["Value"]), 64)
		if err != nil || value <= 0 {
			return 0, 0, fmt.Errorf("got %s %q, expected a number", text(given, "Type"), cfn.Text(given["Value"]))
		}
		switch kind := text(given, "Type"); kind {
		case "VCPU":
			vcpu = value
		case "MEMORY":
			memory = value
		default:
			return 0, 0, fmt.Errorf("the lab has no %s for containers", kind)
		}
	}
	return vcpu, memory, nil
}

// readRetry reads a RetryStrategy; without one it is the given.
// Source: AWS Batch API Reference, RetryStrategy, EvaluateOnExit, read 2026-11.
func readRetry(given any, otherwise retryStrategy) (retryStrategy, error) {
	written, ok := given.(map[string]any)
	if !ok {
		return otherwise, nil
	}
	written = capitals(written)
	strategy := retryStrategy{attempts: max(1, int(number(written["Attempts"])))}
	for _, item := range cfn.List(written["EvaluateOnExit"]) {
		condition, _ := item.(map[string]any)
		condition = capitals(condition)
		action := strings.ToUpper(text(condition, "Action"))
		if action != "RETRY" && action != "EXIT" {
			return strategy, fmt.Errorf("got the action %s, expected RETRY or EXIT", action)
		}
		strategy.conditions = append(strategy.conditions, exitCondition{
			again: action == "RETRY", exitCode: cfn.Text(cmp.Or(condition["OnExitCode"], any(""))), reason: text(condition, "OnReason"), statusReason: text(condition, "OnStatusReason"),
		})
	}
	return strategy, nil
}

// again says whether an attempt that failed is followed by another one. What matches no condition is tried again.
// Source: AWS Batch User Guide, "Automated job retries", read 2026-11.
func (s retryStrategy) again(made int, end exit) bool {
	if made >= s.attempts || end.final {
		return false
	}
	for _, c := range s.conditions {
		code := ""
		if end.ran {
			code = strconv.Itoa(end.code)
		}
		// A code that is not there matches nothing, a reason that is not there matches *.
		if (c.exitCode == "" || end.ran && matches(c.exitCode, code)) &&
			(c.reason == "" || matches(c.reason, end.reason)) && (c.statusReason == "" || matches(c.statusReason, end.status)) {
			return c.again
		}
	}
	return true
}

// matches is a pattern that may end with an asterisk.
func matches(pattern, value string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(value, prefix)
	}
	return pattern == value
}

// asPairs is the opposite of pairs, in the order of names.
func asPairs(values map[string]string) []any {
	all := []any{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, map[string]any{"Name": name, "Value": values[name]})
	}
	return all
}
