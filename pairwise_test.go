package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A factor is an answer and the values that it is tried with. An empty value leaves the answer out.
type factor struct {
	path   string   // start.on
	values []string // that this version writes
	notYet []string // that this version refuses by name; the day it writes one, the value moves to values
}

// combined are the answers of each example that are tried in combination. A new answer is one line.
var combined = []struct {
	example, stack string
	factors        []factor
}{
	{"eventfunction", "EventFunction", slices.Concat(anywhere, objectsAndTimes, []factor{
		{"start.on", []string{"object", "schedule", "event", "demand"}, nil},
		{"start.pattern", []string{"", pattern}, nil},
		{"work", []string{"[lambda]"}, []string{"[http-api]"}},
		{"control.longest_minutes", []string{"", "1", "15"}, nil},
		{"volume", []string{"", "{runs_per_month: 100000, gb_per_run: 0.001}", "{runs_per_month: 1, gb_per_run: 10}"}, nil},
	})},
	{"glueworkflow", "GlueWorkflow", slices.Concat(anywhere, objectsAndTimes, []factor{
		{"start.on", []string{"object", "schedule", "event", "demand"}, nil},
		{"start.pattern", []string{"", pattern, "{detail-type: [Order Placed]}"}, nil},
		{"work", []string{
			"[crawler, glue-job]", "[glue-job]", "[crawler]", "[glue-job, crawler]", "[crawler, glue-job, crawler]",
		}, []string{"[glue-job, glue-job]", "[crawler, crawler]"}},
		{"control.longest_minutes", []string{"", "1", "2880"}, nil},
		{"volume", []string{"", "{runs_per_month: 100000, gb_per_run: 500}"}, nil},
	})},
	{"scheduledquery", "ScheduledQuery", slices.Concat(anywhere, []factor{
		{"start.on", []string{"schedule"}, nil},
		{"start.schedule", []string{"cron(0 8 ? * MON *)", "cron(30 23 * * ? *)", "cron(0 12 15 * ? *)", "rate(12 hours)"}, nil},
		{"start.timezone", []string{"", "UTC", "America/Los_Angeles", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe"}, nil},
		{"work", []string{"[redshift-sql]"}, nil},
		{"control.longest_minutes", []string{"", "1", "1440"}, nil},
		{"volume", []string{"", "{runs_per_month: 4, gb_per_run: 500}"}, nil},
		{"redshift", []string{"", inWorkgroup}, nil},
	})},
	{"statemachine", "StateMachine", slices.Concat(anywhere, objectsAndTimes, []factor{
		{"start.on", []string{"object", "schedule", "event", "demand"}, nil},
		{"start.pattern", []string{"", pattern}, nil},
		{"work", []string{
			"[lambda, glue-job]", "[lambda, emr-job]", "[lambda, batch-job]", "[lambda, redshift-sql]", "[lambda, crawler, glue-job]",
			"[lambda, emr-job, redshift-sql]", "[lambda, glue-job, lambda]",
		}, []string{"[lambda, glue-job, lambda, lambda]"}},
		{"control.branches", []string{"true"}, nil}, // without an object, the first lambda decides for each file
		{"control.approval", []string{"", "true"}, nil},
		{"control.resume", []string{"", "true"}, nil},
		{"control.longest_minutes", []string{"", "1", "2880"}, nil},
		{"volume", []string{"", "{runs_per_month: 1000, gb_per_run: 500}"}, nil},
		{"batch", []string{"", `{vcpu: "0.25", memory_mib: 512}`, `{vcpu: "16", memory_mib: 122880}`}, nil},
	})},
	{"airflow", "Airflow", slices.Concat(anywhere, objectsAndTimes, []factor{
		{"start.on", []string{"schedule", "object", "event", "demand"}, nil},
		{"start.pattern", []string{"", pattern}, nil},
		{"work", []string{"[http-api, sql-server]", "[http-api]", "[sql-server]"}, []string{"[glue-job, redshift-sql]"}},
		{"team.airflow", []string{"true"}, nil},
		{"control.backfill", []string{"", "true"}, nil},
		{"volume", []string{"", "{runs_per_month: 4, gb_per_run: 500}"}, nil},
		{"network.on_premises", []string{"", "peering", "vpn"}, nil},
		{"network.cidr", []string{"", "10.0.0.0/16"}, nil},
		{"network.on_premises_cidr", []string{"", "192.168.0.0/16"}, nil},
		{"network.outbound", []string{"", "nat"}, nil}, // endpoints: only without an API, see the golden templates
		{"network.peer_vpc", []string{"", "vpc-0123456789abcdef0"}, nil},
		{"network.peer_account", []string{"", `"210987654321"`}, nil},
		{"network.customer_gateway_ip", []string{"", "203.0.113.10"}, nil},
		{"network.bgp_asn", []string{"", "65010"}, nil},
		{"airflow", []string{"", "{class: mw1.small, min_workers: 1, max_workers: 2}", "{class: mw1.large, min_workers: 2, max_workers: 25}"}, nil},
	})},
}

const (
	pattern     = "{source: [partner.orders]}"
	inWorkgroup = "{workgroup: analytics, database: sales}"
)

var (
	anywhere = []factor{
		{"name", []string{"orders", "a-name-of-thirty-characters-30"}, nil},
		{"notify", []string{"", "orders-team@example.com"}, nil},
		{"lab", []string{"false", "true"}, nil},
	}
	objectsAndTimes = []factor{
		{"start.prefix", []string{"", "landed/"}, nil},
		{"start.suffix", []string{"", ".csv"}, nil},
		{"start.schedule", []string{"", "cron(0 8 ? * MON *)", "rate(12 hours)", "at(2099-01-31T08:00:00)"}, nil},
		{"start.timezone", []string{"", "America/Los_Angeles", "Australia/Lord_Howe"}, nil},
	}
)

// dependent are answers that may be given, or must be, only beside certain values of another.
var dependent = []struct {
	path, on string
	values   []string
	must     bool
}{
	{"start.prefix", "start.on", []string{"object"}, false},
	{"start.suffix", "start.on", []string{"object"}, false},
	{"start.schedule", "start.on", []string{"schedule"}, true},
	{"start.timezone", "start.on", []string{"schedule"}, false},
	{"start.pattern", "start.on", []string{"event"}, true},
	{"control.approval", "notify", []string{"orders-team@example.com"}, false},
	{"batch", "work", []string{"[lambda, batch-job]"}, false},
	{"network.cidr", "network.on_premises", []string{"peering", "vpn"}, true},
	{"network.on_premises_cidr", "network.on_premises", []string{"peering", "vpn"}, true},
	{"network.on_premises", "work", []string{"[http-api, sql-server]", "[sql-server]"}, false},
	{"network.peer_vpc", "network.on_premises", []string{"peering"}, true},
	{"network.peer_account", "network.on_premises", []string{"peering"}, false},
	{"network.customer_gateway_ip", "network.on_premises", []string{"vpn"}, true},
	{"network.bgp_asn", "network.on_premises", []string{"vpn"}, false},
}

// excluded are answers that may not be given beside one value of another.
var excluded = []struct{ path, on, value string }{
	{"control.longest_minutes", "work", "[crawler]"},
}

// combination is one value for each factor, by its path.
type combination map[string]string

// allows says whether the value may stand beside what is chosen.
func (c combination) allows(path, value string) bool {
	for _, rule := range dependent {
		given, on := value, c[rule.on]
		known := path == rule.path && c.has(rule.on)
		if path == rule.on {
			given, on, known = c[rule.path], value, c.has(rule.path)
		}
		fits := slices.Contains(rule.values, on)
		if known && (given != "" && !fits || given == "" && fits && rule.must) {
			return false
		}
	}
	for _, rule := range excluded {
		if path == rule.path && value != "" && c[rule.on] == rule.value || path == rule.on && value == rule.value && c[rule.path] != "" {
			return false
		}
	}
	return true
}

func (c combination) has(path string) bool {
	_, ok := c[path]
	return ok
}

// yaml is the answers.yaml of a combination, its groups in the order of their names.
func (c combination) yaml() string {
	groups := map[string][]string{}
	for path, value := range c {
		group, key, nested := strings.Cut(path, ".")
		switch {
		case value == "":
		case nested:
			groups[group] = append(groups[group], "  "+key+": "+value)
		default:
			groups[group] = []string{value}
		}
	}
	text := "version: 1\n"
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		lines := groups[group]
		slices.Sort(lines)
		if strings.HasPrefix(lines[0], "  ") {
			text += group + ":\n" + strings.Join(lines, "\n") + "\n"
		} else {
			text += group + ": " + lines[0] + "\n"
		}
	}
	return text
}

type pair struct{ path1, value1, path2, value2 string }

// pairwise makes combinations in which each two values that may stand together do so at least once: few of them, always the same.
// Faults mostly come from one answer or from two that meet. Source: Kuhn, Kacker, Lei, "Practical Combinatorial Testing", NIST SP 800-142.
func pairwise(factors []factor) []combination {
	covered := map[pair]bool{}
	var all []combination
	for i, one := range factors {
		for _, other := range factors[i+1:] {
			for _, value1 := range one.values {
				for _, value2 := range other.values {
					first := combination{one.path: value1}
					if covered[pair{one.path, value1, other.path, value2}] || !first.allows(other.path, value2) {
						continue
					}
					first[other.path] = value2
					if !complete(first, factors, covered) {
						continue
					}
					all = append(all, first)
					for j, a := range factors {
						for _, b := range factors[j+1:] {
							covered[pair{a.path, first[a.path], b.path, first[b.path]}] = true
						}
					}
				}
			}
		}
	}
	return all
}

// complete chooses the factors that are left, each time the value that meets most of what it has not met; it goes back where nothing fits.
func complete(chosen combination, factors []factor, covered map[pair]bool) bool {
	at := slices.IndexFunc(factors, func(f factor) bool { return !chosen.has(f.path) })
	if at < 0 {
		return true
	}
	path := factors[at].path
	gain := func(value string) int {
		gained := 0
		for i, other := range factors {
			met := pair{path, value, other.path, chosen[other.path]}
			if i < at {
				met = pair{other.path, chosen[other.path], path, value}
			}
			if chosen.has(other.path) && !covered[met] {
				gained++
			}
		}
		return gained
	}
	values := slices.Clone(factors[at].values)
	slices.SortStableFunc(values, func(a, b string) int { return cmp.Compare(gain(b), gain(a)) })
	for _, value := range values {
		if chosen.allows(path, value) {
			chosen[path] = value
			if complete(chosen, factors, covered) {
				return true
			}
			delete(chosen, path)
		}
	}
	return false
}

func TestPairsOfAnswersAllOccur(t *testing.T) {
	for _, example := range combined {
		made := pairwise(example.factors)
		possible := 0
		for i, one := range example.factors {
			for _, other := range example.factors[i+1:] {
				for _, value1 := range one.values {
					for _, value2 := range other.values {
						// The first combination that there is at all, however poor.
						want := combination{one.path: value1}
						if !want.allows(other.path, value2) {
							continue
						}
						want[other.path] = value2
						if !complete(want, example.factors, nil) {
							continue
						}
						possible++
						if !slices.ContainsFunc(made, func(c combination) bool { return c[one.path] == value1 && c[other.path] == value2 }) {
							t.Errorf("%s: %s %q never stands beside %s %q", example.example, one.path, value1, other.path, value2)
						}
					}
				}
			}
		}
		if possible == 0 {
			t.Errorf("%s: no pair is possible", example.example)
		}
		for _, c := range made {
			for path, value := range c {
				if !c.allows(path, value) {
					t.Errorf("%s: %s %q may not stand in\n%s", example.example, path, value, c.yaml())
				}
			}
		}
	}
}
