package machine

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

//go:embed report.asl.json
var reportDefinition []byte

// reportMinutes is the longest that a report takes: five tries of a minute, and the waits between them.
const reportMinutes = 6

// definition is a state machine in Amazon States Language, as far as joining looks at it.
type definition struct {
	Comment        string                    `json:",omitempty"`
	QueryLanguage  string                    `json:",omitempty"`
	StartAt        string                    `json:",omitempty"`
	TimeoutSeconds int                       `json:",omitempty"`
	States         map[string]map[string]any // by name
}

// join makes one definition of the steps and the report: each step ends in the first state of the next one, and fails in the
// report. Names that meet twice are refused, because one state would silently replace the other.
func join(comment string, steps []Step) (*definition, error) {
	whole := &definition{Comment: comment, QueryLanguage: "JSONata", States: map[string]map[string]any{}}
	next, minutes := "", reportMinutes
	for _, step := range slices.Backward(steps) {
		part, err := parse(step.Definition)
		if err != nil {
			return nil, err
		}
		if err := setTimeouts(part, step.Timeouts); err != nil {
			return nil, err
		}
		if next != "" {
			delete(part.States, Done)
			for _, state := range part.States {
				redirect(state, next)
			}
		}
		delete(part.States, ReportFailure)
		if err := whole.add(part); err != nil {
			return nil, err
		}
		next = part.StartAt
		minutes += step.Minutes
	}
	report, err := parse(reportDefinition)
	if err != nil {
		return nil, err
	}
	whole.StartAt, whole.TimeoutSeconds = next, minutes*60
	return whole, whole.add(report)
}

func parse(text []byte) (*definition, error) {
	var part definition
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&part); err != nil {
		return nil, fmt.Errorf("read the definition of a step: %w", err)
	}
	if part.QueryLanguage != "JSONata" {
		return nil, fmt.Errorf("step %q: got the query language %q, expected JSONata in every step", part.StartAt, part.QueryLanguage)
	}
	return &part, nil
}

func setTimeouts(part *definition, timeouts map[string]int) error {
	for name, seconds := range timeouts {
		state := part.States[name]
		if state == nil {
			return fmt.Errorf("step %q: got a timeout for the state %q, expected one of %q", part.StartAt, name, slices.Sorted(maps.Keys(part.States)))
		}
		state["TimeoutSeconds"] = seconds
	}
	return nil
}

// redirect lets everything that went on to Done go on to the next step. The states within a Map or a Parallel end by themselves.
func redirect(fields map[string]any, next string) {
	for _, field := range []string{"Next", "Default"} {
		if fields[field] == Done {
			fields[field] = next
		}
	}
	for _, field := range []string{"Choices", "Catch"} {
		list, _ := fields[field].([]any)
		for _, item := range list {
			if item, ok := item.(map[string]any); ok {
				redirect(item, next)
			}
		}
	}
}

func (d *definition) add(part *definition) error {
	for name, state := range part.States {
		if d.States[name] != nil {
			return fmt.Errorf("two steps have a state %q, expected a name of its own for each", name)
		}
		d.States[name] = state
	}
	return nil
}

// distributed tells whether the machine starts executions of itself, one for each item of a Map.
func (d *definition) distributed() bool {
	for _, state := range d.States {
		processor, _ := state["ItemProcessor"].(map[string]any)
		config, _ := processor["ProcessorConfig"].(map[string]any)
		if config["Mode"] == "DISTRIBUTED" {
			return true
		}
	}
	return false
}

// text is the definition as the template has it.
func (d *definition) text() (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // JSONata expressions are full of & and >
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		return "", err
	}
	return string(bytes.TrimSpace(out.Bytes())), nil
}

// Literal is a text as it stands within a text of a definition. CloudFormation puts the value of a ${name} there unchanged, so a
// quotation mark in it would end the text. Source: AWS CloudFormation User Guide, AWS::StepFunctions::StateMachine, DefinitionSubstitutions.
func Literal(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string can always be encoded
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(out.String()), `"`), `"`)
}

// substitutions gathers the values of the steps' ${names}. One name has one value, whoever gives it.
func substitutions(steps []Step, common map[string]any) (*map[string]any, error) {
	values := maps.Clone(common)
	for _, step := range steps {
		for name, value := range step.Substitutions {
			if there, ok := values[name]; ok && !reflect.DeepEqual(there, value) {
				return nil, fmt.Errorf("two steps have a value for ${%s}, expected a name of its own for each", name)
			}
			values[name] = value
		}
	}
	return &values, nil
}
