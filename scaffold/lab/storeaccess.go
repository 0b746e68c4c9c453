package lab

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// need is a permission that a request to S3 takes, and what the request does when it has it.
type need struct {
	action, bucket, key string
	version             string // that is deleted or copied
	context             map[string][]string
	kms                 string // action on the key of an encrypted bucket
	kmsAlso             bool   // and kms:Decrypt: parts are read when an upload is completed
	reason              string // of the change; empty: the request changes nothing
	deletes             bool
}

func (n need) resource(partition string) string {
	arn := "arn:" + partition + ":s3:::" + n.bucket
	if n.key != "" {
		arn += "/" + n.key
	}
	return arn
}

// Actions on the key of an encrypted bucket.
const (
	decrypts = "kms:Decrypt"
	encrypts = "kms:GenerateDataKey"
)

// s3Needs says what a request needs. What is not here the lab does not serve.
// Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations", read 2026-11.
func s3Needs(r *http.Request) ([]need, error) {
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	switch {
	case name == "":
		return []need{{action: "s3:ListAllMyBuckets"}}, nil
	case key == "":
		return bucketNeeds(r, name, query)
	}
	return objectNeeds(r, need{bucket: name, key: key}, query)
}

func bucketNeeds(r *http.Request, name string, query url.Values) ([]need, error) {
	n := need{bucket: name}
	switch {
	case r.Method == http.MethodPost && query.Has("delete"):
		return deleteNeeds(r, name)
	case r.Method == http.MethodHead:
		n.action = "s3:ListBucket"
	case r.Method != http.MethodGet:
		return nil, fmt.Errorf("the lab has no %s of a bucket", r.Method)
	case query.Has("location"):
		n.action = "s3:GetBucketLocation"
	case query.Has("versioning"):
		n.action = "s3:GetBucketVersioning"
	case query.Has("versions"):
		n.action = "s3:ListBucketVersions"
	case query.Has("uploads"):
		n.action = "s3:ListBucketMultipartUploads"
	default:
		n.action = "s3:ListBucket"
	}
	n.context = map[string][]string{}
	for _, name := range []string{"prefix", "delimiter", "max-keys"} {
		if query.Has(name) {
			n.context["s3:"+name] = query[name]
		}
	}
	return []need{n}, nil
}

func objectNeeds(r *http.Request, n need, query url.Values) ([]need, error) {
	for _, unknown := range []string{"acl", "legal-hold", "retention", "restore", "select", "torrent", "attributes"} {
		if query.Has(unknown) {
			return nil, fmt.Errorf("the lab has no %s of an object", unknown)
		}
	}
	version := query.Get("versionId") != ""
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		n.action, n.kms = "s3:GetObject", decrypts
		switch {
		case query.Has("uploadId"):
			n.action, n.kms = "s3:ListMultipartUploadParts", ""
		case query.Has("tagging"):
			n.action, n.kms = "s3:GetObjectTagging", ""
		case version:
			n.action = "s3:GetObjectVersion"
		}
		return []need{n}, nil
	case http.MethodDelete:
		n.action, n.reason, n.deletes = "s3:DeleteObject", "DeleteObject", true
		if query.Has("uploadId") {
			n.action, n.reason, n.deletes = "s3:AbortMultipartUpload", "", false
		} else if version {
			n.action, n.version = "s3:DeleteObjectVersion", query.Get("versionId")
		}
		return []need{n}, nil
	case http.MethodPut, http.MethodPost:
		return writeNeeds(r, n, query)
	}
	return nil, fmt.Errorf("the lab has no %s of an object", r.Method)
}

func writeNeeds(r *http.Request, n need, query url.Values) ([]need, error) {
	n.action, n.kms, n.reason = "s3:PutObject", encrypts, "PutObject"
	switch {
	case query.Has("tagging"):
		n.action, n.kms, n.reason = "s3:PutObjectTagging", "", ""
	case query.Has("uploads"), query.Has("partNumber"):
		n.reason, n.kmsAlso = "", true // the object is there when the upload is complete
	case query.Has("uploadId"):
		n.reason, n.kmsAlso = "CompleteMultipartUpload", true
	}
	if r.Header.Get("X-Amz-Copy-Source") == "" {
		return []need{n}, nil
	}
	if n.reason != "" {
		n.reason = "CopyObject"
	}
	from := need{action: "s3:GetObject", kms: decrypts}
	var err error
	if from.bucket, from.key, from.version, err = copySource(r); err != nil {
		return nil, err
	}
	if from.version != "" {
		from.action = "s3:GetObjectVersion"
		if n.reason == "" {
			return nil, errors.New("the lab has no UploadPartCopy of a version")
		}
	}
	return []need{from, n}, nil
}

// maxDelete is the largest list of keys to delete: a thousand, each of a kilobyte.
const maxDelete = 2 << 20

func deleteNeeds(r *http.Request, bucket string) ([]need, error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxDelete))
	if err != nil {
		return nil, fmt.Errorf("read the keys to delete: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	var list struct {
		Objects []struct {
			Key       string `xml:"Key"`
			VersionID string `xml:"VersionId"`
		} `xml:"Object"`
	}
	if err := xml.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("the keys to delete are no XML: %w", err)
	}
	var all []need
	for _, object := range list.Objects {
		n := need{action: "s3:DeleteObject", bucket: bucket, key: object.Key, version: object.VersionID, reason: "DeleteObject", deletes: true}
		if n.version != "" {
			n.action = "s3:DeleteObjectVersion"
		}
		all = append(all, n)
	}
	return all, nil
}
