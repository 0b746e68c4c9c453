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
func whatWentWhere(out io.Writer, flows []lab.Flow, tables []lab.TableOf) {
	if len(flows) == 0 {
		return
	}
	fmt.Fprint(out, "\nWhat went where\n")
	lines := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range flows {
		if f.Kind != "put" {
			tableLines(lines, tables)
			tables = nil
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

func tableLines(out io.Writer, tables []lab.TableOf) {
	for _, t := range tables {
		rows := thousands(t.Data.Rows) + " rows"
		if t.Data.Objects == t.Data.Uncounted {
			rows = ""
		}
		fmt.Fprintf(out, "  table %s\tis\t%s\t%s\t%s\t%s\n", t.Name, place(&t.Data), counted(t.Partitions, "partition"), rows, t.Format)
	}
}

func dataLine(out io.Writer, who, verb string, d *lab.Data) string {
	rows, form := counted(int(d.Rows), "row"), strings.Join(d.Formats, ", ")
	switch {
	case d.Notes:
		rows, form = "", "notes, no data"
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
func firstRows(out io.Writer, flows []lab.Flow) {
	shown := 0
	for _, f := range flows {
		for _, d := range f.Wrote {
			if f.Kind == "put" || d.First == nil {
				continue
			}
			if shown++; shown > mostTables {
				return
			}
			fmt.Fprintf(out, "\n%s in %s\n", whichRows(len(d.First.First), d.Rows), place(&d))
			sheet(out, d.First)
		}
	}
}

// whichRows are those that are shown.
func whichRows(shown int, of int64) string {
	switch {
	case of == 1:
		return "The only row"
	case int64(shown) == of:
		return "The " + counted(shown, "row")
	}
	return "The first of " + counted(int(of), "row")
}

// widestSheet is how wide a table of rows may be, in characters.
const widestSheet = 112

// widestCells are how wide a value may be, the first that leaves room for all columns.
var widestCells = []int{90, 60, 40, 26}

// sheet writes rows in columns. Columns in which nothing stands, and those that would make the line too wide, are left out and named.
func sheet(out io.Writer, rows *lab.Rows) {
	var filled []int
	var empty, rest []string
	for i, name := range rows.Columns {
		if slices.ContainsFunc(rows.First, func(row []string) bool { return i < len(row) && row[i] != "" }) {
			filled = append(filled, i)
		} else {
			empty = append(empty, name)
		}
	}
	lines := append([][]string{rows.Columns}, rows.First...)
	var widths []int
	var widest int
	for _, widest = range widestCells {
		if widths = columnWidths(lines, filled, widest); len(widths) == len(filled) {
			break
		}
	}
	for _, i := range filled[len(widths):] {
		rest = append(rest, rows.Columns[i])
	}
	for _, row := range lines {
		var line strings.Builder
		for at, width := range widths {
			value := ""
			if i := filled[at]; i < len(row) {
				value = short(row[i], widest)
			}
			line.WriteString("  " + value + strings.Repeat(" ", width-utf8.RuneCountInString(value)))
		}
		fmt.Fprintln(out, strings.TrimRight(line.String(), " "))
	}
	for _, left := range []struct {
		what  string
		names []string
	}{{"too wide to show", rest}, {"empty in these rows", empty}} {
		if len(left.names) > 0 {
			fmt.Fprintf(out, "  %s: %s\n", left.what, strings.Join(left.names, ", "))
		}
	}
}

// columnWidths are those of the first columns that fit together.
func columnWidths(lines [][]string, columns []int, widest int) []int {
	var widths []int
	total := 0
	for _, i := range columns {
		width := 0
		for _, row := range lines {
			if i < len(row) {
				width = max(width, utf8.RuneCountInString(short(row[i], widest)))
			}
		}
		if total += 2 + width; total > widestSheet && len(widths) > 0 {
			break
		}
		widths = append(widths, width)
	}
	return widths
}

// short is a value on one line of a table.
func short(value string, widest int) string {
	value = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, value)
	if utf8.RuneCountInString(value) <= widest {
		return value
	}
	return string([]rune(value)[:widest-3]) + "..."
}
