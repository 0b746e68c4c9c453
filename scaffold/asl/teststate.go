package asl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// TestStateOptions is what a test of a state runs with.
type TestStateOptions struct {
	Services Services // of a Task that is not mocked
	Start    time.Time
	Seed     uint64
	Identity Identity
}

// testStateName is what the service calls a state that was sent without a name.
const testStateName = "StateName"

// TestState is the API of this name: it runs one state and tells what became of the data on the way. The request and the
// answer have the fields of the API. A refused request is an *APIError; another error means that the services broke.
// Source: AWS Step Functions API Reference, TestState, and Developer Guide, "Using TestState API to test a state", read
// 2026-11.
func TestState(ctx context.Context, request *Object, options TestStateOptions) (*Object, error) {
	t, refused := newStateTest(ctx, request, options)
	if refused != nil {
		return nil, refused
	}
	if err := t.run(); err != nil {
		return nil, err
	}
	if t.refused != nil {
		return nil, t.refused
	}
	return t.answer(), nil
}

// stateTest is one call of TestState.
type stateTest struct {
	ctx     context.Context
	options TestStateOptions
	request *Object
	level   string
	state   *state
	body    *Object // the state's definition
	thread  *thread
	given   *Object // the Context object of the request
	data    *Object // inspectionData
	mock    *mockedResult
	config  *Object // stateConfiguration
	output  any
	next    *state
	failed  *Error
	status  string
	refused *APIError // found while running
}

// mockedResult is what the request says the service answered.
type mockedResult struct {
	result    any
	text      string
	failure   *Error
	hasResult bool
}

func invalid(format string, args ...any) *APIError {
	return &APIError{"ValidationException", fmt.Sprintf(format, args...)}
}

func newStateTest(ctx context.Context, request *Object, options TestStateOptions) (*stateTest, *APIError) {
	t := &stateTest{ctx: ctx, options: options, request: request, data: NewObject(), status: string(Succeeded)}
	if t.level = textOf(request, "inspectionLevel"); t.level == "" {
		t.level = "INFO"
	}
	if !slices.Contains([]string{"INFO", "DEBUG", "TRACE"}, t.level) {
		return nil, invalid("1 validation error detected: Value '%s' at 'inspectionLevel' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [INFO, DEBUG, TRACE]", t.level)
	}
	if config, ok := request.Get("stateConfiguration"); ok {
		t.config, _ = config.(*Object)
	}
	if err := t.findState(); err != nil {
		return nil, err
	}
	if err := t.readMock(); err != nil {
		return nil, err
	}
	return t, t.readInput()
}

// findState reads the definition: of one state, or of a machine with the name of a state that may be nested in it.
func (t *stateTest) findState() *APIError {
	value, err := DecodeString(textOf(t.request, "definition"))
	if err != nil {
		return &APIError{"InvalidDefinition", "Invalid State Machine Definition: '" + codeJSON + ": " + err.Error() + " at null'"}
	}
	definition, ok := value.(*Object)
	if !ok {
		return &APIError{"InvalidDefinition", InvalidDefinition(Validate(Encode(value), string(Standard)))}
	}
	name := textOf(t.request, "stateName")
	if !has(definition, "States") {
		name = testStateName
		definition = machineOf(name, definition)
	}
	if name == "" {
		return invalid("stateName is required when the definition is of a state machine")
	}
	if refused := refuseFaults(EncodeString(definition), string(Standard)); refused != nil {
		return refused
	}
	machine, err := compileMachine(definition)
	if err != nil {
		return &APIError{"InvalidDefinition", "Invalid State Machine Definition: '" + err.Error() + "'"}
	}
	t.state, t.body = machine.program.find(name), findBody(definition, name)
	if t.state == nil {
		return invalid("State not found in definition")
	}
	return nil
}

// machineOf puts a state into a machine, with states to which it can lead.
func machineOf(name string, state *Object) *Object {
	states := ObjectOf(name, state)
	for _, target := range transitions(state) {
		if text, ok := target.(string); ok && !has(states, text) {
			states.Set(text, ObjectOf("Type", "Succeed"))
		}
	}
	return ObjectOf("StartAt", name, "States", states)
}

// find looks for a state in the program and in those of its branches and item processors.
func (p *program) find(name string) *state {
	if s := p.states[name]; s != nil {
		return s
	}
	for _, s := range p.states {
		nested := s.branches
		if s.mapper != nil {
			nested = append(slices.Clone(nested), s.mapper.program)
		}
		for _, program := range nested {
			if found := program.find(name); found != nil {
				return found
			}
		}
	}
	return nil
}

