package asl

import (
	"fmt"
	"strconv"
	"strings"
)

// compiler turns a decoded definition into states. It records a fault and goes on, so that all are reported at once;
// Validate finds most of them before, in AWS's words.
type compiler struct {
	faults []Fault
	paths  map[string]*Path // a definition repeats few
	depth  int
}

// maxNesting bounds Parallel and Map states within each other, so that a hostile definition cannot exhaust the stack.
const maxNesting = 100

func (c *compiler) fault(pointer, format string, args ...any) {
	c.faults = append(c.faults, Fault{
		Pointer: pointer, Rule: "compile", Code: "SCHEMA_VALIDATION_FAILED",
		Message: fmt.Sprintf(format, args...), Severity: "ERROR",
	})
}

// kindOf names the JSON type of a value.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case int64, float64:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// pointerTo is the JSON pointer (RFC 6901) of a member.
func pointerTo(base, key string) string {
	if strings.ContainsAny(key, "~/") {
		key = pointerEscapes.Replace(key)
	}
	return base + "/" + key
}

func (c *compiler) text(o *Object, at, key string) (string, bool) {
	v, ok := o.Get(key)
	if !ok {
		return "", false
	}
	s, ok := v.(string)
	if !ok {
		c.fault(pointerTo(at, key), "%s is %s, expected a string.", key, kindOf(v))
	}
	return s, ok
}

func (c *compiler) integer(o *Object, at, key string) (int64, bool) {
	v, ok := o.Get(key)
	if !ok {
		return 0, false
	}
	n, ok := v.(int64)
	if !ok {
		c.fault(pointerTo(at, key), "%s is %s, expected an integer.", key, EncodeString(v))
	}
	return n, ok
}

func (c *compiler) object(o *Object, at, key string) *Object {
	v, ok := o.Get(key)
	if !ok {
		return nil
	}
	object, ok := v.(*Object)
	if !ok {
		c.fault(pointerTo(at, key), "%s is %s, expected an object.", key, kindOf(v))
	}
	return object
}

func (c *compiler) list(o *Object, at, key string) []any {
	v, ok := o.Get(key)
	if !ok {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		c.fault(pointerTo(at, key), "%s is %s, expected an array.", key, kindOf(v))
	}
	return items
}

func (c *compiler) language(o *Object, at string, inherited QueryLanguage) QueryLanguage {
	text, ok := c.text(o, at, "QueryLanguage")
	switch {
	case !ok:
		return inherited
	case QueryLanguage(text) == JSONPath || QueryLanguage(text) == JSONata:
		return QueryLanguage(text)
	}
	c.fault(pointerTo(at, "QueryLanguage"), "QueryLanguage is %q, expected JSONPath or JSONata.", text)
	return inherited
}

func (c *compiler) path(o *Object, at, key string) *Path {
	text, ok := c.text(o, at, key)
	if !ok {
		return nil
	}
	path := c.paths[text]
	if path == nil {
		var err error
		if path, err = CompilePath(text); err != nil {
			c.fault(pointerTo(at, key), "%v", err)
			return nil
		}
		c.paths[text] = path
	}
	return path
}

func (c *compiler) pathField(o *Object, at, key string) pathField {
	v, ok := o.Get(key)
	if !ok || v == "$" {
		return pathField{}
	}
	if v == nil {
		return pathField{null: true}
	}
	return pathField{path: c.path(o, at, key)}
}

func (c *compiler) template(o *Object, at, key string, lang QueryLanguage) *Template {
	v, ok := o.Get(key)
	if !ok {
		return nil
	}
	t, err := CompileTemplate(v, lang, fieldName(at, key))
	if err != nil {
		c.fault(pointerTo(at, key), "%v", err)
		return nil
	}
	return t
}

// fieldName is how failures name a field: its path in its state, as in Choices[0]/Condition.
func fieldName(at, key string) string {
	names := strings.Split(at, "/")[1:]
	for len(names) > 1 && names[0] == "States" {
		names = names[2:]
		for i, name := range names[:min(len(names), 3)] {
			if name == "States" {
				names = names[i:]
				break
			}
		}
	}
	var b strings.Builder
	for _, name := range append(names, key) {
		_, err := strconv.Atoi(name)
		switch {
		case err == nil:
			b.WriteString("[" + name + "]")
			continue
		case b.Len() > 0:
			b.WriteByte('/')
		}
		b.WriteString(name)
	}
	return b.String()
}

// program compiles StartAt and States.
func (c *compiler) program(o *Object, at string, lang QueryLanguage) *program {
	if c.depth++; c.depth > maxNesting {
		c.fault(at, "States are nested deeper than %d.", maxNesting)
		return nil
	}
	defer func() { c.depth-- }()
	states := c.object(o, at, "States")
	if states.Len() == 0 {
		c.fault(pointerTo(at, "States"), "States is missing or empty.")
		return nil
	}
	p := &program{states: make(map[string]*state, states.Len())}
	for name := range states.All() {
		p.states[name] = &state{name: name}
	}
	for name, v := range states.All() {
		pointer := pointerTo(pointerTo(at, "States"), name)
		body, ok := v.(*Object)
		if !ok {
			c.fault(pointer, "The state is %s, expected an object.", kindOf(v))
			continue
		}
		c.state(p, p.states[name], body, pointer, lang)
	}
	start, _ := c.text(o, at, "StartAt")
	if p.start = p.states[start]; p.start == nil {
		c.fault(pointerTo(at, "StartAt"), "StartAt is %q, expected the name of a state.", start)
	}
	return p
}

