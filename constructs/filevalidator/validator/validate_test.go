package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"example.com/pipewright/constructs/sampledata"
)

var rules = Rules{Header: strings.Split("date,precipitation,temp_max,temp_min,wind,weather", ",")}

const key = "raw/year=2012/month=01/weather.csv"

func sample(t *testing.T, name string) Head {
	t.Helper()
	data, err := sampledata.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return Head{Data: data, Size: int64(len(data))}
}

func codes(problems []Problem) []string {
	list := []string{}
	for _, problem := range problems {
		list = append(list, problem.Code)
	}
	return list
}

func gzipped() Head {
	var out strings.Builder
	writer := gzip.NewWriter(&out)
	_, _ = writer.Write([]byte("date"))
	_ = writer.Close()
	return text(out.String())
}

func text(data string) Head { return Head{Data: []byte(data), Size: int64(len(data))} }

func TestFiles(t *testing.T) {
	header := strings.Join(rules.Header, ",") + "\n"
	good := "2012-01-01,0.0,12.8,5.0,4.7,drizzle\n"
	large := sample(t, "weather/year=2012/month=01/weather.csv")
	large.Size = maxBytes + 1
	cut := text(header + good + "2012-01-02,10.9,1")
	cut.Size = 1000
	for _, test := range []struct {
		name string
		key  string
		head Head
		rows int
		want []string
	}{
		{"January 2012 is valid", key, sample(t, "weather/year=2012/month=01/weather.csv"), 31, []string{}},
		{"a byte order mark is tolerated", key, sample(t, "bad/bom.csv"), 31, []string{}},
		{"a few bad rows are the job's business", key, sample(t, "bad/bad-rows.csv"), 32, []string{}},
		{"Windows line ends are tolerated", key, text(strings.ReplaceAll(header+good, "\n", "\r\n")), 1, []string{}},
		{"a row that the sample cuts is not judged", key, cut, 1, []string{}},
		{"no header", key, sample(t, "bad/missing-header.csv"), 0, []string{"MissingHeader"}},
		{"a column of another name", key, sample(t, "bad/wrong-column.csv"), 0, []string{"WrongHeader"}},
		{"empty", key, sample(t, "bad/empty.csv"), 0, []string{"Empty"}},
		{"UTF-16", key, sample(t, "bad/wrong-encoding.csv"), 0, []string{"Encoding"}},
		{"Latin-1", key, text(header + "2012-01-01,0,1,2,3,n\xe9v\xe9\n"), 0, []string{"Encoding"}},
		{"gzip", key, gzipped(), 0, []string{"Encoding"}},
		{"binary", key, text(header + "\x00\x01"), 0, []string{"Encoding"}},
		{"a header and nothing else", key, text(header), 0, []string{"NoRows"}},
		{"mostly bad rows", key, text(header + "x,y\nz,w\n" + good), 3, []string{"BadRows"}},
		{"another delimiter", key, text(strings.ReplaceAll(header+good, ",", ";")), 0, []string{"MissingHeader"}},
		{"no partition in the key", "raw/weather.csv", sample(t, "weather/year=2012/month=01/weather.csv"), 31, []string{"NoPartition"}},
		{"month 13 in the key", "raw/year=2012/month=13/a.csv", sample(t, "weather/year=2012/month=01/weather.csv"), 31, []string{"NoPartition"}},
		{"too large", key, large, 31, []string{"TooLarge"}},
		{"everything wrong at once", "x", text(""), 0, []string{"NoPartition", "Empty"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, rows, problems := rules.Check(test.key, test.head)
			if got := codes(problems); !reflect.DeepEqual(got, test.want) || rows != test.rows {
				t.Errorf("got %v after %d rows, want %v after %d", problems, rows, test.want, test.rows)
			}
		})
	}
}

// s3Server answers every request alike and keeps what it was asked.
func s3Server(t *testing.T, status int, headers map[string]string, body string) (*function, *http.Request) {
	t.Helper()
	asked := new(http.Request)
	return functionWith(t, func(w http.ResponseWriter, r *http.Request) {
		*asked = *r
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}), asked
}

// functionWith is the function with an S3 that answers so.
func functionWith(t *testing.T, answer http.HandlerFunc) *function {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	settings := aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL,
		Credentials:      credentials.NewStaticCredentialsProvider("id", "secret", ""),
		RetryMaxAttempts: 1,
	}
	return &function{objects: newBucketReader(settings), rules: rules}
}

var file = File{Bucket: "landing", Key: key, Size: 5}

