package asl

import (
	"fmt"
	"math/rand/v2"
)

// random is the scope's source; one without gives the same numbers each time.
func (s *Scope) random() *rand.Rand {
	if s.Random == nil {
		s.Random = rand.New(rand.NewPCG(0, 0))
	}
	return s.Random
}

// uuid is a version 4 UUID from the scope's source.
func (s *Scope) uuid() string {
	random := s.random()
	high, low := random.Uint64(), random.Uint64()
	high = high&^0xF000 | 0x4000
	low = low&^(3<<62) | 1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xFFFF, high&0xFFFF, low>>48, low&0xFFFFFFFFFFFF)
}

// javaRandom is java.util.Random, whose numbers a seed of $random gives on the service.
// Source: Java SE API, java.util.Random; on AWS $random(42) is 0.7275636800328681.
type javaRandom struct{ state uint64 }

func newJavaRandom(seed int64) *javaRandom {
	return &javaRandom{(uint64(seed) ^ 0x5DEECE66D) & (1<<48 - 1)}
}

// next is the uppermost bits of the next state, as a signed number.
func (r *javaRandom) next(bits uint) int32 {
	r.state = (r.state*0x5DEECE66D + 0xB) & (1<<48 - 1)
	return int32(r.state >> (48 - bits))
}

// double is nextDouble: from 0 to before 1.
func (r *javaRandom) double() float64 {
	high := int64(r.next(26)) << 27
	return float64(high+int64(r.next(27))) / (1 << 53)
}

// number is from 0 to before bound: nextInt(bound), or one from nextDouble when the bound is no int.
func (r *javaRandom) number(bound int64) int64 {
	if bound != int64(int32(bound)) {
		return int64(r.double() * float64(bound))
	}
	if bound&(bound-1) == 0 {
		return bound * int64(r.next(31)) >> 31
	}
	for {
		bits := r.next(31)
		n := bits % int32(bound)
		if bits-n+int32(bound-1) >= 0 { // it overflows for the last, incomplete group
			return int64(n)
		}
	}
}
