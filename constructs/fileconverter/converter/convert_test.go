package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/pipewright/constructs/fakes3"
	"example.com/pipewright/constructs/sampledata"
	"example.com/pipewright/constructs/weatherrows"
)

const (
	january    = "raw/year=2012/month=01/weather.csv"
	data       = "data/year=2012/month=01/weather.csv.jsonl"
	reportKey  = "reports/year=2012/month=01/weather.csv"
	quarantine = "quarantine/year=2012/month=01/weather.csv/"
	header     = "date,precipitation,temp_max,temp_min,wind,weather\n"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	text, err := sampledata.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// land puts a file and returns the event that S3 sends of it, as JSON like the one that arrives.
func land(t testing.TB, fake *fakes3.Server, text, sequencer string) Event {
	t.Helper()
	return eventOf(t, january, fake.Put("landing/"+january, []byte(text), nil).Version, sequencer)
}

func eventOf(t testing.TB, key, version, sequencer string) Event {
	t.Helper()
	return eventIn(t, "landing", key, version, sequencer)
}

func eventIn(t testing.TB, bucket, key, version, sequencer string) Event {
	t.Helper()
	return eventFrom(t, fmt.Sprintf(`{"id": "1", "source": "aws.s3", "detail-type": "Object Created", "detail": {"bucket": {"name": %q},
		"object": {"key": %q, "size": 1, "etag": "x", "version-id": %q, "sequencer": %q}, "reason": "PutObject"}}`, bucket, key, version, sequencer))
}

func eventFrom(t testing.TB, text string) Event {
	t.Helper()
	var event Event
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		t.Fatal(err)
	}
	return event
}

func handle(t testing.TB, c *converter, event Event, want Summary) {
	t.Helper()
	got, err := c.handle(t.Context(), event)
	if err != nil || got != want {
		t.Errorf("got %+v and error %v, want %+v", got, err, want)
	}
}

func keptReport(t testing.TB, fake *fakes3.Server) Report {
	t.Helper()
	var report Report
	if err := json.Unmarshal([]byte(fake.Curated()[reportKey]), &report); err != nil {
		t.Fatal(err)
	}
	return report
}

func row(day int, weather string) string {
	return fmt.Sprintf("2012-01-%02d,0.0,12.8,5.0,4.7,%s\n", day, weather)
}

func TestARealMonthBecomesTypedRows(t *testing.T) {
	fake, c := newFakeS3(t)
	text := string(sample(t, "weather/year=2012/month=01/weather.csv"))
	handle(t, c, land(t, fake, text, "0A"), Summary{Converted: 1})
	made := fake.Curated()
	if keys := slices.Sorted(maps.Keys(made)); !slices.Equal(keys, []string{data, reportKey}) {
		t.Errorf("got the objects %q, want the data and the report", keys)
	}
	lines := strings.Split(strings.TrimSpace(made[data]), "\n")
	if want := `{"date":"2012-01-01","precipitation":0,"temp_max":12.8,"temp_min":5,"wind":4.7,"weather":"drizzle"}`; len(lines) != 31 || lines[0] != want {
		t.Errorf("got %d rows, the first %s, want 31 and %s", len(lines), lines[0], want)
	}
	// Every row says what its line of CSV says.
	for i, line := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
		var row weatherrows.Row
		if err := json.Unmarshal([]byte(lines[i]), &row); err != nil {
			t.Fatal(err)
		}
		if back, reason := weatherrows.Parse([]byte(line), "2012-01"); back != row || reason != "" {
			t.Errorf("line %d: got %+v, want %+v", i+2, row, back)
		}
	}
	want := Report{
		Edition: Edition{january, "v1", strings.Trim(fake.Objects["landing/"+january][0].ETag, `"`), "0A"}, Outcome: Converted, Good: 31, Data: data,
	}
	if got := keptReport(t, fake); got != want {
		t.Errorf("got the report %+v, want %+v", got, want)
	}
}

