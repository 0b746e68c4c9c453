package lineage

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

var began = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)

// whole is an event with every facet.
func whole() *Event {
	stack := "arn:aws:cloudformation:us-east-1:123456789012:stack/orders"
	job := Job{Name: Name{stack, "job/Etl"}, Facets: JobFacets{Type: NewJobType("GLUE", "JOB"), SQL: NewSQL("select 1", "redshift")}}
	root := AncestorOf(RunID(began, "root"), Name{stack, "stateMachine/Machine"})
	run := Run{ID: RunID(began, "run"), Facets: RunFacets{Parent: NewParent(root, root), Error: NewError("no", "PYTHON"), Engine: NewEngine("AWS Glue", "5.1")}}
	e := New(Fail, began, run, job)
	rows := int64(3)
	table := GlueTable("aws", "us-east-1", "123456789012", "orders", "raw")
	raw := S3("landing", "raw/").At([]Field{{"day", "date"}})
	raw.Facets.Symlinks = NewSymlink(TableLink, table)
	e.Inputs = []Dataset{raw.Read(Amount{Bytes: 10, Files: 2})}
	orders := Redshift("reports", "us-east-1", "dev", "public", "orders").At(nil)
	orders.Facets.Columns = NewColumnLineage(map[string][]InputField{"day": {{Name: raw.Name, Field: "day"}}})
	e.Outputs = []Dataset{orders.Wrote(Amount{Rows: &rows, Bytes: 10, Files: 1})}
	return e
}

func TestAnEventWithEveryFacetIsAsOpenLineageHasIt(t *testing.T) {
	line, err := Encode(whole())
	if err != nil {
		t.Fatal(err)
	}
	for name := range schemas {
		if !strings.Contains(string(line), "/"+name+".json#/$defs/"+name+`"`) {
			t.Errorf("the event has no %s, so that nothing checks it", name)
		}
	}
}

func TestAnEventThatIsNotAsOpenLineageHasItIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, old, new, want string
	}{
		{"a run's id that is no UUID", RunID(began, "run"), "jr_1", "uuid"},
		{"a time without a date", "2026-03-02T08:00:00Z", "08:00", "date-time"},
		{"a state of our own", `"FAIL"`, `"FAILED"`, "eventType"},
		{"a job without a name", `"name":"job/Etl"`, `"title":"x"`, "name"},
		{"a schema that is not there", "1-1-0/ParentRunFacet", "1-0-0/ParentRunFacet", "1-0-0/ParentRunFacet"},
		{"a facet without its content", `"message":"no",`, "", "message"},
		{"a facet deep inside that has another form", `"fileCount":2`, `"fileCount":"2"`, "fileCount"},
		{"a column of nowhere", `"field":"day"`, `"column":"day"`, "field"},
		{"a source that is no URI", `"uri":"s3://landing"`, `"uri":"landing"`, "uri"},
		{"no JSON", `{"eventType"`, `{eventType`, "no JSON"},
		{"no event", "", "", "got [1]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			line, err := json.Marshal(whole())
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(string(line), test.old, test.new)
			if test.old == "" {
				text = "[1]"
			} else if text == string(line) {
				t.Fatalf("%s is not in %s", test.old, line)
			}
			if err := Validate([]byte(text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, expected an error that names %s", err, test.want)
			}
		})
	}
}

func TestNamesAreThoseOfTheConvention(t *testing.T) {
	for _, test := range []struct {
		got  Name
		want string
	}{
		{S3("landing", "raw/year=2026/orders.csv"), "s3://landing raw/year=2026/orders.csv"},
		{S3("landing", "/raw/"), "s3://landing raw"},
		{S3("landing", ""), "s3://landing /"},
		{GlueTable("aws", "us-east-1", "123456789012", "orders", "raw"), "arn:aws:glue:us-east-1:123456789012 table/orders/raw"},
		{Redshift("reports", "eu-west-1", "dev", "public", "orders"), "redshift://reports.eu-west-1:5439 dev.public.orders"},
	} {
		if got := test.got.Namespace + " " + test.got.Name; got != test.want {
			t.Errorf("got %s, expected %s", got, test.want)
		}
	}
}

func TestARunIdFollowsFromItsStartAndContent(t *testing.T) {
	one := RunID(began, "stack", "run")
	if again := RunID(began.In(time.FixedZone("x", 3600)), "stack", "run"); again != one {
		t.Errorf("got %s and %s for the same run", one, again)
	}
	for what, other := range map[string]string{
		"start": RunID(began.Add(time.Millisecond), "stack", "run"), "content": RunID(began, "stack", "run2"), "split": RunID(began, "stackr", "un"),
	} {
		if other == one {
			t.Errorf("got %s also with another %s", one, what)
		}
	}
	if later := RunID(began.Add(time.Hour), "stack", "run"); later < one || one[14] != '7' || !strings.Contains("89ab", one[19:20]) {
		t.Errorf("got %s and, an hour later, %s, expected UUIDs of version 7 in the order of time", one, later)
	}
}

func BenchmarkEncode(b *testing.B) {
	e := whole()
	for b.Loop() {
		if _, err := Encode(e); err != nil {
			b.Fatal(err)
		}
	}
}
