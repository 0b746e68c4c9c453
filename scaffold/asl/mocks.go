package asl

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Mocks is a MockConfigFile of AWS Step Functions Local: which state of a test case gets which answers.
// Source: AWS Step Functions Developer Guide, "Configuration file for mocked service integrations in Step Functions",
// read 2026-11.
type Mocks struct {
	machines []mockedMachine
}

type mockedMachine struct {
	name  string
	cases []mockCase
}

type mockCase struct {
	name   string
	states map[string]*mockedResponse
}

// mockedResponse is the answers to the calls of a state, in the order of the calls.
type mockedResponse struct {
	name    string
	answers []mockAnswer
}

// mockAnswer is for the calls from first to last, counted from 0.
type mockAnswer struct {
	first, last int
	result      any
	failure     *Error
}

// MockError is a mistake in a MockConfigFile.
type MockError struct {
	Pointer string // JSON pointer
	Problem string // what was got, and what was expected
}

// Error is the place with the problem.
func (e *MockError) Error() string {
	return fmt.Sprintf("mocks: %s: %s", cmp.Or(e.Pointer, "/"), e.Problem)
}

// ParseMocks reads a MockConfigFile. The error is a *MockError.
func ParseMocks(text []byte) (*Mocks, error) {
	value, err := Decode(text)
	if err != nil {
		return nil, &MockError{"", err.Error()}
	}
	p := &mockParser{responses: map[string]*mockedResponse{}}
	root := p.object(value, "")
	p.known(root, "", "StateMachines", "MockedResponses")
	responses := p.member(root, "", "MockedResponses")
	for name, value := range responses.All() {
		p.responses[name] = p.response(name, value, pointerTo("/MockedResponses", name))
	}
	mocks := &Mocks{}
	for name, value := range p.member(root, "", "StateMachines").All() {
		mocks.machines = append(mocks.machines, p.machine(name, value, pointerTo("/StateMachines", name)))
	}
	if p.err != nil {
		return nil, p.err
	}
	return mocks, nil
}

// mockParser keeps the first mistake.
type mockParser struct {
	responses map[string]*mockedResponse
	err       *MockError
}

func (p *mockParser) fail(pointer, format string, args ...any) {
	if p.err == nil {
		p.err = &MockError{pointer, fmt.Sprintf(format, args...)}
	}
}

func (p *mockParser) object(value any, pointer string) *Object {
	o, ok := value.(*Object)
	if !ok {
		p.fail(pointer, "got %s, expected an object", kindOf(value))
	}
	return o
}

func (p *mockParser) member(o *Object, pointer, key string) *Object {
	value, ok := o.Get(key)
	if !ok {
		p.fail(pointer, "%s is missing", key)
		return nil
	}
	return p.object(value, pointerTo(pointer, key))
}

func (p *mockParser) known(o *Object, pointer string, keys ...string) {
	for key := range o.All() {
		if !slices.Contains(keys, key) {
			p.fail(pointerTo(pointer, key), "the key is not known, expected %s", strings.Join(keys, " or "))
		}
	}
}

func (p *mockParser) machine(name string, value any, pointer string) mockedMachine {
	machine := mockedMachine{name: name}
	o := p.object(value, pointer)
	p.known(o, pointer, "TestCases")
	for caseName, states := range p.member(o, pointer, "TestCases").All() {
		at := pointerTo(pointerTo(pointer, "TestCases"), caseName)
		test := mockCase{name: caseName, states: map[string]*mockedResponse{}}
		for state, response := range p.object(states, at).All() {
			name, _ := response.(string)
			if test.states[state] = p.responses[name]; test.states[state] == nil {
				p.fail(pointerTo(at, state), "got %s, expected the name of one of the MockedResponses", EncodeString(response))
			}
		}
		machine.cases = append(machine.cases, test)
	}
	return machine
}

func (p *mockParser) response(name string, value any, pointer string) *mockedResponse {
	r := &mockedResponse{name: name}
	for calls, answer := range p.object(value, pointer).All() {
		r.answers = append(r.answers, p.answer(calls, answer, pointerTo(pointer, calls)))
	}
	if len(r.answers) == 0 {
		p.fail(pointer, "the response has no answers, expected at least \"0\"")
	}
	slices.SortFunc(r.answers, func(a, b mockAnswer) int { return a.first - b.first })
	next := 0
	for _, a := range r.answers {
		if a.first != next {
			p.fail(pointer, "the answers leave out or repeat a call: got %d after %d, expected %d", a.first, next-1, next)
		}
		next = a.last + 1
	}
	return r
}

