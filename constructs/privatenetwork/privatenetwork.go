// Package privatenetwork is a small VPC from which only S3 can be reached: three private subnets in three zones, a gateway
// endpoint for S3, a flow log. There is no internet gateway and no NAT, so it costs nothing while nothing runs, unless it has
// interface endpoints: each costs about 0.01 USD an hour in each of its zones, used or not, which is 7 USD a month.
//
// Redshift Serverless asks for three subnets in three zones; a Region with fewer zones, such as us-west-1, cannot have it.
// The VPC's default security group stays as AWS makes it, because CloudFormation cannot change it; nothing uses it.
// Source: Amazon VPC User Guide, "Gateway endpoints for Amazon S3", "Publish flow logs to CloudWatch Logs"; Amazon Redshift
// Management Guide, "Considerations when using Amazon Redshift Serverless"; AWS PrivateLink pricing (us-east-1), read 2026-11.
package privatenetwork

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/bucketendpoint"
	"example.com/pipewright/constructs/flowlog"
)

// Zones is the number of subnets, each in a zone of its own.
const Zones = 3

// The addresses, of which nothing outside the VPC ever sees one. A subnet has 251, more than Redshift Serverless asks for up to 256 RPU.
// Source: Amazon Redshift Management Guide, "Considerations when using Amazon Redshift Serverless" (free IP addresses), read 2026-11.
const (
	cidr       = "10.42.0.0/22"
	subnetCidr = "10.42.%d.0/24"
)

// Props of the network.
type Props struct {
	Buckets []awss3.IBucket // all that can be reached
	Key     awskms.IKey     // encrypts the flow log
	Lab     bool            // remove the flow log with the stack, and have interface endpoints in one zone only
	// Interfaces are AWS services that can be reached besides S3. Each costs money by the hour.
	Interfaces []Interface
}

// Network is the VPC and its subnets.
type Network struct {
	VpcID     *string
	SubnetIDs []*string
}

// New makes the network. It uses L1 constructs: the L2 VPC has two zones only where a stack names no account.
func New(scope constructs.Construct, id string, props *Props) *Network {
	within := constructs.NewConstruct(scope, &id)
	vpc := awsec2.NewCfnVPC(within, jsii.String("Vpc"), &awsec2.CfnVPCProps{
		CidrBlock: jsii.String(cidr), EnableDnsSupport: jsii.Bool(true), EnableDnsHostnames: jsii.Bool(true),
	})
	routes := awsec2.NewCfnRouteTable(within, jsii.String("Routes"), &awsec2.CfnRouteTableProps{VpcId: vpc.Ref()})
	network := &Network{VpcID: vpc.Ref()}
	for zone := range Zones {
		subnet := awsec2.NewCfnSubnet(within, jsii.String(fmt.Sprintf("Subnet%d", zone+1)), &awsec2.CfnSubnetProps{
			VpcId: vpc.Ref(), CidrBlock: jsii.String(fmt.Sprintf(subnetCidr, zone)), MapPublicIpOnLaunch: jsii.Bool(false),
			AvailabilityZone: awscdk.Fn_Select(jsii.Number(zone), awscdk.Fn_GetAzs(nil)),
		})
		awsec2.NewCfnSubnetRouteTableAssociation(within, jsii.String(fmt.Sprintf("Routing%d", zone+1)), &awsec2.CfnSubnetRouteTableAssociationProps{
			SubnetId: subnet.Ref(), RouteTableId: routes.Ref(),
		})
		network.SubnetIDs = append(network.SubnetIDs, subnet.Ref())
	}
	bucketendpoint.New(within, "S3", &bucketendpoint.Props{
		VpcID: vpc.Ref(), RouteTable: routes.Ref(), Buckets: props.Buckets, Images: pullsImages(props.Interfaces),
	})
	newInterfaces(within, network, props)
	flowlog.New(within, &flowlog.Props{VpcID: vpc.Ref(), Key: props.Key, Lab: props.Lab})
	return network
}
