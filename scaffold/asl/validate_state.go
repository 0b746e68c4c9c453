package asl

import (
	"strings"
	"unicode/utf8"
)

// fieldSet is the fields that an object may have.
type fieldSet map[string]bool

func fieldsOf(lists ...string) fieldSet {
	set := fieldSet{}
	for _, list := range lists {
		for field := range strings.FieldsSeq(list) {
			set[field] = true
		}
	}
	return set
}

const (
	anyState     = "Type Comment QueryLanguage "
	flowFields   = "Next End "
	pathFields   = "InputPath OutputPath "
	resultFields = "ResultPath Parameters "
	newFields    = "Output Assign "
	errorFields  = "ResultSelector Retry Catch "
)

// stateFields says which fields a type of state has.
// Source: Amazon States Language specification, "States"; for each type and field as ValidateStateMachineDefinition
// answers, read 2026-11.
var stateFields = map[string]fieldSet{
	"Pass":     fieldsOf(anyState, flowFields, pathFields, resultFields, newFields, "Result"),
	"Task":     fieldsOf(anyState, flowFields, pathFields, resultFields, newFields, errorFields, "Arguments Resource Credentials TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath"),
	"Wait":     fieldsOf(anyState, flowFields, pathFields, newFields, "Seconds Timestamp SecondsPath TimestampPath"),
	"Parallel": fieldsOf(anyState, flowFields, pathFields, resultFields, newFields, errorFields, "Arguments Branches"),
	"Map":      fieldsOf(anyState, flowFields, pathFields, resultFields, newFields, errorFields, "ItemProcessor Iterator ItemsPath Items ItemSelector ItemReader ItemBatcher ResultWriter MaxConcurrency MaxConcurrencyPath ToleratedFailurePercentage ToleratedFailurePercentagePath ToleratedFailureCount ToleratedFailureCountPath Label"),
	"Choice":   fieldsOf(anyState, pathFields, newFields, "Choices Default"),
	"Succeed":  fieldsOf(anyState, pathFields, newFields),
	"Fail":     fieldsOf(anyState, "Error Cause ErrorPath CausePath"),
}

var stateTypes = []string{"Task", "Pass", "Wait", "Choice", "Parallel", "Map", "Succeed", "Fail"}

var (
	jsonPathOnly = fieldsOf("InputPath OutputPath ResultPath Parameters ResultSelector Result ItemsPath TimeoutSecondsPath HeartbeatSecondsPath SecondsPath TimestampPath MaxConcurrencyPath ToleratedFailurePercentagePath ToleratedFailureCountPath ErrorPath CausePath MaxItemsPath MaxItemsPerBatchPath MaxInputBytesPerBatchPath Variable And Or Not")
	jsonataOnly  = fieldsOf("Arguments Output Items Condition")
)

// checkMachine checks the top level.
func (v *validator) checkMachine(root *Object) {
	top := fieldsOf("Comment QueryLanguage StartAt States TimeoutSeconds Version")
	v.machine = v.language(place{}, root, JSONPath)
	for field, value := range root.All() {
		p := place{}.key(field)
		switch field {
		case "Version":
			v.enum(p, value, "1.0")
		case "TimeoutSeconds":
			v.number(p, value, JSONPath, 1, maxSeconds)
		case "Comment":
			v.text(p, value)
		default:
			if !top[field] {
				v.unsupported(place{location: "/"}, field)
			}
		}
	}
	v.checkProgram(root, place{}, true)
}

// language is the effective query language: JSONPath only when the field says exactly that.
func (v *validator) language(p place, o *Object, inherited QueryLanguage) QueryLanguage {
	value, ok := o.Get("QueryLanguage")
	if !ok {
		return inherited
	}
	v.enum(p.key("QueryLanguage"), value, string(JSONPath), string(JSONata))
	if value == string(JSONPath) {
		return JSONPath
	}
	return JSONata
}

// checkProgram checks StartAt and States, of the machine, a branch or an item processor.
func (v *validator) checkProgram(o *Object, p place, top bool) {
	if v.depth++; v.depth > maxNesting {
		v.add(p, "nesting", codeNesting, "States are nested more than %d levels deep", maxNesting)
		return
	}
	defer func() { v.depth-- }()
	v.required(p, o, "StartAt", "States")
	if start, ok := o.Get("StartAt"); ok {
		v.text(p.key("StartAt"), start)
	}
	value, ok := o.Get("States")
	if !ok {
		return
	}
	states, ok := value.(*Object)
	switch {
	case !ok:
		v.wrongType(p.key("States"), "OBJECT")
		return
	case states.Len() == 0:
		v.schema(p.key("States"), "empty", "Value cannot be empty")
		return
	}
	inside := p.key("States").joined()
	for name, state := range states.All() {
		v.checkState(name, state, inside.key(name))
	}
	v.checkFlow(o, states, p, top)
}

