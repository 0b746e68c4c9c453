package cfn

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Assets are the files that `cdk synth` wrote beside a template, by the place in S3 to which they would be published.
type Assets struct {
	folder string
	paths  map[string]string // by bucket/key
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
	found := &Assets{folder: filepath.Dir(template), paths: map[string]string{}}
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
	return found, nil
}

// Path is the file or folder that would be published as the object, and whether there is one.
func (a *Assets) Path(bucket, key string) (string, bool) {
	path, ok := a.paths[bucket+"/"+key]
	return filepath.Join(a.folder, path), ok
}
