package lab

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// versions are the objects in memory, and what S3 does when the newest of several versions of one is removed: the one before it, an object
// or a delete marker, is current again, under its own id. The backend alone would leave nothing current.
// Source: Amazon S3 User Guide, "Deleting object versions from a versioning-enabled bucket", "Managing delete markers", read 2026-11.
type versions struct {
	*s3mem.Backend
	removing sync.Mutex
	mutex    sync.Mutex
	own      map[gofakes3.VersionID]gofakes3.VersionID // the backend's id, by the id that a version has had since it was made
	known    map[gofakes3.VersionID]gofakes3.VersionID // the other way round
}

func newVersions(backend *s3mem.Backend) *versions {
	return &versions{Backend: backend, own: map[gofakes3.VersionID]gofakes3.VersionID{}, known: map[gofakes3.VersionID]gofakes3.VersionID{}}
}

// inner is the backend's id of a version.
func (v *versions) inner(id gofakes3.VersionID) gofakes3.VersionID {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if own, ok := v.own[id]; ok {
		return own
	}
	return id
}

// outer is the id by which callers know a version.
func (v *versions) outer(id gofakes3.VersionID) gofakes3.VersionID {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if known, ok := v.known[id]; ok {
		return known
	}
	return id
}

func (v *versions) seen(object *gofakes3.Object, err error) (*gofakes3.Object, error) {
	if object != nil {
		object.VersionID = v.outer(object.VersionID)
	}
	return object, err
}

// HeadObject implements gofakes3.Backend.
func (v *versions) HeadObject(bucket, key string) (*gofakes3.Object, error) {
	return v.seen(v.Backend.HeadObject(bucket, key))
}

// GetObject implements gofakes3.Backend.
func (v *versions) GetObject(bucket, key string, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	return v.seen(v.Backend.GetObject(bucket, key, part))
}

// HeadObjectVersion implements gofakes3.VersionedBackend.
func (v *versions) HeadObjectVersion(bucket, key string, id gofakes3.VersionID) (*gofakes3.Object, error) {
	return v.seen(v.Backend.HeadObjectVersion(bucket, key, v.inner(id)))
}

// GetObjectVersion implements gofakes3.VersionedBackend.
func (v *versions) GetObjectVersion(bucket, key string, id gofakes3.VersionID, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	return v.seen(v.Backend.GetObjectVersion(bucket, key, v.inner(id), part))
}

// ListBucketVersions implements gofakes3.VersionedBackend.
func (v *versions) ListBucketVersions(bucket string, prefix *gofakes3.Prefix, page *gofakes3.ListBucketVersionsPage) (*gofakes3.ListBucketVersionsResult, error) {
	if page != nil {
		within := *page
		within.VersionIDMarker = v.inner(page.VersionIDMarker)
		page = &within
	}
	list, err := v.Backend.ListBucketVersions(bucket, prefix, page)
	if err != nil {
		return list, err
	}
	for _, item := range list.Versions {
		switch item := item.(type) {
		case *gofakes3.Version:
			item.VersionID = v.outer(item.VersionID)
		case *gofakes3.DeleteMarker:
			item.VersionID = v.outer(item.VersionID)
		}
	}
	return list, nil
}

// DeleteObjectVersion implements gofakes3.VersionedBackend.
func (v *versions) DeleteObjectVersion(bucket, key string, id gofakes3.VersionID) (gofakes3.ObjectDeleteResult, error) {
	v.removing.Lock()
	defer v.removing.Unlock()
	of := v.of(bucket, key)
	if last := len(of) - 1; last > 0 && of[last].id == string(id) {
		if err := v.restore(bucket, key, of[last-1]); err != nil {
			return gofakes3.ObjectDeleteResult{}, err
		}
	}
	result, err := v.Backend.DeleteObjectVersion(bucket, key, v.inner(id))
	if result.VersionID != "" {
		result.VersionID = id
	}
	return result, err
}

// restore makes a version the newest again. It comes first and its old place goes then, so that there is always a current one for
// whoever reads at the same time.
func (v *versions) restore(bucket, key string, version versionOf) error {
	known := gofakes3.VersionID(version.id)
	before := v.inner(known)
	var now gofakes3.VersionID
	if version.marker {
		result, err := v.Backend.DeleteObject(bucket, key)
		if err != nil {
			return err
		}
		now = result.VersionID
	} else {
		object, err := v.Backend.GetObjectVersion(bucket, key, before, nil)
		if err != nil {
			return err
		}
		defer func() { _ = object.Contents.Close() }() // in memory
		result, err := v.PutObject(bucket, key, object.Metadata, object.Contents, object.Size, nil)
		if err != nil {
			return err
		}
		now = result.VersionID
	}
	v.mutex.Lock()
	delete(v.known, before)
	v.own[known], v.known[now] = now, known
	v.mutex.Unlock()
	_, err := v.Backend.DeleteObjectVersion(bucket, key, before)
	return err
}

