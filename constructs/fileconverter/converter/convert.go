package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/pipewright/constructs/weatherrows"
)

// maxBytes is the largest file that is converted: 2 GiB. On one core BenchmarkRows does more than 25 MB/s, so the rows take about 80
// seconds, and three times as much is sent to S3 as is read: 15 minutes leave room for a slow day. Larger files are a Glue
// job's business. Source: AWS Lambda Developer Guide, "Lambda quotas" (timeout 900 seconds), read 2026-11.
const maxBytes = 2 << 30

// maxKey is the longest key of S3, in bytes. Source: Amazon S3 User Guide, "Naming Amazon S3 objects".
const maxKey = 1024

// maxTries is how often a file is converted anew because another invocation wrote at the same time.
const maxTries = 3

// Outcomes of a file.
const (
	Converted  = "converted"
	Refused    = "refused"    // it cannot be used; Problem says why
	Repeated   = "repeated"   // the same event again: done before
	Superseded = "superseded" // a newer version of the file was there first
	Gone       = "gone"       // deleted before it could be read
)

// Report says what became of a file. The one of a converted or refused file is kept under reports/.
type Report struct {
	Edition
	Outcome    string               `json:"outcome"`
	Good       int                  `json:"good"`
	Bad        int                  `json:"bad"`
	Data       string               `json:"data,omitempty"`       // key of the good rows, in the curated bucket
	Quarantine string               `json:"quarantine,omitempty"` // key of the bad rows
	Problem    *weatherrows.Problem `json:"problem,omitempty"`
}

// errConflict means that another invocation wrote the same object in the meantime.
var errConflict = errors.New("another invocation wrote the same object at the same time")

// NotConverted is the error that is worth another try: S3 could not be asked, or the time was up. Its type's name is the error name
// that Step Functions sees. Source: AWS Lambda Developer Guide, "Error handling for Go functions" (errorType).
type NotConverted struct{ cause error }

func (e *NotConverted) Error() string { return e.cause.Error() }
func (e *NotConverted) Unwrap() error { return e.cause }

// convert makes of one edition of a file what is to be made of it, once, however often and in which order it is asked to.
//
// What was made carries the sequencer of what it was made from as metadata, and is written only if the object is still the one
// that was compared with (If-Match, If-None-Match). So data and mark are one atomic write: there is no moment between them to
// crash in, and an older sequencer never overwrites a newer one. A table beside the bucket would need both a moment between
// and an expiry after which an old event counts as new; it would also be a second service to pay and to permit.
// The report comes last: as long as it is missing, the same event does the rest.
// Source: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes"
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html), "Amazon S3 data consistency model".
func (c *converter) convert(ctx context.Context, e Edition) (Report, error) {
	var report Report
	var err error
	for range maxTries {
		if report, err = c.try(ctx, e); !errors.Is(err, errConflict) {
			break
		}
	}
	if err != nil {
		return Report{Edition: e}, &NotConverted{fmt.Errorf("convert s3://%s/%s: %w", c.landing, e.Key, err)}
	}
	c.log.Info("file", "outcome", report.Outcome, "key", report.Key, "version", report.Version, "sequencer", report.Sequencer,
		"good", report.Good, "bad", report.Bad, "problem", report.Problem)
	return report, nil
}

func (c *converter) try(ctx context.Context, e Edition) (Report, error) {
	file, err := c.open(ctx, e)
	if missing(err) {
		return Report{Edition: e, Outcome: Gone}, nil
	}
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = file.Body.Close() }() // only read
	e.Version, e.ETag = aws.ToString(file.VersionId), unquote(file.ETag)

	keys, err := c.derive(e)
	if err != nil {
		return Report{}, err
	}
	reported, err := c.mark(ctx, keys.report, e)
	if err != nil {
		return Report{}, err
	}
	how, err := c.compare(ctx, e, reported)
	switch {
	case err != nil:
		return Report{}, err
	case how == equal:
		return Report{Edition: e, Outcome: Repeated}, nil
	case how == older:
		return Report{Edition: e, Outcome: Superseded}, nil
	}
	report, err := c.write(ctx, e, keys, file)
	if err != nil || report.Outcome == Superseded {
		return report, err
	}
	text, err := json.Marshal(report)
	if err != nil {
		return Report{}, err
	}
	return report, c.put(ctx, keys.report, "application/json", e, reported, text)
}

// open reads the version that the edition names, or the current one.
func (c *converter) open(ctx context.Context, e Edition) (*s3.GetObjectOutput, error) {
	input := &s3.GetObjectInput{Bucket: &c.landing, Key: &e.Key}
	if e.Version != "" {
		input.VersionId = &e.Version
	}
	return c.s3.GetObject(ctx, input)
}

// derived are the keys of what is made of a file. Each differs for each landed key. The quarantine is one for each version:
// what was wrong with an older one stays, and nothing of it needs an order.
type derived struct{ data, quarantine, report string }

func (c *converter) derive(e Edition) (derived, error) {
	below := e.Key[len(c.prefix):]
	version := e.Version
	if version == "" {
		version = e.ETag
	}
	made := derived{data: "data/" + below + ".jsonl", quarantine: "quarantine/" + below + "/" + version + ".jsonl", report: "reports/" + below}
	if length := max(len(made.quarantine), len(made.data)); length > maxKey {
		return derived{}, fmt.Errorf("what is made of it would have a key of %d bytes, S3 accepts %d: shorten the landed key", length, maxKey)
	}
	return made, nil
}

// write streams the file into its data and its quarantine, and makes both visible: first the quarantine, then the data.
func (c *converter) write(ctx context.Context, e Edition, keys derived, file *s3.GetObjectOutput) (Report, error) {
	there, err := c.mark(ctx, keys.data, e)
	if err != nil {
		return Report{}, err
	}
	how, err := c.compare(ctx, e, there)
	if err != nil || how == older {
		return Report{Edition: e, Outcome: Superseded}, err
	}
	data, bad := c.newUpload(ctx, keys.data, e, there), c.newUpload(ctx, keys.quarantine, e, mark{})
	bad.anyway = true // the same version has the same bad rows
	defer data.abort()
	defer bad.abort()
	var good io.Writer = data
	if how == equal { // written before, by an invocation that did not get as far as its report
		good = io.Discard
	}
	report := Report{Edition: e}
	if size := aws.ToInt64(file.ContentLength); size > maxBytes {
		report.Problem = &weatherrows.Problem{Code: "TooLarge", Message: fmt.Sprintf("the file has %d bytes, at most %d are converted", size, int64(maxBytes))}
	} else if report.Good, report.Bad, report.Problem, err = convertRows(file.Body, e.Key, good, bad); err != nil {
		return Report{}, err
	}
	if report.Problem != nil {
		if err := json.NewEncoder(bad).Encode(weatherrows.BadRow{Reason: report.Problem.Code + ": " + report.Problem.Message}); err != nil {
			return Report{}, err
		}
	}
	if !bad.empty() {
		report.Quarantine = keys.quarantine
		if err := bad.commit(); err != nil {
			return Report{}, err
		}
	}
	if report.Problem != nil {
		report.Outcome = Refused // what an earlier version gave stays
		return report, nil
	}
	report.Outcome, report.Data = Converted, keys.data
	if how == equal {
		return report, nil
	}
	return report, data.commit()
}

// put writes a small object in one piece.
func (c *converter) put(ctx context.Context, key, contentType string, e Edition, there mark, data []byte) error {
	small := c.newUpload(ctx, key, e, there)
	small.contentType = contentType
	if _, err := small.Write(data); err != nil {
		return err
	}
	return small.commit()
}
