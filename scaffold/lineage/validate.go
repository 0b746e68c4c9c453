package lineage

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed spec/*.json
var specification embed.FS

// compiled are the published schemas by their address, ready to check with.
var compiled = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	files, err := fs.Glob(specification, "spec/*.json")
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat() // uuid, date-time, uri: else any text would do
	var addresses []string
	for _, file := range files {
		data, problem := specification.ReadFile(file)
		if problem != nil {
			return nil, problem
		}
		document, problem := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if problem != nil {
			return nil, fmt.Errorf("%s: %w", file, problem)
		}
		name, address := strings.TrimSuffix(path.Base(file), ".json"), core
		if version := schemas[name]; version != "" {
			address = facet + version + "/" + name + ".json"
		}
		if fields, _ := document.(map[string]any); fields["$id"] != address {
			return nil, fmt.Errorf("%s: got the schema %v, expected %s, which events name", file, fields["$id"], address)
		}
		if err = compiler.AddResource(address, document); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		definition := name
		if address == core {
			definition = "RunEvent"
		}
		addresses = append(addresses, address+"#/$defs/"+definition)
	}
	all := map[string]*jsonschema.Schema{}
	for _, address := range addresses {
		if all[address], err = compiler.Compile(address); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// Validate checks a RunEvent in JSON against the published schema, and each of its facets against the one that it names.
func Validate(event []byte) error {
	all, err := compiled()
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(event))
	if err != nil {
		return fmt.Errorf("the event is no JSON: %w", err)
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("got %.40s, expected an event", event)
	}
	if err := check(all, fields["schemaURL"], value); err != nil {
		return err
	}
	return checkFacets(all, value)
}

// checkFacets looks for facets wherever they may be.
func checkFacets(all map[string]*jsonschema.Schema, value any) error {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			if err := checkFacets(all, element); err != nil {
				return err
			}
		}
	case map[string]any:
		if value["_schemaURL"] != nil {
			return check(all, value["_schemaURL"], value)
		}
		for _, field := range value {
			if err := checkFacets(all, field); err != nil {
				return err
			}
		}
	}
	return nil
}

func check(all map[string]*jsonschema.Schema, address, value any) error {
	schema := all[fmt.Sprint(address)]
	if schema == nil {
		return fmt.Errorf("got the schema %v, which is not among those of OpenLineage that are known here", address)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("not as OpenLineage has it: %w", err)
	}
	return nil
}

// Encode is an event in JSON on one line, checked against the schema.
func Encode(e *Event) ([]byte, error) {
	line, err := json.Marshal(e)
	if err == nil {
		err = Validate(line)
	}
	if err != nil {
		return nil, fmt.Errorf("lineage of %s: %w", e.Job.Name.Name, err)
	}
	return line, nil
}
