package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/diagram"
	"example.com/pipewright/scaffold/lab"
	"example.com/pipewright/stacks"
)

var diagramCommand = command{
	name: "diagram",
	args: "[DIR|TEMPLATE|EXAMPLE|DEFINITION] [--of template|machine|workflow|decision] [--id ID] [-o FILE.svg|FILE.mmd|FILE.md]",
	summary: "Draws a template, its state machine or its Glue workflow, a state machine's definition, or the decision tree of recommend.\n" +
		"Mermaid goes to standard output, or the picture into FILE, in the format that its name asks for. DIR defaults to this folder.",
	example: "scaffold diagram statemachine --of machine -o machine.svg",
	run:     runDiagram,
}

// What can be drawn.
const (
	ofTemplate = "template"
	ofMachine  = "machine"
	ofWorkflow = "workflow"
	ofDecision = "decision"
)

type diagramOptions struct{ of, id, out string }

func runDiagram(s *shell, flags *flag.FlagSet, args []string) error {
	var o diagramOptions
	flags.StringVar(&o.of, "of", "", "draw `WHAT`: template, machine (a state machine), workflow (of Glue), or decision (which service fits) (default: the template, or the machine of a definition)")
	flags.StringVar(&o.id, "id", "", "draw the state machine or the workflow with this logical `ID` of a template that has several")
	flags.StringVar(&o.out, "o", "", "write the picture into `FILE`: .svg, .mmd (Mermaid) or .md (Mermaid in Markdown)")
	rest, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"", ofTemplate, ofMachine, ofWorkflow, ofDecision}, o.of) {
		return usage("diagram", "got --of %q, expected %s, %s, %s or %s", o.of, ofTemplate, ofMachine, ofWorkflow, ofDecision)
	}
	if err = checkPicture("diagram", o.out); err != nil {
		return err
	}
	if o.of == ofDecision {
		if len(rest) > 0 || o.id != "" {
			return usage("diagram", "got more than --of %s, which is the same for every template", ofDecision)
		}
		return s.writePicture(decisionGraph(), o.out)
	}
	where := "."
	if len(rest) == 1 {
		where = rest[0]
	}
	graph, err := s.graphOf(where, &o)
	if err != nil {
		return err
	}
	return s.writePicture(graph, o.out)
}

// graphOf reads what is to be drawn.
func (s *shell) graphOf(where string, o *diagramOptions) (*diagram.Graph, error) {
	name, text, err := s.drawable(where)
	if err != nil {
		return nil, err
	}
	if !isTemplate(text) {
		if o.of == ofTemplate || o.of == ofWorkflow || o.id != "" {
			return nil, fmt.Errorf("%s: got something else than a template, expected one for --of %s", inputName(name), cmp.Or(o.of, "and --id"))
		}
		graph, faulty := diagram.Machine("State machine "+stackName(name), text)
		return graph, within(name, faulty)
	}
	switch o.of {
	case ofMachine:
		graph, faulty := templateMachine(text, name, o.id)
		return graph, within(name, faulty)
	case ofWorkflow:
		graph, faulty := templateWorkflow(text, name, o.id)
		return graph, within(name, faulty)
	}
	if o.id != "" {
		return nil, usage("diagram", "got --id %s for a whole template, expected --of %s or --of %s with it", o.id, ofMachine, ofWorkflow)
	}
	template, err := cfn.Parse(text)
	if err != nil {
		return nil, within(name, err)
	}
	graph, err := diagram.Template("Stack "+stackName(name), template)
	return graph, within(name, err)
}

// within says in which file an error is.
func within(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", inputName(name), err)
}

// stackName is a file's name without its folder and its endings, or that of an example.
func stackName(file string) string {
	if file == standardInput {
		return "of standard input"
	}
	name, _, _ := strings.Cut(filepath.Base(file), ".")
	return name
}

// drawable reads a template or a definition: of an example, of a folder, or in a file.
func (s *shell) drawable(where string) (name string, text []byte, err error) {
	if slices.Contains(written(), where) {
		text, err = fs.ReadFile(stacks.Source, path.Join(where, "testdata", "template.json"))
		return where, text, err
	}
	if info, missing := os.Stat(where); where != standardInput && (missing != nil || info.IsDir()) {
		files, faulty := cfn.Find(where)
		if faulty != nil {
			return "", nil, fmt.Errorf("%w\n  hint: or a state machine's definition, or an example: %s", faulty, list(written()))
		}
		if len(files) > 1 {
			return "", nil, fmt.Errorf("%s: got %d templates, expected one\n  hint: name one of %s", where, len(files), strings.Join(files, ", "))
		}
		where = files[0]
	}
	text, err = s.readFor("CloudFormation", where)
	return where, text, err
}

// templateMachine draws a state machine of a template, its substitutions filled in.
func templateMachine(text []byte, name, id string) (*diagram.Graph, error) {
	template, err := cfn.Parse(text)
	if err != nil {
		return nil, err
	}
	if id, err = chosen("state machine", template.ByType(stateMachineType), id); err != nil {
		return nil, err
	}
	return machineGraph(template, stackName(name), id)
}