func TestOnlyTheBeginningIsRead(t *testing.T) {
	body := strings.Join(rules.Header, ",") + "\n2012-01-01,0.0,12.8,5.0,4.7,drizzle\n"
	fn, asked := s3Server(t, http.StatusPartialContent, map[string]string{
		"Content-Range": "bytes 0-85/5000", "ETag": `"abc"`, "x-amz-version-id": "v1",
	}, body)
	verdict, err := fn.validate(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	want := Verdict{File: File{Bucket: "landing", Key: key, Size: 5000}, Valid: true, Partition: "year=2012/month=01", ETag: "abc", Version: "v1", RowsSampled: 1, Problems: []Problem{}}
	if !reflect.DeepEqual(verdict, want) {
		t.Errorf("got %+v, want %+v", verdict, want)
	}
	if got := asked.Header.Get("Range"); got != "bytes=0-262143" {
		t.Errorf("asked for the range %q, want the first 256 KiB", got)
	}
}

func TestAMissingObjectIsAnAnswer(t *testing.T) {
	fn, _ := s3Server(t, http.StatusNotFound, nil, `<Error><Code>NoSuchKey</Code></Error>`)
	verdict, err := fn.validate(t.Context(), file)
	if err != nil || verdict.Valid || codes(verdict.Problems)[0] != "ObjectMissing" {
		t.Errorf("got %+v and error %v, want the problem ObjectMissing", verdict, err)
	}
}

// What is set aside is the version that was looked at, so that of an empty object has to be asked for.
func TestAnEmptyObjectHasNoRangeButAVersion(t *testing.T) {
	for _, test := range []struct {
		name, length string // of the object when its version is asked for
		replaced     bool
	}{{"empty", "0", false}, {"replaced in the meantime", "5", true}} {
		t.Run(test.name, func(t *testing.T) {
			fn := functionWith(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					w.Header().Set("Content-Length", test.length)
					w.Header().Set("x-amz-version-id", "v1")
					return
				}
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				_, _ = w.Write([]byte(`<Error><Code>InvalidRange</Code></Error>`))
			})
			verdict, err := fn.validate(t.Context(), file)
			var unavailable *S3Unavailable
			if errors.As(err, &unavailable) != test.replaced {
				t.Fatalf("got the error %v, want one that is worth a retry: %t", err, test.replaced)
			}
			if !test.replaced && (verdict.Valid || codes(verdict.Problems)[0] != "Empty" || verdict.Version != "v1") {
				t.Errorf("got %+v, want the problem Empty of the version v1", verdict)
			}
		})
	}
}

func TestOnlyTransientErrorsAreWorthARetry(t *testing.T) {
	for _, test := range []struct {
		name      string
		status    int
		code      string
		transient bool
	}{
		{"S3 asks to slow down", http.StatusServiceUnavailable, "SlowDown", true},
		{"S3 breaks", http.StatusInternalServerError, "InternalError", true},
		{"the role may not read", http.StatusForbidden, "AccessDenied", false},
		{"there is no such bucket", http.StatusNotFound, "NoSuchBucket", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			fn, _ := s3Server(t, test.status, nil, "<Error><Code>"+test.code+"</Code><Message>no</Message></Error>")
			_, err := fn.validate(t.Context(), file)
			var unavailable *S3Unavailable
			if err == nil || errors.As(err, &unavailable) != test.transient {
				t.Errorf("got the error %v, want one that is worth a retry: %t", err, test.transient)
			}
		})
	}
}

func TestAnEventWithoutAKeyIsRefused(t *testing.T) {
	fn := &function{}
	if _, err := fn.validate(context.Background(), File{Bucket: "landing"}); err == nil || !strings.Contains(err.Error(), "expected both") {
		t.Errorf("got %v, want an error that says what is missing", err)
	}
}

func TestTheVerdictKeepsWhatTheStateMachineNeeds(t *testing.T) {
	out, err := json.Marshal(Verdict{File: file, Problems: []Problem{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"bucket":"landing"`, `"key":"`, `"valid":false`, `"problems":[]`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("got %s, want %s in it", out, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(key, "date,precipitation\n1,2\n", int64(30))
	f.Add("", "\ufeff\x00", int64(2))
	f.Fuzz(func(t *testing.T, key, data string, size int64) {
		_, rows, problems := rules.Check(key, Head{Data: []byte(data), Size: max(size, int64(len(data)))})
		if rows > sampleRows || (rows == 0 && len(problems) == 0) {
			t.Errorf("got %d rows and the problems %v of %q", rows, problems, data)
		}
	})
}
