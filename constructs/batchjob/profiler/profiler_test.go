package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"example.com/pipewright/constructs/fakes3"
	"example.com/pipewright/constructs/sampledata"
	"example.com/pipewright/constructs/weatherrows"
)

const (
	january = "raw/year=2012/month=01/weather.csv"
	made    = "profiles/year=2012/month=01.json"
	header  = "date,precipitation,temp_max,temp_min,wind,weather\n"
)

func start(t *testing.T) (*fakes3.Server, *profiler) {
	t.Helper()
	fake := fakes3.New(t)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": fake.URL, "LANDING": "landing", "PREFIX": "raw/", "CURATED": "curated"} {
		t.Setenv(name, value)
	}
	return fake, another(fake)
}

// another is a job beside the first one.
func another(fake *fakes3.Server) *profiler {
	return newProfiler(aws.Config{
		Region: "us-east-1", BaseEndpoint: &fake.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}, slog.New(slog.DiscardHandler))
}

func land(t *testing.T, fake *fakes3.Server, key, name string) {
	t.Helper()
	text, err := sampledata.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fake.Put("landing/"+key, text, nil)
}

// landYear lands twelve months, of which none may be listed in one page.
func landYear(t *testing.T, fake *fakes3.Server) {
	t.Helper()
	for month := range 12 {
		name := fmt.Sprintf("year=2012/month=%02d/weather.csv", month+1)
		land(t, fake, "raw/"+name, "weather/"+name)
	}
}

func profileOf(t *testing.T, fake *fakes3.Server, key string) Profile {
	t.Helper()
	var profile Profile
	if err := json.Unmarshal([]byte(fake.Curated()[key]), &profile); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return profile
}

func TestAProfileIsWhatTwoPassesOverTheRowsSay(t *testing.T) {
	fake, p := start(t)
	land(t, fake, january, "weather/year=2012/month=01/weather.csv")
	if err := p.profile(t.Context(), january); err != nil {
		t.Fatal(err)
	}
	got := profileOf(t, fake, made)
	if got.Rows != 31 || got.Bad != 0 || got.Files != 1 || got.First != "2012-01-01" || got.Last != "2012-01-31" || got.Month != "2012-01" {
		t.Errorf("got %+v, want the 31 days of January 2012 from one file", got)
	}
	var winds []float64
	kinds := map[string]int{}
	for line := range strings.Lines(string(fake.Objects["landing/"+january][0].Data)) {
		row, reason := weatherrows.Parse([]byte(strings.TrimSpace(line)), "2012-01")
		if reason == "" {
			winds, kinds[row.Weather] = append(winds, row.Wind), kinds[row.Weather]+1
		}
	}
	mean, squares := 0.0, 0.0
	for _, wind := range winds {
		mean += wind / float64(len(winds))
	}
	for _, wind := range winds {
		squares += (wind - mean) * (wind - mean)
	}
	want := Column{Min: slices.Min(winds), Max: slices.Max(winds), Mean: mean, Deviation: math.Sqrt(squares / float64(len(winds)))}
	wind := got.Columns.Wind
	if wind.Min != want.Min || wind.Max != want.Max || math.Abs(wind.Mean-want.Mean) > 1e-9 || math.Abs(wind.Deviation-want.Deviation) > 1e-9 {
		t.Errorf("got the wind %+v, want %+v", wind, want)
	}
	if !maps.Equal(got.Weather, kinds) {
		t.Errorf("got the kinds %v, want %v", got.Weather, kinds)
	}
}

func TestWhatIsInvolvedInARun(t *testing.T) {
	for _, test := range []struct {
		name, object string
		change       func(fake *fakes3.Server)
		want         []string // the months that are written
	}{
		{name: "one object concerns its month alone", object: "raw/year=2012/month=07/weather.csv", want: []string{"07"}},
		{name: "nothing has changed"},
		{
			name: "a file is replaced", want: []string{"03"},
			change: func(fake *fakes3.Server) {
				fake.Put("landing/raw/year=2012/month=03/weather.csv", []byte(header+"2012-03-01,0,1,0,1,sun\n"), nil)
			},
		},
		{
			name: "a file is added", want: []string{"04"},
			change: func(fake *fakes3.Server) {
				fake.Put("landing/raw/year=2012/month=04/more.csv", []byte(header+"2012-04-01,0,1,0,1,sun\n"), nil)
			},
		},
		{
			name: "what lies elsewhere or is no CSV is left alone",
			change: func(fake *fakes3.Server) {
				for _, key := range []string{"raw/other.csv", "raw/copy/year=2012/month=05/weather.csv", "raw/year=2012/month=05/notes.txt", "raw/year=2012/month=05/"} {
					fake.Put("landing/"+key, []byte(header+"2012-05-01,0,1,0,1,sun\n"), nil)
				}
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake, p := start(t)
			landYear(t, fake)
			if test.object == "" {
				if err := p.profile(t.Context(), ""); err != nil {
					t.Fatal(err)
				}
				if got := len(fake.Curated()); got != 12 {
					t.Fatalf("the first run wrote %d profiles, want 12", got)
				}
			}
			if test.change != nil {
				test.change(fake)
			}
			fake.Log = nil
			if err := p.profile(t.Context(), test.object); err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, month := range test.want {
				want = append(want, "PUT curated/profiles/year=2012/month="+month+".json")
			}
			if !slices.Equal(fake.Log, want) {
				t.Errorf("got the writes %q, want %q", fake.Log, want)
			}
		})
	}
}

