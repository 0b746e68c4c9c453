package asl

import (
	"math/rand/v2"
	"time"
)

// QueryLanguage is how a state reads its data.
type QueryLanguage string

// The query languages. JSONPath is the default.
const (
	JSONPath QueryLanguage = "JSONPath"
	JSONata  QueryLanguage = "JSONata"
)

// Scope is what an expression can see. Fields that a state does not have stay zero.
type Scope struct {
	Input any            // $ in JSONPath, $states.input in JSONata
	Ctx   func() *Object // the Context object: $$ in JSONPath, $states.context in JSONata

	Result         any // $states.result
	HasResult      bool
	ErrorOutput    any // $states.errorOutput
	HasErrorOutput bool

	Vars   Variables        // $name
	Now    func() time.Time // the virtual clock
	Random *rand.Rand       // the seeded source of States.UUID, States.MathRandom, $uuid, $random

	natives    [4]nativeValue // large values that JSONata has read
	nextNative int
}

// Variables finds the value of a variable that Assign has set in this scope or in an outer one.
type Variables interface {
	Variable(name string) (value any, ok bool)
}

func (s *Scope) variable(name string) (any, bool) {
	if s.Vars == nil {
		return nil, false
	}
	return s.Vars.Variable(name)
}
