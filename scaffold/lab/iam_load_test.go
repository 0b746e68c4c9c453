package lab_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/lab"
)

func TestWhatCannotBeEvaluatedIsRefusedByName(t *testing.T) {
	statement := func(elements string) world {
		return world{role: `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", ` + elements + `}`}
	}
	for _, test := range []struct {
		name  string
		world world
		want  string // in the error
	}{
		{"an operator that there is not", statement(`"Condition": {"StringEqual": {"s3:prefix": "a"}}`), "Rights.PolicyDocument.Statement[0]: the condition StringEqual s3:prefix: the operator StringEqual is not known, expected Null or one of ArnEquals"},
		{"IfExists on Null", statement(`"Condition": {"NullIfExists": {"s3:prefix": "true"}}`), "the operator NullIfExists is not known"},
		{"two set operators", statement(`"Condition": {"ForAllValues:ForAnyValue:StringEquals": {"s3:prefix": "a"}}`), "is not known"},
		{"a number that is none", statement(`"Condition": {"NumericLessThan": {"s3:max-keys": "ten"}}`), `got "ten", expected a number`},
		{"a variable where none may be", statement(`"Condition": {"NumericLessThan": {"s3:max-keys": "${x:n}"}}`), `got "${x:n}", expected a number`},
		{"a date that is none", statement(`"Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}`), `got "tomorrow", expected a time such as`},
		{"a truth value that is none", statement(`"Condition": {"Bool": {"aws:SecureTransport": "yes"}}`), `got "yes", expected true or false`},
		{"bytes that are none", statement(`"Condition": {"BinaryEquals": {"x:key": "%"}}`), `got "%", expected bytes in base64`},
		{"an address that is none", statement(`"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}`), `got "10.0.0.0/33", expected an address or a range`},
		{"an ARN with missing parts in a condition", statement(`"Condition": {"ArnLike": {"x:arn": "arn:aws:s3"}}`), `got "arn:aws:s3", expected an ARN of six parts`},
		{"a condition of no values", statement(`"Condition": {"StringEquals": {"x:a": []}}`), "got no values, expected at least one"},
		{"a condition of objects", statement(`"Condition": {"StringEquals": {"x:a": {"b": 1}}}`), `got {"b":1}, expected a text`},
		{"an element that there is not", statement(`"Conditions": {}`), "got the element Conditions, expected one of Sid, Effect"},
		{"both Action and NotAction", statement(`"NotAction": "s3:*"`), "expected either Action or NotAction"},
		{"a principal in a role's policy", statement(`"Principal": "*"`), "got a Principal in a policy of a role"},
		{"an effect that there is not", world{role: `{"Effect": "allow", "Action": "*", "Resource": "*"}`}, `the Effect is allow, expected Allow or Deny`},
		{"an action without a service", world{role: allow("GetObject", "*")}, `got the action "GetObject", expected one such as s3:GetObject`},
		{"a resource that is no ARN", world{role: allow("s3:GetObject", "landing/*")}, `got the resource "landing/*", expected an ARN or *`},
		{"a variable that nothing closes", world{role: allow("s3:GetObject", "BUCKET/${aws:username")}, "which nothing closes, expected }"},
		{"a variable that is no key", world{role: allow("s3:GetObject", "BUCKET/${username}")}, "expected a condition key"},
		{"a default without quotes", world{role: allow("s3:GetObject", "BUCKET/${aws:username, all}")}, "expected its default in single quotes"},
		{"no principal in a bucket policy", world{bucket: allow("s3:GetObject", "*")}, "LandingPolicy.PolicyDocument.Statement[0]: expected either Principal or NotPrincipal"},
		{"NotPrincipal with Allow", world{bucket: `{"Effect": "Allow", "NotPrincipal": {"AWS": "ROLE"}, "Action": "s3:*", "Resource": "*"}`}, "got a NotPrincipal, expected it only with the Effect Deny"},
		{"NotPrincipal in a trust policy", world{trust: `{"Effect": "Deny", "NotPrincipal": {"AWS": "ROLE"}, "Action": "sts:AssumeRole"}`}, "got a NotPrincipal, expected it only with the Effect Deny, and not in a trust policy"},
		{"part of an ARN as a principal", world{bucket: to("Allow", `{"AWS": "arn:aws:iam::123456789012:role/*"}`, "s3:*", "*", "")}, "expected *, an account, or the whole ARN of a role"},
		{"a service that is none", world{bucket: to("Allow", `{"Service": "events"}`, "s3:*", "*", "")}, `got "events", expected a service such as`},
		{"a kind of principal that there is not", world{bucket: to("Allow", `{"Role": "x"}`, "s3:*", "*", "")}, "the principal Role: expected AWS, Service, Federated or CanonicalUser"},
		{"a resource in a trust policy", world{trust: to("Allow", `{"Service": "EVENTS"}`, "sts:AssumeRole", "*", "")}, "Worker.AssumeRolePolicyDocument.Statement[0]: got a Resource in a trust policy"},
		{"no statements", world{more: `, "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17"}}}`}, "Role.AssumeRolePolicyDocument has no Statement"},
		{"no trust policy", world{more: `, "Role": {"Type": "AWS::IAM::Role"}`}, "Role.AssumeRolePolicyDocument is null, expected a policy document"},
		{"a version that there is not", world{more: `, "P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Version": "2026-01-01"}}}`}, "P.PolicyDocument.Version is 2026-01-01"},
		{
			"an AWS managed policy that is not known",
			world{more: `, "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ` + document(trusted) + `, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}}`},
			"Role.ManagedPolicyArns[0] is arn:aws:iam::aws:policy/AdministratorAccess, whose statements are not known here, expected a policy of the template or one of [service-role/AWSLambdaBasicExecutionRole]",
		},
		{
			"a policy of the account with the name of one of AWS",
			world{more: `, "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ` + document(trusted) + `, "PermissionsBoundary": "arn:aws:iam::123456789012:policy/service-role/AWSLambdaBasicExecutionRole"}}`},
			"Role.PermissionsBoundary is arn:aws:iam::123456789012:policy/service-role/AWSLambdaBasicExecutionRole, whose statements are not known here",
		},
		{"a second policy of a bucket", world{bucket: to("Allow", `"*"`, "s3:*", "*", ""), more: `, "Second": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Landing"}, "PolicyDocument": ` + document(to("Allow", `"*"`, "s3:*", "*", "")) + `}}`}, "has the bucket policy LandingPolicy already"},
		{"a queue that is no queue", world{more: `, "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["letters"], "PolicyDocument": ` + document(to("Allow", `"*"`, "sqs:*", "*", "")) + `}}`}, `P.Queues: got "letters", expected an ARN, a queue's URL or a bucket's name`},
		{"a policy of an event bus", world{more: `, "P": {"Type": "AWS::Events::EventBusPolicy", "Properties": {}}`}, "P (AWS::Events::EventBusPolicy): this policy is not evaluated by the lab"},
		{"a policy of a table", world{more: `, "P": {"Type": "AWS::DynamoDB::Table", "Properties": {"ResourcePolicy": {}}}`}, "P (AWS::DynamoDB::Table.ResourcePolicy): this policy is not evaluated by the lab"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, _, err := load(test.world.template()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	_, _, err := load(world{role: allow("bad", "*") + "," + allow("s3:*", "bad"), bucket: allow("s3:*", "*")}.template())
	for _, want := range []string{"Statement[0]: Action", "Statement[1]: Resource", "LandingPolicy"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got the error %v, want one with %q", err, want)
		}
	}
}

func TestWhatPlaysNoPartIsListed(t *testing.T) {
	policies := loaded(t, world{more: `,
		"Users": {"Type": "AWS::IAM::Policy", "Properties": {"Users": ["ann"], "Roles": ["elsewhere"], "PolicyDocument": ` + document(allow("s3:*", "*")) + `}},
		"Endpoint": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"PolicyDocument": {}}}`}.template())
	want := []string{"Users.Users", "Users for the role elsewhere, which is not in the template", "Endpoint.PolicyDocument (AWS::EC2::VPCEndpoint)"}
	if diff := cmp.Diff(want, policies.Ignored()); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
}

// TestPoliciesAreFoundWhereverATemplateHasThem has one case for each way to attach a statement.
func TestPoliciesAreFoundWhereverATemplateHasThem(t *testing.T) {
	const read = "arn:aws:iam::123456789012:role/r s3:GetObject BUCKET/a"
	role := func(properties string) world {
		return world{more: `, "R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": ` + document(trusted) + properties + `}}`}
	}
	rights := document(allow("s3:GetObject", "BUCKET/*"))
	beside := func(kind, properties string) world {
		w := role("")
		w.more += `, "P": {"Type": "` + kind + `", "Properties": {` + properties + `}}`
		return w
	}
	function := func(properties string) world {
		return world{more: `, "P": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", ` + properties + `}}`}
	}
	queue := document(to("Allow", `{"Service": "EVENTS"}`, "sqs:SendMessage", "QUEUE", ""))
	topic := document(to("Allow", `{"Service": "EVENTS"}`, "sns:Publish", "TOPIC", ""))
	secret := "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
	for _, test := range []struct {
		name  string
		world world
		call  string
		want  bool
	}{
		{"nowhere", role(""), read, false},
		{"Policies of a role", role(`, "Policies": [{"PolicyName": "p", "PolicyDocument": ` + rights + `}]`), read, true},
		{"AWS::IAM::Policy", beside("AWS::IAM::Policy", `"Roles": [{"Ref": "R"}], "PolicyDocument": `+rights), read, true},
		{"AWS::IAM::RolePolicy", beside("AWS::IAM::RolePolicy", `"RoleName": {"Ref": "R"}, "PolicyName": "p", "PolicyDocument": `+rights), read, true},
		{"AWS::IAM::ManagedPolicy that names the role", beside("AWS::IAM::ManagedPolicy", `"Roles": [{"Ref": "R"}], "PolicyDocument": `+rights), read, true},
		{"AWS::IAM::ManagedPolicy that names none", beside("AWS::IAM::ManagedPolicy", `"PolicyDocument": `+rights), read, false},
		{
			"an AWS managed policy", role(`, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]`),
			"arn:aws:iam::123456789012:role/r logs:PutLogEvents arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:log-stream:s", true,
		},
		{"AWS::SQS::QueueInlinePolicy", world{more: `, "P": {"Type": "AWS::SQS::QueueInlinePolicy", "Properties": {"Queue": {"Ref": "Letters"}, "PolicyDocument": ` + queue + `}}`}, "EVENTS sqs:SendMessage QUEUE", true},
		{"AWS::SNS::TopicPolicy", world{more: `, "P": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": ["TOPIC"], "PolicyDocument": ` + topic + `}}`}, "EVENTS sns:Publish TOPIC", true},
		{"AWS::SNS::TopicInlinePolicy", world{more: `, "P": {"Type": "AWS::SNS::TopicInlinePolicy", "Properties": {"TopicArn": "TOPIC", "PolicyDocument": ` + topic + `}}`}, "EVENTS sns:Publish TOPIC", true},
		{
			"AWS::SecretsManager::ResourcePolicy",
			world{more: `, "P": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": {"SecretId": "` + secret + `", "ResourcePolicy": ` + document(to("Allow", `{"AWS": "ROLE"}`, "secretsmanager:GetSecretValue", "*", "")) + `}}`},
			"ROLE secretsmanager:GetSecretValue " + secret, true,
		},
		{"a permission by the function's ARN", function(`"FunctionName": {"Fn::GetAtt": ["Validate", "Arn"]}, "Principal": "EVENTS"`), "EVENTS lambda:InvokeFunction FUNCTION", true},
		{"a permission by the function's name", function(`"FunctionName": {"Ref": "Validate"}, "Principal": "EVENTS"`), "EVENTS lambda:InvokeFunction FUNCTION", true},
		{"a permission by a part of the function's ARN", function(`"FunctionName": "123456789012:function:validate", "Principal": "EVENTS"`), "EVENTS lambda:InvokeFunction FUNCTION", true},
		{"the first of two permissions", function(`"FunctionName": "validate", "Principal": "EVENTS"}}, "Q": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": "validate", "Principal": "s3.amazonaws.com"`), "EVENTS lambda:InvokeFunction FUNCTION", true},
		{"a permission for an alias is not one for the function", function(`"FunctionName": "FUNCTION:live", "Principal": "EVENTS"`), "EVENTS lambda:InvokeFunction FUNCTION", false},
		{"a permission for an alias", function(`"FunctionName": "FUNCTION:live", "Principal": "EVENTS"`), "EVENTS lambda:InvokeFunction FUNCTION:live", true},
		{"a permission for another service", function(`"FunctionName": "validate", "Principal": "s3.amazonaws.com"`), "EVENTS lambda:InvokeFunction FUNCTION", false},
		{"a permission for a source", function(`"FunctionName": "validate", "Principal": "EVENTS", "SourceArn": "RULE"`), "EVENTS lambda:InvokeFunction FUNCTION aws:SourceArn=RULE", true},
		{"a permission for another source", function(`"FunctionName": "validate", "Principal": "EVENTS", "SourceArn": "RULE"`), "EVENTS lambda:InvokeFunction FUNCTION aws:SourceArn=TOPIC", false},
		{"a permission for a source, and none is given", function(`"FunctionName": "validate", "Principal": "EVENTS", "SourceArn": "RULE"`), "EVENTS lambda:InvokeFunction FUNCTION", false},
		{"a permission for another account's source", function(`"FunctionName": "validate", "Principal": "EVENTS", "SourceAccount": "999999999999"`), "EVENTS lambda:InvokeFunction FUNCTION", false},
		{"a permission for a role", function(`"FunctionName": "validate", "Principal": "ROLE"`), "ROLE lambda:InvokeFunction FUNCTION", true},
		{"a key without a policy delegates", world{role: allow("kms:Decrypt", "*"), more: `, "Own": {"Type": "AWS::KMS::Key"}`}, "ROLE kms:Decrypt {Own}", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			policies, deployed, err := load(test.world.template())
			if err != nil {
				t.Fatal(err)
			}
			decision := policies.Allow(call(strings.ReplaceAll(test.call, "{Own}", deployed.Attribute("Own", "Arn"))))
			if decision.Allowed != test.want {
				t.Errorf("got %s, want %v", decision, test.want)
			}
		})
	}
}

func TestUnusedPermissionsAreThoseThatNoAllowedCallNeeded(t *testing.T) {
	policies := loaded(t, world{role: `{"Sid": "Data", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["BUCKET/raw/*", "BUCKET/curated/*"]},
		{"Effect": "Allow", "NotAction": "s3:*", "Resource": "QUEUE"},
		{"Sid": "NoRaw", "Effect": "Deny", "Action": "s3:PutObject", "Resource": "BUCKET/raw/*"}`}.template())
	for _, written := range []string{
		"ROLE s3:GetObject BUCKET/raw/a.csv",
		"ROLE s3:PutObject BUCKET/curated/a.csv",
		"ROLE s3:PutObject BUCKET/raw/a.csv", // denied, which uses nothing
		"OTHER sqs:SendMessage QUEUE",        // of another role
	} {
		policies.Allow(call(written))
	}
	grant := func(action, resource, where, sid string) lab.Grant {
		return lab.Grant{
			Role: "Worker", RoleARN: names.Replace("ROLE"), Action: action, Resource: names.Replace(resource),
			PolicySource: lab.PolicySource{Where: "Rights.PolicyDocument.Statement[" + where + "]", Sid: sid},
		}
	}
	want := []lab.Grant{
		grant("s3:GetObject", "BUCKET/curated/*", "0", "Data"),
		grant("s3:PutObject", "BUCKET/raw/*", "0", "Data"),
		grant("not s3:*", "QUEUE", "1", ""),
	}
	if diff := cmp.Diff(want, policies.Unused()); diff != "" {
		t.Errorf("unused (-want +got):\n%s", diff)
	}
	policies.Allow(call("ROLE sqs:SendMessage QUEUE"))
	if diff := cmp.Diff(want[:2], policies.Unused()); diff != "" {
		t.Errorf("unused after one more call (-want +got):\n%s", diff)
	}
}

func TestAManagedPolicyIsUsedByEachRoleForItself(t *testing.T) {
	policies := loaded(t, world{more: `, "Shared": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": ["worker", "other"], "PolicyDocument": ` + document(allow("s3:GetObject", "*")) + `}}`}.template())
	policies.Allow(call("ROLE s3:GetObject BUCKET/a"))
	unused := policies.Unused()
	if len(unused) != 1 || unused[0].Role != "Other" {
		t.Errorf("got %+v, want the permission of Other alone", unused)
	}
}

// TestSeveralWorkersMayAskAtOnce is for the race detector, and checks that no use is lost.
func TestSeveralWorkersMayAskAtOnce(t *testing.T) {
	policies := loaded(t, world{role: allow("s3:GetObject", "BUCKET/raw/*") + "," + allow("s3:PutObject", "BUCKET/raw/*")}.template())
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			policies.Allow(call("ROLE s3:GetObject BUCKET/raw/a.csv"))
			policies.Allow(call("ROLE s3:PutObject BUCKET/raw/a.csv"))
			policies.Unused()
		})
	}
	workers.Wait()
	if unused := policies.Unused(); len(unused) != 0 {
		t.Errorf("got %+v, want all permissions to be used", unused)
	}
}
