package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// Source finds the project whose programs a template runs. It is asked when the first of them is needed.
type Source interface {
	Project(ctx context.Context) (Project, error)
}

// Project is where programs lie.
type Project struct {
	Folder string      // with go.mod and constructs/; empty where there is only a template
	Assets *cfn.Assets // what cdk synth wrote beside the template; nil for a golden template
}

// Project implements Source.
func (p Project) Project(context.Context) (Project, error) { return p, nil }

// ProjectOf is the project of a template that `cdk synth` wrote to the cdk.out of a project.
func ProjectOf(stack *cfn.Deployed, template string) (Project, error) {
	template, err := filepath.Abs(template) // programs run in folders of their own
	if err != nil {
		return Project{}, err
	}
	assets, err := stack.ReadAssets(template)
	if err != nil {
		return Project{}, err
	}
	for folder := filepath.Dir(template); ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return Project{Folder: folder, Assets: assets}, nil
		}
		if folder == filepath.Dir(folder) {
			return Project{Assets: assets}, nil
		}
	}
}

// Generated is the project of an example, for its golden template. It is written to the cache when it is needed, once for each content.
type Generated struct {
	Cache string
	Files func() (map[string][]byte, error) // by slash path
}

// Project implements Source.
func (g Generated) Project(context.Context) (Project, error) {
	files, err := g.Files()
	if err != nil {
		return Project{}, err
	}
	sum := sha256.New()
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		fmt.Fprintf(sum, "%s %d\n", name, len(files[name]))
		sum.Write(files[name])
	}
	target := filepath.Join(g.Cache, "projects", hex.EncodeToString(sum.Sum(nil))[:16])
	if _, err = os.Stat(target); err == nil {
		return Project{Folder: target}, nil
	}
	if err = os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		return Project{}, fmt.Errorf("make the cache: %w", err)
	}
	part, err := os.MkdirTemp(filepath.Dir(target), ".part")
	if err != nil {
		return Project{}, fmt.Errorf("make the cache: %w", err)
	}
	defer func() { _ = os.RemoveAll(part) }() // gone when it was renamed
	for _, name := range names {
		if err := writeBelow(part, name, files[name]); err != nil {
			return Project{}, err
		}
	}
	if err := os.Rename(part, target); err != nil && !errors.Is(err, fs.ErrExist) {
		if _, there := os.Stat(target); there != nil { // another run may have been faster
			return Project{}, fmt.Errorf("write the example's project: %w", err)
		}
	}
	return Project{Folder: target}, nil
}

func writeBelow(folder, name string, data []byte) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("got the file name %q, expected one below the project", name)
	}
	file := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return fmt.Errorf("write the example's project: %w", err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return fmt.Errorf("write the example's project: %w", err)
	}
	return nil
}

// Cache is the folder for what is made once and used by each run: virtual environments, programs, projects of examples.
func Cache() (string, error) {
	folder, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for caches: %w\n  hint: set HOME or XDG_CACHE_HOME", err)
	}
	return filepath.Join(folder, "pipewright"), nil
}

// sourceOf is the path in the project that the template names as a resource's source; empty where it names none.
func sourceOf(resource cfn.Resource) string {
	source, _ := cfn.Field(resource.Metadata, "pipewright", "source").(string)
	return source
}

// within is a path of the project, which the template may not lead out of.
func (p *Project) within(id, source string) (string, error) {
	switch {
	case source == "":
		return "", fmt.Errorf("%s: the template does not say what it was made from, expected Metadata {\"pipewright\": {\"source\": PATH}}\n"+
			"  hint: run npx cdk synth again with constructs of this version", id)
	case !filepath.IsLocal(source):
		return "", fmt.Errorf("%s: got the source %q, expected a path below the project", id, source)
	case p.Folder == "":
		return "", fmt.Errorf("%s: there is no go.mod in a folder above the template, expected the project that it was synthesized from", id)
	}
	return filepath.Join(p.Folder, filepath.FromSlash(source)), nil
}

// object is the file that would be published at s3://BUCKET/KEY.
func (p *Project) object(uri string) (string, bool) {
	parsed, err := url.Parse(uri)
	if err != nil || p.Assets == nil {
		return "", false
	}
	return p.Assets.Path(parsed.Host, strings.TrimPrefix(parsed.Path, "/"))
}
