package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lab"
)

const stateMachineType = "AWS::StepFunctions::StateMachine"

// definition reads what lab asl is to run: a definition, or the state machine of a template with its substitutions filled in. It says
// also which kind of workflow a template asks for; the option decides for a definition.
func (s *shell) definition(file string, o *aslOptions) ([]byte, asl.Kind, error) {
	kind := asl.Standard
	if o.express {
		kind = asl.Express
	}
	if folder, err := os.Stat(file); file != standardInput && err == nil && folder.IsDir() {
		found, err := cfn.Find(file)
		if err != nil {
			return nil, kind, err
		}
		if len(found) > 1 {
			return nil, kind, fmt.Errorf("%s: got %d templates, expected one\n  hint: name one of %s", file, len(found), strings.Join(found, ", "))
		}
		file = found[0]
	}
	text, err := s.readFor("Step Functions", file)
	if err != nil {
		return nil, kind, err
	}
	if !isTemplate(text) {
		if o.machine != "" {
			return nil, kind, fmt.Errorf("%s: got --machine for a definition, expected a template with several state machines", inputName(file))
		}
		return text, kind, nil
	}
	machine, err := machineOf(text, file, o.machine)
	if err != nil {
		return nil, kind, fmt.Errorf("%s: %w", inputName(file), err)
	}
	if machine.Get("StateMachineType") == "EXPRESS" {
		kind = asl.Express
	}
	filled, err := lab.Definition(machine)
	if err != nil {
		return nil, kind, fmt.Errorf("%s: %w", inputName(file), err)
	}
	return filled, kind, nil
}

// isTemplate tells a template from a definition, which has States.
func isTemplate(text []byte) bool {
	var sections struct{ Resources, States json.RawMessage }
	return json.Unmarshal(text, &sections) == nil && sections.Resources != nil && sections.States == nil
}

// machineOf is the template's state machine, or that one of several.
func machineOf(text []byte, file, id string) (cfn.Resource, error) {
	template, err := cfn.Parse(text)
	if err != nil {
		return cfn.Resource{}, err
	}
	all := template.ByType(stateMachineType)
	switch {
	case len(all) == 0:
		return cfn.Resource{}, fmt.Errorf("the template has no state machine, expected an %s", stateMachineType)
	case id == "" && len(all) > 1:
		return cfn.Resource{}, fmt.Errorf("the template has %d state machines\n  hint: --machine ID chooses one of %s", len(all), strings.Join(all, ", "))
	case id == "":
		id = all[0]
	case !slices.Contains(all, id):
		return cfn.Resource{}, fmt.Errorf("there is no state machine %q, expected one of %s", id, strings.Join(all, ", "))
	}
	stack, _, _ := strings.Cut(filepath.Base(file), ".")
	deployed, err := template.Deploy(cfn.Place{Stack: stack})
	if err != nil {
		return cfn.Resource{}, err
	}
	return deployed.Resources[id], nil
}
