package cost

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/answers"
)

func answersFor(text string) *answers.Answers {
	given, err := answers.Parse("answers.yaml", []byte(text), now)
	if err != nil {
		panic(err)
	}
	return given
}

func TestEveryItemHasAPriceOrAReason(t *testing.T) {
	for item, unit := range Units {
		if unit.What == "" || unit.Unit == "" {
			t.Errorf("%s: nothing says what it is", item)
		}
		price, err := Shipped().In(DefaultRegion, item)
		switch {
		case err != nil && strings.HasPrefix(err.Error(), "no confirmed price"):
			t.Errorf("%s: no price in %s and no reason", item, DefaultRegion)
		case err == nil && (!strings.Contains(price.Source, "amazon") || price.Read == ""):
			t.Errorf("%s: from %q, read on %q", item, price.Source, price.Read)
		}
	}
}

func TestFaultsOfAPriceFileAreNamed(t *testing.T) {
	const head = "version: 1\nregions: {eu-west-1: {prices: {"
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "it is empty"},
		{"no YAML", "{", "hint: scaffold cost refresh writes such a file"},
		{"truncated", "version: 1\nregions: {eu-west-1: {pri", "did not find"},
		{"another version", "version: 2\nregions: {eu-west-1: {}}", "version: got 2, expected 1"},
		{"no region", "version: 1", "regions: got none"},
		{"unknown key", "version: 1\nregion: {}", "field region not found"},
		{"unknown item", head + "glue.dpu: {usd: '1'" + source + "}}}", "glue.dpu: there is no such item"},
		{"unknown item that is missing", "version: 1\nregions: {eu-west-1: {missing: {glue.dpu: why}}}", "missing.glue.dpu: there is no such item"},
		{"no price", head + "glue.dpu_hour: {source: https://aws.amazon.com/, read: '2026-11-25'}}}}", "got neither usd nor tiers"},
		{"both", head + "glue.dpu_hour: {usd: '1', tiers: [{usd: '2'}]" + source + "}}}", "or both"},
		{"negative", head + "glue.dpu_hour: {usd: '-1'" + source + "}}}", `got "-1", expected a price`},
		{"a fraction", head + "glue.dpu_hour: {usd: 1/3" + source + "}}}", `got "1/3", expected a price`},
		{"an exponent", head + "glue.dpu_hour: {usd: 1e999999999" + source + "}}}", `got "1e999999999", expected a price`},
		{"per nothing", head + "glue.dpu_hour: {usd: '1', per: '0'" + source + "}}}", `per: got "0"`},
		{"tiers that overlap", head + "glue.dpu_hour: {tiers: [{up_to: '9', usd: '3'}, {up_to: '9', usd: '2'}, {usd: '1'}]" + source + "}}}", "expected more than that of the tier before"},
		{"a last tier with an end", head + "glue.dpu_hour: {tiers: [{up_to: '9', usd: '3'}]" + source + "}}}", "in every tier but the last"},
		{"no page", head + "glue.dpu_hour: {usd: '1', source: here, read: '2026-11-25'}}}}", `source: got "here"`},
		{"no day", head + "glue.dpu_hour: {usd: '1', source: https://aws.amazon.com/, read: today}}}}", `read: got "today"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParsePrices("prices.yaml", []byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "prices.yaml: ") {
				t.Errorf("got %v, expected %q", err, test.want)
			}
		})
	}
}

func FuzzParsePrices(f *testing.F) {
	f.Add(shipped)
	f.Add([]byte("version: 1\nregions: {eu-west-1: {prices: {glue.dpu_hour: {tiers: [{up_to: '9', usd: '3'}, {usd: '1'}]" + source + "}}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		prices, err := ParsePrices("f", text)
		if err != nil {
			return
		}
		again, err := prices.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParsePrices("again", again); err != nil {
			t.Errorf("what was written is not read: %v\n%s", err, again)
		}
	})
}

func TestPricesSurviveTheirFile(t *testing.T) {
	text, err := Shipped().YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParsePrices("again", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range Shipped().Regions() {
		for item := range Units {
			want, failed := Shipped().In(region, item)
			got, err := again.In(region, item)
			if (err == nil) != (failed == nil) || err == nil && !got.Same(want) || err != nil && err.Error() != failed.Error() {
				t.Errorf("%s %s: got %v %v, expected %v %v", region, item, got, err, want, failed)
			}
		}
	}
}

func TestAFileLiesOverThePrices(t *testing.T) {
	over := pages(t, "glue.dpu_hour: {usd: '9.99'"+source)
	if price, err := over.In(DefaultRegion, GlueDPUHour); err != nil || price.Unit() != "9.99" {
		t.Errorf("got %v %v, expected the price of the file", price, err)
	}
	if price, err := over.In(DefaultRegion, CrawlerDPUHour); err != nil || price.Unit() != "0.44" {
		t.Errorf("got %v %v, expected the shipped price where the file has none", price, err)
	}
	if price, _ := Shipped().In(DefaultRegion, GlueDPUHour); price.Unit() != "0.44" {
		t.Errorf("the shipped price is %s now", price.Unit())
	}
}

// What has no confirmed price is named, and in no sum.
func TestWhatHasNoPriceIsLeftOutByName(t *testing.T) {
	for _, test := range []struct{ name, region, answers, want string }{
		{"a class of environment", "us-east-1", monday + "work: [sql-server]\nairflow: {class: mw1.micro, max_workers: 1}", "MWAA: environment mw1.micro: not confirmed"},
		{"another Region", "eu-central-1", monday + "work: [sql-server]", "VPC: NAT gateways: no confirmed price in eu-central-1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Of("airflow", parsed(t, test.answers), Options{Region: test.region})
			var text strings.Builder
			if err := got.WriteText(&text, "Amazon MWAA"); err != nil {
				t.Fatal(err)
			}
			if got.Complete() || !strings.Contains(text.String(), "left out: "+test.want) || !strings.Contains(text.String(), ", at least\n") {
				t.Errorf("got %s\nexpected %q", text.String(), test.want)
			}
		})
	}
	q := Questions(parsed(t, monday+"work: [glue-job]"), Options{Region: "eu-central-1"})[1]
	if len(q.Choices) > 0 || len(q.Breaks) > 0 || !strings.HasPrefix(q.Answer, "Not answered: eu-central-1 has no confirmed price of ") {
		t.Errorf("got the answer %q", q.Answer)
	}
	if err := Shipped().Knows("mars-north-1"); err == nil || !strings.Contains(err.Error(), "scaffold cost refresh --region mars-north-1") {
		t.Errorf("got %v", err)
	}
}

// The price of x86 stands in for arm64 only where that of arm64 is not known, and the line says so.
func TestAStandInSaysSo(t *testing.T) {
	for region, want := range map[string]Item{"us-east-1": EMRX86VCPUHour, "ap-southeast-1": EMRVCPUHour} {
		for _, line := range Of("statemachine", parsed(t, demand+"work: [emr-job]"), Options{Region: region}).Run {
			if strings.HasPrefix(string(line.Item), "emr.vcpu") && (line.Item != want || strings.Contains(line.Note, "stands in") != (want == EMRX86VCPUHour)) {
				t.Errorf("%s: got %s with the note %q, expected %s", region, line.Item, line.Note, want)
			}
		}
	}
}

func TestAssumptionsAreSetByName(t *testing.T) {
	set := Assumed{}
	for text, want := range map[string]string{
		"glue_dpu=10": "", "glue_dpu": "expected NAME=VALUE with one of hours_per_month,", "dpu=1": "expected NAME=VALUE",
		"glue_dpu=many": `glue_dpu: got "many"`, "glue_dpu=0": "glue_dpu: got 0, expected a number above 0", "spark_fixed_seconds=-1": "expected a number above 0",
	} {
		err := set.Set(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, expected %q", text, err, want)
		}
	}
	given := parsed(t, demand+"work: [glue-job]\nvolume: {gb_per_run: 1}")
	got := Of("glueworkflow", given, Options{Assumed: set})
	if want := exact("0.44").Mul(Whole(10)).Div(Whole(60)); !got.PerRun.Equal(want) { // 10 DPU for the least minute
		t.Errorf("got %s, expected %s", got.PerRun, want)
	}
	for _, a := range got.Assumed {
		if a.Name == "glue_dpu" && !a.Value.Equal(Whole(10)) || a.Name == "crawler_dpu" {
			t.Errorf("got the assumption %s=%s: it lists what it took, and no more", a.Name, a.Value)
		}
	}
}

// Every assumption changes some bill, so none is only said.
func TestEveryAssumptionIsTaken(t *testing.T) {
	given := parsed(t, event+"work: [lambda, crawler, glue-job, emr-job, batch-job, redshift-sql, lambda]\nvolume: {runs_per_month: 3000, gb_per_run: 400}")
	mixed := parsed(t, monday+"work: [http-api, redshift-sql, lambda]\nvolume: {runs_per_month: 3000, gb_per_run: 400}")
	all := func(assumed Assumed) string {
		var text strings.Builder
		for _, a := range []*answers.Answers{given, mixed} {
			for _, example := range []string{"statemachine", "airflow", "glueworkflow", "eventfunction", "scheduledquery"} {
				e := Of(example, a, Options{Assumed: assumed})
				text.WriteString(e.PerRun.value().RatString() + " " + e.PerIdle.value().RatString() + "\n")
			}
			for _, q := range Questions(a, Options{Assumed: assumed}) {
				for _, b := range q.Breaks {
					text.WriteString(b.At.value().RatString() + " ")
				}
				text.WriteString(strings.Join(q.Limits, " "))
			}
		}
		return text.String()
	}
	before := all(nil)
	for _, a := range standing {
		if all(Assumed{a.Name: a.Value.Mul(exact("2.5"))}) == before {
			t.Errorf("%s changes nothing", a.Name)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0.00", "1234567.891": "1,234,567.89", "-1234.5": "-1,234.50", "0.014794": "0.015", "0.1": "0.10", "999.999": "1,000.00",
		"0.00000020": "0.00000020", "100": "100.00", "-0.02": "-0.020",
	} {
		if got := exact(text).Short(); got != want {
			t.Errorf("%s: got %s, expected %s", text, got, want)
		}
	}
	text, err := json.Marshal(map[string]Decimal{"third": Whole(1).Div(Whole(3)), "sum": exact("0.1").Add(exact("0.2"))})
	if err != nil || string(text) != `{"sum":0.3,"third":0.3333333333}` {
		t.Errorf("got %s %v", text, err)
	}
	var back Decimal
	if err := json.Unmarshal([]byte("0.3"), &back); err != nil || !back.Equal(exact("0.3")) {
		t.Errorf("got %s %v", back, err)
	}
}

// The chart is well-formed, draws each choice of each answered question, and marks each break with its number.
func TestTheChartShowsWhatTheQuestionsSay(t *testing.T) {
	questions := Questions(parsed(t, object+"work: [lambda, glue-job]\ncontrol: {branches: true}\nvolume: {gb_per_run: 0.1}"), Options{})
	chart := SVG(questions)
	counts, texts := map[string]int{}, map[string]bool{}
	decoder := xml.NewDecoder(bytes.NewReader(chart))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, chart)
		}
		switch token := token.(type) {
		case xml.StartElement:
			counts[token.Name.Local]++
		case xml.CharData:
			texts[strings.TrimSpace(string(token))] = true
		}
	}
	curves, breaks := 0, 0
	for _, q := range questions {
		curves, breaks = curves+len(q.Choices), breaks+len(q.Breaks)
		for _, b := range q.Breaks {
			if !texts[q.said(b.At)] {
				t.Errorf("%s: nothing in the chart says %s", q.Name, q.said(b.At))
			}
		}
		var sketch strings.Builder
		if err := q.Sketch(&sketch); err != nil || !strings.Contains(sketch.String(), q.Answer) || strings.Count(sketch.String(), "\n") != sketchHeight+5 {
			t.Errorf("%s: got the sketch\n%s%v", q.Name, sketch.String(), err)
		}
	}
	if counts["polyline"] != curves || counts["circle"] != breaks || breaks == 0 {
		t.Errorf("got %d curves and %d marks, expected %d and %d", counts["polyline"], counts["circle"], curves, breaks)
	}
	if !bytes.Contains(chart, []byte("prefers-color-scheme: dark")) || bytes.Contains(chart, []byte("NaN")) || bytes.Contains(chart, []byte("Inf")) {
		t.Error("the chart has no dark side, or draws what is no number")
	}
}
