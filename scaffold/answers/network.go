package answers

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

const cidrHint = "for example 10.20.0.0/16"

// Sizes of a VPC, as prefix lengths. Source: Amazon VPC User Guide, "VPC CIDR blocks", read 2026-11.
const (
	largestVPC    = 16
	smallestRange = 28 // of a VPC, and of each of its subnets
	// vpcSubnets is two public and two private subnets, each pair in two zones, as MWAA needs them.
	// Source: Amazon MWAA User Guide, "About networking on Amazon MWAA", read 2026-11.
	vpcSubnets = 4
)

// private are the ranges that AWS recommends for a VPC: RFC 1918, and RFC 6598 besides.
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"),
}

func checkCidr(value string) *fault {
	prefix, fault := ipv4Range(value)
	if fault != nil {
		return fault
	}
	size := addresses(prefix.Bits())
	switch {
	case prefix.Bits() < largestVPC || prefix.Bits() > smallestRange:
		return blame(value, cidrHint, "/%d holds %d addresses, a VPC has %d (/%d) to %d (/%d)",
			prefix.Bits(), size, addresses(smallestRange), smallestRange, addresses(largestVPC), largestVPC)
	case size < vpcSubnets*addresses(smallestRange):
		return blame(value, cidrHint, "/%d holds %d addresses, %d subnets of at least %d (/%d) need %d",
			prefix.Bits(), size, vpcSubnets, addresses(smallestRange), smallestRange, vpcSubnets*addresses(smallestRange))
	}
	for _, allowed := range private {
		if allowed.Bits() <= prefix.Bits() && allowed.Contains(prefix.Addr()) {
			return nil
		}
	}
	return blame(value, cidrHint, "is not private: the VPC could not reach the real owner of these addresses; expected a part of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10")
}

// largestOther is the largest range of a network on premises: a whole class A network, as a prefix length.
const largestOther = 8

func checkOnPremisesCidr(value string) *fault {
	prefix, fault := ipv4Range(value)
	if fault != nil {
		return fault
	}
	address := prefix.Addr()
	switch {
	case prefix.Bits() < largestOther:
		return blame(value, cidrHint, "/%d holds %d addresses, expected the network on premises alone, at most %d (/%d)",
			prefix.Bits(), addresses(prefix.Bits()), addresses(largestOther), largestOther)
	case address.IsLoopback() || address.IsMulticast() || address.IsLinkLocalUnicast() || address.IsUnspecified():
		return blame(value, cidrHint, "is no network that can be routed to")
	}
	return nil
}

func addresses(bits int) int { return 1 << (32 - bits) }

// ipv4Range parses strictly: four numbers, a slash, a length, and no bit set behind it.
func ipv4Range(value string) (netip.Prefix, *fault) {
	var none netip.Prefix
	if strings.Contains(value, ":") {
		return none, blame(value, cidrHint, "is IPv6, expected an IPv4 range")
	}
	address, length, slash := strings.Cut(value, "/")
	if !slash {
		return none, blame(value, cidrHint, "has no /, expected an address and a length")
	}
	parts := strings.Split(address, ".")
	if len(parts) != 4 {
		return none, blame(value, cidrHint, "has %d numbers before the /, expected 4", len(parts))
	}
	for _, part := range parts {
		if fault := decimal(value, part, 255); fault != nil {
			return none, fault
		}
	}
	if fault := decimal(value, length, 32); fault != nil {
		return none, fault
	}
	prefix, err := netip.ParsePrefix(value)
	if err != nil {
		return none, blame(value, cidrHint, "is not an IPv4 range")
	}
	if network := prefix.Masked(); network != prefix {
		return none, blame(value, "write "+network.String(), "has bits set behind /%d: the network that holds %s begins at %s",
			prefix.Bits(), prefix.Addr(), network.Addr())
	}
	return prefix, nil
}

func decimal(value, part string, most int) *fault {
	got, err := strconv.ParseUint(part, 10, 64)
	switch {
	case err != nil:
		return blame(value, cidrHint, "got %q, expected a number from 0 to %d", part, most)
	case len(part) > 1 && part[0] == '0':
		return blame(value, cidrHint, "got %s, which some programs read as octal, expected a number without leading zeros", part)
	case got > uint64(most):
		return blame(value, cidrHint, "got %d, expected a number from 0 to %d", got, most)
	}
	return nil
}

// overlap says which addresses the two ranges share. Peered networks that overlap cannot be routed.
func overlap(cidr, other string) *fault {
	a, first := ipv4Range(cidr)
	b, second := ipv4Range(other)
	if first != nil || second != nil || !a.Overlaps(b) {
		return nil
	}
	return blame(other, "choose a VPC range outside it", "%s overlaps network.cidr, %s", span(b), span(a))
}

// span is a range from its first to its last address.
func span(prefix netip.Prefix) string {
	first := prefix.Addr().As4()
	last := first
	for i := range 32 {
		if i >= prefix.Bits() {
			last[i/8] |= 0x80 >> (i % 8)
		}
	}
	return fmt.Sprintf("%s-%s", netip.AddrFrom4(first), netip.AddrFrom4(last))
}
