package answers

import (
	"regexp"
	"slices"
	"strings"
)

// nearest is the candidate that the word was probably meant to be, or "".
func nearest(word string, candidates []string) string {
	word = strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(word))
	best, least := "", max(1, len(word)/3)
	for _, candidate := range candidates {
		if d := distance(word, strings.ReplaceAll(candidate, "_", "-"), least); d <= least && (best == "" || d < least) {
			best, least = candidate, d
		}
	}
	return best
}

// distance is the number of letters to add, drop, replace or swap; anything above most is reported as most+1.
func distance(a, b string, most int) int {
	if max(len(a), len(b))-min(len(a), len(b)) > most {
		return most + 1
	}
	var before []int
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current := make([]int, len(b)+1)
		current[0] = i
		for j := 1; j <= len(b); j++ {
			change := previous[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			current[j] = min(change, previous[j]+1, current[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous = previous, current
	}
	return previous[len(b)]
}

// keysOf are the keys right under a section, in the order of the table.
func keysOf(section string) []string {
	var keys []string
	for _, f := range fields {
		rest := f.path
		if section != "" {
			var below bool
			if rest, below = strings.CutPrefix(f.path, section+"."); !below {
				continue
			}
		}
		key, _, _ := strings.Cut(rest, ".")
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// decided are keys that people look for here, and that a project decides.
var decided = regexp.MustCompile(`(?i)^(glue|python|spark|emr)?[_-]?(version|release)$|worker|dpu|memory|runtime`)

// keyHint says what an unknown key was probably meant to be: a near one beside it, or the same one elsewhere.
func keyHint(section, key string) string {
	keys := keysOf(section)
	if section == "start" && strings.EqualFold(key, "true") {
		return "YAML 1.1 programs turn the key on into true; write on: again"
	}
	if secretKey.MatchString(key) {
		return secretHint
	}
	if top, rest, dotted := strings.Cut(key, "."); dotted && section == "" && fieldAt(key) != nil {
		return "write " + rest + ": under " + top + ":"
	}
	if joined := strings.Replace(strings.ToLower(key), "_", ".", 1); section == "" && fieldAt(joined) != nil {
		return "did you mean " + joined + "?"
	}
	for _, f := range fields {
		if strings.HasSuffix(f.path, "."+strings.ToLower(key)) {
			return "did you mean " + f.path + "?"
		}
	}
	if decided.MatchString(key) && section != "airflow" && section != "batch" {
		return "no answer decides that: the project sets a tested value, and its code is yours to change"
	}
	if near := nearest(key, keys); near != "" {
		return "did you mean " + near + "?"
	}
	if near := nearest(key, keysOf("")); near != "" {
		return "did you mean " + near + ", which stands at the top?"
	}
	return "the keys here are " + strings.Join(keys, ", ")
}
