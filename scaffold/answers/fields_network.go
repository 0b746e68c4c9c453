package answers

import "strings"

// networkFields are the answers about the VPC and its connection.
var networkFields = []field{
	{
		path: "network.on_premises", kind: text, allowed: OnPremisesValues, note: strings.Join(OnPremisesValues, " | "),
		at: func(a *Answers) any { return &a.Network.OnPremises },
	},
	{
		path: "network.cidr", kind: text, check: checkCidr, note: "the VPC's range",
		at: func(a *Answers) any { return &a.Network.Cidr },
	},
	{
		path: "network.on_premises_cidr", kind: text, check: checkOnPremisesCidr, note: "the range on the other side; the two must not overlap",
		at: func(a *Answers) any { return &a.Network.OnPremisesCidr },
	},
	{
		path: "network.outbound", kind: text, allowed: OutboundValues, note: "endpoints: only AWS can be reached | nat: everything can",
		at: func(a *Answers) any { return &a.Network.Outbound },
	},
	{
		path: "network.peer_vpc", kind: text, check: checkPeerVPC, linked: Peering, note: "the VPC on the other side",
		at: func(a *Answers) any { return &a.Network.PeerVPC },
	},
	{
		path: "network.peer_account", kind: text, check: checkAccount, linked: Peering, may: true, digits: true, note: "its account, if it is another one",
		at: func(a *Answers) any { return &a.Network.PeerAccount },
	},
	{
		path: "network.peer_region", kind: text, check: checkRegion, linked: Peering, may: true, note: "its Region, if it is another one",
		at: func(a *Answers) any { return &a.Network.PeerRegion },
	},
	{
		path: "network.peer_route_tables", kind: list, check: checkRouteTable, linked: Peering, may: true, item: "route table", unsaid: true,
		note: "its route tables, which get the way back", at: func(a *Answers) any { return &a.Network.PeerRouteTables },
	},
	{
		path: "network.customer_gateway_ip", kind: text, check: checkGatewayIP, linked: VPN, note: "public IPv4 address of the device on premises",
		at: func(a *Answers) any { return &a.Network.CustomerGatewayIP },
	},
	{
		path: "network.bgp_asn", kind: whole, bounds: [2]float64{1, maxASN}, whole: checkASN, linked: VPN, may: true, unsaid: true,
		note: "autonomous system number of that device; absent: static routes", at: func(a *Answers) any { return &a.Network.BgpASN },
	},
}
