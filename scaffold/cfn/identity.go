package cfn

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// identity is how a service knows a resource.
type identity struct {
	ref        string
	attributes map[string]string
}

// kind says how resources of a type are named. In the patterns, {name} is the resource's name, {arn} its ARN, and {partition},
// {region}, {account} and {suffix} are those of the place.
type kind struct {
	name       string            // the property that names it; without it, and where it is absent, a name is generated
	most       int               // characters of a generated name; default 64
	lower      bool              // a generated name has no capitals
	id         string            // instead of a name: how the service's own identifiers begin
	arn        string            // pattern; also the attribute Arn
	ref        string            // pattern of Ref; default {name}
	attributes map[string]string // patterns of further attributes
}

const ec2 = "arn:{partition}:ec2:{region}:{account}:"

// kinds by resource type. Source: the page of each type in the AWS CloudFormation User Guide ("Return values") and the Service
// Authorization Reference ("Resource types defined by ..."), read 2026-11.
var kinds = map[string]kind{
	"AWS::Batch::ComputeEnvironment": {
		name: "ComputeEnvironmentName", most: 128, arn: "arn:{partition}:batch:{region}:{account}:compute-environment/{name}", ref: "{arn}",
		attributes: map[string]string{"ComputeEnvironmentArn": "{arn}"},
	},
	"AWS::Batch::JobDefinition": {name: "JobDefinitionName", most: 128, arn: "arn:{partition}:batch:{region}:{account}:job-definition/{name}:1", ref: "{arn}"},
	"AWS::Batch::JobQueue": {
		name: "JobQueueName", most: 128, arn: "arn:{partition}:batch:{region}:{account}:job-queue/{name}", ref: "{arn}",
		attributes: map[string]string{"JobQueueArn": "{arn}"},
	},
	"AWS::CloudWatch::Alarm":         {name: "AlarmName", most: 255, arn: "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"},
	"AWS::CloudWatch::Dashboard":     {name: "DashboardName", most: 255},
	"AWS::DynamoDB::Table":           {name: "TableName", most: 255, arn: "arn:{partition}:dynamodb:{region}:{account}:table/{name}"},
	"AWS::EC2::CustomerGateway":      {id: "cgw-", attributes: map[string]string{"CustomerGatewayId": "{name}"}},
	"AWS::EC2::EIP":                  {id: "eipalloc-", attributes: map[string]string{"AllocationId": "{name}"}},
	"AWS::EC2::InternetGateway":      {id: "igw-", attributes: map[string]string{"InternetGatewayId": "{name}"}},
	"AWS::EC2::NatGateway":           {id: "nat-", attributes: map[string]string{"NatGatewayId": "{name}"}},
	"AWS::EC2::VPCPeeringConnection": {id: "pcx-", attributes: map[string]string{"Id": "{name}"}},
	"AWS::EC2::VPNConnection":        {id: "vpn-", attributes: map[string]string{"VpnConnectionId": "{name}"}},
	"AWS::EC2::VPNGateway":           {id: "vgw-", attributes: map[string]string{"VPNGatewayId": "{name}"}},
	"AWS::EC2::FlowLog":              {id: "fl-"},
	"AWS::EC2::RouteTable":           {id: "rtb-", attributes: map[string]string{"RouteTableId": "{name}"}},
	"AWS::EC2::SecurityGroup":        {id: "sg-", arn: ec2 + "security-group/{name}", attributes: map[string]string{"GroupId": "{name}"}},
	"AWS::EC2::Subnet":               {id: "subnet-", arn: ec2 + "subnet/{name}", attributes: map[string]string{"SubnetId": "{name}"}},
	"AWS::EC2::VPC":                  {id: "vpc-", arn: ec2 + "vpc/{name}", attributes: map[string]string{"VpcId": "{name}"}},
	"AWS::EC2::VPCEndpoint":          {id: "vpce-", attributes: map[string]string{"Id": "{name}"}},
	"AWS::EMRServerless::Application": {
		id: "00f", arn: "arn:{partition}:emr-serverless:{region}:{account}:/applications/{name}", attributes: map[string]string{"ApplicationId": "{name}"},
	},
	"AWS::Events::EventBus":            {name: "Name", arn: "arn:{partition}:events:{region}:{account}:event-bus/{name}", attributes: map[string]string{"Name": "{name}"}},
	"AWS::Events::Rule":                {name: "Name", arn: "arn:{partition}:events:{region}:{account}:rule/{name}"},
	"AWS::Glue::Classifier":            {name: "CsvClassifier.Name", most: 255},
	"AWS::Glue::Crawler":               {name: "Name", most: 255, arn: "arn:{partition}:glue:{region}:{account}:crawler/{name}"},
	"AWS::Glue::Database":              {name: "DatabaseInput.Name", most: 255, lower: true, arn: "arn:{partition}:glue:{region}:{account}:database/{name}"},
	"AWS::Glue::Job":                   {name: "Name", most: 255, arn: "arn:{partition}:glue:{region}:{account}:job/{name}"},
	"AWS::Glue::SecurityConfiguration": {name: "Name", most: 255},
	"AWS::Glue::Table":                 {name: "TableInput.Name", most: 255, lower: true},
	"AWS::Glue::Trigger":               {name: "Name", most: 255, arn: "arn:{partition}:glue:{region}:{account}:trigger/{name}"},
	"AWS::Glue::Workflow":              {name: "Name", most: 255, arn: "arn:{partition}:glue:{region}:{account}:workflow/{name}"},
	"AWS::IAM::ManagedPolicy":          {name: "ManagedPolicyName", most: 128, arn: "arn:{partition}:iam::{account}:policy{path}{name}", ref: "{arn}", attributes: map[string]string{"PolicyArn": "{arn}"}},
	"AWS::IAM::Role":                   {name: "RoleName", arn: "arn:{partition}:iam::{account}:role{path}{name}"},
	"AWS::KMS::Alias":                  {name: "AliasName"},
	"AWS::KMS::Key":                    {id: "uuid", arn: "arn:{partition}:kms:{region}:{account}:key/{name}", attributes: map[string]string{"KeyId": "{name}"}},
	"AWS::Lambda::Function":            {name: "FunctionName", arn: "arn:{partition}:lambda:{region}:{account}:function:{name}"},
	"AWS::Logs::LogGroup":              {name: "LogGroupName", most: 512, arn: "arn:{partition}:logs:{region}:{account}:log-group:{name}:*"},
	"AWS::MWAA::Environment": {
		name: "Name", most: 80, arn: "arn:{partition}:airflow:{region}:{account}:environment/{name}",
		attributes: map[string]string{"WebserverUrl": "{name}.airflow.{region}.on.aws"},
	},
	"AWS::RedshiftServerless::Namespace": {name: "NamespaceName", lower: true, attributes: map[string]string{
		"Namespace.NamespaceName": "{name}", "Namespace.NamespaceArn": "arn:{partition}:redshift-serverless:{region}:{account}:namespace/{name}",
	}},
	"AWS::RedshiftServerless::Workgroup": {name: "WorkgroupName", lower: true, attributes: map[string]string{
		"Workgroup.WorkgroupName": "{name}", "Workgroup.WorkgroupArn": "arn:{partition}:redshift-serverless:{region}:{account}:workgroup/{name}",
	}},
	"AWS::S3::Bucket": {name: "BucketName", most: 63, lower: true, arn: "arn:{partition}:s3:::{name}", attributes: map[string]string{
		"DomainName": "{name}.s3.{suffix}", "RegionalDomainName": "{name}.s3.{region}.{suffix}",
	}},
	"AWS::Scheduler::Schedule":      {name: "Name", arn: "arn:{partition}:scheduler:{region}:{account}:schedule/{group}/{name}"},
	"AWS::Scheduler::ScheduleGroup": {name: "Name", arn: "arn:{partition}:scheduler:{region}:{account}:schedule-group/{name}"},
	"AWS::SNS::Subscription":        {ref: "arn:{partition}:sns:{region}:{account}:{name}"},
	"AWS::SNS::Topic": {name: "TopicName", most: 256, arn: "arn:{partition}:sns:{region}:{account}:{name}", ref: "{arn}", attributes: map[string]string{
		"TopicArn": "{arn}", "TopicName": "{name}",
	}},
	"AWS::SQS::Queue": {name: "QueueName", most: 80, arn: "arn:{partition}:sqs:{region}:{account}:{name}", ref: "https://sqs.{region}.{suffix}/{account}/{name}", attributes: map[string]string{
		"QueueName": "{name}", "QueueUrl": "https://sqs.{region}.{suffix}/{account}/{name}",
	}},
	"AWS::StepFunctions::StateMachine": {name: "StateMachineName", most: 80, arn: "arn:{partition}:states:{region}:{account}:stateMachine:{name}", ref: "{arn}", attributes: map[string]string{
		"Name": "{name}",
	}},
}

