package lab

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// policyOwner says where a resource type keeps the policy of which resources.
// Source: AWS CloudFormation User Guide, the page of each type, read 2026-11.
type policyOwner struct {
	resources string // the property that names the resources; empty when it is the resource itself
	document  string
	decides   bool
	what      string
}

var policyOwners = map[string]policyOwner{
	"AWS::S3::BucketPolicy":               {resources: "Bucket", document: "PolicyDocument", what: "bucket policy"},
	"AWS::SQS::QueuePolicy":               {resources: "Queues", document: "PolicyDocument", what: "queue policy"},
	"AWS::SQS::QueueInlinePolicy":         {resources: "Queue", document: "PolicyDocument", what: "queue policy"},
	"AWS::SNS::TopicPolicy":               {resources: "Topics", document: "PolicyDocument", what: "topic policy"},
	"AWS::SNS::TopicInlinePolicy":         {resources: "TopicArn", document: "PolicyDocument", what: "topic policy"},
	"AWS::SecretsManager::ResourcePolicy": {resources: "SecretId", document: "ResourcePolicy", what: "secret's policy"},
	"AWS::KMS::Key":                       {document: "KeyPolicy", decides: true, what: "key policy"},
}

// unreadPolicies are types of policies that change who may do what, and are not read here.
var unreadPolicies = []string{
	"AWS::Events::EventBusPolicy", "AWS::Logs::ResourcePolicy", "AWS::KMS::ReplicaKey", "AWS::S3::AccessPoint", "AWS::RedshiftServerless::Namespace.NamespaceResourcePolicy",
	"AWS::Kinesis::ResourcePolicy", "AWS::DynamoDB::Table.ResourcePolicy", "AWS::ECR::Repository.RepositoryPolicyText", "AWS::EFS::FileSystem.FileSystemPolicy",
	"AWS::Organizations::Policy", "AWS::VpcLattice::AuthPolicy",
}

// ignoredPolicies are those that change nothing for the roles and services of the lab.
var ignoredPolicies = map[string]string{
	"AWS::EC2::VPCEndpoint":               "PolicyDocument",
	"AWS::IAM::UserPolicy":                "PolicyDocument",
	"AWS::IAM::GroupPolicy":               "PolicyDocument",
	"AWS::Lambda::LayerVersionPermission": "Principal",
}

// policyLoader collects the policies of a template.
type policyLoader struct {
	deployed *cfn.Deployed
	policies *Policies
	managed  map[string][]*policyStatement // by ARN
	where    map[string]string             // of managed policies by ARN
	byName   map[string]*policyRole
	problems []error
}

// NewPolicies collects the permissions of a template. Its error names every policy that cannot be read or evaluated.
func NewPolicies(deployed *cfn.Deployed) (*Policies, error) {
	place := deployed.Place()
	l := &policyLoader{
		deployed: deployed, managed: map[string][]*policyStatement{}, where: map[string]string{}, byName: map[string]*policyRole{},
		policies: &Policies{
			account: place.Account, accountValue: []string{place.Account}, regionValue: []string{place.Region},
			roles: map[string]*policyRole{}, onResources: map[string]*policyOfResource{}, owners: map[string]string{},
		},
	}
	l.each(l.owner)
	l.each(l.role)
	l.each(l.managedPolicy)
	l.each(l.attached)
	l.each(l.inlinePolicy)
	l.each(l.resourcePolicy)
	l.each(l.refuse)
	return l.policies, errors.Join(l.problems...)
}

// each reads the resources in the order of their logical ids, so that statements and errors come in the same order each time.
func (l *policyLoader) each(read func(id string, resource cfn.Resource) error) {
	for _, id := range slices.Sorted(maps.Keys(l.deployed.Resources)) {
		if err := read(id, l.deployed.Resources[id]); err != nil {
			l.problems = append(l.problems, err)
		}
	}
}

// owner remembers what a resource is called, to name it in a denial.
func (l *policyLoader) owner(id string, _ cfn.Resource) error {
	if arn := l.deployed.Attribute(id, "Arn"); arn != "" {
		l.policies.owners[arn] = id
	} else if arn := l.deployed.Ref(id); strings.HasPrefix(arn, "arn:") {
		l.policies.owners[arn] = id
	}
	return nil
}

