package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/diagram"
)

// planFile is where a project keeps the picture of what its answers come to.
const planFile = "docs/pipeline.svg"

// planGraph draws what the answers come to: what starts a run, the steps of the work in order, where the results go and who hears of a
// failure. It is made from the answers, because nothing has been synthesized when a project is written; `make diagram` draws the
// template itself. Tests compare its steps with the golden templates.
func planGraph(example string, given *answers.Answers) (*diagram.Graph, error) {
	p := plan{
		example: example, given: given,
		graph: &diagram.Graph{Title: given.Name + ": what starts a run, and what it does", Across: true},
	}
	if err := p.start(); err != nil {
		return nil, err
	}
	p.work()
	p.results()
	p.graph.Summary = fmt.Sprintf("The pipeline %s on %s, as answers.yaml describes it.", given.Name, advisor.Service(example))
	p.graph.Notes = []string{"Drawn from answers.yaml. make diagram draws the template that was synthesized."}
	return p.graph, nil
}

type plan struct {
	example string
	given   *answers.Answers
	graph   *diagram.Graph
	writers []string // steps that write results
}

// IDs of nodes that are not steps.
const (
	planStart, planLanding, planRun, planResults, planCatalog, planAlerts = "start", "landing", "run", "results", "catalog", "alerts"
)

func (p *plan) node(n diagram.Node) { p.graph.Nodes = append(p.graph.Nodes, n) }

func (p *plan) edge(e diagram.Edge) { p.graph.Edges = append(p.graph.Edges, e) }

// start draws what starts a run. The schedule of a scheduled query is its rule's, in UTC; that of a DAG is in the DAG.
func (p *plan) start() error {
	from := p.given.Start
	start := diagram.Node{ID: planStart, Kind: "EventBridge rule", Tone: diagram.Trigger}
	switch from.On {
	case answers.OnObject:
		p.node(diagram.Node{ID: planLanding, Kind: "S3 bucket", Label: "Landing", Shape: diagram.Store, Tone: diagram.Data})
		start.Label = "Object created"
		p.edge(diagram.Edge{From: planLanding, To: planStart, Label: from.Prefix + "*" + from.Suffix})
	case answers.OnEvent:
		start.Label = "Your event"
	case answers.OnDemand:
		start.Kind, start.Label, start.Shape, start.Tone = "", "A command of yours", diagram.Terminal, diagram.Ends
	case answers.OnSchedule:
		start.Kind, start.Label = "EventBridge Scheduler", from.Schedule+"\n"+from.Timezone
		switch {
		case p.example == advisor.Airflow:
			start.Kind = "Schedule of the DAG"
		case p.example == advisor.ScheduledQuery && ownWarehouse(p.given):
			moved, err := inUTC(p.given)
			if err != nil {
				return err
			}
			start.Kind, start.Label = "EventBridge rule", moved.Expression+"\nUTC"
		}
	}
	p.node(start)
	return nil
}

// stepLooks are the steps of the work by name, besides lambda, whose look depends on its place.
var stepLooks = map[string]diagram.Node{
	answers.Crawler:     {Kind: "Glue crawler", Label: "Bring the Data\nCatalog up to date"},
	answers.GlueJob:     {Kind: "Glue job", Label: "Clean and\naggregate"},
	answers.EMRJob:      {Kind: "EMR Serverless", Label: "Clean and\naggregate"},
	answers.BatchJob:    {Kind: "Batch", Label: "Profile months\nin a container"},
	answers.RedshiftSQL: {Kind: "Redshift", Label: "SQL in one\ntransaction"},
}

// work draws the steps in a box of the service that runs them.
func (p *plan) work() {
	group := map[string]string{
		advisor.GlueWorkflow: "Glue workflow", advisor.StateMachine: "Step Functions state machine", advisor.Airflow: "DAG in Amazon MWAA",
		advisor.ScheduledQuery: "Redshift Serverless", advisor.EventFunction: "AWS Lambda",
	}[p.example]
	p.graph.Groups = append(p.graph.Groups, diagram.Group{ID: planRun, Label: group})
	steps := p.steps()
	for i, step := range steps {
		step.Group, step.Tone = planRun, diagram.Work
		p.node(step)
		if i == 0 {
			p.edge(diagram.Edge{From: planStart, To: step.ID})
			continue
		}
		p.edge(diagram.Edge{From: steps[i-1].ID, To: step.ID})
	}
	p.edge(diagram.Edge{From: planRun, To: planAlerts, Label: "failed", Dashed: true})
}

