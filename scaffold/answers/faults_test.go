package answers

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const work = "\nwork: [crawler]\n"

// badInput is a file, and all that the user reads about it.
type badInput struct{ name, text, want string }

// faults are bad inputs, one fault each, by topic.
var faults = slices.Concat(fileFaults, nameFaults, startFaults, networkFaults, connectionFaults, serviceFaults, secretFaults)

// fileFaults are bad files, keys, types and numbers.
var fileFaults = []badInput{
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
			"  hint: the keys here are version, name, start, work, control, team, volume, network, airflow, batch, redshift, notify, lab",
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
			"  hint: the keys here are version, name, start, work, control, team, volume, network, airflow, batch, redshift, notify, lab",
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
			"  hint: the keys here are version, name, start, work, control, team, volume, network, airflow, batch, redshift, notify, lab",
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
			"  hint: the keys here are version, name, start, work, control, team, volume, network, airflow, batch, redshift, notify, lab",
	},
	{
		"secret as a key", "password: hunter2" + work,
		"answers.yaml:1: password: unknown key\n" +
			"  hint: answers hold no secrets: keep it in AWS Secrets Manager and give only the secret's ARN to the code that needs it",
	},
	{
		"connection string as a key", "connection_string: Server=db;Database=sales" + work,
		"answers.yaml:1: connection_string: unknown key\n" +
			"  hint: answers hold no secrets: keep it in AWS Secrets Manager and give only the secret's ARN to the code that needs it",
	},
	{
		"connection of Airflow", "airflow: {connections: {mssql: 'mssql://etl:hunter2@db'}}" + work,
		"answers.yaml:1: airflow.connections: unknown key\n" +
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
