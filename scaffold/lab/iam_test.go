package lab_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lab"
)

// In the tables' policies, these stand for the names that the resources get: the stack is called orders.
var (
	place = cfn.Place{Stack: "orders"}
	names = strings.NewReplacer(
		"ROLE", "arn:aws:iam::123456789012:role/worker", "OTHER", "arn:aws:iam::123456789012:role/other",
		"SESSION", "arn:aws:sts::123456789012:assumed-role/worker/run-1", "BUCKET", "arn:aws:s3:::landing", "QUEUE", "arn:aws:sqs:us-east-1:123456789012:letters",
		"TOPIC", "arn:aws:sns:us-east-1:123456789012:alerts", "RULE", "arn:aws:events:us-east-1:123456789012:rule/landed",
		"FUNCTION", "arn:aws:lambda:us-east-1:123456789012:function:validate", "EVENTS", "events.amazonaws.com",
	)
)

// world is a template around the policies of a case: a role, and resources that may have policies.
type world struct {
	role     string // statements of the role's policy
	boundary string // statements of its permissions boundary
	trust    string // statements of its trust policy; default: Glue may assume it
	bucket   string // statements of a bucket policy
	queue    string // statements of a queue policy
	key      string // statements of a key policy; default: the account
	more     string // further resources, each with a comma before it
}

const (
	trusted   = `{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}`
	delegated = `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}`
)

