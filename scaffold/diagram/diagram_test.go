package diagram_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/diagram"
)

var update = flag.Bool("update", false, "write the golden drawings anew")

// drawn is a graph that an example comes to.
type drawn struct {
	name  string
	graph *diagram.Graph
}

// examples draws each golden template, and the state machines and Glue workflows in it.
func examples(t *testing.T) []drawn {
	t.Helper()
	files, err := filepath.Glob("../../stacks/*/testdata/template*.json")
	if err != nil || len(files) < 20 {
		t.Fatalf("got %d golden templates (%v), expected those of all examples", len(files), err)
	}
	var all []drawn
	for _, file := range files {
		template, err := cfn.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		example := filepath.Base(filepath.Dir(filepath.Dir(file)))
		name := example + strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".json"), "template")
		add := func(kind string, graph *diagram.Graph, err error) {
			if err != nil {
				t.Fatalf("%s: %s: %v", name, kind, err)
			}
			all = append(all, drawn{name + "." + kind, graph})
		}
		graph, err := diagram.Template("Stack "+name, template)
		add("template", graph, err)
		for _, id := range diagram.Workflows(template) {
			graph, err := diagram.Workflow("Glue workflow of "+name, template, id)
			add("workflow", graph, err)
		}
		for _, id := range template.ByType("AWS::StepFunctions::StateMachine") {
			definition, _ := template.Resources[id].Get("DefinitionString").(string)
			graph, err := diagram.Machine("State machine of "+name, []byte(definition))
			add("machine", graph, err)
		}
	}
	return all
}

func TestEachExampleIsDrawnAsItsGoldenMermaid(t *testing.T) {
	for _, example := range examples(t) {
		t.Run(example.name, func(t *testing.T) {
			got, err := diagram.Mermaid(example.graph)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "golden", example.name+".mmd")
			if *update {
				if err = os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if difference := cmp.Diff(string(want), got); difference != "" {
				t.Errorf("the drawing differs from its golden file (-), go test ./scaffold/diagram -update writes it anew:\n%s", difference)
			}
		})
	}
}

