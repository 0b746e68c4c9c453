package generate

import (
	"bytes"
	"fmt"
	"testing"
	"testing/fstest"
)

// realistic is a source that renders to about 150 files: 40 constructs, each with a test, a script and sample data.
func realistic() (Source, Project) {
	stacks, constructs, imports := fstest.MapFS{}, fstest.MapFS{}, &bytes.Buffer{}
	body := bytes.Repeat([]byte("// F does what its neighbor does.\nfunc F() int { return len(\"example.com/pipewright\") }\n\n"), 1)
	body = append(body, bytes.Repeat([]byte("// a line of prose as long as the lines of our constructs usually are\n"), 120)...)
	for i := range 40 {
		name := fmt.Sprintf("piece%02d", i)
		fmt.Fprintf(imports, "\t_ \"%s/constructs/%s\"\n", home, name)
		constructs[name+"/"+name+".go"] = &fstest.MapFile{Data: append([]byte("package "+name+"\n\nimport _ \"fmt\"\n\n"), body...)}
		constructs[name+"/"+name+"_test.go"] = &fstest.MapFile{Data: []byte("package " + name + "\n\nimport _ \"testing\"\n")}
		constructs[name+"/job/etl.py"] = &fstest.MapFile{Data: bytes.Repeat([]byte("print('row')\n"), 300)}
		constructs[name+"/sample/year=2012/part.csv"] = &fstest.MapFile{Data: bytes.Repeat([]byte("2012-01-01,0.0\n"), 100)}
	}
	stacks["etl/etl.go"] = &fstest.MapFile{Data: []byte("package etl\n\nimport (\n" + imports.String() + ")\n\nfunc New() {}\n")}
	base := fstest.MapFS{
		"go.mod.txt": {Data: []byte("module x\n")},
		"cdk.go":     {Data: []byte("package main\n\nimport \"" + home + "/stacks/etl\"\n\nfunc main() {\n\tetl.New()\n}\n")},
	}
	return Source{Module: home, Stacks: stacks, Constructs: constructs, Base: base}, Project{Example: "etl", Module: "orders"}
}

// BenchmarkRenderAndWrite is to stay below 50 ms on a disk that is not busy, for the user waits for it. Most of it is the file
// system making files: rendering takes about 8 ms.
func BenchmarkRenderAndWrite(b *testing.B) {
	src, project := realistic()
	b.Chdir(b.TempDir())
	count := 0
	for b.Loop() {
		tree, err := Render(src, project)
		if err != nil {
			b.Fatal(err)
		}
		result, err := tree.Write(fmt.Sprintf("orders%d", count), WriteOptions{})
		if err != nil {
			b.Fatal(err)
		}
		count++
		b.ReportMetric(float64(len(result.Written)), "files")
	}
}
