package answers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
		{
			"start.schedule", "at(2026-11-23T13:00:00)",
			"start.schedule: \"at(2026-11-23T13:00:00)\": is in the past, now is 2026-11-24T00:00:00 UTC-12\n  hint: choose a later time, or start.on: demand",
		},
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
		{"network.peer_route_tables", "rtb-01234567, rtb-89abcdef", ""},
		{"network.peer_route_tables", "", ""},
		{"network.bgp_asn", "", ""},
		{"network.bgp_asn", "65000", ""},
		{"network.peer_account", "012345678901", ""},
		{"airflow.max_workers", "many", `airflow.max_workers: got the text "many", expected a whole number`},
		{"batch.vcpu", "0.25", ""},
		{"batch.vcpu", "", "batch.vcpu: is empty, expected one of 0.25, 0.5, 1, 2, 4, 8, 16"},
		{"redshift.workgroup", "", ""},
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

// A reply that is sound alone may not be beside the earlier ones.
func TestAnAnswerIsCheckedBesideTheEarlierOnes(t *testing.T) {
	for _, test := range []struct {
		name               string
		earlier            [][2]string
		path, value, wants string
	}{
		{
			"networks that overlap",
			[][2]string{{"network.on_premises", "vpn"}, {"network.cidr", "10.20.0.0/16"}},
			"network.on_premises_cidr", "10.0.0.0/8",
			"network.on_premises_cidr: \"10.0.0.0/8\": 10.0.0.0-10.255.255.255 overlaps network.cidr, 10.20.0.0-10.20.255.255\n  hint: choose a VPC range outside it",
		},
		{"networks apart", [][2]string{{"network.on_premises", "vpn"}, {"network.cidr", "10.20.0.0/16"}}, "network.on_premises_cidr", "192.168.0.0/16", ""},
		{
			"a time that has passed in its zone only",
			[][2]string{{"start.on", "schedule"}, {"start.timezone", "Asia/Tokyo"}},
			"start.schedule", "at(2026-11-24T20:59:00)",
			"start.schedule: \"at(2026-11-24T20:59:00)\": is in the past, now is 2026-11-24T21:00:00 JST\n  hint: choose a later time, or start.on: demand",
		},
		{"a time that is ahead in its zone", [][2]string{{"start.on", "schedule"}, {"start.timezone", "America/Los_Angeles"}}, "start.schedule", "at(2026-11-24T04:01:00)", ""},
		{
			"a time that daylight saving skips",
			[][2]string{{"start.on", "schedule"}, {"start.timezone", "Europe/Berlin"}},
			"start.schedule", "at(2027-03-28T02:30:00)",
			"start.schedule: \"at(2027-03-28T02:30:00)\": daylight saving skips this time in Europe/Berlin\n  hint: choose a time an hour earlier or later",
		},
		{
			"a zone in which the time has passed",
			[][2]string{{"start.on", "schedule"}, {"start.schedule", "at(2026-11-24T20:59:00)"}},
			"start.timezone", "Asia/Tokyo",
			"start.timezone: \"at(2026-11-24T20:59:00)\": is in the past, now is 2026-11-24T21:00:00 JST\n  hint: choose a later time, or start.on: demand",
		},
		{
			"memory that does not go with the vCPUs",
			[][2]string{{"batch.vcpu", "4"}},
			"batch.memory_mib", "2048",
			"batch.memory_mib: got 2048, a container of 4 vCPU on Fargate takes 8192 to 30720 in steps of 1024\n  hint: the smallest vcpu for 2048 is 0.25",
		},
		{"memory that goes with the vCPUs", [][2]string{{"batch.vcpu", "4"}}, "batch.memory_mib", "8192", ""},
		{
			"route tables of another account",
			[][2]string{{"network.on_premises", "peering"}, {"network.peer_account", "123456789012"}},
			"network.peer_route_tables", "rtb-01234567",
			"network.peer_route_tables: a stack cannot change route tables of another account or Region, and network.peer_account or network.peer_region names one\n" +
				"  hint: leave them out: after the deployment an output says which route to add there",
		},
		{
			"two workers of the smallest class",
			[][2]string{{"airflow.class", "mw1.micro"}},
			"airflow.max_workers", "2",
			"airflow.max_workers: got 2, an environment of the class mw1.micro has 1 worker and cannot scale\n  hint: remove it, or choose mw1.small",
		},
		{
			"prefix and suffix too long together",
			[][2]string{{"start.prefix", strings.Repeat("a", 1000)}},
			"start.suffix", strings.Repeat("b", 25),
			"start.suffix: has 1025 bytes together with start.prefix, an S3 key has at most 1024\n  hint: for example raw/ or sales/2026/",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			given := Default()
			for _, answer := range test.earlier {
				if err := given.Set(answer[0], answer[1], now); err != nil {
					t.Fatal(err)
				}
			}
			before := given
			err := given.Set(test.path, test.value, now)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.wants {
				t.Errorf("got %s\nexpected %s", got, test.wants)
			}
			if changed := !cmp.Equal(before, given); changed == (err != nil) {
				t.Errorf("got %v, and the answers changed: %t", err, changed)
			}
		})
	}
}
