package generate

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// versionOne and versionTwo are a project before and after its generator, or its answers, changed.
var versionOne = map[string]string{
	"README.md":                            "one",
	"cdk.go":                               "package main",
	"constructs/gone/gone.go":              "package gone",
	"constructs/kept/sample/year=2012/a":   "same",
	"stacks/glueworkflow/glueworkflow.go":  "package glueworkflow",
	"stacks/glueworkflow/testdata/one.txt": "same",
}

var versionTwo = map[string]string{
	"README.md":                            "two",
	"cdk.go":                               "package main // two",
	"constructs/kept/sample/year=2012/a":   "same",
	"constructs/new/new.go":                "package new // " + strings.Repeat("long ", 40),
	"stacks/glueworkflow/glueworkflow.go":  "package glueworkflow // two",
	"stacks/glueworkflow/testdata/one.txt": "same",
}

func mustWrite(t testing.TB, tree *Tree, dir string, force bool) Result {
	t.Helper()
	result, err := tree.Write(dir, WriteOptions{Force: force})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// wantRefusal checks that the error is a *Refusal whose problem and hint hold the texts given.
func wantRefusal(t testing.TB, err error, problem, hint string) {
	t.Helper()
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		t.Errorf("got error %v, want a refusal: %s", err, problem)
		return
	}
	if !strings.Contains(refusal.Problem, problem) || !strings.Contains(refusal.Hint, hint) {
		t.Errorf("got\n%v\nwant %q\n  hint: %q", err, problem, hint)
	}
}

// files is what is on disk below the folder without its subfolders.
func files(t testing.TB, folder string) map[string]string {
	t.Helper()
	found := onDisk(t, folder)
	for name, content := range found {
		if content == "folder" {
			delete(found, name)
		}
	}
	return found
}

func TestNewProjectAppearsWhole(t *testing.T) {
	for _, dir := range []string{"orders", "./orders", "team/orders", "orders/", "team//orders", "a=b c"} {
		t.Run(dir, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if strings.HasPrefix(dir, "team") {
				put(t, map[string]string{"team/other.txt": "stays"})
			}
			result := mustWrite(t, treeOf(versionOne), dir, false)
			if diff := cmp.Diff(contentOf(treeOf(versionOne)), files(t, dir)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(result.Written) != len(versionOne)+1 || !slices.IsSorted(result.Written) {
				t.Errorf("got %v, want each file and the manifest, sorted", result.Written)
			}
			for name := range files(t, ".") {
				if strings.Contains(name, "tmp-") || strings.Contains(name, "lock") {
					t.Errorf("%s was left", name)
				}
			}
		})
	}
}

func TestModesOnDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	t.Chdir(t.TempDir())
	mustWrite(t, treeOf(map[string]string{"run.sh": "#!/bin/sh\n", "a/b.txt": ""}), "orders", false)
	for name, want := range map[string]os.FileMode{"run.sh": 0o755, "a/b.txt": 0o644, "a": 0o755, "": 0o755, ManifestName: 0o644} {
		info, err := os.Stat("orders/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got&^want != 0 || got&0o700 != want&0o700 {
			t.Errorf("%q: got mode %v, want %v less the umask", name, got, want)
		}
	}
}

