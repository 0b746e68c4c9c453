package asl

import "time"

// timer is a function that is due at a time. A timer that was stopped has none.
type timer struct {
	at    time.Time
	order int64 // of timers that are due at once
	f     func()
}

func (t *timer) stop() {
	if t != nil {
		t.f = nil
	}
}

func (t *timer) before(other *timer) bool {
	if c := t.at.Compare(other.at); c != 0 {
		return c < 0
	}
	return t.order < other.order
}

// timers is a binary heap: the next one to go off is the first.
type timers []*timer

func (h *timers) push(t *timer) {
	*h = append(*h, t)
	heap := *h
	for i := len(heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !heap[i].before(heap[parent]) {
			return
		}
		heap[i], heap[parent] = heap[parent], heap[i]
		i = parent
	}
}

// pop removes the first timer.
func (h *timers) pop() {
	heap := *h
	last := len(heap) - 1
	heap[0], heap[last] = heap[last], nil
	heap = heap[:last]
	*h = heap
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(heap); child++ {
			if heap[child].before(heap[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}