func TestAFileThatCannotBeUsedIsPartOfTheProfile(t *testing.T) {
	fake, p := start(t)
	land(t, fake, january, "weather/year=2012/month=01/weather.csv")
	land(t, fake, "raw/year=2012/month=01/a.csv", "bad/missing-header.csv")
	// More than half of its rows are bad, which shows only at its end.
	fake.Put("landing/raw/year=2012/month=01/b.csv", []byte(header+"2012-01-01,0,99,0,1,sun\nx\ny\n"), nil)
	land(t, fake, "raw/year=2012/month=01/c.csv", "bad/bad-rows.csv")
	if err := p.profile(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	got := profileOf(t, fake, made)
	codes := map[string]string{}
	for key, problem := range got.Refused {
		codes[strings.TrimPrefix(key, "raw/year=2012/month=01/")] = problem.Code
	}
	if want := map[string]string{"a.csv": "WrongHeader", "b.csv": "BadRows"}; !maps.Equal(codes, want) {
		t.Errorf("got the problems %v, want %v", codes, want)
	}
	if got.Files != 4 || got.Bad != 4 || got.Columns.TempMax.Max == 99 {
		t.Errorf("got %+v, want four files, the four bad rows of c.csv, and nothing of b.csv", got)
	}
}

func TestAJobThatIsSlowDoesNotOverwriteALaterOne(t *testing.T) {
	fake, slow := start(t)
	land(t, fake, january, "weather/year=2012/month=01/weather.csv")
	later := another(fake)
	interrupted := false
	fake.Fault = func(method, path string) int {
		if method == http.MethodPut && !interrupted {
			interrupted = true
			fake.Put("landing/"+january, []byte(header+"2012-01-09,0,1,0,1,sun\n"), nil)
			if err := later.profile(t.Context(), january); err != nil {
				t.Error(err)
			}
		}
		return 0
	}
	if err := slow.profile(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if got := profileOf(t, fake, made); got.Rows != 1 || fake.Versions(made) != 1 {
		t.Errorf("got %d rows in version %d of the profile, want the one row of the later file, written once", got.Rows, fake.Versions(made))
	}
}

func TestAFileReplacedWhileItIsReadIsReadAgain(t *testing.T) {
	fake, p := start(t)
	land(t, fake, january, "weather/year=2012/month=01/weather.csv")
	replaced := false
	fake.Fault = func(method, path string) int {
		if method == http.MethodHead && !replaced {
			replaced = true
			fake.Put("landing/"+january, []byte(header+"2012-01-09,0,1,0,1,sun\n"), nil)
		}
		return 0
	}
	if err := p.profile(t.Context(), january); err != nil {
		t.Fatal(err)
	}
	if got := profileOf(t, fake, made); got.Rows != 1 {
		t.Errorf("got %d rows, want the one of the file that is there now", got.Rows)
	}
	if err := p.profile(t.Context(), january); err != nil || fake.Versions(made) != 1 {
		t.Errorf("got the error %v and %d versions, want none and one: the profile's mark is of the file it was made from", err, fake.Versions(made))
	}
}

func TestOneMonthThatFailsDoesNotHoldUpTheOthers(t *testing.T) {
	fake, p := start(t)
	landYear(t, fake)
	fake.Fault = func(method, path string) int {
		if method == http.MethodGet && path == "landing/raw/year=2012/month=02/weather.csv" {
			return http.StatusServiceUnavailable
		}
		return 0
	}
	err := p.profile(t.Context(), "")
	if err == nil || errors.Is(err, errRefused) || !strings.HasPrefix(err.Error(), "2012-02: read s3://landing/") {
		t.Errorf("got the error %v, want one that names February", err)
	}
	if got := len(fake.Curated()); got != 11 {
		t.Errorf("got %d profiles, want the 11 of the other months", got)
	}
}

func TestTheExitCodeSaysWhetherTryingAgainHelps(t *testing.T) {
	for _, test := range []struct {
		name, variable, value string
		fault                 int
		code                  int
		says                  string
	}{
		{name: "done", code: exitDone, says: `"profiled":1`},
		{name: "S3 is down", fault: http.StatusServiceUnavailable, code: exitTryAgain, says: "list s3://landing/raw/"},
		{name: "no bucket", variable: "CURATED", code: exitRefused, says: "expected the names of two buckets"},
		{name: "no month", variable: "OBJECT", value: "raw/a.csv", code: exitRefused, says: `got the object \"raw/a.csv\"`},
		{name: "another prefix", variable: "OBJECT", value: "x/year=2012/month=01/a.csv", code: exitRefused, says: "expected a key raw/year=YYYY/month=MM/NAME"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake, _ := start(t)
			land(t, fake, january, "weather/year=2012/month=01/weather.csv")
			t.Setenv("AWS_ACCESS_KEY_ID", "id")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
			t.Setenv("AWS_REGION", "us-east-1")
			t.Setenv("AWS_MAX_ATTEMPTS", "1")
			if test.variable != "" {
				t.Setenv(test.variable, test.value)
			}
			fake.Fault = func(string, string) int { return test.fault }
			var log bytes.Buffer
			if code := run(t.Context(), slog.New(slog.NewJSONHandler(&log, nil))); code != test.code || !strings.Contains(log.String(), test.says) {
				t.Errorf("got %d and the log %s, want %d and %s", code, log.String(), test.code, test.says)
			}
		})
	}
}
