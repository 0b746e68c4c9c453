// Package airflow is the worked example of Apache Airflow: a DAG joins what a public HTTP API tells with what a SQL Server on premises
// holds, and writes the rows to S3.
//
// Amazon MWAA runs it in a VPC of its own, which VPC peering or a site-to-site VPN connects with the SQL Server; without either, both
// sources are public. The DAG's schedule is Airflow's own. An object or another event starts a run through Airflow's REST API.
// An environment and its network are paid for every hour that they exist.
//
// Source: Amazon MWAA User Guide, "About networking on Amazon MWAA", "Using the Apache Airflow REST API"; Amazon CloudWatch User Guide,
// "Using Amazon CloudWatch alarms".
package airflow

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/connectednetwork"
	"example.com/pipewright/constructs/dagfiles"
	"example.com/pipewright/constructs/deadletters"
	"example.com/pipewright/constructs/lakebucket"
	"example.com/pipewright/constructs/mwaa"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/projectkey"
	"example.com/pipewright/constructs/servicerole"
	"example.com/pipewright/constructs/settings"
	"example.com/pipewright/constructs/sitetositevpn"
	"example.com/pipewright/constructs/vpcpeering"
	"example.com/pipewright/constructs/weathersales"
)

// Props are the parameters of the stack. The zero value of each field is its documented default.
type Props = settings.Settings

// Folder is where the rows go in their bucket: the only place that the DAG may write.
const Folder = "weather-sales/"

// stagedDays is how long what a source told is kept for whoever looks into a run that failed.
const stagedDays = 14

var uses = settings.Uses{
	Starts: []string{settings.OnObject, settings.OnSchedule, settings.OnEvent, settings.OnDemand},
	Keys:   []string{settings.Steps, settings.Connected, settings.InVPC, settings.Environment},
}

// pipeline is what the parts of the stack share.
type pipeline struct {
	*design
	stack       awscdk.Stack
	key         awskms.Key
	queue       awssqs.Queue
	watch       *alerts.Alerts
	network     *connectednetwork.Network
	results     awss3.Bucket
	environment *mwaa.Environment
}

// New makes the stack. Without props it reads them from the context (cdk.json, or -c key=value).
func New(scope constructs.Construct, id string, props *Props) awscdk.Stack {
	stack, use := project.NewStack(scope, id, "Joins an HTTP API with a SQL Server in an Airflow DAG", props)
	key := projectkey.New(stack, "Key", &projectkey.Props{Lab: use.Lab})
	design, err := newDesign(use)
	if unused := use.Unused(uses); unused != nil {
		err = unused
	}
	if err != nil {
		project.Refuse(stack, err)
		return stack // the synth fails with our words; the other parts would only repeat the fault in the CDK's
	}
	awscdk.Annotations_Of(stack).AddInfo(jsii.String(design.idleCost()))

	p := &pipeline{design: design, stack: stack, key: key}
	logs := lakebucket.NewLogs(stack, "AccessLogs", use.Lab)
	own := lakebucket.New(stack, "Environment", &lakebucket.Props{Key: p.key, Logs: logs, Lab: use.Lab})
	p.results = lakebucket.New(stack, "Results", &lakebucket.Props{Key: p.key, Logs: logs, Lab: use.Lab})
	p.results.AddLifecycleRule(&awss3.LifecycleRule{
		Prefix: jsii.String(Folder + weathersales.Staging), Expiration: awscdk.Duration_Days(jsii.Number(stagedDays)),
	})
	p.queue = deadletters.New(stack, "DeadLetters")
	p.watch = alerts.New(stack, "Alerts", &alerts.Props{Key: p.key, Queue: p.queue, Notify: use.Notify})
	p.network = connectednetwork.New(stack, "Network", &connectednetwork.Props{
		Cidr: design.cidr, Subnets: design.subnets, NAT: design.nat, Endpoints: design.endpoints,
		Buckets: []awss3.IBucket{own, p.results}, Also: []string{"s3:GetObject*", "s3:GetBucket*", "s3:List*"}, Key: p.key, Lab: use.Lab,
	})
	p.link()
	p.environment = p.newEnvironment(own)
	graphs := p.start(logs)
	p.watchRuns()
	p.watch.Dashboard("Dashboard", append(graphs,
		alerts.Graph("Runs that succeeded in a day, and failed", p.environment.SuccessfulRuns(weathersales.DagID), p.environment.FailedRuns(weathersales.DagID)),
		alerts.Graph("Tasks: tries that failed, running, waiting", p.environment.TaskFailures(), p.environment.Running(), p.environment.Waiting()),
		alerts.Graph("The scheduler's heartbeats", p.environment.Heartbeats()),
		alerts.Graph("Events that wait undelivered", p.queue.MetricApproximateNumberOfMessagesVisible(
			&awscloudwatch.MetricOptions{Statistic: jsii.String("max")})))...)
	p.outputs(own)
	return stack
}

