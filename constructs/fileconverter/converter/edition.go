package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Edition is one version of a landed object: what a file's events, copies and reports are told apart by.
type Edition struct {
	Key       string `json:"key"`
	Version   string `json:"version"`
	ETag      string `json:"etag"`
	Sequencer string `json:"sequencer,omitempty"` // hexadecimal, from the event; a scan knows none
}

// Names of the user-defined metadata that an object carries about the edition it was made from.
const (
	metaVersion   = "landed-version"
	metaETag      = "landed-etag"
	metaSequencer = "landed-sequencer"
)

func (e Edition) metadata() map[string]string {
	return map[string]string{metaVersion: e.Version, metaETag: e.ETag, metaSequencer: e.Sequencer}
}

// same tells whether both are the same version of the same content.
func (e Edition) same(other Edition) bool { return e.Version == other.Version && e.ETag == other.ETag }

// mark is what an object of ours says that it was made from.
type mark struct {
	exists bool
	etag   string // of the object itself, for a conditional write
	from   Edition
}

// mark reads the metadata of an object in the curated bucket.
func (c *converter) mark(ctx context.Context, key string, of Edition) (mark, error) {
	head, err := c.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &c.curated, Key: &key})
	if missing(err) {
		return mark{}, nil
	}
	if err != nil {
		return mark{}, fmt.Errorf("look at s3://%s/%s: %w", c.curated, key, err)
	}
	return mark{exists: true, etag: aws.ToString(head.ETag), from: Edition{
		Key: of.Key, Version: head.Metadata[metaVersion], ETag: head.Metadata[metaETag], Sequencer: head.Metadata[metaSequencer],
	}}, nil
}

// relation of an edition to the one that an object was made from.
type relation int

const (
	newer relation = iota
	equal
	older
)

// compare places an edition against what is there. Sequencers order the versions of one key. A scan knows none, but reads what
// is current: then the current version is the newest, and any other has been superseded.
func (c *converter) compare(ctx context.Context, e Edition, there mark) (relation, error) {
	switch {
	case !there.exists:
		return newer, nil
	case e.same(there.from):
		return equal, nil
	case e.Sequencer != "" && there.from.Sequencer != "":
		if laterSequencer(e.Sequencer, there.from.Sequencer) {
			return newer, nil
		}
		return older, nil
	}
	current, err := c.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &c.landing, Key: &e.Key})
	if missing(err) {
		return older, nil // deleted since
	}
	if err != nil {
		return older, fmt.Errorf("look at s3://%s/%s: %w", c.landing, e.Key, err)
	}
	if e.same(Edition{Version: aws.ToString(current.VersionId), ETag: unquote(current.ETag)}) {
		return newer, nil
	}
	return older, nil
}

var hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f]+$`)

func checkSequencer(sequencer string) error {
	if !hexadecimal.MatchString(sequencer) {
		return fmt.Errorf("got the sequencer %.80q, expected a hexadecimal number", sequencer)
	}
	return nil
}

// laterSequencer compares two sequencers of one key: the shorter one is padded on the right with zeros, then the order is
// that of the text. Source: Amazon S3 User Guide, "Event message structure" (sequencer).
func laterSequencer(a, b string) bool {
	length := max(len(a), len(b))
	pad := func(s string) string { return strings.ToUpper(s) + strings.Repeat("0", length-len(s)) }
	return pad(a) > pad(b)
}

func unquote(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
