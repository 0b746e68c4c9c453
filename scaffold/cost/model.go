package cost

import (
	"cmp"
	"slices"

	"example.com/pipewright/scaffold/answers"
)

// Options of an estimate. The zero value takes the shipped prices, us-east-1, and the assumptions as they stand.
type Options struct {
	Prices  *Prices
	Region  string
	Assumed Assumed
}

func (o Options) withDefaults() Options {
	if o.Prices == nil {
		o.Prices = Shipped()
	}
	o.Region = cmp.Or(o.Region, DefaultRegion)
	return o
}

// model says what one run uses. It remembers which assumptions it took.
type model struct {
	options Options
	answers *answers.Answers
	used    map[string]bool
}

func newModel(a *answers.Answers, options Options) *model {
	return &model{options: options.withDefaults(), answers: a, used: map[string]bool{}}
}

// class is that of the Airflow environment.
func (m *model) class() string { return cmp.Or(m.answers.Airflow.Class, "mw1.small") }

func (m *model) megabytes() Decimal { return Float(m.answers.Volume.GBPerRun).Mul(Whole(1024)) }

// run is what one run uses with an example.
func (m *model) run(example string) Usage {
	var u Usage
	if m.answers.Start.On == answers.OnEvent {
		u.Events = Whole(1)
	}
	// The rule of a scheduled query is free, and a DAG has a schedule of its own.
	if m.answers.Start.On == answers.OnSchedule && example != scheduledQuery && example != airflow {
		u.ScheduledStarts = Whole(1)
	}
	switch example {
	case stateMachine:
		m.machine(&u)
	case eventFunction:
		m.function(&u, answers.Lambda)
	case airflow:
		m.airflow(&u)
	default:
		for _, step := range m.answers.Work {
			m.work(&u, step)
		}
	}
	return u
}

// work is what a step uses of the service that does it, whichever starts it.
func (m *model) work(u *Usage, step string) {
	gb := Float(m.answers.Volume.GBPerRun)
	switch step {
	case answers.GlueJob:
		u.GlueDPUHours = u.GlueDPUHours.Add(m.spark().at(gb))
	case answers.Crawler:
		u.CrawlerDPUHours = u.CrawlerDPUHours.Add(Crawl(m.assumed("crawler_dpu"), m.crawlSeconds()))
	case answers.EMRJob:
		each := m.emr().at(gb) // hours of all workers together
		u.EMRVCPUHours = u.EMRVCPUHours.Add(each.Mul(Whole(emrVCPU)))
		u.EMRGBHours = u.EMRGBHours.Add(each.Mul(Whole(emrGB)))
	case answers.BatchJob:
		vcpu, memory := m.container()
		seconds := m.assumed("fargate_fixed_seconds").Add(m.megabytes().Div(vcpu.Mul(m.assumed("mb_per_vcpu_second"))))
		u.FargateVCPUHours = u.FargateVCPUHours.Add(hours(vcpu, seconds, jobMinimum))
		u.FargateGBHours = u.FargateGBHours.Add(hours(memory, seconds, jobMinimum))
	case answers.RedshiftSQL:
		u.RPUHours = u.RPUHours.Add(hours(m.assumed("redshift_rpu"), m.querySeconds(), jobMinimum))
	case answers.Lambda, answers.HTTPAPI, convert, validate, publish:
		m.function(u, step)
	}
}

// A worker of the example's EMR Serverless application. Source: constructs/emrjob.
const (
	emrVCPU = 2
	emrGB   = 5
)

// Memory of the examples' functions, in MB. Sources: constructs/fileconverter, constructs/filevalidator.
var (
	converterMB = Whole(1769)
	validatorMB = Whole(256)
)

func (m *model) function(u *Usage, step string) {
	files := m.assumed("files_per_run")
	memory, seconds := converterMB, m.megabytes().Div(m.assumed("function_mb_per_second")).Add(m.assumed("function_seconds").Mul(files))
	switch step {
	case validate:
		memory, seconds = validatorMB, m.assumed("function_seconds").Mul(files)
	case publish:
		memory, seconds, files = validatorMB, m.assumed("function_seconds"), Whole(1)
	}
	u.FunctionCalls = u.FunctionCalls.Add(files)
	u.FunctionGBSeconds = u.FunctionGBSeconds.Add(Call(memory, seconds))
}

func (m *model) crawlSeconds() Decimal {
	return m.assumed("crawler_seconds").Add(Whole(2).Mul(Float(m.answers.Volume.GBPerRun)))
}

