package answers

import "strings"

// serviceFields are the answers about single services. They choose none; an example without the service refuses them.
var serviceFields = []field{
	{
		path: "airflow.version", kind: text, check: checkAirflowVersion, note: strings.Join(AirflowVersions, ", "),
		at: func(a *Answers) any { return &a.Airflow.Version },
	},
	{
		path: "airflow.class", kind: text, allowed: AirflowClasses, note: "size of the environment, which is billed by the hour",
		at: func(a *Answers) any { return &a.Airflow.Class },
	},
	{
		path: "airflow.min_workers", kind: whole, bounds: [2]float64{1, MaxWorkers}, unsaid: true,
		at: func(a *Answers) any { return &a.Airflow.MinWorkers },
	},
	{
		path: "airflow.max_workers", kind: whole, bounds: [2]float64{1, MaxWorkers}, unsaid: true,
		at: func(a *Answers) any { return &a.Airflow.MaxWorkers },
	},
	{
		path: "batch.vcpu", kind: text, check: checkVCPU, step: BatchJob, digits: true, note: strings.Join(vcpus(), ", "),
		at: func(a *Answers) any { return &a.Batch.VCPU },
	},
	{
		path: "batch.memory_mib", kind: whole, bounds: [2]float64{1, maxMemoryMiB}, whole: checkMemory, step: BatchJob, unsaid: true,
		note: "not every memory goes with every vcpu", at: func(a *Answers) any { return &a.Batch.MemoryMiB },
	},
	{
		path: "redshift.workgroup", kind: text, check: checkWorkgroup, step: RedshiftSQL, may: true, note: "one that is there already, of Redshift Serverless",
		at: func(a *Answers) any { return &a.Redshift.Workgroup },
	},
	{
		path: "redshift.database", kind: text, check: checkDatabase, step: RedshiftSQL, may: true, note: "its database",
		at: func(a *Answers) any { return &a.Redshift.Database },
	},
}
