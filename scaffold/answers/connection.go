package answers

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	peerVPCHint    = "for example vpc-0123456789abcdef0, as the other side's console shows it"
	routeTableHint = "for example rtb-0123456789abcdef0, as the other side's console shows it"
	gatewayHint    = "for example 203.0.113.10, or the address of the NAT device before it"
	asnHint        = "without a public number of your own, take a private one: 64512 to 65534, or leave it out for static routes"
)

// Ids of Amazon EC2: 8 hexadecimal digits, or 17 since 2016.
// Source: Amazon EC2 User Guide, "Resource IDs", read 2026-11.
var resourceID = regexp.MustCompile(`^[a-z]+-([0-9a-f]{8}|[0-9a-f]{17})$`)

func checkPeerVPC(id string) *fault { return checkID(id, "vpc-", "a VPC", peerVPCHint) }

func checkRouteTable(id string) *fault { return checkID(id, "rtb-", "a route table", routeTableHint) }

func checkID(id, prefix, what, hint string) *fault {
	switch digits, found := strings.CutPrefix(id, prefix); {
	case !found:
		return blame(id, hint, "does not begin with %s, expected the id of %s", prefix, what)
	case !resourceID.MatchString(id):
		return blame(id, hint, "has %q behind %s, expected 8 or 17 of 0-9 and a-f", digits, prefix)
	}
	return nil
}

var account = regexp.MustCompile(`^[0-9]{12}$`)

func checkAccount(id string) *fault {
	if account.MatchString(id) {
		return nil
	}
	hint := "for example 123456789012, without hyphens; leave it out for the project's own account"
	if bare := strings.NewReplacer("-", "", " ", "").Replace(id); account.MatchString(bare) {
		hint = "write " + bare
	}
	return blame(id, hint, "has %d characters, expected the 12 digits of an AWS account", len(id))
}

// regionName is how names of Regions are made. Which of them exist grows every year, and is not checked.
var regionName = regexp.MustCompile(`^[a-z]{2,3}(-[a-z]+)+-[0-9]$`)

func checkRegion(name string) *fault {
	const hint = "for example eu-central-1; leave it out for the project's own Region"
	switch {
	case regionName.MatchString(name):
		return nil
	case regionName.MatchString(strings.TrimRight(name, "abcdefgh")):
		return blame(name, "write "+strings.TrimRight(name, "abcdefgh"), "is an Availability Zone, expected a Region")
	}
	return blame(name, hint, "is no name of a Region")
}

// checkGatewayIP refuses what the internet does not route: a VPN's tunnels go over it.
// Source: AWS Site-to-Site VPN User Guide, "Customer gateway options for your AWS Site-to-Site VPN connection": an IPv6 address is
// taken only by a transit gateway or Cloud WAN, read 2026-11.
func checkGatewayIP(value string) *fault {
	if strings.Contains(value, ":") {
		return blame(value, gatewayHint, "is IPv6, which a virtual private gateway does not take, expected a public IPv4 address")
	}
	if strings.Contains(value, "/") {
		return blame(value, "write "+value[:strings.Index(value, "/")], "is a range, expected the one address of the device")
	}
	parts := strings.Split(value, ".")
	if len(parts) != 4 {
		return blame(value, gatewayHint, "has %d numbers, expected the 4 of an IPv4 address", len(parts))
	}
	for _, part := range parts {
		if found := decimal(value, part, 255); found != nil {
			found.hint = gatewayHint
			return found
		}
	}
	address, err := netip.ParseAddr(value)
	if err != nil {
		return blame(value, gatewayHint, "is no IPv4 address")
	}
	for _, taken := range unrouted {
		if taken.prefix.Contains(address) {
			return blame(value, gatewayHint, "is %s (%s), expected a public IPv4 address", taken.what, taken.prefix)
		}
	}
	return nil
}

// unrouted are the addresses that the internet does not route. Those for documentation stand in for a real one in every example.
// Source: IANA IPv4 Special-Purpose Address Registry, read 2026-11.
var unrouted = []struct {
	prefix netip.Prefix
	what   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "no address of a device"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared behind a carrier's NAT"},
	{netip.MustParsePrefix("127.0.0.0/8"), "the loopback"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private"},
	{netip.MustParsePrefix("192.0.0.0/24"), "kept for protocols"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private"},
	{netip.MustParsePrefix("198.18.0.0/15"), "kept for benchmarks"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved"},
}

// maxASN is the last number that may be used: the one behind it is reserved (RFC 7300).
// Source: AWS Site-to-Site VPN User Guide, "Customer gateway options for your AWS Site-to-Site VPN connection", read 2026-11.
const maxASN = 1<<32 - 2

// amazonASNs are Amazon's own numbers, each with the Region in which it cannot be a customer gateway's. The answers name no Region,
// and nobody else owns them. Source: as of maxASN.
var amazonASNs = map[int]string{7224: "all Regions", 9059: "eu-west-1", 10124: "ap-northeast-1", 17943: "ap-southeast-1"}

func checkASN(number int) *fault {
	const last16 = 1<<16 - 1 // of the numbers with two bytes; reserved (RFC 7300)
	if region := amazonASNs[number]; region != "" {
		return &fault{"got " + strconv.Itoa(number) + ", which AWS keeps for itself in " + region, asnHint}
	}
	if number == last16 {
		return &fault{"got " + strconv.Itoa(number) + ", which is reserved", asnHint}
	}
	return nil
}

// settleConnection checks the answers about the network beside each other.
func (r *reader) settleConnection() {
	network := &r.answers.Network
	for i := range fields {
		f := &fields[i]
		if line, given := r.seen[f.path]; given && f.linked != "" && f.linked != network.OnPremises {
			r.fail(f.path, line, "remove it, or write on_premises: "+f.linked+" under network",
				"applies only to network.on_premises: %s, and network.on_premises is %s", f.linked, network.OnPremises)
		}
	}
	r.wayBack()
}

// wayBack refuses route tables that CloudFormation cannot reach. Source: AWS CloudFormation User Guide, AWS::EC2::Route: the route table is
// one of the stack's account and Region, read 2026-11.
func (r *reader) wayBack() {
	network := &r.answers.Network
	tables := network.PeerRouteTables
	for i, table := range tables {
		if slices.Contains(tables[:i], table) {
			r.fail("network.peer_route_tables", r.seen["network.peer_route_tables"], "keep one of the two", "%s stands twice", table)
		}
	}
	if len(tables) > 0 && (network.PeerAccount != "" || network.PeerRegion != "") {
		r.fail("network.peer_route_tables", r.seen["network.peer_route_tables"], "leave them out: after the deployment an output says which route to add there",
			"a stack cannot change route tables of another account or Region, and network.peer_account or network.peer_region names one")
	}
}
