package diagram

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/goccy/go-graphviz"

	"example.com/pipewright/scaffold/cfn"
)

// go-graphviz starts the module in its own way, with all of its plugins. The places must not depend on that.
func TestPlacesAreThoseOfGoGraphviz(t *testing.T) {
	template, err := cfn.Read("../../stacks/glueworkflow/testdata/template.json")
	if err != nil {
		t.Fatal(err)
	}
	graph, err := Template("test", template)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := layoutJSON(t.Context(), dot(graph, true))
	if err != nil {
		t.Fatal(err)
	}
	library, err := graphviz.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := graphviz.ParseBytes([]byte(dot(graph, true)))
	if err != nil {
		t.Fatal(err)
	}
	var theirs bytes.Buffer
	if err = library.Render(t.Context(), parsed, "json0", &theirs); err != nil {
		t.Fatal(err)
	}
	want, err := readLayout(graph, bytes.TrimRight(theirs.Bytes(), "\x00"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := readLayout(graph, ours)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got the places\n%+v\nexpected those of go-graphviz\n%+v", got, want)
	}
}

func TestAGraphThatCannotBeReadIsAnErrorAndTheNextIsDrawn(t *testing.T) {
	if _, err := layoutJSON(t.Context(), "digraph {"); err == nil {
		t.Error("got no error for half a graph")
	}
	if _, err := layoutJSON(t.Context(), "digraph { a -> b }"); err != nil {
		t.Errorf("got %v after half a graph, expected a layout", err)
	}
}
