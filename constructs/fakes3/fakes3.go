// Package fakes3 is what the programs' tests need of S3, over HTTP: versions, metadata, conditional writes, multipart uploads, listing.
//
// It is for tests only. It checks no signatures and knows no permissions.
// Source: Amazon S3 User Guide, "Conditional write behavior"; Amazon S3 API Reference.
package fakes3

import (
	"crypto/md5"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Server keeps objects with versions and metadata in memory.
type Server struct {
	URL     string
	mutex   sync.Mutex
	Objects map[string][]Object // by bucket/key; the last one is current
	Uploads map[string]*Upload  // the multipart uploads that are under way
	count   int
	// Fault may answer a request with a status of its own; 0 lets it through. It runs without the lock, so it may send requests.
	Fault func(method, path string) int
	Log   []string // method and path of each request that changed something
}

// Object is one version.
type Object struct {
	Version, ETag string
	Data          []byte
	metadata      map[string]string
}

// Upload is a multipart upload.
type Upload struct {
	path     string
	metadata map[string]string
	parts    map[int][]byte
}

// New starts a server, which stops with the test.
func New(t testing.TB) *Server {
	t.Helper()
	fake := &Server{Objects: map[string][]Object{}, Uploads: map[string]*Upload{}}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	fake.URL = server.URL
	return fake
}

// Put makes a version, as somebody else would.
func (f *Server) Put(path string, data []byte, metadata map[string]string) Object {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.add(path, data, metadata)
}

func (f *Server) add(path string, data []byte, metadata map[string]string) Object {
	f.count++
	object := Object{fmt.Sprintf("v%d", f.count), fmt.Sprintf(`"%x-%d"`, md5.Sum(data), f.count), data, metadata}
	f.Objects[path] = append(f.Objects[path], object)
	return object
}

// Curated returns the current content of the curated objects by their keys.
func (f *Server) Curated() map[string]string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	found := map[string]string{}
	for path, versions := range f.Objects {
		if key, ok := strings.CutPrefix(path, "curated/"); ok {
			found[key] = string(versions[len(versions)-1].Data)
		}
	}
	return found
}

// Versions is how often a curated object was written.
func (f *Server) Versions(key string) int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return len(f.Objects["curated/"+key])
}

func (f *Server) find(path, version string) (Object, bool) {
	versions := f.Objects[path]
	if version == "" && len(versions) > 0 {
		return versions[len(versions)-1], true
	}
	i := slices.IndexFunc(versions, func(object Object) bool { return object.Version == version })
	if i < 0 {
		return Object{}, false
	}
	return versions[i], true
}

// ServeHTTP implements http.Handler.
func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, query := strings.TrimPrefix(r.URL.Path, "/"), r.URL.Query()
	if f.Fault != nil {
		if status := f.Fault(r.Method, path); status != 0 {
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
		f.Log = append(f.Log, r.Method+" "+path)
	}
	switch {
	case r.Method == http.MethodGet && query.Has("list-type"):
		f.list(w, path, query.Get("prefix"), query.Get("continuation-token"))
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		f.read(w, r, path, query.Get("versionId"))
	case r.Method == http.MethodPut && query.Has("uploadId"):
		number, _ := strconv.Atoi(query.Get("partNumber"))
		f.Uploads[query.Get("uploadId")].parts[number] = body
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, number))
	case r.Method == http.MethodPut:
		f.write(w, r, path, body, metadataOf(r))
	case r.Method == http.MethodPost && query.Has("uploads"):
		f.count++
		id := fmt.Sprintf("u%d", f.count)
		f.Uploads[id] = &Upload{path, metadataOf(r), map[int][]byte{}}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
	case r.Method == http.MethodPost:
		f.complete(w, r, query.Get("uploadId"), body)
	case r.Method == http.MethodDelete && query.Has("uploadId"):
		delete(f.Uploads, query.Get("uploadId"))
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

func (f *Server) read(w http.ResponseWriter, r *http.Request, path, version string) {
	object, ok := f.find(path, version)
	if !ok {
		code := "NoSuchKey"
		if version != "" {
			code = "NoSuchVersion"
		}
		refuse(w, http.StatusNotFound, code)
		return
	}
	if match := r.Header.Get("If-Match"); match != "" && match != object.ETag {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	for name, value := range object.metadata {
		w.Header().Set("x-amz-meta-"+name, value)
	}
	w.Header().Set("ETag", object.ETag)
	w.Header().Set("x-amz-version-id", object.Version)
	w.Header().Set("Content-Length", strconv.Itoa(len(object.Data)))
	if r.Method == http.MethodGet {
		f.mutex.Unlock() // the function sends other requests while it reads
		_, _ = w.Write(object.Data)
		f.mutex.Lock()
	}
}

// write follows "Conditional write behavior" in the Amazon S3 User Guide.
func (f *Server) write(w http.ResponseWriter, r *http.Request, path string, data []byte, metadata map[string]string) bool {
	current, exists := f.find(path, "")
	match := r.Header.Get("If-Match")
	switch {
	case r.Header.Get("If-None-Match") == "*" && exists, match != "" && exists && current.ETag != match:
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return false
	case match != "" && !exists:
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return false
	}
	w.Header().Set("ETag", f.add(path, data, metadata).ETag)
	return true
}

func (f *Server) complete(w http.ResponseWriter, r *http.Request, id string, body []byte) {
	var asked struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.Unmarshal(body, &asked); err != nil {
		panic(err)
	}
	upload := f.Uploads[id]
	var data []byte
	for i, part := range asked.Part {
		if part.PartNumber != i+1 || part.ETag != fmt.Sprintf(`"%d"`, i+1) || (i < len(asked.Part)-1 && len(upload.parts[i+1]) < 5<<20) {
			refuse(w, http.StatusBadRequest, "InvalidPart")
			return
		}
		data = append(data, upload.parts[i+1]...)
	}
	if f.write(w, r, upload.path, data, upload.metadata) {
		delete(f.Uploads, id)
		fmt.Fprint(w, "<CompleteMultipartUploadResult/>")
	}
}

// list gives two objects a page.
func (f *Server) list(w http.ResponseWriter, bucket, prefix, after string) {
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
	for _, path := range slices.Sorted(maps.Keys(f.Objects)) {
		key, ok := strings.CutPrefix(path, strings.TrimSuffix(bucket, "/")+"/")
		if !ok || !strings.HasPrefix(key, prefix) || key <= after {
			continue
		}
		if len(page.Contents) == 2 {
			page.IsTruncated, page.NextContinuationToken = true, page.Contents[1].Key
			break
		}
		object, _ := f.find(path, "")
		page.Contents = append(page.Contents, content{key, object.ETag, len(object.Data)})
	}
	_ = xml.NewEncoder(w).Encode(page)
}