// Nothing that IAM, alarms, logs or keys consist of is a node; what is not shown is counted, to the last resource.
func TestATemplateShowsOrCountsEachOfItsResources(t *testing.T) {
	counts := regexp.MustCompile(`\((\d+)\)`)
	shown := regexp.MustCompile(`: (\d+) of its (\d+) resources`)
	for _, example := range examples(t) {
		if !strings.HasSuffix(example.name, ".template") {
			continue
		}
		of := shown.FindStringSubmatch(example.graph.Summary)
		if of == nil {
			t.Fatalf("%s: got the summary %q, expected how many resources are shown", example.name, example.graph.Summary)
		}
		sum := number(t, of[1])
		for _, note := range example.graph.Notes {
			for _, count := range counts.FindAllStringSubmatch(note, -1) {
				sum += number(t, count[1])
			}
		}
		if sum != number(t, of[2]) {
			t.Errorf("%s: got %d resources shown or counted, expected %s: %s %v", example.name, sum, of[2], example.graph.Summary, example.graph.Notes)
		}
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func draw(t *testing.T, graph *diagram.Graph) []byte {
	t.Helper()
	picture, err := diagram.SVG(context.Background(), graph)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func TestASVGIsWellFormedAccessibleAndAlwaysTheSame(t *testing.T) {
	for _, example := range examples(t) {
		t.Run(example.name, func(t *testing.T) {
			picture := draw(t, example.graph)
			if !bytes.Equal(picture, draw(t, example.graph)) {
				t.Error("the same graph gives another picture the second time")
			}
			elements := map[string]int{}
			for decoder := xml.NewDecoder(bytes.NewReader(picture)); ; {
				token, err := decoder.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("the picture is no XML: %v", err)
				}
				if start, ok := token.(xml.StartElement); ok {
					elements[start.Name.Local]++
				}
			}
			if elements["title"] != 1 || elements["desc"] != 1 {
				t.Errorf("got %d titles and %d descriptions, expected one of each", elements["title"], elements["desc"])
			}
			text := string(picture)
			for _, want := range []string{`role="img"`, `aria-labelledby="title desc"`, "prefers-color-scheme:dark", "sans-serif"} {
				if !strings.Contains(text, want) {
					t.Errorf("the picture has no %s", want)
				}
			}
			if strings.Contains(text, "NaN") || strings.Contains(strings.ReplaceAll(text, "http://www.w3.org/2000/svg", ""), "http") {
				t.Error("the picture has a place that is no number, or needs something from elsewhere")
			}
		})
	}
}

// A wider picture is shrunk on a page of 1,000 pixels; below 10 pixels its letters of 14 would hardly be readable.
func TestPicturesAreReadableOnAPageOf1000Pixels(t *testing.T) {
	width := regexp.MustCompile(`width="(\d+)"`)
	for _, example := range examples(t) {
		got := number(t, width.FindStringSubmatch(string(draw(t, example.graph)))[1])
		if letters := 14 * 1000 / math.Max(1000, float64(got)); letters < 9.5 {
			t.Errorf("%s: got a picture %d pixels wide, its letters would be %.1f pixels high", example.name, got, letters)
		}
	}
}

// The module that is started is the one that go-graphviz ships, whose version go.mod pins.
func TestGraphvizIsTheModuleOfGoGraphviz(t *testing.T) {
	folder, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/goccy/go-graphviz").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "internal", "wasm", "graphviz.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile("graphviz.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(theirs) != sha256.Sum256(ours) {
		t.Error("graphviz.wasm is not that of github.com/goccy/go-graphviz: copy internal/wasm/graphviz.wasm of the version in go.mod")
	}
}

func TestWhatIsNoStateMachineIsRefusedByName(t *testing.T) {
	for _, test := range []struct{ name, definition, want string }{
		{"no JSON", `{`, "the definition is no JSON"},
		{"a list", `[]`, "expected a definition with StartAt and States"},
		{"no states", `{"StartAt": "A"}`, "without States"},
		{"no start", `{"States": {"A": {"Type": "Succeed"}}}`, "without StartAt"},
		{"a start that is not there", `{"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}`, `there is no state "B"`},
		{"a way that leads nowhere", `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}`, `it leads to "B"`},
		{"a catch that leads nowhere", `{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true, "Catch": [{"ErrorEquals": ["X"], "Next": "B"}]}}}`, `it leads to "B"`},
		{"an unknown type", `{"StartAt": "A", "States": {"A": {"Type": "Loop"}}}`, `state A: got the Type "Loop"`},
		{"a map of nothing", `{"StartAt": "A", "States": {"A": {"Type": "Map", "End": true}}}`, "state A: the Map state has nothing to run"},
		{
			"a name twice", `{"StartAt": "A", "States": {"A": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}`,
			"there are two",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := diagram.Machine("test", []byte(test.definition))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, expected an error with %q", err, test.want)
			}
		})
	}
}

func TestATemplateWithNothingToShowIsRefused(t *testing.T) {
	template, err := cfn.Parse([]byte(`{"Resources": {"Key": {"Type": "AWS::KMS::Key"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := diagram.Template("test", template); err == nil || !strings.Contains(err.Error(), "nothing that events or data flow through") {
		t.Errorf("got %v, expected that there is nothing to draw", err)
	}
}

// What a definition says may mean something to Mermaid or to XML; it is shown as it is.
func TestLabelsAreShownAsTheyAre(t *testing.T) {
	const name = "a \"b\" <c> & #d; `e` [f] {g} | end"
	definition, err := json.Marshal(map[string]any{"StartAt": name, "States": map[string]any{name: map[string]any{"Type": "Succeed"}}})
	if err != nil {
		t.Fatal(err)
	}
	graph, err := diagram.Machine("t <i>", definition)
	if err != nil {
		t.Fatal(err)
	}
	text, err := diagram.Mermaid(graph)
	if err != nil {
		t.Fatal(err)
	}
	if want := `(["Succeed<br/>a #quot;b#quot; #lt;c#gt; & #35;d; #96;e#96;`; !strings.Contains(text, want) {
		t.Errorf("got %s, expected %s in it", text, want)
	}
	if picture := string(draw(t, graph)); !strings.Contains(picture, "&lt;c&gt; &amp; #d;") {
		t.Errorf("got %s, expected the name with its signs escaped", picture)
	}
}
