package lab_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDenialsSayWhatIsMissingAndWhatCameNear(t *testing.T) {
	const inRaw = `{"Sid": "Raw", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["BUCKET/raw/*", "BUCKET/other/*"]}`
	for _, test := range []struct {
		name      string
		world     world
		call      string
		missingIn string
		missing   string
		nearest   string
	}{
		{
			"the same action on other resources",
			world{role: allow("sqs:SendMessage", "*") + "," + inRaw},
			"ROLE s3:GetObject BUCKET/curated/a.csv",
			"the policies of Worker",
			`{"Effect":"Allow","Action":"s3:GetObject","Resource":"BUCKET/curated/a.csv"}`,
			"Rights.PolicyDocument.Statement[1] (Raw): its resource: got BUCKET/curated/a.csv, expected BUCKET/raw/*, BUCKET/other/*",
		},
		{
			"a condition that failed",
			world{role: `{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "BUCKET", "Condition": {"StringLike": {"s3:prefix": "raw/*"}}}`},
			"ROLE s3:ListBucket BUCKET s3:prefix=curated/",
			"the policies of Worker",
			`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"BUCKET"}`,
			"Rights.PolicyDocument.Statement[0]: its StringLike s3:prefix: got curated/, expected raw/*",
		},
		{
			"a condition on a key that the request lacks",
			world{role: `{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "BUCKET", "Condition": {"StringLike": {"s3:prefix": "raw/*"}}}`},
			"ROLE s3:ListBucket BUCKET",
			"the policies of Worker",
			`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"BUCKET"}`,
			"Rights.PolicyDocument.Statement[0]: its StringLike s3:prefix: got nothing, expected raw/*",
		},
		{
			"another action on the same resource",
			world{role: inRaw},
			"ROLE s3:PutObject BUCKET/raw/a.csv",
			"the policies of Worker",
			`{"Effect":"Allow","Action":"s3:PutObject","Resource":"BUCKET/raw/a.csv"}`,
			"Rights.PolicyDocument.Statement[0] (Raw): its action: got s3:PutObject, expected s3:GetObject",
		},
		{
			"a deny is never what came near",
			world{role: denyRaw},
			"ROLE s3:GetObject BUCKET/curated/a.csv",
			"the policies of Worker",
			`{"Effect":"Allow","Action":"s3:GetObject","Resource":"BUCKET/curated/a.csv"}`,
			"",
		},
		{
			"of two the one with more in common",
			world{role: allow("s3:GetObject", "BUCKET/a*") + "," + allow("s3:GetObject", "BUCKET/curated/b*")},
			"ROLE s3:GetObject BUCKET/curated/a.csv",
			"the policies of Worker",
			`{"Effect":"Allow","Action":"s3:GetObject","Resource":"BUCKET/curated/a.csv"}`,
			"Rights.PolicyDocument.Statement[1]: its resource: got BUCKET/curated/a.csv, expected BUCKET/curated/b*",
		},
		{
			"a service without a queue policy",
			world{},
			"EVENTS sqs:SendMessage QUEUE aws:SourceArn=RULE",
			"the resource policy of Letters",
			`{"Effect":"Allow","Principal":{"Service":"EVENTS"},"Action":"sqs:SendMessage","Resource":"QUEUE","Condition":{"ArnEquals":{"aws:SourceArn":"RULE"}}}`,
			"",
		},
		{
			"a service that the trust policy does not name",
			world{},
			"EVENTS sts:AssumeRole ROLE",
			"the trust policy of Worker",
			`{"Effect":"Allow","Principal":{"Service":"EVENTS"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}`,
			"Worker.AssumeRolePolicyDocument.Statement[0]: its principal: got EVENTS, expected glue.amazonaws.com",
		},
		{
			"a boundary",
			world{role: allow("s3:*", "*"), boundary: allow("s3:Get*", "*")},
			"ROLE s3:PutObject BUCKET/a",
			"Boundary",
			`{"Effect":"Allow","Action":"s3:PutObject","Resource":"BUCKET/a"}`,
			"",
		},
		{
			"a key policy that does not delegate",
			world{role: allow("kms:Decrypt", "*"), key: to("Allow", `{"AWS": "OTHER"}`, "kms:Decrypt", "*", "")},
			"ROLE kms:Decrypt KEY",
			"the key policy Key",
			`{"Effect":"Allow","Principal":{"AWS":"ROLE"},"Action":"kms:Decrypt","Resource":"*"}`,
			"Key.KeyPolicy.Statement[0]: its principal: got ROLE, expected OTHER",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			policies, deployed, err := load(test.world.template())
			if err != nil {
				t.Fatal(err)
			}
			decision := policies.Allow(call(strings.ReplaceAll(test.call, "KEY", deployed.Attribute("Key", "Arn"))))
			if decision.Allowed || decision.MissingIn != test.missingIn || decision.Missing != names.Replace(test.missing) {
				t.Errorf("got %+v,\nwant %s: %s", decision, test.missingIn, names.Replace(test.missing))
			}
			nearest := ""
			if decision.Nearest != nil {
				nearest = decision.Nearest.String()
			}
			if nearest != names.Replace(test.nearest) {
				t.Errorf("got the nearest %q, want %q", nearest, names.Replace(test.nearest))
			}
			if !json.Valid([]byte(decision.Missing)) || !strings.Contains(decision.String(), decision.Missing) {
				t.Errorf("got %s, want the missing statement in it", decision)
			}
		})
	}
}

