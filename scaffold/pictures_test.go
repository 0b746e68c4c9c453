package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/diagram"
)

// pictures are those that this repository's README shows, by the name of their file in docs.
var pictures = map[string]diagramOptions{
	"decision":                {of: ofDecision},
	"airflow":                 {},
	"eventfunction":           {},
	"glueworkflow":            {},
	"glueworkflow-workflow":   {of: ofWorkflow},
	"scheduledquery":          {},
	"statemachine":            {},
	"statemachine-definition": {of: ofMachine},
}

func TestThePicturesInDocsAreCurrent(t *testing.T) {
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	sh := &shell{stdin: nothing, stdout: os.Stdout, stderr: os.Stderr}
	for name, options := range pictures {
		graph := decisionGraph()
		if options.of != ofDecision {
			example, _, _ := strings.Cut(name, "-")
			if graph, err = sh.graphOf(example, &options); err != nil {
				t.Fatal(err)
			}
		}
		want, err := diagram.SVG(t.Context(), graph)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("..", "docs", name+".svg")
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what scaffold diagram draws now (%v): make pictures draws it anew", file, err)
		}
	}
}
