package answers

import "strings"

// nameFaults are bad names, starts by an object, and steps.
var nameFaults = []badInput{
	// name
	{
		"empty name", "name: ''" + work,
		"answers.yaml:1: name: is empty, expected the project's name",
	},
	{
		"short name", "name: ab" + work,
		"answers.yaml:1: name: \"ab\": has 2 characters, expected 3 to 30: account and region follow it in a bucket's name of at most 63\n" +
			"  hint: 3-30 of a-z, 0-9 and hyphen, a letter first, for example orders",
	},
	{
		"long name", "name: " + strings.Repeat("a", 31) + work,
		"answers.yaml:1: name: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": has 31 characters, expected 3 to 30: account and region follow it in a bucket's name of at most 63\n" +
			"  hint: 3-30 of a-z, 0-9 and hyphen, a letter first, for example orders",
	},
	{
		"capitals in the name", "name: My_Orders" + work,
		"answers.yaml:1: name: \"My_Orders\": got the character 'M', expected only a-z, 0-9 and hyphen\n" +
			"  hint: did you mean my-orders?",
	},
	{
		"digit first", "name: 2orders" + work,
		"answers.yaml:1: name: \"2orders\": begins with '2', expected a letter: CloudFormation names a stack so\n" +
			"  hint: 3-30 of a-z, 0-9 and hyphen, a letter first, for example orders",
	},
	{
		"hyphen last", "name: orders-" + work,
		"answers.yaml:1: name: \"orders-\": ends with a hyphen, expected a letter or a digit\n" +
			"  hint: 3-30 of a-z, 0-9 and hyphen, a letter first, for example orders",
	},
	{
		"path as a name", "name: ../../etc/x" + work,
		"answers.yaml:1: name: \"../../etc/x\": got the character '.', expected only a-z, 0-9 and hyphen\n" +
			"  hint: 3-30 of a-z, 0-9 and hyphen, a letter first, for example orders",
	},
	{
		"absolute path as a name", "name: /abs" + work,
		"answers.yaml:1: name: \"/abs\": got the character '/', expected only a-z, 0-9 and hyphen\n" +
			"  hint: 3-30 of a-z, 0-9 and hyphen, a letter first, for example orders",
	},
	{
		"drive as a name", "name: 'C:\\x'" + work,
		"answers.yaml:1: name: \"C:\\\\x\": got the character \\, expected none of \" ' ` \\",
	},
	{
		"device as a name", "name: con" + work,
		"answers.yaml:1: name: \"con\": is a device on Windows, and Go refuses it in a module path\n" +
			"  hint: for example con-data",
	},
	{
		"vendor as a name", "name: vendor" + work,
		"answers.yaml:1: name: \"vendor\": is kept by the Go command for itself\n" +
			"  hint: for example vendor-data",
	},
	{
		"newline in the name", "name: \"or\\nders\"" + work,
		"answers.yaml:1: name: \"or\\nders\": got the control character U+000A, expected one line of visible text",
	},
	{
		"NUL in the name", "name: \"or\\0ders\"" + work,
		"answers.yaml:1: name: \"or\\x00ders\": got the control character U+0000, expected one line of visible text",
	},
	{
		"right-to-left override in the name", "name: \"or\\u202eders\"" + work,
		"answers.yaml:1: name: \"or\\u202eders\": got the invisible character U+202E, which can hide or reorder text",
	},
	{
		"CDK token in the name", "name: '${Token[X.1]}'" + work,
		"answers.yaml:1: name: \"${Token[X.1]}\": got ${, which a template would evaluate, expected plain text",
	},
	{
		"template in the name", "name: '{{.Name}}'" + work,
		"answers.yaml:1: name: \"{{.Name}}\": got {{, which a template would evaluate, expected plain text",
	},
	{
		"quote in the name", "name: or\"ders" + work,
		"answers.yaml:1: name: \"or\\\"ders\": got the character \", expected none of \" ' ` \\",
	},

	// work
	{
		"no work", "name: orders\n",
		"answers.yaml: work: is missing, expected the steps of a run\n" +
			"  hint: for example work: [crawler, glue-job]",
	},
	{
		"empty work", "work: []\n",
		"answers.yaml:1: work: is empty, expected at least one of crawler, glue-job, lambda, emr-job, batch-job, redshift-sql, http-api, sql-server",
	},
	{
		"work that is no list", "work: crawler\n",
		"answers.yaml:1: work: got the text \"crawler\", expected a list\n" +
			"  hint: for example work: [crawler, glue-job]",
	},
	{
		"unknown work", "work: [spark]\n",
		"answers.yaml:1: work: step 1: got \"spark\", expected one of crawler, glue-job, lambda, emr-job, batch-job, redshift-sql, http-api, sql-server",
	},
	{
		"misspelled work", "work:\n  - crawler\n  - glue_jobs\n",
		"answers.yaml:3: work: step 2: got \"glue_jobs\", expected one of crawler, glue-job, lambda, emr-job, batch-job, redshift-sql, http-api, sql-server\n" +
			"  hint: did you mean glue-job?",
	},
	{
		"number as work", "work: [1]\n",
		"answers.yaml:1: work: step 1: got the number 1, expected one of crawler, glue-job, lambda, emr-job, batch-job, redshift-sql, http-api, sql-server",
	},
	{
		"too much work", "work: [" + strings.Repeat("lambda, ", 20) + "lambda]\n",
		"answers.yaml:1: work: has 21 steps, expected at most 20\n" +
			"  hint: split the pipeline: one can start the next by an event",
	},
}
