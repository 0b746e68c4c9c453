package main

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/constructs"
	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
)

// Answers that some examples alone have a use for.
const (
	everyControl = "control: {branches: true, approval: true, backfill: true}\n"
	peeredAll    = "network: {on_premises: peering, cidr: 10.20.0.0/16, on_premises_cidr: 192.168.0.0/16, outbound: nat, peer_vpc: vpc-01234567, " +
		"peer_route_tables: [rtb-01234567]}\n"
	peeredElsewhere = "network: {on_premises: peering, peer_vpc: vpc-01234567, peer_account: '012345678901', peer_region: eu-west-1}\n"
	tunneled        = "network: {on_premises: vpn, customer_gateway_ip: 203.0.113.10, bgp_asn: 65010}\n"
	sized           = "airflow: {version: 3.0.6, class: mw1.medium, min_workers: 2, max_workers: 5}\nbatch: {vcpu: 2, memory_mib: 4096}\n" +
		"redshift: {workgroup: analytics, database: dev}\n"
	allWork = "work: [batch-job, redshift-sql]\n"
)

func answersOf(t *testing.T, text string) *answers.Answers {
	t.Helper()
	given, err := answers.Parse("answers.yaml", []byte(text), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return given
}

func TestAnswersReachTheStacksThatHaveAUseForThem(t *testing.T) {
	for _, test := range []struct {
		name, example, answers, want string // want is JSON
	}{
		{
			"a state machine takes all of its own", advisor.StateMachine, allWork + everyControl + sized,
			`{"work": ["batch-job", "redshift-sql"], "branches": true, "approval": true, "vcpu": "2", "memoryMib": 4096, "workgroup": "analytics", "database": "dev"}`,
		},
		{"a state machine has defaults of its own", advisor.StateMachine, allWork, `{"work": ["batch-job", "redshift-sql"], "branches": false, "approval": false}`},
		{
			"half a size is completed", advisor.StateMachine, "work: [batch-job]\nbatch: {vcpu: 4}\n",
			`{"work": ["batch-job"], "branches": false, "approval": false, "vcpu": "4", "memoryMib": 8192}`,
		},
		{
			"Airflow with a peer", advisor.Airflow, allWork + peeredAll + sized,
			`{"work": ["batch-job", "redshift-sql"], "onPremises": "peering", "cidr": "10.20.0.0/16", "onPremisesCidr": "192.168.0.0/16", "outbound": "nat", "peerVpcId": "vpc-01234567",
			  "peerRouteTables": ["rtb-01234567"], "airflowVersion": "3.0.6", "environmentClass": "mw1.medium", "minWorkers": 2, "maxWorkers": 5}`,
		},
		{
			"Airflow with a peer elsewhere", advisor.Airflow, "work: [sql-server]\n" + peeredElsewhere,
			`{"work": ["sql-server"], "onPremises": "peering", "peerVpcId": "vpc-01234567", "peerAccount": "012345678901", "peerRegion": "eu-west-1"}`,
		},
		{
			"Airflow with a tunnel", advisor.Airflow, "work: [sql-server]\n" + tunneled,
			`{"work": ["sql-server"], "onPremises": "vpn", "customerGatewayIp": "203.0.113.10", "bgpAsn": 65010}`,
		},
		{"Airflow without a connection", advisor.Airflow, "work: [http-api]\nnetwork: {outbound: endpoints}\n", `{"work": ["http-api"], "outbound": "endpoints"}`},
		{
			"a query in a workgroup that is there", advisor.ScheduledQuery, "work: [redshift-sql]\nredshift: {workgroup: analytics, database: dev}\n",
			`{"workgroup": "analytics", "database": "dev"}`,
		},
		{"a query in a workgroup of its own", advisor.ScheduledQuery, "work: [redshift-sql]\n", `{}`},
		{"a Glue workflow has its work alone", advisor.GlueWorkflow, "work: [glue-job, crawler]\n" + everyControl + peeredAll, `{"work": ["glue-job", "crawler"]}`},
		{"a function has none", advisor.EventFunction, allWork + everyControl + tunneled + sized, `{}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want map[string]any
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(specialContext(test.example, answersOf(t, test.answers)))
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAnswersWithoutAUseAreRefusedByName(t *testing.T) {
	const (
		branches = "control.branches: the example %s has no choice between steps"
		approval = "control.approval: the example %s waits for nobody"
		backfill = "control.backfill: the example %s knows no past intervals"
		network  = "network.on_premises: the example %s reaches no network on your premises"
		airflow  = "airflow.version: the example %s has no Airflow environment"
		batch    = "batch.vcpu: the example %s runs no container"
		redshift = "redshift.workgroup: the example %s asks no data warehouse"
	)
	for example, want := range map[string][]string{
		advisor.StateMachine:   {backfill, network, airflow},
		advisor.Airflow:        {branches, approval, batch, redshift},
		advisor.ScheduledQuery: {branches, approval, backfill, network, airflow, batch},
		advisor.GlueWorkflow:   {branches, approval, backfill, network, airflow, batch, redshift},
		advisor.EventFunction:  {branches, approval, backfill, network, airflow, batch, redshift},
	} {
		for i := range want {
			want[i] = strings.ReplaceAll(want[i], "%s", example)
		}
		if diff := cmp.Diff(want, ignored(example, answersOf(t, allWork+everyControl+peeredAll+sized))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", example, diff)
		}
		if got := ignored(example, answersOf(t, allWork)); got != nil {
			t.Errorf("%s: got %v for answers that give none of it", example, got)
		}
	}
	for text, want := range map[string]string{
		"network: {cidr: 10.0.0.0/16}\n":  "network.cidr: the example glueworkflow has no network that these could shape",
		"network: {outbound: nat}\n":      "network.outbound: the example glueworkflow has no network that these could shape",
		"airflow: {class: mw1.small}\n":   "airflow.class: the example glueworkflow has no Airflow environment",
		"airflow: {min_workers: 1}\n":     "airflow.min_workers: the example glueworkflow has no Airflow environment",
		"airflow: {max_workers: 3}\n":     "airflow.max_workers: the example glueworkflow has no Airflow environment",
		"network: {on_premises: none}\n":  "",
		"control: {longest_minutes: 5}\n": "",
	} {
		if got := strings.Join(ignored(advisor.GlueWorkflow, answersOf(t, allWork+text)), "; "); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestEveryKeyOfTheContextIsRead compares the two halves, which cannot import each other: a key that nobody reads would be ignored in silence.
func TestEveryKeyOfTheContextIsRead(t *testing.T) {
	source := ""
	for _, file := range []string{"settings/settings.go", "settings/network.go"} {
		text, err := fs.ReadFile(constructs.Source, file)
		if err != nil {
			t.Fatal(err)
		}
		source += string(text)
	}
	keys := map[string]bool{}
	for _, text := range []string{allWork + everyControl + peeredAll + sized, allWork + peeredElsewhere, allWork + tunneled} {
		for _, example := range advisor.Examples() {
			for key := range specialContext(example, answersOf(t, text)) {
				keys[key] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !strings.Contains(source, `("`+key+`")`) {
			t.Errorf("constructs/settings does not read the context key %s", key)
		}
	}
	if len(keys) != 21 {
		t.Errorf("got %d keys, want all 21: %v", len(keys), slices.Sorted(maps.Keys(keys)))
	}
}
