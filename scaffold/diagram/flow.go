package diagram

import (
	"encoding/json"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// connect draws what leads to and from a resource.
func (t *drawing) connect(id string) {
	resource := t.template.Resources[id]
	switch resource.Type {
	case ruleType:
		t.source(id, resource)
		for _, target := range cfn.List(resource.Get("Targets")) {
			t.target(id, target)
		}
	case scheduleType:
		t.target(id, resource.Get("Target"))
	case "AWS::Pipes::Pipe":
		t.refer(id, resource.Get("Target"), "")
		for _, from := range t.referred(resource.Get("Source")) {
			t.edge(Edge{From: from, To: id})
		}
	case triggerType:
		t.trigger(id, resource)
	case crawlerType:
		t.refer(id, resource.Get("DatabaseName"), "tables")
	case airflowType:
		for _, bucket := range t.referred(resource.Get("SourceBucketArn")) {
			t.edge(Edge{From: bucket, To: id, Label: "DAGs"})
		}
	case bucketType:
		t.notifications(id, resource)
	}
	t.failures(id)
	for _, role := range t.roles(resource) {
		t.grants(id, role)
	}
}

// source shows the bucket whose events a rule matches, or in the rule which events those are.
func (t *drawing) source(id string, rule cfn.Resource) {
	pattern := rule.Get("EventPattern")
	if pattern == nil {
		return
	}
	words := patternWords(pattern)
	from := t.referred(pattern)
	for _, source := range from {
		t.edge(Edge{From: source, To: id, Label: words})
	}
	if len(from) == 0 && words != "" {
		n := t.graph.node(id)
		n.Label += "\n" + Wrap(words, labelWrap)
	}
}

// patternWords says which events a pattern asks for: their kind and source, and the keys of objects.
func patternWords(pattern any) string {
	if text, ok := pattern.(string); ok { // a pattern may be written as JSON in a text
		if json.Unmarshal([]byte(text), &pattern) != nil {
			return shorten(text, longestLabel)
		}
	}
	var parts []string
	for _, kind := range cfn.List(cfn.Field(pattern, "detail-type")) {
		parts = append(parts, cfn.Text(kind))
	}
	for _, source := range cfn.List(cfn.Field(pattern, "source")) {
		if source != "aws.s3" {
			parts = append(parts, "from "+cfn.Text(source))
		}
	}
	for _, key := range cfn.List(cfn.Field(pattern, "detail", "object", "key")) {
		switch shown := key.(type) {
		case string:
			parts = append(parts, shown)
		case map[string]any:
			for _, operator := range []string{"prefix", "suffix", "wildcard"} {
				if text, ok := shown[operator].(string); ok {
					parts = append(parts, map[string]string{"prefix": text + "*", "suffix": "*" + text, "wildcard": text}[operator])
				}
			}
		}
	}
	return shorten(strings.Join(parts, " "), longestLabel)
}

// target draws the arrow to what a rule or a schedule starts, and the dashed one to where failed deliveries wait.
//
// A target that is an action of an API, as EventBridge Scheduler has them, names in its input what the action is for.
func (t *drawing) target(id string, target any) {
	fields, _ := target.(map[string]any)
	started := t.referred(fields["Arn"])
	if started == nil {
		started = slices.DeleteFunc(t.referred(fields["Input"]), func(to string) bool { return t.graph.node(to).Shape == Store })
	}
	for _, to := range started {
		t.edge(Edge{From: id, To: to})
	}
	for _, queue := range t.referred(fields["DeadLetterConfig"]) {
		t.edge(Edge{From: id, To: queue, Label: "not delivered", Dashed: true})
	}
}

// trigger draws what a Glue trigger waits for and what it starts. Within a workflow, its jobs and crawlers stand in the workflow's box.
func (t *drawing) trigger(id string, resource cfn.Resource) {
	workflow := t.graph.node(id).Group
	for _, action := range cfn.List(resource.Get("Actions")) {
		for _, started := range t.referred(cfn.Field(action, "JobName"), cfn.Field(action, "CrawlerName")) {
			t.graph.node(started).Group = workflow
			t.edge(Edge{From: id, To: started})
		}
	}
	for _, condition := range cfn.List(resource.Get("Predicate", "Conditions")) {
		state, _ := cfn.Field(condition, "State").(string)
		if crawl, ok := cfn.Field(condition, "CrawlState").(string); ok {
			state = crawl
		}
		for _, watched := range t.referred(cfn.Field(condition, "JobName"), cfn.Field(condition, "CrawlerName")) {
			t.edge(Edge{From: watched, To: id, Label: state, Dashed: state != "" && state != "SUCCEEDED"})
		}
	}
}

// notifications draws what a bucket calls by itself, without EventBridge.
func (t *drawing) notifications(id string, bucket cfn.Resource) {
	for _, kind := range []string{"LambdaConfigurations", "QueueConfigurations", "TopicConfigurations"} {
		for _, configuration := range cfn.List(bucket.Get("NotificationConfiguration", kind)) {
			event, _ := cfn.Field(configuration, "Event").(string)
			t.refer(id, configuration, event)
		}
	}
}

// failures draws where a function's failed calls and a queue's refused messages go, and what reads a queue or a stream.
func (t *drawing) failures(id string) {
	resource := t.template.Resources[id]
	for _, queue := range t.referred(resource.Get("DeadLetterConfig", "TargetArn"), resource.Get("RedrivePolicy")) {
		t.edge(Edge{From: id, To: queue, Label: "failed", Dashed: true})
	}
	for _, other := range t.template.ByType("AWS::Lambda::EventInvokeConfig") {
		config := t.template.Resources[other]
		if !cfn.Refers(config.Get("FunctionName"), id) {
			continue
		}
		for _, to := range t.referred(config.Get("DestinationConfig", "OnFailure")) {
			t.edge(Edge{From: id, To: to, Label: "failed", Dashed: true})
		}
		t.refer(id, config.Get("DestinationConfig", "OnSuccess"), "succeeded")
	}
	for _, other := range t.template.ByType("AWS::Lambda::EventSourceMapping") {
		if mapping := t.template.Resources[other]; cfn.Refers(mapping.Get("FunctionName"), id) {
			for _, from := range t.referred(mapping.Get("EventSourceArn")) {
				t.edge(Edge{From: from, To: id})
			}
		}
	}
}

// refer draws an arrow to each resource that a value refers to.
func (t *drawing) refer(id string, value any, label string) {
	for _, to := range t.referred(value) {
		if to != id {
			t.edge(Edge{From: id, To: to, Label: label})
		}
	}
}

// referred lists what the values refer to: nodes, and for a Glue workflow the trigger that starts it.
func (t *drawing) referred(values ...any) []string {
	var ids []string
	for _, n := range t.graph.Nodes {
		if cfn.Refers(values, n.ID) {
			ids = append(ids, n.ID)
		}
	}
	for _, workflow := range t.template.ByType(workflowType) {
		if !cfn.Refers(values, workflow) {
			continue
		}
		for _, trigger := range t.template.ByType(triggerType) {
			resource := t.template.Resources[trigger]
			if resource.Get("Type") != "CONDITIONAL" && cfn.Refers(resource.Get("WorkflowName"), workflow) {
				ids = append(ids, trigger)
			}
		}
	}
	return ids
}

// edge adds an arrow. There is one in each direction between two nodes; of several reasons for it, the first that has a word says it.
func (t *drawing) edge(e Edge) {
	for i, other := range t.graph.Edges {
		if other.From == e.From && other.To == e.To {
			if other.Label == "" {
				t.graph.Edges[i].Label = e.Label
			}
			return
		}
	}
	t.graph.Edges = append(t.graph.Edges, e)
}

// roles lists the roles that the code of a resource has.
func (t *drawing) roles(resource cfn.Resource) []string {
	var named []any
	if path := kinds[resource.Type].role; path != nil {
		named = append(named, resource.Get(path...))
	}
	if resource.Type == redshiftType {
		for _, namespace := range t.template.ByType("AWS::RedshiftServerless::Namespace") {
			if cfn.Refers(resource.Get("NamespaceName"), namespace) {
				named = append(named, t.template.Resources[namespace].Get("IamRoles"))
			}
		}
	}
	var roles []string
	for _, role := range t.template.ByType("AWS::IAM::Role") {
		trusted := cfn.Text(t.template.Resources[role].Get("AssumeRolePolicyDocument"))
		// An application has no role of its own: each job run brings one, which trusts the service.
		if cfn.Refers(named, role) || resource.Type == emrType && strings.Contains(trusted, "emr-serverless.amazonaws.com") {
			roles = append(roles, role)
		}
	}
	return roles
}

// grants draws what a role lets the code call, read and write.
func (t *drawing) grants(id, role string) {
	for _, document := range t.policies(role) {
		for _, statement := range cfn.List(cfn.Field(document, "Statement")) {
			if cfn.Field(statement, "Effect") == "Deny" {
				continue
			}
			for _, to := range t.referred(cfn.Field(statement, "Resource")) {
				if to != id {
					t.grant(id, to, cfn.List(cfn.Field(statement, "Action")))
				}
			}
		}
	}
}

// policies are the documents of a role: its own ones and those that are attached to it.
func (t *drawing) policies(role string) []any {
	var documents []any
	resource := t.template.Resources[role]
	for _, policy := range cfn.List(resource.Get("Policies")) {
		documents = append(documents, cfn.Field(policy, "PolicyDocument"))
	}
	for _, kind := range []string{"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"} {
		for _, id := range t.template.ByType(kind) {
			policy := t.template.Resources[id]
			if cfn.Refers(resource.Get("ManagedPolicyArns"), id) || cfn.Refers(policy.Get("Roles"), role) || cfn.Refers(policy.Get("RoleName"), role) {
				documents = append(documents, policy.Get("PolicyDocument"))
			}
		}
	}
	return documents
}

// Beginnings of the names of actions that move data. Looking at what there is, as with s3:ListBucket, moves none.
var (
	reading = []string{"s3:getobject", "s3:get*", "s3:*", "dynamodb:getitem", "dynamodb:query", "dynamodb:scan", "dynamodb:batchget", "kinesis:getrecords"}
	writing = []string{"s3:putobject", "s3:put*", "s3:*", "dynamodb:putitem", "dynamodb:updateitem", "dynamodb:batchwrite", "kinesis:putrecord", "glue:createtable"}
	calling = []string{
		"lambda:invoke", "glue:start", "states:start", "sns:publish", "sqs:sendmessage", "batch:submitjob", "emr-serverless:startjobrun",
		"redshift-data:executestatement", "redshift-data:batchexecutestatement", "redshift-serverless:getcredentials", "airflow:invokerestapi", "airflow:createclitoken", "events:putevents",
	}
)

func does(actions []any, names []string) bool {
	return slices.ContainsFunc(actions, func(action any) bool {
		given := strings.ToLower(cfn.Text(action))
		return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(given, name) })
	})
}

// grant draws one permission. What is written may also be read, and that is not worth a second arrow.
func (t *drawing) grant(id, to string, actions []any) {
	switch kinds[t.template.Resources[to].Type].shape {
	case Store:
		reads := slices.IndexFunc(t.graph.Edges, func(e Edge) bool { return e.From == to && e.To == id && e.Label == "read" })
		writes := slices.ContainsFunc(t.graph.Edges, func(e Edge) bool { return e.From == id && e.To == to })
		switch {
		case does(actions, writing):
			if reads >= 0 {
				t.graph.Edges = slices.Delete(t.graph.Edges, reads, reads+1)
			}
			t.edge(Edge{From: id, To: to, Label: "write"})
		case does(actions, reading) && !writes:
			t.edge(Edge{From: to, To: id, Label: "read"})
		}
	default:
		if does(actions, calling) {
			failed := t.template.Resources[to].Type == queueType
			label := ""
			if failed {
				label = "failed"
			}
			t.edge(Edge{From: id, To: to, Label: label, Dashed: failed})
		}
	}
}
