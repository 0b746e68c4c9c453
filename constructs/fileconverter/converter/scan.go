package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	// workers is how many files a scan converts at once. Each keeps a part of its data and one of its quarantine in memory.
	workers = 8
	// toldErrors is how many errors of a scan are told one by one.
	toldErrors = 10
)

// Summary is the function's output: how many files had which outcome.
type Summary struct {
	Converted int `json:"converted"`
	Refused   int `json:"refused"`
	Unchanged int `json:"unchanged"` // also repeated, superseded and deleted ones
	Failed    int `json:"failed"`
}

func (s *Summary) count(report Report, err error) {
	switch {
	case err != nil:
		s.Failed++
	case report.Outcome == Converted:
		s.Converted++
	case report.Outcome == Refused:
		s.Refused++
	default:
		s.Unchanged++
	}
}

// scan converts every file under the prefix whose report is not about its current version. A file that fails does not hold up
// the others. Whatever is not done when the time is up is an error, so that Lambda calls again, and the next call goes on from there.
// Each file costs a HEAD request, changed or not; with many thousands of files, start by object instead.
//
// The start is the time of a schedule or the id of an event. The log has it, and it decides nothing: a start that is repeated finds
// nothing changed, and two at once write conditionally, so a table of the ids that have been seen would keep nothing from happening twice.
func (c *converter) scan(ctx context.Context, start string) (Summary, error) {
	run := scanRun{converter: c, slots: make(chan struct{}, workers)}
	pages := s3.NewListObjectsV2Paginator(c.s3, &s3.ListObjectsV2Input{Bucket: &c.landing, Prefix: &c.prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			run.add(Report{}, fmt.Errorf("list s3://%s/%s: %w", c.landing, c.prefix, err))
			break
		}
		for _, object := range page.Contents {
			if c.isFile(aws.ToString(object.Key)) {
				run.start(ctx, object)
			}
		}
	}
	run.group.Wait()
	c.log.Info("scan", "start", start, "converted", run.summary.Converted, "refused", run.summary.Refused,
		"unchanged", run.summary.Unchanged, "failed", run.summary.Failed)
	if more := run.summary.Failed - len(run.errors); more > 0 {
		run.errors = append(run.errors, fmt.Errorf("and %d more", more))
	}
	if err := errors.Join(run.errors...); err != nil {
		return run.summary, &NotConverted{err}
	}
	return run.summary, nil
}

// scanRun is one scan under way.
type scanRun struct {
	*converter
	slots   chan struct{}
	group   sync.WaitGroup
	mutex   sync.Mutex
	summary Summary
	errors  []error
}

func (r *scanRun) start(ctx context.Context, object types.Object) {
	r.slots <- struct{}{}
	r.group.Go(func() {
		defer func() { <-r.slots }()
		report, err := r.changed(ctx, object)
		r.add(report, err)
	})
}

func (r *scanRun) add(report Report, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.summary.count(report, err)
	if err != nil && len(r.errors) < toldErrors {
		r.errors = append(r.errors, err)
	}
}

// changed converts a file unless its report is about what is there now.
func (c *converter) changed(ctx context.Context, object types.Object) (Report, error) {
	e := Edition{Key: aws.ToString(object.Key)}
	keys, err := c.derive(Edition{Key: e.Key, ETag: unquote(object.ETag)})
	if err != nil {
		return Report{}, fmt.Errorf("s3://%s/%s: %w", c.landing, e.Key, err)
	}
	reported, err := c.mark(ctx, keys.report, e)
	if err != nil {
		return Report{}, err
	}
	if reported.exists && reported.from.ETag == unquote(object.ETag) {
		return Report{Edition: e, Outcome: Repeated}, nil
	}
	return c.convert(ctx, e)
}
