package generate

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

const home = "example.com/pipewright"

var update = flag.Bool("update", false, "rewrite the want/ files of testdata/render")

// scenario is a txtar archive: settings and the expected error in its comment, then src/, files/ and want/.
type scenario struct {
	archive *txtar.Archive
	project Project
	source  Source
	wantErr string
	want    map[string]string
}

func readScenario(file string) (*scenario, error) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		return nil, err
	}
	s := &scenario{archive: archive, project: Project{Files: map[string][]byte{}}, want: map[string]string{}}
	lines := bufio.NewScanner(bytes.NewReader(archive.Comment))
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch key {
		case "example":
			s.project.Example = value
		case "module":
			s.project.Module = value
		case "error":
			s.wantErr = value
		}
	}
	stacks, constructs, base := fstest.MapFS{}, fstest.MapFS{}, fstest.MapFS{}
	for _, f := range archive.Files {
		entry := &fstest.MapFile{Data: f.Data}
		if name, ok := strings.CutPrefix(f.Name, "src/stacks/"); ok {
			stacks[name] = entry
		} else if name, ok := strings.CutPrefix(f.Name, "src/constructs/"); ok {
			constructs[name] = entry
		} else if name, ok := strings.CutPrefix(f.Name, "src/base/"); ok {
			base[name] = entry
		} else if name, ok := strings.CutPrefix(f.Name, "files/"); ok {
			s.project.Files[name] = f.Data
		} else if name, ok := strings.CutPrefix(f.Name, "want/"); ok {
			s.want[name] = string(f.Data)
		} else {
			return nil, fmt.Errorf("%s: %s: expected src/, files/ or want/", file, f.Name)
		}
	}
	s.source = Source{Module: home, Stacks: stacks, Constructs: constructs, Base: base}
	return s, nil
}

func mustReadScenario(t testing.TB, file string) *scenario {
	t.Helper()
	s, err := readScenario(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func contentOf(tree *Tree) map[string]string {
	content := map[string]string{}
	for _, file := range tree.Files {
		content[file.Path] = string(file.Data)
	}
	return content
}

func TestRender(t *testing.T) {
	files, err := filepath.Glob("testdata/render/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			s := mustReadScenario(t, file)
			tree, err := Render(s.source, s.project)
			if s.wantErr != "" {
				if err == nil || !strings.HasPrefix(err.Error(), s.wantErr) {
					t.Fatalf("got error\n%v\nwant one that begins with\n%s", err, s.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := contentOf(tree)
			delete(got, ManifestName)
			if *update {
				s.rewrite(t, file, got)
				return
			}
			if diff := cmp.Diff(s.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func (s *scenario) rewrite(t *testing.T, file string, got map[string]string) {
	t.Helper()
	s.archive.Files = slices.DeleteFunc(s.archive.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "want/") })
	for _, name := range slices.Sorted(maps.Keys(got)) {
		s.archive.Files = append(s.archive.Files, txtar.File{Name: "want/" + name, Data: []byte(got[name])})
	}
	if err := os.WriteFile(file, txtar.Format(s.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTreeIsSortedAndItsModesFollowTheContent(t *testing.T) {
	tree := sample(t)
	if !slices.IsSortedFunc(tree.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the files are not sorted by path")
	}
	for _, file := range tree.Files {
		want := fs.FileMode(0o644)
		if file.Path == "constructs/starter/job/etl.py" {
			want = 0o755
		}
		if file.Mode != want {
			t.Errorf("%s: got mode %v, want %v", file.Path, file.Mode, want)
		}
	}
}

// sampleFile is the scenario that has a bit of everything.
const sampleFile = "testdata/render/follows-imports.txtar"

func sample(t testing.TB) *Tree {
	t.Helper()
	s := mustReadScenario(t, sampleFile)
	tree, err := Render(s.source, s.project)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestRenderTwiceIsByteEqualWhateverTheEnvironment(t *testing.T) {
	first := sample(t)
	for _, setting := range []string{"TZ=Asia/Kathmandu", "LANG=tr_TR.UTF-8", "LC_ALL=C", "GOMAXPROCS=1"} {
		key, value, _ := strings.Cut(setting, "=")
		t.Setenv(key, value)
		if diff := cmp.Diff(first, sample(t)); diff != "" {
			t.Errorf("under %s (-first +now):\n%s", setting, diff)
		}
	}
	for _, env := range [][]string{{"TZ=Pacific/Kiritimati", "LANG=de_DE.UTF-8", "GOMAXPROCS=1"}, {"TZ=UTC", "LANG=C", "GOMAXPROCS=4"}} {
		got := runChild(t, "render", ".", env...)
		if want := string(first.manifest()); got.output != want {
			t.Errorf("a process with %v rendered other bytes (-want +got):\n%s", env, cmp.Diff(want, got.output))
		}
	}
}

func TestManifestIsReadBySha256sum(t *testing.T) {
	program, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Skip("sha256sum is not installed")
	}
	tree := sample(t)
	t.Chdir(t.TempDir())
	if _, err := tree.Write("orders", WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	check := exec.CommandContext(t.Context(), program, "-c", "--strict", ManifestName)
	check.Dir = "orders"
	if output, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestGeneratedProjectVetsAndTestsOffline(t *testing.T) {
	s := mustReadScenario(t, sampleFile)
	s.source.Stacks = without(t, s.source.Stacks, "glueworkflow/go.mod.txt")
	tree, err := Render(s.source, s.project)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if _, err := tree.Write("orders", WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{"vet", "./..."}, {"test", "./..."}} {
		command := exec.CommandContext(t.Context(), "go", arguments...)
		command.Dir = "orders"
		command.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("go %v: %v\n%s", arguments, err, output)
		}
	}
}
