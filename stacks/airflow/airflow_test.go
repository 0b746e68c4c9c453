package airflow_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/golden"
	"example.com/pipewright/constructs/settings"
	"example.com/pipewright/stacks/airflow"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func stack(t *testing.T, props airflow.Props) awscdk.Stack {
	t.Helper()
	outdir := t.TempDir()
	return airflow.New(awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir}), "Airflow", &props)
}

func template(t *testing.T, props airflow.Props) assertions.Template {
	t.Helper()
	return assertions.Template_FromStack(stack(t, props), nil)
}

// lab is the worked example: every morning, over a peering connection to the SQL Server's VPC.
func lab() airflow.Props {
	return airflow.Props{
		Prefix: "raw/", Notify: "data-team@example.com", Lab: true, Schedule: "cron(0 6 * * ? *)", Timezone: "America/Los_Angeles", MissedDays: 2,
		Network: settings.Network{OnPremises: settings.Peering, OnPremisesCidr: "10.50.0.0/16", PeerVpcID: "vpc-0123456789abcdef0"},
	}
}

func kept() airflow.Props {
	props := lab()
	props.Lab = false
	return props
}

func vpn() airflow.Props {
	props := lab()
	props.Network = settings.Network{OnPremises: settings.VPN, OnPremisesCidr: "192.168.0.0/16", CustomerGatewayIP: "203.0.113.12"}
	return props
}

// public has no link: both sources are reached over the Internet, and somebody starts the DAG.
func public() airflow.Props {
	props := lab()
	props.Network, props.Schedule, props.Timezone, props.MissedDays, props.Demand = settings.Network{}, "", "", 0, true
	return props
}

// landed is started by objects, and keeps its data: its web server is private.
func landed() airflow.Props {
	props := kept()
	props.Schedule, props.Timezone, props.MissedDays, props.Suffix = "", "", 0, ".csv"
	return props
}

func with(props airflow.Props, change func(*airflow.Props)) airflow.Props {
	change(&props)
	return props
}

func TestTemplatesAreTheReviewedOnes(t *testing.T) {
	for file, props := range map[string]airflow.Props{
		"template": lab(), "template-kept": kept(), "template-vpn": vpn(), "template-public": public(), "template-object": landed(),
	} {
		golden.Check(t, stack(t, props), "testdata/"+file+".json")
	}
}

// resource is the only one of its type that has the properties.
func resource(t *testing.T, in assertions.Template, kind string, properties map[string]any) map[string]any {
	t.Helper()
	found := *in.FindResources(&kind, map[string]any{"Properties": properties})
	if len(found) != 1 {
		t.Fatalf("got %d of %s with %v, want 1", len(found), kind, properties)
	}
	for _, one := range found {
		return *one
	}
	return nil
}

// text is a value of the template as a text, with references for what only CloudFormation knows.
func text(t *testing.T, value any) string {
	t.Helper()
	switch value := value.(type) {
	case string:
		return value
	case map[string]any:
		if join, ok := value["Fn::Join"].([]any); ok {
			var all strings.Builder
			for _, part := range join[1].([]any) {
				all.WriteString(text(t, part))
			}
			return all.String()
		}
		if name, ok := value["Ref"].(string); ok {
			return "<" + name + ">"
		}
		if of, ok := value["Fn::GetAtt"].([]any); ok {
			return fmt.Sprintf("<%v.%v>", of[0], of[1])
		}
	}
	t.Fatalf("got %v, want a text or a reference", value)
	return ""
}

func TestTheEnvironmentIsAsTheSettingsSay(t *testing.T) {
	sized := with(kept(), func(props *airflow.Props) {
		props.Airflow = settings.Airflow{Version: "3.0.6", Class: "mw1.medium", MinWorkers: 2, MaxWorkers: 10}
	})
	micro := with(lab(), func(props *airflow.Props) { props.Airflow.Class = "mw1.micro" })
	for _, test := range []struct {
		name  string
		props airflow.Props
		want  map[string]any
	}{
		{"a lab", lab(), map[string]any{
			"AirflowVersion": "3.0.6", "EnvironmentClass": "mw1.small", "MinWorkers": 1, "MaxWorkers": 2, "MinWebservers": 2, "MaxWebservers": 2,
			"WebserverAccessMode": "PUBLIC_ONLY", "WorkerReplacementStrategy": "FORCED",
		}},
		{"kept, and sized", sized, map[string]any{
			"EnvironmentClass": "mw1.medium", "MinWorkers": 2, "MaxWorkers": 10,
			"WebserverAccessMode": "PRIVATE_ONLY", "WorkerReplacementStrategy": "GRACEFUL",
		}},
		{"the smallest", micro, map[string]any{
			"EnvironmentClass": "mw1.micro", "MinWorkers": 1, "MaxWorkers": 1, "MinWebservers": 1, "MaxWebservers": 1, "Schedulers": 1,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			made := template(t, test.props)
			made.HasResourceProperties(jsii.String("AWS::MWAA::Environment"), test.want)
			properties := resource(t, made, "AWS::MWAA::Environment", nil)["Properties"].(map[string]any)
			for kind, log := range properties["LoggingConfiguration"].(map[string]any) {
				if log := log.(map[string]any); log["Enabled"] != true || log["LogLevel"] != "INFO" {
					t.Errorf("got %s %v, want it on, at INFO", kind, log)
				}
			}
			for _, kind := range []string{"DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"} {
				resource(t, made, "AWS::Logs::LogGroup", map[string]any{"LogGroupName": "airflow-Airflow-" + kind, "KmsKeyId": assertions.Match_AnyValue()})
			}
			made.HasOutput(jsii.String("IdleCost"), map[string]any{})
		})
	}
}

