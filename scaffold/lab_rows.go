package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"example.com/pipewright/scaffold/lab"
)

// whatWentWhere lists what was put, which tables came of it, and what each program read and wrote, with the rows in the files.
func whatWentWhere(out io.Writer, o *lab.Outcome) {
	if len(o.Flows) == 0 {
		return
	}
	fmt.Fprint(out, "\nWhat went where\n")
	lines := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	tables := o.Tables
	for _, f := range o.Flows {
		if f.Kind != "put" {
			tables = tableLines(lines, tables)
		}
		who := strings.TrimSpace(f.Kind + " " + f.Resource)
		if f.Kind == "put" {
			who = "you"
		}
		for _, d := range f.Read {
			if !d.Notes {
				who = dataLine(lines, who, "read", &d)
			}
		}
		for _, d := range f.Wrote {
			verb := "wrote"
			switch {
			case f.Kind == "put":
				verb = "put"
			case setAside(&d):
				verb = "set aside"
			}
			who = dataLine(lines, who, verb, &d)
		}
	}
	tableLines(lines, tables)
	_ = lines.Flush() // to the terminal or the test
}

// setAside says whether the data are what a program could not use.
func setAside(d *lab.Data) bool { return strings.Contains(strings.ToLower(d.Folder), "quarantine") }

func tableLines(out io.Writer, tables []lab.TableOf) []lab.TableOf {
	for _, t := range tables {
		rows := thousands(t.Data.Rows) + " rows"
		if t.Data.Objects == t.Data.Uncounted {
			rows = ""
		}
		fmt.Fprintf(out, "  table %s\tis\t%s\t%s\t%s\t%s\n", t.Name, place(&t.Data), counted(t.Partitions, "partition"), rows, t.Format)
	}
	return nil
}

func dataLine(out io.Writer, who, verb string, d *lab.Data) string {
	rows, form := counted(int(d.Rows), "row"), strings.Join(d.Formats, ", ")
	switch {
	case d.Notes:
		rows, form = "", "notes of the program, no data"
	case d.Uncounted == d.Objects:
		rows, form = "", "no rows to count"
	case d.Uncounted > 0:
		form += fmt.Sprintf(", and %s without rows", counted(d.Uncounted, "object"))
	}
	fmt.Fprintf(out, "  %s\t%s\t%s\t%s\t%s\t%s\n", who, verb, place(d), counted(d.Objects, "object"), rows, form)
	return ""
}

func place(d *lab.Data) string { return d.Bucket + " " + d.Folder }

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return thousands(int64(n)) + " " + what
}

// thousands writes 1461 as 1,461.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// mostTables is how many outputs are shown with their first rows.
const mostTables = 4

// firstRows shows the first rows of what programs wrote.
func firstRows(out io.Writer, o *lab.Outcome) {
	shown := 0
	for _, f := range o.Flows {
		for _, d := range f.Wrote {
			if f.Kind == "put" || d.First == nil {
				continue
			}
			if shown++; shown > mostTables {
				return
			}
			fmt.Fprintf(out, "\nThe first of %s in %s\n", counted(int(d.Rows), "row"), place(&d))
			sheet(out, d.First)
		}
	}
}

// Widths of a table of rows.
const (
	widestCell  = 26
	widestSheet = 112
)

// sheet writes rows in columns. Columns that would make the line too wide are left out, and named.
func sheet(out io.Writer, rows *lab.Rows) {
	widths := make([]int, len(rows.Columns))
	for _, row := range append([][]string{rows.Columns}, rows.First...) {
		for i := range min(len(row), len(widths)) {
			widths[i] = max(widths[i], utf8.RuneCountInString(short(row[i])))
		}
	}
	fit, total := 0, 0
	for fit < len(widths) && (fit == 0 || total+widths[fit]+2 <= widestSheet) {
		total += widths[fit] + 2
		fit++
	}
	for _, row := range append([][]string{rows.Columns}, rows.First...) {
		var line strings.Builder
		for i := range fit {
			value := ""
			if i < len(row) {
				value = short(row[i])
			}
			line.WriteString("  " + value + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(value)))
		}
		fmt.Fprintln(out, strings.TrimRight(line.String(), " "))
	}
	if rest := rows.Columns[fit:]; len(rest) > 0 {
		fmt.Fprintf(out, "  and the columns %s\n", strings.Join(rest, ", "))
	}
}

// short is a value on one line of a table.
func short(value string) string {
	value = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, value)
	if utf8.RuneCountInString(value) <= widestCell {
		return value
	}
	return string(slices.Clone([]rune(value)[:widestCell-3])) + "..."
}
