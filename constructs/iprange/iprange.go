// Package iprange is the arithmetic of IPv4 ranges: whether two overlap, and how a VPC is divided into subnets.
//
// It deploys nothing. What it refuses it explains with the addresses, which is what somebody needs to mend it.
// Source: Amazon VPC User Guide, "VPC CIDR blocks", "Subnet CIDR blocks", read 2026-11.
package iprange

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Limits of a VPC and of each of its subnets, as prefix lengths, and the addresses of a subnet that AWS keeps for itself.
const (
	largestVPC = 16
	smallest   = 28
	reserved   = 5
)

// Parse reads an IPv4 range with no bit set behind its length.
func Parse(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !prefix.Addr().Is4():
		return netip.Prefix{}, fmt.Errorf("got %q, expected an IPv4 range, for example 10.20.0.0/16", text)
	case prefix != prefix.Masked():
		return netip.Prefix{}, fmt.Errorf("got %q, expected %s: the address is not the first of its range", text, prefix.Masked())
	}
	return prefix, nil
}

// Quarters divides the range of a VPC into four subnets, each of which must have room for so many addresses.
func Quarters(vpc netip.Prefix, needed int) ([]netip.Prefix, error) {
	bits := vpc.Bits() + 2
	switch {
	case vpc.Bits() < largestVPC:
		return nil, fmt.Errorf("got %s with %d addresses, a VPC has at most %d (/%d)", vpc, size(vpc.Bits()), size(largestVPC), largestVPC)
	case bits > smallest:
		return nil, fmt.Errorf("got %s with %d addresses, expected at least %d (/%d): 4 subnets of %d (/%d)",
			vpc, size(vpc.Bits()), 4*size(smallest), smallest-2, size(smallest), smallest)
	case size(bits)-reserved < needed:
		return nil, fmt.Errorf("got %s: each of 4 subnets has %d addresses, of which AWS keeps %d; %d are left, and %d are needed",
			vpc, size(bits), reserved, size(bits)-reserved, needed)
	}
	subnets := make([]netip.Prefix, 4)
	for i := range subnets {
		subnets[i] = netip.PrefixFrom(address(number(vpc.Addr())+uint32(i*size(bits))), bits)
	}
	return subnets, nil
}

// CheckApart refuses two ranges that have addresses in common: a packet for one of these would never leave its own network.
func CheckApart(one, other netip.Prefix) error {
	if !one.Overlaps(other) {
		return nil
	}
	common := one
	if other.Bits() > one.Bits() {
		common = other
	}
	return fmt.Errorf("%s (%s) and %s (%s) overlap in %d addresses, %s; nothing can be routed between them",
		one, span(one), other, span(other), size(common.Bits()), span(common))
}

func size(bits int) int { return 1 << (32 - bits) }

// span names the first and the last address of a range.
func span(prefix netip.Prefix) string {
	return fmt.Sprintf("%s-%s", prefix.Addr(), address(number(prefix.Addr())+uint32(size(prefix.Bits())-1)))
}

func number(at netip.Addr) uint32 {
	four := at.As4()
	return binary.BigEndian.Uint32(four[:])
}

func address(at uint32) netip.Addr {
	var four [4]byte
	binary.BigEndian.PutUint32(four[:], at)
	return netip.AddrFrom4(four)
}
