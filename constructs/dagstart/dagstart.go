// Package dagstart starts a run of an Airflow DAG for each event: a function calls the REST API of an Amazon MWAA environment.
//
// Its program is the Go package starter beside it, which also says how a repeated event starts one run. The REST API of a private web
// server answers only calls that come from the VPC, through the endpoint airflow.env: then the function runs there.
// Source: Amazon MWAA User Guide, "Using the Apache Airflow REST API", "Accessing an Amazon MWAA environment".
package dagstart

import (
	"reflect"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/connectednetwork"
	"example.com/pipewright/constructs/gofunction"
	"example.com/pipewright/constructs/mwaa"
	"example.com/pipewright/constructs/servicerole"
)

const (
	memoryMB = 256
	// timeoutSeconds outlasts three tries of a call, which MWAA ends after 10 seconds each.
	timeoutSeconds = 60
)

// airflowRole is what the function is in Airflow: User is the least that may start a run.
// Source: Apache Airflow FAB provider, "Access Control" (default roles); Amazon MWAA User Guide, "Accessing an Amazon MWAA environment".
const airflowRole = "User"

// Endpoint is the service whose interface endpoint the function needs in a VPC.
const Endpoint = "airflow.env"

// Props of the function.
type Props struct {
	Environment *mwaa.Environment
	Dag         string
	Network     *connectednetwork.Network // where the function runs; nil: the web server is public
	Key         awskms.IKey
	Failures    awssqs.IQueue // receives the events that failed after all tries, with the error
	Lab         bool
}

// New makes the function.
func New(scope constructs.Construct, id string, props *Props) *gofunction.Function {
	within := constructs.NewConstruct(scope, &id)
	return gofunction.New(within, "Starter", &gofunction.Props{
		Program:     reflect.TypeFor[Props]().PkgPath() + "/starter",
		Description: "Starts a run of the DAG " + props.Dag + " for each event",
		RoleMay:     "Starts runs of the environment's DAGs, and nothing else",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"airflow:InvokeRestApi"}, servicerole.Arn(within, "airflow", "role/"+*props.Environment.Name+"/"+airflowRole)),
		},
		Environment:    map[string]*string{"ENVIRONMENT": props.Environment.Name, "DAG": &props.Dag},
		MemoryMB:       memoryMB,
		TimeoutSeconds: timeoutSeconds,
		Network:        place(within, props.Network),
		Key:            props.Key,
		Failures:       props.Failures,
		Lab:            props.Lab,
	})
}

// place lets the function call the endpoint, and nobody call the function.
func place(scope constructs.Construct, network *connectednetwork.Network) *gofunction.Network {
	if network == nil {
		return nil
	}
	var out []*awsec2.CfnSecurityGroup_EgressProperty
	for _, cidr := range network.Cidrs {
		out = append(out, &awsec2.CfnSecurityGroup_EgressProperty{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(443), ToPort: jsii.Number(443), CidrIp: jsii.String(cidr.String()),
			Description: jsii.String("HTTPS to the endpoint of the environment"),
		})
	}
	group := awsec2.NewCfnSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.CfnSecurityGroupProps{
		VpcId: network.VpcID, SecurityGroupEgress: out,
		GroupDescription: jsii.String("Starter of DAG runs: nobody comes in, HTTPS goes out to the endpoint of the environment"),
	})
	return &gofunction.Network{SubnetIDs: network.SubnetIDs, SecurityGroup: group.AttrGroupId()}
}
