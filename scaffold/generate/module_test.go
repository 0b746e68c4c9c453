package generate

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

func TestModulePathsThatAreAccepted(t *testing.T) {
	for _, name := range []string{
		"orders", "my-orders", "my_orders", "3orders", "func", "orders/pipeline", "example.com/orders", "example.com/orders/v2",
		"github.com/Team/Orders", "gopkg.in/orders.v1", "a.b", "example.com/fmt", "formats", home,
	} {
		if err := CheckModule(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestModulePathsThatAreRefused(t *testing.T) {
	for _, test := range []struct{ name, problem string }{
		{"", "got an empty one"},
		{"fmt", "fmt belongs to Go itself"},
		{"go", "go belongs to Go itself"},
		{"main", "main belongs to Go itself"},
		{"all", "all belongs to Go itself"},
		{"cmd/orders", "cmd belongs to Go itself"},
		{"encoding/orders", "encoding belongs to Go itself"},
		{"internal", "internal belongs to Go itself"},
		{"Orders", `got "O" in its first element`},
		{"my orders", `got " " in its first element`},
		{"órders", `in its first element`},
		{"{{.}}", "invalid char '{'"},
		{"${AWS::X}", `got "$" in its first element`},
		{"a\nb", `in its first element`},
		{"a\u202eb", `in its first element`},
		{"~", `in its first element`},
		{"./orders", `invalid path element "."`},
		{"../orders", `invalid path element ".."`},
		{"/orders", "empty path element"},
		{"orders/", "trailing slash"},
		{"-orders", "got a hyphen first"},
		{"example.com//orders", "double slash"},
		{"example.com/orders/v1", "invalid version"},
		{"example.com/con", `"con" disallowed`},
		{"example.com/a b", "invalid char"},
		{"example.com/orders.", "trailing dot"},
		{"example.com/vendor/orders", "keeps the element vendor"},
		{"gopkg.in/orders", "version"},
		{strings.Repeat("a", 10_000), "got 10000 bytes, expected at most 200"},
	} {
		wantRefusalOf(t, test.name, test.problem)
	}
}

func wantRefusalOf(t *testing.T, name, problem string) {
	t.Helper()
	err := CheckModule(name)
	if err == nil {
		t.Errorf("%q was accepted, want %q", name, problem)
		return
	}
	wantRefusal(t, err, problem, "orders")
}

func TestModuleThatTheProjectRequiresIsRefused(t *testing.T) {
	s := mustReadScenario(t, sampleFile)
	s.project.Module = "github.com/aws/jsii-runtime-go"
	_, err := Render(s.source, s.project)
	wantRefusal(t, err, "the project requires a module of that name", "module path of your own")
}

func TestStandardHoldsWhatTheGoCommandHolds(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "list", "std").Output()
	if err != nil {
		t.Skipf("go list std: %v", err)
	}
	for name := range strings.FieldsSeq(string(output)) {
		if first, _, _ := strings.Cut(name, "/"); !slices.Contains(standard, first) {
			t.Errorf("package %s: %s is missing in the list", name, first)
		}
	}
}

func FuzzCheckModule(f *testing.F) {
	for _, name := range []string{"orders", "example.com/orders/v2", "fmt", "../x", "a//b", "{{.}}", "a\x00", "Ünïcode"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if CheckModule(name) != nil {
			return
		}
		if err := module.CheckImportPath(name + "/stacks/glueworkflow"); err != nil {
			t.Errorf("%q was accepted: %v", name, err)
		}
		if path.Clean(name) != name || path.IsAbs(name) {
			t.Errorf("%q was accepted", name)
		}
		mod, err := renamed("go.mod.txt", []byte("module example.com/x\n\ngo 1.26.0\n"), name)
		if got := modfile.ModulePath(mod); err != nil || got != name {
			t.Errorf("%q became module %q in go.mod: %v", name, got, err)
		}
		moved, err := reroot("p.go", []byte("package p\n\nimport _ \""+home+"/x\"\n"), home, name)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if imports, code := dissect(t, moved); !slices.Equal(imports, []string{name + "/x"}) || len(code) > 0 {
			t.Errorf("%q became imports %q and code %q", name, imports, code)
		}
	})
}