func (p *mockParser) answer(calls string, value any, pointer string) mockAnswer {
	a := mockAnswer{}
	first, last, isRange := strings.Cut(calls, "-")
	if !isRange {
		last = first
	}
	var ok, both bool
	a.first, ok = callNumber(first)
	a.last, both = callNumber(last)
	if !ok || !both || a.last < a.first {
		p.fail(pointer, "got %q, expected the number of a call (\"0\") or of some (\"1-2\")", calls)
	}
	o := p.object(value, pointer)
	p.known(o, pointer, "Return", "Throw")
	if o.Len() != 1 {
		p.fail(pointer, "expected either Return or Throw")
	}
	if result, ok := o.Get("Return"); ok {
		a.result = result
		return a
	}
	failure := p.member(o, pointer, "Throw")
	p.known(failure, pointerTo(pointer, "Throw"), "Error", "Cause")
	a.failure = &Error{Name: textOf(failure, "Error"), Cause: textOf(failure, "Cause")}
	if a.failure.Name == "" {
		p.fail(pointerTo(pointer, "Throw"), "Error is missing, expected the name of an error")
	}
	return a
}

func callNumber(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && strconv.Itoa(n) == text
}

// StateMachines are the names of the state machines with test cases, in the order of the file.
func (m *Mocks) StateMachines() []string {
	names := make([]string, len(m.machines))
	for i := range m.machines {
		names[i] = m.machines[i].name
	}
	return names
}

// TestCases are the names of the test cases of a state machine.
func (m *Mocks) TestCases(machine string) []string {
	var names []string
	for i := range m.machines {
		if m.machines[i].name == machine {
			for _, test := range m.machines[i].cases {
				names = append(names, test.name)
			}
		}
	}
	return names
}

// Case is a test case as the services of one execution. A state that the test case does not name is left to the fallback
// (nil: its call is an error). Empty names stand for the only machine and the only test case of the file.
func (m *Mocks) Case(machine, testCase string, fallback Services) (Services, error) {
	machines := m.StateMachines()
	if machine == "" {
		if len(machines) != 1 {
			return nil, fmt.Errorf("the mocks are for %d state machines, name one of: %s", len(machines), strings.Join(machines, ", "))
		}
		machine = machines[0]
	}
	if !slices.Contains(machines, machine) {
		return nil, fmt.Errorf("the mocks have no state machine %q, expected one of: %s", machine, strings.Join(machines, ", "))
	}
	cases := m.TestCases(machine)
	if testCase == "" && len(cases) == 1 {
		testCase = cases[0]
	}
	i, k := slices.Index(machines, machine), slices.Index(cases, testCase)
	if k < 0 {
		return nil, fmt.Errorf("the state machine %q has no test case %q, expected one of: %s", machine, testCase, strings.Join(cases, ", "))
	}
	return &mockedServices{states: m.machines[i].cases[k].states, fallback: fallback, calls: map[string]int{}}, nil
}

// mockedServices answers the calls of one execution. As in Step Functions Local there is one count for each state: it
// goes on when the state is entered again, in a loop or for another item of a Map.
type mockedServices struct {
	states   map[string]*mockedResponse
	fallback Services
	calls    map[string]int
}

// Call answers the call of a mocked state.
func (s *mockedServices) Call(ctx context.Context, call *Call) error {
	response := s.states[call.State]
	if response == nil {
		if s.fallback == nil {
			return fmt.Errorf("the test case does not mock the state %q, which calls %s", call.State, call.Resource)
		}
		return s.fallback.Call(ctx, call)
	}
	n := s.calls[call.State]
	s.calls[call.State]++
	for _, answer := range response.answers {
		if n < answer.first || n > answer.last {
			continue
		}
		if answer.failure != nil {
			call.Fail(answer.failure.Name, answer.failure.Cause)
		} else {
			call.Succeed(answer.result)
		}
		return nil
	}
	return fmt.Errorf("the mocked response %q has no answer to call %d of the state %q: add \"%d\" to it", response.name, n, call.State, n)
}
