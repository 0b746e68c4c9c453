// Package mwaa is an Amazon MWAA environment: Apache Airflow, managed.
//
// Its connections and variables are in Secrets Manager, below a prefix of its own, where no other project looks. Connections are made empty:
// whoever knows the password puts it in, so that it is in no template. Logs have groups that are made first, because MWAA would make them
// itself, without an end to what they keep.
// Source: Amazon MWAA User Guide, "Amazon MWAA execution role", "Security in your VPC on Amazon MWAA", "Configuring an Apache Airflow
// connection using an AWS Secrets Manager secret", "Accessing Airflow logs in Amazon CloudWatch", read 2026-11.
package mwaa

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsmwaa"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/connectednetwork"
	"example.com/pipewright/constructs/loggroup"
)

// Endpoints are the services that an environment reaches through interface endpoints when there is no NAT gateway. The list is AWS's,
// and Secrets Manager and SNS besides, for connections and for messages about failures.
// Source: Amazon MWAA User Guide, "Creating the required VPC service endpoints in an Amazon VPC with private routing", "AWS PrivateLink for
// Amazon MWAA" (which has airflow.ops no more: its only operation is deprecated), read 2026-11.
var Endpoints = []string{
	"airflow.api", "airflow.env", "ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "secretsmanager", "sns", "sqs",
}

// databasePort is SQL Server's.
const databasePort = 1433

// maintenance is when MWAA may restart the environment, in UTC: where few schedules run.
const maintenance = "SUN:03:30"

// Props of the environment.
type Props struct {
	Name         string // unique in account and Region
	Size         Size
	Network      *connectednetwork.Network
	Bucket       awss3.IBucket // its own, versioned
	Dags         string        // folder in the bucket
	Requirements Object
	Startup      Object
	Plugins      *Object // nil: none
	Key          awskms.IKey
	Public       bool                     // the web server is reached over the Internet, with IAM; else from within the VPC alone
	Database     string                   // range in which the SQL Server is; empty: none is reached
	Connections  map[string]string        // names of Airflow connections, and what each is
	Options      map[string]*string       // further configuration options of Airflow
	Statements   []awsiam.PolicyStatement // what the DAGs may do
	Lab          bool                     // logs and secrets are removed with the stack
}

// Object is a version of a file in the bucket.
type Object struct {
	Key     string
	Version *string
}

// Environment is the environment.
type Environment struct {
	Name *string // as other resources refer to it
	URL  *string // of the web server
	// Secrets are the names of the secrets that wait for their values, by connection.
	Secrets map[string]*string
}

// New makes the environment, and all that it cannot be without.
func New(scope constructs.Construct, id string, props *Props) *Environment {
	within := constructs.NewConstruct(scope, &id)
	public := "PRIVATE_ONLY"
	if props.Public {
		public = "PUBLIC_ONLY"
	}
	replacement := "GRACEFUL" // running tasks have up to 12 hours to end when the environment is updated
	if props.Lab {
		replacement = "FORCED"
	}
	servers, planners := webServers, schedulers
	if props.Size.Class == micro {
		servers, planners = 1, 1
	}
	environmentProps := &awsmwaa.CfnEnvironmentProps{
		Name:             &props.Name,
		AirflowVersion:   &props.Size.Version,
		EnvironmentClass: &props.Size.Class,
		MinWorkers:       jsii.Number(props.Size.MinWorkers), MaxWorkers: jsii.Number(props.Size.MaxWorkers),
		MinWebservers: jsii.Number(servers), MaxWebservers: jsii.Number(servers),
		Schedulers:       jsii.Number(planners),
		ExecutionRoleArn: newRole(within, props).RoleArn(),
		KmsKey:           props.Key.KeyArn(),
		SourceBucketArn:  props.Bucket.BucketArn(), DagS3Path: &props.Dags,
		RequirementsS3Path: &props.Requirements.Key, RequirementsS3ObjectVersion: props.Requirements.Version,
		StartupScriptS3Path: &props.Startup.Key, StartupScriptS3ObjectVersion: props.Startup.Version,
		AirflowConfigurationOptions: options(props),
		NetworkConfiguration: &awsmwaa.CfnEnvironment_NetworkConfigurationProperty{
			SubnetIds: &props.Network.SubnetIDs, SecurityGroupIds: &[]*string{securityGroup(within, props)},
		},
		EndpointManagement:           jsii.String("SERVICE"),
		WebserverAccessMode:          &public,
		LoggingConfiguration:         logging(),
		WeeklyMaintenanceWindowStart: jsii.String(maintenance),
		WorkerReplacementStrategy:    &replacement,
	}
	if props.Plugins != nil {
		environmentProps.PluginsS3Path, environmentProps.PluginsS3ObjectVersion = &props.Plugins.Key, props.Plugins.Version
	}
	environment := awsmwaa.NewCfnEnvironment(within, jsii.String("Environment"), environmentProps)
	// Workers fetch images and packages as soon as they are made, so the way out must be there, and stay until they are gone.
	environment.Node().AddDependency(props.Network.Parts)
	logGroups(within, environment, props)
	return &Environment{
		Name: environment.Ref(), URL: jsii.String("https://" + *environment.AttrWebserverUrl()), Secrets: secrets(within, environment, props),
	}
}

