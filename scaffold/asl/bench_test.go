package asl

import (
	"bytes"
	"context"
	"fmt"
	"testing"
)

// counting is a loop of a Pass state that adds 1 and a Choice state that goes round.
const counting = `{"StartAt": "Add", "States": {
	"Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"},
	"More": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": %d, "Next": "Add"}], "Default": "Done"},
	"Done": {"Type": "Succeed"}}}`

func mustParse(tb testing.TB, definition string) *StateMachine {
	tb.Helper()
	m, err := Parse([]byte(definition))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func mustRun(tb testing.TB, m *StateMachine, o Options) *Result {
	tb.Helper()
	r, err := m.Run(context.Background(), o)
	if err != nil {
		tb.Fatal(err)
	}
	if r.Status != Succeeded {
		tb.Fatalf("the execution %s: %s: %s", r.Status, r.Error, r.Cause)
	}
	return r
}

// BenchmarkCountingLoop is an Express workflow, which has no limit of events; an operation is one transition.
func BenchmarkCountingLoop(b *testing.B) {
	for _, history := range []bool{false, true} {
		for _, size := range []int{1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("history=%v/%d", history, size), func(b *testing.B) {
				m := mustParse(b, fmt.Sprintf(counting, size))
				b.ReportAllocs()
				for steps := int64(0); steps < int64(b.N); {
					steps += mustRun(b, m, Options{Kind: Express, InputText: `{"n": 0}`, History: history}).Steps
				}
			})
		}
	}
}

// BenchmarkMap is an inline Map; an operation is the whole Map.
func BenchmarkMap(b *testing.B) {
	m := mustParse(b, `{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true,
		"ItemSelector": {"value.$": "$$.Map.Item.Value"},
		"ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}}}}`)
	for _, size := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			items := make([]any, size)
			for i := range items {
				items[i] = int64(i)
			}
			b.ReportAllocs()
			for b.Loop() {
				mustRun(b, m, Options{Kind: Express, Input: items})
			}
		})
	}
}

// BenchmarkDistributedMap is a Map with a child execution for each item.
func BenchmarkDistributedMap(b *testing.B) {
	m := mustParse(b, `{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "MaxConcurrency": 100, "ResultPath": null,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
			"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}}}}`)
	items := make([]any, 10_000)
	for i := range items {
		items[i] = int64(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		mustRun(b, m, Options{Input: items})
	}
}

// BenchmarkParse reads definitions of about 100 kB, 1 MB and 4 MB.
func BenchmarkParse(b *testing.B) {
	for _, states := range []int{500, 5_000, 20_000} {
		var text bytes.Buffer
		text.WriteString(`{"StartAt": "S0", "States": {`)
		for i := range states {
			fmt.Fprintf(&text, `"S%d": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload.$": "$.a.b"},
				"ResultPath": "$.result", "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}], "Next": "S%d"},`, i, i+1)
		}
		fmt.Fprintf(&text, `"S%d": {"Type": "Succeed"}}}`, states)
		b.Run(fmt.Sprintf("%dkB", text.Len()/1000), func(b *testing.B) {
			definition := text.Bytes()
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(definition); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