func (l *policyLoader) role(id string, resource cfn.Resource) error {
	if resource.Type != "AWS::IAM::Role" {
		return nil
	}
	arn := l.deployed.Attribute(id, "Arn")
	role := &policyRole{id: id, name: l.deployed.Ref(id), arn: arn, arnValue: []string{arn}, tags: tagValues(resource)}
	l.policies.roles[arn], l.byName[role.name] = role, role
	trust, err := compilePolicy(resource.Get("AssumeRolePolicyDocument"), trustPolicy, id+".AssumeRolePolicyDocument")
	l.policies.onResources[arn] = &policyOfResource{where: "the trust policy of " + id, statements: trust, decides: true, trust: true}
	problems := []error{err}
	for i, inline := range cfn.List(resource.Get("Policies")) {
		statements, err := compilePolicy(cfn.Field(inline, "PolicyDocument"), identityPolicy, fmt.Sprintf("%s.Policies[%d].PolicyDocument", id, i))
		role.identity = append(role.identity, attachStatements(statements)...)
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// managedPolicy reads a managed policy, and attaches it to the roles that it names itself.
func (l *policyLoader) managedPolicy(id string, resource cfn.Resource) error {
	if resource.Type != "AWS::IAM::ManagedPolicy" {
		return nil
	}
	arn := l.deployed.Ref(id)
	statements, err := compilePolicy(resource.Get("PolicyDocument"), identityPolicy, id+".PolicyDocument")
	l.managed[arn], l.where[arn] = statements, id
	l.attachTo(id, resource.Get("Roles"), statements)
	return err
}

// attachTo attaches statements to roles by name. A role of that name which is not in the template plays no part here.
func (l *policyLoader) attachTo(id string, names any, statements []*policyStatement) {
	for _, name := range cfn.List(names) {
		role := l.byName[cfn.Text(name)]
		if role == nil {
			l.policies.ignored = append(l.policies.ignored, fmt.Sprintf("%s for the role %s, which is not in the template", id, cfn.Text(name)))
			continue
		}
		role.identity = append(role.identity, attachStatements(statements)...)
	}
}

// attached adds the managed policies that a role names, and its boundary.
func (l *policyLoader) attached(id string, resource cfn.Resource) error {
	if resource.Type != "AWS::IAM::Role" {
		return nil
	}
	role := l.byName[l.deployed.Ref(id)]
	var problems []error
	for i, arn := range cfn.List(resource.Get("ManagedPolicyArns")) {
		statements, _, err := l.named(arn, fmt.Sprintf("%s.ManagedPolicyArns[%d]", id, i))
		problems = append(problems, err)
		role.identity = append(role.identity, attachStatements(statements)...)
	}
	if arn := resource.Get("PermissionsBoundary"); arn != nil {
		var err error
		role.bounded = true
		role.boundary, role.limit, err = l.named(arn, id+".PermissionsBoundary")
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// named is a managed policy by its ARN: of the template, or of AWS.
func (l *policyLoader) named(arn any, where string) ([]*policyStatement, string, error) {
	name := cfn.Text(arn)
	if id, ok := l.where[name]; ok {
		return l.managed[name], id, nil
	}
	_, policy, _ := strings.Cut(name, ":policy/")
	statements, ok := awsManaged[policy]
	if !ok || accountOf(name) != "aws" {
		return nil, "", fmt.Errorf("%s is %s, whose statements are not known here, expected a policy of the template or one of [%s]\n  hint: write the statements that are needed",
			where, name, strings.Join(slices.Sorted(maps.Keys(awsManaged)), ", "))
	}
	_, short, _ := strings.Cut(policy, "/")
	compiled, err := compilePolicy(statements, identityPolicy, short)
	return compiled, short, err
}

// inlinePolicy attaches the policies that stand beside their roles.
func (l *policyLoader) inlinePolicy(id string, resource cfn.Resource) error {
	names := resource.Get("Roles")
	switch resource.Type {
	case "AWS::IAM::Policy":
		for _, others := range []string{"Users", "Groups"} {
			if resource.Get(others) != nil {
				l.policies.ignored = append(l.policies.ignored, fmt.Sprintf("%s.%s", id, others))
			}
		}
	case "AWS::IAM::RolePolicy":
		names = resource.Get("RoleName")
	default:
		return nil
	}
	statements, err := compilePolicy(resource.Get("PolicyDocument"), identityPolicy, id+".PolicyDocument")
	l.attachTo(id, names, statements)
	return err
}

// refuse names what is not read here: policies that change who may do what are an error, others are listed.
func (l *policyLoader) refuse(id string, resource cfn.Resource) error {
	if property := ignoredPolicies[resource.Type]; property != "" && resource.Get(property) != nil {
		l.policies.ignored = append(l.policies.ignored, fmt.Sprintf("%s.%s (%s)", id, property, resource.Type))
	}
	for _, unread := range unreadPolicies {
		kind, property, ofProperty := strings.Cut(unread, ".")
		if resource.Type == kind && (!ofProperty || resource.Get(property) != nil) {
			return fmt.Errorf("%s (%s): this policy is not evaluated by the lab, expected policies of %s", id, unread, strings.Join(slices.Sorted(maps.Keys(policyOwners)), ", "))
		}
	}
	return nil
}

// awsManaged are the statements of AWS managed policies, by the path and name in their ARNs.
// Source: AWS Managed Policy Reference, "AWSLambdaBasicExecutionRole" (v1), read 2026-11.
var awsManaged = map[string]any{
	"service-role/AWSLambdaBasicExecutionRole": map[string]any{
		"Version": variablesSince,
		"Statement": map[string]any{
			"Effect": "Allow", "Action": []any{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}, "Resource": "*",
		},
	},
}