// steps lists what a run does, in order. The ID of a step is its name in the answers, for a lambda with its place.
func (p *plan) steps() []diagram.Node {
	if p.example == advisor.Airflow {
		return p.dag()
	}
	var steps []diagram.Node
	approve := func() {
		if p.given.Control.Approval {
			steps = append(steps, diagram.Node{ID: "approval", Kind: "A person", Label: "Approve"})
		}
	}
	work := p.given.Work
	validates := p.example == advisor.StateMachine && len(work) > 1 && work[0] == answers.Lambda
	if !validates {
		approve()
	}
	written := false
	for i, name := range work {
		step := stepLooks[name]
		step.ID = fmt.Sprintf("%d %s", i, name)
		if name == answers.Lambda {
			step.Kind = "Lambda function"
			switch {
			case validates && i == 0:
				step.Label = "Validate files"
			case !written:
				step.Label = "Convert files"
			default:
				step.Label = "Publish what\nwas written"
			}
		}
		written = written || machineSteps[name] || name == answers.Lambda && (!validates || i > 0)
		steps = append(steps, step)
		switch {
		case validates && i == 0:
			approve()
		case name != answers.Crawler && name != answers.Lambda || step.Label == "Convert files":
			p.writers = append(p.writers, step.ID)
		}
	}
	return steps
}

// dag draws the sources of the DAG beside its box.
func (p *plan) dag() []diagram.Node {
	way := map[string]string{answers.Peering: "through VPC peering", answers.VPN: "through a VPN"}[p.given.Network.OnPremises]
	for _, name := range p.given.Work {
		source := diagram.Node{ID: name, Kind: "outside AWS", Label: "HTTP API", Tone: diagram.Plain}
		if name == answers.SQLServer {
			source.Label = "SQL Server"
		}
		label := ""
		if name == answers.SQLServer {
			label = way
		}
		p.node(source)
		p.edge(diagram.Edge{From: name, To: "dag", Label: label})
	}
	label := "Fetch, check, write"
	if len(p.given.Work) > 1 {
		label = "Fetch, check, join, write"
	}
	p.writers = []string{"dag"}
	return []diagram.Node{{ID: "dag", Kind: "Tasks", Label: label}}
}

// results draws where the run writes, and who hears of a failure.
func (p *plan) results() {
	if len(p.writers) > 0 {
		label := map[string]string{advisor.ScheduledQuery: "Exports", advisor.GlueWorkflow: "Curated", advisor.EventFunction: "Curated"}[p.example]
		if label == "" {
			label = "Results"
		}
		p.node(diagram.Node{ID: planResults, Kind: "S3", Label: label, Shape: diagram.Store, Tone: diagram.Data})
		for _, writer := range p.writers {
			p.edge(diagram.Edge{From: writer, To: planResults, Label: "write"})
		}
	}
	if p.example != advisor.Airflow {
		p.catalog()
	}
	alerts := diagram.Node{ID: planAlerts, Kind: "SNS topic", Label: "Alerts"}
	if p.given.Notify != "" {
		alerts.Label = "Alerts, by e-mail"
	}
	p.node(alerts)
}

func (p *plan) catalog() {
	for i, name := range p.given.Work {
		if name == answers.Crawler {
			if !slices.ContainsFunc(p.graph.Nodes, func(n diagram.Node) bool { return n.ID == planCatalog }) {
				p.node(diagram.Node{ID: planCatalog, Kind: "Glue", Label: "Data Catalog", Shape: diagram.Store, Tone: diagram.Data})
			}
			p.edge(diagram.Edge{From: fmt.Sprintf("%d %s", i, name), To: planCatalog, Label: "tables"})
		}
	}
}

// withPlan puts the picture of the answers where the example's text has its marker, and returns the text and the picture.
func withPlan(about []byte, example string, given *answers.Answers) (text string, svg []byte, err error) {
	const marker = "<!-- drawing -->\n"
	if !strings.Contains(string(about), marker) {
		return "", nil, fmt.Errorf("examples/%s.md has no line %q", example, strings.TrimSpace(marker))
	}
	graph, err := planGraph(example, given)
	if err != nil {
		return "", nil, err
	}
	drawing, err := diagram.Mermaid(graph)
	if err != nil {
		return "", nil, err
	}
	if svg, err = diagram.SVG(context.Background(), graph); err != nil {
		return "", nil, err
	}
	shown := fmt.Sprintf("![%s](%s)\n\n<details><summary>The same in Mermaid</summary>\n\n```mermaid\n%s```\n\n</details>\n\n"+
		"This is what `answers.yaml` comes to. `make diagram` draws the template that `make synth` has written, resource by resource.\n",
		graph.Title, planFile, drawing)
	return strings.Replace(string(about), marker, shown, 1), svg, nil
}
