package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// endpoint is a rig whose storage is called over the network, as a program does.
type endpoint struct {
	*rig
	address, key string
}

// bucketsFor has a landing bucket whose events a queue keeps, and the role of a program.
func bucketsFor(versioned bool, statements string) parts {
	versioning := ""
	if versioned {
		versioning = `, "VersioningConfiguration": {"Status": "Enabled"}`
	}
	return parts{
		"Landing": `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "landing", "NotificationConfiguration": {"EventBridgeConfiguration": {}}` + versioning + `}}`,
		"Quiet":   `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "quiet"}}`,
		"Queue":   queueOnly, "Open": openQueue("Queue", "events.amazonaws.com"),
		"Rule": ruleFor("aws.s3", `{"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Id": "t"}`),
		"Role": `{"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
			"Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [` + statements + `]}}]}}`,
	}
}

const all = `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`

func open(t *testing.T, p parts, options Options) *endpoint {
	t.Helper()
	r := build(t, p, options)
	address, err := r.store.serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.store.close)
	return &endpoint{rig: r, address: address, key: r.store.session(r.stack.Attribute("Role", "Arn"))}
}

// request is METHOD and path, for example PUT /landing/key?partNumber=1.
func (e *endpoint) request(what, body string, headers ...string) (int, http.Header, string) {
	e.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequest(method, e.address+path, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+e.key+"/20260302/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(data)
}

// must is a request that succeeds.
func (e *endpoint) must(what, body string, headers ...string) (http.Header, string) {
	e.t.Helper()
	status, header, answer := e.request(what, body, headers...)
	if status >= http.StatusMultipleChoices {
		e.t.Fatalf("%s: got %d: %s", what, status, answer)
	}
	return header, answer
}

// events are what the queue got: those of S3.
func (e *endpoint) events() []Envelope {
	e.t.Helper()
	e.store.settle()
	e.run()
	var events []Envelope
	for _, m := range e.messages() {
		var event Envelope
		if err := json.Unmarshal([]byte(m.Body), &event); err != nil {
			e.t.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

// told are the fields of an event that differ between changes.
func told(t *testing.T, events []Envelope) []string {
	t.Helper()
	var all []string
	for _, event := range events {
		var detail struct {
			Object struct {
				Key, ETag string
				Size      *int64
				Version   string `json:"version-id"`
				Sequencer string
			}
			Reason, Requester string
			Deletion          string `json:"deletion-type"`
		}
		if err := json.Unmarshal(event.Detail, &detail); err != nil {
			t.Fatal(err)
		}
		line := []string{event.DetailType, detail.Object.Key, detail.Reason}
		if detail.Object.Size != nil {
			line = append(line, fmt.Sprint(*detail.Object.Size, " bytes"))
		}
		if detail.Object.ETag != "" {
			line = append(line, "etag "+detail.Object.ETag)
		}
		if detail.Object.Version != "" {
			line = append(line, "version")
		}
		if detail.Deletion != "" {
			line = append(line, detail.Deletion)
		}
		all = append(all, strings.Join(line, ", "))
	}
	return all
}

const (
	etagData = "etag 8d777f385d3dfec8815d20f7496026dc" // of "data"
	etagNone = "etag d41d8cd98f00b204e9800998ecf8427e" // of nothing
)

func TestEachChangeBecomesItsEvent(t *testing.T) {
	multipart := func(e *endpoint) {
		_, answer := e.must("POST /landing/big?uploads", "")
		id := regexp.MustCompile(`<UploadId>(.*?)</UploadId>`).FindStringSubmatch(answer)[1]
		header, _ := e.must("PUT /landing/big?partNumber=1&uploadId="+id, "data")
		e.must("POST /landing/big?uploadId="+id, `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>`+header.Get("ETag")+`</ETag></Part></CompleteMultipartUpload>`)
	}
	aborted := func(e *endpoint) {
		_, answer := e.must("POST /landing/big?uploads", "")
		id := regexp.MustCompile(`<UploadId>(.*?)</UploadId>`).FindStringSubmatch(answer)[1]
		e.must("PUT /landing/big?partNumber=1&uploadId="+id, "data")
		e.must("DELETE /landing/big?uploadId="+id, "")
	}
	for _, test := range []struct {
		name      string
		versioned bool
		do        func(e *endpoint)
		want      []string
	}{
		{"put", false, func(e *endpoint) { e.must("PUT /landing/k", "data") }, []string{"Object Created, k, PutObject, 4 bytes, " + etagData}},
		{"put with versions", true, func(e *endpoint) { e.must("PUT /landing/k", "data") }, []string{"Object Created, k, PutObject, 4 bytes, " + etagData + ", version"}},
		{"an empty object", false, func(e *endpoint) { e.must("PUT /landing/k", "") }, []string{"Object Created, k, PutObject, 0 bytes, " + etagNone}},
		{"a key with escapes", false, func(e *endpoint) { e.must("PUT /landing/a%20b/%C3%A9%2B.csv", "data") }, []string{"Object Created, a b/é+.csv, PutObject, 4 bytes, " + etagData}},
		{"twice at once", false, func(e *endpoint) { e.must("PUT /landing/k", "data"); e.must("PUT /landing/k", "") }, []string{"Object Created, k, PutObject, 4 bytes, " + etagData, "Object Created, k, PutObject, 0 bytes, " + etagNone}},
		{"copy", false, func(e *endpoint) {
			e.must("PUT /quiet/k", "data")
			e.must("PUT /landing/copy", "", "X-Amz-Copy-Source: /quiet/k")
		}, []string{"Object Created, copy, CopyObject, 4 bytes, " + etagData}},
		{"multipart", false, multipart, []string{"Object Created, big, CompleteMultipartUpload, 4 bytes, " + etagData}},
		{"an upload that is given up", false, aborted, nil},
		{"delete", false, func(e *endpoint) { e.must("PUT /landing/k", ""); e.must("DELETE /landing/k", "") }, []string{"Object Created, k, PutObject, 0 bytes, " + etagNone, "Object Deleted, k, DeleteObject, Permanently Deleted"}},
		{"delete of nothing", false, func(e *endpoint) { e.must("DELETE /landing/k", "") }, nil},
		{"a delete marker", true, func(e *endpoint) { e.must("PUT /landing/k", ""); e.must("DELETE /landing/k", "") }, []string{
			"Object Created, k, PutObject, 0 bytes, " + etagNone + ", version", "Object Deleted, k, DeleteObject, " + etagNone + ", version, Delete Marker Created",
		}},
		{"delete of a version", true, func(e *endpoint) {
			header, _ := e.must("PUT /landing/k", "")
			e.must("DELETE /landing/k?versionId="+header.Get("X-Amz-Version-Id"), "")
		}, []string{"Object Created, k, PutObject, 0 bytes, " + etagNone + ", version", "Object Deleted, k, DeleteObject, version, Permanently Deleted"}},
		{"several at once", false, func(e *endpoint) {
			e.must("PUT /landing/a", "")
			e.must("PUT /landing/b", "")
			e.must("POST /landing?delete", `<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object><Object><Key>none</Key></Object></Delete>`)
		}, []string{
			"Object Created, a, PutObject, 0 bytes, " + etagNone, "Object Deleted, a, DeleteObject, Permanently Deleted",
			"Object Created, b, PutObject, 0 bytes, " + etagNone, "Object Deleted, b, DeleteObject, Permanently Deleted",
		}},
		{"several markers at once", true, func(e *endpoint) {
			e.must("PUT /landing/a", "")
			e.must("POST /landing?delete", `<Delete><Object><Key>a</Key></Object></Delete>`)
		}, []string{"Object Created, a, PutObject, 0 bytes, " + etagNone + ", version", "Object Deleted, a, DeleteObject, " + etagNone + ", version, Delete Marker Created"}},
		{"reading", false, func(e *endpoint) {
			e.must("PUT /quiet/k", "data")
			e.must("GET /quiet/k", "")
			e.must("HEAD /quiet/k", "")
		}, nil},
		{"only the first of two that must not overwrite", false, func(e *endpoint) {
			e.must("PUT /landing/k", "data", "If-None-Match: *")
			if status, _, _ := e.request("PUT /landing/k", "other", "If-None-Match: *"); status != http.StatusPreconditionFailed {
				e.t.Errorf("got %d, expected 412", status)
			}
			if status, _, _ := e.request("PUT /landing/k", "other", `If-Match: "0"`); status != http.StatusPreconditionFailed {
				e.t.Errorf("got %d, expected 412", status)
			}
		}, []string{"Object Created, k, PutObject, 4 bytes, " + etagData}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := open(t, bucketsFor(test.versioned, all), Options{})
			test.do(e)
			same(t, "events", told(t, e.events()), test.want)
		})
	}
}

func TestTheVersionInAnEventIsThatOfTheChange(t *testing.T) {
	e := open(t, bucketsFor(true, all), Options{})
	first, _ := e.must("PUT /landing/k", "1")
	second, _ := e.must("PUT /landing/k", "2")
	marker, _ := e.must("DELETE /landing/k", "")
	e.must("DELETE /landing/k?versionId="+first.Get("X-Amz-Version-Id"), "")
	want := []any{first.Get("X-Amz-Version-Id"), second.Get("X-Amz-Version-Id"), marker.Get("X-Amz-Version-Id"), first.Get("X-Amz-Version-Id")}
	var got []any
	sequence := ""
	for _, event := range e.events() {
		var detail map[string]map[string]any
		_ = json.Unmarshal(event.Detail, &detail) // its texts do not fit, its objects do
		got = append(got, detail["object"]["version-id"])
		if next := detail["object"]["sequencer"].(string); next <= sequence {
			t.Errorf("the sequencer %s does not follow %s", next, sequence)
		} else {
			sequence = next
		}
	}
	same(t, "versions", got, want)
}

// shape is a value with its leaves replaced, to compare what fields there are.
func shape(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, inner := range value {
			out[key] = shape(inner)
		}
		return out
	case []any:
		out := []any{}
		for _, inner := range value {
			out = append(out, shape(inner))
		}
		return out
	case float64:
		return "number"
	}
	return "text"
}

func TestEventsHaveTheFieldsOfRecordedOnes(t *testing.T) {
	folder := os.Getenv("PIPEWRIGHT_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "conformance")
	}
	data, err := os.ReadFile(filepath.Join(folder, "s3_eventbridge_events.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the recorded events are not here")
	}
	var recordings []struct {
		Test  string
		Event map[string]any
	}
	if err == nil {
		err = json.Unmarshal(data, &recordings)
	}
	if err != nil {
		t.Fatal(err)
	}
	plainly, withVersions := open(t, bucketsFor(false, all), Options{}), open(t, bucketsFor(true, all), Options{})
	plainly.must("PUT /landing/k", "data")
	plainly.must("DELETE /landing/k", "")
	header, _ := withVersions.must("PUT /landing/k", "data")
	withVersions.must("DELETE /landing/k?versionId="+header.Get("X-Amz-Version-Id"), "")
	ours := map[string]bool{}
	for _, event := range append(plainly.events(), withVersions.events()...) {
		text, err := json.Marshal(event)
		var decoded map[string]any
		if err == nil {
			err = json.Unmarshal(text, &decoded)
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err = json.Marshal([]any{event.DetailType, shape(decoded)})
		if err != nil {
			t.Fatal(err)
		}
		ours[string(text)] = true
	}
	compared := 0
	for _, recorded := range recordings {
		kind := recorded.Event["detail-type"]
		if kind != "Object Created" && kind != "Object Deleted" {
			continue
		}
		text, err := json.Marshal([]any{kind, shape(recorded.Event)})
		if err != nil {
			t.Fatal(err)
		}
		compared++
		if !ours[string(text)] {
			t.Errorf("%s: AWS sent\n%s\nthe lab only\n%s", recorded.Test, text, strings.Join(slices.Sorted(func(yield func(string) bool) {
				for o := range ours {
					yield(o)
				}
			}), "\n"))
		}
	}
	if compared < 8 {
		t.Errorf("compared %d events, expected at least 8", compared)
	}
}

func TestStorageIsGuardedByTheRole(t *testing.T) {
	prefix := `{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::landing", "Condition": {"StringLike": {"s3:prefix": ["raw/*"]}}}`
	reads := `{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::landing", "arn:aws:s3:::landing/raw/*"]}`
	for _, test := range []struct {
		name, statements, what string
		headers                []string
		status                 int
	}{
		{"reading what it may", reads, "GET /landing/raw/k", nil, 200},
		{"reading what it may not", reads, "GET /landing/other", nil, 403},
		{"writing", reads, "PUT /landing/raw/k", nil, 403},
		{"removing", reads, "DELETE /landing/raw/k", nil, 403},
		{"removing one of several", `{"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::landing/raw/*"}`, "POST /landing?delete", nil, 403},
		{"listing under its prefix", prefix, "GET /landing?list-type=2&prefix=raw/2026", nil, 200},
		{"listing elsewhere", prefix, "GET /landing?list-type=2&prefix=other", nil, 403},
		{"listing everything", prefix, "GET /landing?list-type=2", nil, 403},
		{"copying what it may not read", `{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}`, "PUT /landing/raw/copy", []string{"X-Amz-Copy-Source: landing/raw/k"}, 403},
		{"what is not there, with the right to list", reads, "GET /landing/raw/none", nil, 404},
		{"what is not there, without", `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}`, "GET /landing/raw/none", nil, 403},
		{"a bucket that is not there", all, "GET /none?list-type=2", nil, 404},
		{"what the lab does not have", all, "PUT /landing/raw/k?acl", nil, 501},
		{"a key that is too long", all, "PUT /landing/" + strings.Repeat("k", 1025), nil, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := open(t, bucketsFor(false, test.statements), Options{})
			e.put("s3://Landing/raw/k", "s3://Landing/other")
			status, _, answer := e.request(test.what, `<Delete><Object><Key>raw/k</Key></Object><Object><Key>other</Key></Object></Delete>`, test.headers...)
			if status != test.status {
				t.Errorf("got %d, expected %d: %s", status, test.status, answer)
			}
			if refused := status == http.StatusForbidden; refused != (len(e.denials.all) > 0) {
				t.Errorf("got the denials %v", e.denials.all)
			}
			if test.status == http.StatusForbidden && e.content("landing", "raw/k") == "" {
				t.Error("the object is gone, although it was refused")
			}
		})
	}
}

// content is what an object has, whoever may read it.
func (e *endpoint) content(bucket, key string) string {
	data, err := e.store.read(bucket, key)
	if err != nil {
		return ""
	}
	return string(data)
}

func TestNobodyElseReachesStorage(t *testing.T) {
	e := open(t, bucketsFor(false, all), Options{})
	e.put("s3://Landing/k")
	e.key = "AKIAIOSFODNN7EXAMPLE"
	if status, _, answer := e.request("GET /landing/k", ""); status != http.StatusForbidden || !strings.Contains(answer, "InvalidAccessKeyId") {
		t.Errorf("got %d: %s", status, answer)
	}
	if !strings.HasPrefix(e.address, "http://localhost:") {
		t.Errorf("the endpoint is at %s, expected this machine", e.address)
	}
}

func TestAnEncryptedBucketNeedsItsKey(t *testing.T) {
	key := `{"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}]}}}`
	bucket := `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "landing", "BucketEncryption": {"ServerSideEncryptionConfiguration": [
		{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}}}]}}}`
	kms := func(action, via string) string {
		return all + fmt.Sprintf(`, {"Effect": "Allow", "Action": %q, "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": %q}}}`, action, via)
	}
	for _, test := range []struct {
		name, statements   string
		write, read, parts int
	}{
		{"both", kms("kms:*", "s3.us-east-1.amazonaws.com"), 200, 200, 200},
		{"through another service", kms("kms:*", "sqs.us-east-1.amazonaws.com"), 403, 403, 403},
		{"writing alone, which parts are more than", kms("kms:GenerateDataKey", "s3.us-east-1.amazonaws.com"), 200, 403, 403},
		{"reading alone", kms("kms:Decrypt", "s3.us-east-1.amazonaws.com"), 403, 200, 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := open(t, bucketsFor(false, test.statements).with(parts{"Landing": bucket, "Key": key}), Options{})
			e.put("s3://Landing/there")
			write, _, _ := e.request("PUT /landing/k", "data")
			read, _, _ := e.request("GET /landing/there", "")
			parts, _, _ := e.request("POST /landing/big?uploads", "")
			same(t, "write, read and parts", []int{write, read, parts}, []int{test.write, test.read, test.parts})
		})
	}
}

func TestAKeyThatIsNoFileNameStaysInTheFolder(t *testing.T) {
	outside := t.TempDir()
	folder := filepath.Join(outside, "run", "objects")
	e := open(t, bucketsFor(false, all), Options{Folder: folder})
	keys := []string{
		"../../../escape", "a/../../../../escape", "..", "a/./b", "a//b", "/absolute", "folder/", "nul\x00byte", `back\slash`, "C:drive", "é/日本.csv", "...",
		strings.Repeat("k", 1024), strings.Repeat("é", 512), strings.Repeat("d/", 511) + "e", "line\nbreak", "%2e%2e/x", "%2E%2E", "a", "a/b", "b/c", "b",
		strings.Repeat("k", 300) + "1", strings.Repeat("k", 300) + "2",
	}
	for _, key := range keys {
		if err := e.store.write("landing", key, []byte(key), "x"); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	found := map[string]bool{}
	err := filepath.WalkDir(outside, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !strings.HasPrefix(path, filepath.Join(folder, "landing")+string(filepath.Separator)) {
			t.Errorf("%s is outside the bucket's folder", path)
		}
		data, err := os.ReadFile(path)
		found[string(data)] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if !found[key] {
			t.Errorf("%.60q is not in the folder", key)
		}
	}
	for _, key := range keys {
		if status, _, answer := e.request("DELETE /landing/"+url.PathEscape(key), ""); status >= 300 {
			t.Errorf("%.60q: got %d: %s", key, status, answer)
		}
	}
	e.store.settle()
	if err := e.Run(); err != nil {
		t.Fatal(err)
	}
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%.80s is still there", path)
		}
		return nil
	})
}

