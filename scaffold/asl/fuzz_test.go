package asl

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzRun runs any definition that compiles: no panic, no endless loop, and a history whose ids are in order.
func FuzzRun(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join("testdata", "rules", "*.json"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		v, err := Decode(text)
		if err != nil {
			f.Fatal(err)
		}
		definition, _ := v.(*Object).Get("definition")
		input, _ := v.(*Object).Get("input")
		f.Add(EncodeString(definition), EncodeString(input), uint64(1))
	}
	f.Fuzz(func(t *testing.T, definition, input string, seed uint64) {
		value, err := DecodeString(definition)
		if err != nil {
			return
		}
		machine, err := compileMachine(value)
		if err != nil {
			return
		}
		in, err := DecodeString(input)
		if err != nil || tooLong(in) {
			return
		}
		n := 0
		services := &StepFunctions{Next: ServicesFunc(func(_ context.Context, call *Call) error {
			switch n++; n % 4 {
			case 0:
				call.Succeed(call.Input)
			case 1:
				call.Fail("Boom", "why")
			case 2:
				call.Submit(nil)
				call.Clock.After(secondsOf(int64(n)), func() { call.Succeed(int64(n)) })
			}
			return nil
		})}
		result, err := machine.Run(context.Background(), Options{Input: in, Seed: seed, Services: services, History: true, MaxSteps: 500})
		if _, spent := errors.AsType[*BudgetError](err); spent {
			return
		}
		if err != nil {
			t.Fatalf("the lab broke: %v", err)
		}
		for i := range result.Events {
			e := &result.Events[i]
			if e.ID != int64(i)+1 || e.PreviousID >= e.ID || e.PreviousID < 0 {
				t.Fatalf("event %d has the id %d and follows %d", i, e.ID, e.PreviousID)
			}
			if i > 0 && e.Time.Before(result.Events[i-1].Time) {
				t.Fatalf("event %d is earlier than the one before", i)
			}
		}
	})
}
