package cfn

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Place is where a template is deployed to. Nothing in it needs to exist.
type Place struct {
	Partition  string            // default aws
	Region     string            // default us-east-1
	Account    string            // twelve digits, default 123456789012
	Stack      string            // the stack's name
	Zones      []string          // availability zones of the Region; default a, b and c
	Parameters map[string]string // values for the template's parameters, instead of their defaults
	Imports    map[string]string // values that other stacks export, by name
}

// Deployed is a template whose functions have been evaluated.
type Deployed struct {
	Resources map[string]Resource // without those whose condition is false
	Outputs   map[string]any

	evaluator *evaluator
}

// Deploy evaluates all properties and outputs. Its error names every resource and property that cannot be evaluated.
func (t *Template) Deploy(place Place) (*Deployed, error) {
	e := &evaluator{template: t, place: place.withDefaults(), conditions: map[string]bool{}, visiting: map[string]bool{}}
	deployed := &Deployed{Resources: map[string]Resource{}, Outputs: map[string]any{}, evaluator: e}
	var problems []error
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		resource := t.Resources[id]
		if holds, err := e.holds(resource.Condition); err != nil {
			problems = append(problems, fmt.Errorf("resource %s: %w", id, err))
			continue
		} else if !holds {
			continue
		}
		properties, err := e.properties(resource.Properties)
		if err != nil {
			problems = append(problems, fmt.Errorf("resource %s (%s): %w", id, resource.Type, err))
			continue
		}
		resource.Properties = properties
		deployed.Resources[id] = resource
	}
	for _, id := range slices.Sorted(maps.Keys(t.Outputs)) {
		output := t.Outputs[id]
		holds, err := e.holds(output.Condition)
		if err == nil && holds {
			deployed.Outputs[id], err = e.value(output.Value)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("output %s: %w", id, err))
		}
	}
	return deployed, errors.Join(problems...)
}

// Place is where the template was deployed to, defaults filled in.
func (d *Deployed) Place() Place { return d.evaluator.place }

// Ref is what Ref gives of a resource, for most the name by which its service knows it.
func (d *Deployed) Ref(id string) string {
	return text(d.evaluator.ref(id))
}

// Attribute is what Fn::GetAtt gives of a resource; empty where there is no such attribute.
func (d *Deployed) Attribute(id, attribute string) string {
	return text(d.evaluator.attribute(id, attribute))
}

func text(value any, err error) string {
	if err != nil {
		return ""
	}
	return fmt.Sprint(value)
}

func (p Place) withDefaults() Place {
	if p.Partition == "" {
		p.Partition = "aws"
	}
	if p.Region == "" {
		p.Region = "us-east-1"
	}
	if p.Account == "" {
		p.Account = "123456789012"
	}
	if len(p.Zones) == 0 {
		p.Zones = []string{p.Region + "a", p.Region + "b", p.Region + "c"}
	}
	return p
}

// suffix is the domain of the partition's services.
func (p Place) suffix() string {
	if p.Partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// generated is a name as CloudFormation makes one, except that it is the same at each deployment: stack, logical id, twelve characters.
// Source: AWS CloudFormation User Guide, "Name type".
func (p Place) generated(id string, most int) string {
	const random = 12
	sum := sha256.Sum256([]byte(p.Stack + "/" + id))
	tail := base32.StdEncoding.EncodeToString(sum[:])[:random]
	name := p.Stack + "-" + id
	return strings.TrimSuffix(name[:min(len(name), most-random-1)], "-") + "-" + tail
}

// digits is a made-up identifier in hexadecimal, of which services such as EC2 and KMS make theirs.
func (p Place) digits(id string, count int) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(p.Stack+"/"+id)))[:count]
}
