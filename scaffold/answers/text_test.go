package answers

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// hostile are texts that mean something else to YAML, a template, a shell, a terminal or a reader than to who wrote them.
var hostile = []string{
	`a"b`, "a'b", "a`b", `a\b`, "a\nb", "a\r\nb", "\t", "\x00", "\x7f", "\u0085", "\u2028", "\ufeff", "or\u202eders", "a\u200db",
	"{{.}}", "{{", "${AWS::X}", "${Token[X.1]}", "$x", "$(id)", "%s%d%n", "<script>", "&amp;", "été", "日本/", "📦", "e\u0301",
	"yes", "no", "on", "true", "null", "~", "012", "0x10", "1e3", ".inf", "2026-11-24", "=", "<<", "- a", "a: b", "a #b", "#b", "&a", "*a", "!a", "|", ">", "@a", "[a]", "{a: b}", "a,b", "? a",
	" a", "a ", "a  b", "-----BEGIN PRIVATE KEY", "password=hunter2", strings.Repeat("x", 1_030), strings.Repeat("<", 200), strings.Repeat("x", 10_000), strings.Repeat("é", 5_000),
}

func FuzzATextIsKeptAsItIsOrRefused(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // neither encoder would keep it
		}
		for name, encode := range map[string]func(any) ([]byte, error){"YAML": yaml.Marshal, "JSON": json.Marshal} {
			file, fault := encode(map[string]any{"start": map[string]any{"prefix": "p" + text, "suffix": text}, "work": []string{"lambda"}})
			if fault != nil {
				t.Fatal(fault)
			}
			if given, err := Parse("answers.yaml", file, now); err == nil {
				if given.Start.Prefix != "p"+text || given.Start.Suffix != text {
					t.Errorf("%s: %q became the prefix %q and the suffix %q", name, text, given.Start.Prefix, given.Start.Suffix)
				}
				readBack(t, given)
			}
			file, fault = encode(map[string]any{"start": map[string]any{"on": "event", "pattern": map[string]any{"f" + text: []any{text}}}, "work": []string{"lambda"}})
			if fault != nil {
				t.Fatal(fault)
			}
			if given, err := Parse("answers.yaml", file, now); err == nil {
				if diff := cmp.Diff(map[string]any{"f" + text: []any{text}}, given.Start.Pattern); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
				readBack(t, given)
			}
		}
	})
}

func readBack(t *testing.T, given *Answers) {
	t.Helper()
	again, err := Parse("answers.yaml", given.YAML(), now)
	if err != nil {
		t.Fatalf("%v\n%s", err, given.YAML())
	}
	if diff := cmp.Diff(given, again); diff != "" {
		t.Errorf("%s\n%s", diff, given.YAML())
	}
}

// A text is kept or refused; these are the ones that must be kept, and those that must not.
func TestWhichTextsAreKept(t *testing.T) {
	for _, kept := range []string{"$x", "%s%d%n", "été/", "日本/", "📦/", "yes", "012", "a#b", "a: b/", "<&>", "@a", "[a]", "null"} {
		var given Answers
		if err := given.Set("start.prefix", kept, now); err != nil || given.Start.Prefix != kept {
			t.Errorf("%q: got %q and %v", kept, given.Start.Prefix, err)
		}
	}
	for _, refused := range []string{"{{.}}", "${AWS::X}", `a"b`, `a\b`, "a`b", "a\nb", "\x00", "or\u202eders", "\u2028", "\ufeff", "password=hunter2", strings.Repeat("x", 10_000)} {
		var given Answers
		if err := given.Set("start.prefix", refused, now); err == nil || given.Start.Prefix != "" {
			t.Errorf("%.40q was kept", refused)
		}
	}
}
