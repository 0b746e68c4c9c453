package diagram

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// Template draws what a template deploys: where events come from, what they start, what that calls, reads and writes. Who calls and
// reads what is taken from the IAM policies, which are not shown themselves, nor are alarms, logs, keys and networks: a note counts them.
// A template is drawn as it is written, also one that could not be deployed.
func Template(title string, template *cfn.Template) (*Graph, error) {
	t := drawing{graph: &Graph{Title: title, Across: true}, template: template, provided: map[string]bool{}}
	t.findProviders()
	for _, id := range slices.Sorted(maps.Keys(template.Resources)) {
		if kind, ok := kinds[template.Resources[id].Type]; ok && !t.provided[id] && !t.tells(id) {
			t.add(id, kind)
		}
	}
	for _, n := range slices.Clone(t.graph.Nodes) {
		t.connect(n.ID)
	}
	t.network()
	t.fold()
	t.box()
	if len(t.graph.Nodes) == 0 {
		return nil, fmt.Errorf("the template has nothing that events or data flow through, expected for example a rule, a function, a job or a bucket")
	}
	t.graph.Summary = fmt.Sprintf("What the template deploys, and how events and data flow: %d of its %d resources.", t.shown(), len(template.Resources))
	return t.graph, t.graph.check()
}

// drawing is a template while it becomes a graph. Nodes are called by the logical ids of their resources.
type drawing struct {
	graph    *Graph
	template *cfn.Template
	provided map[string]bool // functions that serve the deployment alone
}

// kind is how resources of a type are drawn.
type resourceKind struct {
	name    string
	shape   Shape
	tone    Tone
	service string   // whose box it stands in beside others of that service
	role    []string // where the resource names the role that its code has
}

const (
	ruleType     = "AWS::Events::Rule"
	scheduleType = "AWS::Scheduler::Schedule"
	workflowType = "AWS::Glue::Workflow"
	triggerType  = "AWS::Glue::Trigger"
	bucketType   = "AWS::S3::Bucket"
	topicType    = "AWS::SNS::Topic"
	queueType    = "AWS::SQS::Queue"
	crawlerType  = "AWS::Glue::Crawler"
	jobType      = "AWS::Glue::Job"
	databaseType = "AWS::Glue::Database"
	airflowType  = "AWS::MWAA::Environment"
	peeringType  = "AWS::EC2::VPCPeeringConnection"
	vpnType      = "AWS::EC2::VPNConnection"
	emrType      = "AWS::EMRServerless::Application"
	redshiftType = "AWS::RedshiftServerless::Workgroup"
)

// kinds are the types of resources that are shown. All others are counted.
var kinds = map[string]resourceKind{
	bucketType:                             {name: "S3 bucket", shape: Store, tone: Data},
	"AWS::DynamoDB::Table":                 {name: "DynamoDB table", shape: Store, tone: Data},
	databaseType:                           {name: "Data Catalog database", shape: Store, tone: Data, service: "AWS Glue"},
	ruleType:                               {name: "EventBridge rule", tone: Trigger},
	scheduleType:                           {name: "EventBridge Scheduler", tone: Trigger},
	"AWS::Events::EventBus":                {name: "Event bus", tone: Trigger},
	"AWS::Pipes::Pipe":                     {name: "EventBridge pipe", tone: Trigger, role: []string{"RoleArn"}},
	triggerType:                            {name: "trigger", tone: Trigger},
	crawlerType:                            {name: "Glue crawler", tone: Work, service: "AWS Glue", role: []string{"Role"}},
	jobType:                                {name: "Glue job", tone: Work, service: "AWS Glue", role: []string{"Role"}},
	"AWS::Lambda::Function":                {name: "Lambda function", tone: Work, service: "AWS Lambda", role: []string{"Role"}},
	"AWS::StepFunctions::StateMachine":     {name: "Step Functions state machine", tone: Choice, role: []string{"RoleArn"}},
	emrType:                                {name: "EMR Serverless application", tone: Work},
	"AWS::Batch::JobDefinition":            {name: "Batch job", tone: Work, role: []string{"ContainerProperties", "JobRoleArn"}},
	redshiftType:                           {name: "Redshift Serverless", tone: Work},
	"AWS::Redshift::Cluster":               {name: "Redshift cluster", tone: Work},
	airflowType:                            {name: "MWAA environment", tone: Work, role: []string{"ExecutionRoleArn"}},
	topicType:                              {name: "SNS topic", tone: Plain},
	queueType:                              {name: "SQS queue", tone: Plain},
	"AWS::Kinesis::Stream":                 {name: "Kinesis stream", shape: Store, tone: Data},
	"AWS::KinesisFirehose::DeliveryStream": {name: "Firehose stream", tone: Work, role: []string{"ExtendedS3DestinationConfiguration", "RoleARN"}},
}

// findProviders finds the functions behind custom resources: they run while the stack is deployed, never in the pipeline.
func (t *drawing) findProviders() {
	for id, function := range t.template.Resources {
		for _, custom := range t.template.Resources {
			if token := custom.Get("ServiceToken"); token != nil && function.Type == "AWS::Lambda::Function" && cfn.Refers(token, id) {
				t.provided[id] = true
			}
		}
	}
}

// tells says whether a rule only tells people: each of its targets is a topic. It is folded away with the alarms.
func (t *drawing) tells(id string) bool {
	rule := t.template.Resources[id]
	targets := cfn.List(rule.Get("Targets"))
	if rule.Type != ruleType || len(targets) == 0 {
		return false
	}
	return !slices.ContainsFunc(targets, func(target any) bool {
		return !slices.ContainsFunc(t.template.ByType(topicType), func(topic string) bool { return cfn.Refers(cfn.Field(target, "Arn"), topic) })
	})
}