// Airflow asks for the versions of its files when it is created, and fetches packages over the network.
func TestFilesAndNetworkAreThereBeforeTheEnvironment(t *testing.T) {
	made := template(t, lab())
	environment := resource(t, made, "AWS::MWAA::Environment", nil)
	properties := environment["Properties"].(map[string]any)
	for property, attribute := range map[string]string{"RequirementsS3ObjectVersion": "Requirements", "StartupScriptS3ObjectVersion": "Startup"} {
		if got := text(t, properties[property]); !strings.HasPrefix(got, "<DagsFiles") || !strings.HasSuffix(got, "."+attribute+">") {
			t.Errorf("got %s %s, want the version that the upload answers with", property, got)
		}
	}
	var needed []string
	for _, one := range environment["DependsOn"].([]any) {
		needed = append(needed, one.(string))
	}
	for _, want := range []string{"NetworkToNat", "NetworkToInternet", "NetworkSubnet1Routing", "NetworkSubnet2Routing", "NetworkS3", "AirflowLogTask"} {
		if !slices.ContainsFunc(needed, func(id string) bool { return strings.HasPrefix(id, want) }) {
			t.Errorf("the environment does not wait for %s, but for %q", want, needed)
		}
	}
	files := resource(t, made, "Custom::DagFiles", nil)["Properties"].(map[string]any)["Files"].(map[string]any)
	for _, want := range []string{"dags/weather_sales.py", "requirements.txt", "startup.sh"} {
		if sum, _ := files[want].(string); len(sum) != 64 {
			t.Errorf("got the files %v, want %s with its SHA-256", files, want)
		}
	}
}

func TestTheDagIsToldWhatTheAnswersDecide(t *testing.T) {
	properties := resource(t, template(t, lab()), "AWS::MWAA::Environment", nil)["Properties"].(map[string]any)
	options := properties["AirflowConfigurationOptions"].(map[string]any)
	var document struct {
		Work                              []string
		Schedule, Timezone, Bucket, Topic string
		Prefix                            string
		LongestMinutes                    int `json:"longest_minutes"`
	}
	if err := json.Unmarshal([]byte(text(t, options["weathersales.settings"])), &document); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(document.Work, []string{"http-api", "sql-server"}) || document.Schedule != "cron(0 6 * * ? *)" || document.Timezone != "America/Los_Angeles" ||
		!strings.HasPrefix(document.Bucket, "<Results") || !strings.HasPrefix(document.Topic, "<AlertsTopic") || document.Prefix != "weather-sales/" || document.LongestMinutes != 15 {
		t.Errorf("got the document %+v", document)
	}
	var backend map[string]string
	if err := json.Unmarshal([]byte(options["secrets.backend_kwargs"].(string)), &backend); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"connections_prefix": "airflow/connections/Airflow", "connections_lookup_pattern": "^(sales_db|weather_api)$", "variables_prefix": "airflow/variables/Airflow",
	}
	if !maps.Equal(backend, want) {
		t.Errorf("got the backend %v, want %v", backend, want)
	}
}

func TestSecretsWaitForTheirValues(t *testing.T) {
	for name, test := range map[string]struct {
		work []string
		want []string
	}{
		"both sources":   {nil, []string{"airflow/connections/Airflow/sales_db", "airflow/connections/Airflow/weather_api"}},
		"the API alone":  {[]string{"http-api"}, []string{"airflow/connections/Airflow/weather_api"}},
		"the SQL Server": {[]string{"sql-server"}, []string{"airflow/connections/Airflow/sales_db"}},
	} {
		t.Run(name, func(t *testing.T) {
			made := template(t, with(public(), func(props *airflow.Props) { props.Work = test.work }))
			var names []string
			for _, secret := range *made.FindResources(jsii.String("AWS::SecretsManager::Secret"), nil) {
				properties := (*secret)["Properties"].(map[string]any)
				names = append(names, properties["Name"].(string))
				if properties["SecretString"] != nil || properties["GenerateSecretString"] != nil || properties["KmsKeyId"] == nil {
					t.Errorf("got the secret %v, want none with a value, and the project's key", properties)
				}
			}
			if slices.Sort(names); !slices.Equal(names, test.want) {
				t.Errorf("got the secrets %q, want %q", names, test.want)
			}
		})
	}
}