func TestEmptyFolderIsFilled(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("orders", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, force := range []bool{false, true} {
		mustWrite(t, treeOf(versionOne), "orders", force)
		if diff := cmp.Diff(contentOf(treeOf(versionOne)), files(t, "orders")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestFailureKeepsAnEmptyFolderThatWasThere(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("orders", 0o755); err != nil {
		t.Fatal(err)
	}
	before := onDisk(t, ".")
	bad := treeOf(versionOne)
	bad.Files = append(bad.Files, File{Path: strings.Repeat("x", 300), Mode: 0o644})
	if _, err := bad.Write("orders", WriteOptions{}); err == nil {
		t.Error("got no error for a name of 300 bytes")
	}
	if diff := cmp.Diff(before, onDisk(t, ".")); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
}

func TestTreeWithAPathOutsideIsRefused(t *testing.T) {
	for _, path := range []string{"../x", "/etc/x", "a/../../x", `a\b`, "C:x", "nul", "a//b", "", "a/b.", " a", "a\x00b"} {
		t.Run(path, func(t *testing.T) {
			t.Chdir(t.TempDir())
			tree := &Tree{Files: []File{{Path: path, Mode: 0o644}}}
			if _, err := tree.Write("orders", WriteOptions{}); err == nil {
				t.Error("got no error")
			}
			if diff := cmp.Diff(map[string]string{}, onDisk(t, ".")); diff != "" {
				t.Errorf("something was written:\n%s", diff)
			}
		})
	}
}

func TestTwoGeneratorsAtOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	const generators = 8
	errs := make([]error, generators)
	var group sync.WaitGroup
	for i := range generators {
		group.Go(func() {
			_, errs[i] = treeOf(map[string]string{"who.txt": fmt.Sprint(i)}).Write("orders", WriteOptions{})
		})
	}
	group.Wait()
	winner := -1
	for i, err := range errs {
		if err == nil {
			if winner >= 0 {
				t.Errorf("generators %d and %d both say that they wrote the project", winner, i)
			}
			winner = i
			continue
		}
		wantRefusal(t, err, `target "orders": `, "")
	}
	want := contentOf(treeOf(map[string]string{"who.txt": fmt.Sprint(winner)}))
	if diff := cmp.Diff(map[string]string{"orders/who.txt": want["who.txt"], "orders/" + ManifestName: want[ManifestName]}, files(t, ".")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSecondGeneratorIsRefusedWhileTheFirstWrites(t *testing.T) {
	for _, existing := range []bool{false, true} {
		t.Run(fmt.Sprintf("project exists %v", existing), func(t *testing.T) {
			t.Chdir(t.TempDir())
			if existing {
				mustWrite(t, treeOf(versionOne), "orders", false)
			}
			cwd, err := os.OpenRoot(".")
			if err != nil {
				t.Fatal(err)
			}
			defer cwd.Close()
			first := &writer{tree: treeOf(versionTwo), force: existing, step: func() {
				_, err := treeOf(versionOne).Write("orders", WriteOptions{Force: existing})
				wantRefusal(t, err, `target "orders": another generator is writing it`, "wait until it has finished")
			}}
			if err := first.write(cwd, "orders"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(contentOf(treeOf(versionTwo)), files(t, "orders")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestKilledWhileCreating(t *testing.T) {
	steps := len(versionOne) + 2 // each file, the manifest, and the rename
	for step := range steps {
		t.Run(fmt.Sprintf("before step %d", step), func(t *testing.T) {
			t.Chdir(t.TempDir())
			put(t, map[string]string{".orders.tmp-mine/notes.txt": "the user's, in spite of its name"})
			if got := runChild(t, fmt.Sprintf("create:%d", step), "."); !got.killed {
				t.Fatalf("the generator was not killed: %v %s", got.err, got.output)
			}
			if _, err := os.Lstat("orders"); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the target exists after the kill: %v", err)
			}
			result := mustWrite(t, treeOf(versionOne), "orders", false)
			if len(result.Recovered) != 1 || !strings.HasPrefix(result.Recovered[0], ".orders.tmp-") {
				t.Errorf("got recovered %v, want the temporary folder of the killed run", result.Recovered)
			}
			want := map[string]string{".orders.tmp-mine/notes.txt": "the user's, in spite of its name"}
			for name, content := range contentOf(treeOf(versionOne)) {
				want["orders/"+name] = content
			}
			if diff := cmp.Diff(want, files(t, ".")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLeftoversAreRemovedEvenWhenTheTargetIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, map[string]string{"orders/mine.txt": "", ".orders.tmp-1/" + markerName: "", ".orders.tmp-1/tree/a": "", ".other.tmp-1/" + markerName: ""})
	if err := os.Mkdir(".orders.tmp-2", 0o755); err != nil { // killed before the marker was there
		t.Fatal(err)
	}
	result, err := treeOf(versionOne).Write("orders", WriteOptions{})
	wantRefusal(t, err, "the folder is not empty (mine.txt)", "--force")
	if diff := cmp.Diff(Result{Recovered: []string{".orders.tmp-1", ".orders.tmp-2"}}, result); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"orders/mine.txt": "", ".other.tmp-1/" + markerName: ""}, files(t, ".")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTwiceGivesEqualFolders(t *testing.T) {
	one, two := sample(t), sample(t)
	t.Chdir(t.TempDir())
	mustWrite(t, one, "one", false)
	mustWrite(t, two, "two", false)
	if diff := cmp.Diff(onDisk(t, "one"), onDisk(t, "two")); diff != "" {
		t.Errorf("-one +two:\n%s", diff)
	}
}

func TestWhatAppearsAtTheTargetMeanwhileIsNotOverwritten(t *testing.T) {
	for _, test := range []struct {
		name   string
		appear func(t *testing.T)
		want   map[string]string
	}{
		{"a folder with a file", func(t *testing.T) { put(t, map[string]string{"orders/mine.txt": "mine"}) }, map[string]string{"orders/mine.txt": "mine"}},
		{"a file", func(t *testing.T) { put(t, map[string]string{"orders": "mine"}) }, map[string]string{"orders": "mine"}},
		{"a link", func(t *testing.T) { relink(t, "..", "orders") }, map[string]string{"orders": "-> .."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			cwd, err := os.OpenRoot(".")
			if err != nil {
				t.Fatal(err)
			}
			defer cwd.Close()
			steps := 0
			w := &writer{tree: treeOf(versionOne), step: func() {
				if steps++; steps == len(versionOne)+2 {
					test.appear(t)
				}
			}}
			if err := w.write(cwd, "orders"); err == nil || !strings.Contains(err.Error(), "move the project to orders") {
				t.Errorf("got error %v, want one about the last step", err)
			}
			if diff := cmp.Diff(test.want, files(t, ".")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
