package lab

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

func TestALogKeepsItsBeginningAndItsEnd(t *testing.T) {
	for _, test := range []struct {
		name   string
		middle int
		left   bool
	}{
		{"nothing between", 0, false},
		{"as much as is kept", logHead, false},
		{"more than is kept", logHead + logTail, true},
		{"much more", 40 << 20, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			log, err := newLog(folder, "job/1.log")
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range [][]byte{[]byte("first\n"), bytes.Repeat([]byte("x"), test.middle), []byte("\nthe last line\n\n")} {
				if n, writeErr := log.Write(part); n != len(part) || writeErr != nil {
					t.Fatal(n, writeErr)
				}
			}
			if got := log.last(); got != "the last line" {
				t.Errorf("got the last line %q", got)
			}
			if err = log.close(); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(folder, "job/1.log"))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(text, []byte("first\n")) || !bytes.HasSuffix(text, []byte("\nthe last line\n\n")) {
				t.Errorf("the log of %d bytes lacks its beginning or its end", len(text))
			}
			if left := bytes.Contains(text, []byte("bytes left out")); left != test.left {
				t.Errorf("got left out %t, want %t", left, test.left)
			}
			if whole := len("first\n") + test.middle + len("\nthe last line\n\n"); !test.left && len(text) != whole {
				t.Errorf("got %d bytes, want all %d", len(text), whole)
			}
		})
	}
}

func TestFilesThatSailNamesByChanceAreCalledAlikeInEachRun(t *testing.T) {
	n := names{}
	for _, step := range [][2]string{
		{"monthly/GrMCNgq4JKcYyQjS_1.zst.parquet", "monthly/part-00000-1.zst.parquet"},
		{"monthly/GrMCNgq4JKcYyQjS_0.zst.parquet", "monthly/part-00000-0.zst.parquet"},
		{"monthly/DYtDv7kedvka3588_0.zst.parquet", "monthly/part-00001-0.zst.parquet"},
		{"other/DYtDv7kedvka3588_0.zst.parquet", "other/part-00000-0.zst.parquet"},
		{"monthly/GrMCNgq4JKcYyQjS_1.zst.parquet", "monthly/part-00000-1.zst.parquet"},
		{"monthly/weather.csv", "monthly/weather.csv"},
		{"monthly/_SUCCESS", "monthly/_SUCCESS"},
	} {
		if got := n.settled("curated", step[0]); got != step[1] {
			t.Errorf("%s: got %s, want %s", step[0], got, step[1])
		}
	}
}

func TestAGeneratedProjectIsWrittenOnceForEachContent(t *testing.T) {
	cache := t.TempDir()
	write := func(text string) string {
		project, err := Generated{Cache: cache, Files: func() (map[string][]byte, error) {
			return map[string][]byte{"go.mod": []byte("module m\n"), "constructs/a/main.go": []byte(text)}, nil
		}}.Project(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return project.Folder
	}
	first, again, other := write("package a"), write("package a"), write("package b")
	if first != again || first == other {
		t.Errorf("got the folders %s, %s and %s, want the first two alike", first, again, other)
	}
	if text, err := os.ReadFile(filepath.Join(first, "constructs/a/main.go")); err != nil || string(text) != "package a" {
		t.Errorf("got %q (%v)", text, err)
	}
	_, err := Generated{Cache: cache, Files: func() (map[string][]byte, error) { return map[string][]byte{"../x": nil}, nil }}.Project(t.Context())
	if err == nil || !strings.Contains(err.Error(), "../x") {
		t.Errorf("got %v for a file outside, want it refused", err)
	}
}

func TestTheProjectOfATemplateIsTheFolderAboveWithGoMod(t *testing.T) {
	project := t.TempDir()
	template := filepath.Join(project, "cdk.out", "Orders.template.json")
	for name, text := range map[string]string{
		"go.mod": "module m\n", "cdk.out/Orders.template.json": `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`,
		"cdk.out/Orders.assets.json": `{"files": {"a": {"source": {"path": "asset.a.py"}, "destinations": {"d": {"bucketName": "b", "objectKey": "a.py"}}}}}`,
	} {
		if err := writeBelow(project, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	read, err := cfn.Read(template)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := read.Deploy(cfn.Place{Stack: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(project)
	for _, file := range []string{template, "cdk.out/Orders.template.json"} { // programs run in folders of their own
		got, err := ProjectOf(stack, file)
		if err != nil || got.Folder != project {
			t.Errorf("got %q (%v), want %q", got.Folder, err, project)
		}
		if path, ok := got.object("s3://b/a.py"); !ok || path != filepath.Join(project, "cdk.out/asset.a.py") {
			t.Errorf("got the asset %q (%t)", path, ok)
		}
	}
}

func TestAMissingPythonIsSaidWithTheWayToMendIt(t *testing.T) {
	old := t.TempDir()
	if err := os.WriteFile(filepath.Join(old, "python3"), []byte("#!/bin/sh\necho /usr/bin/python3 3 9\n"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	for folder, want := range map[string]string{t.TempDir(): "got none on the PATH, expected Python 3.11", old: "got Python 3.9 on the PATH, expected Python 3.11"} {
		t.Setenv("PATH", folder)
		if _, _, err := findPython(t.Context()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "hint: install it") {
			t.Errorf("got %v, want %s and a hint", err, want)
		}
	}
}

func TestAJobTakesAsLongOnAWSAsItsDataSay(t *testing.T) {
	spark, shell := &glueJob{kind: "glueetl", dpu: 2}, &glueJob{kind: "pythonshell", dpu: 0.0625}
	small := touched{read: map[string]int64{"b/a": 1 << 10}, written: 2}
	large := touched{read: map[string]int64{"b/a": 4 << 30}}
	if got := jobDuration(spark, small); got < sparkStart || got > sparkStart+time.Second {
		t.Errorf("a small job: got %s, want little more than its start", got)
	}
	if one, two := jobDuration(&glueJob{kind: "glueetl", dpu: 1}, large)-sparkStart, jobDuration(spark, large)-sparkStart; one < two*19/10 {
		t.Errorf("twice the workers: got %s instead of %s, want about half", two, one)
	}
	if got := jobDuration(shell, small); got >= jobDuration(spark, small) {
		t.Errorf("a Python shell job: got %s, want less than a Spark job", got)
	}
}
