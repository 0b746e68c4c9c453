package generate

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// limited is a job that writes orders while the system gives less than the project needs: a number of bytes per file,
// or of further open files. Where the project exists, it updates it.
func limited(what string, limit uint64) error {
	signal.Ignore(syscall.SIGXFSZ) // so that the write returns an error, as it does on a full disk
	resource := syscall.RLIMIT_FSIZE
	if what == "files" {
		resource = syscall.RLIMIT_NOFILE
		reader, writer, err := os.Pipe() // the runtime's own descriptors are open from here on
		if err != nil {
			return err
		}
		defer reader.Close()
		defer writer.Close()
		limit += uint64(writer.Fd()) + 1
	}
	if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		return err
	}
	_, statErr := os.Lstat("orders/" + ManifestName)
	_, err := treeOf(versionTwo).Write("orders", WriteOptions{Force: statErr == nil})
	return err
}

func TestDiskFullLeavesEverythingAsItWas(t *testing.T) {
	for _, existing := range []bool{false, true} {
		t.Run(fmt.Sprintf("project exists %v", existing), func(t *testing.T) {
			if output := limitedChild(t, "bytes:100", existing); !strings.Contains(output, "file too large") {
				t.Errorf("got %q, want an error with %q", output, "file too large")
			}
		})
	}
}

func TestTooFewDescriptorsLeaveEverythingAsItWas(t *testing.T) {
	const limits = 20
	for _, existing := range []bool{false, true} {
		failed := 0
		for more := range limits {
			t.Run(fmt.Sprintf("project exists %v, %d more may be opened", existing, more), func(t *testing.T) {
				output := limitedChild(t, fmt.Sprintf("files:%d", more), existing)
				if strings.Contains(output, "too many open files") {
					failed++
				} else if output != "" {
					t.Errorf("got %q, want success or too many open files", output)
				}
			})
		}
		if failed < 3 || failed == limits {
			t.Errorf("project exists %v: %d of %d limits failed, so the test shows nothing", existing, failed, limits)
		}
	}
}

// limitedChild runs the job, checks that nothing has changed if it fails, and returns what it printed.
func limitedChild(t *testing.T, job string, existing bool) string {
	t.Helper()
	t.Chdir(t.TempDir())
	if existing {
		mustWrite(t, treeOf(versionOne), "orders", false)
	}
	before := onDisk(t, ".")
	got := runChild(t, job, ".")
	if got.err != nil {
		if diff := cmp.Diff(before, onDisk(t, ".")); diff != "" {
			t.Errorf("%s\n-before +after:\n%s", got.output, diff)
		}
	}
	return got.output
}

// asNobody calls do with the rights of an ordinary user when the tests run as root, for whom no folder is read-only.
// The thread that lost its rights ends with the goroutine.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
				t.Errorf("setfsuid: %v", errno)
				return
			}
		}
		do()
	}()
	<-done
}

func TestReadOnlyParentIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	chmod(t, ".", 0o555)
	asNobody(t, func() {
		_, err := treeOf(versionOne).Write("orders", WriteOptions{})
		wantRefusal(t, err, `target "orders": its folder cannot be written to`, "choose a folder of your own")
	})
	if diff := cmp.Diff(map[string]string{}, onDisk(t, ".")); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

func TestReadOnlyFolderInTheMiddleOfAnUpdateUndoesIt(t *testing.T) {
	t.Chdir(t.TempDir())
	chmod(t, ".", 0o777)
	asNobody(t, func() { mustWrite(t, treeOf(versionOne), "orders", false) })
	before := onDisk(t, ".")
	chmod(t, "orders/stacks/glueworkflow", 0o555)
	asNobody(t, func() {
		_, err := treeOf(versionTwo).Write("orders", WriteOptions{Force: true})
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("got error %v, want permission denied", err)
		}
	})
	if diff := cmp.Diff(before, onDisk(t, ".")); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
}

func chmod(t *testing.T, name string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(name, 0o755) })
}
