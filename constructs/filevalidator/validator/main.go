// Command validator is the Lambda function that looks at one landed CSV file before anything is spent on it.
//
// An invalid file is an answer: {"valid": false, "problems": [...]}. An error means that S3 could not be asked; the state machine retries
// the error S3Unavailable and no other. It reads the beginning of the file alone, so its memory does not grow with the file.
// Source: AWS Lambda Developer Guide, "Define Lambda function handlers in Go".
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
)

// headBytes is how much of a file is looked at: many times what a header and the sample take.
const headBytes = 256 << 10

// File is what the event of S3 says of the object, and the function's input. The key is not URL-encoded: EventBridge
// delivers it as it is. Source: Amazon S3 User Guide, "EventBridge event message structure".
type File struct {
	Bucket    string `json:"bucket"`
	Key       string `json:"key"`
	Size      int64  `json:"size"`      // bytes
	Sequencer string `json:"sequencer"` // orders the events of one key
}

// Verdict is the function's output: what is wrong with the file, if anything.
type Verdict struct {
	File
	Valid       bool      `json:"valid"`
	Partition   string    `json:"partition"` // year=YYYY/month=MM
	ETag        string    `json:"etag"`
	Version     string    `json:"version"` // the one that was looked at
	RowsSampled int       `json:"rows_sampled"`
	Problems    []Problem `json:"problems"` // empty when valid
}

// objects is what the function needs of S3.
type objects interface {
	// Head returns at most limit bytes from the object's beginning, and its size and ETag.
	Head(ctx context.Context, bucket, key string, limit int64) (Head, error)
}

// Head is the beginning of an object. Missing says that there is no such object.
type Head struct {
	Missing bool
	Data    []byte
	Size    int64 // bytes of the whole object
	ETag    string
	Version string
}

type function struct {
	objects objects
	rules   Rules
}

func (f *function) validate(ctx context.Context, file File) (Verdict, error) {
	if file.Bucket == "" || file.Key == "" {
		return Verdict{}, fmt.Errorf("got bucket %q and key %q, expected both, from the event's detail", file.Bucket, file.Key)
	}
	head, err := f.objects.Head(ctx, file.Bucket, file.Key, headBytes)
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{File: file, ETag: head.ETag, Version: head.Version, Problems: []Problem{}}
	if head.Missing {
		verdict.Problems = append(verdict.Problems, Problem{"ObjectMissing", "the object is gone: it was deleted or replaced after its event"})
		return verdict, nil
	}
	verdict.Size = head.Size
	verdict.Partition, verdict.RowsSampled, verdict.Problems = f.rules.Check(file.Key, head)
	verdict.Valid = len(verdict.Problems) == 0
	return verdict, nil
}

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "load the AWS configuration:", err)
		os.Exit(1)
	}
	header := os.Getenv("HEADER")
	if header == "" {
		fmt.Fprintln(os.Stderr, "HEADER is not set; expected the column names that a file begins with, separated by commas")
		os.Exit(1)
	}
	fn := &function{objects: newBucketReader(settings), rules: Rules{Header: strings.Split(header, ",")}}
	lambda.Start(fn.validate)
}
