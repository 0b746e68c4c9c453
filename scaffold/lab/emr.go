package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// sparkApplication is an application of EMR Serverless.
type sparkApplication struct {
	id, name, arn string // name is what AWS calls its id
	label         string
	state         string // as AWS names it
	autoStart     bool
	idle          time.Duration // without a run, after which it stops; 0: it does not
	warm          bool          // workers stand by
	most          workerSize    // all workers together; zero where there is no limit
	concurrent    int           // runs at once; 0: as many as there is room for
	patience      time.Duration // of a run in the queue
	key           string        // KMS key of the logs in EMR's own storage
	logs          string        // name of a log group
	runs          []*sparkRun   // that have not ended, as they were submitted
	changes       int           // of its state, so that what was planned for an earlier one is not done
	rests         int           // times that it began to have no run
	waiting       []func()      // for the next state
}

// The states of an application that the lab passes through.
// Source: Amazon EMR Serverless User Guide, "Application states", read 2026-11.
const (
	appCreated  = "CREATED"
	appStarting = "STARTING"
	appStarted  = "STARTED"
	appStopping = "STOPPING"
	appStopped  = "STOPPED"
)

// Defaults. Source: Amazon EMR Serverless API Reference, AutoStopConfig and SchedulerConfiguration, read 2026-11.
const (
	defaultIdle       = 15 * time.Minute
	defaultConcurrent = 15
	defaultPatience   = 360 * time.Minute
)

// How long an application takes to change. AWS promises no figure: these are what a small one takes.
const (
	applicationStart = 15 * time.Second
	applicationStop  = 15 * time.Second
)

// workerSize is what one worker has, or several together.
type workerSize struct{ vcpu, memory, disk float64 } // GB

func (s workerSize) plus(other workerSize, times float64) workerSize {
	return workerSize{s.vcpu + times*other.vcpu, s.memory + times*other.memory, s.disk + times*other.disk}
}

// within says whether it is not more than a limit, of which zero is none.
func (s workerSize) within(most workerSize) bool {
	fits := func(size, limit float64) bool { return limit == 0 || size <= limit }
	return fits(s.vcpu, most.vcpu) && fits(s.memory, most.memory) && fits(s.disk, most.disk)
}

// unplayedOfSpark are properties of an application that would change what its jobs do.
var unplayedOfSpark = []string{"ImageConfiguration", "RuntimeConfiguration", "WorkerTypeSpecifications"}

func (l *Lab) readApplications() error {
	for _, id := range l.stack.ByType("AWS::EMRServerless::Application") {
		resource := l.stack.Resources[id]
		a := &sparkApplication{
			id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Arn"), label: cfn.Text(resource.Get("ReleaseLabel")), state: appCreated,
			autoStart: resource.Get("AutoStartConfiguration", "Enabled") != false, idle: defaultIdle, warm: len(cfn.List(resource.Get("InitialCapacity"))) > 0,
		}
		if kind := cfn.Text(resource.Get("Type")); !strings.EqualFold(kind, "Spark") {
			return fmt.Errorf("application %s: the lab has no applications of the type %s, expected SPARK", id, kind)
		}
		for _, name := range unplayedOfSpark {
			if resource.Get(name) != nil {
				return fmt.Errorf("application %s: the lab does not know %s", id, name)
			}
		}
		if minutes := number(resource.Get("AutoStopConfiguration", "IdleTimeoutMinutes")); minutes > 0 {
			a.idle = time.Duration(minutes) * time.Minute
		}
		if resource.Get("AutoStopConfiguration", "Enabled") == false {
			a.idle = 0
		}
		if err := a.readCapacity(resource); err != nil {
			return fmt.Errorf("application %s: %w", id, err)
		}
		if storage := resource.Get("MonitoringConfiguration", "ManagedPersistenceMonitoringConfiguration"); storage != nil && cfn.Field(storage, "Enabled") != false {
			a.key, _ = cfn.Field(storage, "EncryptionKeyArn").(string)
		}
		if logs := resource.Get("MonitoringConfiguration", "CloudWatchLoggingConfiguration"); logs != nil && cfn.Field(logs, "Enabled") != false {
			a.logs, _ = cfn.Field(logs, "LogGroupName").(string)
		}
		l.applications[a.name] = a
	}
	return nil
}