// The role is AWS's sample, and what the DAG does besides.
func TestTheExecutionRoleMayDoWhatIsDocumentedAndNoMore(t *testing.T) {
	made := template(t, lab())
	policy := resource(t, made, "AWS::IAM::ManagedPolicy", map[string]any{"Description": "Runs Airflow's scheduler and workers, and what its DAGs do"})
	got := map[string]string{}
	for _, one := range policy["Properties"].(map[string]any)["PolicyDocument"].(map[string]any)["Statement"].([]any) {
		statement := one.(map[string]any)
		var resources []string
		for _, arn := range list(statement["Resource"]) {
			resources = append(resources, text(t, arn))
		}
		for _, action := range list(statement["Action"]) {
			got[fmt.Sprint(statement["Effect"], " ", action)] = strings.Join(resources, " ")
		}
	}
	for action, want := range map[string]string{
		"Allow airflow:PublishMetrics":        "arn:<AWS::Partition>:airflow:<AWS::Region>:<AWS::AccountId>:environment/Airflow",
		"Deny s3:ListAllMyBuckets":            "*",
		"Allow logs:PutLogEvents":             "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:airflow-Airflow-*",
		"Allow sqs:SendMessage":               "arn:<AWS::Partition>:sqs:<AWS::Region>:*:airflow-celery-*",
		"Allow s3:GetObject*":                 "<EnvironmentBC0D1F70.Arn> <EnvironmentBC0D1F70.Arn>/*",
		"Allow s3:PutObject":                  "<Results99B4D1E1.Arn>/weather-sales/*",
		"Allow secretsmanager:GetSecretValue": "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:airflow/connections/Airflow/* arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:airflow/variables/Airflow/*",
	} {
		if shape(got[action]) != shape(want) {
			t.Errorf("%s: got %q, want %q", action, got[action], want)
		}
	}
	if len(got) != 31 {
		t.Errorf("got %d permissions, want 31: %q", len(got), slices.Sorted(maps.Keys(got)))
	}
	made.HasResourceProperties(jsii.String("AWS::IAM::Role"), map[string]any{"AssumeRolePolicyDocument": assertions.Match_ObjectLike(&map[string]any{
		"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
			"Principal": map[string]any{"Service": "airflow-env.amazonaws.com"},
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}}},
		})}),
	})})
}

// shape leaves out the hashes that the CDK puts into logical ids.
func shape(arns string) string {
	var all strings.Builder
	for i := 0; i < len(arns); i++ {
		if arns[i] != '<' {
			all.WriteByte(arns[i])
			continue
		}
		name := arns[i : i+strings.IndexByte(arns[i:], '>')+1]
		i += len(name) - 1
		if id, attribute, ok := strings.Cut(name, "."); ok && len(id) > 8 {
			name = id[:len(id)-8] + "." + attribute
		}
		all.WriteString(name)
	}
	return all.String()
}

func list(value any) []any {
	if items, ok := value.([]any); ok {
		return items
	}
	return []any{value}
}

// egress is what the environment may call: port and range.
func egress(t *testing.T, made assertions.Template) []string {
	t.Helper()
	group := resource(t, made, "AWS::EC2::SecurityGroup", map[string]any{"GroupDescription": assertions.Match_StringLikeRegexp(jsii.String("^Airflow environment"))})
	properties := group["Properties"].(map[string]any)
	if properties["SecurityGroupIngress"] != nil {
		t.Errorf("somebody comes in: %v", properties["SecurityGroupIngress"])
	}
	var out []string
	for _, rule := range properties["SecurityGroupEgress"].([]any) {
		rule := rule.(map[string]any)
		if rule["FromPort"] != rule["ToPort"] || rule["IpProtocol"] != "tcp" {
			t.Errorf("got %v, want one TCP port", rule)
		}
		out = append(out, fmt.Sprint(rule["ToPort"], " ", rule["CidrIp"]))
	}
	return out
}

// routes are the ways that lead somewhere else: destination and what it goes through.
func routes(t *testing.T, made assertions.Template) []string {
	t.Helper()
	var all []string
	for _, route := range *made.FindResources(jsii.String("AWS::EC2::Route"), nil) {
		properties := (*route)["Properties"].(map[string]any)
		through := ""
		for _, kind := range []string{"NatGatewayId", "GatewayId", "VpcPeeringConnectionId"} {
			if properties[kind] != nil {
				through = kind
			}
		}
		table := text(t, properties["RouteTableId"])
		if strings.HasPrefix(table, "<") {
			table = "own"
		}
		all = append(all, fmt.Sprint(table, " ", properties["DestinationCidrBlock"], " ", through))
	}
	slices.Sort(all)
	return all
}

var natRoutes = []string{"own 0.0.0.0/0 GatewayId", "own 0.0.0.0/0 NatGatewayId"}

