// Package vpcpeering connects a VPC with another one, of this account or another, in this Region or another.
//
// Routes are as narrow as can be: ours to the other side's range, theirs back to our private subnets. CloudFormation reaches route tables
// of this account and Region alone; for others RouteBack is the command. Nor has it a property for DNS resolution: ResolveNames is the
// command that sets it. A function of our own could call the same API, but only for one of the two sides, and most databases need neither:
// names in a private hosted zone, and addresses, resolve without it.
// Source: Amazon VPC Peering Guide, "Update your route tables for a VPC peering connection", "Enable DNS resolution for a VPC peering
// connection"; AWS CloudFormation User Guide, AWS::EC2::VPCPeeringConnection, read 2026-11.
package vpcpeering

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/connectednetwork"
)

// AccepterRole is the name of the role in another account that accepts the connection on our behalf. It must be there before the deployment.
// Source: AWS CloudFormation User Guide, "Peer with a VPC in another AWS account".
const AccepterRole = "vpc-peering-accepter"

// Props of the connection.
type Props struct {
	Network     *connectednetwork.Network
	Cidr        netip.Prefix // of the other side, as far as it is reached
	VpcID       string
	Account     string   // default: this one
	Region      string   // default: this one
	RouteTables []string // of the other VPC, to which the way back is added; only in this account and Region
}

var (
	vpcID      = regexp.MustCompile(`^vpc-([0-9a-f]{8}|[0-9a-f]{17})$`)
	routeTable = regexp.MustCompile(`^rtb-([0-9a-f]{8}|[0-9a-f]{17})$`)
	account    = regexp.MustCompile(`^[0-9]{12}$`)
	region     = regexp.MustCompile(`^[a-z]{2,3}(-[a-z]+)+-[0-9]$`)
)

// Check reports the first setting that cannot be used, by its key in the context.
func (p *Props) Check() error {
	switch {
	case !vpcID.MatchString(p.VpcID):
		return fmt.Errorf("context peerVpcId: got %q, expected the id of the other VPC, for example vpc-0123456789abcdef0", p.VpcID)
	case p.Account != "" && !account.MatchString(p.Account):
		return fmt.Errorf("context peerAccount: got %q, expected 12 digits, or nothing for this account", p.Account)
	case p.Region != "" && !region.MatchString(p.Region):
		return fmt.Errorf("context peerRegion: got %q, expected a Region, for example eu-central-1, or nothing for this one", p.Region)
	case p.elsewhere() && len(p.RouteTables) > 0:
		return fmt.Errorf("context peerRouteTables: got %s, CloudFormation reaches route tables of this account and Region alone\n"+
			"  hint: leave them out; the output PeeringRouteBack is the command for the other side", strings.Join(p.RouteTables, ", "))
	}
	for _, id := range p.RouteTables {
		if !routeTable.MatchString(id) {
			return fmt.Errorf("context peerRouteTables: got %q, expected the id of a route table, for example rtb-0123456789abcdef0", id)
		}
	}
	return nil
}

func (p *Props) elsewhere() bool { return p.Account != "" || p.Region != "" }

// Peering is the connection, and what is left to do by hand.
type Peering struct {
	ID           *string
	RouteBack    *string // command; nil if the way back is there already
	ResolveNames *string // command, or two where each side has to run its own
}

// New makes the connection and the routes.
func New(scope constructs.Construct, id string, props *Props) *Peering {
	within := constructs.NewConstruct(scope, &id)
	connection := awsec2.NewCfnVPCPeeringConnection(within, jsii.String("Connection"), &awsec2.CfnVPCPeeringConnectionProps{
		VpcId: props.Network.VpcID, PeerVpcId: props.VpcID, PeerOwnerId: optional(props.Account), PeerRegion: optional(props.Region), PeerRoleArn: accepter(props),
	})
	route(within, "Route", props.Network.Routes, props.Cidr, connection)
	for i, table := range props.RouteTables {
		for j, cidr := range props.Network.Cidrs {
			route(within, fmt.Sprintf("RouteBack%d-%d", i+1, j+1), &table, cidr, connection)
		}
	}
	return &Peering{ID: connection.Ref(), RouteBack: routeBack(props, connection.Ref()), ResolveNames: resolveNames(props, connection.Ref())}
}

func accepter(props *Props) *string {
	if props.Account == "" {
		return nil
	}
	return jsii.String("arn:" + *awscdk.Aws_PARTITION() + ":iam::" + props.Account + ":role/" + AccepterRole)
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func route(scope constructs.Construct, id string, table *string, to netip.Prefix, over awsec2.CfnVPCPeeringConnection) {
	awsec2.NewCfnRoute(scope, &id, &awsec2.CfnRouteProps{
		RouteTableId: table, DestinationCidrBlock: jsii.String(to.String()), VpcPeeringConnectionId: over.Ref(),
	})
}

func routeBack(props *Props, connection *string) *string {
	if len(props.RouteTables) > 0 {
		return nil
	}
	var commands []string
	for _, cidr := range props.Network.Cidrs {
		commands = append(commands, "aws ec2 create-route --route-table-id ROUTE_TABLE --destination-cidr-block "+cidr.String()+
			" --vpc-peering-connection-id "+*connection+inRegion(props))
	}
	return jsii.String(strings.Join(commands, " && "))
}

// resolveNames lets either side find the private addresses behind the public names of the other. In one account and Region one call does;
// else each owner sets the options of its own VPC.
func resolveNames(props *Props, connection *string) *string {
	const (
		call      = "aws ec2 modify-vpc-peering-connection-options --vpc-peering-connection-id "
		requester = " --requester-peering-connection-options AllowDnsResolutionFromRemoteVpc=true"
		accepter  = " --accepter-peering-connection-options AllowDnsResolutionFromRemoteVpc=true"
	)
	if !props.elsewhere() {
		return jsii.String(call + *connection + requester + accepter)
	}
	return jsii.String("here: " + call + *connection + requester + " ; on the other side: " + call + *connection + accepter + inRegion(props))
}

func inRegion(props *Props) string {
	if props.Region == "" {
		return ""
	}
	return " --region " + props.Region
}
