package lab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// versionID is that of an answer.
func versionID(header http.Header) string { return header.Get("X-Amz-Version-Id") }

// removal is the request that removes a version.
func removal(id string) string { return "DELETE /landing/k?versionId=" + url.QueryEscape(id) }

func TestTheVersionBeforeIsCurrentAgain(t *testing.T) {
	const created, removed, marked = "Object Created, k, PutObject, 1 bytes, ", "Object Deleted, k, DeleteObject, version, Permanently Deleted", "Object Deleted, k, DeleteObject, " + etagNone + ", version, Delete Marker Created"
	const one, two = created + "etag c4ca4238a0b923820dcc509a6f75849b, version", created + "etag c81e728d9d4c2f636f067f89cc14862c, version"
	for _, test := range []struct {
		name string
		do   func(e *endpoint, first string) string // what becomes of the second; the id of the version that is current then
		want string                                 // its content; empty: there is no object
		told []string
	}{
		{"the newest of two is removed", func(e *endpoint, first string) string {
			second, _ := e.must("PUT /landing/k", "2")
			e.must(removal(versionID(second)), "")
			return first
		}, "1", []string{one, two, removed}},
		{"a delete marker is removed", func(e *endpoint, first string) string {
			marker, _ := e.must("DELETE /landing/k", "")
			header, _ := e.must(removal(versionID(marker)), "")
			same(e.t, "a marker was removed", header.Get("X-Amz-Delete-Marker"), "true")
			return first
		}, "1", []string{one, marked, removed}},
		{"the newest is removed, and before it comes a delete marker", func(e *endpoint, _ string) string {
			e.must("DELETE /landing/k", "")
			second, _ := e.must("PUT /landing/k", "2")
			e.must(removal(versionID(second)), "")
			return ""
		}, "", []string{one, marked, two, removed}},
		{"the same is current for the second time", func(e *endpoint, first string) string {
			for range 2 {
				second, _ := e.must("PUT /landing/k", "2")
				e.must(removal(versionID(second)), "")
			}
			return first
		}, "1", []string{one, two, removed, two, removed}},
		{"an older one is removed", func(e *endpoint, first string) string {
			second, _ := e.must("PUT /landing/k", "2")
			e.must(removal(first), "")
			return versionID(second)
		}, "2", []string{one, two, removed}},
		{"several at once", func(e *endpoint, first string) string {
			second, _ := e.must("PUT /landing/k", "2")
			e.must("POST /landing?delete", "<Delete><Object><Key>k</Key><VersionId>"+versionID(second)+"</VersionId></Object></Delete>")
			return first
		}, "1", []string{one, two, removed}},
		{"a version that never was", func(e *endpoint, first string) string {
			e.must(removal("never"), "")
			return first
		}, "1", []string{one}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			e := open(t, bucketsFor(true, all), Options{Folder: folder})
			put, _ := e.must("PUT /landing/k", "1")
			current := test.do(e, versionID(put))
			status, header, body := e.request("GET /landing/k", "")
			if test.want == "" && status != http.StatusNotFound || test.want != "" && (body != test.want || versionID(header) != current) {
				t.Errorf("got %d, %q and the version %s, want %q and %s", status, body, versionID(header), test.want, current)
			}
			if test.want != "" {
				if _, old := e.must("GET /landing/k?versionId="+url.QueryEscape(current), ""); old != test.want {
					t.Errorf("its own id gives %q", old)
				}
			}
			same(t, "events", told(t, e.events()), test.told)
			kept, _ := os.ReadFile(filepath.Join(folder, "landing", "k")) //nolint:gosec // of the test
			same(t, "in the folder", string(kept), test.want)
		})
	}
}

func TestAVersionIsCopiedRatherThanTheCurrentObject(t *testing.T) {
	e := open(t, bucketsFor(true, all), Options{})
	first, _ := e.must("PUT /landing/a b", "1")
	source := "X-Amz-Copy-Source: landing/a%20b?versionId="
	e.must("PUT /landing/a b", "2")
	header, _ := e.must("PUT /quiet/old", "", source+url.QueryEscape(versionID(first)))
	same(t, "version copied", header.Get("X-Amz-Copy-Source-Version-Id"), versionID(first))
	marker, _ := e.must("DELETE /landing/a b", "")
	e.must("PUT /quiet/older", "", source+url.QueryEscape(versionID(first)))
	for _, key := range []string{"old", "older"} {
		if _, got := e.must("GET /quiet/"+key, ""); got != "1" {
			t.Errorf("%s is %q, want the version that was named", key, got)
		}
	}
	for id, want := range map[string]int{"never": http.StatusNotFound, versionID(marker): http.StatusBadRequest} {
		if status, _, answer := e.request("PUT /quiet/none", "", source+url.QueryEscape(id)); status != want {
			t.Errorf("%s: got %d: %s, want %d", id, status, answer, want)
		}
	}
	limited := open(t, bucketsFor(true, `{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}`), Options{})
	put, _ := limited.must("PUT /landing/k", "1")
	status, _, answer := limited.request("PUT /quiet/k", "", "X-Amz-Copy-Source: landing/k?versionId="+url.QueryEscape(versionID(put)))
	if status != http.StatusForbidden || !strings.Contains(answer, "s3:GetObjectVersion") {
		t.Errorf("got %d: %s, want that s3:GetObjectVersion is missing", status, answer)
	}
}

// A better file lay under the key before the bad one: the shipped machine moves the bad version away, and loses neither.
func TestTheShippedMachineRemovesTheBadVersionAlone(t *testing.T) {
	var r *rig
	r = playShipped(t, shippedScheduled, Options{Programs: scripted{function: func(f *function, payload json.RawMessage) (json.RawMessage, *functionError) {
		var file struct{ Bucket, Key string }
		if err := json.Unmarshal(payload, &file); err != nil || !strings.HasPrefix(f.id, "Validate") {
			t.Errorf("%s was called with %s (%v)", f.id, payload, err)
		}
		head, err := r.store.objects.HeadObject(file.Bucket, file.Key)
		if err != nil {
			t.Error(err)
		}
		return json.RawMessage(fmt.Sprintf(`{"valid": false, "version": %q, "problems": [{"code": "Empty", "message": "empty"}]}`, head.VersionID)), nil
	}}})
	r.landed("raw/a b.csv", "good").landed("raw/a b.csv", "bad")
	if err := r.Start("{}"); err != nil {
		t.Fatal(err)
	}
	r.run()
	same(t, "denials", r.denials.all, nil)
	same(t, "error", r.details("ExecutionEnded")[0]["error"], any("InvalidFiles"))
	same(t, "the current object", r.content(landingID, "raw/a b.csv"), "good")
	same(t, "the copy", r.content("Curated", "quarantine/files/raw/a b.csv"), "bad")
}
