// Command converter is the Lambda function that turns one landed CSV file of daily weather into JSON Lines with typed values.
//
// Good rows go to data/, bad rows with the reason to quarantine/, and what became of the file to reports/. An unusable file is
// an answer ("refused", in its report and as a metric), not an error: no retry mends it. An error means that S3 could not be
// asked, and is worth another try: Lambda tries the same event twice more and then keeps it, and so does a state machine.
//
// Files are streamed: memory does not grow with the file, and /tmp is not used. It removes no duplicates, which would take memory.
// Source: AWS Lambda Developer Guide, "Define Lambda function handlers in Go", "How Lambda handles errors and retries with
// asynchronous invocation".
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// reserve is kept back of the function's timeout, to end uploads that would otherwise be billed until they expire.
const reserve = 10 * time.Second

// Event is the function's input: an event of EventBridge, or what a schedule or a command sends. If it names an object, that object
// is converted, and otherwise everything that has changed: nobody but its sender knows what else an event says.
// Source: Amazon EventBridge User Guide, "AWS service event metadata"; Amazon S3 User Guide, "EventBridge event message structure".
type Event struct {
	ID        string          `json:"id"`
	Detail    json.RawMessage `json:"detail"`    // of any shape
	Scheduled string          `json:"scheduled"` // when the schedule meant to start
}

// Detail says which object landed. The key is not URL-encoded.
type Detail struct {
	Bucket struct {
		Name string `json:"name"`
	} `json:"bucket"`
	Object struct {
		Key       string `json:"key"`
		Version   string `json:"version-id"`
		Sequencer string `json:"sequencer"`
	} `json:"object"`
}

// converter holds where files come from and where they go.
type converter struct {
	s3             *s3.Client
	landing        string // bucket
	prefix, suffix string // of the keys that are files
	curated        string // bucket
	log            *slog.Logger
}

func (c *converter) handle(ctx context.Context, event Event) (Summary, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, deadline.Add(-reserve), errOutOfTime)
		defer cancel()
	}
	var summary Summary
	var err error
	switch object := event.object(); {
	case object != nil:
		var report Report
		report, err = c.landed(ctx, object)
		summary.count(report, err)
	case event.Scheduled != "":
		summary, err = c.scan(ctx, event.Scheduled)
	case event.ID != "" && event.Detail != nil:
		summary, err = c.scan(ctx, event.ID)
	default:
		err = errors.New(`got neither "id" and "detail" nor "scheduled", expected an event from EventBridge or {"scheduled": TIME}`)
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = &NotConverted{fmt.Errorf("%w: %w", cause, err)}
	}
	return summary, err
}

var errOutOfTime = errors.New("the function's time is nearly used up")

// object is what an event says of an object; nil if it names none. What has the shape of S3's events is taken for one, whoever sent it.
func (e Event) object() *Detail {
	var detail Detail
	if json.Unmarshal(e.Detail, &detail) != nil || detail.Bucket.Name == "" || detail.Object.Key == "" {
		return nil
	}
	return &detail
}

// landed converts the version of an object that an event names.
func (c *converter) landed(ctx context.Context, detail *Detail) (Report, error) {
	object := detail.Object
	if detail.Bucket.Name != c.landing || !c.isFile(object.Key) {
		return Report{}, fmt.Errorf("got s3://%s/%s, expected a file s3://%s/%s*%s", detail.Bucket.Name, object.Key, c.landing, c.prefix, c.suffix)
	}
	if err := checkSequencer(object.Sequencer); err != nil {
		return Report{}, fmt.Errorf("event of s3://%s/%s: %w", c.landing, object.Key, err)
	}
	return c.convert(ctx, Edition{Key: object.Key, Version: object.Version, Sequencer: object.Sequencer})
}

// isFile leaves out the empty objects that the S3 console makes for folders.
func (c *converter) isFile(key string) bool {
	return strings.HasPrefix(key, c.prefix) && strings.HasSuffix(key, c.suffix) && !strings.HasSuffix(key, "/")
}

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "load the AWS configuration:", err)
		os.Exit(1)
	}
	c := newConverter(settings)
	if c.landing == "" || c.curated == "" {
		fmt.Fprintln(os.Stderr, "LANDING or CURATED is not set; expected the names of two buckets")
		os.Exit(1)
	}
	lambda.Start(c.handle)
}

func newConverter(settings aws.Config) *converter {
	client := s3.NewFromConfig(settings, func(options *s3.Options) {
		// A local S3 has no host names for buckets.
		options.UsePathStyle = os.Getenv("AWS_ENDPOINT_URL") != "" || os.Getenv("AWS_ENDPOINT_URL_S3") != ""
	})
	return &converter{
		s3: client, landing: os.Getenv("LANDING"), prefix: os.Getenv("PREFIX"), suffix: os.Getenv("SUFFIX"), curated: os.Getenv("CURATED"),
		log: slog.New(slog.NewJSONHandler(os.Stdout, nil)),
	}
}
