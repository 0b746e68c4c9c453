package asl

import (
	"math"
	"strings"
	"testing"
)

// The size of a payload is found without writing it: it must be the size of what would be written.
func TestMeasureIsTheLengthOfTheText(t *testing.T) {
	deep := any("x")
	for range 50 {
		deep = []any{deep, ObjectOf("k", deep)}
		if len(Encode(deep)) > 10_000 {
			break
		}
	}
	for _, v := range []any{
		nil, true, false, "", "a\"b\\c\n\r\t\b\f\x01\x1f", "grüße €", int64(0), int64(7), int64(-10), int64(math.MaxInt64),
		int64(math.MinInt64), 1.0, 1e21, -0.001,
		[]any{},
		[]any{nil},
		NewObject(), ObjectOf("a", int64(1), "b", []any{"x", 2.5}), deep,
	} {
		if got, want := 1_000_000-measure(v, 1_000_000), len(Encode(v)); got != want {
			t.Errorf("%s: got %d, want %d", brief(v), got, want)
		}
	}
}

func TestThePayloadLimitCountsBytes(t *testing.T) {
	if tooLong(strings.Repeat("é", maxPayload/2-1)) {
		t.Error("262,144 bytes are not too long")
	}
	if !tooLong(strings.Repeat("é", maxPayload/2)) {
		t.Error("262,146 bytes are too long")
	}
	if big := make([]any, maxPayload); !tooLong(big) || !tooLong(ObjectOf("k", big)) {
		t.Error("an array of nulls is too long")
	}
}

func TestSameLooksAtIdentity(t *testing.T) {
	o, list := NewObject(), []any{int64(1)}
	for _, c := range []struct {
		a, b any
		want bool
	}{
		{o, o, true},
		{o, NewObject(), false},
		{list, list, true},
		{list, []any{int64(1)}, false},
		{[]any{}, []any{}, true},
		{"x", "x", true},
		{int64(1), int64(1), true},
		{int64(1), 1.0, false},
		{true, true, true},
		{nil, nil, true},
		{nil, o, false},
	} {
		if got := same(c.a, c.b); got != c.want {
			t.Errorf("same(%v, %v): got %v", c.a, c.b, got)
		}
	}
}
