package lab

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"example.com/pipewright/scaffold/cfn"
)

// store is the Amazon S3 of a run: an endpoint on this machine for the programs of the pipeline, and a folder in which a person
// finds each object under its key. Programs may call at the same time; what they changed becomes events when they have ended.
type store struct {
	lab     *Lab
	objects *s3mem.Backend
	inner   http.Handler
	server  *http.Server
	folder  string
	buckets map[string]*bucket // by name

	now atomic.Int64 // virtual time in nanoseconds, for the endpoint's goroutines

	mutex    sync.Mutex
	sessions map[string]string // role ARN by access key
	changes  []change
	denials  []*apiError
	sequence uint64
	touched  touched
	names    names
	sail     map[string]bool // access keys of its servers
}

// bucket is what the lab knows of one.
type bucket struct {
	id, name, arn string
	sendsEvents   bool
	key           string // ARN of the KMS key that encrypts it; empty: S3's own
}

// change is an object that was written or removed.
type change struct {
	bucket, key, reason, requester, sourceIP string
	deleted                                  bool
}

// Now is the virtual time, for the versions and dates of objects.
func (s *store) Now() time.Time { return time.Unix(0, s.now.Load()).UTC() }

// Since is how much virtual time has passed.
func (s *store) Since(t time.Time) time.Duration { return s.Now().Sub(t) }

func (l *Lab) readBuckets() error {
	s := &store{lab: l, folder: l.options.Folder, buckets: map[string]*bucket{}, sessions: map[string]string{}, names: names{}, sail: map[string]bool{}}
	s.now.Store(l.clock.Now().UnixNano())
	s.objects = s3mem.New(s3mem.WithTimeSource(s), s3mem.WithVersionSeed(int64(l.options.Seed))) //nolint:gosec // any number will do
	s.inner = gofakes3.New(s.objects, gofakes3.WithTimeSource(s), gofakes3.WithTimeSkewLimit(0), gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	l.store = s
	for _, id := range l.stack.ByType("AWS::S3::Bucket") {
		resource := l.stack.Resources[id]
		b := &bucket{id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Arn")}
		events := resource.Get("NotificationConfiguration", "EventBridgeConfiguration")
		b.sendsEvents = events != nil && cfn.Field(events, "EventBridgeEnabled") != false
		for _, rule := range cfn.List(resource.Get("BucketEncryption", "ServerSideEncryptionConfiguration")) {
			if key, ok := cfn.Field(rule, "ServerSideEncryptionByDefault", "KMSMasterKeyID").(string); ok {
				b.key = key
			}
		}
		if err := s.objects.CreateBucket(b.name); err != nil {
			return fmt.Errorf("bucket %s: %w", id, err)
		}
		if resource.Get("VersioningConfiguration", "Status") == "Enabled" {
			if err := s.objects.SetVersioningConfiguration(b.name, gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}); err != nil {
				return fmt.Errorf("bucket %s: %w", id, err)
			}
		}
		s.buckets[b.name] = b
	}
	return nil
}

// serve opens the endpoint and returns its address, on this machine alone.
func (s *store) serve() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("open the lab's S3 endpoint: %w", err)
	}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }()                                        // it ends with close
	return fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port), nil //nolint:forcetypeassert // a TCP listener has no other
}

func (s *store) close() {
	if s.server != nil {
		_ = s.server.Close() // the run is over, and nobody calls any more
	}
}

// session is an access key with which a program calls as a role.
func (s *store) session(role string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	key := fmt.Sprintf("ASIALAB%013d", len(s.sessions)+1)
	s.sessions[key] = role
	return key
}

// who is the role of a request. Signatures are not checked: nobody else reaches the endpoint, and each role has a key of its own.
func (s *store) who(r *http.Request) (string, bool) {
	credential := r.URL.Query().Get("X-Amz-Credential")
	if _, after, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		credential = after
	}
	key, _, _ := strings.Cut(credential, "/")
	s.mutex.Lock()
	defer s.mutex.Unlock()
	role, ok := s.sessions[key]
	return role, ok
}

