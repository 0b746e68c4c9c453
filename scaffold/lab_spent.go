package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/pipewright/scaffold/lab"
)

// readEvents are the events of a kept run, and the lines that they stand in. A last line that was cut off when the run was killed is left
// out.
func readEvents(folder string) (events []lab.Event, lines []string, err error) {
	text, err := os.ReadFile(filepath.Join(folder, eventsFile))
	for line := range strings.Lines(string(text)) {
		var e lab.Event
		if json.Unmarshal([]byte(line), &e) != nil {
			break
		}
		events, lines = append(events, e), append(lines, line)
	}
	return events, lines, err
}

// spent is how long something took in a run, on the virtual clock.
type spent struct {
	kind, who, doing string
	times            int
	total            time.Duration
}

// spentOf sums up what took time, the longest first.
func spentOf(events []lab.Event) []*spent {
	all := map[string]*spent{}
	begun := map[string][]time.Time{}
	add := func(kind, who, doing string, took time.Duration) {
		name := kind + " " + who + " " + doing
		if all[name] == nil {
			all[name] = &spent{kind: kind, who: who, doing: doing}
		}
		all[name].times++
		all[name].total += took
	}
	begin := func(name string, at time.Time) { begun[name] = append(begun[name], at) }
	end := func(name string, at time.Time) time.Duration {
		if len(begun[name]) == 0 {
			return 0
		}
		from := begun[name][0]
		begun[name] = begun[name][1:]
		return at.Sub(from)
	}
	for _, e := range events {
		detail, _ := e.Detail.(map[string]any)
		seconds, _ := detail["seconds"].(float64)
		took := time.Duration(seconds * float64(time.Second))
		switch e.Type {
		case "EventReceived":
			if detail["waiting"] == 1.0 {
				begun[e.Resource] = []time.Time{e.Time}
			}
		case "WorkflowRunStarted":
			if waited := end(e.Resource, e.Time); waited > 0 {
				add("workflow", e.Resource, "collected events", waited)
			}
		case "JobRunEnded":
			add("job", e.Resource, "ran", took)
		case "CrawlerEnded":
			add("crawler", e.Resource, "ran", took)
		case "FunctionInvoked":
			begin(e.Resource, e.Time)
		case "FunctionEnded":
			add("function", e.Resource, "ran", end(e.Resource, e.Time))
		case "TaskWaiting":
			begin(fmt.Sprint(detail["execution"], detail["state"]), e.Time)
		case "TaskAnswered", "TaskNotAnswered":
			add("state", fmt.Sprint(detail["state"]), "waited for an answer", end(fmt.Sprint(detail["execution"], detail["state"]), e.Time))
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b *spent) int {
		return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.kind+a.who, b.kind+b.who))
	})
}

// duration says how long the run would take on AWS, what of it is the template's own waiting, and what is a model.
func duration(out io.Writer, o *lab.Outcome, events []lab.Event) {
	parts := spentOf(events)
	if len(parts) == 0 {
		return
	}
	fmt.Fprintf(out, "\nHow long it would take on AWS: %s\n", o.Ended.Sub(o.Started).Round(100*time.Millisecond))
	lines := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	kinds := map[string]bool{}
	for _, part := range parts {
		why, times := "as the template says", ""
		if lab.Modelled(part.kind) != "" {
			why, kinds[part.kind] = "modelled", true
		}
		if part.kind == "state" {
			why = "as long as people take"
		}
		if part.times > 1 {
			times = fmt.Sprintf(" (%d times)", part.times)
		}
		fmt.Fprintf(lines, "  %s\t%s %s %s%s\t%s\n", part.total.Round(100*time.Millisecond), part.kind, part.who, part.doing, times, why)
	}
	_ = lines.Flush() // to the terminal or the test
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(out, "  %s\n", lab.Modelled(kind))
	}
}
