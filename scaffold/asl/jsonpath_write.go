package asl

import (
	"fmt"
	"slices"
)

// WriteAt is the root with a value put at a reference path, as ResultPath does. Objects that are missing on the way are
// made; nothing that the root shares with others is changed.
// Source: Amazon States Language specification, "ResultPath".
func WriteAt(root any, p *Path, value any) (any, *Error) {
	steps := p.steps
	for _, name := range p.names {
		steps = append(steps, step{kind: stepName, names: []string{name}})
	}
	written, ok := writeAt(root, steps, value)
	if !ok {
		return nil, &Error{Name: ErrorResultPath, Cause: fmt.Sprintf("Unable to apply ReferencePath %s to input %s", p.text, EncodeString(root))}
	}
	return written, nil
}

func writeAt(node any, steps []step, value any) (any, bool) {
	if len(steps) == 0 {
		return value, true
	}
	if steps[0].kind == stepIndex {
		items, ok := node.([]any)
		n := steps[0].indexes[0]
		if !ok || n < 0 || n >= len(items) {
			return nil, false
		}
		child, ok := writeAt(items[n], steps[1:], value)
		if !ok {
			return nil, false
		}
		items = slices.Clone(items)
		items[n] = child
		return items, true
	}
	if steps[0].kind != stepName {
		return nil, false
	}
	object, ok := node.(*Object)
	if !ok {
		return nil, false
	}
	name := steps[0].names[0]
	child, found := object.Get(name)
	if !found && len(steps) > 1 {
		child = NewObject()
	}
	child, ok = writeAt(child, steps[1:], value)
	if !ok {
		return nil, false
	}
	object = object.Clone()
	object.Set(name, child)
	return object, true
}
