package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/diagram"
	"example.com/pipewright/scaffold/lab"
)

// runGraphOptions are the flags of lab show that are about pictures.
type runGraphOptions struct {
	graph   bool
	id, out string
}

func (o *runGraphOptions) flags(flags *flag.FlagSet) {
	flags.BoolVar(&o.graph, "graph", false, "draw the state machines' executions and the Glue workflows' runs, by how each state, crawler and job ended")
	flags.StringVar(&o.id, "id", "", "with --graph, draw the state machine or the workflow with this logical `ID` alone")
	flags.StringVar(&o.out, "o", "", "with --graph, write the picture into `FILE`: .svg, .mmd (Mermaid) or .md (Mermaid in Markdown)")
}

// check refuses what goes with a picture only, where none is asked for, and a file that no picture can be written into.
func (o *runGraphOptions) check(command string) error {
	if !o.graph && (o.id != "" || o.out != "") {
		return usage(command, "got --id or -o without --graph")
	}
	return checkPicture(command, o.out)
}

// showGraphs draws the executions and workflow runs of a kept run: on the terminal each of them, into a file one.
func (s *shell) showGraphs(folder string, o *runGraphOptions) error {
	template, err := cfn.Read(filepath.Join(folder, templateFile))
	if errors.Is(err, fs.ErrNotExist) || template == nil && err != nil {
		return &inputError{fmt.Errorf("the run keeps no template to draw it by: %w\n  hint: scaffold lab run makes a run that does", err)}
	}
	run := keptGraphs{folder: folder, template: template}
	if err = run.read(); err != nil {
		return err
	}
	ids := run.ids()
	if o.id != "" {
		if !slices.Contains(ids, o.id) {
			return &inputError{fmt.Errorf("no execution and no run of %q is in %s, expected %s", o.id, folder, strings.Join(ids, ", "))}
		}
		ids = []string{o.id}
	}
	if len(ids) == 0 {
		return &inputError{fmt.Errorf("%s: neither a state machine nor a Glue workflow was started in it", folder)}
	}
	if o.out == "" {
		return s.printGraphs(&run, ids)
	}
	if len(ids) > 1 {
		return &inputError{fmt.Errorf("got one file for %d pictures\n  hint: --id ID chooses one of %s", len(ids), strings.Join(ids, ", "))}
	}
	graph, err := run.graph(ids[0])
	if err != nil {
		return err
	}
	return s.writePicture(graph, o.out)
}

func (s *shell) printGraphs(run *keptGraphs, ids []string) error {
	for i, id := range ids {
		graph, err := run.graph(id)
		if err != nil {
			return err
		}
		text, err := diagram.Text(graph, s.color())
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(s.stdout)
		}
		if _, err := fmt.Fprint(s.stdout, text); err != nil {
			return err
		}
	}
	return nil
}

// color says whether results go to a terminal whose user has not refused colors. Source: no-color.org, read 2026-11.
func (s *shell) color() bool {
	out, ok := s.stdout.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(out.Fd()))
}

// keptGraphs is what a kept run has for pictures.
type keptGraphs struct {
	folder   string
	template *cfn.Template
	machines map[string]int // executions that were started, by state machine
	runs     map[string]int // of Glue workflows
	ended    map[string]int // of both
	glue     diagram.Tally
	running  map[string]time.Time // crawlers and jobs that have not ended, since when
	met      map[[2]string]bool   // a crawler or a job, and a state in which it ended
	fired    map[string]bool
	last     time.Time
}

// read goes through the events of the run.
func (k *keptGraphs) read() error {
	k.machines, k.runs, k.ended = map[string]int{}, map[string]int{}, map[string]int{}
	k.running, k.met, k.fired = map[string]time.Time{}, map[[2]string]bool{}, map[string]bool{}
	err := readEvents(filepath.Join(k.folder, eventsFile), func(e *lab.Event, _ string) {
		k.last = e.Time
		detail, _ := e.Detail.(map[string]any)
		switch e.Type {
		case "ExecutionStarted":
			k.machines[e.Resource]++
		case "WorkflowRunStarted":
			k.runs[e.Resource]++
		case "ExecutionEnded", "WorkflowRunEnded":
			k.ended[e.Resource]++
		case "TriggerFired":
			k.fired[e.Resource] = true
			k.glue.Add(e.Resource, diagram.Succeeded, 0)
		case "ActionNotStarted":
			k.glue.Add(e.Resource, diagram.Failed, 0)
		case "CrawlerStarted", "JobRunStarted":
			k.running[e.Resource] = e.Time
		case "CrawlerEnded", "JobRunEnded":
			state, _ := detail["state"].(string)
			k.glue.Add(e.Resource, glueState(state), e.Time.Sub(k.running[e.Resource]))
			k.met[[2]string{e.Resource, state}] = true
			delete(k.running, e.Resource)
		}
	})
	for id, since := range k.running {
		k.glue.Add(id, diagram.InProgress, k.last.Sub(since))
	}
	return err
}

// glueState is the state of a crawl or of a job run as a picture shows it.
// Source: AWS Glue API, JobRun (JobRunState) and LastCrawlInfo (Status), read 2026-11.
func glueState(state string) diagram.State {
	switch state = strings.ToUpper(state); {
	case state == "SUCCEEDED":
		return diagram.Succeeded
	case state == "STOPPED", strings.HasPrefix(state, "CANCEL"):
		return diagram.Stopped
	case state == "TIMEOUT":
		return diagram.TimedOut
	}
	return diagram.Failed
}

// ids are the state machines and workflows that were started, in the order of their names.
func (k *keptGraphs) ids() []string {
	var all []string
	for id := range k.machines {
		all = append(all, id)
	}
	for id := range k.runs {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

func (k *keptGraphs) graph(id string) (*diagram.Graph, error) {
	started, what := k.machines[id], "execution"
	draw := k.machine
	if started == 0 {
		started, what, draw = k.runs[id], "run", k.workflow
	}
	graph, err := draw(id)
	if err != nil {
		return nil, err
	}
	if started > 1 {
		what += "s"
	}
	graph.Title = fmt.Sprintf("%s, %d %s in run %s", graph.Title, started, what, filepath.Base(k.folder))
	if open := started - k.ended[id]; open > 0 {
		graph.Notes = append(graph.Notes, fmt.Sprintf("%d had not ended when the run of the lab did.", open))
	}
	return graph, nil
}

// machine draws a state machine with all its executions that have ended: their histories are kept.
func (k *keptGraphs) machine(id string) (*diagram.Graph, error) {
	graph, err := machineGraph(k.template, "the template", id)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(k.folder, "executions", id, "*.json"))
	if err != nil {
		return nil, err
	}
	var tally diagram.Tally
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		execution, err := diagram.ParseExecution(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		tally.AddExecution(execution)
	}
	graph.Title = strings.TrimSuffix(graph.Title, " of the template")
	return graph, tally.Color(graph)
}

// workflow draws a Glue workflow with all its runs.
func (k *keptGraphs) workflow(id string) (*diagram.Graph, error) {
	graph, err := workflowGraph(k.template, "the template", id)
	if err != nil {
		return nil, err
	}
	graph.Title = strings.TrimSuffix(graph.Title, " of the template")
	for _, e := range graph.Edges {
		if k.fired[e.From] || k.fired[e.To] && k.met[[2]string{e.From, e.Label}] {
			k.glue.Take(e.From, e.To)
		}
	}
	return graph, k.glue.Only(graph).Color(graph)
}
