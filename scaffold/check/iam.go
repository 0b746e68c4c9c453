package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const roleType = "AWS::IAM::Role"

var (
	confusedDeputy = regexp.MustCompile(`(?i)aws:Source(Account|Arn)|SourceOrgID`)
	everyAction    = regexp.MustCompile(`^\*$|:\*$`)
	everyObject    = regexp.MustCompile(`/\*`)
	// Actions that take no resource. Source: Service Authorization Reference, read 2026-11.
	noResource = regexp.MustCompile(`^(xray:|logs:(CreateLogDelivery|GetLogDelivery|UpdateLogDelivery|DeleteLogDelivery|ListLogDeliveries|` +
		`PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)|ec2:(Describe|CreateNetworkInterface|DeleteNetworkInterface)|` +
		`cloudwatch:PutMetricData|ecr:GetAuthorizationToken|s3:GetAccountPublicAccessBlock|s3:ListAllMyBuckets|events:PutRule|` +
		`redshift-data:(GetStatementResult|DescribeStatement|CancelStatement|ListStatements))`)
)

var iamRules = []Rule{
	{
		ID: "IA-01", Sentence: "A role has no AWS managed policy", Source: "IAM User Guide, Security best practices (least privilege)", Mend: "write the statements that are needed", on: each(roleType),
		got: func(v *view, id string) string {
			return unless(!strings.Contains(cfn.Text(v.get(id, "ManagedPolicyArns")), ":aws:policy/") && !strings.Contains(cfn.Text(v.get(id, "ManagedPolicyArns")), "iam::aws:policy"), "ManagedPolicyArns is "+cfn.Text(v.get(id, "ManagedPolicyArns")))
		},
	},
	{ID: "IA-02", Sentence: "A policy allows no action by a wildcard for a whole service", Source: "Security Hub IAM.21", Mend: "name the actions", on: policies, got: everyAllow(func(s map[string]any) string {
		for _, action := range texts(s["Action"]) {
			if everyAction.MatchString(action) {
				return "it allows " + action
			}
		}
		return ""
	})},
	{ID: "IA-03", Sentence: "A policy allows every resource only for actions that take none", Source: "Service Authorization Reference, Actions, resources, and condition keys", Mend: "name the resources", on: policies, got: everyAllow(func(s map[string]any) string {
		if !slices.Contains(texts(s["Resource"]), "*") || given(s["Condition"]) {
			return ""
		}
		for _, action := range texts(s["Action"]) {
			if !noResource.MatchString(action) {
				return "it allows " + action + " on *"
			}
		}
		return ""
	})},
	{
		ID: "IA-04", Sentence: "A service assumes a role for this account alone", Source: "IAM User Guide, The confused deputy problem", Mend: "add aws:SourceAccount or aws:SourceArn to the trust policy", on: those(roleType, trustsService),
		got: func(v *view, id string) string {
			for _, statement := range statements(v.get(id, "AssumeRolePolicyDocument")) {
				if cfn.Field(statement["Principal"], "Service") != nil && !confusedDeputy.MatchString(cfn.Text(statement["Condition"])) {
					return "the trust policy has no such condition"
				}
			}
			return ""
		},
	},
	{ID: "IA-05", Sentence: "A policy passes exact roles to exact services", Source: "IAM User Guide, Grant permissions to pass a role to a service", Mend: "name the role and add iam:PassedToService", on: policies, got: everyAllow(func(s map[string]any) string {
		if !slices.Contains(texts(s["Action"]), "iam:PassRole") {
			return ""
		}
		return unless(!slices.Contains(texts(s["Resource"]), "*") && strings.Contains(cfn.Text(s["Condition"]), "iam:PassedToService"), "iam:PassRole on "+cfn.Text(s["Resource"]))
	})},
	{
		ID: "IA-06", Sentence: "A role has no fixed name", Source: "AWS CDK Developer Guide, Best practices (physical names)", Mend: "leave RoleName out", on: each(roleType),
		got: func(v *view, id string) string {
			return unless(v.get(id, "RoleName") == nil, "RoleName is "+cfn.Text(v.get(id, "RoleName")))
		},
	},
	{ID: "IA-07", Sentence: "A role has a permissions boundary", Source: "IAM User Guide, Permissions boundaries", Switch: true, Mend: "set the context @aws-cdk/core:permissionsBoundary", on: each(roleType), got: has("PermissionsBoundary")},
	{ID: "IA-08", Sentence: "Actions on a bucket name the bucket, not its objects", Source: "Service Authorization Reference, Amazon S3", Mend: "add the bucket's own ARN", on: policies, got: everyAllow(func(s map[string]any) string {
		actions := texts(s["Action"])
		if !slices.Contains(actions, "s3:ListBucket") && !slices.Contains(actions, "s3:GetBucketLocation") {
			return ""
		}
		for _, resource := range cfn.List(s["Resource"]) {
			if !everyObject.MatchString(cfn.Text(resource)) {
				return ""
			}
		}
		return fmt.Sprintf("%s on %s", strings.Join(actions, ", "), cfn.Text(s["Resource"]))
	})},
	{
		ID: "IA-09", Sentence: "A permission to call a function names who calls", Source: "Security Hub Lambda.1; AWS Lambda Developer Guide, Granting permissions to AWS services", Mend: "set SourceArn or SourceAccount", on: each("AWS::Lambda::Permission"),
		got: func(v *view, id string) string {
			return unless(given(v.get(id, "SourceArn")) || given(v.get(id, "SourceAccount")), "neither SourceArn nor SourceAccount")
		},
	},
}

// policies lists whatever holds statements for roles: policies, managed policies, and roles with inline ones.
func policies(v *view) []string {
	return append(each("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")(v), those(roleType, func(v *view, id string) bool { return given(v.get(id, "Policies")) })(v)...)
}

// everyAllow asks each statement that allows something.
func everyAllow(got func(map[string]any) string) func(*view, string) string {
	return func(v *view, id string) string {
		documents := []any{v.get(id, "PolicyDocument")}
		for _, inline := range cfn.List(v.get(id, "Policies")) {
			documents = append(documents, cfn.Field(inline, "PolicyDocument"))
		}
		for _, document := range documents {
			for _, statement := range statements(document) {
				if statement["Effect"] != "Allow" {
					continue
				}
				if problem := got(statement); problem != "" {
					return problem
				}
			}
		}
		return ""
	}
}

func trustsService(v *view, id string) bool {
	return slices.ContainsFunc(statements(v.get(id, "AssumeRolePolicyDocument")), func(s map[string]any) bool {
		return cfn.Field(s["Principal"], "Service") != nil
	})
}

// texts are the plain texts among a value's elements.
func texts(value any) []string {
	var list []string
	for _, element := range cfn.List(value) {
		if text, ok := element.(string); ok {
			list = append(list, text)
		}
	}
	return list
}
