package cfn

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Assets are the files and images that `cdk synth` wrote beside a template, by the place to which they would be published.
type Assets struct {
	folder string
	paths  map[string]string // by bucket/key
	images map[string]string // folders, by repository:tag
}

// ReadAssets reads the assets of a template that `cdk synth` wrote: those of STACK.template.json are listed in STACK.assets.json.
// Source: AWS CDK, cloud-assembly-schema, "AssetManifest"; AWS CDK Developer Guide v2, "Customize CDK stack synthesis"; read 2026-11.
func (d *Deployed) ReadAssets(template string) (*Assets, error) {
	name, ok := strings.CutSuffix(template, suffix)
	if !ok {
		return nil, fmt.Errorf("%s: got a name without %s, expected a template in cdk.out%s", template, suffix, hint)
	}
	var list assets
	if err := readInto(name+".assets.json", &list); err != nil {
		return nil, err
	}
	found := &Assets{folder: filepath.Dir(template), paths: map[string]string{}, images: map[string]string{}}
	place := d.Place()
	fill := strings.NewReplacer("${AWS::AccountId}", place.Account, "${AWS::Region}", place.Region, "${AWS::Partition}", place.Partition)
	for id, file := range list.Files {
		if file.Source.Path == "" {
			continue // made by a command when it is published
		}
		if _, err := within(found.folder, file.Source.Path); err != nil {
			return nil, fmt.Errorf("%s.assets.json: asset %s: %w", name, id, err)
		}
		for _, destination := range file.Destinations {
			found.paths[fill.Replace(destination.BucketName)+"/"+fill.Replace(destination.ObjectKey)] = file.Source.Path
		}
	}
	for id, image := range list.DockerImages {
		if image.Source.Directory == "" {
			continue // made by a command when it is published
		}
		if _, err := within(found.folder, image.Source.Directory); err != nil {
			return nil, fmt.Errorf("%s.assets.json: image %s: %w", name, id, err)
		}
		for _, destination := range image.Destinations {
			found.images[fill.Replace(destination.RepositoryName)+":"+fill.Replace(destination.ImageTag)] = image.Source.Directory
		}
	}
	return found, nil
}

// Image is the folder, with a Dockerfile, of the image that would be published as REGISTRY/REPOSITORY:TAG, and whether there is one.
func (a *Assets) Image(uri string) (string, bool) {
	_, name, _ := strings.Cut(uri, "/")
	path, ok := a.images[name]
	return filepath.Join(a.folder, path), ok
}

// Path is the file or folder that would be published as the object, and whether there is one.
func (a *Assets) Path(bucket, key string) (string, bool) {
	path, ok := a.paths[bucket+"/"+key]
	return filepath.Join(a.folder, path), ok
}
