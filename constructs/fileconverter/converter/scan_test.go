package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/pipewright/constructs/fakes3"
	"example.com/pipewright/constructs/sampledata"
)

var scheduledEvent = Event{Scheduled: "2026-11-23T08:00:00Z"}

// landMonths puts the 12 months of a year.
func landMonths(t *testing.T, fake *fakes3.Server) {
	t.Helper()
	for month := 1; month <= 12; month++ {
		name := fmt.Sprintf("year=2012/month=%02d/weather.csv", month)
		text, err := sampledata.Files.ReadFile("weather/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fake.Put("landing/raw/"+name, text, nil)
	}
}

func TestAScanConvertsWhatHasChangedAndNothingTwice(t *testing.T) {
	fake, c := newFakeS3(t)
	landMonths(t, fake)
	fake.Put("landing/raw/notes.txt", nil, nil)
	fake.Put("landing/raw/folder/", nil, nil)
	fake.Put("landing/elsewhere/a.csv", nil, nil)
	handle(t, c, scheduledEvent, Summary{Converted: 12})
	written := len(fake.Log)
	handle(t, c, scheduledEvent, Summary{Unchanged: 12})
	if len(fake.Log) != written {
		t.Errorf("the second scan wrote %q", fake.Log[written:])
	}
	fake.Put("landing/"+january, []byte(header+row(1, "replaced")), nil)
	fake.Put("landing/raw/year=2012/month=02/weather.csv", nil, nil)
	handle(t, c, scheduledEvent, Summary{Converted: 1, Refused: 1, Unchanged: 10})
	if got := fake.Curated()[data]; !strings.Contains(got, "replaced") {
		t.Errorf("got %s, want the replaced file's rows", got)
	}
	handle(t, c, scheduledEvent, Summary{Unchanged: 12})
}

func TestAnEventThatNamesNoObjectConvertsWhatHasChanged(t *testing.T) {
	for name, text := range map[string]string{
		"another object":         `{"id": "1", "source": "partner.orders", "detail": {"order": {"rows": 12}}}`,
		"nothing":                `{"id": "1", "source": "partner.orders", "detail": {}}`,
		"a text":                 `{"id": "1", "source": "partner.orders", "detail": "ready"}`,
		"words of S3's":          `{"id": "1", "source": "partner.orders", "detail": {"bucket": "landing", "object": {"key": 7}}}`,
		"a bucket without a key": `{"id": "1", "source": "aws.s3", "detail": {"bucket": {"name": "landing"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			fake, c := newFakeS3(t)
			landMonths(t, fake)
			event := eventFrom(t, text)
			handle(t, c, event, Summary{Converted: 12})
			written := len(fake.Log)
			handle(t, c, event, Summary{Unchanged: 12})
			if len(fake.Log) != written {
				t.Errorf("the same event wrote again: %q", fake.Log[written:])
			}
		})
	}
}

// The user's pattern may match the events of other senders, or several kinds of S3's own.
func TestAnEventOfTheShapeOfS3ConvertsItsObjectAlone(t *testing.T) {
	fake, c := newFakeS3(t)
	landMonths(t, fake)
	version := fake.Put("landing/"+january, []byte(header+row(1, "replaced")), nil).Version
	handle(t, c, eventFrom(t, fmt.Sprintf(`{"id": "1", "source": "partner.files", "detail": {"bucket": {"name": "landing"},
		"object": {"key": %q, "version-id": %q, "sequencer": "0B"}, "more": true}}`, january, version)), Summary{Converted: 1})
	if got := fake.Curated(); len(got) != 2 || !strings.Contains(got[data], "replaced") {
		t.Errorf("got the objects %v, want the data and report of %s alone", got, january)
	}
}

// A scan and events may meet: then there is a sequencer on one side only, and the current version decides.
func TestAScanAndEventsAgree(t *testing.T) {
	fake, c := newFakeS3(t)
	early := land(t, fake, header+row(1, "early"), "0A")
	handle(t, c, early, Summary{Converted: 1})
	late := land(t, fake, header+row(1, "late"), "0B")
	handle(t, c, scheduledEvent, Summary{Converted: 1})
	for _, event := range []Event{early, late, scheduledEvent} {
		handle(t, c, event, Summary{Unchanged: 1})
	}
	if got := fake.Curated()[data]; !strings.Contains(got, "late") || fake.Versions(data) != 2 {
		t.Errorf("got %d versions, now %s, want two and the later one", fake.Versions(data), got)
	}
	handle(t, c, land(t, fake, header+row(1, "last"), "0C"), Summary{Converted: 1})
}

// A scan that read an old version while a newer one landed and was converted must not win.
func TestASlowScanDoesNotOverwrite(t *testing.T) {
	fake, c := newFakeS3(t)
	land(t, fake, header+row(1, "early"), "0A")
	raced := false
	fake.Fault = func(method, _ string) int {
		if method == http.MethodPut && !raced {
			raced = true
			handle(t, c, land(t, fake, header+row(1, "late"), "0B"), Summary{Converted: 1})
		}
		return 0
	}
	handle(t, c, scheduledEvent, Summary{Unchanged: 1})
	if got := fake.Curated()[data]; !strings.Contains(got, "late") {
		t.Errorf("got %s, want the later file's rows", got)
	}
}

func TestAFileThatFailsDoesNotHoldUpTheOthers(t *testing.T) {
	fake, c := newFakeS3(t)
	landMonths(t, fake)
	fake.Fault = func(method, path string) int {
		if method == http.MethodPut && strings.Contains(path, "month=03") {
			return http.StatusInternalServerError
		}
		return 0
	}
	got, err := c.handle(t.Context(), scheduledEvent)
	if want := (Summary{Converted: 11, Failed: 1}); got != want || err == nil || !strings.Contains(err.Error(), "month=03") || strings.Contains(err.Error(), "month=04") {
		t.Errorf("got %+v and error %v, want %+v and an error that names March", got, err, want)
	}
	if _, ok := err.(*NotConverted); !ok { //nolint:errorlint // Lambda names an error by its own type, not by what it wraps
		t.Errorf("got the error type %T, want *NotConverted, which a state machine tries again", err)
	}
	fake.Fault = nil
	handle(t, c, scheduledEvent, Summary{Converted: 1, Unchanged: 11})
}

func TestOnlyTheFirstErrorsAreToldOneByOne(t *testing.T) {
	fake, c := newFakeS3(t)
	landMonths(t, fake)
	fake.Fault = func(method, _ string) int {
		if method == http.MethodPut {
			return http.StatusInternalServerError
		}
		return 0
	}
	got, err := c.handle(t.Context(), scheduledEvent)
	if got.Failed != 12 || err == nil || !strings.HasSuffix(err.Error(), "\nand 2 more") {
		t.Errorf("got %+v and error %v, want 12 failures of which 2 are only counted", got, err)
	}
}

func TestAListingThatFailsIsAnError(t *testing.T) {
	fake, c := newFakeS3(t)
	fake.Fault = func(string, string) int { return http.StatusInternalServerError }
	if got, err := c.handle(t.Context(), scheduledEvent); err == nil || !strings.Contains(err.Error(), "list s3://landing/raw/") {
		t.Errorf("got %+v and error %v, want one that names the listing", got, err)
	}
}

// Less time than the reserve is left, so the time is up at once: an error that says so, and no open upload.
func TestTheTimeIsUp(t *testing.T) {
	fake, c := newFakeS3(t)
	event := land(t, fake, header+row(1, "sun"), "0A")
	ctx, cancel := context.WithTimeout(t.Context(), reserve/2)
	defer cancel()
	for _, event := range []Event{event, scheduledEvent} {
		if _, err := c.handle(ctx, event); !errors.Is(err, errOutOfTime) {
			t.Errorf("got the error %v, want one that says that the time is up", err)
		}
	}
	if len(fake.Log) != 0 {
		t.Errorf("got the writes %q, want none", fake.Log)
	}
}
