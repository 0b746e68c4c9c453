package answers

import "strings"

const (
	peered = "network:\n  on_premises: peering\n"
	tunnel = "network:\n  on_premises: vpn\n"
)

// connectionFaults are bad answers about the other side of a network.
var connectionFaults = []badInput{
	// which answers belong together
	{
		"peering's answer for a VPN", tunnel + "  peer_vpc: vpc-0123456789abcdef0" + work,
		"answers.yaml:3: network.peer_vpc: applies only to network.on_premises: peering, and network.on_premises is vpn\n" +
			"  hint: remove it, or write on_premises: peering under network",
	},
	{
		"peering's answer without a connection", "network: {peer_account: '123456789012'}" + work,
		"answers.yaml:1: network.peer_account: applies only to network.on_premises: peering, and network.on_premises is none\n" +
			"  hint: remove it, or write on_premises: peering under network",
	},
	{
		"peering's Region for a VPN", tunnel + "  peer_region: eu-central-1" + work,
		"answers.yaml:3: network.peer_region: applies only to network.on_premises: peering, and network.on_premises is vpn\n" +
			"  hint: remove it, or write on_premises: peering under network",
	},
	{
		"peering's route tables for a VPN", tunnel + "  peer_route_tables: [rtb-01234567]" + work,
		"answers.yaml:3: network.peer_route_tables: applies only to network.on_premises: peering, and network.on_premises is vpn\n" +
			"  hint: remove it, or write on_premises: peering under network",
	},
	{
		"VPN's answer for peering", peered + "  customer_gateway_ip: 203.0.113.10" + work,
		"answers.yaml:3: network.customer_gateway_ip: applies only to network.on_premises: vpn, and network.on_premises is peering\n" +
			"  hint: remove it, or write on_premises: vpn under network",
	},
	{
		"BGP without a VPN", "network: {bgp_asn: 65000}" + work,
		"answers.yaml:1: network.bgp_asn: applies only to network.on_premises: vpn, and network.on_premises is none\n" +
			"  hint: remove it, or write on_premises: vpn under network",
	},
	{
		"unknown way out", "network: {outbound: internet}" + work,
		"answers.yaml:1: network.outbound: got \"internet\", expected one of endpoints, nat",
	},
	{
		"misspelled way out", "network: {outbound: endpoint}" + work,
		"answers.yaml:1: network.outbound: got \"endpoint\", expected one of endpoints, nat\n" +
			"  hint: did you mean endpoints?",
	},

	// peering
	{
		"name instead of a VPC", peered + "  peer_vpc: production" + work,
		"answers.yaml:3: network.peer_vpc: \"production\": does not begin with vpc-, expected the id of a VPC\n" +
			"  hint: for example vpc-0123456789abcdef0, as the other side's console shows it",
	},
	{
		"VPC with too few digits", peered + "  peer_vpc: vpc-123" + work,
		"answers.yaml:3: network.peer_vpc: \"vpc-123\": has \"123\" behind vpc-, expected 8 or 17 of 0-9 and a-f\n" +
			"  hint: for example vpc-0123456789abcdef0, as the other side's console shows it",
	},
	{
		"empty VPC", peered + "  peer_vpc: ''" + work,
		"answers.yaml:3: network.peer_vpc: is empty, expected the id of the other VPC",
	},
	{
		"account with hyphens", peered + "  peer_account: 1234-5678-9012" + work,
		"answers.yaml:3: network.peer_account: \"1234-5678-9012\": has 14 characters, expected the 12 digits of an AWS account\n" +
			"  hint: write 123456789012",
	},
	{
		"short account", peered + "  peer_account: 1234" + work,
		"answers.yaml:3: network.peer_account: \"1234\": has 4 characters, expected the 12 digits of an AWS account\n" +
			"  hint: for example 123456789012, without hyphens; leave it out for the project's own account",
	},
	{
		"place instead of a Region", peered + "  peer_region: Frankfurt" + work,
		"answers.yaml:3: network.peer_region: \"Frankfurt\": is no name of a Region\n" +
			"  hint: for example eu-central-1; leave it out for the project's own Region",
	},
	{
		"zone instead of a Region", peered + "  peer_region: eu-central-1b" + work,
		"answers.yaml:3: network.peer_region: \"eu-central-1b\": is an Availability Zone, expected a Region\n" +
			"  hint: write eu-central-1",
	},
	{
		"VPC as a route table", peered + "  peer_route_tables: [rtb-0123456789abcdef0, vpc-01234567]" + work,
		"answers.yaml:3: network.peer_route_tables: route table 2: \"vpc-01234567\": does not begin with rtb-, expected the id of a route table\n" +
			"  hint: for example rtb-0123456789abcdef0, as the other side's console shows it",
	},
	{
		"number as a route table", peered + "  peer_route_tables: [7]" + work,
		"answers.yaml:3: network.peer_route_tables: route table 1: got the number 7, expected text",
	},
	{
		"route tables that are no list", peered + "  peer_route_tables: rtb-01234567" + work,
		"answers.yaml:3: network.peer_route_tables: got the text \"rtb-01234567\", expected a list\n" +
			"  hint: for example peer_route_tables: [rtb-0123456789abcdef0]",
	},
	{
		"route table twice", peered + "  peer_route_tables: [rtb-01234567, rtb-01234567]" + work,
		"answers.yaml:3: network.peer_route_tables: rtb-01234567 stands twice\n" +
			"  hint: keep one of the two",
	},
	{
		"too many route tables", peered + "  peer_route_tables: [" + strings.Repeat("rtb-01234567, ", 20) + "rtb-01234567]" + work,
		"answers.yaml:3: network.peer_route_tables: has 21 route tables, expected at most 20\n" +
			"  hint: leave them out: after the deployment an output says which route to add to each",
	},
	{
		"route tables of another account", peered + "  peer_account: '123456789012'\n  peer_route_tables: [rtb-01234567]" + work,
		"answers.yaml:4: network.peer_route_tables: a stack cannot change route tables of another account or Region, and network.peer_account or network.peer_region names one\n" +
			"  hint: leave them out: after the deployment an output says which route to add there",
	},
	{
		"route tables of another Region", peered + "  peer_route_tables: [rtb-01234567]\n  peer_region: eu-west-1" + work,
		"answers.yaml:3: network.peer_route_tables: a stack cannot change route tables of another account or Region, and network.peer_account or network.peer_region names one\n" +
			"  hint: leave them out: after the deployment an output says which route to add there",
	},
	{
		"secret as a route table", peered + "  peer_route_tables: ['token=hunter2']" + work,
		"answers.yaml:3: network.peer_route_tables: route table 1: the value holds a password or a key (not shown)\n  hint: " + secretHint,
	},

	// vpn
	{
		"private address of the device", tunnel + "  customer_gateway_ip: 192.168.0.1" + work,
		"answers.yaml:3: network.customer_gateway_ip: \"192.168.0.1\": is private (192.168.0.0/16), expected a public IPv4 address\n" +
			"  hint: for example 203.0.113.10, or the address of the NAT device before it",
	},
	{
		"loopback as the device", tunnel + "  customer_gateway_ip: 127.0.0.1" + work,
		"answers.yaml:3: network.customer_gateway_ip: \"127.0.0.1\": is the loopback (127.0.0.0/8), expected a public IPv4 address\n" +
			"  hint: for example 203.0.113.10, or the address of the NAT device before it",
	},
	{
		"carrier's address of the device", tunnel + "  customer_gateway_ip: 100.64.1.1" + work,
		"answers.yaml:3: network.customer_gateway_ip: \"100.64.1.1\": is shared behind a carrier's NAT (100.64.0.0/10), expected a public IPv4 address\n" +
			"  hint: for example 203.0.113.10, or the address of the NAT device before it",
	},
	{
		"multicast as the device", tunnel + "  customer_gateway_ip: 224.0.0.1" + work,
		"answers.yaml:3: network.customer_gateway_ip: \"224.0.0.1\": is multicast (224.0.0.0/4), expected a public IPv4 address\n" +
			"  hint: for example 203.0.113.10, or the address of the NAT device before it",
	},
	{
		"IPv6 device", tunnel + "  customer_gateway_ip: '2001:db8::1'" + work,
		"answers.yaml:3: network.customer_gateway_ip: \"2001:db8::1\": is IPv6, which a virtual private gateway does not take, expected a public IPv4 address\n" +
			"  hint: for example 203.0.113.10, or the address of the NAT device before it",
	},
	{
		"range as the device", tunnel + "  customer_gateway_ip: 203.0.113.10/32" + work,
		"answers.yaml:3: network.customer_gateway_ip: \"203.0.113.10/32\": is a range, expected the one address of the device\n" +
			"  hint: write 203.0.113.10",
	},
	{
		"name of the device", tunnel + "  customer_gateway_ip: vpn.example.com" + work,
		"answers.yaml:3: network.customer_gateway_ip: \"vpn.example.com\": has 3 numbers, expected the 4 of an IPv4 address\n" +
			"  hint: for example 203.0.113.10, or the address of the NAT device before it",
	},
	{
		"256 in the device's address", tunnel + "  customer_gateway_ip: 203.0.113.256" + work,
		"answers.yaml:3: network.customer_gateway_ip: \"203.0.113.256\": got 256, expected a number from 0 to 255\n" +
			"  hint: for example 203.0.113.10, or the address of the NAT device before it",
	},
	{
		"leading zero in the device's address", tunnel + "  customer_gateway_ip: 203.013.0.1" + work,
		"answers.yaml:3: network.customer_gateway_ip: \"203.013.0.1\": got 013, which some programs read as octal, expected a number without leading zeros\n" +
			"  hint: for example 203.0.113.10, or the address of the NAT device before it",
	},
	{
		"BGP number 0", tunnel + "  bgp_asn: 0" + work,
		"answers.yaml:3: network.bgp_asn: got 0, expected a whole number from 1 to 4294967294",
	},
	{
		"BGP number beyond 4 bytes", tunnel + "  bgp_asn: 4294967296" + work,
		"answers.yaml:3: network.bgp_asn: got 4294967296, expected a whole number from 1 to 4294967294",
	},
	{
		"last BGP number of 2 bytes", tunnel + "  bgp_asn: 65535" + work,
		"answers.yaml:3: network.bgp_asn: got 65535, which is reserved\n" +
			"  hint: without a public number of your own, take a private one: 64512 to 65534, or leave it out for static routes",
	},
	{
		"Amazon's BGP number", tunnel + "  bgp_asn: 7224" + work,
		"answers.yaml:3: network.bgp_asn: got 7224, which AWS keeps for itself in all Regions\n" +
			"  hint: without a public number of your own, take a private one: 64512 to 65534, or leave it out for static routes",
	},
	{
		"Amazon's BGP number in one Region", tunnel + "  bgp_asn: 9059" + work,
		"answers.yaml:3: network.bgp_asn: got 9059, which AWS keeps for itself in eu-west-1\n" +
			"  hint: without a public number of your own, take a private one: 64512 to 65534, or leave it out for static routes",
	},
	{
		"BGP number with a dot", tunnel + "  bgp_asn: 1.10" + work,
		"answers.yaml:3: network.bgp_asn: got 1.10, expected a whole number in digits",
	},
}
