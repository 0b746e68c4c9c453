package airflow

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"

	"example.com/pipewright/constructs/dagstart"
	"example.com/pipewright/constructs/iprange"
	"example.com/pipewright/constructs/mwaa"
	"example.com/pipewright/constructs/settings"
	"example.com/pipewright/constructs/sitetositevpn"
	"example.com/pipewright/constructs/vpcpeering"
	"example.com/pipewright/constructs/weathersales"
)

// defaultCidr is the range of the VPC.
const defaultCidr = "10.20.0.0/16"

// Plugins is the file beside cdk.json that holds the Python packages, where there is no way to PyPI. make wheels makes it.
// Source: Amazon MWAA User Guide, "Managing Python dependencies in requirements.txt" (Python wheels in plugins.zip), read 2026-11.
const Plugins = "plugins.zip"

// offline makes pip take the packages from there, and from nowhere else.
const offline = "--find-links /usr/local/airflow/plugins\n--no-index\n"

// design is what the settings come to.
type design struct {
	settings.Settings
	size      mwaa.Size
	cidr      netip.Prefix
	subnets   []netip.Prefix
	other     netip.Prefix // where the SQL Server is; invalid: anywhere
	nat       bool
	endpoints []string
	files     map[string][]byte // in the environment's bucket
}

