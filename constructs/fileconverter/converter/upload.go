package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// partBytes is the size of a part of a large object: with it, 10,000 parts hold 78 GiB.
// Source: Amazon S3 User Guide, "Amazon S3 multipart upload limits" (5 MiB to 5 GiB a part, 10,000 parts), read 2026-11.
const partBytes = 8 << 20

// upload is an object in the curated bucket that is being written. Nobody sees any of it before commit, which succeeds only if
// the object is still as it was when the upload began. It keeps one part in memory.
type upload struct {
	ctx         context.Context // an io.Writer cannot be given one with each write
	s3          *s3.Client
	bucket, key string
	contentType string
	metadata    map[string]string
	there       mark // what is to be replaced
	anyway      bool // whatever is there
	buffer      bytes.Buffer
	id          string // of the multipart upload; empty until the second part begins
	parts       []types.CompletedPart
}

func (c *converter) newUpload(ctx context.Context, key string, from Edition, there mark) *upload {
	return &upload{
		ctx: ctx, s3: c.s3, bucket: c.curated, key: key, contentType: "application/x-ndjson", metadata: from.metadata(), there: there,
	}
}

func (u *upload) empty() bool { return u.buffer.Len() == 0 && u.id == "" }

// Write implements io.Writer.
func (u *upload) Write(data []byte) (int, error) {
	_, _ = u.buffer.Write(data) // never fails
	if u.buffer.Len() < partBytes {
		return len(data), nil
	}
	return len(data), u.flush()
}

// flush sends what is in the buffer as one part.
func (u *upload) flush() error {
	if u.id == "" {
		begun, err := u.s3.CreateMultipartUpload(u.ctx, &s3.CreateMultipartUploadInput{
			Bucket: &u.bucket, Key: &u.key, ContentType: &u.contentType, Metadata: u.metadata,
		})
		if err != nil {
			return u.failed(err)
		}
		u.id = aws.ToString(begun.UploadId)
	}
	number := aws.Int32(int32(len(u.parts) + 1)) // at most 10,000
	sent, err := u.s3.UploadPart(u.ctx, &s3.UploadPartInput{
		Bucket: &u.bucket, Key: &u.key, UploadId: &u.id, PartNumber: number, Body: bytes.NewReader(u.buffer.Bytes()),
	})
	if err != nil {
		return u.failed(err)
	}
	u.parts = append(u.parts, types.CompletedPart{
		PartNumber: number, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32, ChecksumCRC64NVME: sent.ChecksumCRC64NVME,
	})
	u.buffer.Reset()
	return nil
}

// condition is what must still be true of the object: that there is none, or that it is the one we know.
func (u *upload) condition() (ifMatch, ifNoneMatch *string) {
	switch {
	case u.anyway:
		return nil, nil
	case u.there.exists:
		return &u.there.etag, nil
	}
	return nil, aws.String("*")
}

func (u *upload) commit() error {
	ifMatch, ifNoneMatch := u.condition()
	if u.id == "" {
		_, err := u.s3.PutObject(u.ctx, &s3.PutObjectInput{
			Bucket: &u.bucket, Key: &u.key, Body: bytes.NewReader(u.buffer.Bytes()), ContentType: &u.contentType, Metadata: u.metadata,
			IfMatch: ifMatch, IfNoneMatch: ifNoneMatch,
		})
		return u.failed(err)
	}
	if u.buffer.Len() > 0 {
		if err := u.flush(); err != nil {
			return err
		}
	}
	_, err := u.s3.CompleteMultipartUpload(u.ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &u.bucket, Key: &u.key, UploadId: &u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
		IfMatch: ifMatch, IfNoneMatch: ifNoneMatch,
	})
	if err == nil {
		u.id = ""
	}
	return u.failed(err)
}

// abort ends a multipart upload that was not committed. If it cannot, the bucket's lifecycle does after a day.
func (u *upload) abort() {
	if u.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), reserve/2)
	defer cancel()
	_, _ = u.s3.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &u.bucket, Key: &u.key, UploadId: &u.id}) // see above
}

// failed tells a lost race from other errors. An object that is gone when it should match is one too.
func (u *upload) failed(err error) error {
	if err == nil {
		return nil
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		switch code := api.ErrorCode(); {
		case code == "PreconditionFailed", code == "ConditionalRequestConflict", code == "NoSuchKey" && u.there.exists:
			return errConflict
		}
	}
	return fmt.Errorf("write s3://%s/%s: %w", u.bucket, u.key, err)
}

// missing tells whether S3 has no such object or no such version of it. A HEAD has no body, and so no code but its status.
func missing(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	switch api.ErrorCode() {
	case "NoSuchKey", "NotFound", "NoSuchVersion":
		return true
	}
	return false
}
