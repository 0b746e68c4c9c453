package answers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// AirflowVersions are what a new Amazon MWAA environment can be, the oldest first.
// Source: Amazon MWAA API Reference, CreateEnvironment, AirflowVersion, read 2026-11.
var AirflowVersions = []string{"2.7.2", "2.8.1", "2.9.2", "2.10.1", "2.10.3", "2.11.0", "3.0.6"}

// AirflowClasses are the sizes of an environment, the smallest first.
// Source: Amazon MWAA API Reference, CreateEnvironment, EnvironmentClass, read 2026-11.
var AirflowClasses = []string{MicroClass, "mw1.small", "mw1.medium", "mw1.large", "mw1.xlarge", "mw1.2xlarge"}

// MicroClass is the environment in which one container is scheduler and only worker.
// Source: Amazon MWAA User Guide, "Configuring the Amazon MWAA environment class", read 2026-11.
const MicroClass = "mw1.micro"

// MaxWorkers is the quota of workers of an environment, before AWS raises it.
// Source: AWS General Reference, "Amazon Managed Workflows for Apache Airflow endpoints and quotas", read 2026-11.
const MaxWorkers = 25

var versionNumber = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4}){1,3}$`)

func checkAirflowVersion(version string) *fault {
	if slices.Contains(AirflowVersions, version) {
		return nil
	}
	offered := strings.Join(AirflowVersions, ", ")
	if !versionNumber.MatchString(version) {
		return blame(version, "for example 3.0.6", "is no version of Airflow, expected one of %s", offered)
	}
	return blame(version, "the nearest is "+nearestVersion(version), "is not offered by Amazon MWAA (as of 2026-11), expected one of %s", offered)
}

// nearestVersion is the offered one of the same minor version, else the next one, else the last.
func nearestVersion(version string) string {
	wanted := versionParts(version)
	for _, offered := range AirflowVersions {
		if parts := versionParts(offered); slices.Equal(parts[:2], wanted[:2]) && slices.Compare(parts, wanted) >= 0 {
			return offered
		}
	}
	for _, offered := range slices.Backward(AirflowVersions) {
		if slices.Equal(versionParts(offered)[:2], wanted[:2]) {
			return offered
		}
	}
	for _, offered := range AirflowVersions {
		if slices.Compare(versionParts(offered), wanted) > 0 {
			return offered
		}
	}
	return AirflowVersions[len(AirflowVersions)-1]
}

func versionParts(version string) []int {
	var parts []int
	for part := range strings.SplitSeq(version, ".") {
		number, err := strconv.Atoi(part)
		if err != nil {
			number = 0 // versionNumber lets through digits alone
		}
		parts = append(parts, number)
	}
	return parts
}

// settleWorkers checks the numbers of workers beside each other and beside the class.
func (r *reader) settleWorkers() {
	airflow := &r.answers.Airflow
	path, workers := "airflow.max_workers", airflow.MaxWorkers
	if airflow.MinWorkers > workers {
		path, workers = "airflow.min_workers", airflow.MinWorkers
	}
	switch {
	case airflow.Class == MicroClass && workers > 1:
		r.fail(path, r.seen[path], "remove it, or choose mw1.small", "got %d, an environment of the class %s has 1 worker and cannot scale", workers, MicroClass)
	case airflow.MaxWorkers != 0 && airflow.MinWorkers > airflow.MaxWorkers:
		r.fail("airflow.min_workers", r.seen["airflow.min_workers"], "lower it, or raise airflow.max_workers",
			"got %d, and airflow.max_workers is %d, expected at most that", airflow.MinWorkers, airflow.MaxWorkers)
	}
}

// environmentAddresses is what an environment takes in a subnet besides its workers while the other zone is down: two endpoints of
// MWAA's own, and two schedulers. vpcReserved is what AWS keeps of each subnet.
// Source: Amazon MWAA User Guide, "About networking on Amazon MWAA"; Amazon VPC User Guide, "Subnet CIDR blocks", read 2026-11.
const (
	environmentAddresses = 4
	vpcReserved          = 5
)

// settleRoom refuses a VPC in whose subnets the workers do not fit.
func (r *reader) settleRoom() {
	prefix, found := ipv4Range(r.answers.Network.Cidr)
	workers := r.answers.Airflow.MaxWorkers
	if found != nil || workers == 0 || r.bad["network.cidr"] {
		return
	}
	room := addresses(prefix.Bits())/vpcSubnets - vpcReserved - environmentAddresses
	if workers > room {
		r.add("network.cidr", r.seen["network.cidr"], blame(r.answers.Network.Cidr, "lower airflow.max_workers, or choose a larger range, "+cidrHint,
			"/%d holds %d subnets of %d addresses; AWS keeps %d of each and the environment takes %d, which leaves %d for airflow.max_workers, %d",
			prefix.Bits(), vpcSubnets, addresses(prefix.Bits())/vpcSubnets, vpcReserved, environmentAddresses, room, workers))
	}
}

const workgroupHint = "for example analytics, as the Redshift Serverless console shows it"

// Source: Amazon Redshift Serverless API Reference, CreateWorkgroup, workgroupName: 3 to 64 of a-z, 0-9 and hyphen, read 2026-11.
var workgroup = regexp.MustCompile(`^[a-z0-9-]{3,64}$`)

func checkWorkgroup(name string) *fault {
	switch lower := strings.ToLower(name); {
	case workgroup.MatchString(name):
		return nil
	case workgroup.MatchString(lower):
		return blame(name, "write "+lower, "has capitals, expected only a-z, 0-9 and hyphen")
	case len(name) < 3 || len(name) > 64:
		return blame(name, workgroupHint, "has %d characters, expected 3 to 64", len(name))
	}
	return blame(name, workgroupHint, "is no name of a workgroup, expected only a-z, 0-9 and hyphen")
}

const databaseHint = "for example analytics"

// maxDatabase is the longest name of a database, in bytes.
// Source: Amazon Redshift Database Developer Guide, "Names and identifiers", read 2026-11; + . @ - are what the console allows besides.
const maxDatabase = 127

var (
	database  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_$+.@-]*$`)
	templates = []string{"template0", "template1", "padb_harvest"}
)

