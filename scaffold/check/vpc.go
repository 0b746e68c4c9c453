package check

import (
	"regexp"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const securityGroupType = "AWS::EC2::SecurityGroup"

// everybody is a network of every address; what stands before the mask does not matter to AWS.
var everybody = regexp.MustCompile(`"([0-9.]+|[0-9a-fA-F:.]*::[0-9a-fA-F:.]*)/0"`)

var vpcRules = []Rule{
	{
		ID: "VP-01", on: each("AWS::EC2::VPC"),
		Sentence: "A VPC has a flow log",
		Source:   "Security Hub EC2.6",
		Mend:     "add a flow log",
		got: func(v *view, id string) string {
			return unless(v.anyRefers("AWS::EC2::FlowLog", id, "ResourceId"), "no flow log")
		},
	},
	{
		ID: "VP-02", on: each("AWS::EC2::Subnet"),
		Sentence: "A subnet gives out no public addresses",
		Source:   "Security Hub EC2.15",
		Mend:     "set MapPublicIpOnLaunch to false",
		got:      isNot([]string{"true"}, "MapPublicIpOnLaunch"),
	},
	{
		ID: "VP-03", on: each(securityGroupType),
		Sentence: "A security group lets in nobody from everywhere",
		Source:   "Security Hub EC2.18, EC2.19",
		Mend:     "name the source",
		got:      closed("SecurityGroupIngress"),
	},
	{
		ID: "VP-04", on: each(securityGroupType), Switch: true,
		Sentence: "A security group lets nothing out to everywhere",
		Source:   "AWS Well-Architected Framework, SEC05-BP02",
		Mend:     "name the destinations",
		got:      closed("SecurityGroupEgress"),
	},
	{
		ID: "VP-05", on: each(securityGroupType),
		Sentence: "A security group says what it is for",
		Source:   "Amazon EC2 API, CreateSecurityGroup GroupDescription",
		Mend:     "write a description; the CDK's default is the construct's path",
		got: func(v *view, id string) string {
			text := v.get(id, "GroupDescription")
			return unless(given(text) && !strings.Contains(cfn.Text(text), "/"), is("GroupDescription", text))
		},
	},
}

// closed is the got of a rule that wants a group's rules, its own and those that are resources, to name no network of everybody.
func closed(direction string) func(*view, string) string {
	return func(v *view, id string) string {
		rules := []any{v.get(id, direction)}
		for _, rule := range v.ByType("AWS::EC2::" + direction) {
			if cfn.Refers(v.get(rule, "GroupId"), id) {
				rules = append(rules, v.Resources[rule].Properties)
			}
		}
		if network := everybody.FindString(cfn.Text(rules)); network != "" {
			return direction + " has " + network
		}
		return ""
	}
}