func TestTheMissingStatementMendsTheDenial(t *testing.T) {
	for _, test := range []struct {
		name   string
		before world
		call   string
		after  func(missing string) world
	}{
		{"of a role", world{}, "ROLE s3:GetObject BUCKET/raw/a.csv", func(missing string) world { return world{role: missing} }},
		{"of a queue", world{}, "EVENTS sqs:SendMessage QUEUE aws:SourceArn=RULE", func(missing string) world { return world{queue: missing} }},
		{"of a queue without a source", world{}, "EVENTS sqs:SendMessage QUEUE", func(missing string) world { return world{queue: missing} }},
		{"of a trust policy", world{}, "EVENTS sts:AssumeRole ROLE", func(missing string) world { return world{trust: missing} }},
		{"of a boundary", world{role: allow("s3:*", "*"), boundary: allow("sqs:*", "*")}, "ROLE s3:GetObject BUCKET/a", func(missing string) world {
			return world{role: allow("s3:*", "*"), boundary: missing}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			denied := loaded(t, test.before.template()).Allow(call(test.call))
			if denied.Allowed {
				t.Fatal("allowed, want a denial to mend")
			}
			if decision := loaded(t, test.after(denied.Missing).template()).Allow(call(test.call)); !decision.Allowed {
				t.Errorf("with %s: %s", denied.Missing, decision)
			}
		})
	}
}

func TestAnExplicitDenyNamesItsStatement(t *testing.T) {
	policies := loaded(t, world{role: allow("s3:*", "*") + "," + denyRaw}.template())
	decision := policies.Allow(call("ROLE s3:GetObject BUCKET/raw/a.csv"))
	if decision.Statement == nil || decision.Statement.Sid != "NoRaw" || decision.Statement.Where != "Rights.PolicyDocument.Statement[1]" || decision.Missing != "" {
		t.Errorf("got %+v, want the statement NoRaw, and none that is missing", decision)
	}
}

func TestAConditionalDenySaysWhichConditionHeld(t *testing.T) {
	policies := loaded(t, world{role: allow("s3:*", "*"), bucket: to("Deny", `"*"`, "s3:*", "BUCKET/*", `"NumericLessThan": {"s3:TlsVersion": 1.2}`)}.template())
	decision := policies.Allow(call("ROLE s3:GetObject BUCKET/a s3:TlsVersion=1.1"))
	if want := "LandingPolicy.PolicyDocument.Statement[0] denies it, since NumericLessThan s3:TlsVersion: got 1.1, with 1.2"; decision.Detail != want {
		t.Errorf("got %q, want %q", decision.Detail, want)
	}
}
