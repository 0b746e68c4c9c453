package asl

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestTimersGoOffInTheOrderOfTimeAndRegistration(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	start := time.Unix(0, 0)
	var h timers
	for i := range 1000 {
		h.push(&timer{at: start.Add(time.Duration(random.IntN(50))), order: int64(i)})
		if i%3 == 0 {
			h.pop()
		}
	}
	for last := (*timer)(nil); len(h) > 0; {
		next := h[0]
		if last != nil && next.before(last) {
			t.Fatalf("%v %d after %v %d", next.at, next.order, last.at, last.order)
		}
		last = next
		h.pop()
	}
}