// machineGraph draws one state machine of a template. A template that cannot be deployed as a whole may still tell what the definition is.
func machineGraph(template *cfn.Template, stack, id string) (*diagram.Graph, error) {
	deployed, faulty := template.Deploy(cfn.Place{Stack: stack})
	machine, ok := deployed.Resources[id]
	if !ok {
		return nil, fmt.Errorf("state machine %s: %w", id, cmp.Or(faulty, errors.New("its condition does not hold")))
	}
	definition, err := lab.Definition(machine)
	if err != nil {
		return nil, fmt.Errorf("state machine %s: %w", id, err)
	}
	return diagram.Machine("State machine "+diagram.Name(template, id)+" of "+stack, definition)
}

// templateWorkflow draws a Glue workflow of a template.
func templateWorkflow(text []byte, name, id string) (*diagram.Graph, error) {
	template, err := cfn.Parse(text)
	if err != nil {
		return nil, err
	}
	if id, err = chosen("Glue workflow", diagram.Workflows(template), id); err != nil {
		return nil, err
	}
	return workflowGraph(template, stackName(name), id)
}

func workflowGraph(template *cfn.Template, stack, id string) (*diagram.Graph, error) {
	return diagram.Workflow("Glue workflow "+diagram.Name(template, id)+" of "+stack, template, id)
}

// chosen is the id that was asked for, or the only one.
func chosen(what string, all []string, id string) (string, error) {
	switch {
	case len(all) == 0:
		return "", fmt.Errorf("the template has no %s", what)
	case id == "" && len(all) > 1:
		return "", fmt.Errorf("the template has %d of the kind %s\n  hint: --id ID chooses one of %s", len(all), what, strings.Join(all, ", "))
	case id == "":
		return all[0], nil
	case !slices.Contains(all, id):
		return "", fmt.Errorf("there is no %s %q, expected one of %s", what, id, strings.Join(all, ", "))
	}
	return id, nil
}

// pictureKinds are the endings of files that pictures are written to.
var pictureKinds = []string{".svg", ".mmd", ".md"}

// checkPicture refuses a file whose format is not known, before anything is done.
func checkPicture(command, file string) error {
	if file == "" || slices.Contains(pictureKinds, filepath.Ext(file)) {
		return nil
	}
	return usage(command, "got -o %s, expected a name that ends with %s", file, strings.Join(pictureKinds, ", "))
}

// writePicture writes the graph into a file in the format that its name asks for, or as Mermaid to standard output.
func (s *shell) writePicture(g *diagram.Graph, file string) error {
	text, err := picture(g, filepath.Ext(file))
	if err != nil {
		return err
	}
	if file == "" {
		_, err = s.stdout.Write(text)
		return err
	}
	if err := writeWhole(file, text, 0o644); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	fmt.Fprintf(s.stderr, "%s: %s\n", file, g.Title)
	return nil
}

// picture is the graph in the format of a file's ending.
func picture(g *diagram.Graph, kind string) ([]byte, error) {
	if kind == ".svg" {
		return diagram.SVG(context.Background(), g)
	}
	text, err := diagram.Mermaid(g)
	if err != nil || kind != ".md" {
		return []byte(text), err
	}
	var notes strings.Builder
	for _, note := range g.Notes {
		notes.WriteString("\n" + note + "\n")
	}
	return []byte("# " + g.Title + "\n\n" + g.Summary + "\n\n```mermaid\n" + text + "```\n" + notes.String()), nil
}

// decisionGraph draws the tree of questions that the rules of recommend come to.
func decisionGraph() *diagram.Graph {
	g := &diagram.Graph{
		Title: "Which AWS service orchestrates a data pipeline", Across: true,
		Summary: "A decision tree, made from the rules of scaffold recommend.",
		Notes:   []string{"What is not asked here, such as a network on premises or the volume, may change the choice: scaffold recommend knows."},
	}
	growGraph(g, advisor.Decide())
	return g
}

// growGraph adds a tree and returns the ID of its root.
func growGraph(g *diagram.Graph, tree *advisor.Tree) string {
	id := fmt.Sprintf("%d", len(g.Nodes))
	if tree.Question == "" {
		g.Nodes = append(g.Nodes, diagram.Node{ID: id, Label: tree.Service, Shape: diagram.Terminal, Tone: diagram.Work})
		return id
	}
	g.Nodes = append(g.Nodes, diagram.Node{ID: id, Label: diagram.Wrap(tree.Question, 18), Tone: diagram.Question})
	for _, branch := range tree.Branches {
		to := growGraph(g, branch.Tree)
		g.Edges = append(g.Edges, diagram.Edge{From: id, To: to, Label: diagram.Wrap(alternatives(branch.Answers), 18)})
	}
	return id
}

// alternatives is how a sentence names answers that lead to the same; many are the others.
func alternatives(all []string) string {
	last := len(all) - 1
	switch {
	case last > 1:
		return "anything else"
	case last == 0:
		return all[0]
	}
	return strings.Join(all[:last], ", ") + " or " + all[last]
}
