package lab

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// storeActions are the S3 calls of Task states, item readers and result writers. They go to the same endpoint as those of programs,
// without the network: permissions, events and errors are the same.
var storeActions = map[string]handler{
	"s3:getobject":     (*Lab).getObject,
	"s3:headobject":    (*Lab).headObject,
	"s3:putobject":     (*Lab).putObject,
	"s3:copyobject":    (*Lab).copyObject,
	"s3:deleteobject":  (*Lab).deleteObject,
	"s3:listobjectsv2": (*Lab).listObjects,
}

// s3Request is a call of a Task state on its way to the endpoint.
type s3Request struct {
	method, key string
	takes       []string          // parameters besides Bucket and Key
	headers     map[string]string // header by parameter
	query       map[string]string // query by parameter
	body        string
}

// s3Answer is what the endpoint answered.
type s3Answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *s3Answer) Header() http.Header            { return a.header }
func (a *s3Answer) WriteHeader(status int)         { a.status = status }
func (a *s3Answer) Write(data []byte) (int, error) { return a.body.Write(data) }

// askStore calls the endpoint as the role of a machine. A parameter that would be left out is refused.
func (l *Lab) askStore(by caller, action string, input map[string]any, r s3Request) (*s3Answer, *apiError) {
	known := append([]string{"Bucket", "Key"}, r.takes...)
	known = slices.AppendSeq(slices.AppendSeq(known, maps.Keys(r.headers)), maps.Keys(r.query))
	for name := range input {
		if !slices.Contains(known, name) {
			l.broken(fmt.Errorf("the lab does not know %s of s3:%s, expected one of %s", name, action, strings.Join(slices.Sorted(slices.Values(known)), ", ")))
			return nil, failed("InvalidArgument", "%s", name)
		}
	}
	where := &url.URL{Path: "/" + text(input, "Bucket")}
	if r.key != "" {
		where.Path += "/" + r.key
	}
	query := url.Values{}
	for name, as := range r.query {
		if input[name] != nil {
			query.Set(as, cfn.Text(input[name]))
		}
	}
	if action == "ListObjectsV2" {
		query.Set("list-type", "2")
	}
	where.RawQuery = query.Encode()
	request, err := http.NewRequest(r.method, where.String(), strings.NewReader(r.body)) //nolint:noctx // it never leaves the process
	if err != nil {
		return nil, failed("InvalidRequest", "%v", err)
	}
	request.RequestURI = where.RequestURI()
	if r.method == http.MethodPut {
		request.Header.Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	for name, as := range r.headers {
		if input[name] != nil {
			request.Header.Set(as, cfn.Text(input[name]))
		}
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+l.store.ownSession(by.Role)+"/lab")
	answer := &s3Answer{status: http.StatusOK, header: http.Header{}}
	l.store.now.Store(l.clock.Now().UnixNano())
	l.store.ServeHTTP(answer, request)
	l.store.settle()
	if answer.status < http.StatusMultipleChoices {
		return answer, nil
	}
	return nil, answer.failure()
}

// failure is S3's error. The answer to HEAD has no body.
func (a *s3Answer) failure() *apiError {
	var said struct{ Code, Message string }
	if xml.Unmarshal(a.body.Bytes(), &said) != nil || said.Code == "" {
		said.Code = map[int]string{http.StatusNotFound: "NoSuchKey", http.StatusForbidden: "AccessDenied"}[a.status]
	}
	if said.Code == "AccessDenied" {
		said.Code = accessDenied
	}
	return failed(said.Code, "%s (Service: S3, Status Code: %d)", said.Message, a.status)
}

// described are the fields that the answers of S3 have in their headers.
// Source: Amazon S3 API Reference, GetObject, HeadObject, PutObject, DeleteObject, read 2026-11.
func (a *s3Answer) described() map[string]any {
	out := map[string]any{}
	for header, name := range map[string]string{"ETag": "ETag", "Content-Type": "ContentType", "Last-Modified": "LastModified", "X-Amz-Version-Id": "VersionId"} {
		if value := a.header.Get(header); value != "" {
			out[name] = value
		}
	}
	if a.header.Get("X-Amz-Delete-Marker") == "true" {
		out["DeleteMarker"] = true
	}
	if size, err := strconv.Atoi(a.header.Get("Content-Length")); err == nil {
		out["ContentLength"] = size
	}
	return out
}

func (l *Lab) getObject(by caller, input map[string]any) (map[string]any, *apiError) {
	answer, err := l.askStore(by, "GetObject", input, s3Request{
		method: http.MethodGet, key: text(input, "Key"), headers: map[string]string{"Range": "Range"}, query: map[string]string{"VersionId": "versionId"},
	})
	if err != nil {
		return nil, err
	}
	out := answer.described()
	out["Body"], out["ContentLength"] = answer.body.String(), answer.body.Len()
	return out, nil
}

func (l *Lab) headObject(by caller, input map[string]any) (map[string]any, *apiError) {
	answer, err := l.askStore(by, "HeadObject", input, s3Request{
		method: http.MethodHead, key: text(input, "Key"), query: map[string]string{"VersionId": "versionId"},
	})
	if err != nil {
		return nil, err
	}
	return answer.described(), nil
}

// putObject writes a body as it is, or anything else as its JSON.
func (l *Lab) putObject(by caller, input map[string]any) (map[string]any, *apiError) {
	answer, err := l.askStore(by, "PutObject", input, s3Request{
		method: http.MethodPut, key: text(input, "Key"), takes: []string{"Body"}, body: body(input["Body"]),
		headers: map[string]string{"ContentType": "Content-Type", "IfNoneMatch": "If-None-Match", "IfMatch": "If-Match"},
	})
	if err != nil {
		return nil, err
	}
	out := answer.described()
	delete(out, "ContentLength")
	return out, nil
}

func (l *Lab) copyObject(by caller, input map[string]any) (map[string]any, *apiError) {
	answer, err := l.askStore(by, "CopyObject", input, s3Request{
		method: http.MethodPut, key: text(input, "Key"), headers: map[string]string{"CopySource": "X-Amz-Copy-Source"},
	})
	if err != nil {
		return nil, err
	}
	var result struct{ ETag, LastModified string }
	if err := xml.Unmarshal(answer.body.Bytes(), &result); err != nil {
		l.broken(fmt.Errorf("read the answer to s3:CopyObject: %w", err))
	}
	return map[string]any{"CopyObjectResult": map[string]any{"ETag": result.ETag, "LastModified": result.LastModified}}, nil
}

func (l *Lab) deleteObject(by caller, input map[string]any) (map[string]any, *apiError) {
	answer, err := l.askStore(by, "DeleteObject", input, s3Request{
		method: http.MethodDelete, key: text(input, "Key"), query: map[string]string{"VersionId": "versionId"},
	})
	if err != nil {
		return nil, err
	}
	return answer.described(), nil
}

// listObjects is ListObjectsV2. Source: Amazon S3 API Reference, ListObjectsV2, read 2026-11.
func (l *Lab) listObjects(by caller, input map[string]any) (map[string]any, *apiError) {
	answer, err := l.askStore(by, "ListObjectsV2", input, s3Request{method: http.MethodGet, query: map[string]string{
		"Prefix": "prefix", "Delimiter": "delimiter", "MaxKeys": "max-keys", "ContinuationToken": "continuation-token", "StartAfter": "start-after",
	}})
	if err != nil {
		return nil, err
	}
	var page struct {
		IsTruncated           bool
		KeyCount, MaxKeys     int
		NextContinuationToken string
		Contents              []struct {
			Key, LastModified, ETag, StorageClass string
			Size                                  int64
		}
		CommonPrefixes []struct{ Prefix string }
	}
	if err := xml.Unmarshal(answer.body.Bytes(), &page); err != nil {
		l.broken(fmt.Errorf("read the answer to s3:ListObjectsV2: %w", err))
	}
	contents, prefixes := []any{}, []any{}
	for _, c := range page.Contents {
		contents = append(contents, map[string]any{"Key": c.Key, "LastModified": c.LastModified, "ETag": c.ETag, "Size": c.Size, "StorageClass": "STANDARD"})
	}
	for _, p := range page.CommonPrefixes {
		prefixes = append(prefixes, map[string]any{"Prefix": p.Prefix})
	}
	out := map[string]any{
		"Name": text(input, "Bucket"), "Prefix": text(input, "Prefix"), "Contents": contents, "IsTruncated": page.IsTruncated,
		"KeyCount": len(contents) + len(prefixes), "MaxKeys": page.MaxKeys,
	}
	if len(prefixes) > 0 {
		out["CommonPrefixes"] = prefixes
	}
	if page.IsTruncated {
		out["NextContinuationToken"] = page.NextContinuationToken
	}
	return out, nil
}