func TestWhatBecomesOfAFile(t *testing.T) {
	bad := string(sample(t, "bad/bad-rows.csv"))
	for _, test := range []struct {
		name, text string
		problem    string // code
		good, bad  int
		reasons    []string // in quarantine
	}{
		{name: "a byte order mark is tolerated", text: string(sample(t, "bad/bom.csv")), good: 31},
		{name: "bad rows are set aside, good ones of the same file are not", text: bad, good: 28, bad: 4, reasons: []string{
			"temp_max is not a number", "date is not a date", "precipitation is negative", "temp_min is above temp_max",
		}},
		{name: "Windows line ends and blank lines are tolerated", text: strings.ReplaceAll(header+row(1, "sun")+"\n"+row(2, "fog"), "\n", "\r\n"), good: 2},
		{name: "the last line needs no end", text: header + strings.TrimSpace(row(1, "sun")), good: 1},
		{name: "a quoted field", text: header + row(1, `"sun, fog"`), good: 1},
		{
			name: "a stray quote spoils its line alone", text: header + row(1, `"sun`) + row(2, "fog"), good: 1, bad: 1,
			reasons: []string{`the line is not CSV: parse error on line 1, column 33: extraneous or missing " in quoted-field`},
		},
		{name: "a line that is not UTF-8", text: header + row(1, "n\xe9v\xe9") + row(2, "fog"), good: 1, bad: 1, reasons: []string{"the line is not UTF-8"}},
		{
			name: "a line without end does not fill the memory", text: header + row(1, strings.Repeat("x", 3*weatherrows.MaxLine)) + row(2, "fog"), good: 1, bad: 1,
			reasons: []string{"the line has more than 65536 bytes"},
		},
		{name: "another month than the key's", text: header + row(1, "sun") + "2012-02-01,0,1,0,1,sun\n", good: 1, bad: 1, reasons: []string{"date is not in 2012-01"}},
		{
			name: "not finite, not decimal, missing", text: header + row(1, "sun") + row(2, "sun") + row(3, "sun") + "2012-01-04,Inf,1,0,1,sun\n2012-01-05,0x1p3,1,0,1,sun\n2012-01-06,0,1,0,1, \n",
			good: 3, bad: 3, reasons: []string{"precipitation is not a number", "precipitation is not a number", "weather is missing"},
		},
		{name: "too many bad rows", text: header + "x\ny\n" + row(1, "sun"), problem: "BadRows", good: 1, bad: 2, reasons: []string{
			"it has 1 columns, expected 6", "it has 1 columns, expected 6", "BadRows: 2 of 3 rows are bad; line 2: it has 1 columns, expected 6",
		}},
		{name: "empty", text: string(sample(t, "bad/empty.csv")), problem: "Empty", reasons: []string{"Empty: the file is empty"}},
		{name: "no rows", text: header, problem: "NoRows", reasons: []string{"NoRows: the file has a header and no rows"}},
		{name: "no header", text: string(sample(t, "bad/missing-header.csv")), problem: "WrongHeader", reasons: []string{
			`WrongHeader: the first line is "2012-01-01,0.0,12.8,5.0,4.7,drizzle", expected "date,precipitation,temp_max,temp_min,wind,weather"`,
		}},
		{name: "a column of another name", text: string(sample(t, "bad/wrong-column.csv")), problem: "WrongHeader", reasons: []string{
			`WrongHeader: the first line is "date,precipitation,temp_max,temp_min,wind_speed,weather", expected "date,precipitation,temp_max,temp_min,wind,weather"`,
		}},
		{name: "UTF-16", text: string(sample(t, "bad/wrong-encoding.csv")), problem: "Encoding", reasons: []string{"Encoding: the file is UTF-16, expected CSV in UTF-8"}},
		{name: "gzip", text: "\x1f\x8b\x08", problem: "Encoding", reasons: []string{"Encoding: the file is compressed with gzip, expected CSV in UTF-8"}},
		{name: "binary", text: "PK\x03\x04\x00", problem: "Encoding", reasons: []string{"Encoding: the file is binary: it has NUL bytes, expected CSV in UTF-8"}},
		{name: "Latin-1 in the header", text: "dat\xe9\n", problem: "Encoding", reasons: []string{"Encoding: the header is not UTF-8"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake, c := newFakeS3(t)
			summary := Summary{Converted: 1}
			if test.problem != "" {
				summary = Summary{Refused: 1}
			}
			handle(t, c, land(t, fake, test.text, "0A"), summary)
			report, code := keptReport(t, fake), ""
			if report.Problem != nil {
				code = report.Problem.Code
			}
			if code != test.problem || report.Good != test.good || report.Bad != test.bad {
				t.Errorf("got %+v %+v, want the problem %q, %d good and %d bad rows", report, report.Problem, test.problem, test.good, test.bad)
			}
			made := fake.Curated()
			if _, has := made[data]; has != (test.problem == "") {
				t.Errorf("there is data: %t, want the contrary", has)
			}
			var reasons []string
			for line := range strings.Lines(made[quarantine+"v1.jsonl"]) {
				var bad weatherrows.BadRow
				if err := json.Unmarshal([]byte(line), &bad); err != nil {
					t.Fatal(err)
				}
				reasons = append(reasons, bad.Reason)
			}
			if !slices.Equal(reasons, test.reasons) {
				t.Errorf("got in quarantine %q, want %q", reasons, test.reasons)
			}
		})
	}
}

