package answers

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const work = "\nwork: [crawler]\n"

// faults is one bad input each, with all that the user reads.
var faults = []struct{ name, text, want string }{
	// the file
	{
		"empty file", "",
		"answers.yaml: is empty, expected answers\n" +
			"  hint: the shortest answers are a line such as work: [crawler, glue-job]",
	},
	{
		"only comments", "# nothing\n",
		"answers.yaml: is empty, expected answers\n" +
			"  hint: the shortest answers are a line such as work: [crawler, glue-job]",
	},
	{
		"only a document mark", "---\n",
		"answers.yaml: is empty, expected answers\n" +
			"  hint: the shortest answers are a line such as work: [crawler, glue-job]",
	},
	{
		"more than 64 KiB", "# " + strings.Repeat("x", MaxSize) + work,
		"answers.yaml: has more than 65536 bytes, expected an answers file of at most that",
	},
	{
		"byte order mark", "\xef\xbb\xbfname: orders" + work,
		"answers.yaml:1: begins with a byte order mark, expected plain UTF-8\n" +
			"  hint: save the file as UTF-8 without BOM",
	},
	{
		"UTF-16", "\xff\xfen\x00a\x00",
		"answers.yaml:1: begins with a byte order mark, expected plain UTF-8\n" +
			"  hint: save the file as UTF-8 without BOM",
	},
	{
		"not UTF-8", "name: orders\nnotify: caf\xe9" + work,
		"answers.yaml:2: got the byte 0xE9, which is not UTF-8\n" +
			"  hint: save the file as UTF-8",
	},
	{
		"tab before a key", "start:\n\ton: demand" + work,
		"answers.yaml:2: a tab indents the line, YAML takes only spaces\n" +
			"  hint: replace it with two spaces",
	},
	{
		"NUL in the file", "name: or\x00ders" + work,
		"answers.yaml:1: got the control character U+0000, expected text\n" +
			"  hint: remove it",
	},
	{
		"line end of YAML 1.1 within a text", "start: {prefix: \"a\u0085b/\"}" + work,
		"answers.yaml:1: got the control character U+0085, expected text\n" +
			"  hint: remove it",
	},
	{
		"line separator within a text", "start: {prefix: \"a\u2028b/\"}" + work,
		"answers.yaml:1: got the control character U+2028, expected text\n" +
			"  hint: remove it",
	},
	{
		"two documents", "name: orders" + work + "---\nname: other\n",
		"answers.yaml:3: a second document begins, expected one\n" +
			"  hint: keep one and remove the line ---",
	},
	{
		"not YAML", "name: [orders" + work,
		"answers.yaml:1: is not YAML: did not find expected ',' or ']'\n" +
			"  hint: put a text that holds : # [ ] { } , & * ? or quotes into double quotes, a cron() within { } too",
	},
	{
		"cron in braces without quotes", "start: {on: schedule, schedule: cron(0 8 ? * MON *)}" + work,
		"answers.yaml:1: is not YAML: did not find expected alphabetic or numeric character\n" +
			"  hint: put a text that holds : # [ ] { } , & * ? or quotes into double quotes, a cron() within { } too",
	},
	{
		"a list instead of keys", "- name\n- work\n",
		"answers.yaml:1: got a list, expected keys with values\n" +
			"  hint: the keys here are version, name, start, work, control, team, volume, network, notify, lab",
	},
	{
		"anchor and alias", "start: &a {on: demand}\nteam: *a" + work,
		"answers.yaml:1: got the anchor &a, anchors are refused\n" +
			"  hint: remove it and write each value out\n" +
			"answers.yaml:2: got the alias *a, aliases are refused\n" +
			"  hint: write the value out",
	},
	{
		"merge key", "<<: {name: orders}" + work,
		"answers.yaml:1: \"<<\": unknown key\n" +
			"  hint: the keys here are version, name, start, work, control, team, volume, network, notify, lab",
	},
	{
		"tag", "name: !!binary b3JkZXJz" + work,
		"answers.yaml:1: got the tag \"!!binary\", tags are refused\n" +
			"  hint: remove the tag",
	},

	// keys
	{
		"unknown key with a near one", "notfy: a@example.com" + work,
		"answers.yaml:1: notfy: unknown key\n" +
			"  hint: did you mean notify?",
	},
	{
		"unknown key in a section", "control: {longest_minute: 3}" + work,
		"answers.yaml:1: control.longest_minute: unknown key\n" +
			"  hint: did you mean longest_minutes?",
	},
	{
		"unknown key that belongs elsewhere", "schedule: rate(1 day)" + work,
		"answers.yaml:1: schedule: unknown key\n" +
			"  hint: did you mean start.schedule?",
	},
	{
		"unknown key like nothing", "zebra: 1" + work,
		"answers.yaml:1: zebra: unknown key\n" +
			"  hint: the keys here are version, name, start, work, control, team, volume, network, notify, lab",
	},
	{
		"key that the project decides", "glue_version: 2.0" + work,
		"answers.yaml:1: glue_version: unknown key\n" +
			"  hint: no answer decides that: the project sets a tested value, and its code is yours to change",
	},
	{
		"section's key that the project decides", "control: {workers: 500}" + work,
		"answers.yaml:1: control.workers: unknown key\n" +
			"  hint: no answer decides that: the project sets a tested value, and its code is yours to change",
	},
	{
		"unknown key with a dot", "start.on: demand" + work,
		"answers.yaml:1: start.on: unknown key\n" +
			"  hint: write on: under start:",
	},
	{
		"unknown key that fakes a message", "\"name\\nanswers.yaml: fine\": 1" + work,
		"answers.yaml:1: \"name\\nanswers.yaml: fine\": unknown key\n" +
			"  hint: the keys here are version, name, start, work, control, team, volume, network, notify, lab",
	},
	{
		"secret as a key", "password: hunter2" + work,
		"answers.yaml:1: password: unknown key\n" +
			"  hint: answers hold no secrets: keep it in AWS Secrets Manager and give only the secret's ARN to the code that needs it",
	},
	{
		"on turned into true", "start: {true: object}" + work,
		"answers.yaml:1: start.true: unknown key\n" +
			"  hint: YAML 1.1 programs turn the key on into true; write on: again",
	},
	{
		"duplicate key", "name: orders\nname: other" + work,
		"answers.yaml:2: name: is a duplicate key, it stands on line 1 already\n" +
			"  hint: keep one of the two",
	},
	{
		"duplicate key in a section", "team: {airflow: true, airflow: false}" + work,
		"answers.yaml:1: team.airflow: is a duplicate key, it stands on line 1 already\n" +
			"  hint: keep one of the two",
	},
	{
		"list as a key", "? [a]\n: b" + work,
		"answers.yaml:1: got a list as a key, expected a name",
	},
	{
		"section without keys", "start:" + work,
		"answers.yaml:1: start: got nothing, expected keys with values\n" +
			"  hint: the keys here are on, prefix, suffix, schedule, timezone, pattern",
	},
	{
		"text instead of a section", "start: object" + work,
		"answers.yaml:1: start: got the text \"object\", expected keys with values\n" +
			"  hint: the keys here are on, prefix, suffix, schedule, timezone, pattern",
	},
	{
		"newer version", "version: 2" + work,
		"answers.yaml:1: version: got 2, this program reads version 1\n" +
			"  hint: a newer scaffold may have written the file",
	},
	{
		"version as a text", "version: '1'" + work,
		"answers.yaml:1: version: got the text \"1\", expected a whole number",
	},

	// types
	{
		"yes as a boolean", "lab: yes" + work,
		"answers.yaml:1: lab: got yes, expected true or false\n" +
			"  hint: write true",
	},
	{
		"off as a boolean", "team: {airflow: off}" + work,
		"answers.yaml:1: team.airflow: got off, expected true or false\n" +
			"  hint: write false",
	},
	{
		"text as a boolean", "lab: 'true'" + work,
		"answers.yaml:1: lab: got the text \"true\", expected true or false",
	},
	{
		"no as a text", "start: {prefix: no}" + work,
		"answers.yaml:1: start.prefix: got no, which YAML 1.1 reads as true or false, expected text\n" +
			"  hint: put it in quotes if you mean the text: \"no\"",
	},
	{
		"number as a text", "start: {prefix: 2026}" + work,
		"answers.yaml:1: start.prefix: got the number 2026, expected text\n" +
			"  hint: put it in quotes if you mean the text: \"2026\"",
	},
	{
		"date as a text", "start: {prefix: 2026-11-24}" + work,
		"answers.yaml:1: start.prefix: got the date 2026-11-24, expected text\n" +
			"  hint: put it in quotes if you mean the text: \"2026-11-24\"",
	},
	{
		"key without a value", "notify:" + work,
		"answers.yaml:1: notify: got nothing, expected text",
	},
	{
		"octal number", "control: {longest_minutes: 012}" + work,
		"answers.yaml:1: control.longest_minutes: got 012, which is octal to some programs and decimal to others\n" +
			"  hint: leave out the leading zero",
	},
	{
		"hexadecimal number", "control: {longest_minutes: 0x10}" + work,
		"answers.yaml:1: control.longest_minutes: got 0x10, expected a whole number in digits",
	},
	{
		"fraction of a minute", "control: {longest_minutes: 1.5}" + work,
		"answers.yaml:1: control.longest_minutes: got 1.5, expected a whole number in digits",
	},
	{
		"text as a number", "volume: {runs_per_month: many}" + work,
		"answers.yaml:1: volume.runs_per_month: got the text \"many\", expected a number",
	},

	// numbers
	{
		"no minutes", "control: {longest_minutes: 0}" + work,
		"answers.yaml:1: control.longest_minutes: got 0, expected a whole number from 1 to 10080",
	},
	{
		"too many minutes", "control: {longest_minutes: 10081}" + work,
		"answers.yaml:1: control.longest_minutes: got 10081, expected a whole number from 1 to 10080",
	},
	{
		"negative runs", "volume: {runs_per_month: -1}" + work,
		"answers.yaml:1: volume.runs_per_month: got -1, expected a number from 0 to 100000000",
	},
	{
		"data that is not a number", "volume: {gb_per_run: .nan}" + work,
		"answers.yaml:1: volume.gb_per_run: got .nan, expected a number in digits",
	},
	{
		"infinite data", "volume: {gb_per_run: .inf}" + work,
		"answers.yaml:1: volume.gb_per_run: got .inf, expected a number in digits",
	},
	{
		"too much data", "volume: {gb_per_run: 1e300}" + work,
		"answers.yaml:1: volume.gb_per_run: got 1e300, expected a number from 0 to 1000000",
	},

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

	// start
	{
		"unknown start", "start: {on: s3}" + work,
		"answers.yaml:1: start.on: got \"s3\", expected one of object, schedule, event, demand",
	},
	{
		"misspelled start", "start: {on: shedule}" + work,
		"answers.yaml:1: start.on: got \"shedule\", expected one of object, schedule, event, demand\n" +
			"  hint: did you mean schedule?",
	},
	{
		"prefix with a slash first", "start: {prefix: /raw/}" + work,
		"answers.yaml:1: start.prefix: \"/raw/\": begins with a slash, keys in S3 do not\n" +
			"  hint: write raw/",
	},
	{
		"prefix that climbs", "start: {prefix: raw/../}" + work,
		"answers.yaml:1: start.prefix: \"raw/../\": got the folder name .., expected a key prefix: S3 has no folders to climb\n" +
			"  hint: for example raw/ or sales/2026/",
	},
	{
		"prefix with an empty name", "start: {prefix: raw//x}" + work,
		"answers.yaml:1: start.prefix: \"raw//x\": got an empty folder name, expected one slash between names\n" +
			"  hint: for example raw/ or sales/2026/",
	},
	{
		"prefix with a wildcard", "start: {prefix: 'raw/*'}" + work,
		"answers.yaml:1: start.prefix: \"raw/*\": got the wildcard *, expected literal text\n" +
			"  hint: leave it out: every key that begins and ends so matches",
	},
	{
		"prefix with a backslash", "start: {prefix: 'raw\\x'}" + work,
		"answers.yaml:1: start.prefix: \"raw\\\\x\": got the character \\, expected none of \" ' ` \\",
	},
	{
		"prefix with a backtick", "start: {prefix: 'raw`id`/'}" + work,
		"answers.yaml:1: start.prefix: \"raw`id`/\": got the character `, expected none of \" ' ` \\",
	},
	{
		"empty prefix", "start: {prefix: ''}" + work,
		"answers.yaml:1: start.prefix: is empty, expected a key prefix such as raw/",
	},
	{
		"long prefix", "start: {prefix: " + strings.Repeat("é", 513) + "}" + work,
		"answers.yaml:1: start.prefix: \"éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé...\": has 1026 bytes, an S3 key has at most 1024\n" +
			"  hint: for example raw/ or sales/2026/",
	},
	{
		"prefix and suffix long together", "start: {prefix: " + strings.Repeat("a", 1000) + ", suffix: " + strings.Repeat("b", 25) + "}" + work,
		"answers.yaml:1: start.suffix: has 1025 bytes together with start.prefix, an S3 key has at most 1024\n" +
			"  hint: for example raw/ or sales/2026/",
	},
	{
		"suffix with a template", "start: {suffix: '${x}'}" + work,
		"answers.yaml:1: start.suffix: \"${x}\": got ${, which a template would evaluate, expected plain text",
	},
	{
		"schedule for an object", "start:\n  on: object\n  schedule: rate(1 day)" + work,
		"answers.yaml:3: start.schedule: applies only to start.on: schedule, and start.on is object\n" +
			"  hint: remove it, or write on: schedule under start",
	},
	{
		"prefix for a schedule", "start:\n  on: schedule\n  schedule: rate(1 day)\n  prefix: raw/" + work,
		"answers.yaml:4: start.prefix: applies only to start.on: object, and start.on is schedule\n" +
			"  hint: remove it, or write on: object under start",
	},
	{
		"schedule without on", "start: {schedule: rate(1 day)}" + work,
		"answers.yaml:1: start.schedule: applies only to start.on: schedule, and start.on is object\n" +
			"  hint: remove it, or write on: schedule under start",
	},
	{
		"schedule that is missing", "start: {on: schedule}" + work,
		"answers.yaml:1: start.schedule: is missing, start.on: schedule needs cron(), rate() or at()\n" +
			"  hint: for example schedule: cron(0 8 ? * MON *)",
	},
	{
		"pattern that is missing", "start: {on: event}" + work,
		"answers.yaml:1: start.pattern: is missing, start.on: event needs an event pattern\n" +
			"  hint: for example pattern: {source: [partner.orders]}",
	},
	{
		"hour 25", "start:\n  on: schedule\n  schedule: cron(0 25 * * ? *)" + work,
		"answers.yaml:3: start.schedule: \"cron(0 25 * * ? *)\": the hour is 25, AWS accepts 0-23\n" +
			"  hint: cron(minutes hours day-of-month month day-of-week year), for example cron(0 8 ? * MON *)",
	},
	{
		"time in the past", "start: {on: schedule, schedule: 'at(2026-11-24T12:59:59)', timezone: Europe/Berlin}" + work,
		"answers.yaml:1: start.schedule: \"at(2026-11-24T12:59:59)\": is in the past, now is 2026-11-24T13:00:00 CET\n" +
			"  hint: choose a later time, or start.on: demand",
	},
	{
		"time that daylight saving skips", "start: {on: schedule, schedule: 'at(2027-03-28T02:30:00)', timezone: Europe/Berlin}" + work,
		"answers.yaml:1: start.schedule: \"at(2027-03-28T02:30:00)\": daylight saving skips this time in Europe/Berlin\n" +
			"  hint: choose a time an hour earlier or later",
	},
	{
		"misspelled time zone", "start: {on: schedule, schedule: rate(1 day), timezone: Europe/Berln}" + work,
		"answers.yaml:1: start.timezone: \"Europe/Berln\": it is not an IANA time zone\n" +
			"  hint: did you mean Europe/Berlin?",
	},
	{
		"abbreviated time zone", "start: {on: schedule, schedule: rate(1 day), timezone: PDT}" + work,
		"answers.yaml:1: start.timezone: \"PDT\": it is not an IANA time zone\n" +
			"  hint: an abbreviation has no daylight saving; did you mean America/Los_Angeles?",
	},
	{
		"time zone of Windows", "start: {on: schedule, schedule: rate(1 day), timezone: Eastern Standard Time}" + work,
		"answers.yaml:1: start.timezone: \"Eastern Standard Time\": it is not an IANA time zone\n" +
			"  hint: an abbreviation has no daylight saving; did you mean America/New_York?",
	},
	{
		"offset as a time zone", "start: {on: schedule, schedule: rate(1 day), timezone: UTC+2}" + work,
		"answers.yaml:1: start.timezone: \"UTC+2\": it is not an IANA time zone\n" +
			"  hint: an offset has no daylight saving; name a place, such as Europe/Berlin, or UTC",
	},
	{
		"text as a pattern", "start: {on: event, pattern: partner}" + work,
		"answers.yaml:1: start.pattern: got the text \"partner\", expected an event pattern: keys down to lists of values\n" +
			"  hint: for example pattern: {source: [partner.orders]}",
	},
	{
		"empty pattern", "start: {on: event, pattern: {}}" + work,
		"answers.yaml:1: start.pattern: is empty, expected at least one field to match\n" +
			"  hint: for example pattern: {source: [partner.orders]}",
	},
	{
		"pattern with a bare value", "start: {on: event, pattern: {source: partner.orders}}" + work,
		"answers.yaml:1: start.pattern.source: got the text \"partner.orders\", expected a list of the values that match\n" +
			"  hint: put it in a list: [partner.orders]",
	},
	{
		"pattern with an empty list", "start: {on: event, pattern: {source: []}}" + work,
		"answers.yaml:1: start.pattern.source: is an empty list, which EventBridge refuses",
	},
	{
		"pattern with a key twice", "start: {on: event, pattern: {source: [a], source: [b]}}" + work,
		"answers.yaml:1: start.pattern.source: is a duplicate key\n" +
			"  hint: keep one of the two",
	},
	{
		"pattern with an old boolean", "start: {on: event, pattern: {source: [yes]}}" + work,
		"answers.yaml:1: start.pattern.source: got yes, which YAML 1.1 reads as true or false\n" +
			"  hint: put it in quotes, or write true or false",
	},
	{
		"pattern with a number that JSON lacks", "start: {on: event, pattern: {source: [.inf]}}" + work,
		"answers.yaml:1: start.pattern.source: got the number .inf, expected one that JSON can carry\n" +
			"  hint: put it in quotes if you mean text",
	},
	{
		"pattern with a long name", "start: {on: event, pattern: {? " + strings.Repeat("a", 1023) + " : [a]}}" + work,
		"answers.yaml:1: start.pattern: \"" + strings.Repeat("a", 80) + "...\": has 1025 characters as JSON, expected a field's name of at most 1024",
	},
	{
		"long pattern", "start: {on: event, pattern: {source: [" + strings.Repeat("a", MaxPattern) + "]}}" + work,
		"answers.yaml:1: start.pattern: has 4111 characters as JSON, EventBridge takes at most 4096\n" +
			"  hint: match fewer fields",
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

	// network
	{
		"/30 network", "network: {on_premises: vpn, cidr: 10.0.0.0/30}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0/30\": /30 holds 4 addresses, a VPC has 16 (/28) to 65536 (/16)\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"/8 network", "network: {on_premises: vpn, cidr: 10.0.0.0/8}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0/8\": /8 holds 16777216 addresses, a VPC has 16 (/28) to 65536 (/16)\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"no room for the subnets", "network: {on_premises: vpn, cidr: 10.0.0.0/27}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0/27\": /27 holds 32 addresses, 4 subnets of at least 16 (/28) need 64\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"host bits", "network: {on_premises: vpn, cidr: 10.0.1.5/16}" + work,
		"answers.yaml:1: network.cidr: \"10.0.1.5/16\": has bits set behind /16: the network that holds 10.0.1.5 begins at 10.0.0.0\n" +
			"  hint: write 10.0.0.0/16",
	},
	{
		"999 in the network", "network: {on_premises: vpn, cidr: 10.0.0.999/16}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.999/16\": got 999, expected a number from 0 to 255\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"leading zero in the network", "network: {on_premises: vpn, cidr: 010.0.0.0/16}" + work,
		"answers.yaml:1: network.cidr: \"010.0.0.0/16\": got 010, which some programs read as octal, expected a number without leading zeros\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"length 33", "network: {on_premises: vpn, cidr: 10.0.0.0/33}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0/33\": got 33, expected a number from 0 to 32\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"network without a length", "network: {on_premises: vpn, cidr: 10.0.0.0}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0\": has no /, expected an address and a length\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"three numbers", "network: {on_premises: vpn, cidr: 10.0.0/16}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0/16\": has 3 numbers before the /, expected 4\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"IPv6", "network: {on_premises: vpn, cidr: '2001:db8::/56'}" + work,
		"answers.yaml:1: network.cidr: \"2001:db8::/56\": is IPv6, expected an IPv4 range\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"public network", "network: {on_premises: vpn, cidr: 8.8.0.0/16}" + work,
		"answers.yaml:1: network.cidr: \"8.8.0.0/16\": is not private: the VPC could not reach the real owner of these addresses; expected a part of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"the whole internet on premises", "network: {on_premises: vpn, on_premises_cidr: 0.0.0.0/0}" + work,
		"answers.yaml:1: network.on_premises_cidr: \"0.0.0.0/0\": /0 holds 4294967296 addresses, expected the network on premises alone, at most 16777216 (/8)\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"loopback on premises", "network: {on_premises: vpn, on_premises_cidr: 127.0.0.0/8}" + work,
		"answers.yaml:1: network.on_premises_cidr: \"127.0.0.0/8\": is no network that can be routed to\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"networks that overlap", "network:\n  on_premises: peering\n  cidr: 10.0.0.0/16\n  on_premises_cidr: 10.0.128.0/17" + work,
		"answers.yaml:4: network.on_premises_cidr: \"10.0.128.0/17\": 10.0.128.0-10.0.255.255 overlaps network.cidr, 10.0.0.0-10.0.255.255\n" +
			"  hint: choose a VPC range outside it",
	},
	{
		"range without a network", "network: {cidr: 10.0.0.0/16}" + work,
		"answers.yaml:1: network.cidr: applies only to a connected network, and network.on_premises is none\n" +
			"  hint: remove it, or write on_premises: peering or vpn under network",
	},
	{
		"unknown network", "network: {on_premises: direct-connect}" + work,
		"answers.yaml:1: network.on_premises: got \"direct-connect\", expected one of none, peering, vpn",
	},

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
}

func TestEachFaultHasItsOwnMessage(t *testing.T) {
	for _, test := range faults {
		t.Run(test.name, func(t *testing.T) {
			given, err := Parse("answers.yaml", []byte(test.text), now)
			if err == nil {
				t.Fatalf("got %+v, expected an error", given)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the message shows the secret")
			}
		})
	}
}
