package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/generate"
)

// maxTree is what a generated project may take on disk, in bytes, without what its tools install later.
const maxTree = 3 << 20

// blockSize is what a file takes at least on most file systems.
const blockSize = 4096

func TestAProjectIsSmall(t *testing.T) {
	for _, example := range written() {
		tree := rendered(t, example)
		size := 0
		for _, file := range tree.Files {
			size += (len(file.Data) + blockSize - 1) / blockSize * blockSize
		}
		if size > maxTree {
			t.Errorf("%s: got %d bytes in blocks, want at most %d", example, size, maxTree)
		}
	}
}

func rendered(t testing.TB, example string) *generate.Tree {
	t.Helper()
	tree, err := renderProject(example, "example.com/orders", exampleOf(t, example))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func exampleOf(t testing.TB, example string) *answers.Answers {
	t.Helper()
	sh := &shell{now: time.Now}
	given, err := sh.exampleAnswers(example)
	if err != nil {
		t.Fatal(err)
	}
	return given
}

// The answers that come with an example must lead to it, or recommend and new would disagree.
func TestTheAnswersOfAnExampleRecommendIt(t *testing.T) {
	for _, example := range written() {
		given := exampleOf(t, example)
		if got := advisor.Recommend(given).Example; got != example {
			t.Errorf("the answers of %s recommend %s", example, got)
		}
		if err := supported(example, given); err != nil {
			t.Errorf("the answers of %s: %v", example, err)
		}
	}
}

func TestEveryKnownExampleIsWrittenOrSaidNotToBe(t *testing.T) {
	sh := &shell{now: time.Now}
	for _, example := range advisor.Examples() {
		_, err := sh.exampleAnswers(example)
		if slices.Contains(written(), example) {
			if err != nil {
				t.Errorf("%s: %v", example, err)
			}
			continue
		}
		want := fmt.Sprintf("this version cannot write the example %s (%s) yet; nothing was written", example, advisor.Service(example))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

// FuzzAnswersTravelUnchanged protects the way of an answer into a project: what the user said, or a refusal.
func FuzzAnswersTravelUnchanged(f *testing.F) {
	for _, text := range []string{
		"raw/", "a b/", `a"b`, "a'b", "a\\b", "a\nb", "a`b", "{{.}}", "${AWS::X}", "$x", "%s%d", "or\u202eders", "été/📦/", "<&>", "#x", "yes", "012", "- a", "a: b", "\x00",
		strings.Repeat("x", 10_000), "\u2028", "null", "~", "!x", "&a", "*a", "[a]", "a,b",
	} {
		f.Add(text, text)
	}
	now := time.Now()
	f.Fuzz(func(t *testing.T, prefix, suffix string) {
		given := answers.Default()
		given.Name = "orders"
		if given.Set("start.prefix", prefix, now) != nil || given.Set("start.suffix", suffix, now) != nil {
			return // refused, with a message
		}
		if given.Start.Prefix != prefix || given.Start.Suffix != suffix {
			t.Fatalf("%q and %q were kept as %q and %q", prefix, suffix, given.Start.Prefix, given.Start.Suffix)
		}
		again, err := answers.Parse("answers.yaml", given.YAML(), now)
		if err != nil {
			t.Fatalf("%v\n%s", err, given.YAML())
		}
		if again.Start.Prefix != prefix || again.Start.Suffix != suffix {
			t.Errorf("answers.yaml made %q and %q of %q and %q", again.Start.Prefix, again.Start.Suffix, prefix, suffix)
		}
		settings, err := cdkJSON(advisor.GlueWorkflow, again)
		if err != nil {
			t.Fatal(err)
		}
		var read struct {
			Context struct{ Prefix, Suffix string }
		}
		if err := json.Unmarshal(settings, &read); err != nil {
			t.Fatalf("%v\n%s", err, settings)
		}
		if read.Context.Prefix != prefix || read.Context.Suffix != suffix {
			t.Errorf("cdk.json made %q and %q of %q and %q", read.Context.Prefix, read.Context.Suffix, prefix, suffix)
		}
	})
}

// BenchmarkNew is the whole command but for the start of its process: it is to stay below 50 ms, for the user waits for it.
func BenchmarkNew(b *testing.B) {
	for _, example := range written() {
		b.Run(example, func(b *testing.B) {
			b.Chdir(b.TempDir())
			sh := &shell{stdin: os.Stdin, stdout: io.Discard, stderr: io.Discard, now: time.Now}
			count := 0
			for b.Loop() {
				if code := sh.main([]string{"new", fmt.Sprintf("orders-%d", count), "--example", example}); code != exitDone {
					b.Fatalf("got exit code %d", code)
				}
				count++
			}
		})
	}
}

// TestNewAgainGivesTheSameBytes runs the whole command twice, from the answers to the files.
func TestNewAgainGivesTheSameBytes(t *testing.T) {
	t.Chdir(t.TempDir())
	var stderr bytes.Buffer
	sh := &shell{stdin: os.Stdin, stdout: io.Discard, stderr: &stderr, now: time.Now}
	for _, example := range written() {
		for _, folder := range []string{"one", "two"} {
			if code := sh.main([]string{"new", example + "-" + folder, "--example", example}); code != exitDone {
				t.Fatalf("got exit code %d: %s", code, stderr.String())
			}
		}
		one, err := os.ReadFile(filepath.Join(example+"-one", generate.ManifestName))
		if err != nil {
			t.Fatal(err)
		}
		two, err := os.ReadFile(filepath.Join(example+"-two", generate.ManifestName))
		if err != nil {
			t.Fatal(err)
		}
		if len(one) == 0 || !bytes.Equal(one, two) {
			t.Errorf("%s: the sums of two runs differ", example)
		}
	}
}

// A recommendation needs less than a project; what is missing must stop new before anything is written.
func TestAProjectIsNotWrittenBeforeItsAnswersAreComplete(t *testing.T) {
	t.Chdir(t.TempDir())
	given := exampleOf(t, advisor.GlueWorkflow)
	given.Name = ""
	sh := &shell{stdin: os.Stdin, stdout: io.Discard, stderr: io.Discard, now: time.Now}
	err := sh.writeProject(&newOptions{dir: "orders", answers: "a.yaml"}, given)
	want := "a recommendation needs no more, a project does; nothing was written\na.yaml: name: is missing, expected the project's name"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := os.Stat("orders"); !os.IsNotExist(err) {
		t.Errorf("got %v, want no folder", err)
	}
}
