package cost

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Assumption is one number of the model that no price page and no answer gives.
type Assumption struct {
	Name  string  `json:"name"`
	Value Decimal `json:"value"`
	Why   string  `json:"why"`
}

// standing are the assumptions and their values, unless they are set otherwise.
var standing = []Assumption{
	{"hours_per_month", exact("730"), "a twelfth of a year, as the AWS Pricing Calculator takes it"},
	{"files_per_run", exact("1"), "files that one run validates or converts"},
	{"mb_per_vcpu_second", exact("5"), "MiB of text that a vCPU parses, cleans and writes as Parquet in a second; the lab's model has the same"},
	{"spark_fixed_seconds", exact("20"), "what a Spark application takes besides its data; the time until its workers are there is not billed"},
	{"glue_dpu", exact("2"), "of a Spark job: two G.1X workers, the least that Glue runs"},
	{"shell_dpu", exact("0.0625"), "of a Python shell job: a quarter of a vCPU and 1 GB of memory"},
	{"shell_fixed_seconds", exact("10"), "what a Python shell job takes besides its data"},
	{"shell_memory_gb", exact("0.2"), "what a Python shell job of 1/16 DPU can read: data takes about five times its size in its 1 GB of memory"},
	{"crawler_dpu", exact("1"), "what a crawler of one folder takes at a time"},
	{"crawler_seconds", exact("60"), "how long a crawler runs, besides 2 seconds for each GB; 10 minutes are billed at least"},
	{"emr_workers", exact("4"), "workers of 2 vCPU and 5 GB each, the driver among them; what the example's application is limited to in a lab"},
	{"emr_wait_seconds", exact("30"), "how long the driver is billed while executors start"},
	{"fargate_fixed_seconds", exact("30"), "until a container's image is there, which Fargate bills"},
	{"function_seconds", exact("0.5"), "how long a function takes that checks a file or publishes"},
	{"function_mb_per_second", exact("10"), "MiB that the converting function, of one vCPU, gets done in a second"},
	{"redshift_rpu", exact("8"), "base capacity, the least"},
	{"redshift_seconds_per_gb", exact("10"), "how long 8 RPU take for the statements on a GB; a minute is billed at least"},
	{"redshift_stored_gb", exact("1"), "what the warehouse keeps"},
	{"airflow_task_seconds", exact("5"), "how long a task holds a place on a worker that only starts a job elsewhere and defers"},
	{"airflow_copy_mb_per_second", exact("10"), "MiB that a task copies from an API or a database in a second, on a worker"},
	{"airflow_metadata_gb", exact("10"), "of the metadata database, as the examples on the MWAA pricing page are reported to have it"},
	{"express_mb", exact("64"), "memory of an Express execution, billed in steps of 64 MB"},
}

// Assumed are the assumptions of an estimate, by name. The zero value has all of them as they stand.
type Assumed map[string]Decimal

// Set reads NAME=VALUE.
func (a Assumed) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	at := slices.IndexFunc(standing, func(s Assumption) bool { return s.Name == name })
	if !found || at < 0 {
		return fmt.Errorf("got %q, expected NAME=VALUE with one of %s", text, strings.Join(assumptionNames(), ", "))
	}
	number, err := ParseDecimal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if number.Sign() < 0 || number.Sign() == 0 && positive[name] {
		return fmt.Errorf("%s: got %s, expected a number above 0", name, value)
	}
	a[name] = number
	return nil
}

// positive are the assumptions that something is divided by.
var positive = map[string]bool{
	"hours_per_month": true, "mb_per_vcpu_second": true, "glue_dpu": true, "shell_dpu": true, "emr_workers": true,
	"function_mb_per_second": true, "airflow_copy_mb_per_second": true, "redshift_rpu": true, "express_mb": true,
}

func assumptionNames() []string {
	var names []string
	for _, s := range standing {
		names = append(names, s.Name)
	}
	return names
}

// all lists the assumptions as they are taken, in the order in which they stand.
func (a Assumed) all() []Assumption {
	list := slices.Clone(standing)
	for i := range list {
		if set, ok := a[list[i].Name]; ok {
			list[i].Value = set
		}
	}
	return list
}

// With are these assumptions with others over them.
func (a Assumed) With(others Assumed) Assumed {
	all := maps.Clone(a)
	if all == nil {
		all = Assumed{}
	}
	maps.Copy(all, others)
	return all
}

func (m *model) assumed(name string) Decimal {
	if set, ok := m.options.Assumed[name]; ok {
		m.used[name] = true
		return set
	}
	at := slices.IndexFunc(standing, func(s Assumption) bool { return s.Name == name })
	if at < 0 {
		panic("there is no assumption " + name)
	}
	m.used[name] = true
	return standing[at].Value
}
