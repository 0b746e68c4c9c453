package pattern_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"example.com/pipewright/scaffold/pattern"
)

// Arrays must not multiply: a search that tried each element of one array with each of the others would never end here.
func TestManyArraysDoNotMultiply(t *testing.T) {
	var fields, members []string
	for i := range 12 {
		fields = append(fields, fmt.Sprintf(`"f%02d":{"x":[1],"y":[{"exists":true}]}`, i))
		members = append(members, fmt.Sprintf(`"f%02d":[%s{"x":1,"y":1}]`, i, strings.Repeat(`{"x":1,"y":2},`, 200)))
	}
	p := compile(t, `{`+strings.Join(fields, ",")+`,"z":{"a":[1],"b":[2]}}`)
	for last, want := range map[string]bool{`"z":[{"a":1},{"b":2}]`: false, `"z":[{"a":1,"b":2}]`: true} {
		matches, err := p.Match([]byte(`{` + strings.Join(members, ",") + `,` + last + `}`))
		if err != nil || matches != want {
			t.Errorf("with %s: got %t, %v, want %t", last, matches, err, want)
		}
	}
}

func TestPatternsAndEventsServeManyGoroutines(t *testing.T) {
	p := compile(t, `{"detail":{"$or":[{"items":{"a":[1],"b":[{"numeric":[">",1]}]}},{"x":["y"]}]}}`)
	yes, no := `{"detail":{"items":[{"a":1,"b":1},{"a":1,"b":2}]}}`, `{"detail":{"items":[{"a":1,"b":1},{"a":2,"b":2}]}}`
	decoded := map[string]*pattern.Event{}
	for _, event := range []string{yes, no} {
		e, err := pattern.Decode([]byte(event))
		if err != nil {
			t.Fatal(err)
		}
		decoded[event] = e
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range 200 {
				event := map[bool]string{true: yes, false: no}[i%2 == 0]
				matches, err := p.Match([]byte(event))
				if err != nil || matches != (event == yes) || p.MatchEvent(decoded[event]) != matches || p.Explain(decoded[event]).Match != matches {
					t.Errorf("%s: got %t, %v", event, matches, err)
					return
				}
			}
		})
	}
	wait.Wait()
}

// What one event left behind must not show in the next.
func TestMatchesAreIndependent(t *testing.T) {
	p := compile(t, `{"d":{"a":[1],"b":[2]}}`)
	for range 3 {
		for event, want := range map[string]bool{
			`{"d":[{"a":1},{"b":2}]}`: false, `{"d":{"a":1,"b":2}}`: true, `{"d":[{"a":1,"b":2}]}`: true, `{"d":{"a":1}}`: false, `{}`: false,
		} {
			if matches, err := p.Match([]byte(event)); err != nil || matches != want {
				t.Errorf("%s: got %t, %v, want %t", event, matches, err, want)
			}
		}
		if _, err := p.Match([]byte(`{"d":[{"a":1,"b":2}`)); err == nil {
			t.Error("an event that breaks off is accepted")
		}
	}
}
