package pattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/pattern"
)

// refuse compiles a pattern that must be refused.
func refuse(t *testing.T, source string) *pattern.Error {
	t.Helper()
	_, err := pattern.Compile([]byte(source))
	var refused *pattern.Error
	if !errors.As(err, &refused) {
		t.Fatalf("%s: got %v, want a *pattern.Error", source, err)
	}
	return refused
}

// The recorded messages quote the pattern as the recording sent it, with spaces after colons and commas; the columns count in it.
func TestMessagesHaveThePlaceThatAWSNames(t *testing.T) {
	var cases []patternCase
	recorded(t, "event_patterns.json", &cases)
	for i := range cases {
		c := &cases[i]
		_, quoted, ok := strings.Cut(c.Error.MessageRaw, `[Source: (String)"`)
		source, _, end := strings.Cut(quoted, `"; line: `)
		if !ok || !end || strings.Contains(source, "<partition>") { // the recording masked a part of it
			continue
		}
		if got := refuse(t, source).AWSMessage(); got != c.Error.MessageRaw {
			t.Errorf("%s:\ngot  %s\nwant %s", c.Name, got, c.Error.MessageRaw)
		}
	}
}

// AWS's engine reads the lists of anything-but within a handler that reports faults once more, where its parser stands then.
func TestFaultsInListsHaveTwoPlaces(t *testing.T) {
	for _, c := range []struct {
		source        string
		first, second int
	}{
		{`{"a":[{"anything-but":[true]}]}`, 28, 28},
		{`{"a":[{"anything-but":[1 2]}]}`, 26, 27},
		{`{"a":[{"anything-but":["x"}]}`, 27, 28},
		{`{"a":[{"anything-but":{"wildcard":["x\q`, 39, 40},
		{`{"a":[{"anything-but":{"prefix":[1 2]}}]}`, 35, 35},
	} {
		_, places, _ := strings.Cut(refuse(t, c.source).AWSMessage(), "\n")
		want := fmt.Sprintf(" at [Source: (String)%q; line: 1, column: %d]\n at [Source: (String)%q; line: 1, column: %d]", "S", c.first, "S", c.second)
		if got := strings.ReplaceAll(places, c.source, "S"); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.source, got, want)
		}
	}
}

func TestErrorSaysThePlaceAndHowToMendIt(t *testing.T) {
	got := refuse(t, "{\n  \"source\": \"aws.s3\"\n}").Error()
	want := "Event pattern is not valid. Reason: \"source\" must be an object or an array (line 2, column 14)\n" +
		"  hint: put the value into an array, for example {\"source\": [\"aws.s3\"]}"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Each fault of a pattern, not of its JSON, can be mended, and the error says how.
func TestEveryFaultHasAHint(t *testing.T) {
	for _, source := range []string{
		`[]`, `{}`, `{"a":1}`, `{"a":[]}`, `{"a":[[1]]}`, `{"a":[{}]}`, `{"a":[{"x":1}]}`, `{"a":[{"prefix":1}]}`, `{"a":[{"suffix":1}]}`,
		`{"a":[{"prefix":{"x":1}}]}`, `{"a":[{"suffix":{"x":1}}]}`, `{"a":[{"wildcard":1}]}`, `{"a":[{"equals-ignore-case":1}]}`, `{"a":[{"exists":1}]}`,
		`{"a":[{"prefix":"a","b":1}]}`, `{"a":[{"anything-but":{"x":1}}]}`, `{"a":[{"anything-but":{"prefix":""}}]}`, `{"a":[{"anything-but":["a",1]}]}`,
		`{"a":[{"anything-but":[null]}]}`, `{"a":[{"anything-but":null}]}`, `{"a":[{"numeric":1}]}`, `{"a":[{"numeric":["!",1]}]}`, `{"a":[{"numeric":["=","1"]}]}`,
		`{"a":[{"numeric":[">",1,">",1]}]}`, `{"a":[{"numeric":[">",1,"<",1]}]}`, `{"a":[{"numeric":["=",1,2]}]}`, `{"a":[{"numeric":["=",1e400]}]}`,
		`{"a":[{"wildcard":"**"}]}`, `{"a":[{"wildcard":"\\a"}]}`, `{"a":[{"wildcard":"*:*:*:*:*:*"}]}`, `{"$or":1}`, `{"$or":[{"a":[1]}]}`, `{"$or":[1]}`,
		`{"a":[{"cidr":"x"}]}`, `{"a":[{"cidr":"x/1"}]}`, `{"a":[{"cidr":"1::2::/1"}]}`, `{"a":[{"cidr":"1.2.3.4/99"}]}`, `{"a":[{"cidr":"::/999"}]}`,
	} {
		if e := refuse(t, source); e.Hint == "" {
			t.Errorf("%s: %s: there is no hint", source, e.Reason)
		}
	}
}

func TestAWSQuotesFiveHundredCharactersOfThePattern(t *testing.T) {
	source := fmt.Sprintf(`{"a":[%q],"b":1}`, strings.Repeat("é", 600))
	if got, want := refuse(t, source).AWSMessage(), source[:len(`{"a":["`)+2*(500-len(`{"a":["`))]+`"[truncated 116 chars]; line: 1, column: 616]`; !strings.HasSuffix(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEventsThatAreNotJSONObjectsAreRefusedWithTheirPlace(t *testing.T) {
	p := compile(t, `{"a":{"b":[1]}}`)
	for _, c := range []struct{ event, want string }{
		{``, "the event is not valid: it is empty, expected a JSON object"},
		{`[1]`, `the event is not valid: expected a JSON object, such as {"source": "aws.s3", "detail": {}}`},
		{`{"a":1}}`, "the event is not valid: line 1, column 8: invalid character '}' after top-level value"},
		{"{\n\"a\":tru}", "the event is not valid: line 2, column 8: invalid character '}' in literal true (expecting 'e')"},
		{`x`, "the event is not valid: line 1, column 1: invalid character 'x' looking for beginning of value"},
		{`{"a":{"b":01}}`, "the event is not valid: line 1, column 12: invalid character '1' after object key:value pair"},
		{strings.Repeat(`{"a":`, 1001) + "1" + strings.Repeat("}", 1001), "the event is not valid: it is nested deeper than 1000 levels"},
		{`{"z":` + strings.Repeat(`[`, 1001) + strings.Repeat("]", 1001) + `}`, "the event is not valid: it is nested deeper than 1000 levels"},
		{`{"a":` + strings.Repeat(`[`, 1001) + strings.Repeat("]", 1001) + `}`, "the event is not valid: it is nested deeper than 1000 levels"},
	} {
		if _, err := p.Match([]byte(c.event)); err == nil || err.Error() != c.want {
			t.Errorf("Match(%.40s): got %v, want %s", c.event, err, c.want)
		}
		if _, err := pattern.Decode([]byte(c.event)); err == nil || err.Error() != c.want {
			t.Errorf("Decode(%.40s): got %v, want %s", c.event, err, c.want)
		}
	}
}