// securityGroup lets the environment's parts talk to each other, and out: HTTPS to anywhere, because neither a public API nor S3 has an
// address that could be named, and the database's port to the database alone.
func securityGroup(scope constructs.Construct, props *Props) *string {
	out := []*awsec2.CfnSecurityGroup_EgressProperty{egress("HTTPS to AWS and to APIs", 443, "0.0.0.0/0")}
	if props.Database != "" {
		out = append(out, egress("The SQL Server", databasePort, props.Database))
	}
	group := awsec2.NewCfnSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.CfnSecurityGroupProps{
		VpcId:               props.Network.VpcID,
		GroupDescription:    jsii.String("Airflow environment: its parts talk to each other, HTTPS and the database go out"),
		SecurityGroupEgress: out,
	})
	const parts = "Scheduler, workers, database and web server of the environment"
	awsec2.NewCfnSecurityGroupIngress(scope, jsii.String("FromItself"), &awsec2.CfnSecurityGroupIngressProps{
		GroupId: group.AttrGroupId(), SourceSecurityGroupId: group.AttrGroupId(), IpProtocol: jsii.String("-1"), Description: jsii.String(parts),
	})
	awsec2.NewCfnSecurityGroupEgress(scope, jsii.String("ToItself"), &awsec2.CfnSecurityGroupEgressProps{
		GroupId: group.AttrGroupId(), DestinationSecurityGroupId: group.AttrGroupId(), IpProtocol: jsii.String("-1"), Description: jsii.String(parts),
	})
	return group.AttrGroupId()
}

func egress(description string, port int, cidr string) *awsec2.CfnSecurityGroup_EgressProperty {
	return &awsec2.CfnSecurityGroup_EgressProperty{
		IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(port), ToPort: jsii.Number(port), CidrIp: &cidr, Description: &description,
	}
}

// options are Airflow's own, and where it finds connections and variables. It asks Secrets Manager only for the connections that are there:
// each question costs.
// Source: Amazon MWAA User Guide, "Configuring an Apache Airflow connection using an AWS Secrets Manager secret".
func options(props *Props) map[string]*string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(props.Connections)) {
		names = append(names, regexp.QuoteMeta(name))
	}
	kwargs, err := json.Marshal(map[string]any{
		"connections_prefix": props.connections(), "connections_lookup_pattern": "^(" + strings.Join(names, "|") + ")$",
		"variables_prefix": props.variables(),
	})
	if err != nil {
		panic(err) // texts: there is nothing that could not be written
	}
	all := map[string]*string{
		"core.load_examples":               jsii.String("False"),
		"core.dags_are_paused_at_creation": jsii.String("False"),
		"secrets.backend":                  jsii.String("airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"),
		"secrets.backend_kwargs":           jsii.String(string(kwargs)),
	}
	maps.Copy(all, props.Options)
	return all
}

func (p *Props) connections() string { return "airflow/connections/" + p.Name }
func (p *Props) variables() string   { return "airflow/variables/" + p.Name }

// secrets are made without a value, before the environment, so that there is time to put the values in while it is being made.
func secrets(scope constructs.Construct, environment awsmwaa.CfnEnvironment, props *Props) map[string]*string {
	made := map[string]*string{}
	for _, name := range slices.Sorted(maps.Keys(props.Connections)) {
		secret := awssecretsmanager.NewCfnSecret(scope, jsii.String("Connection-"+name), &awssecretsmanager.CfnSecretProps{
			Name:        jsii.String(props.connections() + "/" + name),
			Description: jsii.String("Airflow connection: " + props.Connections[name]),
			KmsKeyId:    props.Key.KeyArn(),
		})
		policy := awscdk.RemovalPolicy_RETAIN
		if props.Lab {
			policy = awscdk.RemovalPolicy_DESTROY
		}
		secret.ApplyRemovalPolicy(policy, nil)
		environment.AddResourceDependency(secret, nil)
		made[name] = jsii.String(props.connections() + "/" + name)
	}
	return made
}

var logs = []string{"DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"}

func logging() *awsmwaa.CfnEnvironment_LoggingConfigurationProperty {
	on := &awsmwaa.CfnEnvironment_ModuleLoggingConfigurationProperty{Enabled: jsii.Bool(true), LogLevel: jsii.String("INFO")}
	return &awsmwaa.CfnEnvironment_LoggingConfigurationProperty{
		DagProcessingLogs: on, SchedulerLogs: on, TaskLogs: on, WebserverLogs: on, WorkerLogs: on,
	}
}

// logGroups have the names that MWAA looks for.
func logGroups(scope constructs.Construct, environment awsmwaa.CfnEnvironment, props *Props) {
	for _, kind := range logs {
		group := loggroup.New(scope, "Log-"+kind, &loggroup.Props{Name: "airflow-" + props.Name + "-" + kind, Key: props.Key, Lab: props.Lab})
		resource, ok := group.Node().DefaultChild().(awscdk.CfnResource)
		if !ok {
			panic("the CDK's log group is not made of an AWS::Logs::LogGroup any more")
		}
		environment.AddResourceDependency(resource, nil)
	}
}
