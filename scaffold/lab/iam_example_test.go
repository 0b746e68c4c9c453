package lab_test

import (
	"fmt"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lab"
)

// A job that reads one folder of a bucket, and tries another.
func ExamplePolicies_Allow() {
	template, err := cfn.Parse([]byte(`{"Resources": {
		"Landing": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "landing"}},
		"EtlRole": {"Type": "AWS::IAM::Role", "Properties": {
			"AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}},
			"Policies": [{"PolicyName": "data", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
				{"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": {"Fn::Sub": "${Landing.Arn}/raw/*"}}
			]}}]
		}}
	}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	deployed, err := template.Deploy(cfn.Place{Stack: "orders"})
	if err != nil {
		fmt.Println(err)
		return
	}
	policies, err := lab.NewPolicies(deployed)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, key := range []string{"raw/a.csv", "curated/a.csv"} {
		fmt.Println(policies.Allow(lab.PolicyRequest{
			Principal: deployed.Attribute("EtlRole", "Arn"), Action: "s3:GetObject", Resource: deployed.Attribute("Landing", "Arn") + "/" + key,
		}))
	}
	for _, grant := range policies.Unused() {
		fmt.Println("unused:", grant.Role, grant.Action, grant.Resource)
	}
	// Output:
	// EtlRole may s3:GetObject on arn:aws:s3:::landing/raw/a.csv
	// AccessDenied: EtlRole may not s3:GetObject on arn:aws:s3:::landing/curated/a.csv: no statement allows it
	//   nearest: EtlRole.Policies[0].PolicyDocument.Statement[0] (Read): its resource: got arn:aws:s3:::landing/curated/a.csv, expected arn:aws:s3:::landing/raw/*
	//   hint: add to the policies of EtlRole: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::landing/curated/a.csv"}
	// unused: EtlRole s3:PutObject arn:aws:s3:::landing/raw/*
}
