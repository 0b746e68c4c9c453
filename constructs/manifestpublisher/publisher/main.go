// Command publisher is the Lambda function that says what a run has written: published/runs/EXECUTION.json, and
// published/latest.json for whoever asks only for the newest.
//
// What a run has written is what has changed under the prefix since it started. Runs that overlap may both name an object, but
// none is ever left out: readers must bear to read one twice. It writes nothing but manifests and deletes nothing.
// Source: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes".
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// maxName is the longest name of an execution. Source: AWS Step Functions API Reference, StartExecution.name, read 2026-11.
const maxName = 80

// Run is the function's input: what Step Functions knows of the execution.
type Run struct {
	Execution string    `json:"execution"` // its name
	Started   time.Time `json:"started"`
}

// Publication is the function's output. It is small, however much was written.
type Publication struct {
	Manifest string `json:"manifest"` // key, in the bucket
	Files    int    `json:"files"`
	Bytes    int64  `json:"bytes"`
	Latest   bool   `json:"latest"` // published/latest.json is this one
}

// NotPublished is the error that is worth a retry. Its type's name is the error name that Step Functions sees.
// Source: AWS Lambda Developer Guide, "Error handling for Go functions" (errorType).
type NotPublished struct{ cause error }

func (e *NotPublished) Error() string {
	return "the manifest could not be published: " + e.cause.Error()
}
func (e *NotPublished) Unwrap() error { return e.cause }

type publisher struct {
	s3     *s3.Client
	bucket string
	prefix string // of the objects that runs write
}

func (p *publisher) handle(ctx context.Context, run Run) (Publication, error) {
	if run.Execution == "" || len(run.Execution) > maxName || strings.Contains(run.Execution, "/") || run.Started.IsZero() {
		return Publication{}, fmt.Errorf("got the execution %.100q started %s, expected the name of one and its start", run.Execution, run.Started)
	}
	publication, err := p.publish(ctx, run)
	if err != nil {
		return Publication{}, &NotPublished{err}
	}
	return publication, nil
}

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "load the AWS configuration:", err)
		os.Exit(1)
	}
	p := newPublisher(settings)
	if p.bucket == "" || p.prefix == "" {
		fmt.Fprintln(os.Stderr, "BUCKET or PREFIX is not set; expected a bucket's name and what the keys of written objects begin with")
		os.Exit(1)
	}
	lambda.Start(p.handle)
}

func newPublisher(settings aws.Config) *publisher {
	client := s3.NewFromConfig(settings, func(options *s3.Options) {
		// A local S3 has no host names for buckets.
		options.UsePathStyle = os.Getenv("AWS_ENDPOINT_URL") != "" || os.Getenv("AWS_ENDPOINT_URL_S3") != ""
	})
	return &publisher{s3: client, bucket: os.Getenv("BUCKET"), prefix: os.Getenv("PREFIX")}
}
