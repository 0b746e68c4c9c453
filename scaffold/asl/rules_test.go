package asl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// rule is a fixture: one rule of the specification, with what must come out and when.
type rule struct {
	*Object
	calls map[string][]float64 // seconds from the start, by the name of the state
	seen  map[string][]any     // inputs of the calls
	files map[string]string    // written by a ResultWriter, or read
	start time.Time
}

// TestRules runs testdata/rules: one fixture for each rule, named after it. Times are exact: the clock is virtual.
func TestRules(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "rules", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			v, err := Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			runRule(t, v.(*Object))
		})
	}
}

func runRule(t *testing.T, fixture *Object) {
	t.Helper()
	r := &rule{
		Object: fixture, calls: map[string][]float64{}, seen: map[string][]any{}, files: map[string]string{},
		start: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	if files, ok := r.part("files"); ok {
		for name, body := range files.All() {
			r.files[name] = plainText(body)
		}
	}
	definition, _ := r.Get("definition")
	kind := Kind(textOf(fixture, "kind"))
	if kind == "" {
		kind = Standard
	}
	expect, _ := r.part("expect")
	machine, err := ParseKind(Encode(definition), kind)
	if want := textOf(expect, "invalid"); want != "" {
		var faults *DefinitionError
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), want) {
			t.Fatalf("got %v, want a fault with %q", err, want)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	input, _ := r.Get("input")
	result, err := machine.Run(context.Background(), Options{
		Kind: kind, Input: input, Start: r.start, Seed: 7, History: true,
		Services: &StepFunctions{
			Next: ServicesFunc(r.answer), Machine: r.machine,
			Activity: func(arn string) bool { return !strings.HasSuffix(arn, ":deleted") },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.check(t, expect, result)
}

func (r *rule) part(key string) (*Object, bool) {
	v, _ := r.Get(key)
	o, ok := v.(*Object)
	return o, ok
}

// machine is a state machine that the fixture starts from within.
func (r *rule) machine(arn string) (*StateMachine, Kind, bool) {
	machines, _ := r.part("machines")
	definition, ok := machines.Get(arn[strings.LastIndexByte(arn, ':')+1:])
	if !ok {
		return nil, "", false
	}
	machine, err := compileMachine(definition)
	return machine, Standard, err == nil
}

// answer plays the outcomes that the fixture has for the state, one for each call; the last one goes on for ever.
func (r *rule) answer(_ context.Context, call *Call) error {
	r.calls[call.State] = append(r.calls[call.State], call.Clock.Now().Sub(r.start).Seconds())
	r.seen[call.State] = append(r.seen[call.State], call.Input)
	if strings.HasSuffix(call.Service, "s3") {
		return r.file(call)
	}
	tasks, _ := r.part("tasks")
	v, _ := tasks.Get(call.State)
	outcomes, _ := v.([]any)
	if len(outcomes) == 0 {
		return fmt.Errorf("the fixture has no outcome for state %s", call.State)
	}
	r.play(call, outcomes[min(len(r.calls[call.State]), len(outcomes))-1].(*Object))
	return nil
}

func (r *rule) play(call *Call, outcome *Object) {
	call.Schedule()
	if v, ok := outcome.Get("submit"); ok {
		call.Submit(v)
	}
	if beats, ok := outcome.Get("beats"); ok {
		for _, second := range beats.([]any) {
			call.Clock.After(secondsOf(second), call.Beat)
		}
	}
	finish := func() {
		if v, ok := outcome.Get("succeed"); ok {
			call.Succeed(v)
		}
		if v, ok := outcome.Get("succeedChars"); ok { // a text of that length
			call.Succeed(strings.Repeat("x", int(v.(int64))))
		}
		if v, ok := outcome.Get("fail"); ok {
			call.Fail(textOf(v.(*Object), "error"), textOf(v.(*Object), "cause"))
		}
	}
	if v, ok := outcome.Get("after"); ok {
		call.Clock.After(secondsOf(v), finish)
		return
	}
	finish()
}

func secondsOf(v any) time.Duration {
	f, _ := toFloat(v)
	return time.Duration(f * float64(time.Second))
}

func (r *rule) file(call *Call) error {
	call.Schedule()
	input, _ := call.Input.(*Object)
	name := textOf(input, "Bucket") + "/" + textOf(input, "Key")
	switch call.Action {
	case "getObject":
		body, ok := r.files[name]
		if !ok {
			call.Fail("S3.NoSuchKeyException", "The specified key does not exist.")
			return nil
		}
		call.Succeed(ObjectOf("Body", body))
	case "putObject":
		r.files[name] = textOf(input, "Body")
		call.Succeed(NewObject())
	case "listObjectsV2":
		r.list(call, input)
	default:
		return fmt.Errorf("unexpected call of %s", call.Resource)
	}
	return nil
}

// list answers in pages of two objects.
func (r *rule) list(call *Call, input *Object) {
	var keys []string
	for name := range r.files {
		if key, ok := strings.CutPrefix(name, textOf(input, "Bucket")+"/"); ok && strings.HasPrefix(key, textOf(input, "Prefix")) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	from := 0
	if token := textOf(input, "ContinuationToken"); token != "" {
		from = slices.Index(keys, token)
	}
	contents := []any{}
	for _, key := range keys[from:min(from+2, len(keys))] {
		contents = append(contents, ObjectOf("Key", key))
	}
	page := ObjectOf("Contents", contents)
	if from+2 < len(keys) {
		page.Set("NextContinuationToken", keys[from+2])
	}
	call.Succeed(page)
}

func (r *rule) check(t *testing.T, expect *Object, result *Result) {
	t.Helper()
	if want := textOf(expect, "status"); want != string(result.Status) {
		t.Fatalf("status: got %s (%s: %s), want %s", result.Status, result.Error, result.Cause, want)
	}
	if want, ok := expect.Get("output"); ok && !Equal(want, result.Output) {
		t.Errorf("output: got %s, want %s", EncodeString(result.Output), EncodeString(want))
	}
	for key, got := range map[string]string{"error": result.Error, "cause": result.Cause} {
		if want, ok := expect.Get(key); ok && want != got {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	if want, ok := expect.Get("seconds"); ok {
		checkSeconds(t, "duration", result.Stopped.Sub(result.Started).Seconds(), want)
	}
	if calls, ok := expect.Get("calls"); ok {
		for state, times := range calls.(*Object).All() {
			r.checkCalls(t, state, times.([]any))
		}
	}
	if inputs, ok := expect.Get("inputs"); ok {
		for state, want := range inputs.(*Object).All() {
			if got := r.seen[state]; !Equal(want, got) {
				t.Errorf("inputs of %s: got %s, want %s", state, EncodeString(got), EncodeString(want))
			}
		}
	}
	if want, ok := expect.Get("events"); ok {
		var got []any
		for _, e := range result.Events {
			got = append(got, e.Type)
		}
		if !Equal(want, got) {
			t.Errorf("events: got %s, want %s", EncodeString(got), EncodeString(want))
		}
	}
	if want, ok := expect.Get("eventCount"); ok && !Equal(want, result.EventCount) {
		t.Errorf("eventCount: got %d, want %s", result.EventCount, EncodeString(want))
	}
	if want, ok := expect.Get("previous"); ok {
		var got []any
		for _, e := range result.Events {
			got = append(got, e.PreviousID)
		}
		if !Equal(want, got) {
			t.Errorf("previousEventId: got %s, want %s", EncodeString(got), EncodeString(want))
		}
	}
	if want, ok := expect.Get("written"); ok {
		r.checkWritten(t, want.(*Object))
	}
}

func (r *rule) checkCalls(t *testing.T, state string, want []any) {
	t.Helper()
	got := r.calls[state]
	if len(got) != len(want) {
		t.Fatalf("calls of %s: got %v, want %s", state, got, EncodeString(want))
	}
	for i := range want {
		checkSeconds(t, fmt.Sprintf("call %d of %s", i+1, state), got[i], want[i])
	}
}

// checkSeconds compares with a time, or with the bounds of one: [least, most].
func checkSeconds(t *testing.T, what string, got float64, want any) {
	t.Helper()
	low, high := want, want
	if bounds, ok := want.([]any); ok {
		low, high = bounds[0], bounds[1]
	}
	least, _ := toFloat(low)
	most, _ := toFloat(high)
	if got < least || got > most {
		t.Errorf("%s: at %v s, want %s", what, got, EncodeString(want))
	}
}

// checkWritten looks for each text in a file whose name ends as given.
func (r *rule) checkWritten(t *testing.T, want *Object) {
	t.Helper()
	for suffix, text := range want.All() {
		found := false
		for name, body := range r.files {
			found = found || strings.HasSuffix(name, suffix) && strings.Contains(body, plainText(text))
		}
		if !found {
			t.Errorf("no file ...%s with %q among %v", suffix, text, r.files)
		}
	}
}
