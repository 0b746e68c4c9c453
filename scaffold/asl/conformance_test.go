package asl

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// conformanceFolder is where the recordings are: PIPEWRIGHT_CONFORMANCE, or shared/conformance beside the module.
func conformanceFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("PIPEWRIGHT_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "conformance")
	}
	if _, err := os.Stat(filepath.Join(folder, "asl")); err != nil {
		t.Skipf("no recordings in %s: set PIPEWRIGHT_CONFORMANCE to the folder that holds asl/executions", folder)
	}
	return filepath.Join(folder, "asl")
}

// recording is one case: an execution on AWS.
type recording struct {
	*Object
	name string
	tier int64
}

func readRecordings(t *testing.T, folder string) []recording {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s: %v", folder, err)
	}
	var cases []recording
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := Decode(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		r := recording{Object: v.(*Object), name: strings.TrimSuffix(filepath.Base(file), ".json")}
		if tier, ok := r.Get("tier"); ok {
			r.tier = tier.(int64)
		}
		cases = append(cases, r)
	}
	return cases
}

func (r recording) at(path ...string) any {
	var v any = r.Object
	for _, key := range path {
		o, _ := v.(*Object)
		v, _ = o.Get(key)
	}
	return v
}

func (r recording) text(path ...string) string { s, _ := r.at(path...).(string); return s }

func (r recording) list(path ...string) []any { l, _ := r.at(path...).([]any); return l }

func (r recording) comparer() *comparer {
	c := &comparer{bound: map[string]string{}, masked: map[string]bool{}}
	for _, literal := range r.list("mask_literals") {
		c.literals = append(c.literals, literal.(string))
	}
	for _, pointer := range r.list("masked") {
		c.masked[pointer.(string)] = true
	}
	return c
}

// recordedBefore compares with the date of the recording: where AWS changed since, we follow AWS as it is now.
func (r recording) recordedBefore(date string) bool {
	at, err := time.Parse("02-01-2006, 15:04:05", r.text("source", "recorded"))
	limit, _ := time.Parse(time.DateOnly, date)
	return err == nil && at.Before(limit)
}

// TestConformanceExecutions runs every recorded execution and compares output, error and history with AWS's.
func TestConformanceExecutions(t *testing.T) {
	cases := readRecordings(t, filepath.Join(conformanceFolder(t), "executions"))
	passed, total := map[int64]int{}, map[int64]int{}
	for _, r := range cases {
		total[r.tier]++
		t.Run(r.name, func(t *testing.T) {
			why := runRecording(t, r)
			reason, expected := unsupported[r.name]
			switch {
			case why == "":
				passed[r.tier]++
				if expected {
					t.Errorf("passes, though it is listed as unsupported: %s", reason)
				}
			case expected:
				t.Skipf("unsupported: %s (%s)", reason, why)
			default:
				t.Error(why)
			}
		})
	}
	for _, tier := range slices.Sorted(maps.Keys(total)) {
		fmt.Printf("tier %d: %d passed, %d total\n", tier, passed[tier], total[tier])
	}
}

// unsupported are the cases that need more than a state machine, with the reason. The package documentation repeats them.
var unsupported = map[string]string{}

// runRecording is "" when the execution went as on AWS.
func runRecording(t *testing.T, r recording) string {
	t.Helper()
	machine, err := parseRecorded(r.at("definition"), Kind(r.text("state_machine_type")))
	if err != nil {
		return err.Error()
	}
	world := newWorld(t, r)
	result, err := machine.Run(context.Background(), Options{
		Kind: Kind(r.text("state_machine_type")), InputText: r.input(), History: true, Services: world,
		Start: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Identity: identityOf(r),
	})
	if err != nil {
		return err.Error()
	}
	return r.compare(result)
}

func parseRecorded(definition any, kind Kind) (*StateMachine, error) {
	return ParseKind(Encode(definition), kind)
}

func identityOf(r recording) Identity {
	arn := r.text("execution_arn")
	id := Identity{
		Arn: arn, Name: arn[strings.LastIndexByte(arn, ':')+1:], RoleArn: r.text("role_arn"),
		MachineName: r.text("state_machine_name"),
	}
	if role := textOf(r.firstEvent(), "roleArn"); role != "" { // the names of a recording are numbered anew
		id.RoleArn = role
	}
	return id
}

// input is the input of the execution. A value that the case lost ({}) is in the history.
func (r recording) input() string {
	sent, _ := DecodeString(r.text("input_text"))
	seen, _ := r.firstEvent().Get("input")
	lost, ok := sent.(*Object)
	found, both := seen.(*Object)
	if !ok || !both || r.text("self_check") != "" {
		return r.text("input_text")
	}
	for key, value := range lost.All() {
		text := textOf(found, key)
		if empty, ok := value.(*Object); ok && empty.Len() == 0 && text != "" {
			lost.Set(key, text)
		}
	}
	return EncodeString(lost)
}

// firstEvent is the details of ExecutionStarted.
func (r recording) firstEvent() *Object {
	events := r.list("expected", "events")
	if len(events) == 0 {
		return nil
	}
	details, _ := events[0].(*Object).Get("details")
	object, _ := details.(*Object)
	return object
}

