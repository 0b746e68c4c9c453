// Command uploader is a custom resource of CloudFormation: it puts the files in its own package into a bucket.
//
// A file that is there already with the same content is left alone, so that its version stays what it was. A file that an earlier deployment
// put there, and that is no more, is removed. Whatever else is in the bucket is not touched.
// Source: AWS CloudFormation User Guide, "Custom resource request objects", "Custom resource response objects".
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// attempts outlast the seconds that a new role takes to be known everywhere.
const attempts = 8

// properties of the resource, as the template has them.
type properties struct {
	Bucket   string
	Files    map[string]string // SHA-256 by key
	Versions map[string]string // key by the attribute that names its version
}

// store is what is needed of S3.
type store interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

// uploader has the files in a folder.
type uploader struct {
	store  store
	folder string
}

// handle answers with the versions. The physical id is the bucket: another one is another resource.
func (u *uploader) handle(ctx context.Context, event cfn.Event) (id string, data map[string]any, err error) {
	wanted, err := parse(event.ResourceProperties)
	if err != nil {
		return event.PhysicalResourceID, nil, err
	}
	if event.RequestType == cfn.RequestDelete {
		return event.PhysicalResourceID, nil, nil
	}
	before, err := parse(event.OldResourceProperties)
	if err != nil {
		return event.PhysicalResourceID, nil, err
	}
	versions := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(wanted.Files)) {
		if versions[key], err = u.put(ctx, wanted.Bucket, key, wanted.Files[key]); err != nil {
			return wanted.Bucket, nil, fmt.Errorf("put s3://%s/%s: %w", wanted.Bucket, key, err)
		}
	}
	if err := u.removeOthers(ctx, before, wanted); err != nil {
		return wanted.Bucket, nil, err
	}
	data = map[string]any{}
	for attribute, key := range wanted.Versions {
		version, ok := versions[key]
		if !ok {
			return wanted.Bucket, nil, fmt.Errorf("the version of %s is asked for, which is none of the files", key)
		}
		data[attribute] = version
	}
	return wanted.Bucket, data, nil
}

func parse(given map[string]any) (properties, error) {
	var read properties
	text, err := json.Marshal(given)
	if err == nil {
		// ServiceToken and ServiceTimeout are there too, and not ours.
		err = json.Unmarshal(text, &read)
	}
	if err != nil {
		return read, fmt.Errorf("read the properties: %w", err)
	}
	return read, nil
}

// put returns the version of the file in the bucket, new or old.
func (u *uploader) put(ctx context.Context, bucket, key, sum string) (string, error) {
	content, err := os.ReadFile(filepath.Join(u.folder, filepath.FromSlash(key)))
	if err != nil {
		return "", err
	}
	// The function is updated before the resource. Should an old one still run, it must not answer for the new one.
	if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
		return "", fmt.Errorf("the file has the SHA-256 %x, the template says %s", got, sum)
	}
	version, err := u.same(ctx, bucket, key, content)
	if err != nil || version != "" {
		return version, err
	}
	made, err := u.store.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content)})
	if err != nil {
		return "", err
	}
	return aws.ToString(made.VersionId), nil
}

// same returns the version of an object that has the content already, or nothing.
func (u *uploader) same(ctx context.Context, bucket, key string, content []byte) (string, error) {
	object, err := u.store.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = object.Body.Close() }()
	there, err := io.ReadAll(io.LimitReader(object.Body, int64(len(content))+1))
	if err != nil || !bytes.Equal(there, content) {
		return "", err
	}
	return aws.ToString(object.VersionId), nil
}

func (u *uploader) removeOthers(ctx context.Context, before, wanted properties) error {
	if before.Bucket != wanted.Bucket {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(before.Files)) {
		if _, stays := wanted.Files[key]; stays {
			continue
		}
		if _, err := u.store.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &wanted.Bucket, Key: &key}); err != nil {
			return fmt.Errorf("remove s3://%s/%s: %w", wanted.Bucket, key, err)
		}
	}
	return nil
}

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "load the AWS configuration:", err)
		os.Exit(1)
	}
	client := s3.NewFromConfig(settings, func(options *s3.Options) {
		options.Retryer = retry.AddWithErrorCodes(retry.AddWithMaxAttempts(retry.NewStandard(), attempts), "AccessDenied")
	})
	u := &uploader{store: client, folder: filepath.Join(os.Getenv("LAMBDA_TASK_ROOT"), "files")}
	lambda.Start(cfn.LambdaWrap(u.handle))
}
