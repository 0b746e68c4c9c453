package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"example.com/pipewright/scaffold/lab"
)

// spent is how long something took in a run, on the virtual clock.
type spent struct {
	kind, who, doing string
	times            int
	total            time.Duration
}

// basis is what the duration follows from.
func (p *spent) basis() string {
	switch {
	case lab.Modeled(p.kind) != "":
		return "modeled"
	case p.kind == "state":
		return "as long as people take"
	}
	return "as the template says"
}

// MarshalJSON writes it for --json.
func (p *spent) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"kind": p.kind, "resource": p.who, "doing": p.doing, "times": p.times, "seconds": p.total.Seconds(), "basis": p.basis(), "model": lab.Modeled(p.kind),
	})
}

// intervals are the events between which something takes time, and the field of their details that tells one from another; empty: there
// is one at a time.
var intervals = []struct{ began, ended, run, kind, doing string }{
	{"CrawlerStarted", "CrawlerEnded", "", "crawler", "ran"},
	{"JobRunStarted", "JobRunEnded", "run", "job", "ran"},
	{"FunctionInvoked", "FunctionEnded", "call", "function", "ran"},
	{"SparkRunSubmitted", "SparkRunEnded", "run", "EMR job", "ran"},
	{"BatchJobSubmitted", "ContainerEnded", "job", "Batch job", "ran"},
	{"StatementSubmitted", "StatementEnded", "id", "statement", "ran"},
	{"TaskWaiting", "TaskAnswered", "token", "state", "waited for an answer"},
	{"TaskWaiting", "TaskNotAnswered", "token", "state", "waited for an answer"},
}

// spending sums up what takes time.
type spending struct {
	all   map[string]*spent
	begun map[string]time.Time // what is under way
}

func (s *spending) add(kind, who, doing string, took time.Duration) {
	name := kind + " " + who + " " + doing
	if s.all[name] == nil {
		s.all[name] = &spent{kind: kind, who: who, doing: doing}
	}
	s.all[name].times++
	s.all[name].total += took
}

// collected adds how long a workflow's trigger collected events.
func (s *spending) collected(e *lab.Event, detail map[string]any) {
	from, collects := s.begun[e.Resource]
	switch {
	case e.Type == "EventReceived" && detail["waiting"] == 1.0:
		s.begun[e.Resource] = e.Time
	case e.Type == "WorkflowRunStarted" && collects:
		delete(s.begun, e.Resource)
		s.add("workflow", e.Resource, "collected events", e.Time.Sub(from))
	}
}

// spentOf sums up what took time, the longest first.
func spentOf(events []*lab.Event) []*spent {
	s := spending{all: map[string]*spent{}, begun: map[string]time.Time{}}
	for _, e := range events {
		detail, _ := e.Detail.(map[string]any)
		s.collected(e, detail)
		for _, i := range intervals {
			name := i.kind + fmt.Sprint(detail[i.run])
			if i.run == "" {
				name = i.kind + e.Resource
			}
			from, running := s.begun[name]
			switch {
			case e.Type == i.began && !running:
				s.begun[name] = e.Time
			case e.Type == i.ended && running:
				delete(s.begun, name)
				s.add(i.kind, whose(e, detail), i.doing, e.Time.Sub(from))
			}
		}
	}
	return slices.SortedFunc(maps.Values(s.all), func(a, b *spent) int {
		return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.kind+a.who, b.kind+b.who))
	})
}

// whose time it is: that of a state, of a statement or run by its own name, or of a resource.
func whose(e *lab.Event, detail map[string]any) string {
	for _, field := range []string{"state", "statement", "name"} {
		if name, ok := detail[field].(string); ok && name != "" && (field != "state" || e.Service == "states") {
			return name
		}
	}
	return e.Resource
}

// duration says where the time of the run would go on AWS, what of it is the template's own waiting, and what is a model.
func duration(out io.Writer, events []*lab.Event, names names) {
	parts := spentOf(events)
	if len(parts) == 0 {
		return
	}
	fmt.Fprint(out, "\nWhere the time would go on AWS\n")
	lines := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	kinds := map[string]bool{}
	for _, part := range parts {
		times := ""
		if lab.Modeled(part.kind) != "" {
			kinds[part.kind] = true
		}
		if part.times > 1 {
			times = fmt.Sprintf(" (%d times)", part.times)
		}
		fmt.Fprintf(lines, "  %s\t%s %s %s%s\t%s\n", part.total.Round(100*time.Millisecond), part.kind, names.of(part.who), part.doing, times, part.basis())
	}
	_ = lines.Flush() // to the terminal or the test
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(out, "  %s\n", lab.Modeled(kind))
	}
}
