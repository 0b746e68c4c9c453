package privatenetwork

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Interface is an AWS service that can be reached through an interface endpoint, and what may be asked of it.
type Interface struct {
	Service string // as endpoints name it, for example ecr.api
	Actions []string
}

// registry is the service of image layers, which themselves come from S3.
const registry = "ecr.dkr"

// keptZones is how many zones have interface endpoints outside a lab, so that one may fail.
const keptZones = 2

// newInterfaces makes the endpoints. What runs in a zone without one reaches that of another zone.
func newInterfaces(scope constructs.Construct, network *Network, props *Props) {
	if len(props.Interfaces) == 0 {
		return
	}
	subnets := network.SubnetIDs[:keptZones]
	if props.Lab {
		subnets = network.SubnetIDs[:1]
	}
	group := interfaceGroup(scope, network)
	for _, service := range props.Interfaces {
		awsec2.NewCfnVPCEndpoint(scope, jsii.String("Interface-"+service.Service), &awsec2.CfnVPCEndpointProps{
			VpcId: network.VpcID, VpcEndpointType: jsii.String("Interface"), PrivateDnsEnabled: jsii.Bool(true),
			ServiceName: jsii.String("com.amazonaws." + *awscdk.Aws_REGION() + "." + service.Service),
			SubnetIds:   references(subnets), SecurityGroupIds: references([]*string{group}),
			PolicyDocument: interfacePolicy(service),
		})
	}
}

func references(ids []*string) *[]any {
	var list []any
	for _, id := range ids {
		list = append(list, id)
	}
	return &list
}

// interfaceGroup lets HTTPS in from the VPC. An endpoint opens no connections, but without an entry all would be allowed.
func interfaceGroup(scope constructs.Construct, network *Network) *string {
	group := awsec2.NewCfnSecurityGroup(scope, jsii.String("InterfaceSecurityGroup"), &awsec2.CfnSecurityGroupProps{
		VpcId:            network.VpcID,
		GroupDescription: jsii.String("Interface endpoints: HTTPS comes in from the VPC, nothing goes out"),
		SecurityGroupIngress: []*awsec2.CfnSecurityGroup_IngressProperty{{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(443), ToPort: jsii.Number(443), CidrIp: jsii.String(cidr),
			Description: jsii.String("HTTPS from the VPC"),
		}},
		SecurityGroupEgress: []*awsec2.CfnSecurityGroup_EgressProperty{{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(443), ToPort: jsii.Number(443), CidrIp: jsii.String("127.0.0.1/32"),
			Description: jsii.String("nowhere"),
		}},
	})
	return group.AttrGroupId()
}

// interfacePolicy lets this account's principals ask; what each may do, its own role says.
func interfacePolicy(service Interface) awsiam.PolicyDocument {
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String("PrincipalsOfThisAccount"),
			Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
			Actions:    jsii.Strings(service.Actions...),
			Resources:  jsii.Strings("*"),
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:PrincipalAccount": awscdk.Aws_ACCOUNT_ID()}},
		}),
	}})
}

// pullsImages says whether container images are pulled, whose layers come from S3.
// Source: Amazon ECR User Guide, "Amazon ECR interface VPC endpoints (AWS PrivateLink)" (minimum S3 bucket permissions), read 2026-11.
func pullsImages(interfaces []Interface) bool {
	return slices.ContainsFunc(interfaces, func(service Interface) bool { return service.Service == registry })
}
