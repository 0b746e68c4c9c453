package answers

// networkFaults are bad networks.
var networkFaults = []badInput{
	// network
	{
		"/30 network", "network: {on_premises: vpn, cidr: 10.0.0.0/30}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0/30\": /30 holds 4 addresses, a VPC has 16 (/28) to 65536 (/16)\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"/8 network", "network: {on_premises: vpn, cidr: 10.0.0.0/8}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0/8\": /8 holds 16777216 addresses, a VPC has 16 (/28) to 65536 (/16)\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"no room for the subnets", "network: {on_premises: vpn, cidr: 10.0.0.0/27}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0/27\": /27 holds 32 addresses, 4 subnets of at least 16 (/28) need 64\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"host bits", "network: {on_premises: vpn, cidr: 10.0.1.5/16}" + work,
		"answers.yaml:1: network.cidr: \"10.0.1.5/16\": has bits set behind /16: the network that holds 10.0.1.5 begins at 10.0.0.0\n" +
			"  hint: write 10.0.0.0/16",
	},
	{
		"999 in the network", "network: {on_premises: vpn, cidr: 10.0.0.999/16}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.999/16\": got 999, expected a number from 0 to 255\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"leading zero in the network", "network: {on_premises: vpn, cidr: 010.0.0.0/16}" + work,
		"answers.yaml:1: network.cidr: \"010.0.0.0/16\": got 010, which some programs read as octal, expected a number without leading zeros\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"length 33", "network: {on_premises: vpn, cidr: 10.0.0.0/33}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0/33\": got 33, expected a number from 0 to 32\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"network without a length", "network: {on_premises: vpn, cidr: 10.0.0.0}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0.0\": has no /, expected an address and a length\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"three numbers", "network: {on_premises: vpn, cidr: 10.0.0/16}" + work,
		"answers.yaml:1: network.cidr: \"10.0.0/16\": has 3 numbers before the /, expected 4\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"IPv6", "network: {on_premises: vpn, cidr: '2001:db8::/56'}" + work,
		"answers.yaml:1: network.cidr: \"2001:db8::/56\": is IPv6, expected an IPv4 range\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"public network", "network: {on_premises: vpn, cidr: 8.8.0.0/16}" + work,
		"answers.yaml:1: network.cidr: \"8.8.0.0/16\": is not private: the VPC could not reach the real owner of these addresses; expected a part of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"the whole internet on premises", "network: {on_premises: vpn, on_premises_cidr: 0.0.0.0/0}" + work,
		"answers.yaml:1: network.on_premises_cidr: \"0.0.0.0/0\": /0 holds 4294967296 addresses, expected the network on premises alone, at most 16777216 (/8)\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"loopback on premises", "network: {on_premises: vpn, on_premises_cidr: 127.0.0.0/8}" + work,
		"answers.yaml:1: network.on_premises_cidr: \"127.0.0.0/8\": is no network that can be routed to\n" +
			"  hint: for example 10.20.0.0/16",
	},
	{
		"networks that overlap", "network:\n  on_premises: peering\n  cidr: 10.0.0.0/16\n  on_premises_cidr: 10.0.128.0/17" + work,
		"answers.yaml:4: network.on_premises_cidr: \"10.0.128.0/17\": 10.0.128.0-10.0.255.255 overlaps network.cidr, 10.0.0.0-10.0.255.255\n" +
			"  hint: choose a VPC range outside it",
	},
	{
		"range without a network", "network: {on_premises_cidr: 10.0.0.0/16}" + work,
		"answers.yaml:1: network.on_premises_cidr: applies only to a connected network, and network.on_premises is none\n" +
			"  hint: remove it, or write on_premises: peering or vpn under network",
	},
	{
		"unknown network", "network: {on_premises: direct-connect}" + work,
		"answers.yaml:1: network.on_premises: got \"direct-connect\", expected one of none, peering, vpn",
	},
}
