package main

import (
	"cmp"
	"maps"
	"path/filepath"
	"regexp"
	"slices"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lab"
)

// names are what people call resources: by logical id, where that is another.
type names map[string]string

// hashed is a logical id of the CDK, with the hash of its path at the end.
// Source: AWS CDK Developer Guide, "Identifiers and the AWS CDK", Logical IDs, read 2026-11.
var hashed = regexp.MustCompile(`^(.*[a-z0-9])[0-9A-F]{8}$`)

// namesOf are the logical ids without their hashes, as --fail and --put take them too. Where two would be alike, they stay as they are.
func namesOf(template *cfn.Template) names {
	all, count := names{}, map[string]int{}
	for id := range template.Resources {
		count[id]++
		if found := hashed.FindStringSubmatch(id); found != nil {
			all[id] = found[1]
			count[found[1]]++
		}
	}
	maps.DeleteFunc(all, func(_, name string) bool { return count[name] > 1 })
	return all
}

// keptNames are those of a kept run. One of an older version has kept no template: its ids are its names.
func keptNames(folder string) names {
	template, err := cfn.Read(filepath.Join(folder, templateFile))
	if err != nil {
		return nil
	}
	return namesOf(template)
}

func (n names) of(id string) string { return cmp.Or(n[id], id) }

// word is where an id may stand in a sentence. Within a name on AWS, which joins it to more by hyphens or slashes, it stays as it is.
var word = regexp.MustCompile(`(?:^|[\s(])[A-Za-z0-9]+`)

// in names the resources in sentences.
func (n names) in(lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, word.ReplaceAllStringFunc(line, func(found string) string {
			if name, ok := n[found]; ok {
				return name
			}
			return found[:1] + n.of(found[1:])
		}))
	}
	return out
}

func (n names) flows(of []lab.Flow) []lab.Flow {
	out := slices.Clone(of)
	for i := range out {
		out[i].Resource, out[i].Read, out[i].Wrote = n.of(out[i].Resource), n.data(out[i].Read), n.data(out[i].Wrote)
	}
	return out
}

func (n names) data(of []lab.Data) []lab.Data {
	out := slices.Clone(of)
	for i := range out {
		out[i].Bucket = n.of(out[i].Bucket)
	}
	return out
}

func (n names) tables(of []lab.TableOf) []lab.TableOf {
	out := slices.Clone(of)
	for i := range out {
		out[i].Data.Bucket = n.of(out[i].Data.Bucket)
	}
	return out
}