func (a *sparkApplication) readCapacity(resource cfn.Resource) error {
	for name, size := range map[string]*float64{"Cpu": &a.most.vcpu, "Memory": &a.most.memory, "Disk": &a.most.disk} {
		given := resource.Get("MaximumCapacity", name)
		if given == nil {
			continue
		}
		digits := strings.TrimRight(strings.ToLower(cfn.Text(given)), "vcpugb ")
		parsed, err := strconv.ParseFloat(digits, 64)
		if err != nil || parsed <= 0 {
			return fmt.Errorf("got MaximumCapacity.%s %q, expected for example 8 vCPU or 20 GB", name, cfn.Text(given))
		}
		*size = parsed
	}
	if resource.Get("SchedulerConfiguration") == nil {
		return nil
	}
	a.concurrent, a.patience = defaultConcurrent, defaultPatience
	if most := int(number(resource.Get("SchedulerConfiguration", "MaxConcurrentRuns"))); most > 0 {
		a.concurrent = most
	}
	if minutes := number(resource.Get("SchedulerConfiguration", "QueueTimeoutMinutes")); minutes > 0 {
		a.patience = time.Duration(minutes) * time.Minute
	}
	return nil
}

// turn changes the state of an application.
// Source: Amazon EMR Serverless User Guide, "Automating EMR Serverless with Amazon EventBridge", read 2026-11.
func (l *Lab) turnApplication(a *sparkApplication, state string) {
	before := a.state
	a.state = state
	a.changes++
	l.tell("emr-serverless", "ApplicationChanged", a.id, map[string]any{"state": state, "from": before})
	l.emit("aws.emr-serverless", "EMR Serverless Application State Change", nil, map[string]any{
		"applicationId": a.name, "arn": a.arn, "releaseLabel": a.label, "state": state, "previousState": before, "type": "SPARK",
		"updatedAt": l.clock.Now().UTC().Format(time.RFC3339Nano),
	})
	waiting := a.waiting
	a.waiting = nil
	for _, f := range waiting {
		f()
	}
}

// startApplicationFor starts an application that does not run, and has its runs go on when it does.
func (l *Lab) startApplicationFor(a *sparkApplication) {
	if a.state == appStarting || a.state == appStarted {
		return
	}
	l.turnApplication(a, appStarting)
	change := a.changes
	l.later(applicationStart, func() {
		if a.changes == change {
			l.turnApplication(a, appStarted)
			l.goOn(a)
			l.restApplication(a)
		}
	})
}

// restApplication lets an application stop when it has had no run for long enough. Nothing waits for that.
func (l *Lab) restApplication(a *sparkApplication) {
	if len(a.runs) > 0 || a.idle == 0 || a.state != appStarted {
		return
	}
	a.rests++ // what was planned before counts from the end of an earlier run
	rest := a.rests
	l.background(a.idle, func() {
		if a.rests == rest && len(a.runs) == 0 && a.state == appStarted {
			l.stopApplicationFor(a, l.background)
		}
	})
}

func (l *Lab) stopApplicationFor(a *sparkApplication, after func(time.Duration, func())) {
	l.turnApplication(a, appStopping)
	change := a.changes
	after(applicationStop, func() {
		if a.changes == change {
			l.turnApplication(a, appStopped)
		}
	})
}

// held is what the workers of all its runs have.
func (a *sparkApplication) held() workerSize {
	var all workerSize
	for _, run := range a.runs {
		all = all.plus(run.workers, 1)
	}
	return all
}

func (a *sparkApplication) inState(states ...string) []*sparkRun {
	var found []*sparkRun
	for _, run := range a.runs {
		if slices.Contains(states, run.state) {
			found = append(found, run)
		}
	}
	return found
}

func (a *sparkApplication) describe() map[string]any {
	return map[string]any{"ApplicationId": a.name, "Arn": a.arn, "ReleaseLabel": a.label, "Type": "SPARK", "State": a.state}
}
