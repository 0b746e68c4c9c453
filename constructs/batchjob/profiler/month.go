package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"example.com/pipewright/constructs/weatherrows"
)

// metaLanded is the user-defined metadata that says from which files, in which versions, a profile was made.
const metaLanded = "landed"

// maxTries is how often a month is profiled anew because another job wrote its profile at the same time.
const maxTries = 3

// errConflict means that another job wrote the same profile in the meantime.
var errConflict = errors.New("another job wrote the same profile at the same time")

// month is the landed files of one month.
type month struct {
	name  string // YYYY-MM
	files []file // in the order of their keys
}

type file struct{ key, etag string }

// mark tells two states of the landed files apart.
func (m *month) mark() string {
	hash := sha256.New()
	for _, file := range m.files {
		fmt.Fprintf(hash, "%s\x00%s\x00", file.key, file.etag)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// key of the month's profile.
func (m *month) key() string { return "profiles/" + partition(m.name) + ".json" }

// partition is the folders of a month.
func partition(name string) string { return fmt.Sprintf("year=%s/month=%s", name[:4], name[5:]) }

// landed lists the files by month, in order; with only, those of that month alone. What lies elsewhere is left alone.
func (p *profiler) landed(ctx context.Context, only string) ([]*month, error) {
	prefix := p.prefix
	var months []*month
	byName := map[string]*month{}
	if only != "" {
		prefix += partition(only) + "/"
	}
	pages := s3.NewListObjectsV2Paginator(p.s3, &s3.ListObjectsV2Input{Bucket: &p.landing, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", p.landing, prefix, err)
		}
		for _, object := range page.Contents {
			key := aws.ToString(object.Key)
			name := p.monthOf(key)
			if name == "" || !strings.HasSuffix(key, ".csv") {
				continue
			}
			if byName[name] == nil {
				byName[name] = &month{name: name}
				months = append(months, byName[name])
			}
			byName[name].files = append(byName[name].files, file{key, aws.ToString(object.ETag)})
		}
	}
	return months, nil
}

// monthOf is the month of a key that has the folders of one right below the prefix; empty for any other key.
func (p *profiler) monthOf(key string) string {
	name := weatherrows.Month(key)
	if name == "" || !strings.HasPrefix(key, p.prefix+partition(name)+"/") {
		return ""
	}
	return name
}

// month writes the month's profile, unless it is there already, made from the same files. The profile and the mark of its files
// are one write, conditional on what was there: a job that is slow never overwrites what a later one made from newer files.
// Source: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes".
func (p *profiler) month(ctx context.Context, m *month) (wrote bool, err error) {
	for range maxTries {
		wrote, err = p.try(ctx, m)
		if !errors.Is(err, errConflict) {
			return wrote, err
		}
		again, listed := p.landed(ctx, m.name)
		if listed != nil || len(again) == 0 {
			return false, listed // the files are gone: nothing to say of them
		}
		m = again[0]
	}
	return false, err
}

func (p *profiler) try(ctx context.Context, m *month) (wrote bool, err error) {
	key, mark := m.key(), m.mark()
	there, err := p.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &p.curated, Key: &key})
	put := &s3.PutObjectInput{
		Bucket: &p.curated, Key: &key, ContentType: aws.String("application/json"), Metadata: map[string]string{metaLanded: mark},
	}
	switch {
	case is(err, "NotFound", "NoSuchKey"):
		put.IfNoneMatch = aws.String("*")
	case err != nil:
		return false, fmt.Errorf("look at s3://%s/%s: %w", p.curated, key, err)
	case there.Metadata[metaLanded] == mark:
		return false, nil
	default:
		put.IfMatch = there.ETag
	}
	profile, err := p.measure(ctx, m)
	if err != nil {
		return false, err
	}
	text, err := json.MarshalIndent(profile, "", "  ")
	if err != nil {
		return false, err
	}
	put.Body = bytes.NewReader(append(text, '\n'))
	_, err = p.s3.PutObject(ctx, put)
	switch {
	case is(err, "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"):
		return false, errConflict
	case err != nil:
		return false, fmt.Errorf("write s3://%s/%s: %w", p.curated, key, err)
	}
	p.log.Info("month", "month", m.name, "files", len(m.files), "rows", profile.Rows, "bad", profile.Bad, "refused", len(profile.Refused))
	return true, nil
}

// measure reads the files one after another. Each is read in the version that was listed, so that the mark tells the truth.
func (p *profiler) measure(ctx context.Context, m *month) (*Profile, error) {
	profile := newProfile(m.name)
	for _, file := range m.files {
		object, err := p.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &p.landing, Key: &file.key, IfMatch: &file.etag})
		if is(err, "PreconditionFailed", "NoSuchKey") {
			return nil, errConflict // replaced or deleted since it was listed
		}
		if err != nil {
			return nil, fmt.Errorf("read s3://%s/%s: %w", p.landing, file.key, err)
		}
		err = profile.add(file.key, object.Body)
		_ = object.Body.Close() // only read
		if err != nil {
			return nil, fmt.Errorf("read s3://%s/%s: %w", p.landing, file.key, err)
		}
	}
	return profile, nil
}

// is reports whether S3 answered with one of the codes. A HEAD has no body, and so no code but NotFound.
func is(err error, codes ...string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	for _, code := range codes {
		if api.ErrorCode() == code {
			return true
		}
	}
	return false
}
