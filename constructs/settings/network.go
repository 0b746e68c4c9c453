package settings

import "strings"

// How a private network is connected, the values of Network.OnPremises.
const (
	NotConnected = "none"
	Peering      = "peering"
	VPN          = "vpn"
)

// What lets a private network reach AWS's services, the values of Network.Outbound.
const (
	Endpoints = "endpoints" // interface endpoints, one per service: only AWS can be reached
	NAT       = "nat"       // a NAT gateway: everything can be reached
)

// Network is how what runs in a VPC reaches the rest of the world.
type Network struct {
	Cidr              string   // IPv4 range of the VPC; default: the construct's own
	Outbound          string   // Endpoints or NAT; default: what the example needs
	OnPremises        string   // NotConnected, Peering or VPN; default NotConnected
	OnPremisesCidr    string   // IPv4 range on the other side
	PeerVpcID         string   // peering: the other VPC
	PeerAccount       string   // peering: its account; default: this one
	PeerRegion        string   // peering: its Region; default: this one
	PeerRouteTables   []string // peering: its route tables, to which the way back is added; default: none, an output says what to add
	CustomerGatewayIP string   // VPN: public IPv4 address of the device on the other side
	BgpAsn            int      // VPN: its autonomous system number; default: static routes
}

// connection is all that concerns the other side, as one comparable value.
func (n Network) connection() any {
	if n.OnPremises == NotConnected {
		n.OnPremises = ""
	}
	return struct {
		how, cidr, vpc, account, region, tables, gateway string
		asn                                              int
	}{n.OnPremises, n.OnPremisesCidr, n.PeerVpcID, n.PeerAccount, n.PeerRegion, strings.Join(n.PeerRouteTables, ", "), n.CustomerGatewayIP, n.BgpAsn}
}

// Airflow is size and version of the environment.
type Airflow struct {
	Version    string // default: the construct's own
	Class      string // for example mw1.small, the default
	MinWorkers int    // default 1
	MaxWorkers int    // default 2
}

// Container is the size of a container job.
type Container struct {
	VCPU      string // for example "0.5"; default "1"
	MemoryMiB int    // default 2048
}

// Existing is a Redshift Serverless data warehouse that is there already; the default is one of the project's own.
type Existing struct {
	Workgroup string
	Database  string
}

func (r *reader) network() Network {
	return Network{
		Cidr:              r.text("cidr"),
		Outbound:          r.text("outbound"),
		OnPremises:        r.text("onPremises"),
		OnPremisesCidr:    r.text("onPremisesCidr"),
		PeerVpcID:         r.text("peerVpcId"),
		PeerAccount:       r.text("peerAccount"),
		PeerRegion:        r.text("peerRegion"),
		PeerRouteTables:   r.list("peerRouteTables"),
		CustomerGatewayIP: r.text("customerGatewayIp"),
		BgpAsn:            r.number("bgpAsn"),
	}
}

func (r *reader) airflow() Airflow {
	return Airflow{
		Version:    r.text("airflowVersion"),
		Class:      r.text("environmentClass"),
		MinWorkers: r.number("minWorkers"),
		MaxWorkers: r.number("maxWorkers"),
	}
}
