//go:build programs

package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// root is the repository, which stands for a generated project: it has the same folders.
func root(t testing.TB) string {
	t.Helper()
	folder, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// bench is a lab with real programs.
type bench struct {
	*Lab
	programs *Programs
	logs     string
	events   []Event
}

// edit changes a template before it is deployed.
type edit func(t testing.TB, template *cfn.Template)

func newBench(t testing.TB, example string, options ProgramOptions, changes ...edit) *bench {
	t.Helper()
	template, err := cfn.Read(filepath.Join(root(t), "stacks", example, "testdata/template.json"))
	if err != nil {
		t.Fatal(err)
	}
	return benchOf(t, template, options, changes...)
}

func benchOf(t testing.TB, template *cfn.Template, options ProgramOptions, changes ...edit) *bench {
	t.Helper()
	for _, edit := range changes {
		edit(t, template)
	}
	stack, err := template.Deploy(cfn.Place{Stack: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{logs: t.TempDir()}
	if options.Source == nil {
		options.Source = Project{Folder: root(t)}
	}
	if options.Cache == "" {
		options.Cache = filepath.Join(os.TempDir(), "pipewright-test-cache")
	}
	if options.Python == nil {
		options.Python = map[string]string{}
		for _, engine := range []string{EngineSail, EngineSpark} {
			options.Python[engine] = filepath.Join(root(t), ".venv", engine, "bin/python")
		}
	}
	options.Logs = b.logs
	if b.programs, err = NewPrograms(context.Background(), options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.programs.Close)
	b.Lab, err = New(context.Background(), Options{Stack: stack, Programs: b.programs, Report: func(e Event) {
		b.events = append(b.events, e)
		if testing.Verbose() {
			text, _ := json.Marshal(e.Detail)
			fmt.Printf("%s %-10s %-22s %-28s %.200s\n", e.Time.Format("02 15:04:05.0"), e.Service, e.Type, e.Resource, text)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// land puts an object into the only bucket that sends events.
func (b *bench) land(t testing.TB, key string, data []byte) {
	t.Helper()
	for name, bucket := range b.store.buckets {
		if bucket.sendsEvents {
			if err := b.store.write(name, key, data, "PutObject", "x"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (b *bench) landWeather(t testing.TB) {
	t.Helper()
	samples := os.DirFS(filepath.Join(root(t), "constructs/sampledata/weather"))
	err := fs.WalkDir(samples, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(samples, name)
		if err == nil {
			b.land(t, "raw/"+name, data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) run(t testing.TB) {
	t.Helper()
	if err := b.Run(); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) log(t testing.TB) string {
	t.Helper()
	var all strings.Builder
	_ = filepath.WalkDir(b.logs, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			data, _ := os.ReadFile(name)
			fmt.Fprintf(&all, "--- %s\n%.3000s\n", name, data)
		}
		return nil
	})
	return all.String()
}

func TestScratch(t *testing.T) {
	begin := time.Now()
	b := newBench(t, os.Getenv("EX"), ProgramOptions{Engine: os.Getenv("ENGINE")})
	fmt.Println("new", time.Since(begin))
	b.landWeather(t)
	b.run(t)
	fmt.Println("run", time.Since(begin))
	fmt.Println(b.failures, b.denials.all)
	fmt.Println(b.log(t))
}
