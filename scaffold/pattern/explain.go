package pattern

// Explanation tmp
type Explanation struct{ Match bool }

// Explain tmp
func (p *Pattern) Explain(e *Event) *Explanation { return &Explanation{Match: p.MatchEvent(e)} }
