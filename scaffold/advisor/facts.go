package advisor

import (
	"slices"
	"strings"

	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cost"
)

// Limits of the services that rules look at.
const (
	// lambdaMinutes is the longest that a Lambda function may run, in minutes.
	// Source: AWS Lambda Developer Guide, "Lambda quotas", read 2026-11.
	lambdaMinutes = 15
	// lambdaGB is the memory and the temporary storage of a function at most (10,240 MB each).
	// Source: AWS Lambda Developer Guide, "Lambda quotas", read 2026-11.
	lambdaGB = 10
	// dataAPIMinutes is the longest that a statement sent through the Redshift Data API may run, in minutes.
	// Source: Amazon Redshift Management Guide, "Considerations when calling the Amazon Redshift Data API", read 2026-11.
	dataAPIMinutes = 24 * 60
	// manyRuns is a run every minute: what Airflow, which polls, is slow and costly at.
	manyRuns = 60 * 24 * 30
	// serverlessMinutes is the longest that a task of MWAA Serverless may run, in minutes.
	// Source: Amazon MWAA Serverless User Guide, "Apache Airflow Parameter Support" (execution_timeout), read 2026-11.
	serverlessMinutes = 60
	// monthMinutes is a month, in minutes.
	monthMinutes = 60 * 24 * 30
)

// facts are the answers as the rules look at them.
type facts struct {
	*answers.Answers
	steps     int
	glueOnly  bool // every step is a crawler or a Glue job
	onlyQuery bool // the single step is a statement in Redshift
	function  bool // the single step is a function, or a call that a function can make
	services  int  // different AWS services among the steps
	external  int  // steps outside AWS
	connected bool // a network on premises is reached
	oneOff    bool // the schedule is an at()
	controls  bool // branches, approval or resume

	bills map[string]*cost.Estimate // by example; see bill
}

func learn(a *answers.Answers) *facts {
	f := &facts{Answers: a, steps: len(a.Work), glueOnly: true, bills: map[string]*cost.Estimate{}}
	services := map[string]bool{}
	for _, step := range a.Work {
		switch step {
		case answers.Crawler, answers.GlueJob:
			services["glue"] = true
		case answers.HTTPAPI, answers.SQLServer:
			f.external++
			f.glueOnly = false
		default:
			services[step] = true
			f.glueOnly = false
		}
	}
	f.services = len(services)
	f.onlyQuery = slices.Equal(a.Work, []string{answers.RedshiftSQL})
	f.function = slices.Equal(a.Work, []string{answers.Lambda}) || slices.Equal(a.Work, []string{answers.HTTPAPI})
	f.connected = a.Network.OnPremises == answers.Peering || a.Network.OnPremises == answers.VPN
	f.oneOff = a.Start.On == answers.OnSchedule && strings.HasPrefix(a.Start.Schedule, "at(")
	f.controls = a.Control.Branches || a.Control.Approval || a.Control.Resume
	return f
}

func (f *facts) has(step string) bool { return slices.Contains(f.Work, step) }

func (f *facts) count(step string) int {
	n := 0
	for _, candidate := range f.Work {
		if candidate == step {
			n++
		}
	}
	return n
}

// byEvent says that a run starts when something happens, not at a time.
func (f *facts) byEvent() bool {
	return f.Start.On == answers.OnObject || f.Start.On == answers.OnEvent
}

// shortFunction says that one function can do the whole run.
func (f *facts) shortFunction() bool {
	return f.function && f.Control.LongestMinutes <= lambdaMinutes && f.Volume.GBPerRun <= lambdaGB
}

// serverlessAirflow says that MWAA Serverless would do what Airflow would, and that an environment would idle for most of the time.
// It runs AWS services' operators alone, and knows neither catchup nor code of one's own that branches or waits.
// Source: Amazon MWAA Serverless User Guide, "Supported operators", "Apache Airflow Parameter Support", read 2026-11.
func (f *facts) serverlessAirflow() bool {
	busy := f.Volume.RunsPerMonth * float64(f.Control.LongestMinutes)
	return f.external == 0 && !f.connected && !f.Control.Backfill && !f.Control.Branches && !f.Control.Approval &&
		f.Control.LongestMinutes <= serverlessMinutes && busy < monthMinutes/2
}

// scheduledStatement says that the run is one statement at times that repeat.
func (f *facts) scheduledStatement() bool {
	return f.onlyQuery && f.Start.On == answers.OnSchedule && !f.oneOff && f.Control.LongestMinutes <= dataAPIMinutes
}
