package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

var started = time.Date(2026, 11, 2, 8, 0, 0, 300e6, time.UTC)

// bucket is a small S3: objects with ETags, conditional writes, and listings of two objects a page.
type bucket struct {
	mutex   sync.Mutex
	objects map[string]object
	writes  []string           // keys, in order
	before  func(write string) // what happens just before a write
	deny    string             // the method that is denied
}

type object struct {
	body     string
	modified time.Time
}

func (o object) etag() string { return fmt.Sprintf(`"%x-%d"`, len(o.body), o.modified.Unix()) }

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, "/curated/")
	if r.Method == http.MethodPut && b.before != nil {
		hook := b.before
		b.before = nil
		hook(key)
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	there, exists := b.objects[key]
	switch {
	case r.Method == b.deny:
		refuse(w, http.StatusServiceUnavailable, "SlowDown")
	case r.URL.Query().Get("list-type") == "2":
		b.list(w, r)
	case r.Method == http.MethodGet && !exists:
		refuse(w, http.StatusNotFound, "NoSuchKey")
	case r.Method == http.MethodGet:
		w.Header().Set("ETag", there.etag())
		_, _ = io.WriteString(w, there.body)
	case exists && r.Header.Get("If-None-Match") == "*", r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != there.etag():
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
	default:
		body, _ := io.ReadAll(r.Body)
		b.objects[key] = object{string(body), started.Add(time.Duration(len(b.writes)) * time.Minute)}
		b.writes = append(b.writes, key)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
}

func (b *bucket) list(w http.ResponseWriter, r *http.Request) {
	var keys []string
	for key := range b.objects {
		if strings.HasPrefix(key, r.URL.Query().Get("prefix")) && key > r.URL.Query().Get("continuation-token") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	const page = 2
	fmt.Fprintf(w, "<ListBucketResult><IsTruncated>%t</IsTruncated>", len(keys) > page)
	for _, key := range keys[:min(page, len(keys))] {
		fmt.Fprintf(w, "<NextContinuationToken>%s</NextContinuationToken>", key) // the last one counts
		fmt.Fprintf(w, "<Contents><Key>%s</Key><Size>%d</Size><ETag>e</ETag><LastModified>%s</LastModified></Contents>",
			key, len(b.objects[key].body), b.objects[key].modified.Truncate(time.Second).Format(time.RFC3339))
	}
	_, _ = io.WriteString(w, "</ListBucketResult>")
}

func start(t *testing.T, objects map[string]object) (*publisher, *bucket) {
	t.Helper()
	curated := &bucket{objects: objects}
	server := httptest.NewServer(curated)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("BUCKET", "curated")
	t.Setenv("PREFIX", "monthly/")
	return newPublisher(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}), curated
}

func written() map[string]object {
	return map[string]object{
		"monthly/year=2012/month=01/a": {"old", started.Add(-time.Hour)},
		"monthly/year=2012/month=02/b": {"new", started.Add(-200 * time.Millisecond)}, // the same second, as S3 sees it
		"monthly/year=2012/month=03/c": {"newer", started.Add(time.Minute)},
		"monthly/year=2012/month=04/d": {"newest", started.Add(2 * time.Minute)},
		"data/e":                       {"another's", started.Add(time.Minute)},
	}
}

func (b *bucket) manifest(t *testing.T, key string) Manifest {
	t.Helper()
	var manifest Manifest
	if err := json.Unmarshal([]byte(b.objects[key].body), &manifest); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return manifest
}

func keys(manifest Manifest) []string {
	list := []string{}
	for _, file := range manifest.Files {
		list = append(list, file.Key)
	}
	return list
}

func TestAManifestNamesWhatTheRunHasWritten(t *testing.T) {
	p, curated := start(t, written())
	got, err := p.handle(t.Context(), Run{"monday", started})
	if err != nil {
		t.Fatal(err)
	}
	want := Publication{Manifest: "published/runs/monday.json", Files: 3, Bytes: int64(len("new" + "newer" + "newest")), Latest: true}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, key := range []string{"published/runs/monday.json", "published/latest.json"} {
		manifest := curated.manifest(t, key)
		want := []string{"monthly/year=2012/month=02/b", "monthly/year=2012/month=03/c", "monthly/year=2012/month=04/d"}
		if got := keys(manifest); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
		if manifest.Execution != "monday" || !manifest.Started.Equal(started) || manifest.Bucket != "curated" {
			t.Errorf("%s: got %+v, want the run monday and the bucket", key, manifest)
		}
	}
}

func TestARepeatedRunPublishesTheSame(t *testing.T) {
	p, curated := start(t, written())
	first, err := p.handle(t.Context(), Run{"monday", started})
	if err != nil {
		t.Fatal(err)
	}
	curated.objects["monthly/later"] = object{"x", started.Add(time.Hour)}
	second, err := p.handle(t.Context(), Run{"monday", started})
	if err != nil || first != second || len(curated.writes) != 2 {
		t.Errorf("got %+v then %+v (%v) and the writes %q, want the same answer and nothing written anew", first, second, err, curated.writes)
	}
}

func TestARunThatDiedBetweenBothWritesDoesTheRest(t *testing.T) {
	p, curated := start(t, written())
	if _, err := p.handle(t.Context(), Run{"monday", started}); err != nil {
		t.Fatal(err)
	}
	delete(curated.objects, latest)
	got, err := p.handle(t.Context(), Run{"monday", started})
	if err != nil || !got.Latest || curated.manifest(t, latest).Execution != "monday" {
		t.Errorf("got %+v (%v), want the latest manifest again", got, err)
	}
}

func TestTheLatestManifestIsOfTheRunThatStartedLast(t *testing.T) {
	for _, test := range []struct {
		name   string
		run    Run
		latest string // execution of the latest manifest afterwards
	}{
		{"a later run replaces it", Run{"tuesday", started.Add(time.Second)}, "tuesday"},
		{"an earlier run that ends late does not", Run{"sunday", started.Add(-2 * time.Hour)}, "monday"},
		{"a run that wrote nothing does not", Run{"friday", started.Add(24 * time.Hour)}, "monday"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, curated := start(t, written())
			if _, err := p.handle(t.Context(), Run{"monday", started}); err != nil {
				t.Fatal(err)
			}
			got, err := p.handle(t.Context(), test.run)
			if err != nil || got.Latest != (test.latest == test.run.Execution) {
				t.Errorf("got %+v (%v)", got, err)
			}
			if latest := curated.manifest(t, latest).Execution; latest != test.latest {
				t.Errorf("the latest manifest is of %s, want %s", latest, test.latest)
			}
			if curated.manifest(t, runs+test.run.Execution+".json").Execution != test.run.Execution {
				t.Error("the run has no manifest of its own")
			}
		})
	}
}