// newDesign reports the first setting that cannot be used.
func newDesign(use settings.Settings) (*design, error) {
	d := &design{Settings: use, size: mwaa.Size(use.Airflow).WithDefaults()}
	if len(d.Work) == 0 {
		d.Work = []string{weathersales.HTTPAPI, weathersales.SQLServer}
	}
	for _, check := range []func() error{d.checkAirflow, d.checkLink, d.checkOutbound, d.divide, d.gather} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// sql says whether the DAG asks the SQL Server.
func (d *design) sql() bool { return slices.Contains(d.Work, weathersales.SQLServer) }

// linked says whether the network is connected with another.
func (d *design) linked() bool {
	return d.Network.OnPremises != "" && d.Network.OnPremises != settings.NotConnected
}

// calls says whether a function has to start the DAG: its own schedule, and whoever has the command, do without.
func (d *design) calls() bool {
	return d.Start() == settings.OnObject || d.Start() == settings.OnEvent
}

func (d *design) checkAirflow() error {
	work := weathersales.Settings{Work: d.Work}
	if err := errors.Join(mwaa.CheckName(d.Name), work.Check(), d.size.Check()); err != nil {
		return err
	}
	if !strings.HasPrefix(d.size.Version, "3.") {
		return fmt.Errorf("context airflowVersion: got %q, which MWAA offers, but this DAG is written for Airflow 3", d.size.Version)
	}
	return nil
}

// checkLink wants what the chosen link needs, and refuses what another would need.
func (d *design) checkLink() error {
	network := d.Network
	peer := network.PeerVpcID + network.PeerAccount + network.PeerRegion + strings.Join(network.PeerRouteTables, "")
	switch how := network.OnPremises; {
	case how != "" && how != settings.NotConnected && how != settings.Peering && how != settings.VPN:
		return fmt.Errorf("context onPremises: got %q, expected %s, %s or %s", how, settings.NotConnected, settings.Peering, settings.VPN)
	case d.linked() && !d.sql():
		return fmt.Errorf("context onPremises: got %s, but nothing in the work [%s] is reached by it\n  hint: onPremises=none, or %s in the work",
			how, strings.Join(d.Work, ", "), weathersales.SQLServer)
	case d.linked() && network.OnPremisesCidr == "":
		return fmt.Errorf("context onPremisesCidr: is missing, expected the range in which the SQL Server is: %s leads there, and the firewall opens for it alone", how)
	case how != settings.Peering && peer != "":
		return fmt.Errorf("context peerVpcId, peerAccount, peerRegion, peerRouteTables: got %q, but onPremises is not %s", peer, settings.Peering)
	case how != settings.VPN && (network.CustomerGatewayIP != "" || network.BgpAsn != 0):
		return fmt.Errorf("context customerGatewayIp, bgpAsn: got %q and %d, but onPremises is not %s", network.CustomerGatewayIP, network.BgpAsn, settings.VPN)
	case network.OnPremisesCidr == "":
		return nil
	case !d.sql():
		return fmt.Errorf("context onPremisesCidr: got %s, but the work [%s] has no %s", network.OnPremisesCidr, strings.Join(d.Work, ", "), weathersales.SQLServer)
	}
	var err error
	if d.other, err = iprange.Parse(network.OnPremisesCidr); err != nil {
		return fmt.Errorf("context onPremisesCidr: %w", err)
	}
	switch network.OnPremises {
	case settings.Peering:
		return d.peering().Check()
	case settings.VPN:
		return d.vpn().Check()
	}
	return nil
}

// peering are the props of the connection, as far as the settings say them.
func (d *design) peering() *vpcpeering.Props {
	return &vpcpeering.Props{
		Cidr: d.other, VpcID: d.Network.PeerVpcID, Account: d.Network.PeerAccount, Region: d.Network.PeerRegion, RouteTables: d.Network.PeerRouteTables,
	}
}

// vpn are the props of the connection, as far as the settings say them.
func (d *design) vpn() *sitetositevpn.Props {
	return &sitetositevpn.Props{Name: d.Name, Cidr: d.other, Address: d.Network.CustomerGatewayIP, Asn: d.Network.BgpAsn, Lab: d.Lab}
}

// checkOutbound takes a NAT gateway unless endpoints are asked for: Airflow installs its packages from PyPI, and endpoints lead to AWS alone.
func (d *design) checkOutbound() error {
	public := slices.Contains(d.Work, weathersales.HTTPAPI) || !d.linked()
	_, err := os.Stat(Plugins)
	switch outbound := d.Network.Outbound; {
	case outbound == "" || outbound == settings.NAT:
		d.nat = true
	case outbound != settings.Endpoints:
		return fmt.Errorf("context outbound: got %q, expected %s or %s", outbound, settings.NAT, settings.Endpoints)
	case public:
		return fmt.Errorf("context outbound: got %s, which lead to AWS alone, and the work [%s] with onPremises=%s reaches the Internet\n  hint: outbound=%s",
			outbound, strings.Join(d.Work, ", "), d.Network.OnPremises, settings.NAT)
	case err != nil:
		return fmt.Errorf("context outbound: got %s, without which Airflow installs packages from PyPI; expected them in %s (%w)\n  hint: make wheels",
			outbound, Plugins, err)
	default:
		d.endpoints = mwaa.Endpoints
	}
	if d.nat && d.calls() && !d.Lab {
		d.endpoints = []string{dagstart.Endpoint}
	}
	return nil
}

func (d *design) divide() error {
	cidr := d.Network.Cidr
	if cidr == "" {
		cidr = defaultCidr
	}
	var err error
	if d.cidr, err = iprange.Parse(cidr); err != nil {
		return fmt.Errorf("context cidr: %w", err)
	}
	// An interface endpoint takes an address in each subnet.
	if d.subnets, err = iprange.Quarters(d.cidr, d.size.Addresses()+len(d.endpoints)); err != nil {
		return fmt.Errorf("context cidr: %w", err)
	}
	if d.linked() {
		if err := iprange.CheckApart(d.cidr, d.other); err != nil {
			return fmt.Errorf("context cidr, onPremisesCidr: %w\n  hint: choose another cidr, for example 10.200.0.0/16", err)
		}
	}
	return nil
}

// gather reads the files that go into the environment's bucket.
func (d *design) gather() error {
	d.files = map[string][]byte{}
	err := fs.WalkDir(weathersales.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		d.files[name], err = weathersales.Files.ReadFile(name)
		return err
	})
	if err != nil {
		return err
	}
	wheels, err := os.ReadFile(Plugins)
	switch {
	case err == nil:
		d.files[Plugins] = wheels
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if !d.nat {
		d.files[weathersales.Requirements] = slices.Concat([]byte(offline), d.files[weathersales.Requirements])
	}
	return nil
}
