package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// S3Unavailable is the error that is worth a retry. Its type's name is the error name that Step Functions sees.
// Source: AWS Lambda Developer Guide, "Error handling for Go functions" (errorType).
type S3Unavailable struct{ cause error }

func (e *S3Unavailable) Error() string { return "S3 could not be read: " + e.cause.Error() }
func (e *S3Unavailable) Unwrap() error { return e.cause }

// S3Denied means that the function's role lacks a permission: no retry mends that.
type S3Denied struct{ message string }

func (e *S3Denied) Error() string { return e.message }

type bucketReader struct{ client *s3.Client }

func newBucketReader(settings aws.Config) *bucketReader {
	return &bucketReader{s3.NewFromConfig(settings, func(options *s3.Options) {
		// A local S3 has no host names for buckets.
		options.UsePathStyle = os.Getenv("AWS_ENDPOINT_URL") != "" || os.Getenv("AWS_ENDPOINT_URL_S3") != ""
	})}
}

// Head implements objects with one ranged GET.
func (b *bucketReader) Head(ctx context.Context, bucket, key string, limit int64) (Head, error) {
	output, err := b.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &bucket, Key: &key, Range: aws.String("bytes=0-" + strconv.FormatInt(limit-1, 10)),
	})
	if err != nil {
		if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "InvalidRange" {
			return b.empty(ctx, bucket, key)
		}
		return failed(err, bucket, key)
	}
	defer func() { _ = output.Body.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(output.Body, limit))
	if err != nil {
		return Head{}, &S3Unavailable{err}
	}
	size := int64(len(data))
	if _, total, ok := strings.Cut(aws.ToString(output.ContentRange), "/"); ok {
		if size, err = strconv.ParseInt(total, 10, 64); err != nil {
			return Head{}, fmt.Errorf("got the content range %q of s3://%s/%s, expected bytes a-b/size", aws.ToString(output.ContentRange), bucket, key)
		}
	}
	return Head{
		Data: data, Size: size, ETag: strings.Trim(aws.ToString(output.ETag), `"`), Version: aws.ToString(output.VersionId),
	}, nil
}

// empty is the head of an object that has no first byte. S3's refusal of the range does not say which version that is.
func (b *bucketReader) empty(ctx context.Context, bucket, key string) (Head, error) {
	output, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	switch {
	case err != nil:
		return failed(err, bucket, key)
	case aws.ToInt64(output.ContentLength) != 0:
		return Head{}, &S3Unavailable{errors.New("the object was replaced while it was read")}
	}
	return Head{ETag: strings.Trim(aws.ToString(output.ETag), `"`), Version: aws.ToString(output.VersionId)}, nil
}

func failed(err error, bucket, key string) (Head, error) {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		switch api.ErrorCode() {
		case "NoSuchKey", "NotFound":
			return Head{Missing: true}, nil
		case "AccessDenied", "Forbidden":
			return Head{}, &S3Denied{fmt.Sprintf("s3:GetObject on s3://%s/%s was denied to the function's role: %s", bucket, key, api.ErrorMessage())}
		}
	}
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	if ok && response.HTTPStatusCode() < 500 && response.HTTPStatusCode() != 429 {
		return Head{}, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	return Head{}, &S3Unavailable{err}
}