// DeleteMultiVersions implements gofakes3.VersionedBackend.
func (v *versions) DeleteMultiVersions(bucket string, objects ...gofakes3.ObjectID) (gofakes3.MultiDeleteResult, error) {
	var all gofakes3.MultiDeleteResult
	for _, object := range objects {
		if object.VersionID == "" {
			result, err := v.Backend.DeleteMultiVersions(bucket, object)
			if err != nil {
				return all, err
			}
			all.Deleted, all.Error = append(all.Deleted, result.Deleted...), append(all.Error, result.Error...)
			continue
		}
		if _, err := v.DeleteObjectVersion(bucket, object.Key, gofakes3.VersionID(object.VersionID)); err != nil {
			all.Error = append(all.Error, gofakes3.ErrorResultFromError(err))
			continue
		}
		all.Deleted = append(all.Deleted, object)
	}
	return all, nil
}

// versionOf is a version of an object, or a delete marker.
type versionOf struct {
	id             string
	newest, marker bool
}

// of lists the versions of a key, the newest last.
func (v *versions) of(bucket, key string) []versionOf {
	list, err := v.ListBucketVersions(bucket, &gofakes3.Prefix{HasPrefix: true, Prefix: key}, nil)
	if err != nil {
		return nil // the bucket does not exist, or has no versions
	}
	var all []versionOf
	for _, item := range list.Versions {
		switch item := item.(type) {
		case *gofakes3.Version:
			if item.Key == key {
				all = append(all, versionOf{id: string(item.VersionID), newest: item.IsLatest})
			}
		case *gofakes3.DeleteMarker:
			if item.Key == key {
				all = append(all, versionOf{id: string(item.VersionID), newest: item.IsLatest, marker: true})
			}
		}
	}
	return all
}

// copySource is what X-Amz-Copy-Source names. Only the version follows the question mark, and the key before it is URL-encoded.
// Source: Amazon S3 API Reference, CopyObject, x-amz-copy-source, read 2026-11.
func copySource(r *http.Request) (bucket, key, version string, err error) {
	source := r.Header.Get("X-Amz-Copy-Source")
	path, query, _ := strings.Cut(source, "?")
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return "", "", "", fmt.Errorf("got the copy source %q, expected a URL-encoded bucket/key", source)
	}
	if written, ok := strings.CutPrefix(query, "versionId="); ok {
		if version, err = url.PathUnescape(written); err != nil {
			return "", "", "", fmt.Errorf("got the copy source %q, expected a URL-encoded versionId", source)
		}
	}
	bucket, key, _ = strings.Cut(strings.TrimPrefix(decoded, "/"), "/")
	return bucket, key, version, nil
}

// copyVersion is CopyObject of one version, which the endpoint below would take for the current one.
func (s *store) copyVersion(w http.ResponseWriter, r *http.Request, from, to need) {
	if directive := r.Header.Get("X-Amz-Metadata-Directive"); directive != "" && directive != "COPY" {
		refuse(w, http.StatusNotImplemented, "NotImplemented", "the lab copies a version with its metadata alone, and got X-Amz-Metadata-Directive "+directive)
		return
	}
	object, err := s.objects.GetObjectVersion(from.bucket, from.key, gofakes3.VersionID(from.version), nil)
	switch {
	case gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchKey), gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchVersion):
		refuse(w, http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
		return
	case err == nil && object.IsDeleteMarker:
		refuse(w, http.StatusBadRequest, "InvalidRequest", "The source of a copy request may not specifically refer to a delete marker by version id.")
		return
	case err == nil:
		defer func() { _ = object.Contents.Close() }() // in memory
		_, err = s.objects.PutObject(to.bucket, to.key, object.Metadata, object.Contents, object.Size, nil)
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, "InternalError", err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("X-Amz-Copy-Source-Version-Id", from.version)
	answer := struct {
		XMLName            xml.Name `xml:"CopyObjectResult"`
		ETag, LastModified string
	}{ETag: gofakes3.FormatETag(object.Hash), LastModified: s.Now().Format(time.RFC3339)}
	_ = xml.NewEncoder(w).Encode(&answer) // the caller may be gone
}
