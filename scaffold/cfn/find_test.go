package cfn_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"example.com/pipewright/scaffold/cfn"
)

// unpack writes the files of an archive to a new folder.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	folder := t.TempDir()
	for _, file := range txtar.Parse([]byte(archive)).Files {
		write(t, folder, file.Name, string(file.Data))
	}
	return folder
}

func TestFindListsTheTemplatesOfASynth(t *testing.T) {
	for _, test := range []struct {
		name, archive, path string
		want                []string
	}{
		{
			name:    "a file is itself, whatever its name",
			archive: "-- a.json --\n", path: "a.json", want: []string{"a.json"},
		},
		{
			name:    "a project has them in cdk.out",
			archive: "-- cdk.json --\n-- old.template.json --\n-- cdk.out/B.template.json --\n-- cdk.out/A.template.json --\n-- cdk.out/A.assets.json --\n",
			want:    []string{"cdk.out/A.template.json", "cdk.out/B.template.json"},
		},
		{
			name:    "cdk.out itself, in which the CDK puts a file of that name",
			archive: "-- cdk.out/cdk.out --\n{}\n-- cdk.out/A.template.json --\n", path: "cdk.out", want: []string{"cdk.out/A.template.json"},
		},
		{
			name:    "a folder of templates without cdk.out",
			archive: "-- A.template.json --\n-- template.json --\n-- notes.txt --\n", want: []string{"A.template.json"},
		},
		{
			name:    "a folder of templates beside an empty cdk.out",
			archive: "-- A.template.json --\n-- cdk.out/tree.json --\n", want: []string{"A.template.json"},
		},
		{
			name: "several stacks of one manifest, without the stack that was removed",
			archive: `
-- cdk.out/manifest.json --
{"artifacts": {
 "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
 "Two": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Two.template.json"}},
 "One": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "One.template.json"}}
}}
-- cdk.out/One.template.json --
-- cdk.out/Two.template.json --
-- cdk.out/Removed.template.json --
`,
			want: []string{"cdk.out/One.template.json", "cdk.out/Two.template.json"},
		},
		{
			name: "nested stacks are assets of their parent",
			archive: `
-- cdk.out/manifest.json --
{"artifacts": {
 "One": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "One.template.json"}},
 "One.assets": {"type": "cdk:asset-manifest", "properties": {"file": "One.assets.json"}}
}}
-- cdk.out/One.assets.json --
{"files": {
 "1": {"source": {"path": "OneNested.nested.template.json", "packaging": "file"}},
 "2": {"source": {"path": "One.template.json", "packaging": "file"}},
 "3": {"source": {"path": "asset.3.py", "packaging": "file"}}
}}
-- cdk.out/One.template.json --
-- cdk.out/OneNested.nested.template.json --
`,
			want: []string{"cdk.out/One.template.json", "cdk.out/OneNested.nested.template.json"},
		},
		{
			name: "stages are assemblies in the assembly",
			archive: `
-- cdk.out/manifest.json --
{"artifacts": {
 "assembly-Dev": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Dev"}},
 "Pipeline": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Pipeline.template.json"}}
}}
-- cdk.out/assembly-Dev/manifest.json --
{"artifacts": {"DevOne": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "DevOne.template.json"}}}}
-- cdk.out/assembly-Dev/DevOne.template.json --
-- cdk.out/Pipeline.template.json --
`,
			want: []string{"cdk.out/Pipeline.template.json", "cdk.out/assembly-Dev/DevOne.template.json"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := unpack(t, test.archive)
			found, err := cfn.Find(filepath.Join(folder, test.path))
			if err != nil {
				t.Fatal(err)
			}
			for i, file := range found {
				found[i] = filepath.ToSlash(strings.TrimPrefix(file, folder+string(filepath.Separator)))
			}
			if diff := cmp.Diff(test.want, found); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFindSaysWhatItExpectedWhereNothingIsFound(t *testing.T) {
	const again = "\n  hint: remove the folder and run npx cdk synth again"
	stack := func(file string) string {
		return "-- cdk.out/manifest.json --\n" + `{"artifacts": {"One": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "` + file + `"}}}}` + "\n"
	}
	for _, test := range []struct{ name, archive, path, want string }{
		{"no such path", "", "absent", "DIR/absent: there is no such file or folder, expected a template or the folder of a project" + synthHint},
		{"a path below a file", "-- a --\n", "a/b", "find templates: stat DIR/a/b: not a directory"},
		{"an empty folder", "", "", "DIR: there is no *.template.json in it nor in its cdk.out, expected at least one\n  hint: run npx cdk synth there first"},
		{"a project that was not synthesized", "-- cdk.json --\n", "", "DIR: there is no *.template.json in it nor in its cdk.out, expected at least one\n  hint: run npx cdk synth there first"},
		{"an app without stacks", "-- cdk.out/manifest.json --\n{}\n", "", "DIR: there is no *.template.json in it nor in its cdk.out, expected at least one\n  hint: run npx cdk synth there first"},
		{"a manifest that is half written", "-- cdk.out/manifest.json --\n{\"artifacts\": {", "", "DIR/cdk.out/manifest.json: it ends in line 2 in the middle of the JSON, expected the whole of a file of the CDK\n  hint: it may be half written; run npx cdk synth again"},
		{"a manifest that names a file elsewhere", stack("../secret.json"), "", `DIR/cdk.out/manifest.json: artifact One: got the file name "../secret.json", expected one in DIR/cdk.out` + again},
		{"a manifest that names no file", stack(""), "", `DIR/cdk.out/manifest.json: artifact One: got the file name "", expected one in DIR/cdk.out` + again},
		{"a manifest that names itself as nested", "-- cdk.out/manifest.json --\n" + `{"artifacts": {"S": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}`, "", `DIR/cdk.out/manifest.json: artifact S: got the file name ".", expected one in DIR/cdk.out` + again},
		{"a nested assembly that is missing", "-- cdk.out/manifest.json --\n" + `{"artifacts": {"S": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-S"}}}}`, "", "DIR/cdk.out/manifest.json: artifact S: open DIR/cdk.out/assembly-S/manifest.json: no such file or directory" + again},
		{"an asset manifest that is missing", "-- cdk.out/manifest.json --\n" + `{"artifacts": {"S": {"type": "cdk:asset-manifest", "properties": {"file": "S.assets.json"}}}}`, "", "DIR/cdk.out/manifest.json: artifact S: open DIR/cdk.out/S.assets.json: no such file or directory" + again},
		{"an asset manifest elsewhere", "-- cdk.out/manifest.json --\n" + `{"artifacts": {"S": {"type": "cdk:asset-manifest", "properties": {"file": "/S.assets.json"}}}}`, "", `DIR/cdk.out/manifest.json: artifact S: got the file name "/S.assets.json", expected one in DIR/cdk.out` + again},
		{"an asset elsewhere", "-- cdk.out/manifest.json --\n" + `{"artifacts": {"S": {"type": "cdk:asset-manifest", "properties": {"file": "S.json"}}}}` + "\n-- cdk.out/S.json --\n" + `{"files": {"1": {"source": {"path": "../x.template.json"}}}}`, "", `DIR/cdk.out/manifest.json: artifact S: got the file name "../x.template.json", expected one in DIR/cdk.out` + again},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := unpack(t, test.archive)
			found, err := cfn.Find(filepath.Join(folder, test.path))
			if err == nil {
				t.Fatalf("got %q, expected an error", found)
			}
			if want := strings.ReplaceAll(test.want, "DIR", folder); err.Error() != want {
				t.Errorf("got:\n%s\nexpected:\n%s", err, want)
			}
		})
	}
}

func TestFindSaysWhyAFolderCannotBeRead(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read every folder")
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o000); err != nil {
		t.Fatal(err)
	}
	if found, err := cfn.Find(folder); err == nil {
		t.Errorf("got %q, expected an error", found)
	}
}
