package main

import (
	"fmt"
	"slices"
	"strconv"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
)

// question asks for one answer. What it accepts is what answers.yaml accepts at that path.
type question struct {
	path    string
	title   string
	why     string
	kind    questionKind
	options []option                    // of a choice; of a line of text: what may stand in it
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

// table is the values, padded so that the labels beside them stand below each other.
func table(options []option) []option {
	widest := 0
	for _, option := range options {
		widest = max(widest, len(option.value))
	}
	var rows []option
	for _, row := range options {
		rows = append(rows, option{fmt.Sprintf("%-*s  ", widest, row.value), row.label})
	}
	return rows
}

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
		why:   "Steps of several services need an orchestrator.",
		start: "crawler, glue-job", options: []option{
			{answers.Crawler, "a Glue crawler"},
			{answers.GlueJob, "Spark in AWS Glue"},
			{answers.Lambda, "a Lambda function"},
			{answers.EMRJob, "Spark on EMR Serverless"},
			{answers.BatchJob, "a container on AWS Batch"},
			{answers.RedshiftSQL, "SQL in Amazon Redshift"},
			{answers.HTTPAPI, "data from an HTTP API"},
			{answers.SQLServer, "data from a SQL Server"},
		},
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
		path: "volume.runs_per_month", title: "About how many runs are there in a month?", why: "The bill counts them, and more than one a minute is too much for Airflow.",
		start: "30", when: func(a *answers.Answers) bool { return a.Start.On != answers.OnSchedule },
	},
	{path: "volume.gb_per_run", title: "How many GB does a run read?", why: "The bill follows from it, and a Lambda function holds 10.", start: "1"},
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
	{
		path: "network.peer_vpc", title: "What is the id of the other VPC?", why: "It begins with vpc-; its owner accepts the connection, of this account it is accepted at once.",
		when: connectedBy(answers.Peering),
	},
	{
		path: "network.peer_account", title: "In which account is it?", why: "12 digits; empty: in the project's own.",
		when: connectedBy(answers.Peering),
	},
	{
		path: "network.peer_region", title: "In which Region is it?", why: "For example eu-central-1; empty: in the project's own.",
		when: connectedBy(answers.Peering),
	},
	{
		path: "network.peer_route_tables", title: "Which of its route tables get the way back?", why: "Ids with commas between; empty: an output says which route to add by hand.",
		when: peeredHere,
	},
	{
		path: "network.customer_gateway_ip", title: "What is the public address of your device?", why: "The static IPv4 address at which the tunnels end, or of the NAT device before it.",
		when: connectedBy(answers.VPN),
	},
	{
		path: "network.bgp_asn", title: "What is its autonomous system number (BGP)?", why: "Routes then come by BGP; empty: one static route.",
		when: connectedBy(answers.VPN),
	},
	{path: "batch.vcpu", title: "How many vCPUs does the container job have?", why: "Fargate has 0.25, 0.5, 1, 2, 4, 8 and 16.", start: answers.DefaultVCPU, when: does(answers.BatchJob)},
	{
		path: "batch.memory_mib", title: "And how much memory, in MiB?", why: "Not every amount goes with the vCPUs: 1 takes 2048 to 8192 in steps of 1024.",
		start: strconv.Itoa(answers.DefaultMemoryMiB), when: does(answers.BatchJob),
	},
	{
		path: "redshift.workgroup", title: "Which workgroup of Redshift Serverless runs the SQL?", why: "One that is there already; empty: the project makes one, with sample data.",
		when: does(answers.RedshiftSQL),
	},
	{
		path: "redshift.database", title: "And which of its databases?", why: "The statement runs there.",
		start: "dev", when: func(a *answers.Answers) bool { return a.Redshift.Workgroup != "" },
	},
	{path: "control.longest_minutes", title: "How many minutes may a step take?", why: "It is stopped then; a Lambda function at 15 in any case.", start: "15"},
	{
		path: "airflow.class", title: "How large is the Airflow environment?", why: "It is billed for every hour that it exists, also while nothing runs.",
		kind: choice, start: "mw1.small", when: likelyAirflow, options: []option{
			{answers.MicroClass, "25 DAGs, 3 tasks at once on one worker: to try it out"},
			{"mw1.small", "50 DAGs, 5 tasks at once on each worker"},
			{"mw1.medium", "250 DAGs, 10 tasks at once on each worker"},
			{"mw1.large", "1,000 DAGs, 20 tasks at once on each worker"},
			{"mw1.xlarge", "2,000 DAGs, 40 tasks at once on each worker"},
			{"mw1.2xlarge", "4,000 DAGs, 80 tasks at once on each worker"},
		},
	},
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

func connected(a *answers.Answers) bool {
	return a.Network.OnPremises == answers.Peering || a.Network.OnPremises == answers.VPN
}

func connectedBy(how string) func(*answers.Answers) bool {
	return func(a *answers.Answers) bool { return a.Network.OnPremises == how }
}

// peeredHere says that the stack can change the other VPC's route tables.
func peeredHere(a *answers.Answers) bool {
	return a.Network.OnPremises == answers.Peering && a.Network.PeerAccount == "" && a.Network.PeerRegion == ""
}

func does(step string) func(*answers.Answers) bool {
	return func(a *answers.Answers) bool { return slices.Contains(a.Work, step) }
}

// likelyAirflow is asked after everything that the choice depends on.
func likelyAirflow(a *answers.Answers) bool { return advisor.Choose(a) == advisor.Airflow }
