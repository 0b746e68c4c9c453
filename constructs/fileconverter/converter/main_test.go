package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// runtimeAPI is what Lambda gives a program: one event after another, each with a deadline.
// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
type runtimeAPI struct {
	events  chan string
	answers chan string // "response" or "error", and the text
}

func (a *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/next") {
		select {
		case event := <-a.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:convert")
			_, _ = w.Write([]byte(event))
		case <-r.Context().Done():
		}
		return
	}
	text, _ := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	a.answers <- filepath.Base(r.URL.Path) + " " + string(text)
}

// The program as it is deployed: built, started with its environment, and called by Lambda's runtime API.
func TestTheProgramRunsAsAFunction(t *testing.T) {
	fake, _ := newFakeS3(t)
	api := &runtimeAPI{events: make(chan string, 1), answers: make(chan string, 1)}
	server := httptest.NewServer(api)
	defer server.Close()
	program := filepath.Join(t.TempDir(), "bootstrap")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	function := exec.CommandContext(t.Context(), program)
	function.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"),
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret")
	var log strings.Builder
	function.Stdout = &log
	if err := function.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- function.Wait() }()
	version := fake.Put("landing/"+january, sample(t, "bad/bad-rows.csv"), nil).Version
	for _, call := range []struct{ event, want string }{
		{
			fmt.Sprintf(`{"version": "0", "source": "aws.s3", "detail": {"bucket": {"name": "landing"}, "object": {"key": %q, "version-id": %q, "sequencer": "0A"}}}`, january, version),
			`response {"converted":1,"refused":0,"unchanged":0,"failed":0}`,
		},
		{`{"scheduled": "2026-11-23T08:00:00Z"}`, `response {"converted":0,"refused":0,"unchanged":1,"failed":0}`},
		{`{"id": "e-1", "source": "partner.orders", "detail": "ready"}`, `response {"converted":0,"refused":0,"unchanged":1,"failed":0}`},
		{`{"Records": []}`, `error {"errorMessage":"got neither \"id\" and \"detail\" nor \"scheduled\"`},
	} {
		api.events <- call.event
		select {
		case got := <-api.answers:
			if !strings.HasPrefix(got, call.want) {
				t.Errorf("%s: got %s, want %s", call.event, got, call.want)
			}
		case err := <-ended:
			t.Fatalf("%s: the program ended: %v\n%s", call.event, err, log.String())
		}
	}
	_ = function.Process.Kill()
	<-ended
	// The metric filters of the construct read the first two; the third leads from a scan to its event.
	for _, want := range []string{`"outcome":"converted"`, `"bad":4`, `"start":"e-1"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("got the log %s, want %s in it", log.String(), want)
		}
	}
}
