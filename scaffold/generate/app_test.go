package generate

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// examples are two stacks, one of which is named otherwise than its folder.
var examples = fstest.MapFS{
	"glueworkflow/glueworkflow_test.go": {Data: []byte("package glueworkflow_test\n")},
	"glueworkflow/stack.go":             {Data: []byte("package glueworkflow\n")},
	"state-machine/stack.go":            {Data: []byte("package statemachine\n")},
}

const appHead = `// The app: one line per stack.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/stacks/glueworkflow"
	"example.com/pipewright/stacks/state-machine"
)
`

func TestFilterApp(t *testing.T) {
	for _, test := range []struct{ name, example, source, want string }{
		{
			name: "the other example's import and line go", example: "glueworkflow",
			source: appHead + `
func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	glueworkflow.New(app, "GlueWorkflow", nil)
	statemachine.New(app, "StateMachine", nil)
	app.Synth(nil)
}
`,
			want: `// The app: one line per stack.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/stacks/glueworkflow"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	glueworkflow.New(app, "GlueWorkflow", nil)
	app.Synth(nil)
}
`,
		},
		{
			name: "comments that touch a line go with it, others stay", example: "state-machine",
			source: `package main

import (
	// Objects start a Glue workflow.
	"example.com/pipewright/stacks/glueworkflow" // Glue
	// Objects start a state machine.
	"example.com/pipewright/stacks/state-machine" // Step Functions
)

func main() {
	// Stacks, in alphabetical order.

	// Needs a crawler.
	// And a job.
	glueworkflow.New(nil,
		"GlueWorkflow", nil) // no props
	// Needs a function.
	statemachine.New(nil, "StateMachine", nil) // no props either

	// The end.
}
`,
			want: `package main

import (
	// Objects start a state machine.
	"example.com/pipewright/stacks/state-machine" // Step Functions
)

func main() {
	// Stacks, in alphabetical order.

	// Needs a function.
	statemachine.New(nil, "StateMachine", nil) // no props either

	// The end.
}
`,
		},
		{
			name: "an import that only the removed line used goes too", example: "state-machine",
			source: appHead + `
func main() {
	app := awscdk.NewApp(nil)
	glueworkflow.New(app, "GlueWorkflow", &glueworkflow.Props{Name: jsii.String("orders")})
	statemachine.New(app, "StateMachine", nil)
}
`,
			want: `// The app: one line per stack.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"example.com/pipewright/stacks/state-machine"
)

func main() {
	app := awscdk.NewApp(nil)
	statemachine.New(app, "StateMachine", nil)
}
`,
		},
		{
			name: "renamed imports, single imports and one-line functions", example: "glueworkflow",
			source: `package main

// One.
import glue "example.com/pipewright/stacks/glueworkflow"

// Two.
import machine "example.com/pipewright/stacks/state-machine"

func main() { glue.New(); machine.New() }
`,
			want: `package main

// One.
import glue "example.com/pipewright/stacks/glueworkflow"

func main() { glue.New() }
`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &collector{src: Source{Module: home, Stacks: examples}, project: Project{Example: test.example}}
			got, err := c.filterApp([]byte(test.source))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestFilterAppRefusesWhatItCannotCutCleanly(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"a stack in a variable", `glueworkflow.New(); machine := statemachine.New(); _ = machine`, "expected one call per line"},
		{"a line that names both goes", `glueworkflow.New(); print(glueworkflow.Of(statemachine.New()))`, ""},
		{"a stack under a condition", `glueworkflow.New(); if statemachine.Wanted() { println() }`, "expected one call per line"},
		{"no line for the example", `statemachine.New()`, "there is no line for example glueworkflow"},
		{"no Go", `}}`, "expected"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &collector{src: Source{Module: home, Stacks: examples}, project: Project{Example: "glueworkflow"}}
			_, err := c.filterApp([]byte(appHead + "\nfunc main() {\n" + test.body + "\n}\n"))
			if test.want == "" {
				if err != nil {
					t.Errorf("got error %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}
