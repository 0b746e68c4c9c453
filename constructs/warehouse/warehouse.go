// Package warehouse is an Amazon Redshift Serverless data warehouse of its own: a namespace (the data) and a workgroup (the compute). Or it
// is an existing one, of which nothing is deployed (Existing).
//
// One of its own is private and encrypted, asks for TLS, and keeps its audit logs for a stated time. Redshift keeps the admin's password in
// Secrets Manager; nothing here reads it. CloudFormation has no usage limit for Redshift Serverless, so the capacity has a maximum,
// a query is stopped after its time, and LimitCommand says how to set a limit by hand.
// Source: Amazon Redshift Management Guide, "Amazon Redshift Serverless", "Managing admin passwords using AWS Secrets Manager",
// "Audit logging for Amazon Redshift Serverless"; AWS CloudFormation User Guide, AWS::RedshiftServerless::Workgroup.
package warehouse

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsredshiftserverless"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/loggroup"
	"example.com/pipewright/constructs/privatenetwork"
	"example.com/pipewright/constructs/servicerole"
)

// Database and the admin have names of their own, which nobody tries first.
const (
	Database = "warehouse"
	admin    = "warehouse_admin"
)

// Capacity in Redshift Processing Units. A lab stays at the smallest that every Region offers; otherwise it may grow fourfold.
// Source: Amazon Redshift Management Guide, "Compute capacity for Amazon Redshift Serverless", read 2026-11.
const (
	BaseRPU = 8
	maxRPU  = 4 * BaseRPU
)

// port is not Redshift's own; Serverless takes 5431-5455 and 8191-8215. Source: AWS::RedshiftServerless::Workgroup, Port.
const port = 5440

// maxQuerySeconds is the longest that a query may be given. The Data API itself stops after 24 hours.
// Source: Amazon Redshift Management Guide, "Query monitoring in Amazon Redshift Serverless" (max_query_execution_time), read 2026-11.
const maxQuerySeconds = 86399

var logTypes = []string{"connectionlog", "userlog", "useractivitylog"}

// Props of the warehouse.
type Props struct {
	Name           string // of namespace and workgroup: unique in account and Region
	Key            awskms.IKey
	Network        *privatenetwork.Network
	Role           awsiam.IRole // that COPY and UNLOAD use
	TimeoutMinutes int          // a query is stopped after so many minutes
	Lab            bool         // the data is removed with the stack
}

// Warehouse is the workgroup, and through it the namespace.
type Warehouse struct {
	Name     *string // of the workgroup, as other resources refer to it
	Arn      *string // of the workgroup; nil for an existing one, of which only the name is known
	Database string

	resource  *string        // the ARN, or a pattern of it
	condition map[string]any // that the workgroup must fulfill
	tag       string
}

// New makes the namespace, its log groups and its workgroup.
func New(scope constructs.Construct, id string, props *Props) *Warehouse {
	within := constructs.NewConstruct(scope, &id)
	name := strings.ToLower(props.Name)
	capacity := maxRPU
	if props.Lab {
		capacity = BaseRPU
	}
	workgroup := awsredshiftserverless.NewCfnWorkgroup(within, jsii.String("Workgroup"), &awsredshiftserverless.CfnWorkgroupProps{
		WorkgroupName:      &name,
		NamespaceName:      namespace(within, name, props).Ref(),
		BaseCapacity:       jsii.Number(BaseRPU),
		MaxCapacity:        jsii.Number(capacity),
		EnhancedVpcRouting: jsii.Bool(true),
		PubliclyAccessible: jsii.Bool(false),
		Port:               jsii.Number(port),
		SubnetIds:          references(props.Network.SubnetIDs),
		SecurityGroupIds:   references([]*string{securityGroup(within, props.Network)}),
		ConfigParameters: []*awsredshiftserverless.CfnWorkgroup_ConfigParameterProperty{
			parameter("require_ssl", "true"),
			parameter("enable_user_activity_logging", "true"),
			parameter("max_query_execution_time", strconv.Itoa(querySeconds(props.TimeoutMinutes))),
		},
	})
	arn := workgroup.AttrWorkgroupWorkgroupArn()
	return &Warehouse{Name: workgroup.Ref(), Arn: arn, Database: Database, resource: arn}
}

func querySeconds(minutes int) int { return min(minutes*60, maxQuerySeconds) }

