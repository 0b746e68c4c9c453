package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/lineage"
)

// linesOf are what a run read and wrote, with the columns that others are made of.
func linesOf(e *lineage.Event) []string {
	all := moved(e)
	for _, d := range e.Outputs {
		if d.Facets.Columns == nil {
			continue
		}
		for _, column := range slices.Sorted(maps.Keys(d.Facets.Columns.Fields)) {
			for _, from := range d.Facets.Columns.Fields[column].Input {
				all = append(all, fmt.Sprintf("%s.%s of %s.%s", d.Name.Name, column, from.Name.Name, from.Field))
			}
		}
	}
	return all
}

func TestAStatementTellsWhatItReadAndWroteWhenItIsCommitted(t *testing.T) {
	const namespace = "redshift://group.us-east-1:5439"
	table := func(name string, rows int64, from ...sqlColumn) *sqlTable {
		of := map[string][]sqlColumn{}
		if from != nil {
			of["day"] = from
		}
		return &sqlTable{Schema: "public", Table: name, Columns: []lineage.Field{{Name: "day", Type: "date"}}, Rows: rows, From: of}
	}
	day := func(table string) sqlColumn { return sqlColumn{"public", table, "day"} }
	results := map[string]sqlResult{
		"COPY":   {Rows: 3, Writes: table("stage", 3)},
		"INSERT": {Rows: 2, Reads: []sqlTable{*table("stage", -1), *table("other", -1)}, Writes: table("sales", 2, day("stage"), day("other"))},
		"UPDATE": {Rows: 5, Reads: []sqlTable{*table("other", -1)}, Writes: table("sales", 5, day("other"))},
		"DELETE": {Rows: 1, Writes: table("gone", -1)},
	}
	broken := maps.Clone(results)
	broken["UPDATE"] = sqlResult{Rows: -1, Error: "ERROR: no"}
	for _, test := range []struct {
		name    string
		results map[string]sqlResult
		sqls    []string
		want    []string
	}{
		{"a load by way of a table for staging", results, []string{copyIn, "INSERT INTO sales SELECT day FROM stage", "UPDATE sales SET day = other.day"}, []string{
			"in s3://in raw/a.csv, 1 files, 16 bytes", "in " + namespace + " dev.public.other",
			"out " + namespace + " dev.public.stage, 0 files, 0 bytes, 3 rows", "out " + namespace + " dev.public.sales, 0 files, 0 bytes, 7 rows",
			"dev.public.sales.day of dev.public.stage.day", "dev.public.sales.day of dev.public.other.day",
		}},
		{"rows that are removed", results, []string{"DELETE FROM gone"}, []string{"out " + namespace + " dev.public.gone"}},
		{"what is rolled back has written no table, though it has read objects", broken, []string{copyIn, "UPDATE sales SET day = 1"}, []string{"in s3://in raw/a.csv, 1 files, 16 bytes"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := buildSQL(t, withNames(house()), &scriptedSQL{results: test.results}).holding("in/raw/a.csv").batch(test.sqls...).play()
			end := r.ends("statement/nightly")[0]
			got := linesOf(end)
			slices.Sort(got)
			slices.Sort(test.want)
			same(t, "moved", got, test.want)
			if sql := end.Job.Facets.SQL; sql == nil || sql.Query != strings.Join(test.sqls, ";\n") || sql.Dialect != "redshift" {
				t.Errorf("got the SQL %v, want all statements", sql)
			}
		})
	}
}

func TestWhatUnloadWroteIsTheStatements(t *testing.T) {
	sql := &scriptedSQL{results: map[string]sqlResult{"UNLOAD": {Rows: 1, Written: []sqlFile{{Name: "0000_part_00"}}}}}
	r := buildSQL(t, withNames(house()), sql).batch(unloadTo).play()
	if end := r.ends("statement/nightly")[0]; len(end.Outputs) != 1 || end.Outputs[0].Name != lineage.S3("out", "monthly/0000_part_00") {
		t.Errorf("got %v, want the file of UNLOAD", moved(end))
	}
}
