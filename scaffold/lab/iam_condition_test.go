package lab_test

import (
	"strings"
	"testing"
	"time"
)

func TestConditionsAreEvaluatedAsDocumented(t *testing.T) {
	for _, test := range []struct {
		condition string // of a statement that allows s3:GetObject
		context   string
		want      bool
	}{
		{`"StringEquals": {"s3:prefix": "raw"}`, "s3:prefix=raw", true},
		{`"StringEquals": {"s3:prefix": "raw"}`, "S3:PREFIX=raw", true},
		{`"StringEquals": {"s3:prefix": "raw"}`, "s3:prefix=Raw", false},
		{`"StringEquals": {"s3:prefix": "raw"}`, "", false},
		{`"StringEquals": {"s3:prefix": ["a", "raw"]}`, "s3:prefix=raw", true},
		{`"StringEquals": {"s3:prefix": "r*"}`, "s3:prefix=raw", false},
		{`"StringEquals": {"s3:prefix": "raw", "s3:delimiter": "/"}`, "s3:prefix=raw s3:delimiter=/", true},
		{`"StringEquals": {"s3:prefix": "raw", "s3:delimiter": "/"}`, "s3:prefix=raw", false},
		{`"StringNotEquals": {"s3:prefix": "raw"}`, "s3:prefix=raw", false},
		{`"StringNotEquals": {"s3:prefix": ["a", "raw"]}`, "s3:prefix=raw", false},
		{`"StringNotEquals": {"s3:prefix": ["a", "raw"]}`, "s3:prefix=b", true},
		{`"StringNotEquals": {"s3:prefix": "raw"}`, "", true},
		{`"StringEqualsIgnoreCase": {"s3:prefix": "raw"}`, "s3:prefix=RAW", true},
		{`"StringNotEqualsIgnoreCase": {"s3:prefix": "raw"}`, "s3:prefix=RAW", false},
		{`"StringLike": {"s3:prefix": "raw/*"}`, "s3:prefix=raw/2026/", true},
		{`"StringLike": {"s3:prefix": "raw/*"}`, "s3:prefix=curated/", false},
		{`"StringLike": {"s3:prefix": "?aw"}`, "s3:prefix=raw", true},
		{`"StringNotLike": {"s3:prefix": "raw/*"}`, "s3:prefix=raw/2026/", false},
		{`"NumericEquals": {"s3:max-keys": "10"}`, "s3:max-keys=10.0", true},
		{`"NumericNotEquals": {"s3:max-keys": 10}`, "s3:max-keys=10", false},
		{`"NumericLessThan": {"s3:max-keys": 10}`, "s3:max-keys=10", false},
		{`"NumericLessThanEquals": {"s3:max-keys": 10}`, "s3:max-keys=10", true},
		{`"NumericGreaterThan": {"s3:max-keys": 10}`, "s3:max-keys=9", false},
		{`"NumericGreaterThanEquals": {"s3:max-keys": 10}`, "s3:max-keys=10", true},
		{`"NumericEquals": {"s3:max-keys": 10}`, "s3:max-keys=ten", false},
		{`"NumericGreaterThanEquals": {"s3:TlsVersion": 1.2}`, "", true},
		{`"DateLessThan": {"aws:CurrentTime": "2026-03-02T00:00:00Z"}`, "", true},
		{`"DateGreaterThan": {"aws:CurrentTime": "2026-03-02T00:00:00Z"}`, "", false},
		{`"DateEquals": {"aws:CurrentTime": "2026-03-01T09:00:00+01:00"}`, "", true},
		{`"DateNotEquals": {"aws:CurrentTime": "2026-03-01"}`, "", true},
		{`"DateLessThanEquals": {"aws:CurrentTime": "1772352000"}`, "", true},
		{`"DateGreaterThanEquals": {"aws:CurrentTime": "2027"}`, "", false},
		{`"Bool": {"aws:SecureTransport": "true"}`, "", true},
		{`"Bool": {"aws:SecureTransport": false}`, "", false},
		{`"Bool": {"aws:PrincipalIsAWSService": "false"}`, "", true},
		{`"Bool": {"aws:MultiFactorAuthPresent": "false"}`, "", false},
		{`"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`, "", true},
		{`"BinaryEquals": {"x:key": "QmluYXJ5"}`, "x:key=QmluYXJ5", true},
		{`"BinaryEquals": {"x:key": "QmluYXJ5"}`, "x:key=QmluYXJ6", false},
		{`"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, "aws:SourceIp=203.0.113.7", true},
		{`"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}`, "aws:SourceIp=2001:db8::1", true},
		{`"IpAddress": {"aws:SourceIp": "203.0.113.7"}`, "aws:SourceIp=203.0.113.8", false},
		{`"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, "aws:SourceIp=198.51.100.1", true},
		{`"ArnEquals": {"aws:PrincipalArn": "ROLE"}`, "", true},
		{`"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/work*"}`, "", true},
		{`"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}`, "", false},
		{`"ArnLike": {"x:arn": "arn:aws:*:123456789012:alerts:*"}`, "x:arn=TOPIC", false},
		{`"ArnEquals": {"x:arn": "arn:aws:sns:*:123456789012:al?rts"}`, "x:arn=TOPIC", true},
		{`"ArnLike": {"x:arn": "arn:aws:logs:us-east-1:123456789012:log-group:*"}`, "x:arn=arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue:log-stream:a", true},
		{`"ArnNotEquals": {"aws:PrincipalArn": "ROLE"}`, "", false},
		{`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/other"}`, "", true},
		{`"ArnLike": {"x:arn": "arn:aws:s3:::*"}`, "x:arn=landing", false},
		{`"Null": {"s3:prefix": "true"}`, "", true},
		{`"Null": {"s3:prefix": "true"}`, "s3:prefix=raw", false},
		{`"Null": {"s3:prefix": false}`, "s3:prefix=raw", true},
		{`"StringEqualsIfExists": {"s3:prefix": "raw"}`, "", true},
		{`"StringEqualsIfExists": {"s3:prefix": "raw"}`, "s3:prefix=other", false},
		{`"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}`, "aws:TagKeys=a aws:TagKeys=b", true},
		{`"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}`, "aws:TagKeys=a aws:TagKeys=c", false},
		{`"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}`, "", true},
		{`"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}`, "aws:TagKeys=c aws:TagKeys=a", true},
		{`"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}`, "aws:TagKeys=c", false},
		{`"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}`, "", false},
		{`"ForAllValues:StringNotEquals": {"aws:TagKeys": "a"}`, "aws:TagKeys=b aws:TagKeys=a", false},
		{`"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}`, "aws:TagKeys=b aws:TagKeys=a", true},
		{`"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}`, "", false},
		{`"StringNotEquals": {"aws:TagKeys": "a"}`, "aws:TagKeys=b aws:TagKeys=a", false},
		{`"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": "a*"}`, "", true},
		{`"StringEquals": {"aws:PrincipalAccount": "123456789012", "aws:RequestedRegion": "us-east-1", "aws:ResourceAccount": "123456789012"}`, "", true},
		{`"StringEquals": {"aws:PrincipalAccount": "123456789012"}`, "aws:PrincipalAccount=999999999999", true},
		{`"StringEquals": {"aws:PrincipalTag/team": "data"}`, "", true},
		{`"StringEquals": {"aws:PrincipalTag/team": "sales"}`, "aws:PrincipalTag/team=sales", false},
		{`"StringEquals": {"x:account": "${aws:PrincipalAccount}"}`, "x:account=123456789012", true},
		{`"StringEquals": {"x:account": "${aws:username, 'nobody'}"}`, "x:account=nobody", true},
		{`"StringEquals": {"x:account": "${aws:username}"}`, "x:account=", false},
		{`"StringLike": {"x:text": "a${*}*"}`, "x:text=a*b", true},
		{`"StringLike": {"x:text": "a${*}*"}`, "x:text=axb", false},
		{`"StringLike": {"x:text": "${x:other}"}`, "x:text=abc x:other=a*", false},
		{`"ArnLike": {"x:arn": "arn:aws:s3:::${aws:PrincipalTag/team}-*"}`, "x:arn=arn:aws:s3:::data-1", true},
	} {
		t.Run(test.condition+" "+test.context, func(t *testing.T) {
			policies := loaded(t, world{role: `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {` + test.condition + `}}`}.template())
			request := call("ROLE s3:GetObject BUCKET/raw/a.csv " + test.context)
			request.Time = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
			if got := policies.Allow(request); got.Allowed != test.want {
				t.Errorf("got %+v, want %v", got, test.want)
			}
		})
	}
}

func TestVariablesInResources(t *testing.T) {
	for _, test := range []struct {
		name, resource, call string
		want                 bool
	}{
		{"a tag of the role", "BUCKET/${aws:PrincipalTag/Team}/*", "ROLE s3:GetObject BUCKET/data/a", true},
		{"not another's", "BUCKET/${aws:PrincipalTag/Team}/*", "ROLE s3:GetObject BUCKET/sales/a", false},
		{"nothing matches without a value", "BUCKET/${aws:PrincipalTag/none}*", "ROLE s3:GetObject BUCKET/a", false},
		{"a default", "BUCKET/${aws:PrincipalTag/none, 'all'}/*", "ROLE s3:GetObject BUCKET/all/a", true},
		{"a value is no pattern", "BUCKET/${x:key}", "ROLE s3:GetObject BUCKET/abc x:key=*", false},
		{"several values are no variable", "BUCKET/${x:key}", "ROLE s3:GetObject BUCKET/a x:key=a x:key=b", false},
		{"a colon within braces is no part of the ARN", "arn:aws:s3:::${aws:PrincipalTag/Team}*x", "ROLE s3:GetObject arn:aws:s3:::data/a:b/x", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			policies := loaded(t, world{role: allow("s3:GetObject", test.resource)}.template())
			if got := policies.Allow(call(test.call)); got.Allowed != test.want {
				t.Errorf("got %+v, want %v", got, test.want)
			}
		})
	}
	old := strings.Replace(world{role: allow("s3:GetObject", "BUCKET/${aws:PrincipalTag/Team}/*")}.template(), "2012-10-17", "2008-10-17", 1)
	if got := loaded(t, old).Allow(call("ROLE s3:GetObject BUCKET/data/a")); got.Allowed {
		t.Error("a policy of version 2008-10-17 has variables, want plain texts")
	}
}