func parameter(key, value string) *awsredshiftserverless.CfnWorkgroup_ConfigParameterProperty {
	return &awsredshiftserverless.CfnWorkgroup_ConfigParameterProperty{ParameterKey: &key, ParameterValue: &value}
}

func references(ids []*string) *[]any {
	var list []any
	for _, id := range ids {
		list = append(list, id)
	}
	return &list
}

// namespace makes the log groups first: Redshift would make them itself, without an end to what they keep.
func namespace(scope constructs.Construct, name string, props *Props) awsredshiftserverless.CfnNamespace {
	removal := awscdk.RemovalPolicy_RETAIN
	if props.Lab {
		removal = awscdk.RemovalPolicy_DESTROY
	}
	space := awsredshiftserverless.NewCfnNamespace(scope, jsii.String("Namespace"), &awsredshiftserverless.CfnNamespaceProps{
		NamespaceName:               &name,
		DbName:                      jsii.String(Database),
		AdminUsername:               jsii.String(admin),
		ManageAdminPassword:         jsii.Bool(true),
		AdminPasswordSecretKmsKeyId: props.Key.KeyId(),
		KmsKeyId:                    props.Key.KeyArn(),
		IamRoles:                    &[]any{props.Role.RoleArn()},
		LogExports:                  jsii.Strings(logTypes...),
	})
	space.ApplyRemovalPolicy(removal, nil)
	for _, kind := range logTypes {
		group := loggroup.New(scope, "Log-"+kind, &loggroup.Props{Name: "/aws/redshift/" + name + "/" + kind, Key: props.Key, Lab: props.Lab})
		resource, ok := group.Node().DefaultChild().(awscdk.CfnResource)
		if !ok {
			panic("the CDK's log group is not made of an AWS::Logs::LogGroup any more")
		}
		space.AddResourceDependency(resource, nil)
	}
	return space
}

// securityGroup lets nobody in: the Data API needs no way into the VPC. Out it lets HTTPS to any address, because CloudFormation
// cannot name the prefix list of S3; the network has no route but to S3.
func securityGroup(scope constructs.Construct, network *privatenetwork.Network) *string {
	group := awsec2.NewCfnSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.CfnSecurityGroupProps{
		VpcId:            network.VpcID,
		GroupDescription: jsii.String("Redshift workgroup: nobody comes in, HTTPS goes out to S3"),
		SecurityGroupEgress: []*awsec2.CfnSecurityGroup_EgressProperty{{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(443), ToPort: jsii.Number(443), CidrIp: jsii.String("0.0.0.0/0"),
			Description: jsii.String("S3 through the gateway endpoint, the only route there is"),
		}},
	})
	return group.AttrGroupId()
}

// MayRun are the statements of whoever runs SQL through the Data API with temporary credentials, in a batch of statements.
// The database knows that role as the user IAMR:<role>, whom nothing belongs to but what the user makes.
// Source: Amazon Redshift Management Guide, "Authorizing access to the Amazon Redshift Data API".
func (w *Warehouse) MayRun() []awsiam.PolicyStatement {
	return []awsiam.PolicyStatement{
		servicerole.AllowWhen(w.condition, []string{"redshift-data:BatchExecuteStatement", "redshift-serverless:GetCredentials"}, w.resource),
	}
}

// LimitCommand sets a weekly limit beyond which the workgroup stops: ten runs of a minute and more, at the base capacity.
// Source: Amazon Redshift Serverless API, CreateUsageLimit, read 2026-11.
func (w *Warehouse) LimitCommand() *string {
	return jsii.String("aws redshift-serverless create-usage-limit --usage-type serverless-compute --period weekly --amount 2 --breach-action deactivate --resource-arn " + *w.Arn)
}

// ComputeSeconds is the sum of the RPU-seconds that were used in a day.
// Source: Amazon Redshift Management Guide, "Monitoring queries and workloads with Amazon Redshift Serverless" (CloudWatch metrics).
func (w *Warehouse) ComputeSeconds() awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String("AWS/Redshift-Serverless"),
		MetricName:    jsii.String("ComputeSeconds"),
		DimensionsMap: &map[string]*string{"Workgroup": w.Name},
		Statistic:     jsii.String("sum"),
		Period:        awscdk.Duration_Days(jsii.Number(1)),
	})
}
