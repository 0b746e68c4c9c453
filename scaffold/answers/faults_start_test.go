package answers

import "strings"

// startFaults are bad starts.
var startFaults = []badInput{
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
}
