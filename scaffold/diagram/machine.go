package diagram

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/asl"
)

// startOf and endOf are the IDs of what a state machine has besides its states, whose names have no line breaks.
const startOf, endOf = "\nstart", "\nend"

// Machine draws a state machine: rounded ends, a diamond for a Choice, a red Fail, boxes around what a Map or a Parallel state runs, and
// dashed arrows to where an error is caught. It draws any definition that hangs together, also one that Step Functions would refuse for
// other reasons, or whose substitutions are not filled in.
func Machine(title string, definition []byte) (*Graph, error) {
	read, err := asl.Decode(definition)
	if err != nil {
		return nil, fmt.Errorf("the definition is no JSON: %w", err)
	}
	root, ok := read.(*asl.Object)
	if !ok {
		return nil, errors.New("got JSON that is no object, expected a definition with StartAt and States")
	}
	m := machine{graph: &Graph{Title: title}, seen: map[string]bool{}}
	start, err := m.program(root, "", 0)
	if err != nil {
		return nil, err
	}
	m.graph.Nodes = slices.Insert(m.graph.Nodes, 0, Node{ID: startOf, Label: "Start", Shape: Terminal, Tone: Ends})
	m.graph.Edges = slices.Insert(m.graph.Edges, 0, Edge{From: startOf, To: start})
	if m.ends {
		m.graph.Nodes = append(m.graph.Nodes, Node{ID: endOf, Label: "End", Shape: Terminal, Tone: Ends})
	}
	if slices.ContainsFunc(m.graph.Edges, func(e Edge) bool { return e.Dashed && e.Label == "" }) {
		m.graph.Notes = append(m.graph.Notes, "Dashed arrows without a label are taken on any error.")
	}
	m.graph.Summary = fmt.Sprintf("A state machine of %d states, which starts at %s.", len(m.seen), start)
	return m.graph, m.graph.check()
}

type machine struct {
	graph *Graph
	seen  map[string]bool // names of states, of which each stands once in a definition
	ends  bool            // a state of the outermost level has End
}

// distributedMap is a Map whose items run in executions of their own.
const distributedMap = "Distributed Map"

// deepest is how far states may be nested in a picture; a page has no room for more.
const deepest = 16

// program draws StartAt and States: of the machine, of a branch, or of what a Map runs for each item. It returns the name of the first.
func (m *machine) program(of *asl.Object, group string, depth int) (string, error) {
	start := text(of, "StartAt")
	states, ok := object(of, "States")
	switch {
	case !ok || states.Len() == 0:
		return "", errors.New("got a definition without States, expected an object of StartAt and States" + inGroup(group))
	case start == "":
		return "", errors.New("got a definition without StartAt, expected the name of its first state" + inGroup(group))
	case depth > deepest:
		return "", fmt.Errorf("the definition has states within states, more than %d deep", deepest)
	}
	if _, ok := states.Get(start); !ok {
		return "", fmt.Errorf("StartAt: there is no state %q%s", start, inGroup(group))
	}
	order, err := m.order(states, start)
	if err != nil {
		return "", err
	}
	for _, name := range order {
		if m.seen[name] {
			return "", fmt.Errorf("there are two states %q, expected each name once", name)
		}
		m.seen[name] = true
		state, ok := object(states, name)
		if !ok {
			return "", fmt.Errorf("state %s: expected an object", name)
		}
		if err := m.state(name, state, group, depth); err != nil {
			return "", fmt.Errorf("state %s: %w", name, err)
		}
	}
	return start, nil
}

func inGroup(group string) string {
	if group == "" {
		return ""
	}
	return ", in " + group
}

// order lists the states as an execution meets them, and after them those that none meets.
func (m *machine) order(states *asl.Object, start string) ([]string, error) {
	var order []string
	met := map[string]bool{}
	visit := func(from, name string) error {
		if _, ok := states.Get(name); !ok {
			return fmt.Errorf("state %s: it leads to %q, and there is no such state beside it", from, name)
		}
		if !met[name] {
			met[name] = true
			order = append(order, name)
		}
		return nil
	}
	roots := append([]string{start}, states.Keys()...)
	for _, root := range roots {
		first := len(order)
		if err := visit(root, root); err != nil {
			return nil, err
		}
		for at := first; at < len(order); at++ {
			state, _ := object(states, order[at])
			for _, e := range exits(order[at], state) {
				if err := visit(order[at], e.To); err != nil {
					return nil, err
				}
			}
		}
	}
	return order, nil
}