func TestABadRowKeepsItsLine(t *testing.T) {
	fake, c := newFakeS3(t)
	handle(t, c, land(t, fake, string(sample(t, "bad/bad-rows.csv")), "0A"), Summary{Converted: 1})
	first, _, _ := strings.Cut(fake.Curated()[quarantine+"v1.jsonl"], "\n")
	if want := `{"line":3,"reason":"temp_max is not a number","row":"2012-01-02,10.9,warm,2.8,4.5,rain"}`; first != want {
		t.Errorf("got %s, want %s", first, want)
	}
}

func TestADuplicateEventHasNoSecondEffect(t *testing.T) {
	fake, c := newFakeS3(t)
	event := land(t, fake, string(sample(t, "bad/bad-rows.csv")), "0A")
	handle(t, c, event, Summary{Converted: 1})
	written := len(fake.Log)
	handle(t, c, event, Summary{Unchanged: 1})
	if len(fake.Log) != written {
		t.Errorf("the second event wrote %q", fake.Log[written:])
	}
}

func TestAnOlderEventNeverOverwritesANewerOne(t *testing.T) {
	for _, test := range []struct{ name, first, second string }{
		{"equal lengths", "0055AED6DCD90281E5", "0055AED6DCD90281E6"},
		{"a shorter one is padded on the right", "0055AED6DCD90281E5", "0056"},
		{"a longer one is later only by its digits", "0055", "005501"},
		{"the case of a digit means nothing", "0a", "0B"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake, c := newFakeS3(t)
			early := land(t, fake, header+row(1, "early"), test.first)
			late := land(t, fake, header+row(1, "late"), test.second)
			handle(t, c, late, Summary{Converted: 1})
			handle(t, c, early, Summary{Unchanged: 1})
			if got := fake.Curated()[data]; !strings.Contains(got, "late") || fake.Versions(data) != 1 {
				t.Errorf("got %d versions, now %s, want only the later one", fake.Versions(data), got)
			}
			if !laterSequencer(test.second, test.first) || laterSequencer(test.first, test.second) || laterSequencer(test.first, test.first) {
				t.Errorf("%s is to be later than %s, and never the contrary", test.second, test.first)
			}
		})
	}
}

func TestZerosOnTheRightDoNotMakeASequencerLater(t *testing.T) {
	if laterSequencer("0A00", "0A") || laterSequencer("0A", "0A00") {
		t.Error("0A and 0A00 are the same place in the order, want neither later")
	}
}

func TestANewerEventReplacesAnOlderOne(t *testing.T) {
	fake, c := newFakeS3(t)
	handle(t, c, land(t, fake, header+row(1, "early"), "0A"), Summary{Converted: 1})
	handle(t, c, land(t, fake, header+row(1, "late")+"x\n", "0B"), Summary{Converted: 1})
	if made := fake.Curated(); !strings.Contains(made[data], "late") || made[quarantine+"v3.jsonl"] == "" && len(made) != 3 {
		t.Errorf("got %v, want the later file", made)
	}
}

func TestARefusedFileKeepsWhatWasThereAndItsPlaceInTheOrder(t *testing.T) {
	fake, c := newFakeS3(t)
	handle(t, c, land(t, fake, header+row(1, "first"), "0A"), Summary{Converted: 1})
	second := land(t, fake, header+row(1, "second"), "0B")
	handle(t, c, land(t, fake, "", "0C"), Summary{Refused: 1})
	handle(t, c, second, Summary{Unchanged: 1})
	if got := fake.Curated()[data]; !strings.Contains(got, "first") {
		t.Errorf("got %s, want what the last usable file gave", got)
	}
}

