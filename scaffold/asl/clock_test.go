package asl_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/asl"
)

func TestExecutionsAndOtherThingsTakeTurnsOnOneClock(t *testing.T) {
	machine, err := asl.Parse([]byte(`{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}`))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, time.March, 1, 8, 0, 0, 0, time.UTC)
	clock := asl.NewClock(context.Background(), asl.Options{Start: start})
	var happened []string
	at := func(what string) { happened = append(happened, clock.Now().Format("04:05 ")+what) }
	clock.Execute(machine, asl.Options{}, func(*asl.Result) { at("the first execution is done") })
	clock.After(30*time.Second, func() {
		at("half a minute is over")
		clock.Execute(machine, asl.Options{}, func(*asl.Result) { at("the second execution is done") })
	})
	clock.After(2*time.Minute, func() { at("too late") })

	if err := clock.Advance(start.Add(100 * time.Second)); err != nil {
		t.Fatal(err)
	}
	want := []string{"00:30 half a minute is over", "01:00 the first execution is done", "01:30 the second execution is done"}
	if diff := cmp.Diff(want, happened); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := clock.Now().Sub(start); got != 100*time.Second {
		t.Errorf("the clock has moved by %s, expected the whole of what was asked", got)
	}
	if next, ok := clock.Next(); !ok || next.Sub(start) != 2*time.Minute {
		t.Errorf("the next thing happens at %s (%t), expected after two minutes", next, ok)
	}
}

func TestAClockStopsWhenItsContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	clock := asl.NewClock(ctx, asl.Options{})
	var again func()
	rounds := 0
	again = func() {
		if rounds++; rounds == 3 {
			cancel()
		}
		clock.After(time.Second, again)
	}
	again()
	if err := clock.Advance(clock.Now().Add(time.Hour)); err == nil || rounds != 3 {
		t.Errorf("got %v after %d rounds, expected the end of the context after 3", err, rounds)
	}
}