func (m *machine) state(name string, state *asl.Object, group string, depth int) error {
	kind := text(state, "Type")
	n := Node{ID: name, Label: Wrap(name, labelWrap), Kind: kind, Group: group, Tone: Plain}
	var err error
	switch kind {
	case "Task":
		n.Kind, n.Tone = taskKind(text(state, "Resource")), Work
	case "Pass":
	case "Wait":
		n.Kind = waitKind(state)
	case "Choice":
		n.Shape, n.Tone, n.Kind, n.Label = Decision, Choice, "", Wrap(name, labelWrap/2)
	case "Succeed":
		n.Shape, n.Tone = Terminal, Ends
	case "Fail":
		n.Tone = Failure
	case "Map", "Parallel":
		return m.nested(name, kind, state, group, depth)
	case "":
		return errors.New("it has no Type, expected Task, Pass, Wait, Choice, Succeed, Fail, Map or Parallel")
	default:
		return fmt.Errorf("got the Type %q, expected Task, Pass, Wait, Choice, Succeed, Fail, Map or Parallel", kind)
	}
	m.graph.Nodes = append(m.graph.Nodes, n)
	m.leave(name, state, group)
	return err
}

// nested draws a Map or a Parallel state as a box around its states.
func (m *machine) nested(name, kind string, state *asl.Object, group string, depth int) error {
	var inner []*asl.Object
	if kind == "Parallel" {
		branches, _ := state.Get("Branches")
		list, _ := branches.([]any)
		for _, branch := range list {
			of, ok := branch.(*asl.Object)
			if !ok {
				return errors.New("it has a branch that is no object")
			}
			inner = append(inner, of)
		}
	} else {
		of, ok := object(state, "ItemProcessor")
		if !ok {
			of, ok = object(state, "Iterator")
		}
		if ok {
			inner = append(inner, of)
			if config, ok := object(of, "ProcessorConfig"); ok && text(config, "Mode") == "DISTRIBUTED" {
				kind = distributedMap
			}
		}
	}
	if len(inner) == 0 {
		return fmt.Errorf("the %s state has nothing to run, expected Branches or an ItemProcessor", kind)
	}
	m.graph.Groups = append(m.graph.Groups, Group{ID: name, Label: name, Kind: kind, Within: group})
	for _, program := range inner {
		if _, err := m.program(program, name, depth+1); err != nil {
			return err
		}
	}
	m.leave(name, state, group)
	return nil
}

// leave draws what leads out of a state. Several ways to one state are one arrow.
func (m *machine) leave(name string, state *asl.Object, group string) {
	for _, e := range exits(name, state) {
		i := slices.IndexFunc(m.graph.Edges, func(other Edge) bool { return other.From == e.From && other.To == e.To })
		if i < 0 {
			m.graph.Edges = append(m.graph.Edges, e)
			continue
		}
		first := &m.graph.Edges[i]
		switch {
		case first.Dashed != e.Dashed:
			first.Label = shorten(strings.TrimPrefix(first.Label+", also on "+cmp.Or(e.Label, anyError), ", "), longestLabel)
		case first.Dashed && e.Label == "":
			first.Label = "" // any error: the others are among them
		case first.Label != "" && e.Label != "":
			first.Label = shorten(first.Label+" or "+e.Label, longestLabel)
		}
	}
	if end, _ := state.Get("End"); end == true && group == "" {
		m.ends = true
		m.graph.Edges = append(m.graph.Edges, Edge{From: name, To: endOf})
	}
}

// exits are the ways out of a state, in the order in which they are looked at.
func exits(name string, state *asl.Object) []Edge {
	var all []Edge
	if state == nil {
		return nil
	}
	if choices, _ := state.Get("Choices"); choices != nil {
		list, _ := choices.([]any)
		for _, element := range list {
			if rule, ok := element.(*asl.Object); ok && text(rule, "Next") != "" {
				all = append(all, Edge{From: name, To: text(rule, "Next"), Label: shorten(condition(rule), longestLabel)})
			}
		}
	}
	if otherwise := text(state, "Default"); otherwise != "" {
		all = append(all, Edge{From: name, To: otherwise, Label: "otherwise"})
	}
	if next := text(state, "Next"); next != "" {
		all = append(all, Edge{From: name, To: next})
	}
	if catchers, _ := state.Get("Catch"); catchers != nil {
		list, _ := catchers.([]any)
		for _, element := range list {
			if catcher, ok := element.(*asl.Object); ok && text(catcher, "Next") != "" {
				all = append(all, Edge{From: name, To: text(catcher, "Next"), Label: caught(catcher), Dashed: true})
			}
		}
	}
	return all
}

// anyError is what a dashed arrow without a label is taken on: many states catch everything, and a label at each of them hides the rest.
const anyError = "any error"

// caught names the errors of a Catch; none where it takes them all.
func caught(catcher *asl.Object) string {
	given, _ := catcher.Get("ErrorEquals")
	list, _ := given.([]any)
	var names []string
	for _, element := range list {
		switch name := fmt.Sprint(element); name {
		case "States.ALL":
			return ""
		case "States.TaskFailed":
			names = append(names, "any error but a timeout")
		default:
			names = append(names, name)
		}
	}
	return shorten(strings.Join(names, ", "), longestLabel)
}

// text is a field that is a string; empty where it is none.
func text(of *asl.Object, field string) string {
	value, _ := of.Get(field)
	found, _ := value.(string)
	return found
}

func object(of *asl.Object, field string) (*asl.Object, bool) {
	value, _ := of.Get(field)
	found, ok := value.(*asl.Object)
	return found, ok
}
