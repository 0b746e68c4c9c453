package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The directions of DESIGN: which packages may reach which others, and why it matters.
var directions = []struct {
	from, never, why string
}{
	{"./...", "github.com/aws/aws-cdk-go", "scaffold must compile without the CDK: 0.3 s instead of a minute, and no Node"},
	{"./...", "github.com/aws/jsii-runtime-go", "scaffold must compile without the CDK: 0.3 s instead of a minute, and no Node"},
	{"./...", "example.com/pipewright/stacks/", "scaffold ships the stacks as source; only the golden templates tell it what they deploy"},
	{"./...", "example.com/pipewright/constructs/", "scaffold ships the constructs as source"},
	{"./answers", "example.com/pipewright/scaffold/advisor", "answers know nothing of what is made of them"},
	{"./advisor", "example.com/pipewright/scaffold/generate", "a recommendation writes nothing"},
	{"./generate", "example.com/pipewright/scaffold/answers", "the generator takes files, whatever they were made from"},
	{"./check", "example.com/pipewright/scaffold/generate", "check reads any template, not only ours"},
	{".", "github.com/goccy/go-graphviz", "it compiles Graphviz while every command starts: scaffold/diagram starts the module when a picture needs it"},
	{"./diagram", "example.com/pipewright/scaffold/lab", "a picture takes what is drawn, wherever it was run"},
	{"./diagram", "example.com/pipewright/scaffold/advisor", "a picture takes a tree, whatever it decides"},
	{"./cfn", "example.com/pipewright/scaffold/check", "reading a template is below judging it"},
	{"./schedule", "example.com/pipewright/", "the engines are useful alone"},
	{"./pattern", "example.com/pipewright/", "the engines are useful alone"},
	{"./asl", "example.com/pipewright/", "the engines are useful alone"},
	{"./lineage", "example.com/pipewright/", "lineage is told what happened: it looks at no run itself"},
	{"./asl", "net/http", "the engine knows no service: it hands each task over through one interface"},
}

func TestDependenciesKeepTheirDirection(t *testing.T) {
	t.Parallel()
	for _, direction := range directions {
		for name := range strings.FieldsSeq(deps(t, direction.from)) {
			// scaffold/base is the skeleton of a project: it is embedded, and imported by nobody.
			if strings.HasPrefix(name, direction.never) && !strings.HasSuffix(direction.from, strings.TrimPrefix(name, "example.com/pipewright/scaffold")) {
				t.Errorf("scaffold/%s depends on %s: %s", direction.from, name, direction.why)
			}
		}
	}
}

// The command reaches the SDK through scaffold/cloud, and nothing else imports it.
func TestOnlyCloudImportsTheSDK(t *testing.T) {
	t.Parallel()
	imports := run(t, "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	importers := ""
	for line := range strings.Lines(imports) {
		name, all, _ := strings.Cut(line, " ")
		if strings.Contains(all, "github.com/aws/aws-sdk-go-v2") {
			importers += name + " "
		}
	}
	if want := "example.com/pipewright/scaffold/cloud "; importers != want {
		t.Errorf("got %q, expected %q alone: only scaffold/cloud talks to AWS", importers, want)
	}
	for name := range strings.FieldsSeq(run(t, "go", "list", "./...")) {
		if strings.HasSuffix(name, "/scaffold") || strings.HasSuffix(name, "/scaffold/base") || strings.HasSuffix(name, "/scaffold/cloud") {
			continue
		}
		if strings.Contains(run(t, "go", "list", "-deps", name), "github.com/aws/aws-sdk-go-v2") {
			t.Errorf("%s depends on the SDK: only scaffold/cloud talks to AWS", name)
		}
	}
}

// deps lists the import paths that the packages depend on, those of scaffold/base left out.
func deps(t *testing.T, pattern string) string {
	t.Helper()
	list := []string{pattern}
	if pattern == "./..." {
		packages := run(t, "go", "list", "./...")
		list = nil
		for name := range strings.FieldsSeq(packages) {
			if !strings.HasSuffix(name, "/scaffold/base") {
				list = append(list, name)
			}
		}
	}
	return run(t, "go", append([]string{"list", "-deps"}, list...)...)
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return string(output)
}
