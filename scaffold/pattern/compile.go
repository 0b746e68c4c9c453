package pattern

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"
)

// Pattern is a compiled event pattern. It may be used by several goroutines at once.
type Pattern struct {
	source     []byte
	paths      []string // the fields that the pattern names, joined by dots
	root       *node    // the paths as a tree
	conditions []*condition
	byPath     [][]int // for each path, the conditions on it
	ways       []way
	pool       sync.Pool // of *search
}

// way is one of the ways through $or: all of its fields must match. Without $or there is one.
type way struct {
	fields []int // indexes into conditions, in the order of their paths, which is the order of AWS's engine
}

// node is a step of the tree of paths.
type node struct {
	name     string
	path     int // index into Pattern.paths, or -1
	children []*node
}

// draft is a way that is being compiled, by path.
type draft map[string]*condition

// compiler turns the tokens of a pattern into ways. It follows event-ruler 2.1, JsonRuleCompiler: one pass in the order of
// the text, in which a field is added to all ways that there are so far, and $or copies them.
type compiler struct {
	*lexer
	pattern *Pattern
	index   map[string]int // of the paths
	steps   []string       // the names of the objects that are open
	drafts  []draft
}

// Compile reads an event pattern. The error is an *Error.
func Compile(source []byte) (*Pattern, error) {
	c := &compiler{
		lexer:   &lexer{d: source},
		pattern: &Pattern{source: slices.Clone(source), root: &node{path: -1}},
		index:   map[string]int{},
	}
	if err := c.compile(); err != nil {
		return nil, err
	}
	return c.pattern, nil
}

// String is the pattern as it was given.
func (p *Pattern) String() string { return string(p.source) }

func (c *compiler) compile() *Error {
	if size := len(utf16.Encode([]rune(string(c.d)))); size > MaxPatternSize {
		return c.failNowhere(fmt.Sprintf("the pattern has %d characters, AWS accepts at most %d", size, MaxPatternSize))
	}
	if c.pos = skipSpace(c.d, 0); c.pos == len(c.d) {
		return c.fail("Filter is not an object")
	}
	token, err := c.next()
	if err != nil {
		return err
	}
	if token != startObject {
		return c.fail("Filter is not an object")
	}
	if err := c.object(false); err != nil {
		return err
	}
	return c.finish()
}

// object compiles the members of an object that has been opened. Within $or some names are reserved.
func (c *compiler) object(within bool) *Error {
	for empty := true; ; empty = false {
		token, err := c.next()
		if err != nil {
			return err
		}
		if token == endObject {
			if empty {
				return c.fail("Empty objects are not allowed")
			}
			return nil
		}
		if err := c.member(c.name, within); err != nil {
			return err
		}
	}
}

// reserved are the names that event-ruler keeps for operators of today and tomorrow, within $or.
// Source: event-ruler 2.1, Constants.RESERVED_FIELD_NAMES_IN_OR_RELATIONSHIP.
var reserved = []string{
	"exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr",
	"=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after", "date-before",
	"date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range",
}

func (c *compiler) member(name string, within bool) *Error {
	if name == "$or" {
		return c.or()
	}
	if within && slices.Contains(reserved, name) {
		return c.fail(name + " is Ruler reserved fieldName which cannot be used inside $or.")
	}
	token, err := c.next()
	if err != nil {
		return err
	}
	switch token {
	case startObject:
		c.steps = append(c.steps, name)
		err := c.object(within)
		c.steps = c.steps[:len(c.steps)-1]
		return err
	case startArray:
		return c.field(c.path(name))
	}
	return c.fail(fmt.Sprintf(`"%s" must be an object or an array`, name))
}

// path is the path of a field in the open objects. The engine puts no dot behind an empty one.
func (c *compiler) path(name string) string {
	if base := strings.Join(c.steps, "."); base != "" {
		return base + "." + name
	}
	return name
}

func (c *compiler) or() *Error {
	before, after := c.drafts, []draft{}
	token, err := c.next()
	if err != nil {
		return err
	}
	if token != startArray {
		return c.fail("It must be an Array followed with $or.")
	}
	for n := 0; ; n++ {
		if token, err = c.next(); err != nil {
			return err
		}
		if token == endArray {
			if n < 2 {
				return c.fail("There must have at least 2 Objects in $or relationship.")
			}
			c.drafts = after
			return nil
		}
		if token != startObject {
			return c.fail("Only JSON object is allowed in array of $or relationship.")
		}
		c.drafts = copies(before)
		if err := c.object(true); err != nil {
			return err
		}
		if after = append(after, c.drafts...); len(after) > MaxCombinations {
			return c.failNowhere(fmt.Sprintf("$or has more than %d combinations", MaxCombinations))
		}
	}
}

func copies(drafts []draft) []draft {
	if len(drafts) == 0 {
		return []draft{{}}
	}
	result := make([]draft, len(drafts))
	for i, d := range drafts {
		result[i] = maps.Clone(d)
	}
	return result
}

// field compiles the alternatives of a field, whose array has been opened.
func (c *compiler) field(path string) *Error {
	var alternatives []alternative
	for {
		token, err := c.next()
		if err != nil {
			return err
		}
		if token == endArray {
			break
		}
		a, err := c.alternative(token)
		if err != nil {
			return err
		}
		alternatives = append(alternatives, a)
	}
	if len(alternatives) == 0 {
		return c.fail("Empty arrays are not allowed")
	}
	index, ok := c.index[path]
	if !ok {
		index = len(c.pattern.paths)
		c.index[path] = index
		c.pattern.paths = append(c.pattern.paths, path)
	}
	condition := newCondition(index, alternatives)
	if len(c.drafts) == 0 {
		c.drafts = []draft{{}}
	}
	for _, d := range c.drafts {
		if d[path] = condition; len(d) > MaxFields {
			return c.failNowhere(fmt.Sprintf("the pattern has more than %d fields", MaxFields))
		}
	}
	return nil
}

// finish orders what was compiled for matching.
func (c *compiler) finish() *Error {
	p := c.pattern
	numbers := map[*condition]int{}
	p.byPath = make([][]int, len(p.paths))
	for _, d := range c.drafts {
		var w way
		for _, path := range slices.Sorted(maps.Keys(d)) {
			condition := d[path]
			number, ok := numbers[condition]
			if !ok {
				number = len(p.conditions)
				numbers[condition] = number
				p.conditions = append(p.conditions, condition)
				p.byPath[condition.path] = append(p.byPath[condition.path], number)
			}
			w.fields = append(w.fields, number)
		}
		p.ways = append(p.ways, w)
	}
	for i, path := range p.paths {
		p.root.add(path, i)
	}
	return c.checkComplexity()
}