func TestThePeeringLeadsToTheDatabaseAndBack(t *testing.T) {
	for _, test := range []struct {
		name    string
		change  func(*settings.Network)
		routes  []string
		outputs map[string]string // output to a part of its command
	}{
		{
			"with the other side's route tables",
			func(n *settings.Network) {
				n.PeerRouteTables = []string{"rtb-0123456789abcdef0", "rtb-0123456789abcdef1"}
			},
			[]string{
				"own 10.50.0.0/16 VpcPeeringConnectionId", "rtb-0123456789abcdef0 10.20.0.0/18 VpcPeeringConnectionId", "rtb-0123456789abcdef0 10.20.64.0/18 VpcPeeringConnectionId",
				"rtb-0123456789abcdef1 10.20.0.0/18 VpcPeeringConnectionId", "rtb-0123456789abcdef1 10.20.64.0/18 VpcPeeringConnectionId",
			},
			map[string]string{"PeeringNames": "--accepter-peering-connection-options AllowDnsResolutionFromRemoteVpc=true"},
		},
		{
			"without them", func(*settings.Network) {},
			[]string{"own 10.50.0.0/16 VpcPeeringConnectionId"},
			map[string]string{
				"PeeringNames":     "--requester-peering-connection-options AllowDnsResolutionFromRemoteVpc=true",
				"PeeringRouteBack": "aws ec2 create-route --route-table-id ROUTE_TABLE --destination-cidr-block 10.20.64.0/18 --vpc-peering-connection-id <PeeringConnection",
			},
		},
		{
			"in another account and Region", func(n *settings.Network) { n.PeerAccount, n.PeerRegion = "210987654321", "eu-central-1" },
			[]string{"own 10.50.0.0/16 VpcPeeringConnectionId"},
			map[string]string{"PeeringNames": "; on the other side: ", "PeeringRouteBack": " --region eu-central-1"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			props := lab()
			test.change(&props.Network)
			made := template(t, props)
			if got, want := routes(t, made), slices.Sorted(slices.Values(slices.Concat(natRoutes, test.routes))); !slices.Equal(got, want) {
				t.Errorf("got the routes %q, want %q", got, want)
			}
			if got, want := egress(t, made), []string{"443 0.0.0.0/0", "1433 10.50.0.0/16"}; !slices.Equal(got, want) {
				t.Errorf("the environment calls %q, want %q", got, want)
			}
			outputs := (*made.ToJSON())["Outputs"].(map[string]any)
			for _, name := range []string{"PeeringNames", "PeeringRouteBack"} {
				want, wanted := test.outputs[name]
				output, there := outputs[name].(map[string]any)
				if there != wanted || there && !strings.Contains(text(t, output["Value"]), want) {
					t.Errorf("got the output %s %v, want %q", name, output["Value"], want)
				}
			}
			want := map[string]any{"PeerVpcId": "vpc-0123456789abcdef0"}
			if props.Network.PeerAccount != "" {
				want["PeerOwnerId"], want["PeerRegion"] = "210987654321", "eu-central-1"
				want["PeerRoleArn"] = map[string]any{"Fn::Join": []any{"", []any{"arn:", map[string]any{"Ref": "AWS::Partition"}, ":iam::210987654321:role/vpc-peering-accepter"}}}
			}
			made.HasResourceProperties(jsii.String("AWS::EC2::VPCPeeringConnection"), want)
		})
	}
}

func TestTheVPNHasStaticRoutesOrBGP(t *testing.T) {
	for _, test := range []struct {
		name   string
		asn    int
		static int // routes
		device map[string]any
		bgpLog any
	}{
		{"static", 0, 1, map[string]any{"BgpAsn": 65000, "IpAddress": "203.0.113.12"}, nil},
		{"BGP", 64512, 0, map[string]any{"BgpAsn": 64512}, true},
		{"BGP with a long number", 4200000000, 0, map[string]any{"BgpAsnExtended": 4200000000, "BgpAsn": assertions.Match_Absent()}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			made := template(t, with(vpn(), func(props *airflow.Props) { props.Network.BgpAsn = test.asn }))
			made.HasResourceProperties(jsii.String("AWS::EC2::CustomerGateway"), test.device)
			made.HasResourceProperties(jsii.String("AWS::EC2::VPNConnection"), map[string]any{"StaticRoutesOnly": test.asn == 0})
			made.ResourcePropertiesCountIs(jsii.String("AWS::EC2::VPNConnectionRoute"), map[string]any{"DestinationCidrBlock": "192.168.0.0/16"}, jsii.Number(test.static))
			propagation := resource(t, made, "AWS::EC2::VPNGatewayRoutePropagation", nil)
			if attached := text(t, propagation["DependsOn"].([]any)[0]); !strings.HasPrefix(attached, "VpnAttached") {
				t.Errorf("the propagation waits for %s, want the gateway's attachment", attached)
			}
			tunnels := resource(t, made, "AWS::EC2::VPNConnection", nil)["Properties"].(map[string]any)["VpnTunnelOptionsSpecifications"].([]any)
			if len(tunnels) != 2 {
				t.Errorf("got %d tunnels with options, want 2", len(tunnels))
			}
			for _, tunnel := range tunnels {
				tunnel := tunnel.(map[string]any)
				logs := tunnel["LogOptions"].(map[string]any)["CloudwatchLogOptions"].(map[string]any)
				if logs["LogEnabled"] != true || logs["BgpLogEnabled"] != test.bgpLog || tunnel["PreSharedKey"] != nil {
					t.Errorf("got the tunnel %v, want its logs and no key", tunnel)
				}
			}
			made.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), map[string]any{
				"Namespace": "AWS/VPN", "MetricName": "TunnelState", "Statistic": "Maximum", "ComparisonOperator": "LessThanOrEqualToThreshold",
				"Threshold": 0, "TreatMissingData": "breaching",
			})
			if got, want := egress(t, made), []string{"443 0.0.0.0/0", "1433 192.168.0.0/16"}; !slices.Equal(got, want) {
				t.Errorf("the environment calls %q, want %q", got, want)
			}
		})
	}
}

