package lab

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/lineage"
)

// sqlTable is a table that a statement has read or written.
type sqlTable struct {
	Schema  string                 `json:"schema"`
	Table   string                 `json:"table"`
	Columns []lineage.Field        `json:"columns"`
	Rows    int64                  `json:"rows"` // that it got; -1: nobody has counted them
	From    map[string][]sqlColumn `json:"from"` // the columns that its own are made of, where that is known
}

// sqlColumn is a column of a table.
type sqlColumn struct {
	Schema string `json:"schema"`
	Table  string `json:"table"`
	Column string `json:"column"`
}

// job is what lineage calls a statement: by its name, or by its workgroup where it has none.
func (s *statement) job() string { return "statement/" + cmp.Or(s.name, s.workgroup.id) }

// sql is the whole text of a statement.
func (s *statement) sql() string {
	var all []string
	for _, p := range s.parts {
		all = append(all, strings.TrimSpace(p.sql))
	}
	return strings.Join(all, ";\n")
}

// dataset is the name of a table.
func (s *statement) dataset(region, schema, table string) lineage.Name {
	return lineage.Redshift(s.workgroup.name, region, s.database, schema, table)
}

// tellTables tells which tables a statement has read and written when it is certain that it has: after the commit. What it has
// written itself, as with a table for staging, is none of its inputs.
func (l *Lab) tellTables(s *statement) {
	if l.lineage == nil {
		return
	}
	over := l.lineage.acts(s.job(), s.id)
	defer over()
	region := l.stack.Place().Region
	read, written := map[lineage.Name]bool{}, map[lineage.Name]*sqlTable{}
	var outputs []lineage.Name
	for _, p := range s.parts {
		for _, t := range p.result.Reads {
			name := s.dataset(region, t.Schema, t.Table)
			if !read[name] && written[name] == nil {
				read[name] = true
				l.lineage.used(name.At(t.Columns), false)
			}
		}
		if t := p.result.Writes; t != nil {
			name := s.dataset(region, t.Schema, t.Table)
			if written[name] == nil {
				outputs = append(outputs, name)
			}
			written[name] = t.after(written[name])
		}
	}
	for _, name := range outputs {
		l.lineage.used(s.wrote(region, name, written[name]), true)
	}
}

// after is what a table got of two statements together.
func (t *sqlTable) after(first *sqlTable) *sqlTable {
	if first == nil {
		return t
	}
	both := *t
	both.From = map[string][]sqlColumn{}
	for _, from := range []map[string][]sqlColumn{first.From, t.From} {
		for column, sources := range from {
			both.From[column] = append(both.From[column], sources...)
		}
	}
	if both.Rows < 0 {
		both.Rows = first.Rows
	} else {
		both.Rows += max(first.Rows, 0)
	}
	return &both
}

// wrote is a table that a statement wrote, with the rows that it got and where its columns come from.
func (s *statement) wrote(region string, name lineage.Name, t *sqlTable) lineage.Dataset {
	d := name.At(t.Columns)
	if t.Rows >= 0 {
		d = d.Wrote(lineage.Amount{Rows: &t.Rows})
	}
	fields := map[string][]lineage.InputField{}
	for _, column := range slices.Sorted(maps.Keys(t.From)) {
		for _, from := range t.From[column] {
			field := lineage.InputField{Name: s.dataset(region, from.Schema, from.Table), Field: from.Column}
			if !slices.Contains(fields[column], field) {
				fields[column] = append(fields[column], field)
			}
		}
	}
	d.Facets.Columns = lineage.NewColumnLineage(fields)
	return d
}
