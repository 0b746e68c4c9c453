package main

import (
	"crypto/md5"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// fakeS3 is what the function needs of S3, over HTTP: versions, metadata, conditional writes, multipart uploads, listing.
type fakeS3 struct {
	mutex   sync.Mutex
	objects map[string][]fakeObject // by bucket/key; the last one is current
	uploads map[string]*fakeUpload
	count   int
	// fault may answer a request with a status of its own; 0 lets it through. It runs without the lock, so it may send requests.
	fault func(method, path string) int
	log   []string // method and path of each request that changed something
}

type fakeObject struct {
	version, etag string
	data          []byte
	metadata      map[string]string
}

type fakeUpload struct {
	path     string
	metadata map[string]string
	parts    map[int][]byte
}

func newFakeS3(t testing.TB) (*fakeS3, *converter) {
	t.Helper()
	fake := &fakeS3{objects: map[string][]fakeObject{}, uploads: map[string]*fakeUpload{}}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "LANDING": "landing", "PREFIX": "raw/", "SUFFIX": ".csv", "CURATED": "curated",
	} {
		t.Setenv(name, value)
	}
	c := newConverter(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
	c.log = slog.New(slog.DiscardHandler)
	return fake, c
}

// put makes a version, as somebody else would.
func (f *fakeS3) put(path string, data []byte, metadata map[string]string) fakeObject {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.add(path, data, metadata)
}

func (f *fakeS3) add(path string, data []byte, metadata map[string]string) fakeObject {
	f.count++
	object := fakeObject{fmt.Sprintf("v%d", f.count), fmt.Sprintf(`"%x-%d"`, md5.Sum(data), f.count), data, metadata}
	f.objects[path] = append(f.objects[path], object)
	return object
}

// curated returns the current content of the curated objects by their keys.
func (f *fakeS3) curated() map[string]string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	found := map[string]string{}
	for path, versions := range f.objects {
		if key, ok := strings.CutPrefix(path, "curated/"); ok {
			found[key] = string(versions[len(versions)-1].data)
		}
	}
	return found
}

// versions is how often a curated object was written.
func (f *fakeS3) versions(key string) int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return len(f.objects["curated/"+key])
}

func (f *fakeS3) find(path, version string) (fakeObject, bool) {
	versions := f.objects[path]
	if version == "" && len(versions) > 0 {
		return versions[len(versions)-1], true
	}
	i := slices.IndexFunc(versions, func(object fakeObject) bool { return object.version == version })
	if i < 0 {
		return fakeObject{}, false
	}
	return versions[i], true
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, query := strings.TrimPrefix(r.URL.Path, "/"), r.URL.Query()
	if f.fault != nil {
		if status := f.fault(r.Method, path); status != 0 {
			refuse(w, status, "InternalError")
			return
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		f.log = append(f.log, r.Method+" "+path)
	}
	switch {
	case r.Method == http.MethodGet && query.Has("list-type"):
		f.list(w, path, query.Get("prefix"), query.Get("continuation-token"))
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		f.read(w, r.Method, path, query.Get("versionId"))
	case r.Method == http.MethodPut && query.Has("uploadId"):
		number, _ := strconv.Atoi(query.Get("partNumber"))
		f.uploads[query.Get("uploadId")].parts[number] = body
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, number))
	case r.Method == http.MethodPut:
		f.write(w, r, path, body, metadataOf(r))
	case r.Method == http.MethodPost && query.Has("uploads"):
		f.count++
		id := fmt.Sprintf("u%d", f.count)
		f.uploads[id] = &fakeUpload{path, metadataOf(r), map[int][]byte{}}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
	case r.Method == http.MethodPost:
		f.complete(w, r, query.Get("uploadId"), body)
	case r.Method == http.MethodDelete && query.Has("uploadId"):
		delete(f.uploads, query.Get("uploadId"))
		w.WriteHeader(http.StatusNoContent)
	default:
		panic(r.Method + " " + r.URL.String())
	}
}

func metadataOf(r *http.Request) map[string]string {
	found := map[string]string{}
	for name := range r.Header {
		if short, ok := strings.CutPrefix(strings.ToLower(name), "x-amz-meta-"); ok {
			found[short] = r.Header.Get(name)
		}
	}
	return found
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

func (f *fakeS3) read(w http.ResponseWriter, method, path, version string) {
	object, ok := f.find(path, version)
	if !ok {
		code := "NoSuchKey"
		if version != "" {
			code = "NoSuchVersion"
		}
		refuse(w, http.StatusNotFound, code)
		return
	}
	for name, value := range object.metadata {
		w.Header().Set("x-amz-meta-"+name, value)
	}
	w.Header().Set("ETag", object.etag)
	w.Header().Set("x-amz-version-id", object.version)
	w.Header().Set("Content-Length", strconv.Itoa(len(object.data)))
	if method == http.MethodGet {
		f.mutex.Unlock() // the function sends other requests while it reads
		_, _ = w.Write(object.data)
		f.mutex.Lock()
	}
}

// write follows "Conditional write behavior" in the Amazon S3 User Guide.
func (f *fakeS3) write(w http.ResponseWriter, r *http.Request, path string, data []byte, metadata map[string]string) bool {
	current, exists := f.find(path, "")
	match := r.Header.Get("If-Match")
	switch {
	case r.Header.Get("If-None-Match") == "*" && exists, match != "" && exists && current.etag != match:
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return false
	case match != "" && !exists:
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return false
	}
	w.Header().Set("ETag", f.add(path, data, metadata).etag)
	return true
}

func (f *fakeS3) complete(w http.ResponseWriter, r *http.Request, id string, body []byte) {
	var asked struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.Unmarshal(body, &asked); err != nil {
		panic(err)
	}
	upload := f.uploads[id]
	var data []byte
	for i, part := range asked.Part {
		if part.PartNumber != i+1 || part.ETag != fmt.Sprintf(`"%d"`, i+1) || (i < len(asked.Part)-1 && len(upload.parts[i+1]) < 5<<20) {
			refuse(w, http.StatusBadRequest, "InvalidPart")
			return
		}
		data = append(data, upload.parts[i+1]...)
	}
	if f.write(w, r, upload.path, data, upload.metadata) {
		delete(f.uploads, id)
		fmt.Fprint(w, "<CompleteMultipartUploadResult/>")
	}
}

// list gives two objects a page.
func (f *fakeS3) list(w http.ResponseWriter, bucket, prefix, after string) {
	type content struct {
		Key, ETag string
		Size      int
	}
	var page struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Contents              []content
		IsTruncated           bool
		NextContinuationToken string
	}
	for _, path := range slices.Sorted(maps.Keys(f.objects)) {
		key, ok := strings.CutPrefix(path, strings.TrimSuffix(bucket, "/")+"/")
		if !ok || !strings.HasPrefix(key, prefix) || key <= after {
			continue
		}
		if len(page.Contents) == 2 {
			page.IsTruncated, page.NextContinuationToken = true, page.Contents[1].Key
			break
		}
		object, _ := f.find(path, "")
		page.Contents = append(page.Contents, content{key, object.etag, len(object.data)})
	}
	_ = xml.NewEncoder(w).Encode(page)
}