func (r recording) compare(result *Result) string {
	c := r.comparer()
	if want := r.text("expected", "status"); want != string(result.Status) {
		return fmt.Sprintf("status: want %s got %s (%s: %s)", want, result.Status, result.Error, result.Cause)
	}
	actual := NewObject()
	if result.Status == Succeeded {
		actual.Set("output", result.Output)
	} else {
		actual.Set("error", textOrNil(result.Error, result.HasError))
		actual.Set("cause", textOrNil(result.Cause, result.HasCause))
	}
	expected := r.at("expected").(*Object)
	for _, key := range actual.Keys() {
		want, _ := expected.Get(key)
		got, _ := actual.Get(key)
		if why := c.match(want, r.asOf(got), key, "/"+key); why != "" {
			return why
		}
	}
	if !has(expected, "events") {
		return ""
	}
	return r.compareEvents(c, result.Events)
}

func textOrNil(text string, given bool) any {
	if given {
		return text
	}
	return nil
}

func (r recording) compareEvents(c *comparer, events []Event) string {
	expected := r.list("expected", "events")
	if r.text("event_order") == "unordered-groups" {
		return r.compareGroups(c, expected, events)
	}
	for i, want := range expected {
		if i >= len(events) {
			return fmt.Sprintf("/events/%d: missing %s", i, brief(want))
		}
		if why := r.compareEvent(c, want.(*Object), &events[i], fmt.Sprintf("/events/%d", i)); why != "" {
			return why
		}
	}
	if len(events) > len(expected) {
		return fmt.Sprintf("/events: %d events, want %d; extra %s", len(events), len(expected), brief(events[len(expected)].Object()))
	}
	return ""
}

func (r recording) compareEvent(c *comparer, want *Object, e *Event, at string) string {
	got := ObjectOf("type", e.Type)
	if has(want, "unordered") {
		got.Set("unordered", true)
	}
	if has(want, "id") {
		got.Set("id", e.ID)
		got.Set("previousEventId", e.PreviousID)
	}
	details, _ := want.Get("details")
	if e.Details() != nil {
		got.Set("details", r.asOf(rawTexts(details, e.Details())))
		got.Set("detailsKey", e.DetailsKey())
	}
	return c.match(want, got, "", at)
}

// rawTexts adds the texts of input and output as they are, where the recording has them, and the values that they hold.
func rawTexts(want any, details *Object) *Object {
	object, _ := want.(*Object)
	got := details.Clone()
	for _, key := range []string{"input", "output"} {
		text, ok := got.Get(key)
		if !ok || !has(object, key+"_raw") {
			continue
		}
		got.Set(key+"_raw", text)
		if v, err := DecodeString(text.(string)); err == nil {
			got.Set(key, v)
		}
	}
	return got
}

// asOf takes away what AWS has added since the recording: executions can be redriven since 2023-11-15.
func (r recording) asOf(v any) any {
	if !r.recordedBefore("2023-11-15") {
		return v
	}
	switch x := v.(type) {
	case *Object:
		clone := NewObject()
		for key, value := range x.All() {
			if !strings.HasPrefix(key, "Redrive") {
				clone.Set(key, r.asOf(value))
			}
		}
		return clone
	case []any:
		clone := make([]any, len(x))
		for i := range x {
			clone[i] = r.asOf(x[i])
		}
		return clone
	case string:
		if strings.Contains(x, "Redrive") {
			if inner, err := DecodeString(x); err == nil {
				return EncodeString(r.asOf(inner))
			}
		}
	}
	return v
}

// compareGroups compares a recording whose concurrent events lost their order: those without an id may come in any.
func (r recording) compareGroups(c *comparer, expected []any, events []Event) string {
	used := make([]bool, len(events))
	for i, item := range expected {
		want := item.(*Object)
		id, ordered := want.Get("id")
		found := false
		why := "no such event"
		for k := range events {
			if used[k] || ordered && events[k].ID != id.(int64) {
				continue
			}
			if why = r.compareEvent(c, want, &events[k], fmt.Sprintf("/events/%d", i)); why == "" {
				used[k], found = true, true
				break
			}
		}
		if !found {
			return fmt.Sprintf("%s: %s", brief(want), why)
		}
	}
	for k := range events {
		if !used[k] && events[k].Type != "ParallelStateSucceeded" { // left out of the recording
			return "extra event " + brief(events[k].Object())
		}
	}
	return ""
}

// TestConformanceExpress runs the recorded synchronous executions and compares the answer of StartSyncExecution.
func TestConformanceExpress(t *testing.T) {
	cases := readRecordings(t, filepath.Join(conformanceFolder(t), "express"))
	passed := 0
	for _, r := range cases {
		t.Run(r.name, func(t *testing.T) {
			machine, err := parseRecorded(r.at("definition"), Express)
			if err != nil {
				t.Fatal(err)
			}
			arn := strings.Split(r.text("execution_arn"), ":")
			result, err := machine.Run(context.Background(), Options{
				Kind: Express, InputText: r.text("input_text"), Services: newWorld(t, r),
				Identity: Identity{Arn: r.text("execution_arn"), Name: arn[len(arn)-2], RoleArn: r.text("role_arn"), MachineName: r.text("state_machine_name")},
			})
			if err != nil {
				t.Fatal(err)
			}
			c := r.comparer()
			c.masked["/response/billingDetails/billedDurationInMilliseconds"] = true // AWS measures it
			if why := c.match(r.at("expected", "response"), result.SyncResponse(), "", "/response"); why != "" {
				t.Fatal(why)
			}
			passed++
		})
	}
	fmt.Printf("express: %d passed, %d total\n", passed, len(cases))
}
