// Package sitetositevpn connects a VPC with a network on premises: an IPsec connection of two tunnels between a virtual private gateway and
// the device on the other side.
//
// Routes are static, or come by BGP when the device has an autonomous system number; either way the gateway propagates them into the route
// table. Tunnels take IKEv2 with AES-256-GCM alone. AWS makes the keys of the tunnels; Configuration is the command that shows them together
// with the device's settings, so that none is in the template.
// Source: AWS Site-to-Site VPN User Guide, "Tunnel options for your Site-to-Site VPN connection", "AWS Site-to-Site VPN logs", "Static and
// dynamic routing in AWS Site-to-Site VPN", read 2026-11.
package sitetositevpn

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/connectednetwork"
	"example.com/pipewright/constructs/loggroup"
)

// Autonomous system numbers of a customer gateway. One beyond maxShort has a property of its own.
// Source: AWS CloudFormation User Guide, AWS::EC2::CustomerGateway, BgpAsn and BgpAsnExtended, read 2026-11.
const (
	staticAsn = 65000 // what a gateway without BGP is given
	maxShort  = 1<<31 - 1
	maxAsn    = 1<<32 - 2
)

const (
	tunnels    = 2
	encryption = "AES256-GCM-16"
	integrity  = "SHA2-256"
)

// dhGroups are the Diffie-Hellman groups of 2048 bits and more that devices commonly offer.
var dhGroups = []float64{14, 19, 20, 21}

// Props of the connection.
type Props struct {
	Name    string // of the project: names the log group
	Network *connectednetwork.Network
	Cidr    netip.Prefix // of the network on premises
	Address string       // public IPv4 address of the device
	Asn     int          // autonomous system number of the device; default: static routes
	Key     awskms.IKey  // encrypts the logs of the tunnels
	Lab     bool         // remove the logs with the stack
}

// Check reports the first setting that cannot be used, by its key in the context.
func (p *Props) Check() error {
	address, err := netip.ParseAddr(p.Address)
	switch {
	case err != nil || !address.Is4():
		return fmt.Errorf("context customerGatewayIp: got %q, expected the public IPv4 address of the device on the other side", p.Address)
	case address.IsPrivate() || !address.IsGlobalUnicast():
		return fmt.Errorf("context customerGatewayIp: got %s, which AWS cannot reach, expected a public IPv4 address", address)
	case p.Asn < 0 || p.Asn > maxAsn:
		return fmt.Errorf("context bgpAsn: got %d, expected 1 to %d, or nothing for static routes", p.Asn, maxAsn)
	}
	return nil
}

// Connection is the connection, and what the other side needs.
type Connection struct {
	ID            *string
	Configuration *string // command
}

// New makes both gateways, the connection, its logs and the routes.
func New(scope constructs.Construct, id string, props *Props) *Connection {
	within := constructs.NewConstruct(scope, &id)
	device := awsec2.NewCfnCustomerGateway(within, jsii.String("Device"), deviceProps(props))
	gateway := awsec2.NewCfnVPNGateway(within, jsii.String("Gateway"), &awsec2.CfnVPNGatewayProps{Type: jsii.String("ipsec.1")})
	attached := awsec2.NewCfnVPCGatewayAttachment(within, jsii.String("Attached"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId: props.Network.VpcID, VpnGatewayId: gateway.Ref(),
	})
	group := loggroup.New(within, "Logs", &loggroup.Props{Name: "/aws/vendedlogs/vpn/" + props.Name, Key: props.Key, Lab: props.Lab})
	connection := awsec2.NewCfnVPNConnection(within, jsii.String("Connection"), &awsec2.CfnVPNConnectionProps{
		Type: jsii.String("ipsec.1"), CustomerGatewayId: device.Ref(), VpnGatewayId: gateway.Ref(), StaticRoutesOnly: jsii.Bool(props.Asn == 0),
		VpnTunnelOptionsSpecifications: tunnelOptions(group, props.Asn != 0),
	})
	if props.Asn == 0 {
		awsec2.NewCfnVPNConnectionRoute(within, jsii.String("Route"), &awsec2.CfnVPNConnectionRouteProps{
			VpnConnectionId: connection.Ref(), DestinationCidrBlock: jsii.String(props.Cidr.String()),
		})
	}
	propagation := awsec2.NewCfnVPNGatewayRoutePropagation(within, jsii.String("Propagation"), &awsec2.CfnVPNGatewayRoutePropagationProps{
		RouteTableIds: &[]*string{props.Network.Routes}, VpnGatewayId: gateway.Ref(),
	})
	propagation.AddResourceDependency(attached, nil)
	return &Connection{ID: connection.Ref(), Configuration: jsii.String(
		"aws ec2 describe-vpn-connections --vpn-connection-ids " + *connection.Ref() + " --query VpnConnections[0].CustomerGatewayConfiguration --output text")}
}

