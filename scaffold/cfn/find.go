package cfn

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// suffix is how the CDK names the files of templates.
const suffix = ".template.json"

// Find lists the templates at a path, sorted: the file itself, or those that `cdk synth` wrote to a folder or to its cdk.out.
func Find(path string) ([]string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file or folder, expected a template or the folder of a project%s", path, hint)
	}
	if err != nil {
		return nil, fmt.Errorf("find templates: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	for _, folder := range []string{filepath.Join(path, "cdk.out"), path} {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			continue // in cdk.out itself, cdk.out is a file
		}
		found, err := inFolder(folder)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			slices.Sort(found)
			return slices.Compact(found), nil
		}
	}
	return nil, fmt.Errorf("%s: there is no *%s in it nor in its cdk.out, expected at least one\n  hint: run npx cdk synth there first", path, suffix)
}

// inFolder lists the templates of a cloud assembly by its manifest, because templates of stacks that were renamed or removed stay behind;
// or, where there is no manifest, by their names.
func inFolder(folder string) ([]string, error) {
	manifest := filepath.Join(folder, "manifest.json")
	if _, err := os.Stat(manifest); err == nil {
		return inAssembly(folder, manifest)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("find templates: %w", err)
	}
	var found []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), suffix) {
			found = append(found, filepath.Join(folder, entry.Name()))
		}
	}
	return found, nil
}

// assembly is what concerns us of a cloud assembly's manifest.
// Source: AWS CDK, cloud-assembly-schema, "AssemblyManifest", read 2026-11.
type assembly struct {
	Artifacts map[string]struct {
		Type       string
		Properties struct {
			TemplateFile  string // of a stack
			File          string // of an asset manifest
			DirectoryName string // of an assembly nested in this one, one for each stage
		}
	}
}

// assets is what concerns us of an asset manifest, which lists the templates of nested stacks besides what is published.
type assets struct {
	Files map[string]struct {
		Source       struct{ Path string }
		Destinations map[string]struct{ BucketName, ObjectKey string }
	}
	DockerImages map[string]struct {
		Source       struct{ Directory string }
		Destinations map[string]struct{ RepositoryName, ImageTag string }
	}
}

func inAssembly(folder, manifest string) ([]string, error) {
	var list assembly
	if err := readInto(manifest, &list); err != nil {
		return nil, err
	}
	var found []string
	for id, artifact := range list.Artifacts {
		var more []string
		var err error
		switch artifact.Type {
		case "aws:cloudformation:stack":
			more, err = within(folder, artifact.Properties.TemplateFile)
		case "cdk:asset-manifest":
			more, err = nestedStacks(folder, artifact.Properties.File)
		case "cdk:cloud-assembly":
			more, err = nestedAssembly(folder, artifact.Properties.DirectoryName)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: artifact %s: %w", manifest, id, err)
		}
		found = append(found, more...)
	}
	return found, nil
}

func nestedStacks(folder, name string) ([]string, error) {
	files, err := within(folder, name)
	if err != nil {
		return nil, err
	}
	var list assets
	if err := readInto(files[0], &list); err != nil {
		return nil, err
	}
	var found []string
	for _, file := range list.Files {
		if strings.HasSuffix(file.Source.Path, suffix) {
			template, err := within(folder, file.Source.Path)
			if err != nil {
				return nil, err
			}
			found = append(found, template...)
		}
	}
	return found, nil
}

func nestedAssembly(folder, name string) ([]string, error) {
	files, err := within(folder, name)
	if err != nil {
		return nil, err
	}
	return inAssembly(files[0], filepath.Join(files[0], "manifest.json"))
}

// within is a file of the folder; a manifest may name no other.
func within(folder, name string) ([]string, error) {
	if !filepath.IsLocal(name) || filepath.Clean(name) == "." {
		return nil, fmt.Errorf("got the file name %q, expected one in %s\n  hint: remove the folder and run npx cdk synth again", name, folder)
	}
	return []string{filepath.Join(folder, name)}, nil
}

func readInto(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%w\n  hint: remove the folder and run npx cdk synth again", err)
	}
	if err := decode(data, "a file of the CDK", into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
