package generate

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestUpdate(t *testing.T) {
	edited := "edited by the user"
	for _, test := range []struct {
		name   string
		edits  map[string]string // after generation; "" removes the file
		want   map[string]string // differences from versionTwo on disk; "" means absent
		result Result
	}{
		{
			name: "an untouched project becomes the new version",
			result: Result{
				Written:   []string{"constructs/new/new.go"},
				Replaced:  []string{ManifestName, "README.md", "cdk.go", "stacks/glueworkflow/glueworkflow.go"},
				Removed:   []string{"constructs/gone/gone.go"},
				Unchanged: []string{"constructs/kept/sample/year=2012/a", "stacks/glueworkflow/testdata/one.txt"},
			},
		},
		{
			name:  "an edited file is kept and reported",
			edits: map[string]string{"cdk.go": edited, "constructs/kept/sample/year=2012/a": edited},
			want:  map[string]string{"cdk.go": edited, "constructs/kept/sample/year=2012/a": edited},
			result: Result{
				Written:   []string{"constructs/new/new.go"},
				Replaced:  []string{ManifestName, "README.md", "stacks/glueworkflow/glueworkflow.go"},
				Kept:      []string{"cdk.go", "constructs/kept/sample/year=2012/a"},
				Removed:   []string{"constructs/gone/gone.go"},
				Unchanged: []string{"stacks/glueworkflow/testdata/one.txt"},
			},
		},
		{
			name:  "an edited file that is no longer part is kept, and unknown files are not even mentioned",
			edits: map[string]string{"constructs/gone/gone.go": edited, "constructs/gone/mine.go": "m", "notes/todo.txt": "n", ".env": "e"},
			want:  map[string]string{"constructs/gone/gone.go": edited, "constructs/gone/mine.go": "m", "notes/todo.txt": "n", ".env": "e"},
			result: Result{
				Written:   []string{"constructs/new/new.go"},
				Replaced:  []string{ManifestName, "README.md", "cdk.go", "stacks/glueworkflow/glueworkflow.go"},
				Kept:      []string{"constructs/gone/gone.go"},
				Unchanged: []string{"constructs/kept/sample/year=2012/a", "stacks/glueworkflow/testdata/one.txt"},
			},
		},
		{
			name:  "a file of the user where a new one belongs is kept",
			edits: map[string]string{"constructs/new/new.go": edited},
			want:  map[string]string{"constructs/new/new.go": edited},
			result: Result{
				Replaced:  []string{ManifestName, "README.md", "cdk.go", "stacks/glueworkflow/glueworkflow.go"},
				Kept:      []string{"constructs/new/new.go"},
				Removed:   []string{"constructs/gone/gone.go"},
				Unchanged: []string{"constructs/kept/sample/year=2012/a", "stacks/glueworkflow/testdata/one.txt"},
			},
		},
		{
			name:  "a deleted file comes back, and one edited to the new content is unchanged",
			edits: map[string]string{"README.md": "", "cdk.go": versionTwo["cdk.go"]},
			result: Result{
				Written:   []string{"README.md", "constructs/new/new.go"},
				Replaced:  []string{ManifestName, "stacks/glueworkflow/glueworkflow.go"},
				Removed:   []string{"constructs/gone/gone.go"},
				Unchanged: []string{"cdk.go", "constructs/kept/sample/year=2012/a", "stacks/glueworkflow/testdata/one.txt"},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			mustWrite(t, treeOf(versionOne), "orders", false)
			for name, content := range test.edits {
				if content == "" {
					if err := os.Remove("orders/" + name); err != nil {
						t.Fatal(err)
					}
					continue
				}
				put(t, map[string]string{"orders/" + name: content})
			}
			if diff := cmp.Diff(test.result, mustWrite(t, treeOf(versionTwo), "orders", true), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			want := contentOf(treeOf(versionTwo))
			maps.Copy(want, test.want)
			if diff := cmp.Diff(want, files(t, "orders")); diff != "" {
				t.Errorf("on disk (-want +got):\n%s", diff)
			}
			again := mustWrite(t, treeOf(versionTwo), "orders", true)
			if len(again.Written)+len(again.Replaced)+len(again.Removed) > 0 {
				t.Errorf("a second update changed something: %+v", again)
			}
			if diff := cmp.Diff(want, files(t, "orders")); diff != "" {
				t.Errorf("after a second update (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUpdateRemovesFoldersThatBecameEmpty(t *testing.T) {
	t.Chdir(t.TempDir())
	mustWrite(t, treeOf(versionOne), "orders", false)
	mustWrite(t, treeOf(versionTwo), "orders", true)
	if _, err := os.Lstat("orders/constructs/gone"); !os.IsNotExist(err) {
		t.Errorf("constructs/gone is still there: %v", err)
	}
}

func TestUpdateFromWithinTheProject(t *testing.T) {
	t.Chdir(t.TempDir())
	mustWrite(t, treeOf(versionOne), "orders", false)
	t.Chdir("orders")
	mustWrite(t, treeOf(versionTwo), ".", true)
	if diff := cmp.Diff(contentOf(treeOf(versionTwo)), files(t, ".")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestKilledWhileUpdating kills an update before each of its steps, and then generates a third version: no generated
// file may pass for one that the user has edited, and none that the user has edited may be lost.
func TestKilledWhileUpdating(t *testing.T) {
	third := maps.Clone(versionTwo)
	third["README.md"], third["constructs/third/third.go"] = "three", "package third"
	delete(third, "constructs/new/new.go")
	for step := 0; ; step++ {
		if step > 50 {
			t.Fatal("the update never ends")
		}
		t.Chdir(t.TempDir())
		mustWrite(t, treeOf(versionOne), "orders", false)
		put(t, map[string]string{"orders/cdk.go": "edited", "orders/mine.txt": "mine"})
		before := onDisk(t, "orders")
		got := runChild(t, fmt.Sprintf("update:%d", step), ".")
		if !got.killed {
			if got.err != nil || step < 8 {
				t.Errorf("step %d: %v %s", step, got.err, got.output)
			}
			return
		}
		if step == 0 && cmp.Equal(before, onDisk(t, "orders")) {
			t.Error("killed before step 0, the temporary folder should have been there")
		}
		result := mustWrite(t, treeOf(third), "orders", true)
		if len(result.Recovered) == 0 {
			t.Errorf("killed before step %d: nothing was recovered", step)
		}
		if diff := cmp.Diff([]string{"cdk.go"}, result.Kept); diff != "" {
			t.Errorf("killed before step %d, kept (-want +got):\n%s", step, diff)
		}
		want := contentOf(treeOf(third))
		want["cdk.go"], want["mine.txt"] = "edited", "mine"
		if diff := cmp.Diff(want, files(t, "orders")); diff != "" {
			t.Errorf("killed before step %d (-want +got):\n%s", step, diff)
		}
	}
}

func TestUpdateIsRefused(t *testing.T) {
	const sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, test := range []struct {
		name          string
		manifest      string
		problem, hint string
	}{
		{"no manifest", "", "--force needs the project's .pipewright.sum", "generate into a new folder"},
		{"a line that is no sum", "hello\n", `.pipewright.sum:1: got "hello", expected a SHA-256`, "restore the file"},
		{"a sum that is too short", sum + "  a\nabcd  b\n", ".pipewright.sum:2: got", "restore the file"},
		{"a path outside", sum + "  ../../etc/passwd\n", ".pipewright.sum:1: malformed file path", "restore the file"},
		{"an absolute path", sum + "  /etc/passwd\n", ".pipewright.sum:1: malformed file path", "restore the file"},
		{"10 MB", strings.Repeat("x", maxManifest+1), "got more than 10485760 bytes", "restore the file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			put(t, map[string]string{"orders/mine.txt": "mine"})
			if test.manifest != "" {
				put(t, map[string]string{"orders/" + ManifestName: test.manifest})
			}
			before := onDisk(t, ".")
			_, err := treeOf(versionTwo).Write("orders", WriteOptions{Force: true})
			wantRefusal(t, err, test.problem, test.hint)
			if diff := cmp.Diff(before, onDisk(t, ".")); diff != "" {
				t.Errorf("-before +after:\n%s", diff)
			}
		})
	}
}

func TestUpdateWritesNothingThroughLinks(t *testing.T) {
	t.Run("a linked file counts as edited", func(t *testing.T) {
		t.Chdir(t.TempDir())
		mustWrite(t, treeOf(versionOne), "orders", false)
		put(t, map[string]string{"outside.txt": versionOne["README.md"]})
		relink(t, "../outside.txt", "orders/README.md")
		result := mustWrite(t, treeOf(versionTwo), "orders", true)
		if !slices.Contains(result.Kept, "README.md") {
			t.Errorf("got kept %v, want README.md among them", result.Kept)
		}
		if got := onDisk(t, "."); got["outside.txt"] != "one" || got["orders/README.md"] != "-> ../outside.txt" {
			t.Errorf("the link was followed or replaced: %q", got)
		}
	})
	for _, to := range []string{"../outside", "../orders-aside", "/tmp"} {
		t.Run("a linked folder is refused: "+to, func(t *testing.T) {
			t.Chdir(t.TempDir())
			mustWrite(t, treeOf(versionOne), "orders", false)
			put(t, map[string]string{"outside/a.txt": "a", "orders-aside/a.txt": "a"})
			relink(t, to, "orders/stacks")
			before := onDisk(t, ".")
			_, err := treeOf(versionTwo).Write("orders", WriteOptions{Force: true})
			wantRefusal(t, err, "stacks is no folder, but stacks/glueworkflow/glueworkflow.go belongs in it", "put a folder there")
			if diff := cmp.Diff(before, onDisk(t, ".")); diff != "" {
				t.Errorf("-before +after:\n%s", diff)
			}
		})
	}
}

// relink puts a symbolic link in the place of whatever is there.
func relink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(to, name); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

func TestUpdateLeavesAloneWhatTheUserPutInPlaceOfARemovedFile(t *testing.T) {
	for _, test := range []struct {
		name    string
		replace func(t *testing.T)
	}{
		{"nothing", func(t *testing.T) {
			if err := os.RemoveAll("orders/constructs/gone"); err != nil {
				t.Fatal(err)
			}
		}},
		{"a folder for the file", func(t *testing.T) {
			if err := os.Remove("orders/constructs/gone/gone.go"); err != nil {
				t.Fatal(err)
			}
			put(t, map[string]string{"orders/constructs/gone/gone.go/mine.txt": "mine"})
		}},
		{"a link for the file", func(t *testing.T) { relink(t, "../../README.md", "orders/constructs/gone/gone.go") }},
		{"a link for its folder", func(t *testing.T) {
			put(t, map[string]string{"aside/gone.go": versionOne["constructs/gone/gone.go"]})
			relink(t, "../../aside", "orders/constructs/gone")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			mustWrite(t, treeOf(versionOne), "orders", false)
			test.replace(t)
			want := onDisk(t, ".")
			for name, content := range contentOf(treeOf(versionTwo)) {
				want["orders/"+name] = content
			}
			want["orders/constructs/new"] = "folder"
			if result := mustWrite(t, treeOf(versionTwo), "orders", true); len(result.Removed) > 0 {
				t.Errorf("got removed %v, want nothing", result.Removed)
			}
			if diff := cmp.Diff(want, onDisk(t, ".")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