func deviceProps(props *Props) *awsec2.CfnCustomerGatewayProps {
	device := &awsec2.CfnCustomerGatewayProps{Type: jsii.String("ipsec.1"), IpAddress: &props.Address}
	switch {
	case props.Asn == 0:
		device.BgpAsn = jsii.Number(staticAsn)
	case props.Asn <= maxShort:
		device.BgpAsn = jsii.Number(props.Asn)
	default:
		device.BgpAsnExtended = jsii.Number(props.Asn)
	}
	return device
}

func tunnelOptions(group awslogs.LogGroup, bgp bool) []*awsec2.CfnVPNConnection_VpnTunnelOptionsSpecificationProperty {
	logs := &awsec2.CfnVPNConnection_CloudwatchLogOptionsSpecificationProperty{
		LogEnabled: jsii.Bool(true), LogGroupArn: group.LogGroupArn(), LogOutputFormat: jsii.String("json"),
	}
	if bgp {
		logs.BgpLogEnabled, logs.BgpLogGroupArn, logs.BgpLogOutputFormat = jsii.Bool(true), group.LogGroupArn(), jsii.String("json")
	}
	var first []*awsec2.CfnVPNConnection_Phase1DHGroupNumbersRequestListValueProperty
	var second []*awsec2.CfnVPNConnection_Phase2DHGroupNumbersRequestListValueProperty
	for _, group := range dhGroups {
		first = append(first, &awsec2.CfnVPNConnection_Phase1DHGroupNumbersRequestListValueProperty{Value: &group})
		second = append(second, &awsec2.CfnVPNConnection_Phase2DHGroupNumbersRequestListValueProperty{Value: &group})
	}
	tunnel := &awsec2.CfnVPNConnection_VpnTunnelOptionsSpecificationProperty{
		IkeVersions:                []*awsec2.CfnVPNConnection_IKEVersionsRequestListValueProperty{{Value: jsii.String("ikev2")}},
		Phase1DhGroupNumbers:       first,
		Phase2DhGroupNumbers:       second,
		Phase1EncryptionAlgorithms: []*awsec2.CfnVPNConnection_Phase1EncryptionAlgorithmsRequestListValueProperty{{Value: jsii.String(encryption)}},
		Phase2EncryptionAlgorithms: []*awsec2.CfnVPNConnection_Phase2EncryptionAlgorithmsRequestListValueProperty{{Value: jsii.String(encryption)}},
		Phase1IntegrityAlgorithms:  []*awsec2.CfnVPNConnection_Phase1IntegrityAlgorithmsRequestListValueProperty{{Value: jsii.String(integrity)}},
		Phase2IntegrityAlgorithms:  []*awsec2.CfnVPNConnection_Phase2IntegrityAlgorithmsRequestListValueProperty{{Value: jsii.String(integrity)}},
		LogOptions:                 &awsec2.CfnVPNConnection_VpnTunnelLogOptionsSpecificationProperty{CloudwatchLogOptions: logs},
	}
	options := make([]*awsec2.CfnVPNConnection_VpnTunnelOptionsSpecificationProperty, tunnels)
	for i := range options {
		options[i] = tunnel
	}
	return options
}

// TunnelState is 1 while both tunnels are up, 0 while both are down, and between while one is.
// Source: AWS Site-to-Site VPN User Guide, "Monitor AWS Site-to-Site VPN tunnels using Amazon CloudWatch".
func (c *Connection) TunnelState() awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String("AWS/VPN"),
		MetricName:    jsii.String("TunnelState"),
		DimensionsMap: &map[string]*string{"VpnId": c.ID},
		Statistic:     jsii.String("max"),
		Period:        awscdk.Duration_Minutes(jsii.Number(5)),
	})
}
