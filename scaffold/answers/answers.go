// Package answers reads, checks and writes answers.yaml: what a user says about a data pipeline.
//
// Every fault of a file is reported at once, each with its line and a way to mend it. What AWS would accept at synth and
// refuse, or worse run, at deploy is refused here: hour 25, a /30 network, a time in the past. The package asks nothing
// on a terminal, chooses no service, reads no clock and no file; secrets are refused, never kept.
// Sources stand where a limit is; besides it follows the user guides of Amazon EventBridge Scheduler ("Schedule types"), Amazon S3 ("Naming Amazon S3 objects"),
// Amazon VPC ("VPC CIDR blocks") and Amazon EventBridge ("Creating event patterns").
package answers

import "slices"

// Version is the version of the answers that this package reads and writes.
const Version = 1

// The values that an answer may take, in the order in which they are best shown.
var (
	// StartValues are the values of start.on.
	StartValues = []string{OnObject, OnSchedule, OnEvent, OnDemand}
	// WorkValues are the steps that work may list.
	WorkValues = []string{Crawler, GlueJob, Lambda, EMRJob, BatchJob, RedshiftSQL, HTTPAPI, SQLServer}
	// OnPremisesValues are the values of network.on_premises.
	OnPremisesValues = []string{NoNetwork, Peering, VPN}
	// OutboundValues are the values of network.outbound.
	OutboundValues = []string{Endpoints, NAT}
)

// Values of start.on.
const (
	OnObject   = "object"
	OnSchedule = "schedule"
	OnEvent    = "event"
	OnDemand   = "demand"
)

// Steps of work.
const (
	Crawler     = "crawler"
	GlueJob     = "glue-job"
	Lambda      = "lambda"
	EMRJob      = "emr-job"
	BatchJob    = "batch-job"
	RedshiftSQL = "redshift-sql"
	HTTPAPI     = "http-api"
	SQLServer   = "sql-server"
)

// Values of network.on_premises.
const (
	NoNetwork = "none"
	Peering   = "peering"
	VPN       = "vpn"
)

// Values of network.outbound.
const (
	Endpoints = "endpoints" // interface endpoints, one for each service: only AWS can be reached
	NAT       = "nat"       // a NAT gateway: everything can be reached
)

// Answers are what a user said. Parse fills in the default of what is absent.
type Answers struct {
	Version int
	Name    string // a-z, 0-9, hyphen; empty: the project's folder names it
	Start   Start
	Work    []string // steps in order
	Control Control
	Team    Team
	Volume  Volume
	Network Network
	// The zero value of what follows up to Notify, and of most of Network, is that nothing was said.
	Airflow  Airflow
	Batch    Batch
	Redshift Redshift
	Notify   string // e-mail address; empty: nobody is told
	Lab      bool   // everything, data too, is removed with the stack
}

// Start is what starts a run. Only the fields that belong to On are set.
type Start struct {
	On       string
	Prefix   string         // object: key prefix, default raw/
	Suffix   string         // object: key suffix, default any
	Schedule string         // schedule: cron(), rate() or at()
	Timezone string         // schedule: IANA name, default UTC
	Pattern  map[string]any // event: an event pattern as encoding/json would read it
}

// Control is what the run needs besides its steps.
type Control struct {
	Branches       bool // what comes next depends on a result
	Approval       bool // a person approves before the run goes on
	Resume         bool // a failed run goes on from the step that failed
	Backfill       bool // past intervals run again
	LongestMinutes int  // the longest step, in minutes, default 15
}

// Team is what the people bring.
type Team struct {
	Airflow bool // prefers open source and Python DAGs
}

// Volume is how much there is to do.
type Volume struct {
	RunsPerMonth float64 // default 30
	GBPerRun     float64 // data that one run reads, in GB, default 1
}

// Network is the VPC, and the connection to what is not on AWS.
type Network struct {
	OnPremises        string   // default none
	Cidr              string   // IPv4 range of the VPC
	OnPremisesCidr    string   // IPv4 range on the other side
	Outbound          string   // how what runs in the VPC reaches AWS and the internet
	PeerVPC           string   // peering: the other VPC
	PeerAccount       string   // peering: the account of the other VPC; empty: the project's own
	PeerRegion        string   // peering: the Region of the other VPC; empty: the project's own
	PeerRouteTables   []string // peering: the other VPC's route tables, which get the way back
	CustomerGatewayIP string   // vpn: the public IPv4 address of the device on premises
	BgpASN            int      // vpn: the autonomous system number of that device; 0: static routes
}

// Airflow is version and size of the environment.
type Airflow struct {
	Version    string
	Class      string
	MinWorkers int
	MaxWorkers int
}

// Batch is the size of a container job. Parse fills in the one that belongs to the other.
type Batch struct {
	VCPU      string
	MemoryMiB int
}

// Redshift is a workgroup of Redshift Serverless that is there already; empty: the project makes its own.
type Redshift struct {
	Workgroup string
	Database  string
}

// Default is a sandbox with the worked example of a Glue workflow. It has no name.
//
// An answers file without the key lab keeps its data: only an explicit lab: true deletes with the stack.
func Default() Answers {
	all := absent()
	all.Start = Start{On: OnObject, Prefix: DefaultPrefix}
	all.Work = []string{Crawler, GlueJob}
	all.Lab = true
	return all
}

// Defaults of absent answers.
const (
	DefaultPrefix         = "raw/"
	DefaultTimezone       = "UTC"
	DefaultLongestMinutes = 15
	DefaultRunsPerMonth   = 30
	DefaultGBPerRun       = 1
)

// absent are the answers of a file that gives none.
func absent() Answers {
	return Answers{
		Version: Version,
		Control: Control{LongestMinutes: DefaultLongestMinutes},
		Volume:  Volume{RunsPerMonth: DefaultRunsPerMonth, GBPerRun: DefaultGBPerRun},
		Network: Network{OnPremises: NoNetwork},
	}
}

// Ready reports what a project needs beyond what a recommendation needs: a name, and both sides of a connected network.
// Its error is Problems; file names the answers in it.
func (a *Answers) Ready(file string) error {
	var problems Problems
	missing := func(path, message, hint string) {
		problems = append(problems, Problem{File: file, Path: path, Message: message, Hint: hint})
	}
	if a.Name == "" {
		missing("name", "is missing, expected the project's name", nameHint)
	}
	if a.Network.OnPremises == Peering || a.Network.OnPremises == VPN {
		if a.Network.Cidr == "" {
			missing("network.cidr", "is missing, "+a.Network.OnPremises+" needs the VPC's range", cidrHint)
		}
		if a.Network.OnPremisesCidr == "" {
			missing("network.on_premises_cidr", "is missing, "+a.Network.OnPremises+" needs the range on the other side", "for example 192.168.0.0/16; it must not overlap the VPC's")
		}
	}
	if a.Network.OnPremises == Peering && a.Network.PeerVPC == "" {
		missing("network.peer_vpc", "is missing, peering needs the other VPC", peerVPCHint)
	}
	if a.Network.OnPremises == VPN && a.Network.CustomerGatewayIP == "" {
		missing("network.customer_gateway_ip", "is missing, vpn needs the address of the device on premises", gatewayHint)
	}
	return problems.orNil()
}

// Clone returns a deep copy, so that a change of the copy leaves a alone. Start.Pattern is shared: nothing here writes to it.
func (a *Answers) Clone() *Answers {
	copied := *a
	copied.Work = slices.Clone(a.Work)
	copied.Network.PeerRouteTables = slices.Clone(a.Network.PeerRouteTables)
	return &copied
}