// childObject is the object in a field of a value, or nil.
func childObject(v any, field string) *Object {
	object, ok := v.(*Object)
	if !ok {
		return nil
	}
	child, _ := object.Get(field)
	found, _ := child.(*Object)
	return found
}

func findBody(value any, name string) *Object {
	switch x := value.(type) {
	case []any:
		for _, item := range x {
			if body := findBody(item, name); body != nil {
				return body
			}
		}
	case *Object:
		if states, ok := x.Get("States"); ok {
			if body := childObject(states, name); body != nil {
				return body
			}
		}
		for _, item := range x.All() {
			if body := findBody(item, name); body != nil {
				return body
			}
		}
	}
	return nil
}

// readMock checks the mock against the type of the state, and a task's against the API of its service.
func (t *stateTest) readMock() *APIError {
	value, _ := t.request.Get("mock")
	mock, ok := value.(*Object)
	kind := t.state.kind
	if !ok {
		if kind == kindMap || kind == kindParallel {
			return &APIError{"InvalidDefinition", "TestState API does not support Map or Parallel states. " +
				"Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"}
		}
		return nil
	}
	if kind != kindTask && kind != kindMap && kind != kindParallel {
		return invalid("State type '%s' is not supported when a mock is specified", kind)
	}
	t.mock = &mockedResult{}
	t.mock.text, t.mock.hasResult = textOf(mock, "result"), has(mock, "result")
	if failure, ok := mock.Get("errorOutput"); ok {
		if t.mock.hasResult {
			return invalid("A test mock should have only one of the following fields: [result, errorOutput]")
		}
		object, _ := failure.(*Object)
		t.mock.failure = &Error{Name: textOf(object, "error"), Cause: textOf(object, "cause")}
		return nil
	}
	if !t.mock.hasResult {
		return invalid("A test mock should have one of the following fields: [result, errorOutput]")
	}
	var err error
	if t.mock.result, err = DecodeString(t.mock.text); err != nil {
		return invalid("Mocked result must be valid JSON")
	}
	return t.checkResult(textOf(mock, "fieldValidationMode"))
}

func (t *stateTest) checkResult(mode string) *APIError {
	items, isArray := t.mock.result.([]any)
	_, isObject := t.mock.result.(*Object)
	switch t.state.kind {
	case kindMap:
		switch writes := has(t.body, "ResultWriter"); {
		case writes && !isObject:
			return invalid("Mocked result must be a JSON object.")
		case !writes && !isArray:
			return invalid("Mocked result must be an array.")
		}
	case kindParallel:
		switch {
		case !isArray:
			return invalid("Mocked result must be an array.")
		case len(items) != len(t.state.branches):
			return invalid("Mocked result must contain the same number of items as number of Parallel branches.")
		}
	case kindTask:
		switch mode {
		case "", "STRICT", "PRESENT":
			return checkMock(&t.state.task.resource, t.mock.result, mode != "PRESENT")
		case "NONE":
		default:
			return invalid("1 validation error detected: Value '%s' at 'mock.fieldValidationMode' failed to satisfy constraint: "+
				"Member must satisfy enum value set: [STRICT, PRESENT, NONE]", mode)
		}
	}
	return nil
}

// readInput reads the input, the variables and the Context object, and makes the thread that walks through the state.
func (t *stateTest) readInput() *APIError {
	text := textOf(t.request, "input")
	if text == "" {
		text = "{}"
	}
	input, err := DecodeString(text)
	if err != nil {
		return &APIError{"InvalidExecutionInput", fmt.Sprintf("Invalid State Input: '%s'", err)}
	}
	if given := textOf(t.request, "context"); given != "" {
		if refused := t.readContext(given); refused != nil {
			return refused
		}
	}
	o := Options{Kind: Express, Services: t.options.Services, Start: t.options.Start, Seed: t.options.Seed}
	r := newRun(t.ctx, &o)
	x := &execution{run: r, kind: Express, started: r.now, input: input, inputText: text, done: func(*Result) {}}
	if role := textOf(t.request, "roleArn"); role != "" {
		t.options.Identity.RoleArn = role
	}
	fill(&t.options.Identity.MachineName, r.uuid())
	fill(&t.options.Identity.Name, r.uuid())
	x.id = x.identity(t.options.Identity)
	if t.options.Identity.Arn == "" { // unlike an Express execution's, without a third part
		x.id.Arn = fmt.Sprintf("arn:%s:states:%s:%s:express:%s:%s", x.id.Partition, x.id.Region, x.id.Account, x.id.MachineName, x.id.Name)
	}
	t.thread = &thread{x: x, state: t.state, input: input, text: text, enteredAt: r.now}
	t.thread.context = t.contextObject(x)
	if text := textOf(t.request, "variables"); text != "" {
		value, err := DecodeString(text)
		variables, ok := value.(*Object)
		if err != nil || !ok {
			return invalid("Variables must be a JSON object")
		}
		t.thread.vars = &frame{values: variables}
	}
	return nil
}