// link connects the network with the SQL Server's, and says what is left to do on the other side.
func (p *pipeline) link() {
	switch p.Network.OnPremises {
	case settings.Peering:
		props := p.peering()
		props.Network = p.network
		peering := vpcpeering.New(p.stack, "Peering", props)
		if peering.RouteBack != nil {
			project.Output(p.stack, "PeeringRouteBack", "Run this on the other side for each of its route tables; the SQL Server's firewall must let port 1433 in from these ranges", peering.RouteBack)
		}
		project.Output(p.stack, "PeeringNames", "Run this if the SQL Server has a public DNS name that must lead to its private address; CloudFormation cannot", peering.ResolveNames)
	case settings.VPN:
		props := p.vpn()
		props.Network, props.Key = p.network, p.key
		connection := sitetositevpn.New(p.stack, "Vpn", props)
		p.watch.WatchSilent("TunnelsDown", "No tunnel of the VPN is up: the SQL Server cannot be reached", connection.TunnelState(), 1)
		project.Output(p.stack, "VpnConfiguration", "Shows what the device on the other side needs, keys included: keep it to yourself", connection.Configuration)
	}
}

// newEnvironment puts the files into the environment's bucket first.
func (p *pipeline) newEnvironment(own awss3.Bucket) *mwaa.Environment {
	const requirements, startup, plugins = "Requirements", "Startup", "Plugins"
	versions := map[string]string{requirements: weathersales.Requirements, startup: weathersales.Startup}
	if p.files[Plugins] != nil {
		versions[plugins] = Plugins
	}
	files := dagfiles.New(p.stack, "Dags", &dagfiles.Props{
		Bucket: own, Files: p.files, Versions: versions, Key: p.key, Failures: p.queue, Lab: p.Lab,
	})
	props := &mwaa.Props{
		Name: p.Name, Size: p.size, Network: p.network, Bucket: own, Dags: weathersales.Dags,
		Requirements: mwaa.Object{Key: weathersales.Requirements, Version: files.Version(requirements)},
		Startup:      mwaa.Object{Key: weathersales.Startup, Version: files.Version(startup)},
		Key:          p.key, Public: p.Lab, Database: p.database(), Connections: p.connections(),
		Options: map[string]*string{weathersales.Option: p.document()}, Statements: p.dagMay(), Lab: p.Lab,
	}
	if p.files[Plugins] != nil {
		props.Plugins = &mwaa.Object{Key: Plugins, Version: files.Version(plugins)}
	}
	return mwaa.New(p.stack, "Airflow", props)
}

// database is the range that the SQL Server's port is open for. A public SQL Server whose range nobody said may be anywhere.
func (p *pipeline) database() string {
	switch {
	case !p.sql():
		return ""
	case p.other.IsValid():
		return p.other.String()
	}
	return "0.0.0.0/0"
}

// connections are those that the work uses.
func (p *pipeline) connections() map[string]string {
	all := map[string]string{}
	for _, step := range p.Work {
		switch step {
		case weathersales.HTTPAPI:
			all[weathersales.WeatherAPI] = "the HTTP API"
		case weathersales.SQLServer:
			all[weathersales.SalesDB] = "the SQL Server"
		}
	}
	return all
}

// document is what the answers decide about the DAG.
func (p *pipeline) document() *string {
	timezone := p.Timezone
	if timezone == "" {
		timezone = "UTC"
	}
	return jsii.String(string(weathersales.Settings{
		Work: p.Work, Schedule: p.Schedule, Timezone: timezone, Bucket: *p.results.BucketName(), Prefix: Folder,
		Topic: *p.watch.Topic.TopicArn(), LongestMinutes: p.LongestMinutes,
	}.JSON()))
}

