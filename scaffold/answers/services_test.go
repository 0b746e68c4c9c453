package answers

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// byMemory is AWS's table the other way round: which vCPUs each memory goes with.
// Source: AWS Batch API Reference, ResourceRequirement, MEMORY, read 2026-11.
var byMemory = []struct{ memory, vcpus string }{
	{"512", "0.25"},
	{"1024", "0.25 0.5"},
	{"2048", "0.25 0.5 1"},
	{"3072", "0.5 1"},
	{"4096", "0.5 1 2"},
	{"5120 6144 7168", "1 2"},
	{"8192", "1 2 4"},
	{"9216 10240 11264 12288 13312 14336 15360", "2 4"},
	{"16384", "2 4 8"},
	{"17408 18432 19456 21504 22528 23552 25600 26624 27648 29696 30720", "4"},
	{"20480 24576 28672", "4 8"},
	{"36864 45056 53248 61440", "8"},
	{"32768 40960 49152 57344", "8 16"},
	{"65536 73728 81920 90112 98304 106496 114688 122880", "16"},
}

func TestExactlyThePairsOfFargateAreTaken(t *testing.T) {
	pairs, tried := 0, 0
	for memory := 256; memory <= 131072; memory += 256 {
		for _, vcpu := range vcpus() {
			row := slices.IndexFunc(byMemory, func(row struct{ memory, vcpus string }) bool {
				return slices.Contains(strings.Fields(row.memory), strconv.Itoa(memory))
			})
			want := row >= 0 && slices.Contains(strings.Fields(byMemory[row].vcpus), vcpu)
			text := "work: [batch-job]\nbatch: {vcpu: " + vcpu + ", memory_mib: " + strconv.Itoa(memory) + "}\n"
			given, err := Parse("answers.yaml", []byte(text), now)
			if (err == nil) != want {
				t.Errorf("%s vCPU with %d MiB: got %v, expected it to be taken: %t", vcpu, memory, err, want)
			}
			if err == nil && (given.Batch != Batch{vcpu, memory}) {
				t.Errorf("%s vCPU with %d MiB became %+v", vcpu, memory, given.Batch)
			}
			tried++
			if want {
				pairs++
			}
		}
	}
	if pairs != 74 || tried < 3000 {
		t.Errorf("the table has %d pairs, expected AWS's 74; tried %d", pairs, tried)
	}
}

func TestTheSizeOfAContainerIsCompleted(t *testing.T) {
	for _, test := range []struct {
		given string
		want  Batch
	}{
		{"{vcpu: 0.25}", Batch{"0.25", 2048}},
		{"{vcpu: '1'}", Batch{"1", 2048}},
		{"{vcpu: 4}", Batch{"4", 8192}},
		{"{vcpu: 16}", Batch{"16", 32768}},
		{"{memory_mib: 512}", Batch{"0.25", 512}},
		{"{memory_mib: 1024}", Batch{"0.25", 1024}},
		{"{memory_mib: 4096}", Batch{"1", 4096}},
		{"{memory_mib: 9216}", Batch{"2", 9216}},
		{"{memory_mib: 122880}", Batch{"16", 122880}},
	} {
		if got := parsed(t, "work: [batch-job]\nbatch: "+test.given+"\n").Batch; got != test.want {
			t.Errorf("%s: got %+v, expected %+v", test.given, got, test.want)
		}
	}
}

func TestAVersionOfAirflowNamesTheNearest(t *testing.T) {
	for version, want := range map[string]string{
		"1.10.12": "2.7.2", "2.4.3": "2.7.2", "2.7.3": "2.7.2", "2.8.0": "2.8.1", "2.9.3": "2.9.2", "2.10.0": "2.10.1", "2.10.4": "2.10.3",
		"2.11.1": "2.11.0", "2.12.0": "3.0.6", "3.0": "3.0.6", "3.0.1": "3.0.6", "3.0.7": "3.0.6", "3.1.0": "3.0.6", "3.0.6.1": "3.0.6",
	} {
		if got := nearestVersion(version); got != want {
			t.Errorf("%s: got %s, expected %s", version, got, want)
		}
	}
	if got := nearestVersion("9999.9999"); got != "3.0.6" {
		t.Errorf("got %s", got)
	}
}

func TestTheAnswersAboutServicesAndTheOtherSideAreRead(t *testing.T) {
	got := parsed(t, `work: [http-api, batch-job, redshift-sql]
network:
  on_premises: peering
  outbound: nat
  peer_vpc: vpc-0123456789abcdef0
  peer_route_tables: [rtb-01234567, rtb-0123456789abcdef0]
airflow: {version: 3.0.6, class: mw1.medium, min_workers: 2, max_workers: 25}
batch: {vcpu: 0.5, memory_mib: 3072}
redshift: {workgroup: analytics-2, database: _Sales.2026@eu}
`)
	network := Network{
		OnPremises: Peering, Outbound: NAT, PeerVPC: "vpc-0123456789abcdef0", PeerRouteTables: []string{"rtb-01234567", "rtb-0123456789abcdef0"},
	}
	if diff := cmp.Diff(network, got.Network); diff != "" {
		t.Error(diff)
	}
	if want := (Airflow{"3.0.6", "mw1.medium", 2, 25}); got.Airflow != want {
		t.Errorf("got %+v, expected %+v", got.Airflow, want)
	}
	if want := (Redshift{"analytics-2", "_Sales.2026@eu"}); got.Redshift != want {
		t.Errorf("got %+v, expected %+v", got.Redshift, want)
	}
	other := parsed(t, "work: [lambda]\nnetwork: {on_premises: peering, peer_vpc: vpc-01234567, peer_account: 012345678901, peer_region: us-gov-west-1}\n").Network
	if want := (Network{OnPremises: Peering, PeerVPC: "vpc-01234567", PeerAccount: "012345678901", PeerRegion: "us-gov-west-1"}); !cmp.Equal(want, other) {
		t.Errorf("got %+v, expected %+v", other, want)
	}
	for number, text := range map[int]string{1: "1", 64512: "64512", 65534: "65534", 65536: "65536", 4200000000: "4200000000", 4294967294: "4294967294"} {
		if got := parsed(t, "work: [lambda]\nnetwork: {on_premises: vpn, bgp_asn: "+text+"}\n").Network.BgpASN; got != number {
			t.Errorf("%s: got %d", text, got)
		}
	}
	for _, address := range []string{"203.0.113.10", "9.255.255.255", "172.15.0.1", "172.32.0.1", "100.63.0.1", "223.255.255.254"} {
		if got := parsed(t, "work: [lambda]\nnetwork: {on_premises: vpn, customer_gateway_ip: "+address+"}\n").Network.CustomerGatewayIP; got != address {
			t.Errorf("%s: got %s", address, got)
		}
	}
}

func TestACopyHasRouteTablesOfItsOwn(t *testing.T) {
	given := parsed(t, "work: [lambda]\nnetwork: {on_premises: peering, peer_route_tables: [rtb-01234567]}\n")
	given.Clone().Network.PeerRouteTables[0] = "changed"
	if given.Network.PeerRouteTables[0] != "rtb-01234567" {
		t.Error("a change of the copy changed the answers")
	}
}
