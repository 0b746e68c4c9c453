package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
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
	objects *versions
	inner   http.Handler
	server  *http.Server
	folder  string
	buckets map[string]*bucket // by name

	now atomic.Int64 // virtual time in nanoseconds, for the endpoint's goroutines

	mutex    sync.Mutex
	sessions map[string]string // role ARN by access key
	own      map[string]string // access key by role ARN, of the state machines
	files    map[string]string // in the folder, by bucket/key
	changes  []change
	denials  []refusal
	sequence uint64
	touched  touched
	names    names
	sail     map[string]bool // access keys of its servers
}

// bucket is what the lab knows of one.
type bucket struct {
	id, name, arn string
	sendsEvents   bool
	versioned     bool
	key           string // ARN of the KMS key that encrypts it; empty: S3's own
}

// Now is the virtual time, for the versions and dates of objects.
func (s *store) Now() time.Time { return time.Unix(0, s.now.Load()).UTC() }

// Since is how much virtual time has passed.
func (s *store) Since(t time.Time) time.Duration { return s.Now().Sub(t) }

func (l *Lab) readBuckets() error {
	s := &store{
		lab: l, folder: l.options.Folder, buckets: map[string]*bucket{}, sessions: map[string]string{}, own: map[string]string{},
		files: map[string]string{}, names: names{}, sail: map[string]bool{},
	}
	s.now.Store(l.clock.Now().UnixNano())
	s.objects = newVersions(s3mem.New(s3mem.WithTimeSource(s), s3mem.WithVersionSeed(int64(l.options.Seed)))) //nolint:gosec // any number will do
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
			b.versioned = true
		}
		s.buckets[b.name] = b
	}
	return nil
}

// serve opens the endpoint and returns its address, on this machine alone.
func (s *store) serve() (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("open the lab's S3 endpoint: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return "", fmt.Errorf("open the lab's S3 endpoint: %w", err)
	}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // it ends with close
	return "http://localhost:" + port, nil
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

// ownSession is the access key with which the lab itself calls as the role of a state machine.
func (s *store) ownSession(role string) string {
	if s.own[role] == "" {
		s.own[role] = s.session(role)
	}
	return s.own[role]
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
			s.denials = append(s.denials, refusal{role, denied.Message})
			s.mutex.Unlock()
			refuse(w, http.StatusForbidden, "AccessDenied", denied.Message)
			return
		}
	}
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && s.hidden(role, needs[0]) {
		refuse(w, http.StatusForbidden, "AccessDenied", "Access Denied: there is no such object, and without s3:ListBucket S3 does not tell")
		return
	}
	before := s.existing(needs)
	answer := &recorder{ResponseWriter: w, status: http.StatusOK}
	if len(needs) == 2 && needs[0].action == "s3:GetObjectVersion" {
		s.copyVersion(answer, r, needs[0], needs[1])
	} else {
		s.inner.ServeHTTP(answer, r)
	}
	if answer.status >= http.StatusMultipleChoices {
		return
	}
	for i, need := range needs {
		s.mutex.Lock()
		s.touch(need)
		s.mutex.Unlock()
		if need.kms == decrypts && r.Method != http.MethodHead {
			s.lab.lineage.reads(role, need.bucket, need.key)
		}
		if need.reason != "" && (!need.deletes || before[i] || need.version == "" && answer.Header().Get("X-Amz-Delete-Marker") == "true") {
			s.remember(need, role, answer.Header().Get("X-Amz-Version-Id"))
		}
	}
}

// hidden says whether an object is missing and who asks may not know that.
// Source: Amazon S3 API Reference, GetObject, permissions: 403 without s3:ListBucket; read 2026-11.
func (s *store) hidden(role string, n need) bool {
	if n.key == "" || n.action != "s3:GetObject" || s.buckets[n.bucket] == nil {
		return false
	}
	if _, err := s.objects.HeadObject(n.bucket, n.key); err == nil {
		return false
	}
	list := need{action: "s3:ListBucket", bucket: n.bucket}
	return s.lab.authorize(caller{Role: role}, list.action, list.resource(s.lab.stack.Place().Partition), nil) != nil
}

// existing says of each object that is to be removed whether there is one: S3 sends no event when nothing happens. In a versioned bucket
// a delete marker comes in any case, except that the endpoint makes none for a key that never was.
func (s *store) existing(needs []need) []bool {
	all := make([]bool, len(needs))
	for i, n := range needs {
		if n.deletes {
			_, err := s.objects.HeadObject(n.bucket, n.key)
			all[i] = err == nil
			if n.version != "" {
				all[i] = slices.ContainsFunc(s.objects.of(n.bucket, n.key), func(v versionOf) bool { return v.id == n.version })
			}
		}
	}
	return all
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
	actions := []string{n.kms}
	if n.kmsAlso {
		actions = append(actions, decrypts)
	}
	return s.lab.authorizeKey(by, b.key, "s3", actions...)
}

type recorder struct {
	http.ResponseWriter
	status  int
	written bool
}

// WriteHeader keeps the first status: the one behind it gives another when its caller has gone, of which Go's server would complain.
func (r *recorder) WriteHeader(status int) {
	if !r.written {
		r.status, r.written = status, true
		r.ResponseWriter.WriteHeader(status)
	}
}

// refuse is an answer in S3's form.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, escaped(message)) // the caller may be gone
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escaped(message string) string { return escaper.Replace(message) }

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
func (s *store) write(bucket, key string, data []byte, requester string) error {
	s.now.Store(s.lab.clock.Now().UnixNano())
	if _, err := s.objects.PutObject(bucket, key, nil, bytes.NewReader(data), int64(len(data)), nil); err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	s.remember(need{bucket: bucket, key: key, reason: "PutObject"}, requester, "")
	s.settle()
	return nil
}
