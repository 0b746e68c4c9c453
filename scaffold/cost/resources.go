package cost

import (
	"slices"
	"strings"

	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/schedule"
)

// The examples, each a stack of the same name.
const (
	glueWorkflow   = "glueworkflow"
	stateMachine   = "statemachine"
	airflow        = "airflow"
	scheduledQuery = "scheduledquery"
	eventFunction  = "eventfunction"
)

// Resources are what an example's stack has that is paid for while nothing runs.
type Resources struct {
	Alarms, Dashboards, Metrics int
	Keys, Secrets               int
	NATs, Addresses, VPNs       int
	EndpointZones               int // interface endpoints, counted in each zone
	Environments, Warehouses    int
}

// Created are the resources of an example's stack for the answers.
func Created(example string, a *answers.Answers) Resources {
	r := Resources{Dashboards: 1, Keys: 1}
	switch example {
	case glueWorkflow:
		r.Alarms = 1 + startAlarms(a)
		for _, step := range a.Work {
			if step == answers.Crawler || step == answers.GlueJob {
				r.Alarms += 3 // it failed, and the event that tells so could not be delivered, or was lost
			}
		}
	case stateMachine:
		r.addMachine(a)
	case eventFunction:
		r.Alarms, r.Metrics = 6+startAlarms(a), 3
	case airflow:
		r.addAirflow(a)
	case scheduledQuery:
		r.Alarms = 6
		if missed(a) {
			r.Alarms++
		}
		r.addWarehouse(a)
	}
	return r
}

// addMachine counts what a state machine's stack has.
func (r *Resources) addMachine(a *answers.Answers) {
	r.Alarms = 4 + startAlarms(a)
	steps := kinds(a.Work)
	calls := slices.ContainsFunc(steps, func(kind string) bool { return kind == validate || kind == convert || kind == publish })
	if a.Start.On != answers.OnDemand || calls {
		r.Alarms++ // the dead-letter queue
	}
	for _, kind := range steps {
		switch kind {
		case validate, publish:
			r.Alarms++
		case convert:
			r.Alarms++
			r.Metrics += 3
		case answers.BatchJob:
			// Three endpoints: a container's image and logs. Outside a lab they are in two zones.
			r.EndpointZones += 3
			if !a.Lab {
				r.EndpointZones += 3
			}
		case answers.RedshiftSQL:
			r.addWarehouse(a)
		}
	}
}

// addWarehouse counts a warehouse of the project's own: with it, an alarm on its compute, and its admin's secret.
func (r *Resources) addWarehouse(a *answers.Answers) {
	if a.Redshift.Workgroup == "" {
		r.Alarms++
		r.Secrets++
		r.Warehouses++
	}
}

// addAirflow counts what the stack of an environment has.
func (r *Resources) addAirflow(a *answers.Answers) {
	r.Alarms, r.Environments = 5, 1
	byEvent := a.Start.On == answers.OnObject || a.Start.On == answers.OnEvent
	switch {
	case byEvent:
		r.Alarms += 5 // of the rule, and of the function that starts the DAG
	case missed(a):
		r.Alarms++
	}
	for _, step := range []string{answers.HTTPAPI, answers.SQLServer} {
		if slices.Contains(a.Work, step) {
			r.Secrets++ // its connection
		}
	}
	if a.Network.OnPremises == answers.VPN {
		r.Alarms, r.VPNs = r.Alarms+1, 1
	}
	const zones = 2
	if a.Network.Outbound == answers.Endpoints {
		const services = 10 // that MWAA needs without the Internet; mwaa.Endpoints lists them
		r.EndpointZones = services * zones
		return
	}
	r.NATs, r.Addresses = 1, 1
	if byEvent && !a.Lab {
		r.EndpointZones = zones // for the function that starts the DAG
	}
}

// startAlarms are those on what starts a run: two on a rule, three on a schedule and one on runs that are missing.
func startAlarms(a *answers.Answers) int {
	switch {
	case a.Start.On == answers.OnObject, a.Start.On == answers.OnEvent:
		return 2
	case missed(a):
		return 4
	case a.Start.On == answers.OnSchedule:
		return 3
	}
	return 0
}

// missed says whether an alarm looks for runs that are missing.
func missed(a *answers.Answers) bool {
	if a.Start.On != answers.OnSchedule {
		return false
	}
	days, err := schedule.MissedDays(a.Start.Schedule)
	return err == nil && days > 0
}

// What a lambda does in a state machine follows from its place in the work, as in stacks/statemachine.
const (
	validate = "validate" // the first of several steps
	convert  = "convert"  // as long as nothing has been written
	publish  = "publish"  // afterwards
)

// kinds are the steps of a state machine, with what each lambda does.
func kinds(work []string) []string {
	var all []string
	written := false
	for i, step := range work {
		switch {
		case step != answers.Lambda:
			written = written || step != answers.Crawler
		case i == 0 && len(work) > 1:
			step = validate
		case !written:
			step, written = convert, true
		default:
			step = publish
		}
		all = append(all, step)
	}
	return all
}

// idle are the resources as quantities of a month.
func (r Resources) idle(m *model) []quantity {
	hours := m.assumed("hours_per_month")
	class := strings.TrimPrefix(m.class(), "mw1.")
	all := []quantity{
		{Alarm, Whole(r.Alarms)},
		{Dashboard, Whole(r.Dashboards)},
		{Metric, Whole(r.Metrics)},
		{Key, Whole(r.Keys)},
		{Secret, Whole(r.Secrets)},
		{NATHour, hours.Mul(Whole(r.NATs))},
		{AddressHour, hours.Mul(Whole(r.Addresses))},
		{EndpointHour, hours.Mul(Whole(r.EndpointZones))},
		{VPNHour, hours.Mul(Whole(r.VPNs))},
	}
	if r.Warehouses > 0 {
		all = append(all, quantity{RedshiftStorage, m.assumed("redshift_stored_gb").Mul(Whole(r.Warehouses))})
	}
	if r.Environments > 0 {
		further := Whole(max(m.answers.Airflow.MinWorkers, 1) - 1)
		all = append(all, quantity{classes[class].hour, hours}, quantity{classes[class].worker, hours.Mul(further)},
			quantity{MWAAMetadata, m.assumed("airflow_metadata_gb")})
	}
	return all
}

// classes are the prices of an environment by its class, and the tasks that one of its workers runs at a time.
// Source: Amazon MWAA User Guide, "Configuring the Amazon MWAA environment class" (concurrent tasks by default), read 2026-11.
var classes = map[string]struct {
	hour, worker Item
	tasks        int
}{
	"micro":   {MWAAMicro, MWAASmallWorker, 3}, // it has one worker and takes no further one
	"small":   {MWAASmall, MWAASmallWorker, 5},
	"medium":  {MWAAMedium, MWAAMediumWorker, 10},
	"large":   {MWAALarge, MWAALargeWorker, 20},
	"xlarge":  {MWAAXLarge, MWAAXLargeWorker, 40},
	"2xlarge": {MWAA2XLarge, MWAA2XLWorker, 80},
}