// ServeHTTP checks a request's permissions, has it done, and remembers what it changed.
func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 && r.Header.Get("Expect") == "100-continue" {
		// Go's server says nothing before an empty body; botocore then takes the answer to its next request for headers, and hangs.
		w.WriteHeader(http.StatusContinue)
	}
	role, known := s.who(r)
	if !known {
		refuse(w, http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
		return
	}
	s.rename(r)
	needs, err := s3Needs(r)
	if err != nil {
		refuse(w, http.StatusNotImplemented, "NotImplemented", err.Error())
		return
	}
	for _, need := range needs {
		if denied := s.permit(caller{Role: role}, need); denied != nil {
			s.mutex.Lock()
			s.denials = append(s.denials, denied)
			s.mutex.Unlock()
			refuse(w, http.StatusForbidden, "AccessDenied", denied.Message)
			return
		}
	}
	answer := &recorder{ResponseWriter: w, status: http.StatusOK}
	s.inner.ServeHTTP(answer, r)
	if answer.status >= http.StatusMultipleChoices {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, need := range needs {
		s.touch(need)
		if need.reason != "" {
			s.changes = append(s.changes, change{
				bucket: need.bucket, key: need.key, reason: need.reason, deleted: need.deletes, requester: role, sourceIP: "127.0.0.1",
			})
		}
	}
}

// permit checks one need, and the use of the key that encrypts the bucket.
// Source: Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys", permissions; read 2026-11.
func (s *store) permit(by caller, n need) *apiError {
	if err := s.lab.authorize(by, n.action, n.resource(s.lab.stack.Place().Partition), n.context); err != nil {
		return err
	}
	b := s.buckets[n.bucket]
	if b == nil || b.key == "" || n.kms == "" {
		return nil
	}
	place := s.lab.stack.Place()
	return s.lab.authorize(by, n.kms, b.key, map[string][]string{"kms:ViaService": {"s3." + place.Region + ".amazonaws.com"}})
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// refuse is an answer in S3's form.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, escaped(message)) // the caller may be gone
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escaped(message string) string { return escaper.Replace(message) }

// settle makes events of what programs have changed since the last time, in the order of keys where two were changed at once: the
// order in which parallel requests arrive differs from run to run.
func (s *store) settle() {
	s.now.Store(s.lab.clock.Now().UnixNano())
	s.mutex.Lock()
	changes := s.changes
	denials := s.denials
	s.changes, s.denials = nil, nil
	s.mutex.Unlock()
	for _, denied := range denials {
		s.lab.tell("s3", "AccessDenied", "", map[string]any{"message": denied.Message})
	}
	slices.SortStableFunc(changes, func(a, b change) int {
		return strings.Compare(a.bucket+"/"+a.key, b.bucket+"/"+b.key)
	})
	for _, c := range changes {
		s.publish(c)
	}
}

// publish mirrors a change to the folder, tells it, and sends S3's event.
// Source: Amazon S3 User Guide, "EventBridge event message structure", read 2026-11, and recorded events.
func (s *store) publish(c change) {
	b := s.buckets[c.bucket]
	if b == nil {
		return
	}
	s.sequence++
	object := map[string]any{"key": c.key, "sequencer": fmt.Sprintf("%016X%04X", s.lab.clock.Now().UnixNano(), s.sequence&0xFFFF)}
	kind := "Object Deleted"
	if !c.deleted {
		kind = "Object Created"
		found, err := s.objects.HeadObject(c.bucket, c.key)
		if err != nil {
			return // written and removed again before anybody looked
		}
		object["size"], object["etag"] = found.Size, hex.EncodeToString(found.Hash)
		if found.VersionID != "" {
			object["version-id"] = string(found.VersionID)
		}
	}
	if err := s.mirror(c); err != nil {
		s.lab.broken(err)
		return
	}
	s.lab.tell("s3", strings.ReplaceAll(kind, " ", ""), b.id, map[string]any{"key": c.key, "size": object["size"]})
	if !b.sendsEvents {
		return
	}
	detail := map[string]any{
		"version": "0", "bucket": map[string]any{"name": b.name}, "object": object, "request-id": s.lab.clock.UUID()[:8],
		"requester": s.lab.stack.Place().Account, "source-ip-address": c.sourceIP, "reason": c.reason,
	}
	if c.deleted {
		detail["deletion-type"] = "Permanently Deleted"
	}
	s.lab.emit("aws.s3", kind, []string{b.arn}, detail)
}

// mirror writes the object's present content to the folder, or removes it there.
func (s *store) mirror(c change) error {
	if s.folder == "" {
		return nil
	}
	file := filepath.Join(s.folder, c.bucket, fileName(c.key))
	if c.deleted {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove %s from the run's folder: %w", c.key, err)
		}
		return nil
	}
	data, err := s.read(c.bucket, c.key)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755) //nolint:gosec // the user looks into it
	}
	if err == nil {
		err = os.WriteFile(file, data, 0o644) //nolint:gosec // likewise
	}
	if err != nil {
		return fmt.Errorf("write %s to the run's folder: %w", c.key, err)
	}
	return nil
}

// fileName is a key as a path below a folder: parts that a file cannot be called, or that lead elsewhere, are escaped.
func fileName(key string) string {
	parts := strings.Split(key, "/")
	for i, part := range parts {
		escaped := strings.NewReplacer("\x00", "%00", "\\", "%5C", ":", "%3A").Replace(part)
		if escaped == "" || strings.Trim(escaped, ".") == "" {
			escaped = "%" + hex.EncodeToString([]byte(escaped))
		}
		if len(escaped) > 200 {
			escaped = escaped[:180] + "%" + hex.EncodeToString([]byte(url.QueryEscape(part)))[:16]
		}
		parts[i] = escaped
	}
	return filepath.Join(parts...)
}

// read is an object's content.
func (s *store) read(bucket, key string) ([]byte, error) {
	object, err := s.objects.GetObject(bucket, key, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = object.Contents.Close() }() // in memory
	return io.ReadAll(object.Contents)
}

// write puts an object as somebody, without asking for permissions.
func (s *store) write(bucket, key string, data []byte, reason, requester string) error {
	s.now.Store(s.lab.clock.Now().UnixNano())
	if _, err := s.objects.PutObject(bucket, key, nil, bytes.NewReader(data), int64(len(data)), nil); err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	s.mutex.Lock()
	s.changes = append(s.changes, change{bucket: bucket, key: key, reason: reason, requester: requester, sourceIP: "127.0.0.1"})
	s.mutex.Unlock()
	s.settle()
	return nil
}
