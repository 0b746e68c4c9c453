package main

import (
	"slices"

	"example.com/pipewright/scaffold/answers"
)

// question asks for one answer. What it accepts is what answers.yaml accepts at that path.
type question struct {
	path    string
	title   string
	why     string
	kind    questionKind
	options []option                    // of a choice
	start   string                      // the reply to begin with; yes or no of a decision
	when    func(*answers.Answers) bool // whether it matters for the answers so far; nil: always
}

type questionKind int

const (
	open     questionKind = iota // a line of text
	choice                       // one of the options
	decision                     // yes or no
)

type option struct{ value, label string }

// questions in the order in which they are asked: each may depend on those before it.
var questions = []question{
	{path: "name", title: "What is the pipeline called?", why: "It names the project and its stack."},
	{
		path: "start.on", title: "What starts a run?", why: "A file that lands and a clock need different services.",
		kind: choice, start: answers.OnObject, options: []option{
			{answers.OnObject, "an object that lands in S3"},
			{answers.OnSchedule, "a schedule"},
			{answers.OnEvent, "an event on the event bus"},
			{answers.OnDemand, "a person or another program"},
		},
	},
	{
		path: "start.prefix", title: "Under which key prefix do objects land?", why: "Only objects under it start a run.",
		start: answers.DefaultPrefix, when: startsOn(answers.OnObject),
	},
	{path: "start.suffix", title: "How do their keys end?", why: "For example .csv; empty: in any way.", when: startsOn(answers.OnObject)},
	{
		path: "start.timezone", title: "In which time zone does the schedule run?", why: "An IANA name such as America/Los_Angeles: daylight saving follows from it.",
		start: answers.DefaultTimezone, when: startsOn(answers.OnSchedule),
	},
	{
		path: "start.schedule", title: "When? cron(), rate() or at()", why: "cron(minutes hours day-of-month month day-of-week year); a ? where the other day field decides.",
		start: "cron(0 8 * * ? *)", when: startsOn(answers.OnSchedule),
	},
	{
		path: "start.pattern", title: "Which events? An event pattern, as JSON", why: "Everything that matches starts a run.",
		start: `{"source": ["partner.orders"]}`, when: startsOn(answers.OnEvent),
	},
	{
		path: "work", title: "What does a run do? In order, with commas between",
		why:   "crawler, glue-job, lambda, emr-job, batch-job, redshift-sql, http-api, sql-server: a mix needs an orchestrator.",
		start: "crawler, glue-job",
	},
	{
		path: "control.branches", title: "Does what comes next depend on a result?", why: "A choice between steps, such as load or reject, needs Step Functions.",
		kind: decision, start: no, when: severalSteps,
	},
	{
		path: "control.resume", title: "Must a failed run go on from the step that failed?", why: "Step Functions can redrive an execution; elsewhere a run starts over or is resumed by hand.",
		kind: decision, start: no, when: severalSteps,
	},
	{
		path: "control.approval", title: "Must a person approve before it goes on?", why: "Step Functions can wait for a person up to a year.",
		kind: decision, start: no,
	},
	{
		path: "control.backfill", title: "Will past days be run again (backfill)?", why: "Airflow runs any past interval again; the others need your own loop.",
		kind: decision, start: no, when: startsOn(answers.OnSchedule),
	},
	{
		path: "team.airflow", title: "Does your team prefer open source and Python DAGs?", why: "That is Airflow, on Amazon MWAA. It bills while idle.",
		kind: decision, start: no,
	},
	{
		path: "volume.runs_per_month", title: "About how many runs are there in a month?", why: "Airflow is slow and costly at more than one a minute.",
		start: "30", when: airflowByEvents,
	},
	{path: "volume.gb_per_run", title: "How many GB does a run read?", why: "A Lambda function holds 10.", start: "1", when: singleFunction},
	{
		path: "network.on_premises", title: "How does a run reach a network on your premises?", why: "Only Airflow's workers run inside your VPC by themselves.",
		kind: choice, start: answers.NoNetwork, options: []option{
			{answers.NoNetwork, "not at all"},
			{answers.Peering, "VPC peering"},
			{answers.VPN, "site-to-site VPN"},
		},
	},
	{
		path: "network.cidr", title: "Which addresses does the VPC take?", why: "An IPv4 block, /26 to /16: four subnets must fit.",
		start: "10.20.0.0/16", when: connected,
	},
	{
		path: "network.on_premises_cidr", title: "Which addresses are on your premises?", why: "They must not overlap the VPC's.",
		start: "192.168.0.0/16", when: connected,
	},
	{path: "control.longest_minutes", title: "How many minutes may a step take?", why: "It is stopped then; a Lambda function at 15 in any case.", start: "15"},
	{path: "notify", title: "Which e-mail address hears of failures?", why: "Every alarm goes there; empty: nobody."},
	{path: "lab", title: "Is this a lab?", why: "In a lab everything, data too, is removed with the stack.", kind: decision, start: yes},
}

const (
	yes = "yes"
	no  = "no"
)

func startsOn(on string) func(*answers.Answers) bool {
	return func(a *answers.Answers) bool { return a.Start.On == on }
}

func severalSteps(a *answers.Answers) bool { return len(a.Work) > 1 }

// singleFunction says that one Lambda function may be the whole run, if it is not too large.
func singleFunction(a *answers.Answers) bool {
	return slices.Equal(a.Work, []string{answers.Lambda}) || slices.Equal(a.Work, []string{answers.HTTPAPI})
}

// airflowByEvents says that Airflow is near, and that no schedule tells how often it would run.
func airflowByEvents(a *answers.Answers) bool {
	outside := 0
	for _, step := range a.Work {
		if step == answers.HTTPAPI || step == answers.SQLServer {
			outside++
		}
	}
	return a.Start.On != answers.OnSchedule && (a.Team.Airflow || outside > 1)
}

func connected(a *answers.Answers) bool { return a.Network.OnPremises != answers.NoNetwork }
