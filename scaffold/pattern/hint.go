package pattern

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// hints says what the event has instead of a field that it does not have.
func (e *Event) hints(path string) []string {
	if empty, ok := e.empty[path]; ok {
		return []string{fmt.Sprintf("the event has %s there, which has no value; patterns look at values only", empty)}
	}
	if fields := e.children(path); len(fields) > 0 {
		return []string{fmt.Sprintf("the event has an object there, with %s; a pattern for a field looks at values, so name the fields within it", list(fields))}
	}
	if hint := e.insideString(path); hint != "" {
		return []string{hint}
	}
	if similar := e.similar(path); len(similar) > 0 {
		return []string{"the event has " + list(similar)}
	}
	return nil
}

// children are the names of the fields below a path.
func (e *Event) children(path string) []string {
	var names []string
	for i := range e.leaves {
		rest, ok := strings.CutPrefix(e.leaves[i].path, path+".")
		if name, _, _ := strings.Cut(rest, "."); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// insideString finds a field above that is a string, where an object is expected.
func (e *Event) insideString(path string) string {
	for parent := path; ; {
		dot := strings.LastIndexByte(parent, '.')
		if dot < 0 {
			return ""
		}
		parent = parent[:dot]
		for _, number := range e.byPath[parent] {
			l := &e.leaves[number]
			if l.value.kind == stringKind && strings.HasPrefix(strings.TrimSpace(string(l.value.text)), "{") && json.Valid(l.value.text) {
				return fmt.Sprintf("%s is a string that contains JSON; EventBridge does not look into strings", parent)
			}
			return fmt.Sprintf("%s is no object, it is %s", parent, show(l.raw))
		}
	}
}

// similar finds fields that may be meant: the same name elsewhere, or a name that is spelled nearly the same in the same place.
func (e *Event) similar(path string) []string {
	parent, name := cut(path)
	var nearby, elsewhere []string
	for i := range e.leaves {
		candidate := e.leaves[i].path
		otherParent, otherName := cut(candidate)
		switch {
		case strings.EqualFold(candidate, path), parent == otherParent && alike(name, otherName), alikePath(candidate, path):
			nearby = appendNew(nearby, candidate+" (spelled differently)")
		case strings.HasSuffix(candidate, "."+path), strings.HasSuffix(path, "."+candidate), name == otherName && name != "":
			elsewhere = appendNew(elsewhere, candidate+" (in another place)")
		}
	}
	return append(nearby, elsewhere...)
}

func appendNew(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

func cut(path string) (parent, name string) {
	dot := strings.LastIndexByte(path, '.')
	return path[:max(dot, 0)], path[dot+1:]
}

// alikePath says whether two paths of equal length differ in one name only, and there nearly not.
func alikePath(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	if len(as) != len(bs) {
		return false
	}
	different := 0
	for i := range as {
		if as[i] != bs[i] {
			if different++; !alike(as[i], bs[i]) {
				return false
			}
		}
	}
	return different == 1
}

// longestAlike bounds the texts that are compared letter by letter.
const longestAlike = 64

// alike says whether two different texts are the same but for case, hyphens and underscores, or for a slip of the pen: one letter,
// or two in texts of eight or more.
func alike(a, b string) bool {
	if a == b || a == "" || b == "" {
		return false
	}
	plain := strings.NewReplacer("-", "", "_", "", " ", "")
	a, b = strings.ToLower(plain.Replace(a)), strings.ToLower(plain.Replace(b))
	if a == b {
		return true
	}
	if len(a) > longestAlike || len(b) > longestAlike {
		return false
	}
	slips := 0
	switch shorter := min(len(a), len(b)); {
	case shorter >= 8:
		slips = 2
	case shorter >= 3:
		slips = 1
	}
	return distance([]rune(a), []rune(b)) <= slips
}

// distance is how many letters must be inserted, removed or replaced to turn a into b (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
