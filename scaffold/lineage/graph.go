package lineage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Graph is how data went from one dataset to the next, and which job took it there. All runs of a job are one node; so are objects of a
// folder when there are many, and a table with the files that it is made of.
type Graph struct {
	Nodes []*Node // in the order in which the events name them
	Jobs  []*Node // those that nobody else started
}

// Node is a dataset or a job.
type Node struct {
	Title string
	Job   bool
	Next  []*Node // where its data goes
	Runs  []*Node // of a job: the jobs that it started

	name   Name
	amount amounts
	fields int
	states map[EventType]int
	took   time.Duration // of the last run
	failed string        // why a run failed, the last time
	wrote  bool          // somebody wrote it
	next   map[*Node]bool
	child  map[*Node]bool
	isRoot bool
}

// amounts are what was written of a dataset, or else what was read of it.
type amounts struct {
	files, bytes int64
	rows         *int64
	wrote        bool
}

// manyObjects is how many objects of a folder are shown one by one.
const manyObjects = 3

// builder makes a graph.
type builder struct {
	graph  *Graph
	nodes  map[string]*Node
	runs   map[string]*Node // job by run
	starts map[string]time.Time
	linked map[Name]Name // table by the name of its files
	folder map[Name]Name // folder by object, where there are many
}

// NewGraph draws together what events say.
func NewGraph(events []*Event) *Graph {
	b := &builder{graph: &Graph{}, nodes: map[string]*Node{}, runs: map[string]*Node{}, starts: map[string]time.Time{}, linked: map[Name]Name{}}
	b.folder = crowded(events)
	for _, e := range events {
		job := b.job(e)
		b.run(job, e)
		for _, d := range e.Inputs {
			b.dataset(d, false).leads(job)
		}
		for _, d := range e.Outputs {
			job.leads(b.dataset(d, true))
		}
	}
	b.contained()
	for _, n := range b.graph.Nodes {
		if n.isRoot {
			b.graph.Jobs = append(b.graph.Jobs, n)
		}
	}
	return b.graph
}

// crowded finds objects that are too many to be shown, and their folder.
func crowded(events []*Event) map[Name]Name {
	folders := map[Name]map[Name]bool{}
	for _, e := range events {
		for _, d := range slices.Concat(e.Inputs, e.Outputs) {
			at := strings.LastIndexByte(d.Name.Name, '/')
			if !strings.HasPrefix(d.Namespace, "s3://") || d.Facets.Symlinks != nil || at <= 0 || !strings.Contains(d.Name.Name[at:], ".") {
				continue
			}
			folder := Name{d.Namespace, unpartitioned(d.Name.Name[:at])}
			if folders[folder] == nil {
				folders[folder] = map[Name]bool{}
			}
			folders[folder][d.Name] = true
		}
	}
	out := map[Name]Name{}
	for folder, objects := range folders {
		for object := range objects {
			if len(objects) > manyObjects {
				out[object] = folder
			}
		}
	}
	return out
}

// unpartitioned is a folder without the partitions at its end.
func unpartitioned(folder string) string {
	for {
		at := strings.LastIndexByte(folder, '/')
		if at <= 0 || !strings.Contains(folder[at:], "=") {
			return folder
		}
		folder = folder[:at]
	}
}

func (b *builder) node(n Name, job bool) *Node {
	key := fmt.Sprint(job, n)
	if b.nodes[key] == nil {
		b.nodes[key] = &Node{name: n, Job: job, Title: n.title(job), next: map[*Node]bool{}, child: map[*Node]bool{}, states: map[EventType]int{}}
		b.graph.Nodes = append(b.graph.Nodes, b.nodes[key])
	}
	return b.nodes[key]
}

// title is a name for people: the last part of an ARN's table, the kind and the resource of a job.
func (n Name) title(job bool) string {
	switch {
	case job:
		return strings.Replace(n.Name, "/", " ", 1)
	case strings.HasPrefix(n.Namespace, "arn:"):
		parts := strings.Split(n.Name, "/")
		return "table " + strings.Join(parts[1:], ".")
	case strings.HasPrefix(n.Namespace, "s3://"):
		return n.Namespace + "/" + strings.TrimPrefix(n.Name, "/")
	}
	return "table " + n.Name
}

func (b *builder) job(e *Event) *Node {
	n := b.node(e.Job.Name, true)
	switch known := b.runs[e.Run.ID]; {
	case known != nil:
	case e.Run.Facets.Parent == nil || b.runs[e.Run.Facets.Parent.Run.ID] == nil:
		n.isRoot = true
	default:
		parent := b.runs[e.Run.Facets.Parent.Run.ID]
		if !parent.child[n] {
			parent.child[n] = true
			parent.Runs = append(parent.Runs, n)
		}
	}
	b.runs[e.Run.ID] = n
	return n
}

func (b *builder) run(n *Node, e *Event) {
	if e.EventType == Start {
		b.starts[e.Run.ID] = e.EventTime
		n.states[Start]++
		return
	}
	n.states[Start]--
	n.states[e.EventType]++
	n.took = e.EventTime.Sub(b.starts[e.Run.ID])
	if e.Run.Facets.Error != nil {
		n.failed = e.Run.Facets.Error.Message
	}
}