func TestWithoutALinkThereIsNone(t *testing.T) {
	for name, test := range map[string]struct {
		work   []string
		cidr   string
		egress []string
	}{
		"both sources are public":              {nil, "", []string{"443 0.0.0.0/0", "1433 0.0.0.0/0"}},
		"the SQL Server's addresses are known": {nil, "198.51.100.0/24", []string{"443 0.0.0.0/0", "1433 198.51.100.0/24"}},
		"the API alone":                        {[]string{"http-api"}, "", []string{"443 0.0.0.0/0"}},
	} {
		t.Run(name, func(t *testing.T) {
			made := template(t, with(public(), func(props *airflow.Props) { props.Work, props.Network.OnPremisesCidr = test.work, test.cidr }))
			for _, kind := range []string{"AWS::EC2::VPCPeeringConnection", "AWS::EC2::VPNConnection", "AWS::EC2::VPNGateway"} {
				made.ResourceCountIs(&kind, jsii.Number(0))
			}
			if got := routes(t, made); !slices.Equal(got, natRoutes) {
				t.Errorf("got the routes %q, want %q", got, natRoutes)
			}
			if got := egress(t, made); !slices.Equal(got, test.egress) {
				t.Errorf("the environment calls %q, want %q", got, test.egress)
			}
		})
	}
}

// Endpoints lead to AWS alone: then Airflow takes its packages from plugins.zip.
func TestEndpointsReplaceTheNATGateway(t *testing.T) {
	sqlAlone := with(lab(), func(props *airflow.Props) {
		props.Work, props.Network.Outbound = []string{"sql-server"}, settings.Endpoints
	})
	if got := faults(t, sqlAlone); len(got) != 1 || !strings.Contains(got[0], "expected them in plugins.zip") {
		t.Errorf("got the errors %q, want what is missing", got)
	}

	// The function is built from this module, so the folder is below it.
	here, err := os.MkdirTemp(".", "project") //nolint:usetesting // a folder elsewhere is not in the module
	if err != nil {
		t.Fatal(err)
	}
	if here, err = filepath.Abs(here); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(here) })
	t.Chdir(here)
	if err := os.WriteFile("plugins.zip", []byte("wheels"), 0o600); err != nil {
		t.Fatal(err)
	}
	made := template(t, sqlAlone)
	var services []string
	for _, endpoint := range *made.FindResources(jsii.String("AWS::EC2::VPCEndpoint"), map[string]any{"Properties": map[string]any{"VpcEndpointType": "Interface"}}) {
		properties := (*endpoint)["Properties"].(map[string]any)
		services = append(services, text(t, properties["ServiceName"]))
		if properties["PrivateDnsEnabled"] != true || len(properties["SubnetIds"].([]any)) != 2 {
			t.Errorf("got %v, want private names, and both subnets", properties)
		}
	}
	slices.Sort(services)
	want := []string{"airflow.api", "airflow.env", "ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "secretsmanager", "sns", "sqs"}
	for i := range want {
		want[i] = "com.amazonaws.<AWS::Region>." + want[i]
	}
	if !slices.Equal(services, want) {
		t.Errorf("got endpoints for %q, want %q", services, want)
	}
	for _, kind := range []string{"AWS::EC2::NatGateway", "AWS::EC2::InternetGateway", "AWS::EC2::EIP"} {
		made.ResourceCountIs(&kind, jsii.Number(0))
	}
	made.HasResourceProperties(jsii.String("AWS::MWAA::Environment"), map[string]any{
		"PluginsS3Path": "plugins.zip", "PluginsS3ObjectVersion": map[string]any{"Fn::GetAtt": []any{assertions.Match_AnyValue(), "Plugins"}},
	})
}

func TestOnlyWhatIsStagedExpires(t *testing.T) {
	made := template(t, kept())
	expiring := map[string]string{}
	for id, bucket := range *made.FindResources(jsii.String("AWS::S3::Bucket"), nil) {
		for _, rule := range (*bucket)["Properties"].(map[string]any)["LifecycleConfiguration"].(map[string]any)["Rules"].([]any) {
			rule := rule.(map[string]any)
			if days := rule["ExpirationInDays"]; days != nil {
				expiring[id[:len(id)-8]] = fmt.Sprint(rule["Prefix"], " ", days)
			}
		}
	}
	if want := map[string]string{"AccessLogs": "<nil> 90", "Results": "weather-sales/staging/ 14"}; !maps.Equal(expiring, want) {
		t.Errorf("got %v, want %v", expiring, want)
	}
}

