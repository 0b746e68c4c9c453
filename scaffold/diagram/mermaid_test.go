//go:build mermaid

package diagram_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"example.com/pipewright/scaffold/diagram"
)

// Mermaid itself reads what is drawn of each example and of each recorded definition. `make test-diagram` installs it.
func TestMermaidParsesEveryDrawing(t *testing.T) {
	folder := t.TempDir()
	arguments := []string{"testdata/mermaid/parse.mjs"}
	keep := func(graph *diagram.Graph) {
		text, err := diagram.Mermaid(graph)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, fmt.Sprintf("%d.mmd", len(arguments)))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, file)
	}
	for _, example := range examples(t) {
		keep(example.graph)
	}
	keep(color(t, caughtMachine, caughtHistory))
	for _, name := range []string{"a \"b\" <c> & #d; `e` [f] {g} | end", "end", "subgraph", "---", "%% x", "a\\nb", "é漢字"} {
		graph, err := diagram.Machine("title: "+name, fmt.Appendf(nil, `{"StartAt": %q, "States": {%q: {"Type": "Succeed"}}}`, name, name))
		if err != nil {
			t.Fatal(err)
		}
		keep(graph)
	}
	t.Run("recorded", func(t *testing.T) {
		for _, r := range recordings(t) {
			graph, err := diagram.Machine(r.Name, r.Definition)
			if err != nil {
				t.Fatal(err)
			}
			keep(graph)
		}
	})
	output, err := exec.CommandContext(t.Context(), "node", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	t.Logf("%s", output)
}
