// Package connectednetwork is a VPC for what has to reach more than S3: two private subnets in two zones, a gateway endpoint for S3, a
// flow log, and by choice a NAT gateway (everything can be reached) or interface endpoints (AWS's services alone).
//
// One NAT gateway, in the first zone: two would double what is paid while nothing runs, and a pipeline can wait for a zone to come back.
// Nothing gets a public address but the gateway. The VPC's default security group stays as AWS makes it, because CloudFormation cannot
// change it; nothing uses it.
// Source: Amazon MWAA User Guide, "About networking on Amazon MWAA"; Amazon VPC User Guide, "NAT gateways"; AWS PrivateLink Guide, "Access
// an AWS service using an interface VPC endpoint".
package connectednetwork

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/bucketendpoint"
	"example.com/pipewright/constructs/flowlog"
)

// zones is the number of private subnets, each in a zone of its own.
const zones = 2

const everywhere = "0.0.0.0/0"

// Props of the network.
type Props struct {
	Cidr      netip.Prefix    // of the VPC
	Subnets   []netip.Prefix  // the two private ones, and the one of the NAT gateway
	NAT       bool            // everything can be reached, through a NAT gateway
	Endpoints []string        // services that are reached through interface endpoints, for example sqs
	Buckets   []awss3.IBucket // all that is reached through the S3 endpoint
	Also      []string        // what may be done with them besides reading, writing and listing objects
	Key       awskms.IKey     // encrypts the flow log
	Lab       bool            // remove the flow log with the stack
}

// Network is the VPC.
type Network struct {
	Parts     constructs.Construct // all of it: whoever needs the way out depends on it
	VpcID     *string
	SubnetIDs []*string      // the private ones
	Cidrs     []netip.Prefix // of the private ones
	Routes    *string        // route table of the private subnets
}

// New makes the network. It uses L1 constructs: the L2 VPC makes a route table for each subnet, and chooses the ranges itself.
func New(scope constructs.Construct, id string, props *Props) *Network {
	within := constructs.NewConstruct(scope, &id)
	vpc := awsec2.NewCfnVPC(within, jsii.String("Vpc"), &awsec2.CfnVPCProps{
		CidrBlock: jsii.String(props.Cidr.String()), EnableDnsSupport: jsii.Bool(true), EnableDnsHostnames: jsii.Bool(true),
	})
	network := &Network{Parts: within, VpcID: vpc.Ref(), Cidrs: props.Subnets[:zones]}
	network.Routes = awsec2.NewCfnRouteTable(within, jsii.String("Routes"), &awsec2.CfnRouteTableProps{VpcId: vpc.Ref()}).Ref()
	for zone, cidr := range network.Cidrs {
		network.SubnetIDs = append(network.SubnetIDs, network.subnet(fmt.Sprintf("Subnet%d", zone+1), cidr, zone, network.Routes))
	}
	if props.NAT {
		network.nat(props.Subnets[zones])
	}
	bucketendpoint.New(within, "S3", &bucketendpoint.Props{
		VpcID: vpc.Ref(), RouteTable: network.Routes, Buckets: props.Buckets, Also: props.Also, Images: true,
	})
	if len(props.Endpoints) > 0 {
		network.endpoints(props)
	}
	flowlog.New(within, &flowlog.Props{VpcID: vpc.Ref(), Key: props.Key, Lab: props.Lab})
	return network
}

func (n *Network) subnet(id string, cidr netip.Prefix, zone int, routes *string) *string {
	subnet := awsec2.NewCfnSubnet(n.Parts, &id, &awsec2.CfnSubnetProps{
		VpcId: n.VpcID, CidrBlock: jsii.String(cidr.String()), MapPublicIpOnLaunch: jsii.Bool(false),
		AvailabilityZone: awscdk.Fn_Select(jsii.Number(zone), awscdk.Fn_GetAzs(nil)),
	})
	awsec2.NewCfnSubnetRouteTableAssociation(n.Parts, jsii.String(id+"Routing"), &awsec2.CfnSubnetRouteTableAssociationProps{
		SubnetId: subnet.Ref(), RouteTableId: routes,
	})
	return subnet.Ref()
}