func checkDatabase(name string) *fault {
	switch {
	case len(name) > maxDatabase:
		return blame(name, databaseHint, "has %d bytes, expected at most %d", len(name), maxDatabase)
	case slices.Contains(templates, strings.ToLower(name)):
		return blame(name, databaseHint, "is kept by Redshift for itself")
	case !database.MatchString(name):
		return blame(name, databaseHint, "is no name of a database, expected a letter or _, then letters, digits and _ $ + . @ -")
	}
	return nil
}

// settleServices checks the answers about single services.
func (r *reader) settleServices() {
	for i := range fields {
		f := &fields[i]
		if line, given := r.seen[f.path]; given && f.step != "" && !r.bad["work"] && !slices.Contains(r.answers.Work, f.step) {
			r.fail(f.path, line, "remove it, or add "+f.step+" to work", "applies only to the step %s, and work has none", f.step)
		}
	}
	if !r.bad["airflow.class"] && !r.bad["airflow.min_workers"] && !r.bad["airflow.max_workers"] {
		r.settleWorkers()
		r.settleRoom()
	}
	if !r.bad["batch.vcpu"] && !r.bad["batch.memory_mib"] {
		r.settleBatch()
	}
	r.settleRedshift()
}

func (r *reader) settleRedshift() {
	existing := &r.answers.Redshift
	if r.bad["redshift.workgroup"] || r.bad["redshift.database"] || (existing.Workgroup == "") == (existing.Database == "") {
		return
	}
	missing, given, named := "redshift.database", "redshift.workgroup", existing.Workgroup
	if existing.Workgroup == "" {
		missing, given, named = given, missing, existing.Database
	}
	r.fail(missing, r.seen[given], "give both for a workgroup that is there already, or neither for one of the project's own",
		"is missing, and %s is %s", given, named)
}