const usualName = 64

// identity works out how a resource is known. What its type is called by and is not in kinds gets a generated name and no attributes.
func (e *evaluator) identity(id string) (identity, error) {
	resource, ok := e.template.Resources[id]
	if !ok {
		return identity{}, fmt.Errorf("the template has neither a parameter nor a resource %s", id)
	}
	if holds, err := e.holds(resource.Condition); err != nil {
		return identity{}, err
	} else if !holds {
		return identity{}, fmt.Errorf("the resource %s is not made, because its condition %s is false", id, resource.Condition)
	}
	if e.visiting[id] {
		return identity{}, fmt.Errorf("the resource %s depends on itself", id)
	}
	e.visiting[id] = true
	defer delete(e.visiting, id)
	of := kinds[resource.Type]
	name, err := e.named(id, resource, of)
	if err != nil {
		return identity{}, err
	}
	return e.patterns(resource, of, name)
}

// named is the resource's name: the given one, or a generated one.
func (e *evaluator) named(id string, resource Resource, of kind) (string, error) {
	if of.name != "" {
		given, err := e.value(resource.Get(strings.Split(of.name, ".")...))
		if err != nil {
			return "", under(of.name, err)
		}
		if name, ok := given.(string); ok {
			return name, nil
		}
	}
	switch {
	case of.id == "uuid":
		return uuid(e.place.digits(id, 32)), nil
	case of.id != "":
		return of.id + e.place.digits(id, 17), nil
	}
	most := of.most
	if most == 0 {
		most = usualName
	}
	name := e.place.generated(id, most)
	if of.lower {
		name = strings.ToLower(name)
	}
	return name, nil
}

