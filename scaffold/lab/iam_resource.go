package lab

import (
	"fmt"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// resourcePolicy reads the policy of a resource.
func (l *policyLoader) resourcePolicy(id string, resource cfn.Resource) error {
	if resource.Type == "AWS::Lambda::Permission" {
		return l.lambdaPermission(id, resource)
	}
	owner, ok := policyOwners[resource.Type]
	if !ok {
		return nil
	}
	document := resource.Get(owner.document)
	if document == nil && resource.Type == "AWS::KMS::Key" {
		document = l.defaultKeyPolicy()
	}
	statements, err := compilePolicy(document, resourcePolicy, id+"."+owner.document)
	if err != nil {
		return err
	}
	names := cfn.List(resource.Get(owner.resources))
	if owner.resources == "" {
		names = []any{l.deployed.Attribute(id, "Arn")}
	}
	for _, name := range names {
		arn, err := l.resourceARN(resource.Type, cfn.Text(name))
		if err != nil {
			return fmt.Errorf("%s.%s: %w", id, owner.resources, err)
		}
		if earlier := l.policies.onResources[arn]; earlier != nil {
			return fmt.Errorf("%s: %s has %s already, which this one would replace, expected one policy", id, arn, earlier.where)
		}
		l.policies.onResources[arn] = &policyOfResource{where: fmt.Sprintf("the %s %s", owner.what, id), statements: statements, decides: owner.decides}
	}
	return nil
}

// defaultKeyPolicy is that of a key without one. Source: AWS KMS Developer Guide, "Default key policy", read 2026-11.
func (l *policyLoader) defaultKeyPolicy() any {
	place := l.deployed.Place()
	return map[string]any{"Version": variablesSince, "Statement": map[string]any{
		"Effect": "Allow", "Action": "kms:*", "Resource": "*",
		"Principal": map[string]any{"AWS": fmt.Sprintf("arn:%s:iam::%s:root", place.Partition, place.Account)},
	}}
}

// resourceARN is the ARN of what a policy names: a bucket's name, a queue's URL, or an ARN.
func (l *policyLoader) resourceARN(kind, name string) (string, error) {
	place := l.deployed.Place()
	switch {
	case strings.HasPrefix(name, "arn:"):
		return name, nil
	case kind == "AWS::S3::BucketPolicy":
		return fmt.Sprintf("arn:%s:s3:::%s", place.Partition, name), nil
	case strings.HasPrefix(kind, "AWS::SQS::"):
		parts := strings.Split(name, "/") // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
		const fields = 5
		host := strings.Split(name, ".")
		if len(parts) == fields && len(host) > 1 {
			return fmt.Sprintf("arn:%s:sqs:%s:%s:%s", place.Partition, host[1], parts[3], parts[4]), nil
		}
	}
	return "", fmt.Errorf("got %q, expected an ARN, a queue's URL or a bucket's name", name)
}

// lambdaConditions are the properties of a permission that become conditions of its statement.
// Source: AWS Lambda API Reference, AddPermission; AWS CloudFormation User Guide, "AWS::Lambda::Permission", read 2026-11.
var lambdaConditions = []struct{ property, operator, key string }{
	{"SourceArn", "ArnLike", "aws:SourceArn"},
	{"SourceAccount", "StringEquals", "aws:SourceAccount"},
	{"PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"},
	{"EventSourceToken", "StringEquals", "lambda:EventSourceToken"},
	{"FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"},
	{"InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"},
}

// lambdaPermission adds a statement to the policy of a function; several permissions of one function make one policy.
func (l *policyLoader) lambdaPermission(id string, resource cfn.Resource) error {
	arn, err := l.functionARN(cfn.Text(resource.Get("FunctionName")))
	if err != nil {
		return fmt.Errorf("%s.FunctionName: %w", id, err)
	}
	conditions := map[string]any{}
	for _, each := range lambdaConditions {
		if value := resource.Get(each.property); value != nil {
			keys, _ := conditions[each.operator].(map[string]any)
			if keys == nil {
				keys = map[string]any{}
				conditions[each.operator] = keys
			}
			keys[each.key] = value
		}
	}
	statement, err := compileStatement(map[string]any{
		"Effect": "Allow", "Principal": lambdaPrincipal(cfn.Text(resource.Get("Principal"))), "Action": resource.Get("Action"), "Resource": arn, "Condition": conditions,
	}, resourcePolicy, false)
	if err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	statement.source.Where = id
	policy := l.policies.onResources[arn]
	if policy == nil {
		policy = &policyOfResource{where: "the AWS::Lambda::Permission of " + l.idOf(arn)}
		l.policies.onResources[arn] = policy
	}
	policy.statements = append(policy.statements, statement)
	return nil
}

func lambdaPrincipal(written string) any {
	switch {
	case written == "*":
		return written
	case strings.Contains(written, ".") && !strings.HasPrefix(written, "arn:"):
		return map[string]any{"Service": written}
	}
	return map[string]any{"AWS": written}
}

// functionARN is the ARN of a function by its name, its whole ARN, or ACCOUNT:function:NAME; a qualifier stays on it.
func (l *policyLoader) functionARN(written string) (string, error) {
	place := l.deployed.Place()
	account, function := place.Account, written
	switch {
	case strings.HasPrefix(written, "arn:"):
		return written, nil
	case strings.Contains(written, ":function:"):
		account, function, _ = strings.Cut(written, ":function:")
	case strings.HasPrefix(written, "function:"):
		function = strings.TrimPrefix(written, "function:")
	}
	if function == "" || !isAccount(account) {
		return "", fmt.Errorf("got %q, expected the name or ARN of a function", written)
	}
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", place.Partition, place.Region, account, function), nil
}

func (l *policyLoader) idOf(arn string) string {
	if id := l.policies.owners[arn]; id != "" {
		return id
	}
	return arn
}
