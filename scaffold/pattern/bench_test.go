package pattern_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/pattern"
)

// objectCreated is an event as S3 sends it.
const objectCreated = `{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created","source":"aws.s3","account":"111122223333","time":"2021-11-12T00:00:00Z","region":"ca-central-1","resources":["arn:aws:s3:::amzn-s3-demo-bucket1"],"detail":{"version":"0","bucket":{"name":"amzn-s3-demo-bucket1"},"object":{"key":"raw/2026/11/24/orders.csv","size":5,"etag":"b1946ac92492d2347c6235b4d2611184","version-id":"IYV3p45BT0ac8hjHg1houSdS1a.Mro8e","sequencer":"617f08299329d189"},"request-id":"N4N7GDK58NMKJ12R","requester":"123456789012","source-ip-address":"1.2.3.4","reason":"PutObject"}}`

// patterns has one for each operator, all of which match objectCreated, and the rule of a typical pipeline.
var patterns = []struct{ name, pattern string }{
	{"typical", `{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["amzn-s3-demo-bucket1"]},"object":{"key":[{"prefix":"raw/"}]}}}`},
	{"exact", `{"detail":{"reason":["CopyObject","PutObject"]}}`},
	{"prefix", `{"detail":{"object":{"key":[{"prefix":"raw/"}]}}}`},
	{"suffix", `{"detail":{"object":{"key":[{"suffix":".csv"}]}}}`},
	{"equals-ignore-case", `{"detail":{"reason":[{"equals-ignore-case":"putobject"}]}}`},
	{"wildcard", `{"detail":{"object":{"key":[{"wildcard":"raw/*/orders.*"}]}}}`},
	{"anything-but", `{"detail":{"object":{"key":[{"anything-but":{"prefix":["tmp/","curated/"]}}]}}}`},
	{"numeric", `{"detail":{"object":{"size":[{"numeric":[">",0,"<",1e9]}]}}}`},
	{"cidr", `{"detail":{"source-ip-address":[{"cidr":"1.2.3.0/24"}]}}`},
	{"exists", `{"detail":{"object":{"version-id":[{"exists":true}],"deletion-type":[{"exists":false}]}}}`},
	{"or", `{"source":["aws.s3"],"detail":{"$or":[{"reason":["CopyObject"]},{"object":{"size":[{"numeric":["<",10]}]}}]}}`},
	{"array", `{"resources":[{"suffix":"bucket1"}]}`},
}

func compile(t testing.TB, source string) *pattern.Pattern {
	t.Helper()
	p, err := pattern.Compile([]byte(source))
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return p
}

// BenchmarkMatch reads the bytes of the event each time.
func BenchmarkMatch(b *testing.B) {
	event := []byte(objectCreated)
	for _, c := range patterns {
		b.Run(c.name, func(b *testing.B) {
			p := compile(b, c.pattern)
			b.ReportAllocs()
			for b.Loop() {
				if matches, err := p.Match(event); !matches || err != nil {
					b.Fatal(matches, err)
				}
			}
		})
	}
}

// BenchmarkMatchEvent has the event decoded before, as a bus with many rules does.
func BenchmarkMatchEvent(b *testing.B) {
	event, err := pattern.Decode([]byte(objectCreated))
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range patterns {
		b.Run(c.name, func(b *testing.B) {
			p := compile(b, c.pattern)
			b.ReportAllocs()
			for b.Loop() {
				if !p.MatchEvent(event) {
					b.Fatal("no match")
				}
			}
		})
	}
}

// BenchmarkArray shows that the time grows with the elements of an array, not with its square: the last element matches.
func BenchmarkArray(b *testing.B) {
	p := compile(b, `{"items":{"color":["red"],"size":[2],"tags":{"name":["x"],"value":["y"]}}}`)
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			item := `{"color":"red","size":1,"tags":[{"name":"x","value":"n"},{"name":"n","value":"y"}]},`
			event := []byte(`{"items":[` + strings.Repeat(item, n) + `{"color":"red","size":2,"tags":[{"name":"x","value":"y"}]}]}`)
			b.SetBytes(int64(len(event)))
			b.ReportAllocs()
			for b.Loop() {
				if matches, err := p.Match(event); !matches || err != nil {
					b.Fatal(matches, err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pattern.Decode([]byte(objectCreated)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		compile(b, patterns[0].pattern)
	}
}

func BenchmarkTransform(b *testing.B) {
	t, err := pattern.NewTransformer(map[string]string{"bucket": "$.detail.bucket.name", "key": "$.detail.object.key"}, `{"path": "s3://<bucket>/<key>", "event": <aws.events.event>}`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Apply([]byte(objectCreated), pattern.Context{}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestMatchingAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	event := []byte(objectCreated)
	decoded, err := pattern.Decode(event)
	if err != nil {
		t.Fatal(err)
	}
	decimal := compile(t, `{"n":[{"numeric":["=",3.018e2]}]}`)
	fraction := []byte(`{"n":301.8}`)
	if n := testing.AllocsPerRun(100, func() {
		if matches, err := decimal.Match(fraction); !matches || err != nil {
			t.Fatal(matches, err)
		}
	}); n >= 1 {
		t.Errorf("a number with a fraction allocates %v times", n)
	}
	for _, c := range patterns {
		p := compile(t, c.pattern)
		if n := testing.AllocsPerRun(100, func() {
			if matches, err := p.Match(event); !matches || err != nil {
				t.Fatalf("%s: %t %v", c.name, matches, err)
			}
		}); n >= 1 {
			t.Errorf("%s: Match allocates %v times", c.name, n)
		}
		if n := testing.AllocsPerRun(100, func() { p.MatchEvent(decoded) }); n >= 1 {
			t.Errorf("%s: MatchEvent allocates %v times", c.name, n)
		}
	}
}
