package answers

import "strings"

const offeredVersions = "expected one of 2.7.2, 2.8.1, 2.9.2, 2.10.1, 2.10.3, 2.11.0, 3.0.6"

// serviceFaults are bad answers about single services.
var serviceFaults = []badInput{
	// airflow
	{
		"version that MWAA offers no more", "airflow: {version: 2.6.3}" + work,
		"answers.yaml:1: airflow.version: \"2.6.3\": is not offered by Amazon MWAA (as of 2026-11), " + offeredVersions + "\n" +
			"  hint: the nearest is 2.7.2",
	},
	{
		"patch that MWAA does not offer", "airflow: {version: 2.10.2}" + work,
		"answers.yaml:1: airflow.version: \"2.10.2\": is not offered by Amazon MWAA (as of 2026-11), " + offeredVersions + "\n" +
			"  hint: the nearest is 2.10.3",
	},
	{
		"later patch than MWAA offers", "airflow: {version: 2.10.5}" + work,
		"answers.yaml:1: airflow.version: \"2.10.5\": is not offered by Amazon MWAA (as of 2026-11), " + offeredVersions + "\n" +
			"  hint: the nearest is 2.10.3",
	},
	{
		"version that does not exist", "airflow: {version: 9.9.9}" + work,
		"answers.yaml:1: airflow.version: \"9.9.9\": is not offered by Amazon MWAA (as of 2026-11), " + offeredVersions + "\n" +
			"  hint: the nearest is 3.0.6",
	},
	{
		"version without its patch", "airflow: {version: '3.0'}" + work,
		"answers.yaml:1: airflow.version: \"3.0\": is not offered by Amazon MWAA (as of 2026-11), " + offeredVersions + "\n" +
			"  hint: the nearest is 3.0.6",
	},
	{
		"version as a number", "airflow: {version: 3.0}" + work,
		"answers.yaml:1: airflow.version: got the number 3.0, expected text\n" +
			"  hint: put it in quotes if you mean the text: \"3.0\"",
	},
	{
		"word as a version", "airflow: {version: latest}" + work,
		"answers.yaml:1: airflow.version: \"latest\": is no version of Airflow, " + offeredVersions + "\n" +
			"  hint: for example 3.0.6",
	},
	{
		"version at the top", "airflow_version: 3.0.6" + work,
		"answers.yaml:1: airflow_version: unknown key\n" +
			"  hint: did you mean airflow.version?",
	},
	{
		"workers without least or most", "airflow: {workers: 3}" + work,
		"answers.yaml:1: airflow.workers: unknown key\n" +
			"  hint: the keys here are version, class, min_workers, max_workers",
	},
	{
		"unknown class", "airflow: {class: m5.large}" + work,
		"answers.yaml:1: airflow.class: got \"m5.large\", expected one of mw1.micro, mw1.small, mw1.medium, mw1.large, mw1.xlarge, mw1.2xlarge\n" +
			"  hint: did you mean mw1.large?",
	},
	{
		"no workers", "airflow: {min_workers: 0}" + work,
		"answers.yaml:1: airflow.min_workers: got 0, expected a whole number from 1 to 25",
	},
	{
		"too many workers", "airflow: {max_workers: 26}" + work,
		"answers.yaml:1: airflow.max_workers: got 26, expected a whole number from 1 to 25",
	},
	{
		"more workers at least than at most", "airflow:\n  min_workers: 5\n  max_workers: 3" + work,
		"answers.yaml:2: airflow.min_workers: got 5, and airflow.max_workers is 3, expected at most that\n" +
			"  hint: lower it, or raise airflow.max_workers",
	},
	{
		"two workers of the smallest class", "airflow:\n  class: mw1.micro\n  max_workers: 2" + work,
		"answers.yaml:3: airflow.max_workers: got 2, an environment of the class mw1.micro has 1 worker and cannot scale\n" +
			"  hint: remove it, or choose mw1.small",
	},
	{
		"at least two workers of the smallest class", "airflow:\n  class: mw1.micro\n  min_workers: 2" + work,
		"answers.yaml:3: airflow.min_workers: got 2, an environment of the class mw1.micro has 1 worker and cannot scale\n" +
			"  hint: remove it, or choose mw1.small",
	},
	{
		"VPC without room for the workers", "network:\n  cidr: 10.20.0.0/26\nairflow: {max_workers: 8}" + work,
		"answers.yaml:2: network.cidr: \"10.20.0.0/26\": /26 holds 4 subnets of 16 addresses; AWS keeps 5 of each and the environment takes 4, which leaves 7 for airflow.max_workers, 8\n" +
			"  hint: lower airflow.max_workers, or choose a larger range, for example 10.20.0.0/16",
	},

	// batch
	{
		"container without a container job", "batch: {vcpu: 1}" + work,
		"answers.yaml:1: batch.vcpu: applies only to the step batch-job, and work has none\n" +
			"  hint: remove it, or add batch-job to work",
	},
	{
		"3 vCPUs", "batch: {vcpu: 3}\nwork: [batch-job]",
		"answers.yaml:1: batch.vcpu: \"3\": is no size of a container on Fargate, expected one of 0.25, 0.5, 1, 2, 4, 8, 16\n" +
			"  hint: the next is 4",
	},
	{
		"32 vCPUs", "batch: {vcpu: '32'}\nwork: [batch-job]",
		"answers.yaml:1: batch.vcpu: \"32\": is no size of a container on Fargate, expected one of 0.25, 0.5, 1, 2, 4, 8, 16",
	},
	{
		"vCPUs in words", "batch: {vcpu: many}\nwork: [batch-job]",
		"answers.yaml:1: batch.vcpu: \"many\": is no size of a container on Fargate, expected one of 0.25, 0.5, 1, 2, 4, 8, 16",
	},
	{
		"memory in GB", "batch: {memory_mib: 2}\nwork: [batch-job]",
		"answers.yaml:1: batch.memory_mib: got 2, which no container on Fargate can have\n" +
			"  hint: the next is 512",
	},
	{
		"memory between the steps", "batch: {memory_mib: 3000}\nwork: [batch-job]",
		"answers.yaml:1: batch.memory_mib: got 3000, which no container on Fargate can have\n" +
			"  hint: the next is 3072",
	},
	{
		"more memory than there is", "batch: {memory_mib: 131072}\nwork: [batch-job]",
		"answers.yaml:1: batch.memory_mib: got 131072, expected a whole number from 1 to 122880",
	},
	{
		"memory with a unit", "batch: {memory_mib: 2 GB}\nwork: [batch-job]",
		"answers.yaml:1: batch.memory_mib: got the text \"2 GB\", expected a whole number",
	},
	{
		"too much memory for a quarter", "batch:\n  vcpu: 0.25\n  memory_mib: 4096\nwork: [batch-job]",
		"answers.yaml:3: batch.memory_mib: got 4096, a container of 0.25 vCPU on Fargate takes 512, 1024 or 2048\n" +
			"  hint: the smallest vcpu for 4096 is 0.5",
	},
	{
		"too much memory for one", "batch:\n  vcpu: \"1\"\n  memory_mib: 16384\nwork: [batch-job]",
		"answers.yaml:3: batch.memory_mib: got 16384, a container of 1 vCPU on Fargate takes 2048, 3072, 4096, 5120, 6144, 7168 or 8192\n" +
			"  hint: the smallest vcpu for 16384 is 2",
	},
	{
		"too little memory for four", "batch:\n  vcpu: 4\n  memory_mib: 2048\nwork: [batch-job]",
		"answers.yaml:3: batch.memory_mib: got 2048, a container of 4 vCPU on Fargate takes 8192 to 30720 in steps of 1024\n" +
			"  hint: the smallest vcpu for 2048 is 0.25",
	},
	{
		"memory of four for eight", "batch:\n  vcpu: 8\n  memory_mib: 17408\nwork: [batch-job]",
		"answers.yaml:3: batch.memory_mib: got 17408, a container of 8 vCPU on Fargate takes 16384 to 61440 in steps of 4096\n" +
			"  hint: the smallest vcpu for 17408 is 4",
	},

	// redshift
	{
		"workgroup without a query", "redshift: {workgroup: analytics, database: dev}" + work,
		"answers.yaml:1: redshift.workgroup: applies only to the step redshift-sql, and work has none\n" +
			"  hint: remove it, or add redshift-sql to work\n" +
			"answers.yaml:1: redshift.database: applies only to the step redshift-sql, and work has none\n" +
			"  hint: remove it, or add redshift-sql to work",
	},
	{
		"workgroup without a database", "redshift: {workgroup: analytics}\nwork: [redshift-sql]",
		"answers.yaml:1: redshift.database: is missing, and redshift.workgroup is analytics\n" +
			"  hint: give both for a workgroup that is there already, or neither for one of the project's own",
	},
	{
		"database without a workgroup", "redshift: {database: dev}\nwork: [redshift-sql]",
		"answers.yaml:1: redshift.workgroup: is missing, and redshift.database is dev\n" +
			"  hint: give both for a workgroup that is there already, or neither for one of the project's own",
	},
	{
		"workgroup with capitals", "redshift: {workgroup: Analytics, database: dev}\nwork: [redshift-sql]",
		"answers.yaml:1: redshift.workgroup: \"Analytics\": has capitals, expected only a-z, 0-9 and hyphen\n" +
			"  hint: write analytics",
	},
	{
		"short workgroup", "redshift: {workgroup: wg, database: dev}\nwork: [redshift-sql]",
		"answers.yaml:1: redshift.workgroup: \"wg\": has 2 characters, expected 3 to 64\n" +
			"  hint: for example analytics, as the Redshift Serverless console shows it",
	},
	{
		"workgroup by its ARN", "redshift: {workgroup: 'arn:aws:redshift-serverless:eu-west-1', database: dev}\nwork: [redshift-sql]",
		"answers.yaml:1: redshift.workgroup: \"arn:aws:redshift-serverless:eu-west-1\": is no name of a workgroup, expected only a-z, 0-9 and hyphen\n" +
			"  hint: for example analytics, as the Redshift Serverless console shows it",
	},
	{
		"database that ends the statement", "redshift: {workgroup: analytics, database: 'dev; drop table x'}\nwork: [redshift-sql]",
		"answers.yaml:1: redshift.database: \"dev; drop table x\": is no name of a database, expected a letter or _, then letters, digits and _ $ + . @ -\n" +
			"  hint: for example analytics",
	},
	{
		"long database", "redshift: {workgroup: analytics, database: " + strings.Repeat("d", 128) + "}\nwork: [redshift-sql]",
		"answers.yaml:1: redshift.database: \"" + strings.Repeat("d", 80) + "...\": has 128 bytes, expected at most 127\n" +
			"  hint: for example analytics",
	},
	{
		"Redshift's own database", "redshift: {workgroup: analytics, database: template1}\nwork: [redshift-sql]",
		"answers.yaml:1: redshift.database: \"template1\": is kept by Redshift for itself\n" +
			"  hint: for example analytics",
	},
	{
		"connection string as a database", "redshift: {workgroup: analytics, database: 'jdbc:redshift://wg:5439/dev?UID=etl&PWD=hunter2'}\nwork: [redshift-sql]",
		"answers.yaml:1: redshift.database: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
}