func (t *drawing) add(id string, kind resourceKind) {
	resource := t.template.Resources[id]
	n := Node{ID: id, Label: Wrap(t.title(id), labelWrap), Kind: kind.name, Shape: kind.shape, Tone: kind.tone}
	switch resource.Type {
	case scheduleType:
		n.Label += "\n" + shorten(cfn.Text(resource.Get("ScheduleExpression")), labelWrap)
		if zone, ok := resource.Get("ScheduleExpressionTimezone").(string); ok {
			n.Label += "\n" + zone
		}
	case ruleType:
		if expression, ok := resource.Get("ScheduleExpression").(string); ok {
			n.Label += "\n" + shorten(expression, labelWrap) + "\nUTC"
		}
	case triggerType:
		n.Kind, n.Label = triggerWords(resource)
		n.Group = t.workflowOf(id)
	}
	t.graph.Nodes = append(t.graph.Nodes, n)
}

// title is what people call a resource: its logical id in words, without the hash that the CDK adds.
func (t *drawing) title(id string) string { return Name(t.template, id) }

// workflowOf is the Glue workflow of a trigger, as a group; empty where it has none in the template.
func (t *drawing) workflowOf(trigger string) string {
	for _, id := range t.template.ByType(workflowType) {
		if cfn.Refers(t.template.Resources[trigger].Get("WorkflowName"), id) {
			if t.graph.group(id) == nil {
				t.graph.Groups = append(t.graph.Groups, Group{ID: id, Label: t.title(id), Kind: "Glue workflow"})
			}
			return id
		}
	}
	return ""
}

// network shows how an Airflow environment reaches another network.
func (t *drawing) network() {
	for _, kind := range []struct{ resource, name string }{{peeringType, "VPC peering"}, {vpnType, "Site-to-site VPN"}} {
		for _, id := range t.template.ByType(kind.resource) {
			for _, environment := range t.template.ByType(airflowType) {
				if t.graph.node(id) == nil {
					t.graph.Nodes = append(t.graph.Nodes, Node{ID: id, Label: "Network on premises", Kind: kind.name, Tone: Plain})
				}
				t.graph.Edges = append(t.graph.Edges, Edge{From: id, To: environment})
			}
		}
	}
}

// box draws a box around what belongs to one service, where there are several.
func (t *drawing) box() {
	members := map[string][]int{}
	for i, n := range t.graph.Nodes {
		if service := kinds[t.template.Resources[n.ID].Type].service; service != "" && n.Group == "" {
			members[service] = append(members[service], i)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(members)) {
		if len(members[service]) < 2 {
			continue
		}
		t.graph.Groups = append(t.graph.Groups, Group{ID: "service " + service, Label: service})
		for _, i := range members[service] {
			t.graph.Nodes[i].Group = "service " + service
		}
	}
}

// idle are types that are shown only where something flows to or from them.
var idle = map[string]bool{bucketType: true, topicType: true, queueType: true, databaseType: true, "AWS::Events::EventBus": true}

// fold drops what nothing flows through, and counts everything that is not shown.
func (t *drawing) fold() {
	linked := map[string]bool{}
	for _, e := range t.graph.Edges {
		linked[e.From], linked[e.To] = true, true
	}
	t.graph.Nodes = slices.DeleteFunc(t.graph.Nodes, func(n Node) bool { return idle[t.template.Resources[n.ID].Type] && !linked[n.ID] })
	counts := map[string]int{}
	for id, resource := range t.template.Resources {
		if t.graph.node(id) == nil && t.graph.group(id) == nil {
			counts[t.folded(id, resource)]++
		}
	}
	var all []string
	for _, what := range foldedOrder {
		if n := counts[what]; n > 0 {
			all = append(all, fmt.Sprintf("%s (%d)", what, n))
		}
	}
	if all != nil {
		t.graph.Notes = append(t.graph.Notes, "Folded away: "+strings.Join(all, ", ")+".")
	}
}

// shown is how many resources are in the picture.
func (t *drawing) shown() int {
	count := 0
	for id := range t.template.Resources {
		if t.graph.node(id) != nil || t.graph.group(id) != nil {
			count++
		}
	}
	return count
}

// What is folded away, and in which order it is counted.
const (
	foldedRoles    = "IAM roles and policies"
	foldedPolicies = "resource policies"
	foldedAlarms   = "alarms and reports"
	foldedLogs     = "logs"
	foldedKeys     = "keys and secrets"
	foldedNetwork  = "network"
	foldedDeploy   = "deployment"
	foldedOthers   = "others"
)

var foldedOrder = []string{foldedRoles, foldedPolicies, foldedAlarms, foldedLogs, foldedKeys, foldedNetwork, foldedDeploy, foldedOthers}

func (t *drawing) folded(id string, resource cfn.Resource) string {
	kind := strings.TrimPrefix(resource.Type, "AWS::")
	service, name, _ := strings.Cut(kind, "::")
	switch {
	case service == "Custom" || t.provided[id] || service == "CDK" || strings.HasPrefix(id, "CustomS3AutoDelete"):
		return foldedDeploy
	case service == "IAM":
		return foldedRoles
	case strings.HasSuffix(name, "Policy") || name == "Permission":
		return foldedPolicies
	case service == "CloudWatch" || service == "SNS" || resource.Type == ruleType:
		return foldedAlarms
	case service == "Logs":
		return foldedLogs
	case service == "KMS" || service == "SecretsManager":
		return foldedKeys
	case service == "EC2":
		return foldedNetwork
	}
	return foldedOthers
}
