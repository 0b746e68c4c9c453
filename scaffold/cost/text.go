package cost

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteText prints the bill as a table.
func (e *Estimate) WriteText(out io.Writer, service string) error {
	var text, rows strings.Builder
	fmt.Fprintf(&text, "%s (example %s), %s: %s USD a month with %s runs of %s GB%s\n",
		service, e.Example, e.Region, e.PerMonth.Short(), e.Runs.Plain(), e.GB.Plain(), e.least())
	table := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	section(table, "each run", e.PerRun, e.Run)
	section(table, "idle, each month", e.PerIdle, e.Idle)
	if len(e.Free) > 0 {
		section(table, "the account's free tier takes off at most, each month", e.OffFree, e.Free)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for row := range strings.Lines(rows.String()) {
		text.WriteString(strings.TrimRight(row, " \n") + "\n")
	}
	noted := map[string]bool{}
	for _, line := range slices.Concat(e.Run, e.Idle) {
		if line.Note != "" && !noted[line.What] {
			noted[line.What] = true
			fmt.Fprintf(&text, "  note: %s: %s\n", line.What, line.Note)
		}
	}
	for _, missing := range e.Missing {
		fmt.Fprintf(&text, "  left out: %s\n", missing)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// least says that something is missing in a sum.
func (e *Estimate) least() string {
	if e.Complete() {
		return ""
	}
	return ", at least"
}

func section(table io.Writer, title string, sum Decimal, lines []Line) {
	fmt.Fprintf(table, "  %s\t\t\t%s\t\n", title, sum.Short())
	for _, line := range lines {
		fmt.Fprintf(table, "    %s\t%s %s\tat %s\t%s\t%s\n", line.What, line.Quantity.Plain(), line.Unit, line.UnitPrice, line.Amount.Short(), strings.TrimPrefix(line.Source, "https://"))
	}
}

// WriteText prints the answer, and what the bill does not see.
func (q Question) WriteText(out io.Writer) error {
	lines := append([]string{q.Title, q.Answer}, q.Limits...)
	_, err := io.WriteString(out, strings.Join(lines, "\n  ")+"\n")
	return err
}
