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
		`cloudwatch:PutMetricData|ecr:GetAuthorizationToken|s3:GetAccountPublicAccessBlock|s3:ListAllMyBuckets|events:PutRule|batch:DescribeJobs|` +
		`redshift-data:(GetStatementResult|DescribeStatement|CancelStatement|ListStatements))`)
)

var iamRules = []Rule{
	{
		ID: "IA-01", on: each(roleType),
		Sentence: "A role has no AWS managed policy",
		Source:   "IAM User Guide, Security best practices (least privilege)",
		Mend:     "write the statements that are needed",
		got: func(v *view, id string) string {
			managed := v.get(id, "ManagedPolicyArns")
			return unless(!strings.Contains(cfn.Text(managed), ":aws:policy/"), is("ManagedPolicyArns", managed))
		},
	},
	{
		ID: "IA-02", on: policies,
		Sentence: "A policy allows no action by a wildcard for a whole service",
		Source:   "Security Hub IAM.21",
		Mend:     "name the actions",
		got:      everyAllow(wildcardAction),
	},
	{
		ID: "IA-03", on: policies,
		Sentence: "A policy allows every resource only for actions that take none",
		Source:   "Service Authorization Reference, Actions, resources, and condition keys",
		Mend:     "name the resources",
		got:      everyAllow(wildcardResource),
	},
	{
		ID: "IA-04", on: those(roleType, trustsService),
		Sentence: "A service assumes a role for this account alone",
		Source:   "IAM User Guide, The confused deputy problem",
		Mend:     "add aws:SourceAccount or aws:SourceArn to the trust policy",
		got: func(v *view, id string) string {
			for _, statement := range statements(v.get(id, "AssumeRolePolicyDocument")) {
				service := cfn.Field(statement["Principal"], "Service")
				if service != nil && !confusedDeputy.MatchString(cfn.Text(statement["Condition"])) {
					return "the trust policy lets in " + cfn.Text(service) + " for every account"
				}
			}
			return ""
		},
	},
	{
		ID: "IA-05", on: policies,
		Sentence: "A policy passes exact roles to exact services",
		Source:   "IAM User Guide, Grant permissions to pass a role to a service",
		Mend:     "name the role and add iam:PassedToService",
		got: everyAllow(func(s map[string]any) string {
			if !slices.Contains(texts(s["Action"]), "iam:PassRole") {
				return ""
			}
			exact := !slices.Contains(texts(s["Resource"]), "*") && strings.Contains(cfn.Text(s["Condition"]), "iam:PassedToService")
			return unless(exact, fmt.Sprintf("iam:PassRole on %s, %s", cfn.Text(s["Resource"]), is("Condition", s["Condition"])))
		}),
	},
	{
		ID: "IA-06", on: each(roleType),
		Sentence: "A role has no fixed name",
		Source:   "AWS CDK Developer Guide, Best practices (physical names)",
		Mend:     "leave RoleName out",
		got: func(v *view, id string) string {
			return unless(v.get(id, "RoleName") == nil, is("RoleName", v.get(id, "RoleName")))
		},
	},
	{
		ID: "IA-07", on: each(roleType), Switch: true,
		Sentence: "A role has a permissions boundary",
		Source:   "IAM User Guide, Permissions boundaries",
		Mend:     "set the context @aws-cdk/core:permissionsBoundary",
		got:      has("PermissionsBoundary"),
	},
	{
		ID: "IA-08", on: policies,
		Sentence: "Actions on a bucket name the bucket, not its objects",
		Source:   "Service Authorization Reference, Amazon S3",
		Mend:     "add the bucket's own ARN",
		got:      everyAllow(bucketActionOnObjects),
	},
	{
		ID: "IA-09", on: each("AWS::Lambda::Permission"),
		Sentence: "A permission to call a function names who calls",
		Source:   "Security Hub Lambda.1; AWS Lambda Developer Guide, Granting permissions to AWS services",
		Mend:     "set SourceArn or SourceAccount",
		got:      hasOne("SourceArn", "SourceAccount"),
	},
}

// policies lists whatever holds statements for roles, users and groups: policies, and identities with inline ones.
func policies(v *view) []string {
	ids := each("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy")(v)
	for _, kind := range []string{roleType, "AWS::IAM::User", "AWS::IAM::Group"} {
		ids = append(ids, those(kind, func(v *view, id string) bool { return given(v.get(id, "Policies")) })(v)...)
	}
	return ids
}

// allows are the statements of a policy, or of an identity's inline ones, that allow something.
func (v *view) allows(id string) []map[string]any {
	all := statements(v.get(id, "PolicyDocument"))
	for _, inline := range cfn.List(v.get(id, "Policies")) {
		all = append(all, statements(cfn.Field(inline, "PolicyDocument"))...)
	}
	return slices.DeleteFunc(all, func(statement map[string]any) bool { return statement["Effect"] != "Allow" })
}

// everyAllow asks each statement that allows something.
func everyAllow(got func(map[string]any) string) func(*view, string) string {
	return func(v *view, id string) string {
		for _, statement := range v.allows(id) {
			if problem := got(statement); problem != "" {
				return problem
			}
		}
		return ""
	}
}

func wildcardAction(s map[string]any) string {
	if s["NotAction"] != nil {
		return "it allows all but " + cfn.Text(s["NotAction"])
	}
	for _, action := range texts(s["Action"]) {
		if everyAction.MatchString(action) {
			return "it allows " + action
		}
	}
	return ""
}

func wildcardResource(s map[string]any) string {
	every := slices.Contains(texts(s["Resource"]), "*") || s["NotResource"] != nil
	if !every || given(s["Condition"]) {
		return ""
	}
	for _, action := range texts(s["Action"]) {
		if !noResource.MatchString(action) {
			return "it allows " + action + " on every resource"
		}
	}
	return ""
}

func bucketActionOnObjects(s map[string]any) string {
	actions := texts(s["Action"])
	if !slices.Contains(actions, "s3:ListBucket") && !slices.Contains(actions, "s3:GetBucketLocation") {
		return ""
	}
	isBucket := func(resource any) bool { return !everyObject.MatchString(cfn.Text(resource)) }
	return unless(slices.ContainsFunc(cfn.List(s["Resource"]), isBucket), fmt.Sprintf("%s on %s", strings.Join(actions, ", "), cfn.Text(s["Resource"])))
}

func trustsService(v *view, id string) bool {
	return slices.ContainsFunc(statements(v.get(id, "AssumeRolePolicyDocument")), func(s map[string]any) bool {
		return cfn.Field(s["Principal"], "Service") != nil
	})
}