func TestNothingGetsAPublicAddress(t *testing.T) {
	made := template(t, lab())
	made.AllResourcesProperties(jsii.String("AWS::EC2::Subnet"), map[string]any{"MapPublicIpOnLaunch": false})
	made.ResourceCountIs(jsii.String("AWS::EC2::EIP"), jsii.Number(1)) // the NAT gateway's
	made.HasResourceProperties(jsii.String("AWS::EC2::FlowLog"), map[string]any{"TrafficType": "ALL", "ResourceType": "VPC"})
	made.HasResourceProperties(jsii.String("AWS::EC2::VPCEndpoint"), map[string]any{"VpcEndpointType": "Gateway"})
}

func TestWhatStartsTheDag(t *testing.T) {
	event := func(props *airflow.Props) {
		props.Schedule, props.Timezone, props.MissedDays, props.Pattern = "", "", 0, map[string]any{"source": []any{"partner.orders"}}
	}
	for _, test := range []struct {
		name     string
		props    airflow.Props
		pattern  map[string]any // nil: no rule, since Airflow's own schedule or a person starts it
		inVPC    bool
		schedule string // of the DAG
	}{
		{"its schedule", lab(), nil, false, "cron(0 6 * * ? *)"},
		{"a command", public(), nil, false, ""},
		{"an object", landed(), map[string]any{"source": []any{"aws.s3"}, "detail": map[string]any{
			"bucket": map[string]any{"name": []any{map[string]any{"Ref": assertions.Match_StringLikeRegexp(jsii.String("^Landing"))}}},
			"object": map[string]any{"key": []any{map[string]any{"wildcard": "raw/*.csv"}}},
		}}, true, ""},
		{"an event, in a lab", with(lab(), event), map[string]any{"source": []any{"partner.orders"}}, false, ""},
		{"an event, kept", with(kept(), event), map[string]any{"source": []any{"partner.orders"}}, true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			made := template(t, test.props)
			properties := resource(t, made, "AWS::MWAA::Environment", nil)["Properties"].(map[string]any)
			var document struct{ Schedule string }
			if err := json.Unmarshal([]byte(text(t, properties["AirflowConfigurationOptions"].(map[string]any)["weathersales.settings"])), &document); err != nil {
				t.Fatal(err)
			}
			if document.Schedule != test.schedule {
				t.Errorf("got the DAG's schedule %q, want %q", document.Schedule, test.schedule)
			}
			starters := *made.FindResources(jsii.String("AWS::Lambda::Function"), map[string]any{"Properties": map[string]any{"Environment": map[string]any{"Variables": map[string]any{"DAG": "weather_sales"}}}})
			if test.pattern == nil {
				made.ResourceCountIs(jsii.String("AWS::Lambda::Permission"), jsii.Number(0))
				if len(starters) != 0 {
					t.Errorf("got %d functions that start the DAG, want none", len(starters))
				}
				return
			}
			made.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{"EventPattern": test.pattern, "State": "ENABLED"})
			made.HasResourceProperties(jsii.String("AWS::Lambda::Permission"), map[string]any{"Principal": "events.amazonaws.com", "SourceArn": assertions.Match_AnyValue()})
			for _, starter := range starters {
				if _, inVPC := (*starter)["Properties"].(map[string]any)["VpcConfig"]; inVPC != test.inVPC {
					t.Errorf("the function is in the VPC: %t, want %t", inVPC, test.inVPC)
				}
			}
			endpoints := *made.FindResources(jsii.String("AWS::EC2::VPCEndpoint"), map[string]any{"Properties": map[string]any{"VpcEndpointType": "Interface"}})
			if len(starters) != 1 || len(endpoints) > 0 != test.inVPC {
				t.Errorf("got %d functions and %d endpoints, want one function, and an endpoint with it in a VPC: %t", len(starters), len(endpoints), test.inVPC)
			}
			made.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{"PolicyDocument": assertions.Match_ObjectLike(&map[string]any{
				"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
					"Action":   "airflow:InvokeRestApi",
					"Resource": map[string]any{"Fn::Join": []any{"", assertions.Match_ArrayWith(&[]any{assertions.Match_StringLikeRegexp(jsii.String("^/User$"))})}},
				})}),
			})})
		})
	}
}

