package lab

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"example.com/pipewright/scaffold/lineage"
)

var update = flag.Bool("update", false, "write testdata/lineage anew")

// goldenLineage compares the events of a run, one a line, and their drawing with what is kept.
func goldenLineage(t *testing.T, name string, events []*lineage.Event) {
	t.Helper()
	var lines, drawing bytes.Buffer
	for _, e := range events {
		line, err := lineage.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	if err := lineage.NewGraph(events).Text(&drawing); err != nil {
		t.Fatal(err)
	}
	for extension, got := range map[string][]byte{".jsonl": lines.Bytes(), ".txt": drawing.Bytes()} {
		file := filepath.Join("testdata/lineage", name+extension)
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs; go test ./scaffold/lab -update writes it anew:\n%s", file, got)
		}
	}
}
