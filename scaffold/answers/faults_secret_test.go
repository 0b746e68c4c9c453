package answers

import "strings"

// secretFaults are bad addresses, and secrets where none belong.
var secretFaults = []badInput{
	// notify and secrets
	{
		"two addresses", "notify: 'a@example.com, b@example.com'" + work,
		"answers.yaml:1: notify: \"a@example.com, b@example.com\": is not an e-mail address\n" +
			"  hint: for example data-team@example.com",
	},
	{
		"address without a domain", "notify: a@localhost" + work,
		"answers.yaml:1: notify: \"a@localhost\": is not an e-mail address\n" +
			"  hint: for example data-team@example.com",
	},
	{
		"address with a quote", "notify: o'neil@example.com" + work,
		"answers.yaml:1: notify: \"o'neil@example.com\": got the character ', expected none of \" ' ` \\",
	},
	{
		"long address", "notify: " + strings.Repeat("a", 250) + "@example.com" + work,
		"answers.yaml:1: notify: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\": has 262 characters, an e-mail address has at most 254\n" +
			"  hint: for example data-team@example.com",
	},
	{
		"JDBC URL with a password", "notify: jdbc:sqlserver://db:1433;user=etl;password=hunter2" + work,
		"answers.yaml:1: notify: the value holds a password or a key (not shown)\n" +
			"  hint: answers hold no secrets: keep it in AWS Secrets Manager and give only the secret's ARN to the code that needs it",
	},
	{
		"URL with a password", "start: {prefix: 'https://etl:hunter2@db/'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n" +
			"  hint: answers hold no secrets: keep it in AWS Secrets Manager and give only the secret's ARN to the code that needs it",
	},
	{
		"access key", "start: {prefix: AKIAIOSFODNN7EXAMPLE}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n" +
			"  hint: answers hold no secrets: keep it in AWS Secrets Manager and give only the secret's ARN to the code that needs it",
	},
	{
		"secret in a pattern", "start: {on: event, pattern: {detail: {url: ['postgres://etl:hunter2@db']}}}" + work,
		"answers.yaml:1: start.pattern.detail.url: the value holds a password or a key (not shown)\n" +
			"  hint: answers hold no secrets: keep it in AWS Secrets Manager and give only the secret's ARN to the code that needs it",
	},
	{
		"secret as a step", "work: ['token=hunter2']\n",
		"answers.yaml:1: work: step 1: the value holds a password or a key (not shown)\n" +
			"  hint: answers hold no secrets: keep it in AWS Secrets Manager and give only the secret's ARN to the code that needs it",
	},
	{
		"secret where a number belongs", "volume: {gb_per_run: 'pwd=hunter2'}" + work,
		"answers.yaml:1: volume.gb_per_run: got a text that is refused, expected a number",
	},
	{
		"Oracle's JDBC URL", "start: {prefix: 'jdbc:oracle:thin:etl/hunter2@//db:1521/orders'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"MySQL's JDBC URL", "start: {prefix: 'jdbc:mysql://etl:hunter2@db:3306/orders'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"ODBC connection string", "start: {prefix: 'Driver={SQL Server};Server=db;Uid=etl;Pwd=hunter2'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"prefixed key=value", "start: {prefix: 'db_password=hunter2'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"secret key of AWS by its name", "start: {prefix: 'aws_secret_access_key = hunter2'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"password as in JSON", "start: {prefix: '{\"password\": \"hunter2\"}'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"storage key", "start: {prefix: 'AccountName=x;AccountKey=hunter2'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"token of GitLab", "start: {prefix: 'glpat-hunter2hunter2hunter2'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"token of GitHub", "start: {prefix: 'github_pat_hunter2hunter2hunter2'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"token of Slack", "start: {prefix: 'xoxb-hunter2hunter2'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"key of Stripe", "start: {prefix: 'sk_live_hunter2hunter2hunter2'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"JSON web token", "start: {prefix: 'eyJhunter2hunter2.eyJhunter2hunter2.hunter2'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
	{
		"private key", "start: {prefix: '-----BEGIN RSA PRIVATE KEY-----'}" + work,
		"answers.yaml:1: start.prefix: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},
}