func (e *evaluator) patterns(resource Resource, of kind, name string) (identity, error) {
	group := "default"
	if resource.Type == "AWS::Scheduler::Schedule" && resource.Get("GroupName") != nil {
		given, err := e.scalar(resource.Get("GroupName"))
		if err != nil {
			return identity{}, under("GroupName", err)
		}
		group = given
	}
	path := "/"
	if given, ok := resource.Get("Path").(string); ok {
		path = given
	}
	p := e.place
	fill := strings.NewReplacer("{partition}", p.Partition, "{region}", p.Region, "{account}", p.Account, "{suffix}", p.suffix(),
		"{name}", name, "{group}", group, "{path}", path)
	arn := fill.Replace(of.arn)
	known := identity{ref: name, attributes: map[string]string{}}
	if of.ref != "" {
		known.ref = strings.ReplaceAll(fill.Replace(of.ref), "{arn}", arn)
	}
	if arn != "" {
		known.attributes["Arn"] = arn
	}
	for attribute, pattern := range of.attributes {
		known.attributes[attribute] = strings.ReplaceAll(fill.Replace(pattern), "{arn}", arn)
	}
	return known, nil
}

// custom says whether a program of the template's own makes the resource. What it answers, only that program knows: {ID.ATTRIBUTE}
// stands for it.
func custom(kind string) bool {
	return strings.HasPrefix(kind, "Custom::") || kind == "AWS::CloudFormation::CustomResource"
}

// attribute is what Fn::GetAtt gives. An attribute that is not known here is refused: a made-up one would be believed.
func (e *evaluator) attribute(id, attribute string) (any, error) {
	known, err := e.identity(id)
	if err != nil {
		return nil, err
	}
	value, ok := known.attributes[attribute]
	if !ok && custom(e.template.Resources[id].Type) {
		return "{" + id + "." + attribute + "}", nil
	}
	if !ok {
		return nil, fmt.Errorf("the attribute %s of %s (%s) is not known here, expected one of [%s]", attribute, id, e.template.Resources[id].Type,
			strings.Join(slices.Sorted(maps.Keys(known.attributes)), ", "))
	}
	return value, nil
}
