package check

import (
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const securityGroupType = "AWS::EC2::SecurityGroup"

var vpcRules = []Rule{
	{ID: "VP-01", Sentence: "A VPC has a flow log", Source: "Security Hub EC2.6", Mend: "add a flow log", on: each("AWS::EC2::VPC"), got: func(v *view, id string) string {
		return unless(v.anyRefers("AWS::EC2::FlowLog", id, "ResourceId"), "none")
	}},
	{ID: "VP-02", Sentence: "A subnet gives out no public addresses", Source: "Security Hub EC2.15", Mend: "set MapPublicIpOnLaunch to false", on: each("AWS::EC2::Subnet"), got: func(v *view, id string) string {
		return unless(!isTrue(v.get(id, "MapPublicIpOnLaunch")), "MapPublicIpOnLaunch is true")
	}},
	{ID: "VP-03", Sentence: "A security group lets in nobody from everywhere", Source: "Security Hub EC2.18, EC2.19", Mend: "name the source", on: each(securityGroupType), got: open("SecurityGroupIngress")},
	{ID: "VP-04", Sentence: "A security group lets nothing out to everywhere", Source: "AWS Well-Architected Framework, SEC05-BP02", Switch: true, Mend: "name the destinations", on: each(securityGroupType), got: open("SecurityGroupEgress")},
	{ID: "VP-05", Sentence: "A security group says what it is for", Source: "Amazon EC2 API, CreateSecurityGroup GroupDescription", Mend: "write a description", on: each(securityGroupType), got: func(v *view, id string) string {
		text := cfn.Text(v.get(id, "GroupDescription"))
		return unless(given(v.get(id, "GroupDescription")) && !strings.Contains(text, "/"), "GroupDescription is "+text)
	}},
}

func open(property string) func(*view, string) string {
	return func(v *view, id string) string {
		return unless(!strings.Contains(cfn.Text(v.get(id, property)), "0.0.0.0/0"), property+" has 0.0.0.0/0")
	}
}
