package answers

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func parsed(t *testing.T, text string) *Answers {
	t.Helper()
	got, err := Parse("answers.yaml", []byte(text), now)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTheWorkedExampleIsRead(t *testing.T) {
	got := parsed(t, `version: 1
name: orders
start:
  on: schedule
  schedule: cron(0 8 ? * MON *)
  timezone: America/Los_Angeles
work: [crawler, glue-job]
control: {branches: false, approval: true, resume: false, backfill: false, longest_minutes: 20}
team: {airflow: true}
volume: {runs_per_month: 30, gb_per_run: 0.5}
network: {on_premises: peering, cidr: 10.20.0.0/16, on_premises_cidr: 192.168.0.0/16}
notify: data-team@example.com
lab: true
`)
	want := &Answers{
		Version: 1, Name: "orders",
		Start:   Start{On: OnSchedule, Schedule: "cron(0 8 ? * MON *)", Timezone: "America/Los_Angeles"},
		Work:    []string{Crawler, GlueJob},
		Control: Control{Approval: true, LongestMinutes: 20},
		Team:    Team{Airflow: true},
		Volume:  Volume{RunsPerMonth: 30, GBPerRun: 0.5},
		Network: Network{OnPremises: Peering, Cidr: "10.20.0.0/16", OnPremisesCidr: "192.168.0.0/16"},
		Notify:  "data-team@example.com", Lab: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsAbsentTakesItsDefault(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       Start
	}{
		{"nothing but work", "work: [crawler]", Start{On: OnObject, Prefix: "raw/"}},
		{"a suffix alone", "start: {suffix: .csv}\nwork: [crawler]", Start{On: OnObject, Prefix: "raw/", Suffix: ".csv"}},
		{"a schedule without a zone", "start: {on: schedule, schedule: rate(1 day)}\nwork: [crawler]", Start{On: OnSchedule, Schedule: "rate(1 day)", Timezone: "UTC"}},
		{"a start by hand", "start: {on: demand}\nwork: [crawler]", Start{On: OnDemand}},
		{"JSON, which is YAML", `{"start": {"on": "demand"}, "work": ["crawler"]}`, Start{On: OnDemand}},
		{"lines that end with CR LF", "start:\r\n  on: demand\r\nwork: [crawler]\r\n", Start{On: OnDemand}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := &Answers{
				Version: 1, Start: test.want, Work: []string{Crawler}, Control: Control{LongestMinutes: 15},
				Volume: Volume{RunsPerMonth: 30, GBPerRun: 1}, Network: Network{OnPremises: NoNetwork},
			}
			if test.name == "nothing but work" && want.Lab {
				t.Error("absent lab must keep the data")
			}
			if diff := cmp.Diff(want, parsed(t, test.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnEventPatternIsReadAsJSONWouldBe(t *testing.T) {
	got := parsed(t, `
start:
  on: event
  pattern:
    source: [partner.orders]
    detail:
      amount: [{numeric: [">", 100]}]
      kind: [{anything-but: [test, "no"]}, null, true]
      $or: [{region: [eu]}, {region: [{exists: false}]}]
work: [lambda]`).Start.Pattern
	want := map[string]any{
		"source": []any{"partner.orders"},
		"detail": map[string]any{
			"amount": []any{map[string]any{"numeric": []any{">", 100.0}}},
			"kind":   []any{map[string]any{"anything-but": []any{"test", "no"}}, nil, true},
			"$or":    []any{map[string]any{"region": []any{"eu"}}, map[string]any{"region": []any{map[string]any{"exists": false}}}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAllFaultsAreReportedAtOnceInOrderOfLines(t *testing.T) {
	_, err := Parse("answers.yaml", []byte(`version: 2
naem: orders
start:
  on: schedule
  schedule: cron(0 25 * * ? *)
work: [gluejob]
notify: nobody
`), now)
	want := `answers.yaml:1: version: got 2, this program reads version 1
  hint: a newer scaffold may have written the file
answers.yaml:2: naem: unknown key
  hint: did you mean name?
answers.yaml:5: start.schedule: "cron(0 25 * * ? *)": the hour is 25, AWS accepts 0-23
  hint: cron(minutes hours day-of-month month day-of-week year), for example cron(0 8 ? * MON *)
answers.yaml:6: work: step 1: got "gluejob", expected one of crawler, glue-job, lambda, emr-job, batch-job, redshift-sql, http-api, sql-server
  hint: did you mean glue-job?
answers.yaml:7: notify: "nobody": has no @, expected an e-mail address
  hint: for example data-team@example.com`
	if err == nil {
		t.Fatal("got no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 5 {
		t.Errorf("got %T, expected Problems", err)
	}
}

func TestAFileThatIsNoAnswersFileDoesNotFloodTheScreen(t *testing.T) {
	_, err := Parse("answers.yaml", []byte(strings.Repeat("zebra: 1\n", 100)+work), now)
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 51 || problems[50].Error() != "answers.yaml: there are 50 more problems" {
		t.Errorf("got %d problems, expected 50 and their rest", len(problems))
	}
}

func TestAProjectNeedsMoreThanARecommendation(t *testing.T) {
	got := parsed(t, "work: [sql-server]\nnetwork: {on_premises: vpn}\n")
	want := `answers.yaml: name: is missing, expected the project's name
  hint: 3-30 of a-z, 0-9 and hyphen, a letter first, for example orders
answers.yaml: network.cidr: is missing, vpn needs the VPC's range
  hint: for example 10.20.0.0/16
answers.yaml: network.on_premises_cidr: is missing, vpn needs the range on the other side
  hint: for example 192.168.0.0/16; it must not overlap the VPC's
answers.yaml: network.customer_gateway_ip: is missing, vpn needs the address of the device on premises
  hint: for example 203.0.113.10, or the address of the NAT device before it`
	if err := got.Ready("answers.yaml"); err == nil || err.Error() != want {
		t.Errorf("got %v, expected %s", err, want)
	}
	got.Name, got.Network.Cidr, got.Network.OnPremisesCidr, got.Network.CustomerGatewayIP = "orders", "10.0.0.0/16", "192.168.0.0/16", "203.0.113.10"
	if err := got.Ready("answers.yaml"); err != nil {
		t.Error(err)
	}
	got.Network.OnPremises = Peering
	want = `answers.yaml: network.peer_vpc: is missing, peering needs the other VPC
  hint: for example vpc-0123456789abcdef0, as the other side's console shows it`
	if err := got.Ready("answers.yaml"); err == nil || err.Error() != want {
		t.Errorf("got %v, expected %s", err, want)
	}
	got.Network.PeerVPC = "vpc-0123456789abcdef0"
	if err := got.Ready("answers.yaml"); err != nil {
		t.Error(err)
	}
}

func TestWrittenAnswersAreReadBackEqual(t *testing.T) {
	defaults := Default()
	for _, given := range []*Answers{
		&defaults,
		parsed(t, "name: orders\nstart: {prefix: 'a b/été#1/', suffix: .csv}\nwork: [lambda, lambda]\nvolume: {gb_per_run: 0.125}\n"),
		parsed(t, "name: 'null'\nstart: {prefix: 'yes'}\nwork: [lambda]\n"),
		parsed(t, "start: {prefix: 'a: b'}\nwork: [lambda]\n"),
		parsed(t, "start: {on: schedule, schedule: 'cron(0 8,9 ? * MON#1 *)', timezone: Europe/Berlin}\nwork: [redshift-sql]\n"),
		parsed(t, `start: {on: event, pattern: {detail: {a: [{prefix: "<&>"}, 1e3, -0.5, null, "10"]}}}`+"\nwork: [batch-job]\n"),
		parsed(t, "work: [sql-server]\nnetwork: {on_premises: vpn, cidr: 10.0.0.0/16, on_premises_cidr: 10.1.0.0/16}\nlab: true\n"),
		parsed(t, "work: [sql-server]\nnetwork: {on_premises: vpn, outbound: nat, customer_gateway_ip: 203.0.113.10, bgp_asn: 4200000000}\n"),
		parsed(t, "work: [sql-server]\nnetwork: {on_premises: peering, peer_vpc: vpc-01234567, peer_account: '012345678901', peer_region: eu-west-1}\n"),
		parsed(t, "work: [sql-server]\nnetwork: {on_premises: peering, peer_route_tables: [rtb-01234567, rtb-89abcdef]}\nairflow: {version: 3.0.6, class: mw1.small, min_workers: 1, max_workers: 2}\n"),
		parsed(t, "work: [batch-job, redshift-sql]\nbatch: {vcpu: 0.25}\nredshift: {workgroup: '123', database: a@b}\n"),
	} {
		text := given.YAML()
		if string(text) != string(given.YAML()) {
			t.Error("the same answers gave different bytes")
		}
		again, err := Parse("answers.yaml", text, now)
		if err != nil {
			t.Errorf("%v\n%s", err, text)
			continue
		}
		if diff := cmp.Diff(given, again); diff != "" {
			t.Errorf("%s\n%s", diff, text)
		}
	}
}

func TestEveryFieldStandsInTheTable(t *testing.T) {
	paths := map[string]bool{}
	for _, f := range fields {
		paths[strings.ReplaceAll(strings.ReplaceAll(f.path, ".", ""), "_", "")] = true
	}
	var walk func(prefix string, of reflect.Type)
	walk = func(prefix string, of reflect.Type) {
		for part := range of.Fields() {
			name := prefix + strings.ToLower(part.Name)
			if part.Type.Kind() == reflect.Struct {
				walk(name, part.Type)
			} else if !paths[name] {
				t.Errorf("%s has no key in answers.yaml", name)
			}
		}
	}
	walk("", reflect.TypeFor[Answers]())
}

func TestTheAnswersOfOurExamplesAreSound(t *testing.T) {
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		given, err := Parse(file, data, now)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := given.Ready(file); err != nil {
			t.Error(err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, fault := range faults {
		f.Add(fault.text)
	}
	defaults := Default()
	f.Add(string(defaults.YAML()))
	f.Fuzz(func(t *testing.T, text string) {
		given, err := Parse("answers.yaml", []byte(text), now)
		if err != nil {
			if _, ok := errors.AsType[Problems](err); !ok {
				t.Fatalf("got %T, expected Problems", err)
			}
			return
		}
		again, err := Parse("answers.yaml", given.YAML(), now)
		if err != nil {
			t.Fatalf("%v\n%s", err, given.YAML())
		}
		if diff := cmp.Diff(given, again); diff != "" {
			t.Errorf("%s\n%s", diff, given.YAML())
		}
	})
}