func or(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

func document(statements string) string {
	return `{"Version": "2012-10-17", "Statement": [` + statements + `]}`
}

func (w world) template() string {
	var out strings.Builder
	boundary := ""
	if w.boundary != "" {
		boundary = `, "PermissionsBoundary": {"Ref": "Boundary"}`
		fmt.Fprintf(&out, `"Boundary": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": %s}}, `, document(w.boundary))
	}
	if w.role != "" {
		fmt.Fprintf(&out, `"Rights": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Roles": [{"Ref": "Worker"}], "PolicyDocument": %s}}, `, document(w.role))
	}
	if w.bucket != "" {
		fmt.Fprintf(&out, `"LandingPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Landing"}, "PolicyDocument": %s}}, `, document(w.bucket))
	}
	if w.queue != "" {
		fmt.Fprintf(&out, `"LettersPolicy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Letters"}], "PolicyDocument": %s}}, `, document(w.queue))
	}
	fmt.Fprintf(&out, `
		"Worker": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "worker", "AssumeRolePolicyDocument": %s, "Tags": [{"Key": "Team", "Value": "data"}]%s}},
		"Other": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "other", "AssumeRolePolicyDocument": %s}},
		"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": %s}},
		"Landing": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "landing"}},
		"Letters": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "letters"}},
		"Validate": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "validate"}}%s`,
		document(or(w.trust, trusted)), boundary, document(trusted), document(or(w.key, delegated)), w.more)
	return names.Replace(`{"Resources": {` + out.String() + `}}`)
}

func load(template string) (*lab.Policies, *cfn.Deployed, error) {
	parsed, err := cfn.Parse([]byte(template))
	if err != nil {
		return nil, nil, err
	}
	deployed, err := parsed.Deploy(place)
	if err != nil {
		return nil, nil, err
	}
	policies, err := lab.NewPolicies(deployed)
	return policies, deployed, err
}

func loaded(t testing.TB, template string) *lab.Policies {
	t.Helper()
	policies, _, err := load(template)
	if err != nil {
		t.Fatal(err)
	}
	return policies
}

// call is a request as the tables write it: PRINCIPAL ACTION RESOURCE, then KEY=VALUE for each value of the context.
func call(written string) lab.PolicyRequest {
	fields := strings.Fields(names.Replace(written))
	request := lab.PolicyRequest{Principal: fields[0], Action: fields[1], Resource: fields[2], Context: map[string][]string{}}
	for _, field := range fields[3:] {
		key, value, _ := strings.Cut(field, "=")
		request.Context[key] = append(request.Context[key], value)
	}
	return request
}

// allow is a statement of a role's policy.
func allow(action, resource string) string {
	return fmt.Sprintf(`{"Effect": "Allow", "Action": %q, "Resource": %q}`, action, resource)
}

const denyRaw = `{"Sid": "NoRaw", "Effect": "Deny", "Action": "s3:*", "Resource": "BUCKET/raw/*"}`

// to is a statement of a resource's policy.
func to(effect, principal, action, resource, condition string) string {
	return fmt.Sprintf(`{"Effect": %q, "Principal": %s, "Action": %q, "Resource": %q, "Condition": {%s}}`, effect, principal, action, resource, condition)
}

func TestDecisionsFollowThePolicyEvaluationLogic(t *testing.T) {
	const read, write = "ROLE s3:GetObject BUCKET/raw/a.csv", "ROLE s3:PutObject BUCKET/raw/a.csv"
	const send = "EVENTS sqs:SendMessage QUEUE aws:SourceArn=RULE"
	const decrypt = "ROLE kms:Decrypt KEY"
	for _, test := range []struct {
		name   string
		world  world
		call   string
		reason lab.DenialReason // empty: it is allowed
	}{
		{"nothing is allowed that no statement allows", world{}, read, lab.NoStatement},
		{"a statement of the role allows", world{role: allow("s3:GetObject", "BUCKET/raw/*")}, read, ""},
		{"another object is not the same resource", world{role: allow("s3:GetObject", "BUCKET/curated/*")}, read, lab.NoStatement},
		{"another action is not the same action", world{role: allow("s3:GetObject", "BUCKET/raw/*")}, write, lab.NoStatement},
		{"an explicit deny wins over the role's own allow", world{role: allow("s3:*", "*") + "," + denyRaw}, read, lab.ExplicitDeny},
		{"a deny elsewhere does not matter", world{role: allow("s3:*", "*") + "," + denyRaw}, "ROLE s3:GetObject BUCKET/curated/a.csv", ""},
		{"a bucket policy's deny wins over the role's allow", world{role: allow("s3:*", "*"), bucket: to("Deny", `"*"`, "s3:PutObject", "BUCKET/*", "")}, write, lab.ExplicitDeny},

		{"actions have no case", world{role: allow("S3:getobject", "BUCKET/raw/*")}, read, ""},
		{"resources have case", world{role: allow("s3:GetObject", "BUCKET/Raw/*")}, read, lab.NoStatement},
		{"a wildcard in an action", world{role: allow("s3:Get*", "BUCKET/raw/*")}, read, ""},
		{"a question mark is one character", world{role: allow("s3:GetObject", "BUCKET/raw/?.csv")}, read, ""},
		{"a question mark is not two characters", world{role: allow("s3:GetObject", "BUCKET/raw/?.csv")}, "ROLE s3:GetObject BUCKET/raw/ab.csv", lab.NoStatement},
		{"an asterisk goes over slashes", world{role: allow("s3:GetObject", "BUCKET/*.csv")}, "ROLE s3:GetObject BUCKET/raw/2026/a.csv", ""},
		{"a bucket is not its objects", world{role: allow("s3:ListBucket", "BUCKET/*")}, "ROLE s3:ListBucket BUCKET", lab.NoStatement},
		{"an ARN with missing parts is completed", world{role: allow("sqs:SendMessage", "arn:aws:sqs")}, "ROLE sqs:SendMessage QUEUE", ""},
		{"NotAction allows all others", world{role: `{"Effect": "Allow", "NotAction": "s3:Delete*", "Resource": "*"}`}, read, ""},
		{"NotAction does not allow those", world{role: `{"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}`}, read, lab.NoStatement},
		{"NotResource denies all others", world{role: allow("s3:*", "*") + `,{"Effect": "Deny", "Action": "s3:*", "NotResource": "BUCKET/curated/*"}`}, read, lab.ExplicitDeny},
		{"NotResource spares those", world{role: allow("s3:*", "*") + `,{"Effect": "Deny", "Action": "s3:*", "NotResource": "BUCKET/raw/*"}`}, read, ""},

		{"an action without resources needs *", world{role: allow("cloudwatch:PutMetricData", "*")}, "ROLE cloudwatch:PutMetricData *", ""},
		{"an action without resources is not allowed on one", world{role: allow("xray:PutTraceSegments", "arn:aws:xray:us-east-1:123456789012:group/a")}, "ROLE xray:PutTraceSegments arn:aws:xray:us-east-1:123456789012:group/a", lab.NoStatement},
		{"who am I needs no permission", world{}, "ROLE sts:GetCallerIdentity *", ""},

		{"a bucket policy that names the role is enough", world{bucket: to("Allow", `{"AWS": "ROLE"}`, "s3:GetObject", "BUCKET/*", "")}, read, ""},
		{"a bucket policy that names another role is not", world{bucket: to("Allow", `{"AWS": "OTHER"}`, "s3:GetObject", "BUCKET/*", "")}, read, lab.NoStatement},
		{"a bucket policy that names the account leaves it to the role", world{bucket: to("Allow", `{"AWS": "123456789012"}`, "s3:GetObject", "BUCKET/*", "")}, read, lab.NoStatement},
		{"a bucket policy that names everybody is enough", world{bucket: to("Allow", `{"AWS": "*"}`, "s3:GetObject", "BUCKET/*", "")}, read, ""},
		{"a deny of the account hits its roles", world{role: allow("s3:*", "*"), bucket: to("Deny", `{"AWS": "arn:aws:iam::123456789012:root"}`, "s3:*", "BUCKET/*", "")}, read, lab.ExplicitDeny},
		{
			"NotPrincipal spares whom it names together with the account",
			world{role: allow("s3:*", "*"), bucket: `{"Effect": "Deny", "NotPrincipal": {"AWS": ["ROLE", "123456789012"]}, "Action": "s3:*", "Resource": "BUCKET/*"}`},
			read, "",
		},
		{
			"NotPrincipal does not spare the roles of an account that it names",
			world{role: allow("s3:*", "*"), bucket: `{"Effect": "Deny", "NotPrincipal": {"AWS": "123456789012"}, "Action": "s3:*", "Resource": "BUCKET/*"}`},
			read, lab.ExplicitDeny,
		},
		{
			"NotPrincipal does not spare a role without its account",
			world{role: allow("s3:*", "*"), bucket: `{"Effect": "Deny", "NotPrincipal": {"AWS": "ROLE"}, "Action": "s3:*", "Resource": "BUCKET/*"}`},
			read, lab.ExplicitDeny,
		},
		{
			"NotPrincipal spares a service that it names",
			world{queue: to("Allow", `"*"`, "sqs:SendMessage", "QUEUE", "") + `, {"Effect": "Deny", "NotPrincipal": {"Service": "EVENTS"}, "Action": "sqs:*", "Resource": "QUEUE"}`},
			send, "",
		},
		{
			"NotPrincipal hits a service that it does not name",
			world{queue: to("Allow", `"*"`, "sqs:SendMessage", "QUEUE", "") + `, {"Effect": "Deny", "NotPrincipal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:*", "Resource": "QUEUE"}`},
			send, lab.ExplicitDeny,
		},
		{
			"NotPrincipal hits others",
			world{role: allow("s3:*", "*"), bucket: `{"Effect": "Deny", "NotPrincipal": {"AWS": ["OTHER", "123456789012"]}, "Action": "s3:*", "Resource": "BUCKET/*"}`},
			read, lab.ExplicitDeny,
		},
		{
			"NotPrincipal hits every role with a boundary",
			world{role: allow("s3:*", "*"), boundary: allow("s3:*", "*"), bucket: `{"Effect": "Deny", "NotPrincipal": {"AWS": ["ROLE", "123456789012"]}, "Action": "s3:*", "Resource": "BUCKET/*"}`},
			read, lab.ExplicitDeny,
		},

		{"a boundary alone allows nothing", world{boundary: allow("s3:*", "*")}, read, lab.NoStatement},
		{"both the boundary and the role allow", world{role: allow("s3:GetObject", "BUCKET/*"), boundary: allow("s3:*", "*")}, read, ""},
		{"a boundary limits the role", world{role: allow("s3:*", "*"), boundary: allow("s3:Get*", "*")}, write, lab.OutsideBoundary},
		{"a boundary's deny is explicit", world{role: allow("s3:*", "*"), boundary: allow("s3:*", "*") + "," + denyRaw}, read, lab.ExplicitDeny},
		{"a boundary limits what a bucket policy gives to the role", world{boundary: allow("sqs:*", "*"), bucket: to("Allow", `{"AWS": "ROLE"}`, "s3:GetObject", "BUCKET/*", "")}, read, lab.OutsideBoundary},
		{
			"a boundary does not limit what a bucket policy gives to the session",
			world{boundary: allow("sqs:*", "*"), bucket: to("Allow", `{"AWS": "SESSION"}`, "s3:GetObject", "BUCKET/*", "")},
			"SESSION s3:GetObject BUCKET/raw/a.csv", "",
		},
		{
			"also when another statement gives it to the role",
			world{boundary: allow("sqs:*", "*"), bucket: to("Allow", `{"AWS": "ROLE"}`, "s3:GetObject", "BUCKET/*", "") + "," + to("Allow", `{"AWS": "SESSION"}`, "s3:GetObject", "BUCKET/*", "")},
			"SESSION s3:GetObject BUCKET/raw/a.csv", "",
		},
		{"a session has the permissions of its role", world{role: allow("s3:GetObject", "BUCKET/raw/*")}, "SESSION s3:GetObject BUCKET/raw/a.csv", ""},

		{"a service needs the resource's policy", world{}, send, lab.NoStatement},
		{"a queue policy lets the service in", world{queue: to("Allow", `{"Service": "EVENTS"}`, "sqs:SendMessage", "QUEUE", "")}, send, ""},
		{"a queue policy lets in another service", world{queue: to("Allow", `{"Service": "sns.amazonaws.com"}`, "sqs:SendMessage", "QUEUE", "")}, send, lab.NoStatement},
		{"a service by its name in the Region", world{queue: to("Allow", `{"Service": "events.us-east-1.amazonaws.com"}`, "sqs:SendMessage", "QUEUE", "")}, send, ""},
		{"a queue policy that names everybody, bound to the source", world{queue: to("Allow", `{"AWS": "*"}`, "sqs:SendMessage", "QUEUE", `"ArnEquals": {"aws:SourceArn": "RULE"}`)}, send, ""},
		{"another source", world{queue: to("Allow", `{"Service": "EVENTS"}`, "sqs:SendMessage", "QUEUE", `"ArnEquals": {"aws:SourceArn": "RULE"}`)}, send + "-2", lab.NoStatement},
		{"another account's rule", world{queue: to("Allow", `{"Service": "EVENTS"}`, "sqs:SendMessage", "QUEUE", `"StringEquals": {"aws:SourceAccount": "123456789012"}`)}, "EVENTS sqs:SendMessage QUEUE aws:SourceArn=arn:aws:events:us-east-1:999999999999:rule/x", lab.NoStatement},

		{"the key policy delegates to the role's policies", world{role: allow("kms:Decrypt", "*")}, decrypt, ""},
		{"delegating alone allows nothing", world{}, decrypt, lab.NoStatement},
		{
			"a key policy that does not delegate",
			world{role: allow("kms:Decrypt", "*"), key: to("Allow", `{"AWS": "OTHER"}`, "kms:*", "*", "")},
			decrypt, lab.NotDelegated,
		},
		{"a key policy that names the role is enough", world{key: to("Allow", `{"AWS": "ROLE"}`, "kms:Decrypt", "*", "")}, decrypt, ""},
		{
			"a key policy that delegates only through S3",
			world{role: allow("kms:*", "*"), key: to("Allow", `{"AWS": "123456789012"}`, "kms:*", "*", `"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}`)},
			decrypt, lab.NotDelegated,
		},
		{
			"and a call through S3",
			world{role: allow("kms:*", "*"), key: to("Allow", `{"AWS": "123456789012"}`, "kms:*", "*", `"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}`)},
			decrypt + " kms:ViaService=s3.us-east-1.amazonaws.com", "",
		},
		{"a key that is not in the template", world{role: allow("kms:*", "*")}, "ROLE kms:Decrypt arn:aws:kms:us-east-1:123456789012:key/1", lab.UnknownPolicy},

		{"the trust policy names the service", world{}, "glue.amazonaws.com sts:AssumeRole ROLE", ""},
		{"the trust policy names another service", world{}, "EVENTS sts:AssumeRole ROLE", lab.NoStatement},
		{"a role may assume a role that names it", world{trust: `{"Effect": "Allow", "Principal": {"AWS": "OTHER"}, "Action": "sts:AssumeRole"}`}, "OTHER sts:AssumeRole ROLE", ""},
		{"a role's own policies are not enough to assume another", world{role: allow("sts:AssumeRole", "*")}, "ROLE sts:AssumeRole OTHER", lab.NotDelegated},

		{"to pass a role is no matter of its trust policy", world{role: `{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "OTHER", "Condition": {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}}`}, "ROLE iam:PassRole OTHER iam:PassedToService=glue.amazonaws.com", ""},
		{"to pass a role to another service", world{role: `{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "OTHER", "Condition": {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}}`}, "ROLE iam:PassRole OTHER iam:PassedToService=EVENTS", lab.NoStatement},
		{"a bucket in another account", world{role: allow("s3:*", "*")}, "ROLE s3:GetObject arn:aws:s3:::theirs/a aws:ResourceAccount=999999999999", lab.OtherAccount},
		{"a queue in another account", world{role: allow("sqs:*", "*")}, "ROLE sqs:SendMessage arn:aws:sqs:us-east-1:999999999999:theirs", lab.OtherAccount},
		{"a role that is not there", world{}, "arn:aws:iam::123456789012:role/nobody s3:GetObject BUCKET/a", lab.UnknownPrincipal},
		{"an action that is none", world{role: allow("*", "*")}, "ROLE GetObject BUCKET/a", lab.NoSuchRequest},
		{"an action with a wildcard is none", world{role: allow("*", "*")}, "ROLE s3:* BUCKET/a", lab.NoSuchRequest},
		{"a resource that is no ARN", world{role: allow("*", "*")}, "ROLE s3:GetObject landing/a", lab.NoSuchRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			policies, deployed, err := load(test.world.template())
			if err != nil {
				t.Fatal(err)
			}
			decision := policies.Allow(call(strings.ReplaceAll(test.call, "KEY", deployed.Attribute("Key", "Arn"))))
			if decision.Allowed != (test.reason == "") || decision.Reason != test.reason {
				t.Errorf("got %+v, want the reason %q", decision, test.reason)
			}
		})
	}
}
