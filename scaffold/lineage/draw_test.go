package lineage

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// story writes events as a test tells them.
type story struct {
	events []*Event
	now    time.Time
}

// ran has a run of a job that another run started, with what it read and wrote.
func (s *story) ran(job, parent string, end EventType, in, out []Dataset) *story {
	s.now = s.now.Add(time.Second)
	name := Name{"stack", job}
	run := Run{ID: RunID(s.now, job)}
	for _, e := range s.events {
		if e.Job.Name.Name == parent {
			run.Facets.Parent = NewParent(AncestorOf(e.Run.ID, e.Job.Name), AncestorOf(e.Run.ID, e.Job.Name))
		}
	}
	s.events = append(s.events, New(Start, s.now, run, Job{Name: name}))
	if end == "" {
		return s
	}
	if end == Fail {
		run.Facets.Error = NewError("no header\nsecond line", "GO")
	}
	e := New(end, s.now.Add(90*time.Second), run, Job{Name: name})
	e.Inputs, e.Outputs = in, out
	s.events = append(s.events, e)
	return s
}

func (s *story) text(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := NewGraph(s.events).Text(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func told() *story { return &story{now: began} }

func objects(keys ...string) []Dataset {
	var all []Dataset
	for _, key := range keys {
		all = append(all, S3("b", key).At([]Field{{"a", "int"}}).Read(Amount{Bytes: 1500, Files: 1}))
	}
	return all
}

func written(key string, rows int64) []Dataset {
	return []Dataset{S3("b", key).At(nil).Wrote(Amount{Rows: &rows, Bytes: 2_500_000, Files: 1})}
}

func TestTheDrawingShowsWhereTheDataWent(t *testing.T) {
	table := GlueTable("aws", "us-east-1", "1", "sales", "raw")
	ofTable := S3("b", "raw").At(nil).Read(Amount{Bytes: 10, Files: 2})
	ofTable.Facets.Symlinks = NewSymlink(TableLink, table)
	asTable := table.At([]Field{{"a", "int"}, {"b", "int"}})
	asTable.Facets.Symlinks = NewSymlink(LocationLink, S3("b", "raw"))
	var many []string
	for i := range 1200 {
		many = append(many, fmt.Sprintf("raw/year=2026/%04d.csv", i))
	}
	long := strings.Repeat("folder/", 20) + "a.csv"
	for _, test := range []struct {
		name  string
		story *story
		want  string
	}{
		{"nothing", told(), "nothing ran\n"},
		{"object, table, job, output", told().ran("workflow/W", "", Complete, nil, nil).
			ran("crawler/C", "workflow/W", Complete, objects("raw/a.csv"), []Dataset{asTable}).
			ran("job/J", "workflow/W", Complete, []Dataset{ofTable}, written("out", 1234)), `Where the data went

s3://b/raw/a.csv  1 file, 1.5 kB, 1 column
└─ crawler C  COMPLETE after 1m30s
   └─ table sales.raw  2 files, 10 B, 2 columns
      └─ job J  COMPLETE after 1m30s
         └─ s3://b/out  1 file, 1,234 rows, 2.5 MB

What ran

workflow W  COMPLETE after 1m30s
├─ crawler C  COMPLETE after 1m30s
└─ job J  COMPLETE after 1m30s
`},
		{"many objects are their folder, many runs their job", told().
			ran("function/F", "", Complete, objects(many[:600]...), nil).ran("function/F", "", Fail, objects(many[500:]...), nil).ran("function/F", "", "", nil, nil), `Where the data went

s3://b/raw  1,200 files, 1.8 MB, 1 column
└─ function F  runs: 1 COMPLETE, 1 FAIL, 1 not ended

What ran

function F  runs: 1 COMPLETE, 1 FAIL, 1 not ended
   no header
`},
		{"what two jobs read, and what both write", told().ran("job/A", "", Complete, objects("a.csv"), written("out", 1)).ran("job/B", "", Abort, objects("a.csv"), written("out", 2)).
			ran("job/C", "", Complete, objects("out/x.csv"), written("end", 2)), `Where the data went

s3://b/a.csv  1 file, 1.5 kB, 1 column
├─ job A  COMPLETE after 1m30s
│  └─ s3://b/out  1 file, 2 rows, 2.5 MB
│     └─ s3://b/out/x.csv  1 file, 1.5 kB, 1 column
│        └─ job C  COMPLETE after 1m30s
│           └─ s3://b/end  1 file, 2 rows, 2.5 MB
└─ job B  ABORT after 1m30s
   └─ s3://b/out  (see above)

What ran

job A  COMPLETE after 1m30s
job B  ABORT after 1m30s
job C  COMPLETE after 1m30s
`},
		{"a job that writes where it reads", told().ran("job/A", "", Complete, objects("a.csv"), written("a.csv", 1)), `Where the data went

s3://b/a.csv  1 file, 1 row, 2.5 MB, 1 column
└─ job A  COMPLETE after 1m30s
   └─ s3://b/a.csv  (see above)

What ran

job A  COMPLETE after 1m30s
`},
		{"a name that is too long", told().ran("job/A", "", Complete, objects(long), written(long+"l", 1)), `Where the data went

s3://b/folder/folder/folder/folder/folder/folder/…er/folder/folder/folder/folder/folder/folder/a.csv
│  1 file, 1.5 kB, 1 column
└─ job A  COMPLETE after 1m30s
   └─ s3://b/folder/folder/folder/folder/folder/fold…older/folder/folder/folder/folder/folder/a.csvl
         1 file, 1 row, 2.5 MB

What ran

job A  COMPLETE after 1m30s
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.story.text(t)
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			for line := range strings.Lines(got) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
					t.Errorf("got a line of %d columns: %s", n, line)
				}
			}
		})
	}
}

func TestTheFlowchartShowsWhatFailed(t *testing.T) {
	s := told().ran("function/F", "", Fail, objects(`a"<b>#.csv`), written("out", 1)).ran("job/J", "", Complete, nil, nil)
	var out bytes.Buffer
	if err := NewGraph(s.events).Mermaid(&out); err != nil {
		t.Fatal(err)
	}
	want := `flowchart LR
    n1["function F<br/>FAIL after 1m30s"]
    n2[("s3://b/a#quot;#lt;b#gt;#35;.csv<br/>1 file, 1.5 kB, 1 column")]
    n3[("s3://b/out<br/>1 file, 1 row, 2.5 MB")]
    n1 --> n3
    n2 --> n1
    classDef failed stroke:#b00020,stroke-width:3px
    class n1 failed
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