func (m *model) querySeconds() Decimal {
	return m.assumed("redshift_seconds_per_gb").Mul(Float(m.answers.Volume.GBPerRun)).Mul(Whole(8)).Div(m.assumed("redshift_rpu"))
}

// container is vCPU and memory in GB. The default is that of the example.
func (m *model) container() (vcpu, memory Decimal) {
	vcpu, memory = exact("0.5"), Whole(1)
	if given, err := ParseDecimal(m.answers.Batch.VCPU); err == nil && m.answers.Batch.MemoryMiB > 0 {
		return given, Whole(m.answers.Batch.MemoryMiB).Div(Whole(1024))
	}
	return vcpu, memory
}

// airflow is what a DAG run uses: each step is a task. A task that starts a job elsewhere defers; one that copies data holds its place.
func (m *model) airflow(u *Usage) {
	var seconds Decimal
	for _, step := range kinds(m.answers.Work) {
		seconds = seconds.Add(m.assumed("airflow_task_seconds"))
		if step == answers.HTTPAPI || step == answers.SQLServer {
			seconds = seconds.Add(m.megabytes().Div(m.assumed("airflow_copy_mb_per_second")))
			continue
		}
		m.work(u, step)
	}
	if slices.Contains(m.answers.Work, answers.HTTPAPI) && m.answers.Network.Outbound != answers.Endpoints {
		u.NATGB = Float(m.answers.Volume.GBPerRun)
	}
	if m.answers.Start.On == answers.OnObject || m.answers.Start.On == answers.OnEvent {
		u.FunctionCalls = u.FunctionCalls.Add(Whole(1))
		u.FunctionGBSeconds = u.FunctionGBSeconds.Add(Call(validatorMB, m.assumed("function_seconds")))
	}
	u.WorkerHours = seconds.Div(secondsOfHour).Div(Whole(classes[m.class()[len("mw1."):]].tasks))
}

// machine is what an execution uses: the work, and a transition for each state that a good run enters.
func (m *model) machine(u *Usage) {
	steps := kinds(m.answers.Work)
	states := Whole(1) // Done
	if m.answers.Start.On == answers.OnObject || m.answers.Start.On == answers.OnEvent {
		states = states.Add(Whole(1)) // Take object, or Take event
	}
	if m.answers.Control.Approval {
		states = states.Add(Whole(1))
		u.Publishes, u.Emails = Whole(1), Whole(1)
	}
	for _, kind := range steps {
		states = states.Add(m.states(u, kind))
		m.work(u, kind)
	}
	u.Transitions = states
}

// states are how many a step enters. A state that waits and looks again is entered each time.
func (m *model) states(u *Usage, kind string) Decimal {
	const each = 3 // wait, look, choose
	const crawlerLooks, queryLooks = 20, 10
	switch kind {
	case validate:
		if m.answers.Start.On == answers.OnObject {
			return Whole(2)
		}
		// A distributed Map: each file is an Express execution of its own.
		files := m.assumed("files_per_run")
		u.ExpressRequests = u.ExpressRequests.Add(files)
		seconds := m.assumed("function_seconds").Add(exact("0.5"))
		u.ExpressGBHours = u.ExpressGBHours.Add(m.express(seconds).Mul(files))
		return Whole(3).Add(files)
	case convert:
		if m.answers.Start.On == answers.OnObject {
			return Whole(2)
		}
		return Whole(3)
	case answers.Crawler:
		looks := m.crawlSeconds().Div(Whole(crawlerLooks)).Ceil()
		return Whole(1).Add(looks.Mul(Whole(each)))
	case answers.RedshiftSQL:
		looks := larger(Whole(1), m.querySeconds().Div(Whole(queryLooks)).Ceil())
		return Whole(1).Add(looks.Mul(Whole(each)))
	}
	return Whole(1)
}

// express are the GB-hours of an Express execution: time in steps of 100 ms, memory in steps of 64 MB.
// Source: AWS Step Functions pricing, "Express Workflows pricing details", read 2026-11.
func (m *model) express(seconds Decimal) Decimal {
	tenths := seconds.Mul(Whole(10)).Ceil().Div(Whole(10))
	memory := m.assumed("express_mb").Div(Whole(64)).Ceil().Mul(Whole(64)).Div(Whole(1024))
	return memory.Mul(tenths).Div(secondsOfHour)
}
