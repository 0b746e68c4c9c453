package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

const (
	runs   = "published/runs/"
	latest = "published/latest.json"

	// maxTries is how often the latest manifest is compared anew because another run replaced it at the same time.
	maxTries = 5
)

// Manifest says what a run has written.
type Manifest struct {
	Run
	Bucket string `json:"bucket"`
	Files  []File `json:"files"` // by key
}

// File is one object that has changed since the run started.
type File struct {
	Key      string    `json:"key"`
	Size     int64     `json:"size"` // bytes
	ETag     string    `json:"etag"`
	Modified time.Time `json:"modified"`
}

// errConflict means that another invocation wrote the same object in the meantime.
var errConflict = errors.New("another run wrote the same object at the same time")

// publish writes the manifest of a run, once: the one that is there counts, however often it is asked for. Then it makes it the
// latest one, unless that is of a run that started later, or there is nothing in it.
func (p *publisher) publish(ctx context.Context, run Run) (Publication, error) {
	key := runs + run.Execution + ".json"
	manifest, _, err := p.read(ctx, key)
	if err == nil && manifest == nil {
		manifest, err = p.first(ctx, key, run)
	}
	if err != nil {
		return Publication{}, err
	}
	publication := Publication{Manifest: key, Files: len(manifest.Files)}
	for _, file := range manifest.Files {
		publication.Bytes += file.Size
	}
	if len(manifest.Files) > 0 {
		publication.Latest, err = p.makeLatest(ctx, manifest)
	}
	return publication, err
}

// first writes a manifest that is not there yet, or reads the one that another invocation has written since.
func (p *publisher) first(ctx context.Context, key string, run Run) (*Manifest, error) {
	files, err := p.written(ctx, run.Started)
	if err != nil {
		return nil, err
	}
	manifest := &Manifest{Run: run, Bucket: p.bucket, Files: files}
	if err = p.write(ctx, key, manifest, ""); errors.Is(err, errConflict) {
		manifest, _, err = p.read(ctx, key)
	}
	if err == nil && manifest == nil {
		err = fmt.Errorf("s3://%s/%s was there and is gone", p.bucket, key)
	}
	return manifest, err
}

// written lists what has changed since, by key. S3 keeps whole seconds.
func (p *publisher) written(ctx context.Context, since time.Time) ([]File, error) {
	files := []File{}
	pages := s3.NewListObjectsV2Paginator(p.s3, &s3.ListObjectsV2Input{Bucket: &p.bucket, Prefix: &p.prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", p.bucket, p.prefix, err)
		}
		for _, object := range page.Contents {
			if modified := aws.ToTime(object.LastModified); !modified.Before(since.Truncate(time.Second)) {
				files = append(files, File{aws.ToString(object.Key), aws.ToInt64(object.Size), aws.ToString(object.ETag), modified})
			}
		}
	}
	return files, nil
}

// makeLatest tells whether the manifest is the latest one afterwards.
func (p *publisher) makeLatest(ctx context.Context, manifest *Manifest) (bool, error) {
	for range maxTries {
		there, etag, err := p.read(ctx, latest)
		switch {
		case err != nil:
			return false, err
		case there != nil && there.Execution == manifest.Execution:
			return true, nil
		case there != nil && there.Started.After(manifest.Started):
			return false, nil
		}
		if err = p.write(ctx, latest, manifest, etag); !errors.Is(err, errConflict) {
			return err == nil, err
		}
	}
	return false, fmt.Errorf("write s3://%s/%s: %w, %d times", p.bucket, latest, errConflict, maxTries)
}

// read returns a manifest and its ETag, or nil when there is none.
func (p *publisher) read(ctx context.Context, key string) (*Manifest, string, error) {
	object, err := p.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &p.bucket, Key: &key})
	if hasCode(err, "NoSuchKey") {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read s3://%s/%s: %w", p.bucket, key, err)
	}
	defer func() { _ = object.Body.Close() }() // only read
	var manifest Manifest
	if err := json.NewDecoder(object.Body).Decode(&manifest); err != nil {
		return nil, "", fmt.Errorf("read s3://%s/%s: %w", p.bucket, key, err)
	}
	return &manifest, aws.ToString(object.ETag), nil
}

// write replaces the object with that ETag, or without one makes an object that must not be there yet.
func (p *publisher) write(ctx context.Context, key string, manifest *Manifest, etag string) error {
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	input := &s3.PutObjectInput{
		Bucket: &p.bucket, Key: &key, Body: bytes.NewReader(text), ContentType: aws.String("application/json"), IfNoneMatch: aws.String("*"),
	}
	if etag != "" {
		input.IfMatch, input.IfNoneMatch = &etag, nil
	}
	_, err = p.s3.PutObject(ctx, input)
	if hasCode(err, "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey") {
		return errConflict
	}
	if err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", p.bucket, key, err)
	}
	return nil
}

func hasCode(err error, codes ...string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	for _, code := range codes {
		if ok && api.ErrorCode() == code {
			return true
		}
	}
	return false
}
