// Package golden compares a synthesized stack with the template that was reviewed: its golden template.
//
// It is for tests only. Hashes of assets are masked, because they change with the Go toolchain and not with the stack.
package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

var update = flag.Bool("update", false, "write the golden templates anew instead of comparing with them")

var assetHash = regexp.MustCompile(`[0-9a-f]{64}`)

// Check fails the test if the stack's template is not the one in the file, and shows the first line that differs.
// With `go test -update` it writes the file instead.
func Check(t *testing.T, stack awscdk.Stack, file string) {
	t.Helper()
	got := render(t, stack)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			got, want := around(gotLines[i], wantLines[i])
			t.Fatalf("%s:%d:\n got %s\nwant %s\nReview the change, then run go test -update", file, i+1, got, want)
		}
	}
	t.Fatalf("%s: got %d lines, want %d\nReview the change, then run go test -update", file, len(gotLines), len(wantLines))
}

// around shortens two lines to where they differ: a state machine's definition is one line of thousands of characters.
func around(got, want string) (shortGot, shortWant string) {
	const before, after = 60, 100
	same := 0
	for same < min(len(got), len(want)) && got[same] == want[same] {
		same++
	}
	from := max(0, same-before)
	return got[from:min(len(got), same+after)], want[from:min(len(want), same+after)]
}

func render(t *testing.T, stack awscdk.Stack) []byte {
	t.Helper()
	text, err := json.MarshalIndent(*assertions.Template_FromStack(stack, nil).ToJSON(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(assetHash.ReplaceAll(text, []byte("ASSET-HASH")), '\n')
}