// A crash at any write must leave nothing that the same event does not complete, with the same result as without a crash.
func TestAfterACrashTheSameEventCompletesTheWork(t *testing.T) {
	clean, c := newFakeS3(t)
	text := string(sample(t, "bad/bad-rows.csv"))
	handle(t, c, land(t, clean, text, "0A"), Summary{Converted: 1})
	want, writes := clean.Curated(), len(clean.Log)
	if writes != 3 {
		t.Fatalf("got the writes %q, want quarantine, data and report", clean.Log)
	}
	for crash := range writes {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after it: %t", clean.Log[crash], after), func(t *testing.T) {
				fake, c := newFakeS3(t)
				event := land(t, fake, text, "0A")
				done := 0
				fake.Fault = func(method, _ string) int {
					if method != http.MethodPut {
						if after && done > crash {
							return http.StatusInternalServerError
						}
						return 0
					}
					done++
					if done-1 > crash || done-1 == crash && !after {
						return http.StatusInternalServerError
					}
					return 0
				}
				if _, err := c.handle(t.Context(), event); (err == nil) != (after && crash == writes-1) {
					t.Errorf("got the error %v", err)
				}
				fake.Fault = nil
				if _, err := c.handle(t.Context(), event); err != nil {
					t.Fatal(err)
				}
				got := fake.Curated()
				for _, made := range []map[string]string{want, got} { // ETags of two servers differ
					made[reportKey] = strings.NewReplacer(clean.Objects["landing/"+january][0].ETag, "", fake.Objects["landing/"+january][0].ETag, "").Replace(made[reportKey])
				}
				if !maps.Equal(got, want) || fake.Versions(data) != 1 {
					t.Errorf("got %v in %d versions, want %v", got, fake.Versions(data), want)
				}
			})
		}
	}
}

// Between the comparison and each write of an older event, the newer one is handled from beginning to end.
func TestANewerEventAtAnyMomentWins(t *testing.T) {
	for moment := range 3 {
		t.Run(fmt.Sprintf("before write %d", moment+1), func(t *testing.T) {
			fake, c := newFakeS3(t)
			early := land(t, fake, header+row(1, "early")+row(2, "early")+"x\n", "0A")
			late := land(t, fake, header+row(1, "late"), "0B")
			seen, inner := 0, false
			fake.Fault = func(method, _ string) int {
				if method != http.MethodPut || inner {
					return 0
				}
				if seen++; seen-1 == moment {
					inner = true
					handle(t, c, late, Summary{Converted: 1})
					inner = false
				}
				return 0
			}
			if _, err := c.handle(t.Context(), early); err != nil {
				t.Fatal(err)
			}
			if got := fake.Curated()[data]; !strings.Contains(got, "late") || keptReport(t, fake).Sequencer != "0B" {
				t.Errorf("got %s and the report %+v, want those of the later event", got, keptReport(t, fake))
			}
		})
	}
}

// A file of several parts: it is never in memory as a whole, and a lost race leaves no part behind.
func TestALargeFileIsStreamed(t *testing.T) {
	fake, c := newFakeS3(t)
	var text strings.Builder
	text.WriteString(header)
	const days = 250_000
	for i := range days {
		text.WriteString(row(1+i%31, "sun"))
	}
	event := land(t, fake, text.String(), "0A")
	handle(t, c, event, Summary{Converted: 1})
	if got := strings.Count(fake.Curated()[data], "\n"); got != days {
		t.Errorf("got %d rows, want %d", got, days)
	}
	parts := 0
	for _, request := range fake.Log {
		if strings.HasSuffix(request, data) {
			parts++
		}
	}
	if want := 1 + len(fake.Curated()[data])/partBytes + 1 + 1; parts != want || len(fake.Uploads) != 0 {
		t.Errorf("got %d requests and %d open uploads, want %d (begin, parts, complete) and none", parts, len(fake.Uploads), want)
	}

	early := eventOf(t, january, event.object().Object.Version, "0A0")
	late := land(t, fake, header+row(1, "late"), "0B")
	delete(fake.Objects, "curated/"+data)
	delete(fake.Objects, "curated/"+reportKey)
	raced := false
	fake.Fault = func(method, path string) int {
		if method == http.MethodPost && !raced {
			raced = true
			handle(t, c, late, Summary{Converted: 1})
		}
		return 0
	}
	handle(t, c, early, Summary{Unchanged: 1})
	if len(fake.Uploads) != 0 || !strings.Contains(fake.Curated()[data], "late") {
		t.Errorf("got %d open uploads, want none, and the data of the later event", len(fake.Uploads))
	}
}

