package main

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/diagram"
	"example.com/pipewright/stacks"
)

// carriedOut is what carries a step out: the beginning of what a state of the machine calls, or what a Glue trigger starts.
var carriedOut = map[string]string{
	"Lambda function": "Lambda invoke", "Glue crawler": "Glue startCrawler", "Glue job": "Glue startJobRun", "EMR Serverless": "EMR Serverless",
	"Batch": "Batch submitJob", "Redshift": "Redshift Data API batch", "A person": "SNS publish.waitForTaskToken",
}

// A project's picture is made from its answers. Each of its steps must be carried out by the template that these answers come to, and none
// before the step that the picture shows before it.
func TestThePictureOfAProjectIsTrueOfItsTemplate(t *testing.T) {
	for _, test := range []struct{ example, golden, answers string }{
		{"glueworkflow", "template.json", "work: [crawler, glue-job]"},
		{"glueworkflow", "template-scheduled.json", "start: {on: schedule, schedule: \"cron(0 5 * * ? *)\"}\nwork: [crawler, glue-job]"},
		{"glueworkflow", "template-demand.json", "start: {on: demand}\nwork: [crawler, glue-job]"},
		{"glueworkflow", "template-job.json", "start: {on: schedule, schedule: \"cron(0 5 * * ? *)\"}\nwork: [glue-job]"},
		{"glueworkflow", "template-job-crawler.json", "work: [glue-job, crawler]"},
		{"statemachine", "template.json", "work: [lambda, glue-job]\ncontrol: {branches: true}"},
		{"statemachine", "template-schedule.json", "start: {on: schedule, schedule: \"cron(0 5 * * ? *)\"}\nwork: [lambda, glue-job, lambda]\ncontrol: {branches: true}"},
		{"statemachine", "template-event.json", "start: {on: event, pattern: {source: [partner.orders]}}\nwork: [lambda, lambda, lambda]\ncontrol: {branches: true, approval: true}\nnotify: a@example.com"},
		{"statemachine", "template-demand.json", "start: {on: demand}\nwork: [glue-job]"},
		{"statemachine", "template-workers.json", "work: [lambda, crawler, emr-job, batch-job, redshift-sql, lambda]\ncontrol: {branches: true}"},
	} {
		t.Run(test.example+" "+test.golden, func(t *testing.T) {
			given, err := answers.Parse("answers.yaml", []byte("name: orders\n"+test.answers+"\n"), time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			drawn, err := planGraph(test.example, given)
			if err != nil {
				t.Fatal(err)
			}
			template, whole := goldenGraph(t, test.example, test.golden)
			follows(t, steps(drawn), template)
			startsAlike(t, given, whole)
		})
	}
}

func goldenGraph(t *testing.T, example, golden string) (steps, whole *diagram.Graph) {
	t.Helper()
	text, err := fs.ReadFile(stacks.Source, example+"/testdata/"+golden)
	if err != nil {
		t.Fatal(err)
	}
	template, err := cfn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	draw := templateWorkflow
	if example == "statemachine" {
		draw = templateMachine
	}
	if steps, err = draw(text, golden, ""); err != nil {
		t.Fatal(err)
	}
	if whole, err = diagram.Template(golden, template); err != nil {
		t.Fatal(err)
	}
	return steps, whole
}

// steps are the kinds of the nodes in the box of the picture, in order.
func steps(g *diagram.Graph) []string {
	var kinds []string
	for _, n := range g.Nodes {
		if n.Group == planRun {
			kinds = append(kinds, n.Kind)
		}
	}
	return kinds
}

// follows looks for each step behind the one before it.
func follows(t *testing.T, kinds []string, in *diagram.Graph) {
	t.Helper()
	if len(kinds) == 0 {
		t.Fatal("the picture has no steps")
	}
	reached := map[string]bool{}
	for _, n := range in.Nodes {
		reached[n.ID] = true
	}
	for _, kind := range kinds {
		next := map[string]bool{}
		for _, n := range in.Nodes {
			if reached[n.ID] && (n.Kind == kind || strings.HasPrefix(n.Kind, carriedOut[kind]) && carriedOut[kind] != "") {
				beyond(in, n.ID, next)
			}
		}
		if len(next) == 0 && kind != kinds[len(kinds)-1] {
			t.Fatalf("the picture shows %v, and in the template nothing follows %s", kinds, kind)
		}
		reached = next
	}
}

// beyond collects what can be reached from a node when nothing fails, out of the box that it stands in too.
func beyond(g *diagram.Graph, from string, reached map[string]bool) {
	ends := []string{from}
	for _, n := range g.Nodes {
		if n.ID == from && n.Group != "" {
			ends = append(ends, n.Group)
		}
	}
	for _, e := range g.Edges {
		for _, end := range ends {
			if e.From == end && !e.Dashed && !reached[e.To] {
				reached[e.To] = true
				beyond(g, e.To, reached)
			}
		}
	}
}

// startsAlike compares what starts a run with what the template has for it.
func startsAlike(t *testing.T, given *answers.Answers, whole *diagram.Graph) {
	t.Helper()
	found := map[string]bool{}
	for _, n := range whole.Nodes {
		found[n.Kind] = true
	}
	rule := given.Start.On == answers.OnObject || given.Start.On == answers.OnEvent
	if found["EventBridge rule"] != rule || found["EventBridge Scheduler"] != (given.Start.On == answers.OnSchedule) {
		t.Errorf("start.on is %s, and the template has a rule %t, a schedule %t", given.Start.On, found["EventBridge rule"], found["EventBridge Scheduler"])
	}
}

func TestEachExampleHasItsPicture(t *testing.T) {
	for _, example := range written() {
		given, err := (&shell{now: time.Now}).exampleAnswers(example)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := renderProject(example, "orders", given)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, file := range tree.Files {
			files[file.Path] = string(file.Data)
		}
		if !strings.Contains(files["README.md"], "]("+planFile+")") || !strings.Contains(files["README.md"], "```mermaid\nflowchart LR\n") {
			t.Errorf("%s: the README shows no picture:\n%s", example, files["README.md"])
		}
		if !strings.HasPrefix(files[planFile], "<svg ") || !strings.Contains(files[planFile], given.Name) {
			t.Errorf("%s: got %q as %s", example, files[planFile], planFile)
		}
	}
}
