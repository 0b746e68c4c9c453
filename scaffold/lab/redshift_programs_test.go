//go:build programs

package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"example.com/pipewright/scaffold/cfn"
)

// landQuietly puts the sample data where the example's COPY looks for it; nothing starts by that.
func (b *bench) landQuietly(t testing.TB) {
	t.Helper()
	for _, bucket := range b.store.buckets {
		if strings.HasPrefix(bucket.id, landingID) {
			bucket.sendsEvents = true
		}
	}
	b.landWeather(t)
}

// playQuery runs the scheduled query for a time.
func playQuery(t testing.TB, length time.Duration, changes ...edit) *bench {
	t.Helper()
	b := newBench(t, "scheduledquery", ProgramOptions{Warehouse: filepath.Join(t.TempDir(), "redshift")}, changes...)
	b.options.For = length
	b.landQuietly(t)
	return b
}

func (b *bench) statements() []string {
	var all []string
	for _, s := range b.Outcome().Statements {
		all = append(all, s.SQL+" "+s.Did())
	}
	return all
}

func TestTheScheduledQueryExportsTheMonths(t *testing.T) {
	b := playQuery(t, 15*24*time.Hour)
	b.run(t)
	if len(b.failures) > 0 || len(b.Outcome().Denials) > 0 {
		t.Fatalf("got the failures %q and the denials %v", b.failures, b.Outcome().Denials)
	}
	same(t, "statements", b.statements(), []string{
		"CREATE TABLE weather_daily ", "DELETE weather_daily 1461 rows", "COPY weather_daily 1461 rows from 48 objects", "UNLOAD to monthly/ 48 rows to 1 object",
	})
	for name, bucket := range b.store.buckets {
		if !strings.HasPrefix(bucket.id, "Exports") {
			continue
		}
		data, err := b.store.read(name, "monthly/0000_part_00.parquet")
		if err != nil {
			t.Fatal(err)
		}
		file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, field := range file.Schema().Fields() {
			kinds = append(kinds, field.Name()+" "+field.Type().String())
		}
		// Sums of whole numbers stay whole numbers, sums of decimals decimals.
		same(t, "columns", kinds[:3], []string{"month DATE", "days INT(64,true)", "wet_days INT(64,true)"})
		if !strings.HasPrefix(kinds[3], "precipitation DECIMAL") {
			t.Errorf("got the column %s, want a DECIMAL", kinds[3])
		}
		if file.NumRows() != 48 {
			t.Errorf("got %d rows, want 48", file.NumRows())
		}
	}
	info, err := os.Stat(filepath.Join(b.programs.options.Warehouse, "warehouse.duckdb"))
	if err != nil || info.Size() == 0 {
		t.Errorf("the database is not in the run's folder: %v", err)
	}
}

func TestABadFileLeavesTableAndExportAsTheyWere(t *testing.T) {
	for name, want := range map[string]string{
		"bad-rows.csv": "bad-rows.csv: line 3, column temp_max: 'warm' is no DECIMAL(4,1)", "wrong-encoding.csv": "wrong-encoding.csv: ",
	} {
		t.Run(name, func(t *testing.T) {
			b := playQuery(t, 8*24*time.Hour)
			bad, err := os.ReadFile(filepath.Join(root(t), "constructs/sampledata/bad", name))
			if err != nil {
				t.Fatal(err)
			}
			b.later(6*24*time.Hour, func() { b.land(t, "raw/"+name, bad) }) // between two Mondays
			b.options.For = 14 * 24 * time.Hour
			b.run(t)
			if len(b.failures) != 1 || !strings.Contains(b.failures[0], want) {
				t.Fatalf("got the failures %q, want one with %q", b.failures, want)
			}
			result, err := b.warehouse.database.run(sqlQuery{Database: "warehouse", SQL: "SELECT COUNT(*) FROM weather_daily", Now: b.sqlNow()})
			if err != nil || result.Error+result.Refused != "" {
				t.Fatal(err, result.Error, result.Refused)
			}
			text, _ := json.Marshal(result.Records)
			same(t, "rows of the table", string(text), `[[{"LongValue":1461}]]`)
		})
	}
}

