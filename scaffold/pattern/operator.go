package pattern

import "slices"

// kind is what a leaf of an event is.
type kind uint8

const (
	stringKind kind = iota
	numberKind
	literalKind // true, false, null
)

// value is a leaf of an event.
type value struct {
	kind kind
	text []byte // of a string: without quotes and escapes; else as written

	number   float64
	readAs   bool // number and compares are known
	compares bool // the number can be compared
}

func (v *value) double() (float64, bool) {
	if v.kind != numberKind {
		return 0, false
	}
	if !v.readAs {
		v.readAs = true
		v.number, v.compares = double(v.text)
	}
	return v.number, v.compares
}

// operator is how an alternative compares.
type operator uint8

const (
	exactString operator = iota
	exactLiteral
	exactNumber
	exactAddress
	prefix
	suffix
	prefixFold
	suffixFold
	equalFold
	wild
	numericRange
	cidr
	exists
	absent
	butStrings
	butNumbers
	butPrefix
	butSuffix
	butFold
	butWild
)

// alternative is one entry of the array that a pattern gives for a field.
type alternative struct {
	operator operator
	source   string // as written in the pattern

	text    string     // exact, prefix, suffix; the text of an exact number
	texts   []string   // anything-but with strings, prefixes or suffixes
	folded  [][]letter // ignore-case forms; one entry but for anything-but
	wilds   []wildcard // one entry but for anything-but
	numbers []float64  // anything-but
	low     float64    // numericRange, exactNumber
	high    float64    // numericRange
	open    [2]bool    // numericRange: low, high are not in it
	bounds  [2]string  // cidr, exactAddress: hexadecimal digits
	inexact bool       // exactNumber: the number cannot be compared, only its text
}

// condition is what a pattern wants of one field: any of the alternatives.
type condition struct {
	path         int // index into Pattern.paths
	alternatives []alternative
	texts        map[string]struct{} // the exact strings, if there are many
	absent       bool                // an alternative is {"exists": false}
	numeric      bool                // an alternative compares numbers
}

// manyTexts is from where on a map is faster than comparing one after the other.
const manyTexts = 8

// newCondition finds what the alternatives have in common.
func newCondition(path int, alternatives []alternative) *condition {
	c := &condition{path: path, alternatives: alternatives}
	texts := map[string]struct{}{}
	for i := range alternatives {
		switch a := &alternatives[i]; a.operator {
		case absent:
			c.absent = true
		case numericRange, butNumbers:
			c.numeric = true
		case exactNumber:
			c.numeric = c.numeric || !a.inexact
		case exactString:
			texts[a.text] = struct{}{}
		}
	}
	if len(texts) > manyTexts {
		c.texts = texts
	}
	return c
}

// matches says whether any alternative matches the value. That a field is absent is not asked here.
func (c *condition) matches(v *value) bool {
	if c.texts != nil && v.kind == stringKind {
		if _, ok := c.texts[string(v.text)]; ok {
			return true
		}
	}
	for i := range c.alternatives {
		if a := &c.alternatives[i]; (c.texts == nil || a.operator != exactString) && a.matches(v, c.numeric) {
			return true
		}
	}
	return false
}

// matches compares one value. numeric says that an alternative of the same field compares numbers: then AWS's engine looks at a
// number as a number only.
func (a *alternative) matches(v *value, numeric bool) bool {
	switch a.operator {
	case exists:
		return true
	case absent:
		return false
	case exactLiteral:
		return v.kind != stringKind && string(v.text) == a.text
	case exactNumber:
		if n, ok := v.double(); ok && !a.inexact {
			return n == a.low
		}
		return v.kind == numberKind && string(v.text) == a.text
	case numericRange:
		n, ok := v.double()
		return ok && a.contains(n)
	case butNumbers, butStrings, butPrefix, butSuffix, butFold, butWild:
		return !a.excludes(v)
	case exactAddress, cidr:
		return a.holds(v, numeric)
	}
	return v.kind == stringKind && a.matchesText(v.text)
}