func TestAFileThatIsTooLargeIsRefusedUnread(t *testing.T) {
	fake, c := newFakeS3(t)
	event := land(t, fake, "x", "0A")
	file, err := c.open(t.Context(), Edition{Key: january})
	if err != nil {
		t.Fatal(err)
	}
	size := int64(maxBytes + 1)
	file.ContentLength, file.Body = &size, unreadable{t}
	report, err := c.write(t.Context(), Edition{Key: january, Version: event.object().Object.Version}, derived{data, quarantine + "v1.jsonl", reportKey}, file)
	if err != nil || report.Outcome != Refused || report.Problem.Message != "the file has 2147483649 bytes, at most 2147483648 are converted" {
		t.Errorf("got %+v %+v and error %v, want it refused as TooLarge", report, report.Problem, err)
	}
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the file was read")
	return 0, io.EOF
}
func (unreadable) Close() error { return nil }

func TestADeletedFileIsLeftAlone(t *testing.T) {
	fake, c := newFakeS3(t)
	handle(t, c, eventOf(t, january, "v7", "0A"), Summary{Unchanged: 1})
	if len(fake.Log) != 0 {
		t.Errorf("got the writes %q, want none", fake.Log)
	}
}

func TestEventsThatCannotBeOursAreErrors(t *testing.T) {
	_, c := newFakeS3(t)
	for _, test := range []struct {
		name  string
		event Event
		want  string
	}{
		{"nothing", Event{}, `got neither "id" and "detail" nor "scheduled"`},
		{"no event of EventBridge", eventFrom(t, `{"detail": {"order": 1}}`), `got neither "id" and "detail" nor "scheduled"`},
		{"another bucket", eventIn(t, "curated", january, "v1", "0A"), "got s3://curated/"},
		{"another prefix", eventOf(t, "other/a.csv", "v1", "0A"), "expected a file s3://landing/raw/*.csv"},
		{"a folder", eventOf(t, "raw/a/", "v1", "0A"), "expected a file"},
		{"no sequencer", eventOf(t, january, "v1", ""), `got the sequencer "", expected a hexadecimal number`},
		{"a word for the sequencer", eventOf(t, january, "v1", "later"), `got the sequencer "later"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := c.handle(t.Context(), test.event)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %+v and error %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestAKeyThatLeavesNoRoomIsAnError(t *testing.T) {
	fake, c := newFakeS3(t)
	key := "raw/" + strings.Repeat("x", 1012) + ".csv"
	version := fake.Put("landing/"+key, []byte(header+row(1, "sun")), nil).Version
	if _, err := c.handle(t.Context(), eventOf(t, key, version, "0A")); err == nil || !strings.Contains(err.Error(), "S3 accepts 1024: shorten the landed key") {
		t.Errorf("got the error %v, want one about the key's length", err)
	}
}

func BenchmarkRows(b *testing.B) {
	month := sample(b, "weather/year=2012/month=01/weather.csv")
	_, rows, _ := bytes.Cut(month, []byte("\n"))
	text := append([]byte(header), bytes.Repeat(rows, 1000)...)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		good, _, problem, err := convertRows(bytes.NewReader(text), january, io.Discard, io.Discard)
		if err != nil || problem != nil || good != 31_000 {
			b.Fatalf("got %d rows, %v, %v", good, problem, err)
		}
	}
}

func FuzzRows(f *testing.F) {
	for _, name := range []string{"bad-rows", "bom", "empty", "missing-header", "wrong-column", "wrong-encoding"} {
		f.Add(sample(f, "bad/"+name+".csv"))
	}
	f.Add([]byte(header + "\"\n\",,,,,\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var good, bad bytes.Buffer
		goodRows, badRows, problem, err := convertRows(bytes.NewReader(text), january, &good, &bad)
		if err != nil {
			t.Fatalf("reading from memory failed: %v", err)
		}
		if problem == nil && goodRows == 0 {
			t.Error("a file without a good row is not refused")
		}
		for _, out := range []struct {
			what string
			rows int
			text []byte
		}{{"good", goodRows, good.Bytes()}, {"bad", badRows, bad.Bytes()}} {
			decoder, count := json.NewDecoder(bytes.NewReader(out.text)), 0
			for ; decoder.More(); count++ {
				var row map[string]any
				if err := decoder.Decode(&row); err != nil {
					t.Fatalf("%s rows are not JSON Lines: %v", out.what, err)
				}
			}
			if count != out.rows {
				t.Errorf("got %d %s rows, counted %d", count, out.what, out.rows)
			}
		}
	})
}
