package generate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRefusedTargets(t *testing.T) {
	for _, test := range []struct{ dir, problem, hint string }{
		{"", "got an empty path", "for example orders"},
		{".", "got the working folder", "cd to the parent"},
		{"./", "got the working folder", "cd to the parent"},
		{"..", "got ..", "cd to the parent first"},
		{"../orders", "got ..", "cd to the parent first"},
		{"a/../../etc/x", "got ..", "cd to the parent first"},
		{"a/../orders", "got ..", "cd to the parent first"},
		{"/abs", "got an absolute path", "cd to its parent first"},
		{os.TempDir() + "/orders", "got an absolute path", "cd to its parent first"},
		{"//server/share", "got an absolute path", "cd to its parent first"},
		{`C:\x`, "got a drive letter", "cd to that drive"},
		{"c:x", "got a drive letter", "cd to that drive"},
		{`a\b`, "got a backslash", "write / between folders"},
		{`\\server\share`, "got a backslash", "write / between folders"},
		{"~", "got ~", "a shell expands ~ only unquoted"},
		{"~root/x", "got ~", "a shell expands ~ only unquoted"},
		{"a/~/x", "got ~", "a shell expands ~ only unquoted"},
		{"a\x00b", "cannot be printed", "for example orders"},
		{"a\nb", "cannot be printed", "for example orders"},
		{"orders\u202etxt", `"orders\u202etxt": got characters that cannot be printed`, "for example orders"},
		{"a\xffb", "cannot be printed", "for example orders"},
		{"con", `keeps the name "con" for a device`, "choose another name"},
		{"NUL.txt", `keeps the name "NUL.txt" for a device`, "choose another name"},
		{"a/com1", `keeps the name "com1" for a device`, "choose another name"},
		{"Lpt9/x", `keeps the name "Lpt9" for a device`, "choose another name"},
		{"COM².log", "for a device", "choose another name"},
		{"conout$", "for a device", "choose another name"},
		{"aux .x", "for a device", "choose another name"},
		{"orders.", "got a dot or a space at the end", "remove it"},
		{"orders ", "got a dot or a space at the end", "remove it"},
		{"a./b", "got a dot or a space at the end", "remove it"},
		{"...", "got a dot or a space at the end", "remove it"},
		{"what?", "got one of", "for example orders"},
		{"a|b", "got one of", "for example orders"},
		{"team:orders", "got one of", "for example orders"},
		{"-rf", "begins with a hyphen", "begin with a letter"},
		{strings.Repeat("x", 201), "got a name of 201 bytes, expected at most 200", "shorter name"},
		{"missing/orders", "there is no folder missing to put it in", "mkdir -p missing"},
		{"file.txt", "file.txt is a file", "choose another name"},
		{"file.txt/orders", "file.txt is a file", "choose another name"},
		{"full", "the folder is not empty (1, 2, 3, 4, 5 and 2 more)", "choose another folder, or --force"},
		{"inside-link", "inside-link is a symbolic link", "nothing is written through links"},
		{"outside-link", "outside-link is a symbolic link", ""},
		{"dangling-link", "dangling-link is a symbolic link", ""},
		{"inside-link/orders", "inside-link is a symbolic link", ""},
		{"outside-link/orders", "outside-link is a symbolic link", ""},
		{"real/link/orders", "link is a symbolic link", ""},
	} {
		for _, force := range []bool{false, true} {
			if force && (test.dir == "full" || strings.HasPrefix(filepath.Clean(test.dir), ".")) {
				continue
			}
			t.Run(fmt.Sprintf("%.30q force %v", test.dir, force), func(t *testing.T) {
				t.Chdir(refusedFixture(t))
				before := onDisk(t, "..")
				_, err := treeOf(versionOne).Write(test.dir, WriteOptions{Force: force})
				if strings.Contains(test.hint, "nothing is written") {
					wantRefusal(t, err, test.hint, "cd to where it leads")
					test.hint = ""
				}
				wantRefusal(t, err, test.problem, test.hint)
				if !force {
					wantRefusal(t, CheckFree(test.dir), test.problem, test.hint)
				}
				if diff := cmp.Diff(before, onDisk(t, "..")); diff != "" {
					t.Errorf("something was written:\n%s", diff)
				}
			})
		}
	}
}

func TestAFreeTargetIsNoRefusal(t *testing.T) {
	t.Chdir(refusedFixture(t))
	if err := os.Mkdir("empty", 0o755); err != nil {
		t.Fatal(err)
	}
	before := onDisk(t, "..")
	for _, dir := range []string{"orders", "empty", "real/orders", "./orders/"} {
		if err := CheckFree(dir); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if diff := cmp.Diff(before, onDisk(t, "..")); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

// refusedFixture makes a working folder with everything that a target may stumble over.
func refusedFixture(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "work")
	for _, name := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		put(t, map[string]string{filepath.Join(folder, "full", name): name})
	}
	put(t, map[string]string{
		filepath.Join(folder, "file.txt"):                "a file",
		filepath.Join(folder, "real", "a.txt"):           "a",
		filepath.Join(filepath.Dir(folder), "out", "a"):  "a",
		filepath.Join(folder, "a", "beside", "todo.txt"): "a",
	})
	for name, to := range map[string]string{
		"inside-link": "real", "outside-link": "../out", "dangling-link": "nowhere", "real/link": "../a",
	} {
		relink(t, to, filepath.Join(folder, name))
	}
	return folder
}

func FuzzCheckTarget(f *testing.F) {
	for _, dir := range []string{"orders", "a/b", "..", `C:\x`, "con", "a\x00", "~", "orders.", "a=b"} {
		f.Add(dir)
	}
	f.Fuzz(func(t *testing.T, dir string) {
		if CheckTarget(dir) != nil {
			return
		}
		if clean := filepath.Clean(dir); !filepath.IsLocal(clean) || strings.ContainsAny(dir, "\x00\\\r\n") {
			t.Errorf("%q was accepted", dir)
		}
	})
}