func (c *compiler) state(p *program, s *state, o *Object, at string, lang QueryLanguage) {
	kind, _ := c.text(o, at, "Type")
	s.kind = 255
	for i, name := range kindNames {
		if name == kind {
			s.kind = stateKind(i)
		}
	}
	if s.kind == 255 {
		c.fault(pointerTo(at, "Type"), "Type is %q, expected one of %s.", kind, strings.Join(kindNames[:], ", "))
		return
	}
	s.entered, s.exited = kind+"StateEntered", kind+"StateExited"
	s.lang = c.language(o, at, lang)
	c.data(s, o, at)
	c.transition(p, s, o, at)
	c.recovery(p, s, o, at)
	switch s.kind {
	case kindTask:
		s.task = c.task(s, o, at)
	case kindChoice:
		s.choice = c.choice(p, s, o, at)
	case kindWait:
		s.wait = c.wait(s, o, at)
	case kindFail:
		s.fail = c.fail(s, o, at)
	case kindParallel:
		s.branches = c.branches(o, at, lang)
	case kindMap:
		s.mapper = c.mapper(s, o, at, lang)
	}
}

// data compiles the fields that shape input and output.
func (c *compiler) data(s *state, o *Object, at string) {
	if s.lang == JSONata {
		s.arguments = c.template(o, at, "Arguments", s.lang)
		s.output = c.template(o, at, "Output", s.lang)
		s.assign = c.template(o, at, "Assign", s.lang)
		return
	}
	s.inputPath = c.pathField(o, at, "InputPath")
	s.outputPath = c.pathField(o, at, "OutputPath")
	s.resultPath = c.pathField(o, at, "ResultPath")
	if p := s.resultPath.path; p != nil && !p.IsReference() {
		c.fault(pointerTo(at, "ResultPath"), "ResultPath is %q, expected a reference path.", p)
	}
	if s.kind != kindMap { // there, Parameters is the old name of ItemSelector
		s.arguments = c.template(o, at, "Parameters", s.lang)
	}
	s.resultSelector = c.template(o, at, "ResultSelector", s.lang)
	s.assign = c.template(o, at, "Assign", s.lang)
	s.result, s.hasResult = o.Get("Result")
}

func (c *compiler) transition(p *program, s *state, o *Object, at string) {
	if s.kind == kindChoice || s.kind == kindSucceed || s.kind == kindFail {
		return
	}
	end, _ := o.Get("End")
	name, hasNext := c.text(o, at, "Next")
	switch {
	case end == true && !hasNext:
	case hasNext && end != true:
		s.next = c.target(p, name, pointerTo(at, "Next"))
	default:
		c.fault(at, "The state needs either Next or End: true.")
	}
}

func (c *compiler) target(p *program, name, at string) *state {
	target := p.states[name]
	if target == nil {
		c.fault(at, "Missing 'Next' target: %s", name)
	}
	return target
}

func (c *compiler) task(s *state, o *Object, at string) *taskState {
	arn, _ := c.text(o, at, "Resource")
	t := &taskState{}
	var ok bool
	if t.resource, ok = parseResource(arn); !ok {
		c.fault(pointerTo(at, "Resource"), "Resource is %q, expected the ARN of a Lambda function, an activity or a service integration.", arn)
	}
	t.timeout = c.duration(s, o, at, "TimeoutSeconds")
	t.heartbeat = c.duration(s, o, at, "HeartbeatSeconds")
	t.credentials = c.template(o, at, "Credentials", s.lang)
	return t
}

func (c *compiler) fail(s *state, o *Object, at string) *failState {
	f := &failState{}
	f.err, f.errExpr = c.failText(s, o, at, "Error")
	f.cause, f.causeExpr = c.failText(s, o, at, "Cause")
	return f
}

func (c *compiler) failText(s *state, o *Object, at, key string) (string, evaluator) {
	if path, ok := c.text(o, at, key+"Path"); ok && s.lang == JSONPath {
		e, err := CompileExpr(path, key+"Path")
		if err != nil {
			c.fault(pointerTo(at, key+"Path"), "%v", err)
			return "", nil
		}
		return "", e
	}
	text, ok := c.text(o, at, key)
	if ok && s.lang == JSONata && IsJSONata(text) {
		if t := c.template(o, at, key, s.lang); t != nil {
			return "", t
		}
	}
	return text, nil
}

func (c *compiler) branches(o *Object, at string, lang QueryLanguage) []*program {
	items := c.list(o, at, "Branches")
	if len(items) == 0 {
		c.fault(pointerTo(at, "Branches"), "Branches is missing or empty.")
	}
	branches := make([]*program, len(items))
	for i, item := range items {
		pointer := pointerTo(at, "Branches") + "/" + strconv.Itoa(i)
		body, ok := item.(*Object)
		if !ok {
			c.fault(pointer, "The branch is %s, expected an object.", kindOf(item))
			continue
		}
		branches[i] = c.program(body, pointer, lang)
	}
	return branches
}