// Two runs end at the same time: whoever writes second must look again.
func TestARaceForTheLatestManifestIsWonByTheLaterRun(t *testing.T) {
	p, curated := start(t, written())
	if _, err := p.handle(t.Context(), Run{"monday", started.Add(-time.Minute)}); err != nil {
		t.Fatal(err)
	}
	curated.before = func(string) { // the run's own manifest; the next write is the latest one
		curated.before = func(string) {
			if _, err := p.handle(context.WithoutCancel(t.Context()), Run{"wednesday", started.Add(time.Second)}); err != nil {
				t.Error(err)
			}
		}
	}
	got, err := p.handle(t.Context(), Run{"tuesday", started})
	if err != nil || got.Latest || curated.manifest(t, latest).Execution != "wednesday" {
		t.Errorf("got %+v (%v) and %s as the latest, want wednesday, which started later", got, err, curated.manifest(t, latest).Execution)
	}
}

func TestOnlyWhatS3CouldNotDoIsWorthARetry(t *testing.T) {
	for _, test := range []struct {
		name, deny string
		run        Run
		retry      bool
	}{
		{"S3 cannot be read", http.MethodGet, Run{"monday", started}, true},
		{"S3 cannot be written", http.MethodPut, Run{"monday", started}, true},
		{"no name", "", Run{"", started}, false},
		{"a name that leads elsewhere", "", Run{"../x", started}, false},
		{"no start", "", Run{Execution: "monday"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, curated := start(t, written())
			curated.deny = test.deny
			_, err := p.handle(t.Context(), test.run)
			var worth *NotPublished
			if err == nil || errors.As(err, &worth) != test.retry {
				t.Errorf("got the error %v, want one that is worth a retry: %t", err, test.retry)
			}
			if len(curated.writes) != 0 {
				t.Errorf("wrote %q", curated.writes)
			}
		})
	}
}
