package lab

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxAnswer is the largest answer of a function. Source: AWS Lambda Developer Guide, "Lambda quotas", Invocation payload; read 2026-11.
const maxAnswer = 6 << 20

// invocation is one event for a function.
type invocation struct {
	id       string
	payload  json.RawMessage
	deadline time.Time // of this machine's clock, which the function reads
}

// answer is what a function said to an invocation; without its id the function could not even begin.
type answer struct {
	id     string
	body   json.RawMessage
	failed bool
}

func failedAnswer(kind, message string) answer {
	body, err := json.Marshal(functionError{Type: kind, Message: message})
	if err != nil {
		panic(err) // two texts are always JSON
	}
	return answer{body: body, failed: true}
}

// runtimeAPI is what a function's process asks for work.
// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes", read 2026-11.
type runtimeAPI struct {
	arn     string
	next    chan invocation
	answers chan answer
}

func newRuntimeAPI(f *function) runtimeAPI {
	return runtimeAPI{arn: f.arn, next: make(chan invocation), answers: make(chan answer, 1)}
}

func (a runtimeAPI) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.giveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { a.take(w, r, false) })
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { a.take(w, r, true) })
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, r *http.Request) { a.take(w, r, true) })
	return mux
}

func (a runtimeAPI) giveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case event := <-a.next:
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", event.id)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(event.deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", a.arn)
		trace := strings.ReplaceAll(event.id, "-", "")
		header.Set("Lambda-Runtime-Trace-Id", fmt.Sprintf("Root=1-%s-%s;Parent=%s;Sampled=0", trace[:8], trace[8:], trace[:16]))
		_, _ = w.Write(event.payload) // a process that is gone is noticed by its end
	case <-r.Context().Done():
	}
}

func (a runtimeAPI) take(w http.ResponseWriter, r *http.Request, failed bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	if err != nil {
		return // the process ended while it spoke
	}
	said := answer{id: r.PathValue("id"), body: body, failed: failed}
	if len(body) > maxAnswer {
		said = failedAnswer("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxAnswer))
		said.id = r.PathValue("id")
	}
	select {
	case a.answers <- said:
	case <-r.Context().Done():
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write([]byte(`{"status":"OK"}`)) // likewise
}