// dagMay are the statements of what the DAG does in AWS.
func (p *pipeline) dagMay() []awsiam.PolicyStatement {
	return []awsiam.PolicyStatement{
		servicerole.Allow([]string{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"}, p.results.ArnForObjects(jsii.String(Folder+"*"))),
		servicerole.Allow([]string{"sns:Publish"}, p.watch.Topic.TopicArn()),
	}
}

// watchRuns tells of what failed, of what waits and of what did not run. The DAG itself tells at once of a task that failed.
func (p *pipeline) watchRuns() {
	const dag = weathersales.DagID
	p.watch.Watch("RunFailed", "A run of the DAG "+dag+" failed after all retries", p.environment.FailedRuns(dag))
	p.watch.Watch("ImportFailed", "Airflow cannot import a DAG file: nothing of it runs", p.environment.ImportErrors())
	p.watch.Watch("TasksWaiting", "Tasks have been waiting for a worker for half an hour", p.environment.Waiting())
	p.watch.WatchSilent("SchedulerSilent", "The scheduler has had no heartbeat for a quarter of an hour: nothing is started", p.environment.Heartbeats(), 3)
	switch {
	case p.MissedDays > 0:
		p.watch.WatchAbsent("RunMissed", fmt.Sprintf("No run of the DAG %s has succeeded for %d days", dag, p.MissedDays), p.environment.SuccessfulRuns(dag), p.MissedDays)
	case p.Start() == settings.OnSchedule:
		awscdk.Annotations_Of(p.stack).AddInfo(jsii.String("no alarm tells that a run is missing: an alarm looks back for seven days at most. " +
			"Set the context missedDays if the DAG runs more often"))
	}
}

func (p *pipeline) outputs(own awss3.Bucket) {
	project.Output(p.stack, "AirflowURL", "The web server; sign in through the MWAA console", p.environment.URL)
	project.Output(p.stack, "ResultsBucket", "Find the rows here, under "+Folder, p.results.BucketName())
	project.Output(p.stack, "SyncDags", "Tries a changed DAG within a minute; cdk deploy does the same, and more", jsii.String(
		"aws s3 sync constructs/weathersales/"+weathersales.Dags+" s3://"+*own.BucketName()+"/"+weathersales.Dags))
	project.Output(p.stack, "RunDag", "Starts a run now; with a private web server, from within the VPC alone", jsii.String(
		"aws mwaa invoke-rest-api --name "+*p.environment.Name+" --method POST --path /dags/"+weathersales.DagID+`/dagRuns --body '{"logical_date": null}'`))
	for _, connection := range []struct{ name, id string }{{weathersales.WeatherAPI, "SetWeatherApi"}, {weathersales.SalesDB, "SetSalesDb"}} {
		if secret := p.environment.Secrets[connection.name]; secret != nil {
			project.Output(p.stack, connection.id, "Run this before the first run, with the connection in that file; README shows its form", jsii.String(
				"aws secretsmanager put-secret-value --secret-id "+*secret+" --secret-string file://"+connection.name+".json"))
		}
	}
	project.Output(p.stack, "IdleCost", "What is paid while nothing runs", jsii.String(p.idleCost()))
}

// idleCost says what is paid for by the hour. Prices in us-east-1.
// Source: Amazon MWAA pricing, Amazon VPC pricing, AWS VPN pricing, AWS PrivateLink pricing, read 2026-11.
func (d *design) idleCost() string {
	parts := []string{fmt.Sprintf("the environment (%s, from 0.49 USD for mw1.small)", d.size.Class)}
	if d.nat {
		parts = append(parts, "a NAT gateway (0.045 USD)")
	}
	if len(d.endpoints) > 0 {
		parts = append(parts, fmt.Sprintf("interface endpoints in two zones (%d, for 0.02 USD each)", len(d.endpoints)))
	}
	if d.Network.OnPremises == settings.VPN {
		parts = append(parts, "a VPN connection (0.05 USD)")
	}
	return "billed for every hour, also while nothing runs: " + strings.Join(parts, ", ")
}