func (v *validator) checkState(name string, value any, p place) {
	p = p.joined()
	v.checkName(name, p)
	state, ok := value.(*Object)
	if !ok {
		v.wrongType(p, "OBJECT")
		return
	}
	kind, hasType := state.Get("Type")
	if !hasType {
		v.required(p, state, "Type")
		return
	}
	text, _ := kind.(string)
	allowed := stateFields[text]
	if allowed == nil {
		v.enum(p.key("Type"), kind, stateTypes...)
		return
	}
	lang, downgraded := v.machine, false
	if own, ok := state.Get("QueryLanguage"); ok {
		if lang = JSONata; own == string(JSONPath) {
			lang = JSONPath
		}
	}
	if lang == JSONPath && v.machine == JSONata {
		downgraded = true
		v.schema(p, "query-language", "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
	}
	outer := v.kind
	v.kind = text
	defer func() { v.kind = outer }()
	for field, content := range state.All() {
		switch {
		case !allowed[field]:
			v.unsupported(p, field)
		case downgraded && jsonataOnly[field]:
		case v.otherLanguage(p, field, lang):
		default:
			v.checkField(p, field, content, lang)
		}
	}
	v.language(p, state, lang)
	v.checkKind(text, state, p, lang)
}

// otherLanguage reports a field of the query language that the state does not use.
func (v *validator) otherLanguage(p place, field string, lang QueryLanguage) bool {
	other := JSONPath
	switch {
	case lang == JSONata && jsonPathOnly[field]:
	case lang == JSONPath && jsonataOnly[field]:
		other = JSONata
	default:
		return false
	}
	v.schema(p, "query-language", "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' QueryLanguage", lang, field, other)
	return true
}

// checkKind checks what a type of state needs.
func (v *validator) checkKind(kind string, state *Object, p place, lang QueryLanguage) {
	if stateFields[kind]["Next"] {
		v.oneOf(p, state, false, "Next", "End")
	}
	switch kind {
	case "Task":
		v.required(p, state, "Resource")
		v.checkTask(state, p)
		v.oneOf(p, state, true, "TimeoutSeconds", "TimeoutSecondsPath")
		v.oneOf(p, state, true, "HeartbeatSeconds", "HeartbeatSecondsPath")
	case "Wait":
		v.oneOf(p, state, false, "SecondsPath", "Seconds", "TimestampPath", "Timestamp")
	case "Choice":
		v.required(p, state, "Choices")
	case "Parallel":
		v.required(p, state, "Branches")
	case "Fail":
		v.oneOf(p, state, true, "Error", "ErrorPath")
		v.oneOf(p, state, true, "Cause", "CausePath")
	case "Map":
		v.checkMap(state, p, lang)
	}
}

// checkName checks a state's name, which is unique in the whole machine.
func (v *validator) checkName(name string, p place) {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		v.add(p, "state-name", codeStateName, "State name cannot be empty")
	case n > maxStateName:
		v.add(p, "state-name", codeStateName, "State name '%s' exceeds the %d-character limit allowed by the service", name, maxStateName)
	}
	if v.names[name] {
		v.add(p, "duplicate-state", codeDuplicateState, "Duplicate State name: %s", name)
	}
	v.names[name] = true
}

// checkFlow checks that transitions lead to states of the same level, that each state is reached, and that the machine
// can end.
func (v *validator) checkFlow(o, states *Object, p place, top bool) {
	reached := map[string]bool{}
	var queue []string
	visit := func(base place, t transition, target any) {
		name, ok := target.(string)
		if !ok || reached[name] {
			return
		}
		if _, exists := states.Get(name); !exists {
			v.add(t.from(base), "transition-target", codeTarget, "Missing 'Next' target: %s", name)
			return
		}
		reached[name] = true
		queue = append(queue, name)
	}
	start, _ := o.Get("StartAt")
	visit(p, transition{field: "StartAt"}, start)
	inside := p.key("States").joined()
	done := map[string]bool{}
	next := func(name string) {
		done[name] = true
		state, _ := states.Get(name)
		body, _ := state.(*Object)
		for at, target := range transitions(body) {
			visit(inside.key(name), at, target)
		}
	}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		next(name)
	}
	endless := top && !canEnd(states)
	if endless {
		v.add(place{}, "terminal-state", codeNoEnd, "Workflow has no terminal state")
	}
	for name := range states.All() {
		if !reached[name] && !endless { // of an endless workflow the service does not say what is not reached
			v.add(inside.key(name), "reachable", codeTarget, "State \"%s\" is not reachable.", name)
		}
		if !done[name] {
			next(name)
		}
	}
}

// canEnd reports whether one of the states is terminal.
func canEnd(states *Object) bool {
	for _, state := range states.All() {
		body, _ := state.(*Object)
		kind, _ := body.Get("Type")
		end, _ := body.Get("End")
		if end == true || kind == "Succeed" || kind == "Fail" {
			return true
		}
	}
	return false
}

// transition is the field of a state that names another one: Next, Default, or Next of an entry of a list.
type transition struct {
	field, list string
	index       int
}

func (t transition) from(base place) place {
	if t.list != "" {
		base = base.key(t.list).index(t.index)
	}
	return base.key(t.field)
}

// transitions iterates over the targets of a state.
func transitions(state *Object) func(yield func(transition, any) bool) {
	return func(yield func(transition, any) bool) {
		for _, field := range []string{"Next", "Default"} {
			if target, ok := state.Get(field); ok && !yield(transition{field: field}, target) {
				return
			}
		}
		for _, list := range []string{"Choices", "Catch"} {
			value, _ := state.Get(list)
			items, _ := value.([]any)
			for i, item := range items {
				body, _ := item.(*Object)
				if target, ok := body.Get("Next"); ok && !yield(transition{"Next", list, i}, target) {
					return
				}
			}
		}
	}
}
