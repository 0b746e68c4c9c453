package iprange_test

import (
	"fmt"
	"net/netip"
	"testing"

	"example.com/pipewright/constructs/iprange"
)

func TestParseTakesOnlyWholeIPv4Ranges(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"10.20.0.0/16", ""},
		{"192.168.7.5/32", ""},
		{"10.20.0.0", `got "10.20.0.0", expected an IPv4 range, for example 10.20.0.0/16`},
		{"10.20.0.0/33", `got "10.20.0.0/33", expected an IPv4 range, for example 10.20.0.0/16`},
		{"fd00::/8", `got "fd00::/8", expected an IPv4 range, for example 10.20.0.0/16`},
		{"10.20.1.0/16", `got "10.20.1.0/16", expected 10.20.0.0/16: the address is not the first of its range`},
	} {
		t.Run(test.text, func(t *testing.T) {
			_, err := iprange.Parse(test.text)
			if got := text(err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestQuartersDivideTheRange(t *testing.T) {
	for _, test := range []struct {
		vpc    string
		needed int
		want   string
	}{
		{"10.20.0.0/16", 20, "[10.20.0.0/18 10.20.64.0/18 10.20.128.0/18 10.20.192.0/18]"},
		{"10.255.255.192/26", 11, "[10.255.255.192/28 10.255.255.208/28 10.255.255.224/28 10.255.255.240/28]"},
		{"255.255.255.0/24", 1, "[255.255.255.0/26 255.255.255.64/26 255.255.255.128/26 255.255.255.192/26]"},
		{"10.0.0.0/15", 1, "got 10.0.0.0/15 with 131072 addresses, a VPC has at most 65536 (/16)"},
		{"10.0.0.0/30", 1, "got 10.0.0.0/30 with 4 addresses, expected at least 64 (/26): 4 subnets of 16 (/28)"},
		{"10.0.0.0/27", 1, "got 10.0.0.0/27 with 32 addresses, expected at least 64 (/26): 4 subnets of 16 (/28)"},
		{"10.0.0.0/26", 12, "got 10.0.0.0/26: each of 4 subnets has 16 addresses, of which AWS keeps 5; 11 are left, and 12 are needed"},
	} {
		t.Run(test.vpc, func(t *testing.T) {
			subnets, err := iprange.Quarters(netip.MustParsePrefix(test.vpc), test.needed)
			got := text(err)
			if err == nil {
				got = fmt.Sprint(subnets)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestOverlappingRangesAreRefusedWithTheAddresses(t *testing.T) {
	for _, test := range []struct{ one, other, want string }{
		{"10.20.0.0/16", "10.21.0.0/16", ""},
		{
			"10.20.0.0/16", "10.20.128.0/24",
			"10.20.0.0/16 (10.20.0.0-10.20.255.255) and 10.20.128.0/24 (10.20.128.0-10.20.128.255) overlap in 256 addresses, 10.20.128.0-10.20.128.255; nothing can be routed between them",
		},
		{
			"10.20.0.0/16", "10.0.0.0/8",
			"10.20.0.0/16 (10.20.0.0-10.20.255.255) and 10.0.0.0/8 (10.0.0.0-10.255.255.255) overlap in 65536 addresses, 10.20.0.0-10.20.255.255; nothing can be routed between them",
		},
	} {
		t.Run(test.one+" "+test.other, func(t *testing.T) {
			err := iprange.CheckApart(netip.MustParsePrefix(test.one), netip.MustParsePrefix(test.other))
			if got := text(err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