func (a *alternative) matchesText(text []byte) bool {
	switch a.operator {
	case exactString:
		return string(text) == a.text
	case prefix:
		return startsWith(text, a.text)
	case suffix:
		return endsWith(text, a.text)
	case equalFold:
		return equalsFold(text, a.folded[0])
	case prefixFold:
		return startsWithFold(text, a.folded[0])
	case suffixFold:
		return endsWithFold(text, a.folded[0])
	}
	return a.wilds[0].matches(text)
}

// excludes says whether a value is one of those that anything-but leaves out.
func (a *alternative) excludes(v *value) bool {
	if a.operator == butNumbers {
		n, ok := v.double()
		return ok && slices.Contains(a.numbers, n)
	}
	return v.kind == stringKind && a.excludesText(v.text)
}

func (a *alternative) excludesText(text []byte) bool {
	for _, s := range a.texts {
		if a.operator == butStrings && string(text) == s ||
			a.operator == butPrefix && startsWith(text, s) ||
			a.operator == butSuffix && endsWith(text, s) {
			return true
		}
	}
	for _, letters := range a.folded {
		if equalsFold(text, letters) {
			return true
		}
	}
	for _, w := range a.wilds {
		if w.matches(text) {
			return true
		}
	}
	return false
}

func (a *alternative) contains(n float64) bool {
	return (n > a.low || n == a.low && !a.open[0]) && (n < a.high || n == a.high && !a.open[1])
}

// holds says whether a value is an address of the range. The engine compares hexadecimal digits from left to right until it knows;
// it does not ask whether the value has more of them, nor, without quotes, whether they stem from an address.
func (a *alternative) holds(v *value, numeric bool) bool {
	if v.kind == stringKind {
		var digits [32]byte
		n := addressDigits(&digits, v.text)
		return n > 0 && between(digits[:n], a.bounds[0], a.bounds[1])
	}
	if _, compares := v.double(); compares && numeric {
		return false
	}
	return between(v.text, a.bounds[0], a.bounds[1])
}

// between says whether digits lie between two numbers of equal length, both included.
func between(digits []byte, low, high string) bool {
	aboveLow, belowHigh := false, false
	for i := range len(low) {
		if i == len(digits) || (digits[i] < '0' || digits[i] > '9') && (digits[i] < 'A' || digits[i] > 'F') ||
			!aboveLow && digits[i] < low[i] || !belowHigh && digits[i] > high[i] {
			return false
		}
		aboveLow = aboveLow || digits[i] > low[i]
		belowHigh = belowHigh || digits[i] < high[i]
		if aboveLow && belowHigh {
			return true
		}
	}
	return true
}

// The engine compares strings with their quotes. For prefixes and suffixes this shows: a prefix may end with the closing quote.

func startsWith(text []byte, prefix string) bool {
	return hasPrefix(text, prefix) || len(prefix) == len(text)+1 && prefix[len(text)] == '"' && prefix[:len(text)] == string(text)
}

func endsWith(text []byte, suffix string) bool {
	return hasSuffix(text, suffix) || len(suffix) == len(text)+1 && suffix[0] == '"' && suffix[1:] == string(text)
}

func equalsFold(text []byte, letters []letter) bool {
	rest, found := foldPrefix(text, letters)
	return len(rest) == 0 && found == len(letters)
}

func startsWithFold(text []byte, letters []letter) bool {
	rest, found := foldPrefix(text, letters)
	return found == len(letters) || len(rest) == 0 && found == len(letters)-1 && letters[found].lower == `"`
}

func endsWithFold(text []byte, letters []letter) bool {
	rest, found := foldSuffix(text, letters)
	return found == len(letters) || len(rest) == 0 && found == len(letters)-1 && letters[0].lower == `"`
}