// dataset is the node of a dataset: its table where it is one.
func (b *builder) dataset(d Dataset, wrote bool) *Node {
	name := d.Name
	folder, many := b.folder[name]
	if many {
		name = folder
	}
	if d.Facets.Symlinks != nil {
		for _, other := range d.Facets.Symlinks.Identifiers {
			if other.Type == TableLink {
				name = other.Name
			}
		}
	}
	n := b.node(name, false)
	if d.Facets.Schema != nil {
		n.fields = max(n.fields, len(d.Facets.Schema.Fields))
	}
	statistics := d.statistics()
	switch {
	case statistics == nil || !wrote && n.amount.wrote:
	case many:
		if b.nodes["seen "+fmt.Sprint(d.Name)] == nil {
			b.nodes["seen "+fmt.Sprint(d.Name)] = n
			n.amount.add(statistics)
		}
	default:
		n.amount = amounts{}
		n.amount.add(statistics)
	}
	n.amount.wrote = n.amount.wrote || wrote && statistics != nil
	n.wrote = n.wrote || wrote
	return n
}

func (d *Dataset) statistics() *Statistics {
	switch {
	case d.OutputFacets != nil:
		return d.OutputFacets.Statistics
	case d.InputFacets != nil:
		return d.InputFacets.Statistics
	}
	return nil
}

func (a *amounts) add(s *Statistics) {
	if s.Rows != nil && (a.rows != nil || a.files == 0) {
		sum := *s.Rows
		if a.rows != nil {
			sum += *a.rows
		}
		a.rows = &sum
	} else {
		a.rows = nil
	}
	a.files += s.Files
	a.bytes += s.Bytes
}

func (n *Node) leads(to *Node) {
	if !n.next[to] {
		n.next[to] = true
		n.Next = append(n.Next, to)
	}
}

// contained lets an object that somebody reads come after the folder that somebody wrote.
func (b *builder) contained() {
	for _, folder := range b.graph.Nodes {
		if folder.Job || !folder.wrote || !strings.HasPrefix(folder.name.Namespace, "s3://") {
			continue
		}
		for _, n := range b.graph.Nodes {
			if n != folder && !n.Job && !n.wrote && n.name.Namespace == folder.name.Namespace && strings.HasPrefix(n.name.Name, folder.name.Name+"/") {
				folder.leads(n)
			}
		}
	}
}

// sources are the nodes that data comes from: what nothing leads to, and then what is left because it leads back to itself.
func (g *Graph) sources() []*Node {
	reached := map[*Node]bool{}
	led := map[*Node]bool{}
	for _, n := range g.Nodes {
		for _, next := range n.Next {
			led[next] = true
		}
	}
	var out []*Node
	take := func(n *Node) {
		out = append(out, n)
		n.walk(reached)
	}
	for _, n := range g.Nodes {
		if !led[n] && len(n.Next) > 0 {
			take(n)
		}
	}
	for _, job := range []bool{false, true} {
		for _, n := range g.Nodes {
			if n.Job == job && !reached[n] && len(n.Next) > 0 {
				take(n)
			}
		}
	}
	return out
}

func (n *Node) walk(reached map[*Node]bool) {
	if reached[n] {
		return
	}
	reached[n] = true
	for _, next := range n.Next {
		next.walk(reached)
	}
}

// note is what else is known of a node, in short.
func (n *Node) note() string {
	if n.Job {
		return n.jobNote()
	}
	var parts []string
	if n.amount.files > 0 {
		parts = append(parts, count(n.amount.files, "file"))
	}
	if n.amount.rows != nil {
		parts = append(parts, count(*n.amount.rows, "row"))
	}
	if n.amount.files > 0 {
		parts = append(parts, size(n.amount.bytes))
	}
	if n.fields > 0 {
		parts = append(parts, count(int64(n.fields), "column"))
	}
	return strings.Join(parts, ", ")
}

// jobNote is how the runs of a job ended.
func (n *Node) jobNote() string {
	states := slices.DeleteFunc(slices.SortedFunc(maps.Keys(n.states), func(a, b EventType) int { return cmp.Compare(order(a), order(b)) }),
		func(e EventType) bool { return n.states[e] == 0 })
	if len(states) == 0 {
		return ""
	}
	if len(states) == 1 && n.states[states[0]] == 1 {
		if states[0] == Start {
			return "has not ended"
		}
		return fmt.Sprintf("%s after %s", states[0], n.took.Round(100*time.Millisecond))
	}
	var parts []string
	for _, e := range states {
		word := string(e)
		if e == Start {
			word = "not ended"
		}
		parts = append(parts, fmt.Sprintf("%s %s", grouped(int64(n.states[e])), word))
	}
	return "runs: " + strings.Join(parts, ", ")
}

func order(e EventType) int { return slices.Index([]EventType{Complete, Fail, Abort, Start}, e) }

func count(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

// grouped is a number with a comma before each three digits.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func size(bytes int64) string {
	const step = 1000
	value, units := float64(bytes), []string{"B", "kB", "MB", "GB", "TB"}
	for value >= step && len(units) > 1 {
		value, units = value/step, units[1:]
	}
	if units[0] == "B" {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f %s", value, units[0])
}
