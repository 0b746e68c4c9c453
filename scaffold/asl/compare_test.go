package asl

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// comparer compares an expected with an actual value, as the reference comparator of the recordings does: tokens such
// as <uuid:1> are wildcards that bind consistently, timestamps are masked, JSON inside strings is compared as JSON.
type comparer struct {
	bound    map[string]string
	literals []string        // strings that stand for anything
	masked   map[string]bool // JSON pointers
}

var (
	isoTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)`)
	token   = regexp.MustCompile(`<[A-Za-z][A-Za-z0-9_ /.-]*(?::\d+)?>`)
	binding = regexp.MustCompile(`:\d+>$`)
)

// match is "" when the values match, otherwise where and why they do not.
func (c *comparer) match(expected, actual any, key, at string) string {
	if key == "stackTrace" || key == "requestId" || c.masked[at] {
		return ""
	}
	if text, ok := expected.(string); ok && c.stands(text, key) {
		return ""
	}
	switch e := expected.(type) {
	case *Object:
		return c.matchObject(e, actual, at)
	case []any:
		if text, ok := actual.(string); ok {
			actual, _ = DecodeString(text)
		}
		a, ok := actual.([]any)
		if !ok || len(a) != len(e) {
			return fmt.Sprintf("%s: want %s got %s", at, brief(expected), brief(actual))
		}
		for i := range e {
			if why := c.match(e[i], a[i], key, fmt.Sprintf("%s/%d", at, i)); why != "" {
				return why
			}
		}
		return ""
	case string:
		return c.matchString(e, actual, key, at)
	}
	if !Equal(expected, actual) {
		return fmt.Sprintf("%s: want %s got %s", at, brief(expected), brief(actual))
	}
	return ""
}

// stands reports whether an expected string stands for anything.
func (c *comparer) stands(text, key string) bool {
	if slices.Contains(c.literals, text) || text == "datetime" {
		return true
	}
	if text == "timestamp" {
		return strings.Contains(strings.ToLower(key), "timestamp") || key == "creationTime" || key == "ingestionTime"
	}
	return text == key && (key == "RequestId" || strings.Contains(strings.ToLower(key), "amzn")) // a masked header
}

func (c *comparer) matchObject(e *Object, actual any, at string) string {
	if text, ok := actual.(string); ok {
		if v, err := DecodeString(text); err == nil {
			actual = v
		}
	}
	a, ok := actual.(*Object)
	if !ok {
		return fmt.Sprintf("%s: want an object got %s", at, brief(actual))
	}
	open := false
	for key := range e.All() {
		open = open || token.MatchString(key)
		if !has(a, key) && !token.MatchString(key) {
			return fmt.Sprintf("%s: missing %q", at, key)
		}
	}
	for key := range a.All() {
		if !has(e, key) && !open {
			return fmt.Sprintf("%s: extra %q", at, key)
		}
	}
	for key, want := range e.All() {
		if got, ok := a.Get(key); ok {
			if why := c.match(want, got, key, at+"/"+key); why != "" {
				return why
			}
		}
	}
	return ""
}

func (c *comparer) matchString(e string, actual any, key, at string) string {
	a, ok := actual.(string)
	if !ok {
		return fmt.Sprintf("%s: want %q got %s", at, e, brief(actual))
	}
	if e == a {
		return ""
	}
	if strings.HasPrefix(e, "{") && strings.HasPrefix(a, "{") {
		want, err := DecodeString(e)
		got, err2 := DecodeString(a)
		if err == nil && err2 == nil {
			return c.match(want, got, key, at)
		}
	}
	dated := isoTime.ReplaceAllString(a, "date")
	if e == dated {
		return ""
	}
	if strings.Contains(e, "<") {
		for _, candidate := range []string{a, dated} {
			if c.matchTokens(e, candidate) {
				return ""
			}
		}
	}
	return fmt.Sprintf("%s: want %q got %q", at, clip(e), clip(a))
}

func (c *comparer) matchTokens(e, a string) bool {
	var pattern strings.Builder
	var names []string
	end := 0
	for _, m := range token.FindAllStringIndex(e, -1) {
		pattern.WriteString(regexp.QuoteMeta(e[end:m[0]]))
		name := e[m[0]:m[1]]
		if binding.MatchString(name) {
			names = append(names, name)
			pattern.WriteString(`(.+?)`)
		} else {
			pattern.WriteString(`(?:.+?)`)
		}
		end = m[1]
	}
	pattern.WriteString(regexp.QuoteMeta(e[end:]))
	found := regexp.MustCompile(`(?s)^` + pattern.String() + `$`).FindStringSubmatch(a)
	if found == nil {
		return false
	}
	for i, name := range names {
		if known, ok := c.bound[name]; ok && known != found[i+1] {
			return false
		}
		c.bound[name] = found[i+1]
	}
	return true
}

func brief(v any) string { return clip(EncodeString(v)) }

func clip(s string) string {
	if len(s) > 400 {
		return s[:400] + "..."
	}
	return s
}