// Alarms by metric: what each start and each link adds.
func TestEveryWayToFailHasAnAlarm(t *testing.T) {
	common := []string{"ApproximateNumberOfMessagesVisible", "DAGDurationFailed", "ImportErrors", "QueuedTasks", "SchedulerHeartbeat"}
	for _, test := range []struct {
		name  string
		props airflow.Props
		more  []string
	}{
		{"by time, with peering", lab(), []string{"DAGDurationSuccess"}},
		{"by time, with a VPN", vpn(), []string{"DAGDurationSuccess", "TunnelState"}},
		{"by a command, public", public(), nil},
		{"by objects", landed(), []string{"AsyncEventsDropped", "DestinationDeliveryFailures", "Errors", "FailedInvocations", "InvocationsFailedToBeSentToDlq"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			made := template(t, test.props)
			var got []string
			for _, alarm := range *made.FindResources(jsii.String("AWS::CloudWatch::Alarm"), nil) {
				properties := (*alarm)["Properties"].(map[string]any)
				got = append(got, properties["MetricName"].(string))
				if properties["AlarmActions"] == nil {
					t.Errorf("the alarm on %v tells nobody", properties["MetricName"])
				}
			}
			slices.Sort(got)
			if want := slices.Sorted(slices.Values(slices.Concat(common, test.more))); !slices.Equal(got, want) {
				t.Errorf("got alarms on %q, want %q", got, want)
			}
			made.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), map[string]any{
				"Namespace": "AmazonMWAA", "MetricName": "SchedulerHeartbeat", "ComparisonOperator": "LessThanOrEqualToThreshold", "Threshold": 0,
				"EvaluationPeriods": 3, "Period": 300, "TreatMissingData": "breaching",
				"Dimensions": []any{
					map[string]any{"Name": "Environment", "Value": map[string]any{"Ref": assertions.Match_StringLikeRegexp(jsii.String("^AirflowEnvironment"))}},
					map[string]any{"Name": "Function", "Value": "Scheduler"},
				},
			})
		})
	}
}

func TestOnlyALabDeletesData(t *testing.T) {
	for name, want := range map[string]struct {
		props  airflow.Props
		policy string
	}{
		"a lab is removed with its stack": {vpn(), "Delete"},
		"otherwise the data stays":        {with(vpn(), func(props *airflow.Props) { props.Lab = false }), "Retain"},
	} {
		t.Run(name, func(t *testing.T) {
			made := template(t, want.props)
			for _, kind := range []string{"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret"} {
				made.AllResources(&kind, map[string]any{"DeletionPolicy": want.policy})
			}
		})
	}
}

func TestTheSynthSaysWhatIsPaidWhileNothingRuns(t *testing.T) {
	for name, test := range map[string]struct {
		props airflow.Props
		want  string
	}{
		"NAT":          {lab(), "a NAT gateway (0.045 USD)$"},
		"VPN":          {vpn(), "a NAT gateway .0.045 USD., a VPN connection .0.05 USD.$"},
		"an endpoint":  {landed(), "interface endpoints in two zones (1, for 0.02 USD each)$"},
		"the smallest": {with(lab(), func(props *airflow.Props) { props.Airflow.Class = "mw1.micro" }), "the environment .mw1.micro"},
	} {
		t.Run(name, func(t *testing.T) {
			want := strings.NewReplacer("(", ".", ")", ".").Replace(test.want)
			found := *assertions.Annotations_FromStack(stack(t, test.props)).FindInfo(jsii.String("*"), assertions.Match_StringLikeRegexp(&want))
			if len(found) != 1 {
				t.Errorf("got %d notes with %q, want 1", len(found), test.want)
			}
		})
	}
}

func TestWithoutAMissedRunAlarmTheSynthSaysSo(t *testing.T) {
	made := stack(t, with(lab(), func(props *airflow.Props) { props.Schedule, props.MissedDays = "cron(0 6 1 * ? *)", 0 }))
	found := *assertions.Annotations_FromStack(made).FindInfo(jsii.String("*"), assertions.Match_StringLikeRegexp(jsii.String("no alarm tells that a run is missing")))
	if len(found) != 1 {
		t.Errorf("got %d notes, want 1", len(found))
	}
}

// faults are the errors with which the synth fails.
func faults(t *testing.T, props airflow.Props) []string {
	t.Helper()
	var texts []string
	for _, found := range *assertions.Annotations_FromStack(stack(t, props)).FindError(jsii.String("*"), assertions.Match_AnyValue()) {
		text, _ := found.Entry.Data.(string) //nolint:staticcheck // the assertions module returns this type
		texts = append(texts, text)
	}
	return texts
}

