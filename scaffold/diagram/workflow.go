package diagram

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// Workflows lists the Glue workflows of a template.
func Workflows(template *cfn.Template) []string { return template.ByType(workflowType) }

// Workflow draws one Glue workflow of a template: its triggers, the crawlers and jobs that they start, and the conditions between them.
// Crawlers and jobs that it only waits for are shown too.
func Workflow(title string, template *cfn.Template, id string) (*Graph, error) {
	if template.Resources[id].Type != workflowType {
		return nil, fmt.Errorf("there is no Glue workflow %q, expected one of %s", id, strings.Join(Workflows(template), ", "))
	}
	t := drawing{graph: &Graph{Title: title, Across: true}, template: template}
	for _, kind := range []string{crawlerType, jobType} {
		for _, node := range template.ByType(kind) {
			t.add(node, kinds[kind])
		}
	}
	var triggers []string
	for _, trigger := range template.ByType(triggerType) {
		if cfn.Refers(template.Resources[trigger].Get("WorkflowName"), id) {
			triggers = append(triggers, trigger)
			t.add(trigger, kinds[triggerType])
		}
	}
	for _, trigger := range triggers {
		t.trigger(trigger, template.Resources[trigger])
	}
	g := t.graph
	g.Groups = nil // the whole picture is the workflow
	for i := range g.Nodes {
		g.Nodes[i].Group = ""
	}
	g.Nodes = slices.DeleteFunc(g.Nodes, func(n Node) bool {
		return !slices.Contains(triggers, n.ID) && !slices.ContainsFunc(g.Edges, func(e Edge) bool { return e.From == n.ID || e.To == n.ID })
	})
	// What starts the runs stands first, where Graphviz lets it.
	slices.SortStableFunc(g.Nodes, func(one, other Node) int { return t.rank(one.ID) - t.rank(other.ID) })
	if len(triggers) == 0 {
		return nil, fmt.Errorf("the Glue workflow %s has no trigger in the template", id)
	}
	g.Summary = fmt.Sprintf("A Glue workflow with %d triggers, and the crawlers and jobs that they start.", len(triggers))
	return g, g.check()
}

func (t *drawing) rank(id string) int {
	switch resource := t.template.Resources[id]; {
	case resource.Type == triggerType && resource.Get("Type") != "CONDITIONAL":
		return 0
	case resource.Type == triggerType:
		return 2
	}
	return 1
}
