package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/lab"
)

func TestRowsFitOnTheScreen(t *testing.T) {
	long := strings.Repeat("x", 200)
	var many lab.Rows
	for i := range 30 {
		many.Columns = append(many.Columns, fmt.Sprintf("column%02d", i))
	}
	many.First = [][]string{strings.Split(strings.Repeat("1,", 30), ",")}
	for _, test := range []struct {
		name string
		rows lab.Rows
		want string
	}{
		{"as wide as the widest value", lab.Rows{Columns: []string{"day", "rain"}, First: [][]string{{"2012-01-01", "0.0"}, {"2012-01-02", "10.9"}}},
			"  day         rain\n  2012-01-01  0.0\n  2012-01-02  10.9\n"},
		{"what is empty is named, and leaves its room to the reason", lab.Rows{Columns: []string{"date", "file", "reason"}, First: [][]string{{"", "year=2012/month=01/wrong-column.csv", "the header is 'date,rain', expected 'date,precipitation,wind,weather'"}}},
			"  file" + strings.Repeat(" ", 33) + "reason\n" +
				"  year=2012/month=01/wrong-column.csv  the header is 'date,rain', expected 'date,precipitation,wind,weather'\n  empty in these rows: date\n"},
		{"a long value is cut, so that the others are seen", lab.Rows{Columns: []string{"a", "b"}, First: [][]string{{long, "1"}}},
			"  a" + strings.Repeat(" ", 91) + "b\n  " + long[:87] + "...  1\n"},
		{"what does not fit is named", many,
			"  " + strings.Join(many.Columns[:11], "  ") + "\n" + strings.TrimRight(strings.Repeat("  1       ", 11), " ") + "\n  too wide to show: " + strings.Join(many.Columns[11:], ", ") + "\n"},
		{"no value moves the cursor", lab.Rows{Columns: []string{"a"}, First: [][]string{{"1\x1b[2J\r2"}}}, "  a\n  1 [2J 2\n"},
		{"a row is shorter than the header", lab.Rows{Columns: []string{"a", "b"}, First: [][]string{{"1"}, {"2", "3"}}}, "  a  b\n  1\n  2  3\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			sheet(&out, &test.rows)
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWhichRowsAreShownIsSaid(t *testing.T) {
	for _, test := range []struct {
		shown int
		of    int64
		want  string
	}{
		{1, 1, "The only row"},
		{4, 4, "The 4 rows"},
		{5, 1461, "The first of 1,461 rows"},
	} {
		if got := whichRows(test.shown, test.of); got != test.want {
			t.Errorf("got %q for %d of %d, want %q", got, test.shown, test.of, test.want)
		}
	}
}