func TestSettingsThatCannotBeDeployedFailTheStack(t *testing.T) {
	link := func(change func(*settings.Network)) airflow.Props {
		props := lab()
		change(&props.Network)
		return props
	}
	size := func(of settings.Airflow) airflow.Props {
		return with(lab(), func(props *airflow.Props) { props.Airflow = of })
	}
	for _, test := range []struct {
		name  string
		props airflow.Props
		want  string
	}{
		{"a range of four addresses", link(func(n *settings.Network) { n.Cidr = "10.20.0.0/30" }), "context cidr: got 10.20.0.0/30 with 4 addresses, expected at least 64 (/26)"},
		{"a range beyond a VPC's", link(func(n *settings.Network) { n.Cidr = "10.0.0.0/8" }), "a VPC has at most 65536 (/16)"},
		{"no range", link(func(n *settings.Network) { n.Cidr = "ten" }), `context cidr: got "ten", expected an IPv4 range`},
		{
			"too few addresses for the workers", with(lab(), func(props *airflow.Props) { props.Network.Cidr, props.Airflow.MaxWorkers = "10.20.0.0/26", 8 }),
			"each of 4 subnets has 16 addresses, of which AWS keeps 5; 11 are left, and 12 are needed",
		},
		{"ranges that overlap", link(func(n *settings.Network) { n.OnPremisesCidr = "10.20.128.0/24" }), "overlap in 256 addresses, 10.20.128.0-10.20.128.255"},
		{"an unknown link", link(func(n *settings.Network) { n.OnPremises = "directConnect" }), `context onPremises: got "directConnect", expected none, peering or vpn`},
		{"a link to nowhere", link(func(n *settings.Network) { n.OnPremisesCidr = "" }), "context onPremisesCidr: is missing"},
		{"a link that nothing uses", with(lab(), func(props *airflow.Props) { props.Work = []string{"http-api"} }), "but nothing in the work [http-api] is reached by it"},
		{"a VPC without its id", link(func(n *settings.Network) { n.PeerVpcID = "orders" }), `context peerVpcId: got "orders"`},
		{"an account that is none", link(func(n *settings.Network) { n.PeerAccount = "1234" }), `context peerAccount: got "1234", expected 12 digits`},
		{"a Region that is none", link(func(n *settings.Network) { n.PeerRegion = "Frankfurt" }), `context peerRegion: got "Frankfurt"`},
		{"a route table that is none", link(func(n *settings.Network) { n.PeerRouteTables = []string{"main"} }), `context peerRouteTables: got "main"`},
		{
			"route tables of another account", link(func(n *settings.Network) {
				n.PeerAccount, n.PeerRouteTables = "210987654321", []string{"rtb-0123456789abcdef0"}
			}),
			"context peerRouteTables: got rtb-0123456789abcdef0, CloudFormation reaches route tables of this account and Region alone",
		},
		{"a VPN's device for a peering", link(func(n *settings.Network) { n.CustomerGatewayIP = "203.0.113.12" }), "but onPremises is not vpn"},
		{"a peer for a VPN", with(vpn(), func(props *airflow.Props) { props.Network.PeerVpcID = "vpc-0123456789abcdef0" }), "but onPremises is not peering"},
		{"a device at a private address", with(vpn(), func(props *airflow.Props) { props.Network.CustomerGatewayIP = "10.0.0.1" }), "context customerGatewayIp: got 10.0.0.1, which AWS cannot reach"},
		{"no device", with(vpn(), func(props *airflow.Props) { props.Network.CustomerGatewayIP = "" }), `context customerGatewayIp: got "", expected the public IPv4 address`},
		{"a system number that is none", with(vpn(), func(props *airflow.Props) { props.Network.BgpAsn = -1 }), "context bgpAsn: got -1, expected 1 to 4294967294"},
		{"endpoints to a public API", link(func(n *settings.Network) { n.Outbound = settings.Endpoints }), "context outbound: got endpoints, which lead to AWS alone"},
		{"an unknown way out", link(func(n *settings.Network) { n.Outbound = "proxy" }), `context outbound: got "proxy", expected nat or endpoints`},
		{"a version that is none", size(settings.Airflow{Version: "9.9.9"}), `context airflowVersion: got "9.9.9", MWAA offers 2.7.2, 2.8.1, 2.9.2, 2.10.1, 2.10.3, 2.11.0, 3.0.6`},
		{"a version before the DAG's", size(settings.Airflow{Version: "2.10.3"}), "this DAG is written for Airflow 3"},
		{"a class that is none", size(settings.Airflow{Class: "mw1.tiny"}), `context environmentClass: got "mw1.tiny"`},
		{"more workers than there are", size(settings.Airflow{MaxWorkers: 26}), "context minWorkers, maxWorkers: got 1 to 26, expected 1 to 25"},
		{"more at least than at most", size(settings.Airflow{MinWorkers: 3, MaxWorkers: 2}), "got 3 to 2"},
		{"workers of what does not scale", size(settings.Airflow{Class: "mw1.micro", MaxWorkers: 2}), "mw1.micro has one worker and does not scale"},
		{"work that is none of the DAG's", with(lab(), func(props *airflow.Props) { props.Work = []string{"glue-job"} }), "context work: got glue-job"},
		{"a name that MWAA refuses", with(lab(), func(props *airflow.Props) { props.Name = strings.Repeat("n", 81) }), "an environment is named with at most 80 letters"},
		{"a setting of a query", with(lab(), func(props *airflow.Props) { props.KeepLocalTime = true }), "has no scheduled query"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := faults(t, test.props); len(got) != 1 || !strings.Contains(got[0], test.want) {
				t.Errorf("got the errors %q, want one with %q", got, test.want)
			}
		})
	}
}
