package lab

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// reference is a pattern of an ARN as a regular expression, written from the documentation for itself: it knows nothing of our bytes.
func reference(pattern string) *regexp.Regexp {
	var out strings.Builder
	out.WriteString(`(?s)\A`)
	colons := 0
	for i, character := range pattern {
		last := i+1 == len(pattern) || pattern[i+1] == ':'
		switch {
		case character == '*' && (last || colons >= 5):
			out.WriteString(`.*`)
		case character == '*':
			out.WriteString(`[^:]*`)
		case character == '?' && colons >= 5:
			out.WriteString(`.`)
		case character == '?':
			out.WriteString(`[^:]`)
		default:
			out.WriteString(regexp.QuoteMeta(string(character)))
			if character == ':' {
				colons++
			}
		}
	}
	return regexp.MustCompile(out.String() + `\z`)
}

// longestText is a length that tests enough: AWS has ARNs of up to 2,048 characters.
const longestText = 200

func FuzzWildcardsMatchAsARegularExpressionDoes(f *testing.F) {
	for _, seed := range [][2]string{
		{"arn:aws:s3:::landing/*", "arn:aws:s3:::landing/raw/a.csv"},
		{"arn:aws:s3:::*/raw/?.csv", "arn:aws:s3:::landing/raw/é.csv"},
		{"arn:aws:logs:*:1234*9012:log-group:*:*", "arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue:log-stream:a"},
		{"a*b?c*:d", "axbbc:x:d"},
		{"*?", "€"},
		{"*??", "€"},
		{"*a*b*a*?b", "aabbaabbab:ab"},
		{"?*:a*?:b", "x:ab:b"},
		{"*", ""},
		{"", ":"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(pattern) > longestText || len(text) > longestText {
			return // policies are JSON, whose texts are UTF-8
		}
		sameAsReference(t, pattern, text)
	})
}

// TestWildcardsInShortTexts tries what random bytes seldom are: patterns and texts of few characters, of which many match.
func TestWildcardsInShortTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same texts each time
	pick := func(alphabet []rune) string {
		picked := make([]rune, random.IntN(14))
		for i := range picked {
			picked[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(picked)
	}
	matched := 0
	for range 50_000 {
		if sameAsReference(t, pick([]rune("aé:::**?")), pick([]rune("aé:::"))) {
			matched++
		}
	}
	if matched < 1000 {
		t.Errorf("only %d texts matched, want enough to tell", matched)
	}
}

func sameAsReference(t *testing.T, pattern, text string) bool {
	t.Helper()
	compiled, err := compilePolicyText(pattern, arnWildcards, false)
	if err != nil {
		t.Fatal(err)
	}
	got, want := compiled.matches(nil, text), reference(pattern).MatchString(text)
	if got != want {
		t.Errorf("%q and %q: got %v, want %v", pattern, text, got, want)
	}
	return want
}