// nat makes the public subnet, in which there is nothing but the gateway.
func (n *Network) nat(cidr netip.Prefix) {
	internet := awsec2.NewCfnInternetGateway(n.Parts, jsii.String("Internet"), nil)
	attached := awsec2.NewCfnVPCGatewayAttachment(n.Parts, jsii.String("InternetAttached"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId: n.VpcID, InternetGatewayId: internet.Ref(),
	})
	routes := awsec2.NewCfnRouteTable(n.Parts, jsii.String("PublicRoutes"), &awsec2.CfnRouteTableProps{VpcId: n.VpcID})
	public := n.subnet("PublicSubnet", cidr, 0, routes.Ref())
	out := awsec2.NewCfnRoute(n.Parts, jsii.String("ToInternet"), &awsec2.CfnRouteProps{
		RouteTableId: routes.Ref(), DestinationCidrBlock: jsii.String(everywhere), GatewayId: internet.Ref(),
	})
	address := awsec2.NewCfnEIP(n.Parts, jsii.String("Address"), &awsec2.CfnEIPProps{Domain: jsii.String("vpc")})
	gateway := awsec2.NewCfnNatGateway(n.Parts, jsii.String("Nat"), &awsec2.CfnNatGatewayProps{
		SubnetId: public, AllocationId: address.AttrAllocationId(),
	})
	out.AddResourceDependency(attached, nil)
	address.AddResourceDependency(attached, nil)
	gateway.AddResourceDependency(out, nil)
	awsec2.NewCfnRoute(n.Parts, jsii.String("ToNat"), &awsec2.CfnRouteProps{
		RouteTableId: n.Routes, DestinationCidrBlock: jsii.String(everywhere), NatGatewayId: gateway.Ref(),
	})
}

// endpoints lets in HTTPS from the private subnets alone.
func (n *Network) endpoints(props *Props) {
	var from []*awsec2.CfnSecurityGroup_IngressProperty
	for _, cidr := range n.Cidrs {
		from = append(from, &awsec2.CfnSecurityGroup_IngressProperty{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(443), ToPort: jsii.Number(443), CidrIp: jsii.String(cidr.String()),
			Description: jsii.String("HTTPS from a private subnet"),
		})
	}
	// Without a rule of its own, a group lets everything out; an endpoint never calls anybody.
	group := awsec2.NewCfnSecurityGroup(n.Parts, jsii.String("EndpointsGroup"), &awsec2.CfnSecurityGroupProps{
		VpcId:                n.VpcID,
		GroupDescription:     jsii.String("Interface endpoints: HTTPS comes in from the private subnets, nothing goes out"),
		SecurityGroupIngress: from,
		SecurityGroupEgress: []*awsec2.CfnSecurityGroup_EgressProperty{{
			IpProtocol: jsii.String("icmp"), FromPort: jsii.Number(252), ToPort: jsii.Number(86), CidrIp: jsii.String("255.255.255.255/32"),
			Description: jsii.String("A rule that no packet meets, in place of AWS's own, which is for every packet"),
		}},
	})
	var subnets []any
	for _, id := range n.SubnetIDs {
		subnets = append(subnets, id)
	}
	for _, service := range props.Endpoints {
		awsec2.NewCfnVPCEndpoint(n.Parts, jsii.String("Endpoint"+strings.ReplaceAll(service, ".", "")), &awsec2.CfnVPCEndpointProps{
			VpcId: n.VpcID, VpcEndpointType: jsii.String("Interface"), PrivateDnsEnabled: jsii.Bool(true),
			ServiceName: jsii.String("com.amazonaws." + *awscdk.Aws_REGION() + "." + service),
			SubnetIds:   &subnets, SecurityGroupIds: &[]any{group.AttrGroupId()},
		})
	}
}