func (t *stateTest) contextObject(x *execution) *Object {
	if t.given != nil {
		return t.given
	}
	execution := ObjectOf("Id", x.id.Arn, "Input", x.input, "Name", x.id.Name, "RoleArn", x.id.RoleArn, "StartTime", timeText(x.started))
	state := ObjectOf("Name", t.state.name, "EnteredTime", timeText(x.started), "RetryCount", t.setting("retrierRetryCount"))
	object := ObjectOf("Execution", execution, "StateMachine", ObjectOf("Id", x.id.MachineArn, "Name", x.id.MachineName), "State", state)
	if t.state.kind == kindTask && t.state.task.resource.needsToken() {
		object.Set("Task", ObjectOf("Token", x.run.token()))
	}
	return object
}

// setting is a number of stateConfiguration.
func (t *stateTest) setting(name string) int64 {
	value, _ := t.config.Get(name)
	n, _ := value.(int64)
	return n
}

// contextTypes are the fields that a Context object of the request may have, and their types.
var contextTypes = map[string]map[string]string{
	"Execution":    {"Id": "string", "Input": "", "Name": "string", "RoleArn": "string", "StartTime": "string"},
	"StateMachine": {"Id": "string", "Name": "string"},
	"State":        {"EnteredTime": "string", "Name": "string", "RetryCount": "number"},
	"Task":         {"Token": "string"},
}

func (t *stateTest) readContext(text string) *APIError {
	const prefix = "Invalid Context object provided: "
	value, err := DecodeString(text)
	object, ok := value.(*Object)
	if err != nil || !ok {
		return invalid(prefix + "must be a JSON object")
	}
	for part, content := range object.All() {
		types := contextTypes[part]
		if part == "Map" {
			return invalid(prefix + "'Map' field is not supported when mocking a Context object")
		}
		if types == nil {
			return invalid(prefix+"Field '%s' is not allowed", part)
		}
		fields, ok := content.(*Object)
		if !ok {
			return invalid(prefix+"%s must be an object", part)
		}
		for field, value := range fields.All() {
			want, known := types[field]
			switch {
			case !known:
				return invalid(prefix+"Field '%s.%s' is not allowed", part, field)
			case want != "" && kindOf(value) != want:
				return invalid(prefix+"%s.%s must be a %s", part, field, want)
			}
		}
	}
	if has(object, "Task") && (t.state.kind != kindTask || !t.state.task.resource.waits()) {
		return invalid(prefix + "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern")
	}
	t.given = object
	return nil
}

// answer is the response of the API.
func (t *stateTest) answer() *Object {
	answer := NewObject()
	if t.failed != nil {
		if t.failed.Name != "" {
			answer.Set("error", t.failed.Name)
		}
		if t.failed.Cause != "" {
			answer.Set("cause", t.failed.Cause)
		}
	}
	if t.output != (absent{}) {
		answer.Set("output", t.text(t.output))
	}
	if t.next != nil {
		answer.Set("nextState", t.next.name)
	}
	if t.level != "INFO" {
		answer.Set("inspectionData", t.data)
	}
	answer.Set("status", t.status)
	return answer
}

// text is a value as JSON; the input and the mocked result keep the white space with which they were sent.
func (t *stateTest) text(v any) string {
	switch {
	case same(v, t.thread.input) && !isScalar(v):
		return t.thread.text
	case t.mock != nil && t.mock.hasResult && same(v, t.mock.result) && !isScalar(v):
		return t.mock.text
	}
	return EncodeString(v)
}

func isScalar(v any) bool {
	switch v.(type) {
	case *Object, []any:
		return false
	}
	return true
}

func (t *stateTest) inspect(field string, v any) { t.data.Set(field, t.text(v)) }

// pathText is a path as the failures of TestState show it: without the second $ of the Context object.
func pathText(p *Path) string { return strings.Replace(p.String(), "$$", "$", 1) }
