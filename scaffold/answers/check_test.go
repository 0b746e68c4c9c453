package answers

import (
	"fmt"
	"testing"
	"time"
)

// ExampleParse shows what a user reads about a schedule that AWS would refuse at deploy.
func ExampleParse() {
	_, err := Parse("answers.yaml", []byte(`name: orders
start:
  on: schedule
  schedule: cron(0 25 * * ? *)
work: [redshift-sql]
`), time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	fmt.Println(err)
	// Output:
	// answers.yaml:4: start.schedule: "cron(0 25 * * ? *)": the hour is 25, AWS accepts 0-23
	//   hint: cron(minutes hours day-of-month month day-of-week year), for example cron(0 8 ? * MON *)
}

func TestOneAnswerIsCheckedAsItIsTyped(t *testing.T) {
	for _, test := range []struct{ path, value, want string }{
		{"name", "orders", ""},
		{"name", "fmt", ""},
		{"name", "func", ""},
		{"name", "", "name: is empty, expected the project's name"},
		{"name", "My Orders", "name: \"My Orders\": got the character 'M', expected only a-z, 0-9 and hyphen\n  hint: did you mean my-orders?"},
		{"start.on", "s3", `start.on: got "s3", expected one of object, schedule, event, demand`},
		{"start.suffix", "", ""},
		{"start.prefix", "raw/%s/", ""},
		{"start.schedule", "at(2026-11-24T13:00:00)", ""},
		{"start.schedule", "at(2026-11-23T13:00:00)",
			"start.schedule: \"at(2026-11-23T13:00:00)\": is in the past, now is 2026-11-24T00:00:00 UTC-12\n  hint: choose a later time, or start.on: demand"},
		{"start.timezone", "", ""},
		{"start.timezone", "Europe/Berln", "start.timezone: \"Europe/Berln\": it is not an IANA time zone\n  hint: did you mean Europe/Berlin?"},
		{"start.pattern", `{"source": ["partner.orders"]}`, ""},
		{"start.pattern", "partner", "start.pattern: got the text \"partner\", expected an event pattern: keys down to lists of values\n  hint: for example pattern: {source: [partner.orders]}"},
		{"work", "crawler, glue-job", ""},
		{"work", "[crawler]", ""},
		{"work", "", "work: is empty, expected at least one of crawler, glue-job, lambda, emr-job, batch-job, redshift-sql, http-api, sql-server"},
		{"control.approval", "true", ""},
		{"control.approval", "yes", "control.approval: got yes, expected true or false\n  hint: write true"},
		{"control.longest_minutes", "15", ""},
		{"control.longest_minutes", "-1", "control.longest_minutes: got -1, expected a whole number from 1 to 10080"},
		{"volume.gb_per_run", "0.5", ""},
		{"network.cidr", "10.0.0.0/16", ""},
		{"network.cidr", "", "network.cidr: is empty, expected an IPv4 range such as 10.20.0.0/16"},
		{"notify", "", ""},
		{"notifi", "x", "notifi: there is no such answer\n  hint: did you mean notify?"},
	} {
		t.Run(test.path+"="+test.value, func(t *testing.T) {
			got := ""
			if err := Check(test.path, test.value, now); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %s\nexpected %s", got, test.want)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	defaults := Default()
	text := defaults.YAML()
	for b.Loop() {
		if _, err := Parse("answers.yaml", text, now); err != nil {
			b.Fatal(err)
		}
	}
}
