// Command starter starts a run of a DAG for each event that EventBridge delivers.
//
// Delivery is at least once. The run's id follows from the event, or from the object that the event tells of, and Airflow makes a second
// run of the same id never: a repeated event is answered with 409, which is a success here. The logical date stays empty: Airflow 3 lets
// no two runs of a DAG share one, and two events may come in the same second.
// Source: Amazon MWAA User Guide, "Using the Apache Airflow REST API"; Apache Airflow REST API v2, "Trigger Dag Run".
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/mwaa"
	"github.com/aws/aws-sdk-go-v2/service/mwaa/document"
	"github.com/aws/aws-sdk-go-v2/service/mwaa/types"
)

// rest is what is needed of MWAA.
type rest interface {
	InvokeRestApi(context.Context, *mwaa.InvokeRestApiInput, ...func(*mwaa.Options)) (*mwaa.InvokeRestApiOutput, error)
}

// starter knows the environment and the DAG.
type starter struct {
	rest        rest
	environment string
	dag         string
	log         *slog.Logger
}

// event is what EventBridge delivers, as far as it is looked at; the DAG is handed all of it.
type event struct {
	ID     string `json:"id"`
	Detail struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"`
			Version   string `json:"version-id"`
			Sequencer string `json:"sequencer"`
		} `json:"object"`
	} `json:"detail"`
}

// runID is the same for the same object, or else for the same event. S3 may tell of one object in two events, so the sequencer counts.
func (e *event) runID() string {
	if object := e.Detail.Object; object.Sequencer != "" {
		// A key may be longer than an id, which has at most 250 characters, and has characters that an id must not have.
		told := strings.Join([]string{e.Detail.Bucket.Name, object.Key, object.Version, object.Sequencer}, "\n")
		return fmt.Sprintf("object__%x", sha256.Sum256([]byte(told)))
	}
	return "event__" + e.ID
}

func (s *starter) handle(ctx context.Context, delivered json.RawMessage) error {
	var read event
	if err := json.Unmarshal(delivered, &read); err != nil {
		return fmt.Errorf("read the event: %w", err)
	}
	if read.ID == "" {
		return errors.New("got an event without an id, expected what EventBridge delivers")
	}
	var whole map[string]any
	if err := json.Unmarshal(delivered, &whole); err != nil {
		return fmt.Errorf("read the event: %w", err)
	}
	id := read.runID()
	_, err := s.rest.InvokeRestApi(ctx, &mwaa.InvokeRestApiInput{
		Name: &s.environment, Method: types.RestApiMethodPost, Path: aws.String("/dags/" + s.dag + "/dagRuns"),
		Body: document.NewLazyDocument(map[string]any{"dag_run_id": id, "logical_date": nil, "conf": map[string]any{"event": whole}}),
	})
	var refused *types.RestApiClientException
	switch {
	case errors.As(err, &refused) && aws.ToInt32(refused.RestApiStatusCode) == http.StatusConflict:
		s.log.Info("the run is there already", "run", id, "event", read.ID)
		return nil
	case err != nil:
		return fmt.Errorf("start the run %s of %s: %w", id, s.dag, err)
	}
	s.log.Info("started a run", "run", id, "event", read.ID)
	return nil
}

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "load the AWS configuration:", err)
		os.Exit(1)
	}
	s := &starter{
		rest: mwaa.NewFromConfig(settings), environment: os.Getenv("ENVIRONMENT"), dag: os.Getenv("DAG"),
		log: slog.New(slog.NewJSONHandler(os.Stdout, nil)),
	}
	if s.environment == "" || s.dag == "" {
		fmt.Fprintln(os.Stderr, "ENVIRONMENT or DAG is not set; expected the names of an MWAA environment and of a DAG")
		os.Exit(1)
	}
	lambda.Start(s.handle)
}