func TestAnExistingWarehouseHasTheTablesThatTheUserMakes(t *testing.T) {
	b := playQuery(t, 7*24*time.Hour)
	for file, want := range map[string]string{
		"CREATE TABLE weather_daily (day DATE NOT NULL, precipitation DECIMAL(6, 1), temp_max DECIMAL(4, 1), temp_min DECIMAL(4, 1), wind DECIMAL(4, 1), weather VARCHAR(3));": "",
		"SELECT nothing FROM nowhere": `statement 1 (SELECT nothing FROM nowhere): ERROR: relation "nowhere" does not exist`,
	} {
		err := playQuery(t, time.Hour).SQL("tables.sql", file)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", file, err, want)
		}
		if want == "" {
			if err := b.SQL("tables.sql", file); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.run(t)
	// drizzle has more than three letters, and the table is the one that was there.
	if len(b.failures) != 1 || !strings.Contains(b.failures[0], "column weather: 'drizzle' is no VARCHAR(3)") {
		t.Errorf("got the failures %q", b.failures)
	}
}

// askSQL runs one statement after the other in a database of their own.
func askSQL(t *testing.T, sqls ...string) sqlResult {
	t.Helper()
	b := playQuery(t, time.Hour)
	if !b.openWarehouse("warehouse") {
		t.Fatal(b.err)
	}
	var result sqlResult
	for _, sql := range sqls {
		plan, err := b.warehouse.database.plan(sql)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Refused != "" {
			return sqlResult{Refused: plan.Refused}
		}
		if result, err = b.warehouse.database.run(sqlQuery{Database: "warehouse", SQL: sql, Now: "2026-03-02 16:00:00.000000", Folder: b.warehouse.scratch, Parameters: map[string]string{"n": "7"}}); err != nil {
			t.Fatal(err)
		}
	}
	return result
}

// Which tables a statement reads and writes is no guess from its text: it follows from the columns that there are.
func TestAStatementSaysWhatItReadsAndWrites(t *testing.T) {
	tables := []string{
		"CREATE TABLE days (day DATE, mm INT, note VARCHAR(9))", "CREATE TABLE months (month DATE, mm BIGINT, kind VARCHAR(9))",
		"CREATE SCHEMA other", "CREATE TABLE other.days (day DATE, mm INT)", "INSERT INTO days VALUES ('2026-03-01', 2, 'a'), ('2026-03-02', 3, 'b')",
	}
	for _, test := range []struct {
		name, sql     string
		reads, writes string
		from          string // of the columns, in their order
	}{
		{"a function and a sum", "INSERT INTO months SELECT DATE_TRUNC('month', day), SUM(mm), 'x' FROM days GROUP BY 1", "public.days", "public.months 1", "mm: public.days.mm, month: public.days.day"},
		{
			"through WITH, a join and an expression", "INSERT INTO months (month, mm) WITH d AS (SELECT day, mm + 1 AS k FROM days) SELECT d.day, d.k + o.mm FROM d JOIN other.days o ON o.day = d.day",
			"other.days public.days", "public.months 0", "mm: other.days.mm public.days.mm, month: public.days.day",
		},
		{"all columns of a new table", "CREATE TABLE copy AS SELECT * FROM days", "public.days", "public.copy -1", "day: public.days.day, mm: public.days.mm, note: public.days.note"},
		{
			"constants with the same name", "INSERT INTO months SELECT day, 1, 'a' FROM days UNION ALL SELECT month, mm, kind FROM months",
			"public.days public.months", "public.months 2", "kind: public.months.kind, mm: public.months.mm, month: public.days.day public.months.month",
		},
		{"a temporary table", "CREATE TABLE #t AS SELECT day FROM days", "public.days", "", ""},
		{"a table of the search path", "SET search_path TO other, public; DELETE FROM days", "", "other.days -1", ""},
		{"rows that go", "DELETE FROM months WHERE month IN (SELECT day FROM days)", "public.days", "public.months -1", ""},
		{"a query", "SELECT COUNT(*) FROM days", "public.days", "", ""},
		{"no rows", "CREATE TABLE empty (a INT)", "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			result := askSQL(t, append(slices.Clone(tables), strings.Split(test.sql, "; ")...)...)
			if result.Error+result.Refused != "" {
				t.Fatal(result.Error, result.Refused)
			}
			var reads, from []string
			writes := ""
			for _, table := range result.Reads {
				reads = append(reads, table.Schema+"."+table.Table)
			}
			if w := result.Writes; w != nil {
				writes = fmt.Sprintf("%s.%s %d", w.Schema, w.Table, w.Rows)
				for _, column := range slices.Sorted(maps.Keys(w.From)) {
					line := column + ":"
					for _, source := range w.From[column] {
						line += fmt.Sprintf(" %s.%s.%s", source.Schema, source.Table, source.Column)
					}
					if len(w.From[column]) > 0 {
						from = append(from, line)
					}
				}
			}
			same(t, "reads", strings.Join(reads, " "), test.reads)
			same(t, "writes", writes, test.writes)
			same(t, "from", strings.Join(from, ", "), test.from)
		})
	}
}

