// Package schedule reads the schedule expressions of Amazon EventBridge, cron(), rate() and at(), and says when they start.
//
// It starts nothing, never reads the clock, and knows no service: times and zones come from the caller.
// Two APIs of AWS read these expressions, and differ: PutRule (EventBridge rules, always UTC) and CreateSchedule (EventBridge
// Scheduler, with time zones and at()). See API. Parse is stricter than both, for whoever writes an expression.
//
// # What is followed
//
//   - Amazon EventBridge User Guide, "Setting a schedule pattern for scheduled rules (legacy)".
//   - Amazon EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler".
//   - Calls recorded from AWS (shared/conformance/schedule_expressions.json), with AWS's error code and message.
//
// Where those are silent, what public reports show of AWS, which is the behavior of the Java library Quartz:
//
//   - A range may wrap, except for years: 20-2 is in the table of examples of the first page. Hours and days wrap each for
//     itself, so cron(0/30 20-2 ? * MON-FRI *) also starts on Monday at 00:00, and never on Saturday.
//   - A step after * has the field's limit (*/60 is refused, aws/aws-sdk-js#4212), a step after a number has none (0/60 is
//     the default of an AWS Solution, and means 0).
//   - Fields are separated by white space, as both pages say, so by one or more spaces or tabs.
//   - L-2 is the second day before the last of the month. It is not documented; public projects deploy it with both calls.
//   - 31W waits for months that have a 31st; W never leaves its month.
//   - Steps are accepted in day-of-week: the page of 2017 ("Schedule Expressions for Rules", Amazon CloudWatch Events) lists them.
//   - CreateSchedule accepts rate(1 minutes) and rate(5 minute), which PutRule refuses: samples of AWS's deploy the second
//     (aws-samples/serverless-patterns), and the first was measured to run every minute.
//
// Deliberately refused, although AWS may take it: empty places in a list (PutRule ignores the last comma of 0,30, says
// aws/aws-sdk#161), a step of 0, L-2 in day-of-week, and lists or ranges with L, W or #. Nothing says what they would mean.
//
// InUTC writes a schedule of the second for the first, or says why that cannot be.
//
// # Daylight saving
//
// As the second page says: a local time that is skipped does not start, one that happens twice starts once. It starts the
// first time. Shifts lists both. Clock changes are taken from the IANA database, whatever they are: Lord Howe Island moves
// its clocks by 30 minutes, Brazil moved them at midnight, Samoa left out a day.
//
// # Why not a library
//
// github.com/winebarrel/cronplan/v2 v2.1.2 is the best that we found, and agrees with this package on thousands of random
// expressions (a test compares them). It was not wrapped: it has no previous start, its errors name no field, it starts in
// skipped hours, accepts MON#6 and LW,15, and panics on 31-5 in February. To re-check all that takes a reader of its own,
// which is most of the code here.
package schedule
