package check

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteText writes what failed and how to mend it, what is accepted and why, which switches are off, and last the counts.
// A rule stands once, with the resources below it; those that share a text share a line.
func (r Report) WriteText(out io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n", r.Template)
	for _, status := range []Status{Failed, Accepted, Off} {
		for _, results := range r.byRule(status) {
			writeRule(&text, results)
		}
	}
	counts := map[Status]int{}
	for _, result := range r.Results {
		counts[result.Status]++
	}
	switches := "switches"
	if counts[Off] == 1 {
		switches = "switch"
	}
	fmt.Fprintf(&text, "  %d passed, %d failed, %d accepted, %d %s off\n", counts[Passed], counts[Failed], counts[Accepted], counts[Off], switches)
	_, err := io.WriteString(out, text.String())
	return err
}

// byRule gathers the results of a status by rule; those of one rule follow each other already.
func (r Report) byRule(status Status) [][]Result {
	var groups [][]Result
	for _, result := range r.Results {
		last := len(groups) - 1
		switch {
		case result.Status != status:
		case last >= 0 && groups[last][0].ID == result.ID:
			groups[last] = append(groups[last], result)
		default:
			groups = append(groups, []Result{result})
		}
	}
	return groups
}

func writeRule(text *strings.Builder, results []Result) {
	first := results[0]
	word := string(first.Status)
	if first.Status == Failed {
		word = "FAILED"
	}
	fmt.Fprintf(text, "  %-8s %s %s\n", word, first.ID, first.Sentence)
	var abouts []string
	resources := map[string][]string{}
	for _, result := range results {
		about := result.Got
		if result.Status == Accepted {
			about = result.Reason
		}
		if !slices.Contains(abouts, about) {
			abouts = append(abouts, about)
		}
		resources[about] = append(resources[about], result.Resource)
	}
	for _, about := range abouts {
		fmt.Fprintf(text, "           %s: %s\n", strings.Join(resources[about], ", "), about)
	}
	switch first.Status {
	case Failed:
		fmt.Fprintf(text, "           to mend: %s (%s)\n", first.Mend, first.Source)
	case Off:
		fmt.Fprintf(text, "           to turn on: %s (%s)\n", first.Mend, first.Source)
	}
}