func TestSQLMeansWhatItMeansInRedshift(t *testing.T) {
	const table = "CREATE TABLE t (id INT PRIMARY KEY DISTKEY, n INT, d DECIMAL(6, 2), s VARCHAR(3) ENCODE zstd, UNIQUE (n)) DISTSTYLE KEY SORTKEY (id)"
	const rows = "INSERT INTO t VALUES (1, 1, 1.25, 'a'), (1, 2, 2.50, 'b'), (2, 2, NULL, NULL)"
	for _, test := range []struct{ name, sql, want string }{
		{"keys are no constraints", "SELECT COUNT(*) FROM t WHERE id = 1", `[[{"LongValue":2}]]`},
		{"an integer divided by one is an integer", "SELECT SUM(n) / 2 FROM t", `[[{"LongValue":2}]]`},
		{"AVG of integers is an integer", "SELECT AVG(n) FROM t", `[[{"LongValue":1}]]`},
		{"AVG of decimals keeps their scale", "SELECT AVG(d) FROM t WHERE id = 1", `[[{"StringValue":"1.88"}]]`},
		{"AVG of a column of a subquery", "SELECT AVG(m) FROM (SELECT n AS m FROM t) AS x", `[[{"LongValue":1}]]`},
		{"NULLs come last", "SELECT d FROM t ORDER BY d", `[[{"StringValue":"1.25"}],[{"StringValue":"2.50"}],[{"IsNull":true}]]`},
		{"the time is the lab's", "SELECT GETDATE(), CURRENT_DATE", `[[{"StringValue":"2026-03-02 16:00:00"},{"StringValue":"2026-03-02"}]]`},
		{"a cast to a shorter text cuts it", "SELECT CAST('abcdef' AS VARCHAR(4))", `[[{"StringValue":"abcd"}]]`},
		{"rows that are put in are not read by the same statement", "INSERT INTO t (id) SELECT id FROM t WHERE id = 2 UNION ALL SELECT 3 UNION ALL SELECT id FROM t WHERE id > 2; SELECT COUNT(*) FROM t", `[[{"LongValue":5}]]`},
		{"a parameter", "SELECT id FROM t WHERE n + 5 = :n AND id = 2", `[[{"LongValue":2}]]`},
		{"NVL and DECODE", "SELECT NVL(d, 0), DECODE(n, 2, 'two', 'other') FROM t WHERE id = 2", `[[{"StringValue":"0.00"},{"StringValue":"two"}]]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			result := askSQL(t, append([]string{table, rows}, strings.Split(test.sql, "; ")...)...)
			text, _ := json.Marshal(result.Records)
			if string(text) != test.want {
				t.Errorf("got %s %s %s, want %s", text, result.Error, result.Refused, test.want)
			}
		})
	}
	for _, test := range []struct{ name, sql, want string }{
		{"a division by zero", "SELECT 1 / (n - n) FROM t", "ERROR: Divide by zero"},
		{"a text that is too long", "INSERT INTO t (id, s) VALUES (1, 'abcd')", "ERROR: Value too long for character type (the limit is 3 bytes)"},
		{"a primary key without a value", "INSERT INTO t (n) VALUES (1)", "ERROR: Cannot insert a NULL value into column id"},
		{"a table that does not exist", "SELECT * FROM nope", `ERROR: relation "nope" does not exist`},
		{"a column that does not exist", "SELECT nope FROM t", `ERROR: column "nope" does not exist`},
		{"a file of this machine", "SELECT * FROM '/etc/passwd'", `ERROR: relation "/etc/passwd" does not exist`},
		{"a LIMIT in UNLOAD", "UNLOAD ('SELECT * FROM t LIMIT 1') TO 's3://b/' IAM_ROLE default", "ERROR: Limit clause is not supported"},
	} {
		t.Run(test.name, func(t *testing.T) { same(t, "error", askSQL(t, table, rows, test.sql).Error, test.want) })
	}
}

func TestWhatDuckDBHasNotIsRefusedByNameAndPlace(t *testing.T) {
	for sql, want := range map[string]string{
		"CALL p()": "line 1, column 1: the lab's DuckDB has no CALL",
		"CREATE TABLE t (\n  id INT IDENTITY(1, 1))":                           "line 2, column 10: the lab's DuckDB has no IDENTITY columns",
		"CREATE TABLE t (s SUPER)":                                             "line 1, column 19: the lab's DuckDB has no type SUPER",
		"CREATE EXTERNAL SCHEMA x FROM DATA CATALOG DATABASE 'a' IAM_ROLE 'b'": "the lab's DuckDB has no CREATE EXTERNAL",
		"SELECT * FROM stl_query":                                              "line 1, column 15: the lab's DuckDB has no system table stl_query",
		"GRANT SELECT ON t TO x":                                               "the lab's DuckDB has no GRANT",
		"SET datestyle TO 'SQL'":                                               "the lab does not know the setting datestyle",
		"SELECT 1; SELECT 2":                                                   "got 2 statements in one text, expected one",
		"SELEC 1":                                                              "the lab cannot read this as SQL of Redshift: line 1, column 7",
		"SELECT nofunction(1)":                                                 "Scalar Function with name nofunction does not exist",
		"COPY t FROM 's3://b/' IAM_ROLE default\nCSV MANIFEST":                 "line 2, column 5: the lab does not know MANIFEST of COPY",
		"COPY t FROM 'dynamodb://t' IAM_ROLE default":                          "the lab copies from S3 alone",
		"COPY t FROM 's3://b/' CREDENTIALS 'a=b'":                              "the lab does not know CREDENTIALS of COPY",
		"COPY t FROM 's3://b/' IAM_ROLE default CSV MAXERROR 5":                "the lab does not know MAXERROR 5",
		"UNLOAD ('SELECT 1') TO 's3://b/' IAM_ROLE default MANIFEST":           "column 51: the lab does not know MANIFEST of UNLOAD",
		"UNLOAD ('SELECT 1') TO 's3://b/' IAM_ROLE default KMS_KEY_ID 'k'":     "got KMS_KEY_ID without ENCRYPTED",
	} {
		if got := askSQL(t, sql).Refused; !strings.Contains(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", sql, got, want)
		}
	}
}

// The state machine with all workers, from its SQL on: what comes before is no matter of Redshift.
func TestTheStateMachinesSQLRuns(t *testing.T) {
	template, err := cfn.Read(filepath.Join(root(t), "stacks/statemachine/testdata/template-workers.json"))
	if err != nil {
		t.Fatal(err)
	}
	b := benchOf(t, template, ProgramOptions{}, fromSQL)
	b.landQuietly(t)
	for _, bucket := range b.store.buckets {
		bucket.sendsEvents = false
	}
	if err := b.Start(`{"scheduled": "2026-03-02T08:00:00Z"}`); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	if got := b.statements(); !slices.Contains(got, "UNLOAD to monthly/ 48 rows to 1 object") {
		t.Errorf("got the statements %q and the failures %q", got, b.failures)
	}
}

// fromSQL lets a machine start with its SQL and end after it.
func fromSQL(t testing.TB, template *cfn.Template) {
	t.Helper()
	for _, id := range template.ByType("AWS::StepFunctions::StateMachine") {
		properties := template.Resources[id].Properties
		var definition map[string]any
		if err := json.Unmarshal([]byte(cfn.Text(properties["DefinitionString"])), &definition); err != nil {
			t.Fatal(err)
		}
		states, _ := definition["States"].(map[string]any)
		kept := map[string]any{}
		for name, state := range states {
			if strings.Contains(name, "SQL") {
				kept[name] = state
			}
		}
		for _, state := range kept {
			redirect(state, kept)
		}
		kept["Over"] = map[string]any{"Type": "Succeed"}
		kept["Report failure"] = map[string]any{"Type": "Fail", "Error": "SqlFailed"}
		definition["StartAt"], definition["States"] = "Submit SQL", kept
		text, err := json.Marshal(definition)
		if err != nil {
			t.Fatal(err)
		}
		properties["DefinitionString"] = string(text)
	}
}

// redirect leads what leaves the states that are kept to the end.
func redirect(value any, kept map[string]any) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			redirect(element, kept)
		}
	case map[string]any:
		if next, ok := value["Next"].(string); ok && kept[next] == nil && next != "Report failure" {
			value["Next"] = "Over"
		}
		for _, element := range value {
			redirect(element, kept)
		}
	}
}