func TestProgramsMayCallAtTheSameTime(t *testing.T) {
	play := func() []byte {
		e := open(t, bucketsFor(false, all), Options{Faults: []Fault{{Kind: "deny", Where: "s3:NoSuch"}}})
		var group sync.WaitGroup
		for i := range 40 {
			group.Go(func() {
				path := fmt.Sprintf("/landing/%02d", i)
				e.must("PUT "+path, "data")
				e.must("GET "+path, "")
				e.request("GET /landing?acl", "")
			})
		}
		group.Wait()
		e.events()
		text, err := json.Marshal(e.timeline)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if !bytes.Equal(play(), play()) {
		t.Error("two runs differ, because requests arrived in another order")
	}
}

func TestPutFindsItsBucket(t *testing.T) {
	r := build(t, bucketsFor(false, all), Options{})
	for where, want := range map[string]string{
		"k": "landing", "s3://landing/k": "landing", "s3://Quiet/k": "quiet", "s3://Q/k": "quiet", "s3://none/k": "", "s3://Landing/": "", "": "", "folder/": "",
	} {
		err := r.Put(where, []byte("x"))
		if (err == nil) != (want != "") {
			t.Errorf("%q: got %v", where, err)
		}
	}
	both := bucketsFor(false, all).with(parts{"Other": landing})
	if err := build(t, both, Options{}).Put("k", nil); err == nil || !strings.Contains(err.Error(), "2 buckets send events") {
		t.Errorf("got %v, expected a question for the bucket", err)
	}
}
