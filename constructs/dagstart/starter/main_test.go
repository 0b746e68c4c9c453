package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/mwaa"
)

// environment is an MWAA API that knows the runs of its DAG, and answers as Airflow does.
type environment struct {
	runs   map[string]map[string]any // conf by id
	status int                       // of the answer to each call; 0: what Airflow would say
	bodies []string
}

func (e *environment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call struct {
		Method, Path string
		Body         struct {
			DagRunID    string         `json:"dag_run_id"`
			LogicalDate *string        `json:"logical_date"`
			Conf        map[string]any `json:"conf"`
		}
	}
	text, _ := io.ReadAll(r.Body)
	e.bodies = append(e.bodies, string(text))
	if err := json.Unmarshal(text, &call); err != nil || r.URL.Path != "/restapi/orders" || call.Method != "POST" || call.Path != "/dags/weather_sales/dagRuns" {
		e.refuse(w, "RestApiClientException", http.StatusNotFound)
		return
	}
	if _, there := e.runs[call.Body.DagRunID]; there && e.status == 0 {
		e.refuse(w, "RestApiClientException", http.StatusConflict)
		return
	}
	if e.status != 0 {
		e.refuse(w, "RestApiClientException", e.status)
		return
	}
	e.runs[call.Body.DagRunID] = call.Body.Conf
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"RestApiStatusCode": 200, "RestApiResponse": {"state": "queued"}}`)
}

// refuse answers as MWAA does for an answer of Airflow's that is no success: with 400, and Airflow's status in the body.
func (e *environment) refuse(w http.ResponseWriter, name string, status int) {
	w.Header().Set("X-Amzn-Errortype", name)
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]any{"RestApiStatusCode": status, "RestApiResponse": map[string]any{"detail": "no"}})
}

func newStarter(t *testing.T, e *environment) *starter {
	t.Helper()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	client := mwaa.New(mwaa.Options{
		BaseEndpoint: &server.URL, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		RetryMaxAttempts: 1, HTTPClient: sameHost{server.Client(), strings.TrimPrefix(server.URL, "http://")},
	})
	return &starter{rest: client, environment: "orders", dag: "weather_sales", log: slog.New(slog.DiscardHandler)}
}

// sameHost takes the prefix env. away, which the SDK puts before the name of every host.
type sameHost struct {
	client *http.Client
	host   string
}

func (s sameHost) Do(r *http.Request) (*http.Response, error) {
	r.URL.Host = s.host
	return s.client.Do(r)
}

func landed(id, sequencer string) string {
	return `{"id": "` + id + `", "source": "aws.s3", "detail": {"bucket": {"name": "landing"}, "object": {"key": "raw/a b.csv", "sequencer": "` + sequencer + `"}}}`
}

func TestEachEventStartsOneRun(t *testing.T) {
	for _, test := range []struct {
		name   string
		events []string
		want   int
	}{
		{"the same event twice", []string{`{"id": "e-1", "source": "partner"}`, `{"id": "e-1", "source": "partner"}`}, 1},
		{"two events", []string{`{"id": "e-1"}`, `{"id": "e-2"}`}, 2},
		{"two events of one object", []string{landed("e-1", "005"), landed("e-2", "005")}, 1},
		{"an object that was replaced", []string{landed("e-1", "005"), landed("e-2", "006")}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			there := &environment{runs: map[string]map[string]any{}}
			starter := newStarter(t, there)
			for _, event := range test.events {
				if err := starter.handle(t.Context(), json.RawMessage(event)); err != nil {
					t.Fatal(err)
				}
			}
			if len(there.runs) != test.want {
				t.Errorf("got the runs %v, want %d", there.runs, test.want)
			}
		})
	}
}

func TestTheRunIsHandedTheEventAndNoLogicalDate(t *testing.T) {
	there := &environment{runs: map[string]map[string]any{}}
	if err := newStarter(t, there).handle(t.Context(), json.RawMessage(landed("e-1", "005"))); err != nil {
		t.Fatal(err)
	}
	for id, conf := range there.runs {
		object, _ := conf["event"].(map[string]any)["detail"].(map[string]any)["object"].(map[string]any)
		if object["key"] != "raw/a b.csv" || len(id) > 250 || strings.ContainsAny(id, " /") {
			t.Errorf("got the run %s with %v", id, conf)
		}
	}
	// Airflow 3 refuses a run whose logical date is left out; it has to be null.
	if !strings.Contains(there.bodies[0], `"logical_date":null`) {
		t.Errorf("got the call %s, want a logical date of null", there.bodies[0])
	}
}

func TestARunThatCannotBeStartedIsAnError(t *testing.T) {
	for _, test := range []struct {
		name, event string
		status      int
		want        string
	}{
		{"Airflow refuses", `{"id": "e-1"}`, http.StatusForbidden, "start the run event__e-1 of weather_sales: "},
		{"no event at all", `{"detail": {}}`, 0, "got an event without an id"},
		{"no JSON object", `[]`, 0, "read the event: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := newStarter(t, &environment{runs: map[string]map[string]any{}, status: test.status}).handle(t.Context(), json.RawMessage(test.event))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
